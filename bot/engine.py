"""The engine: DBOS moves runs, our tables say what is true. No other module knows DBOS.

A run is one workflow, named `<batch>:<run token>`; DBOS runs a name once, for ever. Each start sets a new token in the
batch's row by compare-and-set, so an older run finds out that it is not the current one. A sweep starts a new run where
the engine has none although the batch's status says that it should be moving: losing the engine's file costs nothing.
"""

import logging
import secrets
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from dbos import DBOS, DBOSConfig, SetEnqueueOptions, SetWorkflowID, WorkflowStatusString

from brought_forward.bot.settings import Timing
from brought_forward.storage.records import RunKind
from brought_forward.storage.store import Store

log = logging.getLogger(__name__)

Move = Callable[[int, str], bool]  # batch, run token -> whether more is to be moved

WORKFLOWS = "1"  # raised only when a workflow changes so that an unfinished run of the old shape cannot go on
ATTEMPTS = 50  # times a run is taken up again after a crash before the sweep gives it a new token
ALIVE = {
    WorkflowStatusString.PENDING.value,
    WorkflowStatusString.ENQUEUED.value,
    WorkflowStatusString.DELAYED.value,
}
QUEUES = {RunKind.READ: "read", RunKind.POST: "post", RunKind.READ_BACK: "post", RunKind.UNDO: "post"}

# DBOS is one for each process, so its two functions are too; `Engine.launch` says what they move.
_moves: dict[RunKind, Move] = {}


@DBOS.step()
def _chunk(kind: str, batch: int, token: str) -> bool:
    return _moves[RunKind(kind)](batch, token)


@DBOS.workflow(max_recovery_attempts=ATTEMPTS)
def _run(kind: str, batch: int, token: str) -> None:
    while _chunk(kind, batch, token):
        pass


class Engine:
    """Start runs, and find those that should be running."""

    def __init__(self, store: Store, file: Path, moves: dict[RunKind, Move], timing: Timing) -> None:
        self._store = store
        self._file = file
        self._its_moves = moves
        self._timing = timing
        self._lock = threading.Lock()

    def launch(self) -> None:
        """Open the engine's file and take up what was cut off."""
        _moves.update(self._its_moves)
        with closing(sqlite3.connect(self._file)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")  # DBOS opens it without; the setting stays in the file
        DBOS(
            config=DBOSConfig(
                name="brought-forward",
                system_database_url=f"sqlite:///{self._file}",
                application_version=WORKFLOWS,
                executor_id="serve",
                log_level="WARNING",
                notification_listener_polling_interval_sec=self._timing.poll,
            )
        )
        DBOS.launch()
        for queue in set(QUEUES.values()):
            DBOS.register_queue(queue, partition_concurrency=1, polling_interval_sec=self._timing.poll)

    def stop(self) -> None:
        """Close the engine; a run that is cut off goes on at the next start."""
        DBOS.destroy(workflow_completion_timeout_sec=30)

    def start(self, kind: RunKind, batch: int) -> None:
        """Start a run. Where two start one at once, one of the two is the batch's."""
        found = self._store.batches.get(batch)
        token = secrets.token_hex(8)
        if not self._store.batches.new_run(batch, token=token, after=found.run_token):
            return
        # Reading waits for its channel's file before it, posting for its Clio account's run before it.
        partition = found.channel if kind is RunKind.READ else found.account or found.firm
        with SetWorkflowID(f"{batch}:{token}"), SetEnqueueOptions(queue_partition_key=partition):
            DBOS.enqueue_workflow(QUEUES[kind], _run, kind.value, batch, token)
        log.info("started run=%s batch=%d", kind, batch)

    def sweep(self) -> None:
        """Start a run for each batch that should be moving and is not."""
        with self._lock:
            for batch, token, kind in self._store.batches.to_move():
                if not self._alive(batch, token):
                    self.start(kind, batch)

    def _alive(self, batch: int, token: str | None) -> bool:
        if token is None:
            return False
        status = DBOS.get_workflow_status(f"{batch}:{token}")
        return status is not None and status.status in ALIVE
