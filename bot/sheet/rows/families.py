"""Rows that may be the sum of those below them: a customer over jobs set in, a matter over its invoices."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from brought_forward.bot.sheet.rows.sums import Amounts
from brought_forward.bot.sheet.rows.table import Row
from brought_forward.bot.sheet.texts import shown

NOTHING = Decimal(0)
DETAILS = ("invoice", "date", "note")  # what rows say that stand below their matter's


@dataclass(frozen=True, slots=True)
class Family:
    """A row with an amount, and the rows below it that it may be the sum of; all by row number."""

    parent: int
    kids: tuple[int, ...]
    stated: Decimal
    total: Decimal | None  # of the kids; None where one of them cannot be read
    set_in: bool = False  # by the outline of the sheet, not by what is left blank

    @property
    def agrees(self) -> bool:
        """Tell whether the row is the sum of those below it."""
        return self.stated == self.total


def outlined(rows: list[Row], amounts: Amounts) -> list[Family] | None:
    """Find the families of an outline; None where the sheet has none.

    One leading blank slips in by mistake: it is an outline where a sum agrees, or where most rows have it.
    """
    if not any(row.level for row in rows):
        return None
    found = [_family(row, kids, amounts, set_in=True) for row, kids in _children(rows) if amounts.get(row.number)]
    set_in = sum(1 for row in rows if row.level)
    stray = max(row.level for row in rows) == 1 and 2 * set_in <= len(rows)
    return None if stray and not any(one.agrees for one in found) else found


def by_blanks(rows: list[Row], unnamed: Iterable[int], amounts: Amounts) -> list[Family]:
    """Find rows of a matter without invoice, day or note, above rows of the same matter that have one.

    Rows that name their matter themselves belong to one above only where the sums agree: it may be a balance too.
    """
    leaving = set(unnamed)
    matters = [shown(row.matter) for row in rows]
    found = []
    for place, row in enumerate(rows[:-1]):
        if matters[place] != matters[place + 1]:
            continue
        if not amounts.get(row.number) or row.number in leaving or row.label:
            continue
        kids = _below(rows, place, leaving)
        if not kids:
            continue
        family = _family(row, kids, amounts)
        if family.agrees or all(kid.number in leaving for kid in kids):
            found.append(family)
    return found


def named_clients(rows: list[Row], amounts: Amounts) -> list[Family]:
    """Find clients' rows without a matter that are the sum of the matters below."""
    found = []
    for place, row in enumerate(rows):
        if row.matter is not None or row.client is None or not amounts.get(row.number):
            continue
        kids: list[Row] = []
        for later in _after(rows, place):
            if later.matter is None:
                break
            kids.append(later)
        family = _family(row, kids, amounts)
        found += [family] if family.agrees else []
    return found


def _after(rows: list[Row], place: int) -> Iterator[Row]:
    """Go through the rows after one, as far as they are wanted; a copy of the rest for each row takes its square."""
    return (rows[at] for at in range(place + 1, len(rows)))


def _below(rows: list[Row], place: int, leaving: set[int]) -> list[Row]:
    """Give the rows below one that say more of the same matter than it does."""
    row = rows[place]
    lacking = [name for name in DETAILS if getattr(row, name) is None]
    if row.matter is None or row.invoice is not None or not lacking:
        return []
    kids: list[Row] = []
    for later in _after(rows, place):
        if shown(later.matter) != shown(row.matter):
            break
        if all(getattr(later, name) is None for name in lacking):
            break
        kids.append(later)
    if kids and not any(all(getattr(kid, name) is not None for kid in kids) for name in lacking):
        return []
    return kids


def _family(row: Row, kids: list[Row], amounts: Amounts, *, set_in: bool = False) -> Family:
    read = [amounts.get(kid.number) for kid in kids]
    known = [amount for amount in read if amount is not None]
    total = sum(known, NOTHING) if len(known) == len(read) else None
    return Family(row.number, tuple(kid.number for kid in kids), amounts[row.number] or NOTHING, total, set_in)


def _children(rows: list[Row]) -> Iterable[tuple[Row, list[Row]]]:
    """Pair each row with those one step further in, up to the next as far out."""
    for place, row in enumerate(rows):
        kids: list[Row] = []
        step: int | None = None
        for later in _after(rows, place):
            if later.level <= row.level:
                break
            step = later.level if step is None else min(step, later.level)
            if later.level == step:
                kids.append(later)
        if kids:
            yield row, kids
