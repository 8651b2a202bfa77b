"""What surely did not reach Clio, and for how long nothing has: a person hears of it though nothing is refused."""

import time

import requests
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError

ROW = 3  # calls in a row, at least: one that is put off for long by itself is no news yet


class Patience:
    """Count the calls in a row that Clio put off (429) or that never reached it."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._times = 0
        self._since = 0.0

    def answered(self) -> None:
        """Begin anew: Clio has looked at a call."""
        self._times = 0

    def put_off(self, wait: float = 0.0) -> bool:
        """Count one more; true where it lasts so long, or is to last `wait` seconds so long, that it is told."""
        if not self._times:
            self._since = time.monotonic()
        self._times += 1
        lasted = time.monotonic() - self._since >= self._seconds and self._times >= ROW
        return lasted or wait > 2 * self._seconds


def never_sent(cut: requests.RequestException, url: str) -> bool:
    """Say whether a call surely never left: no connection came about, and it was no proxy's to make.

    A handshake that fails or times out is none of these: urllib3 has other errors for it.
    """
    reason = cut.args[0].reason if cut.args and isinstance(cut.args[0], MaxRetryError) else None
    between = requests.utils.select_proxy(url, requests.utils.get_environ_proxies(url))
    return between is None and isinstance(reason, (NewConnectionError, ConnectTimeoutError))
