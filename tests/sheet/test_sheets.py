"""Several sheets that could be it, and formulas that no program has worked out."""

import io
from decimal import Decimal

import pytest
import xlsxwriter

from brought_forward.bot.errors import SheetError, SheetQuestion
from brought_forward.bot.sheet.read import SheetRules, read_sheet
from brought_forward.storage.records.sheet import SheetReading

HEADS = ["Matter", "Balance"]
Rows = list[list[object]]


def workbook(sheets: dict[str, Rows], *, front: int = 0) -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                for column, cell in enumerate(row):
                    if isinstance(cell, tuple):
                        sheet.write_formula(number, column, *cell)
                    else:
                        sheet.write(number, column, cell)
        book.worksheets()[front].activate()
    return file.getvalue()


def read(data: bytes, **answers: str) -> SheetReading:
    return read_sheet(data, "AR.xlsx", SheetRules("USD", day_first=False, answers=answers))


def asked(data: bytes, **answers: str) -> SheetQuestion:
    with pytest.raises(SheetQuestion) as raised:
        read(data, **answers)
    assert raised.value.kind == "sheet"
    return raised.value


def offers(question: SheetQuestion) -> list[str]:
    return [one.value for one in question.candidates]


OFFICES = {
    "Reno": [HEADS, ["100-001", 10], ["100-002", 20], ["Total", 30]],
    "Augusta": [HEADS, ["200-001", 5], ["200-002", "x"], ["Total", 7]],
}


def test_of_several_sheets_with_balances_none_is_taken_unasked_and_the_one_in_front_comes_first():
    data = workbook({"Payments": [["Matter", "Date", "Amount"], ["1", "x", 5]], "AR": [HEADS, ["1", 9]]}, front=1)
    question = asked(data)
    assert offers(question) == ["2", "1"]
    assert question.candidates[0].heading == "AR"
    assert question.candidates[0].sample == "Matter, Balance: 1 line, 9.00"
    reading = read(data, sheet="2")
    assert [(line.matter, line.amount) for line in reading.lines] == [("1", Decimal(9))]
    assert reading.remarks[0] == 'Only "AR" is read, as chosen; not "Payments".'


def test_offices_can_all_be_read_and_each_row_and_total_is_told_by_its_sheet():
    data = workbook(OFFICES)
    question = asked(data)
    assert offers(question) == ["1", "2", "all"]
    reading = read(data, sheet="all")
    assert [(line.row, line.amount) for line in reading.lines] == [
        (2, Decimal(10)), (3, Decimal(20)), (100_002, Decimal(5))
    ]  # fmt: skip
    assert [(bad.row, bad.cell) for bad in reading.problems] == [(100_003, "Augusta!B3")]
    assert reading.control_total == Decimal(37)
    assert [(one.name, one.stated, one.found) for one in reading.group_totals] == [
        ('the total of "Augusta"', Decimal(7), Decimal(5))
    ]
    assert '"Augusta" from row 100,000' in reading.remarks[0]
    assert reading.sheet == "Reno, Augusta"


def test_parts_of_one_list_may_differ_in_titles_notes_and_the_order_of_columns():
    data = workbook(
        {
            "Reno": [
                ["As of October 31, 2026"],
                ["Matter No.", "Balance (USD)", "Comments"],
                ["100-001", 10, "called"],
            ],
            "Augusta": [["Matter No.", "Phone", "Balance"], ["200-001", "555-123-4567", 5]],
        }
    )
    assert offers(asked(data)) == ["1", "2", "all"]
    reading = read(data, sheet="all")
    assert [line.amount for line in reading.lines] == [10, 5]
    assert str(reading.as_of) == "2026-10-31"


@pytest.mark.parametrize(
    ("one", "other"),
    [("Sep 2026", "Oct 2026"), ("30.09.", "31.10."), ("2026-09", "2026-10"), ("AR_Sept", "AR_Oct"), ("Sep26", "Oct26"),
     ("Q1", "Q2"), ("AR", "AR (old)"), ("AR", "AR copy")],
)  # fmt: skip
def test_sheets_of_several_days_are_never_read_as_one_list(one, other):
    data = workbook({one: OFFICES["Reno"], other: OFFICES["Augusta"]})
    assert offers(asked(data)) == ["1", "2"]
    assert offers(asked(data, sheet="all")) == ["1", "2"]


@pytest.mark.parametrize(
    "sheets",
    [
        {"Reno": OFFICES["Reno"], "Vegas": [[*HEADS, "Client"], ["200-001", 5, "x"]]},
        {"Reno": OFFICES["Reno"], "Vegas": OFFICES["Augusta"], "All offices": [HEADS, ["100-009", 30], ["200-9", 5]]},
        {"Reno": OFFICES["Reno"], "Vegas": [HEADS, ["100-001", 11], ["100-002", 21]]},
        {"A": [["As of October 31, 2026"], *OFFICES["Reno"]], "B": [["As of 30 September 2026"], HEADS, ["9", 1]]},
    ],
)  # fmt: skip
def test_sheets_that_differ_that_sum_the_others_or_repeat_them_are_not_offered_together(sheets):
    assert "all" not in offers(asked(workbook(sheets)))


def test_a_sheet_of_headings_alone_is_no_choice():
    data = workbook({"Template": [HEADS], "AR": [HEADS, ["1", 9]], "Guide": [["How to"]]})
    reading = read(data)
    assert (reading.sheet, reading.remarks[0]) == ("AR", 'The file has 3 sheets; "AR" is read.')


def test_an_answer_holds_for_the_same_sheets_and_not_for_those_of_the_next_month():
    first = asked(workbook({"Sep": [HEADS, ["1", 9]], "Oct": [HEADS, ["1", 8]]})).signature
    assert asked(workbook({"Sep": [HEADS, ["1", 7]], "Oct": [HEADS, ["2", 8]]})).signature == first
    assert asked(workbook({"Oct": [HEADS, ["1", 9]], "Nov": [HEADS, ["1", 8]]})).signature != first


AGED = ["Matter", "Current", "1 - 30", "Total"]


def test_formulas_that_nobody_worked_out_refuse_the_file():
    rows = [AGED, ["1", 100, 0, ("=B2+C2", None, 0)], ["2", 0, 300, ("=B3+C3", None, 0)]]
    with pytest.raises(SheetError, match=r"column D \"Total\" in \"AR\" have no values.*Open it in Excel, save it"):
        read(workbook({"AR": rows}))


def test_one_formula_that_was_not_worked_out_is_a_problem_of_its_row():
    rows = [AGED, ["1", 100, 0, ("=B2+C2", None, 0)], ["2", 0, 300, ("=B3+C3", None, 300)]]
    reading = read(workbook({"AR": rows}))
    assert [(bad.cell, bad.text) for bad in reading.problems] == [
        ("D2", "the formula in D2 has no value. Open the file in Excel, save it, and drop it again.")
    ]
    assert [line.row for line in reading.lines] == [3]


def test_a_formula_of_zero_is_right_where_the_rest_of_its_row_cancels_out():
    rows = [
        ["Matter", "Billed", "Received", "Balance"],
        ["1", 500, 500, ("=B2-C2", None, 0)],
        ["2", 300, 100, ("=B3-C3", None, 200)],
        ["3", 0, 0, ("=B4-C4", None, 0)],
    ]
    reading = read(workbook({"AR": rows}))
    assert (reading.problems, reading.zero_rows, [line.row for line in reading.lines]) == ((), 2, [3])


def test_a_refusal_names_the_headings_of_each_sheet_and_no_day_of_our_own_writing():
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet("AR")
        sheet.write_row(0, 0, ["country", "id", "day", "value"])
        sheet.write_row(1, 0, ["Germany", "Acme", "x", "9.50"])
        sheet.write_datetime(1, 2, __import__("datetime").datetime(2026, 1, 2))
        book.add_worksheet("Notes").write("A1", "Hello")
    with pytest.raises(SheetError) as raised:
        read(file.getvalue())
    assert 'Columns of "AR": country, id, day, value. Columns of "Notes": Hello.' in str(raised.value)
