"""How a database is, looked at without changing anything in it."""

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

from brought_forward.storage.database import maybe_instant
from brought_forward.storage.place import Place, PostgresUrl
from brought_forward.storage.postgres_session import Statements, Unfit, look_at_server, prepared
from brought_forward.storage.postgres_steps import SHAPE as POSTGRES_SHAPE
from brought_forward.storage.postgres_steps import done
from brought_forward.storage.records.batch import BatchStatus
from brought_forward.storage.records.connection import Source
from brought_forward.storage.schema import SHAPE
from brought_forward.storage.serve_lock import Served, lock_of_one

MOVING = (BatchStatus.APPROVED, BatchStatus.POSTING, BatchStatus.UNDOING)  # something of it may be on its way to Clio
BROKEN = (sqlite3.Error, psycopg.Error, Unfit)


@dataclass(frozen=True, slots=True)
class Health:
    """What a look at a database shows."""

    trouble: str = ""  # why it cannot be read, or what of it is damaged, in the database's words
    other_version: bool = False
    practice: bool | None = None  # None: it was never used
    moved_to: str | None = None  # where a file's rows are by now, and no bot serves it any more
    moving: int = 0  # batches of which something may be on its way to Clio


def is_there(place: Place) -> bool:
    """Whether a database is there with our tables; one that does not answer is, since that is told on opening it."""
    if isinstance(place, Path):
        return place.is_file()
    try:
        with prepared(place) as connection:
            return bool(done(connection))
    except BROKEN:
        return True


def look_at(place: Place) -> Health:
    """Look at our database."""
    try:
        if isinstance(place, PostgresUrl):
            look_at_server(place)
        with _opened(place) as db:
            if isinstance(db, sqlite3.Connection):
                if trouble := _damage(db):
                    return Health(trouble)
                if not db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
                    return Health()
                applied, today = {name for (name,) in db.execute("SELECT name FROM _sqlite_migrations")}, SHAPE
            else:
                applied, today = done(db.connection), POSTGRES_SHAPE
            if not applied:
                return Health()
            if applied != {today}:
                return Health(other_version=True)
            row = db.execute("SELECT practice, moved_to FROM purpose").fetchone()
            statuses = ", ".join("?" * len(MOVING))
            ((moving,),) = db.execute(f"SELECT count(*) FROM batch WHERE status IN ({statuses})", MOVING).fetchall()
            if row is None:
                return Health(moving=moving)
            return Health(practice=bool(row[0]), moved_to=row[1], moving=moving)
    except BROKEN as broken:
        return Health(" ".join(str(broken).split()))


def said_by_firm(place: Place) -> dict[str, Any]:
    """Read what the firm that the environment's token serves has set itself, by name; nothing where none is known."""
    try:
        with _opened(place) as db:
            rows = db.execute(
                "SELECT name, value FROM firm_setting JOIN slack_installation USING (firm)"
                " WHERE slack_installation.source = ?",
                (Source.ENVIRONMENT,),
            )
            return {name: json.loads(value) for name, value in rows}
    except BROKEN:  # told where the database is looked at
        return {}


@dataclass(frozen=True, slots=True)
class KeptSignIn:
    """When the sign-in to Clio that the database holds ends, and whether the bot renews it; never its tokens."""

    expires_at: datetime | None
    is_renewed: bool


def kept_sign_in(place: Place) -> KeptSignIn | None:
    """Read about the sign-in in force. Returns None where there is none."""
    try:
        with _opened(place) as db:
            row = db.execute(
                "SELECT expires_at, refresh_token IS NOT NULL FROM clio_connection WHERE source = ?"
                " AND stands_by = 0 AND ended_at IS NULL ORDER BY id DESC LIMIT 1",
                (Source.CONNECT,),
            ).fetchone()
            return KeptSignIn(maybe_instant(row[0]), bool(row[1])) if row else None
    except BROKEN:  # told where the database is looked at
        return None


def damage(file: Path) -> str:
    """Say what is wrong with an SQLite file that is not ours, such as the engine's; nothing where it is sound."""
    try:
        with _opened(file) as db:
            return _damage(db) if isinstance(db, sqlite3.Connection) else ""
    except sqlite3.Error as broken:
        return str(broken)


def may_write(path: Path) -> bool:
    """Whether the account that runs this may write to a file or folder; a disk that is read-only counts too."""
    effective = os.access in os.supports_effective_ids
    return os.access(path, os.W_OK, effective_ids=effective)


def is_served(place: Place) -> bool:
    """Whether a bot runs on a database: it holds its lock."""
    if isinstance(place, Path) and not Path(f"{place}.lock").exists():
        return False
    lock = lock_of_one(place)
    try:
        lock.acquire()
    except Served:
        return True
    except Unfit:  # told where the database is looked at
        return False
    lock.release()
    return False


@contextmanager
def _opened(place: Place) -> Iterator[sqlite3.Connection | Statements]:
    """Open a database for reading. A file that nobody has open is taken as it lies: else SQLite makes its logs."""
    if isinstance(place, PostgresUrl):
        with prepared(place) as connection:
            yield Statements(connection)
        return
    file = place
    at_rest = not Path(f"{file}-wal").exists()
    address = f"file:{quote(str(file.absolute()))}?mode=ro{'&immutable=1' if at_rest else ''}"
    with closing(sqlite3.connect(address, uri=True, timeout=5)) as db:
        yield db


def _damage(db: sqlite3.Connection) -> str:
    found = str(db.execute("PRAGMA quick_check(1)").fetchone()[0])
    return "" if found == "ok" else found
