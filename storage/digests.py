"""Channels that want to read each week how far the bills of their batches are."""

from datetime import date

from brought_forward.storage.audit import link
from brought_forward.storage.batch_table import batch_of
from brought_forward.storage.database import Table, stamp
from brought_forward.storage.records.batch import Batch
from brought_forward.storage.records.entry import EntryState


class Digests(Table):
    """Keep which channels want one, and the last week that each was told."""

    def turn_on(self, firm: str, channel: str, *, by: str, told: date) -> bool:
        """Want one from the week after `told` on, a Monday. Returns False where it is wanted already."""
        with self._file.transaction():
            count = self._file.change(
                "INSERT INTO digest (firm, channel, asked_by, asked_at, told) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (firm, channel) DO NOTHING",
                (firm, channel, by, stamp(), told.isoformat()),
            )
            if count:
                link(self._file, firm, "digest", actor=by, facts={"does": "on", "channel": channel})
        return count == 1

    def turn_off(self, firm: str, channel: str, *, by: str) -> bool:
        """Want none any more. Returns False where none was wanted."""
        with self._file.transaction():
            count = self._file.change("DELETE FROM digest WHERE firm = ? AND channel = ?", (firm, channel))
            if count:
                link(self._file, firm, "digest", actor=by, facts={"does": "off", "channel": channel})
        return count == 1

    def is_on(self, firm: str, channel: str) -> bool:
        """Say whether a channel wants one."""
        return self._file.value("SELECT 1 FROM digest WHERE firm = ? AND channel = ?", (firm, channel)) is not None

    def firms(self) -> list[str]:
        """List the firms of which a channel wants one."""
        return [firm for (firm,) in self._file.tuples("SELECT DISTINCT firm FROM digest ORDER BY firm")]

    def due(self, firm: str, week: date) -> list[str]:
        """List a firm's channels that have not been told of this week, a Monday."""
        rows = self._file.tuples(
            "SELECT channel FROM digest WHERE firm = ? AND told < ? ORDER BY channel", (firm, week.isoformat())
        )
        return [channel for (channel,) in rows]

    def told(self, firm: str, channel: str, week: date) -> bool:
        """Take a week as told. Returns False where it was, or where none is wanted by now."""
        return self._file.change(
            "UPDATE digest SET told = ?1 WHERE firm = ?2 AND channel = ?3 AND told < ?1",
            (week.isoformat(), firm, channel),
        ) == 1  # fmt: skip

    def posted(self, firm: str, channel: str, account: str) -> list[Batch]:
        """List a channel's batches that have entries in a Clio account, oldest first."""
        rows = self._file.rows(
            "SELECT * FROM batch WHERE firm = ? AND channel = ? AND account = ? AND EXISTS (SELECT 1 FROM entry"
            f" WHERE entry.batch = batch.id AND state = '{EntryState.POSTED}') ORDER BY id",
            (firm, channel, account),
        )
        return [batch_of(row) for row in rows]
