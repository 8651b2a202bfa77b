"""Making the tables of an empty PostgreSQL database, and bringing those of an older one to today's."""

import re
from hashlib import sha256
from typing import Any

import psycopg

from brought_forward.storage.database import stamp
from brought_forward.storage.postgres_schema import TYPES, statements
from brought_forward.storage.postgres_session import Unfit
from brought_forward.storage.schema import STEPS, OtherTables

Connection = psycopg.Connection[tuple[Any, ...]]

SHAPE = f"tables {sha256(';'.join(statements()).encode()).hexdigest()[:12]}"
WAIT = 60  # seconds for another process that does the same
STEP = 0x6272_6F75_6768_7401  # the number of the lock: two that begin at once make the tables one after another
KEPT = 'CREATE TABLE schema_step (name TEXT COLLATE "C" PRIMARY KEY, applied_at TEXT NOT NULL)'


class Turning:
    """Run a step's statements, written for SQLite, in PostgreSQL's words for types."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def execute(self, sql: str) -> None:
        """Run one statement."""
        for sqlite, postgres in TYPES:
            sql = re.sub(rf"\b{sqlite}\b", postgres, sql)
        self._connection.execute(sql.encode())


def bring_forward(connection: Connection) -> None:
    """Make the tables where there are none, or bring older ones to today's: all of it or nothing.

    Raises OtherTables where no step leads on from them, and Unfit where the role may not make tables, or tables of
    something else stand there.
    """
    if done(connection) == {SHAPE, *(name for name, _ in STEPS)}:
        return
    try:
        with connection.transaction():
            connection.execute(f"SET LOCAL lock_timeout = {WAIT * 1000}; SELECT pg_advisory_xact_lock({STEP})".encode())
            _steps(connection)
    except psycopg.errors.InsufficientPrivilege as denied:
        database, user = connection.info.dbname, connection.info.user
        raise Unfit(
            f"The role {user} may not make the bot's tables in the database {database}: {_said(denied)}. Let it own the"
            f' database (ALTER DATABASE "{database}" OWNER TO "{user}"), or name another role in BALANCES_DB.'
        ) from denied
    except psycopg.errors.DuplicateObject as taken:
        raise _taken(connection, taken) from taken
    except psycopg.errors.DuplicateTable as taken:
        raise _taken(connection, taken) from taken


def done(connection: Connection) -> set[str]:
    """Name the steps that were carried out on a database; none on an empty one."""
    row = connection.execute("SELECT to_regclass('schema_step') IS NOT NULL").fetchone()
    if not row or not row[0]:
        return set()
    return {name for (name,) in connection.execute("SELECT name FROM schema_step")}


def _steps(connection: Connection) -> None:
    carried_out = done(connection)
    if carried_out - {SHAPE, *(name for name, _ in STEPS)}:
        raise OtherTables(
            "The database is of another version of the bot, before 1.0.0, and this one does not read it. Nothing in it"
            " was changed. Go on with the version that made it until its batches are done, or let BALANCES_DB name an"
            " empty database."
        )
    if not carried_out:
        connection.execute(KEPT)
        for statement in statements():
            connection.execute(statement.encode())
        _keep(connection, SHAPE)
    for name, step in STEPS:
        if name not in carried_out:
            step(Turning(connection))
            _keep(connection, name)


def _keep(connection: Connection, name: str) -> None:
    connection.execute("INSERT INTO schema_step VALUES (%s, %s)", (name, stamp()))


def _taken(connection: Connection, broken: psycopg.Error) -> Unfit:
    return Unfit(
        f"The database {connection.info.dbname} holds something else already: {_said(broken)}. Let BALANCES_DB name a"
        " database of the bot's own."
    )


def _said(broken: psycopg.Error) -> str:
    return broken.diag.message_primary or " ".join(str(broken).split())
