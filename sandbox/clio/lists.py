"""Lists as Clio answers them: filters it knows, pages, and silence about filters it does not know."""

from __future__ import annotations

import base64
import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict

from brought_forward.sandbox.clio.firm import Table
from brought_forward.sandbox.clio.records import Record

R = TypeVar("R", bound=Record)
Test = Callable[[R], bool]
Arguments = MultiDict[str, str]

# Any order but id(asc) is paged by offset, and that ends here (docs.developers.clio.com, "Paging").
LAST_OFFSET = 10_000


@dataclass(frozen=True, slots=True)
class Page(Generic[R]):
    """One page of a list."""

    records: list[R]
    total: int
    next_token: str | None

    def meta(self, url: str, arguments: Arguments) -> dict[str, Any]:
        """Write `meta`: the total, and the next page's whole address while there is one."""
        paging: dict[str, str] = {}
        if self.next_token is not None:
            kept = [(name, value) for name, value in arguments.items(multi=True) if name != "page_token"]
            paging["next"] = f"{url}?{urlencode([*kept, ('page_token', self.next_token)])}"
        return {"paging": paging, "records": self.total}


def page_of(
    table: Table[R],
    tests: list[Test[R]],
    arguments: Arguments,
    *,
    largest: int = 200,
    orders: dict[str, Callable[[R], Any]] | None = None,
) -> Page[R]:
    """Cut a page out of a table; the caller holds the firm's lock.

    `orders` names what the list can be sorted by, beside id; None means that it knows no `order` at all.
    """
    size = read_number(arguments.get("limit"), "limit", largest)
    if not 1 <= size <= largest:
        raise bad_request(f"limit must be between 1 and {largest}")
    name, _, direction = (arguments.get("order", "") if orders is not None else "").removesuffix(")").partition("(")
    token = _read_token(arguments.get("page_token"))
    total = len(table) if not tests else sum(1 for record in table if _passes(record, tests))
    if (name, direction) == ("id", "asc"):
        rest = (record for record in table.after(token) if _passes(record, tests))
        records = list(itertools.islice(rest, size + 1))
        more = len(records) > size
        records = records[:size]
        return Page(records, total, _token(records[-1].id) if more else None)
    chosen: Iterable[R] = (record for record in table if _passes(record, tests))
    if name:
        chosen = _sorted(chosen, name, direction, orders or {})
    records = list(itertools.islice(chosen, token, min(token + size, LAST_OFFSET)))
    end = token + size
    return Page(records, total, _token(end) if end < min(total, LAST_OFFSET) else None)


def _passes(record: R, tests: list[Test[R]]) -> bool:
    return all(test(record) for test in tests)


def _sorted(chosen: Iterable[R], name: str, direction: str, orders: dict[str, Callable[[R], Any]]) -> list[R]:
    key = (lambda record: record.id) if name == "id" else orders.get(name)
    if key is None or direction not in {"asc", "desc"}:
        raise bad_request(f"order {name}({direction}) is not known")
    return sorted(chosen, key=key, reverse=direction == "desc")


def _token(place: int) -> str:
    return base64.urlsafe_b64encode(f"at:{place}".encode()).decode()


def _read_token(token: str | None) -> int:
    if not token:
        return 0
    try:
        word, _, place = base64.urlsafe_b64decode(token).decode().partition(":")
        if word == "at":
            return int(place)
    except ValueError:
        pass
    raise bad_request("page_token is not valid")


def read_number(text: str | None, name: str, default: int = 0) -> int:
    """Read a whole number of the query."""
    if text is None:
        return default
    try:
        return int(text)
    except ValueError:
        raise bad_request(f"{name} must be a number") from None


def read_truth(text: str, name: str) -> bool:
    """Read "true" or "false"."""
    if text.lower() not in {"true", "false", "1", "0"}:
        raise bad_request(f"{name} must be true or false")
    return text.lower() in {"true", "1"}


def read_instant(text: str, name: str) -> datetime:
    """Read an ISO instant; one without an offset is UTC."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise bad_request(f"{name} must be an ISO 8601 date-time") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def read_day(text: str, name: str) -> date:
    """Read an ISO day, or the day of an ISO instant."""
    return read_instant(text, name).date()


class ProblemError(Exception):
    """An answer with Clio's Error object: `{"error": {"type": ..., "message": ...}}`."""

    def __init__(self, status: int, kind: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.kind = kind
        self.message = message


def bad_request(message: str, kind: str = "ArgumentError") -> ProblemError:
    """Say that the request cannot be read."""
    return ProblemError(400, kind, message)


def not_found(what: str) -> ProblemError:
    """Say that there is no such thing, or none that the connected user may see."""
    return ProblemError(404, "RecordNotFound", f"{what} was not found")


def refused(message: str) -> ProblemError:
    """Say that the record is not valid; it was not created."""
    return ProblemError(422, "UnprocessableEntity", message)
