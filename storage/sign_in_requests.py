"""Sign-ins to Clio that were begun in a Home tab: whose each is, and that its state serves once."""

from collections.abc import Sequence
from hashlib import sha256

from brought_forward.storage.audit import link
from brought_forward.storage.database import Table, flag
from brought_forward.storage.records.connection import SignInRequest

KEPT = 86_400.0  # seconds after its end, so that who comes back late is told that it is over


def digest(state: str) -> str:
    """Name a state without saying it: who reads the file learns none that is open."""
    return sha256(state.encode()).hexdigest()


class SignInRequests(Table):
    """Keep what was begun."""

    def make(self, firm: str, person: str, states: Sequence[tuple[str, str]], *, life: float) -> None:
        """Begin a sign-in: a region and its state each, for so many seconds. What is long over is forgotten."""
        clock = self._file.clock
        with self._file.transaction():
            self._file.change("DELETE FROM sign_in_request WHERE ends_at < ?", (clock.stamp(after=-KEPT),))
            for region, state in states:
                self._file.change(
                    "INSERT INTO sign_in_request (digest, firm, person, region, made_at, ends_at)"
                    " VALUES (?, ?, ?, ?, ?, ?)",
                    (digest(state), firm, person, region, clock.stamp(), clock.stamp(after=life)),
                )
            link(self._file, firm, "sign_in", actor=person, facts={"does": "begun"})

    def find(self, state: str) -> SignInRequest | None:
        """Read whose a state is. Returns None for one that nobody was given."""
        row = self._file.row(
            f"SELECT digest, firm, person, region, {flag('ends_at <= ?')} AS is_over,"
            f" {flag('used_at IS NOT NULL')} AS is_used, connection FROM sign_in_request WHERE digest = ?",
            (self._file.clock.stamp(), digest(state)),
        )
        if row is None:
            return None
        return SignInRequest(**row | {"is_over": bool(row["is_over"]), "is_used": bool(row["is_used"])})

    def use(self, request: SignInRequest) -> bool:
        """Take a state for answered. Returns False where it was, or where its time is over."""
        at = self._file.clock.stamp()
        changed = self._file.change(
            "UPDATE sign_in_request SET used_at = ? WHERE digest = ? AND used_at IS NULL AND ends_at > ?",
            (at, request.digest, at),
        )
        return changed == 1

    def connected(self, request: SignInRequest, connection: int) -> None:
        """Keep what came of it."""
        self._file.change("UPDATE sign_in_request SET connection = ? WHERE digest = ?", (connection, request.digest))

    def failed(self, request: SignInRequest, why: str) -> None:
        """Tell the audit that nothing came of it, by a word such as OAuth's kind of error."""
        link(self._file, request.firm, "sign_in", actor=request.person, facts={"does": "failed", "why": why})
