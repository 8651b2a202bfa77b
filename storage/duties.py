"""Which run carries out each duty towards a firm: the one whose token stands here, and no other."""

from brought_forward.storage.database import Table, here
from brought_forward.storage.records.duty import DutyKind


class Duties(Table):
    """Keep one run for each duty and firm, begun by compare-and-set."""

    def token(self, kind: DutyKind, firm: str) -> str | None:
        """Read the token of the last run that was begun. Returns None where none ever was."""
        token: str | None = self._file.value("SELECT token FROM duty WHERE kind = ? AND firm = ?", (kind, firm))
        return token

    def is_at(self, kind: DutyKind, firm: str, token: str) -> bool:
        """Say whether a run is the one to carry it out, while the app is in the workspace, as far as is known."""
        found = self._file.value(
            f"SELECT 1 FROM duty WHERE kind = ? AND firm = ? AND token = ? AND {here('duty')}", (kind, firm, token)
        )
        return found is not None

    def begin(self, kind: DutyKind, firm: str, *, token: str, after: str | None) -> bool:
        """Let a new run take the place of the one that was read. Returns False where another did meanwhile."""
        if after is None:
            return self._file.change(
                "INSERT INTO duty (kind, firm, token) VALUES (?, ?, ?) ON CONFLICT (kind, firm) DO NOTHING",
                (kind, firm, token),
            ) == 1  # fmt: skip
        return self._file.change(
            "UPDATE duty SET token = ? WHERE kind = ? AND firm = ? AND token = ?", (token, kind, firm, after)
        ) == 1  # fmt: skip
