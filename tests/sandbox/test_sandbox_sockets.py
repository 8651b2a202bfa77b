"""The pretend Slack in Socket Mode, as a client of the protocol finds it."""

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from slack_parts import Bot, button, error_of, section
from slack_sdk import WebClient
from slack_sdk.socket_mode import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from brought_forward.sandbox.slack import SlackSandbox
from brought_forward.sandbox.slack.sockets import MOST


class Ear:
    """A client that writes down what comes, and acknowledges as told."""

    def __init__(self, slack: SlackSandbox) -> None:
        self.heard: list[dict[str, Any]] = []
        self.requests: list[SocketModeRequest] = []
        self.says: dict[str, Any] | None = None
        self.is_silent = False
        web = WebClient(slack.app_token, base_url=slack.api_url)
        self.client = SocketModeClient(slack.app_token, web_client=web, auto_reconnect_enabled=False)
        self.client.on_message_listeners.append(lambda text: self.heard.append(json.loads(text)))
        self.client.socket_mode_request_listeners.append(self._take)  # type: ignore[arg-type]
        self.client.connect()
        slack.wait_for(lambda: self.heard)

    def _take(self, client: SocketModeClient, request: SocketModeRequest) -> None:
        self.requests.append(request)
        if not self.is_silent:
            client.send_socket_mode_response(SocketModeResponse(request.envelope_id, payload=self.says))

    def close(self) -> None:
        """End it without waiting for a read that nothing ends."""
        threading.Thread(target=self.client.close, daemon=True).start()


@pytest.fixture
def ear(slack: SlackSandbox) -> Iterator[Ear]:
    slack.rules.socket_mode = True
    slack.rules.answer_within = 0.5
    slack.rules.retry_pauses = (0.0, 0.1, 0.1)
    ear = Ear(slack)
    yield ear
    slack.stop()
    ear.close()


def invited(slack: SlackSandbox) -> str:
    return str(
        WebClient(slack.app_token, base_url=slack.api_url).apps_connections_open(app_token=slack.app_token)["url"]
    )


def test_an_app_is_greeted_and_told_how_many_connections_it_has(slack: SlackSandbox, ear: Ear) -> None:
    assert (ear.heard[0]["type"], ear.heard[0]["num_connections"]) == ("hello", 1)
    second = Ear(slack)
    assert second.heard[0]["num_connections"] == 2
    second.close()


def test_an_event_comes_in_an_envelope_until_it_is_acknowledged(slack: SlackSandbox, ear: Ear) -> None:
    ear.is_silent = True
    slack.upload(slack.staff, "balances", "AR.csv", b"x")
    slack.wait_for(lambda: len(ear.requests) == 2)
    ear.is_silent = False
    slack.wait_for(lambda: slack.deliveries and slack.deliveries[-1].status == 200)
    tries = [(one.retry_attempt, one.retry_reason) for one in ear.requests]
    assert tries == [(0, ""), (1, "http_timeout"), (2, "http_timeout")]
    assert len({one.envelope_id for one in ear.requests}) == 3
    assert {one.payload["event"]["type"] for one in ear.requests} == {"file_shared"}
    assert len({one.payload["event_id"] for one in ear.requests}) == 1


def test_a_command_is_answered_with_its_acknowledgement(slack: SlackSandbox, ear: Ear) -> None:
    ear.says = {"text": "here you are"}
    answer = slack.command(slack.staff, "help")
    assert answer.message is not None
    assert slack.plain(answer.message) == "here you are"
    (request,) = ear.requests
    assert (request.type, request.accepts_response_payload) == ("slash_commands", True)
    assert request.payload["command"] == "/balances"


def test_a_click_that_nobody_acknowledges_is_told_as_failed_and_not_sent_again(
    slack: SlackSandbox, client: WebClient, ear: Ear
) -> None:
    blocks = [section(), {"type": "actions", "elements": [button("Go", action_id="go")]}]
    client.chat_postMessage(channel=slack.balances.id, text="x", blocks=blocks)
    ear.is_silent = True
    clicked = slack.click(slack.staff, "Go")
    assert (clicked.status, clicked.error) == (None, "http_timeout")
    assert [one.type for one in ear.requests] == ["interactive"]


def test_what_is_sent_on_a_connection_that_ended_may_be_acknowledged_over_another(
    slack: SlackSandbox, ear: Ear
) -> None:
    ear.is_silent = True
    slack.rules.answer_within = 5.0
    asked = threading.Thread(target=slack.command, args=(slack.staff, "help"))
    asked.start()
    slack.wait_for(lambda: ear.requests)
    second = Ear(slack)
    slack.sockets.sever()
    third = Ear(slack)
    third.client.send_socket_mode_response(SocketModeResponse(ear.requests[0].envelope_id))
    asked.join(5)
    assert slack.deliveries[-1].status == 200
    second.close()
    third.close()


def test_nothing_comes_to_the_request_url_of_an_app_in_socket_mode(slack: SlackSandbox, bot: Bot) -> None:
    slack.rules.socket_mode = True
    answer = slack.command(slack.staff, "help")
    assert (answer.status, bot.seen) == (None, [])
    assert slack.deliveries[-1].reason == "connection_failed"


def test_only_the_apps_own_token_opens_a_connection(slack: SlackSandbox, client: WebClient) -> None:
    assert error_of(client.apps_connections_open, app_token=slack.bot_token) == "not_allowed_token_type"
    assert error_of(client.apps_connections_open, app_token="xapp-other") == "invalid_auth"


def test_an_address_serves_once(slack: SlackSandbox) -> None:
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
               "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}  # fmt: skip
    url = invited(slack).replace("ws://", "http://")
    with requests.Session() as session:
        session.trust_env = False
        first = session.get(url, headers=upgrade, timeout=5, stream=True)
        assert first.status_code == 101
        assert session.get(url, headers=upgrade, timeout=5).status_code == 404
        first.close()


def test_an_app_has_ten_connections_at_most(slack: SlackSandbox) -> None:
    ears = [Ear(slack) for _ in range(MOST)]
    eleventh = Ear(slack)
    assert eleventh.heard[0]["reason"] == "too_many_websockets"
    assert slack.sockets.count == MOST
    slack.stop()
    for one in [*ears, eleventh]:
        one.close()
