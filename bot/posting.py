"""The run: list what Clio has, then post entry by entry until nothing is left, paused or stopped."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from brought_forward.bot.clio.connection import Connection
from brought_forward.bot.errors import ClioBusy, ClioError, Stopping
from brought_forward.bot.halt import PERSON, REFUSALS, WRONG, Halt, halt_for
from brought_forward.bot.preflight import Preflight
from brought_forward.bot.sending import Sending
from brought_forward.bot.settings import Timing
from brought_forward.bot.thread import Thread
from brought_forward.storage.records import Batch, BatchStatus, Entry, EntryState, RunKind
from brought_forward.storage.store import Store

log = logging.getLogger(__name__)

CHUNK = 25  # entries between two checkpoints of the engine; the truth of each is our own row
SAME_REFUSALS = 3  # in a row: something is wrong with more than one matter


@dataclass(slots=True)
class Life:
    """What this process knows of a run: gone with it, so that the next process looks again."""

    proved: set[bool] = field(default_factory=set)  # of credits, of balances: one was posted and is as sent
    alone: int | None = None  # the entry that must be settled before another goes
    refusals: list[str] = field(default_factory=list)  # the last ones in a row


@dataclass(slots=True)
class Posting:
    """Move approved batches to their end."""

    store: Store
    connection: Connection
    sending: Sending
    preflight: Preflight
    thread: Thread
    timing: Timing
    start: Callable[[RunKind, int], None]
    stopping: threading.Event
    _lives: dict[str, Life] = field(default_factory=dict)
    _tell_at: float = 0.0

    def move(self, number: int, token: str) -> bool:
        """Move a batch by one chunk; true where more is to be moved."""
        if self.store.batches.begin_posting(number, token):
            self.thread.status(number)
        status = self.store.batches.is_current(number, token)
        try:
            if status is BatchStatus.STOPPED:
                return self._end(number, token)
            if status is BatchStatus.POSTING:
                return self._chunk(number, token)
            if status is BatchStatus.PAUSED:
                return self._rest(number, token)
        except Stopping:
            return False
        except Halt as halt:
            return self._halt(number, token, halt)
        except ClioError as trouble:
            if isinstance(trouble, ClioBusy) and not trouble.tell:
                return not self.stopping.wait(trouble.retry_after)
            return self._halt(number, token, halt_for(trouble))
        return False

    def _chunk(self, number: int, token: str) -> bool:
        life = self._lives.get(token)
        if life is None:
            if not self.preflight.check(self.store.batches.get(number)):
                return False
            life = Life()
            self._lives = {token: life}
        for _ in range(CHUNK):
            if self.stopping.is_set():
                return False
            if self.store.batches.is_current(number, token) is not BatchStatus.POSTING:
                return True  # paused, stopped or another run's: the next chunk finds out which
            if not self._step(self.store.batches.get(number), life):
                return self._end(number, token)
        return True

    # Entry by entry

    def _step(self, batch: Batch, life: Life) -> bool:
        """Look up what is due, else send what is planned; false where nothing is left."""
        waiting = self.store.entries.next_to_look_up(batch.id)
        now = datetime.now(UTC)
        if waiting and waiting.look_at and waiting.look_at <= now:
            self._settled(batch, life, waiting, self.sending.look_up(waiting, batch, otherwise=EntryState.PLANNED))
            return True
        entry = None if self._must_wait(life) else self.store.entries.first(batch.id, EntryState.PLANNED)
        if entry is None:
            if waiting is None:
                return False
            self._tell(batch)
            self._pause(min((waiting.look_at or now).timestamp() - now.timestamp(), 1.0))
            return True
        self._settled(batch, life, entry, self.sending.send(entry, batch))
        return True

    def _must_wait(self, life: Life) -> bool:
        """Let the first entry of a run go alone, and its first credit: others follow once it is proved."""
        return life.alone is not None and self.store.entries.get(life.alone).state is EntryState.SENDING

    def _settled(self, batch: Batch, life: Life, entry: Entry, state: EntryState | None) -> None:
        if state is None:
            return
        credit = entry.amount < 0
        if state is EntryState.SENDING and credit not in life.proved:
            life.alone = entry.id
        elif state is EntryState.POSTED:
            life.proved.add(credit)
        if state is EntryState.REFUSED:
            self._count_refusal(batch, life, self.store.entries.get(entry.id).reason or "")
        elif state in {EntryState.POSTED, EntryState.WRONG}:
            life.refusals.clear()
        if state is EntryState.WRONG:
            reason = self.store.entries.get(entry.id).reason or ""
            why = f"At {entry.matter_number}: {reason} Nothing was sent after it."
            raise Halt(WRONG, f"{why} Remove this entry, put the cause right in Clio, then Go on.", stop=True)
        self._tell(batch)

    def _tell(self, batch: Batch) -> None:
        """Show how far it is, now and then: to count all entries after each one would cost more the more there are."""
        if time.monotonic() >= self._tell_at:
            self._tell_at = time.monotonic() + self.timing.edit_gap
            self.thread.status(batch.id, living=True)

    def _count_refusal(self, batch: Batch, life: Life, reason: str) -> None:
        life.refusals.append(reason)
        same = len(life.refusals) >= SAME_REFUSALS and len(set(life.refusals[-SAME_REFUSALS:])) == 1
        if same and self.store.entries.first(batch.id, EntryState.PLANNED):  # else the results say it all
            life.refusals.clear()
            raise Halt(
                REFUSALS,
                f'After {SAME_REFUSALS} refusals for the same reason: "{reason}". Put that right in Clio, then'
                " Go on, or Stop. Retry refused goes on with these too.",
            )

    # The end

    def _halt(self, number: int, token: str, halt: Halt) -> bool:
        """Pause or stop, and say so; a stopped batch goes on to its results."""
        log.warning("batch=%d halted: %s", number, halt.halt)
        with self.store.transaction():
            if halt.stop:
                done = self.store.batches.stop(number, halt=halt.halt, text=str(halt))
                # A person may have stopped it just before: then there is a second reason to tell.
                done = done or self.store.batches.stopped_for(number, halt=halt.halt, text=str(halt))
            else:
                done = self.store.batches.pause(number, token, halt=halt.halt, text=str(halt))
            if done:
                self.thread.status(number)
                self.thread.halted(number)
        status = None if done else self.store.batches.is_current(number, token)
        if status is BatchStatus.PAUSED:
            return True  # by a person, just before
        if status is BatchStatus.STOPPED:
            if self.store.entries.next_to_look_up(number):  # and Clio does not let us look
                self._pause(min(self.timing.sweep, 30.0))
            return True
        return done and halt.stop

    def _rest(self, number: int, token: str) -> bool:
        """Show a person's pause as it is once the call in flight is over; true where there is nothing to hold back."""
        with self.store.transaction():
            batch = self.store.batches.get(number)
            if batch.halt != PERSON or self.store.batches.is_current(number, token) is not BatchStatus.PAUSED:
                return False
            tallies = self.store.entries.tallies(number)
            nothing_left = not tallies[EntryState.PLANNED].entries + tallies[EntryState.SENDING].entries
            if nothing_left and self.store.batches.go_on(number, (BatchStatus.PAUSED,)):
                self.thread.went_on(batch, "The entry under way was the last, so nothing was left to hold back", None)
            else:
                self.thread.halted(number)
            self.thread.status(number)
        return nothing_left

    def _end(self, number: int, token: str) -> bool:
        """Settle what is still under way, then give the results; true where looks are still to come."""
        batch = self.store.batches.get(number)
        waiting = self.store.entries.next_to_look_up(number)
        if waiting and waiting.look_at:
            self._pause(min(waiting.look_at.timestamp() - datetime.now(UTC).timestamp(), 1.0))
            if waiting.look_at <= datetime.now(UTC):
                self.sending.look_up(waiting, batch, otherwise=EntryState.NOT_SENT)
                self._tell(batch)
            return True
        with self.store.transaction():
            if batch.status is BatchStatus.STOPPED:
                self.store.entries.change_all(number, [EntryState.PLANNED], EntryState.NOT_SENT)
                self.store.batches.results_told(number)
            elif not self.store.batches.posted(number, token):
                return False
            self.thread.status(number)
            self.thread.results(number)
        self.start(RunKind.READ_BACK, number)
        return False

    def _pause(self, seconds: float) -> None:
        if seconds > 0 and self.stopping.wait(seconds):
            raise Stopping
