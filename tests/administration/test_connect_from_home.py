"""Clio connected and disconnected from the Home tab: whose link it is, that it serves once, and who is told."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from sign_in import TO_CONNECT, allow, sign_in
from slack_bolt import App
from slack_sdk import WebClient
from world import World

from brought_forward.bot.app import Bot, register
from brought_forward.bot.settings import Settings
from brought_forward.bot.settings.deployment import REDIRECT
from brought_forward.sandbox.clio import sample_firm
from brought_forward.sandbox.slack.workspace import TEAM
from brought_forward.storage.records.connection import Ended, Source

PUBLIC = "https://balances.firm.test"
GIVEN: dict[str, Any] = TO_CONNECT | {"balances_public_url": PUBLIC}


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = World(tmp_path_factory.mktemp("connect"), sample_firm())
    made.clio.oauth.app.redirects.add(PUBLIC + REDIRECT)
    try:
        yield made.ready(**GIVEN)
        assert made.contract.violations == []
    finally:
        made.close()


@pytest.fixture
def world(opened: World) -> World:
    """A bot that Clio can lead back to, and that nobody has connected."""
    opened.ready(**GIVEN)
    opened.clio.oauth.grants.clear()
    with opened.store.transaction() as db:
        for table in ("sign_in_request", "clio_right", "clio_connection", "firm_setting"):
            db.execute(f"DELETE FROM {table}")
    opened.slack.change_person(opened.slack.partner, is_owner=True)
    return opened


def clicked(world: World, label: str, words: str = "") -> Any:
    """Click in an owner's Home tab, and return the form that opens."""
    user = world.slack.partner
    before = len(world.slack.views(user))
    world.slack.open_home(user)

    def shown() -> Any:
        tab = world.slack.home(user)
        return tab if tab and f"[{label}]" in world.slack.plain(tab) else None

    seen = world.slack.wait_for(shown).payload["blocks"]  # which may be drawn anew meanwhile
    world.slack.click(user, label, world.slack.home(user), snapshot=seen)
    world.slack.wait_for(lambda: len(world.slack.views(user)) > before)
    view = world.slack.views(user)[-1]
    assert words in world.slack.plain(view)
    return view


def links(view: Any) -> list[str]:
    """The addresses behind the buttons of a form."""
    return [part["url"] for block in view.payload["blocks"] for part in block.get("elements", [])]


def begun(world: World) -> str:
    """Begin a sign-in and return the address of its link."""
    (address,) = links(clicked(world, "Connect Clio", "Open Clio (us)"))
    return address


def led(world: World, place: str) -> requests.Response:
    """Follow where Clio leads: its public address is this bot's."""
    parts = urlsplit(place)
    assert f"{parts.scheme}://{parts.netloc}" == PUBLIC
    host = (world.slack.events_url or "").removesuffix("/slack/events")
    return requests.get(f"{host}{parts.path}?{parts.query}", timeout=20)


def links_of(world: World) -> list[dict[str, Any]]:
    """What the audit log says of sign-ins."""
    return [link.facts | {"actor": link.actor} for link in world.store.audit.links(TEAM) if link.kind == "sign_in"]


def told(world: World, user: Any) -> str:
    world.slack.wait_for(lambda: not world.store.messages.owed())
    return "\n".join(world.slack.plain(one) for one in world.told_directly(user))


def test_an_administrator_connects_and_is_shown_what_may_be_read(world: World) -> None:
    text = world.home(world.slack.partner, "nobody has connected it")
    assert "[Connect Clio]" in text
    assert "[Disconnect]" not in text
    page = led(world, allow(world.clio, begun(world)))
    who = world.firm.token_user
    assert page.status_code == 200
    assert f"Clio is connected as {who.name}, account us:{world.firm.account_id}." in page.text
    text = world.home(world.slack.partner, "connected as")
    assert f"connected as {who.name}, account us:{world.firm.account_id}, region us, since" in text
    assert "It renews itself." in text
    assert "Reads users, matters, time entries, activity descriptions, billing settings, bills and reports." in text
    said = told(world, world.slack.partner)
    assert f"You connected Clio as {who.name}" in said
    assert "Reads users, matters" in said
    begun_, made = links_of(world)[-2:]
    assert (begun_["does"], begun_["actor"]) == ("begun", world.slack.partner.id)
    assert (made["does"], made["actor"]) == ("signed in", world.slack.partner.id)
    assert world.store.audit.verify(TEAM).broken is None
    batch = world.preview(world.fresh(1))
    world.click(world.slack.manager, "Approve")
    world.done(batch)


def test_the_page_is_kept_by_nobody_and_shown_in_no_frame(world: World) -> None:
    page = led(world, f"{PUBLIC}{REDIRECT}?code=a&state=b")
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "default-src 'none'; frame-ancestors 'none'" in page.headers["Content-Security-Policy"]


def test_clios_answer_that_comes_again_says_what_came_of_it_and_does_nothing(world: World) -> None:
    place = allow(world.clio, begun(world))
    with ThreadPoolExecutor(4) as pool:
        pages = list(pool.map(lambda _: led(world, place), range(4)))
    assert {page.status_code for page in pages} == {200}
    assert sum("Clio is connected as" in page.text for page in pages) >= 1
    assert "Clio is connected as" in led(world, place).text
    assert len(world.clio.oauth.grants) == 1
    assert [one["does"] for one in links_of(world)][-2:] == ["begun", "signed in"]
    with world.store.transaction() as db:
        assert db.execute("SELECT count(*) FROM clio_connection").fetchone() == (1,)


@pytest.mark.parametrize("state", ["", "state=", "state=x", "code=a"])
def test_an_answer_to_no_sign_in_of_ours_connects_nothing(world: World, state: str) -> None:
    place = allow(world.clio, begun(world))
    code = parse_qs(urlsplit(place).query)["code"][0]
    page = led(world, f"{PUBLIC}{REDIRECT}?code={code}&{state}" if state != "code=a" else f"{PUBLIC}{REDIRECT}?{state}")
    assert page.status_code == 400
    assert "not the answer to a sign-in that was begun in the Home tab" in page.text
    assert world.store.connections.of(TEAM, Source.CONNECT) is None
    assert led(world, place).status_code == 200  # the true one is not spent by it


def test_a_link_that_is_too_old_connects_nothing(world: World) -> None:
    place = allow(world.clio, begun(world))
    with world.store.transaction() as db:
        db.execute("UPDATE sign_in_request SET ends_at = made_at")
    page = led(world, place)
    assert page.status_code == 400
    assert "begun more than ten minutes ago, so nothing was connected" in page.text
    assert world.clio.oauth.grants == []
    assert world.store.connections.of(TEAM, Source.CONNECT) is None


def test_who_declines_in_clio_connects_nothing_and_the_link_is_spent(world: World) -> None:
    address = begun(world)
    page = led(world, allow(world.clio, address, "decline"))
    assert "It was declined in Clio, so nothing was connected." in page.text
    assert links_of(world)[-1]["why"] == "access_denied"
    page = led(world, allow(world.clio, address))
    assert "was answered already" in page.text
    assert world.store.connections.of(TEAM, Source.CONNECT) is None


def test_a_code_that_comes_too_late_is_told_with_clios_words(world: World) -> None:
    place = allow(world.clio, begun(world))
    world.clio.oauth.expire_codes()
    page = led(world, place)
    assert page.status_code == 400
    assert "The provided authorization grant is invalid or expired." in page.text
    assert "A code serves once, for about ten minutes" in page.text
    assert world.store.connections.of(TEAM, Source.CONNECT) is None


def test_a_sign_in_of_which_clio_does_not_say_whose_it_is_is_given_back(world: World) -> None:
    place = allow(world.clio, begun(world))
    world.clio.faults.add("error_before", method="GET", path="/users/who_am_i.json", times=None)
    page = led(world, place)
    assert page.status_code == 502
    assert "Nothing was connected." in page.text
    assert world.clio.oauth.grants == []
    assert world.store.connections.of(TEAM, Source.CONNECT) is None


def test_who_administers_no_longer_as_clio_answers_connects_nothing(world: World) -> None:
    place = allow(world.clio, begun(world))
    world.slack.change_person(world.slack.partner, is_owner=False)
    page = led(world, place)
    assert page.status_code == 403
    assert "Only owners of this workspace can do this" in page.text
    assert world.clio.oauth.grants == []


def test_while_slack_does_not_say_who_began_it_the_page_may_be_asked_for_again(world: World) -> None:
    place = allow(world.clio, begun(world))
    world.slack.faults.add("users.info", "internal_error", times=None)
    assert led(world, place).status_code == 503
    world.slack.faults.clear()
    assert led(world, place).status_code == 200
    assert world.store.connections.of(TEAM, Source.CONNECT) is not None


def test_another_account_than_before_is_told_to_all_approvers(world: World) -> None:
    sign_in(world, world.store, account="us:9")
    page = led(world, allow(world.clio, begun(world)))
    assert page.status_code == 200
    assert "This is another account than before (us:9)." in told(world, world.slack.partner)
    said = told(world, world.slack.manager)
    assert "@partner connected another Clio account" in said
    assert "a batch that waits for it goes on only once that one is connected again" in said


def test_where_no_region_is_known_there_is_a_link_for_each(world: World) -> None:
    more = GIVEN | {"clio_region": None, "clio_api_url": None}
    world.ready(**more)
    addresses = links(clicked(world, "Connect Clio", "tells of which region its account is"))
    hosts = [urlsplit(one).netloc for one in addresses]
    assert hosts == ["app.clio.com", "ca.app.clio.com", "eu.app.clio.com", "au.app.clio.com"]
    assert len({parse_qs(urlsplit(one).query)["state"][0] for one in addresses}) == 4


def test_no_state_stands_in_the_file(world: World) -> None:
    state = parse_qs(urlsplit(begun(world)).query)["state"][0]
    kept = b"".join(file.read_bytes() for file in world.db.parent.iterdir() if file.is_file())
    assert state.encode() not in kept


@pytest.mark.parametrize("more", [{"balances_public_url": None}, {"slack_app_token": "xapp-1"}])
def test_where_clio_cannot_lead_back_the_tab_says_how_to_connect(world: World, more: dict[str, Any]) -> None:
    user = world.slack.partner
    clicked(world, "Connect Clio")
    old = world.slack.home(user).payload["blocks"]
    world.ready(**GIVEN | more)
    text = world.home(user, "Whoever runs the bot signs in with brought-forward connect.")
    assert "[Connect Clio]" not in text
    before = len(world.slack.views(user))
    world.slack.click(user, "Connect Clio", world.slack.home(user), snapshot=old)
    world.slack.wait_for(lambda: len(world.slack.views(user)) > before)
    assert "Clio cannot lead you back to this bot" in world.slack.plain(world.slack.views(user)[-1])


def test_what_the_app_at_clio_lacks_is_told(world: World) -> None:
    world.ready(**GIVEN | {"clio_client_secret": ""})
    clicked(world, "Connect Clio", "The key and the secret of the firm's app at Clio are not set")


def test_a_sign_in_of_the_environment_is_shown_and_cannot_be_changed(world: World) -> None:
    world.ready(**GIVEN | {"clio_access_token": "clio-sandbox-token"})
    world.preview(world.fresh(1))
    text = world.home(world.slack.partner, f"account us:{world.firm.account_id}")
    assert "Set where the bot is installed, so it can be changed only there." in text
    assert "Connect Clio" not in text
    assert "Disconnect" not in text


def test_disconnecting_has_clio_forget_it_and_tells_all_approvers(world: World) -> None:
    led(world, allow(world.clio, begun(world)))
    world.home(world.slack.partner, "[Disconnect]")
    click = world.slack.click(world.slack.partner, "Disconnect", world.slack.home(world.slack.partner))
    assert click.confirm is not None
    assert "Posting pauses, loses nothing" in click.confirm.text
    world.home(world.slack.partner, "nobody has connected it")
    assert world.clio.oauth.grants == []
    last = world.store.connections.last(TEAM)
    assert last is not None
    assert last.ended_by is Ended.DISCONNECTED
    assert (links_of(world)[-1]["does"], links_of(world)[-1]["actor"]) == ("ended", world.slack.partner.id)
    for user in (world.slack.manager, world.slack.partner):
        assert "@partner signed the bot out of Clio." in told(world, user)


def test_where_another_stands_by_disconnecting_lets_that_one_take_over(world: World) -> None:
    led(world, allow(world.clio, begun(world)))
    first = world.store.connections.of(TEAM, Source.CONNECT)
    assert first is not None
    assert first.person == world.slack.partner.id
    heir = list(world.firm.users)[1]
    sign_in(world, world.store, user=heir, stands_by=True)
    text = world.home(world.slack.partner, "stands by and takes over once this one is over")
    assert f"{heir.name} stands by" in text
    click = world.slack.click(world.slack.partner, "Disconnect", world.slack.home(world.slack.partner))
    assert click.confirm is not None
    assert f"The sign-in of {heir.name}, which stands by, takes over" in click.confirm.text
    world.home(world.slack.partner, f"connected as {heir.name}")
    assert "takes over, and posting goes on with it" in told(world, world.slack.manager)


def test_a_sign_in_stays_where_clio_does_not_hear_that_it_is_over(world: World) -> None:
    led(world, allow(world.clio, begun(world)))
    world.clio.faults.add("error_before", method="POST", path="/oauth/deauthorize")
    world.home(world.slack.partner, "[Disconnect]")
    world.slack.click(world.slack.partner, "Disconnect", world.slack.home(world.slack.partner))
    world.slack.wait_for(lambda: "Nothing was changed:" in told(world, world.slack.partner))
    assert world.store.connections.of(TEAM, Source.CONNECT) is not None
    assert len(world.clio.oauth.grants) == 1


class Host(World):
    """A firm's own app with the bot in it, which acknowledges nothing but what it knows."""

    @staticmethod
    def build(settings: Settings) -> tuple[App, Bot]:
        client = WebClient(settings.slack_bot_token.get_secret_value(), base_url=settings.slack_api_url)
        secret = settings.slack_signing_secret.get_secret_value()
        app = App(client=client, signing_secret=secret, token_verification_enabled=False)
        return app, register(app, settings)


def test_within_a_host_application_a_link_is_offered_once_the_page_is_served_and_its_click_is_acknowledged(
    tmp_path: Path,
) -> None:
    world = Host(tmp_path, sample_firm())
    try:
        world.start(**GIVEN)
        assert world.bot is not None
        address = begun(world)
        assert urlsplit(address).path == "/oauth/authorize"
        click = world.slack.click(world.slack.partner, "Open Clio", world.slack.views(world.slack.partner)[-1])
        assert (click.status, click.error) == (200, None)
        world.bot.desk.sign_ins.is_served = False
        world.home(world.slack.partner, "Whoever runs the bot signs in with brought-forward connect.")
    finally:
        world.close()
