"""Firms: their app in Slack, and what they have set."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from brought_forward.storage.audit import link
from brought_forward.storage.database import Database, Table, here, maybe_instant, places, stamp
from brought_forward.storage.keys import Keys
from brought_forward.storage.records.connection import Installation, Left, Source


class Firms(Table):
    """Keep who the firms are. A firm's id is Slack's team id."""

    def __init__(self, file: Database, keys: Keys) -> None:
        super().__init__(file)
        self._keys = keys

    def know(self, firm: str, name: str = "") -> None:
        """Keep that there is a firm, and what Slack calls its workspace where that is told."""
        self._file.change(
            "INSERT INTO firm (id, name, known_at) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
            " name = CASE WHEN excluded.name = '' THEN firm.name ELSE excluded.name END",
            (firm, name, stamp()),
        )

    def all(self) -> list[str]:
        """List the firms, the oldest first."""
        return [firm for (firm,) in self._file.tuples("SELECT id FROM firm ORDER BY known_at, id")]

    # The app in Slack

    def know_environments(self, firm: str, *, name: str, bot_user: str) -> None:
        """Keep whose the environment's token is; it has one, so it serves one workspace."""
        with self._file.transaction():
            self.know(firm, name)
            self._file.change(
                "DELETE FROM slack_installation WHERE source = ? AND firm <> ?", (Source.ENVIRONMENT, firm)
            )
            self._file.change(
                "INSERT INTO slack_installation (firm, bot_user, source, installed_at) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (firm) DO UPDATE SET bot_user = excluded.bot_user, source = excluded.source,"
                " token = NULL, key_id = NULL, ended_at = NULL, ended_by = NULL",
                (firm, bot_user, Source.ENVIRONMENT, stamp()),
            )

    def install(self, firm: str, *, name: str, bot_user: str, token: str, by: str | None) -> None:
        """Keep the app of a firm's workspace with its token; once more is as good, and so is one after its end."""
        with self._file.transaction():  # sealed within it: a key that is changed meanwhile waits for it
            self.know(firm, name)
            before = self.installation(firm)
            sealed, key = self._keys.seal(token)
            self._file.change(
                "INSERT INTO slack_installation (firm, bot_user, source, token, key_id, installed_at, installed_by)"
                " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (firm) DO UPDATE SET bot_user = excluded.bot_user,"
                " source = excluded.source, token = excluded.token, key_id = excluded.key_id,"
                " installed_at = excluded.installed_at, installed_by = excluded.installed_by, ended_at = NULL,"
                " ended_by = NULL",
                (firm, bot_user, Source.INSTALL, sealed, key, stamp(), by),
            )
            again = "installed again" if before and before.source is Source.INSTALL else "installed"
            link(self._file, firm, "installation", actor=by, facts={"does": again, "bot_user": bot_user, "key_id": key})

    def uninstalled(self, firm: str, how: Left) -> bool:
        """Keep that the app is gone from a workspace, and forget its token. Returns False where it was gone before."""
        with self._file.transaction():
            changed = self._file.change(
                "UPDATE slack_installation SET ended_at = ?, ended_by = ?, token = NULL, key_id = NULL"
                " WHERE firm = ? AND source = ? AND ended_at IS NULL",
                (stamp(), how, firm, Source.INSTALL),
            )
            if changed == 1:
                link(self._file, firm, "installation", facts={"does": how})
        return changed == 1

    def installation(self, firm: str) -> Installation | None:
        """Read the app of a firm's workspace, gone or not. Returns None where none is known."""
        row = self._file.row(
            "SELECT firm, bot_user, source, installed_at, ended_at, ended_by FROM slack_installation WHERE firm = ?",
            (firm,),
        )
        if row is None:
            return None
        return Installation(
            row["firm"],
            row["bot_user"],
            Source(row["source"]),
            datetime.fromisoformat(row["installed_at"]),
            maybe_instant(row["ended_at"]),
            Left(row["ended_by"]) if row["ended_by"] else None,
        )

    def gone(self, firm: str) -> bool:
        """Say whether the app was in a firm's workspace, and is there no more."""
        found = self._file.value("SELECT 1 FROM slack_installation WHERE firm = ? AND ended_at IS NOT NULL", (firm,))
        return found is not None

    def all_gone(self) -> set[str]:
        """Name the firms in whose workspace the app was, and is no more."""
        rows = self._file.tuples("SELECT firm FROM slack_installation WHERE ended_at IS NOT NULL")
        return {firm for (firm,) in rows}

    def doubtful(self, errors: Sequence[str]) -> list[str]:
        """List the firms whose messages Slack refuses for one of several reasons, though the app counts as there."""
        rows = self._file.tuples(
            f"SELECT DISTINCT firm FROM message WHERE shown < wanted AND error IN ({places(errors)})"
            f" AND {here('message')} ORDER BY firm",
            tuple(errors),
        )
        return [firm for (firm,) in rows]

    def sealed_token(self, firm: str) -> tuple[bytes, str | None] | None:
        """Read the token that a workspace gave, sealed, and by which key. Returns None where there is none."""
        row = self._file.row(
            "SELECT token, key_id FROM slack_installation WHERE firm = ? AND ended_at IS NULL AND token IS NOT NULL",
            (firm,),
        )
        return (row["token"], row["key_id"]) if row else None

    def seal_anew(self) -> int:
        """Seal every workspace's token by the key that seals now. Returns how many were sealed by another.

        Raises KeyLost where one cannot be opened; nothing is changed then.
        """
        current, count = self._keys.current, 0
        with self._file.transaction():
            for row in self._file.rows(
                "SELECT firm, token, key_id FROM slack_installation WHERE token IS NOT NULL AND key_id <> ?", (current,)
            ):
                sealed, key = self._keys.seal(self._keys.open(row["token"], row["key_id"]))
                count += self._file.change(
                    "UPDATE slack_installation SET token = ?, key_id = ? WHERE firm = ?", (sealed, key, row["firm"])
                )
                link(self._file, row["firm"], "installation", facts={"does": "sealed anew", "key_id": key})
        return count

    # What they have set

    def settings(self, firm: str) -> dict[str, Any]:
        """Read what a firm has set, by name."""
        rows = self._file.tuples("SELECT name, value FROM firm_setting WHERE firm = ? ORDER BY name", (firm,))
        return {name: json.loads(value) for name, value in rows}

    def set(self, firm: str, values: Mapping[str, Any], *, by: str) -> None:
        """Keep settings of a firm: plain values, as JSON has them. The audit log has each with the one before."""
        with self._file.transaction():
            before = self.settings(firm)
            self.know(firm)
            for name, value in values.items():
                self._file.change(
                    "INSERT INTO firm_setting (firm, name, value, set_by, set_at) VALUES (?1, ?2, ?3, ?4, ?5)"
                    " ON CONFLICT (firm, name) DO UPDATE SET value = ?3, set_by = ?4, set_at = ?5",
                    (firm, name, json.dumps(value), by, stamp()),
                )
            words = {name: {"from": before.get(name), "to": value} for name, value in values.items()}
            link(self._file, firm, "setting", actor=by, facts={"names": sorted(values)}, words=words)
