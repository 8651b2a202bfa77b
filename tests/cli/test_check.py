"""`brought-forward check`: the same reading on the command line, and which currency it takes."""

import json
import sys
from pathlib import Path

import pytest
from world import World

from brought_forward.bot.cli.main import main
from brought_forward.sandbox.clio import sample_firm


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
    assert "This bot is set to EUR (BALANCES_CURRENCY), but the firm's Clio account bills in CAD." in said


def test_without_clio_amounts_are_dollars_unless_told(firm, monkeypatch, capsys):
    assert json.loads(checked(firm, monkeypatch, capsys)[1])["currency"] == "USD"
    assert json.loads(checked(firm, monkeypatch, capsys, "--currency", "CAD")[1])["currency"] == "CAD"
