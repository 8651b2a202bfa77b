"""Slack's limits on what people press, choose and type: https://docs.slack.dev/reference/block-kit/block-elements ."""

from __future__ import annotations

import re

from brought_forward.sandbox.slack.shapes import (
    Check,
    Flaw,
    Flaws,
    Value,
    check_confirm,
    check_flag,
    check_option,
    check_option_group,
    check_styled_option,
    listing,
    one_of,
    record,
    string,
    text,
    whole,
)


def _date(value: Value, at: str) -> Flaws:
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        yield Flaw(at, "must be a date: YYYY-MM-DD")


def _element(kind: str, required: dict[str, Check], optional: dict[str, Check]) -> Check:
    return record({"type": one_of(kind), **required}, {"action_id": string(255), "confirm": check_confirm, **optional})


def _anything(value: Value, at: str) -> Flaws:
    yield from ()


_PLACEHOLDER: dict[str, Check] = {"placeholder": text(150, plain=True), "focus_on_load": check_flag}
_TYPED: dict[str, Check] = {**_PLACEHOLDER, "initial_value": string(3000), "dispatch_action_config": _anything}

check_image_element = record(
    {"type": one_of("image"), "alt_text": string(2000)}, {"image_url": string(3000), "slack_file": _anything}
)

_ELEMENTS: dict[str, Check] = {
    "button": _element(
        "button",
        {"text": text(75, plain=True)},
        {
            "value": string(2000, shortest=0),
            "url": string(3000),
            "style": one_of("primary", "danger"),
            "accessibility_label": string(75),
        },
    ),
    "overflow": _element("overflow", {"options": listing(5, check_option)}, {}),
    "static_select": _element(
        "static_select",
        {},
        {
            **_PLACEHOLDER,
            "options": listing(100, check_option),
            "option_groups": listing(100, check_option_group),
            "initial_option": check_option,
        },
    ),
    "external_select": _element(
        "external_select", {}, {**_PLACEHOLDER, "initial_option": check_option, "min_query_length": whole(0)}
    ),
    "users_select": _element("users_select", {}, {**_PLACEHOLDER, "initial_user": string()}),
    "conversations_select": _element(
        "conversations_select",
        {},
        {
            **_PLACEHOLDER,
            "initial_conversation": string(),
            "default_to_current_conversation": check_flag,
            "response_url_enabled": check_flag,
            "filter": _anything,
        },
    ),
    "datepicker": _element("datepicker", {}, {**_PLACEHOLDER, "initial_date": _date}),
    "radio_buttons": _element(
        "radio_buttons",
        {"options": listing(10, check_styled_option)},
        {"initial_option": check_styled_option, "focus_on_load": check_flag},
    ),
    "checkboxes": _element(
        "checkboxes",
        {"options": listing(10, check_styled_option)},
        {"initial_options": listing(10, check_styled_option), "focus_on_load": check_flag},
    ),
    "plain_text_input": _element(
        "plain_text_input",
        {},
        {**_TYPED, "multiline": check_flag, "min_length": whole(0, 3000), "max_length": whole(1, 3000)},
    ),
    "number_input": _element(
        "number_input",
        {"is_decimal_allowed": check_flag},
        {**_TYPED, "min_value": string(), "max_value": string()},
    ),
    "file_input": _element("file_input", {}, {"filetypes": listing(100, string()), "max_files": whole(1, 10)}),
}
_PRESSED = {"button", "overflow", "static_select", "external_select", "users_select", "conversations_select"}
IN_ACTIONS = _PRESSED | {"datepicker", "radio_buttons", "checkboxes"}
IN_SECTION = IN_ACTIONS | {"image"}
IN_INPUT = (IN_ACTIONS | {"plain_text_input", "number_input", "file_input"}) - {"button", "overflow"}


def element(allowed: set[str]) -> Check:
    """Make a check of one element among the allowed types."""

    def check(value: Value, at: str) -> Flaws:
        kind = value.get("type") if isinstance(value, dict) else None
        if kind not in allowed:
            yield Flaw(at, f"unsupported type: {kind}")
            return
        yield from check_image_element(value, at) if kind == "image" else _ELEMENTS[kind](value, at)
        if kind == "static_select" and ("options" in value) == ("option_groups" in value):
            yield Flaw(at, "must have either options or option_groups")

    return check
