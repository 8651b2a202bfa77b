"""A recorded account played back: the sandbox's answers take the shapes that a real Clio's had.

A record says of each call, by status, which fields an answer had and of which kinds, never a value. So the sandbox goes
on keeping its own books, and what it answers is bent to that: a field that was never there is taken away, one that was
there besides is made up, a number that came as text goes out as text, a status and the headers are as recorded. Where a
record says nothing, the answer stays as it is; paging stays too, since how long a list was says nothing of others.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask import Request, Response

from brought_forward.sandbox.clio.records import Booking

Shape = Any  # the name of a kind, an object of shapes, a list with one, or {"any of": [...]}
ANY, ABSENT, NULL = "any of", "absent", "null"
HEADERS = ("x-api-version", "retry-after", "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset")
REFUSED = {400, 403}  # of what was never answered otherwise
TEXTS = {"text", "empty text", "number as text", "date", "instant", "address"}
MADE = {"integer": 1, "number": 1.5, "true or false": False, "text": "text", "empty text": "", "number as text": "1.50",
        "date": "2026-01-31", "instant": "2026-01-31T12:00:00Z", "address": "https://clio.example/1"}  # fmt: skip
# What came of the cent as a flat amount alone, and how this Clio books then.
BOOKINGS = {"refused": Booking.REFUSED, "another amount": Booking.ZERO, "another rate": Booking.HOURLY}


class Replay:
    """Answer as one recorded account did; `records` are what `doctor --record` wrote of it."""

    def __init__(self, records: Iterable[Mapping[str, Any]]) -> None:
        given = list(records)
        self._calls = [call for one in given for call in one["calls"] if call["service"] == "clio"]
        cent = {form: came for one in given for form, came in one.get("cent", {}).items()}
        self.booking = BOOKINGS.get(cent.get("flat", ""), Booking.FLAT)

    def bend(self, request: Request, path: str, response: Response) -> None:
        """Give an answer the recorded shape of its call."""
        calls = self._of(request, path)
        status = _status(response.status_code, {call["status"] for call in calls})
        calls = [call for call in calls if call["status"] == status]
        if not calls:
            return
        response.status_code = status
        _bend_headers(response, [call["headers"] for call in calls])
        shapes = [shape for call in calls for shape in _either(call["body"])]
        if shapes == ["no JSON"]:
            response.set_data("<html><body>Clio</body></html>")
        elif shapes == ["nothing"]:
            response.set_data(b"")
        else:
            value = json.loads(response.get_data() or b"{}")
            bent = bend({ANY: shapes}, value)
            if isinstance(value, dict) and isinstance(bent, dict) and "meta" in value:
                bent["meta"] = value["meta"]
            response.set_data(json.dumps(bent))
            response.content_type = response.content_type or "application/json"

    def _of(self, request: Request, path: str) -> list[Mapping[str, Any]]:
        """Find what was recorded of a call: of its fields, its filters and what it sends, as far as that is there."""
        asked = f"{request.method} {re.sub(r'/[0-9]+(?=[./])', '/{id}', path)}"
        filters = "&".join(sorted({name for name in request.args if name != "fields"}))
        data = (json.loads(request.get_data()) if request.get_data() else {}).get("data", {})
        calls = [call for call in self._calls if call["call"].partition("?")[0] == asked]
        for name, wanted in (
            ("fields", request.args.get("fields", "")),
            ("sent", ", ".join(sorted(data))),
            ("filters", filters),
        ):
            calls = [call for call in calls if _told(call, name) == wanted] or ([] if name == "fields" else calls)
        return calls


def bend(shape: Shape, value: Any) -> Any:
    """Give a value a shape, as far as that is possible without inventing what it says."""
    kinds = _either(shape)
    if isinstance(value, dict):
        objects = [one for one in kinds if isinstance(one, dict)]
        return _bend_object(objects, value) if objects else None if kinds == [NULL] else value
    if isinstance(value, list):
        items = [item for one in kinds if isinstance(one, list) for item in one]
        return [bend({ANY: items}, one) if items else one for one in value] if kinds != [NULL] else None
    return _bend_leaf({one for one in kinds if isinstance(one, str)}, value)


def _bend_object(shapes: Sequence[Mapping[str, Shape]], value: Mapping[str, Any]) -> dict[str, Any]:
    known = {name: {ANY: [one.get(name, ABSENT) for one in shapes]} for one in shapes for name in one}
    bent = {name: bend(known[name], inner) for name, inner in value.items()
            if name in known and _either(known[name]) != [ABSENT]}  # fmt: skip
    more = {name: made(shape) for name, shape in known.items() if name not in value and ABSENT not in _either(shape)}
    return bent | {name: inner for name, inner in more.items() if name not in {"meta", "(a name or id)"}}


def _bend_leaf(kinds: set[str], value: Any) -> Any:
    words = TEXTS & kinds or {one for one in kinds if one.startswith("=")}
    if value is None or not kinds - {ABSENT}:
        return value
    if kinds <= {NULL, ABSENT}:
        return None
    if isinstance(value, bool):
        return str(value).lower() if words and "true or false" not in kinds else value
    if isinstance(value, int | float):
        if kinds & {"number", "integer"}:
            return int(value) if kinds.isdisjoint({"number"}) and value == int(value) else value
        return f"{value:.2f}" if words and isinstance(value, float) else str(value) if words else value
    if not words and re.fullmatch(r"-?\d+", value) and "integer" in kinds:
        return int(value)
    return value


def made(shape: Shape) -> Any:
    """Make up a value of a shape: of a field that this Clio does not have."""
    first = next(iter(_either(shape)))
    if isinstance(first, dict):
        return {name: made(inner) for name, inner in first.items() if ABSENT not in _either(inner)}
    if isinstance(first, list):
        return []
    return first[1:] if first.startswith("=") else MADE.get(first)


def _either(shape: Shape) -> list[Shape]:
    """List what a place may hold, each once."""
    if not (isinstance(shape, dict) and shape.keys() == {ANY}):
        return [shape]
    found: list[Shape] = []
    for one in (inner for each in shape[ANY] for inner in _either(each)):
        if one not in found:
            found.append(one)
    return found


def _told(call: Mapping[str, Any], name: str) -> str:
    return str(call["call"].partition("?")[2] if name == "filters" else call.get(name, ""))


def _status(ours: int, recorded: set[int]) -> int:
    """Take the recorded status of the same kind; a refusal where nothing else was ever answered."""
    if ours in recorded or not recorded:
        return ours
    alike = sorted(one for one in recorded if one // 100 == ours // 100)
    if alike:
        return alike[0]
    return min(recorded) if ours < 300 and recorded <= REFUSED else ours


def _bend_headers(response: Response, recorded: Sequence[Mapping[str, str]]) -> None:
    there = {name for one in recorded for name in one}
    for name in HEADERS:
        if name not in there:
            response.headers.pop(name, None)
    versions = [one["x-api-version"] for one in recorded if "x-api-version" in one]
    if versions and "x-api-version" in response.headers:
        response.headers["X-API-VERSION"] = versions[0]
