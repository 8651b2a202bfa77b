"""Rows that say of themselves that they are no plain balance: hours at a rate, an expense, another currency."""

import re
from decimal import Decimal

from brought_forward.bot.sheet.cells import Cell, SheetCells, Unreadable, column_letters, column_number
from brought_forward.bot.sheet.columns.header import Header
from brought_forward.bot.sheet.columns.headings import Role, normal
from brought_forward.bot.sheet.money.currency import is_code, without_own
from brought_forward.bot.sheet.money.formats import doubt_of
from brought_forward.bot.sheet.rows.lines import Style
from brought_forward.bot.sheet.rows.table import column_of
from brought_forward.bot.sheet.texts import clipped, shown

Doubt = tuple[str, str]  # the column's letter, and the words of a Problem
DOUBTFUL = (Role.CURRENCY, Role.QUANTITY, Role.TYPE, Role.NON_BILLABLE, Role.RETAINER)
EXPENSES = {
    "expenseentry",
    "expense",
    "hardcost",
    "softcost",
    "hard cost",
    "soft cost",
    "hardcostentry",
    "softcostentry",
}


def doubts_of(cells: SheetCells, header: Header, style: Style) -> dict[int, Doubt]:
    """Give, by row, why its amount is no plain balance."""
    found = _formatted(cells, header, style)
    for place in code_columns(cells, header):
        _note(found, cells, header, column_letters(cells.first_column + place), Role.CURRENCY, style)
    for role in DOUBTFUL:
        column = header.columns.get(role)
        if column is not None:
            _note(found, cells, header, column.letter, role, style)
    return found


def code_columns(cells: SheetCells, header: Header) -> list[int]:
    """Find the columns whose cells are codes or signs of currencies and nothing else, whatever their heading."""
    below = cells.rows[header.row + 1 - cells.first_row :]
    taken = {column.letter for role, column in header.columns.items()}
    found = []
    for place in range(max(map(len, below), default=0)):
        if column_letters(cells.first_column + place) not in taken:
            filled = (row[place] for row in below if place < len(row) and row[place] not in {None, ""})
            first = next(filled, None)
            if is_code(first) and all(map(is_code, filled)):
                found.append(place)
    return found


def _note(found: dict[int, Doubt], cells: SheetCells, header: Header, letter: str, role: Role, style: Style) -> None:
    for number, cell in enumerate(column_of(cells, header, letter), header.row + 1):
        text = _doubt(role, cell, style) if cell is not None else None
        if text:
            found.setdefault(number, (letter, text))


def _formatted(cells: SheetCells, header: Header, style: Style) -> dict[int, Doubt]:
    """Give, by row, what the number format of its amount says against it."""
    letter = header.columns[Role.AMOUNT].letter
    at = column_number(letter)
    place = at - cells.first_column
    found: dict[int, Doubt] = {}
    for number_format, where in cells.facts.formats.items():
        if not any(doubt_of(number_format, style.currency, negative=one) for one in (False, True)):
            continue
        for number, column in where:
            cell = _cell(cells, number, place) if column == at and number > header.row else None
            if isinstance(cell, (int, float)):
                text = doubt_of(number_format, style.currency, negative=cell < 0)
                if text:
                    found[number] = (letter, f"{letter}{number}: {text}")
    return found


def _cell(cells: SheetCells, number: int, place: int) -> Cell:
    at = number - cells.first_row
    row = cells.rows[at] if at < len(cells.rows) else []
    return row[place] if place < len(row) else None


def _doubt(role: Role, cell: Cell, style: Style) -> str | None:
    said = f'"{clipped(shown(cell))}"'
    match role:
        case Role.CURRENCY:
            text = cell if isinstance(cell, str) and not re.search("[0-9]", cell) else ""
            own = not text or not style.currency or without_own(text, style.currency) != text
            return None if own else f"its currency is {said}, not {style.currency}. Enter it in Clio by hand."
        case Role.QUANTITY:
            one = shown(cell).replace(",", ".").rstrip("0").rstrip(".") == "1"
            what = f"its quantity is {said}: hours at a rate, not a balance."
            return None if one else f"{what} Put the whole balance in as price and 1 as quantity."
        case Role.TYPE:
            expense = normal(cell) in EXPENSES
            return (
                f"its type is {said}: an expense, not a balance of fees. Enter it in Clio as an expense."
                if expense
                else None
            )
        case Role.NON_BILLABLE:
            yes = cell is True or normal(cell) in {"yes", "y", "true", "1"} or cell == 1.0
            return (
                "it is marked as non-billable, so no bill would carry it. Clear that cell, or leave the row out."
                if yes
                else None
            )
        case _:
            return _retainer(cell, style)


def _retainer(cell: Cell, style: Style) -> str | None:
    try:
        amount = style.money(cell)
    except Unreadable:
        amount = Decimal(1)
    said = f"the report may have added the minimum retainer of {shown(cell)} to what is due."
    return f"{said} Export it without minimum retainers." if amount else None
