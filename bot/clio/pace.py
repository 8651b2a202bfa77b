"""Keep to Clio's limit: a fixed window of calls for each sign-in, as its own headers tell.

Source: docs.developers.clio.com, "Rate limits": X-RateLimit-Limit, -Remaining and -Reset (unix seconds) on each answer,
Retry-After on a 429, counted per access token.
"""

import logging
import math
import statistics
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from brought_forward.bot.errors import pause_for
from brought_forward.bot.settings import Timing
from brought_forward.storage.pace import LATE, MOST_LEFT, Paces, Window

log = logging.getLogger(__name__)

KEPT = 2  # calls of a window that a run leaves for look-ups and people's commands, until the window's last tenth
QUICK = 0.02  # seconds: where Clio answers within that, one call at a time is enough for any limit
LAGS = 5.0  # seconds past a window: more than whole seconds and a slow answer explain
SPARE = 1.5  # times as many calls at once as the latency asks for: answers are not all alike


_shared: ContextVar[bool] = ContextVar("shared", default=False)


@contextmanager
def beside_runs() -> Iterator[None]:
    """Let calls of this thread leave a run its share of the window: they are reads for previews."""
    before = _shared.set(True)
    try:
        yield
    finally:
        _shared.reset(before)


class Pace:
    """Let each call wait for its place in Clio's window. All processes share the row in the database."""

    def __init__(self, paces: Paces, connection: str, timing: Timing, stopping: threading.Event) -> None:
        self.connection = connection  # "us:123": the region and Clio's user, never the token
        self._paces = paces
        self._timing = timing
        self._stopping = stopping
        self._took: deque[float] = deque(maxlen=15)  # seconds of the last POSTs that were answered
        self._window: Window | None = None  # as of the last call
        self._ahead: float | None = None  # how far our clock runs ahead of Clio's, at most

    def wait(self, *, run: bool = False) -> None:
        """Wait until a call may go, of a run's own where it says so. Raises Stopping where the bot is being stopped."""
        while (seconds := self.take(run=run)) > 0:
            pause_for(self._stopping, seconds)

    def take(self, *, kept: int = 0, run: bool = False) -> float:
        """Take a place in the window; the seconds to wait before asking again, 0 where the call may go now.

        A run gives KEPT: it then leaves these for whoever else waits, and room for other programs.
        """
        now = self._now()
        window = self._window = self._paces.take(
            self.connection,
            now=now,
            quota=self._timing.quota,
            window=self._timing.window,
            kept=kept,
            run=run or kept > 0,
            shared=_shared.get(),
        )
        if window.wait <= 0:
            return 0.0
        seconds, late = window.wait, window.wait - self._timing.window * LATE
        if window.remaining > 0:  # left for others: less and less of it as the window ends
            step = self._timing.window / 20
            seconds = min(seconds, late if late > 0 and window.others < 1 else step)
        # A process that wakes early asks again; one that sleeps past a changed window does not sleep long.
        return min(seconds, 30.0)

    def took(self, seconds: float) -> None:
        """Say how long Clio took to answer a POST."""
        self._took.append(seconds)

    @property
    def at_once(self) -> int:
        """How many calls under way at once use the window up, as long as Clio takes just now; at least 1."""
        window, latency = self._window, self._latency
        if window is None or latency < QUICK:
            return 1
        left = max(window.ends - self._now(), latency)
        rate = max(window.quota / self._timing.window, window.remaining / left)
        return min(max(math.ceil(latency * rate * SPARE), 1), self._timing.in_flight)

    @property
    def seconds_each(self) -> float:
        """How long a POST takes of a run's time, as measured: the limit may not be what holds it back."""
        return self._latency / self.at_once

    def seconds_left(self, calls: int) -> float:
        """Estimate how long so many calls take: until the window opens that has a place for the last of them."""
        window, now, length = self._window or self._paces.last(self.connection), self._now(), self._timing.window
        if window is None:
            return calls * length / self._timing.quota
        free = max(window.quota - window.others, window.quota * (1 - MOST_LEFT), 1)
        if window.others >= 1:  # then calls are spread over each window
            return max(calls * length / free, calls * self.seconds_each)
        is_open = now < window.ends
        later = max(calls - (max(window.remaining, 0) if is_open else free), 0)  # than in this window
        windows = math.ceil(later / free)
        wait = (window.ends if is_open else now + length) - now + (windows - 1) * length if windows else 0.0
        last = later - (windows - 1) * free if windows else calls
        return max(wait + last * self.seconds_each, calls * self.seconds_each)

    @property
    def _latency(self) -> float:
        return statistics.median(self._took.copy() or (0.0,))

    def heard(self, headers: Mapping[str, str]) -> None:
        """Follow an answer's headers; an answer without them changes nothing."""
        try:
            ahead = self._clock_ahead(parsedate_to_datetime(headers["Date"]).timestamp())
            quota = int(headers["X-RateLimit-Limit"])
            remaining = int(headers["X-RateLimit-Remaining"])
            reset = float(headers["X-RateLimit-Reset"])
        except (KeyError, ValueError):
            return
        now = self._now()
        ends = self._end_of(reset, ahead, now)
        self._paces.heard(self.connection, now=now, quota=max(quota, 1), remaining=remaining, window_end=ends)

    def _end_of(self, reset: float, ahead: float, now: float) -> float:
        """Say when the window ends by our clock: never further away than a window lasts.

        Where Date would have it further off, Date itself lags (a cache before Clio, say), and our clock is believed.
        """
        latest = now + self._timing.window
        ends = reset + ahead
        if ends > latest + LAGS and reset > now:
            ends = reset
        return min(ends, latest)

    def clios_time(self) -> datetime | None:
        """Tell the time by Clio's own clock, never later than it is there. Returns None before Clio's first answer."""
        return None if self._ahead is None else datetime.fromtimestamp(self._now() - self._ahead, UTC)

    def refused(self, retry_after: float) -> None:
        """Send nothing for so many seconds: Clio answered 429."""
        self._paces.refused(self.connection, until=self._now() + retry_after)

    def _now(self) -> float:
        return self._paces.clock.now().timestamp()

    def _clock_ahead(self, said: float) -> float:
        """Estimate how far our clock runs ahead of Clio's.

        Date is cut to whole seconds and the answer took a while to arrive, so each answer says too much by up to a
        second and a bit; the least of them is nearest, and is never too little: we are never early.
        """
        seen = self._now() - said
        if self._ahead is None or seen < self._ahead or seen > self._ahead + 5:  # Clio's clock was set
            self._ahead = seen
        return self._ahead
