"""What can go wrong at Clio and at Slack, each behind a switch that stays on until it is turned off."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from brought_forward.sandbox.clio import ClioSandbox, Kind
from brought_forward.sandbox.clio.faults import ENTRY_PATH
from brought_forward.sandbox.slack import SlackSandbox

SLOW = 1.5  # seconds


@dataclass(slots=True)
class Switch:
    """One kind of trouble: `turn_on` makes it and returns what ends it."""

    name: str
    side: str  # "Clio" or "Slack"
    label: str
    says: str
    turn_on: Callable[[], Callable[[], None]]
    _turn_off: Callable[[], None] | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def on(self) -> bool:
        """Whether the trouble is there."""
        return self._turn_off is not None

    def turn(self, on: bool) -> None:
        """Make the trouble or end it; a second time changes nothing."""
        with self._lock:
            if on and self._turn_off is None:
                self._turn_off = self.turn_on()
            elif not on and self._turn_off is not None:
                self._turn_off()
                self._turn_off = None


def switches(slack: SlackSandbox, clio: ClioSandbox) -> dict[str, Switch]:
    """Make the switches of both sides, by name, all off."""

    def at_clio(kind: Kind, **more: Any) -> Callable[[], None]:
        return partial(clio.faults.remove, clio.faults.add(kind, times=None, **more))

    def at_slack(method: str, kind: str, **more: Any) -> Callable[[], None]:
        return partial(slack.faults.remove, slack.faults.add(method, kind, times=None, **more))

    def signed_out() -> Callable[[], None]:
        token = clio.token
        clio.sign_out()
        return partial(clio.sign_in, token) if token else clio.sign_in

    def down() -> Callable[[], None]:
        slack.down()
        return slack.up

    every = (
        Switch(
            "cut", "Clio", "Lost answers", "One entry in four is made, and the line is cut before the answer.",
            partial(at_clio, Kind.CUT_AFTER, method="POST", path=ENTRY_PATH, chance=0.25),
        ),
        Switch("signed-out", "Clio", "Signed out", "Every call is answered 401.", signed_out),
        Switch(
            "slow", "Clio", "Slow", f"Every answer takes {SLOW:g} seconds more.",
            partial(at_clio, Kind.DELAY, seconds=SLOW),
        ),
        Switch(
            "busy", "Clio", "Too many requests", "One call in three is answered 429.",
            partial(at_clio, Kind.LIMITED, chance=1 / 3, retry_after=1),
        ),
        Switch("slack-down", "Slack", "Down", "Every call of the bot is cut.", down),
        Switch(
            "slack-busy", "Slack", "Too many messages", "Every second message is answered 429.",
            partial(at_slack, "chat.*", "ratelimited", every=2),
        ),
        Switch(
            "slack-slow", "Slack", "Slow", f"Every call takes {SLOW:g} seconds more.",
            partial(at_slack, "*", "slow", seconds=SLOW),
        ),
    )  # fmt: skip
    return {switch.name: switch for switch in every}
