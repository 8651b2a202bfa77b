"""Say what Slack refuses in blocks: https://docs.slack.dev/reference/block-kit/blocks .

Known here: actions, container, context, data_table, data_visualization, divider, header, image, input, markdown,
rich_text, section and table. Slack's other types (alert, card, carousel, context_actions, file, plan, task_card,
video) are refused as unknown ones are: nothing here would draw them.
"""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Iterator
from typing import Literal

from brought_forward.sandbox.slack.blocks.elements import (
    IN_ACTIONS,
    IN_INPUT,
    IN_SECTION,
    ONLY_IN_MODALS,
    check_image_element,
    element,
    elements_of,
)
from brought_forward.sandbox.slack.blocks.shapes import (
    Check,
    Flaw,
    Flaws,
    Value,
    check_flag,
    check_list,
    check_text,
    listing,
    one_of,
    record,
    string,
    text,
    whole,
)
from brought_forward.sandbox.slack.blocks.tables import (
    MOST_CHARTS,
    MOST_DATA_CHARACTERS,
    MOST_TABLE_CHARACTERS,
    check_data_table,
    check_data_visualization,
    check_rich_text,
    check_table,
    count_characters,
)

Surface = Literal["message", "modal", "home"]
MOST_BLOCKS: dict[Surface, int] = {"message": 50, "modal": 100, "home": 100}
MOST_MARKDOWN = 12_000
MOST_TEXT = 12_000  # characters of all the blocks of a message together
HEADING = 100  # what a header counts beside its words


def _block(kind: str, required: dict[str, Check], optional: dict[str, Check] | None = None) -> Check:
    return record({"type": one_of(kind), **required}, {"block_id": string(255), **(optional or {})})


def _check_context_element(value: Value, at: str) -> Flaws:
    if isinstance(value, dict) and value.get("type") == "image":
        yield from check_image_element(value, at)
    else:
        yield from check_text(value, at)


_check_section = _block(
    "section",
    {},
    {
        "text": text(3000),
        "fields": listing(10, text(2000)),
        "accessory": element(IN_SECTION),
        "expand": check_flag,
    },
)
_check_image = _block(
    "image",
    {"alt_text": string(2000)},
    {
        "image_url": string(3000),
        "slack_file": record({}, {"id": string(), "url": string()}),
        "title": text(2000, plain=True),
    },
)


def _section(value: Value, at: str) -> Flaws:
    yield from _check_section(value, at)
    if not value.keys() & {"text", "fields"}:
        yield Flaw(at, "must have text or fields")


def _image(value: Value, at: str) -> Flaws:
    yield from _check_image(value, at)
    if ("image_url" in value) == ("slack_file" in value):
        yield Flaw(at, "must have either image_url or slack_file")


def _container(value: Value, at: str) -> Flaws:
    yield from _check_container(value, at)
    if not value.keys() & {"title", "rich_text_title"}:
        yield Flaw(at, "must have title or rich_text_title")
    if value.get("default_collapsed") and not value.get("is_collapsible"):
        yield Flaw(f"{at}/default_collapsed", "needs is_collapsible")
    if value.get("has_header_divider") and value.get("is_collapsible"):
        yield Flaw(f"{at}/has_header_divider", "is only for containers that are not collapsible")


_BLOCKS: dict[str, Check] = {
    "actions": _block("actions", {"elements": listing(25, element(IN_ACTIONS))}),
    "container": _container,
    "context": _block("context", {"elements": listing(10, _check_context_element)}),
    "data_table": check_data_table,
    "data_visualization": check_data_visualization,
    "divider": _block("divider", {}),
    "header": _block("header", {"text": text(150, plain=True)}, {"level": whole(1, 4)}),
    "image": _image,
    "input": _block(
        "input",
        {"label": text(2000, plain=True), "element": element(IN_INPUT)},
        {"hint": text(2000, plain=True), "optional": check_flag, "dispatch_action": check_flag},
    ),
    "markdown": _block("markdown", {"text": string(MOST_MARKDOWN)}),
    "rich_text": check_rich_text,
    "section": _section,
    "table": check_table,
}
_COUNTED = {"text", "caption", "title", "label", "url"}
DATA_BLOCKS = {"data_table", "data_visualization"}
_ONLY_IN_MESSAGES = {"data_visualization", "markdown"}
_NOT_IN_MODALS = {"container", "data_table", "table"}
_IN_CONTAINER = set(_BLOCKS) - {"container", "data_table", "data_visualization", "markdown"}


def _allowed(surface: Surface) -> set[str]:
    allowed = set(_BLOCKS)
    if surface != "message":
        allowed -= _ONLY_IN_MESSAGES
    return allowed - _NOT_IN_MODALS if surface == "modal" else allowed


def _block_of(allowed: set[str]) -> Check:
    def check(value: Value, at: str) -> Flaws:
        kind = value.get("type") if isinstance(value, dict) else None
        if kind not in allowed:
            yield Flaw(f"{at}/type", f"unsupported type: {kind}")
            return
        yield from _BLOCKS[kind](value, at)
        yield from _check_action_ids(value, at)

    return check


_check_container = _block(
    "container",
    {"child_blocks": listing(10, _block_of(_IN_CONTAINER))},
    {
        "title": text(150, plain=True),
        "rich_text_title": check_rich_text,
        "subtitle": text(150),
        "width": one_of("narrow", "standard", "wide", "full"),
        "icon": check_image_element,
        "is_collapsible": check_flag,
        "default_collapsed": check_flag,
        "has_header_divider": check_flag,
    },
)


def _check_action_ids(block: dict[str, Value], at: str) -> Flaws:
    elements = block.get("elements")
    if block["type"] != "actions" or not isinstance(elements, list):
        return
    ids = Counter(str(item["action_id"]) for item in elements if isinstance(item, dict) and "action_id" in item)
    for name, times in ids.items():
        if times > 1:
            yield Flaw(f"{at}/elements", f"action_id is used {times} times: {name}")


def walk(blocks: Value) -> Iterator[dict[str, Value]]:
    """Yield every block, those inside containers too."""
    for block in blocks if isinstance(blocks, list) else []:
        if isinstance(block, dict):
            yield block
            yield from walk(block.get("child_blocks"))


def count_text(value: Value) -> int:
    """Count the characters of a message's blocks together, as Slack writes them: `&amp;` is five.

    Slack counts what people read, in cells and captions too; more than MOST_TEXT is `msg_blocks_too_long` (measured by
    others, bolt-js #2509 and #2867; Slack names no figure).
    """
    if isinstance(value, list):
        return sum(count_text(item) for item in value)
    if not isinstance(value, dict):
        return 0
    total = HEADING if value.get("type") == "header" else 0
    for key, item in value.items():
        if key in _COUNTED and isinstance(item, str):
            total += len(item if value.get("type") == "mrkdwn" else html.escape(item, quote=False))
        else:
            total += count_text(item)
    return total


def check_blocks(blocks: Value, surface: Surface = "message", at: str = "/blocks") -> list[Flaw]:
    """List what Slack would refuse in these blocks; an empty list means that it takes all of them.

    One flaw refuses the whole message, so that a caller needs to know only whether there is any.
    """
    flaws = list(check_list(blocks, at, MOST_BLOCKS[surface], 0, _block_of(_allowed(surface))))
    every = list(walk(blocks))
    flaws += _check_sums(every, at)
    flaws += _check_surface([part for block in every for part in elements_of(block)], surface, at)
    return flaws


def check_plan(blocks: Value, at: str = "/blocks", *, data_blocks: bool) -> list[Flaw]:
    """List the blocks that a workspace's plan does not know."""
    found = {str(block.get("type")) for block in walk(blocks)} & DATA_BLOCKS
    return [Flaw(at, f"unsupported type: {kind}") for kind in sorted(found)] if not data_blocks else []


def _check_surface(parts: list[dict[str, Value]], surface: Surface, at: str) -> Flaws:
    for part in parts:
        if surface != "modal" and part.get("type") in ONLY_IN_MODALS:
            yield Flaw(at, f"unsupported type: {part['type']} (it is for modals only)")
        if surface != "modal" and part.get("response_url_enabled"):
            yield Flaw(at, "response_url_enabled is for modals only")
    if sum(part.get("focus_on_load") is True for part in parts) > 1:
        yield Flaw(at, "focus_on_load can be set on one element only")


def _check_sums(blocks: list[dict[str, Value]], at: str) -> Flaws:
    ids = Counter(block["block_id"] for block in blocks if isinstance(block.get("block_id"), str))
    for name, times in ids.items():
        if times > 1:
            yield Flaw(at, f"block_id is used {times} times: {name}")
    kinds: dict[str, list[dict[str, Value]]] = {}
    for block in blocks:
        kinds.setdefault(str(block.get("type")), []).append(block)
    if len(kinds.get("data_visualization", [])) > MOST_CHARTS:
        yield Flaw(at, f"no more than {MOST_CHARTS} data_visualization blocks allowed")
    markdown = sum(len(block["text"]) for block in kinds.get("markdown", []) if isinstance(block.get("text"), str))
    if markdown > MOST_MARKDOWN:
        yield Flaw(at, f"no more than {MOST_MARKDOWN} characters of markdown allowed")
    for kind, most in (("table", MOST_TABLE_CHARACTERS), ("data_table", MOST_DATA_CHARACTERS)):
        if sum(count_characters(block.get("rows")) for block in kinds.get(kind, [])) > most:
            yield Flaw(at, f"no more than {most} characters in all {kind} blocks allowed")
