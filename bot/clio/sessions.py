"""Connections to Clio: kept open between calls, lent to one call at a time, whichever thread makes it."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import requests

from brought_forward.bot.clio.gate import GatedAdapter

RESTED = 10.0  # seconds


class Sessions:
    """Lend sessions."""

    def __init__(self, give_up: float) -> None:
        self._give_up = give_up  # seconds after which the system drops what Clio's side has not received
        self._idle: list[tuple[float, requests.Session]] = []  # since when; the last one used last
        self._lock = threading.Lock()

    @contextmanager
    def lend(self) -> Iterator[requests.Session]:
        """Lend the session that was used last, or a new one.

        A connection that rested is not used again: Clio may have closed it, and a POST that it cuts must be looked up.
        """
        long_ago = time.monotonic() - RESTED
        with self._lock:
            rested = [session for since, session in self._idle if since < long_ago]
            self._idle = [idle for idle in self._idle if idle[0] >= long_ago]
            session = self._idle.pop()[1] if self._idle else self._new()
        for one in rested:
            one.close()
        try:
            yield session
        finally:
            with self._lock:
                self._idle.append((time.monotonic(), session))

    def _new(self) -> requests.Session:
        session = requests.Session()
        for scheme in ("https://", "http://"):
            session.mount(scheme, GatedAdapter(self._give_up))
        return session
