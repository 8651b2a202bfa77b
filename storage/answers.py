"""What staff answered about a sheet's columns, remembered for that header in that channel."""

from brought_forward.storage.database import SqliteFile, stamp


class Answers:
    """Keep answers."""

    def __init__(self, file: SqliteFile) -> None:
        self._file = file

    def find(self, firm: str, channel: str, signature: str, kind: str) -> str | None:
        """Read the answer to one question about one header, or None."""
        choice: str | None = self._file.value(
            "SELECT choice FROM answer WHERE firm = ? AND channel = ? AND signature = ? AND kind = ?",
            (firm, channel, signature, kind),
        )
        return choice

    def keep(self, firm: str, channel: str, signature: str, kind: str, *, choice: str, by: str) -> None:
        """Keep an answer; a later one replaces it."""
        self._file.change(
            "INSERT OR REPLACE INTO answer (firm, channel, signature, kind, choice, answered_by, answered_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (firm, channel, signature, kind, choice, by, stamp()),
        )
