"""One WebSocket of Slack's, on the socket of the request that asked for it."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, BytesMessage, CloseConnection, Event, Ping, Request, TextMessage
from wsproto.utilities import LocalProtocolError

CHUNK = 65_536


class WebSocket:
    """A connection that a client has opened. It is read in the thread that serves it, and written to from any."""

    def __init__(self, connection: socket.socket, headers: Iterable[tuple[str, str]], target: str) -> None:
        self._connection = connection
        self._lock = threading.Lock()
        self._wire = WSConnection(ConnectionType.SERVER)
        self._wire.initiate_upgrade_connection([(name.encode(), value.encode()) for name, value in headers], target)
        self._text = ""  # of a message whose other frames are on their way
        self.answers_pings = True
        self.is_stalled = False

    def serve(self, opened: Callable[[], None], heard: Callable[[dict[str, Any]], None]) -> None:
        """Shake hands, say so, and hand over what comes, until either side ends it."""
        self._obey(heard)
        opened()
        while data := self._read():
            if self.is_stalled:  # nothing of it has come here, so far as the client can tell
                continue
            with self._lock:
                self._wire.receive_data(data)
            self._obey(heard)

    def send(self, message: dict[str, Any]) -> None:
        """Send a message; one to a connection that is gone goes nowhere, as Slack's would."""
        self._say(TextMessage(json.dumps(message)))

    def close(self) -> None:
        """End it as a WebSocket is ended: with a close frame."""
        self._say(CloseConnection(1000))
        self.sever()

    def sever(self) -> None:
        """End it without a word, as a network does."""
        with suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)

    def stall(self) -> None:
        """Leave it open and let nothing through any more, either way, as a network may too."""
        self.is_stalled = True

    def _read(self) -> bytes:
        try:
            return self._connection.recv(CHUNK)
        except OSError:
            return b""

    def _obey(self, heard: Callable[[dict[str, Any]], None]) -> None:
        with self._lock:
            events = list(self._wire.events())
        for event in events:
            match event:
                case Request():
                    self._say(AcceptConnection())
                case Ping() if self.answers_pings:
                    self._say(event.response())
                case CloseConnection():
                    self._say(event.response())
                    self.sever()
                case TextMessage() | BytesMessage():
                    self._text += event.data if isinstance(event.data, str) else event.data.decode()
                    if event.message_finished:
                        whole, self._text = self._text, ""
                        heard(json.loads(whole))

    def _say(self, event: Event) -> None:
        if self.is_stalled:
            return
        with self._lock, suppress(OSError, LocalProtocolError):  # the other side, or ours, has ended it by now
            self._connection.sendall(self._wire.send(event))
