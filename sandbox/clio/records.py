"""The records of a pretend firm, frozen: a change is a new record in its place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum


class RateType(StrEnum):
    """Say how an activity description is billed, in Clio's words."""

    USER = "User"
    FLAT_RATE = "FlatRate"
    CUSTOM = "Custom"


class Booking(StrEnum):
    """Say what Clio makes of an entry of a flat-rate description; nobody has published which of these it is."""

    FLAT = "flat"  # flat, at the price that is sent, whatever its quantity
    HOURLY = "hourly"  # by the hour: its quantity times the price, so $0.00 without one
    ZERO = "zero"  # flat at the description's own rate, unless a quantity comes with the price
    REFUSED = "refused"  # refused without a quantity; flat with one


class Status(StrEnum):
    """Say where a matter stands; the filter takes the same words in lower case."""

    OPEN = "Open"
    PENDING = "Pending"
    CLOSED = "Closed"


@dataclass(frozen=True, slots=True)
class Record:
    """What Clio keeps of everything."""

    id: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Currency(Record):
    """A currency that the firm bills in."""

    code: str
    sign: str


@dataclass(frozen=True, slots=True)
class Contact(Record):
    """A client."""

    name: str
    company: bool = True


@dataclass(frozen=True, slots=True)
class User(Record):
    """A person with a seat in the firm, or a client's seat in its portal."""

    first_name: str
    last_name: str
    enabled: bool = True
    clio_connect: bool = False
    attorney: bool = True
    account_owner: bool = False
    rate: Decimal = Decimal("250.00")
    roles: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Join the names as Clio shows them."""
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def email(self) -> str:
        """Make an address that can reach nobody."""
        return f"{self.first_name}.{self.last_name}".lower().replace(" ", "") + "@firm.example"


@dataclass(frozen=True, slots=True)
class Matter(Record):
    """A case of a client."""

    number: int
    display_number: str
    description: str
    client_id: int
    responsible_attorney_id: int | None
    originating_attorney_id: int | None
    currency: str
    status: Status = Status.OPEN
    billable: bool = True
    billing_method: str = "hourly"
    custom_number: str | None = None
    client_reference: str | None = None
    visible: bool = True  # False: the connected user may not see it
    closed_to_time: bool = False  # True: an entry on it is refused


@dataclass(frozen=True, slots=True)
class ActivityDescription(Record):
    """What a time entry is for, and the rate that goes with it."""

    name: str
    rate_type: RateType
    amount: Decimal
    currency: str
    visible_to_co_counsel: bool = False
    default: bool = False


@dataclass(frozen=True, slots=True)
class Bill(Record):
    """A bill that a person made in Clio: the API makes none."""

    number: str
    state: str
    issued_at: date
    total: Decimal
    matter_id: int | None = None


@dataclass(frozen=True, slots=True)
class Report(Record):
    """A report that somebody asked for; how far it is, its age tells."""

    name: str
    kind: str
    format: str
    fails: bool
    content: bytes
    seconds: float  # that it takes
    signature: str  # opens it in the store of reports


@dataclass(frozen=True, slots=True)
class TimeEntry(Record):
    """An activity of type TimeEntry. `price` and `total` in the matter's currency, `quantity` in seconds."""

    date: date
    matter_id: int | None
    user_id: int
    activity_description_id: int | None
    price: Decimal
    quantity: Decimal
    flat_rate: bool
    note: str
    non_billable: bool
    currency: str
    bill: Bill | None = None

    @property
    def total(self) -> Decimal:
        """Work out what the entry is worth: a flat one its price, another its hours times its price."""
        if self.flat_rate:
            return self.price
        return cents(self.price * self.quantity / 3600)

    @property
    def on_bill(self) -> bool:
        """Say whether any bill holds it, a draft too; a void one holds nothing."""
        return self.bill is not None and self.bill.state not in {"void", "deleted"}

    @property
    def billed(self) -> bool:
        """Say whether its bill was approved."""
        return self.bill is not None and self.bill.state in {"awaiting_payment", "paid"}


@dataclass(frozen=True, slots=True)
class BillingSettings(Record):
    """The firm's settings for bills."""

    currency: str
    currency_sign: str
    apply_tax_by_default: bool = False
    tax_name: str = "Tax"
    tax_rate: Decimal = Decimal(0)
    multi_currency_billing: bool = False
    rounding: int = 6
    time_on_flat_rate_contingency_matters_is_non_billable: bool = True


def cents(amount: Decimal) -> Decimal:
    """Round to two decimals, half away from zero, as Clio silently does with a price."""
    return amount.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
