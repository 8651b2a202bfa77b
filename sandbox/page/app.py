"""The page as a Flask app: two windows, each a blueprint of its own, behind one set of guards."""

from __future__ import annotations

import hmac
import secrets
import threading
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any
from wsgiref.types import WSGIApplication

from flask import Flask, Response, render_template, request
from waitress.server import create_server

from brought_forward.sandbox.clio import ClioSandbox
from brought_forward.sandbox.page import clio_pane, slack_pane
from brought_forward.sandbox.slack import SlackSandbox

MOST_BYTES = 64 * 1024 * 1024  # of one request: several files at once


def make_page(slack: SlackSandbox, clio: ClioSandbox, desk: Any) -> Flask:
    """Make the page over a pretend Slack and a pretend Clio.

    `desk` starts and stops the bot and sets how fast time runs; the Slack window never touches it.
    """
    app = Flask(__name__, static_folder="static", template_folder="templates")
    app.config["MAX_CONTENT_LENGTH"] = MOST_BYTES
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 86_400  # an asset's address changes with its bytes
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    token = guard(app)
    stamps = {file.name: f"{zlib.crc32(file.read_bytes()):08x}" for file in Path(app.static_folder or "").iterdir()}
    app.context_processor(lambda: {"token": token, "stamps": stamps})
    window = slack_pane.SlackPane(slack, clio.firm)
    app.register_blueprint(window.blueprint())
    app.register_blueprint(clio_pane.blueprint(slack, clio, desk))

    @app.get("/")
    def page() -> str:
        return render_template("page.html", **window.sit_down())

    return app


HOSTS = {"127.0.0.1", "localhost"}
TOKEN_HEADER = "X-Sandbox-Token"  # noqa: S105 (its name)
READS = {"GET", "HEAD"}
# No script and no style within the page itself, nothing from elsewhere: what a cell smuggles in would not run.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'"
)


def guard(app: Flask) -> str:
    """Put the checks before every request and the headers on every answer; return the token of this start."""
    token = secrets.token_urlsafe(24)

    def check() -> tuple[str, int] | None:
        if request.host.rpartition(":")[0] not in HOSTS and request.host not in HOSTS:
            return "The sandbox answers only as 127.0.0.1 or localhost.", 403
        if request.method in READS:
            return None
        origin = request.headers.get("Origin")
        if origin is not None and origin != f"http://{request.host}":
            return "The sandbox takes nothing from other sites.", 403
        given = request.headers.get(TOKEN_HEADER, "")
        if not hmac.compare_digest(given.encode(), token.encode()):
            return "This page is of an earlier start of the sandbox. Load it again.", 403
        return None

    def seal(answer: Response) -> Response:
        answer.headers["Content-Security-Policy"] = POLICY
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers["X-Frame-Options"] = "DENY"
        answer.headers["Referrer-Policy"] = "no-referrer"
        answer.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        if request.endpoint != "static":
            answer.headers["Cache-Control"] = "no-store"
        return answer

    app.before_request(check)
    app.after_request(seal)
    return token


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
