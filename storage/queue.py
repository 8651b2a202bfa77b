"""Whose turn it is: runs on one Clio account go one after another; and what waits for a person, or is over in time."""

from brought_forward.storage.batch_table import batch_of
from brought_forward.storage.batches import KIND
from brought_forward.storage.database import Table, stamp
from brought_forward.storage.records.batch import Ahead, Batch, BatchStatus, RunKind

S = BatchStatus

# A batch that is to be posted or undone while its run has not had its turn yet.
WAITING = f"status IN ('{S.APPROVED}', '{S.POSTING}', '{S.UNDOING}') AND begun IS DISTINCT FROM run_token"


class Turns(Table):
    """Ask which batches wait for which."""

    def ahead(self, batch: int) -> list[Ahead]:
        """List the batches that have their turn before a batch that waits, the first of them first; none at its turn.

        The engine's queue takes runs in the order they were started, so its order is that of `queued_at`.
        """
        rows = self._file.rows(
            f"SELECT other.id, other.kind, (SELECT count(*) FROM entry WHERE entry.batch = other.id AND"
            " state IN ('planned', 'sending')) AS entries, (SELECT count(*) FROM reversal WHERE"
            " reversal.batch = other.id AND reversal.episode = other.episode AND outcome IS NULL) AS reversals"
            f" FROM (SELECT *, {KIND} AS kind FROM batch) other JOIN batch me ON me.id = ?"
            f" AND me.id IN (SELECT id FROM batch WHERE {WAITING}) AND other.id <> me.id"
            " AND coalesce(other.account, other.firm) = coalesce(me.account, me.firm)"
            " AND (me.queued_at IS NULL OR other.queued_at < me.queued_at)"
            f" WHERE other.kind IN ('{RunKind.POST}', '{RunKind.READ_BACK}', '{RunKind.UNDO}')"
            " AND other.queued_at IS NOT NULL ORDER BY other.queued_at NULLS FIRST, other.id",
            (batch,),
        )
        return [Ahead(row["id"], RunKind(row["kind"]), row["entries"], row["reversals"]) for row in rows]

    def waiting(self, *, but: int) -> list[tuple[int, BatchStatus]]:
        """List those that wait for their turn on the Clio account of another, and what for: to be posted or undone."""
        rows = self._file.rows(
            f"SELECT id, status FROM batch WHERE id <> ?1 AND {WAITING} AND coalesce(account, firm) ="
            " (SELECT coalesce(account, firm) FROM batch WHERE id = ?1) ORDER BY id",
            (but,),
        )
        return [(row["id"], BatchStatus(row["status"])) for row in rows]


class WaitingBatches(Table):
    """Find what is due, and take each once; the due instants are in the rows, so a restart forgets none."""

    def to_remind(self) -> list[Batch]:
        """List the batches whose approvers are to be reminded, and were not yet."""
        return self._due("remind_at <= ? AND reminded_at IS NULL")

    def to_expire(self) -> list[Batch]:
        """List the batches whose time is over."""
        return self._due("expire_at <= ?")

    def _due(self, where: str) -> list[Batch]:
        rows = self._file.rows(f"SELECT * FROM batch WHERE status = ? AND {where} ORDER BY id", (S.PREVIEWED, stamp()))
        return [batch_of(row) for row in rows]

    def remind(self, batch: Batch) -> bool:
        """Say that a batch's approvers are reminded; once in a batch's life, and only while it waits as read."""
        return self._take(batch, "reminded_at = ?", "reminded_at IS NULL AND remind_at <= ?")

    def expire(self, batch: Batch) -> bool:
        """End a batch that nobody decided in time."""
        return self._take(batch, f"status = '{S.EXPIRED}', decided_at = ?", "expire_at <= ?")

    def _take(self, batch: Batch, setting: str, where: str) -> bool:
        at = stamp()
        changed = self._file.change(
            f"UPDATE batch SET {setting}, updated_at = ? WHERE id = ? AND status = ? AND revision = ? AND {where}",
            (at, at, batch.id, S.PREVIEWED, batch.revision, at),
        )
        return changed == 1
