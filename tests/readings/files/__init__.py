"""Files as programs write them: delimited text, web pages, xlsx and ods."""

import random

from readings.book import Book
from readings.files import ods, text, xlsx
from readings.grid import lay_out
from readings.style import Style

ENDINGS = {"xlsx": "xlsx", "csv": "csv", "ods": "ods", "html": "xls"}


def write(book: Book, kind: str, style: Style, dice: random.Random) -> bytes:
    """Write a book as a file of a kind."""
    grids = [lay_out(page) for page in book.pages]
    if kind == "xlsx":
        return xlsx.workbook(grids, style, active=book.active)
    if kind == "ods":
        return ods.workbook(grids, style)
    if kind == "html":
        return text.web_page(grids[0], style)
    return text.delimited(grids[0], style, dice, plain=not book.odd_text, loose=book.loose)
