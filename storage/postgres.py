"""PostgreSQL in place of the file: the same statements, a few connections for many threads, one writer a firm.

A transaction begins by taking its firm's advisory lock, which is what BEGIN IMMEDIATE is to the file: who holds it
reads what nobody else changes meanwhile. Without a firm it is everybody's, and waits for every firm's.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import psycopg
from psycopg.sql import Literal
from psycopg_pool import ConnectionPool, PoolTimeout

from brought_forward.storage.away import tell_once
from brought_forward.storage.database import Database, IntegrityError, Row, Values
from brought_forward.storage.place import PostgresUrl
from brought_forward.storage.placeholders import numbered
from brought_forward.storage.postgres_schema import EVERY_FIRM, SCOPE
from brought_forward.storage.postgres_session import (
    CONNECT,
    LIMITS,
    Connection,
    ServerClock,
    Statements,
    lock_of,
    look_at_server,
    prepared,
)
from brought_forward.storage.postgres_steps import bring_forward
from brought_forward.storage.scope import whose
from brought_forward.storage.turns import Turns

log = logging.getLogger(__name__)

MOST = 10  # connections of a process; the engine has its own beside them
PATIENCE = 30.0  # seconds, for a connection or a lock
EVERYBODY = 0  # the lock that each firm's transaction shares, and one of no firm has for itself
STATEMENTS = 500  # that a connection keeps prepared: storage has about 240, some in several lengths

Found = TypeVar("Found")


class PostgresDatabase(Database):
    """Open a database for many threads, and make its tables where it is empty.

    Raises Unfit where the server, the role or what stands between does not do, and OtherTables where the tables are of
    another version.
    """

    def __init__(self, url: PostgresUrl) -> None:
        self.url = url
        self.clock = self._server_clock = ServerClock()
        self._local = threading.local()
        self._lock = threading.Lock()
        self._turns: dict[int, Turns] = {}
        self._epochs: WeakKeyDictionary[Connection, str] = WeakKeyDictionary()
        tell_once("psycopg.pool")
        look_at_server(url)
        with prepared(url) as connection:
            bring_forward(connection)
            self._server_clock.ask(connection)
            self._epoch, self._epoch_seen = _life_of(connection), time.monotonic()
            ((self._is_netted,),) = connection.execute("SELECT row_security_active('batch')").fetchall()
        self._scopes: WeakKeyDictionary[Connection, str] = WeakKeyDictionary()
        self._pool = ConnectionPool(
            url.secret, min_size=1, max_size=MOST, timeout=PATIENCE, reconnect_timeout=1.0,
            kwargs={"autocommit": True, "connect_timeout": int(CONNECT)}, configure=self._configure, open=True,
            name="books",
        )  # fmt: skip

    def _configure(self, connection: Connection) -> None:
        LIMITS.apply(connection)
        connection.prepare_threshold = 1
        connection.prepared_max = STATEMENTS
        self._server_clock.ask(connection)
        life = _life_of(connection)
        with self._lock:
            if life != self._epoch:
                self._epoch_seen = time.monotonic()
            self._epochs[connection] = self._epoch = life

    def epoch(self) -> str:
        """Name the life of the server by when it began: of the one that a transaction is with, else of the newest."""
        with self._lock:
            return self._epochs[self._current] if self._current is not None else self._epoch

    def epoch_seen(self) -> float:
        """Tell when this process first met the newest life of the server, by `time.monotonic`."""
        with self._lock:
            return self._epoch_seen

    # Transactions

    @property
    def _current(self) -> Connection | None:
        """The connection of this thread's transaction, where one is open."""
        return getattr(self._local, "connection", None)

    @contextmanager
    def transaction(self) -> Iterator[Statements]:
        """Write several rows or none; no other transaction of the firm writes meanwhile. Nested ones join the outer."""
        with self._transaction() as connection:
            yield Statements(connection)

    @contextmanager
    def _transaction(self, *, awaited: bool = False) -> Iterator[Connection]:
        if self._current is not None:
            yield self._current
            return
        firm = whose()
        number = EVERYBODY if firm is None else lock_of(firm)
        opening = _opening(number) + (f", {_scope(firm, local=True)}" if self._is_netted else "")
        with self._turn(number).taken(awaited=awaited), self._begun(opening) as connection:
            self._local.connection = connection
            try:
                yield connection
                _commit(connection)
            except BaseException:
                _roll_back(connection)
                raise
            finally:
                self._local.connection = None

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undo what is done within it where an error leaves it, so that a transaction around it may go on."""
        connection = self._current
        if connection is None:
            yield
            return
        with connection.transaction():
            yield

    def _turn(self, number: int) -> Turns:
        """Whose turn it is within this process: who waits for a lock of the server's holds a connection meanwhile."""
        with self._lock:
            return self._turns.setdefault(number, Turns(PATIENCE))

    @contextmanager
    def _begun(self, opening: str) -> Iterator[Connection]:
        """Take a connection and open a transaction on it; one that the server has ended meanwhile is left aside."""
        connection = self._answering(lambda one: _simply(one, opening))[0]
        try:
            yield connection
        finally:
            self._pool.putconn(connection)

    def _answering(self, ask: Callable[[Connection], Found]) -> tuple[Connection, Found]:
        """Ask on a connection that still stands, and keep it. What is asked changes nothing."""
        tries = MOST
        while True:
            connection = self._take()
            try:
                if self._server_clock.is_old:
                    self._server_clock.ask(connection)
                return connection, ask(connection)
            except psycopg.Error:
                ended = connection.broken or connection.closed
                _roll_back(connection)
                self._pool.putconn(connection)
                tries -= 1
                if not ended or tries == 0:
                    raise
            except BaseException:
                _roll_back(connection)
                self._pool.putconn(connection)
                raise

    def _take(self) -> Connection:
        """Take a connection; where the server is away, ask anew: the pool tries once for each who asks."""
        end = time.monotonic() + PATIENCE
        while True:
            try:
                return self._pool.getconn(timeout=CONNECT)
            except PoolTimeout:
                if time.monotonic() > end:
                    raise

    # Statements

    def rows(self, sql: str, parameters: Values = ()) -> list[Row]:
        """Read rows as dictionaries; also for INSERT and UPDATE with RETURNING. Raises IntegrityError."""

        def read(cursor: "psycopg.Cursor[Any]") -> list[Row]:
            names = [column.name for column in cursor.description or ()]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

        return self._run(sql, parameters, read)

    def tuples(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Read rows as they come, for those of which there are thousands."""
        return self._run(sql, parameters, lambda cursor: cursor.fetchall())

    def value(self, sql: str, parameters: Values = ()) -> Any:
        """Read the first column of the first row. Returns None where there is no row."""
        found = self._run(sql, parameters, lambda cursor: cursor.fetchone())
        return found[0] if found else None

    def change(self, sql: str, parameters: Values = (), *, awaited: bool = False) -> int:
        """Run one INSERT, UPDATE or DELETE and count the rows it changed. Raises IntegrityError."""
        return self._run(sql, parameters, lambda cursor: cursor.rowcount, awaited=awaited)

    def change_each(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run one statement for each of many rows, all or none of them. Raises IntegrityError."""
        text, _ = numbered(sql)
        with self._transaction() as connection, _in_our_words():
            psycopg.RawCursor(connection).executemany(text, [tuple(row) for row in rows])

    def _run(
        self, sql: str, parameters: Values, read: Callable[["psycopg.Cursor[Any]"], Found], *, awaited: bool = False
    ) -> Found:
        """Run a statement in the transaction that is open, else by itself: then it takes a turn to write, too."""
        text, names = numbered(sql)
        values = [parameters[name] for name in names] if isinstance(parameters, dict) else list(parameters)

        def ask(connection: Connection) -> Found:
            cursor = psycopg.RawCursor(connection)
            cursor.execute(text, values)
            return read(cursor)

        with _in_our_words():
            if self._current is not None:
                return ask(self._current)
            if sql.startswith("SELECT"):
                connection, found = self._answering(self._in_scope(ask))
                self._pool.putconn(connection)
                return found
            with self._transaction(awaited=awaited) as connection:
                return ask(connection)

    def _in_scope(self, ask: Callable[[Connection], Found]) -> Callable[[Connection], Found]:
        """Let a statement by itself see the rows of the firm whose work it does, where the server minds."""
        if not self._is_netted:
            return ask
        firm = whose()

        def scoped(connection: Connection) -> Found:
            if self._scopes.get(connection, EVERY_FIRM) != (wanted := firm or EVERY_FIRM):
                _simply(connection, f"SELECT {_scope(firm, local=False)}")
                self._scopes[connection] = wanted
            return ask(connection)

        return scoped

    def trouble(self) -> str:
        """Write as a commit does, and change nothing. Says why that cannot be; nothing where it can."""
        try:
            self.change("UPDATE purpose SET practice = practice")
        except psycopg.Error as broken:
            return " ".join(str(broken).split())
        return ""

    def close(self) -> None:
        """Close every connection, for good."""
        self._pool.close()


def _scope(firm: str | None, *, local: bool) -> str:
    """Write what says whose rows are seen, within a transaction or until another is said."""
    wanted = Literal(firm or EVERY_FIRM).as_string()
    return f"set_config('{SCOPE}', {wanted}, {str(local).lower()})"


def _life_of(connection: Connection) -> str:
    """Say when the server began."""
    ((began,),) = connection.execute("SELECT extract(epoch FROM pg_postmaster_start_time())::text").fetchall()
    return str(began)


def _opening(number: int) -> str:
    """Write what opens a transaction; its first statement sees all that was committed before the lock was had."""
    lock = (
        f"pg_advisory_xact_lock({EVERYBODY})"
        if number == EVERYBODY
        else f"pg_advisory_xact_lock_shared({EVERYBODY}), pg_advisory_xact_lock({number})"
    )
    return f"BEGIN ISOLATION LEVEL READ COMMITTED; SELECT {lock}"


def _simply(connection: Connection, sql: str) -> str | None:
    """Run what is never prepared. Returns what the server says that it did."""
    return connection.execute(sql, prepare=False).statusmessage


def _commit(connection: Connection) -> None:
    """Commit. PostgreSQL answers ROLLBACK, and no error, where a statement before has failed: that must not pass."""
    if _simply(connection, "COMMIT") != "COMMIT":
        raise psycopg.errors.InFailedSqlTransaction("a transaction went on after one of its statements failed")


def _roll_back(connection: Connection) -> None:
    if connection.closed or connection.info.transaction_status is psycopg.pq.TransactionStatus.IDLE:
        return
    try:
        _simply(connection, "ROLLBACK")
    except psycopg.Error:  # what led here is told; the server undoes what a lost connection began
        connection.close()


@contextmanager
def _in_our_words() -> Iterator[None]:
    """Say in storage's own words that a row breaks a rule."""
    try:
        yield
    except psycopg.IntegrityError as broken:
        raise IntegrityError(str(broken)) from broken
