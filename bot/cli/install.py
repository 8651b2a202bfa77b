"""Slack's install flow: Bolt's own, over our rows, with pages that say what comes next."""

import hashlib
import hmac
import logging
from contextlib import suppress
from typing import Any

from slack_bolt import BoltRequest, BoltResponse
from slack_bolt.error import BoltError
from slack_bolt.oauth import OAuthFlow
from slack_bolt.oauth.callback_options import CallbackOptions, FailureArgs, SuccessArgs
from slack_bolt.oauth.oauth_settings import OAuthSettings
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.oauth.installation_store import Installation
from slack_sdk.oauth.state_store.stateless import StatelessOAuthStateStore
from slack_sdk.web import SlackResponse

from brought_forward.bot.cli.page import page
from brought_forward.bot.messages import install as words
from brought_forward.bot.settings import Settings
from brought_forward.bot.slack.authorization import InstallationRows
from brought_forward.bot.slack.files import SLACK_API
from brought_forward.bot.slack.scopes import SCOPES

log = logging.getLogger(__name__)

INSTALL, REDIRECTED = "/slack/install", "/slack/oauth_redirect"
LIFE = 300  # seconds between the two: a state that is seen can be sent again within them
PATIENCE = 10  # seconds for Slack's answer: somebody looks at the page
ASKS = "https://slack.com/oauth/v2/authorize"


class WholeOrganisation(BoltError):  # noqa: N818 - it reads as a sentence where it is raised
    """Somebody installed the app for all workspaces of an organisation at once."""


class NotAsked(BoltError):  # noqa: N818 - it reads as a sentence where it is raised
    """Whoever hosts the bot has named the workspaces that may install it, and this is none of them."""

    def __init__(self, team: str) -> None:
        super().__init__(f"an install in {team} was refused: it is not among those that may")
        self.team = team


class Expiring(BoltError):  # noqa: N818 - it reads as a sentence where it is raised
    """The app gives tokens that have to be renewed."""


class Flow(OAuthFlow):
    """Bolt's flow, which takes installs of single workspaces alone, and of those that may where they are named."""

    may_install: tuple[str, ...] = ()

    def store_installation(self, request: BoltRequest, installation: Installation) -> None:
        """Keep an install. Raises BoltError, whose kind the page tells."""
        wrong: BoltError | None = None
        if installation.is_enterprise_install or not installation.team_id:
            wrong = WholeOrganisation("an install for a whole organisation was refused")
        elif self.may_install and installation.team_id not in self.may_install:
            wrong = NotAsked(installation.team_id)
        elif installation.bot_token_expires_at is not None:
            wrong = Expiring("an install was refused: token rotation is on for the app at Slack")
        if wrong is None:
            super().store_installation(request, installation)
            return
        log.warning("%s", wrong)
        with suppress(SlackClientError, OSError):  # what is not kept here is better not kept there
            self.client.auth_revoke(token=installation.bot_token)
        raise wrong


class InstallClient(WebClient):
    """The client of the exchange, which tells the log why Slack refuses one. Bolt's own line has the code in it."""

    def oauth_v2_access(self, **more: Any) -> SlackResponse:
        """Exchange a code for a token."""
        try:
            return super().oauth_v2_access(**more)
        except SlackApiError as refusal:
            log.warning("Slack refused an install: %s", refusal.response.get("error"))
            raise


def install_flow(settings: Settings, rows: InstallationRows) -> OAuthFlow:
    """Make the flow that serves INSTALL and REDIRECTED."""
    quiet = logging.getLogger(f"{__name__}.bolt")
    quiet.setLevel(logging.ERROR)  # below that Bolt logs codes
    secret, signing = settings.slack_client_secret.get_secret_value(), settings.slack_signing_secret.get_secret_value()
    flow = Flow(
        client=InstallClient(base_url=settings.slack_api_url, timeout=PATIENCE, retry_handlers=[]),
        logger=quiet,
        settings=OAuthSettings(
            client_id=settings.slack_client_id,
            client_secret=secret,
            scopes=sorted(SCOPES),
            user_scopes=[],
            redirect_uri=f"{settings.balances_public_url}{REDIRECTED}",
            install_path=INSTALL,
            install_page_rendering_enabled=False,  # straight to Slack's page, which asks
            redirect_uri_path=REDIRECTED,
            authorization_url=_page_of(settings.slack_api_url),
            callback_options=CallbackOptions(success=_done, failure=_failed),
            installation_store=rows,
            state_store=StatelessOAuthStateStore(
                expiration_seconds=LIFE,
                signing_secret=hmac.new(secret.encode(), b"install:" + signing.encode(), hashlib.sha256).hexdigest(),
                logger=quiet,
            ),
            state_expiration_seconds=LIFE,
            logger=quiet,
        ),
    )
    flow.may_install = settings.slack_workspaces
    return flow


def install_link(settings: Settings) -> str:
    """Name where the app is installed."""
    return f"{settings.balances_public_url}{INSTALL}"


def stumbled(trouble: Exception, link: str) -> tuple[int, str]:
    """Give the status and words of a page where the flow itself could not go on."""
    if isinstance(trouble, (SlackClientError, OSError)):
        log.warning("Slack did not answer an install: %s", type(trouble).__name__)
        return 502, words.away(link)
    log.error("an install failed: %s", type(trouble).__name__)
    return 500, words.not_kept(link)


def _page_of(api_url: str) -> str:
    return ASKS if api_url == SLACK_API else f"{api_url.removesuffix('/').removesuffix('/api')}/oauth/v2/authorize"


def _done(args: SuccessArgs) -> BoltResponse:
    return _shown(200, words.installed(args.installation.team_name or ""))


def _failed(args: FailureArgs) -> BoltResponse:
    link = f"{(args.settings.redirect_uri or '').removesuffix(REDIRECTED)}{INSTALL}"
    if isinstance(args.error, WholeOrganisation):
        return _shown(400, words.whole_organisation(link))
    if isinstance(args.error, NotAsked):
        return _shown(403, words.not_asked(args.error.team))
    if isinstance(args.error, Expiring):
        return _shown(400, words.EXPIRING)
    if args.reason == "access_denied":
        return _shown(200, words.declined(link))
    if args.reason in {"invalid_browser", "invalid_state"}:
        return _shown(400, words.too_late(link))
    if args.error is not None:
        return _shown(500, words.not_kept(link))
    return _shown(400, words.not_taken(link))


def _shown(status: int, text: str) -> BoltResponse:
    headers, body = page(text, words.NAME)
    return BoltResponse(status=status, body=body.decode(), headers=dict(headers))
