"""Findings: what the rules said of a batch's lines when it was last previewed."""

from collections.abc import Sequence

from brought_forward.storage.database import SqliteFile, maybe_instant, stamp
from brought_forward.storage.records.sheet import Finding


class Findings:
    """Keep findings."""

    def __init__(self, file: SqliteFile) -> None:
        self._file = file

    def keep(self, batch: int, firm: str, findings: Sequence[Finding]) -> None:
        """Replace a batch's findings."""
        with self._file.transaction() as db:
            self._file.change("DELETE FROM finding WHERE batch = ?", (batch,))
            db.conn.executemany(
                "INSERT INTO finding (firm, batch, position, row, code, text, blocks, chosen_by, chosen_at,"
                " choice) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (firm, batch, place, one.row, one.code, one.text, int(one.blocks), one.chosen_by,
                     one.chosen_at and stamp(one.chosen_at), one.choice)
                    for place, one in enumerate(findings)
                ],
            )  # fmt: skip

    def of_batch(self, batch: int) -> list[Finding]:
        """Read a batch's findings: of the whole file first, then by row."""
        return [
            Finding(
                row=row["row"],
                code=row["code"],
                text=row["text"],
                blocks=bool(row["blocks"]),
                chosen_by=row["chosen_by"],
                chosen_at=maybe_instant(row["chosen_at"]),
                choice=row["choice"],
            )
            for row in self._file.rows("SELECT * FROM finding WHERE batch = ? ORDER BY row, position", (batch,))
        ]
