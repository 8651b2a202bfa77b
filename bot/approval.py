"""Decisions of people: approve, reject, stop, go on, retry, remove. Each is checked when it comes and succeeds once."""

import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from brought_forward.bot.clicks import Answer, Decision
from brought_forward.bot.clio.connection import Connection
from brought_forward.bot.errors import ClioError, ClioUnclear, NotAllowed
from brought_forward.bot.halt import PERSON
from brought_forward.bot.messages.preview_sums import differences
from brought_forward.bot.messages.words import about, esc, people, person
from brought_forward.bot.people import People
from brought_forward.bot.sending import same
from brought_forward.bot.settings import Settings
from brought_forward.bot.thread import Thread
from brought_forward.storage.records import Batch, BatchStatus, Entry, EntryState, RunKind
from brought_forward.storage.store import Store

log = logging.getLogger(__name__)

DONE = {
    BatchStatus.REJECTED: "rejected",
    BatchStatus.WITHDRAWN: "withdrew",
    BatchStatus.EXPIRED: "let expire",
}


@dataclass(frozen=True, slots=True)
class Approval:
    """Check decisions, carry them out in one statement, and keep each."""

    store: Store
    settings: Settings
    people: People
    thread: Thread
    connection: Connection
    start: Callable[[RunKind, int], None]

    def decide(self, decision: Decision) -> str | None:
        """Carry a click out; what to tell the clicker alone, if anything. Raises NotAllowed with the rule."""
        batch = self.store.batches.find(decision.batch)
        if batch is None:
            raise NotAllowed("I know no such batch in this workspace.")
        try:
            self.thread.clicked(batch, decision.action, decision.message_ts)
            self._check(decision, batch)
            return self._actions[decision.action](decision, batch)
        except NotAllowed as refusal:
            self._keep(decision, batch, allowed=False, reason=str(refusal))
            raise

    @property
    def _actions(self) -> dict[str, Callable[[Decision, Batch], str | None]]:
        return {
            "approve": self._approve,
            "reject": self._reject,
            "stop": self._stop,
            "go_on": self._go_on,
            "retry_refused": self._retry_refused,
            "remove_entry": self._remove_entry,
            "confirm_total": self._confirm_total,
        }

    def _check(self, decision: Decision, batch: Batch) -> None:
        """Let through who may: an approver, or for a withdrawal the uploader. Fails closed."""
        if batch.firm != decision.firm:
            raise NotAllowed("Only people of this workspace can do this, not of another one.")
        listed = self.settings.balances_approvers
        mine = decision.actor in {batch.uploader, batch.owner}
        if decision.action == "reject" and mine:
            self.people.check(decision.actor, batch.firm)
            return
        if decision.action == "confirm_total":
            self.people.check(decision.actor, batch.firm)
            return
        if not listed:
            raise NotAllowed("Nobody can approve yet: no approvers are set (BALANCES_APPROVERS).")
        corrected = decision.actor in self.store.decisions.correctors(batch.id)
        if decision.action == "approve" and (mine or corrected):
            others = self.thread.approvers(batch)
            who = people(others, last="or") if others else "nobody yet; a second approver has to be named"
            did = "uploaded" if mine else "corrected"
            raise NotAllowed(f"You {did} this file, so someone else approves it: {who}.")
        if decision.actor not in listed:
            verb = "approve" if decision.action == "approve" else "do this"
            raise NotAllowed(f"Only approvers can {verb}: {people(listed, last='or')}.")
        self.people.check(decision.actor, batch.firm)

    def _approve(self, decision: Decision, batch: Batch) -> None:
        self._decide(decision, batch, BatchStatus.APPROVED)
        self.start(RunKind.POST, batch.id)

    def _reject(self, decision: Decision, batch: Batch) -> None:
        mine = decision.actor in {batch.uploader, batch.owner}
        self._decide(decision, batch, BatchStatus.WITHDRAWN if mine else BatchStatus.REJECTED)

    def _decide(self, decision: Decision, batch: Batch, status: BatchStatus) -> None:
        if status is BatchStatus.APPROVED and not self.store.entries.of_batch(batch.id):
            raise NotAllowed("There is nothing to post in this batch.")
        held = differences(batch, self.store.lines.of_batch(batch.id))
        if status is BatchStatus.APPROVED and held and batch.confirmed_by is None:
            raise NotAllowed("It is held: a total does not agree with its lines. The thread says which.")
        with self.store.transaction():
            won = self.store.batches.decide(
                batch.id, revision=decision.revision, digest=decision.digest, status=status, actor=decision.actor
            )
            if won:
                self._keep(decision, batch, allowed=True)
                self.thread.preview(batch.id)
                if status is BatchStatus.APPROVED:
                    self.thread.status(batch.id)
        if not won:
            raise NotAllowed(_late(self.store.batches.get(batch.id), decision))

    def _confirm_total(self, decision: Decision, batch: Batch) -> None:
        """Take staff's word that the lines are right although a total differs; they then do not approve."""
        with self.store.transaction():
            won = self.store.batches.confirm(batch.id, revision=decision.revision, by=decision.actor)
            if won:
                self._keep(decision, batch, allowed=True)
                self.thread.preview(batch.id)
        if not won:
            raise NotAllowed(_late(self.store.batches.get(batch.id), decision))

    def answer(self, answer: Answer) -> None:
        """Keep what a person answered about the sheet, and let reading go on. Raises NotAllowed with the rule."""
        batch = self.store.batches.find(answer.batch)
        if batch is None or batch.firm != answer.firm:
            raise NotAllowed("I know no such batch in this workspace.")
        self.thread.clicked(batch, "answer", answer.message_ts)
        self.people.check(answer.actor, batch.firm)
        asked = json.loads(batch.question or "{}")
        choices = {one["value"]: one["heading"] for one in asked.get("candidates", [])}
        if asked.get("kind") != answer.kind or answer.choice not in choices:
            raise NotAllowed("This question is answered already.")
        with self.store.transaction():
            if not self.store.batches.answered(batch.id):
                raise NotAllowed("This question is answered already.")
            self.store.answers.keep(
                batch.firm, batch.channel, asked["signature"], answer.kind, choice=answer.choice, by=answer.actor
            )
            self.store.decisions.add(
                firm=batch.firm,
                batch=batch.id,
                revision=batch.revision,
                digest=None,
                actor=answer.actor,
                action="answer",
                allowed=True,
                approvers=self.settings.balances_approvers,
                reason=f"{answer.kind}: {answer.choice}",
                action_ts=answer.action_ts,
            )
            self.thread.answered(batch, answer.actor, f'"{choices[answer.choice]}"')
        self.start(RunKind.READ, batch.id)

    def _stop(self, decision: Decision, batch: Batch) -> None:
        with self.store.transaction():
            won = self.store.batches.stop(batch.id, halt=PERSON, text="An approver stopped it.")
            if won:
                self.store.entries.change_all(batch.id, [EntryState.PLANNED], EntryState.NOT_SENT)
                self._keep(decision, batch, allowed=True)
                self.thread.went_on(batch, "Stopped", decision.actor)
                self.thread.status(batch.id)
        if not won:
            raise NotAllowed(f"There is nothing to stop: {batch.name} is {batch.status.value}.")
        if batch.status is BatchStatus.PAUSED:
            self.start(RunKind.POST, batch.id)  # nothing runs while paused; the results are still to come

    def _go_on(self, decision: Decision, batch: Batch) -> None:
        again = [EntryState.NOT_SENT, EntryState.UNDONE]
        among = (BatchStatus.PAUSED, BatchStatus.STOPPED, BatchStatus.POSTED)
        tallies = self.store.entries.tallies(batch.id)
        if not any(tallies[state].entries for state in (EntryState.PLANNED, EntryState.SENDING, *again)):
            raise NotAllowed(f"{batch.name} is {batch.status.value}; there is nothing left to send.")
        self._resume(decision, batch, among, again, "Went on")

    def _retry_refused(self, decision: Decision, batch: Batch) -> None:
        if not self.store.entries.first(batch.id, EntryState.REFUSED):
            raise NotAllowed("No entry of this batch is refused any more.")
        among = (BatchStatus.POSTED, BatchStatus.STOPPED)
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
            won = self.store.batches.go_on(batch.id, among)
            if won:
                self.store.entries.change_all(batch.id, again, EntryState.PLANNED)
                self._keep(decision, batch, allowed=True)
                self.thread.went_on(batch, what, decision.actor)
                self.thread.status(batch.id)
        if not won:
            raise NotAllowed(
                f"{batch.name} is {self.store.batches.get(batch.id).status.value}; there is nothing to do."
            )
        self.start(RunKind.POST, batch.id)

    def _remove_entry(self, decision: Decision, batch: Batch) -> str:
        """Delete in Clio the one entry that is not as sent; read afresh first, and only while it is unbilled."""
        entry = self.store.entries.get(decision.entry or 0) if decision.entry else None
        if entry is None or entry.batch != batch.id or entry.state is not EntryState.WRONG or entry.clio_id is None:
            raise NotAllowed("This entry is not there to be removed any more.")
        try:
            self._delete(entry, entry.clio_id)
        except ClioUnclear as unclear:
            raise NotAllowed(
                f"{unclear} It may be removed or not. Click again: I look first, and remove it if it is still there."
            ) from unclear
        except ClioError as trouble:
            raise NotAllowed(f"Nothing is removed: {esc(str(trouble))} Try again, or remove it in Clio.") from trouble
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
        return f"Removed the entry of {esc(entry.matter_number)} from Clio."

    def _delete(self, entry: Entry, clio_id: int) -> None:
        clio = self.connection.clio
        found = clio.time_entry(clio_id)
        if found is None:
            return
        if found.matter_id != entry.matter_id and not same(entry, found):
            log.warning("entry=%d stands on another matter in Clio", entry.id)
        if found.billed or found.on_bill:
            raise NotAllowed("It is on a bill in Clio. Take it off the bill there first.")
        clio.pace.wait()
        clio.delete_time_entry(clio_id)

    def _keep(self, decision: Decision, batch: Batch, *, allowed: bool, reason: str = "") -> None:
        self.store.decisions.add(
            firm=batch.firm,
            batch=batch.id,
            revision=decision.revision,
            digest=batch.hash,
            actor=decision.actor,
            action=decision.action,
            allowed=allowed,
            approvers=self.settings.balances_approvers,
            reason=reason,
            action_ts=decision.action_ts,
        )


def _late(batch: Batch, decision: Decision) -> str:
    """Tell the one who came second what happened; a success of somebody else is no error."""
    if batch.status is BatchStatus.PREVIEWED:
        return "These are the buttons of an older preview. The current one is in this thread."
    if batch.status is BatchStatus.READING:
        return "Its lines were corrected a moment ago, and it is being matched again. A new preview takes its place."
    who = person(batch.decided_by) if batch.decided_by else "Someone"
    ago = ""
    if batch.decided_at:
        seconds = (datetime.now(UTC) - batch.decided_at).total_seconds()
        ago = f" {about(seconds)} ago" if seconds >= 60 else " just now"
    if batch.decided_by == decision.actor:
        who = "You"
    return f"{who} {DONE.get(batch.status, 'approved')} this{ago}."
