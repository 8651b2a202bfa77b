"""The bot in each firm's workspace: who it is there."""

import threading
from contextlib import suppress
from dataclasses import dataclass

from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError

from brought_forward.bot.errors import SlackAway
from brought_forward.bot.settings import Firms
from brought_forward.bot.slack.slacks import Slacks
from brought_forward.storage.store import Store


@dataclass(frozen=True, slots=True)
class WhoAmI:
    """Whose a bot token is, as Slack says."""

    firm: str  # the team's id
    name: str  # the workspace's
    bot_user: str


class Installations:
    """Tell the bot's own user in a workspace; of the environment's token Slack is asked once a process."""

    def __init__(self, store: Store, firms: Firms, slacks: Slacks) -> None:
        self._store = store
        self._firms = firms
        self._slacks = slacks
        self._lock = threading.Lock()
        self._bot_user: str | None = None  # of the environment's token, whatever workspace it is of

    def bot_user(self, firm: str) -> str:
        """Tell the bot's own user id in a workspace. Raises SlackAway until Slack has said it."""
        own = None if self._firms.deployment.is_shared else self._learned()
        known = self._store.firms.installation(firm)
        if known:
            return known.bot_user
        if own is None:
            raise SlackAway("not installed")
        return own

    def look(self) -> None:
        """Ask Slack once whose the environment's token is, as soon as it answers."""
        if self._firms.deployment.is_shared:
            return
        with suppress(SlackAway):
            self._learned()

    def _learned(self) -> str:
        """Ask Slack whose the token is, and keep it. Raises SlackAway."""
        with self._lock:
            if self._bot_user is None:
                who = who_am_i(self._slacks.of(""))
                if who.firm:
                    self._store.firms.know_environments(who.firm, name=who.name, bot_user=who.bot_user)
                    self._firms.owns(who.firm)
                self._bot_user = who.bot_user
            return self._bot_user


def who_am_i(client: WebClient) -> WhoAmI:
    """Tell whose token this is. Raises SlackAway where Slack does not say."""
    try:
        said = client.auth_test()
        return WhoAmI(str(said.get("team_id") or ""), str(said.get("team") or ""), str(said["user_id"]))
    except (SlackClientError, OSError) as silent:
        raise SlackAway(type(silent).__name__) from silent
