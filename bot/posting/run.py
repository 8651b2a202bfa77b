"""The run: list what Clio has, then post until nothing is left, paused or stopped; one thread decides all of it."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from brought_forward.bot.clio.connection import Connections
from brought_forward.bot.errors import ClioBusy, ClioError, Stopping, pause_for
from brought_forward.bot.posting.chunk import REST, Chunk
from brought_forward.bot.posting.halt import FORM, PERSON, WRONG, Halt, halt_for
from brought_forward.bot.posting.life import SILENT, Life, Silence
from brought_forward.bot.posting.preflight import Preflight
from brought_forward.bot.posting.send import Sender
from brought_forward.bot.settings import Timing
from brought_forward.bot.slack.thread import BatchThread
from brought_forward.storage.records.batch import Batch, BatchStatus, RunKind
from brought_forward.storage.records.entry import Entry, EntryState
from brought_forward.storage.store import Store

log = logging.getLogger(__name__)

TELLINGS = 1_000  # times that a run shows how far it is, at most, however many entries it has


@dataclass(slots=True)
class PostRun:
    """Move approved batches to their end."""

    store: Store
    connections: Connections
    sender: Sender
    chunk: Chunk
    preflight: Preflight
    thread: BatchThread
    timing: Timing
    start: Callable[[RunKind, int], None]
    stopping: threading.Event
    _lives: dict[int, tuple[str, Life]] = field(default_factory=dict)  # by batch, of its newest run here

    def move(self, number: int, token: str) -> bool:
        """Move a batch by one chunk. Returns True where more is to be moved."""
        more = False
        try:
            more = self._move(number, token)
        except Stopping:
            more = False
        finally:
            if not more:
                self._lives.pop(number, None)
        return more

    def _move(self, number: int, token: str) -> bool:
        if self.store.batches.begin_run(number, token):
            self.thread.status(number)
        status = self.store.batches.is_current(number, token)
        try:
            if status is BatchStatus.STOPPED:
                return self._end(number, token)
            if status is BatchStatus.POSTING:
                return self._post(number, token)
            if status is BatchStatus.PAUSED:
                return self._rest(number, token)
        except Halt as halt:
            return self._halt(number, token, halt)
        except ClioError as trouble:
            if isinstance(trouble, ClioBusy) and not trouble.tell:
                return not self.stopping.wait(trouble.retry_after)
            return self._halt(number, token, halt_for(trouble))
        return False

    def _post(self, number: int, token: str) -> bool:
        run, life = self._lives.get(number, ("", None))
        sign_in = self.connections.of(self.store.batches.get(number).firm).number
        epoch = self.store.epoch()
        if run != token or life is None or (life.sign_in, life.epoch) != (sign_in, epoch):
            watch = self.preflight.check(self.store.batches.get(number))
            if watch is None:
                return False
            tallies = self.store.entries.tallies(number)
            open_end = self.store.entries.first(number, EntryState.SENDING)  # of a life before this one
            life = Life(
                watch=watch,
                sign_in=sign_in,
                epoch=epoch,
                stride=max(sum(tally.entries for tally in tallies.values()) // TELLINGS, 1),
                silence=Silence(quiet=tallies[EntryState.SENDING].entries >= SILENT),
                spent=bool(self.store.entries.spent(number)),
                alone=open_end.id if open_end and not tallies[EntryState.POSTED].entries else None,
            )
            self._lives[number] = (token, life)
        more = self.chunk.send(number, token, life)
        return more if more is not None else self._end(number, token)

    # The end

    def _halt(self, number: int, token: str, halt: Halt) -> bool:
        """Pause or stop, and say so; a stopped batch goes on to its results."""
        log.warning("batch=%d halted: %s", number, halt.halt)
        with self.store.transaction():
            if halt.stop:
                done = self.store.batches.stop_by_itself(number, halt=halt.halt, text=str(halt))
            else:
                done = self.store.batches.pause(number, token, halt=halt.halt, text=str(halt))
            if done:
                self.thread.status(number)
                self.thread.halted(number)
        status = self.store.batches.is_current(number, token)
        if status is BatchStatus.PAUSED:
            return not done  # by a person, just before
        if status is not BatchStatus.STOPPED:
            return False
        waiting = self.store.entries.next_to_look_up(number)
        due = waiting and waiting.look_at and self.store.clock.until(waiting.look_at) <= 0
        if due and halt.halt not in {WRONG, FORM}:
            pause_for(self.stopping, min(self.timing.sweep, 30.0))  # Clio does not let us look
        return True

    def _rest(self, number: int, token: str) -> bool:
        """Show a person's pause as it is once the call in flight is over.

        Returns True where there is nothing to hold back.
        """
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
        """Settle what is still under way, then give the results. Returns True where looks are still to come."""
        batch = self.store.batches.get(number)
        waiting = self.store.entries.next_to_look_up(number)
        if waiting and waiting.look_at:
            pause_for(self.stopping, min(self.store.clock.until(waiting.look_at), REST))
            if self.store.clock.until(waiting.look_at) <= 0:
                self._look_up_last(waiting, batch)
                self.chunk.tell(batch)
            return True
        with self.store.transaction():
            if self.store.batches.is_current(number, token) is not batch.status:
                return True  # somebody went on, or stopped, while this waited for its turn in the database
            if batch.status is BatchStatus.STOPPED:
                self.store.entries.change_all(number, [EntryState.PLANNED], EntryState.NOT_SENT)
                self.store.batches.results_told(number)
                if batch.halt != PERSON:  # said already, unless the process was killed just then
                    self.thread.halted(number)
            elif not self.store.batches.posted(number, token):
                return False
            self.thread.status(number)
            self.thread.results(number)
        self.start(RunKind.READ_BACK, number)
        return False

    def _look_up_last(self, entry: Entry, batch: Batch) -> None:
        """Look up an entry of a run that ends; what Clio has nothing of is planned, as somebody may go on meanwhile."""
        if self.connections.of(batch.firm).account == batch.account:
            self.sender.look_up(entry, batch, otherwise=EntryState.PLANNED)
        else:
            self.sender.leave_unclear(
                entry, "Clio's answer was lost, and the bot is connected to another Clio account, where nobody can tell"
            )
