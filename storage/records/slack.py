"""What Slack said, what is asked for there, and what we owe: plain values."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum, StrEnum


@dataclass(frozen=True, slots=True)
class Share:
    """One share of a file in a channel, as Slack tells it."""

    firm: str  # Slack's team id
    channel: str
    file_id: str
    share_ts: str
    thread_ts: str | None  # where to answer; None in a DM that Slack does not say


@dataclass(frozen=True, slots=True)
class Notice:
    """An event that speaks of a file, written down before it was acknowledged."""

    firm: str
    event_id: str
    channel: str
    file_id: str
    user: str
    event_ts: str
    share_ts: str | None  # a message event says it, file_shared does not
    thread_ts: str | None
    asks: int  # how often Slack was asked where it was shared
    typed_total: Decimal | None = None  # "total 123,456.78" in the message
    shared: bool = False  # in a channel shared with another company, by Slack Connect


class Form(IntEnum):
    """How a message is made: each form is plainer than the one before, for where Slack refuses that."""

    BLOCKS = 0
    PLAIN = 1  # in sections, with the buttons
    BARE = 2  # one section, and the buttons; refused as an edit, it becomes a new message
    WORDS = 3  # words alone: no message of blocks is taken here
    BARE_AGAIN = 4  # the next version of one that stands in words alone: blocks may be taken by now
    EDIT_IN_WORDS = 5  # words alone for an edit without buttons: only edits may be refused, a new message may be taken


@dataclass(frozen=True, slots=True)
class Message:
    """A Slack message we owe someone: what it should show, and what Slack shows."""

    id: int
    firm: str
    batch: int | None
    slot: str  # which message of the batch: "preview", "status", "results-1"
    channel: str
    thread_ts: str | None
    ts: str | None  # Slack's, once it is there
    text: str
    blocks: str  # JSON
    wanted: int  # the version it should show
    shown: int  # the version Slack has
    plain: Form  # in which form it goes: a plainer one each time that Slack refuses it for good
    attempts: int
    attach: str | None  # which workbook this message is; made when it is sent
    file_name: str | None


class WishKind(StrEnum):
    """How somebody asked to bring balances forward, other than by dropping a file into a channel."""

    MESSAGE = "message"  # a shortcut on a message with a file or a pasted table
    FORM = "form"  # the form behind the global shortcut and the Home tab's button
    DIRECT = "direct"  # a file in a direct message to the bot: it asks for the channel


@dataclass(frozen=True, slots=True)
class Wish:
    """One file or pasted table that somebody asked to bring forward, written down before it was acknowledged."""

    firm: str
    said: str  # names this wish: the same one said twice is one
    kind: WishKind
    person: str  # who asks
    channel: str | None  # where; None until the person has said
    file_id: str  # Slack's; for a pasted table one of ours
    id: int = 0
    message_ts: str | None = None  # of the message that holds it
    thread_ts: str | None = None  # the thread that message stands in
    author: str = ""  # who wrote that message
    file_name: str = ""
    data: bytes | None = None  # a pasted table as CSV
    posting_date: dt.date | None = None
    typed_total: Decimal | None = None
    answer_url: str | None = None  # how Slack lets us answer the person alone, for half an hour
    asked: bool = False  # the person was asked for the channel
    tries: int = 0  # channels that were tried in vain, and troubles with Slack
    batch: int | None = None


@dataclass(frozen=True, slots=True)
class Home:
    """Somebody's Home tab, once opened: what it shows and whether it is out of date."""

    firm: str
    user: str
    shown: str | None  # digest of what was published last
    hash: str | None  # Slack's name for that version
    tries: int


@dataclass(frozen=True, slots=True)
class Month:
    """What was posted with dates of one month, in one currency."""

    month: str  # 2026-11
    currency: str
    entries: int
    amount: Decimal
