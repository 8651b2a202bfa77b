"""Decisions on a preview: approve, reject or withdraw, say that a total is wrong, answer what a sheet means."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from brought_forward.bot.approval.checks import Deciding, check_current, find, late
from brought_forward.bot.approval.holds import doubts, held_for
from brought_forward.bot.errors import NotAllowed
from brought_forward.bot.messages.approval import comment_form, reject_form
from brought_forward.bot.messages.holds import refusal
from brought_forward.bot.messages.questions import answered, fingerprint
from brought_forward.bot.messages.results import together
from brought_forward.bot.messages.words import count, money, people, person
from brought_forward.bot.slack.clicks import Answer, Decision
from brought_forward.storage.records.batch import Batch, BatchStatus, RunKind

EMPTY = "There is nothing to post in this batch."
LOOKING = "Its file was changed or deleted in Slack a moment ago, and I am looking at it. Try again."


@dataclass(frozen=True, slots=True)
class Approval(Deciding):
    """Decide what was previewed."""

    actions: ClassVar[Mapping[str, str]] = {
        "approve": "_approve",
        "reject": "_reject",
        "confirm_total": "_confirm_total",
        "confirm_choices": "_confirm_choices",
        "try_again": "_try_again",
    }
    forms: ClassVar[Mapping[str, str]] = {"approve": "_comment_form", "reject": "_reject_form"}

    def _check(self, decision: Decision, batch: Batch) -> None:
        """Let through an approver who has no part in the batch; to withdraw, the uploader."""
        if decision.action == "approve":
            self._bar(decision, batch)
        listed = decision.action in {"approve", "confirm_choices"} or (
            decision.action == "reject" and not _is_mine(decision, batch)
        )
        verb = "approve" if decision.action == "approve" else "do this"
        place = decision.action != "reject"  # a batch is ended wherever it stands
        self.approvers.check(decision.actor, batch, listed=listed, place=place, verb=verb)

    def _bar(self, decision: Decision, batch: Batch) -> None:
        if decision.actor not in self.approvers.barred(batch):
            self._bar_stand_in(decision, batch)
            return
        who = self._others(batch)
        if decision.actor not in self.approvers.has_part(batch):
            raise NotAllowed(
                "A choice of yours decides where lines of this file go, and no other approver has confirmed it. Someone"
                f" else confirms it, or approves instead: {who}."
            )
        did = "uploaded" if _is_mine(decision, batch) else "corrected"
        raise NotAllowed(f"You {did} this file, so someone else approves it: {who}.")

    def _bar_stand_in(self, decision: Decision, batch: Batch) -> None:
        """Refuse who stands in for one who has part in a batch, or who gave the first of its two approvals."""
        actor = decision.actor
        whom = [one for one in self.approvers.speaks_for(actor, batch) if one != actor]
        if batch.first_by and batch.first_for == actor:
            raise NotAllowed(
                f"{person(batch.first_by)} approved this in your place. You two count as one approver, so someone else"
                f" gives the second approval: {self._others(batch)}."
            )
        if not whom or batch.first_by == actor or self.approvers.free_to_approve(actor, batch):
            return
        who, barred = self._others(batch), self.approvers.barred(batch)
        had = next((one for one in whom if one in barred), None)
        if had is None:
            raise NotAllowed(
                f"You stand in for {people(whom)}, for whom the first approval was given. You two count as one"
                f" approver, so someone else gives the second: {who}."
            )
        did = "uploaded" if had in {batch.uploader, batch.owner} else "had a hand in"
        raise NotAllowed(f"You stand in for {people([had])}, who {did} this file, so someone else approves it: {who}.")

    def _others(self, batch: Batch) -> str:
        others = self.approvers.approving(batch).named
        return people(others, last="or") if others else "nobody yet; a second approver has to be named"

    def _approve(self, decision: Decision, batch: Batch) -> None:
        """Approve; above the rules' sum this is the first of two approvals, or the second by somebody else."""
        if not self.store.entries.of_batch(batch.id):
            raise NotAllowed(EMPTY)
        with self.store.transaction():
            now = self._approvable(decision, batch)
            if self.approvers.first_is_void(now):
                self.store.decisions.void_first(now)
                now = self.store.batches.get(batch.id)
            approving = self.approvers.approving(now)
            won = self._approve_as(decision, batch, two=approving.two_above is not None)
            if won:
                self._keep(decision, batch, allowed=True, reason=decision.reason)
                self.thread.preview(batch.id)
            posting = won and self.store.batches.get(batch.id).status is BatchStatus.APPROVED
            if posting:
                self.thread.status(batch.id)
        if not won:
            raise NotAllowed(self._late(decision, batch))
        if posting:
            self.start(RunKind.POST, batch.id)

    def _approvable(self, decision: Decision, batch: Batch) -> Batch:
        """Give the batch as it is by now, in the transaction that decides; Slack was asked meanwhile.

        Raises NotAllowed where something keeps it from approval, or who clicked from approving it.
        """
        now = self.store.batches.get(batch.id)
        self._bar(decision, now)
        if not self.approvers.speaks_for(decision.actor, now):  # a stand-in whose time ended in this moment
            raise NotAllowed(f"Only approvers can approve: {self._others(now)}.")
        if now.file_look_at:
            raise NotAllowed(LOOKING)
        if held := held_for(self.store, now):
            raise NotAllowed(refusal(held, now, doubts(self.store, now)))
        return now

    def _approve_as(self, decision: Decision, batch: Batch, *, two: bool) -> bool:
        batches, said = self.store.batches, decision.reason or None
        revision, digest, actor = decision.revision, decision.digest, decision.actor
        whom = next(iter(self.approvers.free_to_approve(actor, self.store.batches.get(batch.id))), actor)
        away = whom if whom != actor else None
        if not two:
            return batches.decide(
                batch.id,
                revision=revision,
                digest=digest,
                status=BatchStatus.APPROVED,
                actor=actor,
                reason=said,
                stands_for=away,
            )
        return batches.approve_of_two(
            batch.id, revision=revision, digest=digest, actor=actor, reason=said, stands_for=away
        )

    def _late(self, decision: Decision, batch: Batch) -> str:
        now = self.store.batches.get(batch.id)
        first = now.status is BatchStatus.PREVIEWED and now.first_by == decision.actor
        if not first or now.revision != decision.revision:
            return late(now, decision)
        approving = self.approvers.approving(now)
        limit = money(approving.two_above, now.currency or "") if approving.two_above is not None else "the limit"
        who = people(approving.named, last="or")
        return f"You approved this already. Above {limit} one more approver is needed: {who}."

    def _comment_form(self, decision: Decision, batch: Batch) -> dict[str, Any]:
        """Make the form that asks for a comment, where its approval would be taken."""
        planned = together(self.store.entries.tallies(batch.id))
        if not planned.entries:
            raise NotAllowed(EMPTY)
        with self.store.transaction():
            now = self._approvable(decision, batch)
            if now.first_by == decision.actor or not self.store.batches.waits(
                batch.id, revision=decision.revision, digest=decision.digest
            ):
                raise NotAllowed(self._late(decision, batch))
            is_first = self.approvers.approving(now).two_above is not None and now.first_by is None
        return comment_form(now, planned, decision.metadata(), is_first=is_first)

    # Rejecting

    def _reject_form(self, decision: Decision, batch: Batch) -> dict[str, Any]:
        """Make the form that asks for the reason."""
        check_current(self.store, decision, batch)
        return reject_form(batch, decision.metadata(), mine=_is_mine(decision, batch))

    def _reject(self, decision: Decision, batch: Batch) -> None:
        mine = _is_mine(decision, batch)
        if not decision.reason and not mine:
            raise NotAllowed("Say why, so that the uploader can put it right.")
        status = BatchStatus.WITHDRAWN if mine else BatchStatus.REJECTED
        with self.store.transaction():
            won = self.store.batches.decide(
                batch.id,
                revision=decision.revision,
                digest=decision.digest,
                status=status,
                actor=decision.actor,
                reason=decision.reason or None,
                stands_for=None if mine else self.approvers.stands_for(decision.actor, batch),
            )
            if won:
                self._keep(decision, batch, allowed=True, reason=decision.reason)
                self.thread.preview(batch.id)
                if decision.actor != batch.uploader:
                    self.thread.told_uploader(batch.id)
        if not won:
            raise NotAllowed(late(self.store.batches.get(batch.id), decision))

    # What staff say of the sheet

    def _confirm_total(self, decision: Decision, batch: Batch) -> None:
        """Take staff's word that the lines are right although a total differs; they then do not approve."""
        with self.store.transaction():
            won = self.store.batches.confirm(batch.id, revision=decision.revision, by=decision.actor)
            if won:
                self._keep(decision, batch, allowed=True)
                self.thread.preview(batch.id)
        if not won:
            raise NotAllowed(late(self.store.batches.get(batch.id), decision))

    def _confirm_choices(self, decision: Decision, batch: Batch) -> None:
        """Make the firm's what others chose and this batch uses; an approver's own choices stay as they are."""
        with self.store.transaction():
            now = self.store.batches.get(batch.id)
            if not self.store.batches.waits(batch.id, revision=decision.revision, digest=decision.digest):
                raise NotAllowed(late(now, decision))
            used = self.store.choices.unconfirmed(batch.id)
            if not used:
                raise NotAllowed("These choices are confirmed already.")
            mine = {decision.actor, *self.approvers.speaks_for(decision.actor, batch)}
            theirs = [one for one in used if one.by not in mine]
            if not theirs:
                raise NotAllowed("You made these choices yourself, so another approver confirms them.")
            self.store.choices.confirm(theirs, by=decision.actor)
            self._keep(decision, batch, allowed=True, reason=count(len(theirs), "choice"))
            for number in self.store.choices.waiting_with(theirs):
                self.thread.preview(number)

    def _try_again(self, decision: Decision, batch: Batch) -> None:
        """Let reading go on, where Clio forbade what it needs."""
        with self.store.transaction():
            won = self.store.batches.try_again(batch.id)
            if won:
                self._keep(decision, batch, allowed=True)
                self.thread.reading(batch, ahead=self.store.batches.ahead(batch.id))
        if not won:
            raise NotAllowed("It goes on already. Look at the thread.")
        self.start(RunKind.READ, batch.id)

    def answer(self, answer: Answer) -> None:
        """Keep what a person answered about the sheet, and let reading go on. Raises NotAllowed with the rule."""
        batch = find(self.store, answer.batch, answer.firm)
        self.thread.clicked(batch, "answer", answer.message_ts)
        self.approvers.check(answer.actor, batch, listed=False, place=True)
        asked = json.loads(batch.question or "{}")
        offered = asked.get("candidates", [])
        if answer.question != fingerprint(batch.question or "") or answer.place >= len(offered):
            raise NotAllowed("This question is answered already.")
        choice, heading = offered[answer.place]["value"], offered[answer.place]["heading"]
        with self.store.transaction():
            if not self.store.batches.answered(batch.id):
                raise NotAllowed("This question is answered already.")
            self.store.answers.keep(
                batch.firm,
                batch.channel,
                asked["signature"],
                asked["kind"],
                choice=choice,
                by=answer.actor,
                heading=heading,
            )
            self.store.decisions.add(
                batch,
                actor=answer.actor,
                action="answer",
                allowed=True,
                approvers=self.approvers.named(batch),
                reason=f"{asked['kind']}: {choice}",
                action_ts=answer.action_ts,
            )
            self.thread.in_place(batch, answered(batch, answer.actor, f'"{heading}"'))
        self.start(RunKind.READ, batch.id)


def _is_mine(decision: Decision, batch: Batch) -> bool:
    return decision.actor in {batch.uploader, batch.owner}
