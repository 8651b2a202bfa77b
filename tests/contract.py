"""Hold every exchange with the pretend Clio against Clio's published contract.

openapi-core lets unknown fields, filters and body names pass, as Clio does: there a wrong name is dropped without a
word. So names are checked here as well, both ways. Use it as

    contract = Contract()
    clio.on_exchange.append(contract)
    ...
    assert contract.violations == []
"""

from __future__ import annotations

import functools
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from openapi_core import OpenAPI
from openapi_core.testing import MockRequest, MockResponse

SPEC: dict[str, Any] = json.loads(Path(__file__).with_name("contract.json").read_text())
HOST = "https://app.clio.com"
BASE = "/api/v4"
# True of the real API, but not in its document: a retired version is 410, and a record that is gone already is 404.
BEYOND = {("get", 410), ("post", 410), ("delete", 410), ("delete", 404)}


@functools.cache
def _openapi() -> OpenAPI:
    return OpenAPI.from_dict(SPEC)


class Contract:
    """Collect what differs from the contract: `requests` is the client's fault, `answers` the sandbox's."""

    def __init__(self) -> None:
        self.requests: list[str] = []
        self.answers: list[str] = []
        self.checked = 0

    @property
    def violations(self) -> list[str]:
        return self.requests + self.answers

    def __call__(self, request: Any, response: Any) -> None:
        self.checked += 1
        path = request.path.removeprefix(BASE)
        method = request.method.lower()
        found = _operation(method, _kind(path))
        if found is None:
            self.requests.append(f"{method} {path}: not in the contract")
            return
        args = {name: _first_of(request.args.getlist(name)[0], _parameter(found, name)) for name in request.args}
        asked = MockRequest(
            HOST, method, request.path, args=args, headers=dict(request.headers), data=request.get_data() or None
        )
        self.requests += [f"{method} {path}: {problem}" for problem in _asked(asked, request, found)]
        if request.environ["clio.call"].fault is None:  # an injected fault answers as it likes
            self.answers += [f"{method} {path}: {problem}" for problem in _answered(asked, response, found)]


# What is wrong with a GET, and with an answer, by all that it says: it is said again and again.
_gets: dict[tuple[Any, ...], list[str]] = {}
_answers: dict[tuple[Any, ...], list[str]] = {}


def _asked(asked: MockRequest, request: Any, operation: dict[str, Any]) -> list[str]:
    """Tell what differs from the contract in a request."""
    said = (_kind(request.path), request.headers.get("X-API-VERSION"), *sorted(request.args.items(multi=True)))
    found = _gets.get(said) if request.method == "GET" else None
    if found is None:
        found = [*_request_names(request, operation), *map(_tell, _openapi().iter_request_errors(asked))]
    if request.method == "GET":
        _gets[said] = found
    return found


def _kind(path: str) -> str:
    """Write a path with one id for all."""
    return re.sub(r"\d+(?=[./])", "1", path)


@functools.cache
def _operation(method: str, path: str) -> dict[str, Any] | None:
    # Addresses without a variable first: /users/who_am_i.json is not a user's id.
    for template in sorted(SPEC["paths"], key=lambda template: "{" in template):
        pattern = re.sub(r"\\{\w+\\}", r"\\d+", re.escape(template))
        if re.fullmatch(pattern, path) and method in SPEC["paths"][template]:
            operation: dict[str, Any] = SPEC["paths"][template][method]
            return operation
    return None


def _parameter(operation: dict[str, Any], name: str) -> dict[str, Any]:
    return next((known["schema"] for known in operation.get("parameters", []) if known["name"] == name), {})


def _first_of(value: str, schema: dict[str, Any]) -> str:
    """Take the first of a comma list of allowed words: Clio takes such lists, its document knows single words."""
    words = value.split(",")
    return words[0] if set(words) <= set(schema.get("enum", [])) else value


def _request_names(request: Any, operation: dict[str, Any]) -> Iterator[str]:
    known = {parameter["name"] for parameter in operation.get("parameters", []) if parameter["in"] == "query"}
    yield from (f"{name} is no filter here" for name in request.args if name not in known)
    schema = _schema_of(operation, 200) or _schema_of(operation, 201)
    if "fields" in request.args and schema:
        data = properties(schema)["data"]
        yield from _fields(request.args["fields"], data.get("items", data))
    body = request.get_data()
    if body and "requestBody" in operation:
        yield from _names(json.loads(body), operation["requestBody"]["content"]["application/json"]["schema"], "body")


def _fields(text: str, schema: dict[str, Any]) -> Iterator[str]:
    """Check every name of "id,matter{id}"; in a free-form object any name may be."""
    known = properties(schema)
    for name, inner in re.findall(r"(\w+)(?:\{([^{}]*)\})?", text):
        if name not in known:
            yield f"fields: {name} is not in the contract"
        elif inner:
            within = properties(known[name].get("items", known[name]))
            unknown = [word for word in inner.split(",") if within and word not in within]
            yield from (f"fields: {name}{{{word}}} is not in the contract" for word in unknown)


def _answered(asked: MockRequest, response: Any, operation: dict[str, Any]) -> list[str]:
    """Tell what differs from the contract in an answer."""
    body = hashlib.sha256(response.get_data()).digest()
    said = (asked.method, _kind(asked.path), response.status_code, response.content_type, body)
    if said not in _answers:
        _answers[said] = list(_answer(asked, response, operation))
    return _answers[said]


def _answer(asked: MockRequest, response: Any, operation: dict[str, Any]) -> Iterator[str]:
    status = response.status_code
    if str(status) not in operation["responses"]:
        if (asked.method, status) not in BEYOND:
            yield f"{status} is not in the contract"
        return
    body = response.get_data()
    if status in {204, 303, 304}:
        if body:
            yield f"{status} with a body"
        return
    value = json.loads(body)
    if status == 401 and set(value) == {"error", "error_description"}:
        return  # a bad token is answered by the OAuth layer, in its own shape
    schema = _schema_of(operation, status)
    if schema is not None:
        if isinstance(value.get("data"), list):
            yield from _meta(value.pop("meta", {}))  # lists carry it, their schemas do not know it
        yield from _names(value, schema, "answer")
    # Clio answers null where it has nothing, and its document calls nothing nullable.
    plain = json.dumps(_without_nulls(value)).encode()
    answer = MockResponse(plain, status, content_type=response.content_type)
    yield from map(_tell, _openapi().iter_response_errors(asked, answer))


def _meta(meta: dict[str, Any]) -> Iterator[str]:
    if set(meta) - {"paging", "records"} or set(meta.get("paging", {})) - {"next", "previous"}:
        yield f"meta holds {meta}"


def _schema_of(operation: dict[str, Any], status: int) -> dict[str, Any] | None:
    content = operation["responses"].get(str(status), {}).get("content", {})
    return next((media["schema"] for media in content.values()), None)


_properties: dict[int, dict[str, Any]] = {}  # by the schema's identity: all of them are parts of the document


def properties(schema: dict[str, Any]) -> dict[str, Any]:
    """List a schema's own properties and those of all its parts; empty for a free-form object."""
    if not schema:
        return {}
    if id(schema) not in _properties:
        if "$ref" in schema:
            found = properties(SPEC["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]])
        else:
            found = dict(schema.get("properties", {}))
            for part in schema.get("allOf", []):
                found |= properties(part)
        _properties[id(schema)] = found
    return _properties[id(schema)]


def _names(value: Any, schema: dict[str, Any], where: str) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _names(item, schema.get("items", {}), where)
    elif isinstance(value, dict):
        known = properties(schema)
        for name, inner in value.items() if known else ():
            if name in known:
                yield from _names(inner, known[name], f"{where}.{name}")
            else:
                yield f"{where}: {name} is not in the contract"


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nulls(inner) for name, inner in value.items() if inner is not None}
    return [_without_nulls(item) for item in value] if isinstance(value, list) else value


def _tell(error: Exception) -> str:
    causes = getattr(error.__cause__, "schema_errors", None) or [error.__cause__ or error]
    return f"{error}: {'; '.join(str(getattr(cause, 'message', cause)) for cause in causes)}"
