"""The envelope of each interaction: who, where, and the way to the bot.

https://docs.slack.dev/reference/interaction-payloads
"""

from __future__ import annotations

from typing import Any

from brought_forward.sandbox.slack.api.views import show_view
from brought_forward.sandbox.slack.delivery import Line
from brought_forward.sandbox.slack.objects import show_message
from brought_forward.sandbox.slack.records import Answer, Block, Channel, Message, User, View
from brought_forward.sandbox.slack.response_urls import ResponseUrls
from brought_forward.sandbox.slack.way import Reply, Sort
from brought_forward.sandbox.slack.workspace import APP, Workspace

INVALID = "invalid_response"  # the bot answered in time, but with what Slack cannot use


class Payloads:
    """Make interaction payloads and send them."""

    def __init__(self, workspace: Workspace, line: Line) -> None:
        self.workspace = workspace
        self.line = line
        self.urls = ResponseUrls(workspace)

    def base(self, user: User, kind: str) -> dict[str, Any]:
        """Make what every payload has. `team` is where the app is installed; a stranger's own is in `user`."""
        return {
            "type": kind,
            "user": {"id": user.id, "username": user.name, "name": user.name, "team_id": user.team_id},
            "api_app_id": APP,
            "token": "verification-token",
            "team": {"id": self.workspace.team, "domain": self.workspace.domain},
            "enterprise": None,
            "is_enterprise_install": False,
        }

    def trigger(self, user: User, where: Message | View | Channel | None) -> dict[str, Any]:
        """Make the trigger of an interaction in this place."""
        if isinstance(where, View):
            return {"trigger_id": self.workspace.trigger(user.id, where.channel, where.id)}
        channel = where.channel if isinstance(where, Message) else where.id if where else None
        return {"trigger_id": self.workspace.trigger(user.id, channel)}

    def place(self, user: User, where: Message | View, here: list[Block]) -> dict[str, Any]:
        """Say where an interaction was made; `here` is the blocks that the person saw."""
        if isinstance(where, View):
            return {"container": {"type": "view", "view_id": where.id}, "view": show_view(self.workspace, where)}
        room = self.workspace.channels[where.channel]
        container = {
            "type": "message",
            "message_ts": where.ts,
            "channel_id": room.id,
            "is_ephemeral": where.ephemeral_to is not None,
        }
        if where.thread_ts:
            container["thread_ts"] = where.thread_ts
        place = {
            "container": container,
            "channel": show_place(room),
            "response_url": self.urls.make(user.id, room.id, where),
        }
        if where.ephemeral_to is None:  # Slack does not repeat an ephemeral message
            place["message"] = show_message(self.workspace, where) | {"blocks": here}
        return place

    def send(self, kind: str, payload: dict[str, Any]) -> Reply:
        """Send a payload and wait for the answer."""
        return self.line.send(kind, self.workspace.number("I"), Sort.INTERACTIVE, payload)

    def tell(self, kind: str, payload: dict[str, Any]) -> Answer:
        """Send a payload that the bot can only acknowledge."""
        reply = self.send(kind, payload)
        return Answer(reply.status, reply.body, None if reply.ok else reply.reason)


def show_place(room: Channel) -> dict[str, Any]:
    """Name a channel as payloads do, which hide the names of private ones."""
    return {"id": room.id, "name": "directmessage" if room.is_im else "privategroup" if room.is_private else room.name}
