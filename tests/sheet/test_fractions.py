"""Fractions of a cent: asked once for the column, of these very rows."""

import io
from decimal import Decimal

import pytest
import xlsxwriter
from sheet_text import question_of, read

from brought_forward.bot.errors import SheetQuestion
from brought_forward.bot.sheet.read import SheetRules, read_sheet

AR = 'Matter,Balance\nA-1,"1,250.00"\nA-2,12.345\nA-3,0.335\nTotal,"1,262.68"\n'


def amounts_of(reading):
    return {line.matter: str(line.amount) for line in reading.lines}


def test_fractions_are_asked_with_the_sum_before_and_after():
    asked = question_of(AR)
    assert asked.kind == "fraction"
    assert str(asked) == (
        '2 amounts have fractions of a cent in column B "Balance", such as 12.345 in B3. If each is rounded to the'
        " nearest cent, half a cent up, the column's sum of 1,262.68 becomes 1,262.69. Round?"
    )
    assert [one.value for one in asked.candidates] == ["round", "correct"]


def test_each_is_rounded_half_up_once_staff_say_so():
    reading = read(AR, fraction="round")
    assert amounts_of(reading) == {"A-1": "1250.00", "A-2": "12.35", "A-3": "0.34"}
    assert reading.problems == ()
    assert reading.control_total == Decimal("1262.68")
    assert reading.remarks == (
        "2 amounts have fractions of a cent, each rounded to the nearest cent: the sum of 1,262.68 becomes 1,262.69.",
    )


def test_they_stay_problems_where_staff_correct_them():
    reading = read(AR, fraction="correct")
    assert amounts_of(reading) == {"A-1": "1250.00"}
    assert [(bad.cell, bad.text) for bad in reading.problems] == [
        ("B3", 'amount "12.345" has more than two decimals. Correct it in the sheet.'),
        ("B4", 'amount "0.335" has more than two decimals. Correct it in the sheet.'),
    ]


def test_an_answer_is_for_these_amounts_in_these_rows_only():
    asked = question_of(AR).signature
    assert question_of(AR).signature == asked
    assert question_of(AR.replace("12.345", "12.346")).signature != asked
    assert question_of(AR.replace("A-2,", "A-9,5.00\nA-2,")).signature != asked


def test_a_workbook_asks_of_its_numbers_alike():
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([["Matter", "Balance"], ["A-1", 12.345], ["A-2", -2.675], ["A-3", 0.1 + 0.2]]):
            sheet.write_row(number, 0, row)
    rules = SheetRules("USD", day_first=False)
    with pytest.raises(SheetQuestion, match="2 amounts have fractions of a cent"):
        read_sheet(file.getvalue(), "AR.xlsx", rules)
    rules = SheetRules("USD", day_first=False, answers={"fraction": "round"})
    assert amounts_of(read_sheet(file.getvalue(), "AR.xlsx", rules)) == {"A-1": "12.35", "A-2": "-2.68", "A-3": "0.30"}


def test_thousands_gone_astray_are_never_rounded():
    """12.500 beside 1,250.00 may well be 12,500."""
    reading = read(AR.replace("12.345", "12.500").replace("0.335", "0.33"))
    assert [bad.cell for bad in reading.problems] == ["B3"]
    assert question_of("Matter,Balance\nA-1,12.500\nA-2,1.250\n").kind == "decimal"


def test_three_decimals_all_the_way_down_are_no_thousands():
    reading = read("Matter,Balance\nA-1,12.500\nA-2,1250.500\nA-3,7.250\nA-4,9\n")
    assert amounts_of(reading) == {"A-1": "12.50", "A-2": "1250.50", "A-3": "7.25", "A-4": "9.00"}
    assert amounts_of(read("Matter,Balance\nA-1,12.500\nA-2,1.250\n", decimal="dot")) == {"A-1": "12.50", "A-2": "1.25"}


def test_what_adding_floats_leaves_is_not_asked():
    reading = read("Matter,Balance\nA-1,29900.629999999383\nA-2,1.0899999999999999\nA-3,-1.13686837721616e-13\n")
    assert amounts_of(reading) == {"A-1": "29900.63", "A-2": "1.09"}
    assert (reading.zero_rows, len(reading.problems)) == (1, 0)
    assert "1 amount is what Excel leaves of a subtraction" in reading.remarks[0]
