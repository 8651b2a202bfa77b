"""Keep to Clio's limit: a fixed window of calls for each sign-in, as its own headers tell.

Source: docs.developers.clio.com, "Rate limits": X-RateLimit-Limit, -Remaining and -Reset (unix seconds) on each answer,
Retry-After on a 429, counted per access token.
"""

import logging
import threading
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from brought_forward.bot.errors import Stopping
from brought_forward.bot.settings import Timing
from brought_forward.storage.listings import Paces

log = logging.getLogger(__name__)


class Pace:
    """Let each call wait for its place in Clio's window. All processes share the row in the database."""

    def __init__(self, paces: Paces, connection: str, timing: Timing, stopping: threading.Event) -> None:
        self.connection = connection  # "us:123": the region and Clio's user, never the token
        self._paces = paces
        self._timing = timing
        self._stopping = stopping
        self._ahead: float | None = None  # how far our clock runs ahead of Clio's, at most

    def wait(self) -> None:
        """Wait until a call may go. Raises Stopping where the bot is being stopped."""
        while True:
            seconds = self._paces.take(
                self.connection, now=time.time(), quota=self._timing.quota, window=self._timing.window
            )
            if seconds <= 0:
                return
            # A process that wakes early asks again; one that sleeps past a changed window does not sleep long.
            if self._stopping.wait(min(seconds, 30.0)):
                raise Stopping

    def heard(self, headers: Mapping[str, str]) -> None:
        """Follow an answer's headers; an answer without them changes nothing."""
        try:
            quota = int(headers["X-RateLimit-Limit"])
            remaining = int(headers["X-RateLimit-Remaining"])
            reset = float(headers["X-RateLimit-Reset"])
            said = parsedate_to_datetime(headers["Date"]).timestamp()
        except (KeyError, ValueError):
            return
        self._paces.heard(
            self.connection, quota=max(quota, 1), remaining=remaining, window_end=reset + self._clock_ahead(said)
        )

    def refused(self, retry_after: float) -> None:
        """Send nothing for so many seconds: Clio answered 429."""
        self._paces.refused(self.connection, until=time.time() + retry_after)

    def _clock_ahead(self, said: float) -> float:
        """Estimate how far our clock runs ahead of Clio's.

        Date is cut to whole seconds and the answer took a while to arrive, so each answer says too much by up to a
        second and a bit; the least of them is nearest, and is never too little: we are never early.
        """
        seen = time.time() - said
        if self._ahead is None or seen < self._ahead or seen > self._ahead + 5:  # a clock was set
            self._ahead = seen
        return self._ahead
