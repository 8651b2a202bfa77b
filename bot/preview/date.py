"""The posting date, changed by hand: the batch goes through matching again, and who changed it does not approve."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, ClassVar

from brought_forward.bot.approval.checks import Deciding, late
from brought_forward.bot.errors import NotAllowed
from brought_forward.bot.messages.approval import date_form
from brought_forward.bot.messages.reading import date_chosen
from brought_forward.bot.messages.status import stands
from brought_forward.bot.messages.words import long_date
from brought_forward.bot.sheet.cells import Unreadable
from brought_forward.bot.slack.clicks import Decision
from brought_forward.storage.records.batch import Batch, BatchStatus, RunKind

# A balance is brought over near the day of the move to Clio; a day further off is a slip in the calendar.
BACK, AHEAD = timedelta(days=366), timedelta(days=31)


@dataclass(frozen=True, slots=True)
class PostingDay(Deciding):
    """Check who changes the day and to which, carry it out in one statement, and keep it."""

    actions: ClassVar[Mapping[str, str]] = {"date": "_choose"}
    forms: ClassVar[Mapping[str, str]] = {"date": "_form"}

    def _check(self, decision: Decision, batch: Batch) -> None:
        """Let through a full member; an approver only while another one is left."""
        self.approvers.check(decision.actor, batch, listed=False, place=False)
        who = self.approvers
        left = who.approving(batch)
        own = who.speaks_for(decision.actor, batch) == (decision.actor,)
        mine = own and decision.actor not in who.barred(batch)
        if mine and left.people == 1 and not left.unread:
            raise NotAllowed(
                "You are the only one left who can approve this, and who changes the day cannot. Someone else changes"
                " it."
            )

    def _form(self, decision: Decision, batch: Batch) -> dict[str, Any]:
        """Make the form that asks for the day."""
        self._current(decision, batch)
        return date_form(batch, decision.metadata())

    def _choose(self, decision: Decision, batch: Batch) -> None:
        """Date a previewed batch's entries otherwise. Raises NotAllowed with the rule, Unreadable for such a day."""
        self._current(decision, batch)
        day = self._near(decision.reason, batch)
        with self.store.transaction():
            won = self.store.batches.choose_date(batch.id, revision=decision.revision, digest=decision.digest, day=day)
            if won:
                before = batch.posting_date.isoformat() if batch.posting_date else ""
                self._keep(decision, batch, allowed=True, reason=f"{before} to {day.isoformat()}")
                self.thread.preview_over(batch, date_chosen(batch, decision.actor, day))
        if not won:
            self._current(decision, self.store.batches.get(batch.id))
            raise NotAllowed(late(self.store.batches.get(batch.id), decision))
        self.start(RunKind.READ, batch.id)

    def _near(self, typed: str, batch: Batch) -> date:
        """Read the day; one that is too far off is a slip. Raises Unreadable."""
        try:
            day = date.fromisoformat(typed)
        except ValueError as wrong:
            raise Unreadable("I could not read that day. Pick one in the calendar.") from wrong
        if day == batch.posting_date:
            raise Unreadable(f"It is dated {long_date(day)} already.")
        today = self.approvers.today(batch.firm)
        if not today - BACK <= day <= today + AHEAD:
            stays = f" It stays dated {long_date(batch.posting_date)}." if batch.posting_date else ""
            raise Unreadable(
                f"{long_date(day)} is too far off: a posting date lies between {long_date(today - BACK)} and"
                f" {long_date(today + AHEAD)}.{stays}"
            )
        return day

    def _current(self, decision: Decision, batch: Batch) -> None:
        """Let through the preview that was clicked. Raises NotAllowed where it is no longer the one that waits."""
        if batch.status is BatchStatus.READING:
            raise NotAllowed("It is being matched again just now. A new preview takes its place; change the day there.")
        if batch.status is not BatchStatus.PREVIEWED:
            raise NotAllowed(f"{batch.name} is {stands(batch)}, so its day stays as it is.")
        if batch.revision != decision.revision or not (batch.hash or "").startswith(decision.digest):
            raise NotAllowed(late(batch, decision))
