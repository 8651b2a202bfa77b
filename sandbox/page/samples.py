"""Sheets to drop in, made for the firm at hand; the same firm and day give the same figures, to the cent."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import xlsxwriter

from brought_forward.sandbox.clio import Firm, Matter
from brought_forward.sandbox.clio import User as Person
from brought_forward.sandbox.samples import plain_matters, sample_book

MANY = 2_000
CLEAN, MESSY = 12, 24
BANDS = ("Current", "31-60", "61-90", "Over 90")

Cell = str | Decimal | None
File = tuple[str, bytes]  # its name and bytes


@dataclass(frozen=True, slots=True)
class Sample:
    """One of the sheets to choose from."""

    key: str
    label: str
    about: str


SAMPLES = (
    Sample("clean", "Clean list", f"{CLEAN} matters, one row each"),
    Sample("messy", "Messy ageing report", "titles, subtotals, repeated headers, credits in brackets"),
    Sample("problems", "With problems", "60 matters: unknown numbers, a credit, somebody who has left"),
    Sample("many", "2,000 matters", "the firm opens as many matters as it needs"),
    Sample("hostile", "Hostile", "HTML, mentions, formulas, text that turns round, very long names"),
)


def make_sample(key: str, firm: Firm, today: date) -> File:
    """Make a sample by its key, as of the month before; raises LookupError where there is none of it."""
    return _MAKERS[key](firm, today.replace(day=1) - timedelta(days=1))


def _clean(firm: Firm, as_of: date) -> File:
    dice = random.Random(12)
    rows: list[Sequence[Cell]] = [("Matter", "User", "Balance", "Notes")]
    for matter in plain_matters(firm)[:CLEAN]:
        rows.append((matter.display_number, _attorney(firm, matter).name, _amount(dice), None))
    return f"Balances {as_of:%B}.xlsx", _workbook("Balances", rows)


def _messy(firm: Firm, as_of: date) -> File:
    """Print an ageing report as old systems do: by attorney, with subtotals, and the header again on each page."""
    dice = random.Random(24)
    header = ("Client", "Matter", *BANDS, "Total")
    rows: list[Sequence[Cell]] = [
        (firm.name,), ("Accounts Receivable Ageing",), (f"As of {as_of:%B} {as_of.day}, {as_of.year}",), (),
        ("Client", "Matter", "Attorney", *BANDS, "Total"),
    ]  # fmt: skip
    grand = [Decimal(0)] * (len(BANDS) + 1)
    matters = sorted(plain_matters(firm)[:MESSY], key=lambda one: _attorney(firm, one).name)
    people = list(dict.fromkeys(_attorney(firm, one).id for one in matters))
    for place, person in enumerate(people):
        mine = [one for one in matters if _attorney(firm, one).id == person]
        sums = [Decimal(0)] * (len(BANDS) + 1)
        for matter in mine:
            bands = [_amount(dice) if dice.random() < 0.5 else None for _ in BANDS]
            if not any(bands):
                bands[0] = _amount(dice)
            figures = [*bands, sum((one or Decimal(0) for one in bands), Decimal(0))]
            sums = [total + (one or Decimal(0)) for total, one in zip(sums, figures, strict=True)]
            client = firm.contacts[matter.client_id].name
            rows.append((client, matter.display_number, _attorney(firm, matter).name, *map(_printed, figures)))
        rows += [(f"Total for {_attorney(firm, mine[0]).name}", None, None, *map(_printed, sums)), ()]
        if place + 1 < len(people):
            rows.append((header[0], header[1], "Attorney", *BANDS, "Total"))
        grand = [total + one for total, one in zip(grand, sums, strict=True)]
    rows.append(("Grand Total", None, None, *map(_printed, grand)))
    return f"Ageing {as_of:%B}.csv", _text(rows)


def _problems(firm: Firm, as_of: date) -> File:
    book = sample_book(firm, as_of)
    return book.name, book.data


def _many(firm: Firm, as_of: date) -> File:
    dice = random.Random(MANY)
    _grow(firm)
    rows: list[Sequence[Cell]] = [("Matter", "User", "Balance")]
    for matter in plain_matters(firm)[:MANY]:
        rows.append((matter.display_number, _attorney(firm, matter).name, _amount(dice)))
    return f"All balances {as_of:%B}.xlsx", _workbook("Balances", rows)


def _grow(firm: Firm) -> None:
    """Let the firm open matters until it has enough of them."""
    people = [user for user in firm.users if user.enabled and not user.clio_connect]
    clients = list(firm.contacts)
    number = len(firm.matters)
    for place in range(MANY - len(plain_matters(firm))):
        number += 1
        client = clients[place % len(clients)]
        firm.add_matter(f"{number:05d}-{client.name}", client=client, attorney=people[place % len(people)])


def _hostile(firm: Firm, as_of: date) -> File:
    """Put into cells what would run, ping, turn round or break a page that believed them."""
    dice = random.Random(666)
    good = plain_matters(firm)[:8]
    tricks = (
        "<script>alert('matter')</script>",
        '<img src=x onerror="document.title=1">',
        "<!channel> <!here> <@U0MANAGER1> everyone pay",
        "<https://evil.example|Clio Manage>",
        '=HYPERLINK("https://evil.example","Open")',
        "\u202e00.000,1$ drawkcab\u202c \u2066nested",
        "bell\u0007 tab\t null-ish \u200b\u200dhidden \ufeffmark",
        "*bold* _it_ ~no~ `code` :bomb: ```fence",
        "{{ 7*7 }} {% raw %} ${7*7} <%= 7*7 %>",
        "X" * 300,
        "مرحبا 00013 שלום",
        "'; DROP TABLE batch; --",
    )
    rows: list[Sequence[Cell]] = [("Matter", "Client", "User", "Balance", "Notes")]
    for place, matter in enumerate(good):
        note = tricks[place % len(tricks)]
        rows.append((matter.display_number, tricks[-1 - place], _attorney(firm, matter).name, _amount(dice), note))
    for trick in tricks:
        rows.append((trick, trick, "Nobody " + trick[:40], _amount(dice), trick))
    return f"<img src=x onerror=alert(1)> *AR* {as_of:%B}.xlsx", _workbook("<b>& =1+1", rows)


def _attorney(firm: Firm, matter: Matter) -> Person:
    return firm.users[matter.responsible_attorney_id or 0]


def _amount(dice: random.Random) -> Decimal:
    return Decimal(dice.randint(9_500, 985_000)).scaleb(-2)


def _printed(amount: Decimal | None) -> str | None:
    return None if amount is None else f"${amount:,.2f}"


def _workbook(sheet: str, rows: Sequence[Sequence[Cell]]) -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        made = book.add_worksheet(sheet)
        money = book.add_format({"num_format": "#,##0.00"})
        made.set_column(0, len(rows[0]) - 1, 24)
        for down, row in enumerate(rows):
            for right, cell in enumerate(row):
                if isinstance(cell, Decimal):
                    made.write_number(down, right, float(cell), money)
                elif cell:
                    made.write_string(down, right, cell)
    return file.getvalue()


def _text(rows: Sequence[Sequence[Cell]]) -> bytes:
    file = io.StringIO()
    csv.writer(file).writerows(rows)
    return file.getvalue().encode()


_MAKERS: dict[str, Callable[[Firm, date], File]] = {
    "clean": _clean, "messy": _messy, "problems": _problems, "many": _many, "hostile": _hostile,
}  # fmt: skip
