"""What we ask Clio for, and what its answers are to us; without `fields` Clio gives id and etag alone.

Money arrives as Decimal or int (the client reads JSON with parse_float=Decimal) and is never a float here.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from brought_forward.storage.records.firm import Matter, User

CENT, NOISE = Decimal("0.01"), Decimal("0.001")

WHO_AM_I = "id,name,account{id}"
BILLING = "currency,apply_tax_by_default,apply_secondary_tax_by_default"
USER = "id,name,first_name,last_name,initials,email,enabled,clio_connect"
MATTER = (
    "id,display_number,custom_number,client_reference,description,status,billable,billing_method,currency{code},"
    "client{id,name},responsible_attorney{id}"
)
DESCRIPTION = "id,name,rate{type}"
TIME_ENTRY = (
    "id,type,date,flat_rate,price,total,quantity_redacted,non_billable,billed,on_bill,note,created_at,"
    "matter{id},user{id},activity_description{id}"
)
# The same with names: what an undo keeps is told in words.
NAMED_ENTRY = (
    TIME_ENTRY.replace("matter{id},user{id}", "matter{id,display_number},user{id,name}") + ",bill{id,number,state}"
)
OWNER = "id,account_owner"


def _without(fields: str, optional: str) -> str:
    parts = re.findall(r"[^,{}]+(?:\{[^{}]*\})?", fields)
    return ",".join(part for part in parts if part.partition("{")[0] not in optional.split())


# One field that Clio does not know fails the whole request (400 InvalidFields). It is then asked for what nothing can
# be done without; what is missing reads as unknown: no account, no tax told, no second way to find a matter or a user.
LEAN = {
    WHO_AM_I: _without(WHO_AM_I, "name account"),
    BILLING: _without(BILLING, "apply_tax_by_default apply_secondary_tax_by_default"),
    USER: _without(USER, "first_name last_name initials email"),
    MATTER: _without(MATTER, "custom_number client_reference description billing_method client"),
    TIME_ENTRY: _without(TIME_ENTRY, "quantity_redacted created_at"),
    NAMED_ENTRY: _without(TIME_ENTRY, "quantity_redacted created_at"),
}


@dataclass(frozen=True, slots=True)
class WhoAmI:
    """The user whose sign-in we use, and the firm as far as Clio names it."""

    user_id: int
    user_name: str
    account_id: int | None


@dataclass(frozen=True, slots=True)
class Billing:
    """What of the firm's billing settings changes what we say."""

    currency: str | None
    taxed: bool | None  # bills carry tax unless a person takes it off; None: Clio does not say


@dataclass(frozen=True, slots=True)
class ActivityDescription:
    """An activity description ("activity category" in Clio's pages)."""

    id: int
    name: str
    flat_rate: bool

    def is_called(self, name: str) -> bool:
        """Whether people would take this for its name: case and outer spaces do not tell two apart."""
        return self.name.strip().casefold() == name.strip().casefold()


@dataclass(frozen=True, slots=True)
class TimeEntry:
    """A time entry as Clio answers it."""

    id: int
    type: str
    date: date | None
    matter_id: int | None
    user_id: int | None
    description_id: int | None
    price: Decimal | None
    total: Decimal | None  # None where the connected user may not see it
    flat_rate: bool | None
    non_billable: bool | None
    note: str
    billed: bool
    on_bill: bool
    created_at: datetime | None  # by Clio's clock, in whole seconds


@dataclass(frozen=True, slots=True)
class NamedEntry:
    """A time entry with the names of what it hangs on."""

    entry: TimeEntry
    matter: str | None
    user: str | None
    bill: str | None  # its number
    bill_state: str | None


def who_am_i(data: dict[str, Any]) -> WhoAmI:
    """Read users/who_am_i."""
    account = data.get("account") or {}
    number = account.get("id")
    return WhoAmI(int(data["id"]), str(data.get("name") or ""), None if number is None else int(number))


def owner(data: dict[str, Any]) -> tuple[int, bool]:
    """Read of a user whether the account is theirs."""
    return int(data["id"]), bool(data.get("account_owner"))


def billing(data: dict[str, Any]) -> Billing:
    """Read settings/billing."""
    code = data.get("currency")
    told = [data.get(name) for name in ("apply_tax_by_default", "apply_secondary_tax_by_default")]
    taxed = True if any(told) else None if told[0] is None else False
    return Billing(str(code) if code else None, taxed)


def user(data: dict[str, Any]) -> User:
    """Read a user."""
    return User(
        id=int(data["id"]),
        name=str(data.get("name") or ""),
        first_name=str(data.get("first_name") or ""),
        last_name=str(data.get("last_name") or ""),
        initials=str(data.get("initials") or ""),
        email=str(data.get("email") or ""),
        enabled=bool(data.get("enabled")),
        clio_connect=bool(data.get("clio_connect")),
    )


def matter(data: dict[str, Any]) -> Matter:
    """Read a matter."""
    currency, client, attorney = (data.get(name) or {} for name in ("currency", "client", "responsible_attorney"))
    return Matter(
        id=int(data["id"]),
        display_number=str(data.get("display_number") or ""),
        description=str(data.get("description") or ""),
        status=str(data.get("status") or ""),
        billable=bool(data.get("billable")),
        billing_method=str(data.get("billing_method") or ""),
        client=str(client.get("name") or ""),
        currency=str(currency["code"]) if currency.get("code") else None,
        responsible_attorney_id=int(attorney["id"]) if attorney.get("id") else None,
        custom_number=str(data.get("custom_number") or ""),
        client_reference=str(data.get("client_reference") or ""),
    )


def description(data: dict[str, Any]) -> ActivityDescription:
    """Read an activity description; only its rate's type tells a flat rate."""
    rate = data.get("rate") or {}
    return ActivityDescription(int(data["id"]), str(data.get("name") or ""), rate.get("type") == "FlatRate")


def time_entry(data: dict[str, Any]) -> TimeEntry:
    """Read an activity. Raises KeyError or ValueError where there is no id: such an answer proves nothing."""
    return TimeEntry(
        id=int(data["id"]),
        type=str(data.get("type") or ""),
        date=date.fromisoformat(data["date"]) if data.get("date") else None,
        matter_id=_id(data, "matter"),
        user_id=_id(data, "user"),
        description_id=_id(data, "activity_description"),
        price=_money(data.get("price")),
        total=_money(data.get("total")),
        flat_rate=data.get("flat_rate"),
        non_billable=data.get("non_billable"),
        note=str(data.get("note") or ""),
        billed=bool(data.get("billed")),
        on_bill=bool(data.get("on_bill")),
        created_at=_instant(data.get("created_at")),
    )


def named_entry(data: dict[str, Any]) -> NamedEntry:
    """Read an activity with its names. Raises as `time_entry` does."""
    matter_of, user_of, bill_of = (data.get(name) or {} for name in ("matter", "user", "bill"))
    return NamedEntry(
        entry=time_entry(data),
        matter=matter_of.get("display_number"),
        user=user_of.get("name"),
        bill=str(bill_of.get("number") or bill_of.get("id") or "") or None,
        bill_state=bill_of.get("state"),
    )


def _id(data: dict[str, Any], name: str) -> int | None:
    inner = data.get(name) or {}
    return int(inner["id"]) if inner.get("id") else None


def _instant(value: Any) -> datetime | None:
    """Read an instant; one without an offset, or none, tells nothing."""
    try:
        at = datetime.fromisoformat(str(value or ""))
    except ValueError:
        return None
    return at if at.tzinfo else None


def _money(value: Any) -> Decimal | None:
    """Read an amount, a text too; what is off a cent by less than a tenth of one is the noise of floats."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        return None
    try:
        amount = Decimal(value)
        nearest = amount.quantize(CENT)
        return nearest if abs(nearest - amount) < NOISE else amount
    except InvalidOperation:  # no number ("NaN" is none either), or one of more digits than any amount has
        return None


BILLED = f"{TIME_ENTRY},bill{{id,number,state}}"


@dataclass(frozen=True, slots=True)
class BilledEntry:
    """A time entry and the bill it is on, as far as Clio tells it."""

    id: int
    entry: TimeEntry
    bill_id: int | None
    bill_number: str
    bill_state: str  # empty where there is no bill


def billed_entry(data: dict[str, Any]) -> BilledEntry:
    """Read an activity and its bill."""
    bill = data.get("bill") or {}
    return BilledEntry(
        id=int(data["id"]),
        entry=time_entry(data),
        bill_id=int(bill["id"]) if bill.get("id") else None,
        bill_number=str(bill.get("number") or ""),
        bill_state=str(bill.get("state") or ""),
    )
