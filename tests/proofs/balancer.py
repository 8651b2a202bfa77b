"""What stands before several processes: it hands each of Slack's requests to one that says it is ready."""

import itertools
import threading
import time
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import requests

LOOK = 0.1  # seconds between two looks at who is ready
PATIENCE = 2.5  # seconds until a request goes unanswered where nobody is
PASSED_ON = ("Content-Type", "X-Slack-Request-Timestamp", "X-Slack-Signature", "X-Slack-Retry-Num")


class Balancer:
    """Give requests to those who are ready, in turns; one that did not take it has not had it."""

    def __init__(self, ports: Sequence[int]) -> None:
        self._ports = list(ports)
        self._ready: list[int] = []
        self._turn = itertools.count()
        self._over = threading.Event()
        balancer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                status, kind, said = balancer._pass_on(self.path, body, {
                    name: value for name in PASSED_ON if (value := self.headers.get(name))})  # fmt: skip
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        for work in (self._server.serve_forever, self._look):
            threading.Thread(target=work, daemon=True).start()

    def close(self) -> None:
        """Stop listening."""
        self._over.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def ready(self) -> list[int]:
        """The ports of those who are ready."""
        return list(self._ready)

    def _look(self) -> None:
        with requests.Session() as session:
            session.trust_env = False

            def is_ready(port: int) -> bool:
                try:
                    return session.get(f"http://127.0.0.1:{port}/readyz", timeout=0.5).ok
                except requests.RequestException:
                    return False

            while not self._over.wait(LOOK):
                self._ready = [port for port in self._ports if is_ready(port)]

    def _pass_on(self, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, str, bytes]:
        """Hand a request on; where a process cannot be reached at all, to the next. Anything else may have had it."""
        end = time.monotonic() + PATIENCE
        with requests.Session() as session:
            session.trust_env = False
            while time.monotonic() < end:
                ready = self.ready
                if not ready:
                    time.sleep(0.02)
                    continue
                port = ready[next(self._turn) % len(ready)]
                try:
                    said = session.post(f"http://127.0.0.1:{port}{path}", data=body, headers=headers, timeout=(1, 10))
                except requests.ConnectionError as broken:
                    if "NewConnectionError" in repr(broken):
                        continue
                    return 502, "text/plain", b""
                except requests.RequestException:
                    return 504, "text/plain", b""
                return said.status_code, said.headers.get("Content-Type", "text/plain"), said.content
        return 503, "text/plain", b""
