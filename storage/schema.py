"""Making the tables of a new file, and bringing those of an older one to today's.

Until 1.0.0 the tables are edited in storage/tables.py and a file with others is refused. From 1.0.0 on they stay as
they are, and steps are appended to `STEPS`, never edited; an older file is copied before the first of them changes it.
"""

from collections.abc import Callable
from hashlib import sha256
from typing import Any, Protocol

from sqlite_utils import Database, Migrations

from brought_forward.storage.tables import STATEMENTS

SHAPE = f"tables {sha256(';'.join(STATEMENTS).encode()).hexdigest()[:12]}"


class OtherTables(Exception):  # noqa: N818
    """The file was made by another version, before 1.0.0: its tables are others. The text says what to do."""


class Executes(Protocol):
    """What a step changes tables with, in SQLite's words."""

    def execute(self, sql: str) -> Any:
        """Run one statement."""


def tables(db: Executes) -> None:
    """Make every table."""
    for statement in STATEMENTS:
        db.execute(statement)


# From 1.0.0 on: each change of the tables, by its name, in order; what stands here is never edited.
STEPS: tuple[tuple[str, Callable[[Executes], None]], ...] = ()


def bring_forward(db: Database, save: Callable[[], None]) -> None:
    """Make the tables of a new file, or bring an older one to today's; `save` copies that first.

    Raises OtherTables where the file has tables that no step leads on from, and whatever `save` raises: the file is
    then left as it is.
    """
    names = [name for name, _ in STEPS]
    migrations = Migrations("brought-forward")
    for name, step in ((SHAPE, tables), *STEPS):
        migrations(name=name)(step)
    done = {one.name for one in migrations.applied(db)}
    if done - {SHAPE, *names}:
        raise OtherTables(
            "The database is of another version of the bot, before 1.0.0, and this one does not read it. Nothing in it"
            " was changed. Go on with the version that made it until its batches are done, or let BALANCES_DB name a"
            " new file."
        )
    if done and not done.issuperset(names):
        save()
    migrations.apply(db)
