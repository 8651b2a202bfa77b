"""Several sheets, numbers in two columns, and the template of Clio's own importer."""

import datetime as dt
from decimal import Decimal

from readings.book import Book, Column, Page, Row, Truth
from readings.draw import Draw, month_before
from readings.families.beside import beside
from readings.families.lists import opening, with_balance
from readings.ledger import Ledger, Matter
from readings.totals import add_total

OFFICES = ["Boston", "New York", "Chicago", "Austin"]
NUMBERED = [("Client No.", "Matter No."), ("Client", "Matter"), ("Client ID", "Matter ID"), ("Cl #", "Mtr #")]
JOINTS = ("-", ".", "/", " ", "", "_", ", ", " - ", "|", " / ")


def offices(draw: Draw) -> Book:
    """Print each office's matters on a sheet of its own: all are owed."""
    ledger = draw.ledger()
    book = Book([], Truth(), doubts=["lines stand on several sheets"])
    columns = with_balance(draw, book, opening(draw, book), [])
    places = draw.dice.sample(OFFICES, draw.pick([2, 2, 3]))
    shares = [ledger.matters[place :: len(places)] for place in range(len(places))]
    for name, matters in zip(places, shares, strict=True):
        page = Page(name, [Column(one.role, one.heading, one.money) for one in columns], [])
        book.pages.append(page)
        _balances(draw, book.truth, ledger, matters, page, ledger.as_of)
    book.active = draw.pick(range(len(places)))
    return book


def months(draw: Draw) -> Book:
    """Print the balances at each month's end on a sheet of its own: only the last is owed today."""
    ledger = draw.ledger()
    book = Book([], Truth(), doubts=["several sheets could be what is owed"])
    columns = with_balance(draw, book, opening(draw, book), [])
    days = [ledger.as_of]
    for _ in range(draw.pick([1, 2, 3])):
        days.append(month_before(days[-1]))
    named = draw.pick(["%b %Y", "%B", "%Y-%m", "%m-%Y", "%b %y"])
    for day in days:
        page = Page(day.strftime(named), [Column(one.role, one.heading, one.money) for one in columns], [])
        page.titles = [["Hale & North LLP"], [f"Accounts receivable at {day:%B} {day.day}, {day.year}"], []]
        book.pages.append(page)
        _balances(draw, book.truth if day == ledger.as_of else Truth(), ledger, ledger.matters, page, day)
    if draw.chance(0.6):
        book.pages.reverse()
    last = next(place for place, page in enumerate(book.pages) if page.name == ledger.as_of.strftime(named))
    book.active = last if draw.chance(0.7) else draw.pick(range(len(book.pages)))
    return book


def _balances(draw: Draw, truth: Truth, ledger: Ledger, matters: list[Matter], page: Page, day: dt.date) -> None:
    for matter in matters:
        owed = ledger.owed(matter, day)
        if owed:
            truth.add(matter, owed)
            page.rows.append(draw.line(matter, balance=owed))
    add_total(draw, page)


def apart(draw: Draw) -> Book:
    """Print the client's number and the matter's number within it in two columns: neither alone names a matter."""
    ledger = draw.ledger()
    book = Book([], Truth(), doubts=["client and matter have a number each"])
    headings = draw.pick(NUMBERED)
    before = [Column("client_number", (headings[0],)), Column("matter_number", (headings[1],))]
    if draw.chance(0.5):
        before.insert(draw.pick([1, 2]), Column("client", (draw.pick(["Client Name", "Name", "Customer Name"]),)))
    if draw.chance(0.3):
        before.append(draw.column("subject"))
    before += draw.user_column(book)
    more, fill = beside(draw, book, ledger)
    page = Page("Sheet1", with_balance(draw, book, before, more), [])
    book.pages.append(page)
    once = draw.chance(0.25)  # the client's number only in its first line
    client = None
    for matter in ledger.matters:
        owed = ledger.owed(matter)
        if not owed:
            continue
        book.truth.add(matter, owed)
        for joint in JOINTS:
            book.truth.call(f"{matter.client.number}{joint}{matter.short}", matter.number)
        row = draw.line(matter, client_number=matter.client.number, matter_number=matter.short, balance=owed)
        row.cells |= fill(matter)  # type: ignore[arg-type]
        if once and matter.client is client:
            row.cells["client_number"] = None
        client = matter.client
        page.rows.append(row)
    add_total(draw, page)
    return book


def template(draw: Draw) -> Book:
    """Print the activities of Clio's own importer, a line for each open invoice or matter."""
    ledger = draw.ledger()
    book = Book([], Truth(naming="required"), balance="price", known=True)
    draw.user_form = "name"
    roles = [
        "matter",
        "date",
        "activity_description",
        "note",
        "price",
        "quantity",
        "type",
        "activity_user",
        "non_billable",
    ]
    columns = [Column(role, (role,), role == "price") for role in roles]
    page = Page("Sheet1", columns, [])
    book.pages.append(page)
    by_invoice = draw.chance(0.5)
    for matter in ledger.matters:
        items = [(one.day, f"Invoice {one.number}", rest) for one, rest in ledger.open_items(matter)]
        if not by_invoice:
            items = [(ledger.as_of, "Balance", ledger.owed(matter))]
        for day, note, rest in items:
            if rest:
                book.truth.add(matter, rest)
                page.rows.append(_activity(draw, matter, day, note, rest))
    if draw.chance(0.12):
        _twofold(draw, book, page)
    return book


def _activity(draw: Draw, matter: Matter, day: dt.date, note: str, rest: Decimal) -> Row:
    return draw.line(
        matter,
        date=day,
        activity_description="Balance Brought Forward from Previous Software",
        note=note,
        price=rest,
        quantity=1,
        activity_user=draw.user(matter.user),
    )


def _twofold(draw: Draw, book: Book, page: Page) -> None:
    """Let one line have a quantity of 2: it is owed twice."""
    row = draw.dice.choice(page.lines())
    row.cells["quantity"] = 2
    book.truth.owed[row.key] += row.cells["price"]  # type: ignore[operator]
    book.traps.append("quantity 2")
    book.doubts.append("a quantity is not 1")
