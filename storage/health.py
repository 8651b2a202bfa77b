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

from filelock import Timeout

from brought_forward.storage.database import maybe_instant, private_lock
from brought_forward.storage.records.batch import BatchStatus
from brought_forward.storage.records.connection import Source
from brought_forward.storage.schema import SHAPE

MOVING = (BatchStatus.APPROVED, BatchStatus.POSTING, BatchStatus.UNDOING)  # something of it may be on its way to Clio


@dataclass(frozen=True, slots=True)
class Health:
    """What a look at a database shows."""

    trouble: str = ""  # why it cannot be read, or what of it is damaged, in SQLite's words
    other_version: bool = False
    practice: bool | None = None  # None: it was never used
    moving: int = 0  # batches of which something may be on its way to Clio


def look_at(file: Path) -> Health:
    """Look at our database."""
    try:
        with _opened(file) as db:
            if trouble := _damage(db):
                return Health(trouble)
            tables = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            if not tables:
                return Health()
            applied = {name for (name,) in db.execute("SELECT name FROM _sqlite_migrations")}
            if applied != {SHAPE}:
                return Health(other_version=True)
            row = db.execute("SELECT practice FROM purpose").fetchone()
            statuses = ", ".join("?" * len(MOVING))
            moving = db.execute(f"SELECT count(*) FROM batch WHERE status IN ({statuses})", MOVING).fetchone()[0]
            return Health(practice=None if row is None else bool(row[0]), moving=moving)
    except sqlite3.Error as broken:
        return Health(str(broken))


def said_by_firm(file: Path) -> dict[str, Any]:
    """Read what the firm that the environment's token serves has set itself, by name; nothing where none is known."""
    try:
        with _opened(file) as db:
            rows = db.execute(
                "SELECT name, value FROM firm_setting JOIN slack_installation USING (firm)"
                " WHERE slack_installation.source = ?",
                (Source.ENVIRONMENT,),
            )
            return {name: json.loads(value) for name, value in rows}
    except sqlite3.Error:  # told where the database is looked at
        return {}


@dataclass(frozen=True, slots=True)
class KeptSignIn:
    """When the sign-in to Clio that the database holds ends, and whether the bot renews it; never its tokens."""

    expires_at: datetime | None
    is_renewed: bool


def kept_sign_in(file: Path) -> KeptSignIn | None:
    """Read about the sign-in in force. Returns None where there is none."""
    try:
        with _opened(file) as db:
            row = db.execute(
                "SELECT expires_at, refresh_token IS NOT NULL FROM clio_connection WHERE source = ?"
                " AND stands_by = 0 AND ended_at IS NULL ORDER BY id DESC LIMIT 1",
                (Source.CONNECT,),
            ).fetchone()
            return KeptSignIn(maybe_instant(row[0]), bool(row[1])) if row else None
    except sqlite3.Error:  # told where the database is looked at
        return None


def damage(file: Path) -> str:
    """Say what is wrong with an SQLite file that is not ours, such as the engine's; nothing where it is sound."""
    try:
        with _opened(file) as db:
            return _damage(db)
    except sqlite3.Error as broken:
        return str(broken)


def may_write(path: Path) -> bool:
    """Whether the account that runs this may write to a file or folder; a disk that is read-only counts too."""
    effective = os.access in os.supports_effective_ids
    return os.access(path, os.W_OK, effective_ids=effective)


def is_served(file: Path) -> bool:
    """Whether a bot runs on a database: it holds the lock beside it."""
    if not Path(f"{file}.lock").exists():
        return False
    try:
        with private_lock(f"{file}.lock", timeout=0):
            return False
    except Timeout:
        return True


@contextmanager
def _opened(file: Path) -> Iterator[sqlite3.Connection]:
    """Open a file for reading. Where nobody has it open it is taken as it lies there: else SQLite makes its logs."""
    at_rest = not Path(f"{file}-wal").exists()
    address = f"file:{quote(str(file.absolute()))}?mode=ro{'&immutable=1' if at_rest else ''}"
    with closing(sqlite3.connect(address, uri=True, timeout=5)) as db:
        yield db


def _damage(db: sqlite3.Connection) -> str:
    found = str(db.execute("PRAGMA quick_check(1)").fetchone()[0])
    return "" if found == "ok" else found
