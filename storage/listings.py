"""The firm's matters and users as Clio last listed them, and the pace that Clio allows."""

from collections.abc import Iterable
from datetime import datetime
from operator import attrgetter

from brought_forward.storage.database import SqliteFile, maybe_instant, stamp
from brought_forward.storage.firm_records import Matter, User

MATTER = (
    "id, display_number, description, status, billable, billing_method, client, currency, responsible_attorney_id,"
    " custom_number, client_reference"
)
USER = "id, name, first_name, last_name, initials, email, enabled, clio_connect"
# dataclasses.astuple copies each value deeply, which took four fifths of the time that 20,000 matters take.
MATTER_ROW = attrgetter(*MATTER.split(", "))
USER_ROW = attrgetter(*USER.split(", "))


class Listings:
    """Keep a firm's matters and users."""

    def __init__(self, file: SqliteFile) -> None:
        self._file = file

    def since(self, account: str, kind: str) -> tuple[datetime | None, datetime | None]:
        """Tell when a kind was last listed whole, and from when on changes are still to be asked for."""
        row = self._file.row("SELECT whole_at, since_at FROM listing WHERE account = ? AND kind = ?", (account, kind))
        return (maybe_instant(row["whole_at"]), maybe_instant(row["since_at"])) if row else (None, None)

    def keep_matters(
        self, firm: str, account: str, matters: Iterable[Matter], *, whole: bool, begun_at: datetime
    ) -> None:
        """Keep a listing of matters; a whole one replaces all."""
        self._keep(firm, account, "matter", MATTER, map(MATTER_ROW, matters), whole, begun_at)

    def keep_users(self, firm: str, account: str, users: Iterable[User], *, whole: bool, begun_at: datetime) -> None:
        """Keep a listing of users; a whole one replaces all."""
        self._keep(firm, account, "clio_user", USER, map(USER_ROW, users), whole, begun_at)

    def _keep(
        self,
        firm: str,
        account: str,
        table: str,
        columns: str,
        rows: Iterable[tuple[object, ...]],
        whole: bool,
        begun_at: datetime,
    ) -> None:
        marks = ", ".join("?" * (columns.count(",") + 1))
        with self._file.transaction() as db:
            if whole:
                db.execute(f"DELETE FROM {table} WHERE account = ?", (account,))
            db.conn.executemany(
                f"INSERT OR REPLACE INTO {table} (firm, account, {columns}) VALUES (?, ?, {marks})",
                ((firm, account, *row) for row in rows),
            )
            db.execute(
                "INSERT INTO listing (firm, account, kind, whole_at, since_at) VALUES (?1, ?2, ?3, ?4, ?4)"
                " ON CONFLICT (account, kind) DO UPDATE SET since_at = ?4,"
                " whole_at = CASE WHEN ?5 THEN ?4 ELSE whole_at END",
                (firm, account, table, stamp(begun_at), int(whole)),
            )

    def forget_matters(self, account: str, ids: Iterable[int]) -> None:
        """Forget matters that Clio no longer shows."""
        with self._file.transaction() as db:
            db.conn.executemany("DELETE FROM matter WHERE account = ? AND id = ?", ((account, one) for one in ids))

    def matters(self, account: str) -> list[Matter]:
        """Read the kept matters."""
        return [
            Matter(number, display, description, status, bool(billable), *more)
            for number, display, description, status, billable, *more in self._file.tuples(
                f"SELECT {MATTER} FROM matter WHERE account = ? ORDER BY id", (account,)
            )
        ]

    def users(self, account: str) -> list[User]:
        """Read the kept users."""
        return self._users("account", account)

    def users_of_firm(self, firm: str) -> list[User]:
        """Read the kept users of every Clio account that a firm has used."""
        return self._users("firm", firm)

    def _users(self, column: str, value: str) -> list[User]:
        rows = self._file.rows(f"SELECT {USER} FROM clio_user WHERE {column} = ? ORDER BY id", (value,))
        return [
            User(**row | {"enabled": bool(row["enabled"]), "clio_connect": bool(row["clio_connect"])}) for row in rows
        ]


class Paces:
    """Keep one row a Clio connection: how many calls its window still allows, for every process."""

    def __init__(self, file: SqliteFile) -> None:
        self._file = file

    def take(self, connection: str, *, now: float, quota: int, window: float) -> float:
        """Take one call from the window; the seconds to wait before asking again, 0 where the call may go now.

        `quota` calls in `window` seconds until Clio's own headers speak.
        """
        waits = self._file.rows(
            "INSERT INTO pace (connection, quota, remaining, window_end, calls) VALUES (:c, :quota, :quota - 1,"
            " :now + :window, 1) ON CONFLICT (connection) DO UPDATE SET"
            " wait = CASE WHEN :now >= window_end OR remaining > 0 THEN 0 ELSE window_end - :now END,"
            " calls = calls + CASE WHEN :now >= window_end OR remaining > 0 THEN 1 ELSE 0 END,"
            " remaining = CASE WHEN :now >= window_end THEN quota - 1 ELSE max(remaining - 1, 0) END,"
            " window_end = CASE WHEN :now >= window_end THEN :now + :window ELSE window_end END"
            " RETURNING wait",
            {"c": connection, "now": now, "quota": quota, "window": window},
        )
        return float(waits[0]["wait"])

    def heard(self, connection: str, *, quota: int, remaining: int, window_end: float) -> None:
        """Follow Clio's headers; within one window the smaller count holds, since other calls may be under way."""
        self._file.change(
            "UPDATE pace SET quota = :quota, remaining = CASE WHEN abs(window_end - :end) < 1.5"
            " THEN min(remaining, :remaining) ELSE :remaining END, window_end = :end WHERE connection = :c",
            {"c": connection, "quota": quota, "remaining": remaining, "end": window_end},
        )

    def refused(self, connection: str, *, until: float) -> None:
        """Send nothing until then: Clio answered 429."""
        self._file.change(
            "UPDATE pace SET remaining = 0, window_end = max(window_end, ?) WHERE connection = ?", (until, connection)
        )

    def quota(self, connection: str) -> int | None:
        """Tell how many calls a window allows, as last heard; None before the first call."""
        quota: int | None = self._file.value("SELECT quota FROM pace WHERE connection = ?", (connection,))
        return quota

    def calls(self) -> int:
        """Count the calls made to Clio, over all connections."""
        count: int = self._file.value("SELECT coalesce(sum(calls), 0) FROM pace")
        return count
