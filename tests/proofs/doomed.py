"""The real bot with a fate: it dies at a named point, meets a sick disk at its nth write, or a clock that is set.

Nothing of the product knows of it. SQLite, requests and urllib are watched from outside, in a process that is forked
for one life (see nursery.py). A point is "commit batch.db UPDATE entry", "before POST clio/activities.json", "sent ..."
(all is sent, no answer read yet) or "after ..."; each is written down as it is passed.
"""

import http.client
import os
import re
import resource
import signal
import sqlite3
import sqlite3.dbapi2
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests.adapters

BORN = "born"  # the point before all others
ANY_ID = re.compile(r"(?<=/)[0-9]+(?=/|\.json$|$)")
WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE")
Sick = Callable[[sqlite3.Connection], None]


@dataclass(frozen=True, slots=True)
class Fate:
    """What happens to one life. Only what is given happens."""

    die_at: tuple[str, int] | None = None  # a point and which time it is passed
    disk: str | None = None  # full, broken, read_only or locked; well only counts the writes
    nth: int = 0  # the write of our own database at which the disk falls ill
    ill: float = 0.0  # seconds until it is well again
    jumps: tuple[tuple[str, int, float], ...] = ()  # at that point or BORN, that time: the clock is set by so many s


class Points:
    """Count the points of this life, write them down, and end it where its fate says so."""

    def __init__(self, fate: Fate, log: Path, travel: Callable[[float], None] | None = None) -> None:
        self.fate = fate
        self.writes = 0
        self._travel = travel
        self._well_at: float | None = None
        self._seen: Counter[str] = Counter()
        self._lock = threading.RLock()
        self._log = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self.at(BORN)

    def at(self, point: str) -> None:
        """Pass a point."""
        with self._lock:
            self._seen[point] += 1
            self._note(point)
            here = point, self._seen[point]
            if here == self.fate.die_at:
                os.kill(os.getpid(), signal.SIGKILL)
            for where, nth, seconds in self.fate.jumps:
                if (where, nth) == here and self._travel:
                    self._travel(seconds)
                    self._note(f"clock {seconds:+.0f} s")

    def writing(self, file: str) -> str | None:
        """Count a write of our own database; name the sickness of the disk at this moment."""
        if self.fate.disk is None:
            return None
        with self._lock:
            if file != "engine":
                self.writes += 1
                self._note("write")
                if self.writes == self.fate.nth:
                    self._well_at = time.monotonic() + self.fate.ill
                    self._note(f"ill {self.fate.disk}")
            if self._well_at is None or time.monotonic() >= self._well_at:
                return None
            self._note(f"refused a write to {file}")
        return self.fate.disk

    def _note(self, line: str) -> None:
        with _broken:  # what is written down here is no part of the bot's disk
            os.write(self._log, f"{time.monotonic():.3f} {line}\n".encode())


_broken = threading.RLock()  # held while no file of this process may grow
_POINTS: list[Points] = []


@contextmanager
def _no_file_grows() -> Iterator[None]:
    """Let SQLite itself meet a disk that takes nothing: any write to a file fails."""
    with _broken:
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


class Connection(sqlite3.Connection):
    """A connection that tells each commit."""

    def __init__(self, database: Any, *args: Any, **more: Any) -> None:
        super().__init__(database, *args, **more)
        self.file = "engine" if str(database).endswith(".engine") else "batch.db"
        self._words: list[str] = []
        self._changes = 0

    def cursor(self, factory: Any = None) -> Any:
        return super().cursor(factory or Cursor)

    def execute(self, sql: str, parameters: Any = (), /) -> Any:
        return self.cursor().execute(sql, parameters)

    def executemany(self, sql: str, parameters: Any, /) -> Any:
        return self.cursor().executemany(sql, parameters)

    def commit(self) -> None:
        with self.meeting("COMMIT"):
            super().commit()
        self.look()

    @contextmanager
    def meeting(self, sql: str) -> Iterator[None]:
        """Let a statement meet the disk as it is."""
        word = sql.lstrip().split(None, 1)[0].upper() if sql.strip() else ""
        if word in WRITES:
            self._words.append(_named(sql))
        writes = word in WRITES or word in {"BEGIN", "COMMIT"}
        sickness = _POINTS[0].writing(self.file) if writes and (word != "COMMIT" or self.in_transaction) else None
        match sickness:
            case None:
                yield
            case "full":
                raise sqlite3.OperationalError("database or disk is full")
            case "broken":
                with _no_file_grows():
                    yield
            case "read_only":
                super().execute("PRAGMA query_only = ON")
                try:
                    yield
                finally:
                    super().execute("PRAGMA query_only = OFF")
            case "locked":
                with _another_holds_the_lock(self):
                    yield

    def look(self, *, is_done: bool = True) -> None:
        """Pass a point where something was committed just now."""
        if self.in_transaction:
            return
        if self.total_changes == self._changes:
            if is_done:
                self._words.clear()  # it changed nothing
            return
        self._changes = self.total_changes
        words, self._words = list(dict.fromkeys(self._words)), []
        _POINTS[0].at(f"commit {self.file} {', '.join(words[:3])}")


class Cursor(sqlite3.Cursor):
    """A cursor that tells each commit: a statement that returns rows commits when the last one is read."""

    connection: Connection

    def execute(self, sql: str, parameters: Any = (), /) -> Any:
        with self.connection.meeting(sql):
            super().execute(sql, parameters)
        self.connection.look(is_done=self.description is None)
        return self

    def executemany(self, sql: str, parameters: Any, /) -> Any:
        with self.connection.meeting(sql):
            super().executemany(sql, parameters)
        self.connection.look()
        return self

    def fetchall(self) -> Any:
        rows = super().fetchall()
        self.connection.look()
        return rows

    def fetchone(self) -> Any:
        row = super().fetchone()
        self.connection.look()
        return row


def _named(sql: str) -> str:
    words = sql.replace('"', " ").replace("(", " ").split()
    skip = {"INTO", "FROM", "OR", "IGNORE", "REPLACE"}
    table = next((word for word in words[1:] if word.upper() not in skip), "")
    return f"{words[0].upper()} {table}"


@contextmanager
def _another_holds_the_lock(one: Connection) -> Iterator[None]:
    """Let another connection hold SQLite's write lock, so that this one waits and is refused."""
    if one.in_transaction:  # it holds the lock itself: nobody can take it
        yield
        return
    file = next(row[2] for row in sqlite3.Connection.execute(one, "PRAGMA database_list") if row[1] == "main")
    other = sqlite3.Connection(file, timeout=0, isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        yield
    finally:
        other.close()


def doom(points: Points, *, hosts: Mapping[str, str], patience: float | None = None) -> None:
    """Watch this process: every commit, and every call to one of `hosts`, "127.0.0.1:1234" to its name.

    `patience` is how long SQLite waits for a lock, in seconds; None leaves it as the product has it.
    """
    _POINTS[:] = [points]
    connect = sqlite3.connect

    def watched(database: Any, *args: Any, **more: Any) -> Any:
        if patience is not None:
            more["timeout"] = patience
        return connect(database, *args, **{"factory": Connection} | more)

    sqlite3.connect = sqlite3.dbapi2.connect = watched  # type: ignore[assignment]
    send, opened = requests.adapters.HTTPAdapter.send, urllib.request.OpenerDirector.open
    answered = http.client.HTTPConnection.getresponse
    calling = threading.local()

    @contextmanager
    def call(method: str, url: str) -> Iterator[None]:
        place = urlsplit(url)
        path = ANY_ID.sub("N", place.path.replace("/api/", "/").replace("/v4/", "/"))
        is_file = path.startswith(("/files-pri", "/upload", "/response"))
        name = f"{method} {hosts.get(place.netloc, place.netloc)}{'/' + path.split('/')[1] if is_file else path}"
        calling.name = name
        points.at(f"before {name}")
        yield
        points.at(f"after {name}")

    def sent(adapter: Any, request: Any, *args: Any, **more: Any) -> Any:
        with call(request.method, request.url):
            return send(adapter, request, *args, **more)

    def open_url(opener: Any, asked: Any, *args: Any, **more: Any) -> Any:
        method, url = (asked.get_method(), asked.full_url) if hasattr(asked, "full_url") else ("GET", asked)
        with call(method, url):
            return opened(opener, asked, *args, **more)

    def get_response(connection: Any, *args: Any, **more: Any) -> Any:
        points.at(f"sent {getattr(calling, 'name', 'somewhere')}")
        return answered(connection, *args, **more)

    requests.adapters.HTTPAdapter.send = sent  # type: ignore[method-assign]
    urllib.request.OpenerDirector.open = open_url  # type: ignore[method-assign,assignment]
    http.client.HTTPConnection.getresponse = get_response  # type: ignore[method-assign]
