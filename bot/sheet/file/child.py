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
from threading import Thread
from typing import Any

import python_calamine as calamine

from brought_forward.bot.sheet.cells import TAGS
from brought_forward.bot.sheet.file.delimited import text_rows
from brought_forward.bot.sheet.file.found import Found
from brought_forward.bot.sheet.file.guards import scan
from brought_forward.bot.sheet.file.kinds import PARSED, ZIP, kind_of
from brought_forward.bot.sheet.file.office_xml import facts_of
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
    if kind not in PARSED:
        raise Refused(kind)
    found = scan(data, limits) if data.startswith(ZIP) else {}  # before anything is laid out
    beside = Beside(data, found, limits)
    beside.start()
    room = limits.output_bytes
    for line in _sheets_told(data, kind, limits):
        room -= len(line)
        if room < 0:
            raise Refused("large")
        yield line
    if room == limits.output_bytes:
        raise Refused("empty")
    for number, facts in beside.ended().items():
        if said := facts.told():
            yield json.dumps({"facts": said, "index": number}) + "\n"


def _sheets_told(data: bytes, kind: str, limits: Limits) -> Iterator[str]:
    for sheet in workbook_sheets(data, limits) if kind == "workbook" else text_sheets(data, kind, limits):
        rows = sheet.pop("rows")
        yield json.dumps(sheet) + "\n"
        for start in range(0, len(rows), CHUNK):
            yield json.dumps(rows[start : start + CHUNK], default=tagged) + "\n"


class Beside(Thread):
    """Find what values do not say while calamine lays out the cells, which it does without the interpreter's lock."""

    def __init__(self, data: bytes, found: dict[int, Found], limits: Limits) -> None:
        super().__init__(daemon=True)
        self._data, self._found, self._limits = data, found, limits
        self._error: BaseException | None = None

    def run(self) -> None:
        """Read the file a second time; what goes wrong is kept for `ended`."""
        try:
            if self._data.startswith(ZIP):
                self._found |= facts_of(self._data, self._limits)
        except (Refused, MemoryError) as error:
            self._error = error

    def ended(self) -> dict[int, Found]:
        """Wait, then give the facts of each sheet by its place. Raises Refused, MemoryError."""
        self.join()
        if self._error:
            raise self._error
        return self._found


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
