"""All money of the balance's column: what is a line, what is left out, and what is not counted and why."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from brought_forward.bot.sheet.cells import SheetCells, column_number
from brought_forward.bot.sheet.columns.header import Header
from brought_forward.bot.sheet.columns.headings import Role
from brought_forward.bot.sheet.rows.lines import Style
from brought_forward.bot.sheet.rows.sums import Amounts
from brought_forward.bot.sheet.rows.table import column_of
from brought_forward.storage.records.sheet import BalanceLine, NotCounted, Problem

NOTHING = Decimal("0.00")
NOWHERE = "this amount is in no row of a balance. Type its matter, or clear it."


def column_amounts(cells: SheetCells, header: Header, style: Style) -> Amounts:
    """Read each cell of the balance's column below the header, by row, from the cells alone; nothing is left away.

    None is what cannot be read, an error too, beside which some programs store a 0.
    """
    letter = header.columns[Role.AMOUNT].letter
    column = column_of(cells, header, letter)
    amounts = {number: style.readable(cell) for number, cell in enumerate(column, header.row + 1) if cell is not None}
    at = column_number(letter)
    return amounts | {row: None for row, place in cells.faults if place == at and row > header.row}


def tally(
    column: Amounts,
    lines: Sequence[BalanceLine],
    problems: Sequence[Problem],
    reasons: Mapping[int, str],
    header: Header,
) -> tuple[list[Problem], tuple[NotCounted, ...], Decimal]:
    """Account for every amount of the column: give all problems, what is not counted, and the column's sum.

    `column` is of `column_amounts`, `reasons` says by row why an amount is not counted. An amount without a reason
    becomes a Problem, so that lines, problems and what is not counted are always all of the column.
    """
    amounts = {row: amount for row, amount in column.items() if amount}
    unread = {bad.row for bad in problems if bad.amount is None}
    held = {line.row for line in lines} | {bad.row for bad in problems}
    apart = [NotCounted(row, amounts[row], reasons[row]) for row in amounts if row not in held and row in reasons]
    letter = header.columns[Role.AMOUNT].letter
    nowhere = [
        Problem(row, f"{letter}{row}", NOWHERE, amount=amounts[row])
        for row in amounts
        if row not in held and row not in reasons
    ]
    total = sum((amount for row, amount in amounts.items() if row not in unread), NOTHING)
    return sorted([*problems, *nowhere], key=lambda bad: bad.row) if nowhere else list(problems), tuple(apart), total
