"""One entry to Clio, exactly once: claim, POST, answer; and the look-up where the answer is missing.

docs/architecture.md tells the protocol and what it cannot close. The order of the statements here is the protocol.
"""

import logging
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

from brought_forward.bot.clio.client import Clio
from brought_forward.bot.clio.connection import Connections
from brought_forward.bot.clio.refusals import FORBIDDEN, not_made
from brought_forward.bot.clio.shapes import TimeEntry
from brought_forward.bot.errors import (
    ClioBusy,
    ClioError,
    ClioRejected,
    ClioRetired,
    ClioSignedOut,
    ClioUnclear,
    ClioUnreached,
)
from brought_forward.bot.messages.words import times
from brought_forward.bot.posting.halt import wrong
from brought_forward.bot.posting.proof import UNTOLD, differs, misbooked, strange
from brought_forward.bot.settings import Timing
from brought_forward.storage.claims import IdTaken
from brought_forward.storage.records.batch import Batch, EntryForm
from brought_forward.storage.records.entry import Entry, EntryState
from brought_forward.storage.store import Store

log = logging.getLogger(__name__)

ENTRIES = "/activities.json"


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to send one entry once, for a moment."""

    token: str
    began: float  # monotonic seconds, before the row was claimed
    clio: Clio  # of the batch's account, whatever is connected meanwhile


@dataclass(slots=True)
class Sender:
    """Send entries of batches and settle what became of them."""

    store: Store
    connections: Connections
    timing: Timing
    _absent: dict[str, int] = field(default_factory=dict)  # by claim: looks that did not find the entry

    def claim(self, entry: Entry, batch: Batch, epoch: str) -> Claim | None:
        """Claim an entry. Returns None where somebody else moved the batch or the entry meanwhile.

        So too where the database is in another life than `epoch`: what it holds may be older than what was sent.

        The caller has its place in Clio's window already: nothing may come between claim and POST. Raises a ClioError
        where the batch's account is not connected.
        """
        clio = self.connections.at(batch)
        claim = Claim(secrets.token_hex(8), time.monotonic(), clio)
        claimed = self.store.entries.claim(
            entry.id,
            claim.token,
            settle=self.timing.settle,
            batch=batch.id,
            revision=batch.revision,
            digest=batch.hash or "",
            run_token=batch.run_token or "",
            epoch=epoch,
            clio_at=clio.pace.clios_time(),
        )
        return claim if claimed else None

    def post(self, entry: Entry, batch: Batch, claim: Claim) -> EntryState | None:
        """Send a claimed entry once and settle what became of it. Returns None where somebody else settled it.

        May run in a thread of its own. Raises ClioBusy, ClioSignedOut, ClioRetired and a ClioRejected that is of no
        one matter after it is planned again.
        """
        token, clio = claim.token, claim.clio
        began = time.monotonic()
        try:
            made = clio.create_time_entry(
                matter_id=entry.matter_id,
                user_id=entry.user_id,
                description_id=batch.description_id or 0,
                date=entry.date.isoformat(),
                price=entry.amount,
                note=entry.note,
                seconds=batch.form.seconds,
                # Later than that (frozen, a slow disk or network) someone may think this claim is lost: it is not used.
                by=claim.began + self.timing.claim,
            )
        except ClioRejected as refusal:
            if self._is_of_the_sign_in(entry, batch, refusal):
                told = not_made(ENTRIES, refusal)
                self._settle(entry, token, EntryState.PLANNED, reason=str(told))
                raise told from refusal
            return self._settle(entry, token, EntryState.REFUSED, reason=str(refusal))
        except ClioBusy as busy:
            state = self._settle(entry, token, EntryState.PLANNED)
            if busy.tell:
                raise
            return state
        except ClioUnreached as away:  # before ClioUnclear: nothing went out, so there is nothing to look for
            self._settle(entry, token, EntryState.PLANNED, reason=str(away))
            raise ClioBusy(str(away), retry_after=5 * self.timing.first_pause, tell=away.tell) from away
        except (ClioSignedOut, ClioRetired):
            self._settle(entry, token, EntryState.PLANNED)
            raise
        except ClioUnclear as unclear:
            log.warning("no clear answer for entry=%d: %s", entry.id, unclear)
            self.store.entries.wait(entry.id, token, detail=str(unclear))
            return EntryState.SENDING
        clio.pace.took(time.monotonic() - began)
        try:
            made = _told(clio, made)
        except ClioError as trouble:  # what was made is there; the look-up reads all of it
            self.store.entries.wait(entry.id, token, detail=str(trouble))
            return EntryState.SENDING
        return self._prove(entry, batch, token, made, found=False)

    def look_up(self, entry: Entry, batch: Batch, *, otherwise: EntryState) -> EntryState | None:
        """Look in Clio for an entry whose answer is missing; its settle time is over.

        Two looks with a pause must agree before it counts as absent; it is then `otherwise`. Raises a ClioError.
        """
        token = entry.token or ""
        mine, strangers = self.candidates(entry, batch)
        if len(mine) == 1:
            if why := strange(entry, mine[0], self.store.entries.proven_notes(batch.id), batch.currency or ""):
                reason = f"Clio lists one for this matter and user, but it may be somebody else's: {why}"
                return self._settle(entry, token, EntryState.UNCLEAR, reason=reason)
            return self._prove(entry, batch, token, mine[0], found=True)
        if len(mine) > 1 or strangers:
            reason = (
                f"Clio lists {len(mine)} entries like this one"
                if mine
                else "Clio lists the same amount on this matter for another user"
            )
            return self._settle(entry, token, EntryState.UNCLEAR, reason=reason)
        self._absent[token] = self._absent.get(token, 0) + 1
        if self._absent[token] < 2:
            self.store.entries.look_later(entry.id, token, self.timing.second_look)
            return EntryState.SENDING
        del self._absent[token]
        reason = f"no answer from Clio, {times(entry.unanswered + 1)}; Clio has nothing of it"
        return self._settle(entry, token, otherwise, reason=reason, absent=True)

    def leave_unclear(self, entry: Entry, why: str) -> None:
        """Leave it to people, and to a later look, what became of an entry whose answer is missing."""
        self._settle(entry, entry.token or "", EntryState.UNCLEAR, reason=why)

    def candidates(self, entry: Entry, batch: Batch) -> tuple[list[TimeEntry], list[TimeEntry]]:
        """List what may be this entry: none older than the run, none that another row of ours has.

        The second list is what stands on the matter with the same amount under a user whom no entry of ours explains.
        """
        clio = self.connections.at(batch)
        listed = clio.time_entries(batch.description_id or 0, matter_id=entry.matter_id)
        known = self.store.entries.known_ids(batch.id, [found.id for found in listed])
        listed = [found for found in listed if found.id not in known]
        ours = self.store.entries.users_of(batch.id, entry.matter_id)
        mine = [_told(clio, found) for found in listed if found.user_id == entry.user_id]
        strangers = [found for found in listed if found.price == entry.amount and found.user_id not in ours]
        return mine, strangers

    def _prove(self, entry: Entry, batch: Batch, token: str, made: TimeEntry, *, found: bool) -> EntryState | None:
        """Take Clio's entry as ours if it is as sent; else it is wrong, or unclear where Clio does not tell."""
        difference = differs(entry, made, batch.description_id, batch.currency or "", batch.form)
        if difference is None and made.non_billable is None:
            return self._settle(entry, token, EntryState.UNCLEAR, reason=UNTOLD)
        state = EntryState.WRONG if difference else EntryState.POSTED
        following = batch.form.following if difference and self._is_misbooked(entry, made, batch) else None
        reason = difference or ("Clio's answer was lost; found there, not sent again" if found else None)
        try:
            return self._settle(
                entry, token, state, following=following, clio_id=made.id, clio_note=made.note or None, reason=reason,
                found=found,
            )  # fmt: skip
        except IdTaken:
            return self._settle(
                entry, token, EntryState.UNCLEAR, reason=f"Clio gave the id of another entry, {made.id}"
            )

    def _is_of_the_sign_in(self, entry: Entry, batch: Batch, refusal: ClioRejected) -> bool:
        """Whether Clio seems to forbid making entries at all: it is the first one of the batch that it answers.

        Where somebody went on and it forbids that one again, it may be of its matter after all: it is refused.
        """
        if refusal.status != FORBIDDEN or entry.reason == str(not_made(ENTRIES, refusal)):
            return False
        tallies = self.store.entries.tallies(batch.id)
        return not tallies[EntryState.POSTED].entries + tallies[EntryState.REFUSED].entries

    def _is_misbooked(self, entry: Entry, made: TimeEntry, batch: Batch) -> bool:
        """Whether Clio has made of a batch's first entry something else than its form asks for."""
        posted = self.store.entries.tallies(batch.id)[EntryState.POSTED].entries
        return not posted and misbooked(entry, made, batch.form)

    def _settle(
        self,
        entry: Entry,
        token: str,
        state: EntryState,
        *,
        following: EntryForm | None = None,
        **more: Any,
    ) -> EntryState | None:
        """Settle by the claim's token, with what `entries.settle` takes. Returns None where somebody else has."""
        with self.store.transaction():
            if self.store.entries.settle(entry.id, token, state, **more):
                if state is EntryState.WRONG:  # together: killed after it, no other entry goes
                    halt = wrong(self.store.entries.get(entry.id), following=following)
                    self.store.batches.stop_by_itself(entry.batch, halt=halt.halt, text=str(halt))
                return state
        log.error("entry=%d was settled by someone else", entry.id)
        return None


def _told(clio: Clio, made: TimeEntry) -> TimeEntry:
    """Read an entry once more by its id where Clio did not say whether it is billable. Raises a ClioError."""
    return made if made.non_billable is not None else clio.time_entry(made.id) or made
