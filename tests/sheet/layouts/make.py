"""Write the sheets of this folder again: python tests/sheet/layouts/make.py. All names and amounts are invented.

Each sheet has its expected reading beside it, `<name>.json`, which this script leaves alone: it is checked by eye.
"""

import sys
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path

import formats
import xlsxwriter
from layouts import LAYOUTS, as_text
from layouts import TEXTS as LAYOUT_TEXTS
from xlsxwriter.worksheet import Worksheet

Value = str | float | bool | date | timedelta | None


def write(sheet: Worksheet, book: xlsxwriter.Workbook, rows: list[list[Value]], first: str = "A1") -> None:
    """Write rows of typed cells, the first of them at `first`."""
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    hours = book.add_format({"num_format": "[h]:mm"})
    top, left = ord(first[1]) - ord("1"), ord(first[0]) - ord("A")
    for down, row in enumerate(rows):
        for right, value in enumerate(row):
            place = (top + down, left + right)
            if isinstance(value, str):
                sheet.write_string(*place, value)
            elif isinstance(value, bool):
                sheet.write_boolean(*place, value)
            elif isinstance(value, timedelta):
                sheet.write_datetime(*place, value, hours)
            elif isinstance(value, date):
                sheet.write_datetime(*place, value, day)
            elif value is not None:
                sheet.write_number(*place, value)


def clean(book: xlsxwriter.Workbook) -> None:
    write(
        book.add_worksheet("Balances"),
        book,
        [
            ["Matter", "Client", "User", "Balance", "Date", "Notes"],
            ["00001-Smith", "Smith, John", "Don Draper", 1250, date(2026, 9, 30), "Invoice 1001"],
            ["00012", "NA", "Peggy Olson", 0.5, None, None],
            ["00012-01", "Lee & Sons", "don.draper@example.com", 99999.99, date(2026, 8, 1), "=1+1"],
            ["00077-Lee", "Lee", None, -200, None, "Credit"],
        ],
    )


def titles_and_total(book: xlsxwriter.Workbook) -> None:
    write(book.add_worksheet("Read me"), book, [["Made by the old system"], ["Ask accounts"]])
    hidden = book.add_worksheet("Lists")
    hidden.hide()
    write(hidden, book, [["Matter", "Balance"], ["00099", 1]])
    write(
        book.add_worksheet("Receivables"),
        book,
        [
            ["Invented & Partners LLP"],
            ["Accounts Receivable Aging"],
            ["As of October 31, 2026"],
            [],
            ["Client", "Matter No.", "Responsible\nAttorney", "Current", "31-60", "61-90", "90+", "Total"],
            ["Smith", "00001-Smith", "Don Draper", 100, None, None, 150.25, 250.25],
            ["Smith", "00002-Smith", "Don Draper", 0, 0, 0, 0, 0],
            ["Total for Smith", None, None, 100, 0, 0, 150.25, 250.25],
            ["Total Wine", "00003-Wine", "Peggy Olson", None, 10, None, None, 10],
            ["Subtotal", None, None, 100, 10, 0, 150.25, 260.25],
            ["Client", "Matter No.", "Responsible\nAttorney", "Current", "31-60", "61-90", "90+", "Total"],
            ["Lee", "00077-Lee", "Peggy Olson", -20, None, None, None, -20],
            [],
            ["Grand Total:", None, None, 80, 10, 0, 150.25, 240.25],
            ["Late", "00078-Late", "Peggy Olson", 5, None, None, None, 5],
            ["Lee", "Printed on 1 November 2026 by accounts"],
        ],
    )


def problems(book: xlsxwriter.Workbook) -> None:
    write(
        book.add_worksheet("Sheet1"),
        book,
        [
            ["Matter", "Amount", "Date"],
            [date(2026, 1, 2), 10, None],
            [True, 11, None],
            [12.5, 12, None],
            [1234567890123456789, 13, None],
            ["1.2E+06", 14, None],
            [None, 15, None],
            ["00016", None, None],
            ["00017", 12.345, None],
            ["00018", "€5.00", None],
            ["00019", "twelve", None],
            ["00020", "1.234", None],
            ["00021", True, None],
            ["00022", date(2026, 1, 2), None],
            ["00023", timedelta(hours=30), None],
            ["00024", 10_000_000_000, None],
            ["00025", 25, "soon"],
            ["00026", 26, "10/31/26"],
            [None, "(5", "never"],
            ["00028", "-(28.00)", None],
            ["x" * 256, 29, None],
            [30, 30, 46326],
            ["\u200b\u00a000031\u202e \u00a0", " - ", None],
            ["\u200b\u00a000032\u202e \u00a0", "$32", "04/04/2026"],
        ],
    )


def floats_with_dust(book: xlsxwriter.Workbook) -> None:
    write(
        book.add_worksheet("Sheet1"),
        book,
        [
            ["Case Number", "Outstanding Balance (USD)"],
            ["A1", 0.1 + 0.2],
            ["A2", 0.07 * 100],
            ["A3", 1234.5600000000004],
            ["A4", 9999999999.99],
            ["A5", 33.335],
            ["A6", 1.1368683772161603e-13],
            ["A7", -0.0],
            ["Total", 10000001241.85],
        ],
    )


def starts_at_c4(book: xlsxwriter.Workbook) -> None:
    write(
        book.add_worksheet("Sheet1"),
        book,
        [
            ["Balances as at 03/04/2026", None, None, None],
            ["Memo", "File No.", "A/R Balance", "Timekeeper"],
            ["first", "F-1", 1, "PO"],
            ["second", "F-2", 2.005, "PO"],
            ["TOTAL", None, 3.01, None],
        ],
        first="C4",
    )


def csv_semicolon_cp1252() -> bytes:
    return (
        "Müller & Söhne; offene Posten\r\nAs of 31 October 2026\r\n\r\n"
        "Matter;Client;User;Balance;Invoice Date;Note\r\n"
        '00012-01;Müller, Jörg;Änne Weiß;1.234,50 €;31.10.2026;"two\r\nlines"\r\n'
        "00013-01;Weiß;Änne Weiß;1.000;03.04.2026;\r\n"
        "00014-01;Weiß;Änne Weiß;-12,5;03.04.2026\r\n"
        "00015-01;Weiß;Änne Weiß;–;;nothing\r\n"
        "00016-01;Weiß;Änne Weiß;$5,00;;;too;long\r\n"
        "Totals:;;;2.222,00;;\r\n"
    ).encode("cp1252")


def clio_template() -> bytes:
    return (
        b"matter,date,activity_description,note,price,quantity\n"
        b"00001-Smith,10/31/2026,Balance Brought Forward from Previous Software,Invoices 12 and 13,1250.00,1\n"
        b"00002-Lee,09/30/2026,Balance Brought Forward from Previous Software,,80.5,1\n"
    )


FORMATS: list[list[str | float | None]] = [
    ["As of October 31, 2026"],
    [],
    ["Matter", "Client", "User", "Balance"],
    ["00012-Smith", "Müller & Söhne", "Don Draper", 1250.5],
    ["00077-Lee", "Lee", None, -20.0],
    ["00078-Lee", "Lee", None, 0.1 + 0.2],
    ["Total", None, None, 1230.8],
]


def broken_formulas() -> bytes:
    """Write formulas with an error, and two without the value that Excel would have stored."""
    file = BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet("Report")
        write(sheet, book, [["Matter", "Paid", "Balance"], ["00001", 1, 5]])
        for row, (formula, value) in enumerate([("=1/0", "#DIV/0!"), ("=A1", 77777), ("=1+1", 2)], 3):
            sheet.write_string(f"A{row}", f"0000{row}")
            sheet.write_formula(f"C{row}", formula, None, value)
        sheet.write_formula("A6", "=#REF!", None, "#REF!")
        sheet.write_number("C6", 12)
        sheet.write_formula("B2", "=1/0", None, "#DIV/0!")
    out = BytesIO()
    with zipfile.ZipFile(file) as made, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as parts:
        for about in made.infolist():
            parts.writestr(about, made.read(about).replace(b"<v>77777</v>", b""))
    return out.getvalue()


def macros() -> bytes:
    """Write a workbook that says it holds macros; its values are all that is read."""
    file = BytesIO()
    with xlsxwriter.Workbook(file) as book:
        book.set_properties({"created": datetime(2026, 11, 1, tzinfo=UTC)})
        write(book.add_worksheet("Report"), book, FORMATS)
    out = BytesIO()
    kind = (b"officedocument.spreadsheetml.sheet.main", b"ms-excel.sheet.macroEnabled.main")
    with zipfile.ZipFile(file) as made, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as parts:
        for about in made.infolist():
            parts.writestr(about, made.read(about).replace(*kind))
        parts.writestr(zipfile.ZipInfo("xl/vbaProject.bin", (2026, 11, 1, 0, 0, 0)), b"no macro")
    return out.getvalue()


BOOKS: dict[str, Callable[[xlsxwriter.Workbook], None]] = {
    "clean.xlsx": clean,
    "titles_and_total.xlsx": titles_and_total,
    "problems.xlsx": problems,
    "floats_with_dust.xlsx": floats_with_dust,
    "starts_at_C4.xlsx": starts_at_c4,
}
TEXTS: dict[str, Callable[[], bytes]] = {
    **LAYOUT_TEXTS,
    "format_xls.xls": lambda: formats.xls(FORMATS),
    "format_xlsb.xlsb": lambda: formats.xlsb(FORMATS),
    "format_ods.ods": lambda: formats.ods(FORMATS),
    "format_html.xls": lambda: formats.html(FORMATS),
    "format_xlsm.xlsm": macros,
    "format_utf16.txt": lambda: as_text(FORMATS, "\t").encode("utf-16"),
    "format_utf16_unmarked.csv": lambda: as_text(FORMATS, ";").encode("utf-16-le"),
    "format_pipes.tsv": lambda: as_text(FORMATS, "|").encode("utf-8-sig"),
    "broken_formulas.xlsx": broken_formulas,
    "csv_semicolon_cp1252.csv": csv_semicolon_cp1252,
    "clio_template.csv": clio_template,
}


def make(folder: Path) -> None:
    """Write every sheet into a folder."""
    for name, fill in BOOKS.items():
        with xlsxwriter.Workbook(folder / name) as book:
            book.set_properties({"created": datetime(2026, 11, 1, tzinfo=UTC)})
            fill(book)
    for name, rows in LAYOUTS.items():
        if name.endswith(".xlsx"):
            with xlsxwriter.Workbook(folder / name) as book:
                book.set_properties({"created": datetime(2026, 11, 1, tzinfo=UTC)})
                write(book.add_worksheet("Report"), book, rows)
    for name, text in TEXTS.items():
        (folder / name).write_bytes(text())


if __name__ == "__main__":
    make(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
