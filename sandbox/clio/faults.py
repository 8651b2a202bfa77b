"""Faults on demand: what may go wrong between a client and Clio, each told by name in the list of calls."""

from __future__ import annotations

import json
import math
import random
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any, Literal

from flask import Response, request

from brought_forward.sandbox.clio.lists import ProblemError, refused
from brought_forward.sandbox.serving import cut

Body = Mapping[str, Any]


class Kind(StrEnum):
    """Name a fault. "Before": nothing was done. "After": it was done, and the client is not told so."""

    CUT_BEFORE = "cut_before"  # the connection is closed
    CUT_AFTER = "cut_after"
    ERROR_BEFORE = "error_before"  # 500
    ERROR_AFTER = "error_after"
    HTML_502 = "html_502"  # a proxy's page; `when` says before or after
    UNAVAILABLE = "unavailable"  # 503 and a page, as while Clio is maintained; `when` says before or after
    LIMITED = "limited"  # 429, with Retry-After if `retry_after` is given
    SIGNED_OUT = "signed_out"  # 401
    GONE = "gone"  # 410
    REFUSE = "refuse"  # 422 with `message`
    FORBIDDEN = "forbidden"  # 403: the app, or the user it acts for, lacks the permission
    DELAY = "delay"  # `seconds`; `when` says before or after
    LATE = (
        "late"  # 503 at once, and the entry is made all the same, `seconds` later; math.inf: when `carry_out` is called
    )
    HOURLY = "hourly"  # the entry is made, but not flat: total 0
    WRONG_USER = "wrong_user"  # the entry is made for another user
    IGNORE_FILTERS = "ignore_filters"  # lists answer everything
    REDACTED = "redacted"  # rates and hours are hidden from the caller
    HOURS_HIDDEN = "hours_hidden"  # hours alone are; `quantity_redacted` is set for that too
    REPORT_FAILS = "report_fails"  # the report is taken on and never completed
    NO_ACCOUNT = "no_account"  # who_am_i answers without the account
    UNKNOWN_FIELD = "unknown_field"  # Clio does not know the field that `message` names: 400 where it is asked for


ENTRY_PATH = "/activities.json"
_USUAL: dict[Kind, tuple[str | None, str | None]] = {
    Kind.REFUSE: ("POST", ENTRY_PATH),
    Kind.LATE: ("POST", ENTRY_PATH),
    Kind.HOURLY: ("POST", ENTRY_PATH),
    Kind.WRONG_USER: ("POST", ENTRY_PATH),
    Kind.IGNORE_FILTERS: ("GET", None),
    Kind.REDACTED: (None, "/activities*"),
    Kind.HOURS_HIDDEN: (None, "/activities*"),
    Kind.REPORT_FAILS: ("POST", "/reports.json"),
    Kind.NO_ACCOUNT: ("GET", "/users/who_am_i.json"),
}


WITHIN = {
    Kind.LATE,
    Kind.HOURLY,
    Kind.WRONG_USER,
    Kind.IGNORE_FILTERS,
    Kind.REDACTED,
    Kind.HOURS_HIDDEN,
    Kind.REPORT_FAILS,
    Kind.NO_ACCOUNT,
    Kind.UNKNOWN_FIELD,
}


@dataclass(slots=True)
class Fault:
    """One fault, whom it meets, and how often it was served."""

    kind: Kind
    method: str | None = None
    path: str | None = None  # "/activities.json"; "*" stands for any text
    where: Callable[[Body], bool] | None = None  # asks the body's data
    matter: int | None = None  # the matter that the body names
    nth: int = 1  # the first matching request to be met
    times: int | None = 1  # None: for ever
    chance: float | None = None  # of each matching request from the nth on
    seconds: float = 0.0
    when: Literal["before", "after"] = "before"
    retry_after: int | None = None
    message: str = "This record is not valid"
    dice: random.Random = field(default_factory=random.Random)
    seen: int = 0
    served: int = 0
    _left: list[Callable[[], object]] = field(default_factory=list)

    @property
    def phase(self) -> str:
        """Say when it is met: "before" the firm has done what was asked, "after", or "within" it."""
        if self.kind in {Kind.DELAY, Kind.HTML_502, Kind.UNAVAILABLE}:
            return self.when
        if self.kind in {Kind.CUT_AFTER, Kind.ERROR_AFTER}:
            return "after"
        return "within" if self.kind in WITHIN else "before"

    def meets(self, method: str, path: str, body: Body) -> bool:
        """Say whether this request is one of those, and count it."""
        if self.method not in {None, method} or not fnmatchcase(path, self.path or "*"):
            return False
        if self.matter is not None and body.get("matter") != {"id": self.matter}:
            return False
        if self.where is not None and not self.where(body):
            return False
        self.seen += 1
        if self.seen < self.nth or (self.times is not None and self.served >= self.times):
            return False
        if self.chance is not None and self.dice.random() >= self.chance:
            return False
        self.served += 1
        return True

    def put_off(self, work: Callable[[], object]) -> None:
        """Do a work after the fault's seconds; where they have no end, once `carry_out` is called."""
        if self.seconds == math.inf:
            self._left.append(work)
            return
        timer = threading.Timer(self.seconds, work)
        timer.daemon = True
        timer.start()

    def carry_out(self) -> None:
        """Do what was put off without end."""
        while self._left:
            self._left.pop(0)()


class Faults:
    """The faults of one sandbox.

    Two of them stand until they are taken away: entries and descriptions younger than `list_lag` seconds are in no list
    yet, and the Date header of every answer is `date_behind` seconds behind Clio's clock.
    """

    def __init__(self) -> None:
        self.list_lag = 0.0
        self.date_behind = 0.0
        self.served: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._faults: list[Fault] = []

    def add(
        self,
        kind: Kind | str,
        *,
        method: str | None = None,
        path: str | None = None,
        where: Callable[[Body], bool] | None = None,
        matter: int | None = None,
        nth: int = 1,
        times: int | None = 1,
        chance: float | None = None,
        seed: int = 0,
        seconds: float = 0.0,
        when: Literal["before", "after"] = "before",
        retry_after: int | None = None,
        message: str = "This record is not valid",
    ) -> Fault:
        """Add a fault: met once, at the nth request that matches, unless `times` says more (None: always).

        With a `chance` it meets matching requests by lot, and `seed` makes that the same each time. Requests count
        from now on, and only those that Clio would work on: signed in, and within the rate limit.
        """
        kind = Kind(kind)
        usual_method, usual_path = _USUAL.get(kind, (None, None))
        fault = Fault(
            kind,
            method or usual_method,
            path or usual_path,
            where,
            matter,
            nth,
            times,
            chance,
            seconds,
            when,
            retry_after,
            message,
            random.Random(seed),
        )
        with self._lock:
            self._faults.append(fault)
        return fault

    def remove(self, fault: Fault) -> None:
        """Take one fault away."""
        with self._lock:
            self._faults.remove(fault)

    def clear(self) -> None:
        """Take all faults away, those that stand too; what was served stays counted."""
        with self._lock:
            self._faults.clear()
            self.list_lag = self.date_behind = 0.0

    def take(self, method: str, path: str, body: Body) -> list[Fault]:
        """Draw the faults that this request meets."""
        with self._lock:
            met = [fault for fault in self._faults if fault.meets(method, path, body)]
            self.served.update(str(fault.kind) for fault in met)
            return met


PROXY_PAGE = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"

MAINTENANCE = "<html><head><title>503</title></head><body><h1>Service Temporarily Unavailable</h1></body></html>"


def has_met(kind: Kind) -> bool:
    """Say whether the request at hand met a fault of a kind."""
    return the_one_met(kind) is not None


def the_one_met(kind: Kind) -> Fault | None:
    """Give the first fault of a kind that the request at hand met, or None."""
    met: list[Fault] = request.environ.get("clio.faults", [])
    return next((fault for fault in met if fault.kind is kind), None)


def unknown_fields() -> set[str]:
    """Name the fields that Clio does not know any more, for the request at hand."""
    met: list[Fault] = request.environ.get("clio.faults", [])
    return {fault.message for fault in met if fault.kind is Kind.UNKNOWN_FIELD}


def meet(fault: Fault, phase: str, wait: Callable[[float], object]) -> Response | None:
    """Do what a fault says, if this is its phase ("before" or "after"): wait, cut, or answer instead of Clio."""
    if fault.phase != phase:
        return None
    if fault.kind is Kind.DELAY:
        wait(fault.seconds)
    if fault.kind in {Kind.CUT_BEFORE, Kind.CUT_AFTER}:
        cut()
    make = _ANSWERS.get(fault.kind)
    return make(fault) if make else None


def as_json(body: Mapping[str, Any], status: int = 200) -> Response:
    """Write a body as Clio labels it."""
    return Response(json.dumps(body), status, content_type="application/json; charset=utf-8")


def error(status: int, kind: str, message: str) -> Response:
    """Answer Clio's Error object."""
    return as_json({"error": {"type": kind, "message": message}}, status)


def tell(problem: ProblemError) -> Response:
    """Answer a problem that a view has raised."""
    return error(problem.status, problem.kind, problem.message)


def signed_out() -> Response:
    """Answer a bad token: in OAuth's words, where `error` is a string."""
    return as_json({"error": "invalid_token", "error_description": "The access token is invalid or expired"}, 401)


def gone(version: str) -> Response:
    """Answer a version of the API that is unknown or retired."""
    return error(410, "Gone", f"API version {version} is not available")


def limited(retry_after: int | None) -> Response:
    """Answer a request too many."""
    answer = error(429, "RateLimited", "Rate limit exceeded")
    if retry_after is not None:
        answer.headers["Retry-After"] = str(retry_after)
    return answer


def maintained() -> Response:
    """Answer as while Clio is maintained."""
    return Response(MAINTENANCE, 503, content_type="text/html")


_ANSWERS: dict[Kind, Callable[[Fault], Response]] = {
    Kind.ERROR_BEFORE: lambda fault: error(500, "InternalServerError", "Something went wrong"),
    Kind.ERROR_AFTER: lambda fault: error(500, "InternalServerError", "Something went wrong"),
    Kind.HTML_502: lambda fault: Response(PROXY_PAGE, 502, content_type="text/html"),
    Kind.UNAVAILABLE: lambda fault: maintained(),
    Kind.LIMITED: lambda fault: limited(fault.retry_after),
    Kind.SIGNED_OUT: lambda fault: signed_out(),
    Kind.GONE: lambda fault: gone("4.0.13"),
    Kind.REFUSE: lambda fault: tell(refused(fault.message)),
    Kind.FORBIDDEN: lambda fault: error(403, "ForbiddenError", "User is forbidden to take that action"),
}
