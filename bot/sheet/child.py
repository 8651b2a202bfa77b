"""The process that parses. A file made to do harm can abort it, so it is never the bot's own process.

    python -m brought_forward.bot.sheet.child workbook|text MEMORY_BYTES CPU_SECONDS OUTPUT_BYTES

The file comes on stdin; one JSON object goes to stdout:

    {"sheets": [{"name": "Sheet1", "start": [0, 0], "rows": [["00012", 12.5, true, {"date": "2026-10-31"}]]}]}
    {"refused": "password"}

Text, numbers, booleans and empty cells ("") are JSON's own; {"date"}, {"datetime"} and {"time"} hold ISO text,
{"duration"} holds seconds. `start` counts from 0. Only visible sheets with content are listed. It imports no pandas,
so that it starts in 30 ms.
"""

import contextlib
import csv
import gc
import io
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any

import python_calamine as calamine

try:
    import resource
except ImportError:  # Windows: the parent's time-out still holds
    resource = None  # type: ignore[assignment]

DELIMITERS = "\t;|,"  # a comma stands in names and amounts too, so it comes last where two fit equally
SEPARATOR_LINE = re.compile(r"sep=([,;\t|])\r?\n", re.IGNORECASE)
BYTE_ORDER_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


class Refused(Exception):  # noqa: N818
    """Give up on the file; the text is one of the reasons that `parse.REASONS` puts into words."""


def main(arguments: list[str]) -> None:
    """Set the limits, then parse what comes on stdin."""
    kind, memory, cpu, output = arguments[0], *map(int, arguments[1:])
    set_limits(memory, cpu)
    gc.disable()  # this process lives for one file, and counting its cells costs a fifth of the time
    try:
        answer = cells_as_json(sys.stdin.buffer.read(), kind, output)
    except Refused as refusal:
        answer = json.dumps({"refused": str(refusal)})
    except MemoryError:
        answer = json.dumps({"refused": "memory"})
    sys.stdout.write(answer)


def cells_as_json(data: bytes, kind: str, output_bytes: int) -> str:
    """Give the answer for a file that can be read; raises Refused for any other."""
    sheets = list(workbook_sheets(data) if kind == "workbook" else text_sheets(data))
    if not sheets:
        raise Refused("empty")
    answer = json.dumps({"sheets": sheets}, default=tagged)
    if len(answer) > output_bytes:
        raise Refused("large")
    return answer


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


def workbook_sheets(data: bytes) -> Iterator[dict[str, Any]]:
    """Give each visible sheet that has content, in the workbook's order."""
    try:
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        for number, about in enumerate(book.sheets_metadata):
            if about.visible != calamine.SheetVisibleEnum.Visible or about.typ != calamine.SheetTypeEnum.WorkSheet:
                continue
            sheet = book.get_sheet_by_index(number)
            rows = sheet.to_python(skip_empty_area=True)
            if sheet.start is not None and has_content(rows):
                yield {"name": about.name, "start": sheet.start, "rows": rows}
    except calamine.PasswordError as error:
        raise Refused("password") from error
    except (calamine.CalamineError, OSError) as error:
        raise Refused("damaged") from error


def text_sheets(data: bytes) -> Iterator[dict[str, Any]]:
    """Give the one sheet of a delimited text. Its rows count as Excel shows them: blank ones too, "sep=" not."""
    text = decoded(data)
    told = SEPARATOR_LINE.match(text)
    if told:
        text = text[told.end() :]
    delimiter = told[1] if told else likely_delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        rows = list(reader)
    except csv.Error as error:
        raise Refused(f"quotes:{reader.line_num}") from error
    if has_content(rows):
        yield {"name": "", "start": (0, 0), "rows": rows}


def decoded(data: bytes) -> str:
    """Decode by the byte order mark, else as UTF-8, else as what Excel writes in the West."""
    encoding = next((name for mark, name in BYTE_ORDER_MARKS.items() if data.startswith(mark)), "utf-8")
    for attempt in (encoding, "cp1252"):
        with contextlib.suppress(UnicodeDecodeError):
            return data.decode(attempt)
    raise Refused("binary")


def likely_delimiter(text: str) -> str:
    """Choose the delimiter by which most of the first 200 rows are of one width, then of the greatest width.

    csv.Sniffer gives up on title rows over a semicolon file, and its patterns can take very long.
    """
    best, chosen = (0, 0), ","
    for delimiter in DELIMITERS:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        widths: Counter[int] = Counter()
        with contextlib.suppress(csv.Error):  # a field past csv's limit; the strict reader will say where
            widths.update(len(row) for row in islice(reader, 200))
        agreeing = max(((count, width) for width, count in widths.items() if width > 1), default=(0, 0))
        if agreeing > best:
            best, chosen = agreeing, delimiter
    return chosen


def has_content(rows: list[list[Any]]) -> bool:
    """Tell whether any cell holds more than white space."""
    return any(cell.strip() if isinstance(cell, str) else True for row in rows for cell in row)


def tagged(value: object) -> dict[str, str | float]:
    """Write as a JSON object what JSON has no type for."""
    if isinstance(value, datetime):
        return {"datetime": value.isoformat()}
    if isinstance(value, date):
        return {"date": value.isoformat()}
    if isinstance(value, time):
        return {"time": value.isoformat()}
    if isinstance(value, timedelta):
        return {"duration": value.total_seconds()}
    raise TypeError(type(value).__name__)


if __name__ == "__main__":
    main(sys.argv[1:])
