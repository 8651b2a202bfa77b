"""One chunk of a run: claim entries, send them, take in what lands, and say what must end the run."""

import re
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from brought_forward.bot.clio.pace import KEPT
from brought_forward.bot.errors import ClioError, Stopping, pause_for
from brought_forward.bot.posting.halt import WRONG, Halt, alike, gravity, refused_form, unanswered, wrong
from brought_forward.bot.posting.in_flight import InFlight, Landed
from brought_forward.bot.posting.life import Life
from brought_forward.bot.posting.send import Sender
from brought_forward.bot.settings import Timing
from brought_forward.bot.slack.thread import BatchThread
from brought_forward.storage.records.batch import Batch, BatchStatus
from brought_forward.storage.records.entry import Entry, EntryState
from brought_forward.storage.store import Store

CHUNK = 25  # entries, for each that may be under way at once, between two checkpoints of the engine
REST = 1.0  # seconds at most until a run looks again whether it was paused or stopped
OF_FORM = re.compile(r"quantit|\bhour|duration|\brate\b|\bprice\b|\bflat\b", re.IGNORECASE)  # of Clio's words
SAME_REFUSALS = 3  # in a row: something is wrong with more than one matter


@dataclass(slots=True)
class Chunk:
    """Send the entries of an approved batch, some at a time."""

    store: Store
    sender: Sender
    thread: BatchThread
    timing: Timing
    stopping: threading.Event
    _tell_at: dict[int, float] = field(default_factory=dict)  # by batch: one holds back no other's

    def send(self, number: int, token: str, life: Life) -> bool | None:
        """Send until the chunk is full, and wait for what is under way.

        Returns whether there is more to move, None where nothing is left to send or to look up. Raises what must end
        the run: a Halt, a ClioError, Stopping.
        """
        troubles: list[Exception] = []
        with InFlight(self.timing.in_flight) as flight:
            more = self._send(number, token, life, flight, troubles)
            # Whatever ends the chunk, what is under way is finished and settled, and may be worse than what ended it.
            while flight:
                self._take_in(number, life, flight.landed(REST), troubles)
        if troubles:
            raise max(troubles, key=gravity)
        return more

    def tell(self, batch: Batch) -> None:
        """Show how far it is, now and then: all entries are counted for it, which costs more the more there are."""
        now = time.monotonic()
        if now >= self._tell_at.get(batch.id, 0.0):
            self._tell_at = {one: at for one, at in self._tell_at.items() if at > now}
            self._tell_at[batch.id] = now + self.timing.edit_gap
            self.thread.status(batch.id, living=True)

    def _send(self, number: int, token: str, life: Life, flight: InFlight, troubles: list[Exception]) -> bool | None:
        """Send until the chunk is full or something is amiss.

        Returns None where nothing is left to send or to look up.
        """
        pace, begun = self.sender.connections.at(self.store.batches.get(number)).pace, 0
        while begun < CHUNK * pace.at_once:
            self._take_in(number, life, flight.landed(0), troubles)
            if troubles or self.stopping.is_set():
                return False
            if self.store.batches.is_current(number, token) is not BatchStatus.POSTING:
                return True  # paused, stopped or another run's: the next chunk finds out which
            batch = self.store.batches.get(number)
            if (self.sender.connections.of(batch.firm).number, self.store.epoch()) != (life.sign_in, life.epoch):
                return True  # somebody else has signed in, or the database came back: the next chunk lists anew first
            waiting = self.store.entries.next_to_look_up(number, but=flight.entries)
            wait = self.store.clock.until(waiting.look_at) if waiting and waiting.look_at else REST
            try:
                if waiting and wait <= 0:
                    state = self.sender.look_up(waiting, batch, otherwise=EntryState.PLANNED)
                    life.spent = life.spent or bool(state is EntryState.PLANNED and self.store.entries.spent(number))
                    self._settled(batch, life, waiting, state)
                    begun += 1
                    continue
                life.watch.look(batch)
                entry = None if self._must_wait(batch, life) else self.store.entries.next_to_send(number)
                if entry is None and waiting is None and not flight:
                    return None
                if entry is None:
                    self.tell(batch)
                elif len(flight) < (pace.at_once if self._is_proved(life, entry) else 1):
                    wait = pace.take(kept=KEPT)
                    if wait <= 0:
                        sent = self._begin(entry, batch, flight, life)
                        life.watch.sent(sent)
                        begun += sent
                        continue
                if not flight:
                    pause_for(self.stopping, min(wait, REST))
                    continue
            except (Halt, ClioError, Stopping) as trouble:
                troubles.append(trouble)
                continue
            self._take_in(number, life, flight.landed(min(wait, REST)), troubles)
        return True

    def _begin(self, entry: Entry, batch: Batch, flight: InFlight, life: Life) -> int:
        """Claim an entry and send it; 1 where it was claimed."""
        claim = self.sender.claim(entry, batch, life.epoch)
        if claim is None:
            return 0
        alone = not self._is_proved(life, entry) or claim.clio.pace.at_once == 1
        flight.send(entry, lambda: self.sender.post(entry, batch, claim), alone=alone)
        return 1

    def _take_in(self, number: int, life: Life, landed: Sequence[Landed], troubles: list[Exception]) -> None:
        """Draw from what has landed what the run has to know."""
        for one in landed:
            if one.trouble:
                troubles.append(one.trouble)
                continue
            life.landed(one.state)
            try:
                self._settled(self.store.batches.get(number), life, one.entry, one.state)
            except Halt as halt:
                troubles.append(halt)

    def _is_proved(self, life: Life, entry: Entry) -> bool:
        """Whether one of its kind, balance or credit, was posted as sent in this run; until then each goes alone."""
        return (entry.amount < 0) in life.proved

    def _must_wait(self, batch: Batch, life: Life) -> bool:
        """Say whether nothing may go now.

        The first entry of a run goes alone, and its first credit: others follow once it is proved. Where Clio was
        silent three times in a row, all of that is looked up first. Raises Halt where an entry is sent no more.
        """
        if life.alone is not None and self.store.entries.get(life.alone).state is EntryState.SENDING:
            return True
        if not (life.silence.quiet or life.spent):
            return False
        if self.store.entries.first(batch.id, EntryState.SENDING):
            return True
        if life.spent and (spent := self.store.entries.spent(batch.id)):
            raise unanswered(spent, batch.currency or "")
        life.spent = False
        life.go_on()
        return False

    def _settled(self, batch: Batch, life: Life, entry: Entry, state: EntryState | None) -> None:
        if state is None:
            return
        credit = entry.amount < 0
        if state is EntryState.SENDING and credit not in life.proved:
            life.alone = entry.id
        elif state is EntryState.POSTED:
            life.proved.add(credit)
        if state in {EntryState.REFUSED, EntryState.UNCLEAR}:
            self._count_alike(batch, life, state, self.store.entries.get(entry.id).reason or "")
        elif state in {EntryState.POSTED, EntryState.WRONG}:
            life.refusals.clear()
        if state is EntryState.WRONG:
            now = self.store.batches.get(batch.id)  # who settled it has said why, in the same commit
            raise Halt(now.halt or WRONG, now.halt_text or str(wrong(self.store.entries.get(entry.id))), stop=True)
        life.untold += 1
        if life.untold >= life.stride:
            life.untold = 0
            self.tell(batch)

    def _count_alike(self, batch: Batch, life: Life, state: EntryState, reason: str) -> None:
        life.refusals.append(reason)
        refused = state is EntryState.REFUSED
        if refused and self._speaks_of_its_form(batch, life, reason) and batch.form.following:
            raise refused_form(reason, batch.form.following)
        same = len(life.refusals) >= SAME_REFUSALS and len(set(life.refusals[-SAME_REFUSALS:])) == 1
        if same and self.store.entries.first(batch.id, EntryState.PLANNED):  # else the results say it all
            life.refusals.clear()
            raise alike(state, SAME_REFUSALS, reason)

    def _speaks_of_its_form(self, batch: Batch, life: Life, reason: str) -> bool:
        """Whether Clio refuses the first entry in words on its form, which this account has never taken yet."""
        if life.proved or not OF_FORM.search(reason) or not self.store.entries.first(batch.id, EntryState.PLANNED):
            return False
        return not self.store.forms.is_proved(batch.account or "", batch.form)
