"""A pretend Clio Manage firm: `ClioSandbox(sample_firm())` serves it over HTTP on loopback."""

from brought_forward.sandbox.clio.bills import Billing
from brought_forward.sandbox.clio.faults import Fault, Faults, Kind
from brought_forward.sandbox.clio.firm import Firm
from brought_forward.sandbox.clio.oauth import OAuth
from brought_forward.sandbox.clio.records import (
    ActivityDescription,
    Bill,
    Booking,
    Matter,
    RateType,
    Report,
    Status,
    TimeEntry,
    User,
)
from brought_forward.sandbox.clio.samples import firm_of_size, sample_firm
from brought_forward.sandbox.clio.server import Call, ClioSandbox

__all__ = [
    "ActivityDescription",
    "Bill",
    "Billing",
    "Booking",
    "Call",
    "ClioSandbox",
    "Fault",
    "Faults",
    "Firm",
    "Kind",
    "Matter",
    "OAuth",
    "RateType",
    "Report",
    "Status",
    "TimeEntry",
    "User",
    "firm_of_size",
    "sample_firm",
]
