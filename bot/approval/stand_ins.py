"""A stand-in for an approver who is away: named by them, until a day, and told to all approvers."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from brought_forward.bot.approval.approvers import Approvers
from brought_forward.bot.errors import NotAllowed
from brought_forward.bot.messages import stand_ins as words
from brought_forward.bot.messages.blocks import Text
from brought_forward.bot.messages.words import long_date, person
from brought_forward.bot.slack.people import Standing
from brought_forward.bot.slack.thread import BatchThread
from brought_forward.storage.records.stand_in import StandIn
from brought_forward.storage.store import Store

LONGEST = timedelta(days=92)  # an absence, not a way round the settings
WAITING = 50  # batches that are shown anew at once


@dataclass(frozen=True, slots=True)
class StandIns:
    """Name and end stand-ins; whoever is away decides about their own alone."""

    store: Store
    approvers: Approvers
    thread: BatchThread
    owed: Callable[[], None]  # tells the outbox that something is owed

    def in_force(self, firm: str) -> list[StandIn]:
        """List who stands in for whom today."""
        return self.approvers.stand_ins(firm)

    def name(self, firm: str, by: str, other: str, until: date) -> StandIn:
        """Name who stands in. Raises NotAllowed with the rule."""
        approvers = self.approvers.everyone(firm)
        self._check(by, firm, approvers)
        if other == by:
            raise NotAllowed("You cannot stand in for yourself. Name somebody else.")
        if other in approvers:
            raise NotAllowed(f"{person(other)} is an approver already and decides in their own name.")
        if self.approvers.people.standing(other, firm) is not Standing.MEMBER:
            raise NotAllowed(f"{person(other)} is no full member of this workspace, so they cannot stand in.")
        today = self.approvers.today(firm)
        if until < today:
            raise NotAllowed(f"{long_date(until)} is over. Name a day from today on.")
        if until > today + LONGEST:
            raise NotAllowed(
                f"{long_date(until)} is too far off: {long_date(today + LONGEST)} at most. For longer, whoever runs"
                " this bot names another approver."
            )
        with self.store.transaction():
            number, before = self.store.stand_ins.name(firm, by=by, person=other, until=until)
            one = StandIn(number, by, other, until)
            if before and before.person != other:
                self._tell(firm, words.ended(before), f"ended-{before.id}", {before.person})
            waiting = self._show_anew(firm)
            self._tell(firm, words.named(one, waiting=waiting), f"named-{number}", {*approvers, other})
        self.owed()
        return one

    def end(self, firm: str, by: str) -> StandIn:
        """End what an approver has named. Raises NotAllowed where there is nothing to end."""
        approvers = self.approvers.everyone(firm)
        with self.store.transaction():
            over = self.store.stand_ins.end(firm, by=by)
            if over is None or over.until < self.approvers.today(firm):
                raise NotAllowed(f"Nobody stands in for you. {words.HOW}")
            self._show_anew(firm)
            self._tell(firm, words.ended(over), f"ended-{over.id}", {*approvers, over.person})
        self.owed()
        return over

    def look(self) -> None:
        """Let those whose last day is over no longer be named by previews, and tell them and who named them.

        They count no more in any case.
        """
        for firm in self.store.stand_ins.firms():
            with self.store.transaction():
                over = self.store.stand_ins.run_out(firm, self.approvers.today(firm))
                if over:
                    self._show_anew(firm)
                for one in over:
                    self._tell(firm, words.run_out(one), f"ended-{one.id}", {one.named_by, one.person})
            if over:
                self.owed()

    def _check(self, by: str, firm: str, approvers: set[str]) -> None:
        if by in approvers:
            return
        away = self.approvers.away(by, firm)
        if away:
            raise NotAllowed(f"You stand in for {person(away[0])} yourself, so you cannot name a stand-in.")
        raise NotAllowed("Only approvers can name a stand-in, each for themselves.")

    def _show_anew(self, firm: str) -> int:
        """Say in the previews that wait who may approve them by now. Returns how many there are."""
        waiting = self.store.homes.previewed(firm, WAITING)
        for batch in waiting:
            self.thread.preview(batch.id)
        return len(waiting)

    def _tell(self, firm: str, text: Text, slot: str, people: set[str]) -> None:
        """Tell each alone, in a direct message."""
        self.store.messages.tell_each(
            people, firm=firm, slot=f"told-standin-{slot}", text=text.text, blocks=text.json()
        )
