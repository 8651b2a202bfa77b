"""Amounts that cannot be taken as they stand, and totals that are not the sum of their rows."""

from decimal import Decimal

from readings.book import Book, Page, Part, Row
from readings.draw import Draw
from readings.ledger import CENT
from readings.style import Style
from readings.traps.rows import additive

NO_AMOUNT = ["#REF!", "#VALUE!", "TBD", "n/a", "see note", "12.34.56", "1O0.00"]


def _owing(book: Book, page: Page) -> list[Row]:
    """Give the lines with a balance, where the balances as they stand are the truth."""
    return [row for row in page.lines() if row.cells.get(book.balance)] if additive(book) and not book.tell else []


def no_amount(draw: Draw, book: Book, page: Page, style: Style) -> bool:
    """Let one line have no amount that can be read."""
    lines = _owing(book, page)
    if len(lines) < 3:
        return False
    row = draw.dice.choice(lines)
    book.truth.owed[row.key] -= row.cells[book.balance]  # type: ignore[operator]
    row.cells[book.balance] = draw.pick(NO_AMOUNT)
    row.formulas = {}
    book.tell = True
    book.doubts.append("an amount cannot be read")
    return True


def part_of_a_cent(draw: Draw, book: Book, page: Page, style: Style) -> bool:
    """Let some lines owe half a cent more, which somebody has to round."""
    lines = _owing(book, page)
    if len(lines) < 3 or style.symbol or style.decimal == "," or style.dust or style.textual or draw.kind == "html":
        return False
    for row in draw.dice.sample(lines, 2):
        amount = row.cells[book.balance]
        assert isinstance(amount, Decimal)
        more = Decimal("0.005") if amount > 0 else Decimal("-0.005")
        row.cells[book.balance] = amount + more
        row.formulas = {}
        book.truth.owed[row.key] += 2 * more  # half up
    book.tell = True
    book.doubts.append("an amount has parts of a cent")
    return True


def wrong_total(draw: Draw, book: Book, page: Page, style: Style) -> bool:
    """Let the total be another than the sum of its rows."""
    total = next((row for row in page.rows if row.part is Part.TOTAL), None)
    if total is None or not _owing(book, page) or book.doubts:
        return False
    amount = total.cells[book.balance]
    assert isinstance(amount, Decimal)
    total.cells[book.balance] = amount + Decimal(draw.dice.randint(1_000, 900_000)) * CENT
    total.formulas = {}
    book.tell = True
    book.doubts.append("the total is not the sum of its rows")
    return True


def foreign_heading(draw: Draw, book: Book, page: Page, style: Style) -> bool:
    """Let the heading say that all amounts are in another currency than the firm's."""
    column = page.column(book.balance)
    if column is None or len(book.pages) > 1 or book.tell or style.symbol or not column.heading[-1]:
        return False
    mark = draw.pick(["{} (EUR)", "{} €", "{} in GBP", "EUR {}", "{} (CAD)"])
    column.heading = (*column.heading[:-1], mark.format(column.heading[-1]))
    book.truth.owed = dict.fromkeys(book.truth.owed, Decimal(0))
    book.tell = True
    book.doubts.append("all amounts are in another currency")
    return True
