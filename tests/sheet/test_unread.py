"""Visible sheets that are not read: never passed over where they hold money that what is read does not say."""

from decimal import Decimal

import pytest
from test_sheets import Rows, read, workbook

from brought_forward.bot.errors import SheetError, SheetQuestion

HEADS = ["Matter", "Client", "Attorney", "Balance"]
LIST: Rows = [
    HEADS,
    ["100-001", "Reed", "Don", 1500.25],
    ["100-002", "Lund", "Don", 240],
    ["100-003", "Ng", "Peggy", 70.5],
]
NOV: Rows = [["Whose", "What for", "$$$"], ["Smith v Jones", "motion", 12000.5], ["Estate of Lund", "deed", 340]]


def asked(other: Rows, name: str = "Nov", **answers: str) -> SheetQuestion:
    with pytest.raises(SheetQuestion) as raised:
        read(workbook({"AR": LIST, name: other}), **answers)
    assert raised.value.kind == "unread"
    return raised.value


def test_a_sheet_with_money_under_headings_that_are_not_known_is_asked_about():
    question = asked(NOV)
    assert str(question) == (
        'Sheet "Nov" holds 12,340.50 in 2 rows that I cannot read. Does it belong to the balances?'
    )
    assert [one.value for one in question.candidates] == ["leave", "head"]


def test_a_sheet_that_staff_leave_out_is_named_with_its_sum():
    reading = read(workbook({"AR": LIST, "Nov": NOV}), unread="leave")
    assert sum(line.amount for line in reading.lines) == Decimal("1810.75")
    assert 'Sheet "Nov" is left out, as staff said: 12,340.50 in 2 rows.' in reading.remarks


def test_a_sheet_that_belongs_to_the_balances_refuses_the_file_until_it_has_headings():
    with pytest.raises(SheetError, match='"Nov" belongs to the balances, as staff say'):
        read(workbook({"AR": LIST, "Nov": NOV}), unread="head")


def test_an_answer_holds_for_these_amounts_alone():
    first = asked(NOV).signature
    assert asked(NOV).signature == first
    assert asked([*NOV, ["Ng", "will", 10.25]]).signature != first


def test_several_such_sheets_are_one_question():
    with pytest.raises(SheetQuestion) as raised:
        read(workbook({"AR": LIST, "Nov": NOV, "Dec": NOV}))
    assert str(raised.value) == (
        '2 sheets hold money that I cannot read: "Nov" (12,340.50 in 2 rows), "Dec" (12,340.50 in 2 rows). Does any of'
        " it belong to the balances?"
    )


@pytest.mark.parametrize(
    "rows",
    [
        [["Smith v Jones", 1500], ["Estate of Lund", 220]],
        [["Smith v Jones", "$1,500"], ["Estate of Lund", "$220"]],
        [["Account", "Acme"], ["Contact", "Ann"], ["Balance due", 5000]],
        [["x"]] * 45 + [["Matter", "Balance"], ["100-009", 12.5], ["100-010", 7]],
        [["Debts by matter"], ["Whose", "Current", "31-60", "All"], ["Moe", 10, 20.5, 30.5], ["Ned", 1, 2, 3]],
        [["Whose", "Charges"], ["Reed", 1500.25], ["Lund", 999.99]],
        [["Row Labels", "Sum of Balance", "Extra"], ["Reed", 1500.25, 5.5], ["Lund", 240, 7.25], ["Ng", 70.5, 9]],
    ],
    ids=["no headings", "texts", "a form", "below row 40", "ageing", "other money of a client", "more beside the same"],
)  # fmt: skip
def test_money_in_any_shape_is_asked_about(rows):
    asked(rows)


@pytest.mark.parametrize(
    "rows",
    [
        [["Row Labels", "Sum of Balance"], ["Don", 1740.25], ["Peggy", 70.5], ["Grand Total", 1810.75]],
        [["Row Labels", "Sum of Balance"], ["Don", 1740.25], ["Reed", 1500.25], ["Lund", 240], ["Peggy", 70.5],
         ["Ng", 70.5], ["Grand Total", 1810.75]],
        [["Summary"], ["Total A/R", 1810.75]],
        [["Largest debtors"], ["Reed", 1500.25], ["Lund", 240]],
        [["By attorney"], ["", "Current", "31-60", "All"], ["Don", 1500, 240.25, 1740.25], ["Peggy", 0, 70.5, 70.5]],
        [["By attorney"], ["", "Billed", "Paid", "Sum"], ["Don", 2000, 259.75, 1740.25], ["Peggy", 80.5, 10, 70.5]],
    ],
    ids=["pivot", "nested pivot", "one sum", "the largest", "ageing by attorney", "billed and paid by attorney"],
)  # fmt: skip
def test_a_sheet_that_says_the_same_money_once_more_is_explained(rows):
    reading = read(workbook({"AR": LIST, "Summary": rows}))
    assert len(reading.lines) == 3
    assert any(remark.startswith('Sheet "Summary" says the same 1,') for remark in reading.remarks)


@pytest.mark.parametrize(
    "rows",
    [
        [["Notes"], ["Smith paid $500.00 on 3/1, see e-mail"], ["Call Ng"]],
        [["Hale & North LLP"], ["Accounts receivable"], ["Version", 1.2], ["Year", 2026]],
        [["Attorney", "Rate"], ["Don", 350], ["Peggy", 275.5]],
        [["Attorney", "Hours"], ["Don", 12.5], ["Peggy", 7.25]],
        [["Code", "Matter type"], [101, "Probate"], [102, "Tax"], [103, "Deeds"]],
        [["Client", "Phone"], ["Reed", "555-123-4567"], ["Lund", 5551234567]],
        [["Whose", "Trust held"], ["Reed", 5000.25], ["Lund", 740]],
        [["Practice area", "Matters"], ["Probate", 12], ["Tax", 7]],
    ],
    ids=["notes", "cover", "rates", "hours", "codes", "phones", "trust", "counts"],
)  # fmt: skip
def test_a_sheet_without_money_that_clients_owe_asks_nothing(rows):
    reading = read(workbook({"AR": LIST, "More": rows}))
    assert len(reading.lines) == 3
    assert reading.remarks == ('The file has 2 sheets; "AR" is read.',)


def test_a_summary_is_explained_by_all_sheets_that_are_read_as_one_list():
    boston = [["Matter", "Balance"], ["100-001", 10.5], ["100-002", 20]]
    reno = [["Matter", "Balance"], ["200-001", 5.25]]
    summary = [["Office", "A/R"], ["Boston", 30.5], ["Reno", 5.25], ["", 35.75]]
    reading = read(workbook({"Boston": boston, "Reno": reno, "Firm": summary}), sheet="all")
    assert 'Sheet "Firm" says the same 35.75 once more and is not read.' in reading.remarks


def test_a_summary_that_has_headings_is_no_choice_where_it_says_the_same_money():
    rows: Rows = [["Client", "Phone", "Amount"], ["Reed", "555-123-4567", 1500.25], ["Lund", "", 240], ["Ng", "", 70.5]]
    reading = read(workbook({"AR": LIST, "Summary": rows}))
    assert 'Sheet "Summary" says the same 1,810.75 once more and is not read.' in reading.remarks
    with pytest.raises(SheetQuestion) as raised:
        read(workbook({"AR": LIST, "Summary": [*rows, ["Moe", "", 12.5]]}))
    assert raised.value.kind == "sheet"
