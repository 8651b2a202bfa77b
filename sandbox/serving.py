"""Serve a WSGI app on loopback, as the pretend Slack and the pretend Clio both need it."""

from __future__ import annotations

import http.client
import io
import socket
import threading
import weakref
from collections.abc import Iterable
from contextlib import closing, suppress
from typing import Any, NoReturn
from wsgiref.types import StartResponse, WSGIApplication

from flask import request
from werkzeug.datastructures import Headers
from werkzeug.http import http_date
from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

HOST = "127.0.0.1"
_PATIENCE = 2.0  # seconds a stop waits for views that are still at work
_LONG = 10.0  # seconds a rest waits for clients that are gone to be done with


def hold_port(holder: object, port: int = 0) -> int:
    """Keep a port, 0 for any that is free, for as long as its holder lives; return it.

    Nobody else is given it meanwhile, and a connection to it is refused while nothing listens there. Raises OSError if
    the port is taken.
    """
    kept = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    weakref.finalize(holder, kept.close)
    kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # so that another socket may listen there
    kept.bind((HOST, port))
    held: int = kept.getsockname()[1]
    return held


class Cut(BaseException):
    """Say that the connection was cut; a BaseException, so that no error handler of the app answers it."""


def cut() -> NoReturn:
    """End the current request without an answer: the client sees its connection closed."""
    connection: socket.socket | None = request.environ.get("werkzeug.socket")
    if connection is not None:
        with suppress(OSError):  # the client may have gone first
            connection.shutdown(socket.SHUT_RDWR)
    raise Cut


class _Handler(WSGIRequestHandler):
    """Answer requests over connections that stay open.

    werkzeug's own closes after each answer and waits 10 ms for leftovers; here the body is read whole
    before the app is called, so that the next request line is where it should be.
    """

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else each answer waits for the client's delayed ACK, about 40 ms

    def run_wsgi(self) -> None:
        """Call the app with the whole body and send its whole answer."""
        if self.headers.get("Expect", "").strip().lower() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        self.environ = environ = self.make_environ()
        try:
            body = self._read_body(environ)
        except ValueError:
            self.close_connection = True  # where the next request would start is unknown
            self._send("400 Bad Request", Headers(), b"")
            return
        environ["wsgi.input"] = io.BytesIO(body)
        environ["CONTENT_LENGTH"] = str(len(body))
        started: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            started[:] = [(status, headers)]
            return None

        try:
            answer = _collect(self.server.app, environ, start_response)
        except (Cut, ConnectionError):
            self.close_connection = True
            return
        status, headers = started[0]
        self._send(status, Headers(headers), answer)

    def _read_body(self, environ: dict[str, Any]) -> bytes:
        if environ.get("wsgi.input_terminated"):  # chunked: werkzeug has put its decoder there
            whole: bytes = environ["wsgi.input"].read()
            return whole
        length = int(environ.get("CONTENT_LENGTH") or 0)
        body = self.rfile.read(length) if length else b""
        if len(body) < length:
            raise ConnectionAbortedError("the client left within its request")
        return body

    def _send(self, status: str, headers: Headers, body: bytes) -> None:
        code, _, phrase = status.partition(" ")
        self.send_response_only(int(code), phrase)
        headers.setdefault("Date", http_date())
        bodiless = code in {"204", "304"} or code.startswith("1")
        if not bodiless:
            headers.setdefault("Content-Length", str(len(body)))
        if self.close_connection:
            headers["Connection"] = "close"
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        if body and not bodiless and self.command != "HEAD":
            self.wfile.write(body)

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 (werkzeug's name)
        """Stay silent: what was asked is in the sandbox's own list of calls."""


def _collect(app: WSGIApplication, environ: dict[str, Any], start_response: StartResponse) -> bytes:
    parts: Iterable[bytes] = app(environ, start_response)
    try:
        return b"".join(parts)
    finally:
        close = getattr(parts, "close", None)
        if close is not None:
            close()


class _Listener(ThreadedWSGIServer):
    """Remember open connections, so that a stop can end them."""

    def __init__(self, app: WSGIApplication, listening: socket.socket) -> None:
        self.connections: set[socket.socket] = set()
        self.changed = threading.Condition()
        super().__init__(HOST, 0, app, _Handler, fd=listening.fileno())

    def process_request(self, request: Any, client_address: Any) -> None:
        with self.changed:
            self.connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        super().shutdown_request(request)
        with self.changed:
            self.connections.discard(request)
            self.changed.notify_all()

    def hang_up(self) -> None:
        with self.changed:
            for connection in self.connections:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            self.changed.wait_for(lambda: not self.connections, timeout=_PATIENCE)

    def is_left(self) -> bool:
        with self.changed:
            return self.changed.wait_for(lambda: not self.connections, timeout=_LONG)


class Server:
    """One WSGI app on 127.0.0.1, served by daemon threads.

    Port 0 takes any free one; it is kept, so that a server started again after `stop` has the same `url`.
    """

    def __init__(self, app: WSGIApplication, port: int = 0) -> None:
        self.app = app
        self.port = port
        self._is_held = False
        self._listener: _Listener | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """Name the server's root, without a slash at the end; the port is known once it was started."""
        return f"http://{HOST}:{self.port}"

    def start(self) -> None:
        """Bind and serve; return when connections are accepted. Raises OSError if the port is taken."""
        if self._listener is not None:
            return
        if not self._is_held:
            self.port, self._is_held = hold_port(self, self.port), True
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listening:
            # Bound here, not by werkzeug: that one looks up its own host name and exits when the port is taken.
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind((HOST, self.port))
            listening.listen(128)
            self._listener = _Listener(self.app, listening)
        self._thread = threading.Thread(
            target=self._listener.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True, name=f"serve-{self.port}"
        )
        self._thread.start()

    def rest(self) -> None:
        """Wait until what was asked by clients that are gone is carried out. Raises a TimeoutError where one stays."""
        if self._listener is None:
            return
        asked = http.client.HTTPConnection(HOST, self.port, timeout=_LONG)
        with closing(asked), suppress(OSError, http.client.HTTPException):
            asked.request("GET", "/")
            asked.getresponse().read()  # connections are taken in their order: those before this one are known by now
        if not self._listener.is_left():
            raise TimeoutError(f"A client of port {self.port} does not leave.")

    def stop(self) -> None:
        """Close the port and every open connection; a second stop does nothing."""
        listener, thread = self._listener, self._thread
        if listener is None or thread is None:
            return
        listener.shutdown()
        thread.join()
        listener.hang_up()
        self._listener = self._thread = None
