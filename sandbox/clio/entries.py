"""What Clio makes of the bodies that it is sent; what it does not know in them it drops without a word."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from brought_forward.sandbox.clio.firm import Firm
from brought_forward.sandbox.clio.lists import ProblemError, refused
from brought_forward.sandbox.clio.records import ActivityDescription, Booking, RateType, TimeEntry, User

LARGEST = Decimal("1e12")


def create_entry(firm: Firm, data: Mapping[str, Any], *, hourly: bool = False, wrong_user: bool = False) -> TimeEntry:
    """Make a time entry as Clio does, or raise its refusal; the caller holds the firm's lock.

    Whether it is flat follows the description's rate and the firm's `booking`; a `flat_rate` that is sent changes
    nothing. Without a user it is the token's own. The price, unless sent, comes from the description. `hourly` and
    `wrong_user` are faults.
    """
    if data.get("type") != "TimeEntry":
        raise refused("type must be TimeEntry" if data.get("type") else "type is required")
    day = _day(data.get("date"))
    matter_id = _named(data, "matter")
    matter = firm.matters.get(matter_id)
    if matter_id is not None and (matter is None or not matter.visible):
        raise refused(f"matter {matter_id} was not found")
    if matter is not None and matter.closed_to_time:
        raise refused("Matter is closed to new time")
    user = _user(firm, data)
    description_id = _named(data, "activity_description")
    description = firm.descriptions.get(description_id)
    if description_id is not None and description is None:
        raise refused(f"activity_description {description_id} was not found")
    price, quantity = _amount(data, "price"), _amount(data, "quantity")
    if description is not None and description.rate_type is RateType.FLAT_RATE:
        if firm.booking is Booking.REFUSED and quantity is None:
            raise refused("Quantity can't be blank")
        hourly = hourly or firm.booking is Booking.HOURLY
        price = None if firm.booking is Booking.ZERO and quantity is None else price
    return firm.add_entry(
        matter,
        _another(firm, user) if wrong_user else user,
        description,
        price,
        on=day,
        quantity=quantity or 0,
        note=firm.spell(str(data.get("note") or "")),
        non_billable=bool(data.get("non_billable", False)),
        flat_rate=False if hourly else None,
    )


def create_description(firm: Firm, data: Mapping[str, Any]) -> ActivityDescription:
    """Make an activity description; only the name is required, and names may repeat. The caller holds the lock."""
    name = data.get("name")
    if not isinstance(name, str) or not name.strip():
        raise refused("name is required")
    rate = data.get("rate") or {}
    if not isinstance(rate, dict):
        raise refused("rate must have a type and an amount")
    kind = rate.get("type", RateType.USER)
    if kind not in set(RateType):
        raise refused(f"rate type must be one of {', '.join(RateType)}")
    return firm.add_description(
        name,
        rate_type=kind,
        amount=_amount(rate, "amount") or Decimal(0),
        visible_to_co_counsel=bool(data.get("visible_to_co_counsel", False)),
        default=bool(data.get("default", False)),
    )


def delete_entry(firm: Firm, entry: TimeEntry) -> None:
    """Delete an entry, from a draft bill too; one on an approved bill stays. The caller holds the lock."""
    if entry.billed:
        raise ProblemError(403, "ForbiddenError", "This activity has been billed and cannot be deleted")
    firm.entries.remove(entry.id)


def _user(firm: Firm, data: Mapping[str, Any]) -> User:
    user_id = _named(data, "user")
    if user_id is None:
        return firm.token_user
    user = firm.users.get(user_id)
    if user is None:
        raise refused(f"user {user_id} was not found")
    if not user.enabled:
        raise refused(f"user {user_id} is disabled")
    return user


def _another(firm: Firm, user: User) -> User:
    return next(other for other in firm.users if other.id != user.id)


def _named(data: Mapping[str, Any], name: str) -> int | None:
    reference = data.get(name)
    if reference is None:
        return None
    found = reference.get("id") if isinstance(reference, dict) else None
    if not isinstance(found, int):
        raise refused(f"{name} must name an id")
    return found


def _day(text: object) -> date:
    if not text:
        raise refused("date is required")
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        raise refused("date is not valid") from None


def _amount(data: Mapping[str, Any], name: str) -> Decimal | None:
    value = data.get(name)
    if value is None:
        return None
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        raise refused(f"{name} is not a number") from None
    if not amount.is_finite() or abs(amount) >= LARGEST:
        raise refused(f"{name} is not a number that can be kept")
    return amount
