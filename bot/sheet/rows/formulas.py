"""Formulas that no program has worked out: their stored value is 0, or missing, while money stands in their row."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import product

from brought_forward.bot.errors import SheetError
from brought_forward.bot.sheet.cells import SheetCells, column_number
from brought_forward.bot.sheet.columns.census import Part, Seen
from brought_forward.bot.sheet.columns.header import Header
from brought_forward.bot.sheet.columns.headings import Role
from brought_forward.bot.sheet.file.found import FORMULA

OTHER_MONEY = {Part.OWED, Part.AMOUNT, Part.OPENING, Part.BILLED, Part.RECEIVED, Part.COMPONENT, Part.MONEY}
MOST = 6  # amounts of one row that are tried with every sign


def worked_out(cells: SheetCells, header: Header) -> SheetCells:
    """Mark as formulas without a value those of the balance whose stored 0 the row's own money contradicts.

    A 0 is right where the other amounts of the row cancel out: 500 billed less 500 paid. Programs that write formulas
    without working them out store 0, or nothing. Raises SheetError where no formula of the column has a value.
    """
    column = header.columns[Role.AMOUNT]
    place = column_number(column.letter)
    zeros = {row for row, at in cells.facts.zero_formulas if at == place and row > header.row}
    empty = {row for row, at in cells.faults if at == place and row > header.row and cells.faults[row, at] == FORMULA}
    if not zeros and not empty:
        return cells
    stale = {row for row in zeros if _contradicted(row - header.row - 1, column.letter, header.census)}
    own = next((seen for seen in header.census if seen.letter == column.letter), None)
    held = own.cents is not None and bool(own.cents.any()) if own else True
    if not held and len(stale) + len(empty) > 1:
        raise SheetError(
            f'The formulas of column {column} in "{cells.sheet}" have no values: the program that wrote the file has'
            " not worked them out. Open it in Excel, save it, and drop it again."
        )
    return replace(cells, faults=cells.faults | {(row, place): FORMULA for row in stale}) if stale else cells


def _contradicted(at: int, letter: str, census: Iterable[Seen]) -> bool:
    """Tell whether the buckets of a row have a sum, or its other amounts do not cancel out."""
    amounts = [
        (seen.part, int(seen.cents[at]))
        for seen in census
        if seen.cents is not None and at < len(seen.cents) and seen.letter != letter and seen.cents[at]
    ]
    if sum(cents for part, cents in amounts if part is Part.BUCKET):
        return True
    others = [cents for part, cents in amounts if part in OTHER_MONEY]
    return bool(others) and not _cancel_out(others[:MOST])


def _cancel_out(amounts: list[int]) -> bool:
    """Tell whether some of the amounts, two at least, come to 0 with one sign or the other."""
    return any(
        sum(sign * one for sign, one in zip(signs, amounts, strict=True)) == 0
        for signs in product((0, 1, -1), repeat=len(amounts))
        if sum(map(abs, signs)) > 1
    )
