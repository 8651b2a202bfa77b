"""Lines that stand twice: one matter, invoice and amount, or a whole row cell for cell. Whether both count is asked."""

from collections import Counter
from decimal import Decimal

from brought_forward.bot.errors import Candidate, SheetQuestion
from brought_forward.bot.sheet.cells import Cell, SheetCells, column_number
from brought_forward.bot.sheet.columns.census import SHARE
from brought_forward.bot.sheet.columns.header import Header
from brought_forward.bot.sheet.columns.headings import Role
from brought_forward.bot.sheet.rows.fractions import signature_of
from brought_forward.bot.sheet.rows.sums import Amounts
from brought_forward.bot.sheet.rows.table import Row
from brought_forward.bot.sheet.rules import SheetRules
from brought_forward.bot.sheet.texts import clean, clipped, shown

KIND, BOTH, ONCE = "twice", "both", "once"
WHY = "stands twice"
NOTHING = Decimal(0)


def repeated(rows: list[Row], amounts: Amounts, cells: SheetCells, header: Header, rules: SheetRules) -> set[int]:
    """Give the rows that say once more what one above says and that staff count once.

    Raises SheetQuestion where staff have not said it of these very rows.
    """
    first: dict[object, Row] = {}
    beside = _beside(cells, header)
    again: list[tuple[Row, Row]] = []
    names = [shown(row.matter) for row in rows]
    rows_of = Counter(names)
    if len(rows_of) == len(rows):
        return set()
    for row, matter in zip(rows, names, strict=True):
        amount = amounts.get(row.number)
        if not amount or row.matter is None or rows_of[matter] == 1:
            continue
        before = first.setdefault(_key(matter, row, amount, cells, beside), row)
        if before is not row:
            again.append((before, row))
    answer = rules.answers.get(KIND)
    if not again or answer == BOTH:
        return set()
    if answer != ONCE:
        raise _question(again, {row.number: amounts.get(row.number) for row in rows}, header)
    return {row.number for _, row in again}


def _key(matter: str, row: Row, amount: Decimal, cells: SheetCells, beside: set[int]) -> object:
    """Name what makes two rows of a matter the same: the invoice, or where a row names none, all cells not `beside`."""
    if row.invoice is not None:
        return matter, shown(row.invoice), amount
    raw: list[Cell] = cells.rows[row.number - cells.first_row]
    return (matter, *(shown(cell) for place, cell in enumerate(raw) if place not in beside))


def _beside(cells: SheetCells, header: Header) -> set[int]:
    """Give the places of the user and of his share: a balance may stand once for each of its users."""
    letters = {seen.letter for seen in header.census if SHARE.search(seen.words) or clean(seen.heading) == "%"}
    letters |= {header.columns[Role.USER].letter} if Role.USER in header.columns else set()
    return {column_number(letter) - cells.first_column for letter in letters}


def _question(again: list[tuple[Row, Row]], amounts: Amounts, header: Header) -> SheetQuestion:
    before, row = again[0]
    invoice = f"Invoice {shown(row.invoice)} of" if row.invoice is not None else "A line of"
    more = f" ({len(again)} such rows)" if len(again) > 1 else ""
    split = [name for name in (shown(before.user), shown(row.user)) if name]
    users = f" They name {split[0]} and {split[1]}; once is {split[0]}'s." if len(set(split)) > 1 else ""
    text = (
        f'{invoice} "{clipped(shown(row.matter))}", {amounts[row.number]:,.2f}, stands in row {before.number} and again'
        f" in row {row.number}{more}.{users} Is it owed each time, or once?"
    )
    total = sum((amount for amount in amounts.values() if amount), NOTHING)
    twice = sum((amounts[one.number] or NOTHING for _, one in again), NOTHING)
    return SheetQuestion(
        text,
        kind=KIND,
        candidates=(
            Candidate(ONCE, "Once: it stands in the sheet again by mistake", f"without {twice:,.2f} of {total:,.2f}"),
            Candidate(BOTH, "Each time: these are balances of their own", f"with {twice:,.2f} of {total:,.2f}"),
        ),
        signature=signature_of(header, [(one.number, f"twice {amounts[one.number]}") for _, one in again]),
    )
