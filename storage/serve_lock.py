"""One bot at a time serves a database: a lock on a file beside it, or in PostgreSQL one that a session holds."""

import logging
import threading
from collections.abc import Callable
from contextlib import ExitStack
from typing import Protocol

import psycopg
from filelock import Timeout

from brought_forward.storage.database import private_lock
from brought_forward.storage.place import Place, PostgresUrl
from brought_forward.storage.postgres_session import Connection, Unfit, lock_of, prepared

log = logging.getLogger(__name__)

SERVES = lock_of("serves")
LOOK = 1.0  # seconds between two looks whether the session still stands
PATIENCE = 30.0  # seconds for the thread that looks to end


class Served(Exception):  # noqa: N818
    """Another process serves the database."""


class ServeLock(Protocol):
    """What keeps another bot away for as long as it is held."""

    def acquire(self) -> None:
        """Take it. Raises Served where another process has it."""

    def release(self) -> None:
        """Let it go; also where it is not held."""


def serve_lock(place: Place, lost: Callable[[], None] = lambda: None) -> ServeLock:
    """Make the lock of a database; `lost` is called once another process has it after all."""
    return SessionLock(place, lost) if isinstance(place, PostgresUrl) else _LockedFile(f"{place}.lock")


class _LockedFile:
    def __init__(self, file: str) -> None:
        self._lock = private_lock(file)

    def acquire(self) -> None:
        try:
            self._lock.acquire(timeout=0)
        except Timeout as taken:
            raise Served from taken

    def release(self) -> None:
        self._lock.release()


class SessionLock:
    """Hold an advisory lock for as long as one session stands, and take it again when the server comes back."""

    def __init__(self, url: PostgresUrl, lost: Callable[[], None]) -> None:
        self._url = url
        self._lost = lost
        self._over = threading.Event()
        self._session = ExitStack()
        self._watch: threading.Thread | None = None

    def acquire(self) -> None:
        """Take it. Raises Served where another process has it, and Unfit where the server does not answer."""
        connection = self._take()
        self._over.clear()
        self._watch = threading.Thread(target=self._look, args=(connection,), name="session", daemon=True)
        self._watch.start()

    def release(self) -> None:
        """Let it go; also where it is not held."""
        self._over.set()
        if self._watch is not None:
            self._watch.join(PATIENCE)
            self._watch = None
        self._session.close()

    def _take(self) -> Connection:
        connection = self._session.enter_context(prepared(self._url))
        ((mine,),) = connection.execute("SELECT pg_try_advisory_lock(%s)", (SERVES,)).fetchall()
        if not mine:
            self._session.close()
            raise Served
        return connection

    def _look(self, connection: Connection | None) -> None:
        """Keep the session; where the server went away, take the lock again once it is back."""
        while not self._over.wait(LOOK):
            try:
                if connection is None:
                    connection = self._take()
                    log.warning("PostgreSQL is back, and this process serves %s again", self._url)
                connection.execute("SELECT 1", prepare=False)
            except Served:
                log.critical("another process serves %s by now: this one stops", self._url)
                self._lost()
                return
            except (psycopg.Error, Unfit) as away:
                if connection is not None:
                    log.error("PostgreSQL does not answer: %s", " ".join(str(away).split()))
                connection = None
                self._session.close()
