"""`brought-forward check`: the same reading on the command line, how it ends, and which currency it takes."""

import io
import json
import sys
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from rich.console import Console
from world import World

from brought_forward.bot.cli.check import Check
from brought_forward.bot.cli.check_report import as_json, show
from brought_forward.bot.cli.main import main
from brought_forward.bot.matching.match import Matching
from brought_forward.sandbox.clio import sample_firm
from brought_forward.storage.records.sheet import (
    BalanceLine,
    CensusColumn,
    Comments,
    NotCounted,
    Problem,
    SheetReading,
)


@pytest.fixture
def firm(tmp_path: Path):
    made = World(tmp_path, sample_firm())
    made.firm.change_settings(currency="CAD")
    try:
        yield made
        assert made.contract.violations == []
    finally:
        made.close()


def checked(world: World, monkeypatch, capsys, *options: str, **more: str) -> tuple[int, str, str]:
    """Run the command on a sheet of one amount; give its exit code and what it wrote."""
    file = world.db.parent / "AR.csv"
    file.write_text("Matter,Balance\n00001,12.50\n")
    environment = {
        "SLACK_BOT_TOKEN": "xoxb-none",
        "SLACK_SIGNING_SECRET": "none",
        "CLIO_ACCESS_TOKEN": "clio-sandbox-token",
        "CLIO_API_URL": world.clio.url,
        "CLIO_REGION": "us",
        **more,
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "argv", ["brought-forward", "check", str(file), "--json", *options])
    with pytest.raises(SystemExit) as left:
        main()
    said = capsys.readouterr()
    return int(str(left.value.code)), said.out, said.err


def test_check_takes_the_currency_that_clio_bills_in(firm, monkeypatch, capsys):
    _, told, _ = checked(firm, monkeypatch, capsys, "--clio")
    assert json.loads(told)["currency"] == "CAD"


def test_what_the_command_line_says_of_the_currency_goes_before_clio(firm, monkeypatch, capsys):
    _, told, _ = checked(firm, monkeypatch, capsys, "--clio", "--currency", "GBP")
    assert json.loads(told)["currency"] == "GBP"


def test_a_setting_that_clio_contradicts_is_refused_as_in_slack(firm, monkeypatch, capsys):
    code, _, said = checked(firm, monkeypatch, capsys, "--clio", BALANCES_CURRENCY="EUR")
    assert code == 2
    assert "This bot is set to EUR, but the firm's Clio account bills in CAD." in said


def test_without_clio_amounts_are_dollars_unless_told(firm, monkeypatch, capsys):
    assert json.loads(checked(firm, monkeypatch, capsys)[1])["currency"] == "USD"
    assert json.loads(checked(firm, monkeypatch, capsys, "--currency", "CAD")[1])["currency"] == "CAD"


# How it ends, and what it tells beside the lines


def ended(tmp_path: Path, monkeypatch, capsys, text: str, *options: str) -> tuple[int, str]:
    """Run the command on a text, without Clio; give its exit code and what it wrote."""
    file = tmp_path / "AR.csv"
    file.write_text(text)
    monkeypatch.setattr(sys, "argv", ["brought-forward", "check", str(file), *options])
    with pytest.raises(SystemExit) as left:
        main()
    said = capsys.readouterr()
    return int(str(left.value.code)), said.out + said.err


def test_it_ends_by_what_a_person_has_to_do(tmp_path, monkeypatch, capsys):
    for code, text in (
        (0, "Matter,Balance\n00001,12.50\n"),
        (1, "Matter,Balance\n00001,0.00\n"),  # nothing is owed by anybody: that is no good news, but a wrong file
        (1, "Matter,Balance\n00001,12.50\n00002,\n"),
        (1, "Matter,Balance\n00001,12.50\nTotal,13.00\n"),
        (2, "Client,Phone\nSmith,555\n"),
        (3, "Matter,Balance,Amount Due\n00001,12.50,13.50\n"),
    ):
        assert (ended(tmp_path, monkeypatch, capsys, text)[0], text) == (code, text)


def test_a_file_without_a_line_says_so(tmp_path, monkeypatch, capsys):
    code, told = ended(tmp_path, monkeypatch, capsys, "Matter,Balance\n00001,0.00\n", "--json")
    assert code == 1
    assert json.loads(told)["doubts"] == ["No line has an amount."]
    assert "No line has an amount." in ended(tmp_path, monkeypatch, capsys, "Matter,Balance\n00001,0.00\n")[1]


def test_its_first_line_counts_and_sums_the_same_lines(tmp_path, monkeypatch, capsys):
    sheet = "Matter,Balance\n00001,100.00\n,50.00\n00003,x\n"
    _, told = ended(tmp_path, monkeypatch, capsys, sheet)
    assert 'Sheet "AR.csv", header in row 1: 3 lines, $150.00, and 1 amount that cannot be read.' in told
    assert "2 lines, $50.00, would not be posted" in told


def test_without_a_total_of_its_own_the_sum_is_to_be_compared(tmp_path, monkeypatch, capsys):
    _, told = ended(tmp_path, monkeypatch, capsys, "Matter,Balance\n00001,12.50\n")
    assert "Nothing in the file proves this total. Compare $12.50 with your report." in told
    _, told = ended(tmp_path, monkeypatch, capsys, "Matter,Balance\n00001,12.50\n00002,1.00\nTotal,13.50\n")
    assert "The file's own total, $13.50, agrees." in told
    assert "Nothing in the file" not in told


READING = SheetReading(
    sheet="AR",
    header_row=1,
    lines=(BalanceLine(2, "00001", None, Decimal("10.00")), BalanceLine(3, "00002", None, Decimal("-3.00"))),
    problems=(Problem(4, "D4", "the sheet says paid.", "00003", Decimal("5.00"), anyway=True),),
    zero_rows=0,
    as_of=None,
    control_total=None,
    balance='D "Closing Balance"',
    proofs=("= opening + billed - received on all 3 rows", "subtotals of 2 clients"),
    census=(
        CensusColumn("A", "Matter", "matter"),
        CensusColumn("B", "Phone", "harmless"),
        CensusColumn("C", "Billed", "money", "part of D", beside=Decimal("12.50")),
        CensusColumn("D", "Closing Balance", "balance"),
    ),
    not_counted=(NotCounted(5, Decimal("12.00"), "a total"), NotCounted(6, Decimal("24.00"), "a total")),
    column_total=Decimal("48.00"),
    comments=Comments("E", "Remarks", 2, on=False),
)


def shown(reading: SheetReading) -> str:
    """Print a reading for people."""
    out = io.StringIO()
    show(Check(reading, "USD", None), Console(file=out, soft_wrap=True))
    return out.getvalue()


def test_its_json_accounts_for_all_money_of_the_column():
    told = json.loads(as_json(Check(READING, "USD", None)))
    assert told["money"] == {"column": "48.00", "counted": "7.00", "left_out": "5.00", "not_counted": "36.00"}
    assert told["balance"] == 'D "Closing Balance"'
    assert told["proofs"] == ["= opening + billed - received on all 3 rows", "subtotals of 2 clients"]
    assert told["census"][2] == {"letter": "C", "heading": "Billed", "part": "money", "explained": "part of D",
                                 "beside": "12.50"}  # fmt: skip
    assert told["not_counted"][0] == {"row": 5, "amount": "12.00", "why": "a total"}
    assert told["comments"] == {"letter": "E", "heading": "Remarks", "notes": 2, "on": False}
    assert told["problems"][0]["anyway"] is True


def test_without_the_columns_total_its_json_has_no_money():
    told = json.loads(as_json(Check(replace(READING, column_total=None), "USD", None)))
    assert "money" not in told


def test_with_clio_what_would_not_be_posted_is_left_out():
    matching = Matching(left_out={3: "a credit."})
    money = Check(READING, "USD", matching).money()
    assert money is not None
    assert (money["counted"], money["left_out"]) == (Decimal("10.00"), Decimal("2.00"))


def test_money_of_the_column_that_went_nowhere_needs_a_look():
    lost = Check(replace(READING, problems=(), column_total=Decimal("50.00")), "USD", None)
    assert not lost.clean
    assert lost.doubts == [
        'Column D "Closing Balance" holds $50.00, but its lines ($7.00), its problems ($0.00) and what is not counted'
        " ($36.00) come to $43.00."
    ]
    assert Check(replace(READING, problems=()), "USD", None).doubts != []
    assert Check(READING, "USD", None).doubts == []


def test_people_are_told_what_is_owed_what_proves_it_and_what_is_no_line():
    told = shown(READING)
    assert (
        'Balance: column D "Closing Balance" = opening + billed - received on all 3 rows; subtotals of 2 clients.'
        in told
    )
    assert "Nothing in the file proves" not in told
    rest = (
        "Not counted: 2 rows, $36.00: a total: 2 rows, $36.00 (rows 5, 6)."
        ' Columns not used: B "Phone" (harmless), C "Billed" (part of D).'
    )
    assert rest in told.splitlines()
    assert 'Column E "Remarks" (2 notes) is left off the bills; --answer comments=on puts it on.' in told
    assert ", by its heading." in shown(replace(READING, proofs=()))
