"""Rows and cells that any kind of file may have."""

from decimal import Decimal

from readings import words
from readings.book import Book, Column, Page, Part, Row
from readings.draw import Draw
from readings.ledger import CENT
from readings.style import Style

FOREIGN = {"EUR": "€", "GBP": "£", "CAD": "CA$"}


def additive(book: Book) -> bool:
    """Say whether the lines' amounts, as they stand, are the truth."""
    sums = dict.fromkeys(book.truth.owed, Decimal(0))
    for page in book.pages:
        if page.lines() and page.column(book.balance) is None:
            return False
        for row in page.lines():
            amount = row.cells.get(book.balance)
            if not isinstance(amount, Decimal) or row.key not in sums:
                return False
            sums[row.key] += amount
    return sums == book.truth.owed


def flat(page: Page) -> bool:
    """Say whether the page has no groups."""
    return not any(row.part in {Part.GROUP, Part.SUBTOTAL} for row in page.rows)


def place(page: Page, row: Row) -> int:
    """Give the place of a row, which may have equals."""
    return next(place for place, one in enumerate(page.rows) if one is row)


def comments(draw: Draw, book: Book, page: Page, style: Style) -> bool:
    """Add a column of comments."""
    heading = draw.pick(words.HEADINGS["comments"])
    page.columns.insert(draw.pick([len(page.columns), len(page.columns), 1]), Column("comments", (heading,)))
    for row in page.lines():
        if draw.dice.random() < 0.3:
            row.cells["comments"] = draw.pick(words.COMMENTS)
    return True


def phones(draw: Draw, book: Book, page: Page, style: Style) -> bool:
    """Add a column of phone numbers, or of e-mail addresses of clients."""
    page.columns.append(Column("phone", (draw.pick(words.HEADINGS["phone"]),)))
    for row in page.lines():
        row.cells["phone"] = f"({draw.dice.randint(201, 989)}) 555-{draw.dice.randint(100, 199):04}"
    return True


def repeated_headings(draw: Draw, book: Book, page: Page, style: Style) -> bool:
    """Break the page: a print line, and the headings once more."""
    if len(page.rows) < 6:
        return False
    place = draw.dice.randint(3, len(page.rows) - 2)
    if any(row.merge for row in page.rows) or page.rows[place].part is not Part.LINE:
        return False
    between = [Row(Part.HEAD)]
    if draw.chance(0.7):
        between.insert(0, Row(Part.OTHER, {page.columns[0].role: draw.pick(words.PRINTED).format(n=2)}))
    page.rows[place:place] = between
    return True


def money_below(draw: Draw, book: Book, page: Page, style: Style) -> bool:
    """Put a line below the total that has an amount but is no balance."""
    if not page.rows or page.rows[-1].part is not Part.TOTAL:
        return False
    amount = Decimal(draw.dice.randint(1_000, 5_000_000)) * CENT
    page.rows.append(Row(Part.OTHER, {page.columns[0].role: draw.pick(words.BELOW), book.balance: amount}))
    return True


def leading_blank(draw: Draw, book: Book, page: Page, style: Style) -> bool:
    """Let the first text of some rows begin with a blank: a slip, no outline."""
    for row in draw.dice.sample(page.lines(), min(2, len(page.lines()))):
        row.indent = 1
    return bool(page.lines())


def once(draw: Draw, book: Book, page: Page, role: str) -> bool:
    """Write a cell only in the first of equal rows: merged where the file can, else blank below."""
    if page.column(role) is None or any(row.merge for row in page.rows):
        return False
    rows, start, done = page.rows, 0, False
    while start < len(rows):
        end = start + 1
        while (
            end < len(rows)
            and rows[end].part is rows[start].part is Part.LINE
            and rows[end].cells[role] == rows[start].cells[role]
        ):
            end += 1
        if end - start > 1:
            done = True
            for row in rows[start + 1 : end]:
                row.cells[role] = None
            if draw.kind != "csv":
                rows[start].merge[role] = end - start
        start = end
    return done


def matter_once(draw: Draw, book: Book, page: Page, style: Style) -> bool:
    """Write a matter, or a client, only in the first of its rows."""
    keys = [row.key for row in page.lines()]
    role = "matter" if len(set(keys)) < len(keys) else "client"
    return once(draw, book, page, role)


def user_once(draw: Draw, book: Book, page: Page, style: Style) -> bool:
    """Write a user only in the first of equal rows."""
    if not once(draw, book, page, "user"):
        return False
    if draw.kind == "csv":
        book.doubts.append("blank cells below a user's name")
    return True


def described_matters(draw: Draw, book: Book, page: Page, style: Style) -> bool:
    """Write matters as Clio shows them, with the description after a colon."""
    if page.column("matter") is None or page.column("subject") is not None:
        return False
    for row in page.lines():
        if isinstance(row.cells.get("matter"), str):
            row.cells["matter"] = f"{row.cells['matter']}: {row.cells['subject']}"
    return True


def second_table(draw: Draw, book: Book, page: Page, style: Style) -> bool:
    """Put a small table of sums below the first."""
    sums: dict[str, Decimal] = {}
    for row in page.lines():
        user, amount = row.cells.get("user"), row.cells.get(book.balance)
        if isinstance(user, str) and isinstance(amount, Decimal):
            sums[user] = sums.get(user, Decimal(0)) + amount
    if not sums or len(page.columns) < 3:
        return False
    first = page.columns[0].role
    page.rows += [Row(Part.OTHER), Row(Part.OTHER, {first: "By lawyer", book.balance: "Amount"})]
    page.rows += [Row(Part.OTHER, {first: user, book.balance: amount}) for user, amount in sums.items()]
    return True


def blank_rows(draw: Draw, book: Book, page: Page, style: Style) -> bool:
    """Leave rows blank between lines."""
    if any(row.merge for row in page.rows) or len(page.rows) < 4:
        return False
    for _ in range(draw.dice.randint(1, 3)):
        page.rows.insert(draw.dice.randint(1, len(page.rows) - 1), Row(Part.OTHER))
    return True


def twice(draw: Draw, book: Book, page: Page, style: Style) -> bool:
    """Print one invoice twice: whether it is owed twice, no sheet can say."""
    rows = [row for row in page.lines() if isinstance(row.cells.get(book.balance), Decimal) and row.cells[book.balance]]
    if (
        page.column("number") is None
        or not rows
        or any(row.merge for row in page.rows)
        or book.proof == "running balance"
    ):
        return False
    row = draw.dice.choice(rows)
    again = Row(row.part, dict(row.cells), row.key)
    next_to_it, last = (place(page, one) + 1 for one in (row, page.lines()[-1]))
    stands_alone = flat(page) and row.cells.get("matter") is not None and page.column("matter") is not None
    page.rows.insert(draw.pick([next_to_it, last]) if stands_alone else next_to_it, again)
    book.tell = True
    book.doubts.append("an invoice stands there twice")
    return True


def past_the_header(draw: Draw, book: Book, page: Page, style: Style) -> bool:
    """Write something into a cell to the right of the last heading."""
    row = draw.dice.choice(page.lines())
    word = draw.pick(["see note", "CREDIT", "-500.00", "125.00", "ask KB"])
    row.beyond = [None] * draw.dice.choice([0, 1]) + [word]
    book.tell = book.tell or word in {"-500.00", "125.00", "CREDIT"}
    book.doubts.append("a cell past the header")
    return True


def other_currency(draw: Draw, book: Book, page: Page, style: Style) -> bool:
    """Let some lines be in another currency: by sign, code, format or a column of its own."""
    if not additive(book) or book.doubts or len(page.lines()) < 4 or style.decimal == ",":
        return False
    code = draw.pick(list(FOREIGN))
    sign = FOREIGN[code]
    way = draw.pick(["column", "format" if draw.kind == "xlsx" and not style.textual else "text", "text"])
    if way == "column":
        page.columns.append(Column("currency", (draw.pick(words.HEADINGS["currency"]),)))
    chosen = draw.dice.sample([row for row in page.lines() if row.cells[book.balance]], 2)
    for row in page.lines():
        row.cells["currency"] = "USD"
    for row in chosen:
        amount = row.cells[book.balance]
        book.truth.owed[row.key] -= amount  # type: ignore[operator]
        row.cells["currency"] = code
        if way == "text":
            row.cells[book.balance] = draw.pick([f"{sign}{amount:,.2f}", f"{amount:,.2f} {code}"])
            row.formulas = {}
        elif way == "format":
            row.formats[book.balance] = f"[${sign}-809]#,##0.00"
    book.tell = True
    book.traps.append(f"other currency by {way}")
    book.doubts.append("some lines are in another currency")
    return True


def thousands_in_title(draw: Draw, book: Book, page: Page, style: Style) -> bool:
    """Say in a title that all amounts are in thousands."""
    if (
        not page.titles
        or len(book.pages) > 1
        or style.textual
        or style.symbol
        or style.dust
        or not additive(book)
        or draw.kind == "html"
    ):
        return False
    money = [column.role for column in page.columns if column.money]
    page.titles.insert(2, [draw.pick(["(in thousands)", "Amounts in thousands of dollars", "in USD '000", "$000s"])])
    for row in page.rows:
        for role in money:
            amount = row.cells.get(role)
            if isinstance(amount, Decimal):
                row.cells[role] = (amount / 1000).quantize(CENT)
        row.formulas = {}
    book.tell = True
    book.doubts.append("amounts are in thousands")
    return True
