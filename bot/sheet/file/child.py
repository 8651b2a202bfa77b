"""The process that parses. A file made to do harm can abort it, so it is never the bot's own process.

    python -m brought_forward.bot.sheet.file.child workbook|text|web_page LIMITS

LIMITS is `rules.Limits` as JSON. The file comes on stdin; lines of JSON go to stdout, so that the parent takes one in
while the next is written: for each sheet an object, then arrays of its rows, and an object with a reason where the
file cannot be read after all:

    {"name": "Sheet1", "index": 0, "start": [0, 0]}
    [["00012", 12.5, true, "\u0000d2026-10-31"]]
    {"refused": "password"}

Text, numbers, booleans and empty cells ("") are JSON's own; what JSON has no type for is a text that begins as
`cells.TAGS` says, with a NUL, which no cell holds. `start` counts from 0, and so does `index`, the sheet's place in
the workbook. Only visible sheets with content are listed. It imports no pandas, so that it starts in 30 ms.
"""

import contextlib
import gc
import io
import json
import os
import sys
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

import python_calamine as calamine

from brought_forward.bot.sheet.cells import TAGS
from brought_forward.bot.sheet.file.delimited import text_rows
from brought_forward.bot.sheet.file.guards import Refused
from brought_forward.bot.sheet.file.web_page import table_rows
from brought_forward.bot.sheet.rules import Limits

try:
    import resource
except ImportError:  # Windows: the parent's time-out still holds
    resource = None  # type: ignore[assignment]

CHUNK = 2_000  # rows


def main(arguments: list[str]) -> None:
    """Set the limits, then parse what comes on stdin."""
    kind, limits = arguments[0], Limits(**json.loads(arguments[1]))
    set_limits(limits.memory_bytes, limits.cpu_seconds)
    gc.disable()  # this process lives for one file, and counting its cells costs a fifth of the time
    for line in told(sys.stdin.buffer.read(), kind, limits):
        sys.stdout.write(line)
    sys.stdout.flush()


def told(data: bytes, kind: str, limits: Limits) -> Iterator[str]:
    """Give the answer line by line."""
    try:
        yield from cells_as_json(data, kind, limits)
    except Refused as refusal:
        yield json.dumps({"refused": str(refusal)}) + "\n"
    except MemoryError:
        yield '{"refused": "memory"}\n'


def cells_as_json(data: bytes, kind: str, limits: Limits) -> Iterator[str]:
    """Give the lines for a file that can be read; raises Refused for any other."""
    room = limits.output_bytes
    for sheet in workbook_sheets(data, limits) if kind == "workbook" else text_sheets(data, kind, limits):
        rows = sheet.pop("rows")
        yield json.dumps(sheet) + "\n"
        for start in range(0, len(rows), CHUNK):
            line = json.dumps(rows[start : start + CHUNK], default=tagged) + "\n"
            room -= len(line)
            if room < 0:
                raise Refused("large")
            yield line
    if room == limits.output_bytes:
        raise Refused("empty")


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
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
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


def text_sheets(data: bytes, kind: str, limits: Limits) -> Iterator[dict[str, Any]]:
    """Give the one sheet of a delimited text, or of a web page. Raises Refused."""
    rows = table_rows(data, limits) if kind == "web_page" else text_rows(data, limits.rows)
    if len(rows) > limits.rows:
        raise Refused("rows")
    if max(map(len, rows), default=0) > limits.columns:
        for row in rows:
            while row and row[-1] == "":  # separators past the last cell are not columns
                row.pop()
        if max(map(len, rows), default=0) > limits.columns:
            raise Refused("columns")
    if has_content(rows):
        yield {"name": "", "index": 0, "start": (0, 0), "rows": rows}


def has_content(rows: list[list[Any]]) -> bool:
    """Tell whether any cell holds more than white space."""
    return any(cell.strip() if isinstance(cell, str) else True for row in rows for cell in row)


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
