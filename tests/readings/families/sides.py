"""Debit and credit: in two columns, by a mark beside the amount, in its text or in its format."""

from decimal import Decimal

from readings.book import Book, Column, Page, Part, Truth, Value
from readings.draw import Draw
from readings.families.lists import opening, with_balance
from readings.totals import add_total

MARKS = [("Dr", "Cr"), ("DR", "CR"), ("D", "C"), ("Debit", "Credit"), ("+", "-"), ("dr", "cr")]
WAYS = ["both", "columns", "mark", "mark", "text", "format"]


def dr_cr(draw: Draw) -> Book:
    """Print what each matter owes, or has paid too much, by side."""
    ledger = draw.ledger(credits_at_least=2)
    book = Book([], Truth())
    way = draw.pick(WAYS)
    if way == "format" and draw.kind != "xlsx":
        way = "text"
    book.traps.append(f"dr/cr: {way}")
    page = Page("Sheet1", _columns(draw, book, way), [])
    book.pages.append(page)
    marks = draw.pick(MARKS)
    for matter in ledger.matters:
        owed = ledger.owed(matter)
        if owed:
            book.truth.add(matter, owed)
            row = draw.line(matter, **_amounts(way, owed, marks))
            if way == "format":
                row.formats["balance"] = f'#,##0.00" {("Dr", "Cr")[owed < 0]}"'
            page.rows.append(row)
    if way in {"columns", "both"}:
        add_total(draw, page)
    elif way == "mark":
        _marked_total(draw, page, sum(book.truth.owed.values(), Decimal(0)), marks)
    return book


def _columns(draw: Draw, book: Book, way: str) -> list[Column]:
    if way in {"columns", "both"}:
        more = [draw.column("debit", money=True), draw.column("credit", money=True)]
        columns = with_balance(draw, book, opening(draw, book), more, shuffle=False)
        if way == "both":
            book.proof = "debit - credit = balance"
        else:
            columns.pop()
            book.known = False
        return columns
    columns = with_balance(draw, book, opening(draw, book), [])
    if way == "mark":
        headed = not draw.chance(0.3)
        columns.append(draw.column("mark", heading=None if headed else ""))
        if not headed:
            book.doubts.append("the mark has no heading")
    elif way == "format":
        book.doubts.append("the side stands in the format alone")
    return columns


def _amounts(way: str, owed: Decimal, marks: tuple[str, str]) -> dict[str, Value]:
    """Give the cells of a balance."""
    if way in {"columns", "both"}:
        return {"balance": owed, "debit": owed if owed > 0 else None, "credit": -owed if owed < 0 else None}
    mark = marks[owed < 0]
    if way == "text":
        return {"balance": f"{abs(owed):,.2f} {mark if len(mark) == 2 else ('Dr', 'Cr')[owed < 0]}"}
    return {"balance": abs(owed), "mark": mark}


def _marked_total(draw: Draw, page: Page, net: Decimal, marks: tuple[str, str]) -> None:
    """Put a total with its own mark below."""
    add_total(draw, page)
    page.rows = [row for row in page.rows if row.part is not Part.OTHER]
    if page.rows[-1].part is Part.TOTAL:
        page.rows[-1].cells |= {"balance": abs(net), "mark": marks[net < 0]}
        page.rows[-1].formulas = {}
