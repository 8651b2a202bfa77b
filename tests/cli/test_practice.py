"""Practice: the firm's own Slack and sheet, a pretend Clio, and no word that does not say so."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from fix_form import FIX
from slack_bolt import App
from world import World, environment, spawn

from brought_forward.bot.app import Bot, register
from brought_forward.bot.cli.practice import rehearsal
from brought_forward.bot.cli.serve import build
from brought_forward.bot.errors import SettingsError
from brought_forward.bot.settings import FirmSettings, Settings
from brought_forward.bot.slack.client import MARK
from brought_forward.sandbox.clio import Firm, sample_firm
from brought_forward.sandbox.clio.journal import Journal
from brought_forward.sandbox.serving import hold_port

ROWS = [
    ["2024-0031", "Don Draper", "1250.00", "Invoice 9"],
    ["2024-0032: Lease", "Olson, Peggy", "88.10", ""],
    ["K/77 Müller", "", "3400.55", ""],
]
SPOKEN = {"chat.postMessage", "chat.update", "chat.postEphemeral", "views.open", "views.publish", "views.update"}


class Rehearsal(World):
    """A world whose Clio is the real one that must hear nothing: the bot has another inside."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, sample_firm(), balances_practice=True)
        self._inside = ExitStack()
        self.build = self._build  # type: ignore[method-assign]

    def _build(self, settings: Settings) -> tuple[App, Bot]:
        practised, learn = self._inside.enter_context(rehearsal(settings))
        return build(practised, learn)

    def stop(self) -> None:
        super().stop()
        self._inside.close()


@pytest.fixture
def practice(tmp_path: Path) -> Iterator[Rehearsal]:
    made = Rehearsal(tmp_path)
    try:
        yield made
        assert made.clio.calls == []
    finally:
        made.close()


def test_a_firm_rehearses_with_its_own_sheet_and_the_real_clio_hears_nothing(practice: Rehearsal) -> None:
    practice.start()
    practice.drop(ROWS)
    assert "3 entries, $4,738.65, ready for approval" in practice.until("ready for approval")
    practice.approve()
    said = practice.finish()
    assert "Read back from Clio: 3 entries, $4,738.65, equal to the cent." in said
    assert {entry.user_name for entry in practice.entries()} == {"Don Draper", "Peggy Olson", "Responsible Attorney"}
    assert practice.clio.calls == []


def test_serve_rehearses_where_it_is_told_to_whatever_else_is_set(world: World, tmp_path: Path) -> None:
    world.stop()
    world.db = tmp_path / "practice.db"
    before = len(world.clio.calls)
    port = hold_port(world)
    world.slack.events_url = f"http://127.0.0.1:{port}/slack/events"
    world.slack.rules.retry_pauses = (0.5,) * 40
    bot = spawn(environment(world, port) | {"BALANCES_PRACTICE": "1"}, tmp_path / "log")
    try:
        world.drop(ROWS)
        world.slack.wait_for(lambda: "ready for approval" in world.text(), timeout=40)
        world.click(world.slack.manager, "Approve")
        world.slack.wait_for(lambda: "equal to the cent" in world.text(), timeout=40)
        bot.terminate()
        assert bot.wait(20) == 0
    finally:
        bot.kill()
        bot.wait()
    assert len(world.clio.calls) == before
    assert {path.name for path in tmp_path.glob("practice.db*")} >= {"practice.db", "practice.db.clio"}


def test_everything_that_reaches_slack_says_that_it_is_practice(practice: Rehearsal) -> None:
    practice.start()
    slack = practice.slack
    practice.drop([["2024-0040", "Don Draper", "-20.00", ""], *ROWS])
    practice.until("ready for approval")
    assert practice.refused(slack.outsider, "Approve").startswith(MARK)
    assert MARK in slack.plain(practice.open_form(slack.staff, FIX))
    assert MARK in slack.plain(practice.open_form(slack.manager, "Reject"))
    practice.approve()
    practice.finish()
    assert practice.asked(slack.manager, "status").startswith(MARK)
    assert practice.home(slack.manager, "AR.csv").startswith(f":construction: {MARK}")
    calls = [call for call in slack.calls if call.ok]
    assert {call.method for call in calls} >= SPOKEN - {"chat.postEphemeral", "views.update"}
    for call in calls:
        if call.method in SPOKEN | {"response_url"}:
            assert marks(call.args), (call.method, call.args)
    asked = [one["confirm"]["title"]["text"] for call in calls for one in elements(call.args) if one.get("confirm")]
    assert {one.split(" ")[1] for one in asked} >= {"Post", "Undo"}
    assert all(one.startswith("PRACTICE ") for one in asked)
    names = [file.name for message in practice.thread() for file in message.files if message.user == slack.bot.id]
    assert len(names) >= 2
    assert all(name.startswith("PRACTICE ") for name in names)
    assert "127.0.0.1" not in practice.text()
    assert not [call for call in calls if "127.0.0.1" in str(call.args.get("blocks"))]


def elements(said: dict[str, Any]) -> Iterator[dict[str, Any]]:
    blocks = said.get("blocks") or []
    for block in json.loads(blocks) if isinstance(blocks, str) else blocks:
        yield from block.get("elements", [])


def marks(said: dict[str, Any]) -> bool:
    """Say whether both the blocks and the fallback bear the mark, at their head."""
    blocks = (said.get("view") or said).get("blocks")
    heads = MARK in str(blocks[0]) if blocks else True
    text = "view" in said or str(said["text"]).startswith(MARK)
    return heads and text


def test_a_rehearsal_goes_on_after_a_restart(practice: Rehearsal) -> None:
    practice.start()
    practice.begin(ROWS)
    practice.finish()
    practice.restart()
    again = practice.preview([ROWS[0], ["2024-0099", "Don Draper", "5.00", ""]], name="Again.csv")
    assert practice.left_out(again.id).keys() == {2}
    assert "1 entry, $5.00, ready for approval" in practice.text()


def test_what_was_rehearsed_is_never_used_for_real(practice: Rehearsal) -> None:
    practice.start()
    practice.stop()
    real = replace_build(practice, build)
    with pytest.raises(SettingsError, match="was used in practice, and nothing in it was posted to Clio"):
        real.start(balances_practice=False)
    real.stop()


def test_what_was_posted_for_real_is_never_used_in_practice(world: World) -> None:
    world.begin(world.sheet(1))
    world.finish()
    world.stop()
    settings = world.settings(balances_practice=True)
    with rehearsal(settings) as (practised, learn):
        bot = build(practised, learn)[1]
        with pytest.raises(SettingsError, match="holds what was really posted, so practice must not use it"):
            bot.start()
        bot.stop()
    world.start()
    assert world.states() == ["posted"]


def replace_build(world: World, other: Callable[[Settings], tuple[App, Bot]]) -> World:
    world.build = other  # type: ignore[method-assign]
    return world


def test_practice_needs_no_clio_and_drops_what_leads_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    bare = {"slack_bot_token": "xoxb-1", "slack_signing_secret": "secret", "balances_practice": "1"}
    settings = Settings(**bare)
    assert settings.balances_db == Path("brought-forward-practice.db")
    given = Settings(**bare, clio_region="eu", clio_access_token="real", clio_api_url="https://eu.app.clio.com/api/v4")
    assert "real" not in given.clio_access_token.get_secret_value()
    assert given.clio_api_url.startswith("http://127.0.0.1:")
    assert FirmSettings(**given.said_of_firm()).day_first
    for off in ("0", "", "false"):
        real = Settings(**bare | {"balances_practice": off, "clio_region": "us"})
        assert (real.balances_practice, real.clio_api_url, real.clio_access_token.get_secret_value()) == (
            False,
            None,
            "",
        )


def test_a_host_application_is_told_that_practice_is_not_for_it(practice: Rehearsal) -> None:
    app = App(token="xoxb-1", signing_secret="s", token_verification_enabled=False)
    with pytest.raises(SettingsError, match="works with `brought-forward serve` alone"):
        register(app, practice.settings())


def test_the_pretend_firm_is_the_same_after_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "firm"
    firm = Firm()
    journal = Journal(firm, path)
    user = firm.add_user("Don Draper")
    matter = firm.add_matter("1-Acme", attorney=user)
    description = firm.add_description("Balance brought forward")
    kept, gone = (firm.add_entry(matter, user, description, Decimal("10.10"), on=date(2026, 1, 2)) for _ in range(2))
    firm.bill(kept, "draft")
    firm.remove_entry(gone)
    journal.close()
    path.write_bytes(path.read_bytes() + b'["entries", 5000000003, {"id": 50')
    again = Firm()
    Journal(again, path).close()
    for name in ("users", "matters", "contacts", "descriptions", "entries", "bills"):
        assert list(getattr(again, name)) == list(getattr(firm, name))
    assert path.read_bytes().endswith(b"\n")
    after = replace(again.time_entries[0], note="x")
    assert again.entries.new_id() > gone.id >= after.id
