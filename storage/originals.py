"""The files in Slack that batches were read from: whether each is still what was read, when a preview says so."""

from brought_forward.storage.batch_table import BatchTable, batch_of
from brought_forward.storage.records.batch import Batch, BatchStatus

S = BatchStatus
# Of others no preview will come: after an approval one may, where Clio has drifted or another form is tried.
OVER = f"('{S.UNREADABLE}', '{S.REJECTED}', '{S.WITHDRAWN}', '{S.EXPIRED}', '{S.UNDOING}', '{S.UNDONE}')"


class Originals(BatchTable):
    """Keep what became of files after they were read."""

    def touched(self, firm: str, file_id: str) -> int:
        """Take note that a file was changed or deleted; count the batches that it is to be looked at for."""
        return self._file.change(
            f"UPDATE batch SET file_look_at = ? WHERE firm = ? AND file_id = ? AND status NOT IN {OVER}",
            (self._file.clock.stamp(), firm, file_id),
        )

    def due(self) -> list[Batch]:
        """List the batches whose file is to be looked at now."""
        rows = self._file.rows(
            "SELECT * FROM batch WHERE file_look_at <= ? ORDER BY file_look_at", (self._file.clock.stamp(),)
        )
        return [batch_of(row) for row in rows]

    def later(self, batch: Batch, seconds: float) -> None:
        """Look again after some seconds, unless Slack has told of it anew."""
        self._file.change(
            "UPDATE batch SET file_look_at = ? WHERE id = ? AND file_look_at = ?",
            (self._file.clock.stamp(after=seconds), batch.id, _as_kept(batch)),
        )

    def looked(self, batch: Batch, now: str | None) -> bool:
        """Keep what stands in Slack now, as in `Batch.file_now`; false where that was known already.

        Who said to go on as read said so of another state: with a new one it no longer counts.
        """
        self._file.change(
            "UPDATE batch SET file_look_at = NULL WHERE id = ? AND file_look_at = ?", (batch.id, _as_kept(batch))
        )
        return self._update(batch.id, "file_now = ?, file_kept_by = NULL", (now,), "file_now IS NOT ?", (now,))

    def keep(self, batch: int, *, revision: int, by: str) -> bool:
        """Say to go on as read although the file was deleted or changed; the first one wins."""
        where = "status = ? AND revision = ? AND file_now IS NOT NULL AND file_kept_by IS NULL"
        return self._update(batch, "file_kept_by = ?", (by,), where, (S.PREVIEWED, revision))


def _as_kept(batch: Batch) -> str | None:
    return batch.file_look_at.isoformat(timespec="microseconds") if batch.file_look_at else None
