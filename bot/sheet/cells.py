"""A cell, as every reader hands it over, and where it stands."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

# Empty is None or "". A workbook's numbers come as float; in a CSV everything is text.
Cell = str | float | bool | date | datetime | time | timedelta | None


class Unreadable(ValueError):  # noqa: N818 - it reads as a sentence where it is raised
    """Say that one cell cannot be read; the text becomes a Problem: what is wrong, then what to do."""


@dataclass(frozen=True, slots=True)
class SheetCells:
    """All cells of one sheet. Rows may be of unequal length."""

    sheet: str
    first_row: int  # as the spreadsheet numbers it, from 1
    first_column: int  # A is 1
    rows: list[list[Cell]]


def column_letters(number: int) -> str:
    """Name a column as spreadsheets do: 1 is A, 27 is AA."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
