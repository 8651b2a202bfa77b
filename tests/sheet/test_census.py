"""Every column has a part: what is harmless asks nothing, what names the firm's users is read as them."""

import pytest
from sheet_text import read

from brought_forward.bot.errors import SheetQuestion
from brought_forward.bot.sheet.columns.census import Part, part_of
from brought_forward.bot.sheet.money.cents import cents_of, cents_of_column
from brought_forward.bot.sheet.money.figures import DecimalMark
from brought_forward.storage.records.sheet import SheetReading

PEOPLE = frozenset({"diana dane", "dd", "ed east", "ee", "fay fox"})


def parts(reading: SheetReading) -> dict[str, str]:
    return {one.heading: one.part for one in reading.census}


def owed(reading: SheetReading) -> dict[str, str]:
    return {line.matter: str(line.amount) for line in reading.lines}


OWED = {"A-1": "500.00", "A-2": "80.25", "A-3": "75.00"}


def sheet(heading: str, *cells: str) -> str:
    rows = zip(OWED.items(), cells, strict=True)
    return f"Matter,Balance,{heading}\n" + "".join(f"{one},{amount},{cell}\n" for (one, amount), cell in rows)


@pytest.mark.parametrize(
    ("heading", "cells"),
    [
        ("Phone", ("5551234567", "555-123-9999", "555.123.4567")),
        ("Hourly Rate", ("350.00", "275.50", "400.00")),
        ("Zip", ("10001", "02134", "94110")),
        ("Hours", ("1.50", "2.25", "0.10")),
        ("Date", ("10/31/2026", "10/30/2026", "10/29/2026")),
        ("Days Past Due", ("31", "7", "92")),
        ("Interest Rate", ("1.50", "1.25", "2.00")),
        ("Client ID", ("101", "102", "103")),
        ("Sort", ("1", "2", "3")),
        ("Practice Area", ("Probate", "Tax", "Tax")),
        ("E-mail", ("a@example.com", "b@example.com", "")),
    ],
)
def test_a_harmless_column_asks_nothing(heading, cells):
    reading = read(sheet(heading, *cells))
    assert owed(reading) == OWED
    assert reading.problems == ()
    assert reading.balance == 'B "Balance"'
    assert list(parts(reading)) == ["Matter", "Balance", heading]


@pytest.mark.parametrize(
    ("heading", "part"),
    [
        ("Trust Balance", "held for the client"),
        ("Retainer", "held for the client"),
        ("Unbilled", "not billed yet"),
        ("WIP", "not billed yet"),
        ("Last Payment", "another figure"),
        ("Credit Limit", "another figure"),
        ("Over 90", "bucket"),
    ],
)
def test_money_beside_a_balance_that_its_heading_explains_asks_nothing(heading, part):
    reading = read(sheet(heading, "12.50", "3.75", "9.10"))
    assert owed(reading) == OWED
    assert parts(reading)[heading] == part


def test_a_column_without_a_heading_has_a_part_too():
    reading = read(sheet("", "Probate", "Tax", "Tax"))
    assert [(one.letter, one.heading, one.part) for one in reading.census][2] == ("C", "", "marks")


@pytest.mark.parametrize("heading", ["", "Zwischensumme", "Deposito?", "Credits"])
def test_money_that_no_word_explains_is_asked_about(heading):
    text = sheet(heading, "12.50", "3.75", "9.10")
    with pytest.raises(SheetQuestion) as caught:
        read(text)
    assert caught.value.kind == "balance"
    assert owed(read(text, balance="B")) == OWED


@pytest.mark.parametrize(
    ("words", "part"),
    [
        ("opening balance", Part.OPENING),
        ("amount paid", Part.RECEIVED),
        ("unpaid", Part.OWED),
        ("total billed", Part.BILLED),
        ("fees", Part.COMPONENT),
        ("costs outstanding", Part.COMPONENT),
        ("trust balance", Part.TRUST),
        ("unbilled fees", Part.UNBILLED),
        ("last payment amount", Part.ASIDE),
        ("hourly rate", Part.HARMLESS),
        ("amount", Part.AMOUNT),
        ("zwischensumme", None),
    ],
)
def test_the_words_of_a_heading_give_a_part(words, part):
    assert part_of(words) is part


@pytest.mark.parametrize(
    ("cell", "cents"),
    [
        (12.5, 1250),
        ("1,234.50", 123450),
        ("(12.50)", -1250),
        ("$12.50 CR", -1250),
        ("12.50-", -1250),
        ("12.50 DR", 1250),
        ("-", 0),
        ("12.50 paid", None),
        ("10/31/2026", None),
        (True, None),
        ("", None),
    ],
)
def test_a_cell_in_cents(cell, cents):
    assert cents_of(cell) == cents


def test_a_cell_in_cents_with_a_decimal_comma():
    assert cents_of("1.234,50", DecimalMark.COMMA) == 123450


def test_a_column_of_the_firms_users_is_read_under_any_heading():
    reading = read(sheet("Desk", "Diana Dane", "EE", "Fay Fox"), PEOPLE)
    assert [line.user for line in reading.lines] == ["Diana Dane", "EE", "Fay Fox"]
    assert 'Column C "Desk" names users of the firm and is read as the user.' in reading.remarks
    assert parts(reading)["Desk"] == "user"


def test_a_column_of_others_is_not_the_users():
    reading = read(sheet("Desk", "Diana Dane", "Window", "Door"), PEOPLE)
    assert [line.user for line in reading.lines] == [None, None, None]


def test_a_heading_that_says_user_comes_before_what_stands_in_other_columns():
    reading = read(sheet("User,Desk", "Ed East,DD", "Ed East,EE", "Ed East,DD"), PEOPLE)
    assert {line.user for line in reading.lines} == {"Ed East"}


TWO = sheet("Desk,Backup", "Diana Dane,EE", "EE,DD", "Fay Fox,DD")


def test_two_columns_of_users_are_asked_about():
    with pytest.raises(SheetQuestion) as caught:
        read(TWO, PEOPLE)
    question = caught.value
    assert (question.kind, [one.value for one in question.candidates]) == ("user", ["C", "D", "none"])
    assert str(question).startswith('Two columns of "AR.csv" could be the user: C "Desk" and D "Backup".')


@pytest.mark.parametrize(
    ("answer", "users"),
    [("C", ["Diana Dane", "EE", "Fay Fox"]), ("D", ["EE", "DD", "DD"]), ("none", [None, None, None])],
)
def test_each_answer_of_two_columns_of_users_is_read(answer, users):
    assert [line.user for line in read(TWO, PEOPLE, user=answer).lines] == users


@pytest.mark.parametrize("heading", ["Agreed", "Settlement", "Use this", ""])
def test_whole_numbers_near_the_balances_are_money_though_no_word_says_so(heading):
    rows = f"Matter,Balance,{heading}\nA-1,500,450\nA-2,240,200\nA-3,70,70\n"
    with pytest.raises(SheetQuestion) as caught:
        read(rows)
    assert [one.value for one in caught.value.candidates] == ["B", "C"]


@pytest.mark.parametrize("cells", [("1", "2", "3"), ("10234", "10235", "10236"), ("3", "12", "7")])
def test_whole_numbers_that_only_name_or_count_something_ask_nothing(cells):
    assert owed(read(sheet("Sort", *cells))) == OWED


def test_a_column_of_credits_holds_money_though_most_of_its_cells_are_words():
    with pytest.raises(SheetQuestion, match='nothing explains C "Credit" beside it'):
        read("Matter,Balance,Credit\nA-1,500.25,none\nA-2,240.00,100.00\nA-3,70.50,see memo\nA-4,30.00,pending\n")


def test_an_amount_in_the_words_of_such_a_column_is_a_problem_of_its_row():
    reading = read("Matter,Balance,Less\nA-1,500.25,\nA-2,240.00,100.00 from trust\nA-3,70.50,\n")
    assert owed(reading) == {"A-1": "500.25", "A-3": "70.50"}
    assert [bad.matter for bad in reading.problems] == ["A-2"]


@pytest.mark.parametrize("heading", ["New Matter No", "Bill To Matter", "Clio Matter Number"])
def test_a_second_column_of_matters_that_says_otherwise_is_asked_about(heading):
    text = f"Matter,{heading},Balance\nA-1,B-1,500.25\nA-2,A-2,240.00\n"
    with pytest.raises(SheetQuestion) as caught:
        read(text)
    assert (caught.value.kind, [one.value for one in caught.value.candidates]) == ("matter", ["A", "B"])
    assert list(owed(read(text, matter="B"))) == ["B-1", "A-2"]
    assert list(owed(read(text.replace("B-1", "A-1")))) == ["A-1", "A-2"]


UNLIKE = ["1,234.50", "(5.00)", "1.5\n", "1.00\n2.00", "-3.10", "2.675", "12345678901.00", None, ""]


@pytest.mark.parametrize("more", [[], *([cell] for cell in UNLIKE)], ids=repr)
@pytest.mark.parametrize("mark", [None, DecimalMark.DOT, DecimalMark.COMMA])
def test_a_column_that_is_read_at_once_is_what_each_of_its_cells_is(more, mark):
    texts = ["0.00", "0.01", "812.4", "12", "007.50", "9999999999.99", "4503599627.37", "1.15", "0.29", *more]
    each = [cents_of(text, mark) for text in texts]
    cents, filled = cents_of_column(texts, mark)
    assert cents.tolist() == [one or 0 for one in each]
    assert filled.tolist() == [one is not None for one in each]
