"""What stands in the fields of a message or view, as `state.values` shows it, and what is wrong with it.

https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from brought_forward.sandbox.slack.blocks.elements import elements_of
from brought_forward.sandbox.slack.records import Block, Values

Element = dict[str, Any]
# where an element keeps what was chosen in it, and the field that says what is chosen beforehand
KEPT: dict[str, tuple[str, str | None]] = {
    "plain_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "email_text_input": ("value", "initial_value"),
    "url_text_input": ("value", "initial_value"),
    "static_select": ("selected_option", "initial_option"),
    "external_select": ("selected_option", "initial_option"),
    "radio_buttons": ("selected_option", "initial_option"),
    "checkboxes": ("selected_options", "initial_options"),
    "users_select": ("selected_user", "initial_user"),
    "multi_users_select": ("selected_users", "initial_users"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
    "channels_select": ("selected_channel", "initial_channel"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "file_input": ("files", None),
}
PRESSED = set(KEPT) | {"button", "overflow"}
MANY = {"checkboxes", "multi_users_select", "multi_conversations_select"}  # of which several are chosen
_LISTS = MANY | {"file_input"}
_E_MAIL, _ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+"), re.compile(r"https?://\S+")
MISSING = "Please complete this required field."


def controls(blocks: list[Block]) -> Iterator[tuple[Block, Element]]:
    """Yield each thing that can be pressed, chosen or typed into, with its block."""
    for block in blocks:
        for part in elements_of(block):
            if part.get("type") in PRESSED:
                yield block, part
        yield from controls(block.get("child_blocks", []))


def options_of(element: Element) -> list[dict[str, Any]]:
    """List an element's options, groups laid flat."""
    groups = element.get("option_groups", [])
    return [*element.get("options", []), *(option for group in groups for option in group["options"])]


def read_values(blocks: list[Block], typed: Values, here: str | None = None) -> Values:
    """Return what stands in all fields: what was typed, else what the bot put there.

    What was typed belongs to a block_id and action_id, so that it outlives an update which keeps both. `here` is the
    conversation that the person looked at, which `default_to_current_conversation` takes.
    """
    values: Values = {}
    for block, element in controls(blocks):
        if element["type"] in KEPT:
            kept = typed.get(block["block_id"], {}).get(element["action_id"])
            shown = kept if kept and kept["type"] == element["type"] else _beforehand(element, here)
            values.setdefault(block["block_id"], {})[element["action_id"]] = shown
    return values


def _beforehand(element: Element, here: str | None) -> dict[str, Any]:
    kind = element["type"]
    name, initial = KEPT[kind]
    value = element.get(initial) if initial else None
    if value is None and element.get("default_to_current_conversation"):
        value = here
    if value is None:
        value = [] if kind in _LISTS else None
    return {"type": kind, name: value}


def find_flaws(blocks: list[Block], values: Values) -> dict[str, str]:
    """Say by block_id what Slack's own client refuses to send: empty required fields, and what is no number."""
    flaws: dict[str, str] = {}
    for block, element in controls(blocks):
        if block["type"] != "input":
            continue
        value = values[block["block_id"]][element["action_id"]][KEPT[element["type"]][0]]
        if value in (None, "", []):
            if not block.get("optional"):
                flaws[block["block_id"]] = MISSING
        elif wrong := _find_flaw(element, value):
            flaws[block["block_id"]] = wrong
    return flaws


def _find_flaw(element: Element, value: Any) -> str | None:
    match element["type"]:
        case "number_input":
            return _find_number_flaw(element, value)
        case "email_text_input":
            return None if _E_MAIL.fullmatch(value) else "Please enter a valid email address."
        case "url_text_input":
            return None if _ADDRESS.fullmatch(value) else "Please enter a valid URL."
        case "plain_text_input" if len(value) < element.get("min_length", 0):
            return f"Must be at least {element['min_length']} characters."
        case "plain_text_input" if len(value) > element.get("max_length", 3000):
            return f"Must be at most {element.get('max_length', 3000)} characters."
    return None


def _find_number_flaw(element: Element, value: str) -> str | None:
    try:
        number = Decimal(value)
    except InvalidOperation:
        return "Please enter a number."
    if not number.is_finite() or (not element["is_decimal_allowed"] and number != int(number)):
        return "Please enter a whole number."
    if "min_value" in element and number < Decimal(element["min_value"]):
        return f"Must be {element['min_value']} or more."
    if "max_value" in element and number > Decimal(element["max_value"]):
        return f"Must be {element['max_value']} or less."
    return None
