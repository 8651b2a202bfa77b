"""Batches that wait for approval: whose approvers are to be reminded, and which have waited too long."""

from brought_forward.storage.batch_table import batch_of
from brought_forward.storage.database import SqliteFile, stamp
from brought_forward.storage.records.batch import Batch, BatchStatus

S = BatchStatus


class WaitingBatches:
    """Find what is due, and take each once; the due instants are in the rows, so a restart forgets none."""

    def __init__(self, file: SqliteFile) -> None:
        self._file = file

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
