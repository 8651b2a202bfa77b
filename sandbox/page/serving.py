"""Serve the page on loopback, and nowhere else."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import Any
from wsgiref.types import WSGIApplication

from waitress.server import create_server

HOST = "127.0.0.1"
THREADS = 12  # a click waits up to three seconds for the bot, and others look on meanwhile


class PageServer:
    """The page's own server; port 0 takes any free one, known once it was made."""

    def __init__(self, app: WSGIApplication, port: int = 0) -> None:
        self._server: Any = create_server(app, host=HOST, port=port, threads=THREADS)
        self._thread = threading.Thread(target=self._server.run, daemon=True, name="page")

    @property
    def url(self) -> str:
        """Name the page's address."""
        return f"http://{HOST}:{self._server.effective_port}/"

    def start(self) -> PageServer:
        """Serve until `stop`."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Close the port; the requests in flight end first."""
        with suppress(OSError):  # its thread may hear of it before the trigger is pulled
            self._server.trigger.pull_trigger(self._server.close)
        self._thread.join(5)

    def __enter__(self) -> PageServer:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
