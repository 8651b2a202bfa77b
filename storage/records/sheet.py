"""What a file says, and where its lines went: plain values. Money is Decimal."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal


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
    anyway: bool = False  # all can be read, but the sheet says paid, void or written off: a person may post it anyway


@dataclass(frozen=True, slots=True)
class CensusColumn:
    """A column that holds anything, and its part in the reading."""

    letter: str
    heading: str  # as the sheet writes it, on one line; "" where it has none
    part: str  # a value of `bot.sheet.headings.Role` or of `bot.sheet.census.Part`: "balance", "bucket", "harmless"
    explained: str | None = None  # by what: 'C + D - E = F on all 214 rows', or None where its heading says it
    # Of money that is the client's or not billed yet: what stands there beside the lines; it is never brought forward.
    beside: Decimal | None = None


@dataclass(frozen=True, slots=True)
class NotCounted:
    """A row whose amount in the balance's column is no line's: a total, or what repeats other rows."""

    row: int
    amount: Decimal
    why: str  # "a total", "repeats the rows below it"


@dataclass(frozen=True, slots=True)
class Comments:
    """A column of remarks that stays off the bills until staff put it on."""

    letter: str
    heading: str
    notes: int  # cells that say something
    on: bool  # staff have put it on the bills


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
    balance: str = ""  # the column that is owed, as people are told: 'F "Closing Balance"'
    proofs: tuple[str, ...] = ()  # what shows that this column is owed, and that its sum is whole; each a sentence part
    census: tuple[CensusColumn, ...] = ()  # every column that holds anything, from left to right
    not_counted: tuple[NotCounted, ...] = ()  # what the column holds beside lines and problems
    column_total: Decimal | None = None  # all money of the balance's column: lines, problems and what is not counted
    comments: Comments | None = None
    signature: str = ""  # of the header, by which answers are kept; the same for every sheet with these headings


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
    stated: str | None = None  # what the sheet says against it, "paid": matched, and left out unless posted anyway

    @property
    def is_failing(self) -> bool:
        """Whether it stays out for what a sheet can put right.

        A workbook to mend could not say "not paid", and what a person left out is right as it is.
        """
        return self.left_out is not None and self.stated is None and self.skipped is None


@dataclass(frozen=True, slots=True)
class Owed:
    """What a sheet says of one matter: its lines together, whether they are posted or not."""

    matter: str  # Clio's number where a line was matched, else the sheet's own words
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule of `bot.matching.rules` says of a line, or of the whole file."""

    row: int | None  # None: of the whole file
    code: str
    text: str
    blocks: bool
    chosen_by: str | None = None  # who chose what the line was taken as, and when
    chosen_at: dt.datetime | None = None
    choice: int | None = None  # the id of that choice
