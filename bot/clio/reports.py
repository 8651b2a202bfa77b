"""What people's inquiries ask Clio for: entries with their bills, and reports.

Reports: docs.developers.clio.com, "Reports": POST /reports, then its state, then /download, which answers 303 and the
address of a store outside Clio. That store gets neither our sign-in nor a cookie.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests

from brought_forward.bot.clio import shapes
from brought_forward.bot.clio.calls import Calls
from brought_forward.bot.errors import ClioRejected, ClioUnclear

HOPS = 3  # addresses that a download may lead over
PIECE = 65_536  # bytes read at a time
KIND, FORMAT = "client_activity", "csv"  # Clio's own page offers this report as PDF, CSV and web page


@dataclass(frozen=True, slots=True)
class BilledEntry:
    """A time entry and the bill it is on, as far as Clio tells it."""

    id: int
    entry: shapes.TimeEntry
    bill_id: int | None
    bill_number: str
    bill_state: str  # empty where there is no bill


@dataclass(frozen=True, slots=True)
class Report:
    """A report that Clio makes. Its dates are not told."""

    id: int
    state: str
    kind: str
    format: str


class InquiryCalls(Calls):
    """The calls of inquiries, for the client to take in."""

    def time_entries_of(self, ids: Sequence[int]) -> list[shapes.TimeEntry]:
        """List time entries by id, of whatever description, as far as they are there; 100 in a call."""
        return self._of_ids("/activities.json", shapes.TIME_ENTRY, shapes.time_entry, ids)

    def billed_entries(self, description_id: int) -> list[BilledEntry]:
        """List the time entries of an activity description with their bills: 200 in a call, and no call for bills."""
        found = self._list("/activities.json", BILLED, billed_entry, activity_description_id=description_id)
        return [one for one in found if one.entry.description_id == description_id]

    def entry_with_bill(self, clio_id: int) -> BilledEntry | None:
        """Read one time entry and its bill afresh; None where Clio has it no more."""
        try:
            return self._record(f"/activities/{clio_id}.json", BILLED, billed_entry)
        except ClioRejected as refusal:
            if refusal.status == 404:
                return None
            raise

    def reports(self) -> list[Report]:
        """List the Client Activity reports of our format, checked by us; Clio keeps those of people too."""
        found = self._list("/reports.json", REPORT, report, kind=KIND)
        return [one for one in found if (one.kind, one.format) == (KIND, FORMAT)]

    def report(self, report_id: int) -> Report:
        """Read how far a report is. Raises a ClioError."""
        return self._record(f"/reports/{report_id}.json", REPORT, report)

    def create_report(self, first: date, last: date) -> Report:
        """Ask for a Client Activity report, once. Raises a ClioError; ClioUnclear: Clio may be making it."""
        body = {"kind": KIND, "format": FORMAT, "start_date": first.isoformat(), "end_date": last.isoformat()}
        return self._made("/reports.json", REPORT, report, body)

    def download_report(self, report_id: int, limit: int) -> bytes:
        """Fetch a completed report of at most `limit` bytes. Raises a ClioError; ClioRejected where it is larger."""
        place = _next_place(self._base, self._place(f"/reports/{report_id}/download.json"))
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
                timeout=(self._timing.connect, self._timing.read),
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


BILLED = f"{shapes.TIME_ENTRY},bill{{id,number,state}}"
REPORT = "id,state,kind,format"


def billed_entry(data: dict[str, Any]) -> BilledEntry:
    """Read an activity and its bill."""
    bill = data.get("bill") or {}
    return BilledEntry(
        id=int(data["id"]),
        entry=shapes.time_entry(data),
        bill_id=int(bill["id"]) if bill.get("id") else None,
        bill_number=str(bill.get("number") or ""),
        bill_state=str(bill.get("state") or ""),
    )


def report(data: dict[str, Any]) -> Report:
    """Read a report."""
    return Report(int(data["id"]), str(data["state"]), str(data.get("kind") or ""), str(data.get("format") or ""))
