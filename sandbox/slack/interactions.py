"""What people press, choose and type, sent to the bot as Slack sends it.

https://docs.slack.dev/reference/interaction-payloads and https://docs.slack.dev/interactivity . Left out: shortcuts,
App Home.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from brought_forward.sandbox.slack.delivery import FORM, Line, Reply
from brought_forward.sandbox.slack.objects import show_message, show_view
from brought_forward.sandbox.slack.records import Answer, Block, Click, Confirm, Message, User, View
from brought_forward.sandbox.slack.response_urls import ResponseUrls
from brought_forward.sandbox.slack.workspace import APP, TEAM, SlackError, Workspace

_PRESSED = {"button", "overflow", "static_select", "external_select", "datepicker", "users_select", "radio_buttons"}


def controls(blocks: list[Block]) -> Iterator[tuple[Block, dict[str, Any]]]:
    """Yield each thing that can be pressed or chosen, with its block."""
    for block in blocks:
        for part in [*block.get("elements", []), block.get("accessory"), block.get("element")]:
            if isinstance(part, dict) and part.get("type") in _PRESSED:
                yield block, part
        yield from controls(block.get("child_blocks", []))


def _label(control: dict[str, Any]) -> str:
    return str(control["text"]["text"]) if control["type"] == "button" else ""


def _matches(control: dict[str, Any], what: str) -> bool:
    return control.get("action_id") == what or bool(_label(control) and _label(control).startswith(what))


def find_control(blocks: list[Block], what: str) -> tuple[Block, dict[str, Any]]:
    """Find a control by its action_id, or a button by the start of its label; raises LookupError."""
    for block, control in controls(blocks):
        if _matches(control, what):
            return block, control
    there = ", ".join(repr(_label(control) or control.get("action_id")) for _, control in controls(blocks)) or "none"
    raise LookupError(f"There is nothing to press that begins with {what!r}; there is {there}.")


class Interactions:
    """The hands of the people in the workspace."""

    def __init__(self, workspace: Workspace, line: Line) -> None:
        self.workspace = workspace
        self.line = line
        self.urls = ResponseUrls(workspace)

    def locate(self, user: User, what: str, message: Message | View | str | None) -> Message | View:
        """Find what a person means: a view, a message or its ts, or the newest one with such a control."""
        if isinstance(message, View):
            return self.workspace.views[message.id]
        ts = message.ts if isinstance(message, Message) else message
        with self.workspace.changed:
            mine = [m for m in self.workspace.ephemerals if m.ephemeral_to == user.id]
            for kept in sorted([*self.workspace.messages, *mine], key=lambda m: m.ts, reverse=True):
                if kept.ts == ts or (ts is None and any(_matches(one, what) for _, one in controls(kept.blocks))):
                    return kept
        raise LookupError(f"{user.name} sees no message {ts or 'with a button ' + repr(what)}.")

    def choose(self, user: User, action_id: str, value: str, where: Message | View) -> Click:
        """Choose an option by its value, or a date."""
        _, control = find_control(_blocks(where), action_id)
        chosen: dict[str, Any] = {"selected_date": value}
        if control["type"] != "datepicker":
            made = {"text": {"type": "plain_text", "text": value}, "value": value}  # an external_select's
            chosen = {"selected_option": next((o for o in control.get("options", []) if o["value"] == value), made)}
        return self.press(user, action_id, where, snapshot=None, chosen=chosen, state={})

    def press(
        self,
        user: User,
        what: str,
        where: Message | View,
        *,
        snapshot: list[Block] | None,
        chosen: dict[str, Any],
        state: dict[str, Any],
    ) -> Click:
        """Send block_actions for one control of a message or view; `snapshot` is what the person still sees."""
        with self.workspace.changed:
            here = snapshot if snapshot is not None else _blocks(where)
            block, control = find_control(here, what)
            payload = self._base(user, "block_actions")
            action: dict[str, Any] = {
                "type": control["type"],
                "action_id": control.get("action_id", ""),
                "block_id": block.get("block_id", ""),
                "action_ts": self.workspace.ts(),
                **{key: control[key] for key in ("text", "value", "style") if key in control},
                **chosen,
            }
            payload |= {"actions": [action], "state": {"values": state}, **self._place(user, where, here)}
        reply = self._send("block_actions", payload)
        return Click(
            action["action_id"],
            control.get("value"),
            _confirm(control),
            reply.status,
            None if reply.ok else reply.reason,
        )

    def _place(self, user: User, where: Message | View, here: list[Block]) -> dict[str, Any]:
        if isinstance(where, View):
            return {"container": {"type": "view", "view_id": where.id}, "view": show_view(where)}
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
            "channel": {"id": room.id, "name": "directmessage" if room.is_im else room.name},
            "response_url": self.urls.make(user.id, room.id, where),
        }
        if where.ephemeral_to is None:  # Slack does not repeat an ephemeral message
            place["message"] = show_message(self.workspace, where) | {"blocks": here}
        return place

    def _base(self, user: User, kind: str) -> dict[str, Any]:
        return {
            "type": kind,
            "user": {"id": user.id, "username": user.name, "name": user.name, "team_id": user.team_id},
            "api_app_id": APP,
            "token": "verification-token",
            "trigger_id": self.workspace.trigger(user.id),
            "team": {"id": TEAM, "domain": "whitman-law"},
            "enterprise": None,
            "is_enterprise_install": False,
        }

    def _send(self, kind: str, payload: dict[str, Any]) -> Reply:
        body = urlencode({"payload": json.dumps(payload)}).encode()
        return self.line.send(kind, self.workspace.number("I"), body, FORM)

    def command(self, user: User, text: str, channel: str, name: str) -> Answer:
        """Send a slash command; what is answered at once becomes a message, and silence becomes Slackbot's words."""
        room = self.workspace.channel(channel)
        fields = {
            "token": "verification-token",
            "team_id": TEAM,
            "team_domain": "whitman-law",
            "channel_id": room.id,
            "channel_name": "directmessage" if room.is_im else room.name,
            "user_id": user.id,
            "user_name": user.name,
            "command": name,
            "text": text,
            "api_app_id": APP,
            "is_enterprise_install": "false",
            "response_url": self.urls.make(user.id, room.id),
            "trigger_id": self.workspace.trigger(user.id),
        }
        reply = self.line.send("slash_command", self.workspace.number("I"), urlencode(fields).encode(), FORM)
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
            message = self.urls.answer(user.id, room.id, body)
        except SlackError as refused:
            return self._failed(user, room.id, name, reply, refused.error)
        return Answer(reply.status, reply.body, message=message)

    def _failed(self, user: User, channel: str, name: str, reply: Reply, error: str) -> Answer:
        words = f'{name} failed with the error "{error}"'
        message = Message(channel, self.workspace.ts(), "USLACKBOT", words, ephemeral_to=user.id)
        return Answer(reply.status, reply.body, error, self.workspace.post(message))

    def submit(self, user: User, view: View, values: dict[str, Any]) -> Answer:
        """Send view_submission; the answer closes the view, changes it, puts one over it, or names errors."""
        payload = self._base(user, "view_submission")
        payload |= {"view": show_view(view) | {"state": {"values": values}}, "response_urls": []}
        reply = self._send("view_submission", payload)
        if not reply.ok:
            return Answer(reply.status, reply.body, reply.reason)
        body = json.loads(reply.body) if reply.body.strip() else {}
        with self.workspace.change():
            view.errors = {}
            match body.get("response_action"):
                case "errors":
                    view.errors = body["errors"]
                case "update":
                    view.payload, view.hash = body["view"], self.workspace.ts()
                case "push":
                    pushed = View(self.workspace.number("V"), user.id, body["view"], self.workspace.ts())
                    self.workspace.views[pushed.id] = pushed
                case _:
                    view.is_open = False
        return Answer(reply.status, reply.body)

    def suggest(self, user: User, what: str, typed: str, where: Message | View) -> Answer:
        """Ask the bot for the options of an external_select, as typing into it does."""
        here = _blocks(where)
        block, control = find_control(here, what)
        payload = self._base(user, "block_suggestion") | self._place(user, where, here)
        payload |= {"action_id": control["action_id"], "block_id": block.get("block_id", ""), "value": typed}
        payload.pop("response_url", None)
        reply = self._send("block_suggestion", payload)
        return Answer(reply.status, reply.body, None if reply.ok else reply.reason)


def _blocks(where: Message | View) -> list[Block]:
    blocks: list[Block] = where.payload["blocks"] if isinstance(where, View) else where.blocks
    return blocks


def _confirm(control: dict[str, Any]) -> Confirm | None:
    asked = control.get("confirm")
    if not asked:
        return None
    return Confirm(*(str(asked[key]["text"]) for key in ("title", "text", "confirm", "deny")))


def _parse_answer(reply: Reply) -> dict[str, Any]:
    if "json" not in reply.headers.get("content-type", ""):
        return {"text": reply.body}
    body: dict[str, Any] = json.loads(reply.body or "{}")
    return body
