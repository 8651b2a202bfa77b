"""Decisions on an undo: an approver begins it or stops it; who uploaded may, if they approve: nothing is posted."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from brought_forward.bot.approval.checks import Deciding
from brought_forward.bot.errors import NotAllowed
from brought_forward.bot.messages.status import stands
from brought_forward.bot.messages.words import person
from brought_forward.bot.posting.halt import PERSON
from brought_forward.bot.slack.clicks import Decision
from brought_forward.bot.undo.run import WAITS
from brought_forward.storage.records.batch import Batch, BatchStatus, RunKind
from brought_forward.storage.records.entry import EntryState
from brought_forward.storage.store import Store

S = BatchStatus
NOT_POSTED = "Nothing of it is posted."
WHY_NOT = {
    S.APPROVED: "It is being posted. Stop it first; then Undo stands below its results.",
    S.POSTING: "It is being posted. Stop it first; then Undo stands below its results.",
    S.PAUSED: "It is paused. Stop it first; then Undo stands below its results.",
    S.UNDOING: "It is being undone already; its thread says how far.",
}


def check_undoable(store: Store, batch: Batch) -> None:
    """Let through a batch that can be undone. Raises NotAllowed with the reason."""
    if batch.status not in {S.POSTED, S.STOPPED, S.UNDONE}:
        raise NotAllowed(f"{batch.name}: {WHY_NOT.get(batch.status, NOT_POSTED)}")
    if not store.entries.first(batch.id, EntryState.POSTED):
        raise NotAllowed(f"{batch.name}: nothing of it is posted any more." if batch.status is S.UNDONE
                         else f"{batch.name}: {NOT_POSTED}")  # fmt: skip
    if batch.results_due:
        raise NotAllowed(f"{batch.name} is just being stopped. Ask again once its results stand in the thread.")


@dataclass(frozen=True, slots=True)
class UndoDecisions(Deciding):
    """Decide on undoing a batch."""

    actions: ClassVar[Mapping[str, str]] = {"undo": "_undo", "undo_named": "_undo", "stop_undo": "_stop"}

    def _check(self, decision: Decision, batch: Batch) -> None:
        self.approvers.check(decision.actor, batch, listed=True, place=False)

    def _undo(self, decision: Decision, batch: Batch) -> str | None:
        check_undoable(self.store, batch)
        if decision.entry != batch.episode:
            raise NotAllowed("Since this button was made, what is posted has changed. The newest Undo in the thread"
                             f" names what it deletes now; so does `/balances undo {batch.name}`.")  # fmt: skip
        with self.store.transaction():
            closing = self.thread.closing_words(batch.id)
            won = self.store.undoing.begin(batch, revision=decision.revision, digest=decision.digest)
            if won:
                self._keep(decision, batch, allowed=True)
                self.thread.undo_begun(batch, closing, decision.actor)
        if not won:
            raise NotAllowed(f"{batch.name} has changed in this very moment. Look at its thread.")
        self.start(RunKind.UNDO, batch.id)
        return f"{batch.name} is being undone; its thread says how far." if decision.action == "undo_named" else None

    def _stop(self, decision: Decision, batch: Batch) -> None:
        text = f"Stopped by {person(decision.actor)}: the rest stays posted."
        with self.store.transaction():
            won = decision.entry == batch.episode and self.store.undoing.halt(
                batch.id, halt=PERSON, text="An approver stopped it; the rest stays posted.", over=WAITS
            )
            if won:
                self._keep(decision, batch, allowed=True, reason=text)
                self.thread.undoing(batch.id)
        if not won:
            raise NotAllowed(f"There is no undo to stop: {batch.name} is {stands(batch)}.")
        if batch.halt in WAITS:
            self.start(RunKind.UNDO, batch.id)  # nothing runs while it waits
