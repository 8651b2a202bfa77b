"""Who serves a database: one bot a file, by a lock beside it; several a PostgreSQL, each alive as long as its session.

No clock and no table says who is alive: the server itself does, by the locks that its sessions hold. A process that is
killed loses its session at once, one that is frozen when its lease is over.
"""

import logging
import secrets
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

import psycopg
from filelock import Timeout

from brought_forward.storage.database import private_lock
from brought_forward.storage.place import Place, PostgresUrl
from brought_forward.storage.postgres_session import Connection, Unfit, lock_of, prepared

log = logging.getLogger(__name__)

ALONE = "serve"  # the name of the one process that serves a file
SERVES = lock_of("serves")  # shared by all who serve, held alone by whoever must be the only one
GONE = 2.0  # seconds that the server may need to see that a process is gone
LOOK = 1.0  # seconds between two looks whether the session still stands
PATIENCE = 30.0  # seconds for the thread that looks to end
HELD = (  # of bigint keys, PostgreSQL shows the halves
    "SELECT (classid::bigint << 32) | objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND granted"
    " AND objsubid = 1 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


class Served(Exception):  # noqa: N818
    """Another process serves the database; the text says what to do."""


class ServeLock(Protocol):
    """What says that a process serves a database, for as long as it is held."""

    name: str  # of the process, among those that serve the database at the same time

    def acquire(self) -> None:
        """Take it. Raises Served where another process keeps this one away."""

    def release(self) -> None:
        """Let it go; also where it is not held."""

    def is_alone(self) -> bool:
        """Say whether no other process serves the database."""

    def dead(self, names: set[str]) -> set[str]:
        """Say which of these processes serve the database no more; none where that cannot be told just now."""


def serve_lock(place: Place, lost: Callable[[], None] = lambda: None, *, lease: float) -> ServeLock:
    """Make the lock of a bot. A file is served by one; PostgreSQL by several, each for `lease` seconds at least.

    `lost` is called once something else has the database for itself.
    """
    if isinstance(place, PostgresUrl):
        return _Session(place, lost, f"{ALONE}-{secrets.token_hex(6)}", lease)
    return _LockedFile(place)


def lock_of_one(place: Place) -> ServeLock:
    """Make the lock of what works on a database that no bot serves."""
    return (
        _Session(place, lambda: None, None, PATIENCE) if isinstance(place, PostgresUrl) else serve_lock(place, lease=0)
    )


class _LockedFile:
    name = ALONE

    def __init__(self, file: Path) -> None:
        self._lock = private_lock(f"{file}.lock")
        self._file = file

    def acquire(self) -> None:
        try:
            self._lock.acquire(timeout=0)
        except Timeout as taken:
            raise Served(
                f"Another process already serves {self._file}. Stop it first; two would not wait for each other."
            ) from taken

    def release(self) -> None:
        self._lock.release()

    def is_alone(self) -> bool:
        return True

    def dead(self, names: set[str]) -> set[str]:
        return names - {self.name}


class _Session:
    """Hold advisory locks for as long as one session stands, and take them again when the server comes back.

    The server ends a session that sends nothing for a lease: its process is frozen, and others go on for it.
    """

    def __init__(self, url: PostgresUrl, lost: Callable[[], None], name: str | None, lease: float) -> None:
        self.name = name or ALONE
        self._is_one = name is None
        self._url = url
        self._lost = lost
        self._lease = lease
        self._over = threading.Event()
        self._session = ExitStack()
        self._connection: Connection | None = None
        self._watch: threading.Thread | None = None

    def acquire(self) -> None:
        """Take them. Raises Served where another process keeps this one away, and Unfit where nothing answers."""
        end = time.monotonic() + GONE
        while self._connection is None:
            try:
                self._connection = self._take()
            except Served:  # by one that was killed just now
                if time.monotonic() > end:
                    raise
                time.sleep(0.1)
        self._over.clear()
        self._watch = threading.Thread(target=self._look, name="session", daemon=True)
        self._watch.start()

    def release(self) -> None:
        """Let them go; also where they are not held."""
        self._over.set()
        if self._watch is not None:
            self._watch.join(PATIENCE)
            self._watch = None
        self._connection = None
        self._session.close()

    def is_alone(self) -> bool:
        return self._held().count(SERVES) == 1

    def dead(self, names: set[str]) -> set[str]:
        held = set(self._held())
        if lock_of_process(self.name) not in held:  # this one's own session has ended: so may others' have
            return set()
        return {one for one in names - {self.name} if lock_of_process(one) not in held}

    def _held(self) -> list[int]:
        """Ask the server which locks are held, each once for each session. Empty where it does not answer."""
        connection = self._connection
        try:
            return [number for (number,) in connection.execute(HELD).fetchall()] if connection else []
        except psycopg.Error:
            return []

    def _take(self) -> Connection:
        """Take it in a session of its own. Raises Served, Unfit."""
        connection = self._session.enter_context(prepared(self._url))
        connection.execute(f"SET idle_session_timeout = {round(self._lease * 1000)}".encode())
        asked = "pg_try_advisory_lock(%s)" if self._is_one else "pg_try_advisory_lock_shared(%s)"
        ((mine,),) = connection.execute(f"SELECT {asked}".encode(), (SERVES,)).fetchall()
        if mine and not self._is_one:
            ((mine,),) = connection.execute("SELECT pg_try_advisory_lock(%s)", (lock_of_process(self.name),)).fetchall()
        if not mine:
            self._session.close()
            raise Served(f"Something else works on {self._url} just now, and alone. Try again once it is over.")
        return connection

    def _look(self) -> None:
        """Keep the session; where it ended, take the locks again once the server answers."""
        while not self._over.wait(min(LOOK, self._lease / 4)):
            try:
                if self._connection is None:
                    self._connection = self._take()
                    log.warning("PostgreSQL is back, and this process serves %s again", self._url)
                self._connection.execute("SELECT 1", prepare=False)
            except Served:
                log.critical("something else has %s for itself by now: this one stops", self._url)
                self._lost()
                return
            except (psycopg.Error, Unfit) as away:
                if self._connection is not None:
                    log.error("PostgreSQL does not answer: %s", " ".join(str(away).split()))
                self._connection = None
                self._session.close()


def lock_of_process(name: str) -> int:
    """Give the number of the lock that says that a process is alive."""
    return lock_of(f"process {name}")
