"""The audit chain's links, and what a look over the chain finds."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Link:
    """One thing that happened, sealed over itself and all before it."""

    firm: str
    number: int  # from 1, without a gap
    at: datetime
    kind: str  # a noun: "upload", "decision", "send"
    actor: str | None  # a Slack user's id; None where the bot did it by itself
    batch: int | None
    facts: dict[str, Any]  # ids, codes, cents, digests: what may be kept for years
    words: dict[str, Any] | None  # names and texts; None where there were none, or where they are purged
    purged: bool
    hash: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a look over one firm's chain found."""

    firm: str
    links: int
    purged: int  # links whose words are gone, as retention or a purge wants it
    head: str  # the hash of the last link; empty where there is none
    broken: str | None  # the first that does not hold, in words, or None
