"""A cell, as every reader hands it over, and where it stands."""

from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

# Empty is None or "". A workbook's numbers come as float; in a CSV everything is text.
Cell = str | float | bool | date | datetime | time | timedelta | None

# How the child writes what JSON has no type for: a text that begins so. No cell's own text holds a NUL.
TAGS = {"date": "\x00d", "datetime": "\x00s", "time": "\x00t", "duration": "\x00l"}


class Unreadable(ValueError):  # noqa: N818 - it reads as a sentence where it is raised
    """Say that one cell cannot be read; the text becomes a Problem: what is wrong, then what to do."""


@dataclass(frozen=True, slots=True)
class Places(Collection[tuple[int, int]]):
    """Cells by row and column from 1, kept as runs down their columns: a format that all of one has is one run."""

    runs: Mapping[int, Sequence[Sequence[int]]]  # by column: first and last row of each, from above down

    def __contains__(self, place: object) -> bool:
        row, column = place if isinstance(place, tuple) else (0, 0)
        runs = self.runs.get(column, ())
        at = bisect_right(runs, row, key=lambda run: run[0]) - 1
        return at >= 0 and bool(row <= runs[at][1])

    def __iter__(self) -> Iterator[tuple[int, int]]:
        for column, runs in self.runs.items():
            for first, last in runs:
                yield from ((row, column) for row in range(first, last + 1))

    def __len__(self) -> int:
        return sum(last - first + 1 for runs in self.runs.values() for first, last in runs)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a workbook shows or hides of a sheet that no value says. Rows and columns count from 1; a text has none.

    Formats that show a number as it is, or a date, are left out: what is left may name a currency, hide a sign or the
    whole cell, or show thousands.
    """

    hidden_rows: frozenset[int] = frozenset()  # by hand, by a filter, by an outline, of height 0
    hidden_columns: frozenset[int] = frozenset()  # of width 0 too
    merges: tuple[tuple[int, int, int, int], ...] = ()  # first row, first column, last row, last column
    # Number formats of cells that hold something: '[$€-2] #,##0.00' -> {(5, 3), (6, 3)}.
    formats: Mapping[str, Collection[tuple[int, int]]] = field(default_factory=dict)
    zero_formulas: Collection[tuple[int, int]] = frozenset()  # formulas whose stored value is 0
    active: bool = False  # the sheet that is in front when the file is opened
    filtered: bool = False  # a filter is on


@dataclass(frozen=True, slots=True)
class SheetCells:
    """All cells of one sheet. Rows may be of unequal length."""

    sheet: str
    first_row: int  # as the spreadsheet numbers it, from 1
    first_column: int  # A is 1
    rows: list[list[Cell]]
    # Cells that hold an error or a formula without a value, as "#DIV/0!" or "formula", by row and column from 1.
    faults: dict[tuple[int, int], str] = field(default_factory=dict)
    facts: Facts = field(default=Facts())
    # Its texts, small, many rows in one, as `texts.rows_holding` looks through them.
    said: list[str] = field(default_factory=list, init=False, repr=False, compare=False)


def column_letters(number: int) -> str:
    """Name a column as spreadsheets do: 1 is A, 27 is AA."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def column_number(letters: str) -> int:
    """Give a column its number: A is 1, AA is 27."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def untagged(cell: Cell) -> Cell:
    """Give a cell as it was before the child wrote it as text."""
    if not isinstance(cell, str) or not cell.startswith("\x00"):
        return cell
    tag, content = cell[:2], cell[2:]
    try:
        if tag == TAGS["date"]:
            return date.fromisoformat(content)
        if tag == TAGS["datetime"]:
            return datetime.fromisoformat(content)
        if tag == TAGS["time"]:
            return time.fromisoformat(content)
        return timedelta(seconds=float(content)) if tag == TAGS["duration"] else cell
    except (ValueError, OverflowError):  # a text made to look like ours
        return cell
