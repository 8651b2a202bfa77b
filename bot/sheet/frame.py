"""Cells as a frame in which rows and columns carry the spreadsheet's own names."""

import pandas as pd

from brought_forward.bot.sheet.cells import Cell, SheetCells, column_letters

Row = list[Cell]


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


def rows_of(frame: pd.DataFrame) -> list[Row]:
    """Give the cells of a frame row by row."""
    rows: list[Row] = frame.to_numpy().tolist()
    return rows
