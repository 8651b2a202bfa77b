"""Lines: every row of the sheet and where it went."""

from collections.abc import Sequence
from decimal import Decimal

from brought_forward.storage.database import SqliteFile, amount, cents, maybe_amount, maybe_day
from brought_forward.storage.records.sheet import Line, NotCounted, Problem, SheetReading

# As `Line` has them.
LINE = (
    "row, cell, matter, named_user, client, amount_cents, date, note, unreadable, left_out, entry, skipped, anyway,"
    " stated"
)


class Lines:
    """Keep lines."""

    def __init__(self, file: SqliteFile) -> None:
        self._file = file

    def keep(self, batch: int, firm: str, reading: SheetReading) -> None:
        """Replace a batch's lines, and the rows that are none, by what was read."""
        rows = [
            (line.row, f"{line.row}", line.matter, line.user, line.client, cents(line.amount),
             line.date and line.date.isoformat(), line.note, None, None)
            for line in reading.lines
        ] + [
            (bad.row, bad.cell, bad.matter, bad.user, bad.client, None if bad.amount is None else cents(bad.amount),
             bad.date and bad.date.isoformat(), bad.note, *_wrong(bad))
            for bad in reading.problems
        ]  # fmt: skip
        with self._file.transaction() as db:
            self._file.change("DELETE FROM line WHERE batch = ?", (batch,))
            db.conn.executemany(
                "INSERT INTO line (firm, batch, row, cell, matter, named_user, client, amount_cents, date, note,"
                " unreadable, stated) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [(firm, batch, *row) for row in rows],
            )
            self._file.change("DELETE FROM not_counted WHERE batch = ?", (batch,))
            db.conn.executemany(
                "INSERT INTO not_counted (firm, batch, row, amount_cents, why) VALUES (?, ?, ?, ?, ?)",
                [(firm, batch, one.row, cents(one.amount), one.why) for one in reading.not_counted],
            )

    def of_batch(self, batch: int) -> list[Line]:
        """Read a batch's lines in the sheet's order."""
        return [
            Line(row, cell, matter, user, client, maybe_amount(number), maybe_day(day), *more)
            for row, cell, matter, user, client, number, day, *more in self._file.tuples(
                f"SELECT {LINE} FROM line WHERE batch = ? ORDER BY row, id", (batch,)
            )
        ]

    def not_counted(self, batch: int) -> list[NotCounted]:
        """Read the rows of a batch's file that hold money and are no lines, in the sheet's order."""
        return [
            NotCounted(row, amount(number), why)
            for row, number, why in self._file.tuples(
                "SELECT row, amount_cents, why FROM not_counted WHERE batch = ? ORDER BY row, id", (batch,)
            )
        ]

    def mend(self, batch: int, among: int, mends: Sequence[tuple[int, int]]) -> None:
        """Take a batch's lines over from those of another, `among`: pairs of its row there and the row it mends here.

        A row that reads as zero there has no line, and leaves none here. What the sheet says against a line stays: a
        workbook to mend has no column for that.
        """
        pairs = [(batch, row, among, origin) for origin, row in mends]
        with self._file.transaction() as db:
            db.conn.executemany(
                "UPDATE line SET (matter, named_user, client, amount_cents, date, note, unreadable, skipped, anyway) ="
                " (m.matter, m.named_user, m.client, m.amount_cents, m.date, m.note, m.unreadable, NULL, NULL)"
                " FROM line AS m WHERE line.batch = ? AND line.row = ? AND m.batch = ? AND m.row = ?",
                pairs,
            )
            db.conn.executemany(
                "DELETE FROM line WHERE batch = ? AND row = ?"
                " AND NOT EXISTS (SELECT 1 FROM line AS m WHERE m.batch = ? AND m.row = ?)",
                pairs,
            )

    def renote(self, batch: int, before: SheetReading, after: SheetReading) -> None:
        """Give a batch's lines their notes as they are read now; one that a person changed since stays as it is."""
        was, now = _notes(before), _notes(after)
        pairs = [(note, batch, row, was.get(row)) for row, note in now.items() if note != was.get(row)]
        with self._file.transaction() as db:
            db.conn.executemany(
                "UPDATE line SET note = ? WHERE batch = ? AND row = ? AND note IS NOT DISTINCT FROM ?", pairs
            )

    def anyway_rows(self, batch: int) -> list[int]:
        """Give the rows that a person lets be posted although a rule says no."""
        found = self._file.rows("SELECT row FROM line WHERE batch = ? AND anyway IS NOT NULL", (batch,))
        return [row["row"] for row in found]

    def left_out_rows(self, batch: int) -> set[int]:
        """Give the rows that are not posted."""
        found = self._file.rows("SELECT row FROM line WHERE batch = ? AND left_out IS NOT NULL", (batch,))
        return {row["row"] for row in found}

    def left_out_total(self, batch: int) -> tuple[int, Decimal]:
        """Count the lines that are not posted and sum those whose amount can be read."""
        row = self._file.row(
            "SELECT count(*) AS n, coalesce(sum(amount_cents), 0) AS total FROM line"
            " WHERE batch = ? AND left_out IS NOT NULL",
            (batch,),
        )
        return (row["n"], amount(row["total"])) if row else (0, Decimal(0))


def _wrong(bad: Problem) -> tuple[str | None, str | None]:
    """Say whether a row cannot be read, or can be and is only spoken against."""
    can_be_read = bad.anyway and bad.matter and bad.amount is not None
    return (None, bad.text) if can_be_read else (bad.text, None)


def _notes(reading: SheetReading) -> dict[int, str | None]:
    return {line.row: line.note for line in reading.lines} | {bad.row: bad.note for bad in reading.problems}
