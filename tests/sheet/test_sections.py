"""Titles and words between rows that say the amounts are no balances: asked about or told, never passed over."""

import pytest
from sheet_text import question_of, read

from brought_forward.bot.errors import SheetError

LIST = "Matter,Attorney,Client,Balance\nA-1,Don,Reed,100.00\nA-2,Peggy,Lund,40.00\n"


@pytest.mark.parametrize(
    "words",
    ["Written off", "Trust balances", "Closed matters - do not bring over", "CREDIT BALANCES", "EUR matters", "Paid",
     "Unapplied cash", "Bad debts"],
)  # fmt: skip
def test_rows_below_a_word_that_says_they_are_not_owed_are_problems(words):
    reading = read(f"{LIST}{words},,,\nA-3,Don,Ng,7.00\nA-4,Don,Kim,8.00\n")
    assert [line.matter for line in reading.lines] == ["A-1", "A-2"]
    assert [(bad.row, str(bad.amount), bad.anyway) for bad in reading.problems] == [
        (5, "7.00", True),
        (6, "8.00", True),
    ]
    assert words in reading.problems[0].text


@pytest.mark.parametrize("words", ["Foster Trust", "Closed Loop Ltd", "Credit Union of Ohio", "Open", "31-60"])
def test_rows_below_a_clients_name_or_a_bucket_are_lines(words):
    reading = read(f"{LIST}{words},,,\nA-3,Don,Ng,7.00\nA-4,Don,Kim,8.00\n")
    assert (len(reading.lines), reading.problems) == (4, ())


def test_a_section_ends_with_the_next_word_and_with_a_total():
    reading = read(f"{LIST}Written off,,,\nA-3,Don,Ng,7.00\nOpen,,,\nA-4,Don,Kim,8.00\n")
    assert [line.matter for line in reading.lines] == ["A-1", "A-2", "A-4"]
    closed = read(f"Written off,,,\n{LIST}")
    assert len(closed.lines) == 2


@pytest.mark.parametrize(
    "title",
    ["Retainers held", "Unbilled time (WIP) by matter", "Payments received October 2026", "Write-offs 2026",
     "Accounts Payable Aging", "Fee budget by matter", "DRAFT - do not use", "Balances 2025 (superseded)"],
)  # fmt: skip
def test_a_title_of_something_else_is_asked_about(title):
    text = f"{title},,,\n{LIST}"
    question = question_of(text)
    assert (question.kind, [one.value for one in question.candidates]) == ("title", ["owed", "other"])
    assert len(read(text, title="owed").lines) == 2
    with pytest.raises(SheetError, match="not what clients owe"):
        read(text, title="other")


@pytest.mark.parametrize(
    "title",
    ["Accounts Receivable by Matter", "Balances after payments to October 31", "A/R and WIP by matter", "Open Invoices",
     "Include unbilled time: No", "Filter: Status = Open; Payments = All", "Hale & Payments LLP - outstanding"],
)  # fmt: skip
def test_a_title_of_balances_asks_nothing(title):
    assert len(read(f'"{title}",,,\n{LIST}').lines) == 2
