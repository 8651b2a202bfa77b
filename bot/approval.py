"""Decisions of people: approve, reject, stop, go on, retry, remove. Each is checked when it comes and succeeds once."""

import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

from brought_forward.bot.clio.connection import Connection
from brought_forward.bot.errors import ClioError, ClioUnclear, NotAllowed
from brought_forward.bot.halt import PERSON
from brought_forward.bot.messages.blocks import ACTION
from brought_forward.bot.messages.words import about, esc, people, person
from brought_forward.bot.people import People
from brought_forward.bot.sending import same
from brought_forward.bot.settings import Settings
from brought_forward.bot.thread import Thread
from brought_forward.storage.records import Batch, BatchStatus, Entry, EntryState, RunKind
from brought_forward.storage.store import Store

log = logging.getLogger(__name__)

NUMBER = re.compile("[0-9]{1,15}")
DONE = {
    BatchStatus.REJECTED: "rejected",
    BatchStatus.WITHDRAWN: "withdrew",
    BatchStatus.EXPIRED: "let expire",
}


@dataclass(frozen=True, slots=True)
class Decision:
    """A click: who wants what of which revision."""

    action: str
    batch: int
    revision: int
    digest: str
    entry: int | None
    actor: str
    firm: str  # the clicker's workspace
    message_ts: str
    action_ts: str

    @classmethod
    def from_click(cls, body: dict[str, Any]) -> Self:
        """Read a block_actions payload. Raises NotAllowed where the button is none of ours."""
        action = body["actions"][0]
        parts = str(action.get("value") or "").split(":")
        numbers = [parts[0], *parts[1:2], *parts[3:]]
        if len(parts) not in {3, 4} or not all(NUMBER.fullmatch(part) for part in numbers):
            raise NotAllowed("This button is not one of mine any more.")
        user = body["user"]
        return cls(
            action=str(action["action_id"]).removeprefix(ACTION),
            batch=int(parts[0]),
            revision=int(parts[1]),
            digest=parts[2],
            entry=int(parts[3]) if len(parts) == 4 else None,
            actor=str(user["id"]),
            firm=str(user.get("team_id") or (body.get("team") or {}).get("id") or ""),
            message_ts=str((body.get("container") or {}).get("message_ts") or ""),
            action_ts=str(action.get("action_ts") or ""),
        )


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
        if not listed:
            raise NotAllowed("Nobody can approve yet: no approvers are set (BALANCES_APPROVERS).")
        if decision.action == "approve" and mine:
            others = self.thread.approvers(batch)
            who = people(others, last="or") if others else "nobody yet; a second approver has to be named"
            raise NotAllowed(f"You uploaded this file, so someone else approves it: {who}.")
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
    who = person(batch.decided_by) if batch.decided_by else "Someone"
    ago = ""
    if batch.decided_at:
        seconds = (datetime.now(UTC) - batch.decided_at).total_seconds()
        ago = f" {about(seconds)} ago" if seconds >= 60 else " just now"
    if batch.decided_by == decision.actor:
        who = "You"
    return f"{who} {DONE.get(batch.status, 'approved')} this{ago}."
