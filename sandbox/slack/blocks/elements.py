"""Slack's limits on what people press, choose and type: https://docs.slack.dev/reference/block-kit/block-elements ."""

from __future__ import annotations

import re

from brought_forward.sandbox.slack.blocks.shapes import (
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


def _time(value: Value, at: str) -> Flaws:
    if not isinstance(value, str) or not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value):
        yield Flaw(at, "must be a time: HH:mm")


def _element(kind: str, required: dict[str, Check], optional: dict[str, Check]) -> Check:
    return record({"type": one_of(kind), **required}, {"action_id": string(255), "confirm": check_confirm, **optional})


def _anything(value: Value, at: str) -> Flaws:
    yield from ()


_PLACEHOLDER: dict[str, Check] = {"placeholder": text(150, plain=True), "focus_on_load": check_flag}
_TYPED: dict[str, Check] = {**_PLACEHOLDER, "initial_value": string(3000), "dispatch_action_config": _anything}

_MANY: dict[str, Check] = {"max_selected_items": whole(1)}
_IDS = listing(100, string())

_check_filter = record(
    {},
    {
        "include": listing(4, one_of("im", "mpim", "private", "public")),
        "exclude_external_shared_channels": check_flag,
        "exclude_bot_users": check_flag,
    },
)

check_image_element = record(
    {"type": one_of("image"), "alt_text": string(2000)}, {"image_url": string(3000), "slack_file": _anything}
)

# Extensions that are known to be taken from live use. One that Slack does not know refuses the whole form.
FILE_TYPES = ("csv", "doc", "docx", "gif", "jpg", "pdf", "png", "ppt", "pptx", "txt", "xls", "xlsx", "zip")
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
    "multi_users_select": _element("multi_users_select", {}, {**_PLACEHOLDER, **_MANY, "initial_users": _IDS}),
    "multi_conversations_select": _element(
        "multi_conversations_select",
        {},
        {
            **_PLACEHOLDER,
            **_MANY,
            "initial_conversations": _IDS,
            "default_to_current_conversation": check_flag,
            "filter": _check_filter,
        },
    ),
    "conversations_select": _element(
        "conversations_select",
        {},
        {
            **_PLACEHOLDER,
            "initial_conversation": string(),
            "default_to_current_conversation": check_flag,
            "response_url_enabled": check_flag,
            "filter": _check_filter,
        },
    ),
    "channels_select": _element(
        "channels_select",
        {},
        {**_PLACEHOLDER, "initial_channel": string(), "response_url_enabled": check_flag},
    ),
    "timepicker": _element("timepicker", {}, {**_PLACEHOLDER, "initial_time": _time, "timezone": string()}),
    "email_text_input": _element("email_text_input", {}, _TYPED),
    "url_text_input": _element("url_text_input", {}, _TYPED),
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
    "file_input": _element(
        "file_input", {}, {"filetypes": listing(100, one_of(*FILE_TYPES)), "max_files": whole(1, 10)}
    ),
}
_SELECTS = {"static_select", "external_select", "users_select", "conversations_select", "channels_select"}
IN_ACTIONS = _SELECTS | {"button", "overflow", "datepicker", "timepicker", "radio_buttons", "checkboxes"}
_MANY_SELECTS = {"multi_users_select", "multi_conversations_select"}  # no row of buttons takes these
IN_SECTION = IN_ACTIONS | _MANY_SELECTS | {"image"}
_TYPED_INTO = {"plain_text_input", "number_input", "email_text_input", "url_text_input", "file_input"}
IN_INPUT = (IN_ACTIONS | _MANY_SELECTS | _TYPED_INTO) - {"button", "overflow"}
ONLY_IN_MODALS = _TYPED_INTO - {"plain_text_input"}


def element(allowed: set[str]) -> Check:
    """Make a check of one element among the allowed types."""

    def check(value: Value, at: str) -> Flaws:
        kind = value.get("type") if isinstance(value, dict) else None
        if kind not in allowed:
            yield Flaw(at, f"unsupported type: {kind}")
            return
        flaws = list(check_image_element(value, at) if kind == "image" else _ELEMENTS[kind](value, at))
        yield from flaws
        if kind == "static_select" and ("options" in value) == ("option_groups" in value):
            yield Flaw(at, "must have either options or option_groups")
        elif not flaws:
            yield from _check_initial(value, at)

    return check


def _check_initial(value: dict[str, Value], at: str) -> Flaws:
    """Check that what is chosen beforehand is among the options, word for word."""
    offered = [
        *value.get("options", []),
        *(one for group in value.get("option_groups", []) for one in group["options"]),
    ]
    chosen = [value["initial_option"]] if "initial_option" in value else value.get("initial_options", [])
    if value["type"] != "external_select" and any(one not in offered for one in chosen):
        yield Flaw(at, "initial_option must exactly match one of the options")
    least, most = value.get("min_length", 0), value.get("max_length", 3000)
    if least > most:
        yield Flaw(f"{at}/min_length", "must not be greater than max_length")


def elements_of(block: dict[str, Value]) -> list[dict[str, Value]]:
    """List what stands in a block: its elements, its accessory, its one element."""
    parts = block.get("elements")
    found = [*(parts if isinstance(parts, list) else []), block.get("accessory"), block.get("element")]
    return [part for part in found if isinstance(part, dict)]
