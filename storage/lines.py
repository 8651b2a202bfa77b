"""Lines: every row of the sheet, what is said of it, what people changed in it, and where it went."""

import json
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from itertools import chain
from typing import Any

from brought_forward.storage.audit import link
from brought_forward.storage.database import (
    Table,
    amount,
    cents,
    given,
    maybe_amount,
    maybe_day,
    pieces,
    stamp,
    summed,
)
from brought_forward.storage.records.batch import Batch
from brought_forward.storage.records.entry import PlannedEntry
from brought_forward.storage.records.sheet import Line, NotCounted, Problem, SheetReading

# As `Line` has them.
LINE = (
    "row, cell, matter, named_user, client, amount_cents, date, note, unreadable, left_out, entry, skipped, anyway,"
    " stated"
)


SAME = (
    "(line.matter, line.named_user, line.amount_cents, line.date, line.note) IS NOT DISTINCT FROM"
    " (m.matter, m.named_user, m.amount_cents, m.date, m.note)"
)


class Lines(Table):
    """Keep lines."""

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
        with self._file.transaction():
            self._file.change("DELETE FROM line WHERE batch = ?", (batch,))
            self._file.change_each(
                "INSERT INTO line (firm, batch, row, cell, matter, named_user, client, amount_cents, date, note,"
                " unreadable, stated) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [(firm, batch, *row) for row in rows],
            )
            self._file.change("DELETE FROM mended_line WHERE batch = ?", (batch,))
            self._file.change("DELETE FROM not_counted WHERE batch = ?", (batch,))
            self._file.change_each(
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
        workbook to mend has no column for that. A line that a person left out stays out where it comes back as it was.
        """
        pairs = [(batch, row, among, origin) for origin, row in mends]
        with self._file.transaction():
            self._file.change_each(
                "UPDATE line SET (matter, named_user, client, amount_cents, date, note, unreadable, skipped, anyway) ="
                " (m.matter, m.named_user, m.client, m.amount_cents, m.date, m.note, m.unreadable,"
                f" CASE WHEN {SAME} THEN line.skipped END, NULL)"
                " FROM line AS m WHERE line.batch = ? AND line.row = ? AND m.batch = ? AND m.row = ?",
                pairs,
            )
            self._file.change_each(
                "DELETE FROM line WHERE batch = ? AND row = ?"
                " AND NOT EXISTS (SELECT 1 FROM line AS m WHERE m.batch = ? AND m.row = ?)",
                pairs,
            )

    def mends_of(self, batch: Batch, of: Batch, rows: Iterable[int]) -> None:
        """Keep which lines of a batch that was decided already another one's file mends."""
        with self._file.transaction():
            self._file.change_each(
                "INSERT INTO mended_line (firm, batch, of_batch, of_row) VALUES (?, ?, ?, ?)",
                [(batch.firm, batch.id, of.id, row) for row in rows],
            )

    def renote(self, batch: int, before: SheetReading, after: SheetReading) -> None:
        """Give a batch's lines their notes as they are read now; one that a person changed since stays as it is."""
        was, now = _notes(before), _notes(after)
        pairs = [(note, batch, row, was.get(row)) for row, note in now.items() if note != was.get(row)]
        with self._file.transaction():
            self._file.change_each(
                "UPDATE line SET note = ? WHERE batch = ? AND row = ? AND note IS NOT DISTINCT FROM ?", pairs
            )

    def anyway_rows(self, batch: int) -> list[int]:
        """Give the rows that a person lets be posted although a rule says no."""
        found = self._file.rows(
            "SELECT row FROM line WHERE batch = ? AND anyway IS NOT NULL ORDER BY row, id", (batch,)
        )
        return [row["row"] for row in found]

    def left_out_rows(self, batch: int) -> set[int]:
        """Give the rows that are not posted."""
        found = self._file.rows("SELECT row FROM line WHERE batch = ? AND left_out IS NOT NULL", (batch,))
        return {row["row"] for row in found}

    def left_out_total(self, batch: int) -> tuple[int, Decimal]:
        """Count the lines that are not posted and sum those whose amount can be read."""
        row = self._file.row(
            f"SELECT count(*) AS n, coalesce({summed('amount_cents')}, 0) AS total FROM line"
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


OF_ENTRY = (
    "WHERE one.batch = entry.batch AND one.account = entry.account AND one.matter_id = entry.matter_id"
    " AND one.user_id = entry.user_id"
)


class Planning(Table):
    """Keep the plan of a batch."""

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
        carried out yet, so how often that was stays with the account, matter and user, whatever is planned meanwhile.
        """
        with self._file.transaction():
            self._file.change(
                "INSERT INTO unanswered (firm, account, batch, matter_id, user_id, sends, allowed, clio_at)"
                " SELECT firm, account, batch, matter_id, user_id, unanswered, allowed, clio_at FROM entry"
                " WHERE batch = ? AND unanswered > 0 ON CONFLICT (batch, account, matter_id, user_id)"
                " DO UPDATE SET sends = excluded.sends, allowed = excluded.allowed, clio_at = excluded.clio_at",
                (batch,),
            )
            self._file.change("DELETE FROM entry WHERE batch = ?", (batch,))
            self._file.change(
                "UPDATE line SET entry = NULL, left_out = coalesce(unreadable, skipped) WHERE batch = ?", (batch,)
            )
            account: str | None = self._file.value("SELECT account FROM batch WHERE id = ?", (batch,))
            on = day.isoformat()
            self._file.change_each(
                "INSERT INTO entry (firm, account, batch, position, matter_id, matter_number, user_id, user_name,"
                " amount_cents, date, note) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                ((firm, account, batch, place + 1, entry.matter_id, entry.matter_number, entry.user_id,
                  entry.user_name, cents(entry.amount), on, entry.note) for place, (entry, _) in enumerate(planned)),
            )  # fmt: skip
            ids = self._file.tuples("SELECT id FROM entry WHERE batch = ? ORDER BY position", (batch,))
            self._file.change(
                "UPDATE entry SET (unanswered, allowed, clio_at) = (SELECT sends, allowed, clio_at FROM unanswered one"
                f" {OF_ENTRY}) WHERE batch = ? AND EXISTS (SELECT 1 FROM unanswered one {OF_ENTRY})",
                (batch,),
            )
            placed = [(row, number, None) for (number,), (_, rows) in zip(ids, planned, strict=True) for row in rows]
            self._place(batch, [*placed, *((row, None, why) for row, why in left_out.items())])
            facts = {"entries": len(planned), "cents": sum(cents(entry.amount) for entry, _ in planned),
                     "date": on, "account": account, "left_out": len(left_out)}  # fmt: skip
            link(self._file, firm, "plan", batch=batch, facts=facts)

    def _place(self, batch: int, rows: Sequence[tuple[int, int | None, str | None]]) -> None:
        """Say of each row which entry sums it, or why none does.

        By one UPDATE for some hundreds: an UPDATE a row costs SQLite four times as much.
        """
        for some in pieces(rows):
            self._file.change(
                "UPDATE line SET entry = placed.column2, left_out = placed.column3"
                f" FROM {given(some, 'BIGINT', 'BIGINT', 'TEXT')} AS placed WHERE line.row = placed.column1"
                " AND line.batch = ? AND line.unreadable IS NULL AND line.skipped IS NULL",
                (*chain.from_iterable(some), batch),
            )


COLUMNS = {"matter": "matter", "user": "named_user", "amount": "amount_cents", "note": "note",
           "unreadable": "unreadable", "skipped": "skipped", "anyway": "anyway"}  # fmt: skip


class Corrections(Table):
    """Keep drafts and corrections; a correction is added, never changed."""

    def keep_draft(self, firm: str, batch: int, revision: int, actor: str, row: int, fields: dict[str, Any]) -> None:
        """Keep what a person has chosen for a line while turning the form's pages; empty fields take it away."""
        key = (firm, batch, revision, actor, row)
        if fields:
            self._file.change(
                "INSERT INTO draft (firm, batch, revision, actor, row, fields) VALUES (?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (batch, revision, actor, row) DO UPDATE SET fields = excluded.fields",
                (*key, json.dumps(fields)),
            )
        else:
            self._file.change(
                "DELETE FROM draft WHERE firm = ? AND batch = ? AND revision = ? AND actor = ? AND row = ?", key
            )

    def drafts(self, batch: int, revision: int, actor: str) -> dict[int, dict[str, Any]]:
        """Read what a person has chosen for a revision's lines, by row."""
        rows = self._file.rows(
            "SELECT row, fields FROM draft WHERE batch = ? AND revision = ? AND actor = ? ORDER BY row",
            (batch, revision, actor),
        )
        return {row["row"]: json.loads(row["fields"]) for row in rows}

    def drop_drafts(self, batch: int) -> None:
        """Forget what was chosen and not saved: the revision is over."""
        self._file.change("DELETE FROM draft WHERE batch = ?", (batch,))

    def correct(self, batch: int, revision: int, firm: str, actor: str, line: Line, now: dict[str, Any]) -> int:
        """Change fields of a line, each kept with what it was. Returns how many were changed.

        `now` gives new values by field of `Line`: matter, user, amount, note, unreadable, skipped, anyway.
        """
        changed = {field: value for field, value in now.items() if getattr(line, field) != value}
        with self._file.transaction():
            for field, value in changed.items():
                kept = cents(value) if isinstance(value, Decimal) else value
                self._file.change(
                    f"UPDATE line SET {COLUMNS[field]} = ? WHERE batch = ? AND row = ?", (kept, batch, line.row)
                )
                was = getattr(line, field)
                self._file.change(
                    "INSERT INTO correction (firm, batch, revision, row, field, was, now, actor, at)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (firm, batch, revision, line.row, field, _text(was), _text(value), actor, stamp()),
                )
                self._seal(firm, batch, revision, actor, line.row, field, was, value)
        return len(changed)

    def _seal(
        self, firm: str, batch: int, revision: int, actor: str, row: int, field: str, was: Any, now: Any
    ) -> None:  # fmt: skip
        """Tell the audit of one field: cents are facts, names and texts are words."""
        facts: dict[str, Any] = {"revision": revision, "row": row, "field": field}
        words = {}
        for name, value in (("was", was), ("now", now)):
            if isinstance(value, Decimal):
                facts[name] = cents(value)
            else:
                words[name] = _text(value)
        link(self._file, firm, "correction", actor=actor, batch=batch, facts=facts, words=words)

    def of_batch(self, batch: int) -> list[dict[str, Any]]:
        """Read a batch's corrections, oldest first."""
        return self._file.rows("SELECT * FROM correction WHERE batch = ? ORDER BY id", (batch,))


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
