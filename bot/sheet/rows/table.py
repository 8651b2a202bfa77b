"""The rows below the header, taken apart by the columns that have a part in the reading."""

from decimal import Decimal
from typing import NamedTuple

import pandas as pd

from brought_forward.bot.sheet.cells import Cell, SheetCells, column_letters, column_number
from brought_forward.bot.sheet.columns.header import Header
from brought_forward.bot.sheet.columns.headings import Role, normal
from brought_forward.bot.sheet.columns.labels import NUMBERED, PARTS_OF_TOTALLING, TOTALLING, worded
from brought_forward.bot.sheet.texts import clean, cleaned, rows_holding

BLANKS = " \u00a0\t"


class Row(NamedTuple):
    """The cells of one row that have a part in the reading: texts cleaned, None where nothing can be seen."""

    number: int  # as the spreadsheet numbers it
    label: str  # the first text of the row, normalised, if it could name a total
    matter: Cell
    amount: Cell
    user: Cell
    date: Cell
    note: Cell
    client: Cell
    invoice: Cell
    level: int  # how far the matter is set in; 0 where none of the sheet is


def rows_below(cells: SheetCells, header: Header) -> list[Row]:
    """Take the columns of the roles apart, row by row."""
    frame = to_frame(cells)
    below = frame.loc[header.row + 1 :]
    nothing: list[Cell] = [None] * len(below)

    def column(role: Role) -> list[Cell]:
        found = header.columns.get(role)
        return cleaned(below[found.letter].tolist()) if found else nothing

    if header.outline:
        matters, levels = _outlined([below[letter].tolist() for letter in header.outline])
    else:
        matters, levels = column(Role.MATTER), _levels(below, header)
    roles = (Role.AMOUNT, Role.USER, Role.DATE, Role.NOTE, Role.CLIENT, Role.INVOICE)
    raw = cells.rows[header.row + 1 - cells.first_row :]
    totalling = rows_holding(PARTS_OF_TOTALLING, cells, header.row + 1 - cells.first_row)
    labels = [_label(row) if place in totalling else "" for place, row in enumerate(raw)]
    return list(map(Row, below.index.tolist(), labels, matters, *map(column, roles), levels))


def column_of(cells: SheetCells, header: Header, letter: str) -> list[Cell]:
    """Give the cleaned cells of one column below the header."""
    place = column_number(letter) - cells.first_column
    below = cells.rows[header.row + 1 - cells.first_row :]
    return cleaned([row[place] if place < len(row) else None for row in below])


def _label(cells: list[Cell]) -> str:
    """Normalise the text of a row that could name a total: the first one, else one of such words alone; else ""."""
    texts = [cell for cell in cells if isinstance(cell, str) and cell and not cell.isspace()]
    if not TOTALLING.search("\n".join(texts)):
        return ""
    texts = [text for text in texts if not NUMBERED.fullmatch(clean(text))] or [""]
    if TOTALLING.search(texts[0]):
        return normal(texts[0])
    return next((label for text in texts if TOTALLING.search(text) and worded(label := normal(text))), "")


def _levels(below: pd.DataFrame, header: Header) -> list[int]:
    """Tell how far each matter is set in, if any is."""
    column = header.columns.get(Role.MATTER)
    texts = below[column.letter].tolist() if column else []
    if not any(isinstance(text, str) and text[:1] and text[0] in BLANKS for text in texts):
        return [0] * len(below)
    return [_indent(text) for text in texts]


def _outlined(columns: list[list[Cell]]) -> tuple[list[Cell], list[int]]:
    """Make one column of names of several, each further right being further in."""
    names: list[Cell] = []
    levels: list[int] = []
    for cells in zip(*columns, strict=True):
        place = next((place for place, cell in enumerate(cells) if cell not in {None, ""}), 0)
        names.append(cells[place])
        levels.append(place * 100 + _indent(cells[place]))
    return cleaned(names), levels


def _indent(text: Cell) -> int:
    return len(text) - len(text.lstrip(BLANKS)) if isinstance(text, str) else 0


class Read(NamedTuple):
    """A row with its amount, for sums: None where that cannot be read."""

    row: Row
    amount: Decimal | None


def to_frame(cells: SheetCells) -> pd.DataFrame:
    """Give a frame of dtype object: the index holds row numbers, the columns letters ("A"), empty is "" or None."""
    width = max(map(len, cells.rows), default=0)
    rows = [row if len(row) == width else [*row, *[None] * (width - len(row))] for row in cells.rows]
    return pd.DataFrame(
        rows,
        index=range(cells.first_row, cells.first_row + len(cells.rows)),
        columns=[column_letters(cells.first_column + number) for number in range(width)],
        dtype=object,
    )
