"""A page laid out in cells: every part of it has its place, and formulas name their cells."""

import re
from dataclasses import dataclass, field

from readings.book import Page, Part, Row, Value


@dataclass(slots=True)
class Cell:
    """One cell; the value of a formula is what a program would have stored."""

    value: Value = None
    formula: str = ""
    unstored: str = ""
    format: str = ""
    money: bool = False


@dataclass(slots=True)
class Grid:
    """One sheet's cells, and what is hidden or merged of them: rows and columns counted from 0."""

    name: str
    cells: list[list[Cell]] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    merges: list[tuple[int, int, int, int]] = field(
        default_factory=list
    )  # first row, first column, last row, last column
    filtered: bool = False
    unseen: bool = False


def letter(column: int) -> str:
    """Name a column as Excel does, for the first 26."""
    return chr(ord("A") + column)


def lay_out(page: Page) -> Grid:
    """Give every cell of a page its place."""
    grid = Grid(page.name, filtered=page.filtered, unseen=page.unseen)
    for title in page.titles:
        if page.wide_titles and title:
            grid.merges.append((len(grid.cells), 0, len(grid.cells), len(page.columns) - 1))
        grid.cells.append([Cell(one) for one in title])
    _headings(page, grid)
    first = len(grid.cells)
    for place, row in enumerate(page.rows):
        if row.hidden:
            grid.hidden_rows.add(len(grid.cells))
        grid.cells.append(_cells(page, row, first, place))
        for role, height in row.merge.items():
            column = _place(page, role)
            grid.merges.append((first + place, column, first + place + height - 1, column))
    grid.hidden_columns = {place for place, column in enumerate(page.columns) if column.hidden}
    return grid


def _headings(page: Page, grid: Grid) -> None:
    depth = max(len(column.heading) for column in page.columns)
    top = len(grid.cells)
    for level in range(depth):
        words = [column.heading[level - depth + len(column.heading)] if level >= depth - len(column.heading) else ""
                 for column in page.columns]  # fmt: skip
        grid.cells.append([Cell(word) for word in words])
    if depth == 1:
        return
    spans = [column.span for column in page.columns]
    for start, span in enumerate(spans):
        if span and (start == 0 or spans[start - 1] != span):
            end = start
            while end + 1 < len(spans) and spans[end + 1] == span:
                end += 1
            if end > start:
                grid.merges.append((top, start, top, end))
                for place in range(start + 1, end + 1):
                    grid.cells[top][place] = Cell(None)


def _cells(page: Page, row: Row, first: int, place: int) -> list[Cell]:
    if row.part is Part.HEAD:
        return [Cell(column.heading[-1]) for column in page.columns]
    cells, indent = [], row.indent
    for column in page.columns:
        value = row.cells.get(column.role)
        if indent and isinstance(value, str) and value:
            value, indent = " " * indent + value, 0
        formula = row.formulas.get(column.role, "")
        cells.append(
            Cell(
                value,
                _named(page, formula, first, place),
                row.unstored,
                row.formats.get(column.role) or column.format,
                column.money,
            )
        )
    cells += [Cell(value) for value in row.beyond]
    return cells


def _named(page: Page, formula: str, first: int, place: int) -> str:
    """Put cells in the place of roles: {billed} is this row's, {billed:lines} all lines' of the column."""

    def cell(found: re.Match[str]) -> str:
        column = letter(_place(page, found[1]))
        if not found[2]:
            return f"{column}{first + place + 1}"
        lines = [number for number, row in enumerate(page.rows) if row.part is Part.LINE] or [0]
        return f"{column}{first + lines[0] + 1}:{column}{first + lines[-1] + 1}"

    return re.sub(r"\{(\w+)(:lines)?\}", cell, formula)


def _place(page: Page, role: str) -> int:
    return next(place for place, column in enumerate(page.columns) if column.role == role)
