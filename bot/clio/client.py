"""A thin client of Clio Manage's API v4: only what we use, one error for each decision, money never a float.

A POST is sent once: no retry of any kind and no redirect. A GET is tried again on cuts, 5xx and 429, at Clio's pace,
before a person hears of it. The protocol around a POST is in `bot.sending`.
"""

import json
import logging
import math
import threading
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import requests
import simplejson
from requests.auth import AuthBase

from brought_forward.bot.clio import shapes
from brought_forward.bot.clio.calls import Shape
from brought_forward.bot.clio.gate import TooLate, sent_by
from brought_forward.bot.clio.pace import Pace
from brought_forward.bot.clio.patience import Patience, never_sent
from brought_forward.bot.clio.readings import ReadingCalls
from brought_forward.bot.clio.refusals import Fields, in_words, told
from brought_forward.bot.clio.reports import InquiryCalls
from brought_forward.bot.clio.sessions import Sessions
from brought_forward.bot.errors import (
    ClioBusy,
    ClioError,
    ClioRejected,
    ClioRetired,
    ClioSignedOut,
    ClioUnclear,
    ClioUnreached,
    Stopping,
)
from brought_forward.bot.settings import Timing

log = logging.getLogger(__name__)

API_VERSION = "4.0.13"  # quantity is in seconds from 4.0.4 on; a retired version answers 410
PAGE = 200  # Clio's most
UNORDERED = {"/activity_descriptions.json", "/reports.json"}  # these have no `order`, and their cursor by default
REJECTED = {400, 403, 404, 422}


class Clio(ReadingCalls, InquiryCalls):
    """One sign-in to one firm's Clio."""

    def __init__(
        self, base: str, token: Callable[[], str], pace: Pace, timing: Timing, stopping: threading.Event
    ) -> None:
        self._base = base
        self._token = token
        self.pace = pace
        self._timing = timing
        self._stopping = stopping
        self._sessions = Sessions(timing.read)
        self._patience = Patience(timing.keep_asking)
        self._fields = Fields()

    # What we write: each sends once. The caller takes its place in the window first, by `pace.wait()`.

    def create_time_entry(
        self,
        *,
        matter_id: int,
        user_id: int,
        description_id: int,
        date: str,
        price: Decimal,
        note: str,
        seconds: int | None = None,
        by: float = math.inf,
    ) -> shapes.TimeEntry:
        """Create one time entry, sent by a moment of the monotonic clock or not at all; with a time only if given.

        Raises a ClioError; ClioUnreached means that nothing was sent, any other ClioUnclear that it may exist.
        """
        body: dict[str, Any] = {
            "type": "TimeEntry",
            "date": date,
            "matter": {"id": matter_id},
            "user": {"id": user_id},
            "activity_description": {"id": description_id},
            "price": price,
            "note": note,
            "non_billable": False,
        }
        if seconds is not None:
            body["quantity"] = seconds
        with sent_by(by):
            return _shaped(shapes.time_entry, self._send("POST", "/activities.json", shapes.TIME_ENTRY, body))

    def create_description(self, name: str, *, flat: bool = True) -> shapes.ActivityDescription:
        """Create the activity description: a rate of 0, flat or by the hour. Raises a ClioError; ClioUnclear: look."""
        rate = {"type": "FlatRate" if flat else "Custom", "amount": 0}
        body = {"name": name, "rate": rate, "visible_to_co_counsel": False}
        return _shaped(shapes.description, self._send("POST", "/activity_descriptions.json", shapes.DESCRIPTION, body))

    def delete_time_entry(self, clio_id: int, *, by: float = math.inf) -> None:
        """Delete one time entry, sent by a moment of the monotonic clock or not at all.

        Raises a ClioError; ClioUnreached: nothing was sent; any other ClioUnclear: it may be gone.
        """
        with sent_by(by):
            self._send("DELETE", f"/activities/{clio_id}.json", None, None)

    # How

    def _one(self, path: str, fields: str) -> dict[str, Any]:
        data = self._read(path, {"fields": fields}).get("data")
        if not isinstance(data, dict):
            raise ClioUnclear("Clio's answer holds no record.")
        return data

    def _first(self, path: str, fields: str) -> None:
        self._read(path, {"fields": fields, "limit": 1})

    def _record(self, path: str, fields: str, shape: Callable[[dict[str, Any]], Shape]) -> Shape:
        return _shaped(shape, self._one(path, fields))

    def _made(self, path: str, fields: str, shape: Callable[[dict[str, Any]], Shape], body: dict[str, Any]) -> Shape:
        return _shaped(shape, self._send("POST", path, fields, body))

    def _place(self, path: str) -> str:
        """Ask where something lies: Clio answers 303 and its address. Raises a ClioError."""
        self.pace.wait()
        answer = self._call("GET", self._base + path, None, None)
        if answer.status_code == 303 and (place := answer.headers.get("Location")):
            return place
        raise self._refusal(answer)

    def _list(
        self, path: str, fields: str, shape: Callable[[dict[str, Any]], Shape], **filters: Any
    ) -> Iterator[Shape]:
        """Follow a list by its cursor: order id(asc) and no offset, else Clio ends at 10,000.

        Raises ClioUnclear for what is no list: taken for an empty one, it would say that nothing is there.
        """
        asked = {"fields": fields, "limit": PAGE} | {
            name: value for name, value in filters.items() if value is not None
        }
        if path not in UNORDERED:
            asked["order"] = "id(asc)"
        page = self._read(path, asked)
        while True:
            rows = page.get("data")
            if not isinstance(rows, list):
                raise ClioUnclear("Clio's answer holds no list.")
            yield from (_shaped(shape, row) for row in rows)
            following = ((page.get("meta") or {}).get("paging") or {}).get("next")
            if not following:
                return
            if not str(following).startswith(self._base + "/"):
                raise ClioUnclear("Clio's list goes on at another address; it was not followed.")
            page = self._get(following, None)

    def _read(self, path: str, params: dict[str, Any]) -> dict[str, Any]:
        """GET; once more for less, where Clio does not know a field that we can do without. Raises a ClioError."""
        fields = params["fields"]
        try:
            answer = self._get(self._base + path, params | {"fields": self._fields.asked(fields)})
        except ClioRejected as refusal:
            if not self._fields.leave_out(fields, refusal):
                raise in_words(path, refusal) from refusal
            log.warning("Clio does not know a field of %s any more; what is no must is left out", path)
            return self._read(path, params)
        self._fields.known.add(fields)
        return answer

    def _get(self, url: str, params: dict[str, Any] | None) -> dict[str, Any]:
        """GET, and again with growing pauses while Clio is out of reach. Raises a ClioError."""
        pause, deadline = self._timing.first_pause, time.monotonic() + self._timing.keep_asking
        while True:
            began = time.monotonic()
            self.pace.wait()
            deadline += time.monotonic() - began  # waiting our turn is not Clio's failure
            try:
                return self._answer(self._call("GET", url, params, None))
            except ClioBusy as busy:
                if busy.tell:
                    raise
                deadline += busy.retry_after
            except ClioUnclear as unclear:
                if time.monotonic() + pause > deadline:
                    raise
                log.warning("asking Clio again in %.1f s: %s", pause, unclear)
                self._pause(pause)
                pause = min(pause * 2, 30.0)

    def _send(self, method: str, path: str, fields: str | None, body: dict[str, Any] | None) -> dict[str, Any]:
        answer = self._call(method, self._base + path, {"fields": self._fields.asked(fields)} if fields else None, body)
        if method == "DELETE" and answer.status_code == 204:
            return {}
        read = self._answer(answer, created=method == "POST")
        data = read.get("data")
        if not isinstance(data, dict):
            raise ClioUnclear("Clio's answer holds no record.")
        return data

    def _call(
        self, method: str, url: str, params: dict[str, Any] | None, body: dict[str, Any] | None
    ) -> requests.Response:
        headers = {"X-API-VERSION": API_VERSION}
        data = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            # Decimal goes out as the JSON number it is: 1234.50, not the float next to it.
            data = simplejson.dumps({"data": body}, use_decimal=True).encode()
        try:
            with self._sessions.lend() as session:
                answer = session.request(
                    method,
                    url,
                    params=params,
                    data=data,
                    headers=headers,
                    auth=_Bearer(self._token()),
                    timeout=(self._timing.connect, self._timing.read),
                    allow_redirects=False,
                )
        except TooLate as late:
            raise ClioUnreached(
                "Clio could not be reached in time; nothing was sent.", tell=self._patience.put_off()
            ) from late
        except requests.RequestException as cut:
            if never_sent(cut, url):
                text = f"Clio cannot be reached ({type(cut).__name__})."
                raise ClioUnreached(text, tell=self._patience.put_off()) from cut
            raise ClioUnclear(f"No answer from Clio ({type(cut).__name__}).") from cut
        self.pace.heard(answer.headers)
        if answer.status_code != 429:
            self._patience.answered()
        return answer

    def _answer(self, answer: requests.Response, *, created: bool = False) -> dict[str, Any]:
        """Read an answer or raise what the caller must do. A creation is proved by 201 alone."""
        status = answer.status_code
        if status == (201 if created else 200):
            try:
                body = json.loads(answer.content, parse_float=Decimal, parse_constant=_no_constant)
            except ValueError as junk:
                raise ClioUnclear("Clio's answer cannot be read.") from junk
            if isinstance(body, dict):
                return body
            raise ClioUnclear("Clio's answer cannot be read.")
        raise self._refusal(answer)

    def _refusal(self, answer: requests.Response) -> ClioError:
        status = answer.status_code
        kind, words = told(answer)
        if status == 429:
            retry_after = _seconds(answer.headers.get("Retry-After"), self._timing.window)
            self.pace.refused(retry_after)
            tell = self._patience.put_off(retry_after)
            text = "Clio asks to wait; another program may be using up the limit of the same sign-in."
            return ClioBusy(text, retry_after=retry_after, tell=tell)
        if status == 401:
            return ClioSignedOut("Clio no longer accepts our sign-in.")
        if status == 410:
            return ClioRetired("This version of Clio's API is gone; the bot must be updated.")
        if status in REJECTED:
            return ClioRejected(words or f"Clio refused it ({status}).", status=status, kind=kind)
        return ClioUnclear(f"Clio answered {status}.")

    def _pause(self, seconds: float) -> None:
        if self._stopping.wait(seconds):
            raise Stopping


class _Bearer(AuthBase):
    """Sign a request. As `auth`, because a .netrc of the machine's would overwrite a header."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def _shaped(shape: Callable[[dict[str, Any]], Shape], data: dict[str, Any]) -> Shape:
    try:
        return shape(data)
    except (AttributeError, KeyError, TypeError, ValueError) as junk:
        raise ClioUnclear("Clio's answer is not what was asked for.") from junk


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def _seconds(text: str | None, default: float) -> float:
    try:
        return max(float(text or ""), 0.1)
    except ValueError:
        return default
