"""From bytes to cells, through a child process with limits."""

import json
import logging
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from typing import Any

from brought_forward.bot.errors import SheetError
from brought_forward.bot.sheet.cells import SheetCells
from brought_forward.bot.sheet.guards import Refused, Scan, scan
from brought_forward.bot.sheet.kinds import COMPOUND, PARSED, ZIP, kind_of
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

KEPT = {"SYSTEMROOT", "PATH"}  # of the environment: the child must not see our tokens


def parse(data: bytes, filename: str, limits: Limits) -> list[SheetCells]:
    """Give the cells of each visible sheet with content; for a text, of its one sheet, named as the file.

    Raises SheetError where the file cannot be read; this process outlives whatever the file does to the child.
    """
    kind = kind_of(data)
    answer: dict[str, Any] = {"refused": kind}
    found = Scan()
    if kind in PARSED:
        try:
            answer, found = _ask_child(data, kind, limits)
        except Refused as refusal:
            answer = {"refused": str(refusal)}
    if "refused" in answer:
        reason, _, line = answer["refused"].partition(":")
        raise SheetError(f"I can't read {filename}: {REASONS[reason].format(line)}")
    return [
        SheetCells(
            sheet["name"] or filename,
            sheet["start"][0] + 1,
            sheet["start"][1] + 1,
            sheet["rows"],
            found.faults.get(sheet["index"], {}),
        )
        for sheet in answer["sheets"]
    ]


def limits_for(data: bytes, limits: Limits) -> Limits:
    """Give the binary formats less memory: two cells far apart in them are found only by laying all between out."""
    binary = data.startswith(COMPOUND) or (data.startswith(ZIP) and b"xl/workbook.bin" in data)
    return replace(limits, memory_bytes=min(limits.memory_bytes, limits.binary_memory_bytes)) if binary else limits


def _ask_child(data: bytes, kind: str, limits: Limits) -> tuple[dict[str, Any], Scan]:
    """Run the child on the bytes while this process scans them; give its answer and what the scan found.

    The child's end by a signal or the clock is an answer too. Raises Refused where the scan refuses, and ends the
    child then: what it has made of the file so far is its own.
    """
    # -P: a csv.py or json.py in the working directory must not be imported in place of Python's
    command = [
        sys.executable,
        "-P",
        "-m",
        "brought_forward.bot.sheet.child",
        kind,
        json.dumps(asdict(limits_for(data, limits))),
    ]
    child = subprocess.Popen(  # noqa: S603 - no word of the file is in the command
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # a panic quotes cells
        env={name: value for name, value in os.environ.items() if name in KEPT},
    )
    with child, ThreadPoolExecutor(1) as beside:
        talk = beside.submit(child.communicate, data, limits.wall_seconds)
        try:
            found = scan(data, limits) if data.startswith(ZIP) else Scan()
            output = talk.result()[0]
        except subprocess.TimeoutExpired:
            return {"refused": "slow"}, Scan()
        finally:
            child.kill()
    if child.returncode == 0:
        return json.loads(output), found
    log.warning("reading ended rc=%d kind=%s bytes=%d", child.returncode, kind, len(data))
    return {"refused": _reason_of(child.returncode)}, found


def _reason_of(returncode: int) -> str:
    """Put a name to how the child ended: -6 is an abort (memory refused), -9 and -24 are the limits' signals."""
    return {-6: "memory", -9: "slow", -24: "slow"}.get(returncode, "failed")
