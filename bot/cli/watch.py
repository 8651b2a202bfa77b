"""Whether the bot is well: looked at every few seconds by a thread of its own, told to whoever asks from outside.

Who asks is answered from the last look, so that nobody keeps the database busy by asking.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from brought_forward.bot.app import Bot
from brought_forward.bot.cli.systemd import notify

log = logging.getLogger(__name__)

LATE = 4  # looks that are due and did not come, before the database counts as out of reach


class Watch:
    """What is known of the bot's health."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._gauges = bot.store.gauges
        self._every = bot.settings.balances_timing.watch
        self.hears: Callable[[], bool] = lambda: False  # whether Slack reaches the bot; set once it listens
        self.took: Callable[[float], None] = lambda seconds: None  # told how long each acknowledgement took
        self.count: Callable[[], None] = lambda: None  # counts what is measured beside, at each look
        self._sick = ""
        self._looked_at = time.monotonic()
        self._owed_since: dict[int, float] = {}  # by message: the look that first found it owed
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    def start(self) -> None:
        """Say that the bot has started, and look again and again from now on."""
        notify(READY="1")
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._over.set()
        notify(STOPPING="1")
        if self._thread.is_alive():
            self._thread.join(1)

    @property
    def writable(self) -> bool:
        """Whether the database could be written at the last look, which was not long ago."""
        return not self.sick().startswith("The database")

    def sick(self) -> str:
        """Say what is wrong with the bot, and nothing where it is well."""
        silent = time.monotonic() - self._looked_at
        if silent > LATE * self._every:
            return f"The database has not answered for {silent:.0f} seconds."
        return self._sick

    def unready(self) -> str:
        """Say why the bot does not serve people now, and nothing where it does."""
        return self.sick() or ("" if self.hears() else "Slack is not connected.")

    def owed(self) -> int:
        """Count the messages that Slack does not show yet."""
        return len(self._owed_since)

    def outbox_age(self) -> float:
        """Tell for how many seconds the oldest of them has been owed."""
        since = list(self._owed_since.values())
        return time.monotonic() - min(since) if since else 0.0

    def _run(self) -> None:
        while True:
            try:
                self._look()
            except Exception:
                if self._over.is_set():  # the file is closed by now
                    return
                log.exception("could not look")
            if self._over.wait(self._every):
                return

    def _look(self) -> None:
        trouble = self._gauges.trouble()
        dead = [thread.name for thread in self._bot.threads if not thread.is_alive()]
        said = [f"The database cannot be written: {trouble}."] if trouble else []
        said += [f"No longer at work: {', '.join(dead)}."] if dead else []
        sick = " ".join(said)
        if sick != self._sick:
            log.log(logging.ERROR if sick else logging.INFO, "%s", sick or "well again")
        self._sick, self._looked_at = sick, time.monotonic()
        # A sick disk is told, not cured by another start, so that alone lets no systemd restart the bot.
        notify(STATUS=self.unready() or "Serving.", **({} if dead else {"WATCHDOG": "1"}))
        if not trouble:
            now = time.monotonic()
            self._owed_since = {number: self._owed_since.get(number, now) for number in self._gauges.owed()}
            self.count()
