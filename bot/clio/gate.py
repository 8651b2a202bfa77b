"""The last look at the clock before a request leaves: one that comes too late is never completed.

Between a claim and the network lie other threads, a name to be looked up, a connection, TLS and a full buffer, and the
process may be frozen at any of them. So the clock is read as the very last thing before each part of a request is
handed over, and once more before the system lets it go; a server cannot act before the last part is there.
"""

import functools
import math
import socket
import ssl
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool
from urllib3.connection import HTTPConnection
from urllib3.util.wait import wait_for_write

AT_ONCE = struct.pack("ii", 1, 0)  # a close then drops what has not left

_deadline: ContextVar[float] = ContextVar("deadline", default=math.inf)


class TooLate(Exception):  # noqa: N818 - urllib3 and requests hand on what is none of theirs, after closing the connection
    """Say that a request was not completed: its time was over."""


@contextmanager
def sent_by(deadline: float) -> Iterator[None]:
    """Let requests of this thread leave before a moment of the monotonic clock, or raise TooLate."""
    before = _deadline.set(deadline)
    try:
        yield
    finally:
        _deadline.reset(before)


class _Gate(HTTPConnection):
    """A connection that looks at the clock at each send."""

    def send(self, data: Any) -> None:
        """Send bytes as long as there is time. Raises TooLate."""
        deadline = _deadline.get()
        if deadline == math.inf:
            super().send(data)
            return
        if self.sock is None:
            self.connect()
        left = memoryview(data)
        while left:
            left = left[self._pass(left, deadline) :]

    def _pass(self, data: memoryview, deadline: float) -> int:
        """Hand over what the connection takes at once, and count it.

        Not by `sendall`, which waits for its turn between threads, and for room, after the clock was read. Where the
        system can (Linux), it holds the bytes back until the clock was read once more, 200 ms at most: a process that
        was frozen just before it handed them over takes them back as it wakes. One that was frozen just after does not
        know whether they have left, in time; that is no TooLate but a cut, and is looked up.
        """
        patience = self.sock.gettimeout()
        if not wait_for_write(self.sock, patience):
            raise TimeoutError("the connection takes nothing")
        self.sock.settimeout(0)
        self._hold(True)
        try:
            if time.monotonic() > deadline:
                raise TooLate
            count: int = self.sock.send(data)
            if time.monotonic() > deadline:
                if isinstance(self.sock, socket.socket):
                    self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
                raise ConnectionAbortedError("held up while it was sent")
            self._hold(False)
        except (BlockingIOError, ssl.SSLWantWriteError):
            return 0
        else:
            return count
        finally:
            self.sock.settimeout(patience)

    def _hold(self, held: bool) -> None:
        """Let the system hold back what it is given, or let it go."""
        if hasattr(socket, "TCP_CORK") and isinstance(self.sock, socket.socket):  # TLS within a proxy's TLS is none
            self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, int(held))


class GatedAdapter(HTTPAdapter):
    """Open connections that look at the clock, directly and through proxies. It never retries."""

    def __init__(self, give_up: float) -> None:
        """Let the system drop what Clio's side has not received after so many seconds, where it can.

        Else it goes on sending for minutes after a connection was closed, and a POST could arrive after the look-up.
        """
        self._options = list(HTTPConnection.default_socket_options)
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            self._options.append((socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(give_up * 1000)))
        super().__init__()

    def init_poolmanager(self, *args: Any, **more: Any) -> None:
        """Open connections directly."""
        super().init_poolmanager(*args, socket_options=self._options, **more)
        _gate(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **more: Any) -> Any:
        """Open connections through a proxy."""
        is_new = proxy not in self.proxy_manager
        manager = super().proxy_manager_for(proxy, socket_options=self._options, **more)
        if is_new:
            _gate(manager)
        return manager


def _gate(manager: Any) -> None:
    kinds: dict[str, type[HTTPConnectionPool]] = manager.pool_classes_by_scheme
    manager.pool_classes_by_scheme = {scheme: _gated(kind) for scheme, kind in kinds.items()}  # type: ignore[arg-type]  # a class is hashable


@functools.cache
def _gated(kind: type[HTTPConnectionPool]) -> type[HTTPConnectionPool]:
    connection = type(f"Gated{kind.ConnectionCls.__name__}", (_Gate, kind.ConnectionCls), {})
    return type(f"Gated{kind.__name__}", (kind,), {"ConnectionCls": connection})


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
