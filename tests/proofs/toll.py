"""A relay between the bot and Clio that freezes the bot between the headers of a POST and its body.

It has a process of its own and nothing else to do: some ten microseconds after the bot has handed over the headers, it
is stopped. The body follows only after the bot's last look at the clock, so the freeze falls next to that look.
"""

import os
import selectors
import signal
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Self, TextIO
from urllib.parse import urlsplit

SO_TIMESTAMPNS = 35  # Linux, which the socket module does not name
ORDER = struct.Struct("id")  # which process, and how many seconds after the headers
POST = b"POST /api/v4/activities.json"
END = b"\r\n\r\n"


class Toll:
    """Relay to an address on loopback; `aim` at a process, then `hit` says whether it was stopped.

    `bodies` then holds a line for each body: unix nanoseconds at which the system received it, and what it says.
    """

    def __init__(self, url: str, bodies: Path) -> None:
        listening = socket.create_server(("127.0.0.1", 0), backlog=64)
        port = urlsplit(url).port or 0
        self.url = url.replace(f":{port}/", f":{listening.getsockname()[1]}/")
        self._orders, orders = socket.socketpair()
        self._orders.setblocking(False)
        files = (listening.fileno(), orders.fileno())
        self._process = subprocess.Popen(
            [sys.executable, __file__, *map(str, files), str(port), str(bodies)], pass_fds=files, env=os.environ
        )
        listening.close()
        orders.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        self._orders.close()

    def aim(self, process: int, seconds: float) -> None:
        """Stop a process so long after the headers of its next POST have come."""
        self._orders.send(ORDER.pack(process, seconds))

    def hit(self) -> bool:
        """Say whether it was stopped since the last time it was asked."""
        try:
            return bool(self._orders.recv(1))
        except BlockingIOError:
            return False


class _Relay:
    """Pass on what comes, in a loop without end."""

    def __init__(self, listening: socket.socket, orders: socket.socket, port: int, bodies: TextIO) -> None:
        self._port, self._bodies, self._orders = port, bodies, orders
        self._aim: tuple[int, float] | None = None
        self._others: dict[Any, socket.socket] = {}
        self._clients: set[Any] = set()
        self._watched = selectors.DefaultSelector()
        self._watched.register(listening, selectors.EVENT_READ, self._accept)
        self._watched.register(orders, selectors.EVENT_READ, self._order)

    def run(self) -> None:
        while True:
            for key, _ in self._watched.select():
                if key.data != self._pass or key.fileobj in self._others:  # its other half may just have closed it
                    key.data(key.fileobj)

    def _order(self, orders: socket.socket) -> None:
        if not (order := orders.recv(ORDER.size)):
            sys.exit()
        self._aim = ORDER.unpack(order)

    def _accept(self, listening: socket.socket) -> None:
        client = listening.accept()[0]
        client.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        clio = socket.create_connection(("127.0.0.1", self._port))
        self._clients.add(client)
        for one, other in ((client, clio), (clio, client)):
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._others[one] = other
            self._watched.register(one, selectors.EVENT_READ, self._pass)

    def _pass(self, here: socket.socket) -> None:
        data, at = _take(here)
        if self._aim and data.startswith(POST) and data.endswith(END):
            self._stop(*self._aim)
        body = data.partition(END)[2] if data.startswith(POST) else data
        if here in self._clients and body.startswith(b"{"):
            self._bodies.write(f"{at}\t{body.decode()}\n")
            self._bodies.flush()
        if not data or not _give(self._others[here], data):
            for one in (here, self._others[here]):
                self._watched.unregister(one)
                del self._others[one]
                self._clients.discard(one)
                one.close()

    def _stop(self, process: int, seconds: float) -> None:
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            pass
        os.kill(process, signal.SIGSTOP)
        self._aim = None
        self._orders.send(b"!")


def _take(sock: socket.socket) -> tuple[bytes, int]:
    """Read what came, and when the system received it: this process may be slow to look."""
    try:
        data, more, _, _ = sock.recvmsg(65536, 64)
    except OSError:
        return b"", 0
    for _, kind, value in more:
        if kind == SO_TIMESTAMPNS:
            seconds, nanoseconds = struct.unpack("qq", value)
            return data, seconds * 1_000_000_000 + nanoseconds
    return data, 0


def _give(sock: socket.socket, data: bytes) -> bool:
    try:
        sock.sendall(data)
    except OSError:
        return False
    return True


if __name__ == "__main__":
    *numbers, file = sys.argv[1:]
    one, two, to = map(int, numbers)
    with Path(file).open("w") as written:
        _Relay(socket.socket(fileno=one), socket.socket(fileno=two), to, written).run()
