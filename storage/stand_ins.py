"""Who stands in for an approver who is away. A row ends and stays: decisions were taken by it."""

from datetime import date

from brought_forward.storage.audit import link
from brought_forward.storage.database import Row, Table, stamp
from brought_forward.storage.records.stand_in import StandIn

COLUMNS = "SELECT id, named_by, person, until FROM stand_in WHERE ended_at IS NULL"


def _stand_in(row: Row) -> StandIn:
    return StandIn(**row | {"until": date.fromisoformat(row["until"])})


class StandIns(Table):
    """Keep who stands in for whom; one at a time for each approver."""

    def name(self, firm: str, *, by: str, person: str, until: date) -> tuple[int, StandIn | None]:
        """Name somebody until the end of a day; whom it replaces is over. Returns the number, and whom it replaces."""
        with self._file.transaction():
            before = self.end(firm, by=by)
            number: int = self._file.value(
                "INSERT INTO stand_in (firm, named_by, person, until, named_at) VALUES (?, ?, ?, ?, ?) RETURNING id",
                (firm, by, person, until.isoformat(), stamp()),
            )
            facts = {"does": "named", "person": person, "until": until.isoformat()}
            link(self._file, firm, "stand_in", actor=by, subject=number, facts=facts)
        return number, before

    def end(self, firm: str, *, by: str) -> StandIn | None:
        """End what an approver has named. Returns it, or None where nothing was in force."""
        with self._file.transaction():
            row = self._file.row(f"{COLUMNS} AND firm = ? AND named_by = ?", (firm, by))
            self._file.change(
                "UPDATE stand_in SET ended_at = ? WHERE firm = ? AND named_by = ? AND ended_at IS NULL",
                (stamp(), firm, by),
            )
            if row:
                self._tell(firm, row, "ended", by=by)
        return _stand_in(row) if row else None

    def in_force(self, firm: str, today: date) -> list[StandIn]:
        """List who stands in today, by who named them."""
        rows = self._file.rows(f"{COLUMNS} AND firm = ? AND until >= ? ORDER BY named_by", (firm, today.isoformat()))
        return [_stand_in(row) for row in rows]

    def firms(self) -> list[str]:
        """List the firms of which somebody stands in."""
        rows = self._file.tuples("SELECT DISTINCT firm FROM stand_in WHERE ended_at IS NULL ORDER BY firm")
        return [firm for (firm,) in rows]

    def run_out(self, firm: str, today: date) -> list[StandIn]:
        """End those of a firm whose last day is over. Returns each once."""
        with self._file.transaction():
            rows = self._file.rows(f"{COLUMNS} AND firm = ? AND until < ? ORDER BY id", (firm, today.isoformat()))
            self._file.change(
                "UPDATE stand_in SET ended_at = ? WHERE firm = ? AND ended_at IS NULL AND until < ?",
                (stamp(), firm, today.isoformat()),
            )
            for row in rows:
                self._tell(firm, row, "ran out", by=None)
        return [_stand_in(row) for row in rows]

    def _tell(self, firm: str, row: Row, does: str, *, by: str | None) -> None:
        """Tell the audit what became of a stand-in."""
        facts = {"does": does, "named_by": row["named_by"], "person": row["person"], "until": row["until"]}
        link(self._file, firm, "stand_in", actor=by, subject=row["id"], facts=facts)
