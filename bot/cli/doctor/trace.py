"""What a test of one cent sends, written down before: one that is cut off is looked up and removed later."""

import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from brought_forward.storage.database import PRIVATE
from brought_forward.storage.records.batch import EntryForm


@dataclass(frozen=True, slots=True)
class Trace:
    """One test, as far as it is."""

    account: str  # the Clio account, "us:1234"
    matter: str  # its number
    matter_id: int
    user_id: int
    date: str
    note: str
    form: EntryForm = EntryForm.FLAT
    description_id: int = 0
    older: tuple[int, ...] = ()  # entries of the matter and description that were there before
    sent_at: float | None = None  # unix seconds; None: nothing was sent since all was removed
    clio_id: int | None = None  # of the entry, once it is known
    made: tuple[int, ...] = ()  # activity descriptions that the test has made


class TraceFile:
    """Keep the trace beside the database, for the account of the bot alone."""

    def __init__(self, database: Path) -> None:
        self.path = Path(f"{database}.probe")
        self.trace: Trace | None = self._read()

    def keep(self, trace: Trace) -> Trace:
        """Write a trace, on the disk before anything is sent. Raises OSError."""
        new = Path(f"{self.path}.new")
        with open(new, "w", opener=lambda path, flags: os.open(path, flags, PRIVATE)) as file:
            json.dump(asdict(trace), file)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self.path)
        self.trace = trace
        return trace

    def change(self, **more: Any) -> None:
        """Write what changed of the trace."""
        if self.trace:
            self.keep(replace(self.trace, **more))

    def clear(self) -> None:
        """Forget it: nothing of it stands in Clio."""
        with suppress(FileNotFoundError):
            self.path.unlink()
        self.trace = None

    def _read(self) -> Trace | None:
        try:
            kept = json.loads(self.path.read_text())
        except FileNotFoundError:
            return None
        lists = {name: tuple(kept[name]) for name in ("older", "made")}
        return Trace(**kept | lists | {"form": EntryForm(kept["form"])})
