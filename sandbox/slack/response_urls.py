"""The addresses by which a bot answers a click or a command: five uses in thirty minutes."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from brought_forward.sandbox.slack.api.messages import check_content
from brought_forward.sandbox.slack.records import Message
from brought_forward.sandbox.slack.workspace import SlackError, Workspace


@dataclass(slots=True)
class ResponseUrl:
    """One address, what it answers, and how often it was used."""

    user: str
    channel: str
    source: Message | None  # the message whose button was pressed
    made: float
    uses: int = 0


class ResponseUrls:
    """All addresses that were given out."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._given: dict[str, ResponseUrl] = {}

    def make(self, user: str, channel: str, source: Message | None = None) -> str:
        """Give out an address for one interaction."""
        token = secrets.token_hex(12)
        self._given[token] = ResponseUrl(user, channel, source, self.workspace.now())
        return f"{self.workspace.base_url}/response/{token}"

    def use(self, token: str, body: dict[str, Any]) -> None:
        """Do what a body sent to an address asks; raises SlackError.

        Without `replace_original` a new message is made, seen by the one who clicked unless `response_type` is
        `in_channel`. It goes into a thread only if `thread_ts` says so. Blocks are checked as everywhere.
        """
        url, rules = self._given.get(token), self.workspace.rules
        if url is None or self.workspace.now() - url.made > rules.response_url_seconds:
            raise SlackError("expired_url")
        with self.workspace.change():
            if url.uses >= rules.response_url_uses:
                raise SlackError("used_url")
            url.uses += 1
            if body.get("delete_original"):
                self._source(url)
                self.workspace.remove(self._source(url))
            elif body.get("replace_original"):
                text, blocks = check_content(self.workspace, body)
                self.workspace.edit(self._source(url), text, blocks or [])
            else:
                self.answer(url.user, url.channel, body)

    def _source(self, url: ResponseUrl) -> Message:
        if url.source is None or url.source not in [*self.workspace.messages, *self.workspace.ephemerals]:
            raise SlackError("message_not_found")
        return url.source

    def answer(self, user: str, channel: str, body: dict[str, Any]) -> Message:
        """Make a message from what a bot answered; the bot need not be in the channel for it."""
        text, blocks = check_content(self.workspace, body)
        workspace = self.workspace
        with workspace.changed:
            message = Message(
                workspace.channel(channel).id,
                workspace.ts(),
                workspace.bot.id,
                text,
                blocks or [],
                workspace.root(channel, body.get("thread_ts")),
                ephemeral_to=None if body.get("response_type") == "in_channel" else user,
            )
            return workspace.post(message)
