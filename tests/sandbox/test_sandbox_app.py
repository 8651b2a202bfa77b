"""Several pretend workspaces of one app: installed by somebody of each, and none sees anything of another."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from brought_forward.sandbox.slack import SlackApp, SlackSandbox
from brought_forward.sandbox.slack.workspace import SlackError

BACK = "https://balances.host.test/slack/oauth_redirect"
SCOPES = "channels:read,chat:write,files:read,files:write,users:read"


@pytest.fixture
def app() -> Iterator[SlackApp]:
    made = SlackApp(redirects={BACK}).start()
    yield made
    made.stop()


@pytest.fixture
def two(app: SlackApp) -> tuple[SlackSandbox, SlackSandbox]:
    return app.add("T0ONE", "One Law"), app.add("T0TWO", "Two Law")


def page(app: SlackApp, **more: str) -> str:
    asked = {"client_id": app.client_id, "scope": SCOPES, "redirect_uri": BACK, "state": "s1"} | more
    return f"https://slack.com/oauth/v2/authorize?{urlencode(asked)}"


def code_of(app: SlackApp, slack: SlackSandbox) -> str:
    led = app.allow(slack, slack.partner, page(app))
    assert led.startswith(f"{BACK}?")
    query = parse_qs(urlsplit(led).query)
    assert query["state"] == ["s1"]
    return query["code"][0]


def exchange(app: SlackApp, code: str, **more: str) -> Any:
    given = {"client_id": app.client_id, "client_secret": app.client_secret, "redirect_uri": BACK} | more
    return WebClient(base_url=app.api_url, retry_handlers=[]).oauth_v2_access(code=code, **given)


def installed(app: SlackApp, slack: SlackSandbox) -> WebClient:
    token = exchange(app, code_of(app, slack))["access_token"]
    return WebClient(token, base_url=app.api_url, retry_handlers=[])


def refusal(call: Any, *args: Any, **more: Any) -> str:
    with pytest.raises(SlackApiError) as refused:
        call(*args, **more)
    return str(refused.value.response["error"])


def test_a_code_gives_the_token_of_its_workspace(app: SlackApp, two: tuple[SlackSandbox, SlackSandbox]) -> None:
    said = exchange(app, code_of(app, two[1]))
    assert (said["team"], said["is_enterprise_install"]) == ({"id": "T0TWO", "name": "Two Law"}, False)
    assert (said["scope"], said["authed_user"]["id"]) == (SCOPES, two[1].partner.id)
    who = WebClient(said["access_token"], base_url=app.api_url).auth_test()
    assert (who["team_id"], who["team"], who["user_id"]) == ("T0TWO", "Two Law", said["bot_user_id"])


def test_what_is_wrong_with_an_exchange_is_refused(app: SlackApp, two: tuple[SlackSandbox, SlackSandbox]) -> None:
    one = two[0]
    assert refusal(exchange, app, "none") == "invalid_code"
    assert refusal(exchange, app, code_of(app, one), client_secret="guessed") == "bad_client_secret"
    assert refusal(exchange, app, code_of(app, one), client_id="1.2") == "invalid_client_id"
    assert refusal(exchange, app, code_of(app, one), redirect_uri="https://elsewhere.test/") == "bad_redirect_uri"
    old = code_of(app, one)
    app.ahead += 601
    assert refusal(exchange, app, old) == "invalid_code"
    spent = code_of(app, one)
    exchange(app, spent)
    assert refusal(exchange, app, spent) == "code_already_used"
    assert [call.ok for call in app.calls] == [False] * 5 + [True, False]


def test_slacks_page_is_shown_to_no_app_and_for_no_address_that_is_unknown(
    app: SlackApp, two: tuple[SlackSandbox, SlackSandbox]
) -> None:
    for more in ({"client_id": "1.2"}, {"redirect_uri": "https://elsewhere.test/"}, {"scope": ""}):
        with pytest.raises(SlackError):
            app.allow(two[0], two[0].partner, page(app, **more))
    assert app.decline(page(app)) == f"{BACK}?error=access_denied&state=s1"


def test_a_token_of_one_workspace_never_sees_another(app: SlackApp, two: tuple[SlackSandbox, SlackSandbox]) -> None:
    one, other = two
    mine, theirs = installed(app, one), installed(app, other)
    file = other.upload(other.staff, "balances", "AR.csv", b"Matter,Balance\n")
    said = mine.chat_postMessage(channel="C0BALANCES", text="for one")
    assert [message.text for message in one.messages("balances")] == ["for one"]
    assert "for one" not in [message.text for message in other.messages("balances")]
    assert refusal(theirs.chat_update, channel="C0BALANCES", ts=said["ts"], text="mine") == "message_not_found"
    url = theirs.files_info(file=file.id)["file"]["url_private_download"]
    assert url.startswith(app.api_url.removesuffix("/api/"))
    assert refusal(mine.files_info, file=file.id) == "file_not_found"
    for client, given in ((theirs, b"Matter,Balance\n"), (mine, None)):
        got = requests.get(url, headers={"Authorization": f"Bearer {client.token}"}, timeout=5)
        assert (got.content == given) if given else got.headers["Content-Type"].startswith("text/html")


def test_what_is_uninstalled_or_revoked_opens_nothing_more(
    app: SlackApp, two: tuple[SlackSandbox, SlackSandbox]
) -> None:
    one, other = two
    mine, theirs = installed(app, one), installed(app, other)
    app.remove(one)
    assert refusal(mine.auth_test) == "account_inactive"
    assert theirs.auth_revoke()["revoked"] is True
    assert refusal(theirs.auth_test) == "token_revoked"
    again = installed(app, one)
    assert again.token != mine.token
    assert refusal(again.apps_uninstall, client_id=app.client_id, client_secret="guessed") == "bad_client_secret"
    again.apps_uninstall(client_id=app.client_id, client_secret=app.client_secret)
    assert refusal(again.auth_test) == "token_revoked"
    assert refusal(WebClient("xoxb-none", base_url=app.api_url).auth_test) == "invalid_auth"
