"""The doctor asked from the Home tab: in the background, to the administrator alone, lost by no restart."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from slack_bolt import App
from slack_sdk import WebClient
from world import World

from brought_forward.bot.app import Bot, register
from brought_forward.bot.cli.doctor.look import look, parts
from brought_forward.bot.cli.serve import build
from brought_forward.bot.settings import Settings
from brought_forward.sandbox.clio import sample_firm


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = World(tmp_path_factory.mktemp("check"), sample_firm())
    try:
        yield made.ready()
        assert made.contract.violations == []
    finally:
        made.close()


@pytest.fixture
def world(opened: World) -> World:
    return opened.ready()


def ask(world: World) -> Any:
    """Click Check in the Home tab, and return the click and what opens."""
    user = world.slack.partner
    before = len(world.slack.views(user))
    world.home(user, "[Check]")
    click = world.slack.click(user, "Check", world.slack.home(user))
    world.slack.wait_for(lambda: len(world.slack.views(user)) > before)
    return click, world.slack.plain(world.slack.views(user)[-1])


def answers(world: World, user: Any) -> list[str]:
    """What somebody was told of looks, oldest first."""
    return [world.slack.plain(one) for one in world.told_directly(user) if "look at everything" in one.text]


def answered(world: World, number: int) -> str:
    world.slack.wait_for(lambda: len(answers(world, world.slack.partner)) == number, timeout=30)
    return answers(world, world.slack.partner)[-1]


def test_the_lines_are_those_of_the_command_line_and_come_to_the_administrator_alone(world: World) -> None:
    before = len(answers(world, world.slack.partner))
    click, said = ask(world)
    assert click.error is None
    assert "I am looking at the settings, Slack, Clio and the machine" in said
    said = answered(world, before + 1)
    assert world.bot is not None
    found = [one for part in parts(world.bot.settings) for one in look(part)]
    assert len(found) > 40
    missing = [one.what for one in found if one.what not in said]
    assert missing == []
    assert [one for one in found if one.todo] == []
    assert said.startswith(f"All well, {len(found)} lines.")
    for user in (world.slack.manager, world.slack.staff, world.slack.outsider):
        assert answers(world, user) == []


def test_slack_is_answered_while_the_look_waits_for_clio(world: World) -> None:
    before = len(answers(world, world.slack.partner))
    reached, go = threading.Event(), threading.Event()

    def wait(*_: Any) -> None:
        reached.set()
        go.wait(20)

    world.clio.on_exchange.append(wait)
    try:
        click, _ = ask(world)
        assert click.error is None
        assert reached.wait(20)
        assert "I am looking" in ask(world)[1]  # again, before it is over: the same one
        assert len(answers(world, world.slack.partner)) == before
    finally:
        go.set()
        world.clio.on_exchange.remove(wait)
    answered(world, before + 1)
    with world.store.transaction() as db:
        assert db.execute("SELECT count(*) FROM doctor_request WHERE ended_at IS NULL").fetchone() == (0,)
    assert len(answers(world, world.slack.partner)) == before + 1


def test_a_look_that_was_asked_for_is_made_after_a_restart(world: World) -> None:
    before = len(answers(world, world.slack.partner))
    world.stop()
    made = World.build

    def deaf(settings: Any) -> Any:
        app, bot = build(settings)
        bot.desk.checks.look = None
        return app, bot

    try:
        world.build = deaf  # type: ignore[method-assign, assignment]
        world.start()
        world.store.doctor_requests.ask("T0WHITMAN1", world.slack.partner.id)
    finally:
        world.build = made  # type: ignore[method-assign]
    world.restart()
    answered(world, before + 1)


def test_what_is_amiss_comes_first_with_what_to_do(world: World) -> None:
    before = len(answers(world, world.slack.partner))
    world.ready(balances_approvers=(world.slack.manager.id, world.slack.guest.id))
    ask(world)
    said = answered(world, before + 1).splitlines()
    first = next(line for line in said if f"Approver {world.slack.guest.id}" in line)
    assert said.index(first) < said.index(next(line for line in said if line.startswith("Settings: ")))
    assert "Name a full member of the workspace instead." in first
    assert said[0].startswith("2 to do, of ")


def test_a_look_that_breaks_is_told(world: World) -> None:
    before = len(answers(world, world.slack.partner))
    assert world.bot is not None
    checks = world.bot.desk.checks
    kept = checks.look
    checks.look = lambda stopping: iter([1 / 0])  # type: ignore[list-item]
    try:
        ask(world)
        assert "The look at everything could not be made." in answered(world, before + 1)
    finally:
        checks.look = kept


def test_a_host_application_has_no_such_button(tmp_path: Path) -> None:
    world = World(tmp_path, sample_firm())

    def attached(settings: Settings) -> tuple[App, Bot]:
        client = WebClient(settings.slack_bot_token.get_secret_value(), base_url=settings.slack_api_url)
        app = App(client=client, signing_secret=world.slack.signing_secret, token_verification_enabled=False)
        return app, register(app, settings)

    world.build = attached  # type: ignore[method-assign, assignment]
    try:
        world.start()
        assert "[Check]" not in world.home(world.slack.partner, "Change settings")
    finally:
        world.close()
