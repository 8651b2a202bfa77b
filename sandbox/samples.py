"""The sample workbook: what an old system prints of a firm's receivables, and where each line of it should go.

Its figures are known here without reading the file, so that a bot's books and Clio's can be compared with them.
"""

from __future__ import annotations

import io
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import xlsxwriter

from brought_forward.sandbox.clio.firm import Firm
from brought_forward.sandbox.clio.records import Matter, Status, User
from brought_forward.sandbox.clio.server import Call

MATTERS = 57  # that can be posted; two more that cannot be matched and a credit make 60
HEADER_ROW = 5
HEADINGS = ("Client", "Matter No.", "Attorney", "Invoice date", "Balance", "Notes")
WIDTHS = (24, 28, 18, 14, 14, 40)
NOTES = {
    4: "Invoice 1183",
    11: "Invoices 1190 and 1204",
    19: "Paying in instalments",
    33: "Includes costs of the survey",
    48: "Invoice 1219, second reminder sent",
}
MOST_CALLS = 1.5  # an entry of so small a batch, killed once: more would be a mistake
TWICE, UNNAMED = 7, 20  # places of the matter with two lines, and of the one whose attorney is not named
LEFT = "Gordon Sloane"  # has left the firm; Clio keeps him disabled
SHARES = (5, 4, 4, 3, 2, 1)  # how the matters fall to the users, the busiest first

Owed = tuple[int, int, Decimal]  # matter's and user's id in Clio, and what is owed


@dataclass(frozen=True, slots=True)
class SampleLine:
    """A row of the workbook; `to` is the matter and user it belongs to, None where it must stay out."""

    row: int
    client: str
    matter: str
    user: str
    amount: Decimal
    to: tuple[int, int] | None
    invoiced: date | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class SampleBook:
    """The workbook's bytes and its own figures."""

    name: str
    data: bytes
    as_of: date
    lines: tuple[SampleLine, ...]

    @property
    def total(self) -> Decimal:
        """Sum all lines, as the workbook's last row does."""
        return sum((line.amount for line in self.lines), Decimal(0))

    @property
    def left_out(self) -> list[SampleLine]:
        """List the lines that must not be posted."""
        return [line for line in self.lines if line.to is None]

    @property
    def owed(self) -> list[Owed]:
        """Sum the other lines, one sum for each matter and user."""
        sums: Counter[tuple[int, int]] = Counter()
        for line in self.lines:
            if line.to is not None:
                sums[line.to] += int(line.amount * 100)
        return [(matter, user, Decimal(cents).scaleb(-2)) for (matter, user), cents in sums.items()]


def sample_book(firm: Firm, as_of: date) -> SampleBook:
    """Make the workbook of a firm such as `sample_firm()`; the same firm and day give the same figures."""
    lines = tuple(replace(line, row=HEADER_ROW + place) for place, line in enumerate(_lines(firm, as_of), start=1))
    return SampleBook(f"AR {as_of:%B}.xlsx", _workbook(firm.name, as_of, lines), as_of, lines)


def _lines(firm: Firm, as_of: date) -> Iterator[SampleLine]:
    dice = random.Random(1183)
    people = [user for user in firm.users if user.enabled and not user.clio_connect]
    matters = plain_matters(firm)
    for place, matter in enumerate(matters[:MATTERS]):
        user = people[place] if place < len(people) else dice.choices(people, SHARES[: len(people)])[0]
        if place == UNNAMED:
            user = next(one for one in people if one.id == matter.responsible_attorney_id)
        line = _line(firm, matter, user, Decimal(dice.randint(9_500, 985_000)).scaleb(-2))
        if place == UNNAMED:
            line = replace(line, user="")
        if place % 3 == 0:
            line = replace(line, invoiced=as_of - timedelta(days=dice.randint(20, 200)))
        yield replace(line, note=NOTES.get(place, ""))
        if place == TWICE:
            yield replace(line, amount=Decimal("480.00"), note="Filing fee")
        elif place == MATTERS // 3:
            yield SampleLine(0, "Quarry Lane Farm", "00931-Quarry Lane Farm", user.name, Decimal("1240.75"), None)
        elif place == MATTERS // 2:
            credit = _line(firm, matters[MATTERS], user, Decimal("-200.00"))
            yield replace(credit, to=None, note="Paid twice")
    gone = _line(firm, matters[MATTERS + 1], people[0], Decimal("2615.40"))
    yield replace(gone, user=LEFT, to=None)


def plain_matters(firm: Firm) -> list[Matter]:
    """List the matters on which nothing is special."""
    folded = Counter(matter.display_number.casefold() for matter in firm.matters)
    return [
        matter
        for matter in firm.matters
        if matter.status is Status.OPEN
        and matter.billable
        and matter.visible
        and matter.billing_method == "hourly"
        and matter.responsible_attorney_id
        and folded[matter.display_number.casefold()] == 1
    ]


def _line(firm: Firm, matter: Matter, user: User, amount: Decimal) -> SampleLine:
    client = firm.contacts[matter.client_id].name
    return SampleLine(0, client, matter.display_number, user.name, amount, (matter.id, user.id))


def _workbook(firm: str, as_of: date, lines: tuple[SampleLine, ...]) -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        bold, money, day = (book.add_format(look) for look in (
            {"bold": True}, {"num_format": "#,##0.00"}, {"num_format": "mm/dd/yyyy"},
        ))  # fmt: skip
        sheet = book.add_worksheet("Receivables")
        for place, width in enumerate(WIDTHS):
            sheet.set_column(place, place, width)
        titles = (firm, "Accounts receivable by matter", f"As of {as_of:%B} {as_of.day}, {as_of.year}")
        for place, title in enumerate(titles):
            sheet.write_string(place, 0, title, bold)
        sheet.write_row(HEADER_ROW - 1, 0, HEADINGS, bold)
        for line in lines:
            _write(sheet, line, money, day)
        _write_total(sheet, lines, book.add_format({"bold": True, "num_format": "#,##0.00"}), bold)
    return file.getvalue()


def _write(sheet: Any, line: SampleLine, money: Any, day: Any) -> None:
    row = line.row - 1
    for column, text in ((0, line.client), (1, line.matter), (2, line.user), (5, line.note)):
        if text:
            sheet.write_string(row, column, text)
    if line.invoiced:
        sheet.write_datetime(row, 3, line.invoiced, day)
    sheet.write_number(row, 4, float(line.amount), money)


def _write_total(sheet: Any, lines: tuple[SampleLine, ...], money: Any, bold: Any) -> None:
    first, last = lines[0].row, lines[-1].row
    total = sum((line.amount for line in lines), Decimal(0))
    sheet.write_string(last, 0, "Total", bold)
    # Excel works formulas out when it opens a file; until then a reader finds the value that stands beside it.
    sheet.write_formula(last, 4, f"=SUM(E{first}:E{last})", money, float(total))


@dataclass(frozen=True, slots=True)
class Books:
    """What a bot says that it did with the workbook."""

    approved: Sequence[Owed]
    posted: Sequence[Owed]
    left_out: Sequence[tuple[int, Decimal | None]]  # the rows of the sheet that it did not post, and their amounts


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence of the proof, its figures, and whether they bear it out."""

    text: str
    figures: str
    holds: bool
    of_calls: bool = False  # of how Clio was asked, not of money


def prove(book: SampleBook, books: Books, firm: Firm, calls: Sequence[Call]) -> list[Claim]:
    """Compare the workbook's own figures, a bot's books and Clio's ledger, and count the calls."""
    ledger = _ledger(firm)
    out = [(line.row, line.amount) for line in book.left_out]
    kept_out = sum((amount or Decimal(0) for _, amount in books.left_out), Decimal(0))
    sums = [_sum(side) for side in (books.approved, books.posted, ledger)]
    owed, ours, clios = Counter(book.owed), Counter(books.posted), Counter(ledger)
    more, less = _pairs(ledger) - _pairs(book.owed), _pairs(book.owed) - _pairs(ledger)
    posts = [call for call in calls if (call.method, call.path) == ("POST", "/activities.json")]
    too_fast = sum(call.status == 429 for call in calls)
    return [
        Claim(
            "Sheet = approved + left out",
            f"{_money(book.total)} = {_money(sums[0])} + {_money(kept_out)}",
            book.total == sums[0] + kept_out and sorted(books.left_out) == out,
        ),
        Claim(
            "Each line is in an entry or left out",
            f"{len(book.lines)} lines = {len(book.lines) - len(out)} in {len(books.approved)} entries"
            f" + {len(books.left_out)} left out",
            len(books.approved) == len(book.owed) and len(books.left_out) == len(out),
        ),
        Claim(
            "Approved = posted = Clio's ledger",
            " = ".join(map(_money, sums)),
            len(set(sums)) == 1,
        ),
        Claim(
            "Each matter, user and amount alike",
            f"{len(book.owed)} in the sheet = {len(books.posted)} in our database = {len(ledger)} in Clio",
            owed == ours == clios,
        ),
        Claim("Doubled in Clio", str(more.total()), not more),
        Claim("Lost on the way", str(less.total()), not less),
        Claim(
            "Each entry was sent once",
            f"{len(posts)} sent for {len(ledger)} entries",
            len(posts) == len(ledger),
        ),
        Claim(
            "Calls to Clio, upload to closing words",
            f"{len(calls)} in all, {len(calls) / max(len(ledger), 1):.2f} an entry, the restart's included",
            0 < len(calls) <= MOST_CALLS * len(ledger),
            of_calls=True,
        ),
        Claim("Calls refused as too fast (429)", str(too_fast), not too_fast, of_calls=True),
    ]


def prove_users(book: SampleBook, books: Books, firm: Firm) -> list[Claim]:
    """Compare entries and sums user by user: in the sheet, in the bot's books, in Clio."""
    claims = []
    for user in firm.users:
        sides = [[one for one in side if one[1] == user.id] for side in (book.owed, books.posted, _ledger(firm))]
        shown = [f"{len(side):>3} {_money(_sum(side)):>11}" for side in sides]
        if any(sides):
            claims.append(Claim(user.name, " = ".join(shown), len(set(shown)) == 1))
    return claims


def _ledger(firm: Firm) -> list[Owed]:
    return [(entry.matter_id or 0, entry.user_id, entry.total) for entry in firm.time_entries]


def _pairs(owed: Sequence[Owed]) -> Counter[tuple[int, int]]:
    return Counter((matter, user) for matter, user, _ in owed)


def _sum(owed: Sequence[Owed]) -> Decimal:
    return sum((amount for _, _, amount in owed), Decimal(0))


def _money(amount: Decimal) -> str:
    return f"{'-' if amount < 0 else ''}${abs(amount):,.2f}"
