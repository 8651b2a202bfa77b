"""Questions that approvers put to who brought a batch: while one is open, nobody approves the batch."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from brought_forward.bot.approval.checks import Deciding, check_current
from brought_forward.bot.approval.holds import on_hold
from brought_forward.bot.errors import NotAllowed
from brought_forward.bot.messages.queries import ask_form, asked, reply_form
from brought_forward.bot.messages.words import people, person
from brought_forward.bot.slack.clicks import Decision
from brought_forward.storage.records.batch import Batch, BatchStatus
from brought_forward.storage.records.query import Query, QueryEnd

SAY = "Write what you want to know."
ANSWER = "Write the answer."


@dataclass(frozen=True, slots=True)
class Queries(Deciding):
    """Take an approver's question, its answer, or its withdrawal."""

    actions: ClassVar[Mapping[str, str]] = {"ask": "_ask", "reply": "_reply", "take_back": "_take_back"}
    forms: ClassVar[Mapping[str, str]] = {"ask": "_ask_form", "reply": "_reply_form"}

    def _check(self, decision: Decision, batch: Batch) -> None:
        """Let approvers ask, who is asked or an approver answer, and who asked or an approver withdraw."""
        mine = asked(batch)
        if decision.action == "ask":
            if decision.actor in mine:
                raise NotAllowed("You brought this file, so a question about it would go to yourself.")
            self.approvers.check(decision.actor, batch, listed=True, place=True, verb="ask")
            return
        if decision.action == "reply":
            verb = f"answer in place of {people(mine, last='or')}"
            listed = decision.actor not in mine
        else:
            query = self._find(decision, batch)
            verb = f"withdraw it in place of {person(query.asked_by)}"
            listed = decision.actor != query.asked_by
        self.approvers.check(decision.actor, batch, listed=listed, place=True, verb=verb)

    def _ask_form(self, decision: Decision, batch: Batch) -> dict[str, Any]:
        check_current(self.store, decision, batch)
        return ask_form(batch, decision.metadata())

    def _reply_form(self, decision: Decision, batch: Batch) -> dict[str, Any]:
        query = self._find(decision, batch)
        if not query.is_open:
            raise NotAllowed(_over(query))
        return reply_form(batch, query, decision.metadata())

    def _ask(self, decision: Decision, batch: Batch) -> None:
        if not decision.reason:
            raise NotAllowed(SAY)
        with self.store.transaction():
            check_current(self.store, decision, batch)
            made = self.store.queries.add(batch, by=decision.actor, said=decision.action_ts, text=decision.reason)
            if made is not None:  # else the same form came twice
                self._keep(decision, batch, allowed=True, reason=decision.reason)
                self.thread.preview(batch.id)

    def _reply(self, decision: Decision, batch: Batch) -> None:
        if not decision.reason:
            raise NotAllowed(ANSWER)
        query = self._find(decision, batch)
        with self.store.transaction():
            won = self.store.queries.answer(query.id, by=decision.actor, text=decision.reason)
            if won:
                self._keep(decision, batch, allowed=True, reason=decision.reason)
                now = self._show(batch)
                self.thread.answered(now, self._find(decision, batch), held_by=on_hold(self.store, now))
        if not won:
            raise NotAllowed(_over(self._find(decision, batch)))

    def _take_back(self, decision: Decision, batch: Batch) -> None:
        query = self._find(decision, batch)
        with self.store.transaction():
            won = self.store.queries.take_back(query.id, by=decision.actor)
            if won:
                self._keep(decision, batch, allowed=True, reason=query.text)
                self._show(batch)
        if not won:
            raise NotAllowed(_over(self._find(decision, batch)))

    def _show(self, batch: Batch) -> Batch:
        """Show what a question's end changes; a batch that is being matched again has its preview later."""
        now = self.store.batches.get(batch.id)
        if now.status is BatchStatus.PREVIEWED:
            self.thread.preview(now.id)
        else:
            self.thread.queries(now)
        return now

    def _find(self, decision: Decision, batch: Batch) -> Query:
        """Read the question that a button names. Raises NotAllowed where it is none of this batch."""
        found = self.store.queries.find(decision.entry or 0)
        if found is None or found.batch != batch.id:
            raise NotAllowed("I know no such question about this batch.")
        return found


def _over(query: Query) -> str:
    """Say to who came second how a question ended."""
    if query.ended is None:
        return "The batch is decided, and its question is closed."
    how = "answered" if query.ended is QueryEnd.ANSWERED else "withdrew"
    return f"{person(query.ended_by or '')} {how} this question already."
