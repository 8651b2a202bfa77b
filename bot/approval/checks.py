"""What every decision of a person has in common: it is checked, carried out in one statement, and kept."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar, TypeVar

from brought_forward.bot.approval.approvers import Approvers
from brought_forward.bot.errors import NotAllowed
from brought_forward.bot.messages.purged import refuse_purged
from brought_forward.bot.messages.words import about, person
from brought_forward.bot.slack.clicks import Decision
from brought_forward.bot.slack.thread import BatchThread
from brought_forward.storage.records.batch import Batch, BatchStatus, RunKind
from brought_forward.storage.store import Store

T = TypeVar("T")
NO_SUCH = "I know no such batch in this workspace."
DONE = {BatchStatus.REJECTED: "rejected", BatchStatus.WITHDRAWN: "withdrew"}


def find(store: Store, number: int, firm: str | None = None) -> Batch:
    """Read the batch that a click names, of the clicker's workspace if `firm` is given. Raises NotAllowed."""
    batch = store.batches.find(number)
    if batch is None or firm not in {None, batch.firm}:
        raise NotAllowed(NO_SUCH)
    refuse_purged(batch)
    return batch


@dataclass(frozen=True, slots=True)
class Deciding:
    """Check decisions, carry them out, and keep each, refused ones too. Its heirs say which there are."""

    store: Store
    approvers: Approvers
    thread: BatchThread
    start: Callable[[RunKind, int], None]

    actions: ClassVar[Mapping[str, str]] = {}  # the method that carries each out
    forms: ClassVar[Mapping[str, str]] = {}  # the method that makes the form of each that asks for something first

    def decide(self, decision: Decision) -> str | None:
        """Carry a click out; what to tell the clicker alone, if anything. Raises NotAllowed with the rule."""
        act: Callable[[Decision, Batch], str | None] = getattr(self, self.actions[decision.action])
        return self._checked(decision, act)

    def form(self, decision: Decision) -> dict[str, Any]:
        """Make the form that a click asks for, for who may send it. Raises NotAllowed with the rule.

        Who sends it is checked again. Slack's trigger lasts three seconds, and its people are asked for two at most.
        """
        make: Callable[[Decision, Batch], dict[str, Any]] = getattr(self, self.forms[decision.action])
        return self._checked(decision, make)

    def _checked(self, decision: Decision, act: Callable[[Decision, Batch], T]) -> T:
        # To another firm's people a firm's batches do not exist: nothing of it is touched, its log neither. Somebody of
        # a workspace without the app, met in a shared channel, is refused below, and that is kept.
        is_a_firm = self.store.firms.installation(decision.firm) is not None
        batch = find(self.store, decision.batch, decision.firm if is_a_firm else None)
        try:
            _check_firm(decision, batch)
            self.thread.clicked(batch, decision.action, decision.message_ts, decision.entry)
            self._check(decision, batch)
            return act(decision, batch)
        except NotAllowed as refusal:
            self._keep(decision, batch, allowed=False, reason=str(refusal))
            raise

    def _check(self, decision: Decision, batch: Batch) -> None:
        """Let through who may. Raises NotAllowed; fails closed."""
        raise NotImplementedError

    def _keep(self, decision: Decision, batch: Batch, *, allowed: bool, reason: str = "") -> None:
        self.store.decisions.add(
            batch,
            revision=decision.revision,
            actor=decision.actor,
            action=decision.action,
            allowed=allowed,
            approvers=self.approvers.named(batch),
            reason=reason,
            action_ts=decision.action_ts,
            clicked=decision.digest,
            stands_for=self.approvers.stands_for(decision.actor, batch),
        )


def _check_firm(decision: Decision, batch: Batch) -> None:
    if batch.firm != decision.firm:
        raise NotAllowed("Only members of this workspace can do this.")


def check_current(store: Store, decision: Decision, batch: Batch) -> None:
    """Let through a click on the preview as it waits. Raises NotAllowed where it is too late."""
    if not store.batches.waits(batch.id, revision=decision.revision, digest=decision.digest):
        raise NotAllowed(late(store.batches.get(batch.id), decision))


def late(batch: Batch, decision: Decision) -> str:
    """Tell the one who came second what happened; a success of somebody else is no error."""
    if batch.status is BatchStatus.PREVIEWED and batch.expire_at and batch.expire_at <= datetime.now(UTC):
        return "Nobody decided this in time, and it has expired. Drop the file again."
    if batch.status is BatchStatus.PREVIEWED:
        return "These are the buttons of an older preview. The current one is in this thread."
    if batch.status is BatchStatus.READING:
        return "It was corrected a moment ago and is being matched again. A new preview takes its place."
    ago = ""
    if batch.decided_at:
        seconds = (datetime.now(UTC) - batch.decided_at).total_seconds()
        ago = f" {about(seconds)} ago" if seconds >= 60 else " just now"
    if batch.status is BatchStatus.EXPIRED:
        return f"Nobody decided this in time, and it expired{ago}. Drop the file again."
    who = person(batch.decided_by) if batch.decided_by else "Someone"
    if batch.decided_by == decision.actor:
        who = "You"
    return f"{who} {DONE.get(batch.status, 'approved')} this{ago}."
