"""What a run and a preview ask Clio for: who we are, the firm, its matters and users, time entries."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any

from brought_forward.bot.clio import shapes
from brought_forward.bot.clio.calls import Calls, Shape
from brought_forward.bot.errors import ClioRejected
from brought_forward.storage.records.firm import Matter, User


class ReadingCalls(Calls):
    """The calls that only read, for the client to take in."""

    def who_am_i(self) -> shapes.WhoAmI:
        """Read whose sign-in this is."""
        return self._record("/users/who_am_i.json", shapes.WHO_AM_I, shapes.who_am_i)

    def account_owner(self) -> int | None:
        """Find whose account this is, by the firm's users; None where Clio marks nobody."""
        return next((number for number, owns in self._list("/users.json", shapes.OWNER, shapes.owner) if owns), None)

    def billing(self) -> shapes.Billing:
        """Read the firm's billing settings."""
        return self._record("/settings/billing.json", shapes.BILLING, shapes.billing)

    def users(self, updated_since: str | None = None) -> Iterator[User]:
        """List the firm's users, enabled or not."""
        return self._list("/users.json", shapes.USER, shapes.user, updated_since=updated_since)

    def matters(self, updated_since: str | None = None) -> Iterator[Matter]:
        """List the matters that the connected user may see."""
        return self._list("/matters.json", shapes.MATTER, shapes.matter, updated_since=updated_since)

    def matters_of(self, ids: Sequence[int]) -> list[Matter]:
        """List matters by id, as far as they are there and the connected user may see them; 100 in a call."""
        return self._of_ids("/matters.json", shapes.MATTER, shapes.matter, ids)

    def try_reading(self) -> None:
        """Ask for one of each thing that a run reads before it does anything.

        Raises a ClioError where one of them has no answer; one that Clio refuses is answered.
        """
        for path in ("/activity_descriptions.json", "/activities.json", "/matters.json", "/users.json"):
            with suppress(ClioRejected):
                self._first(path, "id")

    def try_entry_fields(self) -> None:
        """Find out by a GET, once, whether Clio knows the fields that an entry's POST asks back. Raises a ClioError."""
        if shapes.TIME_ENTRY not in self._fields.known:
            self._first("/activities.json", shapes.TIME_ENTRY)

    def descriptions(self) -> list[shapes.ActivityDescription]:
        """List all activity descriptions; Clio has no filter by name."""
        return list(self._list("/activity_descriptions.json", shapes.DESCRIPTION, shapes.description))

    def time_entries(self, description_id: int, matter_id: int | None = None) -> list[shapes.TimeEntry]:
        """List the time entries of an activity description, checked by us: Clio ignores a filter it does not know."""
        found = self._list(
            "/activities.json",
            shapes.TIME_ENTRY,
            shapes.time_entry,
            activity_description_id=description_id,
            matter_id=matter_id,
        )
        return [
            entry for entry in found if entry.description_id == description_id and matter_id in {None, entry.matter_id}
        ]

    def time_entry(self, clio_id: int) -> shapes.TimeEntry | None:
        """Read one time entry afresh; None where Clio has it no more."""
        return self._maybe(f"/activities/{clio_id}.json", shapes.TIME_ENTRY, shapes.time_entry)

    def named_entry(self, clio_id: int) -> shapes.NamedEntry | None:
        """Read one time entry afresh, with the names of its matter, user and bill; None where Clio has it no more."""
        return self._maybe(f"/activities/{clio_id}.json", shapes.NAMED_ENTRY, shapes.named_entry)

    def _maybe(self, path: str, fields: str, shape: Callable[[dict[str, Any]], Shape]) -> Shape | None:
        try:
            return self._record(path, fields, shape)
        except ClioRejected as refusal:
            if refusal.status == 404:
                return None
            raise
