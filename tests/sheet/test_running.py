"""Ledgers whose balance goes on from row to row: which one of each matter counts, whatever words stand beside it."""

import pytest
from sheet_text import read

from brought_forward.bot.errors import SheetError
from brought_forward.storage.records.sheet import SheetReading


def owed(reading: SheetReading) -> dict[str, str]:
    return {line.matter: str(line.amount) for line in reading.lines}


LEDGER = """Matter,Date,Invoice,Memo,Billed,Received,Balance
{0},2026-01-05,1,Invoice 1,500.00,,500.00
{0},2026-02-05,P-1,Payment P-1,,120.00,380.00
{1},2026-01-07,2,Invoice 2,40.00,,40.00
{1},2026-03-01,3,Invoice 3,60.00,,100.00
{1},2026-03-09,P-2,Write-off P-2,,10.00,90.00
{2},2026-04-01,4,Invoice 4,75.00,,75.00
"""
ENDS = ("380.00", "90.00", "75.00")


@pytest.mark.parametrize(
    "matters",
    [
        ("A-1", "A-2", "A-3"),
        ("00854-Average", "00855-Total", "00856-Sum"),
        ("00854-Average: Lease", "00855-Total: Sale", "00856-Mean: Will"),
        ("1-003", "1-004", "2-001"),
    ],
    ids=["plain", "totals' words", "described", "like buckets"],
)
def test_the_last_balance_of_each_matter_counts_whatever_its_number_says(matters):
    reading = read(LEDGER.format(*matters))
    assert owed(reading) == dict(zip(matters, ENDS, strict=True))
    assert reading.problems == ()


def test_a_matter_written_in_its_first_row_only_begins_nothing_below():
    text = (
        LEDGER.format("A-1", "A-2", "A-3").replace("\nA-1,2026-02", "\n,2026-02").replace("\nA-2,2026-03", "\n,2026-03")
    )
    assert owed(read(text)) == {"A-1": "380.00", "A-2": "90.00", "A-3": "75.00"}


def test_a_matter_with_a_blank_before_its_number_is_the_same_matter():
    text = LEDGER.format("A-1", "A-2", "A-3").replace("\nA-2,2026-03-01", "\n A-2,2026-03-01")
    assert owed(read(text)) == {"A-1": "380.00", "A-2": "90.00", "A-3": "75.00"}


@pytest.mark.parametrize("nothing", ["", "-", "0.00"])
def test_a_balance_that_comes_to_nothing_may_be_blank(nothing):
    text = LEDGER.format("A-1", "A-2", "A-3").replace(",120.00,380.00", f",500.00,{nothing}")
    reading = read(text)
    assert owed(reading) == {"A-2": "90.00", "A-3": "75.00"}
    assert reading.problems == ()


def test_a_cell_past_the_last_heading_is_told_though_a_later_balance_counts():
    text = LEDGER.format("A-1", "A-2", "A-3").replace(",,40.00\n", ",,40.00,-500.00\n", 1)
    reading = read(text)
    (problem,) = reading.problems
    assert (problem.row, problem.matter, problem.cell) == (4, "A-2", "H4")
    assert owed(reading) == {"A-1": "380.00", "A-2": "90.00", "A-3": "75.00"}


def test_a_second_end_of_a_matters_running_balance_is_a_problem():
    text = "Date,Invoice,Memo,Billed,Received,Balance\nMatter No. A-1,,,,,\n2026-01-05,1,Invoice 1,500.00,,500.00\n"
    text += "2026-02-05,P-1,Payment P-1,,120.00,380.00\n2026-03-05,2,Invoice 2,20.00,,400.00\n"
    reading = read(f"{text},,Difference to general ledger,,,352.80\n")
    assert owed(reading) == {"A-1": "400.00"}
    assert [(bad.row, str(bad.amount)) for bad in reading.problems] == [(6, "352.80")]


def test_a_balance_that_comes_to_nothing_on_the_way_ends_no_matter():
    text = LEDGER.format("A-1", "A-1", "A-3").replace(",120.00,380.00", ",500.00,0.00")
    reading = read(text)
    assert owed(reading) == {"A-1": "90.00", "A-3": "75.00"}
    assert reading.problems == ()


STATEMENT = "Statement of account\nClient: Reed\n{0}\n\nDate,Invoice,Memo,Charges,Paid,Balance\n"
ONE = "2026-01-05,1,Invoice 1,500.00,,500.00\n"
PAID = "2026-02-05,P-1,Payment P-1,,120.00,380.00\n"


@pytest.mark.parametrize("title", ["Matter: A-1", "Re: A-1", "Matter No.: A-1", "Matter:,A-1", "Matter,No.: A-1"])
@pytest.mark.parametrize("last", ["Balance", "Amount due", "PLEASE PAY"])
@pytest.mark.parametrize(("rows", "due"), [(ONE, "500.00"), (ONE + PAID, "380.00")])
def test_a_statement_is_of_the_matter_that_its_titles_name_and_its_last_row_counts_once(title, last, rows, due):
    reading = read(f"{STATEMENT.format(title)}{rows},,{last},,,{due}\n")
    assert owed(reading) == {"A-1": due}
    assert reading.problems == ()


def test_statements_below_one_another_are_each_of_their_matter():
    heads = "Date,Invoice,Memo,Charges,Paid,Balance\n"
    text = f"{STATEMENT.format('Re: A-1')}{ONE}{PAID},,Balance,,,380.00\n\nClient: Lund\nRe: A-2\n{heads}"
    reading = read(f"{text}2026-01-09,2,Invoice 2,75.00,,75.00\n,,Balance,,,75.00\n")
    assert owed(reading) == {"A-1": "380.00", "A-2": "75.00"}


def test_a_filter_among_the_titles_names_no_matter():
    with pytest.raises(SheetError, match='Name one "Matter" and drop'):
        read(f"{STATEMENT.format('Matter: All')}{ONE}{PAID}")


def test_an_undated_row_with_the_only_amount_above_is_a_problem_where_it_says_something_else():
    reading = read(f"{STATEMENT.format('Matter: A-1')}{ONE},,Late fee,,,500.00\n")
    assert [bad.row for bad in reading.problems] == [7]


def test_a_statement_that_is_paid_has_nothing_to_bring_forward():
    paid = "2026-02-05,P-1,Payment P-1,,500.00,0.00\n"
    reading = read(f"{STATEMENT.format('Matter: A-1')}{ONE}{paid},,Balance due,,,0.00\n")
    assert (reading.lines, reading.problems, reading.zero_rows) == ((), (), 1)


def test_a_statement_of_two_invoices_is_owed_what_its_last_row_says():
    more = "2026-02-05,2,Invoice 2,20.50,,520.50\n"
    reading = read(f"{STATEMENT.format('Matter: A-1')}{ONE}{more},,Balance due,,,520.50\n")
    assert owed(reading) == {"A-1": "520.50"}


def test_money_right_below_a_running_balance_that_nothing_changes_is_no_balance_of_its_matter():
    """Whatever it is called; the last balance that its changes lead to stays what the matter owes."""
    reading = read(LEDGER.format("A-1", "A-2", "A-3") + ",Collected this month,,,,,61.00\n")
    assert owed(reading) == dict(zip(("A-1", "A-2", "A-3"), ENDS, strict=True))
    (bad,) = reading.problems
    assert (bad.row, str(bad.amount)) == (8, "61.00")
    sheet = "Matter: A-9\n\n" + LEDGER.format("", "", "").partition("\n")[0].partition(",")[2]
    paid = "\n2026-01-05,1,Invoice 1,500.00,,500.00\n2026-02-05,P-1,Payment P-1,,500.00,0.00\n,,PLEASE PAY,,,0.00\n"
    alone = read(f"{sheet}{paid}Collected this month,,,,,61.00\n")
    assert owed(alone) == {}
    assert [(one.row, "nothing in this row changes it" in one.text) for one in alone.problems] == [(7, True)]


@pytest.mark.parametrize("between", ["", ",,,,,\n", ",,Interest,,,\n"])
@pytest.mark.parametrize("called", ["Trust funds held,,,,", ",,Retainer,,"])
def test_money_below_a_statement_that_is_paid_is_no_balance_of_its_matter(between, called):
    """It may stand for anything: nothing changed the balance of nothing that the statement ends in."""
    heads = "Date,Invoice,Memo,Charges,Paid,Balance\n"
    paid = "2026-02-05,P-1,Payment P-1,,500.00,0.00\n,,Balance due,,,0.00\n"
    first = f"{STATEMENT.format('Matter: A-1')}{ONE}{PAID},,Balance due,,,380.00\n"
    reading = read(f"{first}\nClient: Lund\nMatter: A-2\n{heads}{ONE}{paid}{between}{called},61.00\n")
    assert owed(reading) == {"A-1": "380.00"}
    (bad,) = reading.problems
    assert (bad.matter, str(bad.amount)) == ("A-2", "61.00")


def test_a_statement_that_was_paid_and_is_billed_again_is_owed_the_new_bill():
    paid = "2026-02-05,P-1,Payment P-1,,500.00,0.00\n2026-03-05,2,Invoice 2,61.00,,61.00\n"
    reading = read(f"{STATEMENT.format('Matter: A-1')}{ONE}{paid},,Balance due,,,61.00\n")
    assert owed(reading) == {"A-1": "61.00"}
    assert reading.problems == ()
