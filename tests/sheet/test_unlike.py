"""Rows with an amount that are no matter's, by sums and by how matters are named: never a line unsaid."""

import pytest
from sheet_text import read

from brought_forward.bot.sheet.read import SheetRules, read_sheet
from brought_forward.storage.records.sheet import SheetReading

LINES = "Matter,Balance\nA-1,100.00\nA-2,40.00\nA-3,70.00\nA-4,5.00\n"
OWED = {"A-1": "100.00", "A-2": "40.00", "A-3": "70.00", "A-4": "5.00"}


def owed(reading: SheetReading) -> dict[str, str]:
    return {line.matter: str(line.amount) for line in reading.lines}


@pytest.mark.parametrize("words", ["Overall", "All matters", "Balance due, all matters", "Due in total", "Gross A/R"])
def test_the_sum_of_all_rows_in_any_words_is_the_files_own_total(words):
    reading = read(f'{LINES}"{words}",215.00\nTrust funds held,900.00\n')
    assert owed(reading) == OWED
    assert reading.control_total is not None and str(reading.control_total) == "215.00"
    (problem,) = reading.problems
    assert (problem.row, problem.matter, problem.anyway) == (7, "Trust funds held", True)


def test_a_group_between_users_ends_with_the_sum_of_all():
    reading = read("Attorney,Matter,Client,Balance\nDon Draper,,,\n,A-1,Reed,100.00\n,A-2,Lund,40.00\nPeggy Olson,,,\n"
                   ",A-3,Ng,70.00\n,Overall,,210.00\n")  # fmt: skip
    assert owed(reading) == {"A-1": "100.00", "A-2": "40.00", "A-3": "70.00"}
    assert str(reading.control_total) == "210.00"


@pytest.mark.parametrize("words", ["Trust funds held", "Unbilled time not included", "Difference to general ledger"])
def test_money_of_another_kind_below_the_list_is_a_problem_though_no_total_says_so(words):
    reading = read(f"{LINES}{words},900.00\n")
    assert owed(reading) == OWED
    assert [(bad.row, bad.anyway) for bad in reading.problems] == [(6, True)]
    named = read(f"Matter,Balance\nReed v. Reed,5.00\nLund Estate,6.00\n{words},900.00\n")
    assert [bad.row for bad in named.problems] == [4]


def test_clients_in_the_matters_column_are_the_sums_of_the_matters_below_or_above():
    below = read("Matter,Balance\nSmith,140.00\nA-1,100.00\nA-2,40.00\nJones,70.00\nA-3,70.00\n")
    above = read("Matter,Balance\nA-1,100.00\nA-2,40.00\nSmith,140.00\nA-3,70.00\nJones,70.00\n")
    assert owed(below) == owed(above) == {"A-1": "100.00", "A-2": "40.00", "A-3": "70.00"}
    assert {one.row: one.why for one in below.not_counted} == dict.fromkeys((2, 5), "the sum of the rows below it")
    assert {one.row: one.why for one in above.not_counted} == dict.fromkeys((4, 6), "the sum of the rows above it")


def test_sums_that_the_files_own_total_counts_are_balances_of_their_own():
    reading = read("Matter,Balance\nSmith,140.00\nA-1,100.00\nA-2,40.00\nJones,70.00\nA-3,70.00\nTotal,420.00\n")
    assert [line.matter for line in reading.lines] + [bad.matter for bad in reading.problems if bad.matter] == [
        "Smith", "A-1", "A-2", "Jones", "A-3",
    ]  # fmt: skip


def test_matters_named_by_words_are_matters():
    text = "Matter,Balance\nReed v. Reed,140.00\nLund Estate,100.00\nNg Trust,41.00\nSale of land,70.00\n"
    reading = read(text)
    assert len(reading.lines) == 4
    assert reading.problems == ()


def test_a_matters_number_with_a_totals_word_is_no_total():
    reading = read("Matter,Invoice,Amount\n00850-Sum,101,5.00\n00850-Sum,102,6.00\n00851-Average,103,7.00\n")
    assert [(line.matter, str(line.amount)) for line in reading.lines] == [
        ("00850-Sum", "5.00"), ("00850-Sum", "6.00"), ("00851-Average", "7.00"),
    ]  # fmt: skip


def test_the_greatest_and_the_least_below_a_list_are_problems():
    reading = read("Matter,Balance\nA-1,100.00\nA-2,40.00\nMax,100.00\nMin,40.00\n")
    assert owed(reading) == {"A-1": "100.00", "A-2": "40.00"}
    assert [bad.row for bad in reading.problems] == [4, 5]


def test_a_matter_that_clio_knows_by_its_client_and_description_is_a_matter_among_numbers():
    text = "Matter,Balance\nA-1,100.00\nA-2,40.00\nACME:  sale of land,70.00\nA-3,9.00\n"
    known = SheetRules("USD", day_first=False, matters=frozenset({"a-1", "acme: sale of land"}))
    assert len(read_sheet(text.encode(), "AR.csv", known).lines) == 4
    assert [bad.row for bad in read(text).problems] == [4]


def test_numbers_that_clio_knows_still_tell_a_row_that_is_named_unlike_them():
    text = "Matter,Balance\nA-1,100.00\nSundry,70.00\nA-2,40.00\nA-3,9.00\n"
    known = SheetRules("USD", day_first=False, matters=frozenset({"a-1", "a-2", "a-3"}))
    assert [bad.row for bad in read_sheet(text.encode(), "AR.csv", known).problems] == [3]


@pytest.mark.parametrize("words", ["Unbilled time not included", "Trust funds held", "Something else"])
def test_words_below_the_total_of_the_last_matter_are_no_invoice_of_it(words):
    """The bare word for a total names no group; what follows it with words alone belongs to none."""
    groups = "Matter: A-1,,\n101,2026-01-05,60.00\n102,2026-02-05,40.00\nSub-total,,100.00\n"
    groups += "Matter: A-2,,\n103,2026-03-05,15.00\n104,2026-03-06,25.00\nSub-total,,40.00\n"
    reading = read(f"Invoice,Date,Balance\n{groups},,140.00\n{words},,900.00\n")
    sums: dict[str, float] = {}
    for line in reading.lines:
        sums[line.matter] = sums.get(line.matter, 0) + float(line.amount)
    assert sums == {"A-1": 100.0, "A-2": 40.0}
    assert [(bad.row, str(bad.amount)) for bad in reading.problems] == [(11, "900.00")]


def test_an_invoice_below_the_total_of_its_matters_page_is_still_its_own():
    groups = "Matter: A-1,,\n101,2026-01-05,60.00\n102,2026-02-05,40.00\nSub-total,,100.00\n103,2026-03-05,15.00\n"
    reading = read(f"Invoice,Date,Balance\n{groups}Matter: A-2,,\n104,2026-03-06,25.00\n")
    assert [line.matter for line in reading.lines] == ["A-1", "A-1", "A-1", "A-2"]
