"""Corrections of lines: what a person has chosen and not saved yet, and what was saved, beside what stood there."""

import json
from decimal import Decimal
from typing import Any

from brought_forward.storage.database import SqliteFile, cents, stamp
from brought_forward.storage.records.sheet import Line

COLUMNS = {"matter": "matter", "user": "named_user", "amount": "amount_cents", "note": "note",
           "unreadable": "unreadable", "skipped": "skipped", "anyway": "anyway"}  # fmt: skip


class Corrections:
    """Keep drafts and corrections; a correction is added, never changed."""

    def __init__(self, file: SqliteFile) -> None:
        self._file = file

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
        """Change fields of a line, each kept with what it was; how many were changed.

        `now` gives new values by field of `Line`: matter, user, amount, note, unreadable, skipped, anyway.
        """
        changed = {field: value for field, value in now.items() if getattr(line, field) != value}
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
        return len(changed)

    def of_batch(self, batch: int) -> list[dict[str, Any]]:
        """Read a batch's corrections, oldest first."""
        return self._file.rows("SELECT * FROM correction WHERE batch = ? ORDER BY id", (batch,))


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
