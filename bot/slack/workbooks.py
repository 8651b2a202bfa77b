"""Workbooks that people get back: every line of a batch, only the failing ones, and an empty template. Pure.

Cells are typed and there are no formulas; a text that begins with = + - @ stays a text, whoever opens it.
"""

import io
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import xlsxwriter

from brought_forward.bot.messages.bills import WORDS
from brought_forward.bot.messages.evidence import where_it_went
from brought_forward.bot.messages.results import outcome
from brought_forward.storage.records.batch import Batch
from brought_forward.storage.records.entry import Entry
from brought_forward.storage.records.firm import OpenName, User
from brought_forward.storage.records.inquiry import Billed
from brought_forward.storage.records.sheet import Line, NotCounted

LINES = ("Row", "Matter", "User", "Client", "Balance", "Date", "Note", "Went to", "Reason", "Matter in Clio",
         "User in Clio", "Entry", "Result", "Clio id")  # fmt: skip
# Dropped again in the thread, this sheet is known by its first two headings; `Row` says which line each one mends.
# What stands under `Suggestion` counts once a person has moved it into the right column.
FAILING = ("Why it was left out", "Row", "Matter", "User", "Balance", "Date", "Note", "Client", "Suggestion")
TEMPLATE = ("Matter", "User", "Balance", "Date", "Note", "Client")
EXPLAINED = {
    "Matter": "The number as Clio shows it, before the colon. Kept as text: 00012 keeps its zeros.",
    "User": "Name, e-mail or initials of the user this revenue belongs to. Empty: the matter's responsible attorney.",
    "Balance": "What the client owes on this matter. One amount a line, two decimals at most. Negative is a credit.",
    "Date": "Optional. Goes into the note on the client's bill.",
    "Note": "Optional. Printed on the client's bill.",
    "Client": "Optional. For you; it is not matched.",
}
PAGE = (36, 68, 14)  # widths of the columns of a page to print
LINE = 15  # points of a line of it
HIGHEST = 409  # points that Excel lets a row have
OLDEST = 1900  # the first year that Excel can write as a date


class Book:
    """One workbook in memory."""

    def __init__(self) -> None:
        self._bytes = io.BytesIO()
        self._book = xlsxwriter.Workbook(
            self._bytes, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
                          "strings_to_numbers": False}
        )  # fmt: skip
        self._bold = self._book.add_format({"bold": True, "bottom": 1})
        self._title = self._book.add_format({"bold": True, "font_size": 14})
        self._long = self._book.add_format({"text_wrap": True, "valign": "top"})
        self._text = self._book.add_format({"num_format": "@"})
        self._money = self._book.add_format({"num_format": "#,##0.00"})
        self._day = self._book.add_format({"num_format": "yyyy-mm-dd"})

    def sheet(self, name: str, headings: Sequence[str], rows: Sequence[Sequence[Any]], widths: Sequence[int]) -> Any:
        """Write one sheet with a frozen header."""
        sheet = self._book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        for column, (heading, width) in enumerate(zip(headings, widths, strict=True)):
            sheet.write_string(0, column, heading, self._bold)
            sheet.set_column(column, column, width)
        for number, row in enumerate(rows, start=1):
            for column, value in enumerate(row):
                self._write(sheet, number, column, value)
        return sheet

    def page(self, name: str, title: str, parts: Sequence[tuple[str, Sequence[Sequence[Any]]]]) -> Any:
        """Write one page to print and sign: a title, then parts of rows, each under its heading; one cell is a text."""
        sheet = self._book.add_worksheet(name)
        for column, width in enumerate(PAGE):
            sheet.set_column(column, column, width)
        sheet.write_string(0, 0, title, self._title)
        place = 2
        for heading, rows in parts:
            sheet.merge_range(place, 0, place, len(PAGE) - 1, heading, self._bold)
            for row in rows:
                place += 1
                last = len(row) - 1
                spread = last == 0 or (last == 1 and len(str(row[1])) > PAGE[1])
                if spread:
                    self._lines(sheet, place, last, str(row[last]))
                for column, value in enumerate(row[:last] if spread else row):
                    self._write(sheet, place, column, value)
            place += 2
        self.to_print(sheet, landscape=False)
        return sheet

    def _lines(self, sheet: Any, row: int, first: int, text: str) -> None:
        """Write a text from a column to the page's edge, on as many lines as it takes."""
        sheet.merge_range(row, first, row, len(PAGE) - 1, "", self._long)
        sheet.write_string(row, first, text, self._long)
        sheet.set_row(row, min(LINE * -(-len(text) // sum(PAGE[first:])), HIGHEST))

    def to_print(self, sheet: Any, *, landscape: bool = True) -> None:
        """Set a sheet up for paper: as wide as the page, its first row on each, the pages numbered."""
        (sheet.set_landscape if landscape else sheet.set_portrait)()
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
        sheet.set_footer("&L&A&RPage &P of &N")

    def link(self, sheet: Any, column: int, urls: Sequence[str]) -> None:
        """Make links of a column, from the first row below the header."""
        for row, url in enumerate(urls, start=1):
            sheet.write_url(row, column, url, string=url)

    def _write(self, sheet: Any, row: int, column: int, value: Any) -> None:
        if value is None or value == "":
            return
        if isinstance(value, Decimal):
            # Excel itself keeps a number as a double; 12 digits and two decimals come back exactly as written.
            sheet.write_number(row, column, float(value), self._money)
        elif isinstance(value, int):
            sheet.write_number(row, column, value)
        elif hasattr(value, "isoformat") and value.year >= OLDEST:
            sheet.write_datetime(row, column, value, self._day)
        else:
            sheet.write_string(row, column, str(value), self._text)

    def column_format(self, sheet: Any, column: int, width: int, *, text: bool) -> None:
        """Format a whole column, so that what people type keeps its zeros."""
        sheet.set_column(column, column, width, self._text if text else self._money)

    def close(self) -> bytes:
        """Finish the workbook and give its bytes."""
        self._book.close()
        return self._bytes.getvalue()


def every_line(
    batch: Batch,
    lines: Sequence[Line],
    entries: Mapping[int, Entry],
    undone: Mapping[int, str] | None = None,
    *,
    not_counted: Sequence[NotCounted] = (),
    corrections: Sequence[Mapping[str, Any]] = (),
) -> bytes:
    """Write each line with its reading, its match and, once posted, its outcome and Clio id.

    `undone` gives, by entry, what an undo did to it, in words; it makes a column more. Sheets of their own have the
    rows that hold money and are no lines, and how all of it comes to what the column of balances holds.
    """
    rows = []
    for line in lines:
        entry = entries.get(line.entry) if line.entry else None
        rows.append(
            [
                line.row,
                line.matter,
                line.user,
                line.client,
                line.amount,
                line.date,
                line.note,
                "an entry" if entry else "left out",
                line.left_out,
                entry and entry.matter_number,
                entry and entry.user_name,
                entry and entry.amount,
                entry and outcome(entry, batch),
                str(entry.clio_id) if entry and entry.clio_id else None,
                *([undone.get(entry.id) if entry else None] if undone else []),
            ]
        )
    book = Book()
    names, widths = (*LINES, *(["Undo"] if undone else [])), (6, 24, 20, 24, 14, 12, 30, 10, 50, 24, 20, 14, 30, 14, 50)
    book.sheet(f"{batch.name} lines", names, rows, widths[: len(names)])
    if not_counted:
        rest = [[one.row, one.amount, one.why] for one in not_counted]
        book.sheet("Not counted", ("Row", "Amount", "Why"), rest, (6, 14, 60))
    if sums := where_it_went(batch, lines, not_counted, corrections):
        book.sheet("Sums", ("All money of the column", "Amount"), [list(one) for one in sums], (40, 14))
    return book.close()


def failing(batch: Batch, lines: Sequence[Line], names: Sequence[OpenName] = ()) -> bytes:
    """Write only the lines that are left out, the reason first, to be mended and dropped in the same thread.

    The sheet's name begins with the batch's: several files may have been dropped in one thread. `names` say what is
    near what a line writes for its matter or user.
    """
    near = _suggested(names)
    rows = [
        [
            line.left_out,
            line.row,
            line.matter,
            line.user,
            line.amount,
            line.date,
            line.note,
            line.client,
            near.get(line.row),
        ]
        for line in lines
        if line.is_failing
    ]
    book = Book()
    book.sheet(f"{batch.name} to fix", FAILING, rows, (60, 6, 24, 20, 14, 12, 30, 24, 40))
    return book.close()


def _suggested(names: Sequence[OpenName]) -> dict[int, str]:
    """Write by row what is near: a number alone as it is, so that it can be copied; of several each."""
    found: dict[int, list[tuple[str, str]]] = {}
    for one in names:
        if one.near:
            found.setdefault(one.row, []).append((one.kind, " or ".join(near.label for near in one.near)))
    return {
        row: some[0][1] if len(some) == 1 else "; ".join(f"{kind}: {text}" for kind, text in some)
        for row, some in found.items()
    }


def bills(batch: Batch, rows: Sequence[Billed]) -> bytes:
    """Write how far the bill of every matter is."""
    book = Book()
    table = [[one.matter, one.entries, one.amount, WORDS[one.state], one.bill_number] for one in rows]
    book.sheet(f"{batch.name} bills", ("Matter", "Entries", "Amount", "State", "Bill"), table, (24, 8, 14, 34, 14))
    return book.close()


def template(users: Sequence[User]) -> bytes:
    """Write an empty sheet with an example, its columns explained, and the firm's users as a drop-down."""
    book = Book()
    names = sorted(user.name for user in users if user.enabled and not user.clio_connect)
    example = [
        "00012-Example",
        names[0] if names else "Full Name",
        Decimal("1250.00"),
        None,
        "Fees to October",
        "Example",
    ]
    sheet = book.sheet("Balances", TEMPLATE, [example], (22, 24, 14, 12, 40, 24))
    for column, name in enumerate(TEMPLATE):
        sheet.write_comment(0, column, EXPLAINED[name])
    book.column_format(sheet, 0, 22, text=True)
    book.column_format(sheet, 2, 14, text=False)
    explained = [[name, text] for name, text in EXPLAINED.items()]
    book.sheet("Columns", ("Column", "What it holds"), explained, (12, 100))
    if names:
        book.sheet("Users", ("Users in Clio",), [[name] for name in names], (30,))
        sheet.data_validation(
            1, 1, 5000, 1, {"validate": "list", "source": f"=Users!$A$2:$A${len(names) + 1}", "error_type": "warning"}
        )
    sheet.data_validation(
        1,
        2,
        5000,
        2,
        {
            "validate": "decimal",
            "criteria": "between",
            "minimum": -9999999999,
            "maximum": 9999999999,
            "error_title": "An amount",
            "error_message": "Write one amount, such as 1250.00.",
        },
    )
    return book.close()
