"""Let a pretend firm outlive its process: each change is a line of JSON in a file, written before it is answered."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Any, TextIO, get_type_hints

from brought_forward.sandbox.clio.firm import Firm, Table
from brought_forward.sandbox.clio.records import (
    ActivityDescription,
    Bill,
    Contact,
    Currency,
    Matter,
    Record,
    TimeEntry,
    User,
)

TABLES: dict[str, type[Record]] = {
    "currencies": Currency,
    "contacts": Contact,
    "users": User,
    "matters": Matter,
    "descriptions": ActivityDescription,
    "bills": Bill,
    "entries": TimeEntry,
}


class Journal:
    """The file of one firm. A line that a kill cut short was never answered, and is dropped."""

    def __init__(self, firm: Firm, path: Path) -> None:
        self._firm = firm
        whole = self._replay(path)
        path.touch(
            0o600
        )  # it holds names and amounts: for the account of this process alone, also where it stood there
        path.chmod(0o600)
        self._file: TextIO = path.open("a", encoding="utf-8")
        self._file.truncate(whole)
        for name in TABLES:
            table: Table[Any] = getattr(firm, name)
            table.on_change = partial(self._write, name)

    def _replay(self, path: Path) -> int:
        """Do all that the file says; return how many of its bytes are whole lines."""
        data = path.read_bytes() if path.exists() else b""
        whole = data.rfind(b"\n") + 1
        for line in data[:whole].splitlines():
            name, number, fields = json.loads(line)
            table: Table[Any] = getattr(self._firm, name)
            if fields is None:
                table.remove(number)
            else:
                table.restore(decode(TABLES[name], fields))
        return whole

    def _write(self, name: str, number: int, record: Record | None) -> None:
        with self._firm.lock:
            fields = None if record is None else dataclasses.asdict(record)
            self._file.write(json.dumps([name, number, fields], default=_plain) + "\n")
            self._file.flush()

    def close(self) -> None:
        """Close the file; the firm changes no more."""
        self._file.close()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(type(value))


def decode(kind: type[Record], fields: dict[str, Any]) -> Record:
    """Make a record from its fields as JSON has them."""
    hints = get_type_hints(kind)
    return kind(**{name: _read(hints[name], value) for name, value in fields.items()})


def _read(hint: Any, value: Any) -> Any:
    if value is None:
        return None
    if hint == Bill | None:
        return decode(Bill, value)
    reading: dict[Any, Callable[[Any], Any]] = {
        datetime: datetime.fromisoformat,
        date: date.fromisoformat,
        Decimal: Decimal,
        tuple[str, ...]: tuple,
    }
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint(value)
    return reading[hint](value) if hint in reading else value
