"""Slack's requests over HTTP: whose they are is proved over their raw bytes, before anything reads or logs them."""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import logging
import re
import threading
import time
from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from slack_bolt import App
from slack_bolt.adapter.wsgi import SlackRequestHandler
from slack_bolt.oauth import OAuthFlow
from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer

from brought_forward.bot.administration.sign_in import SignIns
from brought_forward.bot.cli.install import INSTALL, REDIRECTED, stumbled
from brought_forward.bot.cli.page import page
from brought_forward.bot.cli.watch import Watch
from brought_forward.bot.errors import SettingsError
from brought_forward.bot.messages.install import NAME
from brought_forward.bot.settings.deployment import REDIRECT

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication

log = logging.getLogger(__name__)

EVENTS = "/slack/events"
PAGES = {INSTALL, REDIRECTED}
HEALTH = {"/healthz": Watch.sick, "/readyz": Watch.unready}
LARGEST = 2_000_000  # bytes of a body; Slack's own are far smaller
OLDEST = 300.0  # seconds since Slack signed it, by Slack's own advice
CONNECTIONS = 200  # open at once; past that the one that rested longest is closed
ARRIVES = 10.0  # seconds in which a request has to come whole: Slack waits three for the answer
TOLD = 60.0  # seconds between two lines of the log about requests that were refused
BROKEN = "Something went wrong here. Look at the Home tab: where Clio is not connected, begin again there."
DIGITS = re.compile("[0-9]{1,12}")


def wsgi(app: App, signing_secret: str, watch: Watch, sign_ins: SignIns) -> WSGIApplication:
    """Serve Slack's requests, the bot's health, the page that Clio leads to after a sign-in, and Slack's install flow.

    Bolt's own adapter answers 404 to all but its path.
    """
    slack = SlackRequestHandler(app, path=EVENTS)
    refusals = _Refusals()
    sign_ins.is_served = True

    def serve(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] in HEALTH:
            return health(watch, environ, start_response)
        if environ["PATH_INFO"] == REDIRECT and environ["REQUEST_METHOD"] == "GET":
            return redirected(sign_ins, environ, start_response)
        if app.oauth_flow is not None and environ["PATH_INFO"] in PAGES and environ["REQUEST_METHOD"] == "GET":
            return installing(slack, app.oauth_flow, environ, start_response)
        if environ["PATH_INFO"] != EVENTS or environ["REQUEST_METHOD"] != "POST":
            return answer(start_response, "404 Not Found", b'{"error": "not found"}')
        length = int(environ.get("CONTENT_LENGTH") or 0)
        if length > LARGEST:
            return answer(start_response, "413 Content Too Large", b'{"error": "too large"}')
        body = environ["wsgi.input"].read(length)
        if not is_slacks(body, environ, signing_secret):
            refusals.count()
            return answer(start_response, "401 Unauthorized", b'{"error": "invalid request"}')
        environ["wsgi.input"] = io.BytesIO(body)
        began = time.monotonic()
        said = slack(environ, start_response)
        watch.took(time.monotonic() - began)
        return said

    return serve


def health(watch: Watch, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    """Answer /healthz and /readyz: 200, or 503 and why."""
    why = HEALTH[environ["PATH_INFO"]](watch)
    body = json.dumps({"ok": False, "why": why} if why else {"ok": True}).encode()
    return answer(start_response, "503 Service Unavailable" if why else "200 OK", body)


def redirected(sign_ins: SignIns, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    """Answer a browser that Clio has led here. Nothing is logged: the address holds the code."""
    try:
        said = sign_ins.answer(str(environ.get("QUERY_STRING") or ""))
        status, words = said.status, said.words
    except Exception:
        log.exception("an answer of Clio's to a sign-in failed")
        status, words = 500, BROKEN
    headers, body = page(words)
    start_response(f"{status} {HTTPStatus(status).phrase}", list(headers))
    return [body]


def installing(
    slack: SlackRequestHandler, flow: OAuthFlow, environ: dict[str, Any], start_response: StartResponse
) -> Iterable[bytes]:
    """Answer a browser that installs the app. Nothing of the address is logged: it holds the code."""
    try:
        return slack(environ, start_response)
    except Exception as trouble:  # noqa: BLE001 - told by what it is: its words may hold the code
        link = f"{(flow.redirect_uri or '').removesuffix(REDIRECTED)}{INSTALL}"
        status, words = stumbled(trouble, link)
    headers, body = page(words, NAME)
    start_response(f"{status} {HTTPStatus(status).phrase}", list(headers))
    return [body]


def is_slacks(body: bytes, environ: dict[str, Any], signing_secret: str) -> bool:
    """Say whether Slack signed these bytes, and lately (docs.slack.dev, "Verifying requests from Slack")."""
    at = str(environ.get("HTTP_X_SLACK_REQUEST_TIMESTAMP", ""))
    signature = str(environ.get("HTTP_X_SLACK_SIGNATURE", ""))
    if not signing_secret or not DIGITS.fullmatch(at) or abs(time.time() - int(at)) > OLDEST:
        return False
    digest = hmac.new(signing_secret.encode(), b"v0:" + at.encode() + b":" + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(f"v0={digest}".encode(), signature.encode("utf-8", "replace"))


def answer(start_response: StartResponse, status: str, body: bytes) -> Iterable[bytes]:
    """Answer with JSON."""
    start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]


class _Refusals:
    """Count what was refused, and say so now and then: a line for each would let anyone fill the disk."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count, self._told_at = 0, -TOLD

    def count(self) -> None:
        """Count one more."""
        with self._lock:
            self._count += 1
            now = time.monotonic()
            if now - self._told_at < TOLD:
                return
            refused, self._count, self._told_at = self._count, 0, now
        log.warning("refused requests that Slack did not sign, or long ago: %d", refused)


class _Channel(HTTPChannel):
    """A connection that knows since when the request at hand is on its way."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.began_at = time.monotonic()
        self.served = False

    def received(self, data: bytes) -> bool:
        """Take in what came."""
        if self.request is None:
            self.began_at = time.monotonic()
        taken = bool(super().received(data))
        self.served = self.served or bool(self.requests)
        return taken

    @property
    def is_late(self) -> bool:
        """Whether a request should have come whole by now; one that is kept alive after an answer may rest."""
        coming = self.request is not None or not self.served
        return coming and not self.requests and time.monotonic() - self.began_at > ARRIVES


class SlackServer(TcpWSGIServer):
    """A server that nobody stops by connecting: what comes too slowly is cut, and past a limit what rests."""

    channel_class = _Channel

    def __init__(self, app: WSGIApplication, *, host: str, port: int, threads: int = 8) -> None:
        """Listen at an address. Raises OSError where that cannot be."""
        super().__init__(
            app,
            host=host,
            port=port,
            threads=threads,
            connection_limit=CONNECTIONS,
            cleanup_interval=1,
            asyncore_use_poll=True,
            max_request_body_size=LARGEST + 1,  # waitress refuses what is as large as this
            max_request_header_size=16_384,
            inbuf_overflow=65_536,  # what is larger waits in a file, not in memory
        )

    @property
    def _channels(self) -> list[Any]:
        channels: Any = self.active_channels
        return list(channels.values())

    def readable(self) -> bool:
        """Whether to accept another connection; made possible by closing the one that rested longest."""
        now = time.time()
        if now >= self.next_channel_cleanup:
            self.next_channel_cleanup = int(now) + self.adj.cleanup_interval
            self.maintenance(int(now))
        over = len(self._channels) + 1 - self.adj.connection_limit
        if over > 0:
            resting = [one for one in self._channels if not one.requests and not one.will_close]
            resting.sort(key=lambda one: (one.served and one.request is None, one.last_activity))
            for one in resting[:over]:
                one.will_close = True
        return bool(self.accepting) and over <= 0

    def maintenance(self, now: int) -> None:
        """Close connections that rest for two minutes, and those whose request does not come."""
        super().maintenance(now)
        for channel in self._channels:
            if channel.is_late:
                channel.will_close = True


def listening(app: WSGIApplication, host: str, port: int, named: str, *, threads: int = 8) -> SlackServer:
    """Listen at an address; the server still has to be run. Raises SettingsError where that cannot be."""
    try:
        return SlackServer(app, host=host, port=port, threads=threads)
    except OSError as taken:
        raise SettingsError(
            f"The bot cannot listen on {host}, port {port}: {taken.strerror or taken}. BALANCES_BIND names an"
            f" address of this machine, {named} a free port."
        ) from taken


def end(server: Any, worker: threading.Thread) -> None:
    """End an HTTP server: what it has begun is answered first, then no thread of it is left to touch a closed file.

    waitress wakes its loop through a pipe whose number it keeps when the pipe is closed. A request that is answered
    after that writes a byte into whatever was opened meanwhile under the same number, be it our database.
    """

    def close() -> None:
        server.close()
        for channel in server.active_channels.values():  # one that is kept alive would keep the loop alive
            channel.close_when_flushed = True

    server.task_dispatcher.shutdown()
    with server.trigger.lock:  # the loop may be awake already, and would close the pipe before it is written to
        server.trigger.thunks.append(close)  # from its own thread, else it looks at closed files
        server.pull_trigger()
    worker.join(5)
