"""The posting date, changed by hand: the batch goes through matching again, and who changed it does not approve."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from brought_forward.bot.approval.approvers import Approvers
from brought_forward.bot.approval.checks import find
from brought_forward.bot.errors import NotAllowed
from brought_forward.bot.messages.reading import date_chosen
from brought_forward.bot.messages.status import stands
from brought_forward.bot.messages.words import long_date
from brought_forward.bot.settings import Settings
from brought_forward.bot.slack.clicks import ChosenDay
from brought_forward.bot.slack.people import People
from brought_forward.bot.slack.thread import BatchThread
from brought_forward.storage.records.batch import Batch, BatchStatus, RunKind
from brought_forward.storage.store import Store

# A balance is brought over near the day of the move to Clio; a day further off is a slip in the calendar.
BACK, AHEAD = timedelta(days=366), timedelta(days=31)


@dataclass(frozen=True, slots=True)
class PostingDay:
    """Check who changes the day and to which, carry it out in one statement, and keep it."""

    store: Store
    settings: Settings
    people: People
    approvers: Approvers
    thread: BatchThread
    start: Callable[[RunKind, int], None]

    def choose(self, chosen: ChosenDay) -> None:
        """Date a previewed batch's entries otherwise. Raises NotAllowed with the rule."""
        batch = find(self.store, chosen.batch, chosen.firm)
        try:
            self.thread.clicked(batch, "date", chosen.message_ts)
            self._check(chosen, batch)
            self._carry_out(chosen, batch)
        except NotAllowed as refusal:
            self._keep(chosen, batch, allowed=False, reason=str(refusal))
            raise
        self.start(RunKind.READ, batch.id)

    def _check(self, chosen: ChosenDay, batch: Batch) -> None:
        """Let through a full member and a day near today; an approver only while another one is left."""
        self.people.check(chosen.actor, batch.firm)
        if batch.status is BatchStatus.PREVIEWED and chosen.day == batch.posting_date:
            raise NotAllowed(f"It is dated {long_date(chosen.day)} already.")
        today = datetime.now(self.settings.balances_timezone or UTC).date()
        if not today - BACK <= chosen.day <= today + AHEAD:
            stays = f" It stays dated {long_date(batch.posting_date)}." if batch.posting_date else ""
            raise NotAllowed(
                f"{long_date(chosen.day)} is too far off: a posting date lies between {long_date(today - BACK)} and"
                f" {long_date(today + AHEAD)}.{stays}"
            )
        who = self.approvers
        left = who.approving(batch)
        mine = chosen.actor not in who.barred(batch) and who.listed(chosen.actor, batch.firm)
        if mine and left.people == 1 and not left.unread:
            raise NotAllowed(
                "You are the only one left who can approve this, and who changes the day cannot. Someone else changes"
                " it."
            )

    def _carry_out(self, chosen: ChosenDay, batch: Batch) -> None:
        with self.store.transaction():
            won = self.store.batches.choose_date(
                batch.id, revision=chosen.revision, digest=chosen.digest, day=chosen.day
            )
            if won:
                before = batch.posting_date.isoformat() if batch.posting_date else ""
                self._keep(chosen, batch, allowed=True, reason=f"{before} to {chosen.day.isoformat()}")
                self.thread.preview_over(batch, date_chosen(batch, chosen.actor, chosen.day))
        if won:
            return
        now = self.store.batches.get(batch.id)
        if now.status is BatchStatus.PREVIEWED:
            raise NotAllowed("This is the calendar of an older preview. The current one is in this thread.")
        if now.status is BatchStatus.READING:
            raise NotAllowed("It is being matched again just now. A new preview takes its place; change the day there.")
        raise NotAllowed(f"{batch.name} is {stands(now)}, so its day stays as it is.")

    def _keep(self, chosen: ChosenDay, batch: Batch, *, allowed: bool, reason: str) -> None:
        self.store.decisions.add(
            batch,
            revision=chosen.revision,
            actor=chosen.actor,
            action="date",
            allowed=allowed,
            approvers=self.settings.balances_approvers,
            reason=reason,
            action_ts=chosen.action_ts,
        )
