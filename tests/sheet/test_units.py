"""Amounts in thousands are never read as they stand: a title is asked about, and what Excel shows is told."""

import pytest
from sheet_text import question_of, read

from brought_forward.bot.errors import SheetQuestion
from brought_forward.bot.sheet.cells import Facts, SheetCells
from brought_forward.bot.sheet.read import SheetRules, read_cells

ROWS = "Matter,User,Balance\nA-1,DD,12.345\nA-2,DD,1.5\nTotal,,13.845\n"


def amounts_of(reading):
    return [str(line.amount) for line in reading.lines]


TITLES = [
    "AR ageing (in thousands)",
    "(000s)",
    "$ thousands",
    "Amounts in '000",
    "($000)",
    "000s omitted",
    "Stated in thousands of dollars",
    "In US$K: ($K)",
]


@pytest.mark.parametrize("title", TITLES)
@pytest.mark.parametrize("place", ["above", "below"])
def test_a_title_or_a_note_below_that_counts_in_thousands_is_asked_about(title, place):
    text = f"{title},,\n{ROWS}" if place == "above" else f"{ROWS}{title},,\n"
    asked = question_of(text)
    assert asked.kind == "unit"
    assert [(one.value, one.sample) for one in asked.candidates] == [
        ("one", "13.84 in all"),
        ("thousand", "13,845.00 in all"),
    ]
    reading = read(text, unit="thousand")
    assert amounts_of(reading) == ["12345.00", "1500.00"]
    assert str(reading.control_total) == "13845.00"
    assert "each amount is multiplied by 1,000." in " ".join(reading.remarks)


@pytest.mark.parametrize(
    "heading", ["Balance (000s)", "Balance ($000)", "Balance in thousands", "Balance ('000)", "Balance ($K)"]
)
def test_a_heading_with_a_unit_is_known_for_its_column_and_asked_about(heading):
    text = f"Matter,{heading}\nA-1,12\nA-2,30\n"
    assert question_of(text).kind == "unit"
    assert amounts_of(read(text, unit="thousand")) == ["12000.00", "30000.00"]


def test_the_title_may_be_wrong():
    reading = read("In thousands,\nMatter,Balance\nA-1,12.50\n", unit="one")
    assert amounts_of(reading) == ["12.50"]
    assert '"In thousands"; the amounts are read as they stand.' in reading.remarks[0]


def test_an_m_is_a_million_to_some_and_a_thousand_to_others():
    asked = question_of("Matter,Balance ($M)\nA-1,1.25\n")
    assert [one.value for one in asked.candidates] == ["one", "thousand", "million"]
    assert amounts_of(read("Matter,Balance ($M)\nA-1,1.25\n", unit="million")) == ["1250000.00"]


def test_an_answer_is_for_the_words_that_it_was_given_to():
    asked = question_of("In thousands,\nMatter,Balance\nA-1,12\n").signature
    assert question_of("In thousands,\nMatter,Balance\nA-1,99\n").signature == asked
    assert question_of("In millions,\nMatter,Balance\nA-1,12\n").signature != asked


@pytest.mark.parametrize(
    "title", ["Thousand Oaks office", "In Thousand Oaks", "Invoices over $1,000", "As of 10/31/2000", "File 1000"]
)
def test_a_title_with_a_thousand_of_something_else_is_none(title):
    assert amounts_of(read(f'"{title}",\nMatter,Balance\nA-1,12.50\n')) == ["12.50"]


def shown_as(number_format, *amounts, **answers):
    where = frozenset((number, 2) for number in range(2, 2 + len(amounts)))
    rows = [["Matter", "Balance"], *(["A-1", amount] for amount in amounts)]
    cells = SheetCells("AR", 1, 1, rows, facts=Facts(formats={number_format: where}))
    return read_cells([cells], SheetRules("USD", day_first=False, answers=answers))


def test_cells_with_cents_that_excel_shows_in_thousands_are_read_as_they_are_stored():
    reading = shown_as("#,##0,", 12345.67, 400.0)
    assert amounts_of(reading) == ["12345.67", "400.00"]
    assert reading.remarks == ("Excel shows amounts of column B in thousands; what their cells hold is read.",)


def test_cells_without_cents_that_excel_shows_in_thousands_are_asked_about():
    with pytest.raises(SheetQuestion, match=r"the cells hold 12,400\.00 in all") as raised:
        shown_as('#,##0,"K"', 12000.0, 400.0)
    assert raised.value.kind == "shown"
    assert amounts_of(shown_as('#,##0,"K"', 12000.0, 400.0, shown="stored")) == ["12000.00", "400.00"]


def test_a_format_that_writes_thousands_behind_a_number_is_asked_about():
    with pytest.raises(SheetQuestion, match='with "K"'):
        shown_as('0.0"K"', 12.5)
    assert amounts_of(shown_as('0.0"K"', 12.5, unit="thousand")) == ["12500.00"]


@pytest.mark.parametrize(("amounts", "at_best"), [(("110.12", "3.4"), "10.00"), (("110", "3"), "1,000.00")])
def test_thousands_say_how_exact_they_are(amounts, at_best):
    text = "AR (in thousands)\nMatter,Balance\n" + "".join(f"M-{at},{one}\n" for at, one in enumerate(amounts, 1))
    reading = read(text, unit="thousand")
    (said,) = reading.remarks
    assert said.endswith(f"each amount is multiplied by 1,000. They are right to {at_best} at best, not to the cent.")


def test_thousands_with_five_decimals_are_exact_to_the_cent():
    text = "AR (in thousands)\nMatter,Balance\nM-1,110.12345\nM-2,3.40000\n"
    reading = read(text, unit="thousand")
    assert amounts_of(reading) == ["110123.45", "3400.00"]
    assert reading.remarks[0].endswith("each amount is multiplied by 1,000.")
