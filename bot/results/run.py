"""After a run, and whenever somebody asks: read from Clio what it holds of a batch, and compare it with ours."""

import logging
import threading
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal

from brought_forward.bot.clio.connection import Connections
from brought_forward.bot.errors import ClioError, ClioRejected, Stopping, pause_for
from brought_forward.bot.results.compare import Books, compare
from brought_forward.bot.settings import Timing
from brought_forward.bot.slack.thread import BatchThread
from brought_forward.storage.records.batch import Batch
from brought_forward.storage.records.entry import Outcome
from brought_forward.storage.records.inquiry import ReadBack, dump_read_back
from brought_forward.storage.store import Store

log = logging.getLogger(__name__)

LOOKS = 3  # before anything is called missing: lists may lag


@dataclass(frozen=True, slots=True)
class ReadBackRun:
    """Prove that what we say is posted is what Clio holds."""

    store: Store
    connections: Connections
    thread: BatchThread
    timing: Timing
    stopping: threading.Event

    def move(self, number: int, token: str) -> bool:
        """Read a batch back and say the closing words."""
        if self.store.batches.is_current(number, token) is None:
            return False
        batch = self.store.batches.get(number)
        if not batch.read_back_due:
            return False
        try:
            found = self.look(batch)
        except Stopping:
            return False
        except ClioError as trouble:
            # The words must not wait for Clio for ever; the sweep reads again while it is due.
            log.warning("batch=%d could not be read back: %s", number, type(trouble).__name__)
            failed = ReadBack(0, Decimal(0), failed=str(trouble))
            self._tell(number, token, failed, due=not isinstance(trouble, ClioRejected))
            return False
        self._tell(number, token, found, due=False)
        return False

    def look(self, batch: Batch) -> ReadBack:
        """List what Clio holds and compare; again where something differs. Raises a ClioError, or Stopping."""
        self.connections.of(batch.firm).check(batch.account)
        for look in range(LOOKS):
            found = self._compare(batch, last=look == LOOKS - 1)
            if found.equal or look == LOOKS - 1:
                break
            pause_for(self.stopping, self.timing.second_look)
        return found

    def _compare(self, batch: Batch, *, last: bool) -> ReadBack:
        clio, listings = self.connections.at(batch), self.store.listings
        listed = clio.time_entries(batch.description_id) if batch.description_id else []
        entries = self.store.entries.of_batch(batch.id)
        books = Books(
            batch,
            entries,
            listed,
            older=self.store.entries.older_ids(batch.id),
            known=self.store.entries.clio_ids(batch.account or ""),
            matters={one.id: one.display_number for one in listings.matters(batch.firm, batch.account or "")}
            | {one.matter_id: one.matter_number for one in entries},
            users={one.id: one.name for one in listings.users(batch.firm, batch.account or "")}
            | {one.user_id: one.user_name for one in entries},
            reversed={
                one.clio_id: one.entry for one in self.store.undoing.latest(batch) if one.outcome is Outcome.REVERSED
            },
        )
        return compare(self._by_id(books) if last else books, datetime.now(UTC))

    def _by_id(self, books: Books) -> Books:
        """Read by its id what the list lacks, what it still shows though we deleted it, and what it does not tell.

        Lists lag by seconds or more, so nothing is said by a list alone. A list of ids shows most of many in few calls.
        """
        clio, ours = self.connections.at(books.batch), {one.clio_id for one in books.posted}
        missing = books.missing()
        by_id = {one.id: one for one in clio.time_entries_of(missing)}
        by_id |= {number: found for number in missing if number not in by_id and (found := clio.time_entry(number))}
        listed = []
        for one in books.listed:
            if one.id in books.reversed and clio.time_entry(one.id) is None:
                continue
            untold = one.id in ours and one.non_billable is None
            listed.append(clio.time_entry(one.id) or one if untold else one)
        lost = sorted({one.matter_id for one in books.posted if one.clio_id in missing and one.clio_id not in by_id})
        return replace(
            books,
            listed=[*listed, *(one for one in by_id.values() if one.description_id == books.batch.description_id)],
            elsewhere=[one for one in by_id.values() if one.description_id != books.batch.description_id],
            hidden=set(lost) - {matter.id for matter in clio.matters_of(lost)},
        )

    def _tell(self, number: int, token: str, found: ReadBack, *, due: bool) -> None:
        with self.store.transaction():
            if self.store.batches.read_back_done(number, token, dump_read_back(found), due=due):
                self.thread.closing(number)
