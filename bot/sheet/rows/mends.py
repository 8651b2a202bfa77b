"""A sheet of failing lines that comes back mended: which row of the first file each of its rows stands for."""

from dataclasses import replace

from brought_forward.bot.errors import SheetError
from brought_forward.bot.sheet.cells import Cell, SheetCells, column_letters
from brought_forward.bot.sheet.columns.header import Header
from brought_forward.bot.sheet.columns.headings import normal
from brought_forward.bot.sheet.rows.table import Row, column_of
from brought_forward.bot.sheet.texts import shown

HEADINGS = ("why it was left out", "row")  # the first two of bot.workbooks.FAILING, normalised


OURS = {"why it was left out", "suggestion"}  # what we wrote there says nothing of an amount


def without_our_words(cells: SheetCells, at: int) -> SheetCells:
    """Empty the columns in which we wrote to people, where the sheet is one of ours; `at` is the heading row's place.

    A reason such as "the matter is not billable" would else be read as what the sheet says against the line.
    """
    headings = [normal(cell) for cell in cells.rows[at]]
    if tuple(headings[:2]) != HEADINGS:
        return cells
    ours = {place for place, heading in enumerate(headings) if heading in OURS}
    below = [[None if place in ours else cell for place, cell in enumerate(row)] for row in cells.rows[at + 1 :]]
    return replace(cells, rows=[*cells.rows[: at + 1], *below])


def mends_of(rows: list[Row], cells: SheetCells, header: Header) -> tuple[tuple[int, int], ...]:
    """Pair each row with the row of the first file that it mends; nothing where the sheet is none of ours.

    Raises SheetError where a row does not say which, or two say the same.
    """
    if header.headings[:2] != HEADINGS:
        return ()
    letter = column_letters(cells.first_column + 1)
    said = dict(zip(range(header.row + 1, 1 << 30), column_of(cells, header, letter), strict=False))
    mends: dict[int, int] = {}
    for row in rows:
        origin = _number(said.get(row.number))
        if origin is None:
            raise SheetError(
                f"Row {row.number} does not say which line it mends: {letter}{row.number} should hold the number that"
                " I wrote there. Put it back, or drop a new line in a file of its own."
            )
        if origin in mends.values():
            raise SheetError(
                f"Line {origin} stands twice, the second time in row {row.number}. Keep one of them, and drop the file"
                " here again."
            )
        mends[row.number] = origin
    return tuple(mends.items())


def _number(cell: Cell) -> int | None:
    text = shown(cell).removesuffix(".0")  # as some programs write a whole number
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None
