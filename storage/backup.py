"""A copy of the database while it is in use, and the way back."""

import logging
import os
import sqlite3
from contextlib import closing
from pathlib import Path

from brought_forward.storage.database import keep_private, now

log = logging.getLogger(__name__)

ENDINGS = ("-wal", "-shm", "-journal", ".engine", ".engine-wal", ".engine-shm")  # what lies beside a database


class Unsound(Exception):  # noqa: N818
    """A file is no sound database of the bot's; the text says what was found."""


def copy(source: Path, target: Path) -> int:
    """Copy a database that may be in use, look whether the copy is sound, and count its batches.

    The copy has its name only once it is sound and on disk. Raises FileExistsError where there is a file of that name,
    Unsound, sqlite3.Error or OSError where it cannot be made; nothing is left of it then.
    """
    if target.exists():
        raise FileExistsError(target)
    part = target.with_name(f"{target.name}.part")
    part.unlink(missing_ok=True)
    try:
        keep_private(part)
        with closing(_read_only(source)) as here, closing(sqlite3.connect(part)) as there:
            here.backup(there)
            there.execute("PRAGMA journal_mode = DELETE")  # one file, with nothing beside it
        count = look(part)
        with part.open("rb") as written:
            os.fsync(written.fileno())
        os.link(part, target)  # fails where somebody was faster; a rename would not
    finally:
        part.unlink(missing_ok=True)
    return count


def copy_first(database: Path) -> None:
    """Copy a database of an older version beside it, before its tables are changed. Raises as `copy` does."""
    beside = database.with_name(f"{database.name}.before-upgrade-{now():%Y%m%dT%H%M%SZ}")
    batches = copy(database, beside)
    log.warning(
        "%s is of an older version; before its tables are changed it was copied, with %d batches, to %s. Should the new"
        " version not do, go back to the older one with that file.", database, batches, beside.name,
    )  # fmt: skip


def look(file: Path) -> int:
    """Look whether a file is a sound database of the bot's, page by page, and count its batches. Raises Unsound."""
    try:
        with closing(_read_only(file)) as db:
            found = [text for (text,) in db.execute("PRAGMA integrity_check(3)")]
            if found != ["ok"]:
                raise Unsound("; ".join(found))
            if db.execute("PRAGMA foreign_key_check").fetchone():
                raise Unsound("rows of it belong to rows that are not there")
            return int(db.execute("SELECT count(*) FROM batch").fetchone()[0])
    except sqlite3.Error as broken:
        raise Unsound(str(broken)) from broken


def put_in_place(fresh: Path, database: Path) -> Path | None:
    """Put a file in the place of a database that nobody uses, and name where that one is now, if there was one.

    What lies beside it goes with it. The engine's file too: its runs are begun anew from the database.
    """
    aside = database.with_name(f"{database.name}.before-{now():%Y%m%dT%H%M%S.%fZ}")
    was = database.exists()
    for ending in ("", *ENDINGS):
        one = Path(f"{database}{ending}")
        if one.exists():
            one.rename(f"{aside}{ending}")
    fresh.rename(database)
    return aside if was else None


def drop(file: Path) -> None:
    """Take a database away with all that lies beside it, where it is there."""
    for ending in ("", *ENDINGS, ".setup"):
        Path(f"{file}{ending}").unlink(missing_ok=True)


def _read_only(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, timeout=30)
