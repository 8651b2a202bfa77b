"""How what Slack sends reaches the bot: to its request URL, or over a WebSocket that the bot has opened."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol


class Sort(StrEnum):
    """What is sent, by the name that Socket Mode has for it."""

    EVENTS = "events_api"
    INTERACTIVE = "interactive"
    COMMANDS = "slash_commands"


@dataclass(frozen=True, slots=True)
class Reply:
    """How the bot answered; `status` is None when it did not, and `reason` says why."""

    status: int | None
    body: str = ""
    reason: str = ""
    headers: dict[str, str] = field(default_factory=dict)  # names in lower case

    @property
    def ok(self) -> bool:
        """Tell whether Slack takes this for an acknowledgement."""
        return self.status is not None and 200 <= self.status < 300


class Way(Protocol):
    """One of the two."""

    @property
    def is_known(self) -> bool:
        """Tell whether there is anything to send to at all."""

    def exchange(self, sort: Sort, payload: dict[str, Any], attempt: int, reason: str) -> Reply:
        """Send a payload and wait for the answer; the first attempt is 0, `reason` says why there is another."""
