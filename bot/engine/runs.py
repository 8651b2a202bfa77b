"""The engine: DBOS moves runs, our tables say what is true. No other module knows DBOS.

A run is one workflow, named `<batch>:<run token>`; DBOS runs a name once, for ever. Each start sets a new token in the
batch's row by compare-and-set, so an older run finds out that it is not the current one. A sweep starts a new run where
the engine has none although the batch's status says that it should be moving: losing the engine's file costs nothing.
Where the disk did not take how a run ended, the engine goes on thinking that it is under way: the sweep cancels it.

What is owed to a firm beside its batches moves in the same way: `<kind>:<firm>:<run token>`, the token in its own row.
"""

import logging
import secrets
import sqlite3
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

from dbos import DBOS, DBOSConfig, SetEnqueueOptions, SetWorkflowID, WorkflowStatus, WorkflowStatusString

from brought_forward.bot.engine.duties import Duties
from brought_forward.bot.engine.hands import Hands
from brought_forward.bot.errors import StorageError
from brought_forward.bot.settings import Timing
from brought_forward.storage.away import tell_once
from brought_forward.storage.database import keep_private
from brought_forward.storage.place import Place, PostgresUrl
from brought_forward.storage.postgres_session import KEEPALIVES
from brought_forward.storage.records.batch import RunKind
from brought_forward.storage.records.duty import DutyKind
from brought_forward.storage.scope import of_firm
from brought_forward.storage.serve_lock import ServeLock
from brought_forward.storage.store import Store

log = logging.getLogger(__name__)

Move = Callable[[int, str], bool]  # batch, run token -> whether more is to be moved

WORKFLOWS = "1"  # raised only when a workflow changes so that an unfinished run of the old shape cannot go on
SESSIONS = 8  # with PostgreSQL: with the ten of the books and the one that holds the lock, under twenty a process
FROZEN = 5.0  # seconds after which PostgreSQL ends a session of ours that sleeps within a transaction
PATIENCE = 30  # seconds, for what is under way when the engine stops
ATTEMPTS = 50  # times a run is taken up again after a crash before the sweep gives it a new token
ALIVE = {
    WorkflowStatusString.PENDING.value,
    WorkflowStatusString.ENQUEUED.value,
    WorkflowStatusString.DELAYED.value,
}
NEEDS_NEWER, NEWER_SQLITE = (3, 12), (3, 42)  # DBOS writes times by unixepoch('subsec') from that Python on
CROWD = "crowd"  # the partition of files past so many an hour of one person; no channel has that name
QUEUES = {RunKind.READ: "read", RunKind.POST: "post", RunKind.READ_BACK: "post", RunKind.UNDO: "post"}

# DBOS is one for each process, so its functions are too; `Engine.launch` says what they move.
_moves: dict[RunKind, Move] = {}
_duties: list[Duties] = []


_hands = Hands()


@DBOS.step()
def _chunk(kind: str, batch: int, token: str) -> bool:
    return _moves[RunKind(kind)](batch, token)


@DBOS.workflow(max_recovery_attempts=ATTEMPTS)
def _run(kind: str, batch: int, token: str) -> None:
    with _hands.at(_named(batch, token)) as begins:  # the engine may still begin one while it stops
        while begins and _chunk(kind, batch, token):
            pass


@DBOS.workflow(max_recovery_attempts=ATTEMPTS)
def _duty(kind: str, firm: str, token: str) -> None:
    with _hands.at(_of_duty(DutyKind(kind), firm, token)) as begins:
        if begins:
            _duties[0].work(DutyKind(kind), firm, token)


def _named(batch: int, token: str) -> str:
    return f"{batch}:{token}"


def _of_duty(kind: DutyKind, firm: str, token: str) -> str:
    return f"{kind}:{firm}:{token}"


def _known(**which: Any) -> list[WorkflowStatus]:
    """List what the engine knows of runs, without what they were given and gave."""
    return DBOS.list_workflows(**which, load_input=False, load_output=False)


def unfit(python: tuple[int, ...], sqlite: tuple[int, ...]) -> str | None:
    """Say why a Python cannot run the engine with the SQLite that it brings. Returns None where it can."""
    if python < NEEDS_NEWER or sqlite >= NEWER_SQLITE:
        return None
    return (
        f"This is Python {_dotted(python)} with SQLite {_dotted(sqlite)}; with Python {_dotted(NEEDS_NEWER)} or newer"
        f" the engine needs SQLite {_dotted(NEWER_SQLITE)} or newer. Start the bot with Python 3.11, or with a Python"
        " that brings a newer SQLite."
    )


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(str(part) for part in version[:3])


def _in_file(database: Path) -> DBOSConfig:
    """Keep the engine in a file beside the database. Raises StorageError where this Python's SQLite is too old."""
    if why := unfit(tuple(sys.version_info[:3]), sqlite3.sqlite_version_info):
        raise StorageError(why)
    file = Path(f"{database}.engine")
    keep_private(file)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")  # DBOS opens it without; the setting stays in the file
    return DBOSConfig(system_database_url=f"sqlite:///{file}")


def _in_postgres(url: PostgresUrl) -> DBOSConfig:
    """Keep the engine in tables of its own, in a schema beside ours."""
    tell_once("dbos")
    return DBOSConfig(
        system_database_url=url.secret,
        sys_db_pool_size=SESSIONS,
        sys_db_idle_transaction_timeout_sec=FROZEN,
        db_engine_kwargs={"connect_args": {"application_name": "brought-forward engine", **KEEPALIVES}},
    )


class Engine:
    """Start runs, and find those that should be running."""

    def __init__(self, store: Store, place: Place, moves: dict[RunKind, Move], duties: Duties, timing: Timing,
                 process: ServeLock) -> None:  # fmt: skip
        self._store = store
        self._place = place
        self._its_moves = moves
        self._its_duties = duties
        self._timing = timing
        self._process = process
        self._lock = threading.Lock()
        self._is_launched = False
        self._nobodys: set[str] = set()  # runs under way, as the engine has it, that nobody was at work on, last time

    def launch(self) -> None:
        """Open what the engine keeps, a file beside the database or tables within it, and take up what was cut off.

        Raises StorageError where this Python's SQLite is too old for a file.
        """
        kept = _in_postgres(self._place) if isinstance(self._place, PostgresUrl) else _in_file(self._place)
        _moves.update({kind: partial(self._of_its_firm, move) for kind, move in self._its_moves.items()})
        _duties[:] = [self._its_duties]
        self._its_duties.open()
        _hands.open()
        config = DBOSConfig(
            name="brought-forward",
            application_version=WORKFLOWS,
            executor_id=self._process.name,
            log_level="WARNING",
            notification_listener_polling_interval_sec=self._timing.poll,
        )
        DBOS(config={**config, **kept})
        self._is_launched = True
        try:
            DBOS.launch()
            for name in set(QUEUES.values()):
                DBOS.register_queue(name, partition_concurrency=1, polling_interval_sec=self._timing.poll)
        except BaseException:
            self.stop()  # it holds the file open, and would take itself for launched at the next try
            raise

    def stop(self) -> None:
        """Close the engine if it was launched; a run that is cut off goes on at the next start."""
        if self._is_launched:
            self._its_duties.close()
            _hands.close(PATIENCE)
            DBOS.destroy(workflow_completion_timeout_sec=PATIENCE)
            self._is_launched = False

    def _of_its_firm(self, move: Move, batch: int, token: str) -> bool:
        with of_firm(self._store.batches.get(batch).firm):
            return move(batch, token)

    def start(self, kind: RunKind, batch: int) -> None:
        """Start a run. Where two start one at once, one of the two is the batch's."""
        found = self._store.batches.get(batch)
        token = secrets.token_hex(8)
        with of_firm(found.firm):
            if not self._store.batches.new_run(batch, token=token, after=found.run_token):
                return
        # Reading waits for its channel's file before it, posting for its Clio account's run before it. One person's
        # many files go one after another, wherever they were dropped, so that they keep nobody else's waiting.
        partition = found.channel if kind is RunKind.READ else found.account or found.firm
        if kind is RunKind.READ and self._store.batches.crowded(batch):
            partition = CROWD
        with SetWorkflowID(_named(batch, token)), SetEnqueueOptions(queue_partition_key=partition):
            DBOS.enqueue_workflow(QUEUES[kind], _run, kind.value, batch, token)
        log.info("started run=%s batch=%d", kind, batch)

    def begin(self, kind: DutyKind, firm: str) -> None:
        """Begin a run of what is owed to a firm, in this process, unless one is alive. Of two at once one begins."""
        last = self._store.duties.token(kind, firm)
        if last and self._alive(_of_duty(kind, firm, last)):
            return
        token = secrets.token_hex(8)
        with of_firm(firm):
            if not self._store.duties.begin(kind, firm, token=token, after=last):
                return
        with SetWorkflowID(_of_duty(kind, firm, token)):
            DBOS.start_workflow(_duty, kind.value, firm, token)
        if last:  # nobody asks for it any more, and there are many in a day
            DBOS.delete_workflows([_of_duty(kind, firm, last)])

    def sweep(self) -> None:
        """Start a run for each batch that should be moving and is not."""
        with self._lock:
            self._bury()
            self._start_missing()

    def take_over(self) -> None:
        """Go on with what processes were at that serve the database no more; they are told by their run token."""
        under_way = _known(status=WorkflowStatusString.PENDING.value)
        dead = self._process.dead({one.executor_id for one in under_way if one.executor_id})
        with self._lock:
            for one in under_way:
                if one.executor_id in dead:
                    log.warning(
                        "run=%s is taken over from process=%s, which is no more", one.workflow_id, one.executor_id
                    )
                    DBOS.cancel_workflow(one.workflow_id)
            self._start_missing()
        if dead:
            self._its_duties.wake_all()

    def _start_missing(self) -> None:
        moving = self._store.batches.to_move()
        names = [_named(batch, token) for batch, token, _ in moving if token is not None]
        alive = {one.workflow_id for one in _known(workflow_ids=names, status=sorted(ALIVE))} if names else set()
        for batch, token, kind in moving:
            if token is None or _named(batch, token) not in alive:
                self.start(kind, batch)

    def _bury(self) -> None:
        """Cancel what only the engine takes for a run under way; else it would hold its queue and its batch for ever.

        Such a run is seen twice, a sweep apart, before it counts as one: it may be just beginning. It does no harm
        where it does begin after all, since its batch then has another run's token.
        """
        under_way = _known(status=WorkflowStatusString.PENDING.value, executor_id=self._process.name)
        nobodys = {one.workflow_id for one in under_way} - _hands.names
        for name in nobodys & self._nobodys:
            log.error("run=%s ended, and the disk did not take it; it is begun anew where its batch is to move", name)
            DBOS.cancel_workflow(name)
        self._nobodys = nobodys

    def _alive(self, name: str) -> bool:
        status = DBOS.get_workflow_status(name)
        return status is not None and status.status in ALIVE
