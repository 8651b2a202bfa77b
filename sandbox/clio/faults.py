"""Faults on demand: what may go wrong between a client and Clio, each told by name in the list of calls."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any, Literal

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
    LATE = "late"  # 503 at once, and the entry is made all the same, `seconds` later
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
