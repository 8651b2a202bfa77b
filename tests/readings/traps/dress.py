"""Titles above, print lines below, and headings in two rows, with a day or with a currency."""

from readings import words
from readings.book import Book, Column, Page, Part, Row
from readings.draw import Draw


def titles(draw: Draw, page: Page, family: str, book: Book) -> None:
    """Put the report's name and day above the headings."""
    if page.titles or not (draw.plain or draw.dice.random() < 0.7) or family == "template":
        return
    day = book.as_of
    said = draw.pick(
        [f"As of {day:%B} {day.day}, {day.year}", f"As of {day:%m/%d/%Y}", f"{day:%d %b %Y}", f"Through {day:%Y-%m-%d}"]
    )
    page.titles = [[draw.pick(words.FIRMS)], [draw.pick(words.REPORTS[family])], [said]]
    if draw.chance(0.2):
        page.titles.insert(draw.pick([0, 3]), [draw.pick(words.PRINTED).format(n=1)])
    if draw.chance(0.15):
        page.titles.append(
            [
                draw.pick(
                    ["Currency: USD", "All amounts in USD", "Filter: Status = Open; Office = All", "Sorted by matter"]
                )
            ]
        )
    if draw.chance(0.6) or draw.plain:
        page.titles.append([])
    page.wide_titles = len(page.columns) > 1 and draw.chance(0.2)


def headings(draw: Draw, book: Book, page: Page) -> None:
    """Dress the headings of amounts."""
    balance = page.column(book.balance)
    if balance is None or not balance.heading[-1] or not draw.chance(0.22):
        return
    way = draw.pick([_currency, _break, _two_rows, _merged, *([_day] if len(book.pages) == 1 else [])])
    way(draw, book, page, balance)
    book.traps.append(f"heading: {way.__name__.strip('_').replace('_', ' ')}")


def _day(draw: Draw, book: Book, page: Page, balance: Column) -> None:
    word, day = balance.heading[-1], book.as_of
    ways = [f"{word} {day:%m/%d/%Y}", f"{word} as of {day:%b} {day.day}, {day.year}", f"{word} at {day:%d/%m/%Y}"]
    balance.heading = (draw.pick(ways),)
    book.known = False


def _currency(draw: Draw, book: Book, page: Page, balance: Column) -> None:
    mark = draw.pick(["{} (USD)", "{} $", "{}, US$", "{} USD", "USD {}"])
    for column in page.columns:
        if column.money and column.heading[-1]:
            column.heading = (mark.format(column.heading[-1]),)
    book.known = False


def _break(draw: Draw, book: Book, page: Page, balance: Column) -> None:
    balance.heading = (balance.heading[-1].replace(" ", "\n", 1),)


def _two_rows(draw: Draw, book: Book, page: Page, balance: Column) -> None:
    for column in page.columns:
        head, _, tail = column.heading[-1].rpartition(" ")
        column.heading = (head, tail)
    book.known = False


def _merged(draw: Draw, book: Book, page: Page, balance: Column) -> None:
    above = draw.pick(["Receivables", "Amounts", "USD", "Fees and costs"])
    side_by_side = spanned(page)
    for column in page.columns:
        if not column.money:
            column.heading = ("", column.heading[-1])
        elif side_by_side:
            column.heading = (above if column.role == first_money(page) else "", column.heading[-1])
            column.span = above
        else:
            column.heading = (above, column.heading[-1])


def first_money(page: Page) -> str:
    """Name the first column of amounts."""
    return next(one.role for one in page.columns if one.money)


def spanned(page: Page) -> bool:
    """Say whether all amounts stand side by side, so that one cell can be merged above them."""
    places = [place for place, one in enumerate(page.columns) if one.money]
    return places[-1] - places[0] == len(places) - 1


def end(draw: Draw, page: Page) -> None:
    """Put a print line below all."""
    if draw.chance(0.2):
        page.rows += [Row(Part.OTHER)] * draw.dice.choice([0, 1])
        line = draw.pick([*words.ENDS, *words.PRINTED]).format(n=1)
        page.rows.append(Row(Part.OTHER, {page.columns[0].role: line}))
