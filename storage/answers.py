"""What staff answered about a sheet's columns, remembered for that header in that channel."""

from brought_forward.storage.database import SqliteFile, stamp


class Answers:
    """Keep answers; one that is replaced stays on record, since batches were read by it."""

    def __init__(self, file: SqliteFile) -> None:
        self._file = file

    def find(self, firm: str, channel: str, signature: str, kind: str) -> tuple[int, str] | None:
        """Read the answer to one question about one header, with its id; None where there is none."""
        row = self._file.row(
            "SELECT id, choice FROM answer WHERE firm = ? AND channel = ? AND signature = ? AND kind = ?"
            " AND replaced_at IS NULL",
            (firm, channel, signature, kind),
        )
        return (row["id"], row["choice"]) if row else None

    def used(self, batch: int) -> dict[str, str]:
        """Read the answers by which a batch's file was read, by kind."""
        rows = self._file.rows(
            "SELECT kind, choice FROM used_answer JOIN answer ON answer.id = used_answer.answer WHERE batch = ?",
            (batch,),
        )
        return {row["kind"]: row["choice"] for row in rows}

    def keep(
        self, firm: str, channel: str, signature: str, kind: str, *, choice: str, by: str, heading: str | None = None
    ) -> None:
        """Keep an answer; a later one replaces it. `heading` is the answer in words, as the sheet writes it."""
        with self._file.transaction():
            self._file.change(
                "UPDATE answer SET replaced_at = ? WHERE firm = ? AND channel = ? AND signature = ? AND kind = ?"
                " AND replaced_at IS NULL",
                (stamp(), firm, channel, signature, kind),
            )
            self._file.change(
                "INSERT INTO answer (firm, channel, signature, kind, choice, heading, answered_by, answered_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (firm, channel, signature, kind, choice, heading, by, stamp()),
            )
