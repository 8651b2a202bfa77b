"""From bytes to cells, through a child process with limits."""

import contextlib
import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from threading import BoundedSemaphore, Timer
from typing import IO, Any

from brought_forward.bot.errors import SheetError
from brought_forward.bot.sheet.cells import Facts, Places, SheetCells
from brought_forward.bot.sheet.file import collector
from brought_forward.bot.sheet.file.kinds import COMPOUND, ZIP
from brought_forward.bot.sheet.file.refused import Refused
from brought_forward.bot.sheet.rules import Limits

log = logging.getLogger(__name__)

SMALLER = "Copy the rows with balances into a new workbook and drop that here."
AS_XLSX = "Open it in Excel, save it as .xlsx and drop that here."
EXPORT = "Export the balances as Excel or CSV and drop that here."
REASONS = {
    "empty": "there is nothing in it. Check the export and drop the file again.",
    "password": "it is password-protected. Save a copy without the password and drop it here.",
    "old_excel": f"it is an Excel sheet of the kind before 1995. {AS_XLSX}",
    "no_table": f"it is a web page without a table. {EXPORT}",
    "web_archive": f"it is a web archive with the name of a spreadsheet. {AS_XLSX}",
    "xml_sheet": f"it is an XML spreadsheet of Excel 2003. {AS_XLSX}",
    "numbers": "it is a Numbers document. In Numbers choose File, Export To, Excel, and drop that file here.",
    "google": "it is only a link to Google. In Google Sheets choose File, Download, Microsoft Excel (.xlsx), and drop"
    " that file here.",
    "microsoft": "it is only a link to OneDrive or SharePoint. Open it, choose File, Save As, Download a Copy, and"
    " drop that file here.",
    "link": "it is only a link. Open it, download the sheet as .xlsx, and drop that file here.",
    "json": f"it is JSON, data for programs. {EXPORT}",
    "document": "it is a document or a presentation, not a spreadsheet. Copy its table into an Excel workbook and drop"
    " that here.",
    "archive": "it is a zip archive. Unpack it and drop the spreadsheet itself here.",
    "pdf": f"it is a PDF. {EXPORT}",
    "picture": f"it is a picture. {EXPORT}",
    "binary": "it is neither an Excel workbook nor a CSV file. Export the balances as one of these and drop that here.",
    "damaged": f"it is not an Excel workbook, or it is damaged. {AS_XLSX}",
    "entries": f"it is packed of more parts than a workbook has. {SMALLER}",
    "ratio": f"unpacked, it is over a hundred times its size. {SMALLER}",
    "unpacked": f"unpacked, it is larger than a sheet of balances may be. {SMALLER}",
    "far": f"it has cells far outside of where balances stand. {SMALLER}",
    "entities": f"it holds instructions that no workbook needs. {SMALLER}",
    "rows": f"it has more than 50,000 rows. {SMALLER} Several files can be dropped one after the other.",
    "columns": f"it has more than 200 columns. {SMALLER}",
    "memory": f"unpacked, it takes more memory than a sheet of balances may. {SMALLER}",
    "large": f"it has far more in it than a sheet of balances. {SMALLER}",
    "slow": f"reading it takes too long. {SMALLER}",
    "failed": f"reading it failed. {AS_XLSX}",
    "quotes": "the quotation marks around line {} do not close. Correct that line, or save the sheet as .xlsx.",
}

# Of the whole process, whoever drops files where: together they take 1.5 GiB at most, as `Limits.memory_bytes` says.
CHILDREN = 2
_AT_ONCE = BoundedSemaphore(CHILDREN)

KEPT = {"SYSTEMROOT", "PATH"}  # of the environment: the child must not see our tokens


def parse(data: bytes, filename: str, limits: Limits) -> list[SheetCells]:
    """Give the cells of each visible sheet with content; for a text, of its one sheet, named as the file.

    Raises SheetError where the file cannot be read; this process outlives whatever the file does to the child.
    """
    try:
        with _AT_ONCE:
            sheets = _ask_child(data, limits)
    except Refused as refusal:
        reason, _, line = str(refusal).partition(":")
        raise SheetError(f"I can't read {filename}: {REASONS[reason].format(line)}") from refusal
    return cells_of(sheets, filename)


def cells_of(sheets: list[dict[str, Any]], filename: str) -> list[SheetCells]:
    """Make cells of what the child told of each sheet."""
    return [
        SheetCells(
            sheet["name"] or filename,
            sheet["start"][0] + 1,
            sheet["start"][1] + 1,
            sheet["rows"],
            {(row, column): fault for row, column, fault in sheet["facts"].get("faults", ())},
            facts_of(sheet["facts"]),
        )
        for sheet in sheets
    ]


def facts_of(said: dict[str, Any]) -> Facts:
    """Undo `found.Found.told`."""
    return Facts(
        hidden_rows=frozenset(said.get("hidden_rows", ())),
        hidden_columns=frozenset(said.get("hidden_columns", ())),
        merges=tuple((top, left, bottom, right) for top, left, bottom, right in said.get("merges", ())),
        formats={code: _places(runs) for code, runs in said.get("formats", {}).items()},
        zero_formulas=_places(said.get("zero_formulas", {})),
        active=bool(said.get("active")),
        filtered=bool(said.get("filtered")),
    )


def _places(runs: dict[str, list[list[int]]]) -> Places:
    return Places({int(column): found for column, found in runs.items()})


def limits_for(data: bytes, limits: Limits) -> Limits:
    """Give the binary formats less memory: two cells far apart in them are found only by laying all between out."""
    binary = data.startswith(COMPOUND) or (data.startswith(ZIP) and b"xl/workbook.bin" in data)
    return replace(limits, memory_bytes=min(limits.memory_bytes, limits.binary_memory_bytes)) if binary else limits


def _ask_child(data: bytes, limits: Limits) -> list[dict[str, Any]]:
    """Run the child on the bytes and give the sheets that it told.

    Raises Refused where it refuses, and where it ended by a signal or the clock; ends the child in any case. The file
    costs this process no more than its bytes: what it is, unpacks to and holds is for the child to find out.
    """
    # -P: a csv.py or json.py in the working directory must not be imported in place of Python's
    command = [
        sys.executable,
        "-P",
        "-m",
        "brought_forward.bot.sheet.file.child",
        json.dumps(asdict(limits_for(data, limits))),
    ]
    child = subprocess.Popen(  # noqa: S603 - no word of the file is in the command
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # a panic quotes cells
        env={name: value for name, value in os.environ.items() if name in KEPT},
    )
    clock = Timer(limits.wall_seconds, child.kill)
    clock.start()
    with child, ThreadPoolExecutor(1) as beside:
        try:
            beside.submit(_feed, child.stdin, data)
            heard = _hear(child.stdout)
            ended = child.wait()
            if not clock.is_alive():
                raise Refused("slow")
        finally:
            clock.cancel()
            child.kill()
    if ended:
        log.warning("reading ended rc=%d bytes=%d", ended, len(data))
        raise Refused(_reason_of(ended))
    return sheets_told(heard)


def _feed(stdin: IO[bytes] | None, data: bytes) -> None:
    """Write the file to the child; one that has ended takes no more."""
    with contextlib.suppress(OSError), stdin or contextlib.nullcontext() as pipe:
        if pipe:
            pipe.write(data)


def _hear(stdout: IO[bytes] | None) -> list[Any]:
    """Take in what the child writes, line by line; a line that was cut off is a refusal."""
    heard = []
    for line in stdout or ():
        try:
            with collector.waiting():
                heard.append(json.loads(line))
        except ValueError:
            heard.append({"refused": "failed"})
    return heard


def sheets_told(heard: Iterable[Any]) -> list[dict[str, Any]]:
    """Put the lines of the child together, each sheet with its rows. Raises Refused where the child did."""
    sheets: list[dict[str, Any]] = []
    for said in heard:
        if isinstance(said, list):
            sheets[-1]["rows"] += said
        elif "refused" in said:
            raise Refused(said["refused"])
        elif "start" not in said:
            for sheet in sheets:
                sheet["facts"] |= said["facts"] if sheet["index"] == said["index"] else {}
        else:
            sheets.append({"facts": {}} | said | {"rows": []})
    return sheets


def _reason_of(returncode: int) -> str:
    """Put a name to how the child ended: -6 is an abort (memory refused), -9 and -24 are the limits' signals."""
    return {-6: "memory", -9: "slow", -24: "slow"}.get(returncode, "failed")
