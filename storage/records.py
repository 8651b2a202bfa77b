"""The nouns: what is kept, as plain values. Money is Decimal here and integer cents in the tables."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from brought_forward.storage.rules import Rules


class BatchStatus(StrEnum):
    """Where a batch stands; docs/architecture.md shows what leads where."""

    RECEIVED = "received"
    READING = "reading"
    ASKING = "asking"
    UNREADABLE = "unreadable"
    PREVIEWED = "previewed"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    APPROVED = "approved"
    POSTING = "posting"
    PAUSED = "paused"
    POSTED = "posted"
    STOPPED = "stopped"
    UNDOING = "undoing"
    UNDONE = "undone"


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


class RunKind(StrEnum):
    """What a run does with a batch."""

    READ = "read"
    POST = "post"
    READ_BACK = "read_back"
    UNDO = "undo"


@dataclass(frozen=True, slots=True)
class BalanceLine:
    """One row of the sheet as read, not yet matched to Clio."""

    row: int  # as the spreadsheet numbers it; the header may be row 5
    matter: str  # text: "00012-01" keeps its zeros
    user: str | None
    amount: Decimal  # in the batch's currency, two decimals; negative is a credit
    date: dt.date | None = None
    note: str | None = None
    client: str | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """A row that cannot be read and stays out; `text` says what is wrong and what to do."""

    row: int
    cell: str  # "D17", the cell to look at
    text: str
    matter: str | None = None
    amount: Decimal | None = None  # None where the amount itself cannot be read
    user: str | None = None  # the rest as far as it can be read: a line that is put right keeps whose it is
    date: dt.date | None = None
    note: str | None = None
    client: str | None = None


@dataclass(frozen=True, slots=True)
class GroupTotal:
    """A total row within the sheet that is not the sum of its rows."""

    name: str  # as the sheet calls it: "Total for Smith"
    row: int
    stated: Decimal
    found: Decimal


@dataclass(frozen=True, slots=True)
class SheetReading:
    """What a file says: lines that can be matched, rows that cannot, and what the sheet says of itself."""

    sheet: str  # the sheet's name; for CSV the file's name
    header_row: int  # as the spreadsheet numbers it
    lines: tuple[BalanceLine, ...]
    problems: tuple[Problem, ...]
    zero_rows: int  # rows whose balance is zero: nothing to bring forward, counted
    as_of: dt.date | None  # from the title rows
    control_total: Decimal | None  # the file's own grand total
    remarks: tuple[str, ...] = ()  # readings a person should know of, each a sentence
    group_totals: tuple[GroupTotal, ...] = ()  # only those that differ from their rows
    mends: tuple[tuple[int, int], ...] = ()  # failing lines that came back: row here, row in the first file


@dataclass(frozen=True, slots=True)
class Matter:
    """A matter of the firm, as Clio lists it."""

    id: int
    display_number: str
    description: str
    status: str  # Open, Pending, Closed
    billable: bool
    billing_method: str  # hourly, flat, contingency
    client: str
    currency: str | None  # ISO code; None where Clio does not say
    responsible_attorney_id: int | None
    custom_number: str = ""
    client_reference: str = ""


@dataclass(frozen=True, slots=True)
class User:
    """A user of the firm, as Clio lists them."""

    id: int
    name: str
    first_name: str
    last_name: str
    initials: str
    email: str
    enabled: bool
    clio_connect: bool  # a portal user is no timekeeper


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
    look_at: dt.datetime | None  # when a `sending` row may be looked up
    clio_id: int | None
    reason: str | None  # Clio's words, or ours, for what is not simply posted
    found: bool  # posted, but learned by looking rather than from the answer to our POST


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the sheet and where it went: into an entry, or left out with the reason."""

    row: int
    cell: str
    matter: str | None
    user: str | None
    client: str | None
    amount: Decimal | None  # None where the amount cannot be read
    date: dt.date | None
    note: str | None
    unreadable: str | None  # the sheet's problem; such a line is never matched
    left_out: str | None  # why it is not posted
    entry: int | None
    skipped: str | None = None  # a person left it out; such a line is never matched
    anyway: str | None = None  # why a person lets it be posted although a rule says no


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule of `bot.matching.rules` says of a line, or of the whole file."""

    row: int | None  # None: of the whole file
    code: str
    text: str
    blocks: bool
    chosen_by: str | None = None  # who chose what the line was taken as, and when
    chosen_at: dt.datetime | None = None


class AliasKind(StrEnum):
    """What a remembered text means."""

    MATTER = "matter"
    USER = "user"


@dataclass(frozen=True, slots=True)
class Alias:
    """What a person chose that a text of the firm's sheets means, until it is forgotten."""

    kind: AliasKind
    text: str  # as the sheet wrote it
    folded: str
    account: str  # the Clio account whose id this is
    clio_id: int
    label: str  # what the matter or user was called when it was chosen
    chosen_by: str
    chosen_at: dt.datetime


@dataclass(frozen=True, slots=True)
class UserTotal:
    """What one user gets."""

    user_name: str
    matters: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Owed:
    """What a sheet says of one matter: its lines together, whether they are posted or not."""

    matter: str  # Clio's number where a line was matched, else the sheet's own words
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


@dataclass(frozen=True, slots=True)
class Batch:
    """One upload and its life."""

    id: int
    firm: str
    channel: str
    file_id: str
    share_ts: str
    thread_ts: str | None
    uploader: str  # who shared the file here
    owner: str  # who brought it to Slack; neither may approve
    file_name: str
    file_size: int
    sha256: str | None
    status: BatchStatus
    revision: int
    hash: str | None
    account: str | None  # the Clio account the preview was made against, "us:1234"
    currency: str | None
    description: str | None  # the activity description's name
    description_id: int | None
    posting_date: dt.date | None
    chosen_date: dt.date | None  # the posting date that a person chose; None: the day of the preview
    stated_as_of: dt.date | None  # from the sheet's title; None: as of the posting date
    as_of: dt.date | None
    sheet: str | None
    header_row: int | None
    zero_rows: int
    control_total: Decimal | None
    remarks: tuple[str, ...]
    taxed: bool  # Clio applies tax to bills by default
    parses: int  # how often parsing was begun and not finished
    run_token: str | None
    episode: int  # grows when posting goes on after a halt; each has its own closing words
    listed_at: dt.datetime | None  # when the first run listed what Clio already had
    halt: str | None  # why it is paused or stopped: a short key the code acts on
    halt_text: str | None  # the same, for people
    decided_by: str | None
    decided_at: dt.datetime | None
    decided_reason: str | None  # why it was rejected or withdrawn, in the decider's words
    first_by: str | None  # who gave the first of two approvals
    first_at: dt.datetime | None
    question: str | None  # JSON of what staff are asked, while asking
    differences: tuple[str, ...]  # where the sheet's group totals are not the sums of their lines, in words
    confirmed_by: str | None  # who said that the lines are right although a total differs
    typed_total: Decimal | None  # a control total written with the upload
    joined: int | None  # the batch that this file's lines went into
    user_id: int | None  # Clio's user of every line that names none, chosen for the whole file
    results_due: bool
    read_back_due: bool
    read_back: str | None  # JSON, see storage.batches
    rules: Rules | None  # in force when the file was dropped; None for uploads older than that column
    expire_at: dt.datetime | None  # when a preview that nobody decided expires
    created_at: dt.datetime
    updated_at: dt.datetime

    @property
    def name(self) -> str:
        """Name the batch as people type it, B12."""
        return f"B{self.id}"

    @property
    def stem(self) -> str:
        """The file's name without its ending."""
        return self.file_name.rsplit(".", 1)[0] or self.name


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
    plain: bool  # Slack refused its blocks; it goes as plain sections
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
