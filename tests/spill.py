"""Tokens stand nowhere: in no log, database, engine's file, workbook or message that a test leaves."""

import io
import logging
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SECRETS: set[str] = set()  # of every world that was made
_said: list[str] = []


class Listening(logging.Handler):
    """Hear every record of the process, whatever its level, with its traceback."""

    def emit(self, record: logging.LogRecord) -> None:
        if not record.name.startswith(("brought_forward.sandbox", "werkzeug")):  # they play Slack's and Clio's part
            text = (self.formatter or logging.Formatter()).format(record)
            _said.extend(f"log {record.name}: {secret}" for secret in SECRETS if secret in text)


def heard() -> list[str]:
    """Give what was logged that must not be, and forget it."""
    found = _said[:]
    _said.clear()
    return found


def spilt(folder: Path, slack: Any) -> Iterator[str]:
    """Name where a secret stands: in a file below the folder, or in what the bot sent to Slack."""
    for file in folder.rglob("*"):
        if file.is_file() and file.suffix != ".key":
            data = file.read_bytes()
            yield from (f"{file.name}: {secret}" for secret in SECRETS if secret.encode() in data)
    for sent in slack.workspace.files.values():
        if sent.user == slack.bot.id:
            text = _unpacked(sent.data)
            yield from (f"{sent.name}: {secret}" for secret in SECRETS if secret.encode() in text)
    for call in slack.calls:
        said = str({name: value for name, value in call.args.items() if name != "token"})
        yield from (f"{call.method}: {secret}" for secret in SECRETS if secret in said)


def _unpacked(data: bytes) -> bytes:
    if not data.startswith(b"PK"):
        return data
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        return b"".join(book.read(name) for name in book.namelist())
