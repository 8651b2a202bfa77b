"""Rows that say of themselves that they are no plain balance: hours at a rate, an expense, another currency."""

from decimal import Decimal

from brought_forward.bot.sheet.cells import Cell, SheetCells, Unreadable
from brought_forward.bot.sheet.columns import Header
from brought_forward.bot.sheet.headings import Role, normal
from brought_forward.bot.sheet.lines import Style
from brought_forward.bot.sheet.rows import column_of
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
    found: dict[int, Doubt] = {}
    for role in DOUBTFUL:
        column = header.columns.get(role)
        if column is None:
            continue
        for number, cell in enumerate(column_of(cells, header, column.letter), header.row + 1):
            text = _doubt(role, cell, style) if cell is not None else None
            if text:
                found.setdefault(number, (column.letter, text))
    return found


def _doubt(role: Role, cell: Cell, style: Style) -> str | None:
    said = f'"{clipped(shown(cell))}"'
    match role:
        case Role.CURRENCY:
            other = isinstance(cell, str) and style.currency and cell.upper() != style.currency
            return f"its currency is {said}, not {style.currency}. Enter it in Clio by hand." if other else None
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
