"""Look again: what stayed unclear is looked for afresh, and settled where Clio leaves no doubt. It sends nothing.

By the rules of every look-up (docs/architecture.md, "Posting exactly once"): one that is as sent is ours; one that is
not is somebody else's, and stays unclear; none, in two looks, means that it was not sent; where more are listed, people
are told which.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from brought_forward.bot.clio.connection import Connections
from brought_forward.bot.clio.shapes import TimeEntry
from brought_forward.bot.errors import pause_for
from brought_forward.bot.messages.answers import Candidate, Looked, LookedView, looked
from brought_forward.bot.messages.status import stands
from brought_forward.bot.posting.decide import LOOKED
from brought_forward.bot.posting.proof import differs, doubt
from brought_forward.bot.posting.send import Sender
from brought_forward.bot.settings import Firms, Timing
from brought_forward.bot.slack.library import LINES
from brought_forward.bot.slack.thread import BatchThread
from brought_forward.storage.claims import IdTaken
from brought_forward.storage.records.batch import Batch, BatchStatus, RunKind
from brought_forward.storage.records.entry import Entry, EntryState
from brought_forward.storage.records.inquiry import Inquiry
from brought_forward.storage.store import Store

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LookAgain:
    """Carry out one wish to look again."""

    store: Store
    connections: Connections
    sender: Sender
    thread: BatchThread
    timing: Timing
    firms: Firms
    start: Callable[[RunKind, int], None]
    stopping: threading.Event
    fail: Callable[[Inquiry, str], None]

    def step(self, inquiry: Inquiry) -> None:
        """Look, and settle what is certain. Raises a ClioError, or Stopping."""
        batch = self.store.batches.get(inquiry.batch)
        unclear = [one for one in self.store.entries.of_batch(batch.id) if one.state is EntryState.UNCLEAR]
        # What is unclear was looked up once its settle time was over: nobody can still be sending it.
        found = {entry.id: self.sender.candidates(entry, batch) for entry in unclear}
        absent = [entry for entry in unclear if not any(found[entry.id])]
        if absent:
            pause_for(self.stopping, self.timing.second_look)
            found |= {entry.id: self.sender.candidates(entry, batch) for entry in absent}
        again = self._settle(inquiry, batch, unclear, found)
        if again:
            self.start(RunKind.READ_BACK, batch.id)

    def _settle(
        self,
        inquiry: Inquiry,
        batch: Batch,
        unclear: Sequence[Entry],
        found: dict[int, tuple[list[TimeEntry], list[TimeEntry]]],
    ) -> bool:
        """Settle and tell, all of it or nothing. Returns True where Clio is to be read back again."""
        with self.store.transaction():
            now = self.store.batches.get(batch.id)
            if now.status not in LOOKED or now.episode != batch.episode:
                self.fail(inquiry, f"{batch.name} went on meanwhile ({stands(now)}), so nothing was settled.")
                return False
            site = self.firms.settings(batch.firm).clio_site
            said = [self._one(batch, entry, *found[entry.id]) for entry in unclear]
            self.store.inquiries.answered(inquiry, "{}")
            self.thread.say(batch, inquiry.slot, looked(LookedView(batch, said, inquiry.asked_by, site)))
            if all(one.entry.state is EntryState.UNCLEAR for one in said):
                return False
            self.thread.status(batch.id)
            if now.status in {BatchStatus.PAUSED, BatchStatus.STOPPED}:
                self.thread.halted(batch.id)
            if now.status in {BatchStatus.POSTED, BatchStatus.STOPPED}:
                self.thread.results(batch.id)
                name = f"{batch.stem} results after looking again.xlsx"
                self.thread.attach(batch, LINES, f"outcome-{batch.episode}-{inquiry.id}", name)
            return self.store.batches.read_back_again(batch.id)

    def _one(self, batch: Batch, entry: Entry, mine: Sequence[TimeEntry], strangers: Sequence[TimeEntry]) -> Looked:
        """Settle one entry by what Clio lists."""
        resolve, currency = self.store.entries.resolve, batch.currency or ""
        proven = self.store.entries.proven_notes(batch.id)
        if len(mine) == 1 and not doubt(entry, mine[0], proven, currency):
            made = mine[0]
            difference = differs(entry, made, batch.description_id, currency, batch.form)
            state = EntryState.WRONG if difference else EntryState.POSTED
            reason = difference or "Clio's answer was lost; found there by looking again, not sent again"
            try:
                resolve(entry.id, state, clio_id=made.id, clio_note=made.note or None, reason=reason)
            except IdTaken:  # another batch of ours has taken it since
                log.warning("entry=%d stays unclear: its only candidate is another entry's", entry.id)
        elif not mine and not strangers:
            resolve(entry.id, EntryState.NOT_SENT, reason="looked for again, twice; Clio has nothing of it")
        users = {one.id: one.name for one in self.store.listings.users(batch.firm, batch.account or "")}
        listed = [
            Candidate(
                one.id,
                one.price,
                users.get(one.user_id or 0) or f"the user {one.user_id}",
                one.date,
                doubt(entry, one, proven, currency) or "",
            )
            for one in (*mine, *strangers)
        ]
        return Looked(self.store.entries.get(entry.id), listed)
