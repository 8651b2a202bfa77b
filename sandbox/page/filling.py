"""Bring what a browser sends of a form's fields into the sandbox's form."""

from __future__ import annotations

from typing import Any

from werkzeug.datastructures import MultiDict

from brought_forward.sandbox.slack import SlackSandbox, User, View
from brought_forward.sandbox.slack.fields import KEPT, controls

FIELD = "f:"  # begins the name of each field that is sent with its form, before block_id/action_id
AT_ONCE = "v:"  # and of each that the bot hears of at once
_ALWAYS_AT_ONCE = {"external_select", "file_input"}  # put in when they are picked, not when the form is sent


def name_of(block: dict[str, Any], element: dict[str, Any]) -> str:
    """Name a control so that no other of its surface has the name."""
    return f"{block['block_id']}/{element['action_id']}"


def fill_form(slack: SlackSandbox, user: User, view: View, sent: MultiDict[str, str]) -> None:
    """Fill each field that stands in `sent` with another value than the view has; raises LookupError.

    Every field is sent with a hidden one of its name, so that an emptied one is told from one that is not there.
    """
    values = slack.values(view)
    for block, element in list(controls(view.payload["blocks"])):
        name = name_of(block, element)
        if block["type"] != "input" or element["type"] in _ALWAYS_AT_ONCE or FIELD + name not in sent:
            continue
        given = [value.replace("\r\n", "\n") for value in sent.getlist(FIELD + name) if value]
        kept = values[block["block_id"]][element["action_id"]][KEPT[element["type"]][0]]
        wanted = given if element["type"] == "checkboxes" else given[-1] if given else None
        if wanted != _plain(kept):
            slack.fill(user, view, name, wanted)


def _plain(kept: Any) -> Any:
    """Say what is kept as a browser would send it."""
    if isinstance(kept, list):
        return [option["value"] for option in kept]
    return kept["value"] if isinstance(kept, dict) else kept or None
