"""Entries: where each stands, and every attempt to post it."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from brought_forward.storage.audit import link
from brought_forward.storage.claims import Claims, one_row_an_id
from brought_forward.storage.database import amount, pieces, places, stamp, summed
from brought_forward.storage.entry_table import ENTRY, HOLDING, read_entry, seal
from brought_forward.storage.records.entry import ClientTotal, Entry, EntryState, MatterTotal, Notes, Tally, UserTotal

E = EntryState

# The Clio account of a batch: ids of Clio's are unique within one account only.
PLACE = "(SELECT account FROM batch WHERE id = ?)"
CENTS = summed("amount_cents")


class Entries(Claims):
    """Keep entries and attempts."""

    def held_matters(self, account: str, *, but: int) -> dict[int, str]:
        """Name the batch by matter for every matter of a Clio account that another batch of ours holds there."""
        rows = self._file.rows(
            f"SELECT matter_id, max(batch) AS batch FROM entry WHERE account = ? AND batch <> ? AND state IN {HOLDING}"
            " GROUP BY matter_id",
            (account, but),
        )
        return {row["matter_id"]: f"B{row['batch']}" for row in rows}

    def held_elsewhere(self, account: str, firm: str, channel: str) -> set[int]:
        """Give the matters of a Clio account on which a batch of another channel has, or may have, an entry there."""
        rows = self._file.rows(
            f"SELECT DISTINCT matter_id FROM entry WHERE account = ? AND state IN {HOLDING}"
            " AND batch IN (SELECT id FROM batch WHERE (firm, channel) <> (?, ?))",
            (account, firm, channel),
        )
        return {row["matter_id"] for row in rows}

    # Reading

    def of_batch(self, batch: int) -> list[Entry]:
        """Read a batch's entries in the order they are posted."""
        return [
            read_entry(row)
            for row in self._file.tuples(f"SELECT {ENTRY} FROM entry WHERE batch = ? ORDER BY position", (batch,))
        ]

    def get(self, entry: int) -> Entry:
        """Read one entry. Raises KeyError where there is none."""
        rows = self._file.tuples(f"SELECT {ENTRY} FROM entry WHERE id = ?", (entry,))
        if not rows:
            raise KeyError(entry)
        return read_entry(rows[0])

    def first(self, batch: int, state: EntryState) -> Entry | None:
        """Read the first entry in a state, or None."""
        rows = self._file.tuples(
            f"SELECT {ENTRY} FROM entry WHERE batch = ? AND state = ? ORDER BY position LIMIT 1", (batch, state)
        )
        return read_entry(rows[0]) if rows else None

    def tallies(self, batch: int) -> dict[EntryState, Tally]:
        """Count and sum a batch's entries by state; a state without entries is there with zero."""
        rows = self._file.rows(
            f"SELECT state, count(*) AS n, {CENTS} AS total FROM entry WHERE batch = ? GROUP BY state",
            (batch,),
        )
        found = {EntryState(row["state"]): Tally(row["n"], amount(row["total"])) for row in rows}
        return {state: found.get(state, Tally()) for state in EntryState}

    def by_user(self, batch: int) -> list[UserTotal]:
        """Sum a batch's entries by user, by name."""
        rows = self._file.rows(
            f"SELECT min(user_name) AS name, count(DISTINCT matter_id) AS matters, {CENTS} AS total FROM entry"
            " WHERE batch = ? GROUP BY user_id ORDER BY 1, user_id",
            (batch,),
        )
        return [UserTotal(row["name"], row["matters"], amount(row["total"])) for row in rows]

    def largest(self, batch: int, limit: int) -> list[MatterTotal]:
        """Sum a batch's entries by matter, the largest first, credits by their size."""
        rows = self._file.rows(
            f"SELECT min(matter_number) AS number, {CENTS} AS total FROM entry WHERE batch = ? GROUP BY matter_id"
            f" ORDER BY abs({CENTS}) DESC, 1 LIMIT ?",
            (batch, limit),
        )
        return [MatterTotal(row["number"], amount(row["total"])) for row in rows]

    def by_client(self, batch: int, limit: int) -> list[ClientTotal]:
        """Sum a batch's entries by the client whom Clio names for the matter, the largest first."""
        rows = self._file.rows(
            f"SELECT matter.client, count(DISTINCT matter.id) AS matters, {CENTS} AS total FROM entry"
            " JOIN matter ON matter.firm = entry.firm AND matter.account = entry.account"
            " AND matter.id = entry.matter_id"
            " WHERE entry.batch = ? AND matter.client <> '' GROUP BY matter.client"
            f" ORDER BY abs({CENTS}) DESC, matter.client LIMIT ?",
            (batch, limit),
        )
        return [ClientTotal(row["client"], row["matters"], amount(row["total"])) for row in rows]

    def turnover(self, batch: int) -> Decimal:
        """Sum a batch's entries without their signs: a credit moves money too."""
        return amount(
            self._file.value(f"SELECT coalesce({summed('abs(amount_cents)')}, 0) FROM entry WHERE batch = ?", (batch,))
        )

    def negative(self, batch: int) -> set[int]:
        """Give the entries of a batch that are credits."""
        return {row["id"] for row in
                self._file.rows("SELECT id FROM entry WHERE batch = ? AND amount_cents < 0", (batch,))}  # fmt: skip

    def notes(self, batch: int, common: str) -> Notes:
        """Count the entries whose note is `common`, and give the first that says something else."""
        alike: int = self._file.value("SELECT count(*) FROM entry WHERE batch = ? AND note = ?", (batch, common))
        row = self._file.row(
            "SELECT matter_number, note, count(*) OVER () AS n FROM entry WHERE batch = ? AND note <> ?"
            " ORDER BY position LIMIT 1",
            (batch, common),
        )
        return Notes(alike, row["n"], row["matter_number"], row["note"]) if row else Notes(alike, 0)

    def own_notes(self, batch: int, common: str, limit: int) -> list[tuple[str, str]]:
        """Give the matters whose note is not `common`, and what it says, in the order of the sheet."""
        rows = self._file.rows(
            "SELECT matter_number, note FROM entry WHERE batch = ? AND note <> ? ORDER BY position LIMIT ?",
            (batch, common, limit),
        )
        return [(row["matter_number"], row["note"]) for row in rows]

    def clio_ids(self, account: str) -> set[int]:
        """Give the ids of one Clio account's entries that are ours, over all batches."""
        rows = self._file.tuples("SELECT clio_id FROM entry WHERE account = ? AND clio_id IS NOT NULL", (account,))
        return {number for (number,) in rows}

    def known_ids(self, batch: int, ids: Sequence[int]) -> set[int]:
        """Tell which of these ids belong to a row of ours, to nothing sent by this batch, or are gone.

        They are ids of the batch's own Clio account: in another one the same number is another entry's.
        """
        found: set[int] = set()
        for some in pieces(ids):
            among = f"clio_id IN ({places(some)})"
            rows = self._file.tuples(
                f"SELECT clio_id FROM entry WHERE account = {PLACE} AND {among}"
                f" UNION ALL SELECT clio_id FROM older_entry WHERE batch = ? AND {among}"
                f" UNION ALL SELECT clio_id FROM reversal WHERE account = {PLACE} AND outcome = 'reversed' AND {among}"
                f" UNION ALL SELECT clio_id FROM older_entry WHERE account = {PLACE} AND removed = 1 AND {among}",
                (batch, *some) * 4,
            )
            found |= {number for (number,) in rows}
        return found

    def proven_notes(self, batch: int) -> dict[str, str]:
        """Give, by what was sent, how Clio spells the notes of a batch's posted entries."""
        rows = self._file.tuples(
            "SELECT DISTINCT note, clio_note FROM entry WHERE batch = ? AND state = ? AND clio_note IS NOT NULL",
            (batch, E.POSTED),
        )
        return dict(rows)

    def users_of(self, batch: int, matter: int) -> set[int]:
        """Give the users that a batch has an entry for on one matter."""
        rows = self._file.tuples("SELECT user_id FROM entry WHERE batch = ? AND matter_id = ?", (batch, matter))
        return {user for (user,) in rows}

    def older_ids(self, batch: int) -> set[int]:
        """Give the ids that stood in Clio before this batch's first run, or were removed since, by whichever undo.

        They are ids of the batch's own Clio account.
        """
        rows = self._file.rows(
            "SELECT clio_id FROM older_entry WHERE batch = ? UNION SELECT clio_id FROM reversal"
            f" WHERE account = {PLACE} AND outcome = 'reversed'"
            f" UNION SELECT clio_id FROM older_entry WHERE account = {PLACE} AND removed = 1",
            (batch, batch, batch),
        )
        return {row["clio_id"] for row in rows}

    def keep_older(self, batch: int, firm: str, ids: Iterable[int]) -> None:
        """Say that these entries of Clio's are none of this batch's."""
        self._file.change_each(
            "INSERT INTO older_entry (firm, account, batch, clio_id) SELECT ?, account, id, ? FROM batch WHERE id = ?"
            " ON CONFLICT (batch, clio_id) DO NOTHING",
            ((firm, number, batch) for number in ids),
        )

    def adopt(self, entry: int, clio_id: int, reason: str, *, clio_note: str) -> bool:
        """Take an entry that stands in Clio as ours: it was sent before a back-up was restored.

        Raises IdTaken where another entry of ours has this id of Clio's.
        """
        return self._settled(
            entry,
            "UPDATE entry SET state = ?, clio_id = ?, reason = ?, clio_note = ?, found = 1, settled_at = ?"
            " WHERE id = ? AND state = ?",
            (E.POSTED, clio_id, reason, clio_note, stamp(), entry, E.PLANNED),
        )

    def resolve(
        self, entry: int, state: EntryState, *, reason: str, clio_id: int | None = None, clio_note: str | None = None
    ) -> bool:
        """Settle an unclear entry. Raises IdTaken where another of ours has this id of Clio's."""
        return self._settled(
            entry,
            "UPDATE entry SET state = ?, clio_id = ?, reason = ?, clio_note = ?, found = ?, settled_at = ?"
            " WHERE id = ? AND state = ?",
            (state, clio_id, reason, clio_note, int(clio_id is not None), stamp(), entry, E.UNCLEAR),
        )

    def refuse(self, entry: int, reason: str) -> bool:
        """Refuse a planned entry before it is sent."""
        return self._settled(
            entry,
            "UPDATE entry SET state = ?, reason = ?, settled_at = ? WHERE id = ? AND state = ?",
            (E.REFUSED, reason, stamp(), entry, E.PLANNED),
        )

    def _settled(self, entry: int, sql: str, values: Sequence[Any]) -> bool:
        """Change an entry and tell the audit. Raises IdTaken where another of ours has this id of Clio's."""
        with one_row_an_id(self._file), self._file.transaction():
            changed = self._file.change(sql, values) == 1
            if changed:
                seal(self._file, entry)
        return changed

    def change_all(self, batch: int, among: Sequence[EntryState], to: EntryState) -> int:
        """Move all of a batch's entries in some states to another."""
        marks = places(among)
        with self._file.transaction():
            count = self._file.change(
                "UPDATE entry SET state = ?, reason = CASE state WHEN 'planned' THEN reason END WHERE batch = ?"
                f" AND state IN ({marks})",
                (to, batch, *among),
            )
            if count:
                firm = self._file.value("SELECT firm FROM batch WHERE id = ?", (batch,))
                link(self._file, firm, "entries", batch=batch, facts={"from": list(among), "to": to, "count": count})
        return count

    def removed(self, entry: int, firm: str) -> bool:
        """Say that an entry was deleted in Clio; its id is never again taken for ours."""
        with self._file.transaction():
            self._file.change(
                "INSERT INTO older_entry (firm, account, batch, clio_id, removed)"
                " SELECT ?, account, batch, clio_id, 1 FROM entry WHERE id = ? AND clio_id IS NOT NULL"
                " ON CONFLICT (batch, clio_id) DO UPDATE SET removed = 1",
                (firm, entry),
            )
            changed = self._file.change(
                "UPDATE entry SET state = ?, clio_id = NULL, settled_at = ? WHERE id = ? AND state = ?",
                (E.UNDONE, stamp(), entry, E.WRONG),
            )
            if changed == 1:
                seal(self._file, entry)
        return changed == 1
