"""Reports by age: a summary by matter, and the invoices of each client, matter or age."""

from collections import defaultdict
from decimal import Decimal

from readings import words
from readings.book import Book, Column, Page, Part, Row, Truth
from readings.draw import Draw
from readings.families.lists import opening, with_balance
from readings.ledger import Ledger, Matter, Posting, bucket
from readings.totals import add_total, subtotal


def summary(draw: Draw) -> Book:
    """Print a line for each matter with its balance by age."""
    ledger = draw.ledger()
    book = Book([], Truth(), proof="buckets = balance")
    edges, ages = _ages(draw)
    total = Column("balance", (draw.pick(words.AGEING_TOTAL),), money=True)
    book.known = total.heading[0] in words.KNOWN["balance"]
    money = [total, *ages] if draw.chance(0.2) else [*ages, total]
    page = Page("Sheet1", [*opening(draw, book), *money], [])
    book.pages.append(page)
    zeros = draw.chance(0.4)
    for matter in ledger.matters:
        owed, buckets = ledger.owed(matter), ledger.buckets(matter, edges)
        if owed or zeros or any(buckets):
            book.truth.add(matter, owed)
            row = draw.line(matter, balance=owed, **{f"age{place}": one for place, one in enumerate(buckets)})
            row.formulas["balance"] = f"SUM({{age0}}:{{age{len(ages) - 1}}})"
            page.rows.append(row)
    add_total(draw, page)
    return book


def _ages(draw: Draw) -> tuple[tuple[int, ...], list[Column]]:
    """Draw the ages and their columns."""
    edges = draw.pick(list(words.EDGES))
    names = draw.pick(words.EDGES[edges])
    return edges, [Column(f"age{place}", (name,), money=True) for place, name in enumerate(names)]


def detail(draw: Draw) -> Book:
    """Print the open invoices in groups: by client, by matter, or by age."""
    ledger = draw.ledger()
    book = Book([], Truth())
    edges, ages = _ages(draw)
    way = draw.pick(["client", "client", "matter", "age"])
    book.traps.append(f"detail by {way}")
    across = way != "age" and draw.chance(0.35)
    if across:
        book.proof = "buckets = balance"
    front = [draw.column("number"), draw.column("date")]
    if way != "matter":
        matter = draw.column("matter", known=0.8)
        front = [matter, *front] if draw.plain or draw.chance(0.6) else [*front, matter]
        front += draw.user_column(book, share=0.3)
    if draw.chance(0.4):
        front.append(draw.column("due"))
    if draw.chance(0.3):
        front.append(draw.column("age"))
    original = [draw.column("billed", money=True)] if not across and draw.chance(0.25) else []
    page = Page("Sheet1", with_balance(draw, book, front, ages if across else original, shuffle=False), [])
    book.pages.append(page)
    groups: dict[str, list[Row]] = defaultdict(list)
    for place, matter in enumerate(ledger.matters):
        for one, rest in ledger.open_items(matter):
            if rest:
                book.truth.add(matter, rest)
                age = bucket((ledger.as_of - one.day).days, edges)
                row = item(draw, ledger, one, rest)
                row.cells |= {f"age{age}": rest, "billed": one.signed}
                groups[_group(way, matter, place, f"{age} {ages[age].heading[0]}")].append(row)
    _in_groups(draw, book, page, groups, way)
    return book


def _group(way: str, matter: Matter, place: int, age: str) -> str:
    """Give what groups are sorted by, a blank, and their name."""
    return {"client": f"{place:03} {matter.client.name}", "matter": f"{place:03} {matter.number}", "age": age}[way]


def _in_groups(draw: Draw, book: Book, page: Page, groups: dict[str, list[Row]], way: str) -> None:
    """Put the groups onto the page, those of one name together."""
    word = {"client": "Client", "matter": "Matter", "age": "Aging"}[way]
    label = draw.pick([f"{word}: {{x}}", f"{word}: {{x}}", "{x}", f"{word} {{x}}"])
    if way == "matter" and label != "Matter: {x}":
        book.doubts.append("rows name matters, and nothing says so")
    where = page.columns[0].role
    totals = draw.pick(words.SUBTOTALS) if draw.plain or draw.chance(0.7) else None
    named: dict[str, list[Row]] = defaultdict(list)
    for key in sorted(groups):
        named[key.partition(" ")[2]] += groups[key]
    for name, rows in named.items():
        page.rows.append(Row(Part.GROUP, {where: label.format(x=name)}))
        page.rows += rows
        if totals is not None:
            page.rows.append(subtotal(draw, totals, name, rows, page, where))
    add_total(draw, page)


def item(draw: Draw, ledger: Ledger, one: Posting, rest: Decimal) -> Row:
    """Make the line of an open invoice, or of money that settles none."""
    age = (ledger.as_of - one.day).days
    return draw.line(one.matter, number=one.number, date=one.day, due=one.day, age=age, balance=rest)
