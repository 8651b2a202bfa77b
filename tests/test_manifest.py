"""What Slack is told about the app and what the app does are the same."""

import ast
import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator
from slack_bolt import App

from brought_forward.bot.app import register
from brought_forward.bot.cli.http import EVENTS
from brought_forward.bot.cli.install import REDIRECTED
from brought_forward.bot.messages.blocks import ACTION
from brought_forward.bot.messages.fix_form import ANOTHER
from brought_forward.bot.messages.fix_items import FATE, MATTER, MATTERS, MORE, USER, USERS
from brought_forward.bot.settings import Settings
from brought_forward.commands.balances import HELP
from brought_forward.sandbox.slack import Rules

ROOT = Path(__file__).parents[1]
MANIFEST: dict[str, Any] = yaml.safe_load((ROOT / "manifest.yml").read_text())
MANY: dict[str, Any] = yaml.safe_load((ROOT / "deploy" / "manifest.many.yml").read_text())
HOST = "https://balances.example.com"
SCOPES = {
    *("channels:read", "chat:write", "commands", "files:read"),
    *("files:write", "groups:read", "usergroups:read", "users:read"),
}
AHEAD: set[str] = set()  # told to Slack before the bot listens
FOR_HOSTS = "message"  # a host app that subscribes to messages is served too; alone we do not ask for their scopes


class Listening(App):
    """A host's Bolt app that remembers what is attached to it."""

    def __init__(self) -> None:
        super().__init__(token="xoxb-1", signing_secret="secret", token_verification_enabled=False)
        kinds = ("event", "action", "options", "view", "command", "shortcut")
        self.heard: dict[str, set[Any]] = {kind: set() for kind in kinds}

    def event(self, event: Any, *args: Any, **more: Any) -> Any:
        self.heard["event"].add(event if isinstance(event, str) else event["type"])
        return super().event(event, *args, **more)

    def action(self, constraints: Any, *args: Any, **more: Any) -> Any:
        self.heard["action"].add(constraints)
        return super().action(constraints, *args, **more)

    def options(self, constraints: Any, *args: Any, **more: Any) -> Any:
        self.heard["options"].add(constraints)
        return super().options(constraints, *args, **more)

    def view(self, constraints: Any, *args: Any, **more: Any) -> Any:
        self.heard["view"].add(constraints)
        return super().view(constraints, *args, **more)

    def shortcut(self, constraints: Any, *args: Any, **more: Any) -> Any:
        self.heard["shortcut"].add(constraints if isinstance(constraints, str) else constraints["callback_id"])
        return super().shortcut(constraints, *args, **more)

    def command(self, command: Any, *args: Any, **more: Any) -> Any:
        self.heard["command"].add(command)
        return super().command(command, *args, **more)


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Listening:
    monkeypatch.delenv("SLACK_BOT_TOKEN", raising=False)
    host = Listening()
    settings = Settings(
        slack_bot_token="xoxb-1",
        slack_signing_secret="secret",
        clio_access_token="token",
        clio_region="us",
        balances_db=tmp_path / "balances.db",
    )
    register(host, settings).store.close()
    return host


def test_the_manifest_is_one_by_slacks_schema() -> None:
    schema = json.loads((ROOT / "tests" / "manifest.schema.json").read_text())
    assert [error.message for error in Draft7Validator(schema).iter_errors(MANIFEST)] == []


def test_the_manifest_for_many_workspaces_is_one_by_slacks_schema() -> None:
    schema = json.loads((ROOT / "tests" / "manifest.schema.json").read_text())
    assert [error.message for error in Draft7Validator(schema).iter_errors(MANY)] == []


def test_the_two_manifests_differ_in_how_slack_is_heard_and_installed_alone() -> None:
    many = copy.deepcopy(MANY)
    settings, events = many["settings"], many["settings"]["event_subscriptions"]
    addresses = [
        many["features"]["slash_commands"][0].pop("url"),
        events.pop("request_url"),
        settings["interactivity"].pop("request_url"),
        settings["interactivity"].pop("message_menu_options_url"),
    ]
    assert set(addresses) == {HOST + EVENTS}
    assert many["oauth_config"].pop("redirect_urls") == [HOST + REDIRECTED]
    assert settings.pop("socket_mode_enabled") is False
    assert set(events["bot_events"]) - {"app_uninstalled", "tokens_revoked"} == set(
        MANIFEST["settings"]["event_subscriptions"]["bot_events"]
    )
    one = copy.deepcopy(MANIFEST)
    one["settings"].pop("socket_mode_enabled")
    events["bot_events"] = one["settings"]["event_subscriptions"]["bot_events"]
    assert many == one


def test_every_event_of_many_workspaces_has_a_listener(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SLACK_BOT_TOKEN", raising=False)
    host = Listening()
    settings = Settings(
        slack_client_id="1.2", slack_client_secret="s", slack_signing_secret="s", balances_public_url=HOST,
        balances_db=tmp_path / "balances.db",
    )  # fmt: skip
    register(host, settings).store.close()
    assert set(MANY["settings"]["event_subscriptions"]["bot_events"]) == host.heard["event"] - {FOR_HOSTS}


def test_no_more_scopes_are_asked_for_than_are_used() -> None:
    assert MANIFEST["oauth_config"]["scopes"].keys() == {"bot"}
    scopes = MANIFEST["oauth_config"]["scopes"]["bot"]
    assert set(scopes) == SCOPES
    assert len(scopes) == len(SCOPES)


def test_every_event_has_a_listener_and_every_listener_its_event(host: Listening) -> None:
    events = MANIFEST["settings"]["event_subscriptions"]["bot_events"]
    assert set(events) - AHEAD == host.heard["event"] - {FOR_HOSTS}
    assert FOR_HOSTS in host.heard["event"]


def test_every_shortcut_has_a_listener_and_every_listener_its_shortcut(host: Listening) -> None:
    shortcuts = MANIFEST["features"]["shortcuts"]
    assert {shortcut["callback_id"] for shortcut in shortcuts} - AHEAD == host.heard["shortcut"]
    assert [shortcut["type"] for shortcut in shortcuts] == ["message", "global"]


def test_the_sandbox_has_the_shortcuts_and_events_of_the_manifest() -> None:
    types = {"message": "message_action", "global": "shortcut"}
    shortcuts = {one["callback_id"]: types[one["type"]] for one in MANIFEST["features"]["shortcuts"]}
    assert Rules().shortcuts == shortcuts
    assert Rules().escapes is MANIFEST["features"]["slash_commands"][0]["should_escape"]
    assert set(Rules().subscriptions) == set(MANIFEST["settings"]["event_subscriptions"]["bot_events"])
    assert Rules().scopes == set(MANIFEST["oauth_config"]["scopes"]["bot"])
    assert Rules().home_tab is MANIFEST["features"]["app_home"]["home_tab_enabled"]


def test_the_docs_name_every_scope_and_event() -> None:
    text = (ROOT / "docs" / "install.md").read_text()
    asked = [*MANIFEST["oauth_config"]["scopes"]["bot"], *MANIFEST["settings"]["event_subscriptions"]["bot_events"]]
    assert [name for name in asked if f"`{name}`" not in text] == []


def test_every_command_has_a_listener_and_every_listener_its_command(host: Listening) -> None:
    assert {command["command"] for command in MANIFEST["features"]["slash_commands"]} == host.heard["command"]


def test_the_usage_hint_and_the_help_name_the_verbs_that_there_are() -> None:
    (command,) = MANIFEST["features"]["slash_commands"]
    hinted = set(re.findall(r"[a-z]+", command["usage_hint"]))
    helped = set(re.findall(r"/balances ([a-z]+)", HELP))
    source = ast.parse((ROOT / "commands" / "balances.py").read_text())
    (table,) = [node for node in ast.walk(source) if isinstance(node, ast.FunctionDef) and node.name == "_verbs"]
    (verbs,) = [node for node in ast.walk(table) if isinstance(node, ast.Dict)]
    known = {key.value for key in verbs.keys if isinstance(key, ast.Constant)} | {"help"}
    assert hinted == helped == known


def test_every_button_that_a_message_can_show_has_a_listener(host: Listening) -> None:
    shown = set()
    for module in (ROOT / "bot" / "messages").glob("*.py"):
        for node in ast.walk(ast.parse(module.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "button":
                action = node.args[1]
                assert isinstance(action, ast.Constant), "an action_id that is put together cannot be checked"
                shown.add(ACTION + str(action.value))
    named = {one for one in host.heard["action"] if isinstance(one, str)}
    assert shown | {f"{ACTION}answer", f"{ACTION}where", f"{ACTION}more"} == named  # selects and a menu
    assert "balances_approve" in shown


def test_what_the_manifest_switches_on_is_what_the_bot_can_do() -> None:
    settings = MANIFEST["settings"]
    assert settings["socket_mode_enabled"] is True
    assert settings["interactivity"] == {"is_enabled": True}
    assert settings["token_rotation_enabled"] is False
    assert MANIFEST["features"].keys() == {"app_home", "bot_user", "shortcuts", "slash_commands"}
    assert MANIFEST["features"]["app_home"]["messages_tab_enabled"] is True  # files in a direct message are read
    assert MANIFEST["features"]["app_home"]["home_tab_enabled"] is True


def test_a_host_app_keeps_its_error_handler_and_gets_no_catch_all(host: Listening) -> None:
    fresh = Listening()
    assert len(host._middleware_list) == len(fresh._middleware_list)
    assert host._listener_runner.listener_error_handler.__class__ is (
        fresh._listener_runner.listener_error_handler.__class__
    )
    heard = [name for kind in ("action", "options", "view", "shortcut") for name in host.heard[kind]]
    named = [name.pattern if isinstance(name, re.Pattern) else name for name in heard]
    assert [name for name in named if not name.startswith(ACTION)] == []


def test_every_field_of_a_form_that_asks_or_tells_the_bot_has_a_listener(host: Listening) -> None:
    patterns = [one for one in host.heard["action"] if isinstance(one, re.Pattern)]
    asked = [one for one in host.heard["options"] if isinstance(one, re.Pattern)]
    for kind in (MATTER, USER, MATTERS, USERS, FATE, MORE, "page"):
        assert any(one.fullmatch(f"{ACTION}{kind}-17") for one in patterns), kind
    for kind in (MATTER, USER, MATTERS, USERS):
        assert any(one.fullmatch(f"{ACTION}{kind}-17") for one in asked), kind
    assert any(one.fullmatch(ACTION + ANOTHER) for one in patterns)
    assert ACTION + ANOTHER in host.heard["options"]
