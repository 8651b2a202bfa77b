"""Another currency than the firm's, by sign, code, heading, number format or a column of its own, is never taken."""

import io

import pytest
import xlsxwriter

from brought_forward.bot.errors import SheetError
from brought_forward.bot.sheet.cells import Facts, SheetCells
from brought_forward.bot.sheet.read import SheetRules, read_cells, read_sheet

EURO = "[$€-2] #,##0.00"


def read(text, currency="USD", **answers):
    return read_sheet(text.encode(), "AR.csv", SheetRules(currency, day_first=False, answers=answers))


def formatted(number_format, amount=30.0, currency="USD"):
    facts = Facts(formats={number_format: frozenset({(3, 2)})})
    rows = [["Matter", "Balance"], ["A-1", 10.0], ["A-2", amount]]
    return read_cells([SheetCells("AR", 1, 1, rows, facts=facts)], SheetRules(currency, day_first=False))


def problems_of(reading):
    return {bad.cell: bad.text for bad in reading.problems}


@pytest.mark.parametrize("written", ["€30.00", "30.00 EUR", "Rs. 30.00", "kr 30.00", "30.00 DKK", "R$30.00", "C$30.00"])
def test_a_sign_or_a_code_beside_an_amount_makes_it_a_problem_that_names_it(written):
    reading = read(f"Matter,Balance\nA-1,10.00\nA-2,{written}\n")
    assert [line.matter for line in reading.lines] == ["A-1"]
    assert ", not in USD. Correct it, or enter it in Clio by hand." in problems_of(reading)["B3"]


@pytest.mark.parametrize("heading", ["Currency", "Curr.", "Cur", "CCY", "Currency Code", "", "Cncy"])
def test_a_column_of_currencies_is_read_whatever_its_heading(heading):
    reading = read(f"Matter,{heading},Balance\nA-1,USD,10.00\nA-2,CAD,20.00\nA-3,EUR,30.00\nA-4,,5.00\n")
    assert [line.matter for line in reading.lines] == ["A-1", "A-4"]
    assert problems_of(reading) == {
        "B3": 'its currency is "CAD", not USD. Enter it in Clio by hand.',
        "B4": 'its currency is "EUR", not USD. Enter it in Clio by hand.',
    }
    assert [str(bad.amount) for bad in reading.problems] == ["20.00", "30.00"]


def test_signs_and_names_of_the_firms_own_currency_are_no_doubt():
    reading = read("Matter,Currency,Balance\nA-1,US$,10.00\nA-2,$,20.00\nA-3,US Dollar,30.00\nA-4,usd,5.00\n")
    assert len(reading.lines) == 4
    reading = read("Matter,Currency,Balance\nA-1,$,10.00\nA-2,Canadian dollars,30.00\n")
    assert problems_of(reading) == {"B3": 'its currency is "Canadian dollars", not USD. Enter it in Clio by hand.'}


def test_a_bucket_called_cur_is_no_currency():
    reading = read("Matter,Cur,Over 30,Balance\nA-1,10.00,0.00,10.00\n")
    assert (len(reading.lines), reading.problems) == (1, ())


@pytest.mark.parametrize(
    ("heading", "named"),
    [
        ("Balance (EUR)", "EUR"),
        ("Amount (€)", "EUR"),
        ("Balance CAD", "CAD"),
        ("Balance (£)", "GBP"),
        ("Balance_gbp", "GBP"),
        ("EUR Balance (USD)", "EUR"),
        ("Balance $ CAD", "CAD"),
    ],
)
def test_a_balance_headed_in_another_currency_is_refused_in_one_sentence(heading, named):
    with pytest.raises(SheetError) as raised:
        read(f"Matter,{heading}\nA-1,10.00\nA-2,20.00\n")
    assert f"is in {named}, and balances are brought forward in USD." in str(raised.value)
    assert heading in str(raised.value)


@pytest.mark.parametrize(
    "title", ["All amounts in EUR", "Currency: CAD", "(amounts in Canadian dollars)", "Figures are stated in £", "EUR"]
)
@pytest.mark.parametrize("place", ["above", "below"])
def test_a_title_or_a_note_below_that_names_another_currency_is_refused(title, place):
    rows = "Matter,Balance,User\nA-1,10.00,DD\nA-2,20.00,DD\n"
    with pytest.raises(SheetError, match="balances are brought forward in USD"):
        read(f"{title},,\n{rows}" if place == "above" else f"{rows}{title},,\n")


@pytest.mark.parametrize(
    "title", ["Amounts in USD", "Rates: 1 USD = 0.9 EUR", "Smith Euro Partners LLP", "CAD drawings", "In re Euro Ltd"]
)
def test_a_title_that_names_the_firms_own_or_speaks_of_something_else_is_none(title):
    assert len(read(f"{title},\nMatter,Balance\nA-1,10.00\n").lines) == 1


@pytest.mark.parametrize("heading", ["Balance (USD)", "Balance US$", "USD Balance", "Balance ($)"])
def test_the_firms_own_currency_in_the_heading_is_no_matter(heading):
    assert len(read(f"Matter,{heading}\nA-1,10.00\n").lines) == 1


@pytest.mark.parametrize(
    ("number_format", "said"),
    [
        (EURO, "in EUR, not in USD"),
        ('"CAD" #,##0.00', "in CAD, not in USD"),
        ("[$£-809]#,##0.00", "in GBP, not in USD"),
        ("_-* #,##0.00\\ [$€-407]_-;\\-* #,##0.00\\ [$€-407]_-", "in EUR, not in USD"),
        ("0.00%", "as a percentage"),
        ("m/d/yyyy", "as a date or a time"),
        ("[h]:mm", "as a date or a time"),
        ("-#,##0.00", "as a credit"),
        ('#,##0.00" Cr";#,##0.00" Dr"', "as a credit"),
        ("(#,##0.00)", "as a credit"),
        ('0.00" hrs"', '"hrs" beside it'),
        ('"paid"', '"paid" in its place'),
    ],
)
def test_what_a_number_format_says_against_an_amount_is_a_problem(number_format, said):
    reading = formatted(number_format)
    assert [line.matter for line in reading.lines] == ["A-1"]
    assert problems_of(reading)["B3"].startswith("B3: Excel shows")
    assert said in problems_of(reading)["B3"]


@pytest.mark.parametrize(
    "number_format",
    [
        '_("$"* #,##0.00_);_("$"* \\(#,##0.00\\);_("$"* "-"??_);_(@_)',
        "$#,##0.00_);[Red]($#,##0.00)",
        "#,##0.00;[Red]#,##0.00",
        '#,##0.00" Dr";#,##0.00" Cr"',
        "[$-409]#,##0.00",
        "[$USD] #,##0.00",
        "General",
        "@",
        "0.00E+00",
        "# ?/?",
    ],
)
@pytest.mark.parametrize("amount", [30.0, -30.0])
def test_the_formats_of_the_firms_own_money_say_nothing(number_format, amount):
    assert [str(line.amount) for line in formatted(number_format, amount).lines] == ["10.00", f"{amount:.2f}"]


def test_the_formats_of_a_real_workbook_are_read():
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Matter", "Balance"])
        for number, number_format in enumerate(["$#,##0.00", EURO, '"CAD" #,##0.00', "0.00%"], 1):
            sheet.write_row(number, 0, [f"A-{number}"])
            sheet.write_number(number, 1, 7.0 * number, book.add_format({"num_format": number_format}))
    reading = read_sheet(file.getvalue(), "AR.xlsx", SheetRules("USD", day_first=False))
    assert [line.matter for line in reading.lines] == ["A-1"]
    assert [bad.cell for bad in reading.problems] == ["B3", "B4", "B5"]


def test_a_negative_amount_that_excel_shows_without_its_minus_is_a_problem():
    assert "without its minus" in problems_of(formatted("#,##0.00;#,##0.00", -30.0))["B3"]
    assert len(formatted("#,##0.00;#,##0.00", 30.0).lines) == 2
    assert len(formatted(EURO, currency="EUR").lines) == 2
