"""Firms: their app in Slack, and what they have set."""

import json
from collections.abc import Mapping
from typing import Any

from brought_forward.storage.audit import link
from brought_forward.storage.database import Table, stamp
from brought_forward.storage.records.connection import Installation, Source


class Firms(Table):
    """Keep who the firms are. A firm's id is Slack's team id."""

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

    def install(self, firm: str, *, name: str, bot_user: str, source: Source) -> None:
        """Keep the app of a firm's workspace; the environment has one token, so it serves one workspace."""
        with self._file.transaction():
            self.know(firm, name)
            if source is Source.ENVIRONMENT:
                self._file.change("DELETE FROM slack_installation WHERE source = ? AND firm <> ?", (source, firm))
            self._file.change(
                "INSERT INTO slack_installation (firm, bot_user, source, installed_at) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (firm) DO UPDATE SET bot_user = excluded.bot_user, source = excluded.source",
                (firm, bot_user, source, stamp()),
            )

    def installation(self, firm: str) -> Installation | None:
        """Read the app of a firm's workspace. Returns None where none is known."""
        row = self._file.row("SELECT firm, bot_user, source FROM slack_installation WHERE firm = ?", (firm,))
        return Installation(row["firm"], row["bot_user"], Source(row["source"])) if row else None

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
