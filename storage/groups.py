"""User groups as Slack last told their members; how old an answer may be is for its reader to say."""

import json
from datetime import datetime

from brought_forward.storage.database import SqliteFile, instant


class Groups:
    """Keep the members of the groups that are named as approvers."""

    def __init__(self, file: SqliteFile) -> None:
        self._file = file

    def keep(self, firm: str, group: str, members: frozenset[str] | None) -> None:
        """Keep what Slack said of a group; None where it did not tell its members."""
        text = None if members is None else json.dumps(sorted(members))
        self._file.change(
            "INSERT INTO user_group (firm, id, members, read_at) VALUES (?1, ?2, ?3, ?4)"
            " ON CONFLICT (firm, id) DO UPDATE SET members = ?3, read_at = ?4",
            (firm, group, text, self._file.clock.stamp()),
        )

    def find(self, firm: str, group: str) -> tuple[frozenset[str], datetime] | None:
        """Read a group's members, and when by the store's clock Slack told them; None where it did not, last time."""
        row = self._file.row("SELECT members, read_at FROM user_group WHERE firm = ? AND id = ?", (firm, group))
        if row is None or row["members"] is None:
            return None
        return frozenset(json.loads(row["members"])), instant(row["read_at"])
