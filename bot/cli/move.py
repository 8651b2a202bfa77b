"""`move`: an SQLite file taken over into an empty PostgreSQL database, compared, and marked: no bot starts on it."""

import getpass
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg

from brought_forward.bot.cli.database import readable
from brought_forward.bot.cli.doctor.trace import TraceFile
from brought_forward.bot.errors import SettingsError, StorageError
from brought_forward.bot.messages.words import count
from brought_forward.storage import backup as copies
from brought_forward.storage import move as moving
from brought_forward.storage.database import amount
from brought_forward.storage.keys import KeyLost, Keys, is_key, key_id
from brought_forward.storage.place import Place, PostgresUrl
from brought_forward.storage.postgres import PostgresDatabase
from brought_forward.storage.postgres_session import Unfit
from brought_forward.storage.schema import OtherTables
from brought_forward.storage.serve_lock import Served, lock_of_one
from brought_forward.storage.sqlite_file import SqliteFile

AGAIN = (
    "{file} may be served again. What a bot on {to} has posted or heard since the move is not in it: see that none ever"
    " runs there any more. Before this one sends anything, it lists what Clio holds, as after a restored back-up; what"
    " people decided there is to be decided anew. To move the file once more, name an empty database."
)


def move(database: Place, to: Place, keys: Sequence[str] = ()) -> Iterator[str]:
    """Take a file over, and say of each table what was compared, then what to do next. `keys` are BALANCES_KEYS.

    Raises SettingsError where it may not be moved, or not there, and StorageError where it failed or differs. Nothing
    is on the server then, and the file is as it was.
    """
    file, server = _sides(database, to)
    with _told(file, server), _file_alone(file, "Stop it first; nothing of it is lost.") as here:
        _may_go(here, file, server, keys)
        with _alone(server, "The database has to be empty, and nothing may serve it."), _opened(server) as there:
            try:
                moved = moving.Move(here, there).carry_out(by=getpass.getuser())
            except moving.NotEmpty as full:
                if moving.moved_to(here) is None:
                    raise
                raise SettingsError(
                    f"{file} was moved to {server} already. Set BALANCES_DB to its URL and start the bot."
                ) from full
    yield from _said(moved)
    yield (
        f"{file} is as it was, but marked as moved: no bot starts on it. Keep it until the first batch on PostgreSQL is"
        " done, and put no older back-up of it in its place: that has no mark."
    )
    yield f"Next: set BALANCES_DB to the URL of {server}{_key_too(keys)}, then start the bot."


def again(database: Place) -> str:
    """Let a bot start again on a file that was moved. Raises SettingsError where it was not, or is not there."""
    file = _file(database)
    with _told(file, None), _file_alone(file, "Nothing was changed.") as here:
        to = moving.moved_to(here)
        if to is None:
            raise SettingsError(f"{file} was not moved, so a bot may start on it.")
        moving.let_again(here, by=getpass.getuser())
    return AGAIN.format(file=file, to=to)


def _sides(database: Place, to: Place) -> tuple[Path, PostgresUrl]:
    file = _file(database)
    if not isinstance(to, PostgresUrl):
        raise SettingsError(
            f"{to} is no PostgreSQL. Name an empty database with --to postgresql://user@host:5432/database."
        )
    return file, to


def _file(database: Place) -> Path:
    if isinstance(database, PostgresUrl):
        raise SettingsError(f"{database} is PostgreSQL already. Name the file that is to be moved with --db.")
    if not database.is_file():
        raise SettingsError(f"{database} is not there. Name the bot's file with --db, or in BALANCES_DB.")
    return database


def _may_go(here: SqliteFile, file: Path, server: PostgresUrl, keys: Sequence[str]) -> None:
    """Raise SettingsError where a file may not be moved, and Unsound where it is damaged."""
    before = moving.moved_to(here)
    if before is not None and before != str(server):
        raise SettingsError(
            f"{file} was moved to {before} already. If no bot is ever to run there, take the mark away with"
            " `brought-forward move --again`, then move it."
        )
    if moving.is_for_practice(here):
        raise SettingsError(f"{file} was used in practice, which stays with a file: nothing in it was posted to Clio.")
    trace = TraceFile(file).trace
    if trace is not None:
        raise SettingsError(
            f"A test of one cent on matter {trace.matter} was cut off, and {TraceFile(file).path} says what it may have"
            f" left in Clio. Run `brought-forward doctor --probe {trace.matter}` first: it looks for it and removes it."
        )
    copies.look(file)
    _can_open(moving.sealed(here), file, keys)


def _can_open(tokens: Sequence[tuple[bytes, str | None]], file: Path, given: Sequence[str]) -> None:
    """Raise SettingsError unless the environment's keys open all that is sealed: PostgreSQL has no key file."""
    if not all(map(is_key, given)):
        raise SettingsError("BALANCES_KEYS: this is no key. It is 32 bytes in base64, as in the file's .key.")
    closed = {key for token, key in tokens if not _opens(given, token, key)}
    if not closed:
        return
    names, key_file = ", ".join(sorted(str(key) for key in closed)), Path(f"{file}.key")
    beside = set(map(key_id, key_file.read_text().split())) if key_file.is_file() else set()
    if closed <= beside:
        raise SettingsError(
            f"The tokens in {file} are sealed by a key ({names}) that stands in {key_file}, and beside PostgreSQL keys"
            f" come from BALANCES_KEYS alone. Set BALANCES_KEYS to what {key_file} holds, lines parted by commas"
            f"{', and behind it the keys that are set now' if given else ''}; give it to this command, and to the bot"
            " from then on."
        )
    raise SettingsError(
        f"The key {names} that sealed tokens in {file} is neither in BALANCES_KEYS nor in {key_file}. Put it into"
        " BALANCES_KEYS, or sign in again with `brought-forward connect` (a workspace installs the app again), then"
        " move the file."
    )


def _opens(given: Sequence[str], token: bytes, key: str | None) -> bool:
    try:
        Keys(None, given).open(token, key)
    except KeyLost:
        return False
    return True


@contextmanager
def _alone(place: Place, todo: str) -> Iterator[None]:
    """Keep every bot from a database meanwhile. Raises SettingsError where one serves it."""
    lock = lock_of_one(place)
    try:
        lock.acquire()
    except Served as served:
        raise SettingsError(f"A bot runs on {place}, or another command works on it. {todo}") from served
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _file_alone(file: Path, todo: str) -> Iterator[SqliteFile]:
    with _alone(file, todo):
        with readable(file):
            here = SqliteFile(file, copies.copy_first)
        with closing(here):
            yield here


@contextmanager
def _opened(server: PostgresUrl) -> Iterator[PostgresDatabase]:
    try:
        there = PostgresDatabase(server)
    except OtherTables as other:
        raise StorageError(f"{server}: {other}".replace("BALANCES_DB", "--to")) from other
    with closing(there):
        yield there


@contextmanager
def _told(file: Path, server: PostgresUrl | None) -> Iterator[None]:
    """Say in one sentence why it could not be. Raises SettingsError or StorageError."""
    nothing = f"Nothing of it is on {server}, and {file} is as it was." if server else "Nothing was changed."
    try:
        yield
    except moving.NotEmpty as full:
        raise SettingsError(
            f"{server} is not empty: {full} have rows. Name an empty database; a file is never moved into another's"
            f" rows. {nothing}"
        ) from full
    except moving.Differs as differs:
        raise StorageError(f"{file} was not moved, since the two differ: {differs}. {nothing}") from differs
    except copies.Unsound as broken:
        raise StorageError(f"{file} is damaged: {broken}. Restore a back-up, then move that. {nothing}") from broken
    except (sqlite3.Error, OSError) as broken:
        raise StorageError(f"{file} cannot be used: {broken}. {nothing}") from broken
    except Unfit as unfit:
        raise SettingsError(str(unfit).replace("BALANCES_DB", "--to")) from unfit
    except psycopg.Error as broken:
        why = broken.diag.message_primary or " ".join(str(broken).split())  # its details quote rows
        text = f"{file} was not moved: {why}. Run it again once that is right; it begins from the start."
        raise StorageError(text) from broken


def _said(moved: moving.Moved) -> Iterator[str]:
    """Say of each table what was compared, and of each firm's audit."""
    for one in moved.tables:
        if one.rows:
            sums = ", ".join(f"{name} {amount(total):,.2f}" for name, total in one.cents.items())
            yield f"{one.table}: {count(one.rows, 'row')}, equal{f'; sums on both sides: {sums}' if sums else ''}"
    empty = [one.table for one in moved.tables if not one.rows]
    if empty:
        yield f"No rows on both sides: {', '.join(empty)}"
    yield f"All {count(moved.rows, 'row')} of {count(len(moved.tables), 'table')} were compared, and are equal."
    for chain in moved.audits:
        links = count(chain.links, "link")
        yield f"{chain.firm}: all {links} of the audit log hold there; the next one says that it was moved."


def _key_too(keys: Sequence[str]) -> str:
    if keys:
        return " and keep BALANCES_KEYS as it is"
    return " and BALANCES_KEYS to a key (`brought-forward rotate-key --print`), since there is no file for one"
