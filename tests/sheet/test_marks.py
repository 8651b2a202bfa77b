"""Words beside an amount: sides and types give its sign, what is paid stays out, what nobody lists is asked once."""

import pytest

from brought_forward.bot.errors import SheetQuestion
from brought_forward.bot.sheet.read import SheetRules, read_sheet
from brought_forward.storage.records.sheet import SheetReading


def read(text: str, answers: dict[str, str] | None = None) -> SheetReading:
    return read_sheet(text.encode(), "AR.csv", SheetRules("USD", day_first=False, answers=answers or {}))


def asked(text: str, answers: dict[str, str] | None = None) -> SheetQuestion:
    with pytest.raises(SheetQuestion) as caught:
        read(text, answers)
    return caught.value


def sheet(heading: str, *words: str, amounts: tuple[str, ...] = ("500.00", "20.00", "75.25")) -> str:
    rows = (f"A-{at},{amount},{word}\n" for at, (amount, word) in enumerate(zip(amounts, words, strict=True), 1))
    return f"Matter,Balance,{heading}\n{''.join(rows)}"


def owed(reading: SheetReading) -> dict[str, str]:
    return {line.matter: str(line.amount) for line in reading.lines}


ALL = {"A-1": "500.00", "A-2": "20.00", "A-3": "75.25"}
SECOND_OFF = ALL | {"A-2": "-20.00"}
SECOND_OUT = {"A-1": "500.00", "A-3": "75.25"}


@pytest.mark.parametrize(
    ("heading", "debit", "credit"), [("Dr/Cr", "Dr", "Cr"), ("D/C", "D", "C"), ("Sign", "+", "-"), ("", "DR", "CR")]
)
def test_a_credit_side_lowers_what_is_owed_and_is_said(heading, debit, credit):
    reading = read(sheet(heading, debit, credit, debit))
    assert owed(reading) == SECOND_OFF
    assert any("tells credits from debits: 1 of 3 rows are credits." in said for said in reading.remarks)


def test_a_credit_that_is_below_zero_already_stays_so():
    assert owed(read(sheet("Dr/Cr", "Dr", "Cr", "Dr", amounts=("500.00", "-20.00", "75.25")))) == SECOND_OFF


def test_credits_written_both_ways_are_asked_about():
    question = asked(sheet("Dr/Cr", "Dr", "Cr", "Cr", amounts=("500.00", "-20.00", "75.25")))
    assert question.kind == "credits-C"
    assert '"cr" on 1 row, 75.25' in str(question)


@pytest.mark.parametrize(("answer", "last"), [("less", ["-75.25"]), ("owed", ["75.25"]), ("out", [])])
def test_an_answer_on_credits_written_both_ways_is_not_asked_again(answer, last):
    text = sheet("Dr/Cr", "Dr", "Cr", "Cr", amounts=("500.00", "-20.00", "75.25"))
    assert list(owed(read(text, {"credits-C": answer})).values()) == ["500.00", "-20.00", *last]


@pytest.mark.parametrize(
    ("answer", "expected", "left"),
    [("less", SECOND_OFF, []), ("owed", ALL, []), ("out", SECOND_OUT, ["A-2"])],
)
def test_payments_above_zero_are_asked_about_once(answer, expected, left):
    text = sheet("Type", "Invoice", "Payment", "Invoice")
    question = asked(text)
    assert question.kind == "credits-C"
    assert [one.value for one in question.candidates] == ["less", "out", "owed"]
    assert str(question) == 'Column C "Type" says "payment" on 1 row, 20.00. What are these amounts?'
    reading = read(text, {"credits-C": answer})
    assert owed(reading) == expected
    assert [bad.matter for bad in reading.problems] == left


def test_payments_below_zero_are_what_they_are():
    assert (
        owed(read(sheet("Type", "Invoice", "Payment", "Invoice", amounts=("500.00", "-20.00", "75.25")))) == SECOND_OFF
    )


@pytest.mark.parametrize("blank", ["", "No", "N"])
def test_paid_yes_stays_out_unless_posted_anyway(blank):
    reading = read(sheet("Paid", blank, "Yes", blank))
    assert owed(reading) == SECOND_OUT
    (bad,) = reading.problems
    assert bad.text == 'the sheet says "Paid" in column C "Paid". Leave it out, or post it anyway if it is owed.'
    assert (bad.row, bad.matter, str(bad.amount), bad.anyway) == (3, "A-2", "20.00", True)


@pytest.mark.parametrize("state", ["Paid", "VOID", "Written off", "Cancelled", "Draft"])
def test_a_state_that_is_not_owed_stays_out_unless_posted_anyway(state):
    reading = read(sheet("Status", "Open", state, "Overdue"))
    assert owed(reading) == SECOND_OUT
    (bad,) = reading.problems
    assert f'the sheet says "{state}" in column C "Status".' in bad.text
    assert (bad.matter, bad.anyway) == ("A-2", True)


@pytest.mark.parametrize(
    ("answer", "expected", "left"),
    [("less", SECOND_OFF, []), ("owed", ALL, []), ("out", SECOND_OUT, ["A-2"])],
)
def test_a_word_in_no_list_is_asked_about_once(answer, expected, left):
    text = sheet("Status", "Open", "Zurückgestellt", "Open")
    question = asked(text)
    assert not set(question.kind) & set(" \t")
    assert [one.value for one in question.candidates] == ["owed", "out", "less"]
    assert str(question) == 'Column C "Status" says "zurückgestellt" on 1 row, 20.00. Are they owed?'
    reading = read(text, {question.kind: answer})
    assert owed(reading) == expected
    assert [bad.matter for bad in reading.problems] == left


def test_many_unknown_words_are_asked_about_together():
    amounts = ("1.00", "2.00", "3.00", "4.00", "5.00")
    text = sheet("Status", "Open", "Alfa", "Bravo", "Carlo", "Delta", amounts=amounts)
    question = asked(text)
    assert '"alfa", "bravo", "carlo", "delta" on 4 rows, 14.00' in str(question)
    assert len(read(text, {question.kind: "owed"}).lines) == 5
    assert asked(text.replace("Delta", "Echo"), {question.kind: "owed"}).kind != question.kind


@pytest.mark.parametrize(("first", "second"), [("отложено", "оспорено"), ("*", "**"), ("A+", "A-")])
def test_an_answer_is_of_its_own_word_and_of_no_other(first, second):
    text = sheet("Status", "Open", first, second)
    one = asked(text)
    other = asked(text, {one.kind: "owed"})
    assert f'"{second.casefold()}"' in str(other)
    assert owed(read(text, {one.kind: "owed", other.kind: "less"})) == ALL | {"A-3": "-75.25"}


@pytest.mark.parametrize("note", ["Paid twice", "Client paid part of it", "will be void soon?"])
def test_a_note_that_only_speaks_of_payments_is_no_mark(note):
    reading = read(sheet("Note", "", note, ""))
    assert owed(reading) == ALL
    assert reading.problems == ()


@pytest.mark.parametrize("note", ["Paid", "paid 11/1 by check", "Written off", "do not bill this one"])
def test_a_note_that_says_so_of_the_whole_amount_keeps_it_out(note):
    reading = read(sheet("Note", "", note, "Call first"))
    assert owed(reading) == SECOND_OUT
    assert [bad.anyway for bad in reading.problems] == [True]


@pytest.mark.parametrize("heading", ["Matter Status", "Case Status", "Client Type"])
def test_a_state_of_the_matter_says_nothing_of_the_amount(heading):
    reading = read(sheet(heading, "Open", "Closed", "Settled"))
    assert owed(reading) == ALL
    assert reading.problems == ()


def test_a_column_of_dashes_says_nothing_of_the_sign():
    rows = "A-1,10.00,5.00,-,-,15.00\nA-2,20.00,-,5.00,-,15.00\nA-3,30.00,-,-,-,30.00\n"
    text = f"Matter,Opening,Charges,Collected,W/O,A/R\n{rows}"
    assert [str(line.amount) for line in read(text).lines] == [
        "15.00",
        "15.00",
        "30.00",
    ]


def test_a_heading_that_comes_again_within_debits_and_credits_ends_nothing():
    head = "Client,Matter,Debits,Cr.\n"
    text = f"{head}Ann,A-1,10.00,\nBo,A-2,,5.00\n{head}Cy,A-3,30.00,\nDi,A-4,,7.00\n"
    lines = read(text).lines
    assert [str(line.amount) for line in lines] == ["10.00", "-5.00", "30.00", "-7.00"]


def test_a_day_in_a_column_of_days_paid_keeps_the_row_out():
    reading = read("Matter,Amount,Date Paid\nA-1,100.00,\nA-2,40.00,11/02/2026\nA-3,70.00,\n")
    assert [line.matter for line in reading.lines] == ["A-1", "A-3"]
    assert [(bad.row, bad.anyway) for bad in reading.problems] == [(3, True)]
    assert len(read("Matter,Amount,Last Paid\nA-1,100.00,\nA-2,40.00,11/02/2026\n").lines) == 2


@pytest.mark.parametrize(("written_off", "left"), [("25.00", "less"), ("-25.00", None)])
def test_what_is_written_off_lowers_what_is_owed_where_payments_stand_in_the_same_column(written_off, left):
    payment = "20.00" if left else "-20.00"
    text = f"Matter,Type,Amount\nA-1,Invoice,500.00\nA-1,Payment,{payment}\nA-1,Write Off,{written_off}\n"
    if left:
        assert 'says "payment", "write off" on 2 rows, 45.00' in str(asked(text))
    reading = read(text, {"credits-B": left} if left else None)
    assert (sum(line.amount for line in reading.lines), reading.problems) == (455, ())


@pytest.mark.parametrize("amount", ["20.00", "+20.00", "+ 20.00", "+$20.00", "$20.00"])
def test_a_payment_is_taken_off_whatever_sign_stands_before_it(amount):
    text = f"Matter,Type,Amount\nA-1,Invoice,+500.00\nA-1,Payment,{amount}\n"
    reading = read(text, {"credits-B": "less"})
    assert (sum(line.amount for line in reading.lines), reading.problems) == (480, ())


def test_a_total_in_the_column_of_marks_is_no_mark():
    reading = read("Type,Matter,Amount\nInvoice,A-1,500.00\nCharge,A-2,20.00\nReport total:,,520.00\n")
    assert owed(reading) == {"A-1": "500.00", "A-2": "20.00"}
    assert reading.control_total == 520


@pytest.mark.parametrize(("heading", "account"), [("Account", "Trust Liability"), ("Bank", "IOLTA"), ("Fund", "Trust")])
def test_an_amount_in_an_account_of_trust_money_stays_out(heading, account):
    reading = read(sheet(heading, "Operating", account, "Operating"))
    assert owed(reading) == SECOND_OUT
    assert [(bad.matter, bad.anyway) for bad in reading.problems] == [("A-2", True)]


@pytest.mark.parametrize("heading", ["Type", ""])
def test_codes_of_types_that_no_list_knows_are_asked_about(heading):
    text = f"Matter,{heading},Amount\nA-1,I,500.00\nA-1,P,20.00\nA-2,I,75.25\nA-2,P,5.25\n"
    assert str(asked(text)).endswith('says "i" on 2 rows, 575.25. Are they owed?')
    assert 'says "p" on 2 rows, 25.25' in str(asked(text, {"mark-B-i": "owed"}))
    reading = read(text, {"mark-B-i": "owed", "mark-B-p": "less"})
    assert [str(line.amount) for line in reading.lines] == ["500.00", "-20.00", "75.25", "-5.25"]
