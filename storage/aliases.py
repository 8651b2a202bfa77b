"""What people chose that a text of the sheets means, for a firm and its Clio account, until it is forgotten.

It holds in the channel where it was chosen, until an approver who did not choose it has made it the firm's.
"""

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
        id=row["id"],
        channel=row["channel"],
        confirmed_by=row["confirmed_by"],
    )


class Aliases:
    """Keep choices; one that is replaced or forgotten stays on record, out of force."""

    def __init__(self, file: SqliteFile) -> None:
        self._file = file

    def remember_alias(
        self,
        *,
        firm: str,
        account: str,
        kind: AliasKind,
        text: str,
        clio_id: int,
        label: str,
        by: str,
        channel: str | None = None,
    ) -> None:
        """Remember what a text means in the sheets of a channel; a later choice there replaces it.

        `label` is the matter's number or the user's name now. A text without a character to see is not remembered, and
        what means the same already stays the choice of who made it.
        """
        key = folded(text)
        if not key:
            return
        with self._file.transaction():
            known = {(one.kind, one.folded): one for one in self.here(firm, account, channel)}.get((kind, key))
            if known and known.clio_id == clio_id:
                return
            self._file.change(
                "UPDATE alias SET forgotten_by = ?, forgotten_at = ? WHERE firm = ? AND account = ? AND kind = ?"
                " AND folded = ? AND channel IS NOT DISTINCT FROM ? AND confirmed_at IS NULL AND forgotten_at IS NULL",
                (by, stamp(), firm, account, kind, key, channel),
            )
            self._file.change(
                "INSERT INTO alias (firm, account, kind, text, folded, clio_id, label, chosen_by, chosen_at, channel)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (firm, account, kind, text.strip(), key, clio_id, label, by, stamp(), channel),
            )

    def here(self, firm: str, account: str, channel: str | None) -> list[Alias]:
        """List what texts mean in a channel: what was chosen there, else what an approver made the firm's."""
        rows = self._file.rows(
            "SELECT * FROM alias WHERE firm = ? AND account = ? AND forgotten_at IS NULL"
            " AND (confirmed_at IS NOT NULL OR channel IS NULL OR channel IS NOT DISTINCT FROM ?)"
            " ORDER BY confirmed_at IS NULL, channel IS NOT NULL, id",
            (firm, account, channel),
        )
        return list({(row["kind"], row["folded"]): _alias(row) for row in rows}.values())  # the last one counts

    def aliases(self, firm: str, *, of: str | None = None) -> list[Alias]:
        """List a firm's choices in force by their text, those of one person where they are named."""
        rows = self._file.rows(
            "SELECT * FROM alias WHERE firm = ? AND (?2 IS NULL OR chosen_by = ?2) AND forgotten_at IS NULL"
            " ORDER BY kind, folded, id",
            (firm, of),
        )
        return [_alias(row) for row in rows]

    def forget_alias(self, firm: str, text: str, *, by: str, of: str | None = None) -> list[Alias]:
        """Take what a text means out of force, as matter and as user; list what was forgotten.

        `of` forgets only what that person has chosen.
        """
        rows = self._file.rows(
            "UPDATE alias SET forgotten_by = ?1, forgotten_at = ?2 WHERE firm = ?3 AND folded = ?4"
            " AND (?5 IS NULL OR chosen_by = ?5) AND forgotten_at IS NULL RETURNING *",
            (by, stamp(), firm, folded(text), of),
        )
        return [_alias(row) for row in rows]
