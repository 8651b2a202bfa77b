"""Texts of cells: cleaned of what cannot be seen, matter numbers kept exactly."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import chain

from brought_forward.bot.sheet.cells import Cell, SheetCells, Unreadable, untagged

MATTER_LENGTH = 255
PIECE = 100  # rows that are looked through at once
DIGITS_KEPT = 15  # of a number, by Excel and by a float alike
LINE_BREAKS = re.compile("[\t\n\x0b\x0c\r\x85\u2028\u2029]+")
UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
SCIENTIFIC = re.compile(r"[0-9](?:[.,][0-9]+)?E\+[0-9]{2,3}")  # what Excel shows and exports for a long number
_MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
EXCEL_DAY = re.compile(rf"[0-9]{{1,2}}-{_MONTH}(?:-[0-9]{{2}})?|{_MONTH}-[0-9]{{2}}")  # what it shows for 1-2
DAY_LENGTH = len("31-Jan-26")  # of the longest of these
AS_TEXT = "Format the column as Text and type the number again."


def clean(text: str) -> str:
    """Drop control, bidi and zero-width characters; a line break becomes a space; outer white space goes."""
    if text.isprintable():
        return text.strip()
    return UNSEEN.sub("", LINE_BREAKS.sub(" ", text)).strip()


def cleaned(cells: list[Cell]) -> list[Cell]:
    """Clean the texts of a column; None where nothing can be seen in a cell."""
    return [
        ((cell.strip() or None) if cell.isprintable() else _unprintable(cell)) if isinstance(cell, str) else cell
        for cell in cells
    ]


@lru_cache(maxsize=1024)  # a column has few days, each many times
def _unprintable(text: str) -> Cell:
    return untagged(text) if text[0] == "\x00" else clean(text) or None


def texts_holding(parts: Sequence[str], texts: Sequence[str]) -> set[int]:
    """Give the places of the texts that hold one of the parts, whatever its case; parts are written small.

    Few texts do, so that many are looked through at once: what is dear is then asked of those alone.
    """
    found: set[int] = set()
    for start in range(0, len(texts), PIECE):
        piece = texts[start : start + PIECE]
        if _hold(parts, " ".join(piece).casefold()):
            found.update(start + at for at, text in enumerate(piece) if _hold(parts, text.casefold()))
    return found


def rows_holding(parts: Sequence[str], cells: SheetCells, first: int = 0) -> set[int]:
    """Give the places of the rows, counted from the `first` on, in which a text holds one of the parts."""
    rows = cells.rows
    if not cells.said:
        cells.said.extend(_texts_of(chain.from_iterable(rows[at : at + PIECE])) for at in range(0, len(rows), PIECE))
    held = [at * PIECE for at, said in enumerate(cells.said) if _hold(parts, said)]
    places = chain.from_iterable(range(max(at, first), min(at + PIECE, len(rows))) for at in held)
    return {at - first for at in places if _hold(parts, _texts_of(rows[at]))}


def _texts_of(cells: Iterable[Cell]) -> str:
    return " ".join([cell for cell in cells if isinstance(cell, str)]).casefold()


def _hold(parts: Sequence[str], text: str) -> bool:
    return any(part in text for part in parts)


def shown(cell: Cell) -> str:
    """Write any cell as a text, for a sentence or a note."""
    match cell:
        case str():
            text = clean(cell)
        case bool():
            text = str(cell).upper()
        case int() | float():
            text = format(cell, ".15g")
        case datetime():
            text = cell.isoformat(" ")
        case date() | time():
            text = cell.isoformat()
        case timedelta() | None:
            text = "" if cell is None else str(cell)
    return text


def digest(text: str, length: int = 16) -> str:
    """Tell a text apart from others by a few hexadecimal signs, the same in every process."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:length]


def clipped(text: str, length: int = 40) -> str:
    """Shorten a text for a sentence."""
    return text if len(text) <= length else f"{text[: length - 1]}…"


def matter_text(cell: Cell) -> str:
    """Give a matter number as it is typed; a whole number 12 is "12".

    Raises Unreadable where Excel has made something else of it, or where it is too long.
    """
    match cell:
        case str():
            return _typed_matter(clean(cell))
        case bool():
            what = f"the logical value {shown(cell)}"
        case int() | float() if not abs(cell) < 10**DIGITS_KEPT:
            raise Unreadable(
                f"this matter number has more than {DIGITS_KEPT} digits, and Excel keeps no more. {AS_TEXT}"
            )
        case int() | float() if cell == int(cell):
            return str(int(cell))
        case int() | float():
            what = f"the number {shown(cell)}"
        case _:
            what = f"the {_name_of(cell)} {shown(cell)}"
    raise Unreadable(f"Excel has changed this matter number into {what}. {AS_TEXT}")


def _typed_matter(text: str) -> str:
    if "E+" in text and SCIENTIFIC.fullmatch(text):
        raise Unreadable(f"Excel has changed this matter number into {text}. {AS_TEXT}")
    if len(text) <= DAY_LENGTH and EXCEL_DAY.fullmatch(text):
        raise Unreadable(f"Excel has changed this matter number into the date {text}. {AS_TEXT}")
    if len(text) > MATTER_LENGTH:
        raise Unreadable(f"this matter number is longer than {MATTER_LENGTH} characters. Correct it in the sheet.")
    return text


def _name_of(cell: Cell) -> str:
    return "date" if isinstance(cell, date) else "time"
