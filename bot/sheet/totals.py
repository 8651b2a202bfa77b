"""The totals a sheet states: which rows are totals, and whether they are the sums of their rows."""

import re
from bisect import bisect_left
from collections.abc import Iterable
from decimal import Decimal
from enum import Enum
from itertools import islice

from brought_forward.bot.sheet.headings import normal
from brought_forward.bot.sheet.rows import Read, Row
from brought_forward.bot.sheet.texts import shown
from brought_forward.storage.records.sheet import GroupTotal

GRAND_TOTAL = re.compile(r"(grand|firm|report|overall) totals?|totals? (for )?(the )?(firm|report)")
PLAIN_TOTAL = re.compile(r"totals?")
SUBTOTAL = re.compile(r"sub ?totals?|(client|matter|case|attorney|lawyer|customer|section|group|user|staff) totals?")
TOTAL_FOR = re.compile(r"(sub ?|grand )?totals? for .+")
NOTHING = Decimal(0)


class Total(Enum):
    """What kind of total a row is; the last grand one is the file's own."""

    GRAND = GRAND_TOTAL
    PLAIN = PLAIN_TOTAL
    SUB = SUBTOTAL
    FOR = TOTAL_FOR


def total_of(row: Row, named: Iterable[str] = ()) -> Total | None:
    """Tell whether the row is a total; a client called "Total Wine" is none.

    "Total for ..." beside a matter of its own may be a client's name: no total then. "Total Smith" and "Smith Total"
    are totals where Smith, of `named`, is what a group above is called.
    """
    if not row.label:
        return None
    found = next((total for total in Total if total.value.fullmatch(row.label)), None)
    if found is None and name_of(row.label) in set(named):
        found = Total.FOR
    if found is Total.FOR and row.matter is not None and normal(row.matter) != row.label:
        return None
    return found


def name_of(label: str) -> str:
    """Give what a total is of: "total for smith" and "smith total" are of smith."""
    for pattern in (r"(?:sub ?|grand )?totals?(?: for)? (.+)", r"(.+) (?:sub ?)?totals?"):
        found = re.fullmatch(pattern, label)
        if found:
            return found[1]
    return ""


def group_totals(
    reads: list[Read], totals: list[tuple[Row, Total, Decimal]], headings: list[tuple[int, str]], own: int | None
) -> list[GroupTotal]:
    """Compare each total but the file's own, in row `own`, with its rows, and give those that differ.

    A report does not say where a group begins, so that a total agrees if any of the usual ways does: the rows since
    its heading, since the last total, since the last of its kind, from the top, or all that carry its name.
    """
    sums = [NOTHING]
    named: tuple[dict[str, Decimal], ...] = ({}, {}, {})  # by client, matter and user
    rows = iter(reads)
    row_numbers = [read.row.number for read in reads]
    begun: dict[str, int] = {}
    heads = iter([*headings, (1 << 60, "")])
    head = next(heads)
    differing: list[GroupTotal] = []
    ended: dict[str, int] = {}  # by kind of total, how many rows stood above the last one
    for row, kind, stated in totals:
        while head[0] < row.number:
            begun[head[1]] = bisect_left(row_numbers, head[0])
            head = next(heads)
        for read in islice(rows, bisect_left(row_numbers, row.number) - len(sums) + 1):
            amount = read.amount or NOTHING
            sums.append(sums[-1] + amount)
            for sums_by, cell in zip(named, (read.row.client, read.row.matter, read.row.user), strict=True):
                if isinstance(cell, str):
                    sums_by[normal(cell)] = sums_by.get(normal(cell), NOTHING) + amount
        at, name = len(sums) - 1, name_of(row.label)
        starts = [begun.get(name), ended.get(""), ended.get(row.label), ended.get(kind.name), 0]
        found = [sums[at] - sums[start] for start in starts if start is not None]
        agrees = stated in found or any(sums_by.get(name) == stated for sums_by in named)
        if row.number != own and not agrees:
            differing.append(GroupTotal(_title(row), row.number, stated, found[0]))
        ended |= {"": at, row.label: at, kind.name: at}
    return differing


def _title(row: Row) -> str:
    cells = (row.matter, row.client, row.user, row.invoice)
    return next((shown(cell) for cell in cells if isinstance(cell, str) and normal(cell) == row.label), row.label)
