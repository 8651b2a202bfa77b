"""The process that parses. A file made to do harm can abort it, so it is never the bot's own process.

    python -m brought_forward.bot.sheet.file.child LIMITS

LIMITS is `rules.Limits` as JSON. The file comes on stdin; lines of JSON go to stdout, so that the parent takes one in
while the next is written: for each sheet an object, then arrays of its rows; then, by a sheet's place in the workbook,
what its values do not say; and an object with a reason where the file cannot be read after all:

    {"name": "Sheet1", "index": 0, "start": [0, 0]}
    [["00012", 12.5, true, "\u0000d2026-10-31"]]
    {"facts": {"faults": [[2, 1, "#DIV/0!"]], "hidden_rows": [3, 4], "merges": [[1, 1, 1, 3]]}, "index": 0}
    {"refused": "password"}

Text, numbers, booleans and empty cells ("") are JSON's own; what JSON has no type for is a text that begins as
`cells.TAGS` says, with a NUL, which no cell holds. `start` counts from 0, and so does `index`. Only visible sheets with
content are listed. Facts are named as in `cells.Facts` and count from 1; what is empty is left out. Formats and zero
formulas come as runs of rows by column: {"0%": {"5": [[2, 20001]]}}. It imports no pandas, so that it starts in 30 ms.
"""

import contextlib
import gc
import io
import json
import os
import sys
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

import python_calamine as calamine

from brought_forward.bot.sheet.cells import TAGS
from brought_forward.bot.sheet.file import biff, office_xml, xlsb
from brought_forward.bot.sheet.file.compound import with_known_name
from brought_forward.bot.sheet.file.delimited import text_rows
from brought_forward.bot.sheet.file.found import Found
from brought_forward.bot.sheet.file.guards import scan
from brought_forward.bot.sheet.file.kinds import COMPOUND, PARSED, ZIP, kind_of
from brought_forward.bot.sheet.file.open_document import as_written, packed
from brought_forward.bot.sheet.file.refused import Refused
from brought_forward.bot.sheet.file.web_page import table_rows
from brought_forward.bot.sheet.rules import Limits

try:
    import resource
except ImportError:  # Windows: the parent's time-out still holds
    resource = None  # type: ignore[assignment]

CHUNK = 2_000  # rows


def main(arguments: list[str]) -> None:
    """Set the limits, then parse what comes on stdin."""
    limits = Limits(**json.loads(arguments[0]))
    set_limits(limits.memory_bytes, limits.cpu_seconds)
    gc.disable()  # this process lives for one file, and counting its cells costs a fifth of the time
    for line in told(sys.stdin.buffer.read(), limits):
        sys.stdout.write(line)
    sys.stdout.flush()


def told(data: bytes, limits: Limits) -> Iterator[str]:
    """Give the answer line by line."""
    try:
        yield from cells_as_json(data, limits)
    except Refused as refusal:
        yield json.dumps({"refused": str(refusal)}) + "\n"
    except MemoryError:
        yield '{"refused": "memory"}\n'


def cells_as_json(data: bytes, limits: Limits) -> Iterator[str]:
    """Give the lines for a file that can be read; raises Refused for any other."""
    kind = kind_of(data)
    if kind == "flat_document":
        data, kind = packed(data), "workbook"
    if kind not in PARSED:
        raise Refused(kind)
    found = scan(data, limits) if data.startswith(ZIP) else {}  # before anything is laid out
    if data.startswith(COMPOUND):
        biff.workbook_stream(data)
        data = with_known_name(data)
    room = limits.output_bytes
    for line in _sheets_told(data, kind, limits):
        room -= len(line)
        if room < 0:
            raise Refused("large")
        yield line
    if room == limits.output_bytes:
        raise Refused("empty")
    for number, facts in (found or facts_of(data, limits)).items():  # while the parent takes in the rows
        if said := facts.told():
            yield json.dumps({"facts": said, "index": number}) + "\n"


def _sheets_told(data: bytes, kind: str, limits: Limits) -> Iterator[str]:
    for sheet in workbook_sheets(data, limits) if kind == "workbook" else text_sheets(data, kind, limits):
        rows = sheet.pop("rows")
        yield json.dumps(sheet) + "\n"
        for start in range(0, len(rows), CHUNK):
            yield json.dumps(rows[start : start + CHUNK], default=tagged) + "\n"


def facts_of(data: bytes, limits: Limits) -> dict[int, Found]:
    """Find what the values of a workbook do not say. Raises Refused."""
    if data.startswith(COMPOUND):
        return biff.facts_of(data, limits)
    return (office_xml.facts_of(data, limits) or xlsb.facts_of(data, limits)) if data.startswith(ZIP) else {}


def set_limits(memory_bytes: int, cpu_seconds: int) -> None:
    """Limit this process for good: address space, CPU time, no core file (it would hold client data)."""
    if resource is None:
        return
    wanted = (
        (resource.RLIMIT_CORE, 0, 0),
        (resource.RLIMIT_AS, memory_bytes, memory_bytes),
        (resource.RLIMIT_CPU, cpu_seconds, cpu_seconds + 1),
    )
    for limit, soft, hard in wanted:
        with contextlib.suppress(ValueError, OSError):  # a stricter one is set already, or macOS refuses
            resource.setrlimit(limit, (soft, hard))


def workbook_sheets(data: bytes, limits: Limits) -> Iterator[dict[str, Any]]:
    """Give each visible sheet that has content, in the workbook's order. Raises Refused."""
    try:
        book = _opened(data)
        for number, about in enumerate(book.sheets_metadata):
            if about.visible != calamine.SheetVisibleEnum.Visible or about.typ != calamine.SheetTypeEnum.WorkSheet:
                continue
            sheet = book.get_sheet_by_index(number)
            if sheet.start is None:
                continue
            if sheet.height > limits.rows:
                raise Refused("rows")
            if sheet.width > limits.columns:
                raise Refused("columns")
            rows = sheet.to_python(skip_empty_area=True)
            if has_content(rows):
                yield {"name": about.name, "index": number, "start": sheet.start, "rows": rows}
    except calamine.PasswordError as error:
        raise Refused("password") from error
    except (calamine.CalamineError, OSError) as error:
        raise Refused("damaged") from error


def _opened(data: bytes) -> calamine.CalamineWorkbook:
    try:
        return calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    except calamine.PasswordError:
        raise
    except calamine.CalamineError:
        written = as_written(data) if data.startswith(ZIP) else None
        if written is None:
            raise
        return calamine.CalamineWorkbook.from_filelike(io.BytesIO(written))


def text_sheets(data: bytes, kind: str, limits: Limits) -> Iterator[dict[str, Any]]:
    """Give the one sheet of a delimited text, or of a web page. Raises Refused."""
    rows: list[Any]
    rows, facts = table_rows(data, limits) if kind == "web_page" else (text_rows(data, limits.rows), {})
    if len(rows) > limits.rows:
        raise Refused("rows")
    if max(map(len, rows), default=0) > limits.columns:
        for row in rows:
            while row and row[-1] == "":  # separators past the last cell are not columns
                row.pop()
        if max(map(len, rows), default=0) > limits.columns:
            raise Refused("columns")
    if has_content(rows):
        yield {"name": "", "index": 0, "start": (0, 0), "rows": rows} | ({"facts": facts} if facts else {})


def has_content(rows: list[list[Any]]) -> bool:
    """Tell whether any cell holds more than white space."""
    return any(cell.strip() if isinstance(cell, str) else True for row in rows for cell in row)


@lru_cache(maxsize=1024)  # a column has few days, each many times
def tagged(value: object) -> str:
    """Write as a marked text what JSON has no type for; `cells.untagged` undoes it."""
    if isinstance(value, datetime):
        return TAGS["datetime"] + value.isoformat()
    if isinstance(value, date):
        return TAGS["date"] + value.isoformat()
    if isinstance(value, time):
        return TAGS["time"] + value.isoformat()
    if isinstance(value, timedelta):
        return TAGS["duration"] + str(value.total_seconds())
    raise TypeError(type(value).__name__)


if __name__ == "__main__":
    main(sys.argv[1:])
    os._exit(0)  # to free a sheet cell by cell takes a while, and somebody waits
