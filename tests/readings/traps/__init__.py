"""What else stands in files: each trap changes a book and says whether it could, and what it puts in doubt."""

from collections.abc import Callable

from readings.book import Book, Page
from readings.draw import Draw
from readings.style import Style
from readings.traps import amounts, dress, excel, rows, text

Trap = Callable[[Draw, Book, Page, Style], bool]
TRAPS: dict[Trap, int] = {  # with how often each is tried, of a hundred
    rows.comments: 14,
    rows.phones: 5,
    rows.repeated_headings: 8,
    rows.money_below: 6,
    rows.leading_blank: 5,
    rows.matter_once: 10,
    rows.user_once: 6,
    rows.described_matters: 7,
    rows.second_table: 4,
    rows.blank_rows: 5,
    rows.twice: 6,
    rows.past_the_header: 5,
    rows.other_currency: 6,
    rows.thousands_in_title: 3,
    amounts.no_amount: 4,
    amounts.part_of_a_cent: 3,
    amounts.wrong_total: 4,
    amounts.foreign_heading: 3,
    excel.hidden_rows: 7,
    excel.stale_column: 5,
    excel.hidden_balance: 2,
    excel.hidden_column: 4,
    excel.invisible_rows: 4,
    excel.thousands_format: 4,
    excel.unstored_formulas: 7,
    excel.hidden_sheet: 4,
    excel.other_sheets: 6,
    excel.matter_as_number: 20,
    text.swallowing_quote: 5,
    text.loose_thousands: 4,
}


def lay_traps(draw: Draw, book: Book, family: str, style: Style) -> None:
    """Give every page its titles and ends, dress its headings, and lay the traps that the dice want."""
    book.as_of = draw.as_of
    for page in book.pages:
        dress.titles(draw, page, family, book)
        dress.headings(draw, book, page)
    for trap, share in TRAPS.items():
        if draw.chance(share / 100):
            for page in book.pages[:1] if trap in FIRST else [one for one in book.pages if one.lines()]:
                if trap(draw, book, page, style):
                    name = trap.__name__.replace("_", " ")
                    book.traps += [] if name in book.traps else [name]
    book.doubts = list(dict.fromkeys(book.doubts))
    for page in book.pages:
        dress.end(draw, page)


FIRST = {
    excel.other_sheets,
    excel.hidden_sheet,
    amounts.no_amount,
    amounts.part_of_a_cent,
    amounts.wrong_total,
    rows.twice,
    rows.past_the_header,
    rows.other_currency,
}
