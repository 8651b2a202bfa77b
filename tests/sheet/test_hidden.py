"""What a workbook shows and a reader of values does not: hidden rows and columns, merged cells, cells off the grid."""

from decimal import Decimal

import pytest
from test_rows import all_money, apart, read, sums

from brought_forward.bot.errors import SheetError, SheetQuestion
from brought_forward.bot.sheet.cells import Cell, Facts, SheetCells
from brought_forward.bot.sheet.read import SheetRules, read_cells, read_sheet
from brought_forward.bot.sheet.rows.hidden import shows_nothing
from brought_forward.storage.records.sheet import SheetReading

ROWS: list[list[Cell]] = [
    ["Matter", "User", "Balance"],
    ["00001", "Don", 100.0],
    ["00002", "Don", 9000.0],
    ["00003", "Peggy", 50.0],
    ["00004", "Peggy", 7000.0],
]


def shown(rows: list[list[Cell]], facts: Facts, **answers: str) -> SheetReading:
    return read_cells(
        [SheetCells("AR", 1, 1, rows, facts=facts)],
        SheetRules("USD", day_first=False, answers={key.replace("_", "-"): value for key, value in answers.items()}),
    )


def asked(rows: list[list[Cell]], facts: Facts, **answers: str) -> SheetQuestion:
    with pytest.raises(SheetQuestion) as raised:
        shown(rows, facts, **answers)
    return raised.value


FILTERED = Facts(hidden_rows=frozenset({3, 5}), filtered=True)


def test_hidden_rows_are_asked_about_with_their_sum():
    question = asked(ROWS, FILTERED)
    assert question.kind == "hidden"
    assert str(question) == (
        "2 rows are hidden in the sheet (a filter), 16,000.00 of 16,150.00: rows 3, 5. Do they count?"
    )
    assert [one.value for one in question.candidates] == ["take", "leave"]


def test_hidden_rows_are_taken_or_left_out_as_staff_say():
    assert sums(shown(ROWS, FILTERED, hidden="take"))["00004"] == "7000.00"
    left = shown(ROWS, FILTERED, hidden="leave")
    assert sums(left) == {"00001": "100.00", "00003": "50.00"}
    assert [(bad.row, bad.amount) for bad in left.problems] == [(3, Decimal(9000)), (5, Decimal(7000))]
    assert all_money(left) == left.column_total == Decimal(16150)


def test_an_answer_on_hidden_rows_holds_for_these_rows_alone():
    other = [*ROWS[:4], ["00004", "Peggy", 7000.5]]
    assert asked(ROWS, FILTERED).signature != asked(other, FILTERED).signature
    assert asked(ROWS, FILTERED).signature == asked([*ROWS], FILTERED).signature


def test_a_format_that_shows_nothing_hides_a_row():
    facts = Facts(formats={";;;": frozenset({(3, 3), (4, 1)}), "0.00": frozenset({(2, 3)})})
    assert "1 row is hidden in the sheet, 9,000.00 of 16,150.00: row 3." in str(asked(ROWS, facts))


@pytest.mark.parametrize(
    ("pattern", "amount", "hides"),
    [
        (";;;", "1", True),
        (";;", "-1", True),
        ("0.00;", "-1", True),
        ("0.00;", "1", False),
        ('"x";;', "1", False),
        ("0.00", "1", False),
        ("0.00;(0.00);", "-1", False),
    ],
)
def test_a_format_shows_nothing_where_its_part_is_empty(pattern, amount, hides):
    assert shows_nothing(pattern, Decimal(amount)) is hides


def test_hidden_rows_without_money_and_hidden_totals_are_not_asked_about():
    rows = [*ROWS, ["Total", "", 16150.0], ["00009", "Don", 0.0]]
    assert len(shown(rows, Facts(hidden_rows=frozenset({6, 7}))).lines) == 4


OUTLINE: list[list[Cell]] = [
    ["Matter", "Invoice", "Balance"],
    ["00001", "", 300.0],
    ["", 11.0, 100.0],
    ["", 12.0, 200.0],
]


def test_invoices_folded_below_a_row_that_is_their_sum_count_unasked():
    folded = shown(OUTLINE, Facts(hidden_rows=frozenset({3, 4})))
    assert sums(folded) == {"00001": "300.00"}
    assert apart(folded) == {2: "the sum of the rows below it"}


def test_a_hidden_balance_is_asked_about_and_another_column_may_be_named():
    rows: list[list[Cell]] = [["Matter", "Balance", "Amount"], ["00001", 100.0, 70.0], ["00002", 9.0, 5.0]]
    facts = Facts(hidden_columns=frozenset({2}))
    question = asked(rows, facts, balance="B")
    assert (question.kind, [one.value for one in question.candidates]) == ("hidden-column", ["take", "C"])
    assert sums(shown(rows, facts, balance="B", hidden_column="take")) == {"00001": "100.00", "00002": "9.00"}
    assert sums(shown(rows, facts, balance="B", hidden_column="C")) == {"00001": "70.00", "00002": "5.00"}


def test_a_hidden_user_is_told():
    assert 'The user is read from column B "User", which is hidden in the sheet.' in (
        shown(ROWS, Facts(hidden_columns=frozenset({2}))).remarks
    )


def test_a_user_and_a_matter_in_merged_cells_hold_for_their_range_alone():
    rows: list[list[Cell]] = [
        ["Matter", "User", "Memo", "Balance"],
        ["00001", "Don", "Inv 1", 100.0],
        ["", "", "Inv 2", 200.0],
        ["", "", "", ""],
        ["00002", "", "Inv 3", 300.0],
    ]
    merges = ((2, 1, 4, 1), (2, 2, 4, 2), (2, 3, 2, 3))
    reading = shown(rows, Facts(merges=merges), blank_user="none")
    assert [(line.matter, line.user) for line in reading.lines] == [("00001", "Don"), ("00001", "Don"), ("00002", None)]
    assert reading.problems == ()


def test_an_amount_merged_over_rows_counts_once_and_is_a_problem_where_they_name_several_matters():
    rows: list[list[Cell]] = [["Matter", "Memo", "Balance"], ["1", "a", 30.0], ["", "b", ""], ["2", "c", 5.0]]
    facts = Facts(merges=((2, 1, 3, 1), (2, 3, 3, 3)))
    assert (sums(shown(rows, facts)), shown(rows, facts).problems) == ({"1": "30.00", "2": "5.00"}, ())
    rows[2][0] = "3"
    (problem,) = shown(rows, Facts(merges=((2, 3, 3, 3),))).problems
    assert (problem.row, problem.amount) == (2, Decimal(30))
    assert "merged over rows 2 to 3" in problem.text


NAMES_ONCE = "Attorney,Matter,Balance\nDon,1,5\n,2,6\n,3,7\nPeggy,4,8\n,5,9\n"


def test_blank_cells_below_a_users_name_are_asked_about():
    with pytest.raises(SheetQuestion, match="3 rows name no user") as raised:
        read(NAMES_ONCE)
    assert raised.value.kind == "blank-user"
    users = {
        answer: [line.user for line in read(NAMES_ONCE, **{"blank-user": answer}).lines] for answer in ("down", "none")
    }
    assert users["down"] == ["Don", "Don", "Don", "Peggy", "Peggy"]
    assert users["none"] == ["Don", None, None, "Peggy", None]


def test_a_column_that_writes_each_name_out_leaves_none_out():
    assert [line.user for line in read("Attorney,Matter,Balance\nDon,1,5\nDon,2,6\n,3,7\n").lines][2] is None
    assert {line.user for line in read("Attorney,Matter,Balance\n,1,5\n,2,6\nDon,3,7\n").lines} == {None, "Don"}


TWICE = "Matter,Invoice,Balance\n1,11,5.00\n2,12,6.00\n1,11,5.00\n1,13,5.00\n"


def test_one_matter_invoice_and_amount_twice_is_asked_about():
    with pytest.raises(SheetQuestion) as raised:
        read(TWICE)
    assert raised.value.kind == "twice"
    assert str(raised.value) == (
        'Invoice 11 of "1", 5.00, stands in row 2 and again in row 4. Is it owed each time, or once?'
    )
    once = read(TWICE, twice="once")
    assert (sums(once), apart(once)) == ({"1": "10.00", "2": "6.00"}, {4: "stands twice"})
    assert all_money(once) == once.column_total
    assert sums(read(TWICE, twice="both")) == {"1": "15.00", "2": "6.00"}


def test_without_an_invoice_only_a_row_that_is_the_same_in_every_cell_is_asked_about():
    assert len(read("Matter,Ref,Balance\n1,a,5\n1,b,5\n").lines) == 2
    with pytest.raises(SheetQuestion, match='A line of "1"'):
        read("Matter,Ref,Balance\n1,a,5\n1,a,5\n")


def test_thousands_without_quotes_are_a_problem_that_says_so():
    (problem,) = read("Matter,User,Balance\n1,Don,1,234.50\n2,Don,200.00\n3,Don,300.00\n").problems
    assert problem.text.startswith("the amount has a comma and no quotes: 1 and 234.50 are two cells.")
    assert problem.text.endswith("or write 1234.50.")
    with pytest.raises(SheetError, match=r"in row 2, 1 and 234\.50 are two cells \(3 such rows\)"):
        read("Matter,Balance,User\n1,1,234.50,Don\n2,2,500,Don\n3,7,250.00,Don\n")


def test_a_cell_past_the_last_heading_is_a_problem_of_its_row_even_of_a_zero():
    reading = read("Matter,Balance\n1,100.00,paid 11/1\n2,200.00\n3,0,500 more\n")
    assert [(bad.row, bad.cell) for bad in reading.problems] == [(2, "C2"), (4, "C4")]
    assert 'C2 holds "paid 11/1" past the last heading.' in reading.problems[0].text
    assert reading.zero_rows == 0
    assert all_money(reading) == reading.column_total


def test_a_quote_that_swallows_rows_is_refused_with_its_lines():
    swallowed = 'Matter,User,Note,Balance\n1,Don,ok,5\n2,Don,"half now,200.00\n3,Peggy,ok,300.00\n4,Don,",7\n'
    with pytest.raises(SheetError, match=r'line 3 of "AR\.csv" and ends in line 5'):
        read(swallowed)
    with pytest.raises(SheetError, match=r"opens in line 2 .* ends in line 3"):
        read('Matter,Note,Balance\n1,"ok,200.00\n2,",50.00\n')


UNHEADED = [
    "Matter,Fees,Costs,Paid,",
    "A-1,100.00,5.00,25.00,80.00",
    "A-2,200.00,0.00,50.00,150.00",
    "A-3,70.00,1.50,0.00,71.50",
    "A-4,40.00,2.00,0.00,42.00",
    "A-5,90.00,3.00,0.00,93.00",
]


def test_a_balance_without_a_heading_is_no_cell_past_the_last_heading():
    reading = read("\n".join(UNHEADED[:3]), balance="E")
    assert [(line.matter, str(line.amount)) for line in reading.lines] == [("A-1", "80.00"), ("A-2", "150.00")]
    assert reading.problems == ()


def test_a_quote_that_swallows_rows_is_refused_where_the_balance_has_no_heading():
    rows = [*UNHEADED, 'A-6,10.00,"0.00,0.00,10.00', "A-7,20.00,0.00,0.00,20.00", 'A-8,30.00,0.00",0.00,30.00']
    with pytest.raises(SheetError, match=r'line 7 of "AR\.csv" and ends in line 9'):
        read("\n".join(rows), balance="E")
    with pytest.raises(SheetError, match=r'line 7 of "AR\.csv" and ends in line 8'):
        read("\n".join([*UNHEADED, 'A-6,10.00,"0.00,0.00,10.00', 'A-7,20.00,0.00",0.00,20.00']), balance="E")


def test_a_note_of_several_lines_is_fine():
    reading = read(
        'Matter,User,Note,Balance\n1,Don,"Called 10/3\nwill pay Friday, half now\nthen the rest",5\n2,Don,ok,6\n'
    )
    assert len(reading.lines) == 2


def test_rows_that_a_web_page_does_not_show_are_asked_about():
    rows = [
        "<tr><th>Matter</th><th>Balance</th></tr>",
        "<tr><td>A-1</td><td>10.00</td></tr>",
        '<tr style="display: none"><td>A-2</td><td>900.00</td></tr>',
        "<tr><td>A-3</td><td>20.00</td></tr>",
    ]
    page = f"<html><table>{''.join(rows)}</table></html>".encode()
    with pytest.raises(SheetQuestion) as asked:
        read_sheet(page, "AR.xls", SheetRules("USD", day_first=False))
    assert asked.value.kind == "hidden"
    assert "900.00" in str(asked.value)


@pytest.mark.parametrize(
    "names",
    [("Don", "Peggy", "Don", "", "Peggy"), ("Don", "Peggy", "Don", "Peggy", "")],
    ids=["between names", "below many"],
)
def test_a_single_blank_cell_is_asked_about_where_each_name_could_stand_once(names):
    text = "Attorney,Matter,Balance\n" + "".join(f"{name},{at},{at + 5}\n" for at, name in enumerate(names, 1))
    with pytest.raises(SheetQuestion, match="1 row names no user"):
        read(text)


def test_a_user_over_several_rows_of_a_web_page_holds_for_all():
    rows = [
        "<td>Matter<td>User<td>Balance",
        "<td>1<td rowspan=2>Don<td>5.00",
        "<td>2<td>6.00",
        "<td>3<td>Peggy<td>7.00",
    ]
    page = f"<html><table>{''.join(f'<tr>{row}</tr>' for row in rows)}</table></html>"
    reading = read_sheet(page.encode(), "AR.xls", SheetRules("USD", day_first=False))
    assert [(line.matter, line.user) for line in reading.lines] == [("1", "Don"), ("2", "Don"), ("3", "Peggy")]


def test_a_matter_that_goes_down_takes_no_user_for_one_written_twice():
    text = (
        "Matter,Attorney,Invoice,Balance\nA-1,Don,101,5.00\n,,102,6.00\nA-2,,103,7.00\n,,104,8.00\nA-3,Peggy,105,9.00\n"
    )
    with pytest.raises(SheetQuestion, match="name no user"):
        read(text)


@pytest.mark.parametrize("side", [" DR", " USD", ""])
def test_thousands_without_quotes_are_told_though_a_side_stands_behind_them_and_a_footer_below(side):
    rows = "".join(f"K/{at},{at},050.00{side}\n" for at in range(1, 6))
    reading = read(
        f"Matter,Balance\n{rows}K/6,407.57{side}\nK/7,8.00{side}\nK/8,9.00{side}\nK/9,7.00{side}\n,\n1 of 1,\n"
    )
    assert [bad.row for bad in reading.problems] == [2, 3, 4, 5, 6]
    assert all("the amount has a comma and no quotes" in bad.text for bad in reading.problems)
    assert [line.matter for line in reading.lines] == ["K/6", "K/7", "K/8", "K/9"]


def test_cells_past_the_headings_that_are_too_few_for_a_column_are_problems_of_their_rows():
    rows = "".join(f"K/{at},{at}.00,{at} more\n" for at in range(1, 5)) + "K/5,5.00\nK/6,6.00\nK/7,7.00\n"
    reading = read(f"Matter,Balance\n{rows},\n,\n1 of 1,\n")
    assert [bad.row for bad in reading.problems] == [2, 3, 4, 5]
