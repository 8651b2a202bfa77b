"""Reports by age: a summary by matter, and the invoices of each client."""

from readings import words
from readings.book import Book, Column, Page, Truth
from readings.draw import Draw
from readings.families.lists import opening
from readings.totals import add_total


def summary(draw: Draw) -> Book:
    """Print a line for each matter with its balance by age."""
    ledger = draw.ledger()
    book = Book([], Truth(), proof="buckets = balance")
    edges = draw.pick(list(words.EDGES))
    ages = [Column(f"age{place}", (name,), money=True) for place, name in enumerate(draw.pick(words.EDGES[edges]))]
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
