"""What an undo does with each entry that was posted, as plain values."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from brought_forward.storage.records import Entry


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
    tries: int  # how often its DELETE had no clear answer
    look_at: dt.datetime | None  # not to be looked at before: the answer to its DELETE is missing

    @property
    def amount(self) -> Decimal:
        """What it moved."""
        return self.entry.amount
