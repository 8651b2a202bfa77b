"""Records as Clio's answers: every value under its published name; relations are looked up when asked for."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any

from brought_forward.sandbox.clio.fields import Values
from brought_forward.sandbox.clio.firm import Firm
from brought_forward.sandbox.clio.records import (
    ActivityDescription,
    Bill,
    BillingSettings,
    Contact,
    Currency,
    Matter,
    RateType,
    Record,
    Report,
    TimeEntry,
    User,
)

EVERYONE: dict[str, Any] = {"id": 800_001, "etag": '"everyone"', "name": "Everyone", "type": "UserGroup"}


def etag(record: Record) -> str:
    """Make the tag that changes whenever the record does."""
    return '"' + hashlib.sha256(repr(record).encode()).hexdigest()[:32] + '"'


def instant(at: datetime) -> str:
    """Write an instant as Clio does: whole seconds, with an offset."""
    return at.isoformat(timespec="seconds")


@functools.lru_cache(maxsize=4_096)  # a page names the same few people and currencies 200 times
def _basics(record: Record) -> dict[str, Any]:
    return {
        "id": record.id,
        "etag": lambda: etag(record),  # made only where it is asked for: it costs as much as all the rest
        "created_at": instant(record.created_at),
        "updated_at": instant(record.updated_at),
    }


def currency(record: Currency) -> Values:
    """Answer a currency."""
    return {**_basics(record), "code": record.code, "sign": record.sign}


def contact(record: Contact) -> Values:
    """Answer a client."""
    return {
        **_basics(record),
        "name": record.name,
        "type": "Company" if record.company else "Person",
        "last_name": None if record.company else record.name,
        "is_client": True,
        "is_co_counsel": False,
    }


def user(firm: Firm, record: User) -> Values:
    """Answer a user."""
    return {
        **_basics(record),
        "name": record.name,
        "first_name": record.first_name,
        "last_name": record.last_name,
        "initials": "".join(word[0] for word in record.name.split()),
        "email": record.email,
        "enabled": record.enabled,
        "clio_connect": record.clio_connect,
        "account_owner": record.account_owner,
        "rate": float(record.rate),
        "roles": list(record.roles),
        "subscription_type": "Attorney" if record.attorney else "NonAttorney",
        "time_zone": "America/New_York",
        "account": lambda: _account(firm),
        "groups": lambda: [EVERYONE],
    }


def _account(firm: Firm) -> Values:
    return {"id": firm.account_id, "etag": f'"{firm.account_id}"', "name": firm.name, "state": "active"}


def matter(firm: Firm, record: Matter) -> Values:
    """Answer a matter."""

    def attorney(user_id: int | None) -> Callable[[], Values | None]:
        def find() -> Values | None:
            found = firm.users.get(user_id)
            return user(firm, found) if found else None

        return find

    def client() -> Values | None:
        found = firm.contacts.get(record.client_id)
        return contact(found) if found else None

    return {
        **_basics(record),
        "number": record.number,
        "display_number": record.display_number,
        "custom_number": record.custom_number,
        "description": record.description,
        "status": str(record.status),
        "client_id": record.client_id,
        "client_reference": record.client_reference,
        "billable": record.billable,
        "billing_method": record.billing_method,
        "open_date": record.created_at.date().isoformat(),
        "close_date": record.updated_at.date().isoformat() if record.status == "Closed" else None,
        "shared": False,
        "has_tasks": False,
        "currency": lambda: currency(firm.currency(record.currency)),
        "client": client,
        "responsible_attorney": attorney(record.responsible_attorney_id),
        "originating_attorney": attorney(record.originating_attorney_id),
    }


def activity_description(firm: Firm, record: ActivityDescription) -> Values:
    """Answer an activity description with its rate."""
    flat = record.rate_type is RateType.FLAT_RATE
    return {
        **_basics(record),
        "name": record.name,
        "type": "ActivityDescription",
        "visible_to_co_counsel": record.visible_to_co_counsel,
        "default": record.default,
        "accessible_to_user": True,
        "category_type": "flat_fee" if flat else "hourly",
        "currency": lambda: currency(firm.currency(record.currency)),
        "groups": lambda: [EVERYONE],
        "rate": lambda: {
            "amount": float(record.amount),
            "non_billable_amount": 0.0,
            "type": str(record.rate_type),
            "hierarchy": "Activity" if record.rate_type is not RateType.USER else "Default",
        },
    }


def activity(firm: Firm, record: TimeEntry, *, redacted: bool = False, hours_hidden: bool = False) -> Values:
    """Answer a time entry; `redacted` as for a caller who may not see rates and hours, `hours_hidden` hours alone."""
    hours_hidden = hours_hidden or redacted
    price = None if redacted else float(record.price)  # JSON has one kind of number; two decimals survive it
    total = None if redacted else float(record.total)
    hours = None if hours_hidden else float(record.quantity / 3600)
    seconds = None if hours_hidden else float(record.quantity)

    def of_matter() -> Values | None:
        found = firm.matters.get(record.matter_id)
        return matter(firm, found) if found else None

    def of_user() -> Values | None:
        found = firm.users.get(record.user_id)
        return user(firm, found) if found else None

    def of_description() -> Values | None:
        found = firm.descriptions.get(record.activity_description_id)
        return activity_description(firm, found) if found else None

    return {
        **_basics(record),
        "type": "TimeEntry",
        "date": record.date.isoformat(),
        "quantity": seconds,
        "rounded_quantity": seconds,
        "quantity_in_hours": hours,
        "rounded_quantity_in_hours": hours,
        "quantity_redacted": hours_hidden,
        "price": price,
        "total": total,
        "non_billable_total": total if record.non_billable else 0.0,
        "note": record.note,
        "flat_rate": record.flat_rate,
        "billed": record.billed,
        "on_bill": record.on_bill,
        "contingency_fee": False,
        "non_billable": record.non_billable,
        "no_charge": False,
        "currency": lambda: currency(firm.currency(record.currency)),
        "matter": of_matter,
        "user": of_user,
        "activity_description": of_description,
        "bill": lambda: bill(firm, record.bill) if record.bill else None,
    }


def bill(firm: Firm, record: Bill) -> Values:
    """Answer a bill with its matter and client."""
    total = float(record.total)
    held = firm.matters.get(record.matter_id)

    def client() -> Values | None:
        found = firm.contacts.get(held.client_id) if held else None
        return contact(found) if found else None

    return {
        **_basics(record),
        "number": record.number,
        "state": record.state,
        "issued_at": record.issued_at.isoformat(),
        "type": "MatterBill",
        "kind": "revenue_kind",
        "total": total,
        "balance": total if record.state == "awaiting_payment" else 0.0,
        "paid": total if record.state == "paid" else 0.0,
        "can_update": record.state in {"draft", "awaiting_approval"},
        "matters": lambda: [matter(firm, held)] if held else [],
        "client": client,
        "currency": lambda: currency(firm.currency(held.currency if held else firm.settings.currency)),
    }


def report(record: Report, state: str, progress: int) -> Values:
    """Answer a report; its dates are not told."""
    return {
        **_basics(record),
        "name": record.name,
        "state": state,
        "kind": record.kind,
        "format": record.format,
        "progress": progress,
        "category": "client",
        "source": "reports",
    }


def billing_setting(firm: Firm, record: BillingSettings) -> Values:
    """Answer the firm's billing settings; the currency is its code here, not an object."""
    return {
        **_basics(record),
        "currency": record.currency,
        "currency_sign": record.currency_sign,
        "apply_tax_by_default": record.apply_tax_by_default,
        "apply_secondary_tax_by_default": False,
        "tax_name": record.tax_name,
        "tax_rate": float(record.tax_rate),
        "rounding": record.rounding,
        "use_secondary_tax": False,
        "use_utbms_codes": False,
        "time_on_flat_rate_contingency_matters_is_non_billable": (
            record.time_on_flat_rate_contingency_matters_is_non_billable
        ),
        "multi_currency_billing": record.multi_currency_billing,
        "billing_currencies": [{"id": known.id, "code": known.code, "sign": known.sign} for known in firm.currencies],
    }
