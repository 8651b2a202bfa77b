"""Rows with an amount that name no matter as the others do: sums in other words, and money that is nobody's balance."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from brought_forward.bot.sheet.columns.headings import normal
from brought_forward.bot.sheet.columns.labels import is_beside
from brought_forward.bot.sheet.rows.sums import A_SUM, Amounts, common_of, filled_of
from brought_forward.bot.sheet.rows.table import Row
from brought_forward.bot.sheet.texts import clipped, shown
from brought_forward.storage.records.firm import folded

BELOW_IT = "the sum of the rows below it"
NOBODY = (
    '"{}" is named as no other matter here is: a sum, or money of another kind? It is left out. Clear the amount, or'
    " post it anyway if it is a matter's."
)
MANY, LEAST = 2, 3  # rows with a number for each without one, and at all, for matters to be known by numbers
GROUPS = 3  # that prove a pattern of sums, where one of them has several rows
NAME = 80  # characters: what is longer is no name, and is told of as a matter
# What firms write below a list: none of it is a balance. Only looked for behind the last matter.
FIGURES = re.compile(
    r".*\b(?:trust|retainers?|unbilled|wip|work in progress|unapplied|allowance|bad debts?|reserve|difference|variance"
    r"|ledger|gl|books|control|collected|collections|received|receipts|payments?|deposits?|write ?offs?|prior|last"
    r"|previous|budget|net|gross|less|plus|adjusted|adjustments?|interest|billed|billings|count|max|min|maximum|minimum"
    r"|percent|share)\b.*"
)
NOTHING = Decimal(0)


@dataclass(slots=True)
class Unlike:
    """Why rows are not counted or are doubtful, and which one is the sum of all."""

    totals: dict[int, str] = field(default_factory=dict)
    doubts: dict[int, str] = field(default_factory=dict)
    whole: int | None = None


def unlike_rows(
    rows: Sequence[Row],
    stands: dict[int, Row],
    amounts: Amounts,
    own: Decimal | None,
    settled: Collection[int],
    known: Collection[str],
) -> Unlike:
    """Find the rows that are no matter's.

    `stands` has rows as they stand in the sheet, `own` is the file's total; `settled` rows are judged already, and what
    is `known` to Clio, folded, is a matter's.
    """
    money = [row for row in rows if amounts.get(row.number) and row.matter is not None and row.number not in settled]
    found = Unlike()
    groups = _groups(money, amounts, own)
    found.totals |= groups
    money = [row for row in money if row.number not in groups]
    odd = _unnumbered(money, known) or _at_the_end(money, stands)
    if not odd:
        return found
    last = max((row.number for row in money if row.number not in odd), default=0)
    above = NOTHING
    for row in money:
        amount = amounts[row.number] or NOTHING
        if row.number not in odd:
            above += amount
        elif amount == above:
            found.totals[row.number] = A_SUM
            found.whole = row.number if row.number > last else found.whole
        else:
            found.doubts[row.number] = NOBODY.format(clipped(shown(row.matter)))
    return found


def _groups(rows: Sequence[Row], amounts: Amounts, own: Decimal | None) -> dict[int, str]:
    """Find the rows that are the sums of those below, or above, where all rows fall into such groups."""
    told = [(row, amounts[row.number] or NOTHING) for row in rows]
    if own is not None and own == sum((amount for _, amount in told), NOTHING):
        return {}
    for ordered, why in ((told, BELOW_IT), (told[::-1], A_SUM)):
        heads = _parted(ordered)
        if heads:
            return dict.fromkeys(heads, why)
    return {}


def _parted(rows: Sequence[tuple[Row, Decimal]]) -> list[int]:
    """Part rows into heads and those behind each that it is the sum of; nothing where that does not come out."""
    heads: list[Row] = []
    several, at = 0, 0
    while at < len(rows):
        rest, kids = rows[at][1], 0
        while at + kids + 1 < len(rows) and (rest or not kids):
            kids += 1
            rest -= rows[at + kids][1]
        if not kids or rest:
            return []
        heads.append(rows[at][0])
        several += kids > 1
        at += kids + 1
    apart = not any(map(_numbered, heads)) and sum(_numbered(row) for row, _ in rows) == len(rows) - len(heads)
    many = several > 1 or (several and len(heads) >= GROUPS)
    return [row.number for row in heads] if many or (apart and (several or len(heads) > 1)) else []


def _unnumbered(rows: Sequence[Row], known: Collection[str]) -> set[int]:
    """Name the rows without a digit that are not known, where nearly all matters have one."""
    bare = [row for row in rows if not _numbered(row)]
    odd = {row.number for row in bare if folded(shown(row.matter)) not in known}
    return odd if len(rows) - len(bare) >= max(LEAST, MANY * len(odd)) else set()


def _numbered(row: Row) -> bool:
    return not isinstance(row.matter, str) or len(row.matter) > NAME or any(map(str.isdigit, row.matter))


def _at_the_end(rows: Sequence[Row], stands: dict[int, Row]) -> set[int]:
    """Name the last rows that say a figure and nothing else of a matter."""
    raws = [stands.get(row.number, row) for row in rows]
    common = common_of(raws)
    odd = set()
    for row, raw in zip(reversed(rows), reversed(raws), strict=True):
        said = normal(row.matter) if isinstance(row.matter, str) else ""
        figure = bool(said) and (is_beside(said) or bool(FIGURES.fullmatch(said)))
        if not figure or _numbered(row) or filled_of(raw) & common:
            break
        odd.add(row.number)
    return odd
