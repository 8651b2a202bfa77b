"""Which column is what: a table of the headings that firms' old systems print, and how one is chosen."""

import re
from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum

import pandas as pd

from brought_forward.bot.errors import SheetError
from brought_forward.bot.sheet.cells import Cell
from brought_forward.bot.sheet.frame import Row, rows_of
from brought_forward.bot.sheet.texts import clean, clipped

HEADER_WITHIN = 40  # rows


class Role(StrEnum):
    """What a column is for; the value is how staff are told of it."""

    MATTER = "matter"
    AMOUNT = "balance"
    USER = "user"
    DATE = "date"
    NOTE = "note"
    CLIENT = "client"


# For each role the headings, strongest first; those of one line are equally strong. Compared as `normal` writes them:
# "A/R Balance" is "a r balance". Ageing buckets, trust and work in progress are in no list: they are never the balance.
HEADINGS: dict[Role, tuple[str, ...]] = {
    Role.MATTER: (
        "matter|matter number|matter no|matter num|matter nr|matter id|matter display number|display number|matter ref"
        "|matter reference|case|case number|case no|case num|case id|file|file number|file no|file num|job|job number"
        "|job no|job id|client matter|client matter number|client matter no|project|project number|project no",
        "matter name|case name|job name|file name|project name|matter title|case title",
    ),
    Role.AMOUNT: (
        "balance|balance due|open balance|outstanding|outstanding balance|balance outstanding|amount outstanding"
        "|outstanding amount|total outstanding|balance owing|balance owed|amount due|amount owing|amount owed|owed"
        "|owing|total due|total amount due|total owing|total owed|total balance|total balance due|a r|ar|a r balance"
        "|ar balance|a r total|total a r|total ar|accounts receivable|accounts receivable balance|receivable"
        "|receivables|total accounts receivable|total receivable|total receivables|matter balance|case balance"
        "|file balance|job balance|invoice balance|unpaid|unpaid balance|unpaid amount|remaining balance"
        "|balance remaining|opening balance|balance forward|balance brought forward|brought forward",
        "amount|price|amt",
        "total|totals|total amount",
    ),
    Role.USER: (
        "user|user name|activity user|clio user|responsible user",
        "responsible attorney|responsible lawyer|responsible solicitor|responsible timekeeper|primary attorney"
        "|primary lawyer|primary timekeeper|lead attorney|lead lawyer|resp attorney|resp atty|resp lawyer|responsible",
        "attorney|lawyer|solicitor|timekeeper|fee earner|biller|billing attorney|billing lawyer|assigned attorney",
    ),
    Role.DATE: (
        "date|as of date|balance date",
        "invoice date|bill date|billing date|date issued|issue date|issued|transaction date|last invoice date",
    ),
    Role.NOTE: ("note|notes", "memo|comment|comments|remark|remarks", "description|memo description|narrative|details"),
    Role.CLIENT: (
        "client|client name|client full name",
        "customer|customer name|customer full name",
        "company|company name|debtor|debtor name|contact|contact name|name",
    ),
}
NEVER_GUESSED = (Role.MATTER, Role.AMOUNT, Role.USER)
KNOWN = {
    heading: (role, rank)
    for role, tiers in HEADINGS.items()
    for rank, tier in enumerate(tiers)
    for heading in tier.split("|")
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column with a part in the reading."""

    letter: str
    heading: str  # as the sheet writes it, on one line

    def __str__(self) -> str:
        return f'{self.letter} "{clipped(self.heading)}"'


@dataclass(frozen=True, slots=True)
class Header:
    """The row of headings and the column of each role; matter and amount are always there."""

    row: int  # as the spreadsheet numbers it
    columns: dict[Role, Column]
    remarks: tuple[str, ...]


def normal(heading: Cell, currency: str = "") -> str:
    """Reduce a heading to its words: case, punctuation, line breaks and the firm's currency code do not count."""
    if not isinstance(heading, str):
        return ""
    words = re.sub(r"[\W_]+", " ", clean(heading).casefold()).split()
    if len(words) > 1 and currency.casefold() in words:
        words.remove(currency.casefold())
    return " ".join(words)


def header_row(frame: pd.DataFrame, currency: str) -> int | None:
    """Find the first row, as the spreadsheet numbers it, that heads both a matter and an amount; None if none does."""
    top = frame.head(HEADER_WITHIN)
    for number, row in zip(top.index, rows_of(top), strict=True):
        if {Role.MATTER, Role.AMOUNT} <= _roles(row, currency):
            return int(number)
    return None


def read_header(frame: pd.DataFrame, row: int, sheet: str, currency: str) -> Header:
    """Choose the column of each role from the headings of that row.

    Raises SheetError, naming the columns, where two could equally be the matter, the amount or the user, and where
    two headings of a role are the same.
    """
    candidates: dict[Role, dict[int, list[Column]]] = defaultdict(lambda: defaultdict(list))
    for letter, heading in zip(frame.columns, rows_of(frame.loc[[row]])[0], strict=True):
        known = KNOWN.get(normal(heading, currency))
        if known:
            candidates[known[0]][known[1]].append(Column(letter, clean(str(heading))))
    chosen: dict[Role, Column] = {}
    remarks: list[str] = []
    for role, ranks in candidates.items():
        columns = ranks[min(ranks)]
        same = len({normal(column.heading, currency) for column in columns}) < len(columns)
        if len(columns) > 1 and (same or role in NEVER_GUESSED):
            raise SheetError(_which(role, columns, sheet))
        chosen[role] = columns[0]
        weaker = [str(column) for rank in sorted(ranks) if rank > min(ranks) for column in ranks[rank]]
        if weaker and role in NEVER_GUESSED:
            remarks.append(f"The {role} is read from column {columns[0]}, not from {' or '.join(weaker)}.")
    return Header(row, chosen, tuple(remarks))


def missing_columns(frame: pd.DataFrame, sheet: str, currency: str) -> str:
    """Say which column a sheet lacks, with the headings of the row that looks most like a header."""
    best: Row = []
    best_score = (0, 0)
    for row in rows_of(frame.head(HEADER_WITHIN)):
        texts: Row = [cell for cell in row if isinstance(cell, str) and clean(cell)]
        score = (len(_roles(row, currency)), min(len(texts), 2))
        if score > best_score:
            best, best_score = texts, score
    roles = _roles(best, currency)
    if Role.MATTER in roles:
        what, name = f'No column of balances found in "{sheet}".', '"Balance"'
    elif Role.AMOUNT in roles:
        what, name = f'No column of matter numbers found in "{sheet}".', '"Matter"'
    else:
        what, name = (
            f'No column of balances found in "{sheet}", and none of matter numbers.',
            '"Balance" and one "Matter"',
        )
    return f"{what} Columns: {_list(best)}. Name one {name} and drop the file again."


def _roles(row: Row, currency: str) -> set[Role]:
    return {KNOWN[text][0] for cell in row if (text := normal(cell, currency)) in KNOWN}


def _which(role: Role, columns: list[Column], sheet: str) -> str:
    count = "Two" if len(columns) == 2 else str(len(columns))
    named = f"{', '.join(map(str, columns[:-1]))} and {columns[-1]}"
    return (
        f'{count} columns of "{sheet}" could be the {role}: {named}. '
        "Keep the heading of the right one, rename or delete the rest, and drop the file again."
    )


def _list(cells: Row, most: int = 12) -> str:
    texts = [clipped(clean(str(cell))) for cell in cells]
    return ", ".join(texts[:most]) + (f" and {len(texts) - most} more" if len(texts) > most else "")
