"""Administrators who asked for a look at everything; one at a time for each, and none is lost by a restart."""

from dataclasses import dataclass

from brought_forward.storage.database import Table


@dataclass(frozen=True, slots=True)
class DoctorRequest:
    """Who asked."""

    id: int
    firm: str
    person: str


class DoctorRequests(Table):
    """Keep what was asked."""

    def ask(self, firm: str, person: str) -> None:
        """Ask for a look; asked again before it is over, it is the same one."""
        self._file.change(
            "INSERT INTO doctor_request (firm, person, asked_at) VALUES (?, ?, ?)"
            " ON CONFLICT (firm, person) WHERE ended_at IS NULL DO NOTHING",
            (firm, person, self._file.clock.stamp()),
        )

    def due(self) -> list[str]:
        """Name the firms where somebody waits."""
        rows = self._file.tuples("SELECT DISTINCT firm FROM doctor_request WHERE ended_at IS NULL")
        return [firm for (firm,) in rows]

    def oldest(self, firm: str) -> DoctorRequest | None:
        """Read the oldest of a firm that nobody has answered. Returns None where nobody waits."""
        row = self._file.row(
            "SELECT id, firm, person FROM doctor_request WHERE firm = ? AND ended_at IS NULL ORDER BY id LIMIT 1",
            (firm,),
        )
        return DoctorRequest(**row) if row else None

    def end(self, request: DoctorRequest) -> None:
        """Say that one is answered."""
        self._file.change("UPDATE doctor_request SET ended_at = ? WHERE id = ?", (self._file.clock.stamp(), request.id))
