"""The bot as a plugin: attached to a host application that has listeners, middleware and a database of its own."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from slack_bolt import Ack, App, BoltResponse
from slack_sdk import WebClient
from world import World

from brought_forward.bot.app import Bot, register
from brought_forward.bot.settings import FirmSettings, Settings
from brought_forward.sandbox.clio import sample_firm
from brought_forward.storage.records.entry import EntryState


class Host(World):
    """A firm's own Slack app, with the bot as one part of it."""

    heard: list[str]
    late: bool = False  # the host attaches its listeners after the bot

    def app(self, given: Settings) -> App:
        return App(
            client=WebClient(given.slack_bot_token.get_secret_value(), base_url=given.slack_api_url),
            signing_secret=given.slack_signing_secret.get_secret_value(),
            token_verification_enabled=False,
            listener_executor=ThreadPoolExecutor(5),
        )

    def build(self, given: Settings) -> tuple[App, Bot]:  # type: ignore[override]
        self.heard = []
        app = self.app(given)
        if not self.late:
            self.listen(app)
        bot = register(app, given)
        if self.late:
            self.listen(app)
        return app, bot

    def listen(self, app: App) -> None:
        @app.action("holiday")
        def holiday(ack: Ack) -> None:
            ack()
            self.heard.append("holiday")

        @app.command("/host")
        def command(ack: Ack) -> None:
            ack("The host answers.")

        @app.event("app_mention")
        def mention() -> None:
            self.heard.append("mention")

        @app.event({"type": "message", "subtype": None})
        def message() -> None:
            self.heard.append("message")

        @app.error
        def trouble(error: Exception) -> BoltResponse:
            self.heard.append(f"error: {error}")
            return BoltResponse(status=200)

        @app.action("broken")
        def broken(ack: Ack) -> None:
            ack()
            raise RuntimeError("the host's own")

    # What the pretend Slack has no hand for

    def event(self, **event: Any) -> int:
        body = {"type": "event_callback", "team_id": "T0WHITMAN1", "event_id": f"Ev{time.time()}", "event": event}
        return self.send(json.dumps(body).encode(), "application/json").status_code

    def action(self, action_id: str, *, response_url: str = "http://127.0.0.1:1/") -> int:
        body = {
            "type": "block_actions",
            "user": {"id": self.slack.manager.id, "team_id": "T0WHITMAN1"},
            "team": {"id": "T0WHITMAN1"},
            "actions": [{"type": "button", "action_id": action_id, "block_id": "b", "value": "1"}],
            "container": {"type": "message", "message_ts": "1.0"},
            "response_url": response_url,  # where nobody answers
        }
        form = urlencode({"payload": json.dumps(body)}).encode()
        return self.send(form, "application/x-www-form-urlencoded").status_code


@pytest.fixture(params=["host first", "bot first"])
def host(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Host]:
    made = Host(tmp_path, sample_firm())
    made.late = request.param == "bot first"
    try:
        yield made.start()
        assert made.contract.violations == []
    finally:
        made.close()


def test_a_host_and_the_bot_both_do_their_work(host: Host) -> None:
    host.begin(host.sheet(3))
    host.finish()
    host.assert_truth()
    assert host.event(type="app_mention", user="U0STAFF001", text="hi", channel="C1", ts="1.0") == 200
    assert host.event(type="message", user="U0STAFF001", text="hi", channel="C1", ts="1.0") == 200
    assert host.action("holiday") == 200
    answer = host.slack.command(host.slack.staff, "", name="/host")
    assert answer.message is not None
    assert answer.message.text == "The host answers."
    assert host.action("broken") == 200
    expected = ["error: the host's own", "holiday", "mention", "message"]
    host.slack.wait_for(lambda: sorted(host.heard) == expected)


def test_what_neither_knows_is_the_hosts_to_answer(host: Host) -> None:
    """Bolt answers 404 to what no listener takes; the bot must not acknowledge it in the host's name."""
    assert host.action("nobodys_button") == 404
    assert host.event(type="reaction_added", user="U0STAFF001") == 404
    assert host.event(type="message", subtype="channel_join", channel="C1", ts="1.0") == 404


def test_an_answer_that_slack_does_not_take_is_no_error_of_the_hosts(host: Host) -> None:
    """A click of ours is refused while Slack is out of reach."""
    button = next(one for one in ("approve", "balances_approve") if host.action(one) == 200)
    host.action(button)
    host.action("holiday")
    host.slack.wait_for(lambda: "holiday" in host.heard)
    host.stop()  # what was under way has ended
    assert host.heard == ["holiday"]


@pytest.mark.parametrize("action", ["approve", "reject", "stop", "go_on"])
def test_a_hosts_own_button_of_a_common_name_stays_the_hosts(host: Host, action: str) -> None:
    host.stop()
    heard: list[str] = []
    attach = host.listen

    def listen(app: App) -> None:
        attach(app)

        @app.action(action)
        def its_own(ack: Ack) -> None:
            ack()
            heard.append("the host's")

    host.listen = listen  # type: ignore[method-assign]
    host.start()
    assert host.action(action) == 200
    host.slack.wait_for(lambda: heard == ["the host's"], timeout=2)
    if action == "approve":
        host.begin(host.sheet(1))
        host.finish()


def test_attaching_takes_nothing_over_and_starts_nothing(tmp_path: Path) -> None:
    world = Host(tmp_path, sample_firm())
    try:
        given = world.settings()
        app = world.app(given)
        world.heard = []
        world.listen(app)
        middleware = list(app._middleware_list)
        listeners = list(app._listeners)
        troubles = (app._middleware_error_handler, app.listener_runner.listener_error_handler)
        threads = app.listener_runner.listener_executor
        calls = (len(world.slack.calls), len(world.clio.calls))
        bot = register(app, given)
        assert app._middleware_list == middleware
        assert [one for one in app._listeners if one in listeners] == listeners  # all there, in their order
        assert (app._middleware_error_handler, app.listener_runner.listener_error_handler) == troubles
        assert app.listener_runner.listener_executor is threads
        assert (len(world.slack.calls), len(world.clio.calls)) == calls
        bot.stop()
    finally:
        world.close()


@pytest.mark.parametrize("subscriptions", [("message",), ("message", "file_shared"), ("file_shared", "message")])
def test_a_host_that_subscribes_to_messages_gets_one_batch_for_one_file(
    world: World, subscriptions: tuple[str, ...]
) -> None:
    world.slack.rules.subscriptions = subscriptions
    world.begin(world.sheet(2))
    world.finish()
    world.slack.wait_for(lambda: world.store.events.waiting() == 0)
    assert len(world.store.batches.newest("T0WHITMAN1", 10)) == 1
    world.assert_truth()


def test_a_file_that_is_not_for_the_bot_is_left_to_the_host(host: Host) -> None:
    host.slack.upload(host.slack.staff, "balances", "party.png", b"\x89PNG\r\n\x1a\n" + b"0" * 64)
    host.slack.wait_for(lambda: host.slack.deliveries and host.store.events.waiting() == 0)
    assert host.store.batches.newest("T0WHITMAN1", 10) == []
    assert [message for message in host.slack.messages("balances") if message.user == host.slack.bot.id] == []


def test_a_hosts_own_listener_for_shared_files_is_not_silenced(host: Host) -> None:
    """Bolt runs one listener for an event: the host's and ours must both hear of a file, whichever came first."""
    host.stop()
    heard: list[str] = []
    attach = host.listen

    def listen(app: App) -> None:
        attach(app)

        @app.event("file_shared")
        def archive(event: dict[str, Any]) -> None:
            heard.append(event["file_id"])

    host.listen = listen  # type: ignore[method-assign]
    host.start()
    file = host.drop(host.sheet(2))
    host.until("ready for approval", timeout=3)
    host.slack.wait_for(lambda: heard == [file.id], timeout=3)


def test_settings_are_given_without_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SLACK_BOT_TOKEN", "CLIO_ACCESS_TOKEN", "BALANCES_DB", "BALANCES_APPROVERS"):
        monkeypatch.delenv(name, raising=False)
    given = Settings(
        slack_bot_token="xoxb-1", slack_signing_secret="s", clio_access_token="t", clio_region="eu",
        balances_db=tmp_path / "b.db", balances_approvers=("U1",),
    )  # fmt: skip
    firm = FirmSettings(**given.said_of_firm())
    assert firm.clio_site == "https://eu.app.clio.com"
    assert firm.approvers == ("U1",)
    assert firm.day_first


def test_a_hosts_settings_take_nothing_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the command line reads the environment: what a host does not say is the default."""
    monkeypatch.setenv("BALANCES_APPROVERS", "U0STRANGER")
    monkeypatch.setenv("BALANCES_CREDITS", "post")
    given = Settings(
        slack_bot_token="xoxb-1",
        slack_signing_secret="s",
        clio_access_token="t",
        clio_region="us",
        balances_db=tmp_path / "b.db",
    )
    assert given.balances_approvers == ()
    assert given.balances_credits == "hold"


def test_two_bots_do_not_serve_one_database(world: World) -> None:
    other = Host(world.db.parent, sample_firm())
    try:
        _, second = other.build(world.settings())
        with pytest.raises(Exception, match="Another process already serves"):
            second.start()
        second.stop()  # which leaves the other's engine alone
        world.begin(world.sheet(1))
        world.finish()
        assert world.states() == [EntryState.POSTED]
    finally:
        other.close()
