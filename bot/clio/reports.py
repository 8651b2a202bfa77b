"""The reports that Clio makes, for people who ask for one.

docs.developers.clio.com, "Reports": POST /reports, then its state, then /download, which answers 303 and the
address of a store outside Clio. That store gets neither our sign-in nor a cookie.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests

from brought_forward.bot.clio.http import Http
from brought_forward.bot.errors import ClioRejected, ClioUnclear

HOPS = 3  # addresses that a download may lead over
PIECE = 65_536  # bytes read at a time
KIND, FORMAT = "client_activity", "csv"  # Clio's own page offers this report as PDF, CSV and web page


@dataclass(frozen=True, slots=True)
class Report:
    """A report that Clio makes. Its dates are not told."""

    id: int
    state: str
    kind: str
    format: str


class Reports:
    """Ask for a report, look how far it is, fetch it."""

    def __init__(self, http: Http) -> None:
        self.http = http

    def listed(self) -> list[Report]:
        """List the Client Activity reports of our format, checked by us; Clio keeps those of people too."""
        found = self.http.listed("/reports.json", REPORT, report, kind=KIND)
        return [one for one in found if (one.kind, one.format) == (KIND, FORMAT)]

    def read(self, report_id: int) -> Report:
        """Read how far a report is. Raises a ClioError."""
        return self.http.record(f"/reports/{report_id}.json", REPORT, report)

    def create(self, first: date, last: date) -> Report:
        """Ask for a Client Activity report, once. Raises a ClioError; ClioUnclear: Clio may be making it."""
        body = {"kind": KIND, "format": FORMAT, "start_date": first.isoformat(), "end_date": last.isoformat()}
        return self.http.made("/reports.json", REPORT, report, body)

    def download(self, report_id: int, limit: int) -> bytes:
        """Fetch a completed report of at most `limit` bytes. Raises a ClioError; ClioRejected where it is larger."""
        place = _next_place(self.http.base, self.http.place(f"/reports/{report_id}/download.json"))
        for _ in range(HOPS):
            answer = self._fetch(place)
            with answer:
                if answer.is_redirect:
                    place = _next_place(place, answer.headers["Location"])
                    continue
                if answer.status_code != 200:
                    raise ClioUnclear(f"The report's place answered {answer.status_code}.")
                return _read_all(answer, limit)
        raise ClioUnclear("The report's address leads from one to the next without end.")

    def _fetch(self, place: str) -> requests.Response:
        """GET without our sign-in: a store beside Clio has no business with it, and some refuse it."""
        try:
            return requests.get(
                place,
                auth=_unsigned,
                stream=True,
                allow_redirects=False,
                timeout=(self.http.timing.connect, self.http.timing.read),
            )
        except requests.RequestException as cut:
            raise ClioUnclear(f"The report could not be fetched ({type(cut).__name__}).") from cut


def _unsigned(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Leave a request as it is. As `auth`, because without one a .netrc of the machine's would sign it."""
    return request


def _next_place(place: str, location: str) -> str:
    """Follow a redirect: over https where it came over https. Raises ClioUnclear for any other."""
    found = urljoin(place, location)
    was, now = urlsplit(place).scheme, urlsplit(found).scheme
    if now not in {was, "https"}:
        raise ClioUnclear("Clio leads to an address that is not safe to follow; it was not followed.")
    return found


def _read_all(answer: requests.Response, limit: int) -> bytes:
    data = bytearray()
    try:
        for piece in answer.iter_content(PIECE):
            data += piece
            if len(data) > limit:
                raise ClioRejected(f"The report is larger than {limit // 1_000_000} MB.", status=413, kind="TooLarge")
    except requests.RequestException as cut:
        raise ClioUnclear(f"The report could not be fetched ({type(cut).__name__}).") from cut
    return bytes(data)


REPORT = "id,state,kind,format"


def report(data: dict[str, Any]) -> Report:
    """Read a report."""
    return Report(int(data["id"]), str(data["state"]), str(data.get("kind") or ""), str(data.get("format") or ""))
