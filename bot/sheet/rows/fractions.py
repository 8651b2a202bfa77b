"""Amounts with fractions of a cent: nobody can owe them, so staff say what becomes of the column's."""

import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal

from brought_forward.bot.errors import Candidate, SheetQuestion
from brought_forward.bot.sheet.cells import Cell, Unreadable
from brought_forward.bot.sheet.columns.header import Header
from brought_forward.bot.sheet.columns.headings import Role
from brought_forward.bot.sheet.money.figures import CENT, NOTHING, PLAIN, DecimalMark, Fraction, decimals_of
from brought_forward.bot.sheet.rows.table import Row
from brought_forward.bot.sheet.rules import SheetRules
from brought_forward.bot.sheet.texts import clipped, digest, shown

ROUND, CORRECT = "round", "correct"
LONG = re.compile(r"[.,][0-9]{3,}[^0-9.,]*$")  # more than two decimals, or groups and none

Money = Callable[[Cell], Decimal]


def rounds_of(rows: list[Row], header: Header, rules: SheetRules, exact: Money) -> tuple[bool, list[str]]:
    """Tell whether fractions of a cent are rounded, with a remark where they are.

    `exact` reads an amount and raises Fraction where it has them. Raises SheetQuestion where staff have not said it
    of these very rows.
    """
    found = _fractions(rows, exact)
    if not found:
        return False, []
    column = header.columns[Role.AMOUNT]
    rest = sum((_amount(row.amount, exact) for row in rows if row.number not in found), NOTHING)
    before = rest + sum(found.values(), NOTHING)
    after = rest + sum((_rounded(amount) for amount in found.values()), NOTHING)
    count = "1 amount has" if len(found) == 1 else f"{len(found)} amounts have"
    sums = f"{before.normalize():,f} becomes {after:,.2f}"
    answer = rules.answers.get("fraction")
    if answer == ROUND:
        return True, [f"{count} fractions of a cent, each rounded to the nearest cent: the sum of {sums}."]
    if answer == CORRECT:
        return False, []
    row = next(row for row in rows if row.number in found)
    text = (
        f"{count} fractions of a cent in column {column}, such as {clipped(shown(row.amount))} in"
        f" {column.letter}{row.number}. If each is rounded to the nearest cent, half a cent up, the column's sum of"
        f" {sums}. Round?"
    )
    those = "This row" if len(found) == 1 else f"These {len(found)} rows"
    raise SheetQuestion(
        text,
        kind="fraction",
        candidates=(
            Candidate(ROUND, "Round each to the nearest cent", f"the sum of {sums}"),
            Candidate(CORRECT, "I correct them in the sheet", f"{those} will stay out until then"),
        ),
        signature=signature_of(header, [(row.number, shown(row.amount)) for row in rows if row.number in found]),
    )


def signature_of(header: Header, said: list[tuple[int, str]]) -> str:
    """Sign a question whose answer holds for these very cells, given by row, and for no other file."""
    keyed = "\x1f".join([header.signature, *(f"{row}:{text}" for row, text in said)])
    return digest(keyed)


def all_in_thirds(texts: list[str], mark: DecimalMark | None) -> bool:
    """Tell whether every text with decimals has three of them, so that 12.500 is no 12,500 gone astray."""
    if mark is None or not any(LONG.search(text) for text in texts):
        return False
    return {decimals_of(text, mark) for text in texts} - {0} == {3}


def _fractions(rows: list[Row], exact: Money) -> dict[int, Decimal]:
    """Give the amounts with fractions of a cent, by row."""
    found = {}
    for row in rows:
        cell = row.amount
        if isinstance(cell, str):
            if PLAIN.fullmatch(cell) or not LONG.search(cell):
                continue
        elif type(cell) is not float or float(f"{cell:.2f}") == cell:
            continue
        try:
            exact(cell)
        except Fraction as fault:
            found[row.number] = fault.amount
        except Unreadable:
            continue
    return found


def _rounded(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


def _amount(cell: Cell, exact: Money) -> Decimal:
    try:
        return exact(cell)
    except Unreadable:
        return NOTHING
