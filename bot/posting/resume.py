"""What waits for Clio alone goes on by itself: Clio is asked now and then, by a thread that keeps nobody waiting."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from brought_forward.bot.clio.connection import Connections
from brought_forward.bot.errors import Stopping
from brought_forward.bot.posting.halt import ACCOUNT, BY_ITSELF
from brought_forward.bot.slack.thread import BatchThread
from brought_forward.storage.records.batch import BatchStatus, RunKind
from brought_forward.storage.store import Store

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Resuming:
    """Let go on what is paused until Clio answers, or until the right Clio account is connected again."""

    store: Store
    connections: Connections
    thread: BatchThread
    start: Callable[[RunKind, int], None]
    stopping: threading.Event
    every: float  # seconds between two looks
    undos: Callable[[], None]  # does the same for undos
    _woken: threading.Event = field(default_factory=threading.Event)

    def wake(self) -> None:
        """Look at once: somebody has signed in, or the bot stops."""
        self._woken.set()

    def run(self) -> None:
        """Look until the bot stops."""
        while not self.stopping.is_set():
            try:
                self.look()
                self.undos()
            except Stopping:
                return
            except Exception:
                log.exception("it was not seen whether Clio answers again; it is looked at again")
            self._woken.wait(self.every)
            self._woken.clear()

    def look(self) -> None:
        """Ask Clio, where something waits for it; no person's pause is ever among that."""
        waiting = [batch for halt in BY_ITSELF for batch in self.store.batches.halted(halt)]
        if not waiting:
            return
        accounts = {firm: self.connections.of(firm).answers() for firm in {batch.firm for batch in waiting}}
        for batch in waiting:
            account = accounts[batch.firm]
            if account is None or (batch.halt == ACCOUNT and batch.account != account):
                continue
            with self.store.transaction():
                won = self.store.batches.go_on(batch.id, (BatchStatus.PAUSED,), halt=batch.halt)
                if won:
                    self.thread.went_on(batch, "Went on by itself", None)
                    self.thread.status(batch.id)
            if won:
                self.start(RunKind.POST, batch.id)
