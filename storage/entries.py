"""Entries: where each stands, and every attempt to post it."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal

from brought_forward.storage.database import amount, stamp
from brought_forward.storage.entry_table import ENTRY, HOLDING, read_entry
from brought_forward.storage.planning import Planning
from brought_forward.storage.records.batch import BatchStatus
from brought_forward.storage.records.entry import Entry, EntryState, MatterTotal, Notes, Tally, UserTotal

E = EntryState


class IdTaken(Exception):  # noqa: N818
    """Another entry of ours has this id of Clio's already; nothing was changed."""


class Entries(Planning):
    """Keep entries and attempts."""

    def held_matters(self, firm: str, *, but: int) -> dict[int, str]:
        """Name the batch by matter for every matter that another batch of ours holds in Clio."""
        rows = self._file.rows(
            f"SELECT matter_id, max(batch) AS batch FROM entry WHERE firm = ? AND batch <> ? AND state IN {HOLDING}"
            " GROUP BY matter_id",
            (firm, but),
        )
        return {row["matter_id"]: f"B{row['batch']}" for row in rows}

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

    def next_to_send(self, batch: int) -> Entry | None:
        """Read the first planned entry on whose matter nothing is under way, or None."""
        rows = self._file.tuples(
            f"SELECT {ENTRY} FROM entry WHERE batch = ? AND state = ? AND matter_id NOT IN"
            " (SELECT matter_id FROM entry WHERE batch = ? AND state = ?) ORDER BY position LIMIT 1",
            (batch, E.PLANNED, batch, E.SENDING),
        )
        return read_entry(rows[0]) if rows else None

    def next_to_look_up(self, batch: int, *, but: Sequence[int] = ()) -> Entry | None:
        """Read the `sending` entry that may be looked up first, or None; `but` are those still under way here."""
        marks = ", ".join("?" * len(but))
        rows = self._file.tuples(
            f"SELECT {ENTRY} FROM entry WHERE batch = ? AND state = ? AND id NOT IN ({marks}) ORDER BY look_at LIMIT 1",
            (batch, E.SENDING, *but),
        )
        return read_entry(rows[0]) if rows else None

    def tallies(self, batch: int) -> dict[EntryState, Tally]:
        """Count and sum a batch's entries by state; a state without entries is there with zero."""
        rows = self._file.rows(
            "SELECT state, count(*) AS n, sum(amount_cents) AS total FROM entry WHERE batch = ? GROUP BY state",
            (batch,),
        )
        found = {EntryState(row["state"]): Tally(row["n"], amount(row["total"])) for row in rows}
        return {state: found.get(state, Tally()) for state in EntryState}

    def by_user(self, batch: int) -> list[UserTotal]:
        """Sum a batch's entries by user, by name."""
        rows = self._file.rows(
            "SELECT user_name, count(DISTINCT matter_id) AS matters, sum(amount_cents) AS total FROM entry"
            " WHERE batch = ? GROUP BY user_id ORDER BY user_name",
            (batch,),
        )
        return [UserTotal(row["user_name"], row["matters"], amount(row["total"])) for row in rows]

    def largest(self, batch: int, limit: int) -> list[MatterTotal]:
        """Sum a batch's entries by matter, the largest first, credits by their size."""
        rows = self._file.rows(
            "SELECT matter_number, sum(amount_cents) AS total FROM entry WHERE batch = ? GROUP BY matter_id"
            " ORDER BY abs(total) DESC, matter_number LIMIT ?",
            (batch, limit),
        )
        return [MatterTotal(row["matter_number"], amount(row["total"])) for row in rows]

    def turnover(self, batch: int) -> Decimal:
        """Sum a batch's entries without their signs: a credit moves money too."""
        return amount(
            self._file.value("SELECT coalesce(sum(abs(amount_cents)), 0) FROM entry WHERE batch = ?", (batch,))
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

    def clio_ids(self) -> dict[int, int]:
        """Give the entry by Clio's id, over all batches: Clio's ids are unique."""
        rows = self._file.rows("SELECT clio_id, id FROM entry WHERE clio_id IS NOT NULL")
        return {row["clio_id"]: row["id"] for row in rows}

    def known_ids(self, batch: int, ids: Sequence[int]) -> set[int]:
        """Tell which of these ids of Clio's belong to a row of ours, to nothing sent by this batch, or are gone."""
        asked = json.dumps(list(ids))
        rows = self._file.tuples(
            "SELECT clio_id FROM entry WHERE clio_id IN (SELECT value FROM json_each(?1)) UNION ALL"
            " SELECT clio_id FROM older_entry WHERE batch = ?2 AND clio_id IN (SELECT value FROM json_each(?1))"
            " UNION ALL SELECT clio_id FROM reversal WHERE firm = (SELECT firm FROM batch WHERE id = ?2)"
            " AND outcome = 'reversed' AND clio_id IN (SELECT value FROM json_each(?1))",
            (asked, batch),
        )
        return {number for (number,) in rows}

    def users_of(self, batch: int, matter: int) -> set[int]:
        """Give the users that a batch has an entry for on one matter."""
        rows = self._file.tuples("SELECT user_id FROM entry WHERE batch = ? AND matter_id = ?", (batch, matter))
        return {user for (user,) in rows}

    def older_ids(self, batch: int) -> set[int]:
        """Give the ids that stood in Clio before this batch's first run, or were removed since, by whichever undo."""
        rows = self._file.rows(
            "SELECT clio_id FROM older_entry WHERE batch = ?1 UNION SELECT clio_id FROM reversal"
            " WHERE firm = (SELECT firm FROM batch WHERE id = ?1) AND outcome = 'reversed'",
            (batch,),
        )
        return {row["clio_id"] for row in rows}

    def keep_older(self, batch: int, firm: str, ids: Iterable[int]) -> None:
        """Say that these entries of Clio's are none of this batch's."""
        self._each_row(
            "INSERT INTO older_entry (firm, batch, clio_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            ((firm, batch, number) for number in ids),
        )

    # Sending: the protocol of docs/architecture.md, "Posting"

    def claim(
        self, entry: int, token: str, *, settle: float, batch: int, revision: int, digest: str, run_token: str
    ) -> bool:
        """Claim a planned entry for one POST; false means that nobody may send it on this claim.

        It fails closed: a batch that is paused, stopped, corrected or moved by a newer run matches nothing. Where its
        answer is missing, the entry is not looked up within `settle` seconds.
        """
        at, look_at = stamp(), self._file.clock.stamp(after=settle)
        with self._file.transaction():
            changed = self._file.change(
                "UPDATE entry SET state = ?, token = ?, sent_at = ?, look_at = ?, reason = NULL WHERE id = ?"
                " AND state = ? AND EXISTS (SELECT 1 FROM batch WHERE id = ? AND status = ? AND revision = ?"
                " AND hash = ? AND run_token = ?)",
                (E.SENDING, token, at, look_at, entry, E.PLANNED,
                 batch, BatchStatus.POSTING, revision, digest, run_token),
            )  # fmt: skip
            if changed == 1:
                self._file.change(
                    "INSERT INTO attempt (firm, entry, token, sent_at) SELECT firm, id, ?, ? FROM entry WHERE id = ?",
                    (token, at, entry),
                )
        return changed == 1

    def settle(
        self,
        entry: int,
        token: str,
        state: EntryState,
        *,
        clio_id: int | None = None,
        reason: str | None = None,
        found: bool = False,
    ) -> bool:
        """Say what became of a claimed entry; only the claim's own token may.

        Back to `planned` only where Clio surely has nothing. Raises IdTaken where another entry of ours has this id of
        Clio's.
        """
        at = stamp()
        with _one_row_an_id(), self._file.transaction():
            changed = self._file.change(
                "UPDATE entry SET state = ?, clio_id = ?, reason = ?, found = ?, settled_at = ?, look_at = NULL"
                " WHERE id = ? AND token = ? AND state = ?",
                (state, clio_id, reason, int(found), at, entry, token, E.SENDING),
            )
            if changed == 1:
                self._file.change(
                    "UPDATE attempt SET settled_at = ?, outcome = ?, detail = ? WHERE token = ?",
                    (at, state, reason, token),
                )
        return changed == 1

    def wait(self, entry: int, token: str, *, detail: str) -> None:
        """Keep why an answer is missing; the entry stays `sending` until it is looked up."""
        self._file.change("UPDATE entry SET reason = ? WHERE id = ? AND token = ? AND state = ?",
                          (detail, entry, token, E.SENDING))  # fmt: skip
        self._file.change("UPDATE attempt SET detail = ? WHERE token = ?", (detail, token))

    def look_later(self, entry: int, token: str, seconds: float) -> None:
        """Put off the next look for an entry."""
        self._file.change(
            "UPDATE entry SET look_at = ? WHERE id = ? AND token = ? AND state = ?",
            (self._file.clock.stamp(after=seconds), entry, token, E.SENDING),
        )

    def adopt(self, entry: int, clio_id: int, reason: str) -> bool:
        """Take an entry that stands in Clio as ours: it was sent before a back-up was restored.

        Raises IdTaken where another entry of ours has this id of Clio's.
        """
        with _one_row_an_id():
            changed = self._file.change(
                "UPDATE entry SET state = ?, clio_id = ?, reason = ?, found = 1, settled_at = ?"
                " WHERE id = ? AND state = ?",
                (E.POSTED, clio_id, reason, stamp(), entry, E.PLANNED),
            )
        return changed == 1

    def resolve(self, entry: int, state: EntryState, *, reason: str, clio_id: int | None = None) -> bool:
        """Settle an unclear entry. Raises IdTaken where another of ours has this id of Clio's."""
        with _one_row_an_id():
            changed = self._file.change(
                "UPDATE entry SET state = ?, clio_id = ?, reason = ?, found = ?, settled_at = ?"
                " WHERE id = ? AND state = ?",
                (state, clio_id, reason, int(clio_id is not None), stamp(), entry, E.UNCLEAR),
            )
        return changed == 1

    def refuse(self, entry: int, reason: str) -> bool:
        """Refuse a planned entry before it is sent."""
        return (
            self._file.change(
                "UPDATE entry SET state = ?, reason = ?, settled_at = ? WHERE id = ? AND state = ?",
                (E.REFUSED, reason, stamp(), entry, E.PLANNED),
            )
            == 1
        )

    def change_all(self, batch: int, among: Sequence[EntryState], to: EntryState) -> int:
        """Move all of a batch's entries in some states to another."""
        marks = ", ".join("?" * len(among))
        return self._file.change(
            "UPDATE entry SET state = ?, reason = CASE state WHEN 'planned' THEN reason END WHERE batch = ?"
            f" AND state IN ({marks})",
            (to, batch, *among),
        )

    def removed(self, entry: int, firm: str) -> bool:
        """Say that an entry was deleted in Clio; its id is never again taken for ours."""
        with self._file.transaction():
            self._file.change(
                "INSERT INTO older_entry (firm, batch, clio_id) SELECT ?, batch, clio_id FROM entry WHERE id = ?"
                " AND clio_id IS NOT NULL ON CONFLICT DO NOTHING",
                (firm, entry),
            )
            changed = self._file.change(
                "UPDATE entry SET state = ?, clio_id = NULL, settled_at = ? WHERE id = ? AND state = ?",
                (E.UNDONE, stamp(), entry, E.WRONG),
            )
        return changed == 1


@contextmanager
def _one_row_an_id() -> Iterator[None]:
    """Say in our own words that an id of Clio's belongs to another row."""
    try:
        yield
    except sqlite3.IntegrityError as taken:
        raise IdTaken from taken
