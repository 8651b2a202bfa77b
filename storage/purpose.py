"""What the file is for: the firm's real books, or a rehearsal; never both."""

from brought_forward.storage.database import SqliteFile


class Purpose:
    """Read and write the one row that says it."""

    def __init__(self, file: SqliteFile) -> None:
        self._file = file

    def settle(self, *, practice: bool) -> bool:
        """Say it where nobody has said it yet; tell whether the file is for this."""
        with self._file.transaction():
            self._file.change("INSERT INTO purpose SELECT ? WHERE NOT EXISTS (SELECT 1 FROM purpose)", (int(practice),))
            return bool(self._file.value("SELECT practice FROM purpose")) is practice
