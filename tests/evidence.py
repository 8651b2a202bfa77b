"""Recorded shapes against each other and against Clio's contract; `tests/recorded/` says how they come about."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from contract import SPEC, _operation, _schema_of, properties

from brought_forward.bot.cli.doctor.redaction import ABSENT, ANY, alternatives

RECORDED = Path(__file__).with_name("recorded")
TEXT = {"text", "empty text", "number as text", "a word"}  # what stands in one field may look like any of these
NOTHING = {"null", ABSENT}
Shape = Any


def load(file: Path) -> dict[str, Any]:
    record: dict[str, Any] = json.loads(file.read_text())
    assert record["format"] == 1
    return record


def accounts(folder: Path) -> list[Path]:
    """List the folders of recorded accounts: each holds what was recorded of one."""
    return sorted(one for one in folder.iterdir() if one.is_dir())


def known() -> set[str]:
    """Read which differences have been looked at and are meant so."""
    file = RECORDED / "known.txt"
    return set(file.read_text().splitlines()) if file.exists() else set()


def title(call: dict[str, Any]) -> str:
    fields = f" ({call['fields']})" if call.get("fields") else ""
    sent = f" of {call['sent']}" if call.get("sent") else ""
    return f"{call['service']} {call['call']}{fields}{sent} {call['status']}"


def differences(there: dict[str, Any], here: dict[str, Any]) -> list[str]:
    """Say where the real ones (`there`) answer otherwise than the pretend ones (`here`)."""
    ours = {title(call): call for call in here["calls"]}
    found = []
    for call in there["calls"]:
        name = title(call)
        if name not in ours:
            found.append(f"{name}: nothing of the kind was recorded of the sandbox")
            continue
        found += [
            f"{name}: {text}" for text in _apart(call["body"], ours[name]["body"], "", whole=call["service"] == "clio")
        ]
        missing = ours[name]["headers"].keys() - call["headers"].keys()
        found += [f"{name}: the header {header} is missing there" for header in sorted(missing)]
    return found


def _apart(there: Shape, here: Shape, at: str, *, whole: bool) -> Iterator[str]:
    """Compare what one place holds. `whole`: each key was asked for by its name; Slack has many that nobody uses."""
    mine = alternatives(here)
    objects = [one for one in mine if isinstance(one, dict)]
    lists = [one for one in mine if isinstance(one, list)]
    kinds = {_kind(one) for one in mine if isinstance(one, str)}
    for one in alternatives(there):
        if isinstance(one, dict):
            yield from _keys(one, objects[0], at, whole=whole) if objects else [f"{at or 'body'}: an object there"]
        elif isinstance(one, list):
            if not lists:
                yield f"{at or 'body'}: a list there"
            elif one and lists[0]:
                yield from _apart(one[0], lists[0][0], f"{at}[]", whole=whole)
        elif (kind := _kind(one)) not in kinds and not _fits(kind, kinds) and (whole or kind not in NOTHING):
            yield f"{at or 'body'}: {kind} there, {_told(mine)} here"


def _keys(there: dict[str, Shape], here: dict[str, Shape], at: str, *, whole: bool) -> Iterator[str]:
    for name, shape in there.items():
        if name in here:
            yield from _apart(shape, here[name], f"{at}.{name}", whole=whole)
        elif whole:
            yield f"{at}.{name}: only there"
    yield from (
        f"{at}.{name}: only here" for name in here if name not in there and ABSENT not in alternatives(here[name])
    )


def _fits(kind: str, kinds: set[str]) -> bool:
    return (kind in TEXT and bool(kinds & TEXT)) or (kind == "integer" and "number" in kinds)


def _kind(shape: str) -> str:
    return "a word" if shape.startswith("=") else shape


def _told(mine: list[Shape]) -> str:
    return " or ".join(_kind(one) if isinstance(one, str) else type(one).__name__ for one in mine)


# Against the contract

FITS = {"string": {*TEXT, "date", "instant", "address"}, "integer": {"integer"}, "number": {"integer", "number"},
        "boolean": {"true or false"}}  # fmt: skip
OAUTH = {"error", "error_description"}  # a bad token is answered by the OAuth layer, in its own shape


def beyond_the_contract(record: dict[str, Any]) -> list[str]:
    """Say which keys and kinds of Clio's answers are not in its published contract."""
    found = []
    for call in record["calls"]:
        if call["service"] != "clio":
            continue
        method, _, path = call["call"].partition(" ")
        operation = _operation(method.lower(), path.partition("?")[0].replace("{id}", "1"))
        if operation is None:
            found.append(f"{title(call)}: not in the contract")
            continue
        schema = _schema_of(operation, call["status"])
        body = call["body"]
        if schema is None or (isinstance(body, dict) and body.keys() == OAUTH):
            continue
        body = {name: inner for name, inner in body.items() if name != "meta"} if isinstance(body, dict) else body
        found += [f"{title(call)}: {text}" for text in _beyond(body, schema, "")]
    return found


def _beyond(shape: Shape, schema: dict[str, Any], at: str) -> Iterator[str]:
    schema = SPEC["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]] if "$ref" in schema else schema
    for one in alternatives(shape):
        if isinstance(one, dict):
            known_ = properties(schema)
            for name, inner in one.items() if known_ else ():
                if name in known_:
                    yield from _beyond(inner, known_[name], f"{at}.{name}")
                else:
                    yield f"{at}.{name} is not in the contract"
        elif isinstance(one, list):
            yield from (text for item in one for text in _beyond(item, schema.get("items", {}), f"{at}[]"))
        elif _kind(one) not in NOTHING | FITS.get(schema.get("type", ""), {_kind(one)}):
            yield f"{at} is {_kind(one)}, {schema['type']} in the contract"
        elif one.startswith("=") and one[1:] not in schema.get("enum", [one[1:]]):
            yield f"{at} is {one[1:]}, none of {', '.join(schema['enum'])}"


__all__ = ["ANY", "RECORDED", "accounts", "beyond_the_contract", "differences", "known", "load", "title"]
