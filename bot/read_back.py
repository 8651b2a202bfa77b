"""After a run: read from Clio what it holds, and compare it in cents by matter, by user and in total."""

import logging
import threading
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from brought_forward.bot.clio.connection import Connection
from brought_forward.bot.clio.shapes import TimeEntry
from brought_forward.bot.errors import ClioError, ClioRejected, Stopping
from brought_forward.bot.messages.results import ReadBack, kept
from brought_forward.bot.messages.words import money
from brought_forward.bot.sending import differs
from brought_forward.bot.settings import Timing
from brought_forward.bot.thread import Thread
from brought_forward.storage.records import Batch, Entry, EntryState
from brought_forward.storage.store import Store
from brought_forward.storage.undo_records import Outcome, Reversal

log = logging.getLogger(__name__)

LOOKS = 3  # before anything is called missing: lists may lag


@dataclass(frozen=True, slots=True)
class Reconciling:
    """Prove that what we say is posted is what Clio holds."""

    store: Store
    connection: Connection
    thread: Thread
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
            found = self._look(batch)
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

    def _look(self, batch: Batch) -> ReadBack:
        for look in range(LOOKS):
            entries = self.store.entries.of_batch(batch.id)
            listed = self.connection.clio.time_entries(batch.description_id) if batch.description_id else []
            others = self.store.entries.older_ids(batch.id) | self.store.entries.clio_ids().keys()
            found = compare(batch, entries, listed, others)
            found = still_listed(found, self.store.undoing.latest(batch), listed)
            if found.equal or look == LOOKS - 1:
                break
            if self.stopping.wait(self.timing.second_look):
                raise Stopping
        return found

    def _tell(self, number: int, token: str, found: ReadBack, *, due: bool) -> None:
        with self.store.transaction():
            if self.store.batches.read_back_done(number, token, kept(found), due=due):
                self.thread.closing(number)


def compare(batch: Batch, entries: Sequence[Entry], listed: Sequence[TimeEntry], older: set[int]) -> ReadBack:
    """Compare a batch's posted entries with Clio's list, one by one, by user and in total. Pure."""
    currency = batch.currency or ""
    there = {found.id: found for found in listed}
    posted = [entry for entry in entries if entry.state is EntryState.POSTED]
    missing, changed = [], []
    ours: dict[int, Decimal] = defaultdict(Decimal)
    clios: dict[int, Decimal] = defaultdict(Decimal)
    names = {entry.user_id: entry.user_name for entry in posted}
    count, total = 0, Decimal(0)
    for entry in posted:
        ours[entry.user_id] += entry.amount
        found = there.get(entry.clio_id or 0)
        if found is None:
            missing.append(entry.matter_number)
            continue
        count += 1
        total += found.total if found.total is not None else Decimal(0)
        if found.user_id is not None:
            clios[found.user_id] += found.total if found.total is not None else Decimal(0)
        if difference := differs(entry, found, batch.description_id, currency):
            changed.append(f"{entry.matter_number}: {difference}")
    for user, name in names.items():
        if ours[user] != clios[user] and not missing and not changed:
            changed.append(f"{name} has {money(clios[user], currency)} instead of {money(ours[user], currency)}")
    mine = {entry.clio_id for entry in entries if entry.clio_id}
    numbers = {entry.matter_id: entry.matter_number for entry in entries}
    extra = [
        f"{numbers[found.matter_id]} has one entry more than was posted here"
        for found in listed
        if found.id not in mine and found.id not in older and found.matter_id in numbers
    ]
    return ReadBack(count, total, tuple(missing), tuple(changed), tuple(extra))


def still_listed(found: ReadBack, reversals: Sequence[Reversal], listed: Sequence[TimeEntry]) -> ReadBack:
    """Add what an undo has reversed and Clio lists all the same. Pure."""
    there = {one.id for one in listed}
    still = [
        f"{one.entry.matter_number}: its reversed entry is still listed"
        for one in reversals
        if one.outcome is Outcome.REVERSED and one.clio_id in there
    ]
    return replace(found, extra=(*found.extra, *still)) if still else found
