"""The firm's matters and users as Clio last listed them."""

from collections.abc import Iterable
from datetime import datetime
from operator import attrgetter

from brought_forward.storage.database import SqliteFile, maybe_instant, stamp
from brought_forward.storage.records.firm import Matter, User

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

    def since(self, firm: str, account: str, kind: str) -> tuple[datetime | None, datetime | None]:
        """Tell when a kind was last listed whole, and from when on changes are still to be asked for."""
        row = self._file.row(
            "SELECT whole_at, since_at FROM listing WHERE firm = ? AND account = ? AND kind = ?", (firm, account, kind)
        )
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
        changed = ", ".join(f"{name} = excluded.{name}" for name in columns.split(", ")[1:])
        with self._file.transaction() as db:
            if whole:
                db.execute(f"DELETE FROM {table} WHERE firm = ? AND account = ?", (firm, account))
            db.conn.executemany(
                f"INSERT INTO {table} (firm, account, {columns}) VALUES (?, ?, {marks})"
                f" ON CONFLICT (firm, account, id) DO UPDATE SET {changed}",
                ((firm, account, *row) for row in rows),
            )
            db.execute(
                "INSERT INTO listing (firm, account, kind, whole_at, since_at) VALUES (?1, ?2, ?3, ?4, ?4)"
                " ON CONFLICT (firm, account, kind) DO UPDATE SET since_at = ?4,"
                " whole_at = CASE WHEN ?5 = 1 THEN ?4 ELSE listing.whole_at END",
                (firm, account, table, stamp(begun_at), int(whole)),
            )

    def forget_matters(self, firm: str, account: str, ids: Iterable[int]) -> None:
        """Forget matters that Clio no longer shows."""
        with self._file.transaction() as db:
            db.conn.executemany(
                "DELETE FROM matter WHERE firm = ? AND account = ? AND id = ?", ((firm, account, one) for one in ids)
            )

    def matters(self, firm: str, account: str) -> list[Matter]:
        """Read the kept matters."""
        return [
            Matter(number, display, description, status, bool(billable), *more)
            for number, display, description, status, billable, *more in self._file.tuples(
                f"SELECT {MATTER} FROM matter WHERE firm = ? AND account = ? ORDER BY id", (firm, account)
            )
        ]

    def accounts(self, firm: str) -> list[str]:
        """List the Clio accounts whose users are kept for a firm."""
        rows = self._file.tuples("SELECT DISTINCT account FROM clio_user WHERE firm = ? ORDER BY account", (firm,))
        return [account for (account,) in rows]

    def users(self, firm: str, account: str) -> list[User]:
        """Read the kept users."""
        rows = self._file.rows(
            f"SELECT {USER} FROM clio_user WHERE firm = ? AND account = ? ORDER BY id", (firm, account)
        )
        return [
            User(**row | {"enabled": bool(row["enabled"]), "clio_connect": bool(row["clio_connect"])}) for row in rows
        ]

    def users_last_listed(self, firm: str) -> list[User]:
        """Read the kept users of the Clio account that was listed last for a firm; none where none ever was."""
        account = self._file.value(
            "SELECT account FROM listing WHERE firm = ? AND kind = 'clio_user' ORDER BY since_at DESC LIMIT 1", (firm,)
        )
        return self.users(firm, account) if account else []

    def account_of(self, place: str, user_id: int) -> str | None:
        """Name the account of a place among whose users one was listed; None where there is none, or several."""
        rows = self._file.tuples(
            "SELECT DISTINCT account FROM clio_user WHERE id = ?1 AND substr(account, 1, length(?2)) = ?2",
            (user_id, f"{place}:"),
        )
        return rows[0][0] if len(rows) == 1 else None
