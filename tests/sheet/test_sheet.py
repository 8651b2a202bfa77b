import runpy
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from golden import NAMES, expected, outcome

from brought_forward.bot.errors import SheetError
from brought_forward.bot.sheet.cells import Unreadable, column_letters
from brought_forward.bot.sheet.columns.headings import HEADINGS, normal
from brought_forward.bot.sheet.dates import as_of, date_of, numeric_orders
from brought_forward.bot.sheet.file.parse import parse
from brought_forward.bot.sheet.read import SheetRules, read_sheet
from brought_forward.bot.sheet.rules import Limits

SHEETS = Path(__file__).parent / "layouts"
RULES = SheetRules(currency="USD", day_first=False)


def read(text: str, rules: SheetRules = RULES) -> Any:
    return read_sheet(text.encode(), "AR.csv", rules)


def refusal(text: str) -> str:
    with pytest.raises(SheetError) as raised:
        read(text)
    return str(raised.value)


@pytest.mark.parametrize("name", NAMES)
def test_each_sheet_reads_as_the_file_beside_it_says(name):
    golden = expected(name)
    rules = golden.pop("rules")
    if "before" in golden:
        assert outcome(name, {**rules, "answers": {}}) == golden.pop("before")
    assert outcome(name, rules) == golden


def test_the_script_still_makes_the_same_cells(tmp_path):
    runpy.run_path(str(SHEETS / "make.py"))["make"](tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == NAMES
    for name in NAMES:
        assert parse((tmp_path / name).read_bytes(), name, Limits()) == parse(
            (SHEETS / name).read_bytes(), name, Limits()
        )


def test_every_row_of_the_golden_sheets_is_accounted_for():
    rules = SheetRules("USD", day_first=False, answers={"fraction": "correct"})
    reading = read_sheet((SHEETS / "problems.xlsx").read_bytes(), "problems.xlsx", rules)
    rows = [line.row for line in reading.lines] + [problem.row for problem in reading.problems]
    assert len(rows) + reading.zero_rows == 23
    assert len(set(rows)) == len(rows)


def test_a_sheet_without_balances_is_told_its_columns():
    assert refusal("Client,Phone,City\nSmith,1,Paris\n") == (
        'No column of balances found in "AR.csv", and none of matter numbers. Columns: Client, Phone, City. '
        'Name one "Balance" and one "Matter" and drop the file again.'
    )
    assert refusal("Matter,Phone\n1,2\n") == (
        'No column of balances found in "AR.csv". Columns: Matter, Phone. Name one "Balance" and drop the file again.'
    )
    assert refusal("Balance,Phone\n1,2\n") == (
        'No column of matter numbers found in "AR.csv". Columns: Balance, Phone. '
        'Name one "Matter" and drop the file again.'
    )


@pytest.mark.parametrize(
    ("header", "named"),
    [
        ("Matter,Balance,Amount Due", 'could be the balance: B "Balance" and C "Amount Due"'),
        ("Case,Accounts Receivable,Work in Progress,Total,Balance", 'B "Accounts Receivable" and E "Balance"'),
        ("Matter,Case No.,Balance", 'could be the matter: A "Matter" and B "Case No."'),
        ("Matter,Balance,Balance", 'could be the balance: B "Balance" and C "Balance"'),
        (
            "Matter,Amount,Total",
            'B "Amount" of "AR.csv" could be the balance, but nothing explains C "Total" beside it.',
        ),
        ("Matter,Amount,Interest,Payments,Open Balance", 'explains C "Interest" and D "Payments" beside it.'),
        ("Matter,Balance,Attorney,Timekeeper", 'could be the user: C "Attorney" and D "Timekeeper"'),
        ("Matter,Balance,Date,DATE", 'could be the date: C "Date" and D "DATE"'),
        ("Matter,Balance,Open Balance,Owed", '3 columns of "AR.csv" could be the balance'),
    ],
)
def test_two_columns_that_could_equally_be_meant_are_never_guessed(header, named):
    assert named in refusal(f"{header}\n1,2,3,4,5\n")


@pytest.mark.parametrize(
    ("header", "letter"),
    [
        ("Matter,Total,Balance", "C"),
        ("Matter,Total", "B"),
        ("Matter,Current,1-30,31-60,90+,>90,91 and over,Total", "H"),
        ("Matter,Trust Balance,Work in Progress,A/R Balance", "D"),
        ("Matter Name,Matter Number,Balance", "C"),
    ],
)
def test_the_stronger_heading_is_the_balance_and_a_bucket_never_is(header, letter):
    width = header.count(",") + 1
    reading = read(f"{header}\n{','.join(str(number + 1) for number in range(width))}\n")
    assert [line.amount for line in reading.lines] == [Decimal(ord(letter) - ord("A") + 1)]


def test_a_weaker_balance_is_named_in_a_remark():
    assert read("Matter,Total,Balance\n1,2,3\n").remarks == (
        'The balance is read from column C "Balance", not from B "Total".',
    )


def test_headings_are_written_as_they_are_compared_and_belong_to_one_role():
    headings = [heading for tiers in HEADINGS.values() for tier in tiers for heading in tier.split("|")]
    assert [normal(heading) for heading in headings] == headings
    assert len(set(headings)) == len(headings)


@pytest.mark.parametrize(
    "heading", ["A/R\r\nBalance", "a/r balance", " A/R  BALANCE: ", "A/R Balance (USD)", "A/R_Balance ($)"]
)
def test_case_punctuation_and_line_breaks_in_headings_do_not_count(heading):
    assert normal(heading, "USD") == "a r balance"


@pytest.mark.parametrize(
    "label", ["Total", "TOTALS:", "Grand Total", "Subtotal", "Sub-total", "Firm total", "Total for Smith, John"]
)
def test_a_total_row_is_no_line(label):
    reading = read(f'Client,Matter,Balance\nSmith,1,5\n"{label}",,5\n')
    assert (len(reading.lines), reading.problems) == (1, ())


@pytest.mark.parametrize("label", ["Total Wine", "Totalis GmbH", "The Total", "Grand Totality", "Total for Kids"])
def test_a_client_with_total_in_its_name_stays_a_line(label):
    assert len(read(f"Client,Matter,Balance\n{label},1,5\n").lines) == 1


@pytest.mark.parametrize(
    ("totals", "control"),
    [
        ("Total,,5", "5.00"),
        ("Total,,5\nGrand Total,,6", "6.00"),
        ("Grand Total,,6\nGrand Total,,7", "7.00"),
        ("Subtotal,,5", None),
        ("Total for Smith,,5", None),
        ("Total,,5\nTotal,,6", None),
        ("Total,,", None),
    ],
)
def test_the_files_own_total_is_the_last_grand_total_or_the_only_one(totals, control):
    assert read(f"Client,Matter,Balance\nSmith,1,5\n{totals}\n").control_total == (control and Decimal(control))


def test_after_the_grand_total_only_a_row_with_an_amount_counts():
    reading = read("Matter,Balance\n1,5\nTotal,5\nPrinted by accounts,\n2,7\n,8\n")
    assert [line.matter for line in reading.lines] == ["1", "2"]
    assert [problem.cell for problem in reading.problems] == ["A6"]


def test_one_row_is_one_problem_so_that_its_amount_counts_once():
    (problem,) = read("Matter,Balance,Date\n,5,soon\n").problems
    assert (problem.row, problem.cell, problem.amount) == (2, "A2", Decimal("5.00"))
    assert " Also: " in problem.text


def test_a_column_settles_the_order_of_day_and_month_for_all_its_dates():
    assert [line.date for line in read("Matter,Balance,Date\n1,5,03/04/2026\n2,5,25/04/2026\n").lines] == [
        date(2026, 4, 3),
        date(2026, 4, 25),
    ]
    reading = read("Matter,Balance,Date\n1,5,03/04/2026\n")
    assert reading.lines[0].date == date(2026, 3, 4)
    assert "03/04/2026 are read as 4 March 2026: nothing in column C" in reading.remarks[0]
    mixed = read("Matter,Balance,Date\n1,5,03/04/2026\n2,5,25/04/2026\n3,5,04/25/2026\n")
    assert [problem.cell for problem in mixed.problems] == ["C2"]


@pytest.mark.parametrize(
    "text",
    [
        "October 31, 2026",
        "31 October 2026",
        "Oct 31 2026",
        "31-Oct-2026",
        "31st October, 2026",
        "2026-10-31",
        "10/31/2026",
        "31/10/2026",
        "31.10.2026",
        "2026-10-31T00:00:00",
        "Sat, Oct. 31, 2026",
        "Saturday 31 Oct 2026",
    ],
)
def test_a_day_is_read_in_each_usual_form(text):
    assert date_of(text, day_first=False) == date(2026, 10, 31)
    assert as_of([["Firm"], [f"A/R as of: {text} (accrual)"]], day_first=False) == (date(2026, 10, 31), [])
    assert as_of([["As at", text]], day_first=False) == (date(2026, 10, 31), [])


@pytest.mark.parametrize(
    "cell",
    [
        "October 2026",
        "31 October",
        "31/31/2026",
        "2026-02-30",
        "10/31/20267",
        "46326",
        "10/31-2026",
        "today",
        "1.5",
        True,
        12.0,
        float("nan"),
        float("inf"),
        1e300,
        -1.0,
    ],
)
def test_a_day_is_never_completed_or_guessed(cell):
    with pytest.raises(Unreadable):
        date_of(cell, day_first=False)


def test_excels_day_numbers_are_days():
    assert date_of(46326.0, day_first=False) == date_of(46326.75, day_first=False) == date(2026, 10, 31)


def test_the_title_never_takes_todays_date_and_says_what_it_cannot_read():
    assert as_of([["Balances"], ["As of"], ["as of", 5.0], ["Was often"]], day_first=False) == (None, [])
    assert as_of([["As of date", date(2026, 10, 31)]], day_first=False) == (date(2026, 10, 31), [])
    day, (remark,) = as_of([["As of October 2026"]], day_first=False)
    assert (day, '"as of October 2026"' in remark) == (None, True)
    day, (remark,) = as_of([["As of 10/31/26"]], day_first=False)
    assert (day, "the year as Excel reads two digits" in remark) == (date(2026, 10, 31), True)
    day, (remark,) = as_of([["As of 2026-10-31"], ["As of 2026-09-30"]], day_first=False)
    assert (day, "31 October 2026 and 30 September 2026" in remark) == (None, True)
    assert as_of([["As at 03/04/2026"]], day_first=True)[0] == date(2026, 4, 3)


def test_a_date_with_a_month_of_nought_is_a_problem_and_no_example():
    reading = read("Matter,Balance,Date\n1,5,03/0/2026\n2,5,04/05/2026\n")
    assert [problem.cell for problem in reading.problems] == ["C2"]
    assert "Dates such as 04/05/2026" in reading.remarks[0]


def test_numeric_orders_are_proven_by_days_past_twelve():
    assert numeric_orders(["03/04/2026", "x", None]) == frozenset()
    assert numeric_orders(["13/04/2026"]) == {True}
    assert numeric_orders(["13/04/2026", "04/13/2026"]) == {True, False}


def test_columns_are_lettered_as_in_a_spreadsheet():
    assert [column_letters(number) for number in (1, 26, 27, 52, 703, 16384)] == ["A", "Z", "AA", "AZ", "AAA", "XFD"]
