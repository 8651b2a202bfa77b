"""Tables below the one that is read: explained where they sum it up in another way, else told of with their money."""

from collections.abc import Collection, Mapping
from decimal import Decimal

from brought_forward.bot.sheet.cells import Cell, SheetCells, column_number
from brought_forward.bot.sheet.columns.census import part_of
from brought_forward.bot.sheet.columns.header import Header
from brought_forward.bot.sheet.columns.headings import Role, heading_words, normal, roles_of
from brought_forward.bot.sheet.columns.identities import NOT_OWED
from brought_forward.bot.sheet.columns.labels import worded
from brought_forward.bot.sheet.money.figures import is_figure
from brought_forward.bot.sheet.rows.lines import Style
from brought_forward.bot.sheet.rows.sums import Amounts
from brought_forward.bot.sheet.texts import clean
from brought_forward.storage.records.sheet import Problem

NOTHING = Decimal(0)
BALANCES = (
    "it stands in another table, which begins in row {} and is not read. Drop that as a file of its own if it has"
    " balances, or take it out of this one."
)


def unexplained(
    tables: Mapping[int, Collection[int]],
    totals: Collection[Decimal | None],
    cells: SheetCells,
    header: Header,
    style: Style,
) -> list[Problem]:
    """Give a Problem for each amount of a table that does not come to one of the totals of what is read.

    `tables` has the rows of each by the row of its headings. A column of nothing proves nothing, nor does one with an
    amount that cannot be read, such as one in another currency; that amount is a Problem too.
    """
    letter = header.columns[Role.AMOUNT].letter
    place = column_number(letter) - cells.first_column
    found = []
    for heading, rows in tables.items():
        columns = _columns(rows, cells, style)
        if any((total := _sum(amounts)) and total in totals for amounts in columns.values()):
            continue
        own = {} if _is_other_money(heading, place, cells, style) else columns.get(place, {})
        text = BALANCES.format(heading)
        found += [Problem(row, f"{letter}{row}", text, amount=amount) for row, amount in own.items() if amount != 0]
        if not own and columns and Role.AMOUNT in roles_of(_raw(cells, heading), style.currency):
            found.append(Problem(heading, f"{letter}{heading}", text))
    return found


def _is_other_money(heading: int, place: int, cells: SheetCells, style: Style) -> bool:
    """Tell whether a table says that its amounts are held for clients, or not billed yet."""
    raw = _raw(cells, heading)
    cell = raw[place] if place < len(raw) else None
    return isinstance(cell, str) and part_of(heading_words(cell, style.currency)) in NOT_OWED


def _sum(amounts: Amounts) -> Decimal | None:
    """Add up a column; None where one of its amounts cannot be read."""
    read = [amount for amount in amounts.values() if amount is not None]
    return sum(read, NOTHING) if len(read) == len(amounts) else None


def _columns(rows: Collection[int], cells: SheetCells, style: Style) -> dict[int, Amounts]:
    """Give the amounts of each column of a table, by row, None where one cannot be read; totals are left away."""
    found: dict[int, Amounts] = {}
    for row in rows:
        raw = _raw(cells, row)
        if any(isinstance(cell, str) and worded(normal(clean(cell))) for cell in raw):
            continue
        for place, cell in enumerate(raw):
            amount = style.readable(cell)
            if amount is not None or is_figure(cell):
                found.setdefault(place, {})[row] = amount
    return found


def _raw(cells: SheetCells, row: int) -> list[Cell]:
    return cells.rows[row - cells.first_row]
