"""What a family makes of a ledger: columns and rows by part, which have no place yet, and what is true of them."""

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from readings.ledger import Client, Matter, User

Value = str | Decimal | int | dt.date | None


class Part(StrEnum):
    """What a row is."""

    LINE = "line"
    GROUP = "group"  # heads those below it
    SUBTOTAL = "subtotal"
    TOTAL = "total"
    OTHER = "other"  # print lines, means, counts, blanks
    HEAD = "head"  # the headings once more


@dataclass(slots=True)
class Column:
    """One column; `role` is its name among the cells of a row."""

    role: str
    heading: tuple[str, ...]  # from above; the last stands in the last row of the header
    money: bool = False
    hidden: bool = False
    format: str = ""  # Excel's, for all cells; empty is the style's own
    span: str = ""  # neighbours with the same word here have it merged above them


@dataclass(slots=True)
class Row:
    """One row below the header."""

    part: Part
    cells: dict[str, Value] = field(default_factory=dict)
    key: str = ""  # whose line this is in the truth
    hidden: bool = False
    indent: int = 0  # leading blanks of its first text
    formulas: dict[str, str] = field(default_factory=dict)  # "{billed}-{paid}"; the cell is its stored value
    unstored: str = ""  # what stands for the values of formulas: "zero" or "missing"
    formats: dict[str, str] = field(default_factory=dict)  # by role, for this row alone
    merge: dict[str, int] = field(default_factory=dict)  # by role, over how many rows from here
    beyond: list[Value] = field(default_factory=list)  # cells past the last heading


@dataclass(slots=True)
class Page:
    """One sheet."""

    name: str
    columns: list[Column]
    rows: list[Row]
    titles: list[list[Value]] = field(default_factory=list)
    filtered: bool = False
    unseen: bool = False  # a hidden sheet
    wide_titles: bool = False  # merged over all columns

    def lines(self) -> list[Row]:
        """Give the rows that are lines."""
        return [row for row in self.rows if row.part is Part.LINE]

    def column(self, role: str) -> Column | None:
        """Find a column."""
        return next((one for one in self.columns if one.role == role), None)


@dataclass(slots=True)
class Truth:
    """What each matter owes (or client, where the sheet knows only these), by a key, and how the sheet may call it."""

    owed: dict[str, Decimal] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    naming: str = "none"  # of users: "none", "optional" where the sheet names them oddly, "required"

    def add(self, matter: Matter, amount: Decimal) -> None:
        """Say what a matter owes."""
        self.owed[matter.number] = self.owed.get(matter.number, Decimal(0)) + amount
        self.users[matter.number] = matter.user
        self.call(matter.number, matter.number)

    def add_client(self, client: Client, amount: Decimal) -> None:
        """Say what a client owes, where a sheet has no matters."""
        self.owed[client.name] = self.owed.get(client.name, Decimal(0)) + amount
        for name in (client.name, client.number, f"{client.number} {client.name}"):
            self.call(name, client.name)

    def call(self, name: str, key: str) -> None:
        """Accept another name for what owes."""
        self.names[plain(name)] = key

    def key(self, name: str | None) -> str:
        """Find what a reading's name means; a name not known is its own key."""
        for word in (plain(name or ""), plain((name or "").split(":")[0])):
            if word in self.names:
                return self.names[word]
        return f"?{name}"

    def due(self) -> dict[str, Decimal]:
        """Give all that is not zero."""
        return {key: amount for key, amount in self.owed.items() if amount}


def plain(name: str) -> str:
    """Bring a name into the form in which it is compared."""
    return " ".join(name.lower().split())


@dataclass(slots=True)
class Book:
    """A file to be: its pages, the truth, and how sure a careful bookkeeper can be of it."""

    pages: list[Page]
    truth: Truth
    balance: str = "balance"  # the role of the column that is owed
    known: bool = False  # that column's heading is one of docs/sheet.md
    proof: str = ""  # the identity that holds on all rows
    doubts: list[str] = field(default_factory=list)  # what makes it less than unambiguous
    tell: bool = False  # something in it must be told, so that an end with 0 is silent whatever was read
    traps: list[str] = field(default_factory=list)
    as_of: dt.date = dt.date(2026, 10, 31)
    active: int = 0  # the sheet that Excel opens first
    loose: bool = False  # csv: thousands without quotes
    odd_text: bool = True  # csv: any delimiter and encoding

    @property
    def clear(self) -> bool:
        """Whether the sheet alone settles what is owed."""
        return (self.known or bool(self.proof)) and not self.doubts
