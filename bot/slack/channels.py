"""How fast each channel of a firm takes messages, workbooks among them: one count for all who send."""

import threading
import time

from brought_forward.bot.settings import Timing

BURST = 3  # messages a channel takes at once before one a second holds


class Channels:
    """Count what was sent into each channel, and remember which ones Slack asked to leave alone."""

    def __init__(self, timing: Timing) -> None:
        self._timing = timing
        self._lock = threading.Lock()
        self._sent: dict[tuple[str, str], list[float]] = {}  # by firm and channel: when it got its last messages
        self._held: dict[tuple[str, str], float] = {}  # channels that Slack asked to leave alone, until when

    def took(self, firm: str, channel: str) -> None:
        """Count a message."""
        with self._lock:
            self._sent.setdefault((firm, channel), []).append(time.monotonic())

    def hold(self, firm: str, channel: str, seconds: float) -> None:
        """Leave a channel alone so long, as Slack asked."""
        with self._lock:
            self._held[firm, channel] = time.monotonic() + seconds

    def busy(self, firm: str) -> set[str]:
        """Name a firm's channels that may take nothing now: one a second after a burst, or as Slack asked."""
        now = time.monotonic()
        with self._lock:
            self._held = {place: until for place, until in self._held.items() if until > now}
            for place, times in list(self._sent.items()):
                times[:] = [at for at in times if now - at < BURST * self._timing.post_gap]
                if not times:
                    del self._sent[place]
            full = {place for place, times in self._sent.items() if len(times) >= BURST}
            return {channel for whose, channel in full | set(self._held) if whose == firm}
