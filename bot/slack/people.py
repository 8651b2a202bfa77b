"""Who clicked or asked: checked with Slack each time, and refused where Slack does not say in time."""

import logging

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from brought_forward.bot.errors import NotAllowed
from brought_forward.bot.messages.words import person

log = logging.getLogger(__name__)

SHARED = (
    "This channel is shared with another company, so I bring no balances forward here. Delete the file, and drop it"
    " into a channel of your own firm."
)
AWAY = "Slack did not tell me about this channel just now, so I changed nothing. Try again."
NO_GROUPS = {"plan_upgrade_required", "paid_teams_only"}  # a free plan has no user groups
GONE = {"no_such_subteam", "subteam_not_found", "user_group_not_found"}


class People:
    """Ask Slack about people, groups and channels. `client` gives up after two seconds."""

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
            raise NotAllowed("Only members of this workspace can do this.")
        if found.get("team_id") != firm or found.get("is_stranger"):
            raise NotAllowed("Only members of this workspace can do this.")
        if found.get("is_restricted") or found.get("is_ultra_restricted"):
            raise NotAllowed("Guests cannot do this.")

    def members(self, group: str) -> frozenset[str]:
        """List a user group's members as of now. Raises NotAllowed where Slack does not tell them."""
        try:
            answer = self._client.usergroups_users_list(usergroup=group)
        except SlackApiError as refusal:
            error = str(refusal.response.get("error"))
            log.warning("Slack did not tell the members of group=%s: %s", group, error)
            if error in NO_GROUPS:
                why = "this workspace's plan has no user groups. Whoever runs the bot names people instead."
            elif error in GONE:
                why = "Slack has no such group any more. Whoever runs the bot corrects BALANCES_APPROVERS."
            elif error == "missing_scope":
                why = "the app lacks the scope usergroups:read. Whoever runs the bot adds it and installs it again."
            else:
                why = "Slack did not answer. Try again."
            raise NotAllowed(f"I cannot read who is in {person(group)}, so I changed nothing: {why}") from refusal
        except (SlackClientError, OSError) as silent:
            log.warning("Slack did not tell the members of group=%s: %s", group, type(silent).__name__)
            raise NotAllowed(
                f"Slack did not tell me who is in {person(group)} just now, so I changed nothing. Try again."
            ) from silent
        users = answer.get("users")
        if not isinstance(users, list):
            raise NotAllowed(
                f"Slack did not tell me who is in {person(group)} just now, so I changed nothing. Try again."
            )
        return frozenset(str(user) for user in users)

    def check_place(self, channel: str) -> None:
        """Refuse a channel that is shared with another company by Slack Connect.

        Raises NotAllowed there, or where Slack is silent. An app that was installed before it asked for the scopes to
        read channels goes by what the upload's own event said.
        """
        try:
            shared = self.is_shared(channel)
        except (SlackClientError, OSError) as silent:
            raise NotAllowed(AWAY) from silent
        if shared:
            raise NotAllowed(SHARED)

    def is_shared(self, channel: str) -> bool:
        """Ask whether Slack Connect shares a channel. Raises SlackClientError or OSError where Slack is silent."""
        if channel.startswith("D"):  # a direct conversation with the bot
            return False
        try:
            found = self._client.conversations_info(channel=channel).get("channel") or {}
        except SlackApiError as refusal:
            if refusal.response.get("error") == "missing_scope":
                log.warning("channel=%s: the app lacks channels:read or groups:read", channel)
                return False
            raise
        return bool(found.get("is_ext_shared") or found.get("is_pending_ext_shared"))

    def check_own(self, channel: str) -> None:
        """Refuse a channel that is known to be shared; where Slack is silent, what comes after asks again.

        Raises NotAllowed.
        """
        try:
            shared = self.is_shared(channel)
        except (SlackClientError, OSError) as silent:
            log.info("channel=%s: not known whether it is shared: %s", channel, type(silent).__name__)
            return
        if shared:
            raise NotAllowed(SHARED)
