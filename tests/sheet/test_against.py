"""Notes that speak against the amount beside them are told; those that only speak of it are not."""

import pytest
from sheet_text import read

AGAINST = [
    "less 50.00 paid 11/2", "paid 500 on account", "rec'd $1,200 11/3, not yet posted", "partial payment 10/2",
    "should be 450.00", "settled for 300", "agreed to reduce to $200", "duplicate of row 3", "included in A-2",
    "wrong matter", "move to A-2", "to be written off", "w/o per MK", "do not bring over", "Don't post", "in error",
    "client bankrupt", "split 50/50 with PR", "credit pending",
]  # fmt: skip
SPEAKS_ONLY = [
    "called 3/1, will pay", "promised 500.00 by Friday", "disputes the August invoice", "see e-mail", "ok",
    "left a message", "payment plan: 250/month", "client moved, new address wanted", "paid? check with bank",
    "Invoice 1001", "last paid 3/1/2026", "Payment due 11/30", "interest to follow", "Lease dispute 2024",
    "will send 300.00 less bank fees", "mediation in March", "client moved to Boston",
]  # fmt: skip


@pytest.mark.parametrize("note", AGAINST)
@pytest.mark.parametrize("heading", ["Notes", "Comments"])
def test_a_note_against_its_amount_is_a_problem_that_may_be_posted_anyway(heading, note):
    reading = read(f'Matter,Balance,{heading}\nA-1,100.00,"{note}"\nA-2,40.00,\nA-3,70.00,\n')
    assert [line.matter for line in reading.lines] == ["A-2", "A-3"]
    (problem,) = reading.problems
    assert (problem.row, str(problem.amount), problem.anyway) == (2, "100.00", True)
    assert note[:30] in problem.text


@pytest.mark.parametrize("note", SPEAKS_ONLY)
def test_a_note_that_only_speaks_of_its_amount_is_a_note(note):
    reading = read(f'Matter,Balance,Notes\nA-1,100.00,"{note}"\nA-2,40.00,\nA-3,70.00,\n')
    assert (len(reading.lines), reading.problems) == (3, ())


def test_a_credit_says_what_it_was_taken_for():
    reading = read("Matter,Balance,Notes\nA-1,-100.00,refund 100.00\nA-2,40.00,\n")
    assert (len(reading.lines), reading.problems) == (2, ())
