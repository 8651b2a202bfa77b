"""One upload and its life, as plain values. Money is Decimal here and integer cents in the tables."""

import datetime as dt
import json
import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Self

from brought_forward.storage.records.sheet import CensusColumn, Comments

# What we add to the name of a workbook to fix; a browser adds "(2)" to a second copy.
TO_FIX = re.compile(r"( \(B[0-9]+\))? to fix(, revision [0-9]+)?( ?\([0-9]+\))?$")
MANY = 20  # files of one person within an hour; what comes past that waits for everybody else's


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


class EntryForm(StrEnum):
    """How an entry is sent, where the money is the same; in the order in which they are tried."""

    FLAT = "flat"  # the amount alone
    FLAT_HOUR = "flat_hour"  # the amount, and one hour beside it, as Clio's own article shows it
    HOUR = "hour"  # an hourly entry of one hour, whose rate is the amount: Clio's own second way

    @property
    def flat(self) -> bool:
        """Whether Clio is to book it as a flat rate."""
        return self is not EntryForm.HOUR

    @property
    def seconds(self) -> int | None:
        """The time that is sent with it. Returns None where none is."""
        return None if self is EntryForm.FLAT else 3_600

    @property
    def following(self) -> "EntryForm | None":
        """The form to try where Clio does not take this one."""
        return next(iter(list(EntryForm)[list(EntryForm).index(self) + 1 :]), None)

    def described(self, name: str) -> str:
        """Name the activity description: one that is no flat rate stands beside the one that is."""
        return name if self.flat else f"{name} (1 hour)"


class RunKind(StrEnum):
    """What a run does with a batch."""

    READ = "read"
    POST = "post"
    READ_BACK = "read_back"
    UNDO = "undo"


@dataclass(frozen=True, slots=True)
class Rules:
    """What the settings said at the upload; a change of settings holds for later uploads only."""

    approvers: tuple[str, ...]  # ids of people (U, W) and of user groups (S)
    two_above: Decimal | None  # two approvers above this sum, in the batch's currency; None: one is enough
    expire_hours: float  # from a preview on
    post_credits: bool
    description: str  # the activity description's name

    def json(self) -> str:
        """Write them for the batch's row; the sum as text, so that it stays exact."""
        return json.dumps(
            {
                "approvers": list(self.approvers),
                "two_above": None if self.two_above is None else str(self.two_above),
                "expire_hours": self.expire_hours,
                "post_credits": self.post_credits,
                "description": self.description,
            }
        )

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read them from a batch's row."""
        kept = json.loads(text)
        two_above = kept["two_above"]
        return cls(
            approvers=tuple(kept["approvers"]),
            two_above=None if two_above is None else Decimal(two_above),
            expire_hours=float(kept["expire_hours"]),
            post_credits=bool(kept["post_credits"]),
            description=str(kept["description"]),
        )


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


GONE = "gone"  # in place of a file's sha256: it was deleted


@dataclass(frozen=True, slots=True)
class Replacement:
    """A later file in a thread, and an earlier one that shares half of its matters or more."""

    newer: int
    older: int
    newer_name: str  # the files' names
    older_name: str
    matters: int  # of the newer one
    shared: int  # of these, how many the older one has too
    replaces: bool | None  # None: nobody has said yet
    answered_by: str | None
    is_open: bool  # nobody has said, and neither is decided


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
    description_sends: int  # times that Clio was asked to create it, and what came of it is not known
    posting_date: dt.date | None
    chosen_date: dt.date | None  # the posting date that a person chose; None: the day of the preview
    stated_as_of: dt.date | None  # from the sheet's title; None: as of the posting date
    as_of: dt.date | None
    sheet: str | None
    header_row: int | None
    zero_rows: int
    control_total: Decimal | None
    remarks: tuple[str, ...]
    taxed: bool | None  # Clio applies tax to bills by default; None: it does not say
    parses: int  # how often parsing was begun and not finished
    run_token: str | None
    episode: int  # grows when posting goes on after a halt; each has its own closing words
    listed_at: dt.datetime | None  # when the first run listed what Clio already had
    halt: str | None  # why it is paused or stopped: a short key the code acts on
    halt_text: str | None  # the same, for people
    decided_by: str | None
    decided_for: str | None  # the approver for whom they stood in
    decided_at: dt.datetime | None
    decided_reason: str | None  # in the decider's words: why it was rejected or withdrawn, or the approver's comment
    first_by: str | None  # who gave the first of two approvals
    first_for: str | None  # the approver for whom they stood in
    first_at: dt.datetime | None
    first_reason: str | None  # and the comment with it
    question: str | None  # JSON of what staff are asked, while asking
    differences: tuple[str, ...]  # where the sheet's group totals are not the sums of their lines, in words
    confirmed_by: str | None  # who said that the lines are right although a total differs
    file_look_at: dt.datetime | None  # Slack said that its file was changed or deleted; to be looked at from then on
    file_now: str | None  # what stands in Slack in place of what was read: another sha256, or GONE; None: the same
    file_kept_by: str | None  # who said to go on as read all the same
    typed_total: Decimal | None  # a control total written with the upload, or below the preview
    joined: int | None  # the batch that this file's lines went into
    user_id: int | None  # Clio's user of every line that names none, chosen for the whole file
    results_due: bool
    read_back_due: bool
    read_back: str | None  # JSON, see storage.batches
    rules: Rules  # in force when the file was dropped
    expire_at: dt.datetime | None  # when a preview that nobody decided expires
    created_at: dt.datetime
    updated_at: dt.datetime
    form: EntryForm = EntryForm.FLAT  # how its entries are sent; part of what is approved
    # What its reading rests on, as `SheetReading` has it; what is not counted is kept by `Lines`.
    balance: str = ""
    proofs: tuple[str, ...] = ()
    census: tuple[CensusColumn, ...] = ()
    column_total: Decimal | None = None
    comments: Comments | None = None
    signature: str = ""
    typed_by: str | None = None  # who typed the report's total below the preview; None: it came with the upload
    namesake: bool = False  # an earlier file of its thread is called the same
    mended: bool = False  # its lines were left out of a batch that was decided before they came back
    purged_at: dt.datetime | None = None  # when its names and texts were taken; its sums and ids are kept
    renote: bool = False  # its comments were put on the bills or taken off, so its notes are to be read again

    @property
    def name(self) -> str:
        """Name the batch as people type it, B12."""
        return f"B{self.id}"

    @property
    def stem(self) -> str:
        """How its workbooks' names begin; with its number where an earlier file of its thread is called the same."""
        own = f" ({self.name})" if self.namesake else ""
        return f"{stem_of(self.file_name) or self.name}{own}"

    def workbook(self, what: str) -> str:
        """Name a workbook of this preview: "AR to fix.xlsx", and of later revisions "AR to fix, revision 2.xlsx"."""
        return f"{self.stem} {what}{f', revision {self.revision}' if self.revision > 1 else ''}.xlsx"


def stem_of(file_name: str) -> str:
    """Give a file's name without its ending, and without what we add for failing lines, however often they come."""
    return TO_FIX.sub("", file_name.rsplit(".", 1)[0])
