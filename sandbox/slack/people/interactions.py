"""What people press and choose in messages and views, and what they are offered as they type.

https://docs.slack.dev/reference/interaction-payloads/block_actions-payload
"""

from __future__ import annotations

import json
from typing import Any

from brought_forward.sandbox.slack.blocks.shapes import check_option, check_option_group, listing, record
from brought_forward.sandbox.slack.fields import controls, options_of, read_values
from brought_forward.sandbox.slack.people.payloads import INVALID, Payloads
from brought_forward.sandbox.slack.records import Answer, Block, Click, Confirm, Message, User, View
from brought_forward.sandbox.slack.way import Reply
from brought_forward.sandbox.slack.workspace import Workspace

LEAST_TYPED = 3  # characters before an external_select asks, where it does not say otherwise
_check_offer = (
    record({"options": listing(100, check_option, least=0)}),
    record({"option_groups": listing(100, check_option_group, least=0)}),
)


def _label(block: Block, control: dict[str, Any]) -> str:
    words = control["text"] if control["type"] == "button" else block.get("label", {"text": ""})
    return str(words["text"])


def _matches(block: Block, control: dict[str, Any], what: str) -> bool:
    label, action = _label(block, control), control.get("action_id")
    names = {action, f"{block.get('block_id')}/{action}"}
    return what in names or bool(label and label.startswith(what))


def find_control(blocks: list[Block], what: str) -> tuple[Block, dict[str, Any]]:
    """Find a control by its action_id, after its block_id and a slash where two have the same, or by its label.

    The start of a button's or a field's label will do. Raises LookupError.
    """
    for block, control in controls(blocks):
        if _matches(block, control, what):
            return block, control
    names = [repr(_label(block, control) or control.get("action_id")) for block, control in controls(blocks)]
    raise LookupError(f"There is nothing that begins with {what!r}; there is {', '.join(names) or 'none'}.")


def blocks_of(where: Message | View) -> list[Block]:
    """Return what stands in a message or view."""
    blocks: list[Block] = where.payload["blocks"] if isinstance(where, View) else where.blocks
    return blocks


class Interactions:
    """The hands of the people in the workspace."""

    def __init__(self, workspace: Workspace, payloads: Payloads) -> None:
        self.workspace = workspace
        self.payloads = payloads

    def locate(self, user: User, what: str, message: Message | View | str | None) -> Message | View:
        """Find what a person means: a view, a message or its ts, or the newest one with such a control."""
        if isinstance(message, View):
            return self.see(user, message)
        ts = message.ts if isinstance(message, Message) else message
        with self.workspace.changed:
            mine = [m for m in self.workspace.ephemerals if m.ephemeral_to == user.id]
            for kept in sorted([*self.workspace.messages, *mine], key=lambda m: m.ts, reverse=True):
                if kept.ts == ts or (ts is None and any(_matches(*one, what) for one in controls(kept.blocks))):
                    return kept
        raise LookupError(f"{user.name} sees no message {ts or 'with a button ' + repr(what)}.")

    def see(self, user: User, view: View) -> View:
        """Return the view itself, not a copy; raises LookupError where the person does not have it before them."""
        kept = self.workspace.views[view.id]
        if kept.user != user.id or not kept.is_open:
            raise LookupError(f"{user.name} does not have this view open.")
        above = [one for one in self.workspace.views.values() if one.previous_id == kept.id and one.is_open]
        if above:
            raise LookupError(f"{user.name} has another view on top of this one.")
        return kept

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
            here = snapshot if snapshot is not None else blocks_of(where)
            block, control = find_control(here, what)
            payload = self.payloads.base(user, "block_actions") | self.payloads.trigger(user, where)
            action: dict[str, Any] = {
                "type": control["type"],
                "action_id": control.get("action_id", ""),
                "block_id": block.get("block_id", ""),
                "action_ts": self.workspace.ts(),
                **{key: control[key] for key in ("text", "value", "style") if key in control},
                **chosen,
            }
            payload |= {"actions": [action], **self.payloads.place(user, where, here)}
            if isinstance(where, Message):
                typed = self.workspace.typed.get((user.id, where.ts), {})
                payload["state"] = {"values": state or read_values(here, typed, where.channel)}
        reply = self.payloads.send("block_actions", payload)
        return Click(
            action["action_id"],
            control.get("value"),
            _confirm(control),
            reply.status,
            None if reply.ok else reply.reason,
        )

    def suggest(self, user: User, what: str, typed: str, where: Message | View) -> Answer:
        """Ask the bot for the options of an external_select, as typing into it does; too few letters ask nothing."""
        here = blocks_of(where)
        block, control = find_control(here, what)
        if control["type"] != "external_select":
            raise LookupError(f"{what!r} is no external_select: its options are there already.")
        if len(typed) < control.get("min_query_length", LEAST_TYPED):
            return Answer(None, error="min_query_length")
        payload = self.payloads.base(user, "block_suggestion") | self.payloads.place(user, where, here)
        payload |= {"action_id": control["action_id"], "block_id": block["block_id"], "value": typed}
        payload.pop("response_url", None)
        return _read_offer(self.payloads.send("block_suggestion", payload))


def _read_offer(reply: Reply) -> Answer:
    if not reply.ok:
        return Answer(reply.status, reply.body, reply.reason)
    try:
        body = json.loads(reply.body)
    except ValueError:
        return Answer(reply.status, reply.body, INVALID)
    if all(list(check(body, "")) for check in _check_offer):
        return Answer(reply.status, reply.body, INVALID)
    return Answer(reply.status, reply.body, options=tuple(options_of(body)))


def _confirm(control: dict[str, Any]) -> Confirm | None:
    asked = control.get("confirm")
    if not asked:
        return None
    return Confirm(*(str(asked[key]["text"]) for key in ("title", "text", "confirm", "deny")))
