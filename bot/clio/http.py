"""How Clio is called: signed, at its pace; one error for each decision a caller takes, money never a float.

A write is sent once: no retry of any kind and no redirect. A GET is tried again on cuts, 5xx and 429, at Clio's pace,
before a person hears of it.
"""

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Any, Protocol, TypeVar

import requests
import simplejson
from requests.auth import AuthBase

from brought_forward.bot.clio.gate import Sessions, TooLate
from brought_forward.bot.clio.pace import Pace
from brought_forward.bot.clio.refusals import Fields, Patience, in_words, never_sent, told
from brought_forward.bot.errors import (
    ClioBusy,
    ClioError,
    ClioRejected,
    ClioRetired,
    ClioUnclear,
    ClioUnreached,
    pause_for,
)
from brought_forward.bot.settings import Timing

log = logging.getLogger(__name__)

API_VERSION = "4.0.13"  # quantity is in seconds from 4.0.4 on; a retired version answers 410
PAGE = 200  # Clio's most
IDS = 100  # asked for in one call; longer addresses may be refused
UNORDERED = {"/activity_descriptions.json", "/reports.json"}  # these have no `order`, and their cursor by default
REJECTED = {400, 403, 404, 422}


class Numbered(Protocol):
    """A record of Clio's."""

    @property
    def id(self) -> int:
        """Clio's id."""


Shape = TypeVar("Shape")
OfId = TypeVar("OfId", bound=Numbered)


class Http:
    """The calls of one sign-in. A path goes behind Clio's address; a shape reads a record, and may raise on junk."""

    def __init__(
        self,
        base: str,
        token: Callable[[], str],
        pace: Pace,
        timing: Timing,
        stopping: threading.Event,
        refused: Callable[[str], ClioError],
    ) -> None:
        self.base = base
        self._token = token
        self._refused = refused  # what to raise where Clio refuses a token: there may be another one by now
        self.pace = pace
        self.timing = timing
        self._stopping = stopping
        self._sessions = Sessions(timing.read)
        self._patience = Patience(timing.keep_asking)
        self.fields = Fields()
        self.on_answer: Callable[[requests.Response], None] | None = None  # told of every answer, as it came

    def _one(self, path: str, fields: str) -> dict[str, Any]:
        data = self._read(path, {"fields": fields}).get("data")
        if not isinstance(data, dict):
            raise ClioUnclear("Clio's answer holds no record.")
        return data

    def first(self, path: str, fields: str) -> None:
        """Ask for one record of a list, only to see that Clio answers. Raises a ClioError."""
        self._read(path, {"fields": fields, "limit": 1})

    def record(self, path: str, fields: str, shape: Callable[[dict[str, Any]], Shape]) -> Shape:
        """Read one record. Raises a ClioError."""
        return _shaped(shape, self._one(path, fields))

    def maybe(self, path: str, fields: str, shape: Callable[[dict[str, Any]], Shape]) -> Shape | None:
        """Read one record. Returns None where Clio has it no more. Raises a ClioError."""
        try:
            return self.record(path, fields, shape)
        except ClioRejected as refusal:
            if refusal.status == 404:
                return None
            raise

    def made(self, path: str, fields: str, shape: Callable[[dict[str, Any]], Shape], body: dict[str, Any]) -> Shape:
        """POST once. Raises a ClioError; ClioUnreached: nothing was sent; any other ClioUnclear: it may exist."""
        return _shaped(shape, self._send("POST", path, fields, body))

    def delete(self, path: str) -> None:
        """Delete what lies at a path. Raises a ClioError; a ClioUnclear that is no ClioUnreached: it may be gone."""
        self._send("DELETE", path, None, None)

    def place(self, path: str) -> str:
        """Ask where something lies: Clio answers 303 and its address. Raises a ClioError."""
        self.pace.wait()
        answer = self._call("GET", self.base + path, None, None)
        if answer.status_code == 303 and (place := answer.headers.get("Location")):
            return place
        raise self._refusal(answer)

    def listed(
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
            if not str(following).startswith(self.base + "/"):
                raise ClioUnclear("Clio's list goes on at another address; it was not followed.")
            page = self._get(following, None)

    def of_ids(self, path: str, fields: str, shape: Callable[[dict[str, Any]], OfId], ids: Sequence[int]) -> list[OfId]:
        """List records by id, as far as they are there and the connected user may see them; 100 in a call."""
        found: list[OfId] = []
        for place in range(0, len(ids), IDS):
            some = ids[place : place + IDS]
            wanted = set(some)  # Clio ignores a filter it does not know, so what it answers is checked
            found += [one for one in self.listed(path, fields, shape, **{"ids[]": list(some)}) if one.id in wanted]
        return found

    def _read(self, path: str, params: dict[str, Any]) -> dict[str, Any]:
        """GET; once more for less, where Clio does not know a field that we can do without. Raises a ClioError."""
        fields = params["fields"]
        try:
            answer = self._get(self.base + path, params | {"fields": self.fields.asked(fields)})
        except ClioRejected as refusal:
            if not self.fields.leave_out(fields, refusal):
                raise in_words(path, refusal) from refusal
            log.warning("Clio does not know a field of %s any more; what is no must is left out", path)
            return self._read(path, params)
        self.fields.known.add(fields)
        return answer

    def _get(self, url: str, params: dict[str, Any] | None) -> dict[str, Any]:
        """GET, and again with growing pauses while Clio is out of reach. Raises a ClioError."""
        pause, deadline = self.timing.first_pause, time.monotonic() + self.timing.keep_asking
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
                pause_for(self._stopping, pause)
                pause = min(pause * 2, 30.0)

    def _send(self, method: str, path: str, fields: str | None, body: dict[str, Any] | None) -> dict[str, Any]:
        answer = self._call(method, self.base + path, {"fields": self.fields.asked(fields)} if fields else None, body)
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
        token = self._token()
        try:
            with self._sessions.lend() as session:
                answer = session.request(
                    method,
                    url,
                    params=params,
                    data=data,
                    headers=headers,
                    auth=Bearer(token),
                    timeout=(self.timing.connect, self.timing.read),
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
        if self.on_answer:
            self.on_answer(answer)
        if answer.status_code != 429:
            self._patience.answered()
        if answer.status_code == 401:
            raise self._refused(token)
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
            retry_after = _seconds(answer.headers.get("Retry-After"), self.timing.window)
            self.pace.refused(retry_after)
            tell = self._patience.put_off(retry_after)
            text = "Clio asks to wait; another program may be using up the limit of the same sign-in."
            return ClioBusy(text, retry_after=retry_after, tell=tell)
        if status == 410:
            return ClioRetired("This version of Clio's API is gone; the bot must be updated.")
        if status in REJECTED:
            return ClioRejected(words or f"Clio refused it ({status}).", status=status, kind=kind)
        return ClioUnclear(f"Clio answered {status}.")


class Bearer(AuthBase):
    """Sign a request. As `auth`, because a .netrc of the machine's would overwrite a header."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add the token."""
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
