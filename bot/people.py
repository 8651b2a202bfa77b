"""Who clicked or asked: checked with Slack each time, and refused where Slack does not say in time."""

import logging

from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError

from brought_forward.bot.errors import NotAllowed

log = logging.getLogger(__name__)


class People:
    """Ask Slack about people. `client` gives up after two seconds."""

    def __init__(self, client: WebClient) -> None:
        self._client = client

    def check(self, user: str, firm: str) -> None:
        """Let through a full member of this workspace. Raises NotAllowed for anyone else, or where Slack is silent."""
        try:
            found = self._client.users_info(user=user).get("user") or {}
        except (SlackClientError, OSError) as silent:
            log.warning("Slack did not say who user=%s is: %s", user, type(silent).__name__)
            raise NotAllowed("Slack did not tell me who you are just now, so I changed nothing. Try again.") from silent
        if found.get("deleted") or found.get("is_bot"):
            raise NotAllowed("Only people of this workspace can do this.")
        if found.get("team_id") != firm or found.get("is_stranger"):
            raise NotAllowed("Only people of this workspace can do this, not of another one.")
        if found.get("is_restricted") or found.get("is_ultra_restricted"):
            raise NotAllowed("Guests cannot do this.")
