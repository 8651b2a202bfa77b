"""The app is installed in workspaces by people of theirs: by Slack's own flow, kept sealed, and refused with words."""

import io
import os
import sqlite3
from contextlib import closing
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from many import PUBLIC, Host, House
from pydantic import SecretStr
from rich.console import Console
from world import FAST, World, spawn

from brought_forward.bot.cli.keys import rotate
from brought_forward.bot.slack.scopes import SCOPES
from brought_forward.sandbox.serving import hold_port
from brought_forward.storage.records.connection import Source


@pytest.fixture
def house(host: Host) -> House:
    made = host.add("T0ONE", "One Law", "us")
    host.start()
    return made


def said(page: requests.Response) -> str:
    assert page.headers["Cache-Control"] == "no-store"
    return unescape(page.text)


def rows(host: Host) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(host.db)) as raw:
        return raw.execute("SELECT firm, bot_user, installed_by, ended_at FROM slack_installation").fetchall()


def does(house: House) -> list[tuple[object, object]]:
    links = house.store.audit.links(house.team)
    return [(link.facts["does"], link.actor) for link in links if link.kind == "installation"]


def test_an_install_is_kept_sealed_and_says_what_comes_next(host: Host, house: House) -> None:
    asks, _ = host.begin()
    query = parse_qs(urlsplit(asks).query)
    assert query["redirect_uri"] == [f"{PUBLIC}/slack/oauth_redirect"]
    assert set(query["scope"][0].split(",")) == set(SCOPES)
    page = house.install()
    assert page.status_code == 200
    text = said(page)
    assert "Brought Forward is installed in One Law." in text
    assert "choose Home" in text
    assert "/invite @brought-forward" in text
    assert rows(host) == [("T0ONE", house.slack.bot.id, house.slack.partner.id, None)]
    assert does(house) == [("installed", house.slack.partner.id)]
    with closing(sqlite3.connect(host.db)) as raw:
        ((token, source),) = raw.execute("SELECT token, source FROM slack_installation")
    assert house.slack.bot_token.encode() not in token
    assert source == Source.INSTALL
    assert "nobody has connected it" in house.home(house.slack.partner, "Administration")


def test_a_second_install_and_a_replay_change_nothing_but_the_row(host: Host, house: House) -> None:
    place, cookie = host.begun_by(house)
    assert host.led(place, cookie).status_code == 200
    again = host.led(place, cookie)
    assert again.status_code == 400
    assert "it is installed, and all is well" in said(again)
    assert house.install().status_code == 200
    assert len(rows(host)) == 1
    assert does(house) == [("installed", house.slack.partner.id), ("installed again", house.slack.partner.id)]
    assert house.home(house.slack.partner, "Administration")


def test_each_refusal_has_a_page_that_says_what_to_do(
    host: Host, house: House, caplog: pytest.LogCaptureFixture
) -> None:
    asks, cookie = host.begin()
    declined = host.led(host.app.decline(asks), cookie)
    assert (declined.status_code, "declined in Slack" in said(declined)) == (200, True)
    place, cookie = host.begun_by(house)
    other = host.led(place)
    assert (other.status_code, "in another browser" in said(other)) == (400, True)
    forged = host.led(place.replace("state=", "state=x"), "slack-app-oauth-state=x" + cookie.partition("=")[2])
    assert (forged.status_code, "more than five minutes ago" in said(forged)) == (400, True)
    bare = host.led(place.replace("code=", "no="), cookie)
    assert (bare.status_code, "did not take this answer" in said(bare)) == (400, True)
    host.app.ahead += 601
    late = host.led(place, cookie)
    assert (late.status_code, "too old" in said(late)) == (400, True)
    for page in (declined, other, forged, bare, late):
        assert f"{PUBLIC}/slack/install" in page.text
    assert rows(host) == []
    code = parse_qs(urlsplit(place).query)["code"][0]
    assert code not in caplog.text
    assert "Slack refused an install: invalid_code" in caplog.text


def test_a_state_is_over_after_five_minutes(host: Host, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    place, cookie = host.begun_by(house)
    assert host.bot is not None
    flow = host.served.app.oauth_flow
    assert flow is not None
    assert flow.settings.state_store.expiration_seconds == 300
    flow.settings.state_store.expiration_seconds = -1
    late, fresh = host.begun_by(house)
    page = host.led(late, fresh)
    assert (page.status_code, "more than five minutes ago" in said(page)) == (400, True)
    assert host.led(place, cookie).status_code == 200


def test_an_install_for_a_whole_organisation_is_refused_and_given_back(host: Host, house: House) -> None:
    host.app.organisations.add("T0ONE")
    page = house.install()
    assert page.status_code == 400
    assert "serves single workspaces" in said(page)
    assert rows(host) == []
    assert [call.method for call in host.app.calls] == ["oauth.v2.access", "auth.revoke"]
    assert house.slack.workspace.tokens == set()


def test_where_workspaces_are_named_no_other_installs_it(host: Host, house: House) -> None:
    other = host.add("T0TWO", "Two Law", "eu")
    host.stop()
    host.start(slack_workspaces=("T0ONE",))
    page = other.install()
    assert page.status_code == 403
    assert "Tell them its id, T0TWO" in said(page)
    assert other.slack.workspace.tokens == set()
    assert house.install().status_code == 200
    assert [row[0] for row in rows(host)] == ["T0ONE"]


def test_a_slack_that_does_not_answer_is_told_on_the_page(host: Host, house: House) -> None:
    place, cookie = host.begun_by(house)
    host.app.is_down = True
    page = host.led(place, cookie)
    assert (page.status_code, "Slack did not answer" in said(page)) == (502, True)
    host.app.is_down = False
    assert host.led(place, cookie).status_code == 200


def test_an_event_of_a_workspace_that_is_not_installed_is_refused_and_logged(
    host: Host, house: House, caplog: pytest.LogCaptureFixture
) -> None:
    other = host.add("T0TWO", "Two Law", "eu")
    other.slack.events_url = house.slack.events_url
    house.install()
    other.slack.command(other.slack.staff, "help")
    answer = other.told(other.slack.staff)
    assert "Brought Forward is not installed in this workspace" in answer
    assert f"{PUBLIC}/slack/install" in answer
    assert "a request of Slack's for firm=T0TWO was refused" in caplog.text
    other.slack.workspace.tokens.add("xoxb-stray")  # so that Slack tells of its files
    other.drop(other.sheet(1))
    other.slack.wait_for(lambda: [one for one in other.slack.deliveries if one.kind == "file_shared"])
    assert {one.status for one in other.slack.deliveries} == {200}
    assert other.store.batches.newest("T0TWO", 1) == []
    assert not house.slack.calls or {call.method for call in house.slack.calls} <= {"auth.test", "views.publish"}


def test_the_tokens_of_workspaces_are_sealed_anew_beside_the_running_bot(host: Host, house: House) -> None:
    house.install()
    before = house.store.firms.sealed_token("T0ONE")
    screen = io.StringIO()
    rotate(host.settings(), Console(file=screen))
    assert "1 sign-in sealed by the new key" in screen.getvalue()
    after = house.store.firms.sealed_token("T0ONE")
    assert before and after
    assert after[1] == house.store.keys.current != before[1]
    assert after[0] != before[0]
    assert "nobody has connected it" in house.home(house.slack.partner, "Administration")
    assert does(house)[-1] == ("sealed anew", None)


def test_the_bot_serves_it_as_a_process_of_its_own(host: Host, tmp_path: Path) -> None:
    host.add("T0ONE", "One Law", "us")
    port = hold_port(host)
    given = {name.upper(): value for name, value in host.settings().model_dump(exclude_unset=True).items()}
    env = {name: value.get_secret_value() if isinstance(value, SecretStr) else str(value)
           for name, value in given.items() if name != "BALANCES_TIMING"}  # fmt: skip
    log = tmp_path / "serve.log"
    process = spawn(os.environ | env | {"PORT": str(port), "BALANCES_TIMING": FAST.model_dump_json()}, log)
    try:

        def asks() -> str:
            try:
                answer = requests.get(f"http://127.0.0.1:{port}/slack/install", allow_redirects=False, timeout=5)
            except requests.ConnectionError:
                assert process.poll() is None, log.read_text()
                return ""
            return answer.headers["Location"]

        place = host.houses[0].slack.wait_for(asks, timeout=60)
        assert parse_qs(urlsplit(place).query)["client_id"] == [host.app.client_id]
    finally:
        process.terminate()
        assert process.wait(20) == 0
    assert host.app.client_secret not in log.read_text()


def test_without_the_apps_id_nothing_is_installed(world: World) -> None:
    host = (world.slack.events_url or "").removesuffix("/slack/events")
    for path in ("/slack/install", "/slack/oauth_redirect"):
        assert requests.get(f"{host}{path}", timeout=5).status_code == 404
