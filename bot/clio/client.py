"""A thin client of Clio Manage's API v4: only what we use. How a call is made stands in `http`.

The protocol around an entry's POST is in `posting.send`.
"""

import math
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from typing import Any

from brought_forward.bot.clio import shapes
from brought_forward.bot.clio.gate import sent_by
from brought_forward.bot.clio.http import Http
from brought_forward.bot.clio.pace import Pace
from brought_forward.bot.clio.reports import Reports
from brought_forward.bot.clio.shapes import BILLED, BilledEntry, billed_entry
from brought_forward.bot.errors import ClioError, ClioRejected, ClioSignedOut
from brought_forward.bot.settings import Timing
from brought_forward.storage.records.firm import Matter, User

SIGNED_OUT = "Clio no longer accepts our sign-in."


class Clio:
    """One sign-in to one firm's Clio."""

    def __init__(
        self,
        base: str,
        token: Callable[[], str],
        pace: Pace,
        timing: Timing,
        stopping: threading.Event,
        refused: Callable[[str], ClioError] = lambda _: ClioSignedOut(SIGNED_OUT),
    ) -> None:
        self.http = Http(base, token, pace, timing, stopping, refused)
        self.pace = pace
        self.reports = Reports(self.http)

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
            return self.http.made("/activities.json", shapes.TIME_ENTRY, shapes.time_entry, body)

    def create_description(self, name: str, *, flat: bool = True) -> shapes.ActivityDescription:
        """Create the activity description: a rate of 0, flat or by the hour. Raises a ClioError; ClioUnclear: look."""
        rate = {"type": "FlatRate" if flat else "Custom", "amount": 0}
        body = {"name": name, "rate": rate, "visible_to_co_counsel": False}
        return self.http.made("/activity_descriptions.json", shapes.DESCRIPTION, shapes.description, body)

    def delete_time_entry(self, clio_id: int, *, by: float = math.inf) -> None:
        """Delete one time entry, sent by a moment of the monotonic clock or not at all.

        Raises a ClioError; ClioUnreached: nothing was sent; any other ClioUnclear: it may be gone.
        """
        with sent_by(by):
            self.http.delete(f"/activities/{clio_id}.json")

    def delete_description(self, description_id: int) -> None:
        """Delete an activity description. Raises a ClioError; ClioUnclear: it may be gone."""
        self.http.delete(f"/activity_descriptions/{description_id}.json")

    # What we read

    def who_am_i(self) -> shapes.WhoAmI:
        """Read whose sign-in this is."""
        return self.http.record("/users/who_am_i.json", shapes.WHO_AM_I, shapes.who_am_i)

    def account_owner(self) -> int | None:
        """Find whose account this is, by the firm's users. Returns None where Clio marks nobody."""
        return next(
            (number for number, owns in self.http.listed("/users.json", shapes.OWNER, shapes.owner) if owns), None
        )

    def billing(self) -> shapes.Billing:
        """Read the firm's billing settings."""
        return self.http.record("/settings/billing.json", shapes.BILLING, shapes.billing)

    def users(self, updated_since: str | None = None) -> Iterator[User]:
        """List the firm's users, enabled or not."""
        return self.http.listed("/users.json", shapes.USER, shapes.user, updated_since=updated_since)

    def matters(self, updated_since: str | None = None) -> Iterator[Matter]:
        """List the matters that the connected user may see."""
        return self.http.listed("/matters.json", shapes.MATTER, shapes.matter, updated_since=updated_since)

    def matters_called(self, number: str) -> list[Matter]:
        """List the matters of a number, checked by us: Clio's search finds more, and a filter may be ignored."""
        found = self.http.listed("/matters.json", shapes.MATTER, shapes.matter, query=number)
        return [one for one in found if one.display_number.strip().casefold() == number.strip().casefold()]

    def matters_of(self, ids: Sequence[int]) -> list[Matter]:
        """List matters by id, as far as they are there and the connected user may see them; 100 in a call."""
        return self.http.of_ids("/matters.json", shapes.MATTER, shapes.matter, ids)

    def try_reading(self) -> None:
        """Ask for one of each thing that a run reads before it does anything.

        Raises a ClioError where one of them has no answer; one that Clio refuses is answered.
        """
        for path in ("/activity_descriptions.json", "/activities.json", "/matters.json", "/users.json"):
            with suppress(ClioRejected):
                self.http.first(path, "id")

    def try_entry_fields(self) -> None:
        """Find out by a GET, once, whether Clio knows the fields that an entry's POST asks back. Raises a ClioError."""
        if shapes.TIME_ENTRY not in self.http.fields.known:
            self.http.first("/activities.json", shapes.TIME_ENTRY)

    def descriptions(self) -> list[shapes.ActivityDescription]:
        """List all activity descriptions; Clio has no filter by name."""
        return list(self.http.listed("/activity_descriptions.json", shapes.DESCRIPTION, shapes.description))

    def description(self, description_id: int) -> shapes.ActivityDescription | None:
        """Read one activity description. Returns None where Clio has it no more."""
        return self.http.maybe(f"/activity_descriptions/{description_id}.json", shapes.DESCRIPTION, shapes.description)

    def time_entries(
        self, description_id: int, matter_id: int | None = None, *, since: datetime | None = None
    ) -> list[shapes.TimeEntry]:
        """List the time entries of an activity description, checked by us: Clio ignores a filter it does not know.

        `since`, by Clio's clock, asks for those made from then on; older ones may come all the same.
        """
        found = self.http.listed(
            "/activities.json",
            shapes.TIME_ENTRY,
            shapes.time_entry,
            activity_description_id=description_id,
            matter_id=matter_id,
            created_since=since and since.isoformat(timespec="seconds"),
        )
        return [
            entry for entry in found if entry.description_id == description_id and matter_id in {None, entry.matter_id}
        ]

    def time_entry(self, clio_id: int) -> shapes.TimeEntry | None:
        """Read one time entry afresh. Returns None where Clio has it no more."""
        return self.http.maybe(f"/activities/{clio_id}.json", shapes.TIME_ENTRY, shapes.time_entry)

    def named_entry(self, clio_id: int) -> shapes.NamedEntry | None:
        """Read one time entry afresh, with the names of its matter, user and bill.

        Returns None where Clio has it no more.
        """
        return self.http.maybe(f"/activities/{clio_id}.json", shapes.NAMED_ENTRY, shapes.named_entry)

    def time_entries_of(self, ids: Sequence[int]) -> list[shapes.TimeEntry]:
        """List time entries by id, of whatever description, as far as they are there; 100 in a call."""
        return self.http.of_ids("/activities.json", shapes.TIME_ENTRY, shapes.time_entry, ids)

    def billed_entries(self, description_id: int) -> list[BilledEntry]:
        """List the time entries of an activity description with their bills: 200 in a call, and no call for bills."""
        found = self.http.listed("/activities.json", BILLED, billed_entry, activity_description_id=description_id)
        return [one for one in found if one.entry.description_id == description_id]

    def entry_with_bill(self, clio_id: int) -> BilledEntry | None:
        """Read one time entry and its bill afresh. Returns None where Clio has it no more."""
        return self.http.maybe(f"/activities/{clio_id}.json", BILLED, billed_entry)
