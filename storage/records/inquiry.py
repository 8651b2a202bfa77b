"""What people ask about a batch's entries in Clio, long after they were posted, and what was found. Pure."""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any


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


class Kind(StrEnum):
    """In which way Clio differs from what was posted."""

    MISSING = "missing"
    CHANGED = "changed"
    MOVED = "moved"
    EXTRA = "extra"


@dataclass(frozen=True, slots=True)
class Difference:
    """One entry that is not in Clio as it was posted."""

    kind: Kind
    matter: str  # the number that it was posted to; of an extra one, where it stands
    text: str  # goes on after the number: "moved from Don Draper to Peggy Olson: $1,250.00"
    matter_id: int | None = None

    @property
    def sentence(self) -> str:
        """Name the matter and say what differs."""
        return f"{self.matter} {self.text}"


@dataclass(frozen=True, slots=True)
class Sums:
    """What one matter or user has by our books, and in Clio."""

    name: str
    posted: Decimal
    in_clio: Decimal


@dataclass(frozen=True, slots=True)
class ReadBack:
    """What Clio holds of a batch: `entries` and `amount` are of those that we posted and that are still there."""

    entries: int
    amount: Decimal
    differences: tuple[Difference, ...] = ()
    users: tuple[Sums, ...] = ()  # every user that has something, here or there
    matters: tuple[Sums, ...] = ()  # only those where the two differ
    matter_count: int = 0  # how many matters were compared
    failed: str = ""  # why Clio could not be read
    read_at: dt.datetime | None = None

    @property
    def equal(self) -> bool:
        """Whether Clio holds what was posted, no more and no less."""
        return not (self.differences or self.failed)


def dump_read_back(found: ReadBack) -> dict[str, Any]:
    """Write what reading back found, as the batch keeps it."""

    def sums(some: Sequence[Sums]) -> list[list[str]]:
        return [[one.name, str(one.posted), str(one.in_clio)] for one in some]

    return asdict(found) | {
        "amount": str(found.amount),
        "users": sums(found.users),
        "matters": sums(found.matters),
        "read_at": found.read_at.isoformat() if found.read_at else None,
        "equal": found.equal,
    }


def load_read_back(text: str | None) -> ReadBack | None:
    """Read what a batch keeps of its reading back; what an older version wrote, too."""
    if text is None:
        return None
    found = json.loads(text)

    def sums(name: str) -> tuple[Sums, ...]:
        return tuple(Sums(one, Decimal(posted), Decimal(there)) for one, posted, there in found.get(name, ()))

    differences = [
        Difference(Kind(one["kind"]), one["matter"], one["text"], one["matter_id"])
        for one in found.get("differences", ())
    ]
    differences += [Difference(Kind.MISSING, one, "is missing") for one in found.get("missing", ())]
    for kind in (Kind.CHANGED, Kind.EXTRA):
        differences += [Difference(kind, "", one) for one in found.get(kind, ())]
    return ReadBack(
        entries=found["entries"],
        amount=Decimal(found["amount"]),
        differences=tuple(differences),
        users=sums("users"),
        matters=sums("matters"),
        matter_count=found.get("matter_count", 0),
        failed=found["failed"],
        read_at=dt.datetime.fromisoformat(at) if (at := found.get("read_at")) else None,
    )


class BillState(StrEnum):
    """Where an entry stands on its way to be paid; what needs a person comes first."""

    GONE = "gone"
    UNBILLED = "unbilled"
    VOID = "void"
    DRAFT = "draft"
    AWAITING_APPROVAL = "awaiting_approval"
    AWAITING_PAYMENT = "awaiting_payment"
    PAID = "paid"


@dataclass(frozen=True, slots=True)
class Billed:
    """Entries of one matter that stand alike, and the bill they are on."""

    matter_id: int
    matter: str
    entries: int
    amount: Decimal  # as we posted it, so that all add up to what was posted
    state: BillState
    bill_id: int | None
    bill_number: str
    differs: int = 0  # entries whose total is another in Clio by now


def dump_bills(rows: Sequence[Billed]) -> str:
    """Write rows as an inquiry keeps them."""

    def each(one: Billed) -> list[object]:
        on = (one.bill_id, one.bill_number, one.differs)
        return [one.matter_id, one.matter, one.entries, str(one.amount), one.state, *on]

    return json.dumps([each(one) for one in rows])


def load_bills(text: str | None) -> list[Billed]:
    """Read what an inquiry keeps."""
    return [
        Billed(matter_id, matter, entries, Decimal(amount), BillState(state), *more)
        for matter_id, matter, entries, amount, state, *more in json.loads(text or "[]")
    ]
