"""Slack: the token and what it may ask, the channels and who reads along, who may approve."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from brought_forward.bot.approval.approvers import GROUP
from brought_forward.bot.cli.doctor.catalogue.whole import catalogue
from brought_forward.bot.cli.doctor.clocks import ahead, clock_line
from brought_forward.bot.cli.doctor.finding import Finding, amiss, note, ok
from brought_forward.bot.cli.doctor.settings import Known
from brought_forward.bot.cli.doctor.shapes import Validation
from brought_forward.bot.errors import NotAllowed
from brought_forward.bot.messages.words import count
from brought_forward.bot.slack.people import People, Place, Standing
from brought_forward.bot.slack.scopes import SCOPES

REINSTALL = "on the app's page, OAuth & Permissions, and install the app again"
TOKEN = "Copy the Bot User OAuth Token anew from the app's page, Install App, and start the bot with it."  # noqa: S105
PRIVATE = "Let balances be dropped in a private channel of those who may know them, and name that instead."
LEAST = 2  # people who may approve: who uploads never approves their own


@dataclass(slots=True)
class SlackLook:
    """Ask Slack; nothing is said there."""

    of: Known
    client: WebClient
    shapes: bool = True  # whether Slack is asked of each shape that the bot can send: over a hundred calls
    pause: Callable[[float], object] = time.sleep  # where Slack asks to wait between them

    def lines(self) -> Iterator[Finding]:
        """Look at all of it. Where Slack gives no answer, that is the one line."""
        before = time.time()
        try:
            answer = self.client.auth_test()
        except SlackApiError as refusal:
            error = refusal.response.get("error")
            yield amiss("Sign-in", f"Slack refuses the bot's token ({error}); nothing else is asked there", TOKEN)
            return
        except (SlackClientError, OSError) as away:
            yield amiss(
                "Sign-in",
                f"Slack is out of reach ({type(away).__name__}); nothing else is asked there",
                f"See that this machine reaches {self.of.settings.slack_api_url}, then look again.",
            )
            return
        headers = {str(name).lower(): str(value) for name, value in answer.headers.items()}
        yield ok("Sign-in", f"@{answer.get('user')} in {answer.get('team')} ({answer.get('team_id')})")
        yield from self._socket()
        clock = clock_line("Slack", ahead(headers, before, time.time()))
        yield from self._scopes(headers)
        firm = str(answer.get("team_id"))
        people = People(lambda _: self.client)
        for channel in self.of.firm.channels:
            yield from self._channel(people, channel, firm)
        yield from approver_lines(people, self.of.firm.approvers, firm)
        yield clock
        if self.shapes:
            yield from Validation(self.client, self.pause).lines(catalogue())

    def _socket(self) -> Iterator[Finding]:
        """Say whether the app-level token opens Socket Mode: Slack gives an address, to which nothing is connected."""
        token = self.of.settings.slack_app_token.get_secret_value()
        if not token:
            return
        what, page = "Socket Mode", "on the app's page, Basic Information, App-Level Tokens"
        try:
            self.client.apps_connections_open(app_token=token)
        except SlackApiError as refusal:
            error = refusal.response.get("error")
            said = f"Slack refuses the app-level token ({error}), so the bot would hear nothing"
            yield amiss(what, said, f"Make one with connections:write {page}, and see that Socket Mode is on.")
        except (SlackClientError, OSError) as away:
            yield note(what, f"not known: {type(away).__name__}")
        else:
            yield ok(what, "Slack takes the app-level token")

    def _scopes(self, headers: Mapping[str, str]) -> Iterator[Finding]:
        what = "Scopes"
        if "x-oauth-scopes" not in headers:
            yield note(what, "Slack does not say which the token has")
            return
        has = {one.strip() for one in headers["x-oauth-scopes"].split(",") if one.strip()}
        for scope in sorted(SCOPES.keys() - has):
            yield amiss(what, f"{scope} is missing: {SCOPES[scope]}", f"Add it {REINSTALL}.")
        if more := sorted(has - SCOPES.keys()):
            yield amiss(
                what, f"more than the bot needs: {', '.join(more)}", f"Take away what is not needed, {REINSTALL}."
            )
        if has == SCOPES.keys():
            yield ok(what, f"all {len(SCOPES)} of the manifest, and no more")

    def _channel(self, people: People, channel: str, firm: str) -> Iterator[Finding]:
        """Say whether the bot is in a channel, and who reads along there."""
        what = f"Channel {channel}"
        try:
            place = people.place(channel, firm)
            what = f"Channel #{place.name} ({channel})" if place.name else what
            if closed := _closed(place):
                yield amiss(what, *closed)
                return
            readers = people.readers(channel, firm)
        except NotAllowed as silent:
            yield amiss(what, f"not known: {silent}", "Look again once that is put right.")
            return
        if readers.is_public:
            yield amiss(what, "public: everyone of the workspace would read clients' names and amounts", PRIVATE)
        elif readers.guests:
            said = f"{count(readers.guests, 'guest')} would read clients' names and amounts"
            yield amiss(what, said, "Take the guests out of it, or name another channel.")
        else:
            yield ok(what, "private, the bot is in it, and no guest reads along")


def _closed(place: Place) -> tuple[str, str] | None:
    """Say why nothing comes of a file in a channel, and what to do. Returns None where something does."""
    if place.is_shared:
        return "shared with another company, so the bot takes no file there", "Name one of the firm's own."
    if place.is_archived:
        return "archived, so nothing can be said there", "Unarchive it, or name another."
    if not place.has_bot:
        return "the bot is not in it, or there is none", "Invite it there: /invite @brought-forward."
    return None


def approver_lines(people: People, named: tuple[str, ...], firm: str) -> Iterator[Finding]:
    """Say of each who is named as approver who that is, and whether enough people could approve."""
    could: set[str] = set()
    for one in named:
        try:
            members = people.members(one, firm) if one.startswith(GROUP) else frozenset({one})
            if one.startswith(GROUP):
                yield _group(one, len(members))
            for user in sorted(members):
                finding = _approver(people, user, firm)
                could |= set() if finding.todo else {user}
                yield finding
        except NotAllowed as silent:
            yield amiss(f"Approver {one}", f"not known: {silent}", "Until Slack says who that is, they cannot approve.")
    what = "How many may approve"
    said = count(len(could), "person", "people")
    if len(could) >= LEAST:
        yield ok(what, said)
    else:
        yield amiss(
            what,
            said,
            "Name two or more in BALANCES_APPROVERS: who uploads a file never approves it, so with one of them"
            " nobody could approve what that one drops.",
        )


def _group(group: str, members: int) -> Finding:
    what = f"Approvers {group}"
    if members:
        return ok(what, f"a group of {count(members, 'person', 'people')}")
    return amiss(what, "a group without members", "Put people into it, or name them by their ids.")


def _approver(people: People, user: str, firm: str) -> Finding:
    what = f"Approver {user}"
    standing = people.standing(user, firm)
    if standing is Standing.MEMBER:
        return ok(what, f"{people.name(user, firm)}, a member of the workspace")
    who = "a guest" if standing is Standing.GUEST else "a bot, somebody from elsewhere, or nobody any more"
    return amiss(what, f"{who}, so every click of theirs is refused", "Name a full member of the workspace instead.")
