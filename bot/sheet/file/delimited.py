"""Delimited texts: their encoding, their delimiter, their cells."""

import contextlib
import csv
import io
import re
from collections import Counter
from itertools import islice

from brought_forward.bot.sheet.file.kinds import encoding_of
from brought_forward.bot.sheet.file.refused import Refused

DELIMITERS = "\t;|,"  # a comma stands in names and amounts too, so it comes last where two fit equally
SEPARATOR_LINE = re.compile(r"sep=([^\s\"])\r?\n", re.IGNORECASE)
AS_TEXT = re.compile(r'="((?:[^"]|"")*)"')  # how programs keep Excel from eating zeros: ="00012"


def text_rows(data: bytes, most: int) -> list[list[str]]:
    """Give the rows of a delimited text, as Excel counts them: blank ones too, a first line "sep=;" not.

    Raises Refused where quotes do not end.
    """
    text = decoded(data)
    told = SEPARATOR_LINE.match(text)
    if told:
        text = text[told.end() :]
    delimiter = told[1] if told else likely_delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        rows = list(islice(reader, most + 1))
    except csv.Error as error:
        raise Refused(f"quotes:{reader.line_num}") from error
    if '="' in text:
        rows = [[unwrapped(cell) for cell in row] for row in rows]
    return rows


def unwrapped(cell: str) -> str:
    """Take ="00012" for the text 00012 that it shows."""
    told = AS_TEXT.fullmatch(cell.strip()) if cell.lstrip().startswith('="') else None
    return told[1].replace('""', '"') if told else cell


def decoded(data: bytes) -> str:
    """Decode by the byte order mark, as UTF-16 without one, else as UTF-8, else as what Excel writes in the West.

    Raises Refused where it is no text.
    """
    for attempt in (encoding_of(data) or "utf-8", "cp1252"):
        with contextlib.suppress(UnicodeDecodeError):
            return data.decode(attempt)
    raise Refused("binary")


def likely_delimiter(text: str) -> str:
    """Choose the delimiter by which most of the first 200 rows are of one width, then of the greatest width.

    csv.Sniffer gives up on title rows over a semicolon file, and its patterns can take very long.
    """
    best, chosen = (0, 0), ","
    for delimiter in (*DELIMITERS, "~", "^"):
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        widths: Counter[int] = Counter()
        with contextlib.suppress(csv.Error):  # a field past csv's limit; the strict reader will say where
            widths.update(len(row) for row in islice(reader, 200))
        agreeing = max(((count, width) for width, count in widths.items() if width > 1), default=(0, 0))
        if agreeing > best:
            best, chosen = agreeing, delimiter
    return chosen
