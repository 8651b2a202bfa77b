"""Slack's Web API as each firm's own bot: whatever is asked or said goes with the token of the firm it is for."""

import threading
from dataclasses import dataclass

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from brought_forward.bot.errors import SlackAway
from brought_forward.bot.settings import Settings
from brought_forward.bot.slack.client import web_client
from brought_forward.storage.keys import KeyLost
from brought_forward.storage.store import Store

OVER = ("account_inactive", "token_revoked", "invalid_auth")  # what Slack says of a token that opens nothing more
PATIENT = 30  # seconds, where nobody waits before a screen


class NotInstalled(SlackClientError):  # noqa: N818 - it reads as a sentence where it is raised
    """The app is in no such workspace, or no more: nothing is asked and nothing said there."""


@dataclass(frozen=True, slots=True)
class _Clients:
    patient: WebClient
    quick: WebClient


class Slacks:
    """Give the client of a firm. The environment's token serves whoever runs one firm; else each has a row."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._settings = settings
        self._lock = threading.Lock()
        self._known: dict[str, tuple[bytes, _Clients]] = {}  # by firm, as long as its sealed token stands
        self._environments = self._made(settings.slack_bot_token.get_secret_value())

    def of(self, firm: str) -> WebClient:
        """Give a client for what nobody waits for. Raises NotInstalled, which is an error of Slack's client."""
        return self._of(firm).patient

    def quick(self, firm: str) -> WebClient:
        """Give a client that gives up soon: somebody waits. Raises NotInstalled."""
        return self._of(firm).quick

    def token(self, firm: str) -> str:
        """Give the token itself. Raises NotInstalled."""
        return str(self._of(firm).patient.token)

    @property
    def are_installed(self) -> bool:
        """Whether each workspace gave its own token, by installing the app."""
        return self._settings.is_shared

    def is_over(self, firm: str) -> bool:
        """Ask Slack whether the token that a workspace gave opens nothing more. Raises SlackAway where it is silent."""
        try:
            self.quick(firm).auth_test()
        except SlackApiError as refusal:
            error = str(refusal.response.get("error"))
            if error in OVER:
                return True
            raise SlackAway(error) from refusal
        except NotInstalled:
            return False  # known already
        except (SlackClientError, OSError) as silent:
            raise SlackAway(type(silent).__name__) from silent
        return False

    def _of(self, firm: str) -> _Clients:
        if not self.are_installed:
            return self._environments
        sealed = self._store.firms.sealed_token(firm)
        if sealed is None:
            with self._lock:
                self._known.pop(firm, None)
            raise NotInstalled(f"the app is not in the workspace {firm}")
        with self._lock:
            known = self._known.get(firm)
            if known is None or known[0] != sealed[0]:
                known = self._known[firm] = sealed[0], self._made(self._opened(*sealed))
            return known[1]

    def _opened(self, sealed: bytes, key_id: str | None) -> str:
        try:
            return self._store.keys.open(sealed, key_id)
        except KeyLost as lost:
            raise NotInstalled(str(lost)) from lost

    def _made(self, token: str) -> _Clients:
        soon = max(round(self._settings.balances_timing.person), 1)
        return _Clients(
            # The slack_sdk default sends again after a cut, which would double a message: the outbox decides instead.
            web_client(self._settings, token, timeout=PATIENT),
            web_client(self._settings, token, timeout=soon),
        )
