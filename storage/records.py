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
class Ahead:
    """A batch that has its turn before another of the same Clio account."""

    batch: int
    kind: RunKind
    entries: int  # still to be sent, or to be looked up
    reversals: int  # still to be looked at by its undo

    @property
    def calls(self) -> int:
        """About how many calls of Clio it still takes: an undo reads each entry before it deletes it."""
        return self.entries if self.kind is RunKind.POST else 2 * self.reversals


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
