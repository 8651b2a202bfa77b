"""What each Home tab should show, and what it shows: kept for those that were opened."""

from brought_forward.storage.batch_table import batch_of
from brought_forward.storage.database import Table, amount, summed
from brought_forward.storage.records.batch import Batch, BatchStatus
from brought_forward.storage.records.entry import EntryState
from brought_forward.storage.records.slack import Home, Month

MONTHS = 12


class Homes(Table):
    """Keep the Home tabs that were opened; nobody else's is published."""

    def opened(self, firm: str, user: str, hash_: str | None) -> None:
        """Take note that somebody opened their tab; it is looked at once. `hash_` is Slack's for what it shows."""
        at = self._file.clock.stamp()
        self._file.change(
            "INSERT INTO home (firm, person, opened_at, due_at, hash) VALUES (?1, ?2, ?3, ?3, ?4)"
            " ON CONFLICT (firm, person) DO UPDATE SET opened_at = ?3, due_at = ?3, hash = ?4, tries = 0,"
            " shown = CASE WHEN home.hash = ?4 THEN home.shown END",
            (firm, user, at, hash_),
        )

    def changed(self, firm: str, after: float) -> None:
        """Say that a firm's tabs may be out of date; they are looked at after some seconds, once for all changes."""
        self._file.change(
            "UPDATE home SET due_at = ? WHERE firm = ? AND due_at IS NULL",
            (self._file.clock.stamp(after=after), firm),
        )

    def due(self) -> list[str]:
        """Name the firms of which a tab is due."""
        rows = self._file.tuples("SELECT DISTINCT firm FROM home WHERE due_at <= ?", (self._file.clock.stamp(),))
        return [firm for (firm,) in rows]

    def take(self, firm: str) -> Home | None:
        """Take the firm's tab that has waited longest; what changes from now on makes it due again."""
        row = self._file.row(
            "UPDATE home SET due_at = NULL WHERE firm = ? AND person IN"
            " (SELECT person FROM home WHERE firm = ? AND due_at <= ? ORDER BY due_at NULLS FIRST LIMIT 1) RETURNING *",
            (firm, firm, self._file.clock.stamp()),
        )
        return Home(row["firm"], row["person"], row["shown"], row["hash"], row["tries"]) if row else None

    def published(self, home: Home, *, shown: str, hash_: str) -> None:
        """Say what a tab shows now."""
        self._file.change(
            "UPDATE home SET shown = ?, hash = ?, tries = 0 WHERE firm = ? AND person = ?",
            (shown, hash_, home.firm, home.user),
        )

    def failed(self, home: Home, *, again_in: float, forget: bool = False) -> None:
        """Look again after some seconds; `forget` what the tab was thought to show."""
        self._file.change(
            "UPDATE home SET due_at = ?, tries = tries + 1, hash = CASE WHEN ?2 = 1 THEN NULL ELSE hash END"
            " WHERE firm = ?3 AND person = ?4",
            (self._file.clock.stamp(after=again_in), int(forget), home.firm, home.user),
        )

    def previewed(self, firm: str, limit: int) -> list[Batch]:
        """List the batches that wait for approval, newest first."""
        rows = self._file.rows(
            "SELECT * FROM batch WHERE firm = ? AND status = ? ORDER BY id DESC LIMIT ?",
            (firm, BatchStatus.PREVIEWED, limit),
        )
        return [batch_of(row) for row in rows]

    def brought_by(self, firm: str, user: str, limit: int) -> list[Batch]:
        """List what somebody brought, newest first."""
        rows = self._file.rows(
            "SELECT * FROM batch WHERE firm = ? AND (uploader = ? OR owner = ?) ORDER BY id DESC LIMIT ?",
            (firm, user, user, limit),
        )
        return [batch_of(row) for row in rows]

    def months(self, firm: str, user: str | None) -> list[Month]:
        """Sum what was posted by the months of its dates, newest first; of one person's batches, or None for all."""
        rows = self._file.rows(
            "SELECT substr(e.date, 1, 7) AS month, coalesce(b.currency, '') AS currency, count(*) AS entries,"
            f" {summed('e.amount_cents')} AS cents FROM entry e JOIN batch b ON b.id = e.batch"
            " WHERE b.firm = ?1 AND e.state = ?2 AND (b.uploader = ?3 OR b.owner = ?3 OR ?3 IS NULL)"
            " GROUP BY 1, 2 ORDER BY 1 DESC, 2 LIMIT ?4",
            (firm, EntryState.POSTED, user, MONTHS),
        )
        return [Month(row["month"], row["currency"], row["entries"], amount(row["cents"])) for row in rows]
