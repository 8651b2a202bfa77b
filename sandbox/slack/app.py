"""One app in several pretend workspaces: installed in each by somebody of it, and heard and served at one address.

As docs.slack.dev tells it, "Installing with OAuth", `oauth.v2.access`, `auth.revoke` and `apps.uninstall`: a code
serves once and for ten minutes, for the address that it was given to; a token opens the workspace that gave it and no
other.
"""

from __future__ import annotations

import base64
import json
import secrets
import time
from binascii import Error as NotBase64
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit
from wsgiref.types import StartResponse, WSGIEnvironment

from werkzeug import Request, Response

from brought_forward.sandbox.serving import Cut, Server
from brought_forward.sandbox.slack.records import Call, Person, User
from brought_forward.sandbox.slack.sandbox import SlackSandbox
from brought_forward.sandbox.slack.workspace import APP, TEAM, SlackError, Workspace

CODE_SECONDS = 600.0
OURS = {"oauth.v2.access", "auth.revoke", "apps.uninstall"}


@dataclass(slots=True)
class _Code:
    """What somebody has allowed and the app has not fetched yet."""

    team: str
    user: str
    address: str
    scopes: str
    ends_at: float
    is_used: bool = False


@dataclass(slots=True)
class SlackApp:
    """Serve several workspaces. `redirects` are the addresses that the app has registered."""

    client_id: str = "1111111111.2222222222"
    client_secret: str = "sandbox-client-secret"  # noqa: S105 (opens nothing but this)
    signing_secret: str = "sandbox-secret"  # noqa: S105
    redirects: set[str] = field(default_factory=set)
    workspaces: dict[str, SlackSandbox] = field(default_factory=dict)  # by team
    organisations: set[str] = field(default_factory=set)  # teams where it is installed for a whole organisation
    calls: list[Call] = field(default_factory=list)
    is_down: bool = False  # then it answers nobody
    ahead: float = 0.0  # seconds by which a test has moved the clock
    _codes: dict[str, _Code] = field(default_factory=dict)
    _over: dict[str, str] = field(default_factory=dict)  # tokens that open nothing more, and what Slack says of them
    _server: Server = field(init=False)

    def __post_init__(self) -> None:
        self._server = Server(self)

    def start(self) -> SlackApp:
        """Serve until `stop`."""
        self._server.start()
        return self

    def stop(self) -> None:
        """End the server and all pending retries."""
        for one in self.workspaces.values():
            one.stop()
        self._server.stop()

    @property
    def api_url(self) -> str:
        """Name the base of the Web API."""
        return f"{self._server.url}/api/"

    def add(self, team: str = TEAM, name: str = "Whitman Law", *, bot_user: str = "U0BOT00001") -> SlackSandbox:
        """Add a workspace; the app is not installed there yet. Ids of people and channels are equal in all of them."""
        workspace = Workspace(team, name, bot_user)
        made = SlackSandbox(
            bot_token="",
            signing_secret=self.signing_secret,
            workspace=workspace,
            served_at=f"{self._server.url}/{team}",
        )
        made.rules.subscriptions = (*made.rules.subscriptions, "app_uninstalled", "tokens_revoked")
        self.workspaces[team] = made.start()
        return made

    # Slack's pages

    def allow(self, slack: SlackSandbox, person: Person, address: str) -> str:
        """Press Allow as a person of a workspace on Slack's page; returns where Slack leads the browser to.

        Raises a SlackError where Slack shows an error in place of its page.
        """
        asked, redirect = self._asked(address)
        code = secrets.token_hex(16)
        user = person.id if isinstance(person, User) else person
        ends_at = time.monotonic() + self.ahead + CODE_SECONDS
        self._codes[code] = _Code(slack.workspace.team, user, redirect, asked.get("scope", ""), ends_at)
        return f"{redirect}?{urlencode({'code': code, 'state': asked.get('state', '')})}"

    def decline(self, address: str) -> str:
        """Press Cancel on Slack's page; returns where Slack leads the browser to."""
        asked, redirect = self._asked(address)
        return f"{redirect}?{urlencode({'error': 'access_denied', 'state': asked.get('state', '')})}"

    def _asked(self, address: str) -> tuple[dict[str, str], str]:
        asked = dict(parse_qsl(urlsplit(address).query))
        if asked.get("client_id") != self.client_id:
            raise SlackError("invalid_client_id")
        redirect = asked.get("redirect_uri", "")
        if redirect not in self.redirects:
            raise SlackError("bad_redirect_uri")
        if not asked.get("scope"):
            raise SlackError("no_scopes")
        return asked, redirect

    def remove(self, slack: SlackSandbox) -> None:
        """Uninstall the app as somebody does on the workspace's page of apps."""
        self._end(slack, "account_inactive", is_uninstalled=True)

    def revoke(self, slack: SlackSandbox) -> None:
        """Take the bot's token back; the app stays on the workspace's page of apps."""
        self._end(slack, "token_revoked", is_uninstalled=False)

    def _end(self, slack: SlackSandbox, why: str, *, is_uninstalled: bool) -> None:
        workspace = slack.workspace
        with workspace.change():
            self._over |= dict.fromkeys(workspace.tokens, why)
            workspace.tokens.clear()
            slack.bot_token = ""
        events: list[dict[str, Any]] = [
            {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [workspace.bot.id]}, "event_ts": workspace.ts()}
        ]
        if is_uninstalled:
            events.append({"type": "app_uninstalled", "event_ts": workspace.ts()})
        slack.part(events)

    # Slack's address

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer what concerns the app itself; hand all else to the workspace whose token or address it is."""
        if self.is_down:
            raise Cut
        first, _, rest = environ["PATH_INFO"].lstrip("/").partition("/")
        if first in self.workspaces:
            environ["SCRIPT_NAME"], environ["PATH_INFO"] = f"/{first}", f"/{rest}"
            return self.workspaces[first].wsgi(environ, start_response)
        asked = Request(environ)
        token = _token(asked)
        slack = next((one for one in self.workspaces.values() if token and token in one.workspace.tokens), None)
        if slack is not None and rest not in OURS:
            environ["wsgi.input"].seek(0)
            return slack.wsgi(environ, start_response)
        try:
            said = {"ok": True, **self._carry_out(rest, asked, slack, token)}
        except SlackError as refused:
            said = {"ok": False, "error": refused.error}
        error = None if said["ok"] else str(said["error"])
        self.calls.append(Call(datetime.now(UTC), rest, dict(asked.form), error is None, error))
        return Response(json.dumps(said), content_type="application/json")(environ, start_response)

    def _carry_out(self, method: str, asked: Request, slack: SlackSandbox | None, token: str) -> dict[str, Any]:
        if method == "oauth.v2.access":
            return self._access(asked)
        if slack is None:
            raise SlackError(self._over.get(token, "invalid_auth") if token else "not_authed")
        if method == "apps.uninstall":
            self._check_app(asked)
        self._end(slack, "token_revoked", is_uninstalled=method == "apps.uninstall")
        return {"revoked": True} if method == "auth.revoke" else {}

    def _check_app(self, asked: Request) -> None:
        client_id, secret = _basic(asked) or (asked.values.get("client_id", ""), asked.values.get("client_secret", ""))
        if client_id != self.client_id:
            raise SlackError("invalid_client_id")
        if secret != self.client_secret:
            raise SlackError("bad_client_secret")

    def give(self, slack: SlackSandbox) -> str:
        """Give the app a token of a workspace; installed once more, it keeps the one that it has."""
        with slack.workspace.change():
            if not slack.workspace.tokens:
                slack.bot_token = f"xoxb-{slack.workspace.team.lower()}-{secrets.token_hex(8)}"
                slack.workspace.tokens.add(slack.bot_token)
            return slack.bot_token

    def _access(self, asked: Request) -> dict[str, Any]:
        """Exchange a code for a token."""
        self._check_app(asked)
        code = self._codes.get(asked.values.get("code", ""))
        if code is None or code.ends_at < time.monotonic() + self.ahead:
            raise SlackError("invalid_code")
        if code.is_used:
            raise SlackError("code_already_used")
        if asked.values.get("redirect_uri", code.address) != code.address:
            raise SlackError("bad_redirect_uri")
        code.is_used = True
        slack = self.workspaces[code.team]
        workspace, is_wide = slack.workspace, code.team in self.organisations
        with workspace.change():
            token = self.give(slack)
            workspace.rules.scopes = frozenset(code.scopes.split(","))
        return {
            "access_token": token,
            "token_type": "bot",
            "scope": code.scopes,
            "bot_user_id": workspace.bot.id,
            "app_id": APP,
            "team": None if is_wide else {"id": workspace.team, "name": workspace.name},
            "enterprise": {"id": f"E{code.team[1:]}", "name": workspace.name} if is_wide else None,
            "is_enterprise_install": is_wide,
            "authed_user": {"id": code.user},
        }


def _token(asked: Request) -> str:
    bearer = asked.headers.get("Authorization", "")
    if bearer.startswith("Bearer "):
        return bearer.removeprefix("Bearer ").strip()
    return str(asked.values.get("token", ""))


def _basic(asked: Request) -> tuple[str, str] | None:
    given = asked.headers.get("Authorization", "")
    if not given.startswith("Basic "):
        return None
    try:
        client_id, _, secret = base64.b64decode(given.removeprefix("Basic ")).decode().partition(":")
    except (NotBase64, UnicodeDecodeError):
        return None
    return client_id, secret
