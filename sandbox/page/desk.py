"""What a visitor of the page can do to the world around Slack: the bot's process, the speed of time, the faults."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from functools import partial
from typing import Any, Protocol

from brought_forward.sandbox.clio import ClioSandbox, Kind
from brought_forward.sandbox.clio.faults import ENTRY_PATH
from brought_forward.sandbox.slack import SlackSandbox

WINDOW = 60.0  # seconds of Clio's window, in real life
RETRIES = (0.2, 60.0, 300.0)  # seconds until Slack sends an event again, in real life
SPEEDS = (1, 10, 60)


class Process(Protocol):
    """The bot as a process: `start` returns when it listens, `kill` is SIGKILL, `stop` is gentle."""

    @property
    def is_running(self) -> bool:
        """Whether it is there."""

    def start(self) -> None:
        """Start it."""

    def kill(self) -> None:
        """End it at once."""

    def stop(self) -> None:
        """End it."""

    def tail(self) -> list[str]:
        """Read the last lines of its log."""


@dataclass(frozen=True, slots=True)
class Approved:
    """What the bot's own books say of one entry that was approved."""

    matter_id: int
    user_id: int
    amount: Decimal
    posted: bool


class BotState(StrEnum):
    """Where the bot's process stands."""

    DOWN = "down"
    STARTING = "starting"
    UP = "up"


class Desk:
    """The switches beside the pretend Slack and the pretend Clio.

    `hire` makes the bot's process for a speed, not started yet; `approved` reads what the bot has in its books, at most
    once a second. With a speed of 10, Clio's window of a minute lasts six seconds, and the bot waits in proportion.
    """

    def __init__(
        self,
        slack: SlackSandbox,
        clio: ClioSandbox,
        hire: Callable[[int], Process],
        *,
        speed: int = 10,
        approved: Callable[[], Sequence[Approved]] = tuple,
    ) -> None:
        self.switches: dict[str, Switch] = switches(slack, clio)
        self._slack, self._clio, self._hire, self._approved = slack, clio, hire, approved
        self._lock = threading.RLock()  # one at a time moves the process
        self._starting = False
        self._known: tuple[float, Sequence[Approved]] = (0.0, ())
        self.trouble = ""  # why the last start failed
        self.speed = speed
        self._process = self._at_speed(speed)

    def _at_speed(self, speed: int) -> Process:
        self.speed = speed
        self._clio.window = WINDOW / speed
        self._slack.rules.retry_pauses = tuple(pause / speed for pause in RETRIES)
        return self._hire(speed)

    @property
    def is_running(self) -> bool:
        """Whether the bot's process is there."""
        return self._process.is_running

    @property
    def state(self) -> BotState:
        """Tell where the bot stands."""
        if self._starting:
            return BotState.STARTING
        return BotState.UP if self.is_running else BotState.DOWN

    def start_bot(self) -> None:
        """Start the bot, unless it runs, and wait until it listens. What went wrong is in `trouble`."""
        with self._lock:
            if self.is_running:
                return
            self._starting, self.trouble = True, ""
            try:
                self._process.start()
            except Exception as failed:  # noqa: BLE001 - whatever it is, the visitor is told
                self.trouble = str(failed)
            finally:
                self._starting = False

    def kill_bot(self) -> None:
        """Send the bot SIGKILL: it has no time for a last word."""
        self._process.kill()

    def close(self) -> None:
        """End the bot."""
        with self._lock:
            self._process.stop()

    def set_speed(self, speed: int) -> None:
        """Let time pass faster or slower. A bot that runs is ended gently and started with waits to match.

        Raises ValueError for a speed that is not offered.
        """
        if speed not in SPEEDS:
            raise ValueError(speed)
        with self._lock:
            if speed == self.speed:
                return
            ran = self.is_running
            self._process.stop()
            self._process = self._at_speed(speed)
            if ran:
                self.start_bot()

    def log(self) -> list[str]:
        """Read the last lines of the bot's log."""
        return self._process.tail()

    def approved(self) -> Sequence[Approved]:
        """Read the bot's books."""
        at, known = self._known
        if time.monotonic() - at > 1.0:
            known = self._approved()
            self._known = (time.monotonic(), known)
        return known


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
