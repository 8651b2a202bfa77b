"""What the sheet says, what Clio holds, what the database says: read by ways of their own, none of the bot's code."""

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from brought_forward.sandbox.clio import Firm, TimeEntry

Key = tuple[int, int]  # matter, user


def ask(file: Path, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    """Read from a database that a bot is using, or has left as it was killed: nothing in it changes."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=10)) as db:
        return db.execute(sql, values).fetchall()


def copy(file: Path, to: Path) -> None:
    """Make a back-up of a database in use, as the file's owner would: by SQLite's own back-up."""
    with (
        closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=10)) as source,
        closing(sqlite3.connect(to)) as target,
    ):
        source.backup(target)


def wanted(rows: Sequence[Sequence[object]], firm: Firm) -> dict[Key, Decimal]:
    """Say what a sheet asks for, by matter and user."""
    matters = {matter.display_number: matter.id for matter in firm.matters}
    users = {user.name: user.id for user in firm.users}
    asked: dict[Key, Decimal] = defaultdict(Decimal)
    for matter, user, amount, *_ in rows:
        asked[matters[str(matter)], users[str(user)]] += Decimal(str(amount))
    return dict(asked)


def key(entry: TimeEntry) -> Key:
    """Name the matter and user of one of Clio's entries."""
    return entry.matter_id or 0, entry.user_id


@dataclass(frozen=True, slots=True)
class Comparison:
    """Clio's entries against the sheet, one by one."""

    wanted: int
    held: int
    doubled: int  # entries beyond the first of their matter and user
    lost: int  # matters and users of the sheet without an entry
    strange: int  # entries that the sheet does not ask for
    differing: int  # entries of another amount
    cents_apart: int  # Clio's sum less the sheet's


def compare(asked: dict[Key, Decimal], entries: Sequence[TimeEntry]) -> Comparison:
    """Compare what a sheet asks for with what Clio holds."""
    there = Counter(map(key, entries))
    sums = sum(((entry.total or Decimal(0)) for entry in entries), Decimal(0)) - sum(asked.values(), Decimal(0))
    return Comparison(
        wanted=len(asked),
        held=len(entries),
        doubled=sum(count - 1 for count in there.values()),
        lost=sum(one not in there for one in asked),
        strange=sum(one not in asked for one in there),
        differing=sum(asked.get(key(entry)) != entry.total for entry in entries),
        cents_apart=int(sums * 100),
    )


def states(file: Path) -> Counter[str]:
    """Count entries by state."""
    return Counter(state for (state,) in ask(file, "SELECT state FROM entry"))


def unanswered(file: Path, *, cut: bool = True) -> dict[str, Key]:
    """List claims without an answer, matter and user by token; without those that are noted as cut, if so asked."""
    more = "" if cut else " AND reason IS NULL"
    found = ask(file, "SELECT token, matter_id, user_id FROM entry WHERE state = 'sending'" + more)
    return {token: (matter, user) for token, matter, user in found}


def attempts(file: Path) -> list[tuple[int, str, str]]:
    """Count attempts by what became of them, as the database tells it: number, outcome, detail."""
    sql = "SELECT count(*), coalesce(outcome, 'open'), coalesce(detail, '') FROM attempt GROUP BY 2, 3 ORDER BY 1 DESC"
    return [(number, outcome, detail) for number, outcome, detail in ask(file, sql)]
