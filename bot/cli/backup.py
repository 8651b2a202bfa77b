"""`backup` and `restore`: a copy of the database beside a running bot, and the way back without one."""

import sqlite3
from contextlib import closing
from pathlib import Path

from filelock import Timeout

from brought_forward.bot.errors import SettingsError, StorageError
from brought_forward.bot.messages.words import count
from brought_forward.storage import backup as copies
from brought_forward.storage.database import private_lock
from brought_forward.storage.place import Place, PostgresUrl
from brought_forward.storage.schema import OtherTables
from brought_forward.storage.store import Store

# PostgreSQL's own programs, and what is to be known of using them here.
DUMP = (
    "Back it up with pg_dump: pg_dump --format=custom --file=FILE URL copies it beside a running bot, the engine's runs"
    " with it. Keep BALANCES_KEYS too, apart from it."
)
BACK = (
    "Stop the bot, then put a back-up into an empty database with pg_restore --dbname=URL FILE and let BALANCES_DB name"
    " that one. Before the bot sends anything, it lists what Clio holds and takes its own entries as posted."
)


def backup(database: Place, target: Path) -> str:
    """Copy the database, also while the bot runs, and say what the copy holds.

    Raises SettingsError where there is none, or the copy's name is taken, and StorageError where it cannot be made.
    """
    database = _file(database, DUMP)
    _needs(database, "Name the bot's database with --db, or in BALANCES_DB.")
    try:
        batches = copies.copy(database, target)
    except FileExistsError as taken:
        raise SettingsError(f"{target} is there already. Name a new file; no back-up is ever replaced.") from taken
    except (copies.Unsound, sqlite3.Error, OSError) as broken:
        raise StorageError(f"{database} was not backed up to {target}: {broken}.") from broken
    return (
        f"{target}: {count(batches, 'batch', 'batches')}, opened and sound. It holds names and amounts as the database"
        " does, but not the key of what is sealed in it: keep both, apart from each other."
    )


def restore(database: Place, source: Path) -> str:
    """Put a back-up in the database's place, and say where that one is now.

    Raises SettingsError where there is no such back-up or the bot runs, and StorageError where it is not sound or of
    another version; the database is then as it was.
    """
    database = _file(database, BACK)
    _needs(source, "Name a file that `brought-forward backup` made.")
    lock = private_lock(f"{database}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout as running:
        raise SettingsError(f"The bot runs on {database}. Stop it first, then restore.") from running
    fresh = database.with_name(f"{database.name}.restored")
    try:
        copies.drop(fresh)
        batches = copies.copy(source, fresh)
        with closing(Store(fresh)) as store:  # refused where it is another version's, before anything moves
            for firm in store.audit.firms():
                store.audit.add(firm, "restore", facts={"batches": batches}, words={"file": source.name})
        aside = copies.put_in_place(fresh, database)
    except (copies.Unsound, OtherTables, sqlite3.Error, OSError) as broken:
        raise StorageError(f"{source} was not restored: {broken}.") from broken
    finally:
        copies.drop(fresh)
        lock.release()
    kept = f" What was there is now {aside}." if aside else ""
    return (
        f"{database}: {count(batches, 'batch', 'batches')}, as of the back-up.{kept} Start the bot: before it sends"
        " anything, it lists what Clio holds and takes its own entries as posted."
    )


def _file(database: Place, instead: str) -> Path:
    """Give an SQLite file. Raises SettingsError for PostgreSQL, whose own programs do this."""
    if isinstance(database, PostgresUrl):
        raise SettingsError(f"{database} is PostgreSQL, which has its own programs for this. {instead}")
    return database


def _needs(file: Path, what_to_do: str) -> None:
    if not file.is_file():
        raise SettingsError(f"{file} is not there. {what_to_do}")
