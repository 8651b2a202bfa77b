"""Clio's rate limit: so many requests a token in a fixed window, told in headers (docs.developers.clio.com)."""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass

UNLIMITED = 1_000_000


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one request was granted, and what its headers say."""

    granted: bool
    limit: int
    remaining: int
    ends: float  # unix seconds
    now: float

    @property
    def retry_after(self) -> int:
        """Whole seconds to the window's end, rounded up, at least 1."""
        return max(1, math.ceil(self.ends - self.now))

    @property
    def headers(self) -> dict[str, str]:
        """Write the three headers that every answer carries."""
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Reset": str(math.ceil(self.ends)),
        }


class RateLimit:
    """Count requests by token in windows aligned to the epoch; a limit of 0 counts and refuses nothing."""

    def __init__(self, limit: int | None, window: float) -> None:
        self.limit = limit
        self.window = window
        self._lock = threading.Lock()
        self._used: dict[str, tuple[float, int]] = {}  # by token: the window's end, the requests within

    def take(self, token: str, now: float) -> Allowance:
        """Count one request at `now`, in unix seconds, unless the window is used up."""
        with self._lock:
            ends = (math.floor(now / self.window) + 1) * self.window
            limit = self.limit or UNLIMITED
            window, used = self._used.get(token, (ends, 0))
            if window != ends:
                used = 0
            granted = used < limit or not self.limit
            used += granted
            self._used[token] = (ends, used)
            return Allowance(granted, limit, max(limit - used, 0), ends, now)

    def look(self, token: str, now: float) -> Allowance:
        """Tell what is left of the window, without counting."""
        with self._lock:
            ends = (math.floor(now / self.window) + 1) * self.window
            limit = self.limit or UNLIMITED
            window, used = self._used.get(token, (ends, 0))
            left = max(limit - used, 0) if window == ends else limit
            return Allowance(left > 0, limit, left, ends, now)

    def reset(self) -> None:
        """Forget what was used, as if a new window began."""
        with self._lock:
            self._used.clear()
