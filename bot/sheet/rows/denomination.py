"""What a sheet says that its amounts are counted in: another currency, thousands. Never read as they stand unasked."""

import re
from collections.abc import Callable, Iterator
from decimal import Decimal

from brought_forward.bot.errors import Candidate, SheetError, SheetQuestion
from brought_forward.bot.sheet.cells import Cell, SheetCells, Unreadable, column_number
from brought_forward.bot.sheet.columns.header import Header
from brought_forward.bot.sheet.columns.headings import Role
from brought_forward.bot.sheet.columns.heads import WITHIN, header_at
from brought_forward.bot.sheet.money.currency import NAMED, any_other_in, other_in, refusal
from brought_forward.bot.sheet.money.figures import NOTHING, Fraction
from brought_forward.bot.sheet.money.formats import scale_of, unit_of
from brought_forward.bot.sheet.money.units import FACTORS, meanings_of, unit_in
from brought_forward.bot.sheet.rows.fractions import signature_of
from brought_forward.bot.sheet.rows.table import Row
from brought_forward.bot.sheet.rules import SheetRules
from brought_forward.bot.sheet.texts import clean, clipped

ONE, STORED, SHOWN = "one", "stored", "shown"
NOTES_BELOW = 12  # rows at the end that may be notes: of one cell, or of two without a digit
# What stands before a currency that a title speaks of, and what behind one that stands in brackets or alone.
CONTEXT = re.compile(
    r"\b(?:in|currency|amounts?|figures|values|balances?)\b(?: code)?(?: (?:are|is|all|stated|shown|expressed|given"
    r"|reported|in))*[\s:=(–-]*$",
    re.IGNORECASE,
)
BEGUN = re.compile(r"(?:^\s*|[(\[]\s*)$")
ENDED = re.compile(r"\s*(?:$|[)\].,;:])")
CENT = Decimal("0.01")
FILE_NAME = re.compile(r".*\.[A-Za-z]{2,5}")

Money = Callable[[Cell], Decimal]


def refuse_other_currency(cells: SheetCells, header: Header, currency: str) -> None:
    """Refuse a sheet whose balance's heading, title or last lines name another currency than the firm's.

    Raises SheetError.
    """
    column = header.columns[Role.AMOUNT]
    other = any_other_in(column.heading, currency)
    if other:
        raise SheetError(refusal(f'Column {column} of "{cells.sheet}" is in {other}', currency))
    for text in _said(cells, header):
        other = _other_in_title(text, currency)
        if other:
            raise SheetError(refusal(f'"{cells.sheet}" says "{clipped(text, 80)}"', currency))


def other_heading(sheets: list[SheetCells], currency: str) -> str | None:
    """Say which balance is in another currency, where only that keeps a sheet's header from being one."""
    for cells in sheets:
        for row in cells.rows[:WITHIN]:
            for cell in row:
                other = other_in(clean(cell), currency) if isinstance(cell, str) and len(cell) < 80 else None
                if other and header_at(cells, other) is not None:
                    return refusal(f'"{clipped(clean(str(cell)))}" in "{cells.sheet}" is in {other}', currency)
    return None


def factor_of(
    cells: SheetCells, header: Header, rules: SheetRules, lines: list[Row], exact: Money
) -> tuple[int, list[str]]:
    """Give what each amount is to be multiplied by, with a remark where the sheet says anything but one.

    `exact` reads an amount as it stands. Raises SheetQuestion where a unit is named, or where Excel shows thousands
    and no cents prove what the cells hold, and staff have not said which.
    """
    _settle_scale(cells, header, rules, lines, exact)
    found = _unit(cells, header)
    if found is None:
        return 1, _scaled_remark(cells, header)
    where, phrase, meanings = found
    answer = rules.answers.get("unit")
    if answer == ONE:
        return 1, [f'{where} "{phrase}"; the amounts are read as they stand.']
    if answer in meanings:
        step = FACTORS[answer] * _finest(lines, exact)
        rounded = f" They are right to {step:,.2f} at best, not to the cent." if step > CENT else ""
        return FACTORS[answer], [f'{where} "{phrase}": each amount is multiplied by {FACTORS[answer]:,}.{rounded}']
    total = _sum(lines, exact)
    raise SheetQuestion(
        f'{where} "{phrase}". The amounts of column {header.columns[Role.AMOUNT]} add up to {total:,.2f} as they stand.'
        " What are they?",
        kind="unit",
        candidates=(
            Candidate(ONE, "Whole amounts, read as they stand", f"{total:,.2f} in all"),
            *(
                Candidate(name, f"Each times {FACTORS[name]:,}", f"{total * FACTORS[name]:,.2f} in all")
                for name in meanings
            ),
        ),
        signature=signature_of(header, [(0, phrase)]),
    )


def _unit(cells: SheetCells, header: Header) -> tuple[str, str, tuple[str, ...]] | None:
    """Find where a unit is named, in which words, and what they can mean."""
    column = header.columns[Role.AMOUNT]
    if found := unit_in(column.heading):
        return (f"The heading of column {column.letter} says", *found)
    for text in _said(cells, header):
        if found := unit_in(text):
            return (f'"{cells.sheet}" says', *found)
    for number_format in _formats(cells, header):
        if word := unit_of(number_format):
            return f"Excel shows the amounts of column {column.letter} with", word, meanings_of(word)
    return None


def _settle_scale(cells: SheetCells, header: Header, rules: SheetRules, lines: list[Row], exact: Money) -> None:
    """Ask whether the cells or what Excel shows of them is meant, unless cents prove that it is the cells."""
    scaled = _scaled(cells, header)
    amounts = [_value(row.amount, exact) for row in lines if row.number in scaled]
    if not amounts or any(amount % 1 for amount in amounts) or rules.answers.get("shown") == STORED:
        return
    column = header.columns[Role.AMOUNT]
    if rules.answers.get("shown") == SHOWN:
        raise SheetError(
            f"The cells of column {column} do not hold what is owed, as staff say: Excel shows thousands there. Put the"
            " balances into the cells, and drop the file again."
        )
    total = sum(amounts, NOTHING)
    raise SheetQuestion(
        f"Excel shows {len(amounts)} amounts of column {column} in thousands; the cells hold {total:,.2f} in all."
        " Are these the balances?",
        kind="shown",
        candidates=(
            Candidate(STORED, "Yes: what the cells hold", f"{total:,.2f} in all"),
            Candidate(SHOWN, "No: I put the balances into the sheet", "the file will not be read until then"),
        ),
        signature=signature_of(header, [(row.number, str(row.amount)) for row in lines if row.number in scaled]),
    )


def _scaled_remark(cells: SheetCells, header: Header) -> list[str]:
    if not _scaled(cells, header):
        return []
    column = header.columns[Role.AMOUNT]
    return [f"Excel shows amounts of column {column.letter} in thousands; what their cells hold is read."]


def _scaled(cells: SheetCells, header: Header) -> set[int]:
    """Give the rows whose amounts Excel shows without their thousands."""
    formats = _formats(cells, header)
    return {row for number_format, rows in formats.items() if scale_of(number_format) for row in rows}


def _formats(cells: SheetCells, header: Header) -> dict[str, list[int]]:
    """Give the rows of each number format of the balance's column that says anything of thousands."""
    at = column_number(header.columns[Role.AMOUNT].letter)
    found = {
        number_format: [row for row, column in where if column == at and row > header.row]
        for number_format, where in cells.facts.formats.items()
        if scale_of(number_format) or unit_of(number_format)
    }
    return {number_format: rows for number_format, rows in found.items() if rows}


def _said(cells: SheetCells, header: Header) -> Iterator[str]:
    """Go through the texts that speak of the whole sheet: its name, its titles, its last lines."""
    if not FILE_NAME.fullmatch(cells.sheet):
        yield cells.sheet
    last = []
    at = header.row - cells.first_row
    for row in reversed(cells.rows[max(at + 1, len(cells.rows) - NOTES_BELOW) :]):
        filled = [cell for cell in row if cell not in {None, ""}]
        if len(filled) > 2 or (len(filled) == 2 and re.search("[0-9]", " ".join(map(str, filled)))):
            break
        last.append(row)
    for row in (*cells.rows[:at], *last):
        for cell in row:
            if isinstance(cell, str) and (text := clean(cell)):
                yield text


def _other_in_title(text: str, currency: str) -> str | None:
    """Name another currency that a title says the amounts are in; "Smith v. Euro Ltd" says nothing of them."""
    other = other_in(text, currency)
    if other is None:
        return None
    for found in NAMED.finditer(text):
        before, behind = text[: found.start()], text[found.end() :]
        ends = bool(ENDED.match(behind))
        if (CONTEXT.search(before) and (ends or not found["word"])) or (BEGUN.search(before) and ends):
            return other
    return None


def _sum(lines: list[Row], exact: Money) -> Decimal:
    return sum((_value(row.amount, exact) for row in lines), NOTHING)


def _finest(lines: list[Row], exact: Money) -> Decimal:
    """Give the unit of the last decimal that any amount is written with."""
    exponents = [_value(row.amount, exact).normalize().as_tuple().exponent for row in lines]
    return Decimal(1).scaleb(min((one for one in exponents if isinstance(one, int) and one < 0), default=0))


def _value(cell: Cell, exact: Money) -> Decimal:
    """Give an amount with its fractions of a cent; nothing where it cannot be read."""
    try:
        return exact(cell)
    except Fraction as fault:
        return fault.amount
    except Unreadable:
        return NOTHING
