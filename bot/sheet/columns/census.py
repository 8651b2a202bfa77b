"""The census: every column that holds anything gets a part, by its heading and by what stands in it.

Read it as a table: `WORDS` says what a heading makes of a column of money. What no word names and no identity explains
is asked about; nothing is passed over.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import zip_longest

import numpy as np

from brought_forward.bot.sheet.cells import Cell, SheetCells, column_letters
from brought_forward.bot.sheet.columns.headings import Role, heading_words, is_bucket, known, normal
from brought_forward.bot.sheet.money.cents import Cents, Flags, cents_of, cents_of_column
from brought_forward.bot.sheet.money.currency import is_code
from brought_forward.bot.sheet.money.figures import DecimalMark, decimal_mark
from brought_forward.bot.sheet.texts import clean, clipped, texts_holding

SAMPLED = 300  # cells of a column by which its kind is known
STRAY = 0.5  # of the rows: a column past the headings that is filled less often is none
NUMBERS = 0.6  # of its cells, for a column to be one of numbers
MARKS_WITHIN = 24  # different words at most, for a column to be one of marks


class Part(StrEnum):
    """What a column is in the reading, where it has no role; the value is how people are told of it."""

    OWED = "could be what is owed"
    AMOUNT = "an amount"
    BUCKET = "bucket"
    OPENING = "an earlier balance"
    BILLED = "billed"
    RECEIVED = "received"
    COMPONENT = "part of a bill"
    TRUST = "held for the client"
    UNBILLED = "not billed yet"
    ASIDE = "another figure"
    MONEY = "money not explained"
    MARKS = "marks"
    TEXT = "text"
    HARMLESS = "harmless"


# What the words of a heading make of a column of numbers; the first line that fits holds. "x" stands for any words.
WORDS: tuple[tuple[Part, str], ...] = (
    (Part.HARMLESS, r".*\b(?:hours?|hrs|rates?|quantity|qty|units?|days?|age|date|year|month|period|percent|pct|terms"
                    r"|phone|fax|mobile|tel|cell|zip|postal|postcode|post code|id|ids|code|number|reference|ref|row"
                    r"|line|page|count|index|seq|sequence|priority|account number|acct|ssn|ein|po|key)\b.*"),
    (Part.ASIDE, r".*\b(?:last (?:payment|receipt|paid|bill|invoice)|limit|budget|estimate|estimated|target|cap|quote"
                 r"|quoted|minimum|min|average|avg|mean|lifetime|ytd|year to date|prior year|expected|forecast)\b.*"),
    (Part.RECEIVED, r".*\b(?:trust|retainers?|deposits?)\b.*\b(?:applied|payments?|used|transfer(?:red|s)?)\b.*"
                    r"|.*\bunapplied (?:payments?|credits?|cash|receipts?|amounts?)\b.*"),
    (Part.TRUST, r".*\b(?:trust|iolta|retainers?|escrow|deposits?|client funds|funds|unapplied|prepaid|prepayments?"
                 r"|on account|advances?|held|evergreen|credit balance)\b.*"),
    (Part.UNBILLED, r".*\b(?:unbilled|wip|work in progress|drafts?|draft in progress|pre ?bill(?:ed)?|not billed)\b.*"),
    (Part.COMPONENT, r"(?:(?:total )?(?:interest|tax(?:es)?|vat|gst|fees?|costs?|expenses|disbursements"
                     r"|late (?:fees?|charges?))"
                     r" (?:due|owed|owing|outstanding|balance|unpaid|receivable)|(?:amount )?(?:past due|overdue)"
                     r"(?: amount| balance)?|(?:unpaid|outstanding) (?:interest|tax(?:es)?|fees?|costs?|expenses))"),
    (Part.OPENING, r".*\b(?:opening|beginning|previous|prior|forward|brought forward|b f|starting|start|last month|old"
                   r"|carried)\b.*"),
    (Part.RECEIVED, r"(?!.*\b(?:unpaid|not paid|payable|debit)\b)"
                    r".*\b(?:paid|payments?|received|receipts?|collected|collections?|credits?|credit memos?|cr"
                    r"|credit notes?|applied|adjustments?|adjusted|write ?offs?|written off|discounts?|refunds?"
                    r"|remitted|remittances?|settled|reductions?|less|bad debts?|uncollectible|forgiven|courtesy)\b.*"),
    (Part.OWED, r".*\b(?:balances?|outstanding|owed|owing|due|unpaid|receivables?|a r|ar|remaining|open|closing|net"
                r"|remainder|arrears|overdue|past due|still)\b.*"),
    (Part.BILLED, r".*\b(?:billed|billings?|invoiced|invoicing|charged|charges?|bills?|invoices?|original|debits?|dr"
                   r"|sales|gross|new|bill"
                  r"|principal|face|value)\b.*"),
    (Part.COMPONENT, r".*\b(?:fees?|costs?|expenses?|disbursements?|tax(?:es)?|vat|gst|hst|pst|interest|late"
                     r"|finance|surcharges?|services?|soft|hard|overhead|time|professional|labor|labour|misc)\b.*"),
    (Part.AMOUNT, r".*\b(?:amounts?|totals?|price|sum|value)\b.*"),
)  # fmt: skip
_WORDS = [(part, re.compile(pattern)) for part, pattern in WORDS]
IN_MONEY = (Part.OWED, Part.AMOUNT, Part.BUCKET, Part.OPENING, Part.BILLED, Part.RECEIVED, Part.COMPONENT, Part.TRUST,
            Part.UNBILLED, Part.ASIDE, Part.MONEY)  # fmt: skip
MARKED = re.compile(r".*\b(?:type|status|state|dr|cr|d c|debit credit|sign|paid|void|voided|written off|write off|kind"
                    r"|transaction|trans|disputed?|cleared|settled|flag|indicator|side)\b.*")  # fmt: skip
LEAST = 100_00  # cents: whole numbers that are all smaller are counts
SHARE = re.compile(r"\b(?:share|split|percent|percentage|pct|allocation|portion)\b")


@dataclass(slots=True, eq=False)
class Seen:
    """One column that holds anything: where it stands, what it is called, and its money, row by row."""

    place: int  # in the sheet's rows
    letter: str
    heading: str
    words: str
    part: Part | Role
    cents: Cents | None = None  # of each row below the header; nothing is 0
    filled: Flags | None = None  # which rows hold an amount
    explained: str | None = None
    values: list[Cell] = field(default_factory=list, repr=False)

    @property
    def money(self) -> bool:
        """Whether it is a column of amounts."""
        return self.cents is not None

    @property
    def any(self) -> bool:
        """Whether it is a column of amounts, and one of them is not zero."""
        return self.cents is not None and bool(self.cents.any())

    @property
    def amounts(self) -> Cents:
        """The cents of a column of amounts."""
        assert self.cents is not None  # noqa: S101 - asked of columns of money only
        return self.cents

    @property
    def holds(self) -> Flags:
        """Which rows of a column of amounts hold one."""
        assert self.filled is not None  # noqa: S101 - asked of columns of money only
        return self.filled

    def __str__(self) -> str:
        return f'{self.letter} "{clipped(self.heading)}"' if self.heading else self.letter


def survey(cells: SheetCells, below: list[list[Cell]], headings: list[str], currency: str) -> list[Seen]:
    """Look at every column of the sheet that holds anything below its header, from left to right."""
    last = max((place + 1 for place, text in enumerate(headings) if text), default=0)
    found = []
    for place, column in enumerate(zip_longest(*below)):
        held = _held(column)
        if not held or (place >= last and len(held) < STRAY * len(below)):
            continue  # a few cells past the headings are a matter of their rows
        heading = headings[place] if place < len(headings) else ""
        seen = Seen(
            place, column_letters(cells.first_column + place), clean(heading), heading_words(heading, currency),
            Part.TEXT, values=list(column),
        )  # fmt: skip
        _tell(seen, _without_heading(held, normal(heading)) or held, currency)
        found.append(seen)
    return [_as_money(seen, found) for seen in found]


def _held(column: Sequence[Cell]) -> list[Cell]:
    """Give the cells that hold anything; of numbers alone, all do."""
    if set(map(type, column)) == {float}:
        return list(column)
    return [one for one in column if one is not None and not (isinstance(one, str) and not one.strip())]


def _as_money(seen: Seen, census: list[Seen]) -> Seen:
    """Take whole numbers for money where no word says what they are and they come near the amounts beside them."""
    if (
        seen.part is not Part.HARMLESS
        or part_of(seen.words) is not None
        or "%" in seen.heading
        or SHARE.search(f"{seen.heading} {seen.words}")
    ):
        return seen
    cents, filled = cents_of_column(seen.values)
    if not (np.abs(cents) >= LEAST).any():
        return seen
    for other in census:
        if other.part in {Part.OWED, Part.AMOUNT} and other.any:
            both = (cents != 0) & (other.amounts != 0)
            near = (2 * np.abs(cents) >= np.abs(other.amounts)) & (np.abs(cents) <= 2 * np.abs(other.amounts)) & both
            if both.any() and 2 * near.sum() >= both.sum():
                seen.part, seen.cents, seen.filled = Part.MONEY, cents, filled
    return seen


def _without_heading(held: list[Cell], heading: str) -> list[Cell]:
    """Leave out what repeats the heading, or its last words, at the top of each page: it tells nothing of a column."""
    last = heading.rsplit(" ", 1)[-1]  # few cells hold that word, and what is dear is asked of those alone
    texts = [one for one in held if isinstance(one, str)] if last else []
    likely = {texts[at] for at in texts_holding((last,), texts)}
    if not "".join(texts).isprintable():
        likely |= {one for one in set(texts) if not one.isprintable()}
    repeats = {one for one in likely if _repeats(one, heading)}
    return [one for one in held if one not in repeats] if repeats else held


def _repeats(text: str, heading: str) -> bool:
    said = normal(text)
    return bool(said) and heading.endswith(said)


def _tell(seen: Seen, held: list[Cell], currency: str) -> None:
    """Say what a column is by its heading and its cells."""
    if is_bucket(seen.words) or is_bucket(normal(seen.heading)):
        seen.part = Part.BUCKET
    role = known(seen.heading, currency)
    if role and role[0] is Role.COMMENT and amounts_share(held[:SAMPLED]) >= NUMBERS:
        role = None
    if role and role[0] not in {Role.AMOUNT, Role.RETAINER}:
        seen.part = role[0]
        return
    if role is None and all(map(is_code, held)):
        seen.part = Role.CURRENCY
        return
    if role is None and amounts_share(held[:SAMPLED]) < NUMBERS:
        seen.part = _of_text(seen, held)
        if seen.part is Part.MARKS or part_of(seen.words) is not Part.RECEIVED or not _has_amounts(held):
            return  # a column of credits holds money, though most of its cells are words
    part = Part.BUCKET if seen.part is Part.BUCKET else part_of(seen.words)
    if part is None:
        part = Part.MONEY if _has_cents(held) else Part.HARMLESS
    seen.part = part
    if part in IN_MONEY:
        mark = decimal_mark([one for one in held[:SAMPLED] if isinstance(one, str)])
        seen.cents, seen.filled = cents_of_column(seen.values, mark)


def part_of(words: str) -> Part | None:
    """Say what the words of a heading make of a column of numbers; None if nothing."""
    return next((part for part, pattern in _WORDS if pattern.fullmatch(words)), None)


def _of_text(seen: Seen, held: list[Cell]) -> Part:
    """Tell marks from other texts: a few words or signs, repeated or under a heading that announces them."""
    texts: set[str] = set()
    for one in held:
        texts |= {one.strip().casefold()} if isinstance(one, str) else set()
        if len(texts) > MARKS_WITHIN:
            return Part.TEXT
    few = bool(texts) and max(map(len, texts)) < 32
    return Part.MARKS if few and (MARKED.fullmatch(seen.words) or not seen.words) else Part.TEXT


def amounts_share(cells: Iterable[Cell]) -> float:
    """Give the share of cells that read as an amount."""
    cells = list(cells)
    return sum(1 for one in cells if cents_of(one, DecimalMark.DOT) is not None) / len(cells) if cells else 0.0


def _has_amounts(held: list[Cell]) -> bool:
    """Tell whether a cell is an amount with its cents, or a number of Excel's."""
    return any(cents_of(one) and (isinstance(one, float) or _has_cents([one])) for one in held)


def _has_cents(held: list[Cell]) -> bool:
    """Tell amounts from codes and counts, where no heading does: cents, a currency sign or thousands apart."""
    return any(
        (one != int(one) if abs(one) < 1e12 else False)
        if isinstance(one, float)
        else isinstance(one, str) and bool(re.search(r"[$€£₹¥]|[.,][0-9]{2}\b|[0-9],[0-9]{3}\b", one))
        for one in held
    )
