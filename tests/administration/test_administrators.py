"""Who administers a firm: they alone see the part of the Home tab, and they alone may use it."""

from collections.abc import Iterator
from typing import Any

import pytest
from world import World

from brought_forward.sandbox.clio import sample_firm

OWNERS = "Only owners of this workspace can do this, as long as they name no administrators."


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = World(tmp_path_factory.mktemp("administrators"), sample_firm())
    try:
        yield made.ready()
        assert made.contract.violations == []
    finally:
        made.close()


@pytest.fixture
def world(opened: World) -> Iterator[World]:
    yield opened.ready()
    opened.slack.change_person(opened.slack.partner, is_owner=True)


def tab(world: World, user: Any) -> Any:
    """Open somebody's Home tab, and give it once it has what administrators have."""
    world.slack.open_home(user)

    def shown() -> Any:
        view = world.slack.home(user)
        return view if view and "[Change settings]" in world.slack.plain(view) else None

    return world.slack.wait_for(shown)


def click(world: World, user: Any, seen: Any) -> str:
    """Click in a tab as somebody has it before them, whatever it shows by now, and return what opens."""
    before = len(world.slack.views(user))
    world.slack.click(user, "Change settings", world.slack.home(user), snapshot=seen.payload["blocks"])
    world.slack.wait_for(lambda: len(world.slack.views(user)) > before)
    return world.slack.plain(world.slack.views(user)[-1])


def test_owners_of_the_workspace_administer_where_nobody_is_named(world: World) -> None:
    text = world.home(world.slack.partner, "Administration")
    assert "Approvers: @manager and @partner" in text
    assert "Administrators: the owners of this workspace" in text
    assert "Time zone: America/New_York" in text
    for user in (world.slack.manager, world.slack.staff):
        assert "Administration" not in world.home(user, "Recent")


def test_whom_the_settings_name_administers_and_an_owner_no_longer_does(world: World) -> None:
    group = world.slack.add_group("it", [world.slack.outsider])
    world.ready(balances_admins=(world.slack.manager.id, group))
    for user in (world.slack.manager, world.slack.outsider):
        assert f"Administrators: @manager and @{group}" in world.home(user, "Administration")
    world.slack.open_home(world.slack.partner)
    world.slack.wait_for(lambda: "Administration" not in world.slack.plain(world.slack.home(world.slack.partner)))


def test_who_administers_no_longer_is_refused_at_the_next_click(world: World) -> None:
    seen = tab(world, world.slack.partner)
    world.slack.change_person(world.slack.partner, is_owner=False)
    assert OWNERS in click(world, world.slack.partner, seen)


def test_a_guest_who_is_named_does_not_administer(world: World) -> None:
    person = world.slack.add_person("temp")
    world.ready(balances_admins=(person.id,))
    seen = tab(world, person)
    world.slack.change_person(person, is_restricted=True)
    assert "Guests cannot do this." in click(world, person, seen)


def test_a_form_is_kept_of_who_administers_as_it_is_sent(world: World) -> None:
    click(world, world.slack.partner, tab(world, world.slack.partner))
    view = world.slack.views(world.slack.partner)[-1]
    world.slack.change_person(world.slack.partner, is_owner=False)
    assert world.slack.submit(world.slack.partner, view, {"Days that files": "30"}).error is None
    assert OWNERS in world.slack.plain(world.slack.views(world.slack.partner)[-1])
    assert world.store.firms.settings("T0WHITMAN1") == {}


def test_while_slack_does_not_say_who_somebody_is_nothing_opens(world: World) -> None:
    seen = tab(world, world.slack.partner)
    world.slack.faults.add("users.info", "internal_error", times=None)  # a Home tab may be drawn meanwhile
    assert "Slack did not tell me who you are just now" in click(world, world.slack.partner, seen)


def test_an_owner_of_another_workspace_of_the_organisation_administers_nothing_here(world: World) -> None:
    person = world.slack.add_person("sister", team_id="T0SISTER", teams=("T0SISTER", "T0WHITMAN1"), is_owner=True)
    world.slack.open_home(person)
    assert "Administration" not in world.home(person, "Recent")
