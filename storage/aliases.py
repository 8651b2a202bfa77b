"""What people chose that a text of the sheets means: remembered for a firm and its Clio account until forgotten."""

from brought_forward.storage.database import Row, SqliteFile, instant, stamp
from brought_forward.storage.records.firm import Alias, AliasKind, folded


def _alias(row: Row) -> Alias:
    return Alias(
        kind=AliasKind(row["kind"]),
        text=row["text"],
        folded=row["folded"],
        account=row["account"],
        clio_id=row["clio_id"],
        label=row["label"],
        chosen_by=row["chosen_by"],
        chosen_at=instant(row["chosen_at"]),
    )


class Aliases:
    """Keep choices; one that is replaced or forgotten stays on record, out of force."""

    def __init__(self, file: SqliteFile) -> None:
        self._file = file

    def remember_alias(
        self, *, firm: str, account: str, kind: AliasKind, text: str, clio_id: int, label: str, by: str
    ) -> None:
        """Remember what a text means; a later choice replaces it.

        `label` is the matter's number or the user's name now. A text without a character to see is not remembered.
        """
        key = folded(text)
        if not key:
            return
        with self._file.transaction():
            self._file.change(
                "UPDATE alias SET forgotten_by = ?, forgotten_at = ? WHERE firm = ? AND account = ? AND kind = ?"
                " AND folded = ? AND forgotten_at IS NULL",
                (by, stamp(), firm, account, kind, key),
            )
            self._file.change(
                "INSERT INTO alias (firm, account, kind, text, folded, clio_id, label, chosen_by, chosen_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (firm, account, kind, text.strip(), key, clio_id, label, by, stamp()),
            )

    def aliases(self, firm: str, account: str | None = None) -> list[Alias]:
        """List a firm's choices in force by their text, of one Clio account where it is named."""
        rows = self._file.rows(
            "SELECT * FROM alias WHERE firm = ? AND (?2 IS NULL OR account = ?2) AND forgotten_at IS NULL"
            " ORDER BY kind, folded, id",
            (firm, account),
        )
        return [_alias(row) for row in rows]

    def forget_alias(self, firm: str, text: str, *, by: str) -> list[Alias]:
        """Take what a text means out of force, as matter and as user; list what was forgotten."""
        rows = self._file.rows(
            "UPDATE alias SET forgotten_by = ?, forgotten_at = ? WHERE firm = ? AND folded = ?"
            " AND forgotten_at IS NULL RETURNING *",
            (by, stamp(), firm, folded(text)),
        )
        return [_alias(row) for row in rows]
