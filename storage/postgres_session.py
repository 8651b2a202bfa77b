"""A session with PostgreSQL as we need it: its limits, types and time, and what must be true of the server first."""

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import psycopg
from psycopg.adapt import AdaptersMap, Buffer, Loader
from psycopg.types.numeric import Int8Dumper
from psycopg.types.string import StrDumperUnknown

from brought_forward.storage.database import Clock
from brought_forward.storage.place import PostgresUrl
from brought_forward.storage.placeholders import numbered
from brought_forward.storage.postgres_schema import EVERY_FIRM, SCOPE

log = logging.getLogger(__name__)

Connection = psycopg.Connection[tuple[Any, ...]]

CONNECT = 5.0  # seconds for a connection
OLDEST, NEWEST = 15, 18  # versions of the server that the suite is run on, and those between
ROUNDS = 3  # looks for a pooler between us and the server
ASK_AGAIN = 20.0  # seconds after which the server is asked for its time again


class Unfit(Exception):  # noqa: N818
    """A PostgreSQL that cannot hold the bot's books as it is; the text says what to do."""


def lock_of(name: str) -> int:
    """Give the number of the advisory lock of a firm, or of something else that has a name of its own."""
    return int.from_bytes(sha256(f"brought-forward {name}".encode()).digest()[:8], "big", signed=True)


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a session may keep others waiting, in milliseconds, and after how many seconds a line is dead."""

    idle_in_transaction: int = 4_000  # a process that is frozen within one keeps its firm waiting no longer
    lock: int = 30_000
    statement: int = 60_000
    dead_line: int = 15

    def apply(self, connection: Connection) -> None:
        """Set them for the session, that it does every firm's work, and how values are read and written."""
        connection.execute(
            f"SET idle_in_transaction_session_timeout = {self.idle_in_transaction}; SET lock_timeout = {self.lock};"
            f" SET statement_timeout = {self.statement}; SET tcp_keepalives_idle = {self.dead_line};"
            " SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3;"
            f" SET tcp_user_timeout = {self.dead_line * 1000}; SET client_min_messages = warning;"
            f" SET TimeZone = 'UTC'; SET {SCOPE} = '{EVERY_FIRM}'".encode()
        )
        suit(connection.adapters)


LIMITS = Limits()
# The client's side of a dead line; a URL may say otherwise.
KEEPALIVES: dict[str, Any] = {
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}


class _WholeDumper(Int8Dumper):
    """Write every whole number as one of eight bytes: a statement has then one shape, whatever its values."""

    def dump(self, obj: Any) -> Buffer | None:
        return b"%d" % int(obj)


class _TextDumper(StrDumperUnknown):
    """Write a text; PostgreSQL keeps none with a zero byte."""

    def dump(self, obj: str) -> Buffer | None:
        return super().dump(obj.replace("\x00", "\ufffd") if "\x00" in obj else obj)


class _NumericLoader(Loader):
    """Read a sum: a whole number is one."""

    def load(self, data: Buffer) -> Any:
        text = bytes(data)
        return float(text) if b"." in text or b"N" in text else int(text)


class _YesNoLoader(Loader):
    """Read yes and no as SQLite tells them."""

    def load(self, data: Buffer) -> int:
        return int(bytes(data) == b"t")


def suit(adapters: AdaptersMap) -> None:
    """Let values come and go as they do with SQLite."""
    for kind in (int, bool):
        adapters.register_dumper(kind, _WholeDumper)
    adapters.register_dumper(str, _TextDumper)
    adapters.register_loader("numeric", _NumericLoader)
    adapters.register_loader("bool", _YesNoLoader)


@dataclass(frozen=True, slots=True)
class Statements:
    """Run on a session what is written for SQLite."""

    connection: Connection

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> "psycopg.Cursor[Any]":
        """Run one statement."""
        return psycopg.RawCursor(self.connection).execute(numbered(sql)[0], list(parameters))


@contextmanager
def prepared(url: PostgresUrl) -> Iterator[Connection]:
    """Open a session of one's own. Raises Unfit where the server does not answer."""
    try:
        connection = psycopg.connect(
            url.secret, autocommit=True, connect_timeout=int(CONNECT), **KEEPALIVES, application_name="brought-forward"
        )
    except psycopg.Error as away:
        raise Unfit(f"{url} cannot be reached: {_first(away)}. See that the server runs, and that BALANCES_DB names"
                    " it, its database and its user.") from away  # fmt: skip
    with connection:
        LIMITS.apply(connection)
        yield connection


def look_at_server(url: PostgresUrl) -> None:
    """Raise Unfit where the server is of another version, or a pooler hands one session to several clients."""
    with prepared(url) as connection:
        version = connection.info.server_version // 10_000
        if not OLDEST <= version <= NEWEST:
            raise Unfit(f"{url} is PostgreSQL {version}. The bot works with versions {OLDEST} to {NEWEST}.")
        with prepared(url) as other:
            shared = any(_is_shared(connection, other) for _ in range(ROUNDS))
        if shared:
            raise Unfit(
                f"{url} leads through a pooler that gives each transaction whatever session is free, as PgBouncer does"
                " in transaction mode. The bot needs sessions of its own: name the server itself in BALANCES_DB, or let"
                " the pooler work in session mode."
            )


def _is_shared(one: Connection, other: Connection) -> bool:
    """Tell whether one client has the session that the other had just now, or loses its own to it."""
    mine = _backend(one)
    with other.transaction():
        return _backend(other) == mine or _backend(one) != mine


def _backend(connection: Connection) -> int:
    ((pid,),) = connection.execute("SELECT pg_backend_pid()", prepare=False).fetchall()
    return int(pid)


def _first(broken: psycopg.Error) -> str:
    """Say what the server or the line said, in one line."""
    return " ".join(str(broken).split()).rstrip(".")


class ServerClock(Clock):
    """Tell the server's time, which is the same for all processes, whatever each one's machine says."""

    def __init__(self) -> None:
        super().__init__()
        self._wall_at = datetime.now(UTC), time.monotonic()
        self._asked = 0.0

    @property
    def is_old(self) -> bool:
        """Whether it is time to ask again."""
        return time.monotonic() - self._asked > ASK_AGAIN

    def ask(self, connection: Connection) -> None:
        """Ask the server; its answer is taken for the middle of the time that it took."""
        before = time.monotonic()
        ((at,),) = connection.execute("SELECT extract(epoch FROM clock_timestamp())::float8").fetchall()
        after = time.monotonic()
        wall = datetime.fromtimestamp(at, UTC) - timedelta(seconds=(after - before) / 2)
        self._wall_at = wall, before
        self._asked = after

    def now(self) -> datetime:
        """Tell the time, aware and in UTC: as the server's was when it was last asked, and the seconds since."""
        wall, began = self._wall_at
        return wall + timedelta(seconds=time.monotonic() - began)
