"""Which column is owed: proved by its arithmetic, else headed so, else asked once; never passed over."""

from decimal import Decimal

import pytest
from sheet_text import question_of, read

from brought_forward.bot.errors import SheetError, SheetQuestion
from brought_forward.storage.records.sheet import SheetReading

OPENING = """Matter,Opening Balance,Billed,Received,Closing Balance
A-1,500.00,250.00,{0}100.00,650.00
A-2,0.00,1200.50,{0}200.50,1000.00
A-3,75.25,24.75,{0}50.00,50.00
A-4,10.00,20.00,{0}5.00,25.00
A-5,900.00,0.00,{0}300.00,600.00
"""
CLOSING = {"A-1": "650.00", "A-2": "1000.00", "A-3": "50.00", "A-4": "25.00", "A-5": "600.00"}


def owed(reading: SheetReading) -> dict[str, str]:
    assert len({line.matter for line in reading.lines}) == len(reading.lines)
    return {line.matter: str(line.amount) for line in reading.lines}


def explained(reading: SheetReading) -> dict[str, str | None]:
    return {one.letter: one.explained for one in reading.census}


@pytest.mark.parametrize("sign", ["", "-"], ids=["payments above zero", "payments below zero"])
def test_opening_and_billed_less_received_prove_the_closing_balance(sign):
    reading = read(OPENING.format(sign))
    assert owed(reading) == CLOSING
    assert reading.balance == 'E "Closing Balance"'
    joint = "+" if sign else "-"
    said = f'B "Opening Balance" + C "Billed" {joint} D "Received"'
    assert reading.proofs == (f"= {said} on all 5 rows",)
    assert explained(reading)["B"] == 'goes into E "Closing Balance"'
    assert explained(reading)["E"] == f"= {said} on all 5 rows"
    assert reading.problems == ()


def test_words_that_nobody_lists_are_proved_by_amount_less_paid():
    reading = read("Matter,Amount,Paid,Rest of it\nA-1,900.00,400.00,500.00\nA-2,80.50,0.50,80.00\nA-3,70.25,0,70.25\n"
                   "A-4,61.00,1.00,60.00\n")  # fmt: skip
    assert owed(reading) == {"A-1": "500.00", "A-2": "80.00", "A-3": "70.25", "A-4": "60.00"}
    assert reading.proofs == ('= B "Amount" - C "Paid" on all 4 rows',)
    assert [one.part for one in reading.census] == ["matter", "an amount", "received", "balance"]


def test_the_sum_of_the_buckets_proves_a_total_under_a_weak_heading():
    reading = read("Matter,Current,1 - 30,31 - 60,Over 60,Total\nA-1,10.00,0,5.00,0,15.00\nA-2,0,20.00,0,2.50,22.50\n"
                   "A-3,7.00,0,0,1.00,8.00\n")  # fmt: skip
    assert owed(reading) == {"A-1": "15.00", "A-2": "22.50", "A-3": "8.00"}
    assert reading.proofs == ("= B to E on all 3 rows",)
    assert [one.part for one in reading.census] == ["matter", *["bucket"] * 4, "balance"]


SIDES = "Matter,Debit,Credit\nA-1,500.00,\nA-2,,20.00\nA-3,75.25,\n"


def test_debit_less_credit_is_owed_where_each_row_has_one_of_them():
    reading = read(SIDES)
    assert owed(reading) == {"A-1": "500.00", "A-2": "-20.00", "A-3": "75.25"}
    assert reading.proofs == ('B "Debit" less C "Credit": each row has one of them',)


def test_debit_and_credit_on_one_row_are_asked():
    question = question_of(SIDES.replace("A-2,,20.00", "A-2,90.00,20.00"))
    assert question.kind == "balance"
    assert [(one.value, one.sample) for one in question.candidates][-1] == ("B-C", "sum 645.25")
    reading = read(SIDES.replace("A-2,,20.00", "A-2,90.00,20.00"), balance="B-C")
    assert owed(reading) == {"A-1": "500.00", "A-2": "70.00", "A-3": "75.25"}


@pytest.mark.parametrize("heading", ["Balance", "Total"])
def test_fees_and_costs_prove_their_sum(heading):
    reading = read(f"Matter,Fees,Costs,{heading}\nA-1,400.00,100.00,500.00\nA-2,80.00,0.50,80.50\nA-3,60.25,10,70.25\n")
    assert owed(reading) == {"A-1": "500.00", "A-2": "80.50", "A-3": "70.25"}
    assert explained(reading)["B"] == f'goes into D "{heading}"'
    assert explained(reading)["D"] == '= B "Fees" + C "Costs" on all 3 rows'


def test_a_sum_that_fails_on_one_row_is_a_problem_that_names_both():
    reading = read(OPENING.format("").replace("5.00,25.00", "5.00,26.00"))
    assert reading.proofs == ('= B "Opening Balance" + C "Billed" - D "Received" on 4 of 5 rows',)
    assert owed(reading) == {matter: amount for matter, amount in CLOSING.items() if matter != "A-4"}
    (bad,) = reading.problems
    assert (bad.row, bad.cell, bad.matter, bad.anyway) == (5, "E5", "A-4", False)
    assert 'E5 says 26.00, but B "Opening Balance" + C "Billed" - D "Received" comes to 25.00.' in bad.text


def test_money_that_nothing_explains_is_asked_about_and_never_again():
    text = "Matter,Balance,Kostenvorschuss\nA-1,500.00,12.50\nA-2,80.00,3.25\nA-3,70.25,8.75\n"
    question = question_of(text)
    assert question.kind == "balance"
    assert str(question).startswith(
        'B "Balance" of "AR.csv" could be the balance, but nothing explains C "Kostenvorschuss" beside it.'
    )
    assert [(one.value, one.heading) for one in question.candidates] == [("B", "Balance"), ("C", "Kostenvorschuss")]
    assert question.candidates[0].sample.endswith("; sum 650.25")
    assert owed(read(text, balance="B")) == {"A-1": "500.00", "A-2": "80.00", "A-3": "70.25"}
    other = read(text, balance="C")
    assert owed(other) == {"A-1": "12.50", "A-2": "3.25", "A-3": "8.75"}
    assert other.proofs == ("as staff chose",)


def test_each_derived_answer_leads_to_its_sum():
    text = "Matter,Invoiced,Paid\nA-1,500.00,12.50\nA-2,80.00,3.25\nA-3,70.25,8.75\n"
    question = question_of(text)
    assert [one.value for one in question.candidates] == ["B", "B-C"]
    assert [one.heading for one in question.candidates] == ["Invoiced", "Invoiced less Paid"]
    assert owed(read(text, balance="B")) == {"A-1": "500.00", "A-2": "80.00", "A-3": "70.25"}
    reading = read(text, balance="B-C")
    assert owed(reading) == {"A-1": "487.50", "A-2": "76.75", "A-3": "61.50"}
    assert reading.proofs == ("B-C, as staff chose",)


def test_an_answer_that_names_no_column_asks_again():
    text = "Matter,Invoiced,Paid\nA-1,500.00,12.50\nA-2,80.00,3.25\n"
    assert question_of(text, balance="B-F").kind == "balance"


@pytest.mark.parametrize("heading", ["Trust Balance", "Unbilled WIP", "Retainer Held"])
def test_what_is_held_or_not_billed_is_never_the_balance(heading):
    with pytest.raises(SheetError) as caught:
        read(f"Matter,{heading}\nA-1,500.00\nA-2,80.25\n")
    assert not isinstance(caught.value, SheetQuestion)


def test_an_opening_balance_is_asked_about_beside_other_money():
    text = "Matter,Opening Balance,Billed\nA-1,500.00,20.00\nA-2,80.25,0.50\nA-3,1.25,7\n"
    question = question_of(text)
    assert [one.value for one in question.candidates] == ["B", "C", "B+C"]
    assert owed(read(text, balance="B")) == {"A-1": "500.00", "A-2": "80.25", "A-3": "1.25"}


RUNNING = """Matter,Date,Charges,Payments,Balance
A-1,01/05/2026,500.00,,500.00
A-1,02/05/2026,,200.00,300.00
A-2,01/07/2026,50.00,,{0}
A-2,02/07/2026,25.50,,{1}
A-3,03/07/2026,80.00,,{2}
A-3,03/09/2026,,30.00,{3}
"""


def test_a_balance_that_runs_by_matter_gives_the_last_of_each():
    reading = read(RUNNING.format("50.00", "75.50", "80.00", "50.00"))
    assert owed(reading) == {"A-1": "300.00", "A-2": "75.50", "A-3": "50.00"}
    assert [one.row for one in reading.not_counted] == [2, 4, 6]
    assert reading.proofs == ('runs on by C "Charges" - D "Payments": the last balance of each matter counts',)


def test_a_balance_that_runs_over_the_whole_file_gives_each_matter_its_changes():
    reading = read(RUNNING.format("350.00", "375.50", "455.50", "425.50"))
    found: dict[str, Decimal] = {}
    for line in reading.lines:
        found[line.matter] = found.get(line.matter, Decimal(0)) + line.amount
    assert found == {"A-1": Decimal(300), "A-2": Decimal("75.5"), "A-3": Decimal(50)}
    assert "over the whole file" in reading.proofs[0]


@pytest.mark.parametrize(
    "text",
    [
        "Client Trust Ledger Report\n\nMatter,Balance\nA-1,500.00\nA-2,80.25\n",
        "Matter,Charges,Payments,Balance\nA-1,,500.00,500.00\nA-1,200.00,,300.00\nA-1,,50.00,350.00\n",
    ],
    ids=["by its title", "by charges that lower it"],
)
def test_a_ledger_of_trust_money_is_refused(text):
    with pytest.raises(SheetError, match="looks like a ledger of trust money") as caught:
        read(text)
    assert not isinstance(caught.value, SheetQuestion)


def test_a_second_table_below_proves_nothing_of_the_first():
    text = ("Matter,Fees,Costs,Balance\nA-1,400.00,100.00,500.00\nA-2,80.00,0.50,80.50\nA-3,60.25,10.00,70.25\n"
            "\nMatter,Fees,Costs,Trust\nA-1,1.00,2.00,900.00\nA-2,4.00,2.00,17.00\n")  # fmt: skip
    reading = read(text)
    assert owed(reading) == {"A-1": "500.00", "A-2": "80.50", "A-3": "70.25"}


def test_many_equal_columns_are_read_within_the_time_of_a_test():
    rows = "".join(f"A-{row},{','.join([f'{row * 137.31 % 900 + 10:.2f}'] * 13)}\n" for row in range(40))
    reading = read(f"Matter,Balance,{','.join(f'x{at}' for at in range(12))}\n{rows}")
    assert reading.proofs == ('= C "x0" on all 40 rows',)


def test_few_rows_of_columns_that_nothing_names_are_read_within_the_time_of_a_test():
    asked = question_of(f"Matter,Note,Price,Quantity\nA-1,x,{'1250.00,' * 16}1\nA-2,x,80.5,1\n")
    assert asked.kind == "balance"


def test_a_total_with_what_is_not_billed_yet_in_it_is_asked_about():
    question = question_of("Matter,WIP,Total Due,Net Receivable\nA-1,10.00,110.00,100.00\nA-2,5.00,45.00,40.00\n"
                           "A-3,0,70.00,70.00\nA-4,1.00,3.00,2.00\n")  # fmt: skip
    assert [one.value for one in question.candidates][:2] == ["C", "D"]


def test_an_amount_that_goes_into_another_is_asked_about():
    question = question_of("Matter,Amount,Tax Amount,Total Amount\nA-1,100.00,10.00,110.00\nA-2,40.00,4.00,44.00\n"
                           "A-3,70.00,7.00,77.00\n")  # fmt: skip
    assert [one.value for one in question.candidates][:2] == ["B", "D"]


def test_money_held_for_the_client_beside_the_balance_is_no_doubt():
    reading = read(
        "Matter,A/R Balance,Trust Balance,Net\nA-1,100.00,50.00,50.00\nA-2,40.00,0,40.00\nA-3,70.00,90.00,-20.00\n"
    )
    assert owed(reading) == {"A-1": "100.00", "A-2": "40.00", "A-3": "70.00"}


def test_a_balance_less_what_is_held_is_asked_about():
    question = question_of("Matter,Gross Balance,Less Retainer,Net Due\nA-1,100.00,20.00,80.00\nA-2,40.00,0.00,40.00\n"
                           "A-3,70.00,60.00,10.00\n")  # fmt: skip
    assert [one.value for one in question.candidates][:2] == ["B", "D"]


@pytest.mark.parametrize(
    ("headings", "rows", "answer", "words"),
    [
        ("Balance,Payments since", "500.25,100.00|240.00,0.00|70.50,70.50", "B-C", "Balance less Payments since"),
        ("Balance,Trust applied", "500.25,100.00|240.00,0.00|70.50,70.50", "B-C", "Balance less Trust applied"),
        ("Opening Balance,Billed,Received", "400.25,50.00,50.00|200.00,40.00,0.00|70.50,0.00,70.50", "B+C-D",
         "Opening Balance plus Billed less Received"),
        ("Balance Forward,Charges,Payments", "400.25,50.00,-50.00|200.00,40.00,0.00|70.50,0.00,-70.50", "B+C+D",
         "Balance Forward plus Charges less Payments"),
        ("Amount,Boston,Reno", "1.00,500.25,0.00|2.50,40.00,200.00|7.10,0.00,70.50", "C+D", "The sum of C to D"),
    ],
)  # fmt: skip
def test_what_no_column_holds_is_offered_with_its_words(headings, rows, answer, words):
    lines = "".join(f"A-{at},{row}\n" for at, row in enumerate(rows.split("|"), 1))
    text = f"Matter,{headings}\n{lines}"
    assert (answer, words) in [(one.value, one.heading) for one in question_of(text).candidates]
    expected = {"B-C": ["400.25", "240.00"], "C+D": ["500.25", "240.00", "70.50"]}
    read_on = read(text, balance=answer)
    assert list(owed(read_on).values()) == expected.get(answer, ["400.25", "240.00"])


def test_columns_of_several_months_are_not_offered_together():
    text = "Matter,Balance 31 Aug 2026,Balance 30 Sep 2026\nA-1,500.25,510.00\nA-2,100.00,240.00\n"
    assert [one.value for one in question_of(text).candidates] == ["B", "C"]


def test_a_balance_in_another_currency_is_refused_before_anything_is_asked_of_it():
    with pytest.raises(SheetError, match=r"EUR Balance.*is in EUR, and balances are brought forward in USD"):
        read("Matter,EUR Balance,Cr\nA-1,500.25,10.00\nA-2,100.00,4.50\n")


@pytest.mark.parametrize("between", [",", ",,"])
def test_two_lists_side_by_side_are_refused_with_what_to_do(between):
    heads = f"Matter,Balance{between}Matter,Balance\n"
    with pytest.raises(SheetError, match="has 2 lists side by side"):
        read(f"{heads}A-1,500.25{between}B-1,10.00\nA-2,240.00{between}B-2,20.50\n")


@pytest.mark.parametrize("heading", ["New Charges", "Billed since"])
def test_what_was_billed_since_the_balance_is_asked_about(heading):
    question = question_of(f"Matter,Balance,{heading}\nA-1,500.25,10.00\nA-2,240.00,0.00\nA-3,5.00,0.00\n")
    assert [one.value for one in question.candidates] == ["B", "C", "B+C"]


@pytest.mark.parametrize(
    ("headings", "cells"),
    [("Payment Date,Amount", "1/2/2026"), ("Check No.,Amount", "1001"), ("Method,Amount", "Wire"),
     ("Unbilled Hours,Amount", "1.5"), ("Vendor,Amount Due", "FedEx"), ("Payee,Balance", "Court")],
)  # fmt: skip
def test_amounts_beside_a_heading_of_other_money_are_asked_about(headings, cells):
    text = f"Matter,{headings}\nA-1,{cells},500.25\nA-2,{cells},5.20\n"
    question = question_of(text)
    assert (question.kind, [one.value for one in question.candidates]) == ("title", ["owed", "other"])
    assert len(read(text, title="owed").lines) == 2
    with pytest.raises(SheetError, match="are not what clients owe, as staff say"):
        read(text, title="other")


def test_of_two_columns_without_a_name_a_sum_proves_neither():
    text = "Matter,Billed,Paid,Alpha,Omega\nA-1,500.00,100.25,50.00,349.75\nA-2,80.00,0.00,9.50,70.50\n"
    question = question_of(f"{text}A-3,20.00,1.00,0.00,19.00\nA-4,99.00,0.00,1.00,98.00\n")
    assert {"D", "E"} <= {one.value for one in question.candidates}


@pytest.mark.parametrize(
    "sheet",
    [
        "Debtor,,Draft in,Total,Open\nName,Case,Progress,Due,Balance\nReed,00850-Reed,–,20.00,20.00\n"
        "Vance,00851-Vance,10.00,110.00,100.00\nIngram,00852-Ingram,5.50,35.50,30.00\n",
        "Matter,Balance Forward,Balance Billings,Balance Paid,Balance W/O,Current Balance\n"
        "1,5.00,10.00,2.00,0.00,13.00\n2,0.00,50.00,10.00,40.00,0.00\n3,7.00,1.00,0.00,0.00,8.00\n",
    ],
    ids=["due with drafts", "a word that runs on over headings"],
)
def test_a_column_headed_as_the_balance_that_goes_into_the_proved_one_is_asked_about(sheet):
    with pytest.raises(SheetQuestion) as asked:
        read(sheet)
    assert asked.value.kind == "balance"


TIME = "Matter,Hours,Rate,{}\nA-1,2,100.00,200.00\nA-2,3,250.00,750.00\nA-3,1.5,100.00,150.00\n"


@pytest.mark.parametrize("heading", ["Amount", "Total", "Balance"])
def test_hours_times_a_rate_are_time_that_may_not_be_billed(heading):
    with pytest.raises(SheetQuestion) as caught:
        read(TIME.format(heading))
    assert (caught.value.kind, [one.value for one in caught.value.candidates]) == ("title", ["owed", "other"])
    assert str(caught.value) == (
        f'The amounts of column D "{heading}" are B "Hours" times C "Rate". Are they what clients owe today?'
    )
    assert [str(line.amount) for line in read(TIME.format(heading), title="owed").lines] == [
        "200.00",
        "750.00",
        "150.00",
    ]
    with pytest.raises(SheetError, match="Drop a list of balances"):
        read(TIME.format(heading), title="other")


def test_hours_and_a_rate_that_do_not_make_the_balance_say_nothing_of_it():
    assert len(read(TIME.format("Balance").replace("750.00", "740.00")).lines) == 3
