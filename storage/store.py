"""The store: everything that is kept, by subject, over one SQLite file or one PostgreSQL database."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from brought_forward.storage.attachments import Attachments
from brought_forward.storage.audit import Audit
from brought_forward.storage.backup import copy_first
from brought_forward.storage.batches import Batches
from brought_forward.storage.choices import Choices
from brought_forward.storage.connections import Connections
from brought_forward.storage.database import LONGEST, Database
from brought_forward.storage.decisions import Decisions
from brought_forward.storage.digests import Digests
from brought_forward.storage.doctor_requests import DoctorRequests
from brought_forward.storage.duties import Duties
from brought_forward.storage.entries import Entries
from brought_forward.storage.findings import Findings, OpenNames
from brought_forward.storage.firm import Aliases, Answers, Groups, Listings
from brought_forward.storage.firms import Firms
from brought_forward.storage.forms import Forms
from brought_forward.storage.gauges import Gauges
from brought_forward.storage.history import History
from brought_forward.storage.holders import Holders
from brought_forward.storage.homes import Homes
from brought_forward.storage.inquiries import Inquiries
from brought_forward.storage.intake import Events, Wishes
from brought_forward.storage.keys import Keys
from brought_forward.storage.lines import Corrections, Lines
from brought_forward.storage.move import moved_to
from brought_forward.storage.open_items import OpenItems
from brought_forward.storage.outbox import Messages
from brought_forward.storage.pace import Paces
from brought_forward.storage.place import Place, PostgresUrl
from brought_forward.storage.postgres import PostgresDatabase
from brought_forward.storage.queries import Queries
from brought_forward.storage.queue import Turns, WaitingBatches
from brought_forward.storage.records.batch import BatchStatus
from brought_forward.storage.records.entry import EntryState
from brought_forward.storage.replacements import Copies, Replacements
from brought_forward.storage.retention import Retention
from brought_forward.storage.sign_in_requests import SignInRequests
from brought_forward.storage.sqlite_file import SqliteFile
from brought_forward.storage.stand_ins import StandIns
from brought_forward.storage.undo import Undoing
from brought_forward.storage.uploads import Originals

# By table and column: each instant that says when something is to be done again.
RETRIES = (("message", "next_at"), ("home", "due_at"), ("wish", "next_at"), ("inquiry", "next_at"),
           ("seen_event", "next_at"))  # fmt: skip


class Store:
    """Open the database, and make its tables where it is new. An older file is copied, then brought forward.

    Raises OtherTables where no step leads on from its tables, Unsound where a file cannot be copied, and Unfit where
    PostgreSQL is not there or not as it must be.

    `keys` are the environment's, which seal tokens; without any, those of the file beside an SQLite file do.
    """

    def __init__(self, place: Place, keys: Sequence[str] = ()) -> None:
        self._file: Database
        if isinstance(place, PostgresUrl):
            self._file = PostgresDatabase(place)
            self.keys = Keys(None, keys)
        else:
            self._file = SqliteFile(place, copy_first)
            self.keys = Keys(Path(f"{place}.key"), keys)
        self.firms = Firms(self._file, self.keys)
        self.connections = Connections(self._file, self.keys)
        self.sign_in_requests = SignInRequests(self._file)
        self.doctor_requests = DoctorRequests(self._file)
        self.holders = Holders(self._file)
        self.duties = Duties(self._file)
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
        self.audit = Audit(self._file)
        self.retention = Retention(self._file)
        self.corrections = Corrections(self._file)
        self.aliases = Aliases(self._file)
        self.findings = Findings(self._file)
        self.names = OpenNames(self._file)
        self.history = History(self._file)
        self.forms = Forms(self._file)
        self.open_items = OpenItems(self._file)
        self.queries = Queries(self._file)
        self.replacements = Replacements(self._file)
        self.copies = Copies(self._file)
        self.originals = Originals(self._file)
        self.stand_ins = StandIns(self._file)
        self.groups = Groups(self._file)
        self.waiting = WaitingBatches(self._file)
        self.wishes = Wishes(self._file)
        self.homes = Homes(self._file)
        self.digests = Digests(self._file)
        self.inquiries = Inquiries(self._file)
        self.turns = Turns(self._file)
        self.undoing = Undoing(self._file)
        self.gauges = Gauges(self._file)
        self.clock = self._file.clock

    def epoch(self) -> str:
        """Name the life of the database: in another one, what was committed in the last may be lost."""
        return self._file.epoch()

    def epoch_seen(self) -> float:
        """Tell when this process first met that life, by `time.monotonic`."""
        return self._file.epoch_seen()

    def transaction(self) -> AbstractContextManager[Any]:
        """Write several subjects' rows or none of them."""
        return self._file.transaction()

    def settle_purpose(self, *, practice: bool) -> bool:
        """Say what the file is for, real books or a rehearsal, where nobody has yet; tell whether it is for this."""
        with self._file.transaction():
            self._file.change(
                "INSERT INTO purpose (practice) SELECT ? WHERE NOT EXISTS (SELECT 1 FROM purpose)", (int(practice),)
            )
            return bool(self._file.value("SELECT practice FROM purpose")) is practice

    def moved_to(self) -> str | None:
        """Name the PostgreSQL that the file was moved to. Returns None where it was not."""
        return moved_to(self._file)

    def begin_life(self, *, settle: float, second_look: float, window: float) -> None:
        """Put the instants of the process before right; all in seconds, as the process that calls this waits for them.

        Between two lives the machine's clock may have been set, and nothing tells by how much. What waits too long
        loses time only, so it is drawn near. A claim without an answer settles anew: to look too early could double it.
        A try that is further off than any pause was put there by another clock, so its pause is over as far as anybody
        knows: it is made now.
        """
        clock = self._file.clock
        with self._file.transaction():
            self._file.change(
                "UPDATE entry SET look_at = ? WHERE state = ?", (clock.stamp(after=settle), EntryState.SENDING)
            )
            self._draw_near("reversal", "look_at", clock.stamp(after=second_look))
            for table, column in RETRIES:
                self._draw_near(table, column, clock.stamp(), beyond=clock.stamp(after=LONGEST))
            self._draw_near("message", "shown_at", clock.stamp())
            for table in ("seen_event", "wish"):
                self._draw_near(table, "silent_since", clock.stamp())
            self._file.change("DELETE FROM pace WHERE connection LIKE '%:new-%'")  # sign-ins that nobody came to know
            # What Clio forbade may be granted by now, and a token may be another's.
            self._file.change("UPDATE batch SET halt = NULL, halt_text = NULL WHERE status = ?", (BatchStatus.READING,))
            for column in ("window_end", "next_at", "closed_until", "run_at"):
                self._draw_near("pace", column, clock.now().timestamp() + window)

    def _draw_near(self, table: str, column: str, to: str | float, *, beyond: str | float | None = None) -> None:
        self._file.change(f"UPDATE {table} SET {column} = ? WHERE {column} > ?", (to, to if beyond is None else beyond))

    def close(self) -> None:
        """Close the file in every thread."""
        self._file.close()
