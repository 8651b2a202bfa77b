"""What Excel shows, and a reader of values does not see: only where a file can hold it."""

from decimal import Decimal

from readings import words
from readings.book import Book, Column, Page, Part, Row
from readings.draw import Draw, summed
from readings.ledger import CENT
from readings.style import Style
from readings.traps.rows import additive, flat


def hidden_rows(draw: Draw, book: Book, page: Page, style: Style) -> bool:
    """Hide or filter some lines; the total below says whether they count, and without one nobody knows."""
    if draw.kind == "csv":
        return False
    return _unseen(draw, book, page, "hide")


def invisible_rows(draw: Draw, book: Book, page: Page, style: Style) -> bool:
    """Give some lines' amounts the format that shows nothing."""
    if draw.kind != "xlsx" or style.textual:
        return False
    return _unseen(draw, book, page, ";;;")


def _unseen(draw: Draw, book: Book, page: Page, way: str) -> bool:
    lines = [row for row in page.lines() if row.cells.get(book.balance)]
    if not additive(book) or not flat(page) or len(lines) < 5 or any(row.merge for row in page.rows) or book.tell:
        return False
    unseen = draw.dice.sample(lines, draw.dice.randint(1, 3))
    for row in unseen:
        row.hidden = way == "hide"
        if way != "hide":
            row.formats[book.balance] = way
    page.filtered = way == "hide" and draw.kind == "xlsx" and draw.chance(0.5)
    total = next((row for row in page.rows if row.part is Part.TOTAL), None)
    if draw.chance(0.5):
        for row in unseen:
            book.truth.owed[row.key] -= row.cells[book.balance]  # type: ignore[operator]
        if total:
            seen = [row for row in page.lines() if row not in unseen]
            total.cells |= summed(seen, [role for role, value in total.cells.items() if isinstance(value, Decimal)])
    book.tell = book.tell or total is None
    book.doubts.append("lines are not shown")
    return True


def stale_column(draw: Draw, book: Book, page: Page, style: Style) -> bool:
    """Keep an old balance in a hidden column."""
    if draw.kind in {"csv", "html"} or book.proof.startswith("running"):
        return False
    place = next((place for place, one in enumerate(page.columns) if one.role == book.balance), None)
    if place is None:
        return False
    page.columns.insert(place, Column("stale", (draw.pick(words.HEADINGS["stale"]),), money=True, hidden=True))
    for row in page.lines():
        row.cells["stale"] = Decimal(draw.dice.randint(0, 900_000)) * CENT
    book.doubts.append("an old balance stands in a hidden column")
    return True


def hidden_balance(draw: Draw, book: Book, page: Page, style: Style) -> bool:
    """Hide the column that is owed, while other money is seen."""
    column = page.column(book.balance)
    if draw.kind not in {"xlsx", "ods"} or column is None or sum(one.money for one in page.columns) < 2:
        return False
    column.hidden = True
    book.doubts.append("the column that is owed is hidden")
    return True


def hidden_column(draw: Draw, book: Book, page: Page, style: Style) -> bool:
    """Hide a column that nobody needs."""
    spare = [one for one in page.columns if one.role in {"subject", "client", "due", "age", "phone", "hours", "rate"}]
    if draw.kind not in {"xlsx", "ods"} or not spare or page.column("matter") is None:
        return False
    draw.dice.choice(spare).hidden = True
    return True


def hidden_sheet(draw: Draw, book: Book, page: Page, style: Style) -> bool:
    """Keep an old list on a hidden sheet."""
    if draw.kind != "xlsx" or len(book.pages) > 1 or not additive(book):
        return False
    rows = [
        Row(Part.OTHER, row.cells | {book.balance: Decimal(draw.dice.randint(0, 900_000)) * CENT})
        for row in page.lines()
    ]
    columns = [Column(one.role, one.heading, one.money) for one in page.columns]
    book.pages.append(Page("Old", columns, rows, unseen=True))
    return True


def thousands_format(draw: Draw, book: Book, page: Page, style: Style) -> bool:
    """Show the amounts in thousands while the cells hold them whole."""
    column = page.column(book.balance)
    if draw.kind != "xlsx" or style.textual or column is None:
        return False
    column.format = draw.pick(["#,##0,", "0.0,", '#,##0,"k"'])
    book.doubts.append("shown in thousands")
    return True


def unstored_formulas(draw: Draw, book: Book, page: Page, style: Style) -> bool:
    """Leave the values of formulas out, as a program does that writes them and never calculates."""
    rows = [row for row in page.lines() if row.formulas]
    if draw.kind != "xlsx" or style.textual or not rows:
        return False
    chosen = rows if draw.chance(0.6) else draw.dice.sample(rows, 1)
    way = draw.pick(["zero", "missing"])
    for row in chosen:
        row.unstored = way
    if len(chosen) == len(rows):
        for row in page.rows:
            row.unstored = way
    book.doubts.append("formulas have no values")
    return True


def other_sheets(draw: Draw, book: Book, page: Page, style: Style) -> bool:
    """Add a sheet with something else: parameters, or a summary by user."""
    if draw.kind not in {"xlsx", "ods"} or len(book.pages) > 1:
        return False
    if draw.chance(0.5):
        rows = [Row(Part.OTHER, {"a": a, "b": b}) for a, b in (("Report", "A/R"), ("Run by", "AB"), ("Office", "All"))]
        other = Page("Parameters", [Column("a", ("Parameter",)), Column("b", ("Value",))], rows)
    else:
        sums: dict[str, Decimal] = {}
        for row in page.lines():
            amount = row.cells.get(book.balance)
            user = str(row.cells.get("user") or "")
            if isinstance(amount, Decimal):
                sums[user] = sums.get(user, Decimal(0)) + amount
        rows = [Row(Part.OTHER, {"a": user, "b": amount}) for user, amount in sums.items()]
        other = Page("Summary", [Column("a", ("Lawyer",)), Column("b", ("Amount",), money=True)], rows)
        book.doubts.append("another sheet has amounts")
    first = draw.chance(0.5)
    book.pages.insert(0 if first else 1, other)
    book.active = 1 if first and draw.chance(0.7) else 0
    return True


def matter_as_number(draw: Draw, book: Book, page: Page, style: Style) -> bool:
    """Keep matters' numbers as numbers, where they are whole numbers."""
    lines = [row for row in page.lines() if isinstance(row.cells.get("matter"), str)]
    if not lines or draw.kind not in {"xlsx", "ods"} or not all(str(row.cells["matter"]).isdigit() for row in lines):
        return False
    for row in lines:
        row.cells["matter"] = int(str(row.cells["matter"]))
    return all(not str(row.cells["matter"]).startswith("0") for row in lines)
