"""The SQLite file: one connection a thread, WAL, every commit on disk before anyone is told."""

import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlite_utils import Database as Tables

from brought_forward.storage.database import Clock, Database, IntegrityError, Row, Values, keep_private, private_lock
from brought_forward.storage.schema import bring_forward
from brought_forward.storage.turns import Turns


class SqliteFile(Database):
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
    def db(self) -> Tables:
        """The calling thread's own connection: SQLite refuses one that is shared."""
        db: Tables | None = getattr(self._local, "db", None)
        if db is None:
            db = self._local.db = Tables(self._connection())
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
    def transaction(self) -> Iterator[Tables]:
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

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undo what is done within it where an error leaves it, so that a transaction around it may go on."""
        if not self.db.conn.in_transaction:
            yield
            return
        self.db.execute("SAVEPOINT here")
        try:
            yield
        except BaseException:
            if self.db.conn.in_transaction:
                self.db.execute("ROLLBACK TO here")
            raise
        finally:
            if self.db.conn.in_transaction:
                self.db.execute("RELEASE here")

    def rows(self, sql: str, parameters: Values = ()) -> list[Row]:
        """Read rows as dictionaries; also for INSERT and UPDATE with RETURNING. Raises IntegrityError."""
        with self._turn(sql), _in_our_words():
            cursor = self.db.execute(sql, parameters)
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def tuples(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Read rows as they come, for those of which there are thousands."""
        found: list[tuple[Any, ...]] = self.db.execute(sql, parameters).fetchall()
        return found

    def value(self, sql: str, parameters: Values = ()) -> Any:
        """Read the first column of the first row. Returns None where there is no row."""
        with self._turn(sql), _in_our_words():
            found = self.db.execute(sql, parameters).fetchone()
        return found[0] if found else None

    def change(self, sql: str, parameters: Values = (), *, awaited: bool = False) -> int:
        """Run one INSERT, UPDATE or DELETE and count the rows it changed. Raises IntegrityError."""
        with self._turn(sql, awaited=awaited), _in_our_words():
            count: int = self.db.execute(sql, parameters).rowcount
        return count

    def change_each(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run one statement for each of many rows, all or none of them. Raises IntegrityError."""
        with self.transaction(), _in_our_words():
            self.db.conn.executemany(sql, rows)

    def trouble(self) -> str:
        """Write into the file as a commit does; say why that cannot be, and nothing where it can."""
        try:
            with self.transaction():
                version = self.value("PRAGMA user_version")
                self.db.execute(f"PRAGMA user_version = {int(version)}")  # the page is written, and nothing changes
        except sqlite3.Error as broken:
            return str(broken)
        return ""

    def close(self) -> None:
        """Close every thread's connection, for good."""
        with self._lock:
            self._is_closed = True
            for connection in self._opened.values():
                connection.close()
            self._opened.clear()


@contextmanager
def _in_our_words() -> Iterator[None]:
    """Say in storage's own words that a row breaks a rule."""
    try:
        yield
    except sqlite3.IntegrityError as broken:
        raise IntegrityError(str(broken)) from broken
