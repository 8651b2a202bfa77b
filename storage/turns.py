"""Whose turn it is to write: of many threads one at a time, in the order in which they came."""

import sqlite3
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

PATIENCE = 30.0  # seconds, as long as SQLite waits for another process


class Turns:
    """Give one thread of this process at a time the turn to write.

    SQLite lets a thread that finds the file locked try again after pauses that grow, whoever came first: of twenty, one
    waits for seconds though each writes for two milliseconds.
    """

    def __init__(self, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._lock = threading.Lock()
        self._taken = False
        self._waiting: deque[threading.Lock] = deque()
        self._awaited: deque[threading.Lock] = deque()

    @property
    def waiting(self) -> int:
        """How many threads wait for theirs."""
        return len(self._waiting) + len(self._awaited)

    @contextmanager
    def taken(self, *, awaited: bool = False) -> Iterator[None]:
        """Hold the turn; one that somebody outside waits for goes before the others.

        Raises sqlite3.OperationalError where it does not come, as SQLite does where a file stays locked.
        """
        self._take(self._awaited if awaited else self._waiting)
        try:
            yield
        finally:
            self._give()

    def _take(self, queue: deque[threading.Lock]) -> None:
        with self._lock:
            if not self._taken:
                self._taken = True
                return
            mine = threading.Lock()
            mine.acquire()
            queue.append(mine)
        if mine.acquire(timeout=self._patience):
            return
        with self._lock:
            if mine in queue:  # else it was handed over just now
                queue.remove(mine)
                raise sqlite3.OperationalError("database is locked")

    def _give(self) -> None:
        with self._lock:
            queue = self._awaited or self._waiting
            if queue:
                queue.popleft().release()
            else:
                self._taken = False
