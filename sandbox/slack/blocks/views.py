"""Say what Slack refuses in modals and Home tabs: https://docs.slack.dev/reference/views ."""

from __future__ import annotations

import json
from typing import Literal

from brought_forward.sandbox.slack.blocks.blocks import check_blocks, walk
from brought_forward.sandbox.slack.blocks.elements import elements_of
from brought_forward.sandbox.slack.blocks.shapes import (
    Check,
    Flaw,
    Flaws,
    Value,
    check_flag,
    one_of,
    record,
    string,
    text,
)

MOST_BYTES = 250 * 1024  # of a view as JSON; more is `view_too_large`
MOST_VIEWS = 3  # in one stack of modals

Kind = Literal["modal", "home"]


def _anything(value: Value, at: str) -> Flaws:
    yield from ()


_VIEW: dict[str, Check] = {
    "private_metadata": string(3000, 0),
    "callback_id": string(255, 0),
    "external_id": string(255, 0),
}
_check_modal = record(
    {"type": one_of("modal"), "title": text(24, plain=True), "blocks": _anything},
    {
        **_VIEW,
        "submit": text(24, plain=True),
        "close": text(24, plain=True),
        "clear_on_close": check_flag,
        "notify_on_close": check_flag,
        "submit_disabled": check_flag,
    },
)
_check_home = record({"type": one_of("home"), "blocks": _anything}, _VIEW)


def check_view(view: Value, kind: Kind = "modal") -> list[Flaw]:
    """List what Slack would refuse in this modal or Home tab."""
    flaws = list(_check_modal(view, "/view") if kind == "modal" else _check_home(view, "/view"))
    if isinstance(view, dict):
        flaws += check_blocks(view.get("blocks"), kind, "/view/blocks")
        flaws += _check_inputs(
            view, [block for block in walk(view.get("blocks")) if block.get("type") == "input"], kind
        )
        flaws += _check_answered(list(walk(view.get("blocks"))))
    return flaws


def _check_inputs(view: dict[str, Value], inputs: list[dict[str, Value]], kind: Kind) -> Flaws:
    if kind == "modal" and inputs and "submit" not in view:
        yield Flaw("/view", "missing required field: submit (a view with input blocks needs one)")


def _check_answered(blocks: list[dict[str, Value]]) -> Flaws:
    """Check that a select that is to bring a response_url stands in an input block."""
    for block in blocks:
        if block.get("type") != "input" and any(part.get("response_url_enabled") for part in elements_of(block)):
            yield Flaw("/view/blocks", "response_url_enabled works in input blocks only")


def is_too_large(view: Value) -> bool:
    """Tell whether a view is more than Slack takes at all."""
    return len(json.dumps(view, ensure_ascii=False, separators=(",", ":")).encode()) > MOST_BYTES
