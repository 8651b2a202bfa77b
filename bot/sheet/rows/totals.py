"""The totals a sheet states: which rows are totals, and whether they are the sums of their rows."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import islice

from brought_forward.bot.sheet.columns.headings import normal
from brought_forward.bot.sheet.columns.labels import (
    NUMBERED,
    TOTAL_FOR,
    Total,
    is_beside,
    is_statistic,
    names_of,
    worded,
)
from brought_forward.bot.sheet.rows.table import Read, Row
from brought_forward.bot.sheet.texts import clean, shown
from brought_forward.storage.records.sheet import GroupTotal

NOTHING = Decimal(0)


def total_of(row: Row, named: Iterable[str] = ()) -> Total | None:
    """Tell whether the row is a total by its words; a client called "Total Wine" is none.

    A row with a matter of its own is none, whatever else it says: sums decide there. "Total Smith" and "Smith Total"
    are totals where Smith, of `named`, is what a group above is called.
    """
    if not row.label or has_own_matter(row):
        return None
    if set(names_of(row.label)) & (set(named) - {""}):
        return Total.STATISTIC if is_statistic(row.label) else Total.FOR
    return worded(row.label) or (Total.FOR if TOTAL_FOR.fullmatch(row.label) else None)


def has_own_matter(row: Row) -> bool:
    """Tell whether a row names a matter beside the cell that calls it a total; "12 matters" names none."""
    if row.matter is None:
        return False
    if isinstance(row.matter, str) and NUMBERED.fullmatch(clean(row.matter)):
        return True
    return not isinstance(row.matter, str) or not (normal(row.matter) == row.label or _counts(row))


def _counts(row: Row) -> bool:
    """Tell whether the cell of the matter only says how many a total is of."""
    said = normal(row.matter)
    return worded(row.label) is not None and any(word.isalpha() for word in said.split()) and is_beside(said)


def group_totals(
    reads: list[Read],
    totals: Sequence[tuple[Row, Total, Decimal | None]],
    headings: list[tuple[int, str]],
    own: int | None,
) -> list[GroupTotal]:
    """Compare each total but the file's own, in row `own`, with its rows, and give those that differ.

    One that cannot be read, None, ends its rows as any other does.
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
        at, names = len(sums) - 1, names_of(row.label)
        starts = [*map(begun.get, names), ended.get(""), ended.get(row.label), ended.get(kind.name), 0]
        found = [sums[at] - sums[start] for start in starts if start is not None]
        agrees = stated in found or any(sums_by.get(name) == stated for sums_by in named for name in names)
        if row.number != own and stated is not None and not agrees:
            differing.append(GroupTotal(_title(row), row.number, stated, found[0]))
        ended |= {"": at, row.label: at, kind.name: at}
    return differing


def _title(row: Row) -> str:
    cells = (row.matter, row.client, row.user, row.invoice)
    return next((shown(cell) for cell in cells if isinstance(cell, str) and normal(cell) == row.label), row.label)
