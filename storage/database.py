"""A database, whichever it is: what storage asks of it, and how money, days and instants are kept in it."""

import logging
import os
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence, Sized
from contextlib import AbstractContextManager, suppress
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from filelock import FileLock

log = logging.getLogger(__name__)

Row = dict[str, Any]
Values = Sequence[Any] | dict[str, Any]  # of a statement's placeholders: of `?` and `?1` by place, of `:name` by name

PRIVATE = 0o600  # files of ours hold client names and amounts: for the account that runs the bot, whatever its umask


class IntegrityError(Exception):
    """A row breaks a rule of its table: there is such a one already, or what it names is not there."""


class Database(ABC):
    """What storage asks of a database; statements are written as SQLite reads them."""

    clock: "Clock"

    @abstractmethod
    def transaction(self) -> AbstractContextManager[Any]:
        """Write several rows or none; no other transaction of the firm writes meanwhile. Nested ones join the outer."""

    @abstractmethod
    def savepoint(self) -> AbstractContextManager[None]:
        """Undo what is done within it where an error leaves it, so that a transaction around it may go on."""

    @abstractmethod
    def rows(self, sql: str, parameters: Values = ()) -> list[Row]:
        """Read rows as dictionaries; also for INSERT and UPDATE with RETURNING. Raises IntegrityError."""

    @abstractmethod
    def tuples(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Read rows as they come, for those of which there are thousands."""

    def row(self, sql: str, parameters: Values = ()) -> Row | None:
        """Read the first row, or None."""
        rows = self.rows(sql, parameters)
        return rows[0] if rows else None

    @abstractmethod
    def value(self, sql: str, parameters: Values = ()) -> Any:
        """Read the first column of the first row. Returns None where there is no row."""

    @abstractmethod
    def change(self, sql: str, parameters: Values = (), *, awaited: bool = False) -> int:
        """Run one INSERT, UPDATE or DELETE and count the rows it changed. Raises IntegrityError.

        One that is `awaited`, since Slack is answered once it is done, goes before the others that wait to write.
        """

    @abstractmethod
    def change_each(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run one statement for each of many rows. Raises IntegrityError."""

    def epoch(self) -> str:
        """Name the life of the server: another one may have lost what was committed in the last. "" for a file.

        Within a transaction it is that of the server which it is with.
        """
        return ""

    def epoch_seen(self) -> float:
        """Tell when this process first met the newest of these lives, by `time.monotonic`; 0 for a file."""
        return 0.0

    @abstractmethod
    def trouble(self) -> str:
        """Write as a commit does, and change nothing. Says why that cannot be; nothing where it can."""

    @abstractmethod
    def close(self) -> None:
        """Close it in every thread, for good."""


class Table:
    """What reads and writes some tables."""

    def __init__(self, file: Database) -> None:
        self._file = file


def here(table: str) -> str:
    """Write that the app is in the workspace of a row's firm, as far as is known: where it is not, all of it rests."""
    return (
        f"NOT EXISTS (SELECT 1 FROM slack_installation gone WHERE gone.firm = {table}.firm AND gone.ended_at IS NOT"
        " NULL)"
    )


def places(values: Sized) -> str:
    """Write a placeholder for each value of a list: "?, ?". Nothing is IN an empty one: "NULL"."""
    return ", ".join("?" * len(values)) or "NULL"


def flag(so: str) -> str:
    """Write a condition as a value: 1 or, also where it is NULL, 0. PostgreSQL's own is True."""
    return f"CASE WHEN {so} THEN 1 ELSE 0 END"


def summed(column: str) -> str:
    """Write a sum of whole numbers that is one itself: PostgreSQL's own is a Decimal. NULL of no rows."""
    return f"CAST(sum({column}) AS BIGINT)"


def seconds(column: str) -> str:
    """Write an instant as a number of seconds, to compare two of them; right from 1901 to 2099."""
    year, month, day, hour, minute = (
        f"CAST(substr({column}, {place}, {length}) AS BIGINT)"
        for place, length in ((1, 4), (6, 2), (9, 2), (12, 2), (15, 2))
    )
    days = f"367 * {year} - 7 * ({year} + ({month} + 9) / 12) / 4 + 275 * {month} / 9 + {day}"
    second = f"CAST(substr({column}, 18, 9) AS DOUBLE PRECISION)"
    return f"((({days}) * 24 + {hour}) * 60 + {minute}) * 60 + {second}"


def given(rows: Sized, *types: str) -> str:
    """Write a table of values whose columns are column1, column2 and so on, each of a type, to be joined with."""
    first = ", ".join(f"CAST(? AS {one})" for one in types)
    return f"(VALUES {', '.join([f'({first})', *[f'({places(types)})'] * (len(rows) - 1)])})"


def pieces(values: Sequence[Any], size: int = 500) -> list[Sequence[Any]]:
    """Part a long list: a statement may have so many placeholders only."""
    return [values[start : start + size] for start in range(0, len(values), size)]


def keep_private(file: Path) -> None:
    """Let nobody but this account read a database: it is made if there is none, and what lies beside it is closed too.

    SQLite gives the logs that it makes later the same mode. Raises OSError where the file cannot be made.
    """
    with suppress(FileExistsError):
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_RDWR, PRIVATE))
    for ending in ("", "-wal", "-shm", "-journal"):
        one = Path(f"{file}{ending}")
        try:
            if one.stat().st_mode & 0o077:
                one.chmod(PRIVATE)
        except FileNotFoundError:
            continue
        except PermissionError:
            log.warning("%s belongs to another account, and others may read it: its owner closes it (chmod 600)", one)


def private_lock(file: str, *, timeout: float = -1) -> FileLock:
    """Make a lock whose file is for this account alone."""
    keep_private(Path(file))
    return FileLock(file, timeout=timeout, mode=PRIVATE)


def cents(amount: Decimal) -> int:
    """Turn an amount into whole cents.

    Raises ValueError for more than two decimals: by now that is our own mistake, never a rounding.
    """
    scaled = amount.scaleb(2)
    whole = int(scaled)
    if whole != scaled:
        raise ValueError("an amount has more than two decimals")
    return whole


def amount(number: int) -> Decimal:
    """Turn cents into an amount with two decimals."""
    return Decimal(number).scaleb(-2)


def maybe_amount(number: int | None) -> Decimal | None:
    """Turn cents into an amount, keeping None."""
    return None if number is None else amount(number)


def instant(text: str) -> datetime:
    """Read an instant as kept: ISO 8601, UTC."""
    return datetime.fromisoformat(text)


def maybe_instant(text: str | None) -> datetime | None:
    """Read an instant, keeping None."""
    return None if text is None else instant(text)


def maybe_day(text: str | None) -> date | None:
    """Read a day, keeping None."""
    return None if text is None else date.fromisoformat(text)


def now() -> datetime:
    """Tell the time, aware and in UTC."""
    return datetime.now(UTC)


def stamp(at: datetime | None = None) -> str:
    """Write an instant, now where none is given, so that texts sort as times do."""
    return (at or now()).isoformat(timespec="microseconds")


LONGEST = 600.0  # seconds: no pause before another try is longer


class Clock:
    """Tell when something is to be done again, however the machine's clock is set meanwhile.

    What people read and decide by, such as when a batch was approved or expires, goes by the wall clock instead.
    """

    def __init__(self) -> None:
        self._wall, self._began = datetime.now(UTC), time.monotonic()

    def now(self) -> datetime:
        """Tell the time, aware and in UTC: as it was when this process began, and the seconds since."""
        return self._wall + timedelta(seconds=time.monotonic() - self._began)

    def stamp(self, *, after: float = 0.0) -> str:
        """Write the instant in so many seconds, so that texts sort as times do."""
        return (self.now() + timedelta(seconds=after)).isoformat(timespec="microseconds")

    def until(self, at: datetime) -> float:
        """Tell how many seconds are left until an instant of this clock; less than 0 once it is over."""
        return (at - self.now()).total_seconds()
