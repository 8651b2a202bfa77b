"""What came and went, line by line: transactions by type, ledgers with a running balance, statements."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

from readings.book import Book, Column, Page, Part, Row, Truth, Value
from readings.draw import Draw, summed
from readings.families.lists import opening
from readings.ledger import Kind, Ledger, Matter, Posting
from readings.totals import add_total

TYPES = [("Invoice", "Payment", "Credit Memo", "Write-off"), ("Invoice", "Payment", "Credit Note", "Write Off"),
         ("Bill", "Receipt", "Credit", "Adjustment"), ("INV", "PMT", "CM", "WO"), ("I", "P", "C", "W")]  # fmt: skip
TOLD = 3  # of these, those whose words leave no doubt come first


def types(draw: Draw) -> Book:
    """Print invoices, payments and credits with their type, and amounts with or without a sign."""
    ledger = draw.ledger()
    book = Book([], Truth(), balance="amount")
    signed = draw.plain or draw.chance(0.35)
    said = draw.pick(TYPES)
    book.traps.append("types: signed" if signed else "types: no signs")
    kind = draw.column("kind", heading="" if draw.chance(0.15) else None)
    who = opening(draw, book)
    front = [draw.column("date"), kind, draw.column("number"), *who]
    amount = Column("amount", (draw.pick(["Amount", "Amount", "Trans Amount", "Net Amount", "Total"]),), money=True)
    page = Page("Sheet1", [*front, amount], [])
    book.pages.append(page)
    book.known = amount.heading[0] == "Amount"
    if not signed and (TYPES.index(said) >= TOLD or not kind.heading[0]):
        book.doubts.append("types are coded or have no heading")
    order = draw.pick(["matter", "day"])
    for one in _ordered(ledger, order):
        book.truth.add(one.matter, one.signed)
        row = posting(draw, one, dict(zip(Kind, said, strict=True)))
        row.cells["amount"] = one.signed if signed else one.amount
        page.rows.append(row)
    add_total(draw, page)
    net = sum(book.truth.owed.values(), Decimal(0))
    for row in page.rows:
        if row.part is Part.TOTAL and not signed:
            row.cells["amount"], row.formulas = net, {}
    page.rows = [row for row in page.rows if row.part is not Part.OTHER]
    return book


def _ordered(ledger: Ledger, order: str) -> list[Posting]:
    if order == "day":
        return list(ledger.postings)
    return [one for matter in ledger.matters for one in ledger.of(matter)]


def posting(draw: Draw, one: Posting, said: dict[Kind, str]) -> Row:
    """Make the line of one posting, but for its amounts."""
    return draw.line(
        one.matter, date=one.day, number=one.number, kind=said[one.kind], note=f"{said[one.kind]} {one.number}"
    )


def client_ledger(draw: Draw) -> Book:
    """Print each matter's debits and credits with its running balance."""
    ledger = draw.ledger()
    book = Book([], Truth(), balance="running", proof="running balance")
    grouped = draw.chance(0.6)  # matters head groups, else stand in each line
    label = draw.pick(["Matter: {x}", "Matter: {x}", "Matter No. {x}", "{x}"])
    who = [] if grouped else [draw.column("matter", known=0.8)]
    page = Page("Sheet1", [*who, *_sides(draw)], [])
    book.pages.append(page)
    if grouped and label != "Matter: {x}":
        book.doubts.append("rows name matters, and nothing says so")
    if grouped and draw.chance(0.4):
        book.traps.append("clients head matters")
    forward = ledger.as_of - dt.timedelta(days=90) if draw.chance(0.35) else None
    closing = draw.pick(["Closing balance", "Balance due", "Total {x}", "Total for {x}", "Balance carried forward", ""])
    client = None
    for matter in ledger.matters:
        rows = list(running(draw, ledger, matter, forward))
        book.truth.add(matter, ledger.owed(matter))
        if "clients head matters" in book.traps and matter.client is not client:
            client = matter.client
            page.rows.append(Row(Part.GROUP, {page.columns[0].role: f"Client: {client.name}"}))
        if grouped:
            page.rows.append(Row(Part.GROUP, {page.columns[0].role: label.format(x=matter.number)}))
        page.rows += rows
        if grouped and closing:
            page.rows.append(_closing(page, rows, closing.format(x=matter.number)))
    return book


def _sides(draw: Draw) -> list[Column]:
    """Draw the columns of a ledger."""
    debit = draw.pick(["Debit", "Charges", "Invoiced", "Dr", "Billed"])
    credit = {"Debit": "Credit", "Dr": "Cr"}.get(debit) or draw.pick(["Payments", "Paid", "Receipts"])
    balance = draw.pick(["Balance", "Running Balance", "Balance", "Bal."])
    return [
        draw.column("date"),
        draw.column("number"),
        draw.column("note"),
        Column("debit", (debit,), money=True),
        Column("credit", (credit,), money=True),
        Column("running", (balance,), money=True),
    ]


def running(draw: Draw, ledger: Ledger, matter: Matter, forward: dt.date | None) -> Iterator[Row]:
    """Give a matter's lines with the balance after each; what came before a day is one line."""
    said = dict(zip(Kind, TYPES[0], strict=True))
    balance = Decimal(0)
    if forward:
        balance = ledger.owed(matter, forward)
        opened = (
            "Balance forward" if draw.plain else draw.pick(["Balance forward", "Opening balance", "Brought forward"])
        )
        yield draw.line(matter, date=forward, note=opened, running=balance)
    for one in ledger.of(matter):
        if forward is None or one.day > forward:
            balance += one.signed
            row = posting(draw, one, said)
            side: dict[str, Value] = {"debit" if one.kind is Kind.INVOICE else "credit": one.amount}
            row.cells |= {**side, "running": balance}
            yield row


def _closing(page: Page, rows: list[Row], label: str) -> Row:
    """Make the last line of a matter: both sides' sums and what it owes."""
    last = rows[-1].cells["running"] if rows else Decimal(0)
    where = page.columns[0].role
    return Row(Part.SUBTOTAL, {where: label, **summed(rows, ["debit", "credit"]), "running": last})


def statement(draw: Draw) -> Book:
    """Print statements of account: one for a matter, on sheets of their own or below one another."""
    ledger = draw.ledger(most=6)
    book = Book([], Truth(), balance="running", proof="running balance")
    way = draw.pick(["one", "sheets" if draw.kind in {"xlsx", "ods"} else "below", "below"])
    book.traps.append(f"statements: {way}")
    matters = ledger.matters[:1] if way == "one" else ledger.matters[:4]
    if way != "one":
        book.doubts.append("several statements in one file")
    columns = _sides(draw)
    label = draw.pick(["Matter: {x}", "Matter: {x}", "Matter No.: {x}", "Re: {x}"])
    if label != "Matter: {x}":
        book.doubts.append("the title names the matter in other words")
    due = draw.pick(["Balance due", "Amount due", "Total due", "PLEASE PAY", "Balance"])
    two_cells = draw.chance(0.3)
    for nth, matter in enumerate(matters):
        book.truth.add(matter, ledger.owed(matter))
        heads = [["Client: " + matter.client.name], [label.format(x=matter.number)]]
        if two_cells:
            heads = [[head, tail.strip()] for head, _, tail in (one[0].partition(" ") for one in heads)]
        rows = list(running(draw, ledger, matter, None))
        rows.append(Row(Part.TOTAL, {"note": due, "running": ledger.owed(matter)}))
        if nth == 0 or way == "sheets":
            day = [f"As of {ledger.as_of:%B} {ledger.as_of.day}, {ledger.as_of.year}"]
            titles: list[list[Value]] = [["Hale & North LLP"], ["STATEMENT OF ACCOUNT"], *heads, day, []]
            book.pages.append(Page(f"Statement {nth + 1}", [*columns], rows, titles))
        else:
            page = book.pages[0]
            roles = [one.role for one in page.columns]
            page.rows.append(Row(Part.OTHER))
            page.rows += [Row(Part.GROUP, dict(zip(roles, head, strict=False))) for head in heads]
            page.rows += [Row(Part.HEAD), *rows]
    return book
