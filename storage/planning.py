"""What will be posted: a batch's entries planned from its lines, and of every line where it went."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from brought_forward.storage.database import SqliteFile, cents
from brought_forward.storage.records.entry import PlannedEntry


class Planning:
    """Keep the plan of a batch."""

    def __init__(self, file: SqliteFile) -> None:
        self._file = file

    def plan(
        self,
        batch: int,
        firm: str,
        day: date,
        planned: Sequence[tuple[PlannedEntry, Sequence[int]]],
        left_out: dict[int, str],
    ) -> None:
        """Replace a batch's entries by a new plan and say of every line where it went.

        `planned` pairs an entry with the rows of the sheet that it sums; `left_out` gives the reason by row. Their
        Clio account is that of the batch's preview, which is there before. What was sent without an answer may be
        carried out yet, so how often that was stays with the matter and user.
        """
        with self._file.transaction():
            unanswered = self._unanswered(batch)
            self._file.change("DELETE FROM entry WHERE batch = ?", (batch,))
            self._file.change(
                "UPDATE line SET entry = NULL, left_out = coalesce(unreadable, skipped) WHERE batch = ?", (batch,)
            )
            # All by one statement each; the numbers are taken here, since nobody else writes within the transaction.
            first: int = self._file.value("SELECT coalesce(max(id), 0) + 1 FROM entry")
            account: str | None = self._file.value("SELECT account FROM batch WHERE id = ?", (batch,))
            on = day.isoformat()
            self._each_row(
                "INSERT INTO entry (id, firm, account, batch, position, matter_id, matter_number, user_id, user_name,"
                " amount_cents, date, note) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                ((first + place, firm, account, batch, place + 1, entry.matter_id, entry.matter_number, entry.user_id,
                  entry.user_name, cents(entry.amount), on, entry.note) for place, (entry, _) in enumerate(planned)),
            )  # fmt: skip
            self._each_row(
                "UPDATE entry SET unanswered = ?, allowed = ?, clio_at = ? WHERE batch = ? AND account = ?"
                " AND matter_id = ? AND user_id = ?",
                unanswered,
            )
            self._place(
                batch, {row: first + place for place, (_, rows) in enumerate(planned) for row in rows}, left_out
            )

    def _unanswered(self, batch: int) -> list[tuple[Any, ...]]:
        return self._file.tuples(
            "SELECT unanswered, allowed, clio_at, batch, account, matter_id, user_id FROM entry"
            " WHERE batch = ? AND unanswered > 0",
            (batch,),
        )

    def _place(self, batch: int, entries: dict[int, int], left_out: dict[int, str]) -> None:
        """Say of each row which entry sums it, or why none does.

        By one UPDATE from a passing table: an UPDATE a row costs SQLite four times as much.
        """
        self._file.change(
            "CREATE TEMP TABLE IF NOT EXISTS placed (row INTEGER PRIMARY KEY, entry INTEGER, left_out TEXT)"
        )
        self._file.change("DELETE FROM temp.placed")
        self._each_row("INSERT INTO temp.placed (row, entry) VALUES (?, ?)", entries.items())
        self._each_row("INSERT INTO temp.placed (row, left_out) VALUES (?, ?)", left_out.items())
        self._file.change(
            "UPDATE line SET entry = placed.entry, left_out = placed.left_out FROM temp.placed"
            " WHERE line.batch = ? AND line.row = placed.row AND line.unreadable IS NULL AND line.skipped IS NULL",
            (batch,),
        )

    def _each_row(self, sql: str, values: Iterable[Sequence[Any]]) -> None:
        self._file.db.conn.executemany(sql, values)
