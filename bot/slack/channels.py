"""How fast each channel takes messages, workbooks among them: one count for all who send."""

import threading
import time

from brought_forward.bot.settings import Timing

BURST = 3  # messages a channel takes at once before one a second holds


class Channels:
    """Count what was sent into each channel, and remember which ones Slack asked to leave alone."""

    def __init__(self, timing: Timing) -> None:
        self._timing = timing
        self._lock = threading.Lock()
        self._sent: dict[str, list[float]] = {}  # when each channel got its last messages
        self._held: dict[str, float] = {}  # channels that Slack asked to leave alone, until when

    def took(self, channel: str) -> None:
        """Count a message."""
        with self._lock:
            self._sent.setdefault(channel, []).append(time.monotonic())

    def hold(self, channel: str, seconds: float) -> None:
        """Leave a channel alone so long, as Slack asked."""
        with self._lock:
            self._held[channel] = time.monotonic() + seconds

    def busy(self) -> set[str]:
        """Name the channels that may take nothing now: one a second after a burst, or as Slack asked."""
        now = time.monotonic()
        with self._lock:
            self._held = {channel: until for channel, until in self._held.items() if until > now}
            busy = set(self._held)
            for channel, times in self._sent.items():
                times[:] = [at for at in times if now - at < BURST * self._timing.post_gap]
                if len(times) >= BURST:
                    busy.add(channel)
        return busy
