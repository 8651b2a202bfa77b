"""What only delimited text can do."""

from readings.book import Book, Column, Page
from readings.draw import Draw
from readings.style import Style

QUOTE = "\x00"  # becomes a quote that nothing escapes


def swallowing_quote(draw: Draw, book: Book, page: Page, style: Style) -> bool:
    """Let a comment begin with a quote that ends in a comment some rows further down."""
    lines = page.lines()
    if draw.kind != "csv" or len(lines) < 6 or page.column("comments"):
        return False
    page.columns.append(Column("comments", ("Comments",)))
    start = draw.dice.randint(1, len(lines) - 3)
    lines[start].cells["comments"] = f"{QUOTE}urgent call"
    lines[start + draw.dice.randint(1, 2)].cells["comments"] = f"as agreed{QUOTE}"
    book.doubts.append("a quoted cell swallows rows")
    return True


def loose_thousands(draw: Draw, book: Book, page: Page, style: Style) -> bool:
    """Write thousands with commas between commas, and no quotes."""
    if draw.kind != "csv" or style.decimal == "," or style.group != "," or style.trimmed or style.indian:
        return False
    book.loose = True
    book.doubts.append("thousands have no quotes")
    return True
