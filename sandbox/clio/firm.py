"""A pretend law firm in Clio Manage: its people, matters, descriptions and time entries, in memory."""

from __future__ import annotations

import bisect
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Generic, TypeVar

from brought_forward.sandbox.clio.records import (
    ActivityDescription,
    Bill,
    BillingSettings,
    Booking,
    Contact,
    Currency,
    Matter,
    RateType,
    Record,
    Report,
    Status,
    TimeEntry,
    User,
    cents,
)

R = TypeVar("R", bound=Record)

# Past 32 bits: Clio's ids are 64 bits wide.
FIRST_ENTRY_ID = 5_000_000_001
SIGNS = {"USD": "$", "CAD": "CA$", "GBP": "£", "EUR": "€", "AUD": "A$"}


class Table(Generic[R]):
    """Records of one kind by id; ids only grow, so that a cursor finds its place by halving."""

    def __init__(self, first_id: int) -> None:
        self._next_id = first_id
        self._records: dict[int, R] = {}
        self._ids: list[int] = []
        self.on_change: Callable[[int, R | None], None] | None = None  # the record's id, and None where it is gone

    def new_id(self) -> int:
        """Hand out the next id."""
        self._next_id += 1
        return self._next_id - 1

    def put(self, record: R) -> R:
        """Add a record, or put it in the place of the one with its id."""
        if record.id not in self._records:
            self._ids.append(record.id)
        self._records[record.id] = record
        if self.on_change:
            self.on_change(record.id, record)
        return record

    def restore(self, record: R) -> None:
        """Put back a record of an earlier process; ids go on above it."""
        self._next_id = max(self._next_id, record.id + 1)
        self.put(record)

    def get(self, record_id: int | None) -> R | None:
        """Find a record, or None."""
        return None if record_id is None else self._records.get(record_id)

    def __getitem__(self, record_id: int) -> R:
        return self._records[record_id]

    def remove(self, record_id: int) -> None:
        """Take a record out; raise KeyError if it is not there."""
        del self._records[record_id]
        del self._ids[bisect.bisect_left(self._ids, record_id)]
        if self.on_change:
            self.on_change(record_id, None)

    def after(self, record_id: int) -> Iterator[R]:
        """Go through the records with a greater id, in order."""
        start = bisect.bisect_right(self._ids, record_id)
        return (self._records[self._ids[place]] for place in range(start, len(self._ids)))

    def __iter__(self) -> Iterator[R]:
        return (self._records[record_id] for record_id in self._ids)

    def __len__(self) -> int:
        return len(self._ids)


class Firm:
    """A firm's data, safe to use from many threads; `add_...` stand for what people do in Clio by hand.

    `clock` answers unix seconds and stamps every record. The first user added owns the account and is the
    one that the sandbox's token acts for, unless `token_user` is set. `booking` is what becomes of entries sent to a
    description of a flat rate.
    """

    def __init__(
        self, *, currency: str = "USD", name: str = "Hallam & Reyes LLP", clock: Callable[[], float] = time.time
    ) -> None:
        self.lock = threading.RLock()
        self.clock = clock
        self.account_id = 700_001
        self.name = name
        self.token_user_id: int | None = None
        self.booking = Booking.FLAT
        self.currencies: Table[Currency] = Table(1)
        self.contacts: Table[Contact] = Table(300_001)
        self.users: Table[User] = Table(1_001)
        self.matters: Table[Matter] = Table(200_001)
        self.descriptions: Table[ActivityDescription] = Table(4_001)
        self.entries: Table[TimeEntry] = Table(FIRST_ENTRY_ID)
        self.bills: Table[Bill] = Table(6_001)
        self.reports: Table[Report] = Table(8_001)
        self.hidden_matters = 0
        self.spell: Callable[[str], str] = str  # how Clio spells the notes that it is sent; people write as they do
        now = self.now()
        sign = SIGNS.get(currency, currency)
        self.settings = BillingSettings(9_001, now, now, currency=currency, currency_sign=sign)
        self.currency(currency)

    def now(self) -> datetime:
        """Tell the time by the firm's clock, in UTC."""
        return datetime.fromtimestamp(self.clock(), UTC)

    @property
    def time_entries(self) -> list[TimeEntry]:
        """List all entries as they are now, oldest first."""
        with self.lock:
            return list(self.entries)

    @property
    def token_user(self) -> User:
        """Name the user whom the token acts for."""
        with self.lock:
            found = self.users.get(self.token_user_id)
            return found if found is not None else next(iter(self.users))

    def currency(self, code: str) -> Currency:
        """Find a currency by its code, or begin to use it."""
        with self.lock:
            for known in self.currencies:
                if known.code == code:
                    return known
            now = self.now()
            sign = SIGNS.get(code, code)
            return self.currencies.put(Currency(self.currencies.new_id(), now, now, code=code, sign=sign))

    def add_user(self, name: str, **more: Any) -> User:
        """Add a person: "First Last", and any field of `User`."""
        first, _, last = name.partition(" ")
        with self.lock:
            now = self.now()
            more.setdefault("account_owner", len(self.users) == 0)
            return self.users.put(User(self.users.new_id(), now, now, first_name=first, last_name=last, **more))

    def add_client(self, name: str, *, company: bool = True) -> Contact:
        """Add a client."""
        with self.lock:
            now = self.now()
            return self.contacts.put(Contact(self.contacts.new_id(), now, now, name=name, company=company))

    def add_matter(
        self,
        display_number: str,
        *,
        client: Contact | str | None = None,
        attorney: User | None = None,
        description: str = "General advice",
        status: Status | str = Status.OPEN,
        currency: str | None = None,
        **more: Any,
    ) -> Matter:
        """Add a matter, with its client (made from a name, or from the number) and any field of `Matter`."""
        with self.lock:
            if not isinstance(client, Contact):
                client = self.add_client(client or display_number.partition("-")[2] or display_number)
            now = self.now()
            matter = Matter(
                self.matters.new_id(),
                now,
                now,
                number=len(self.matters) + 1,
                display_number=display_number,
                description=description,
                client_id=client.id,
                responsible_attorney_id=attorney.id if attorney else None,
                originating_attorney_id=attorney.id if attorney else None,
                currency=self.currency(currency or self.settings.currency).code,
                status=Status(status),
                **more,
            )
            self.hidden_matters += not matter.visible
            return self.matters.put(matter)

    def add_description(
        self, name: str, *, rate_type: RateType | str = RateType.FLAT_RATE, amount: Decimal | int = 0, **more: Any
    ) -> ActivityDescription:
        """Add an activity description; flat rate of 0, as Clio's article has it, unless told otherwise."""
        with self.lock:
            now = self.now()
            more.setdefault("currency", self.settings.currency)
            return self.descriptions.put(
                ActivityDescription(
                    self.descriptions.new_id(),
                    now,
                    now,
                    name=name,
                    rate_type=RateType(rate_type),
                    amount=cents(Decimal(amount)),
                    **more,
                )
            )

    def add_entry(
        self,
        matter: Matter | None,
        user: User,
        description: ActivityDescription | None,
        price: Decimal | int | None = None,
        *,
        on: date | None = None,
        quantity: Decimal | int = 0,
        note: str = "",
        non_billable: bool = False,
        flat_rate: bool | None = None,
    ) -> TimeEntry:
        """Add a time entry: its price, if not given, and whether it is flat follow the description."""
        with self.lock:
            now = self.now()
            if flat_rate is None:
                flat_rate = description is not None and description.rate_type is RateType.FLAT_RATE
            if price is None:
                by_user = description is None or description.rate_type is RateType.USER
                price = user.rate if description is None or by_user else description.amount
            return self.entries.put(
                TimeEntry(
                    self.entries.new_id(),
                    now,
                    now,
                    date=on or now.date(),
                    matter_id=matter.id if matter else None,
                    user_id=user.id,
                    activity_description_id=description.id if description else None,
                    price=cents(Decimal(price)),
                    quantity=Decimal(quantity),
                    flat_rate=flat_rate,
                    note=note,
                    non_billable=non_billable,
                    currency=matter.currency if matter else self.settings.currency,
                )
            )

    def bill(self, entry: TimeEntry | int, state: str = "awaiting_payment") -> TimeEntry:
        """Put an entry on a bill, as a person does in Clio: "draft" is not yet billed, "awaiting_payment" is."""
        with self.lock:
            found = self.entries.get(entry if isinstance(entry, int) else entry.id)
            if found is None:
                raise KeyError(entry)
            now = self.now()
            number = found.bill.id if found.bill else self.bills.new_id()
            made = Bill(number, now, now, number=str(number), state=state, issued_at=now.date(), total=found.total,
                        matter_id=found.matter_id)  # fmt: skip
            return self.entries.put(replace(found, bill=self.bills.put(made), updated_at=now))

    def change(self, record: R, **fields: Any) -> R:
        """Change fields of a user, matter, description or entry, as a person does in Clio; return the new record."""
        tables: tuple[Table[Any], ...] = (self.users, self.matters, self.descriptions, self.entries, self.contacts)
        with self.lock:
            table = next(table for table in tables if table.get(record.id) is not None)
            before: R = table[record.id]
            after = replace(before, updated_at=self.now(), **fields)
            if isinstance(before, Matter) and isinstance(after, Matter):
                self.hidden_matters += before.visible - after.visible
            table.put(after)
            return after

    def change_settings(self, **fields: Any) -> BillingSettings:
        """Change the firm's billing settings."""
        with self.lock:
            self.settings = replace(self.settings, updated_at=self.now(), **fields)
            return self.settings

    def remove_entry(self, entry: TimeEntry | int) -> None:
        """Delete an entry by hand, whatever bill it is on."""
        with self.lock:
            self.entries.remove(entry if isinstance(entry, int) else entry.id)
