"""Every text that storage runs on SQLite in any test must be among those that are read from its code.

tests/storage/test_portable.py tries these on PostgreSQL: so it misses none.
"""

import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database
from statements import Statements, plain

import brought_forward.storage.store as storage

FOLDER = Path(storage.__file__).resolve().parent
THROUGH = {FOLDER / "sqlite_file.py", FOLDER / "database.py"}
OF_SQLITE = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "PRAGMA", "CREATE")


@cache
def read() -> frozenset[str]:
    return frozenset().union(*Statements().collect().values())


@cache
def resolved(file: str) -> Path:
    return Path(file).resolve()


@pytest.fixture(autouse=True)
def all_texts_were_read(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    ran: set[str] = set()
    execute = Database.execute

    def heard(self: Database, sql: str, parameters: Any = None) -> Any:
        frame = sys._getframe(1)
        while frame.f_back and resolved(frame.f_code.co_filename) in THROUGH:
            frame = frame.f_back
        if resolved(frame.f_code.co_filename).parent == FOLDER and not sql.startswith(OF_SQLITE):
            ran.add(plain(sql))
        return execute(self, sql, parameters)

    monkeypatch.setattr(Database, "execute", heard)
    yield
    assert ran.copy() <= read()
