"""`/balances pause | resume | stop | retry | look BATCH`: the thread's buttons, by the same rules, typed."""

import re
from dataclasses import dataclass

from brought_forward.bot.errors import NotAllowed
from brought_forward.bot.messages.words import esc, few, thread_link
from brought_forward.bot.posting.decide import Control
from brought_forward.bot.slack.clicks import Decision
from brought_forward.bot.slack.people import People
from brought_forward.storage.records.batch import Batch, BatchStatus
from brought_forward.storage.records.entry import EntryState
from brought_forward.storage.store import Store

S, E = BatchStatus, EntryState
LEFT = (E.NOT_SENT, E.UNDONE)  # what Go on sends of a batch that has ended


@dataclass(frozen=True, slots=True)
class Verb:
    """A decision that can be typed, and the batches that it may mean where none is named."""

    action: str  # the button's
    done: str
    at: tuple[BatchStatus, ...]  # such a batch always fits
    after: tuple[BatchStatus, ...] = ()  # such a one where it has entries in one of `having`
    having: tuple[EntryState, ...] = ()


VERBS = {
    "pause": Verb("pause", "{} is paused. The entry under way is finished, nothing after it is sent.",
                  (S.APPROVED, S.POSTING)),
    "resume": Verb("go_on", "{} goes on.", (S.PAUSED,), (S.POSTED, S.STOPPED), LEFT),
    "stop": Verb("stop", "{} is stopped. The entry under way is finished, nothing after it is sent.",
                 (S.APPROVED, S.POSTING, S.PAUSED)),
    "retry": Verb("retry_refused", "What Clio refused of {} is sent again.", (),
                  (S.PAUSED, S.POSTED, S.STOPPED), (E.REFUSED,)),
    "look": Verb("look_again", "{} is looked at again.", (),
                 (S.PAUSED, S.POSTED, S.STOPPED, S.UNDONE), (E.UNCLEAR,)),
}  # fmt: skip
NAMED = 10  # batches in an answer


@dataclass(frozen=True, slots=True)
class Steering:
    """Carry out a typed decision; who it was is told in the thread, as after a click."""

    store: Store
    people: People
    control: Control

    def answer(self, name: str, words: list[str], user: str, firm: str) -> str:
        """Decide as the button would; what to tell the asker alone. Raises NotAllowed with the rule."""
        verb = VERBS[name]
        batch = self._find(name, verb, words, user, firm)
        decision = Decision(
            action=verb.action,
            batch=batch.id,
            revision=batch.revision,
            digest=(batch.hash or "")[:12],
            entry=None,
            actor=user,
            firm=firm,
            message_ts="",  # no message was clicked, so no copy of one is to be redrawn
            action_ts="",
        )
        return self.control.decide(decision) or f"{verb.done.format(batch.name)} ({thread_link(batch, 'thread')})"

    def _find(self, name: str, verb: Verb, words: list[str], user: str, firm: str) -> Batch:
        """Find the batch that is meant. Whoever may decide is checked with it; what there is, is told no guest."""
        if words:
            try:
                return named(self.store, words[0], firm)
            except NotAllowed:
                self.people.check(user, firm)
                raise
        fitting = self.store.batches.fitting(firm, verb.at, after=verb.after, having=verb.having)
        if len(fitting) == 1:
            return fitting[0]
        self.people.check(user, firm)
        if not fitting:
            raise NotAllowed(f"There is nothing to {name}.")
        names = [batch.name for batch in fitting]
        raise NotAllowed(f"Say which one: {few(names, NAMED)}. For example `/balances {name} {names[0]}`.")


NAME = re.compile("[#bB]?([0-9]{1,15})")


def named(store: Store, word: str, firm: str) -> Batch:
    """Find a firm's batch by what was typed: B12, b12, #12, 12. Raises NotAllowed for a name that is none."""
    found = NAME.fullmatch(word)
    batch = store.batches.find(int(found.group(1))) if found else None
    if batch is None or batch.firm != firm:
        raise NotAllowed(f"I know no batch {esc(word)}. `/balances list` names the last ones.")
    return batch
