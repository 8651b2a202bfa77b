"""The store: everything that is kept, by subject, over one SQLite file."""

from contextlib import AbstractContextManager
from pathlib import Path

from sqlite_utils import Database

from brought_forward.storage.aliases import Aliases
from brought_forward.storage.answers import Answers
from brought_forward.storage.attachments import Attachments
from brought_forward.storage.batches import Batches
from brought_forward.storage.choices import Choices
from brought_forward.storage.corrections import Corrections
from brought_forward.storage.database import SqliteFile
from brought_forward.storage.decisions import Decisions
from brought_forward.storage.entries import Entries
from brought_forward.storage.findings import Findings
from brought_forward.storage.firm import Listings
from brought_forward.storage.groups import Groups
from brought_forward.storage.history import History
from brought_forward.storage.homes import Homes
from brought_forward.storage.inquiries import Inquiries
from brought_forward.storage.intake import Events
from brought_forward.storage.lines import Lines
from brought_forward.storage.originals import Originals
from brought_forward.storage.outbox import Messages
from brought_forward.storage.pace import Paces
from brought_forward.storage.purpose import Purpose
from brought_forward.storage.queue import Turns
from brought_forward.storage.replacements import Replacements
from brought_forward.storage.undo import Undoing
from brought_forward.storage.waiting import WaitingBatches
from brought_forward.storage.waits import Waits
from brought_forward.storage.wishes import Wishes


class Store:
    """Open the file, and make its tables where it is new. Raises OtherTables where it is of another version."""

    def __init__(self, path: Path) -> None:
        self._file = SqliteFile(path)
        self.batches = Batches(self._file)
        self.lines = Lines(self._file)
        self.entries = Entries(self._file)
        self.messages = Messages(self._file)
        self.attachments = Attachments(self._file)
        self.events = Events(self._file)
        self.listings = Listings(self._file)
        self.paces = Paces(self._file)
        self.answers = Answers(self._file)
        self.choices = Choices(self._file)
        self.decisions = Decisions(self._file)
        self.corrections = Corrections(self._file)
        self.aliases = Aliases(self._file)
        self.findings = Findings(self._file)
        self.history = History(self._file)
        self.replacements = Replacements(self._file)
        self.originals = Originals(self._file)
        self.groups = Groups(self._file)
        self.waiting = WaitingBatches(self._file)
        self.wishes = Wishes(self._file)
        self.homes = Homes(self._file)
        self.inquiries = Inquiries(self._file)
        self.turns = Turns(self._file)
        self.undoing = Undoing(self._file)
        self.purpose = Purpose(self._file)
        self.waits = Waits(self._file)
        self.clock = self._file.clock

    def transaction(self) -> AbstractContextManager[Database]:
        """Write several subjects' rows or none of them."""
        return self._file.transaction()

    def close(self) -> None:
        """Close the file in every thread."""
        self._file.close()
