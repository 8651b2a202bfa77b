"""A stand-in for PgBouncer in transaction mode: each transaction gets whatever session is free just then."""

import socket
import struct
import threading
from collections.abc import Callable
from queue import LifoQueue
from typing import Self

NO_ENCRYPTION = 80877103
ENDS = {b"Q", b"S"}  # a simple query, and a sync: the server then answers until it is ready


class Line:
    """One end of the protocol: a type, a length, a body."""

    def __init__(self, one: socket.socket) -> None:
        self._socket = one

    def read(self) -> bytes:
        """Read one message whole. Raises ConnectionError once the other end is gone."""
        kind = self._exactly(1)
        return kind + self.bare()

    def bare(self) -> bytes:
        """Read a message without a type, as a client's first one is."""
        length = self._exactly(4)
        return length + self._exactly(struct.unpack("!I", length)[0] - 4)

    def write(self, message: bytes) -> None:
        self._socket.sendall(message)

    def close(self) -> None:
        self._socket.close()

    def _exactly(self, count: int) -> bytes:
        found = b""
        while len(found) < count:
            part = self._socket.recv(count - len(found))
            if not part:
                raise ConnectionError
            found += part
        return found


def as_it_is(message: bytes) -> bytes:
    return message


class Pooler:
    """Stand before a server; `change` may rewrite what it says while a client begins."""

    def __init__(self, port: int, change: Callable[[bytes], bytes] = as_it_is, *, pools: bool = True) -> None:
        self._to = port
        self._change = change
        self._pools = pools
        self._free: LifoQueue[Line] = LifoQueue()
        self._ends: list[Line] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        self._thread = threading.Thread(target=self._listen, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for end in self._ends:
            end.close()

    def _listen(self) -> None:
        while True:
            try:
                accepted, _ = self._listening.accept()
            except OSError:
                return
            client = Line(accepted)
            self._ends.append(client)
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: Line) -> None:
        try:
            own = self._begin(client)
            if self._pools:
                self._free.put(own)
            held: Line | None = None if self._pools else own
            while True:
                message = client.read()
                if message[:1] == b"X":
                    return
                held = held or self._free.get()
                held.write(message)
                if message[:1] in ENDS and self._answer(held, client) == b"I" and self._pools:
                    self._free.put(held)
                    held = None
        except (ConnectionError, OSError):
            return
        finally:
            client.close()

    def _begin(self, client: Line) -> Line:
        """Let a client come in by a session of its own, which all share afterwards."""
        first = client.bare()
        while struct.unpack("!I", first[4:8])[0] == NO_ENCRYPTION:
            client.write(b"N")
            first = client.bare()
        server = Line(socket.create_connection(("127.0.0.1", self._to)))
        self._ends.append(server)
        server.write(first)
        while True:
            message = server.read()
            client.write(self._change(message))
            if message[:1] == b"Z":
                return server
            if message[:1] == b"R" and struct.unpack("!I", message[5:9])[0] in {10, 11}:
                server.write(client.read())

    def _answer(self, server: Line, client: Line) -> bytes:
        """Hand on the server's answer. Returns whether a transaction is open: I for none."""
        while True:
            message = server.read()
            client.write(message)
            if message[:1] == b"Z":
                return message[5:6]
