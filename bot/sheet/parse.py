"""From bytes to cells, through a child process with limits."""

import json
import logging
import os
import subprocess
import sys
from datetime import date, datetime, time, timedelta
from typing import Any

from brought_forward.bot.errors import SheetError
from brought_forward.bot.sheet.cells import Cell, SheetCells
from brought_forward.bot.sheet.kinds import kind_of
from brought_forward.bot.sheet.rules import Limits

log = logging.getLogger(__name__)

SMALLER = "Copy the rows with balances into a new workbook and drop that here."
AS_XLSX = "Open it in Excel, save it as .xlsx and drop that here."
REASONS = {
    "empty": "there is nothing in it. Check the export and drop the file again.",
    "password": "it is password-protected. Save a copy without the password and drop it here.",
    "old_excel": f"it is an Excel workbook of the kind before 2007. {AS_XLSX}",
    "web_page": f"it is a web page with the name of a spreadsheet. {AS_XLSX}",
    "pdf": "it is a PDF. Export the balances as Excel or CSV and drop that here.",
    "picture": "it is a picture. Export the balances as Excel or CSV and drop that here.",
    "binary": "it is neither an Excel workbook nor a CSV file. Export the balances as one of these and drop that here.",
    "damaged": f"it is not an Excel workbook, or it is damaged. {AS_XLSX}",
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
    if kind in {"workbook", "text"}:
        answer = _ask_child(data, kind, limits)
    if "refused" in answer:
        reason, _, line = answer["refused"].partition(":")
        raise SheetError(f"I can't read {filename}: {REASONS[reason].format(line)}")
    return [
        SheetCells(sheet["name"] or filename, sheet["start"][0] + 1, sheet["start"][1] + 1, sheet["rows"])
        for sheet in answer["sheets"]
    ]


def _ask_child(data: bytes, kind: str, limits: Limits) -> dict[str, Any]:
    """Run the child on the bytes and give its answer; its end by a signal or the clock is an answer too."""
    numbers = (limits.memory_bytes, limits.cpu_seconds, limits.output_bytes)
    # -P: a csv.py or json.py in the working directory must not be imported in place of Python's
    command = [sys.executable, "-P", "-m", "brought_forward.bot.sheet.child", kind, *map(str, numbers)]
    try:
        ended = subprocess.run(  # noqa: S603 - no word of the file is in the command
            command,
            input=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # a panic quotes cells
            env={name: value for name, value in os.environ.items() if name in KEPT},
            timeout=limits.wall_seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {"refused": "slow"}
    if ended.returncode == 0:
        answer: dict[str, Any] = json.loads(ended.stdout, object_hook=_untagged)
        return answer
    log.warning("reading ended rc=%d kind=%s bytes=%d", ended.returncode, kind, len(data))
    return {"refused": _reason_of(ended.returncode)}


def _reason_of(returncode: int) -> str:
    """Put a name to how the child ended: -6 is an abort (memory refused), -9 and -24 are the limits' signals."""
    return {-6: "memory", -9: "slow", -24: "slow"}.get(returncode, "failed")


def _untagged(value: dict[str, Any]) -> Cell | dict[str, Any]:
    """Undo `child.tagged`."""
    if len(value) != 1:
        return value
    ((tag, content),) = value.items()
    match tag:
        case "date":
            return date.fromisoformat(content)
        case "datetime":
            return datetime.fromisoformat(content)
        case "time":
            return time.fromisoformat(content)
        case "duration":
            return timedelta(seconds=content)
        case _:
            return value
