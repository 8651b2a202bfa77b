"""One line for each invoice or other document."""

from decimal import Decimal

from readings.book import Book, Column, Page, Row, Truth
from readings.draw import CREDITING, Draw
from readings.families.lists import opening, with_balance
from readings.ledger import Kind, Ledger, Posting
from readings.totals import add_total

SETTLED = {
    Kind.PAYMENT: ["Paid", "PAID", "Paid in full", "Closed"],
    Kind.WRITE_OFF: ["Written off", "Void", "Voided", "W/O"],
}
OPEN = ["Open", "Unpaid", "Outstanding", "Sent", "Past Due"]


def register(draw: Draw) -> Book:
    """Print every invoice: with what was paid and is open, or with a state that says whether it is owed."""
    return by_state(draw) if draw.chance(0.35) else by_balance(draw)


def by_balance(draw: Draw) -> Book:
    """Print invoices with amount, what was taken off, and what is open."""
    ledger = draw.ledger()
    book = Book([], Truth(), proof="billed - paid = balance")
    apart = draw.chance(0.3)
    if apart:
        book.proof = "billed - paid - credited = balance"
    billed = draw.column(
        "billed", money=True, heading=draw.pick(["Invoice Amount", "Amount", "Original", "Total", "Inv. Total"])
    )
    more = [billed, draw.column("paid", money=True)]
    if apart:
        more.append(draw.column("credited", money=True))
    page = invoice_page(draw, book, more)
    for invoice in invoices_of(draw, ledger):
        taken = [one for one in ledger.postings if one.settles == invoice.number]
        paid = sum((one.amount for one in taken if not apart or one.kind is Kind.PAYMENT), Decimal(0))
        credited = sum((one.amount for one in taken if one.kind in CREDITING), Decimal(0)) - paid
        owed = invoice.amount - paid - (credited if apart else 0)
        book.truth.add(invoice.matter, owed)
        row = document(draw, ledger, invoice)
        row.cells |= {"billed": invoice.amount, "paid": paid, "credited": credited, "balance": owed}
        row.formulas["balance"] = "{billed}-{paid}-{credited}" if apart else "{billed}-{paid}"
        page.rows.append(row)
    add_total(draw, page)
    return book


def by_state(draw: Draw) -> Book:
    """Print invoices with their amount and a state: open, paid, void, written off, disputed."""
    ledger = draw.ledger(whole=True)
    book = Book([], Truth(), balance="billed", tell=False)
    book.doubts.append("the state says what of an amount is owed")
    book.traps.append("states")
    heading = draw.pick(["Amount", "Invoice Amount", "Total"])
    page = invoice_page(draw, book, [Column("billed", (heading,), money=True)], balance=False)
    page.columns.insert(
        draw.pick([1, len(page.columns)]), draw.column("state", heading="" if draw.chance(0.15) else None)
    )
    settled, opened = {kind: draw.pick(said) for kind, said in SETTLED.items()}, draw.pick(OPEN)
    for invoice in invoices_of(draw, ledger):
        taken = next((one for one in ledger.postings if one.settles == invoice.number), None)
        state = settled[taken.kind] if taken else "Disputed" if draw.chance(0.08) else opened
        book.truth.add(invoice.matter, Decimal(0) if taken else invoice.amount)
        row = document(draw, ledger, invoice)
        row.cells |= {"billed": invoice.amount, "state": state}
        page.rows.append(row)
    if draw.chance(0.5):
        add_total(draw, page)
    return book


def open_invoices(draw: Draw) -> Book:
    """Print what is open of each invoice, and money that settles none as a negative line."""
    ledger = draw.ledger()
    book = Book([], Truth())
    original = draw.column("billed", money=True, heading=draw.pick(["Original Amount", "Invoice Amount", "Inv Total"]))
    page = invoice_page(draw, book, [original] if draw.chance(0.35) else [])
    kinds = draw.chance(0.35)
    if kinds:
        page.columns.insert(0, draw.column("kind"))
    said = {Kind.INVOICE: "Invoice", Kind.PAYMENT: "Payment", Kind.CREDIT: "Credit Memo", Kind.WRITE_OFF: "Write-off"}
    for matter in ledger.matters:
        for one, rest in ledger.open_items(matter):
            if rest:
                book.truth.add(matter, rest)
                row = document(draw, ledger, one)
                row.cells |= {"balance": rest, "billed": one.signed, "kind": said[one.kind]}
                page.rows.append(row)
    if draw.chance(0.3):
        draw.dice.shuffle(page.rows)
    add_total(draw, page)
    return book


def invoice_page(draw: Draw, book: Book, money: list[Column], *, balance: bool = True) -> Page:
    """Draw the columns of a page of invoices."""
    number, day = draw.column("number"), draw.column("date")
    who = opening(draw, book)
    if draw.chance(0.3):
        day = draw.column("due") if draw.chance(0.2) else day
    front = [number, day, *who] if draw.chance(0.5) else [*who, number, day]
    if draw.chance(0.25):
        front.append(draw.column("age"))
    columns = with_balance(draw, book, front, money, shuffle=False) if balance else [*front, *money]
    page = Page("Sheet1", columns, [])
    book.pages.append(page)
    return page


def invoices_of(draw: Draw, ledger: Ledger) -> list[Posting]:
    """Give all invoices, in order of number, day or matter."""
    found = [one for one in ledger.postings if one.kind is Kind.INVOICE]
    order = draw.pick(["matter", "number", "day"])
    places = {matter.number: place for place, matter in enumerate(ledger.matters)}
    keys = {
        "matter": lambda one: (places[one.matter.number], one.day),
        "number": lambda one: one.number,
        "day": lambda one: one.day,
    }
    return sorted(found, key=keys[order])  # type: ignore[arg-type]


def document(draw: Draw, ledger: Ledger, one: Posting) -> Row:
    """Make the line of an invoice, payment or credit, but for its amounts."""
    age = (ledger.as_of - one.day).days
    return draw.line(one.matter, number=one.number, date=one.day, due=one.day, age=age)
