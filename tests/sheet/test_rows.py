"""Rows that are no lines: totals by words and by sums, footers, rows that repeat those below; and that none is lost."""

from collections import defaultdict
from decimal import Decimal

import pytest
from golden import FOLDER, NAMES, expected
from sheet_text import question_of, read

from brought_forward.bot.errors import SheetError, SheetQuestion
from brought_forward.bot.sheet.cells import SheetCells
from brought_forward.bot.sheet.columns.grounds import CLOSING, PARTS_OF_BOTH, TOTAL_ROW
from brought_forward.bot.sheet.columns.headings import normal
from brought_forward.bot.sheet.columns.labels import (
    PARTS_OF_TOTALLING,
    PARTS_OF_TOTALS,
    STATISTIC,
    SUB,
    SUM,
    TOTALLING,
    worded,
)
from brought_forward.bot.sheet.read import SheetRules, read_sheet
from brought_forward.bot.sheet.texts import clean, rows_holding, texts_holding
from brought_forward.storage.records.sheet import SheetReading

RULES = SheetRules(currency="USD", day_first=False)


def sums(reading: SheetReading) -> dict[str, str]:
    found: dict[str, Decimal] = defaultdict(Decimal)
    for line in reading.lines:
        found[line.matter] += line.amount
    return {matter: str(amount) for matter, amount in found.items()}


def apart(reading: SheetReading) -> dict[int, str]:
    return {one.row: one.why for one in reading.not_counted}


def all_money(reading: SheetReading) -> Decimal:
    parts = [line.amount for line in reading.lines]
    parts += [bad.amount for bad in reading.problems if bad.amount is not None]
    return sum([*parts, *(one.amount for one in reading.not_counted)], Decimal(0))


@pytest.mark.parametrize("name", NAMES)
def test_lines_problems_and_what_is_not_counted_are_all_money_of_the_column(name):
    try:
        reading = read_sheet((FOLDER / name).read_bytes(), name, SheetRules(**expected(name)["rules"]))
    except SheetError:
        assert "reading" not in expected(name)
        return
    assert all_money(reading) == reading.column_total


LINES = "Matter,Client,Balance\n100-001,Ann Reed,500.00\n100-002,Bo Lund,300.00\n"


@pytest.mark.parametrize(
    "row",
    [
        "TOTAL DUE,,800.00",
        "Total A/R,,800.00",
        "Total · 20 customers,,800.00",
        ",Grand Total (USD),800.00",
        "Sum,,800.00",
        "Totals:,,800.00",
        "Sub-total,,800.00",
        "Summe,,800.00",
        "A/R Total as of 10/31/2026,,800.00",
        "2 matters total,,800.00",
        "Total,2 clients,800.00",
        "Total,,",
        "Average,,400.00",
        "Grand Average,,400.00",
        "Count of matters,,2",
        "Number of lines,,2",
        "No. of matters,,2",
        "Records,,2",
        "100-002 Total,,300.00",
        "Total for 100-002,,300.00",
        "All,,800.00",
        "Balance due,,800.00",
        ",,800.00",
    ],
)
def test_a_total_a_mean_and_a_count_are_no_lines(row):
    reading = read(f"{LINES}{row}\n")
    assert sums(reading) == {"100-001": "500.00", "100-002": "300.00"}
    assert reading.problems == ()
    assert list(apart(reading)) == ([] if row.endswith(",") else [4])
    assert all_money(reading) == reading.column_total


@pytest.mark.parametrize(
    "row",
    [
        "Total Wine LLC,00003,10.00",
        "Sum & Co,00003,10.00",
        "The Total,00003,10.00",
        "Records Inc,00003,10.00",
        "Number of Wonders LLC,00003,10.00",
    ],
)
def test_a_name_that_merely_holds_such_a_word_stays_a_line(row):
    reading = read(f"Client,Matter,Balance\nReed,00001,5.00\n{row}\n")
    assert sums(reading) == {"00001": "5.00", "00003": "10.00"}
    assert reading.not_counted == ()


REGISTER = """Invoice,Date,Matter,Balance
11,2026-10-01,100-001,100.10
12,2026-10-02,100-001,250.20
13,2026-10-03,100-002,300.30
"""


@pytest.mark.parametrize("last", ["3,,,650.60", "All invoices,,,650.60", ",,,650.60", "3,,,216.87", "N=3,,,650.60"])
def test_a_last_row_without_matter_is_no_invoice_of_the_matter_above(last):
    reading = read(f"{REGISTER}{last}\n")
    assert sums(reading) == {"100-001": "350.30", "100-002": "300.30"}
    assert reading.problems == () or last.startswith(("All", "N"))
    assert all_money(reading) == reading.column_total


def test_an_invoice_without_its_matter_that_is_the_sum_of_all_above_is_left_out_and_told():
    reading = read(f"{REGISTER}14,2026-10-04,,650.60\n")
    assert sums(reading) == {"100-001": "350.30", "100-002": "300.30"}
    (problem,) = reading.problems
    assert (problem.amount, problem.anyway) == (Decimal("650.60"), True)
    assert "sum of all rows above" in problem.text


def test_an_invoice_without_its_matter_has_that_of_the_row_above():
    reading = read(f"{REGISTER}14,2026-10-04,,20.00\n")
    assert sums(reading) == {"100-001": "350.30", "100-002": "320.30"}


def test_a_total_of_a_matter_that_names_it_is_known_by_its_sum():
    text = "Matter,Invoice,Balance\n100-001,11,100.00\n100-001,12,50.00\n100-001,Total,{}\n100-002,13,30.00\n"
    assert sums(read(text.format("150.00"))) == {"100-001": "150.00", "100-002": "30.00"}
    doubtful = read(text.format("160.00"))
    assert sums(doubtful) == {"100-001": "150.00", "100-002": "30.00"}
    assert [(bad.row, bad.amount) for bad in doubtful.problems] == [(4, Decimal("160.00"))]


def test_the_last_of_several_totals_is_the_files_own_where_it_is_the_sum_of_all_rows():
    text = "Matter,Balance\n1,5.00\nTotal,5.00\n2,6.00\nTotal,6.00\nTotal,{}\n"
    assert read(text.format("11.00")).control_total == Decimal("11.00")
    assert read(text.format("12.00")).control_total is None


@pytest.mark.parametrize(
    "footer",
    [
        "Page 1 of 2,,",
        ",,Page 1",
        '"Printed on 10/31/2026 4:15 PM",,',
        "Matter,Client,Balance",
        "10/31/2026,,",
        '"Saturday, October 31, 2026 04:15 PM",Page 2,',
        "Invented & Partners LLP,,",
        "*** End of report ***,,",
        "Run by: accounts,,",
        "Cash basis,,",
    ],
)
def test_footers_and_titles_that_come_again_are_no_lines(footer):
    page = "100-001,Ann Reed,500.00\n"
    reading = read(
        f"Invented & Partners LLP\n\nMatter,Client,Balance\n{page}{footer}\n100-002,Bo Lund,300.00\n{footer}\n"
    )
    assert sums(reading) == {"100-001": "500.00", "100-002": "300.00"}
    assert reading.problems == ()


def test_a_note_below_the_table_is_no_line_and_a_matter_that_lacks_its_amount_is_a_problem():
    names = "Matter,Balance\nReed,5.00\nLund,3.00\n"
    assert read(f"{names}\nChecked by accounts,\n").problems == ()
    assert read(f"{names}All of these were sent on paper,\n").problems == ()
    assert [bad.row for bad in read(f"{names}Dow,\n").problems] == [4]
    assert [bad.row for bad in read("Matter,Balance\n100-1,5.00\n100-2,\n100-3,1.00\n").problems] == [3]


@pytest.mark.parametrize(
    "rows",
    [
        "A,,300\n,11,100\n,12,200\nB,,50\n,13,50\n",
        "A,,300\nA,11,100\nA,12,200\nB,,50\nB,13,50\n",
        "A,11,100\nA,12,200\nA,,300\nB,13,50\n",
    ],
)
def test_a_matters_row_that_is_the_sum_of_its_invoices_is_not_counted(rows):
    reading = read(f"Matter,Invoice,Balance\n{rows}")
    assert sums(reading) == {"A": "300.00", "B": "50.00"}
    assert all_money(reading) == reading.column_total


def test_a_clients_row_that_is_the_sum_of_its_matters_is_not_counted():
    reading = read("Client,Matter,Balance\nSmith,,300\n,001,100\n,002,200\nLee,,50\n,003,50\n")
    assert sums(reading) == {"001": "100.00", "002": "200.00", "003": "50.00"}
    assert reading.problems == ()


UNEVEN = "Matter,Invoice,Balance\nA,,5000\n,11,100\n,12,200\nB,,70\n,13,30\n,14,40\n"


def test_only_rows_whose_sum_does_not_agree_are_asked_about_and_repeat_drops_none_of_them():
    with pytest.raises(SheetQuestion, match='Row such as "A" has an amount') as asked:
        read(UNEVEN)
    assert asked.value.kind == "parent"
    own = read(UNEVEN, parent="own")
    assert sums(own) == {"A": "5300.00", "B": "70.00"}
    repeat = read(UNEVEN, parent="repeat")
    assert sums(repeat) == {"A": "300.00", "B": "70.00"}
    assert [(bad.row, bad.amount) for bad in repeat.problems] == [(2, Decimal(5000))]
    for reading in (own, repeat):
        assert all_money(reading) == reading.column_total


def test_the_files_own_total_says_which_rows_are_balances_of_their_own():
    assert sums(read(f"{UNEVEN}Total,,5370\n")) == {"A": "5300.00", "B": "70.00"}
    assert sums(read(f"{UNEVEN}Total,,370\n")) == {"A": "300.00", "B": "70.00"}


def test_one_leading_blank_is_no_outline_unless_sums_prove_it():
    assert sums(read("Matter,Balance\n1,500\n 2,300\n3,20\n")) == {"1": "500.00", "2": "300.00", "3": "20.00"}
    assert sums(read("Matter,Balance\nA,500\n 1,300\n 2,200\nB,20\n")) == {"1": "300.00", "2": "200.00", "B": "20.00"}


CLOSED = {"closing balance", "Ending Balance", "balance due", "balance c/f", "carried forward"}


@pytest.mark.parametrize(
    ("parts", "patterns", "words"),
    [
        (PARTS_OF_TOTALLING, (TOTALLING,), SUM | SUB | STATISTIC),
        (PARTS_OF_BOTH, (TOTAL_ROW, CLOSING), SUM | SUB | STATISTIC | CLOSED),
    ],
)
def test_no_row_that_totals_is_passed_over_by_the_first_look(parts, patterns, words):
    spelled = {text for word in words for text in (word, word.upper(), word.replace("s", "\u017f"), f"A {word}, 3")}
    spelled |= {text.replace("i", "\u0131").replace("I", "\u0130") for text in spelled}
    totals = [text for text in sorted(spelled) if any(one.search(text) for one in patterns)]
    assert len(totals) > len(words)
    for text in totals:
        rows = [["00012", 5.0, None], *[["Smith", 1.0]] * 250, [2.0, text]]
        assert rows_holding(parts, SheetCells("AR", 1, 1, rows)) == {251}
        assert rows_holding(parts, SheetCells("AR", 1, 1, rows), 200) == {51}


def test_no_word_of_a_total_is_passed_over_by_the_first_look():
    words = [
        *sorted(SUM | SUB | STATISTIC),
        "number of matters",
        "No. of open files",
        "nr of\u00a0cases",
        "records found",
    ]
    texts = [text for word in words for text in (word, word.upper(), f"{word}: due ", f"Client\n{word} 3")]
    totals = [text for text in texts if worded(normal(text))]
    assert len(totals) > len(words)
    for text in totals:
        assert texts_holding(PARTS_OF_TOTALS, [*["Smith"] * 250, clean(text).casefold()]) == {250}


def test_rows_that_head_groups_in_a_sheet_of_two_columns_are_asked_about():
    question = question_of("Matter,Amount Due\nKate Young,\nA-1,5.00\nA-2,6.00\nBen Patel,\nA-3,7.00\n")
    assert question.kind == "user"
    by_title = read("A/R by Attorney,\nMatter,Amount Due\nKate Young,\nA-1,5.00\nBen Patel,\nA-3,7.00\n")
    assert [(line.matter, line.user) for line in by_title.lines] == [("A-1", "Kate Young"), ("A-3", "Ben Patel")]


def test_amounts_of_another_table_are_told_though_no_line_says_how_the_column_is_written():
    reading = read("Matter,User,Balance\nA-1,,7\n\nMatter,Bank,Amount\nA-2,,1250.50\nA-3,,80.5\n")
    assert sums(reading) == {"A-1": "7.00"}
    assert {bad.row: bad.amount for bad in reading.problems} == {5: Decimal("1250.50"), 6: Decimal("80.50")}
    assert reading.column_total == Decimal("1338.00")


def test_names_head_groups_of_numbers_though_the_last_row_is_a_total_in_other_words():
    text = "Case,Amount Due\nReed,\nKE1/1,100.25\nTotal Reed,100.25\nLund,\nKE2/1,7.00\nKE2/2,8.00\nTotal Lund,15.00\n"
    reading = read(f"{text}All matters,115.25\n", user="none")
    assert sums(reading) == {"KE1/1": "100.25", "KE2/1": "7.00", "KE2/2": "8.00"}
    assert reading.problems == ()
