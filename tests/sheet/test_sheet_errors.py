"""Cells that hold an error or a formula without a value: no format's reader tells of them, and no line gets lost."""

import io
import zipfile

import formats
import pytest
import xlsxwriter
from formats import Broken
from test_sheet_guards import PARTS, SHEET, package

from brought_forward.bot.sheet.read import SheetRules, read_sheet

RULES = SheetRules("USD", day_first=False)
ROWS = [
    ["Matter", "Client", "Responsible Attorney", "Balance"],
    ["00012-Smith", "Smith", "Don Draper", 2.0],
    ["00013-Lee", "Lee", "Don Draper", Broken()],
    [Broken(), "Nguyen", "Peggy Olson", 4.0],
    ["00015-Acme", "Acme", "Peggy Olson", 5.0],
]


def reading_of(data: bytes, name: str = "AR"):
    found = read_sheet(data, name, RULES)
    return [line.row for line in found.lines], {one.cell: one.text for one in found.problems}, found


@pytest.mark.parametrize("write", [formats.xls, formats.xlsb, formats.ods])
def test_an_error_is_named_in_every_kind_of_workbook_even_where_it_is_stored_as_zero(write):
    lines, problems, found = reading_of(write(ROWS))
    assert lines == [2, 5]
    assert problems == {
        "D3": "#DIV/0! in D3. Correct the formula in the sheet.",
        "A4": "#DIV/0! in A4. Correct the formula in the sheet.",
    }
    assert found.zero_rows == 0


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ('<table:table-cell table:formula="of:=1/2"/>', "the formula in D5 has no value."),
        (
            '<table:table-cell table:formula="of:=A1" office:value-type="string"><text:p>#N/A</text:p>'
            "</table:table-cell>",
            "#N/A in D5.",
        ),
        (
            '<table:table-cell office:value-type="string" calcext:value-type="error"><text:p>Err:502</text:p>'
            "</table:table-cell>",
            "Err:502 in D5.",
        ),
        ('<table:table-cell calcext:value-type="error"/>', "#? in D5."),
    ],
)
def test_rows_and_cells_that_an_open_document_repeats_are_counted(cell, words):
    written = io.BytesIO(formats.ods(ROWS[:2]))
    with zipfile.ZipFile(written) as parts:
        kept = {name: parts.read(name).decode() for name in parts.namelist()}
    more = (
        '<table:table-row table:number-rows-repeated="2"/><table:table-row><table:table-cell '
        'office:value-type="string"><text:p>00013-Lee</text:p></table:table-cell>'
        f'<table:table-cell table:number-columns-repeated="2"/>{cell}</table:table-row></table:table>'
    )
    kept["content.xml"] = kept["content.xml"].replace("</table:table>", more)
    lines, problems, _ = reading_of(package(kept))
    assert lines == [2]
    assert list(problems) == ["D5"]
    assert problems["D5"].startswith(words)


def test_a_row_whose_matter_and_amount_are_both_errors_is_no_heading():
    text = '<c r="{}" t="inlineStr"><is><t>{}</t></is></c>'
    rows = [f'<row r="1">{"".join(text.format(f"{at}1", name) for at, name in zip("ABC", HEADS, strict=True))}</row>']
    for number in (2, 3):
        error = number == 3
        matter = f'<c r="A{number}" t="e"><v>#N/A</v></c>' if error else text.format("A2", "00012")
        amount = f'<c r="C{number}"' + (' t="e"><v>#REF!</v></c>' if error else "><v>2</v></c>")
        rows.append(f'<row r="{number}">{matter}{text.format(f"B{number}", "Smith")}{amount}</row>')
    data = package({**PARTS, "xl/worksheets/sheet1.xml": SHEET.format("".join(rows))})
    lines, problems, _ = reading_of(data)
    assert lines == [2]
    assert len(problems) == 1
    (said,) = problems.values()
    assert "#N/A in A3" in said
    assert "#REF! in C3" in said


HEADS = ("Matter", "Client", "Balance")


def test_an_error_below_the_total_is_no_footnote():
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        for place, row in enumerate([["Matter", "Balance"], ["00012", 2], ["Total", 2]]):
            sheet.write_row(place, 0, row)
        sheet.write_string(3, 0, "00013")
        sheet.write_formula(3, 1, "=1/0", value="#DIV/0!")
    lines, problems, _ = reading_of(file.getvalue())
    assert lines == [2]
    assert problems == {"B4": "#DIV/0! in B4. Correct the formula in the sheet."}


GROUPS = [
    ["Client", "Matter", "Balance"],
    ["Smith", "00012-Smith", 600.0],
    ["Lee", "00013-Lee", 50.0],
    ["Sub Total", "", 650.0],
    ["Nguyen", "00014-Nguyen", 81.25],
    ["Sub Total", "", 81.25],
    ["Grand Total", "", 731.25],
]


@pytest.mark.parametrize("cell", [float("nan"), float("inf"), Broken(), "650.OO0", 1e12], ids=str)
@pytest.mark.parametrize("write", [formats.xls, formats.xlsb, formats.ods])
def test_a_subtotal_that_cannot_be_read_is_told_of_and_the_lines_stand(write, cell):
    _, problems, found = reading_of(write([*GROUPS[:3], ["Sub Total", "", cell], *GROUPS[4:]]))
    assert [(line.row, str(line.amount)) for line in found.lines] == [(2, "600.00"), (3, "50.00"), (5, "81.25")]
    assert (problems, str(found.control_total)) == ({}, "731.25")
    assert found.remarks == ("The total in row 4 cannot be read, so it is not compared.",)
    assert found.group_totals == ()


def test_several_subtotals_that_cannot_be_read_are_told_of_together():
    rows = [[*row[:2], Broken()] if row[0].endswith("Total") else row for row in GROUPS]
    _, problems, found = reading_of(formats.xls(rows))
    assert (len(found.lines), problems, found.control_total) == (3, {}, None)
    assert found.remarks == ("The totals in rows 4, 6, 7 cannot be read, so they are not compared.",)


@pytest.mark.parametrize("cell", [float("nan"), float("inf"), float("-inf")], ids=str)
def test_a_balance_that_is_no_number_is_a_problem_of_its_row(cell):
    lines, problems, found = reading_of(formats.xls([*ROWS[:2], ["00013-Lee", "Lee", "Don Draper", cell], ROWS[4]]))
    assert (lines, str(found.column_total)) == ([2, 4], "7.00")
    assert problems == {"D3": f'"{cell}" is not an amount. Correct it in the sheet.'}
