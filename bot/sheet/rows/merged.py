"""Merged cells: what they say holds for every row they cover; one amount over several rows counts once."""

from collections.abc import Iterator
from dataclasses import replace

from brought_forward.bot.sheet.cells import Cell, SheetCells, column_number
from brought_forward.bot.sheet.columns.header import Header
from brought_forward.bot.sheet.columns.headings import Role
from brought_forward.bot.sheet.rows.table import Row
from brought_forward.bot.sheet.texts import shown

FILLED = {Role.MATTER: "matter", Role.USER: "user", Role.CLIENT: "client"}


def spread(cells: SheetCells, at: int) -> SheetCells:
    """Give the cells with each text that is merged over rows in all of them, below the headings at place `at`.

    Numbers stay: an amount over several rows is one amount.
    """
    rows = list(cells.rows)
    for first_row, first_column, last_row, _ in cells.facts.merges:
        place, start = first_column - cells.first_column, first_row - cells.first_row
        if not (at < start < last_row - cells.first_row and start < len(rows) and 0 <= place < len(rows[start])):
            continue
        text = rows[start][place]
        if isinstance(text, str) and text:
            for number in range(start + 1, min(last_row - cells.first_row + 1, len(rows))):
                if _says(cells, number + cells.first_row):
                    rows[number] = [*rows[number], *[None] * (place + 1 - len(rows[number]))]
                    rows[number][place] = rows[number][place] or text
    return replace(cells, rows=rows) if cells.facts.merges else cells


def within_merges(rows: list[Row], cells: SheetCells, header: Header) -> list[Row]:
    """Fill user, matter and client down the range in which their cells are merged, where a row says anything else."""
    if not cells.facts.merges:
        return rows
    filled = list(rows)
    start = header.row + 1
    for role, name in FILLED.items():
        for top, below in _ranges(cells, header, role):
            value = getattr(filled[top - start], name)
            for number in below:
                place = number - start
                if place < len(filled) and getattr(filled[place], name) is None and _says(cells, number):
                    filled[place] = filled[place]._replace(**{name: value})
    return filled


def without_shared(rows: list[Row], cells: SheetCells, header: Header) -> tuple[list[Row], dict[int, str]]:
    """Take out the rows that share the amount of a row above, in merged cells; with a doubt where matters differ."""
    shared: set[int] = set()
    doubts: dict[int, str] = {}
    by_number = {row.number: row for row in rows} if cells.facts.merges else {}
    for top, below in _ranges(cells, header, Role.AMOUNT):
        inside = [by_number[number] for number in below if number in by_number and by_number[number].amount is None]
        first = by_number.get(top)
        if first is None or not inside:
            continue
        shared |= {row.number for row in inside}
        if {shown(row.matter) for row in inside if row.matter is not None} - {shown(first.matter)}:
            doubts[top] = (
                f"its amount is merged over rows {top} to {below[-1]}, which name several matters. Write each its own."
            )
    return [row for row in rows if row.number not in shared] if shared else rows, doubts


def _ranges(cells: SheetCells, header: Header, role: Role) -> Iterator[tuple[int, range]]:
    """Give the first row of each merged range that begins in a role's column, and the rows below within it."""
    column = header.columns.get(role)
    place = column_number(column.letter) if column else 0
    last = cells.first_row + len(cells.rows) - 1
    for first_row, first_column, last_row, _ in cells.facts.merges:
        if first_column == place and header.row < first_row < last_row:
            yield first_row, range(first_row + 1, min(last_row, last) + 1)


def _says(cells: SheetCells, number: int) -> bool:
    row: list[Cell] = cells.rows[number - cells.first_row]
    return any(cell is not None and cell != "" for cell in row)
