"""Taking an SQLite file over into an empty PostgreSQL database, and comparing both row by row.

All of it is one transaction of the server's: it is there whole, or nothing of it is. The file is marked before that
commits, so a bot is never to be started on both, whenever the command is cut off.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import Any

from brought_forward.storage.audit import Audit, link
from brought_forward.storage.database import Database, summed
from brought_forward.storage.postgres import PostgresDatabase
from brought_forward.storage.postgres_session import Connection, Unfit
from brought_forward.storage.records.audit import Verdict
from brought_forward.storage.sqlite_file import SqliteFile
from brought_forward.storage.tables import STATEMENTS

BEGUN_ANEW = {"duty"}  # runs of the engine, whose own file is not taken over either
SEALED = (("slack_installation", "token"), ("clio_connection", "access_token"), ("clio_connection", "refresh_token"))
PATIENCE = 60_000  # milliseconds that the server waits for the next piece
PIECE = 1_000  # rows that the server gives at a time; of files one
TOLD = 5  # differences that are named
Values = tuple[Any, ...]


class NotEmpty(Exception):  # noqa: N818
    """There are rows already; the text names the tables."""


class Differs(Exception):  # noqa: N818
    """What the server holds is not what the file holds; the text says where."""


@dataclass(frozen=True, slots=True)
class Equal:
    """A table that is the same on both sides."""

    table: str
    rows: int
    cents: dict[str, int]  # the sum of each column of money, as both sides add it up


@dataclass(frozen=True, slots=True)
class Moved:
    """What is on the server by now, and was compared."""

    tables: list[Equal]
    audits: list[Verdict]  # of each firm's chain, as the server has it

    @property
    def rows(self) -> int:
        """All rows of all tables."""
        return sum(one.rows for one in self.tables)


@dataclass(frozen=True, slots=True)
class Columns:
    """A table's columns, in one order for both sides."""

    table: str
    names: tuple[str, ...]
    key: tuple[int, ...]  # places of those that name a row
    is_numbered: bool  # by the database itself
    has_files: bool

    @classmethod
    def of(cls, file: SqliteFile, table: str) -> "Columns":
        """Read them from the file."""
        found = file.db.execute(f"PRAGMA table_info({table})").fetchall()
        _, names, types, filled, _, keys = zip(*found, strict=True)
        ordered = sorted((number, place) for place, number in enumerate(keys) if number)
        key = tuple(place for _, place in ordered) or tuple(place for place, one in enumerate(filled) if one)
        is_numbered = len(ordered) == 1 and types[key[0]] == "INTEGER"
        return cls(table, names, key, is_numbered=is_numbered, has_files="BLOB" in types)

    @property
    def money(self) -> tuple[str, ...]:
        """Name those that hold cents."""
        return tuple(name for name in self.names if name.endswith("_cents"))

    def select(self) -> str:
        """Write what reads all rows in the order of their keys, which is the same on both sides."""
        return f"SELECT {_listed(self.names)} FROM {self.table} ORDER BY {_listed(self.names[at] for at in self.key)}"

    def key_of(self, row: Values) -> Values:
        """Give what names a row."""
        return tuple(row[place] for place in self.key)

    def named(self, row: Values) -> str:
        """Write which row it is, by its ids."""
        return f"{self.table} {', '.join(f'{self.names[place]}={row[place]}' for place in self.key)}"


# What the file says of itself


def moved_to(file: Database) -> str | None:
    """Name the PostgreSQL that a file was moved to. Returns None where it was not."""
    found: str | None = file.value("SELECT moved_to FROM purpose")
    return found


def mark(file: Database, to: str | None) -> None:
    """Mark a file as moved, or take the mark away."""
    if not file.change("UPDATE purpose SET moved_to = ?", (to,)):
        file.change("INSERT INTO purpose (practice, moved_to) VALUES (0, ?)", (to,))


def is_for_practice(file: Database) -> bool:
    """Tell whether a file was used in rehearsals."""
    return bool(file.value("SELECT practice FROM purpose"))


def let_again(file: Database, *, by: str) -> None:
    """Let a bot start again on a file that was moved, and say so in each firm's audit."""
    with file.transaction():
        mark(file, None)
        for firm in Audit(file).firms():
            link(file, firm, "move", facts={"does": "again"}, words={"account": by})


def sealed(file: Database) -> list[tuple[bytes, str | None]]:
    """Read each token that is kept sealed, and the id of its key."""
    found = []
    for table, column in SEALED:
        found += file.tuples(f"SELECT {column}, key_id FROM {table} WHERE {column} IS NOT NULL")
    return found


def tables(file: SqliteFile) -> list[str]:
    """Name every table that is moved, each after those that its rows name."""
    ours = [one.split()[2] for one in STATEMENTS if one.startswith("CREATE TABLE")]
    after = {
        one: {tied[2] for tied in file.db.execute(f"PRAGMA foreign_key_list({one})").fetchall()} - {one} for one in ours
    }
    return [one for one in TopologicalSorter(after).static_order() if one not in BEGUN_ANEW]


# From one side to the other


class Move:
    """Move a file. The caller holds the locks of both sides; neither is served."""

    def __init__(self, file: SqliteFile, server: PostgresDatabase) -> None:
        self._file = file
        self._server = server

    def carry_out(self, *, by: str) -> Moved:
        """Copy every row, compare both sides, look over the audit, mark the file, commit. `by` is whose account it is.

        Raises NotEmpty; Differs; Unfit where the role does not own the tables; what either side raises where it fails.
        All is then as it was. Only where the server fails while it commits, the file stays marked although its rows may
        not be there.
        """
        with self._server.transaction() as opened:
            connection = opened.connection
            connection.execute(
                f"SET LOCAL idle_in_transaction_session_timeout = {PATIENCE}; SET LOCAL statement_timeout = 0".encode()
            )
            with self._file.transaction():  # nobody else writes to it meanwhile
                mark(self._file, None)  # of a move that was cut off while the server committed
                names = tables(self._file)
                _refuse_guests(connection)
                _refuse_rows(connection, [*names, *BEGUN_ANEW])
                both = [Columns.of(self._file, one) for one in names]
                for one in both:
                    self._copy(one, connection)
                moved = Moved([self._compare(one, connection) for one in both], self._audits())
                for chain in moved.audits:
                    facts = {"does": "moved", "rows": moved.rows, "links": chain.links, "head": chain.head}
                    words = {"account": by, "file": self._file.path.name}
                    link(self._server, chain.firm, "move", facts=facts, words=words)
                mark(self._file, str(self._server.url))
        return moved

    def _rows(self, one: Columns) -> Iterator[Values]:
        for row in self._file.db.conn.execute(one.select()):
            yield tuple(map(_as_kept, row))

    def _copy(self, one: Columns, connection: Connection) -> None:
        """Write a table in one statement, row by row: a row may name one of its own table that comes later."""
        last = 0
        with connection.cursor() as cursor:
            with cursor.copy(f"COPY {one.table} ({_listed(one.names)}) FROM STDIN".encode()) as written:
                for row in self._rows(one):
                    written.write_row(row)
                    last = row[one.key[0]]
            if one.is_numbered and last:  # unlike setval, this is undone where the transaction is
                name = one.names[one.key[0]]
                cursor.execute(f"ALTER TABLE {one.table} ALTER COLUMN {name} RESTART WITH {last + 1}".encode())

    def _compare(self, one: Columns, connection: Connection) -> Equal:
        """Read a table anew on both sides, row by row, each value of the same kind. Raises Differs."""
        rows, told = 0, []
        with connection.cursor(name="moved") as cursor:
            cursor.itersize = 1 if one.has_files else PIECE
            cursor.execute(one.select().encode())
            for different in _differences(one, self._rows(one), iter(cursor)):
                rows += 1
                if different is not None:
                    told.append(different)
                    if len(told) == TOLD:
                        break
        if told:
            raise Differs("; ".join(told))
        here, there = _sums(one, self._file.db.conn), _sums(one, connection)
        if here != there:
            raise Differs(f"{one.table}: the file's sums are {here}, the server's {there} cents")
        return Equal(one.table, rows, here)

    def _audits(self) -> list[Verdict]:
        """Look over every firm's chain on the server, as `brought-forward verify` does. Raises Differs."""
        audit = Audit(self._server)
        found = [audit.verify(firm) for firm in audit.firms()]
        broken = [f"the audit log of {one.firm} does not hold: {one.broken}" for one in found if one.broken]
        if broken:
            raise Differs("; ".join(broken))
        return found


def _read(side: sqlite3.Connection | Connection, sql: str) -> list[Values]:
    return (side.execute(sql) if isinstance(side, sqlite3.Connection) else side.execute(sql.encode())).fetchall()


def _refuse_rows(server: Connection, names: Iterable[str]) -> None:
    """Raise NotEmpty where one of the tables has a row."""
    full = [one for one in names if _read(server, f"SELECT 1 FROM {one} LIMIT 1")]
    if full:
        raise NotEmpty(", ".join(sorted(full)))


def _refuse_guests(server: Connection) -> None:
    """Raise Unfit where the role does not own the tables: it may not number rows, nor copy them row by row."""
    ((owns,),) = _read(server, "SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = 'batch'::regclass")
    if not owns:
        raise Unfit(
            f"The role {server.info.user} does not own the bot's tables in {server.info.dbname}, and only their owner"
            " fills them. Name a role that does in --to; the bot may serve them as another."
        )


def _sums(one: Columns, side: sqlite3.Connection | Connection) -> dict[str, int]:
    """Let one side add up each column of money."""
    if not one.money:
        return {}
    (sums,) = _read(side, f"SELECT {', '.join(summed(name) for name in one.money)} FROM {one.table}")
    return {name: total or 0 for name, total in zip(one.money, sums, strict=True)}


def _as_kept(value: Any) -> Any:
    """Give a value as both sides keep it: a text of PostgreSQL's has no zero byte (storage/postgres_session.py)."""
    return value.replace("\x00", "\ufffd") if isinstance(value, str) else value


def _differences(one: Columns, here: Iterator[Values], there: Iterator[Values]) -> Iterator[str | None]:
    """Go through both sides in the order of their keys. Gives what differs in words for each row, None where nothing.

    Keys are of texts and whole numbers, which both sides and Python put in the same order.
    """
    mine, yours = next(here, None), next(there, None)
    while mine is not None or yours is not None:
        if yours is not None and (mine is None or one.key_of(yours) < one.key_of(mine)):
            yield f"{one.named(yours)} is on the server and not in the file"
            yours = next(there, None)
        elif mine is not None and (yours is None or one.key_of(mine) < one.key_of(yours)):
            yield f"{one.named(mine)} is in the file and not on the server"
            mine = next(here, None)
        elif mine is not None and yours is not None:
            other = [
                name
                for name, a, b in zip(one.names, mine, yours, strict=True)
                if type(a) is not type(b) or a != b  # 1 and 1.0 are not the same
            ]
            yield f"{one.named(mine)} differs in {', '.join(other)}" if other else None
            mine, yours = next(here, None), next(there, None)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
