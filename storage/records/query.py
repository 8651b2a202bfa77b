"""A question that an approver puts to who brought a batch, before deciding it."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum


class QueryEnd(StrEnum):
    """How a question ended; where its batch was decided first, it was neither."""

    ANSWERED = "answered"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Query:
    """A question about a batch: while it is open, nobody approves the batch."""

    id: int
    batch: int
    asked_by: str
    asked_at: dt.datetime
    text: str
    ended: QueryEnd | None
    ended_by: str | None  # who answered it, or took it back
    ended_at: dt.datetime | None
    answer: str | None
    is_open: bool  # neither answered nor withdrawn, and its batch is not decided
