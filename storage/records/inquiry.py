"""What people ask about a batch's entries in Clio, long after they were posted. Pure."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum


class InquiryKind(StrEnum):
    """What is asked."""

    RECONCILE = "reconcile"  # does Clio still hold what was posted
    BILLS = "bills"  # how far the bills are
    REPORT = "report"  # Clio's own Client Activity report
    LOOK = "look"  # what has become of unclear entries; the one that settles what it finds


class InquiryState(StrEnum):
    """Where an inquiry stands."""

    OPEN = "open"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Inquiry:
    """One question of a person, and how far its answer is."""

    id: int
    firm: str
    batch: int
    kind: InquiryKind
    asked_by: str
    asked_at: dt.datetime
    state: InquiryState
    slot: str  # of the message that answers it; an inquiry that refreshes a message has that one's
    tries: int  # looks that found nothing yet
    newest_id: int | None  # the newest report that Clio had before ours was asked for
    sent_at: dt.datetime | None  # when Clio was asked for a report, whether it answered or not
    report_id: int | None
    found: str | None  # JSON of the answer
    file_name: str | None
    read_at: dt.datetime | None  # when Clio was read
