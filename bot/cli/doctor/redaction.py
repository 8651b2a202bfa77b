"""The shape of an answer with nothing of a firm's in it: keys, types, nulls, words of Clio's and Slack's own. Pure.

A shape is the name of a kind ("text", "null", "=Open"), an object of shapes, a list with the one shape of its items, or
{"any of": [...]} where several were seen. An object's key that was not in each is "absent" too.
"""

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

Shape = Any  # str, dict or list as above

ANY = "any of"
ABSENT = "absent"
# Keys whose values are words of Clio's or Slack's own, as far as they are one word.
WORDS = {
    *("billing_method", "category_type", "code", "currency", "error", "format", "hierarchy", "kind", "source", "state"),
    *("status", "subscription_type", "type"),
}
WORD = re.compile(r"[A-Za-z][A-Za-z_]{0,30}")
KEY = re.compile(r"[a-z][a-z0-9_]{0,40}")  # a field's name; anything else may be an id or a name
KINDS = (
    (re.compile(r"\d{4}-\d{2}-\d{2}"), "date"),
    (re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:?\d{2})"), "instant"),
    (re.compile(r"https?://\S+"), "address"),
    (re.compile(r"-?\d+(\.\d+)?"), "number as text"),
)


def shape_of(value: Any, key: str = "") -> Shape:
    """Give the shape of a value that JSON holds; `key` is the name it stands under."""
    if isinstance(value, dict):
        made: dict[str, Shape] = {}
        for name, inner in value.items():
            shown = name if KEY.fullmatch(name) else "(a name or id)"
            shape = shape_of(inner, name)
            made[shown] = merged([made[shown], shape]) if shown in made else shape
        return made
    if isinstance(value, list):
        return [merged([shape_of(one, key) for one in value])] if value else []
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, float | Decimal):
        return "number"
    return _text(str(value), key)


def _text(value: str, key: str) -> str:
    if key in WORDS and WORD.fullmatch(value):
        return f"={value}"
    if not value:
        return "empty text"
    return next((name for pattern, name in KINDS if pattern.fullmatch(value)), "text")


def merged(shapes: Iterable[Shape]) -> Shape:
    """Put what was seen of one place together."""
    plain: dict[str, None] = {}
    objects: list[dict[str, Shape]] = []
    lists: list[list[Shape]] = []
    for one in shapes:
        for shape in alternatives(one):
            if isinstance(shape, str):
                plain[shape] = None
            elif isinstance(shape, list):
                lists.append(shape)
            else:
                objects.append(shape)
    found: list[Shape] = sorted(plain)
    if lists:
        inside = [item for one in lists for item in one]
        found.append([merged(inside)] if inside else [])
    if objects:
        names = dict.fromkeys(name for one in objects for name in one)
        found.append({name: merged([one.get(name, ABSENT) for one in objects]) for name in names})
    return found[0] if len(found) == 1 else {ANY: found}


def alternatives(shape: Shape) -> list[Shape]:
    """List what a place may hold."""
    if isinstance(shape, dict) and shape.keys() == {ANY}:
        return list(shape[ANY])
    return [shape]
