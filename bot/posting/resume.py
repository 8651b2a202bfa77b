"""What waits for Clio alone goes on by itself: Clio is asked now and then, in runs that keep nobody waiting."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Protocol

from brought_forward.bot.clio.connection import Connections
from brought_forward.bot.posting.halt import ACCOUNT, BY_ITSELF
from brought_forward.bot.slack.thread import BatchThread
from brought_forward.storage.records.batch import Batch, BatchStatus, RunKind
from brought_forward.storage.store import Store


class Undos(Protocol):
    """The undos, which come after this room."""

    def waiting(self) -> list[Batch]:
        """List the batches whose undo waits for Clio alone."""

    def resume(self, firm: str, account: str) -> None:
        """Let those of a firm go on whose account answers."""


@dataclass(frozen=True, slots=True)
class Resuming:
    """Let go on what is paused until Clio answers, or until the right Clio account is connected again."""

    store: Store
    connections: Connections
    thread: BatchThread
    start: Callable[[RunKind, int], None]
    undos: Undos

    def due(self) -> Collection[str]:
        """Name the firms where something waits for Clio; no person's pause is ever among that."""
        return {batch.firm for batch in (*self._waiting(), *self.undos.waiting())}

    def move(self, firm: str) -> bool:
        """Ask a firm's Clio, and let go on what it lets. Returns False: what goes on still waiting is due again."""
        account = self.connections.of(firm).answers()
        if account is None:
            return False
        for batch in self._waiting():
            if batch.firm != firm or (batch.halt == ACCOUNT and batch.account != account):
                continue
            with self.store.transaction():
                won = self.store.batches.go_on(batch.id, (BatchStatus.PAUSED,), halt=batch.halt)
                if won:
                    self.thread.went_on(batch, "Went on by itself", None)
                    self.thread.status(batch.id)
            if won:
                self.start(RunKind.POST, batch.id)
        self.undos.resume(firm, account)
        return False

    def _waiting(self) -> list[Batch]:
        return [batch for halt in BY_ITSELF for batch in self.store.batches.halted(halt)]
