"""The SQLite file: one connection a thread, WAL, every commit on disk before anyone is told."""

import logging
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence, Sized
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from filelock import FileLock
from sqlite_utils import Database

from brought_forward.storage.schema import bring_forward
from brought_forward.storage.turns import Turns

log = logging.getLogger(__name__)

Row = dict[str, Any]

PRIVATE = 0o600  # files of ours hold client names and amounts: for the account that runs the bot, whatever its umask


class SqliteFile:
    """Open one SQLite file for many threads; `save` copies one of an older version before its tables are changed.

    Raises OtherTables where it is of another version, before 1.0.0.
    """

    def __init__(self, path: Path, save: Callable[[Path], None]) -> None:
        self.path = path
        self.clock = Clock()
        self._local = threading.local()
        self._opened: dict[threading.Thread, sqlite3.Connection] = {}
        self._lock = threading.Lock()
        self._is_closed = False
        self.turns = Turns()
        with private_lock(f"{path}.setup", timeout=30):  # two that make the same new file at once would fail each other
            keep_private(path)
            try:
                self.db.execute("PRAGMA journal_mode = WAL")
                bring_forward(self.db, lambda: save(path))
            except BaseException:
                self.close()
                raise

    @property
    def db(self) -> Database:
        """The calling thread's own connection: SQLite refuses one that is shared."""
        db: Database | None = getattr(self._local, "db", None)
        if db is None:
            db = self._local.db = Database(self._connection())
        return db

    def _connection(self) -> sqlite3.Connection:
        """Open a connection, or take over that of a thread which has ended: threads come and go.

        Raises sqlite3.ProgrammingError once the file is closed: a thread that comes late would open it anew, and nobody
        would close that.
        """
        with self._lock:
            if self._is_closed:
                raise sqlite3.ProgrammingError("The file is closed.")
            me = threading.current_thread()
            free = next((one for one in self._opened if one is me or not one.is_alive()), None)
            # isolation_level None: a statement commits by itself, a transaction is always ours to open.
            connection = self._opened[me] = (
                sqlite3.connect(self.path, timeout=30, isolation_level=None, check_same_thread=False)
                if free is None
                else self._opened.pop(free)
            )
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        connection.execute("PRAGMA synchronous = FULL")  # NORMAL may forget a claim when the power goes
        connection.execute("PRAGMA foreign_keys = ON")
        return connection

    @contextmanager
    def transaction(self) -> Iterator[Database]:
        """Write several rows or none.

        BEGIN IMMEDIATE, because a deferred one that reads first cannot wait for another writer: SQLite fails it at
        once. Nested ones join the outer.
        """
        db = self.db
        if db.conn.in_transaction:
            yield db
            return
        with self.turns.taken():
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
                db.execute("COMMIT")  # it may fail too, on a full disk: what follows must not join what is left open
            except BaseException:
                if db.conn.in_transaction:  # SQLite may have rolled back by itself
                    db.execute("ROLLBACK")
                raise

    def _turn(self, sql: str, *, awaited: bool = False) -> AbstractContextManager[None]:
        """Wait for the turn to run one statement; reading needs none, and a transaction has it."""
        if self.db.conn.in_transaction or sql.startswith("SELECT"):
            return nullcontext()
        return self.turns.taken(awaited=awaited)

    def rows(self, sql: str, parameters: Sequence[Any] | dict[str, Any] = ()) -> list[Row]:
        """Read rows as dictionaries; also for INSERT and UPDATE with RETURNING."""
        with self._turn(sql):
            cursor = self.db.execute(sql, parameters)
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def tuples(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Read rows as they come, for those of which there are thousands."""
        found: list[tuple[Any, ...]] = self.db.execute(sql, parameters).fetchall()
        return found

    def row(self, sql: str, parameters: Sequence[Any] | dict[str, Any] = ()) -> Row | None:
        """Read the first row, or None."""
        rows = self.rows(sql, parameters)
        return rows[0] if rows else None

    def value(self, sql: str, parameters: Sequence[Any] | dict[str, Any] = ()) -> Any:
        """Read the first column of the first row. Returns None where there is no row."""
        with self._turn(sql):
            found = self.db.execute(sql, parameters).fetchone()
        return found[0] if found else None

    def change(self, sql: str, parameters: Sequence[Any] | dict[str, Any] = (), *, awaited: bool = False) -> int:
        """Run one INSERT, UPDATE or DELETE and count the rows it changed.

        One that is `awaited`, since Slack is answered once it is done, goes before the others that wait to write.
        """
        with self._turn(sql, awaited=awaited):
            count: int = self.db.execute(sql, parameters).rowcount
        return count

    def close(self) -> None:
        """Close every thread's connection, for good."""
        with self._lock:
            self._is_closed = True
            for connection in self._opened.values():
                connection.close()
            self._opened.clear()


class Table:
    """What reads and writes some tables of the file."""

    def __init__(self, file: SqliteFile) -> None:
        self._file = file


def here(table: str) -> str:
    """Write that the app is in the workspace of a row's firm, as far as is known: where it is not, all of it rests."""
    return (
        f"NOT EXISTS (SELECT 1 FROM slack_installation gone WHERE gone.firm = {table}.firm AND gone.ended_at IS NOT"
        " NULL)"
    )


def places(values: Sized) -> str:
    """Write a placeholder for each value of a list: "?, ?". Nothing is IN an empty one: "NULL"."""
    return ", ".join("?" * len(values)) or "NULL"


def keep_private(file: Path) -> None:
    """Let nobody but this account read a database: it is made if there is none, and what lies beside it is closed too.

    SQLite gives the logs that it makes later the same mode. Raises OSError where the file cannot be made.
    """
    with suppress(FileExistsError):
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_RDWR, PRIVATE))
    for ending in ("", "-wal", "-shm", "-journal"):
        one = Path(f"{file}{ending}")
        try:
            if one.stat().st_mode & 0o077:
                one.chmod(PRIVATE)
        except FileNotFoundError:
            continue
        except PermissionError:
            log.warning("%s belongs to another account, and others may read it: its owner closes it (chmod 600)", one)


def private_lock(file: str, *, timeout: float = -1) -> FileLock:
    """Make a lock whose file is for this account alone."""
    keep_private(Path(file))
    return FileLock(file, timeout=timeout, mode=PRIVATE)


def cents(amount: Decimal) -> int:
    """Turn an amount into whole cents.

    Raises ValueError for more than two decimals: by now that is our own mistake, never a rounding.
    """
    scaled = amount.scaleb(2)
    whole = int(scaled)
    if whole != scaled:
        raise ValueError("an amount has more than two decimals")
    return whole


def amount(number: int) -> Decimal:
    """Turn cents into an amount with two decimals."""
    return Decimal(number).scaleb(-2)


def maybe_amount(number: int | None) -> Decimal | None:
    """Turn cents into an amount, keeping None."""
    return None if number is None else amount(number)


def instant(text: str) -> datetime:
    """Read an instant as kept: ISO 8601, UTC."""
    return datetime.fromisoformat(text)


def maybe_instant(text: str | None) -> datetime | None:
    """Read an instant, keeping None."""
    return None if text is None else instant(text)


def maybe_day(text: str | None) -> date | None:
    """Read a day, keeping None."""
    return None if text is None else date.fromisoformat(text)


def now() -> datetime:
    """Tell the time, aware and in UTC."""
    return datetime.now(UTC)


def stamp(at: datetime | None = None) -> str:
    """Write an instant, now where none is given, so that texts sort as times do."""
    return (at or now()).isoformat(timespec="microseconds")


LONGEST = 600.0  # seconds: no pause before another try is longer


class Clock:
    """Tell when something is to be done again, however the machine's clock is set meanwhile.

    What people read and decide by, such as when a batch was approved or expires, goes by the wall clock instead.
    """

    def __init__(self) -> None:
        self._wall, self._began = datetime.now(UTC), time.monotonic()

    def now(self) -> datetime:
        """Tell the time, aware and in UTC: as it was when this process began, and the seconds since."""
        return self._wall + timedelta(seconds=time.monotonic() - self._began)

    def stamp(self, *, after: float = 0.0) -> str:
        """Write the instant in so many seconds, so that texts sort as times do."""
        return (self.now() + timedelta(seconds=after)).isoformat(timespec="microseconds")

    def until(self, at: datetime) -> float:
        """Tell how many seconds are left until an instant of this clock; less than 0 once it is over."""
        return (at - self.now()).total_seconds()
