"""What is known of a firm: its matters, users and groups, and what its people said that words and headings mean."""

import json
from collections.abc import Iterable
from datetime import datetime
from operator import attrgetter, itemgetter

from brought_forward.storage.audit import link
from brought_forward.storage.database import Row, Table, instant, maybe_instant, pieces, places, stamp
from brought_forward.storage.records.firm import Alias, AliasKind, Matter, User, folded

MATTER = (
    "id, display_number, description, status, billable, billing_method, client, currency, responsible_attorney_id,"
    " custom_number, client_reference"
)
USER = "id, name, first_name, last_name, initials, email, enabled, clio_connect"
# dataclasses.astuple copies each value deeply, which took four fifths of the time that 20,000 matters take.
MATTER_ROW = attrgetter(*MATTER.split(", "))
USER_ROW = attrgetter(*USER.split(", "))


class Listings(Table):
    """Keep a firm's matters and users."""

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
        with self._file.transaction():
            if whole:
                self._file.change(f"DELETE FROM {table} WHERE firm = ? AND account = ?", (firm, account))
            self._file.change_each(
                f"INSERT INTO {table} (firm, account, {columns}) VALUES (?, ?, {marks})"
                f" ON CONFLICT (firm, account, id) DO UPDATE SET {changed}",
                ((firm, account, *row) for row in rows),
            )
            self._file.change(
                "INSERT INTO listing (firm, account, kind, whole_at, since_at) VALUES (?1, ?2, ?3, ?4, ?4)"
                " ON CONFLICT (firm, account, kind) DO UPDATE SET since_at = ?4,"
                " whole_at = CASE WHEN ?5 = 1 THEN ?4 ELSE listing.whole_at END",
                (firm, account, table, stamp(begun_at), int(whole)),
            )

    def forget_matters(self, firm: str, account: str, ids: Iterable[int]) -> None:
        """Forget matters that Clio no longer shows."""
        self._file.change_each(
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

    def some_matters(self, firm: str, account: str, ids: Iterable[int]) -> list[Matter]:
        """Read those of the kept matters that have one of these ids."""
        return [
            Matter(number, display, description, status, bool(billable), *more)
            for some in pieces(sorted(ids))
            for number, display, description, status, billable, *more in self._file.tuples(
                f"SELECT {MATTER} FROM matter WHERE firm = ? AND account = ? AND id IN ({places(some)}) ORDER BY id",
                (firm, account, *some),
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
        """Read the kept users of the Clio account that was listed last for a firm. Empty where none ever was."""
        account = self._file.value(
            "SELECT account FROM listing WHERE firm = ? AND kind = 'clio_user' ORDER BY since_at DESC LIMIT 1", (firm,)
        )
        return self.users(firm, account) if account else []

    def account_of(self, place: str, user_id: int) -> str | None:
        """Name the account of a place among whose users one was listed.

        Returns None where there is none, or several.
        """
        rows = self._file.tuples(
            "SELECT DISTINCT account FROM clio_user WHERE id = ?1 AND substr(account, 1, length(?2)) = ?2",
            (user_id, f"{place}:"),
        )
        return rows[0][0] if len(rows) == 1 else None


class Groups(Table):
    """Keep the members of the groups that are named as approvers."""

    def keep(self, firm: str, group: str, members: frozenset[str] | None) -> None:
        """Keep what Slack said of a group. `members` is None where it did not tell them."""
        text = None if members is None else json.dumps(sorted(members))
        self._file.change(
            "INSERT INTO user_group (firm, id, members, read_at) VALUES (?1, ?2, ?3, ?4)"
            " ON CONFLICT (firm, id) DO UPDATE SET members = ?3, read_at = ?4",
            (firm, group, text, self._file.clock.stamp()),
        )

    def find(self, firm: str, group: str) -> tuple[frozenset[str], datetime] | None:
        """Read a group's members, and when by the store's clock Slack told them.

        Returns None where it did not, last time.
        """
        row = self._file.row("SELECT members, read_at FROM user_group WHERE firm = ? AND id = ?", (firm, group))
        if row is None or row["members"] is None:
            return None
        return frozenset(json.loads(row["members"])), instant(row["read_at"])


def _alias(row: Row) -> Alias:
    return Alias(
        kind=AliasKind(row["kind"]),
        text=row["text"],
        folded=row["folded"],
        account=row["account"],
        clio_id=row["clio_id"],
        label=row["label"],
        chosen_by=row["chosen_by"],
        chosen_at=instant(row["chosen_at"]),
        id=row["id"],
        channel=row["channel"],
        confirmed_by=row["confirmed_by"],
    )


class Aliases(Table):
    """Keep choices; one that is replaced or forgotten stays on record, out of force."""

    def remember_alias(
        self,
        *,
        firm: str,
        account: str,
        kind: AliasKind,
        text: str,
        clio_id: int,
        label: str,
        by: str,
        channel: str | None = None,
    ) -> None:
        """Remember what a text means in the sheets of a channel; a later choice there replaces it.

        `label` is the matter's number or the user's name now. A text without a character to see is not remembered, and
        what means the same already stays the choice of who made it.
        """
        key = folded(text)
        if not key:
            return
        with self._file.transaction():
            known = {(one.kind, one.folded): one for one in self.here(firm, account, channel)}.get((kind, key))
            if known and known.clio_id == clio_id:
                return
            self._file.change(
                "UPDATE alias SET forgotten_by = ?, forgotten_at = ? WHERE firm = ? AND account = ? AND kind = ?"
                " AND folded = ? AND channel IS NOT DISTINCT FROM ? AND confirmed_at IS NULL AND forgotten_at IS NULL",
                (by, stamp(), firm, account, kind, key, channel),
            )
            self._file.change(
                "INSERT INTO alias (firm, account, kind, text, folded, clio_id, label, chosen_by, chosen_at, channel)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (firm, account, kind, text.strip(), key, clio_id, label, by, stamp(), channel),
            )
            facts = {"does": "chosen", "kind": kind, "account": account, "clio_id": clio_id, "channel": channel}
            link(self._file, firm, "choice", actor=by, facts=facts, words={"text": text.strip(), "label": label})

    def here(self, firm: str, account: str, channel: str | None) -> list[Alias]:
        """List what texts mean in a channel: what was chosen there, else what an approver made the firm's."""
        rows = self._file.rows(
            "SELECT * FROM alias WHERE firm = ? AND account = ? AND forgotten_at IS NULL"
            " AND (confirmed_at IS NOT NULL OR channel IS NULL OR channel IS NOT DISTINCT FROM ?)"
            " ORDER BY confirmed_at IS NULL, channel IS NOT NULL, id",
            (firm, account, channel),
        )
        return list({(row["kind"], row["folded"]): _alias(row) for row in rows}.values())  # the last one counts

    def aliases(self, firm: str, *, of: str | None = None) -> list[Alias]:
        """List a firm's choices in force by their text, those of one person where they are named."""
        rows = self._file.rows(
            "SELECT * FROM alias WHERE firm = ? AND (chosen_by = ?2 OR ?2 IS NULL) AND forgotten_at IS NULL"
            " ORDER BY kind, folded, id",
            (firm, of),
        )
        return [_alias(row) for row in rows]

    def forget_alias(self, firm: str, text: str, *, by: str, of: str | None = None) -> list[Alias]:
        """Take what a text means out of force, as matter and as user; list what was forgotten.

        `of` forgets only what that person has chosen.
        """
        with self._file.transaction():
            rows = self._file.rows(
                "UPDATE alias SET forgotten_by = ?1, forgotten_at = ?2 WHERE firm = ?3 AND folded = ?4"
                " AND (chosen_by = ?5 OR ?5 IS NULL) AND forgotten_at IS NULL RETURNING *",
                (by, stamp(), firm, folded(text), of),
            )
            rows.sort(key=itemgetter("id"))
            for row in rows:
                facts = {"does": "forgotten", **{name: row[name] for name in ("kind", "account", "clio_id", "channel")}}
                link(self._file, firm, "choice", actor=by, facts=facts, words={"text": text, "label": row["label"]})
        return [_alias(row) for row in rows]


class Answers(Table):
    """Keep answers; one that is replaced stays on record, since batches were read by it."""

    def find(self, firm: str, channel: str, signature: str, kind: str) -> tuple[int, str] | None:
        """Read the answer to one question about one header, with its id. Returns None where there is none."""
        row = self._file.row(
            "SELECT id, choice FROM answer WHERE firm = ? AND channel = ? AND signature = ? AND kind = ?"
            " AND replaced_at IS NULL",
            (firm, channel, signature, kind),
        )
        return (row["id"], row["choice"]) if row else None

    def used(self, batch: int) -> dict[str, str]:
        """Read the answers by which a batch's file was read, by kind."""
        rows = self._file.rows(
            "SELECT kind, choice FROM used_answer JOIN answer ON answer.id = used_answer.answer WHERE batch = ?"
            " ORDER BY answer.id",
            (batch,),
        )
        return {row["kind"]: row["choice"] for row in rows}

    def keep(
        self, firm: str, channel: str, signature: str, kind: str, *, choice: str, by: str, heading: str | None = None
    ) -> None:
        """Keep an answer; a later one replaces it. `heading` is the answer in words, as the sheet writes it."""
        with self._file.transaction():
            self._file.change(
                "UPDATE answer SET replaced_at = ? WHERE firm = ? AND channel = ? AND signature = ? AND kind = ?"
                " AND replaced_at IS NULL",
                (stamp(), firm, channel, signature, kind),
            )
            self._file.change(
                "INSERT INTO answer (firm, channel, signature, kind, choice, heading, answered_by, answered_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (firm, channel, signature, kind, choice, heading, by, stamp()),
            )
            facts = {"does": "given", "channel": channel, "signature": signature, "question": kind}
            link(self._file, firm, "answer", actor=by, facts=facts, words={"choice": choice, "heading": heading})
