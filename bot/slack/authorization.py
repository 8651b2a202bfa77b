"""Whose token serves a request of Slack's, and where an install is kept: both by our rows, and Slack is not asked."""

import logging
from collections.abc import Callable
from typing import Any

from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.authorize import Authorize
from slack_bolt.error import BoltError
from slack_sdk.oauth.installation_store import Installation, InstallationStore

from brought_forward.bot.slack.slacks import NotInstalled, Slacks
from brought_forward.storage.scope import of_firm
from brought_forward.storage.store import Store

log = logging.getLogger(__name__)


class FirmAuthorize(Authorize):
    """Give the token of the workspace that a request is of; a request of any other workspace is refused.

    Bolt's own way asks Slack at each request, and loses an event if Slack fails. A plain function would not do: beside
    an install flow Bolt takes a subclass only.
    """

    def __init__(self, slacks: Slacks) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # Bolt has no types there
        self._slacks = slacks

    def __call__(self, *, team_id: str | None, enterprise_id: str | None = None, **_: Any) -> AuthorizeResult | None:
        """Say whose token serves a request. Returns None where the app is not installed."""
        try:
            with of_firm(team_id):
                token = self._slacks.token(team_id or "")
        except NotInstalled as gone:
            log.warning("a request of Slack's for firm=%s was refused: %s", team_id, gone)
            return None
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token=token)


class InstallationRows(InstallationStore):
    """Keep installs in our rows, their tokens sealed. Nothing else of Bolt's store is asked for."""

    def __init__(self, store: Store, changed: Callable[[str], None]) -> None:
        self._store = store
        self._changed = changed  # told of the firm whose install was kept

    def save(self, installation: Installation) -> None:
        """Keep an install, the first or once more. Raises BoltError, which the flow shows, where it cannot be kept."""
        firm, token = installation.team_id, installation.bot_token
        if not firm or not token or not installation.bot_user_id:
            raise BoltError("Slack told no workspace, or gave no bot's token")
        try:
            with of_firm(firm):
                self._store.firms.install(
                    firm,
                    name=installation.team_name or "",
                    bot_user=installation.bot_user_id,
                    token=token,
                    by=installation.user_id or None,
                )
        except Exception as trouble:
            log.exception("an install of firm=%s was not kept", firm)
            raise BoltError("it was not kept") from trouble
        log.info("installed in firm=%s", firm)
        self._changed(firm)
