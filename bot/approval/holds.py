"""Decisions that let a held preview go on: as it was read, in place of an earlier file, or beside it."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from brought_forward.bot.approval.checks import Deciding, find, late
from brought_forward.bot.errors import NotAllowed
from brought_forward.bot.messages.holds import Doubts, Reason, in_short, reasons
from brought_forward.bot.messages.results import together
from brought_forward.bot.slack.clicks import Decision
from brought_forward.storage.records.batch import Batch, BatchStatus
from brought_forward.storage.store import Store

ANSWERED = "This question is answered already."


def held_for(store: Store, batch: Batch) -> list[Reason]:
    """Name what keeps a batch from approval, as the database has it now."""
    return reasons(batch, _total(store, batch), doubts(store, batch))


def on_hold(store: Store, batch: Batch) -> str:
    """Say in a few words why nobody can approve a preview as it stands; nothing where that is not so."""
    if batch.status is not BatchStatus.PREVIEWED:
        return ""
    return in_short(batch, _total(store, batch), doubts(store, batch))


def doubts(store: Store, batch: Batch) -> Doubts:
    """Read what others say of a batch that may keep it from approval."""
    return Doubts(store.replacements.of_batch(batch.id), store.queries.of_batch(batch.id))


def _total(store: Store, batch: Batch) -> Decimal:
    """Sum a batch's lines, those that stay out too, without reading each."""
    return together(store.entries.tallies(batch.id)).amount + store.lines.left_out_total(batch.id)[1]


@dataclass(frozen=True, slots=True)
class Holds(Deciding):
    """Take a member's word; whoever says to go on as read or to keep both does not approve.

    Where two approvals are needed and the first was given before the hold, it no longer counts.
    """

    actions: ClassVar[Mapping[str, str]] = {
        "keep_file": "_keep_file",
        "replace": "_replace",
        "keep_both": "_keep_both",
    }

    def _check(self, decision: Decision, batch: Batch) -> None:
        self.approvers.check(decision.actor, batch, listed=False, place=True)

    def _keep_file(self, decision: Decision, batch: Batch) -> None:
        with self.store.transaction():
            if not self.store.originals.keep(batch.id, revision=decision.revision, by=decision.actor):
                raise NotAllowed(self._late(decision, batch))
            self.store.batches.forget_first(batch.id)
            self._keep(decision, batch, allowed=True)
            self.thread.preview(batch.id)

    def _replace(self, decision: Decision, batch: Batch) -> None:
        """End the earlier batch, which this one replaces."""
        with self.store.transaction():
            older = self._answer(decision, batch, replaces=True)
            reason = f"Replaced by {batch.name}."
            ended = self.store.batches.decide(
                older.id,
                revision=older.revision,
                digest=older.hash or "",
                status=BatchStatus.WITHDRAWN,
                actor=decision.actor,
                reason=reason,
            )
            if not ended:
                raise NotAllowed(f"{older.name} is being matched again just now. Click once more in a moment.")
            self.store.batches.forget_first(batch.id)
            self._keep(decision, batch, allowed=True, reason=f"{older.name} is replaced")
            self.store.decisions.add(
                older,
                actor=decision.actor,
                action="replace",
                allowed=True,
                approvers=self.approvers.named(older),
                reason=reason,
                action_ts=decision.action_ts,
            )
            self.thread.preview(older.id)
            if decision.actor != older.uploader:
                self.thread.told_uploader(older.id)

    def _keep_both(self, decision: Decision, batch: Batch) -> None:
        with self.store.transaction():
            older = self._answer(decision, batch, replaces=False)
            self._keep(decision, batch, allowed=True, reason=f"{older.name} stands too")
            self._keep(decision, older, allowed=True, reason=f"{batch.name} stands too")
            for one in (batch, older):
                self.store.batches.forget_first(one.id)
                self.thread.preview(one.id)

    def _answer(self, decision: Decision, batch: Batch, *, replaces: bool) -> Batch:
        """Keep the answer; the earlier batch as it is now. Raises NotAllowed where it is too late."""
        now = self.store.batches.get(batch.id)
        if now.status is not BatchStatus.PREVIEWED or now.revision != decision.revision:
            raise NotAllowed(late(now, decision))
        older = find(self.store, decision.entry or 0, batch.firm)
        is_open = any(one.is_open and one.older == older.id for one in self.store.replacements.of_batch(batch.id))
        if not is_open or not self.store.replacements.answer(batch.id, older.id, replaces=replaces, by=decision.actor):
            raise NotAllowed(ANSWERED)
        return older

    def _late(self, decision: Decision, batch: Batch) -> str:
        now = self.store.batches.get(batch.id)
        if now.status is BatchStatus.PREVIEWED and now.revision == decision.revision:
            return ANSWERED
        return late(now, decision)
