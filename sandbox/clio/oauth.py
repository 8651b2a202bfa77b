"""Clio's sign-in: the page where a user allows an app, the exchange of its code, refresh, and taking it back.

As docs.developers.clio.com, "Authorization" and "Deauthorization", tell it: authorization codes only, an address that
is registered to the letter, codes that serve once and for ten minutes, refresh tokens that serve again and again until
the sign-in is taken back. What Clio refuses is refused here, in OAuth's words.
"""

from __future__ import annotations

import hmac
import secrets
import threading
from dataclasses import dataclass, field
from html import escape
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import Blueprint, Response, request

from brought_forward.sandbox.clio.faults import as_json
from brought_forward.sandbox.clio.firm import Firm

CODE_SECONDS = 600.0
LIFE = 2_592_000.0  # seconds of an access token: 30 days

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Clio</title></head><body>
<h1>{app} wants to use your Clio account</h1><p>You are {user}.</p>
<form method="post" action="/oauth/authorize?{query}">
<button name="decision" value="allow">Allow access</button> <button name="decision" value="decline">Decline</button>
</form></body></html>"""


@dataclass(slots=True)
class App:
    """An app as a firm registers it at Clio."""

    client_id: str = "clio-sandbox-app"
    client_secret: str = "clio-sandbox-secret"  # noqa: S105 (opens nothing but this)
    redirects: set[str] = field(default_factory=lambda: {"http://127.0.0.1:8000/"})
    name: str = "Brought Forward"


@dataclass(slots=True)
class Grant:
    """What one user has allowed: one access token at a time, and the refresh token behind it."""

    access: str
    refresh: str
    expires_at: float
    user_id: int


class OAuth:
    """The sign-ins of one Clio. `rotates`: each refresh gives a new refresh token, and the one before is dead."""

    def __init__(self, firm: Firm) -> None:
        self.app = App()
        self.life = LIFE
        self.rotates = False
        self.grants: list[Grant] = []
        self._firm = firm
        self._codes: dict[str, tuple[str, float, int]] = {}  # the address it was given to, when it ends, whose it is
        self._lock = threading.Lock()

    def user_of(self, token: str) -> int | None:
        """Say which user an access token acts for. Returns None where it does not open Clio now."""
        with self._lock:
            return next((one.user_id for one in self.grants if hmac.compare_digest(one.access.encode(), token.encode())
                         and one.expires_at > self._firm.clock()), None)  # fmt: skip

    def revoke(self, user_id: int) -> None:
        """Take back what one user has allowed."""
        with self._lock:
            self.grants = [one for one in self.grants if one.user_id != user_id]

    def revoke_all(self) -> None:
        """Take every sign-in back, as an administrator does in Clio's settings."""
        with self._lock:
            self.grants.clear()

    def expire_all(self) -> None:
        """Let every access token's time be over; refresh tokens stay."""
        with self._lock:
            for one in self.grants:
                one.expires_at = self._firm.clock()

    def expire_codes(self) -> None:
        """Let ten minutes go by for every code that nobody has used."""
        with self._lock:
            self._codes = {code: (address, 0.0, user) for code, (address, _, user) in self._codes.items()}

    def blueprint(self) -> Blueprint:
        """Tie the addresses to their answers."""
        pages = Blueprint("oauth", __name__, url_prefix="/oauth")
        pages.add_url_rule("/authorize", "ask", self.ask, methods=["GET"])
        pages.add_url_rule("/authorize", "decide", self.decide, methods=["POST"])
        pages.add_url_rule("/token", "token", self.token, methods=["POST"])
        pages.add_url_rule("/deauthorize", "deauthorize", self.deauthorize, methods=["POST"])
        return pages

    # The page

    def ask(self) -> Response:
        """Show the page where the user decides; a wrong address is never followed."""
        wrong = self._wrong()
        if wrong:
            return _page(400, f"<h1>{escape(wrong)}</h1>")
        query = escape(request.query_string.decode())
        return _page(200, PAGE.format(app=escape(self.app.name), user=escape(self._firm.token_user.name), query=query))

    def decide(self) -> Response:
        """Lead back to the app with a code, or with a refusal where it asked to be told of one."""
        wrong = self._wrong()
        if wrong:
            return _page(400, f"<h1>{escape(wrong)}</h1>")
        address, state = request.args["redirect_uri"], request.args.get("state")
        back = {} if state is None else {"state": state}
        if request.form.get("decision") == "allow":
            code = secrets.token_urlsafe(16)
            with self._lock:
                self._codes[code] = (address, self._firm.clock() + CODE_SECONDS, self._firm.token_user.id)
            return _lead(address, {"code": code} | back)
        if request.args.get("redirect_on_decline") == "true":
            return _lead(address, {"error": "access_denied"} | back)
        return _page(200, "<h1>You declined. Close this page.</h1>")

    def _wrong(self) -> str | None:
        if request.args.get("client_id") != self.app.client_id:
            return "Client authentication failed: this region of Clio knows no such app."
        if request.args.get("redirect_uri") not in self.app.redirects:
            return "The redirect uri included is not valid."
        if request.args.get("response_type") != "code":
            return "The authorization server does not support this response type."
        return None

    # What the app asks for

    def token(self) -> Response:
        """Exchange a code, or refresh."""
        known = (request.form.get("client_id"), request.form.get("client_secret"))
        if known != (self.app.client_id, self.app.client_secret):
            return _refused(401, "invalid_client", "Client authentication failed.")
        grant_type = request.form.get("grant_type")
        if grant_type == "authorization_code":
            return self._exchange(request.form.get("code", ""), request.form.get("redirect_uri", ""))
        if grant_type == "refresh_token":
            return self._refresh(request.form.get("refresh_token", ""))
        return _refused(400, "unsupported_grant_type", "The authorization grant type is not supported.")

    def _exchange(self, code: str, address: str) -> Response:
        with self._lock:
            given_to, ends, user = self._codes.pop(code, ("", 0.0, 0))  # it serves once, whatever comes of it
            if given_to != address or ends <= self._firm.clock():
                return _refused(400, "invalid_grant", "The provided authorization grant is invalid or expired.")
            grant = Grant(_token("access"), _token("refresh"), self._firm.clock() + self.life, user)
            self.grants.append(grant)
            return self._tell(grant, refresh=True)

    def _refresh(self, token: str) -> Response:
        with self._lock:
            grant = next((one for one in self.grants if one.refresh == token), None)
            if grant is None:
                return _refused(400, "invalid_grant", "The provided refresh token is invalid or was revoked.")
            grant.access, grant.expires_at = _token("access"), self._firm.clock() + self.life
            if self.rotates:
                grant.refresh = _token("refresh")
            return self._tell(grant, refresh=self.rotates)

    def _tell(self, grant: Grant, *, refresh: bool) -> Response:
        told = {"token_type": "bearer", "access_token": grant.access, "expires_in": int(self.life)}
        return as_json(told | ({"refresh_token": grant.refresh} if refresh else {}))

    def deauthorize(self) -> Response:
        """Take a sign-in back: its access token and its refresh token are dead."""
        token = request.form.get("token", "")
        signed = request.headers.get("Authorization", "").removeprefix("Bearer ")
        with self._lock:
            known = [one for one in self.grants if one.access == token == signed]
            if not known or known[0].expires_at <= self._firm.clock():
                return _refused(401, "invalid_token", "The access token is invalid or expired.")
            self.grants.remove(known[0])
        return Response(status=200)


def _token(kind: str) -> str:
    return f"{kind}-{secrets.token_urlsafe(24)}"


def _page(status: int, body: str) -> Response:
    return Response(body, status, content_type="text/html; charset=utf-8")


def _lead(address: str, more: dict[str, str]) -> Response:
    parts = urlsplit(address)
    query = urlencode([*parse_qsl(parts.query), *more.items()])
    return Response(status=302, headers={"Location": parts._replace(query=query).geturl()})


def _refused(status: int, error: str, words: str) -> Response:
    return as_json({"error": error, "error_description": words}, status)
