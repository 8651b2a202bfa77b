"""All money of the balance's column: what is a line, what is left out, and what is not counted and why."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from brought_forward.bot.sheet.cells import Cell, SheetCells, Unreadable
from brought_forward.bot.sheet.columns import Header
from brought_forward.bot.sheet.headings import Role
from brought_forward.bot.sheet.lines import Style
from brought_forward.bot.sheet.rows import column_of
from brought_forward.storage.records.sheet import BalanceLine, NotCounted, Problem

NOTHING = Decimal("0.00")
NOWHERE = "this amount is in no row of a balance. Type its matter, or clear it."


def column_amounts(
    cells: SheetCells, header: Header, style: Style, signs: Mapping[int, int] | None = None
) -> dict[int, Decimal]:
    """Read every amount of the balance's column below the header from the cells alone, by row; nothing is left away.

    `signs` has -1 for each row that something beside the amount makes a credit.
    """
    letter = header.columns[Role.AMOUNT].letter
    found = {}
    for number, cell in enumerate(column_of(cells, header, letter), header.row + 1):
        amount = _amount(cell, style) if cell is not None else None
        if amount:
            found[number] = amount * (signs.get(number, 1) if signs else 1)
    return found


def tally(
    amounts: dict[int, Decimal],
    lines: Sequence[BalanceLine],
    problems: Sequence[Problem],
    reasons: Mapping[int, str],
    header: Header,
) -> tuple[list[Problem], tuple[NotCounted, ...], Decimal]:
    """Account for every amount of the column: give all problems, what is not counted, and the column's sum.

    `amounts` is of `column_amounts`, `reasons` says by row why an amount is not counted. An amount without a reason
    becomes a Problem, so that lines, problems and what is not counted are always all of the column.
    """
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


def _amount(cell: Cell, style: Style) -> Decimal | None:
    try:
        return style.money(cell)
    except Unreadable:
        return None
