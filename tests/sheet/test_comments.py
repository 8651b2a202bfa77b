"""Comments are internal until staff put them on the bills; an invoice is known by its day."""

import pytest
from sheet_text import read

from brought_forward.storage.records.sheet import Comments


def notes_of(reading):
    return [line.note for line in reading.lines]


HEADINGS = [
    "Comments",
    "Comment",
    "Remarks",
    "Internal Note",
    "Collection Notes",
    "Status notes",
    "Follow-up",
    "AR Comments",
    "Notes (internal)",
    "Attorney Notes",
]


@pytest.mark.parametrize("heading", HEADINGS)
def test_a_column_of_comments_stays_off_the_bills(heading):
    text = f"Matter,Note,{heading},Balance\nA-1,Fees,will not pay,10.00\nA-2,,called twice,20.00\nA-3,,,35.00\n"
    reading = read(text)
    assert notes_of(reading) == ["Fees", None, None]
    assert reading.comments == Comments("C", heading, 2, on=False)


def test_staff_put_them_on_behind_the_notes():
    text = "Matter,Note,Comments,Balance\nA-1,Fees,called twice,10.00\nA-2,,=1+1 *twice*,20.00\nA-3,,,x\n"
    reading = read(text, comments="on")
    assert notes_of(reading) == ["Fees; called twice", "=1+1 *twice*"]
    assert reading.comments == Comments("C", "Comments", 2, on=True)
    assert read(text, comments="off").comments == Comments("C", "Comments", 2, on=False)


def test_an_invoice_number_goes_before_a_comment_that_is_on():
    text = "Matter,Invoice,Comments,Balance\nA-1,1001,call first,10.00\n"
    assert notes_of(read(text)) == ["Invoice 1001"]
    assert notes_of(read(text, comments="on")) == ["Invoice 1001: call first"]


@pytest.mark.parametrize("heading", ["Note", "Notes", "Memo", "Description", "Narrative", "Details"])
def test_a_column_of_notes_goes_onto_the_bills_as_documented(heading):
    reading = read(f"Matter,{heading},Balance\nA-1,Fees,10.00\n")
    assert (notes_of(reading), reading.comments) == (["Fees"], None)


def test_a_column_without_a_comment_is_not_told_of():
    assert read("Matter,Comments,Balance\nA-1,,10.00\n").comments is None


def test_a_comment_on_a_problem_stays_with_it_only_once_it_is_on():
    text = "Matter,Comments,Balance\nA-1,call first,twelve\n"
    assert [bad.note for bad in read(text).problems] == [None]
    assert [bad.note for bad in read(text, comments="on").problems] == ["call first"]


def test_credit_notes_are_money_and_no_comments():
    assert read("Matter,Credit Notes,Balance\nA-1,0.00,10.00\n").comments is None


@pytest.mark.parametrize("heading", ["Invoice Date", "Bill Date", "Billing date", "Date Issued"])
def test_an_invoice_without_a_number_or_a_note_is_known_by_its_day(heading):
    reading = read(
        f"Matter,{heading},Note,Balance\nA-1,2026-09-29,,10.00\nA-2,2026-09-29,Fees,10.00\nA-3,,,1.00\nA-4,2026-09-29,,-5.00\n"
    )
    assert notes_of(reading) == ["invoice of 29 September 2026", "Fees", None, None]


@pytest.mark.parametrize("heading", ["Date", "Last Invoice Date", "Transaction Date", "As of Date"])
def test_another_day_is_none_of_an_invoice(heading):
    assert notes_of(read(f"Matter,{heading},Balance\nA-1,2026-09-29,10.00\n")) == [None]
