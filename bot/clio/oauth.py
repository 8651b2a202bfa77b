"""Clio's sign-in: the address that a person opens, the exchange of its code, refresh, and taking it back.

docs.developers.clio.com, "Authorization", "Deauthorization": authorization codes alone, at the region's own host; the
redirect URI has to be registered to the letter; a code serves once, for about ten minutes; a refresh token serves until
the sign-in is taken back, and is replaced where an answer brings another.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import requests

from brought_forward.bot.clio.http import Bearer
from brought_forward.bot.errors import ClioRejected, ClioUnclear
from brought_forward.storage.records.connection import Tokens

WAIT = (3.05, 20.0)  # seconds to reach Clio, and for its answer
IN_FORM = "client_secret_post"  # how the app says who it is, in OAuth's words
DECLINED, OTHER_STATE, NO_CODE = "access_denied", "other_state", "no_code"
NOT_OURS = "This is not the answer to the sign-in that was begun here. Open the address that was printed last."


@dataclass(frozen=True, slots=True)
class ClioApp:
    """The app that the firm has registered at Clio, in one region."""

    site: str  # "https://app.clio.com"
    client_id: str
    client_secret: str = field(repr=False)

    def address(self, redirect: str, state: str) -> str:
        """Give the address where a person allows the app; Clio then leads them to `redirect`."""
        asked = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": redirect,
            "state": state,
            "redirect_on_decline": "true",
        }
        return f"{self.site}/oauth/authorize?{urlencode(asked)}"

    def exchange(self, code: str, redirect: str) -> Tokens:
        """Exchange a code for tokens, once. Raises ClioRejected with OAuth's kind of error, ClioUnclear."""
        return self._tokens(
            lambda session, url: session.fetch_token(
                url, grant_type="authorization_code", code=code, redirect_uri=redirect, timeout=WAIT,
                allow_redirects=False,
            )
        )  # fmt: skip

    def refresh(self, token: str) -> Tokens:
        """Ask for a new access token. Raises ClioRejected with OAuth's kind of error, ClioUnclear."""
        found = self._tokens(
            lambda session, url: session.refresh_token(url, refresh_token=token, timeout=WAIT, allow_redirects=False)
        )
        return Tokens(found.access, found.refresh if found.refresh != token else None, found.life)

    def _tokens(self, ask: Callable[[Any, str], Any]) -> Tokens:
        from authlib.integrations.base_client import OAuthError  # noqa: PLC0415 - 0.3 s, and seldom needed
        from authlib.integrations.requests_client import OAuth2Session  # noqa: PLC0415

        with OAuth2Session(self.client_id, self.client_secret, token_endpoint_auth_method=IN_FORM) as session:
            try:
                found = ask(session, f"{self.site}/oauth/token")
                return Tokens(
                    access=str(found["access_token"]),
                    refresh=str(found["refresh_token"]) if found.get("refresh_token") else None,
                    life=float(found["expires_in"]) if found.get("expires_in") else None,
                )
            except OAuthError as refusal:
                raise ClioRejected(
                    f"Clio refused: {refusal.description or refusal.error}", status=400, kind=str(refusal.error)
                ) from None
            except requests.RequestException as cut:
                raise ClioUnclear(f"No answer from Clio's sign-in ({type(cut).__name__}).") from None
            except (KeyError, TypeError, ValueError):
                raise ClioUnclear("Clio's sign-in gave an answer that cannot be read.") from None

    def take_back(self, access: str) -> None:
        """Tell Clio that the sign-in is over. Raises ClioRejected where it was over already, ClioUnclear."""
        try:
            answer = requests.post(
                f"{self.site}/oauth/deauthorize",
                data={"token": access},
                auth=Bearer(access),
                timeout=WAIT,
                allow_redirects=False,
            )
        except requests.RequestException as cut:
            raise ClioUnclear(f"No answer from Clio's sign-in ({type(cut).__name__}).") from None
        if answer.status_code in {400, 401, 403, 404}:
            raise ClioRejected("Clio knows this sign-in no more.", status=answer.status_code)
        if answer.status_code >= 300:
            raise ClioUnclear(f"Clio answered {answer.status_code}.")


def new_state() -> str:
    """Make what Clio hands back with its answer, so that an answer to another sign-in is seen."""
    return secrets.token_urlsafe(24)


def code_of(address: str, state: str) -> str:
    """Read the code out of the address that Clio led to. Raises ClioRejected where it holds none for us."""
    said = parse_qs(urlsplit(address.strip()).query)
    told = {name: values[0] for name, values in said.items()}
    if not secrets.compare_digest(told.get("state", "").encode(), state.encode()):
        raise ClioRejected(NOT_OURS, status=400, kind=OTHER_STATE)
    if told.get("error") == DECLINED:
        raise ClioRejected("It was declined in Clio, so nothing was connected.", status=403, kind=DECLINED)
    if "code" not in told:
        why = told.get("error_description") or told.get("error") or "no code in its answer"
        raise ClioRejected(f"Clio did not allow it: {why}.", status=400, kind=NO_CODE)
    return told["code"]
