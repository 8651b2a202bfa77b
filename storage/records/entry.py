"""What will be posted, what became of it, and what an undo does with it, as plain values.

Money is Decimal here and integer cents in the tables.
"""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

SENDS = 2  # times that anything is sent to Clio by itself where no answer comes: an entry, a delete, a report


class EntryState(StrEnum):
    """What became of one entry."""

    PLANNED = "planned"
    SENDING = "sending"
    POSTED = "posted"
    REFUSED = "refused"
    WRONG = "wrong"
    UNCLEAR = "unclear"
    NOT_SENT = "not_sent"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class PlannedEntry:
    """What will be posted: one for each matter and user of a batch."""

    matter_id: int
    matter_number: str
    user_id: int
    user_name: str
    amount: Decimal  # never zero; negative is a credit
    note: str  # printed on the client's bill; 255 characters at most


@dataclass(frozen=True, slots=True)
class Entry:
    """A planned entry and what became of it."""

    id: int
    batch: int
    position: int
    matter_id: int
    matter_number: str
    user_id: int
    user_name: str
    amount: Decimal
    date: dt.date
    note: str
    state: EntryState
    token: str | None  # the claim's; only its holder may settle the entry
    sent_at: dt.datetime | None
    look_at: dt.datetime | None  # when a `sending` row may be looked up, by the store's clock
    clio_id: int | None
    reason: str | None  # Clio's words, or ours, for what is not simply posted
    found: bool  # posted, but learned by looking rather than from the answer to our POST
    clio_at: dt.datetime | None = None  # by Clio's clock, when the first sending began that may have come about
    clio_note: str | None = None  # as Clio spells the note, where it proved the entry
    unanswered: int = 0  # times that it was sent without an answer, and that Clio then had nothing of it


@dataclass(frozen=True, slots=True)
class UserTotal:
    """What one user gets."""

    user_name: str
    matters: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class MatterTotal:
    """What one matter gets, for all its users."""

    matter_number: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class ClientTotal:
    """What one client of Clio's gets, for all of the client's matters."""

    client: str
    matters: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Notes:
    """What the entries of a batch will say on bills: most say the same, others more."""

    alike: int  # entries whose note is the common one, word for word
    others: int
    matter: str | None = None  # an entry that says more, and what
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """How many entries stand in a state, and their sum."""

    entries: int = 0
    amount: Decimal = Decimal(0)


class Outcome(StrEnum):
    """What became of a posted entry in an undo; each has exactly one."""

    REVERSED = "reversed"  # it is gone from Clio
    KEPT = "kept"  # it stays posted, since a rule says so
    FAILED = "failed"  # it stays posted, since Clio would not delete it


@dataclass(frozen=True, slots=True)
class Reversal:
    """One entry of an undo, and what became of it."""

    entry: Entry
    clio_id: int  # kept here: the entry itself has it no more once it is reversed
    outcome: Outcome | None  # None: still to come
    reason: str | None
    sent: bool  # its DELETE may have been sent, and what came of it is not known
    tries: int  # how often its DELETE was sent, and had no clear answer
    look_at: dt.datetime | None  # not to be looked at before: the answer to its DELETE is missing

    @property
    def amount(self) -> Decimal:
        """What it moved."""
        return self.entry.amount
