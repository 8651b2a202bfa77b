"""Workbooks that go with words: rows of the outbox, sent apart from it, so that no word waits behind one."""

from collections.abc import Sequence

from brought_forward.storage.database import Table
from brought_forward.storage.outbox import read_message
from brought_forward.storage.records.slack import Message

SENTENCE = "told-"  # before a workbook's slot: the sentence to a person that it comes below
# One to a person has their conversation once its sentence is there: only Slack's answer to that names it.
DUE = (
    "SELECT * FROM (SELECT m.*, CASE WHEN substr(m.channel, 1, 1) IN ('U', 'W') THEN s.channel ELSE m.channel END AS"
    " place"
    " FROM message m LEFT JOIN message s"
    f" ON s.batch IS NULL AND s.firm = m.firm AND s.slot = '{SENTENCE}' || m.slot AND s.ts IS NOT NULL"
    " WHERE m.firm = ? AND m.attach IS NOT NULL AND m.shown < m.wanted AND m.next_at <= ?"
    # It stands below what was said before it. How far posting is, edited every few seconds, keeps it from nothing.
    " AND NOT EXISTS (SELECT 1 FROM message w WHERE w.attach IS NULL AND w.channel = m.channel"
    " AND w.thread_ts IS NOT DISTINCT FROM m.thread_ts AND w.id < m.id"
    " AND w.shown < w.wanted AND (w.ts IS NULL OR w.edit_gap = 0))"
    ") owed WHERE place IS NOT NULL ORDER BY id"
)


class Attachments(Table):
    """Keep the workbooks that we owe."""

    def owe(
        self,
        *,
        firm: str,
        batch: int | None,
        slot: str,
        channel: str,
        thread_ts: str | None,
        attach: str,
        file_name: str,
    ) -> None:
        """Want a workbook to be there, once for a slot; without a batch, once more for each wish.

        `channel` may be a person's id: it then goes below the sentence in their direct messages whose slot is this one
        behind `SENTENCE`.
        """
        self._file.change(
            "INSERT INTO message (firm, batch, slot, channel, thread_ts, text, blocks, next_at, attach, file_name)"
            " VALUES (?, ?, ?, ?, ?, ?, '[]', ?, ?, ?) ON CONFLICT (batch, slot) DO NOTHING",
            (firm, batch, slot, channel, thread_ts, file_name, self._file.clock.stamp(), attach, file_name),
        )

    def drop_unsent(self, batch: int, *, but: int) -> None:
        """Owe the workbooks of a batch's earlier previews no longer: they would hold what the newer one has."""
        self._file.change(
            "DELETE FROM message WHERE batch = ? AND attach IS NOT NULL AND ts IS NULL AND shown < wanted"
            " AND (slot LIKE 'lines-%' OR slot LIKE 'failing-%') AND slot NOT IN (?, ?)",
            (batch, f"lines-{but}", f"failing-{but}"),
        )

    def names(self, batch: int, *, but: str) -> list[str]:
        """Name the workbooks of a batch's thread, those that are owed too, but for that of one slot."""
        rows = self._file.tuples(
            "SELECT file_name FROM message WHERE batch = ? AND attach IS NOT NULL AND slot <> ? ORDER BY id",
            (batch, but),
        )
        return [name for (name,) in rows]

    def due(self) -> list[str]:
        """Name the firms that are owed a workbook by now."""
        rows = self._file.tuples(
            "SELECT DISTINCT firm FROM message WHERE shown < wanted AND attach IS NOT NULL AND next_at <= ?",
            (self._file.clock.stamp(),),
        )
        return [firm for (firm,) in rows]

    def next_due(self, firm: str, busy: set[str]) -> Message | None:
        """Read a firm's oldest workbook whose time has come, with the conversation that it goes to as its channel."""
        for row in self._file.rows(DUE, (firm, self._file.clock.stamp())):
            place = row.pop("place")
            if place not in busy:
                return read_message(row | {"channel": place})
        return None

    def sent(self, message: Message, file_id: str) -> None:
        """Say that Slack has this workbook, and as which file; it does not say at once where in a conversation."""
        self._file.change(
            "UPDATE message SET ts = ?, shown = wanted, shown_at = ?, attempts = 0, error = NULL WHERE id = ?",
            (file_id, self._file.clock.stamp(), message.id),
        )

    def failed(self, message: Message, error: str, *, again_in: float) -> None:
        """Say that a try failed for a reason that passes; the workbook stays owed."""
        self._file.change(
            "UPDATE message SET attempts = attempts + 1, error = ?, next_at = ? WHERE id = ?",
            (error, self._file.clock.stamp(after=again_in), message.id),
        )

    def refused(self, message: Message, error: str, *, again_in: float) -> int:
        """Count a refusal, and return how many there were."""
        row = self._file.row(
            "UPDATE message SET attempts = attempts + 1, refusals = refusals + 1, error = ?, next_at = ? WHERE id = ?"
            " RETURNING refusals",
            (error, self._file.clock.stamp(after=again_in), message.id),
        )
        return int(row["refusals"]) if row else 0

    def give_up(self, message: Message) -> None:
        """Owe a workbook no longer; its row keeps what Slack refused it for."""
        self._file.change("UPDATE message SET shown = wanted WHERE id = ?", (message.id,))

    def missing(self, batch: int) -> Sequence[str]:
        """Name the workbooks that a batch's thread was to have and Slack did not take, in the order they were owed."""
        rows = self._file.rows(
            "SELECT file_name FROM message WHERE batch = ? AND attach IS NOT NULL AND ts IS NULL"
            " AND shown = wanted AND substr(channel, 1, 1) NOT IN ('U', 'W') GROUP BY file_name ORDER BY min(id)",
            (batch,),
        )
        return [row["file_name"] for row in rows]
