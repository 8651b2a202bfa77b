"""Each row that can hold a balance becomes a line, a Problem or a zero; no row stops another."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import lru_cache

from brought_forward.bot.errors import Candidate, SheetQuestion
from brought_forward.bot.sheet.cells import Cell, SheetCells, Unreadable, column_number
from brought_forward.bot.sheet.columns.header import Header
from brought_forward.bot.sheet.columns.headings import Role, normal
from brought_forward.bot.sheet.dates import column_order, date_of, in_words
from brought_forward.bot.sheet.file.found import FORMULA, Faults
from brought_forward.bot.sheet.money.figures import (
    DecimalMark,
    both_ways,
    decimal_mark,
    is_residue,
    money_of_number,
    money_of_text,
    proofs,
)
from brought_forward.bot.sheet.rows.denomination import factor_of, refuse_other_currency
from brought_forward.bot.sheet.rows.fractions import all_in_thirds, rounds_of
from brought_forward.bot.sheet.rows.table import Row
from brought_forward.bot.sheet.rules import SheetRules
from brought_forward.bot.sheet.texts import matter_text, shown
from brought_forward.storage.records.sheet import BalanceLine, Problem

# The day of one invoice; of the last of several, or of a payment, nothing of the kind can be said.
INVOICED = re.compile(
    r"(?!.*\b(?:last|first|latest)\b).*\b(?:invoice|inv|bill|billing|billed)\b.*|(?:date )?issued|issue date"
)
ANSWERS = {"dot": DecimalMark.DOT, "comma": DecimalMark.COMMA}


@dataclass(frozen=True, slots=True)
class Style:
    """What was settled once for a whole column."""

    mark: DecimalMark | None
    currency: str
    day_first: bool | None
    thirds: bool = False  # every amount with decimals has three
    rounds: bool = False  # staff have said that fractions of a cent are rounded
    factor: int = 1  # 1,000 where staff have said that the amounts are in thousands

    def money(self, cell: Cell) -> Decimal:
        """Give the amount of a cell; raises Unreadable."""
        if isinstance(cell, (float, int)):
            return money_of_number(cell, self.factor, rounds=self.rounds)
        if isinstance(cell, str):
            return money_of_text(cell, self.mark, self.currency, self.factor, rounds=self.rounds, thirds=self.thirds)
        if cell is None:
            raise Unreadable("no amount. Type it in, or 0 where nothing is owed; a formula needs a value.")
        raise Unreadable(f'"{shown(cell)}" is not an amount. Correct it in the sheet.')

    def readable(self, cell: Cell) -> Decimal | None:
        """Give the amount of a cell. Returns None where it has none that can be read."""
        try:
            return self.money(cell)
        except Unreadable:
            return None


def style_of(
    lines: list[Row], totals: list[Row], others: list[Row], cells: SheetCells, header: Header, rules: SheetRules
) -> tuple[Style, list[str]]:
    """Settle the decimal style, the unit, fractions of a cent and the order of day and month for the whole column.

    `others` are rows of another table: they settle the decimal style where nothing else does. Gives remarks on what was
    settled. Raises SheetQuestion where every amount with a separator reads both ways, where a unit such as thousands is
    named, and where amounts have fractions of a cent; SheetError where the sheet names another currency than the
    firm's.
    """
    refuse_other_currency(cells, header, rules.currency)
    rows = [*lines, *totals]
    texts = [row.amount for row in rows if isinstance(row.amount, str)]
    mark = decimal_mark(texts)
    if mark is None and not any(proofs(texts).values()):
        example = next((text for text in texts if both_ways(text)), None)
        mark = ANSWERS.get(rules.answers.get("decimal", ""))
        if example is not None and mark is None:
            raise _decimal_question(example, header, cells.sheet)
        mark = mark or decimal_mark([row.amount for row in others])
    order, remarks = _order(rows, header, rules)
    residue = sum(1 for row in rows if is_residue(row.amount))
    if residue:
        what = "1 amount is" if residue == 1 else f"{residue} amounts are"
        remarks.append(f"{what} what Excel leaves of a subtraction, such as 1E-13, and counted as zero.")
    style = Style(mark, rules.currency, order, thirds=all_in_thirds(texts, mark))
    factor, told = factor_of(cells, header, rules, lines, replace(style, thirds=True).money)
    style = replace(style, factor=factor)
    rounds, more = rounds_of(lines, header, rules, style.money)
    return replace(style, rounds=rounds), [*remarks, *told, *more]


def _order(rows: list[Row], header: Header, rules: SheetRules) -> tuple[bool | None, list[str]]:
    if Role.DATE not in header.columns:
        return rules.day_first, []
    column = header.columns[Role.DATE].letter
    return column_order([(row.number, row.date) for row in rows if isinstance(row.date, str)], column, rules.day_first)


def _decimal_question(example: str, header: Header, sheet: str) -> SheetQuestion:
    column = header.columns[Role.AMOUNT]
    readings = both_ways(example)
    return SheetQuestion(
        f'Amounts such as {example} in column {column} of "{sheet}" read two ways. Which sign stands before the cents?',
        kind="decimal",
        candidates=tuple(
            Candidate(name, f"The {name}", f"{example} is {_figure(readings[mark])}") for name, mark in ANSWERS.items()
        ),
        signature=header.signature,
    )


def _figure(amount: Decimal) -> str:
    """Write an amount as people do, with all the digits that it has."""
    return f"{amount:,.2f}" if amount == round(amount, 2) else f"{amount:,}"


def read_line(
    row: Row, read: Decimal | None, header: Header, style: Style, faults: Faults, doubt: tuple[str, str] | None
) -> BalanceLine | Problem | None:
    """Read one row; None is a balance of zero.

    `read` is its amount, None where that cannot be read; `doubt` the column and why it is no plain balance.
    """
    wrong: list[tuple[str, str]] = []
    amount: Decimal | None = None
    matter, day = "", None
    broken = _broken(row, header, faults) if faults else None
    try:
        if not broken or Role.AMOUNT not in broken:
            amount = style.money(row.amount) if read is None else read
    except Unreadable as fault:
        wrong.append((header.columns[Role.AMOUNT].letter, str(fault)))
    if amount is not None and not amount and not broken:
        return None
    try:
        matter = "" if broken and Role.MATTER in broken else _matter(row.matter)
    except Unreadable as fault:
        column = header.columns.get(Role.MATTER, header.columns[Role.AMOUNT])
        wrong.insert(0, (column.letter, str(fault)))
    try:
        day = None if row.date is None else date_of(row.date, day_first=style.day_first)
    except Unreadable as fault:
        wrong.append((header.columns[Role.DATE].letter, str(fault)))
    if broken:
        wrong += broken.values()
    if doubt:
        wrong.append(doubt)
    note = _note(row, amount, day, header)
    if wrong or amount is None:
        return _problem(row, wrong, amount, day, note)
    return BalanceLine(row.number, matter, _text(row.user), amount, day, note, _text(row.client))


def _broken(row: Row, header: Header, faults: Faults) -> dict[Role, tuple[str, str]]:
    """Find the cells of a row that the workbook itself could not work out."""
    found = {}
    for role, column in header.columns.items():
        fault = faults.get((row.number, column_number(column.letter)))
        if fault == FORMULA:
            text = f"the formula in {column.letter}{row.number} has no value."
            found[role] = (column.letter, f"{text} Open the file in Excel, save it, and drop it again.")
        elif fault:
            found[role] = (column.letter, f"{fault} in {column.letter}{row.number}. Correct the formula in the sheet.")
    return found


def _note(row: Row, amount: Decimal | None, day: date | None, header: Header) -> str | None:
    """Put the invoice's number before the note; an invoice without either is known by its day, a credit is none."""
    note = _text(row.note)
    if row.invoice is None:
        if note or day is None or amount is None or amount < 0:
            return note
        return f"invoice of {in_words(day)}" if _of_invoices(header.columns[Role.DATE].heading) else None
    number = shown(row.invoice)
    if note and number in note:
        return note
    invoice = number if number[:1].isalpha() and " " in number else f"Invoice {number}"
    return f"{invoice}: {note}" if note else invoice


@lru_cache(maxsize=64)
def _of_invoices(heading: str) -> bool:
    return bool(INVOICED.fullmatch(normal(heading)))


def _text(cell: Cell) -> str | None:
    return cell if cell is None or isinstance(cell, str) else shown(cell)


def _matter(cell: Cell) -> str:
    if cell is None:
        raise Unreadable("an amount without a matter. Type the matter's number.")
    return matter_text(cell)


def _problem(
    row: Row, wrong: Iterable[tuple[str, str]], amount: Decimal | None, day: date | None, note: str | None
) -> Problem:
    """Make one Problem of all that is wrong with a row, so that its amount counts once."""
    (letter, _), *_ = wrong = list(wrong)
    return Problem(
        row=row.number,
        cell=f"{letter}{row.number}",
        text=" Also: ".join(text for _, text in wrong),
        matter=shown(row.matter)[:255] or None,
        amount=amount,
        user=_text(row.user),
        date=day,
        note=note,
        client=_text(row.client),
    )
