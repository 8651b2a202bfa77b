"""What a file says, before Clio is asked: plain values. Money is Decimal."""

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
