"""A database as somebody has it who passes the bot by: whoever owns the file, or the server."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg
from postgres_server import as_owner

from brought_forward.storage.place import Place, PostgresUrl

BREAKS_A_RULE = (sqlite3.IntegrityError, psycopg.IntegrityError)


@contextmanager
def raw(place: Place) -> Iterator[Any]:
    """Open it; each statement is kept at once."""
    if isinstance(place, PostgresUrl):
        with psycopg.connect(as_owner(place.secret), autocommit=True) as server:
            yield server
    else:
        with closing(sqlite3.connect(place, isolation_level=None, timeout=10)) as file:
            yield file


def without_triggers(db: Any) -> None:
    """Let nothing that stands in the database itself keep the audit as it is."""
    if isinstance(db, sqlite3.Connection):
        for trigger in ("audit_kept", "audit_whole", "words_kept", "words_whole"):
            db.execute(f"DROP TRIGGER {trigger}")
    else:
        for table in ("audit", "audit_words"):
            db.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
