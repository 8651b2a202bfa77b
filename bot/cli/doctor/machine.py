"""The machine: the database and its folder, the disk's room, the engine's file, and whether a bot runs."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from brought_forward.bot.cli.doctor.finding import Finding, amiss, note, ok
from brought_forward.bot.cli.doctor.trace import TraceFile
from brought_forward.bot.settings import Settings
from brought_forward.storage.health import damage, is_served, is_there, look_at, may_write
from brought_forward.storage.place import Place, PostgresUrl, beside

ROOM = 500_000_000  # bytes: a batch takes a few millions, and a full disk stops all
OTHERS = 0o077
ACCOUNT = "Run this as the account that runs the bot, or let that account own the file (chown)."


def machine_lines(settings: Settings) -> Iterator[Finding]:
    """Look at what the bot needs of this machine; nothing is written."""
    place = settings.balances_db
    if isinstance(place, PostgresUrl):
        yield _postgres(place)
        yield _room(Path.cwd())
        yield _runs(place)
        yield from _probe(beside(place))
        return
    file = place.absolute()
    yield from _database(file, practice=settings.balances_practice)
    yield _room(file.parent)
    yield from _modes(file)
    yield _engine(Path(f"{file}.engine"))
    yield _runs(file)
    yield from _probe(file)


def _probe(file: Path) -> Iterator[Finding]:
    """Say where a test of one cent was cut off: it may stand in Clio."""
    trace = TraceFile(file).trace
    if trace and (trace.made or trace.sent_at is not None):
        said = f"a test of one cent on matter {trace.matter} was cut off, and may stand in Clio"
        run = f"brought-forward doctor --probe {trace.matter}"
        yield amiss("Probe", said, f"Stop the bot and run {run}: it looks for it and removes it.")


def _database(file: Path, *, practice: bool) -> Iterator[Finding]:
    what = "Database"
    if not may_write(file.parent):
        yield amiss(what, f"the folder {file.parent} cannot be written by this account", ACCOUNT)
    if not file.exists():
        yield note(what, f"{file} is not there yet: the first start makes it")
        return
    if not may_write(file):
        yield amiss(what, f"{file} cannot be written by this account", ACCOUNT)
        return
    found = look_at(file)
    if found.other_version:
        yield amiss(
            what,
            f"{file} is of another version of the bot, and this one does not read it",
            "Go on with the version that made it until its batches are done, or let BALANCES_DB name a new file.",
        )
    elif found.trouble:
        yield amiss(
            what,
            f"{file} is damaged or cannot be read: {found.trouble}",
            "Stop the bot and put a back-up in place, as docs/run.md says under Restore.",
        )
    elif found.moved_to:
        yield amiss(
            what,
            f"{file} was moved to {found.moved_to}, and no bot starts on it",
            "Let BALANCES_DB name that database.",
        )
    elif found.practice is not None and found.practice is not practice:
        yield amiss(what, *_other_purpose(file, practice=practice))
    else:
        yield ok(what, f"{file} is sound and can be written")


def _postgres(url: PostgresUrl) -> Finding:
    what, found = "Database", look_at(url)
    if found.other_version:
        return amiss(
            what,
            f"{url} is of another version of the bot, and this one does not read it",
            "Go on with the version that made it until its batches are done, or let BALANCES_DB name an empty one.",
        )
    if found.trouble:
        return amiss(what, f"{url} cannot be used: {found.trouble}", "Put that right, then look again.")
    if found.practice is None:
        return note(what, f"{url} was not used yet: the first start makes its tables")
    return ok(what, f"{url} is sound")


def _other_purpose(file: Path, *, practice: bool) -> tuple[str, str]:
    if practice:
        return f"{file} holds what was really posted, so practice must not use it", "Name another file in BALANCES_DB."
    return f"{file} was used in practice, and nothing in it was posted to Clio", "Name another file in BALANCES_DB."


def _room(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    said = f"{free / 1e9:,.1f} GB free in {folder}"
    if free < ROOM:
        return amiss(
            "Disk", said, f"Make room: under {ROOM / 1e9:.1f} GB a large batch may fill it, and then all waits."
        )
    return ok("Disk", said)


def _modes(file: Path) -> Iterator[Finding]:
    """Say which of our files others on this machine may read: they hold clients' names and amounts."""
    beside = [Path(f"{file}{ending}") for ending in ("", "-wal", "-shm", ".engine", ".key", ".probe")]
    there = [one for one in beside if one.exists()]
    open_ones = [one for one in there if one.stat().st_mode & OTHERS]
    if open_ones:
        names = " ".join(str(one) for one in open_ones)
        yield amiss("Who may read the files", "others than this account may", f"chmod 600 {names}")
    elif there:
        yield ok("Who may read the files", "this account alone")


def _engine(file: Path) -> Finding:
    what = "The engine's file"
    if not file.exists():
        return ok(what, "not there: a start makes it, and losing it costs nothing")
    if trouble := damage(file):
        return amiss(what, f"damaged or cannot be read: {trouble}", f"Stop the bot, remove {file} and start it again.")
    return ok(what, "sound")


def _runs(file: Place) -> Finding:
    what = "Does a bot run on this database?"
    if is_served(file):
        return ok(what, "yes")
    if not is_there(file):
        return note(what, "not yet")
    return amiss(what, "no", "Start it: brought-forward serve. Nothing is lost meanwhile.")
