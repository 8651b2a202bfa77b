"""Another table below the one that is read: its money is explained by sums, or told of, never passed over."""

from decimal import Decimal

import pytest
from sheet_text import read

LIST = "Matter,Client,Attorney,Balance\nA-1,Reed,Don,100.00\nA-2,Lund,Don,40.00\nA-3,Ng,Peggy,70.00\n"


def test_a_table_of_the_same_money_by_user_is_explained():
    reading = read(f"{LIST}\nBy lawyer,,,Amount\nDon,,,140.00\nPeggy,,,70.00\n")
    assert [str(line.amount) for line in reading.lines] == ["100.00", "40.00", "70.00"]
    assert reading.problems == ()


@pytest.mark.parametrize("total", ["", "Total,,,130.00\n"], ids=["without a total", "with a total"])
def test_a_table_of_other_money_is_a_problem_row_by_row(total):
    reading = read(f"{LIST}\nBy lawyer,,,Amount\nDon,,,50.00\nPeggy,,,80.00\n{total}")
    assert len(reading.lines) == 3
    assert [(bad.row, str(bad.amount)) for bad in reading.problems] == [(7, "50.00"), (8, "80.00")]


def test_a_table_with_its_columns_in_another_order_is_a_problem():
    reading = read("Matter,Balance\nA-1,100.00\nA-2,40.00\n\nBalance,Matter\n70.00,A-3\n80.00,A-4\n")
    assert [line.matter for line in reading.lines] == ["A-1", "A-2"]
    assert [(bad.row, bad.amount) for bad in reading.problems] == [(5, None)]


def test_a_table_of_trust_money_is_no_problem():
    reading = read(f"{LIST}\nMatter,Client,Attorney,Trust Balance\nA-1,Reed,Don,5000.00\n")
    assert (len(reading.lines), reading.problems) == (3, ())


@pytest.mark.parametrize(
    "written",
    ["€5.00", "5.125", "99999999999.00", "1.234,56"],
    ids=["in euros", "with a fraction of a cent", "of more than ten digits", "written in another style"],
)
def test_an_amount_of_a_table_that_cannot_be_read_is_a_problem_too_and_proves_nothing(written):
    reading = read(f'{LIST}\nBy lawyer,,,Amount\nDon,,,210.00\nPeggy,,,"{written}"\n')
    assert [str(line.amount) for line in reading.lines] == ["100.00", "40.00", "70.00"]
    assert [(bad.row, bad.cell, bad.amount) for bad in reading.problems] == [
        (7, "D7", Decimal("210.00")),
        (8, "D8", None),
    ]
    assert "begins in row 6 and is not read" in reading.problems[1].text


def test_a_table_that_says_the_money_once_more_in_one_column_is_explained_whatever_stands_in_another():
    reading = read(f"{LIST}\nBy lawyer,,Total,Amount\nDon,,140.00,1.125\nPeggy,,70.00,0.875\n")
    assert (len(reading.lines), reading.problems) == (3, ())


def test_every_further_table_is_told_of_though_the_first_three_alone_are_named():
    reading = read(LIST + "\nBy lawyer,,,Amount\nDon,,,210.00\n" * 5)
    assert [remark.partition(";")[0] for remark in reading.remarks] == [
        "Another table begins in row 6",
        "Another table begins in row 9",
        "Another table begins in row 12",
        "2 more begin, the first in row 15",
    ]


def test_a_column_of_nothing_explains_no_table():
    reading = read(f"{LIST}\nBy lawyer,,Written off,Amount\nDon,,0.00,50.00\nPeggy,,0.00,80.00\n")
    assert [(bad.row, str(bad.amount)) for bad in reading.problems] == [(7, "50.00"), (8, "80.00")]
