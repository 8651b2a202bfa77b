"""One line for each matter: a plain list, and a period's opening balance rolled forward."""

import datetime as dt
from decimal import Decimal

from readings.book import Book, Column, Page, Truth
from readings.draw import CREDITING, Draw, month_before
from readings.families.beside import Fill, balance_formula, beside
from readings.ledger import Kind, Ledger, Matter
from readings.totals import add_total


def by_matter(draw: Draw) -> Book:
    """Print a list of matters and what each owes."""
    ledger = draw.ledger(credits_at_least=draw.pick([0, 1]))
    book = Book([], Truth())
    book.pages.append(list_page(draw, book, ledger, ledger.matters, "Sheet1"))
    return book


def list_page(draw: Draw, book: Book, ledger: Ledger, matters: list[Matter], name: str) -> Page:
    """Print one list, and add it to the book's truth."""
    more, fill = beside(draw, book, ledger)
    columns = with_balance(draw, book, opening(draw, book), more)
    return filled(draw, book, ledger, matters, Page(name, columns, []), fill)


def filled(draw: Draw, book: Book, ledger: Ledger, matters: list[Matter], page: Page, fill: Fill) -> Page:
    """Print the matters on a page that has its columns."""
    zeros = draw.chance(0.5)
    for matter in matters:
        owed = ledger.owed(matter)
        if owed or zeros:
            book.truth.add(matter, owed)
            page.rows.append(draw.line(matter, balance=owed, **fill(matter)))  # type: ignore[arg-type]
    balance_formula(book, page.lines())
    add_total(draw, page)
    return page


def opening(draw: Draw, book: Book) -> list[Column]:
    """Draw the columns that say whose a line is."""
    matter = draw.column("matter", known=0.7)
    columns = [matter]
    if draw.chance(0.6):
        columns.insert(draw.pick([0, 1]), draw.column("client"))
    if draw.chance(0.3):
        columns.append(draw.column("subject"))
    users = draw.user_column(book)
    return [*users, *columns] if draw.chance(0.15) else [*columns, *users]


def with_balance(
    draw: Draw, book: Book, before: list[Column], more: list[Column], *, shuffle: bool = True
) -> list[Column]:
    """Put the balance among its neighbours."""
    balance = draw.column("balance", money=True)
    book.known = "balance" in draw.known and draw.case in {"as is", "upper", "lower"}
    if not more and draw.chance(0.1):
        balance.heading, book.known = ("Amount",), True
    money = [*more, balance]
    if shuffle and draw.chance(0.3):
        draw.dice.shuffle(money)
    return [*before, *money]


def roll_forward(draw: Draw) -> Book:
    """Print what was owed at the period's beginning, what came and went, and what is owed at its end."""
    ledger = draw.ledger()
    book = Book([], Truth())
    start = month_before(ledger.as_of) if draw.chance(0.5) else dt.date(ledger.as_of.year, 1, 1) - dt.timedelta(days=1)
    apart = draw.chance(0.4)
    book.proof = "opening + billed - paid - written off = balance" if apart else "opening + billed - paid = balance"
    more = [
        draw.column(role, money=True)
        for role in (("opening", "billed", "paid", "written") if apart else ("opening", "billed", "paid"))
    ]
    negative = draw.chance(0.15)  # receipts with their sign
    if negative:
        book.proof = book.proof.replace("-", "+")
    page = Page("Sheet1", with_balance(draw, book, opening(draw, book), more, shuffle=False), [])
    book.pages.append(page)

    def fill(matter: Matter) -> dict[str, Decimal | int | str | None]:
        kinds = (Kind.PAYMENT, Kind.CREDIT) if apart else CREDITING
        sign = -1 if negative else 1
        return {
            "opening": ledger.owed(matter, start),
            "billed": ledger.total(matter, Kind.INVOICE, after=start),
            "paid": sign * ledger.total(matter, *kinds, after=start),
            "written": sign * ledger.total(matter, Kind.WRITE_OFF, after=start),
        }

    filled(draw, book, ledger, ledger.matters, page, fill)
    return book
