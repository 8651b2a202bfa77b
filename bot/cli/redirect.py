"""The address on this machine that Clio leads a browser to after a sign-in; it hears one answer and is gone."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import TracebackType
from typing import Self

from brought_forward.bot.cli.page import page
from brought_forward.bot.clio.oauth import NOT_OURS, OTHER_STATE, code_of
from brought_forward.bot.errors import ClioRejected, SettingsError

PATIENCE = 600.0  # seconds for a person to allow it: a code lives no longer
HEARD = "Clio has answered. Go back to where the sign-in was begun; this page may be closed."


class Redirect:
    """Listen on 127.0.0.1 for the answer to one sign-in; answers to others are refused and waited past."""

    def __init__(self, port: int, state: str) -> None:
        self._heard = threading.Event()
        self._address = ""
        redirect = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer(*redirect.hear(self.path, state))

            def _answer(self, status: int, words: str) -> None:
                headers, body = page(words)
                self.send_response(status)
                for name, value in headers:
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Log nothing: the address holds the code."""

        try:
            self._server = HTTPServer(("127.0.0.1", port), Handler)
        except OSError as taken:
            raise SettingsError(
                f"Port {port} of this machine is taken ({taken.strerror or taken}). Name another with --port, which the"
                " app at Clio has as redirect URI http://127.0.0.1:PORT/, or use --no-browser."
            ) from taken

    def hear(self, path: str, state: str) -> tuple[int, str]:
        """Take in what a browser asks for. Returns the status and the words of the answer."""
        if path.split("?", maxsplit=1)[0] != "/" or "?" not in path:
            return 404, "Nothing is here."
        try:
            code_of(path, state)
        except ClioRejected as refusal:
            if refusal.kind == OTHER_STATE:
                return 400, NOT_OURS
        if not self._heard.is_set():
            self._address = path
            self._heard.set()
        return 200, HEARD

    def wait(self) -> str:
        """Wait for Clio's answer, and give its address. Raises SettingsError where none comes."""
        if not self._heard.wait(PATIENCE):
            raise SettingsError("Nobody allowed it in Clio within ten minutes, so nothing was connected. Begin again.")
        return self._address

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, what: BaseException | None, where: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
