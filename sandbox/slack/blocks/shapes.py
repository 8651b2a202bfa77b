"""Slack's text objects, options and confirm dialogs, and the words with which Slack refuses them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

Value = Any  # JSON as it came in


@dataclass(frozen=True, slots=True)
class Flaw:
    """One reason why Slack refuses a payload, and where."""

    pointer: str  # a JSON pointer, as in "/blocks/0/text"
    message: str

    def __str__(self) -> str:
        return f"[ERROR] {self.message} [json-pointer:{self.pointer}]"


Flaws = Iterator[Flaw]
Check = Callable[[Value, str], Flaws]


def check_string(value: Value, at: str, longest: int | None = None, shortest: int = 1) -> Flaws:
    """Check a bare string; lengths are in characters."""
    if not isinstance(value, str):
        yield Flaw(at, "must be a string")
    elif len(value) < shortest:
        yield Flaw(at, f"must be more than {shortest - 1} characters")
    elif longest is not None and len(value) > longest:
        yield Flaw(at, f"must be less than {longest + 1} characters")


def string(longest: int | None = None, shortest: int = 1) -> Check:
    """Make a check of a bare string."""
    return lambda value, at: check_string(value, at, longest, shortest)


def check_text(value: Value, at: str, longest: int = 3000, *, plain: bool = False) -> Flaws:
    """Check a text object: `plain_text`, or `mrkdwn` where `plain` does not forbid it."""
    if not isinstance(value, dict):
        yield Flaw(at, "must be a text object")
        return
    kind = value.get("type")
    if kind not in ({"plain_text"} if plain else {"plain_text", "mrkdwn"}):
        yield Flaw(f"{at}/type", f"unsupported type of text: {kind}")
        return
    yield from check_keys(value, at, {"type", "text"}, {"emoji" if kind == "plain_text" else "verbatim"})
    if "text" in value:
        yield from check_string(value["text"], f"{at}/text", longest)


def text(longest: int = 3000, *, plain: bool = False) -> Check:
    """Make a check of a text object."""
    return lambda value, at: check_text(value, at, longest, plain=plain)


def check_keys(value: dict[str, Value], at: str, required: set[str], optional: set[str]) -> Flaws:
    """Check that all required keys are there and no unknown ones."""
    for key in sorted(required - value.keys()):
        yield Flaw(at, f"missing required field: {key}")
    for key in sorted(value.keys() - required - optional):
        yield Flaw(at, f"no more properties allowed, failed to match: {key}")


def check_list(value: Value, at: str, most: int, least: int, each: Check) -> Flaws:
    """Check a list's length and each of its items."""
    if not isinstance(value, list):
        yield Flaw(at, "must be an array")
        return
    if len(value) < least:
        yield Flaw(at, f"no fewer than {least} items allowed")
    if len(value) > most:
        yield Flaw(at, f"no more than {most} items allowed")
        return
    for index, item in enumerate(value):
        yield from each(item, f"{at}/{index}")


def listing(most: int, each: Check, least: int = 1) -> Check:
    """Make a check of a list."""
    return lambda value, at: check_list(value, at, most, least, each)


def one_of(*allowed: str) -> Check:
    """Make a check of a choice among words."""

    def check(value: Value, at: str) -> Flaws:
        if value not in allowed:
            yield Flaw(at, f"must be one of {', '.join(allowed)}")

    return check


def whole(least: int, most: int | None = None) -> Check:
    """Make a check of an integer within bounds."""

    def check(value: Value, at: str) -> Flaws:
        if isinstance(value, bool) or not isinstance(value, int):
            yield Flaw(at, "must be an integer")
        elif value < least or (most is not None and value > most):
            yield Flaw(at, f"must be between {least} and {most}")

    return check


def check_number(value: Value, at: str) -> Flaws:
    """Check a JSON number."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        yield Flaw(at, "must be a number")


def check_flag(value: Value, at: str) -> Flaws:
    """Check a JSON boolean."""
    if not isinstance(value, bool):
        yield Flaw(at, "must be a boolean")


def record(required: dict[str, Check], optional: dict[str, Check] | None = None) -> Check:
    """Make a check of an object from the checks of its keys."""
    checks = {**required, **(optional or {})}

    def check(value: Value, at: str) -> Flaws:
        if not isinstance(value, dict):
            yield Flaw(at, "must be an object")
            return
        yield from check_keys(value, at, set(required), set(optional or {}))
        for key in value.keys() & checks.keys():
            yield from checks[key](value[key], f"{at}/{key}")

    return check


def _option(*, plain: bool) -> Check:
    return record(
        {"text": text(75, plain=plain), "value": string(150)},
        {"description": text(75, plain=plain), "url": string(3000)},
    )


check_option = _option(plain=True)
check_styled_option = _option(plain=False)  # of radio buttons and checkboxes
check_option_group = record({"label": text(75, plain=True), "options": listing(100, check_option)})
check_confirm = record(
    {"title": text(100, plain=True), "text": text(300), "confirm": text(30, plain=True), "deny": text(30, plain=True)},
    {"style": one_of("primary", "danger")},
)
