"""Whose turn it is: runs on one Clio account go one after another, and people are told what a batch waits for."""

from brought_forward.storage.batches import KIND
from brought_forward.storage.database import SqliteFile
from brought_forward.storage.records.batch import Ahead, BatchStatus, RunKind

S = BatchStatus

# A batch that is to be posted or undone while its run has not had its turn yet.
WAITING = f"status IN ('{S.APPROVED}', '{S.POSTING}', '{S.UNDOING}') AND begun IS DISTINCT FROM run_token"


class Turns:
    """Ask which batches wait for which."""

    def __init__(self, file: SqliteFile) -> None:
        self._file = file

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
            " AND other.queued_at IS NOT NULL ORDER BY other.queued_at, other.id",
            (batch,),
        )
        return [Ahead(row["id"], RunKind(row["kind"]), row["entries"], row["reversals"]) for row in rows]

    def waiting(self, *, but: int) -> list[tuple[int, BatchStatus]]:
        """List the batches that wait for their turn, and what for: to be posted, or to be undone."""
        rows = self._file.rows(f"SELECT id, status FROM batch WHERE id <> ? AND {WAITING} ORDER BY id", (but,))
        return [(row["id"], BatchStatus(row["status"])) for row in rows]
