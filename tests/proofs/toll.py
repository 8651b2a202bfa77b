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
from typing import Any, Self
from urllib.parse import urlsplit

ORDER = struct.Struct("id")  # which process, and how many seconds after the headers
POST = b"POST /api/v4/activities.json"
END = b"\r\n\r\n"


class Toll:
    """Relay to an address on loopback; `aim` at a process, then `hit` says whether it was stopped."""

    def __init__(self, url: str) -> None:
        listening = socket.create_server(("127.0.0.1", 0), backlog=64)
        port = urlsplit(url).port or 0
        self.url = url.replace(f":{port}/", f":{listening.getsockname()[1]}/")
        self._orders, orders = socket.socketpair()
        self._orders.setblocking(False)
        files = (listening.fileno(), orders.fileno())
        self._process = subprocess.Popen(
            [sys.executable, __file__, *map(str, files), str(port)], pass_fds=files, env=os.environ
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


def _relay(listening: socket.socket, orders: socket.socket, port: int) -> None:
    aim: tuple[int, float] | None = None
    watched = selectors.DefaultSelector()
    watched.register(listening, selectors.EVENT_READ)
    watched.register(orders, selectors.EVENT_READ)
    others: dict[Any, socket.socket] = {}
    while True:
        for key, _ in watched.select():
            here: Any = key.fileobj
            if here is orders:
                if not (order := orders.recv(ORDER.size)):
                    return
                aim = ORDER.unpack(order)
            elif here is listening:
                client = listening.accept()[0]
                clio = socket.create_connection(("127.0.0.1", port))
                for one, other in ((client, clio), (clio, client)):
                    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    others[one] = other
                    watched.register(one, selectors.EVENT_READ)
            elif here in others:
                data = _take(here)
                if aim and data.startswith(POST) and data.endswith(END):
                    process, seconds = aim
                    until = time.perf_counter() + seconds
                    while time.perf_counter() < until:
                        pass
                    os.kill(process, signal.SIGSTOP)
                    aim = None
                    orders.send(b"!")
                if not data or not _give(others[here], data):
                    for one in (here, others[here]):
                        watched.unregister(one)
                        del others[one]
                        one.close()


def _take(sock: socket.socket) -> bytes:
    try:
        return sock.recv(65536)
    except OSError:
        return b""


def _give(sock: socket.socket, data: bytes) -> bool:
    try:
        sock.sendall(data)
    except OSError:
        return False
    return True


if __name__ == "__main__":
    listening, orders, port = map(int, sys.argv[1:])
    _relay(socket.socket(fileno=listening), socket.socket(fileno=orders), port)
