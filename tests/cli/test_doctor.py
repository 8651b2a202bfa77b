"""`brought-forward doctor`: every line is ok or says what to do, each broken set-up is seen, and nothing is changed."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from slack_sdk import WebClient
from world import World, environment

from brought_forward.bot.cli.doctor import machine
from brought_forward.bot.cli.doctor.catalogue.whole import catalogue
from brought_forward.bot.cli.doctor.finding import Finding, State
from brought_forward.bot.cli.doctor.look import Part, look, parts
from brought_forward.bot.cli.doctor.shapes import Validation
from brought_forward.bot.slack.scopes import SCOPES
from brought_forward.sandbox.clio import sample_firm
from brought_forward.sandbox.slack.workspace import TEAM
from brought_forward.storage.records.connection import Tokens
from brought_forward.storage.store import Store

ROOT = Path(__file__).parents[2]


@pytest.fixture
def firm(tmp_path: Path) -> Iterator[World]:
    """A sound set-up: its channel private, two approvers, no bot running."""
    made = World(tmp_path, sample_firm())
    partners = [made.slack.staff, made.slack.manager, made.slack.partner]
    made.more["balances_channels"] = (made.slack.add_channel("partners", partners, is_private=True).id,)
    try:
        yield made
        assert made.contract.requests == []
    finally:
        made.close()


def examine(world: World, **settings: Any) -> dict[str, list[Finding]]:
    """Look at all parts."""
    return {part.name: list(look(part)) for part in parts(world.settings(**settings), shapes=False)}


def todo(world: World, part: str, **settings: Any) -> list[str]:
    """Say what a part finds to do: of what, what is so, and what to do."""
    lines = examine(world, **settings)[part]
    return [f"{one.what}: {one.said}. {one.todo}" for one in lines if one.state is State.TODO]


def only(world: World, part: str, **settings: Any) -> str:
    """Say the one thing that a part finds to do."""
    (said,) = todo(world, part, **settings)
    return said


def run(world: World, *options: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a person does, in a process of its own."""
    given = environment(world, 3000) | {"BALANCES_CHANNELS": ",".join(world.more["balances_channels"])} | env
    command = [sys.executable, "-m", "brought_forward.bot", "doctor", *options]
    return subprocess.run(command, env=given, capture_output=True, text=True, timeout=60, check=False)


def test_the_scopes_that_it_holds_a_token_against_are_the_manifests() -> None:
    manifest = yaml.safe_load((ROOT / "manifest.yml").read_text())
    assert sorted(SCOPES) == manifest["oauth_config"]["scopes"]["bot"]


def test_where_all_is_well_each_line_says_so_and_it_ends_with_0(firm: World) -> None:
    firm.start()
    ended = run(firm, "--json")
    said = json.loads(ended.stdout)
    assert (ended.returncode, said["well"]) == (0, True), ended.stdout
    assert {line["part"] for line in said["lines"]} == {"Settings", "Slack", "Clio", "This machine"}
    assert {line["state"] for line in said["lines"]} == {"ok", "note"}
    assert run(firm, "--quiet").stdout == ""


def test_what_is_amiss_alone_goes_to_cron_and_it_ends_with_1(firm: World) -> None:
    ended = run(firm, "--quiet", BALANCES_APPROVERS=firm.slack.manager.id)
    assert ended.returncode == 1
    (said,) = ended.stdout.splitlines()
    assert said.startswith("Slack, How many may approve: 1 person. Name two or more in BALANCES_APPROVERS")


def test_what_is_told_in_a_line_is_not_logged_beside_it(firm: World) -> None:
    firm.slack.rules.usergroups = None
    firm.clio.faults.add("error_before", path="/users/who_am_i.json")
    ended = run(firm, "--quiet", BALANCES_APPROVERS=f"S0PARTNERS,{firm.slack.manager.id}")
    assert "plan has no user groups" in ended.stdout
    assert ended.stderr == ""


def test_a_wrong_setting_is_told_by_its_name_and_it_ends_with_2(firm: World) -> None:
    ended = run(firm, "--json", BALANCES_CURRENCY="dollars", CLIO_REGION="mars")
    assert ended.returncode == 2
    told = [line["said"] for line in json.loads(ended.stdout)["lines"]]
    assert any("BALANCES_CURRENCY: dollars is no currency code" in one for one in told)
    assert any("CLIO_REGION" in one for one in told)


def test_the_screen_says_each_setting_with_its_source_and_no_secret(firm: World) -> None:
    ended = run(firm)
    assert "BALANCES_TIMEZONE: America/New_York (environment)" in ended.stdout
    assert "BALANCES_CREDITS: hold (default)" in ended.stdout
    assert "SLACK_BOT_TOKEN: set (environment)" in ended.stdout
    for secret in (firm.slack.bot_token, firm.slack.signing_secret, "clio-sandbox-token"):
        assert secret not in ended.stdout + ended.stderr


def test_what_the_firm_has_set_itself_is_shown_as_such_and_the_environment_wins(firm: World) -> None:
    firm.more["balances_channels"] = ()
    firm.start()
    firm.store.firms.know_environments(TEAM, name="Whitman Law", bot_user=firm.slack.bot.id)
    firm.store.firms.set(TEAM, {"credits": "post", "currency": "EUR", "timezone": "Europe/Paris"}, by="U1")
    lines = {one.what: one.said for one in examine(firm)["Settings"]}
    assert lines["BALANCES_CURRENCY"] == "EUR (set by the firm)"
    assert lines["BALANCES_CREDITS"].startswith("post (set by the firm)")
    wins = "America/New_York (environment, which wins over what the firm has set itself)"
    assert lines["BALANCES_TIMEZONE"] == wins
    assert "set to EUR, the firm's Clio bills in USD" in only(firm, "Clio")


def test_in_practice_the_real_clio_is_not_asked(firm: World) -> None:
    found = examine(firm, balances_practice=True)
    (line,) = found["Clio"]
    assert (line.state, "pretend Clio" in line.said) == (State.NOTE, True)
    (token,) = [one for one in found["Settings"] if one.what == "CLIO_ACCESS_TOKEN"]
    assert token.said == "set (practice)"
    assert firm.clio.calls == []


def test_a_token_of_the_wrong_kind_is_told_before_slack_refuses_it(firm: World) -> None:
    assert "SLACK_BOT_TOKEN" in only(firm, "Settings", slack_bot_token="xapp-1-sandbox")
    assert "SLACK_APP_TOKEN" in only(firm, "Settings", slack_app_token="xoxb-sandbox")


# Slack


def test_a_scope_that_is_missing_is_named_with_what_does_not_work(firm: World) -> None:
    firm.slack.rules.scopes -= {"files:write"}
    said = only(firm, "Slack")
    assert said.startswith("Scopes: files:write is missing: no workbook comes back.")
    assert "OAuth & Permissions, and install the app again" in said


def test_scopes_that_the_bot_does_not_need_are_named(firm: World) -> None:
    firm.slack.rules.scopes |= {"channels:history", "admin"}
    assert "more than the bot needs: admin, channels:history" in only(firm, "Slack")


def test_a_token_that_slack_refuses_is_one_line_and_all_other_parts_still_come(firm: World) -> None:
    found = examine(firm, slack_bot_token="xoxb-another")
    (line,) = found["Slack"]
    assert "refuses the bot's token (invalid_auth)" in line.said
    assert found["Clio"][1].what == "Sign-in"
    assert found["This machine"]


def test_a_slack_that_is_down_is_one_line(firm: World) -> None:
    firm.slack.faults.is_down = True
    assert "Slack is out of reach" in only(firm, "Slack")


def test_a_channel_without_the_bot_says_whom_to_invite(firm: World) -> None:
    said = only(firm, "Slack", balances_channels=(firm.slack.lobby.id,))
    assert said.startswith(f"Channel #lobby ({firm.slack.lobby.id}): the bot is not in it")
    assert "/invite" in said


def test_a_channel_that_everyone_or_a_guest_reads_is_told(firm: World) -> None:
    slack = firm.slack
    assert "public: everyone" in only(firm, "Slack", balances_channels=(slack.balances.id,))
    room = slack.add_channel("with-guest", [slack.staff, slack.guest], is_private=True)
    assert "1 guest would read" in only(firm, "Slack", balances_channels=(room.id,))


def test_a_channel_that_is_shared_or_archived_is_told(firm: World) -> None:
    slack = firm.slack
    room = slack.add_channel("with-others", [slack.staff], is_private=True, is_ext_shared=True)
    assert "shared with another company" in only(firm, "Slack", balances_channels=(room.id,))
    slack.archive("partners")
    assert "archived" in only(firm, "Slack")


def test_an_approver_who_is_a_guest_gone_or_elsewhere_is_told(firm: World) -> None:
    slack = firm.slack
    good = (slack.manager.id, slack.partner.id)
    for one, word in ((slack.guest, "a guest"), (slack.deleted, "nobody any more"), (slack.stranger, "elsewhere")):
        said = only(firm, "Slack", balances_approvers=(*good, one.id))
        assert said.startswith(f"Approver {one.id}: ")
        assert word in said


def test_one_approver_alone_is_told_though_a_guest_stands_beside(firm: World) -> None:
    said = todo(firm, "Slack", balances_approvers=(firm.slack.manager.id, firm.slack.guest.id))
    assert any(one.startswith("How many may approve: 1 person.") for one in said)
    assert any("How many may approve: 0 people" in one for one in todo(firm, "Slack", balances_approvers=()))


def test_a_group_counts_by_its_members_and_each_of_them_is_looked_at(firm: World) -> None:
    slack = firm.slack
    group = slack.add_group("partners", [slack.manager, slack.partner, slack.guest])
    said = only(firm, "Slack", balances_approvers=(group,))
    assert said.startswith(f"Approver {slack.guest.id}: a guest")
    slack.change_group(group, [])
    assert any("a group without members" in one for one in todo(firm, "Slack", balances_approvers=(group,)))


def test_groups_on_a_free_plan_are_told(firm: World) -> None:
    firm.slack.rules.usergroups = None
    said = todo(firm, "Slack", balances_approvers=("S0PARTNERS",))
    assert any("plan has no user groups" in one for one in said)


def test_a_clock_that_is_off_is_told_against_slacks_and_clios(firm: World) -> None:
    firm.slack.faults.date_behind = 90.0
    assert "s ahead of Slack's" in only(firm, "Slack")
    firm.clio.faults.date_behind = -90.0
    assert "s behind Clio's" in only(firm, "Clio")
    firm.clio.faults.date_behind = firm.slack.faults.date_behind = 10.0
    assert todo(firm, "Slack") + todo(firm, "Clio") == []


def test_an_app_level_token_that_slack_refuses_is_told(firm: World) -> None:
    assert todo(firm, "Slack", slack_app_token=firm.slack.app_token) == []
    said = only(firm, "Slack", slack_app_token="xapp-1-of-another-app")
    assert said.startswith("Socket Mode: Slack refuses the app-level token (invalid_auth)")
    assert "connections:write" in said


# Shapes


def shapes(world: World) -> list[Finding]:
    (slack,) = (part for part in parts(world.settings()) if part.name == "Slack")
    return [one for one in look(slack) if one.what.startswith("Shapes")]


def test_every_shape_is_asked_of_slack_and_nothing_is_said_there(firm: World) -> None:
    (line,) = shapes(firm)
    every = list(catalogue())
    assert (line.state, sum(map(int, re.findall("[0-9]+", line.said)))) == (State.OK, len(every))
    assert sum(call.method == "blocks.validate" for call in firm.slack.calls) == len(every)
    assert not firm.slack.messages("partners")


def test_cron_does_not_ask_of_every_shape(firm: World) -> None:
    run(firm, "--quiet")
    assert "auth.test" in {call.method for call in firm.slack.calls}
    assert "blocks.validate" not in {call.method for call in firm.slack.calls}


def test_shapes_that_a_plan_does_not_know_go_out_in_plain_sections_and_nobody_has_to_do_anything(firm: World) -> None:
    firm.slack.rules.data_blocks = False
    lines = shapes(firm)
    assert {one.state for one in lines} == {State.OK, State.NOTE}
    refused = [one for one in lines if one.state is State.NOTE]
    assert all("it goes out in plain sections, which Slack takes" in one.said for one in refused)
    assert any(one.what.startswith("Shapes: preview.preview, many users") for one in refused)
    assert any("unsupported type: data_table" in one.said for one in refused)


@pytest.mark.parametrize("error", ["invalid_message", "a_word_that_slack_has_for_it"])
def test_a_shape_that_slack_takes_in_no_form_is_to_be_reported(firm: World, error: str) -> None:
    firm.slack.faults.add("blocks.validate", error, times=3)
    first, *_ = shapes(firm)
    assert first.what == "Shapes: reading.reading"
    assert "and in every plainer form too" in first.said
    assert first.todo == "Report it, with brought-forward doctor --json."


def test_a_slack_that_does_not_know_the_method_is_a_note(firm: World) -> None:
    firm.slack.faults.add("blocks.validate", "unknown_method", times=None)
    (line,) = shapes(firm)
    assert (line.state, "unknown_method" in line.said) == (State.NOTE, True)


def test_where_slack_asks_to_wait_it_waits_and_not_for_ever(firm: World) -> None:
    client = WebClient(firm.slack.bot_token, base_url=firm.slack.api_url, retry_handlers=[])
    some, waited = list(catalogue())[:4], []
    firm.slack.faults.add("blocks.validate", "ratelimited", seconds=30)
    (line,) = Validation(client, waited.append).lines(some)
    assert (line.said, waited) == ("Slack takes 4 messages as they are made", [30.0])
    firm.slack.faults.add("blocks.validate", "ratelimited", seconds=50, times=None)
    (line,) = Validation(client, waited.append).lines(some)
    assert (line.state, waited) == (State.NOTE, [30.0, 50.0, 50.0])


# Clio


def test_a_token_that_clio_refuses_names_the_region_and_all_other_parts_still_come(firm: World) -> None:
    firm.clio.sign_out()
    found = examine(firm)
    _, line = found["Clio"]
    assert line.said == "Clio refuses the token, in region us"
    assert "another region (ca, eu, au)" in line.todo
    assert len(found["Slack"]) > 3


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/users.json", "May read: Users: Clio refuses it, so no line finds its user."),
        ("/matters.json", "May read: Matters, with their clients: Clio refuses it, so no line finds its matter."),
        ("/activity_descriptions.json", "May read: Activity descriptions: Clio refuses it, so nothing can be posted."),
        ("/activities.json", "May read: Time entries: Clio refuses it"),
        ("/reports.json", "May read: Reports: Clio refuses it, so /balances report does not work."),
    ],
)
def test_a_right_that_is_missing_is_named_with_what_does_not_work(firm: World, path: str, said: str) -> None:
    firm.clio.faults.add("forbidden", path=path, times=None)
    told = todo(firm, "Clio")
    assert any(one.startswith(said) for one in told), told
    assert all("An administrator of the firm's Clio grants both" in one for one in told)


def test_billing_settings_that_are_hidden_are_to_do_only_without_a_currency(firm: World) -> None:
    firm.clio.faults.add("forbidden", path="/settings/billing.json", times=None)
    assert "BALANCES_CURRENCY" in only(firm, "Clio")
    assert todo(firm, "Clio", balances_currency="USD") == []


def test_another_currency_than_clios_is_told(firm: World) -> None:
    assert "set to EUR, the firm's Clio bills in USD" in only(firm, "Clio", balances_currency="EUR")


def test_tax_by_default_is_worth_knowing(firm: World) -> None:
    firm.firm.settings = replace(firm.firm.settings, apply_tax_by_default=True)
    (line,) = [one for one in examine(firm)["Clio"] if one.what == "Tax"]
    assert (line.state, "made without it" in line.said) == (State.NOTE, True)


def test_an_account_whose_user_clio_does_not_tell_is_known_by_its_owner(firm: World) -> None:
    firm.clio.faults.add("forbidden", path="/users/who_am_i.json", times=None)
    (line,) = [one for one in examine(firm)["Clio"] if one.what == "Sign-in"]
    assert (line.state, "owner names the account" in line.said) == (State.NOTE, True)
    firm.clio.faults.add("forbidden", path="/users.json", times=None)
    said = next(one for one in todo(firm, "Clio") if one.startswith("Sign-in"))
    assert "nor who owns the account" in said


def test_a_field_that_clio_no_longer_knows_is_a_note_where_the_bot_can_do_without(firm: World) -> None:
    firm.clio.faults.add("unknown_field", message="initials", times=None)
    (line,) = [one for one in examine(firm)["Clio"] if one.what == "May read: Users"]
    assert (line.state, "can do without" in line.said) == (State.NOTE, True)


def test_an_api_that_is_gone_or_answers_by_another_version_is_told(firm: World) -> None:
    firm.clio.faults.add("gone", path="/users/who_am_i.json")
    assert "Update the bot" in only(firm, "Clio")
    firm.amend(
        lambda answer, _: answer.headers.set("X-API-VERSION", "4.0.12"), method="GET", path="/billing.json", times=None
    )
    firm.amend(lambda answer, _: answer.headers.set("X-API-VERSION", "4.0.12"), method="GET",
               path="/activity_descriptions.json", times=None)  # fmt: skip
    assert "answers by version 4.0.12" in only(firm, "Clio")


def test_an_activity_description_that_is_doubled_or_hourly_is_told(firm: World) -> None:
    firm.firm.add_description("Balance brought forward", rate_type="User")
    assert "not with a flat rate" in only(firm, "Clio")
    firm.firm.add_description("balance brought forward ")
    assert "Clio has 2 of that name" in only(firm, "Clio")


def test_amounts_that_clio_hides_are_told(firm: World) -> None:
    matter, user = next(iter(firm.firm.matters)), next(iter(firm.firm.users))
    description = firm.firm.add_description("Advice")
    firm.firm.add_entry(matter, user, description, Decimal("10.00"))
    assert todo(firm, "Clio") == []
    firm.clio.faults.add("redacted", times=None)
    assert "billing rate visibility is All" in only(firm, "Clio")


def test_a_clio_that_does_not_answer_is_one_line(firm: World) -> None:
    firm.clio.stop()
    assert "Nothing else is asked there." in only(firm, "Clio")


def connect(world: World, *, refresh: str | None, days: float) -> None:
    """Sign in as `brought-forward connect` keeps it, in place of the environment's token."""
    world.more["clio_access_token"] = ""
    with closing(Store(world.place)) as store:
        store.firms.know_environments(TEAM, name="Whitman Law", bot_user=world.slack.bot.id)
        tokens = Tokens("clio-sandbox-token", refresh, days * 86_400)
        store.connections.sign_in(
            TEAM, region="us", account="us:700001", user_id=1001, user_name="Dana Hallam", tokens=tokens
        )


def token_line(world: World) -> Finding:
    (line,) = [one for one in examine(world)["Clio"] if one.what == "Token"]
    return line


def test_a_sign_in_of_the_database_is_used_and_its_end_is_told_where_nobody_renews_it(firm: World) -> None:
    connect(firm, refresh="refresh-token", days=30)
    assert (token_line(firm).state, todo(firm, "Clio")) == (State.OK, [])
    connect(firm, refresh=None, days=30)
    assert (token_line(firm).state, "cannot be renewed" in token_line(firm).said) == (State.NOTE, True)
    connect(firm, refresh=None, days=5)
    assert only(firm, "Clio").endswith("Sign in again: brought-forward connect.")


def test_a_bot_that_nobody_has_connected_says_so(firm: World) -> None:
    firm.more["clio_access_token"] = ""
    assert "Nobody has connected Clio yet" in only(firm, "Clio")


# This machine


@pytest.mark.file
def test_nothing_is_written_by_the_look(firm: World) -> None:
    firm.start()
    firm.stop()
    before = {one.name: one.read_bytes() for one in firm.db.parent.iterdir()}
    calls = len(firm.slack.calls)
    examine(firm)
    assert {one.name: one.read_bytes() for one in firm.db.parent.iterdir()} == before
    asked = {call.method for call in firm.slack.calls[calls:]}
    assert asked <= {"auth.test", "users.info", "conversations.info", "conversations.members", "blocks.validate"}
    assert {call.method for call in firm.clio.calls} == {"GET"}


def test_a_bot_that_was_started_before_and_does_not_run_is_told(firm: World) -> None:
    assert todo(firm, "This machine") == []  # it was never started
    firm.start()
    assert todo(firm, "This machine") == []
    firm.stop()
    assert "brought-forward serve" in only(firm, "This machine")


def test_a_database_of_another_version_is_told(firm: World) -> None:
    firm.start()
    firm.store.batches._file.change("UPDATE _sqlite_migrations SET name = 'tables of old'")
    assert "another version of the bot" in only(firm, "This machine")


def test_a_database_that_was_used_in_practice_is_told(firm: World) -> None:
    firm.start()
    firm.store.batches._file.change("UPDATE purpose SET practice = 1")
    assert "used in practice" in only(firm, "This machine")


@pytest.mark.file
def test_a_damaged_database_and_a_damaged_engines_file_are_told(firm: World) -> None:
    firm.start()
    firm.stop()
    Path(f"{firm.db}.engine").write_bytes(b"no database at all, but long enough to be one" * 100)
    firm.db.write_bytes(firm.db.read_bytes()[:4096] + os.urandom(60_000))
    said = todo(firm, "This machine")
    assert any(one.startswith("Database: ") and "Restore" in one for one in said)
    assert any(one.startswith("The engine's file: damaged") and f"remove {firm.db}.engine" in one for one in said)


@pytest.mark.file
def test_a_file_that_others_may_read_is_told_with_the_command_that_closes_it(firm: World) -> None:
    with firm.db.open("wb"):
        firm.db.chmod(0o644)
    assert f"chmod 600 {firm.db}" in "\n".join(todo(firm, "This machine"))


@contextmanager
def somebody() -> Iterator[tuple[Path, int]]:
    """Be an account that is not root, to which a read-only file is one; the folder is that account's own."""
    root = os.geteuid() == 0
    with tempfile.TemporaryDirectory() as name:
        folder, account = Path(name), 65_534 if root else os.geteuid()
        if root:
            os.chown(folder, account, -1)
        yield folder, account
        folder.chmod(0o700)


@pytest.mark.skipif(sys.platform == "win32", reason="modes are of POSIX")
@pytest.mark.parametrize("of", ["file", "folder"])
def test_a_database_that_is_read_only_for_this_account_is_told(firm: World, of: str) -> None:
    with somebody() as (folder, account):
        for parent in folder.parents:
            if not parent.stat().st_mode & 0o001:
                pytest.skip(f"no other account comes through {parent}")
        file = folder / "balances.db"
        file.touch(mode=0o400 if of == "file" else 0o600)
        if os.geteuid() == 0:
            os.chown(file, account, -1)
        folder.chmod(0o500 if of == "folder" else 0o700)
        me = os.geteuid()
        try:
            os.seteuid(account)
            said = todo(firm, "This machine", balances_db=file)
        finally:
            os.seteuid(me)
    assert any("cannot be written by this account" in one and "chown" in one for one in said), said


@pytest.mark.file
def test_a_disk_with_little_room_is_told(firm: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "ROOM", shutil.disk_usage(firm.db.parent).total + 1)
    said = only(firm, "This machine")
    assert said.startswith("Disk: ")
    assert "Make room" in said


def test_a_look_that_breaks_off_is_a_line_of_its_own_after_those_before_it() -> None:
    def lines() -> Iterator[Finding]:
        yield Finding("First", State.OK, "well")
        raise OSError("no such device")

    first, last = look(Part("This machine", lines))
    assert (first.what, last.what, last.state) == ("First", "This machine", State.TODO)
    assert "no such device" in last.said


def test_a_fault_of_our_own_is_a_line_too_and_stands_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    def lines() -> Iterator[Finding]:
        raise ValueError("Client Smith")
        yield

    (line,) = look(Part("Clio", lines))
    assert line.said == "could not be looked at to the end (ValueError)"
    assert "the look at Clio failed" in caplog.text
