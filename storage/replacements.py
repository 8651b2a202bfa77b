"""Files that stand in one thread and share matters, and copies of one file: which batch takes which one's place."""

from typing import NamedTuple

from brought_forward.storage.batch_table import BatchTable
from brought_forward.storage.database import Row, Table, flag, stamp
from brought_forward.storage.records.batch import Batch, BatchStatus, Replacement

S = BatchStatus
HALF = 2  # so many times the shared matters are all of the newer one's or more, and it is asked


def undecided(batch: str) -> str:
    """Write that a batch was previewed and nobody has decided it; it may just be matched again."""
    again = f"{batch}.status IN ('{S.READING}', '{S.ASKING}') AND {batch}.revision > 0"
    return f"({batch}.status = '{S.PREVIEWED}' OR {again})"


IS_OPEN = flag(f"r.replaces IS NULL AND {undecided('n')} AND {undecided('o')}")
OF_BATCH = (
    "SELECT r.newer, r.older, n.file_name AS newer_name, o.file_name AS older_name, r.matters, r.shared, r.replaces,"
    f" r.answered_by, {IS_OPEN} AS is_open"
    " FROM replacement r JOIN batch n ON n.id = r.newer JOIN batch o ON o.id = r.older"
    " WHERE r.newer = ?1 OR r.older = ?1 ORDER BY r.newer DESC, r.older DESC"
)
MATTERS = (
    "SELECT DISTINCT coalesce(entry.matter_number, line.matter) AS matter FROM line"
    " LEFT JOIN entry ON entry.id = line.entry WHERE line.batch = ?"
)


def _replacement(row: Row) -> Replacement:
    replaces = row["replaces"]
    return Replacement(
        **row | {"replaces": None if replaces is None else bool(replaces), "is_open": bool(row["is_open"])}
    )


class Replacements(Table):
    """Keep the question whether a later file of a thread replaces an earlier one."""

    def look(self, batch: int) -> set[int]:
        """Compare a batch that was just matched with the others that wait in its thread.

        Where the later one shares half of its matters or more with the earlier, that is asked; where it no longer does,
        it is not. Names the others for which that is new.
        """
        others = self._file.rows(
            "SELECT other.id, other.firm FROM batch me JOIN batch other ON other.firm = me.firm"
            " AND other.channel = me.channel AND other.thread_ts = me.thread_ts AND other.id <> me.id"
            f" WHERE me.id = ? AND {undecided('other')}",
            (batch,),
        )
        return {other["id"] for other in others if self._compare(other["firm"], batch, other["id"])}

    def _compare(self, firm: str, batch: int, other: int) -> bool:
        newer, older = max(batch, other), min(batch, other)
        matters = self._matters(newer)
        shared = len(matters & self._matters(older))
        if not shared or HALF * shared < len(matters):
            return self._file.change(
                "DELETE FROM replacement WHERE newer = ? AND older = ? AND replaces IS NULL", (newer, older)
            ) > 0  # fmt: skip
        return self._file.change(
            "INSERT INTO replacement (firm, newer, older, matters, shared) VALUES (?1, ?2, ?3, ?4, ?5)"
            " ON CONFLICT (newer, older) DO UPDATE SET matters = ?4, shared = ?5"
            " WHERE replacement.replaces IS NULL AND (replacement.matters <> ?4 OR replacement.shared <> ?5)",
            (firm, newer, older, len(matters), shared),
        ) > 0  # fmt: skip

    def _matters(self, batch: int) -> set[str]:
        return {matter.casefold() for (matter,) in self._file.tuples(MATTERS, (batch,)) if matter}

    def of_batch(self, batch: int) -> list[Replacement]:
        """List what was asked about a batch, as the later or the earlier one, the newest first."""
        return [_replacement(row) for row in self._file.rows(OF_BATCH, (batch,))]

    def answer(self, newer: int, older: int, *, replaces: bool, by: str) -> bool:
        """Say whether the later file replaces the earlier; the first answer wins."""
        return self._file.change(
            "UPDATE replacement SET replaces = ?, answered_by = ?, answered_at = ? WHERE newer = ? AND older = ?"
            " AND replaces IS NULL",
            (int(replaces), by, stamp(), newer, older),
        ) == 1  # fmt: skip


class Copy(NamedTuple):
    """A batch among those of the same bytes."""

    batch: int
    status: BatchStatus
    worked: bool  # people have put lines right in it, chosen its day, compared, asked, or approved first


WORKED = (
    "(other.first_by IS NOT NULL OR other.chosen_date IS NOT NULL OR other.typed_cents IS NOT NULL"
    " OR other.confirmed_by IS NOT NULL OR EXISTS (SELECT 1 FROM correction c WHERE c.batch = other.id)"
    " OR EXISTS (SELECT 1 FROM query q WHERE q.batch = other.id))"
)
OPEN = f"('{S.RECEIVED}', '{S.READING}', '{S.ASKING}', '{S.PREVIEWED}')"


class Copies(BatchTable):
    """Let one of several batches of the same bytes be decided."""

    def undecided(self, batch: int) -> list[Copy]:
        """List the batches of a firm that are of the very same bytes as one, it too, and that nobody has decided."""
        rows = self._file.rows(
            f"SELECT other.id, other.status, {flag(WORKED)} AS worked FROM batch me"
            " JOIN batch other ON other.firm = me.firm AND other.sha256 = me.sha256"
            f" WHERE me.id = ? AND other.status IN {OPEN} ORDER BY other.id",
            (batch,),
        )
        return [Copy(row["id"], BatchStatus(row["status"]), bool(row["worked"])) for row in rows]

    def replaced_by(self, batch: int, newer: Batch) -> bool:
        """End a batch that nobody has decided: a copy of its file has a preview of its own."""
        return self._update(
            batch,
            "status = ?, run_token = NULL, first_by = NULL, first_at = NULL, decided_by = ?, decided_at = ?,"
            " decided_reason = ?, question = NULL, file_look_at = NULL",
            (S.WITHDRAWN, newer.uploader, stamp(), f"Replaced by {newer.name}."),
            f"status IN {OPEN}",
        )
