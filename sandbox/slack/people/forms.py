"""How a form is sent or closed: https://docs.slack.dev/surfaces/modals .

The bot answers a `view_submission` within three seconds: with nothing (the view closes), or with `response_action`
errors, update, push or clear. Whatever else it answers leaves the view open, and Slack says that it had trouble
connecting; `Answer.error` is then `invalid_response`, or why there was no answer.
"""

from __future__ import annotations

import json
from typing import Any

from brought_forward.sandbox.slack.api.views import check_payload, push_over, replace_view, show_view, stack_of
from brought_forward.sandbox.slack.fields import controls, find_flaws
from brought_forward.sandbox.slack.people.payloads import INVALID, Payloads
from brought_forward.sandbox.slack.records import Answer, User, View
from brought_forward.sandbox.slack.workspace import SlackError, Workspace

NOT_SENT = "not_sent"  # Slack's own client found what is wrong


class Forms:
    """The sending and closing of modals."""

    def __init__(self, workspace: Workspace, payloads: Payloads) -> None:
        self.workspace = workspace
        self.payloads = payloads

    def submit(self, user: User, view: View) -> Answer:
        """Send what stands in a modal; empty required fields are refused before the bot hears of it."""
        if view.payload.get("submit") is None:
            raise LookupError("This view has nothing to send it with.")
        with self.workspace.change():
            view.errors = find_flaws(view.payload["blocks"], self.workspace.values(view))
            if view.errors:
                return Answer(None, error=NOT_SENT)
            payload = self.payloads.base(user, "view_submission") | self.payloads.trigger(user, view)
            payload |= {"view": show_view(self.workspace, view), "response_urls": self._response_urls(user, view)}
        reply = self.payloads.send("view_submission", payload)
        if not reply.ok:
            return Answer(reply.status, reply.body, reply.reason)
        with self.workspace.change():
            try:
                self._obey(view, json.loads(reply.body) if reply.body.strip() else {})
            except (SlackError, ValueError):
                return Answer(reply.status, reply.body, INVALID)
        return Answer(reply.status, reply.body)

    def _response_urls(self, user: User, view: View) -> list[dict[str, str]]:
        values = self.workspace.values(view)
        found = []
        for block, element in controls(view.payload["blocks"]):
            if element.get("response_url_enabled"):
                value = values[block["block_id"]][element["action_id"]]
                channel = value.get("selected_conversation") or value.get("selected_channel")
                if channel:
                    place = {"block_id": block["block_id"], "action_id": element["action_id"], "channel_id": channel}
                    found.append(place | {"response_url": self.payloads.urls.make(user.id, channel)})
        return found

    def _obey(self, view: View, body: Any) -> None:
        """Do what the answer says; raises SlackError or ValueError where Slack cannot."""
        if not isinstance(body, dict):
            raise ValueError("not an object")  # noqa: TRY004 (an answer like any other that cannot be used)
        action = body.get("response_action")
        if action is None and not body:
            view.is_open = False
        elif action == "clear":
            for one in stack_of(self.workspace, view):
                one.is_open = False
        elif action == "update":
            replace_view(self.workspace, view, check_payload(self.workspace, body.get("view"), over=view))
        elif action == "push":
            push_over(self.workspace, view, check_payload(self.workspace, body.get("view")))
        elif action == "errors":
            view.errors = _check_errors(view, body.get("errors"))
        else:
            raise ValueError(f"no such response_action: {action}")

    def close(self, user: User, view: View, *, everything: bool) -> list[Answer]:
        """Close a view, or by the X the whole stack; the bot hears of those with `notify_on_close`."""
        cleared = everything or view.payload.get("clear_on_close", False)
        with self.workspace.change():
            closed = stack_of(self.workspace, view)[::-1] if cleared else [view]
            for one in closed:
                one.is_open = False
            payloads = [
                self.payloads.base(user, "view_closed")
                | {"view": show_view(self.workspace, one), "is_cleared": cleared}
                for one in closed
                if one.payload.get("notify_on_close")
            ]
        return [self.payloads.tell("view_closed", payload) for payload in payloads]


def _check_errors(view: View, errors: Any) -> dict[str, str]:
    inputs = {block["block_id"] for block, _ in controls(view.payload["blocks"]) if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors or errors.keys() - inputs:
        raise ValueError("errors must name input blocks of the view")
    if not all(isinstance(words, str) and words for words in errors.values()):
        raise ValueError("errors must say what is wrong")
    return dict(errors)
