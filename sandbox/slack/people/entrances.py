"""How people come to the bot: shortcuts, the Home tab and slash commands.

https://docs.slack.dev/interactivity/implementing-shortcuts , https://docs.slack.dev/surfaces/app-home
"""

from __future__ import annotations

import json
import re
from typing import Any, Literal

from brought_forward.sandbox.slack.api.views import show_view
from brought_forward.sandbox.slack.objects import show_message
from brought_forward.sandbox.slack.people.payloads import Payloads, show_place
from brought_forward.sandbox.slack.records import Answer, Channel, Message, User
from brought_forward.sandbox.slack.way import Reply, Sort
from brought_forward.sandbox.slack.workspace import APP, SlackError, Workspace

Tab = Literal["home", "messages"]


class Entrances:
    """The ways in that are no button."""

    def __init__(self, workspace: Workspace, payloads: Payloads) -> None:
        self.workspace = workspace
        self.payloads = payloads

    def use_message_shortcut(self, user: User, callback_id: str, message: Message) -> Answer:
        """Choose a shortcut from a message's menu; the message is told whole, even where the bot is not.

        Raises LookupError where Slack has no such entry in its menu.
        """
        room = self.workspace.channels[message.channel]
        if message.ephemeral_to is not None or user.id not in room.members:
            raise LookupError(f"{user.name} has no menu of this message.")
        payload = self._shortcut(user, callback_id, "message_action") | self.payloads.trigger(user, message)
        payload |= {
            "response_url": self.payloads.urls.make(user.id, room.id, message),
            "message_ts": message.ts,
            "message": show_message(self.workspace, message),
            "channel": show_place(room),
        }
        return self.payloads.tell("message_action", payload)

    def use_global_shortcut(self, user: User, callback_id: str, viewing: Channel | None) -> Answer:
        """Choose a shortcut from the menu of all; the bot is not told where the person was."""
        payload = self._shortcut(user, callback_id, "shortcut") | self.payloads.trigger(user, viewing)
        return self.payloads.tell("shortcut", payload)

    def _shortcut(self, user: User, callback_id: str, kind: str) -> dict[str, Any]:
        if self.workspace.rules.shortcuts.get(callback_id) != kind:
            raise LookupError(f"The app has no such shortcut: {callback_id}.")
        return self.payloads.base(user, kind) | {"callback_id": callback_id, "action_ts": self.workspace.ts()}

    def open_home(self, user: User, tab: Tab) -> None:
        """Go to the app and one of its tabs; the event carries the view that the tab has, if any."""
        with self.workspace.changed:
            room = self.workspace.dm(user.id)
            event: dict[str, Any] = {
                "type": "app_home_opened",
                "user": user.id,
                "channel": room.id,
                "tab": tab,
                "event_ts": self.workspace.ts(),
            }
            if tab == "home" and not self.workspace.rules.home_tab:
                raise LookupError("The app has no Home tab.")
            if tab == "home" and user.id in self.workspace.homes:
                event["view"] = show_view(self.workspace, self.workspace.views[self.workspace.homes[user.id]])
        self.payloads.line.tell(event, room)

    def command(self, user: User, text: str, channel: str, name: str) -> Answer:
        """Send a slash command; what is answered at once becomes a message, and silence becomes Slackbot's words."""
        room = self.workspace.channel(channel)
        fields = {
            "token": "verification-token",
            "team_id": self.workspace.team,
            "team_domain": self.workspace.domain,
            "channel_id": room.id,
            "channel_name": show_place(room)["name"],
            "user_id": user.id,
            "user_name": user.name,
            "command": name,
            "text": self._escaped(text, user) if self.workspace.rules.escapes else text,
            "api_app_id": APP,
            "is_enterprise_install": "false",
            "response_url": self.payloads.urls.make(user.id, room.id),
            **self.payloads.trigger(user, room),
        }
        reply = self.payloads.line.send("slash_command", self.workspace.number("I"), Sort.COMMANDS, fields)
        if not reply.ok:
            error = "operation_timeout" if reply.reason == "http_timeout" else "dispatch_failed"
            return self._failed(user, room.id, name, reply, error)
        body = _parse_answer(reply)
        if not body.get("text") and not body.get("blocks"):
            return Answer(reply.status, reply.body)
        try:
            if body.get("response_type") == "in_channel":
                said = f"{name} {text}".strip()
                self.workspace.post(Message(room.id, self.workspace.ts(), user.id, said))
            message = self.payloads.urls.answer(user.id, room.id, body)
        except SlackError as refused:
            return self._failed(user, room.id, name, reply, refused.error)
        return Answer(reply.status, reply.body, message=message)

    def _escaped(self, text: str, user: User) -> str:
        """Write @people and #channels as their ids, and Slack's control characters as entities."""
        users = self.workspace.users.values()
        people = {_safe(name): one for one in users for name in (one.real_name, one.name)}

        def id_of(found: re.Match[str]) -> str:
            if found[1]:
                return f"<@{people[found[1]].id}|{_safe(people[found[1]].name)}>"
            name = found[2]
            rooms = [one for one in self.workspace.channels.values() if one.name == name and user.id in one.members]
            return f"<#{rooms[0].id}|{name}>" if rooms else found[0]

        names = "|".join(re.escape(name) for name in sorted(people, key=len, reverse=True))
        return re.sub(rf"(?<!\S)(?:@({names})(?![\w.-])|#([\w.-]+))", id_of, _safe(text))

    def _failed(self, user: User, channel: str, name: str, reply: Reply, error: str) -> Answer:
        words = f'{name} failed with the error "{error}"'
        message = Message(channel, self.workspace.ts(), "USLACKBOT", words, ephemeral_to=user.id)
        return Answer(reply.status, reply.body, error, self.workspace.post(message))


def _safe(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _parse_answer(reply: Reply) -> dict[str, Any]:
    if "json" not in reply.headers.get("content-type", ""):
        return {"text": reply.body}
    body: dict[str, Any] = json.loads(reply.body or "{}")
    return body
