"""A person who decides for an approver who is away."""

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StandIn:
    """Who stands in for which approver, until the end of a day where the firm is."""

    id: int
    named_by: str  # the approver who is away
    person: str
    until: dt.date
