"""Balances of several days in one list: a matter's are never added up unasked."""

import io

import pytest
import xlsxwriter
from sheet_text import question_of, read

from brought_forward.bot.errors import SheetQuestion
from brought_forward.bot.sheet.read import SheetRules, read_sheet

ROWS = "A-1,{0},500.25\nA-1,{1},520.25\nA-2,{0},240.00\nA-2,{1},250.00\n"


@pytest.mark.parametrize(
    ("heading", "first", "second"),
    [
        ("As of", "2026-09-30", "2026-10-31"),
        ("Month", "Sep 2026", "Oct 2026"),
        ("Period", "2026-09", "2026-10"),
        ("Quarter", "Q2", "Q3"),
        ("Date", "09/30/2026", "10/31/2026"),
        ("Version", "1", "2"),
    ],
)
def test_balances_of_several_days_are_asked_about(heading, first, second):
    text = f"Matter,{heading},Balance\n{ROWS.format(first, second)}"
    question = question_of(text)
    assert question.kind == "day-B"
    assert [(one.value, one.sample) for one in question.candidates] == [
        ("1", "740.25"), ("2", "770.25"), ("all", "1,510.50")
    ]  # fmt: skip
    sums = {answer: sum(line.amount for line in read(text, **{"day-B": answer}).lines) for answer in ("1", "2", "all")}
    assert {answer: str(total) for answer, total in sums.items()} == {"1": "740.25", "2": "770.25", "all": "1510.50"}


def test_the_days_of_a_workbook_are_named_as_days():
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet, day = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, ["Matter", "As of", "Balance"])
        for at, (one, number) in enumerate([(46295, 5.5), (46326, 6.5)], 1):
            sheet.write_row(at, 0, ["A-1", None, number])
            sheet.write_number(at, 1, one, day)
    with pytest.raises(SheetQuestion) as caught:
        read_sheet(file.getvalue(), "AR.xlsx", SheetRules("USD", day_first=False))
    assert caught.value.candidates[0].heading == "Those of 2026-09-30 alone"


@pytest.mark.parametrize(
    "text",
    [
        "Matter,Date,Balance\nA-1,01/05/2026,500.25\nA-1,02/07/2026,20.25\nA-2,03/09/2026,240.00\n",
        f"Matter,Invoice,Date,Balance\n{ROWS.format('1,09/30/2026', '2,10/31/2026')}",
        "Matter,Month,Balance\nA-1,Oct 2026,500.25\nA-2,Sep 2026,240.00\n",
    ],
    ids=["days of invoices", "invoices", "each matter once"],
)
def test_days_that_are_no_states_of_one_balance_ask_nothing(text):
    assert read(text).problems == ()
