"""Headings in two rows, camel case, shortened, with a day or the currency in them; rows that are none."""

import io

import pytest
import xlsxwriter

from brought_forward.bot.errors import SheetQuestion
from brought_forward.bot.sheet.columns.headings import LABEL, Role, heading_words, known
from brought_forward.bot.sheet.read import SheetRules, read_sheet
from brought_forward.storage.records.sheet import SheetReading

RULES = SheetRules("USD", day_first=False)


def read(text: str) -> SheetReading:
    return read_sheet(text.encode(), "AR.csv", RULES)


def owed(reading: SheetReading) -> dict[str, str]:
    return {line.matter: str(line.amount) for line in reading.lines}


ROWS = "A-1,500.00\nA-2,80.25\n"
OWED = {"A-1": "500.00", "A-2": "80.25"}


def test_headings_go_on_in_a_second_row():
    reading = read("Matter,Amount,,\n,Billed,Received,Outstanding\nA-1,900.00,400.00,500.00\nA-2,80.50,0.25,80.25\n")
    assert owed(reading) == OWED
    assert (reading.header_row, reading.balance) == (2, 'D "Amount Outstanding"')
    assert reading.proofs == ('= B "Amount Billed" - C "Amount Received" on all 2 rows',)


def test_headings_of_a_workbook_go_on_below_merged_ones():
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        page = book.add_worksheet("AR")
        page.write_row(0, 0, ["Matter", "Balance", "Balance"])
        page.write_row(1, 0, ["Number", "Previous", "Current"])
        for at, row in enumerate((["A-1", 450.0, 500.0], ["A-2", 81.5, 80.25]), 2):
            page.write_row(at, 0, row)
    reading = read_sheet(out.getvalue(), "AR.xlsx", SheetRules("USD", day_first=False, answers={"balance": "C"}))
    assert owed(reading) == OWED
    assert (reading.header_row, reading.balance) == (2, 'C "Balance Current"')


def test_a_first_row_of_amounts_is_no_second_row_of_headings():
    reading = read(f"Matter,Balance\n{ROWS}")
    assert (reading.header_row, owed(reading)) == (1, OWED)


@pytest.mark.parametrize(
    "heading",
    ["BalanceDue", "balanceDue", "AmountOutstanding", "Bal Due", "Amt Due", "O/S Bal", "Tot Due", "Rem Bal", "BALDUE",
     "A/R Bal.", "Balance (USD)", "Balance Due USD", "Balance as of 10/31/2026", "Balance at 31 Oct 2026",
     "Outstanding 2026-10-31", "Amount Due on Oct 31, 2026", "Balance Due ($)"],
)  # fmt: skip
def test_a_heading_of_a_balance_is_known_however_it_is_written(heading):
    text = heading if "," not in heading else f'"{heading}"'
    reading = read(f"MatterNo,{text}\n{ROWS}")
    assert owed(reading) == OWED
    assert reading.balance == f'B "{heading}"'


@pytest.mark.parametrize("heading", ["MatterNumber", "Mtr No", "Matter Nbr.", "MATTERNO", "FileNum", "Case #"])
def test_a_heading_of_a_matter_is_known_however_it_is_written(heading):
    assert owed(read(f"{heading},Balance\n{ROWS}")) == OWED


@pytest.mark.parametrize(
    ("heading", "words"),
    [
        ("BalanceDue", "balance due"),
        ("Prev Bal", "previous balance"),
        ("Amt. Pd.", "amount paid"),
        ("No", "no"),
        ("Amt", "amount"),
        ("Rec'd", "received d"),
        ("Balance as of Oct 31, 2026", "balance"),
        ("Due 10/31/2026", "due"),
        ("Balance (CAD)", "balance"),
    ],
)
def test_the_words_of_a_heading_are_written_out(heading, words):
    assert heading_words(heading, "USD") == words


@pytest.mark.parametrize(
    ("heading", "role"),
    [
        ("Resp Atty", Role.USER),
        ("PARTYNAME", Role.CLIENT),
        ("Supervising Partner", Role.USER),
        ("Partner Rate", None),
        ("Collection Notes", Role.COMMENT),
        ("Promissory Notes", None),
        ("Trust Balance", None),
        ("Over 90", None),
    ],
)
def test_what_a_heading_says_of_its_column(heading, role):
    found = known(heading, "USD")
    assert (found[0] if found else None) is role


@pytest.mark.parametrize(
    ("text", "word", "value"),
    [
        ("Client: 100 Smith, John", "Client", "100 Smith, John"),
        ("Resp Lawyer: DD", "Lawyer", "DD"),
        ("Matter 2024-0012", "Matter", "2024-0012"),
        ("Matter No. #A-7", "Matter", "A-7"),
        ("Fee Earner - Jo", "Fee Earner", "Jo"),
    ],
)
def test_a_row_that_heads_a_group_says_of_what(text, word, value):
    found = LABEL.fullmatch(text)
    assert found is not None
    assert (found[1], found["value"]) == (word, value)


@pytest.mark.parametrize("text", ["Matter of Smith", "Clients: 7", "User fees", "Smith"])
def test_other_texts_head_no_group(text):
    assert LABEL.fullmatch(text) is None


@pytest.mark.parametrize(
    "headings",
    ["Matter,Matter,\nNumber,Description,Outstanding", "File,,\nNo.,Description,Outstanding"],
    ids=["matter number", "file no"],
)
def test_a_heading_may_need_the_word_above_it(headings):
    reading = read(f"Hale & North LLP,,\nA/R by Office,,\n,,\n{headings}\nA-1,Lease,500.00\nA-2,Sale,80.25\n")
    assert owed(reading) == OWED
    assert reading.header_row == 5


def test_numbers_of_clients_and_matters_may_need_the_word_above_them():
    text = "Cl,Mtr,,\n#,#,MatterName,Balance\n1,001,Lease,500.00\n1,002,Sale,80.25\n2,001,Will,3.00\n"
    with pytest.raises(SheetQuestion, match="same number for several clients") as raised:
        read(text)
    assert raised.value.kind == "join"


def test_a_row_of_a_ledger_that_comes_to_nothing_is_no_row_of_headings():
    reading = read("File No.,Invoice,Narrative,Amount\n1-003,CHQ 1727,Payment CHQ 1727,-\n1-004,9259,Payment 9259,-\n"
                   "2-001,15,Invoice 15,80.25\n")  # fmt: skip
    assert owed(reading) == {"2-001": "80.25"}
    assert reading.remarks == ()


@pytest.mark.parametrize("again", ["Number,Timekeeper,Outstanding", "Matter,,Amount"], ids=["lower row", "upper row"])
def test_one_row_of_headings_in_two_may_come_again(again):
    reading = read(f"Matter,,Amount\nNumber,Timekeeper,Outstanding\nA-1,FT,500.00\n{again}\nA-2,BL,80.25\n")
    assert owed(reading) == OWED
    assert reading.remarks == ()
    assert reading.problems == ()


@pytest.mark.parametrize("row", ["850-001,Ann Reed,see note", "850-001,Fees,+228.68"])
def test_a_row_of_a_list_is_no_row_of_headings(row):
    reading = read(f"Matter,Client,Balance\n{row}\nA-2,Bo Lund,80.25\n")
    told = [line.matter for line in reading.lines] + [bad.matter for bad in reading.problems]
    assert sorted(told) == ["850-001", "A-2"]


def test_a_word_above_a_heading_that_speaks_of_trust_money_is_part_of_it():
    reading = read(",,A/R,Trust\nMatter,Client,Balance,Balance\nA-1,X,500.00,700.00\nA-2,Y,80.25,800.00\n")
    assert (owed(reading), reading.balance) == (OWED, 'C "Balance"')
    other = read(",Trust,Operating\nMatter,Balance,Amount\nA-1,700.00,500.00\nA-2,800.00,80.25\n")
    assert owed(other) == OWED


def test_a_slip_of_a_blank_takes_no_user_from_the_rows_below():
    reading = read("A/R by Attorney,,\nMatter,Billed,Amount Due\nKate Young,,\n 10255,9.00,500.00\nBen Patel,,\n"
                   "10262,9.00,80.25\n10263,9.00,1.00\n10264,9.00,2.00\n")  # fmt: skip
    assert [line.user for line in reading.lines] == ["Kate Young", "Ben Patel", "Ben Patel", "Ben Patel"]


def test_a_heading_that_speaks_for_itself_takes_nothing_from_the_column_before_it():
    text = "matter,,balance,total,cash,\n#,user,forward,billed,received,a/r\n"
    text += "A-1,Don,10.00,5.00,1.00,14.00\nA-2,Peggy,0.00,7.00,0.00,7.00\nA-3,Don,3.00,0.00,1.50,1.50\n"
    reading = read_sheet(text.encode(), "AR.csv", SheetRules("USD", day_first=False))
    assert [(line.matter, line.user, str(line.amount)) for line in reading.lines] == [
        ("A-1", "Don", "14.00"), ("A-2", "Peggy", "7.00"), ("A-3", "Don", "1.50")
    ]  # fmt: skip
