"""The pretend Clio as a server: who may ask, how often, and what goes wrong on the way."""

from __future__ import annotations

import io
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from wsgiref.types import StartResponse

from flask import Flask, Request, Response, request
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.http import http_date

from brought_forward.sandbox.clio.api import BASE, Pages
from brought_forward.sandbox.clio.bills import Billing
from brought_forward.sandbox.clio.faults import Fault, Faults, gone, limited, meet, signed_out, tell
from brought_forward.sandbox.clio.firm import Firm
from brought_forward.sandbox.clio.limits import Allowance, RateLimit
from brought_forward.sandbox.clio.lists import ProblemError, not_found
from brought_forward.sandbox.clio.oauth import OAuth
from brought_forward.sandbox.clio.records import TimeEntry, User
from brought_forward.sandbox.clio.replay import Replay
from brought_forward.sandbox.clio.reports import Reports, Storage
from brought_forward.sandbox.clio.samples import sample_firm
from brought_forward.sandbox.serving import Server

VERSION = "4.0.13"
# Below 4.0.4 an activity's quantity is in hours: nobody should ask for that, so here those are retired.
VERSIONS = {f"4.0.{minor}" for minor in range(4, 14)}
TOKEN = "clio-sandbox-token"  # noqa: S105 (opens nothing but this)


@dataclass(slots=True)
class Call:
    """One request as it came; `at` and `done_at` are unix seconds of the real clock."""

    at: float
    method: str
    path: str  # below /api/v4
    query: dict[str, str]  # repeated names are joined by commas
    data: dict[str, Any] | None  # the body's `data`
    status: int | None = None  # None: the connection was cut, or the answer is not ready
    fault: str | None = None  # the names of the faults it met, joined by "+"
    done_at: float | None = None
    faults: list[Fault] = field(default_factory=list, repr=False)


Listener = Callable[[Request, Response], None]


class ClioSandbox:
    """A firm in Clio Manage, served on loopback.

    `calls` lists every request, `billing` is what people do with bills, `oauth` where apps sign in, `faults` is where
    things are made to go wrong, and each of `on_exchange` is called with every request to the API and its answer (not
    when the connection is cut); the `Call` is in the request's `environ["clio.call"]`. `replay` bends what goes out to
    the shapes of a recorded account. `limit` requests are granted a
    token in each `window` of seconds; 0 or None grants all.
    """

    def __init__(
        self,
        firm: Firm | None = None,
        *,
        port: int = 0,
        token: str = TOKEN,
        limit: int | None = 50,
        window: float = 60,
        clock: Callable[[], float] | None = None,
    ) -> None:
        self.firm = firm or sample_firm()
        if clock is not None:
            self.firm.clock = clock
        self.token: str | None = token
        self.calls: list[Call] = []
        self.faults = Faults()
        self.billing = Billing(self.firm)
        self.reports = Reports(self.firm)
        self.storage = Storage(self.firm)
        self.oauth = OAuth(self.firm)
        self.on_exchange: list[Listener] = []
        self.replay: Replay | None = None
        self.rate = RateLimit(limit, window)
        self._closing = threading.Event()
        self._server = Server(self._record, port)
        self._app = Flask("clio", static_folder=None)
        self._app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
        self._app.before_request(self._before)
        self._app.after_request(self._after)
        self._app.register_error_handler(ProblemError, tell)
        for unknown in (NotFound, MethodNotAllowed):
            self._app.register_error_handler(unknown, lambda _: tell(not_found("This address")))
        self._app.register_blueprint(self.oauth.blueprint())
        self._app.register_blueprint(Pages(self.firm, self.faults, self.reports, self.storage).blueprint())

    @property
    def url(self) -> str:
        """The base that a client is given; known once it was started."""
        return self._server.url + BASE

    @property
    def limit(self) -> int | None:
        """How many requests a window grants."""
        return self.rate.limit

    @limit.setter
    def limit(self, limit: int | None) -> None:
        self.rate.limit = limit

    @property
    def window(self) -> float:
        """How many seconds a window lasts."""
        return self.rate.window

    @window.setter
    def window(self, window: float) -> None:
        self.rate.window = window

    @property
    def time_entries(self) -> list[TimeEntry]:
        """List the firm's entries as they are now, oldest first."""
        return self.firm.time_entries

    def start(self) -> ClioSandbox:
        """Serve; return when connections are accepted."""
        self._closing.clear()
        self._server.start()
        self.storage.server.start()
        return self

    def stop(self) -> None:
        """Close the port and all connections; a new start serves the same firm at the same address."""
        self._closing.set()
        self._server.stop()
        self.storage.server.stop()

    def __enter__(self) -> ClioSandbox:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def site(self) -> str:
        """Where people open it, and where apps sign in; known once it was started."""
        return self._server.url

    def sign_out(self) -> None:
        """Take the token back, and every sign-in: from now on every request is answered 401."""
        self.token = None
        self.oauth.revoke_all()

    def sign_in(self, token: str = TOKEN, user: User | None = None) -> None:
        """Accept a token, and no other; it acts for a user if one is named."""
        self.token = token
        if user is not None:
            self.firm.token_user_id = user.id

    def _record(self, environ: dict[str, Any], start_response: StartResponse) -> Any:
        """Note every request, those too whose connection is cut."""
        asked = Request(environ)
        query = {name: ",".join(values) for name, values in asked.args.lists()}
        path = asked.path.removeprefix(BASE)
        body = asked.get_data()
        environ["wsgi.input"] = io.BytesIO(body)  # for the app to read once more
        call = Call(time.time(), asked.method, path, query, _data_of(body))
        environ["clio.call"] = call
        environ["clio.faults"] = call.faults
        self.calls.append(call)
        try:
            return self._app(environ, start_response)
        finally:
            call.done_at = time.time()

    def _before(self) -> Response | None:
        call: Call = request.environ["clio.call"]
        if request.path.startswith("/oauth/"):
            return self._meet(call)
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        user = self.firm.token_user.id if self.token and token == self.token else self.oauth.user_of(token)
        if user is None:
            return signed_out()
        request.environ["clio.user"] = user
        version = request.headers.get("X-API-Version", VERSION)
        allowance = self.rate.take(token, self.firm.clock())
        request.environ["clio.allowance"] = allowance
        if version not in VERSIONS:
            return gone(version)
        if not allowance.granted:
            return limited(allowance.retry_after)
        return self._meet(call)

    def _meet(self, call: Call) -> Response | None:
        call.faults.extend(self.faults.take(call.method, call.path, call.data or {}))
        call.fault = "+".join(fault.kind for fault in call.faults) or None
        for fault in call.faults:
            answer = meet(fault, "before", self._closing.wait)
            if answer is not None:
                return answer
        return None

    def _after(self, response: Response) -> Response:
        call: Call = request.environ["clio.call"]
        for fault in call.faults:
            response = meet(fault, "after", self._closing.wait) or response
        allowance: Allowance | None = request.environ.get("clio.allowance")
        if allowance is not None:
            response.headers.update(allowance.headers)
            version = request.headers.get("X-API-Version", VERSION)
            response.headers["X-API-VERSION"] = version if version in VERSIONS else VERSION
        response.headers["Date"] = http_date(self.firm.clock() - self.faults.date_behind)
        call.status = response.status_code
        if request.path.startswith("/oauth/"):
            return response
        for listen in self.on_exchange:
            listen(request, response)
        if self.replay and not call.faults:
            self.replay.bend(request, call.path, response)
            call.status = response.status_code
        return response


def _data_of(text: bytes) -> dict[str, Any] | None:
    try:
        body = json.loads(text)
    except ValueError:
        return None
    data = body.get("data") if isinstance(body, dict) else None
    return data if isinstance(data, dict) else None
