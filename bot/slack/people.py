"""Who clicked or asked: checked with Slack each time, and refused where Slack does not say in time."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from brought_forward.bot.errors import NotAllowed, SlackSilent
from brought_forward.bot.messages.words import person

log = logging.getLogger(__name__)

SHARED = (
    "This channel is shared with another company, so I bring no balances forward here. Delete the file, and drop it"
    " into a channel of your own firm."
)
ONLY_MEMBERS = "Only members of this workspace can do this."
NO_GROUPS = {"plan_upgrade_required", "paid_teams_only"}  # a free plan has no user groups
GONE = {"no_such_subteam", "subteam_not_found", "user_group_not_found"}
NOBODY = {"user_not_found", "user_not_visible", "users_not_found"}
SLACKBOT = "USLACKBOT"  # of which Slack says that it is neither a bot nor an app


class Standing(StrEnum):
    """What somebody is to this workspace."""

    MEMBER = "member"  # a full one, and human
    GUEST = "guest"
    NOBODY = "nobody"  # a bot, a stranger of Slack Connect, somebody deleted, or no id at all


@dataclass(frozen=True, slots=True)
class Account:
    """What Slack says of somebody."""

    standing: Standing
    is_owner: bool  # of this workspace


@dataclass(frozen=True, slots=True)
class Place:
    """What Slack says of a channel."""

    is_shared: bool  # with another company, by Slack Connect, or about to be
    has_bot: bool
    is_archived: bool = False
    name: str = ""


@dataclass(frozen=True, slots=True)
class Readers:
    """Who reads a channel."""

    is_public: bool  # everyone of the workspace
    guests: int  # among the members of a private one


MEMBERS = 50  # of a private channel that are looked at: more are few firms' rooms for money


class People:
    """Ask Slack about people, groups and channels of a firm. `client_of` gives ones that give up after two seconds."""

    def __init__(self, client_of: Callable[[str], WebClient]) -> None:
        self._client_of = client_of

    def standing(self, user: str, firm: str) -> Standing:
        """Say what somebody is to this workspace. Raises SlackSilent, or NotAllowed where the app lacks the scope."""
        return self.account(user, firm).standing

    def account(self, user: str, firm: str) -> Account:
        """Say what somebody is, and whether they own the workspace. Raises SlackSilent, or NotAllowed as `standing`."""
        nobody = Account(Standing.NOBODY, is_owner=False)
        if user in {"", SLACKBOT}:
            return nobody
        try:
            found = self._client_of(firm).users_info(user=user).get("user") or {}
        except SlackApiError as refusal:
            if refusal.response.get("error") in NOBODY:
                return nobody
            raise _refused(refusal, "who you are", "users:read") from refusal
        except (SlackClientError, OSError) as silent:
            log.warning("Slack did not say who user=%s is: %s", user, type(silent).__name__)
            raise SlackSilent(_silent("who you are")) from silent
        teams = {found.get("team_id"), *((found.get("enterprise_user") or {}).get("teams") or [])}
        if found.get("deleted") or found.get("is_bot") or found.get("is_stranger") or firm not in teams:
            return nobody
        if found.get("is_restricted") or found.get("is_ultra_restricted"):
            return Account(Standing.GUEST, is_owner=False)
        # Of somebody from another workspace of the organisation these flags speak of that one.
        owns = (found.get("is_owner") or found.get("is_primary_owner")) and found.get("team_id") == firm
        return Account(Standing.MEMBER, is_owner=bool(owns))

    def name(self, user: str, firm: str) -> str:
        """Give a person's name as Slack shows it; the id of one that Slack does not know. Raises SlackSilent."""
        try:
            found = self._client_of(firm).users_info(user=user).get("user") or {}
        except SlackApiError as refusal:
            if refusal.response.get("error") in NOBODY:
                return user
            raise _refused(refusal, "who somebody is", "users:read") from refusal
        except (SlackClientError, OSError) as silent:
            raise SlackSilent(_silent("who somebody is")) from silent
        profile = found.get("profile") or {}
        names = (profile.get("display_name"), profile.get("real_name"), found.get("real_name"), found.get("name"))
        return next((str(name) for name in names if name), user)

    def check(self, user: str, firm: str) -> Account:
        """Let through a full member of this workspace. Raises NotAllowed for anyone else, or where Slack is silent."""
        account = self.account(user, firm)
        if account.standing is Standing.GUEST:
            raise NotAllowed("Guests cannot do this.")
        if account.standing is not Standing.MEMBER:
            raise NotAllowed(ONLY_MEMBERS)
        return account

    def members(self, group: str, firm: str) -> frozenset[str]:
        """List a user group's members as of now. Raises NotAllowed where Slack does not tell them."""
        try:
            answer = self._client_of(firm).usergroups_users_list(usergroup=group)
        except SlackApiError as refusal:
            error = str(refusal.response.get("error"))
            log.warning("Slack did not tell the members of group=%s: %s", group, error)
            if error in NO_GROUPS:
                why = "this workspace's plan has no user groups. Whoever runs the bot names people instead."
            elif error in GONE:
                why = "Slack has no such group any more. Whoever runs the bot corrects the list of approvers."
            elif error == "missing_scope":
                why = "the app lacks the scope usergroups:read. Whoever runs the bot adds it and installs it again."
            else:
                why = "Slack did not answer. Try again."
            raise NotAllowed(f"I cannot read who is in {person(group)}, so I changed nothing: {why}") from refusal
        except (SlackClientError, OSError) as silent:
            log.warning("Slack did not tell the members of group=%s: %s", group, type(silent).__name__)
            raise SlackSilent(_silent(f"who is in {person(group)}")) from silent
        users = answer.get("users")
        if not isinstance(users, list):
            raise SlackSilent(_silent(f"who is in {person(group)}"))
        return frozenset(str(user) for user in users)

    def place(self, channel: str, firm: str) -> Place:
        """Say what a channel is. Raises SlackSilent, or NotAllowed where the app lacks the scope to ask."""
        if channel.startswith("D"):  # a direct conversation with the bot, of which Slack would want im:read
            return Place(is_shared=False, has_bot=True)
        try:
            found = self._client_of(firm).conversations_info(channel=channel).get("channel") or {}
        except SlackApiError as refusal:
            if refusal.response.get("error") == "channel_not_found":  # a private one that the bot is not in
                return Place(is_shared=False, has_bot=False)
            raise _refused(refusal, "about this channel", "channels:read or groups:read") from refusal
        except (SlackClientError, OSError) as silent:
            log.warning("Slack did not say what channel=%s is: %s", channel, type(silent).__name__)
            raise SlackSilent(_silent("about this channel")) from silent
        shared = found.get("is_ext_shared") or found.get("is_pending_ext_shared")
        return Place(
            is_shared=bool(shared),
            has_bot=found.get("is_member") is not False,
            is_archived=bool(found.get("is_archived")),
            name=str(found.get("name") or ""),
        )

    def readers(self, channel: str, firm: str) -> Readers:
        """Say who reads a channel of the firm's. Raises SlackSilent, or NotAllowed where the app lacks a scope."""
        scope = "channels:read or groups:read"
        try:
            found = self._client_of(firm).conversations_info(channel=channel).get("channel") or {}
            if not found.get("is_private"):
                return Readers(is_public=True, guests=0)
            members = self._client_of(firm).conversations_members(channel=channel, limit=MEMBERS).get("members") or []
        except SlackApiError as refusal:
            raise _refused(refusal, "who reads this channel", scope) from refusal
        except (SlackClientError, OSError) as silent:
            raise SlackSilent(_silent("who reads this channel")) from silent
        standings = [self.standing(str(one), firm) for one in members[:MEMBERS]]
        return Readers(is_public=False, guests=standings.count(Standing.GUEST))

    def check_place(self, channel: str, firm: str) -> None:
        """Let through a channel of the firm's own. Raises NotAllowed for one that is shared, or if Slack is silent."""
        if self.place(channel, firm).is_shared:
            raise NotAllowed(SHARED)


def _refused(refusal: SlackApiError, what: str, scope: str) -> NotAllowed:
    """Tell a scope that the app lacks from a Slack that cannot answer just now."""
    error = str(refusal.response.get("error"))
    log.warning("Slack did not say %s: %s", what, error)
    if error != "missing_scope":
        return SlackSilent(_silent(what))
    return NotAllowed(
        f"I may not ask Slack {what}, so I changed nothing: the app lacks the scope"
        f" {refusal.response.get('needed') or scope}. Whoever runs the bot adds it and installs the app again."
    )


def _silent(what: str) -> str:
    return f"Slack did not tell me {what} just now, so I changed nothing. Try again."
