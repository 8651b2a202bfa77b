"""Decisions on what is posted: stop, go on, retry what was refused, remove an entry that is not as sent."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from brought_forward.bot.approval.checks import Deciding
from brought_forward.bot.clio.client import Clio
from brought_forward.bot.clio.connection import ELSEWHERE, Connections
from brought_forward.bot.errors import ClioElsewhere, ClioError, ClioUnclear, ClioUnreached, NotAllowed
from brought_forward.bot.messages.answers import COMING
from brought_forward.bot.messages.entry_form import NAMES, form_chosen
from brought_forward.bot.messages.status import progress, stands, why
from brought_forward.bot.messages.undo import NOTHING_SENT
from brought_forward.bot.messages.words import esc, long_date, money, person, thread_link
from brought_forward.bot.posting.halt import BY_ITSELF, PERSON
from brought_forward.bot.settings import Timing
from brought_forward.bot.slack.clicks import Decision
from brought_forward.storage.records.batch import Batch, BatchStatus, EntryForm, RunKind
from brought_forward.storage.records.entry import Entry, EntryState
from brought_forward.storage.records.inquiry import InquiryKind

LOOKED = {BatchStatus.PAUSED, BatchStatus.POSTED, BatchStatus.STOPPED, BatchStatus.UNDONE}  # nothing moves there


@dataclass(frozen=True, slots=True)
class Control(Deciding):
    """Decide on a batch that was approved; any approver may, whoever uploaded it."""

    connections: Connections
    timing: Timing

    actions: ClassVar[Mapping[str, str]] = {
        "pause": "_pause",
        "stop": "_stop",
        "go_on": "_go_on",
        "retry_refused": "_retry_refused",
        "remove_entry": "_remove_entry",
        "look_again": "_look_again",
        "form": "_form",
    }

    def _check(self, decision: Decision, batch: Batch) -> None:
        """Let through an approver; stopping is never kept from one because Slack does not tell of the channel."""
        if batch.status in {BatchStatus.UNDOING, BatchStatus.UNDONE} and decision.action in {"go_on", "retry_refused"}:
            raise NotAllowed(NOTHING_SENT)
        place = decision.action in {"go_on", "retry_refused", "form"}
        self.approvers.check(decision.actor, batch, listed=True, place=place)

    def _pause(self, decision: Decision, batch: Batch) -> None:
        """Hold back what is not sent yet; the call in flight is finished by its run, which then says so."""
        text = f"{person(decision.actor)} paused it. Nothing new is sent until Go on."
        with self.store.transaction():
            won = self.store.batches.hold(batch.id, halt=PERSON, text=text, instead_of=BY_ITSELF)
            if won:
                self._keep(decision, batch, allowed=True)
                self.thread.status(batch.id)
                self.thread.halted(batch.id)
        if not won:
            raise NotAllowed(self._nothing_to("pause", batch))

    def _stop(self, decision: Decision, batch: Batch) -> None:
        with self.store.transaction():
            batch = self.store.batches.get(batch.id)  # Slack was asked meanwhile
            won = self.store.batches.stop(batch.id, halt=PERSON, text=f"{person(decision.actor)} stopped it.")
            if won:
                self.store.entries.change_all(batch.id, [EntryState.PLANNED], EntryState.NOT_SENT)
                self._keep(decision, batch, allowed=True)
                self.thread.went_on(batch, "Stopped", decision.actor)
                self.thread.status(batch.id)
        if not won:
            raise NotAllowed(self._nothing_to("stop", batch))
        if batch.status is BatchStatus.PAUSED:
            self.start(RunKind.POST, batch.id)  # nothing runs while paused; the results are still to come

    def _go_on(self, decision: Decision, batch: Batch) -> None:
        again = [EntryState.NOT_SENT, EntryState.UNDONE]
        among = (BatchStatus.PAUSED, BatchStatus.STOPPED, BatchStatus.POSTED)
        tallies = self.store.entries.tallies(batch.id)
        if batch.status is not BatchStatus.PAUSED and not any(
            tallies[state].entries for state in (EntryState.PLANNED, EntryState.SENDING, *again)
        ):
            raise NotAllowed(f"{batch.name} is {stands(batch)}; there is nothing left to send.")
        self._resume(decision, batch, among, again, "Went on")

    def _retry_refused(self, decision: Decision, batch: Batch) -> None:
        if not self.store.entries.first(batch.id, EntryState.REFUSED):
            raise NotAllowed("No entry of this batch is refused any more.")
        among = (BatchStatus.POSTED, BatchStatus.STOPPED, BatchStatus.PAUSED)
        self._resume(decision, batch, among, [EntryState.REFUSED], "Retried")

    def _resume(
        self,
        decision: Decision,
        batch: Batch,
        among: Sequence[BatchStatus],
        again: Sequence[EntryState],
        what: str,
    ) -> None:
        with self.store.transaction():
            far = progress(batch, self.store.entries.tallies(batch.id))
            won = self.store.batches.go_on(batch.id, among)
            if won:
                self.store.entries.change_all(batch.id, again, EntryState.PLANNED)
                self.store.entries.allow_again(batch.id)
                self._keep(decision, batch, allowed=True)
                self.thread.went_on(batch, what, decision.actor, far=far)
                self.thread.status(batch.id)
        if not won:
            raise NotAllowed(f"{batch.name} is {stands(self.store.batches.get(batch.id))}; there is nothing to do.")
        self.start(RunKind.POST, batch.id)

    def _form(self, decision: Decision, batch: Batch) -> None:
        """Send a batch of which nothing stands in Clio back, to be previewed and approved in another form."""
        forms = dict(enumerate(EntryForm))
        form = forms.get(decision.entry if decision.entry is not None else -1)
        if form is None:
            raise NotAllowed("This button is not one of mine any more.")
        with self.store.transaction():
            now = self.store.batches.get(batch.id)
            won = self.store.batches.choose_form(
                batch.id, revision=decision.revision, digest=decision.digest, form=form
            )
            if won:
                self._keep(decision, batch, allowed=True, reason=f"{now.form} to {form}")
                self.thread.went_on(now, f"Previewed anew as {NAMES[form]}", decision.actor)
                self.thread.preview_over(now, form_chosen(now, decision.actor, form))
        if not won:
            raise NotAllowed(f"{batch.name} is {stands(now)}. It is previewed in another form only while nothing of it"
                             " is in Clio and nothing is under way.")  # fmt: skip
        self.start(RunKind.READ, batch.id)

    def _nothing_to(self, verb: str, batch: Batch) -> str:
        """Tell the one who came second how the batch stands now, and by whom."""
        now = self.store.batches.get(batch.id)
        said = f" {why(now)}" if now.status in {BatchStatus.PAUSED, BatchStatus.STOPPED} else ""
        return f"There is nothing to {verb}: {now.name} is {stands(now)}.{said}"

    def _look_again(self, decision: Decision, batch: Batch) -> str:
        """Have Clio looked at afresh for what is unclear (`bot.looking`); it sends nothing."""
        if not self.store.entries.first(batch.id, EntryState.UNCLEAR):
            raise NotAllowed("No entry of this batch is unclear any more.")
        if batch.status not in LOOKED:
            raise NotAllowed(f"{batch.name} is {stands(batch)}. Look again once it is paused or over.")
        with self.store.transaction():
            kind = InquiryKind.LOOK
            made = self.store.inquiries.ask(firm=batch.firm, batch=batch.id, kind=kind, asked_by=decision.actor)
            self._keep(decision, batch, allowed=True)
        if made is None:
            return f"I am looking already; what I find comes into the thread of {batch.name} ({thread_link(batch)})."
        return COMING[kind].format(name=batch.name, link=thread_link(batch))

    def _remove_entry(self, decision: Decision, batch: Batch) -> str:
        """Delete in Clio the one entry that is not as sent; read afresh first, and only while it is unbilled."""
        # Of one that was planned anew meanwhile the number is gone, or another entry's.
        entry = next((one for one in self.store.entries.of_batch(batch.id) if one.id == decision.entry), None)
        if entry is None or entry.state is not EntryState.WRONG or entry.clio_id is None:
            raise NotAllowed("This entry is not there to be removed any more.")
        words = (
            f"the entry of {esc(entry.matter_number)}, {money(entry.amount, batch.currency or '')} of"
            f" {long_date(entry.date)}"
        )
        try:
            self._delete(batch, entry, entry.clio_id, words)
        except ClioUnreached as unsent:
            raise NotAllowed(f"Nothing is removed: {unsent} Click again, or remove in Clio {words}.") from unsent
        except ClioUnclear as unclear:
            raise NotAllowed(
                f"{unclear} It may be removed or not: {words}. Click again: I look first, and remove it if it is still"
                " there."
            ) from unclear
        except ClioError as trouble:
            raise NotAllowed(
                f"Nothing is removed: {esc(str(trouble))} Try again, or remove in Clio {words}."
            ) from trouble
        with self.store.transaction():
            self.store.entries.removed(entry.id, batch.firm)
            self._keep(decision, batch, allowed=True)
            if batch.status is BatchStatus.STOPPED:
                self.thread.halted(batch.id)
            again = self.store.batches.read_back_again(batch.id)
            self.thread.status(batch.id)
            if again:
                self.thread.results(batch.id)
        if again:
            self.start(RunKind.READ_BACK, batch.id)
        return f"Removed {words}, from Clio."

    def _delete(self, batch: Batch, entry: Entry, clio_id: int, words: str) -> None:
        try:
            clio = self.connections.at(batch)
        except ClioElsewhere as other:
            raise NotAllowed(ELSEWHERE) from other
        while self._is_there(clio, entry, clio_id, words):
            read_at = time.monotonic()
            clio.pace.wait()
            if time.monotonic() - read_at <= self.timing.fresh:  # else somebody may have billed it: it is read again
                clio.delete_time_entry(clio_id, by=read_at + self.timing.fresh)
                return

    def _is_there(self, clio: Clio, entry: Entry, clio_id: int, words: str) -> bool:
        """Read an entry that is to be removed.

        Returns False where it is gone. Raises NotAllowed where it has to stay.
        """
        found = clio.time_entry(clio_id)
        if found is None:
            if not clio.matters_of([entry.matter_id]):  # Clio answers 404 too for what the connected user may not see
                raise NotAllowed(f"Clio does not show {esc(entry.matter_number)} to the connected user, so nobody can"
                                 f" tell whether it still has {words}.")  # fmt: skip
            return False
        if found.matter_id != entry.matter_id:
            raise NotAllowed(f"In Clio it stands on another matter, so I do not delete it: {words}, sent for"
                             f" {esc(entry.matter_number)}. Look at it there and delete it by hand; then click"
                             " again.")  # fmt: skip
        if found.billed or found.on_bill:
            raise NotAllowed(f"It is on a bill in Clio. Take {words}, off the bill there first.")
        return True
