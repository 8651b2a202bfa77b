"""What an administrator changes from the Home tab: checked, kept, in the audit log, told, and from when it counts."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from world import World

from brought_forward.sandbox.clio import firm_of_size, sample_firm
from brought_forward.sandbox.slack.workspace import TEAM
from brought_forward.storage.records.batch import BatchStatus

OWN = {"balances_approvers": (), "balances_timezone": None}  # what the environment leaves to the firm


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = World(tmp_path_factory.mktemp("settings"), firm_of_size(120, 4))
    try:
        yield made.ready(**OWN)
        assert made.contract.violations == []
    finally:
        made.close()


@pytest.fixture
def world(opened: World) -> World:
    """A bot of a firm that has set its two approvers itself, and nothing else."""
    opened.ready(**OWN)
    slack = opened.slack
    with opened.store.transaction() as db:
        db.execute("DELETE FROM firm_setting")
    opened.store.firms.set(TEAM, {"approvers": [slack.manager.id, slack.partner.id]}, by=slack.partner.id)
    return opened


def form(world: World, user: Any = None) -> Any:
    """Open the form from the Home tab of an owner."""
    user = user or world.slack.partner
    before = len(world.slack.views(user))
    world.home(user, "Administration")
    world.slack.click(user, "Change settings", world.slack.home(user))
    world.slack.wait_for(lambda: len(world.slack.views(user)) > before)
    return world.slack.views(user)[-1]


def change(world: World, values: dict[str, Any]) -> Any:
    """Change settings in the form; the answer, and the form where it stays open."""
    view = form(world)
    answer = world.slack.submit(world.slack.partner, view, values)
    assert answer.error is None, answer
    return next((one for one in world.slack.views(world.slack.partner) if one.id == view.id), None)


def told(world: World, user: Any) -> list[str]:
    """What somebody was told of changed settings, oldest first."""
    world.slack.wait_for(lambda: not world.store.messages.owed())
    return [world.slack.plain(one) for one in world.told_directly(user) if one.text.startswith("The firm's settings")]


def test_approvers_of_before_and_after_are_told_who_changed_what(world: World) -> None:
    slack = world.slack
    before = {user.id: len(told(world, user)) for user in (slack.manager, slack.partner, slack.outsider, slack.staff)}
    assert change(world, {"Approvers": [slack.partner, slack.outsider], "Two approvers above": "2500.50"}) is None
    for user in (slack.manager, slack.partner, slack.outsider):
        said = told(world, user)[before[user.id] :]
        assert len(said) == 1
        assert said[0].startswith("@partner changed the firm's settings:")
        assert "Approvers: @partner and @outsider, before: @manager and @partner" in said[0]
        assert "Two approvers above: 2,500.50, before: no sum" in said[0]
        assert "what was dropped before keeps its rules" in said[0]
        assert "Who is no longer an approver approves no file any more, whenever it was dropped" in said[0]
    assert len(told(world, slack.staff)) == before[slack.staff.id]
    link = list(world.store.audit.links(TEAM))[-1]
    assert (link.kind, link.actor, link.facts) == (
        "setting", slack.partner.id, {"names": ["approvers", "two_approvers_above"]}
    )  # fmt: skip
    assert link.words == {
        "approvers": {"from": [slack.manager.id, slack.partner.id], "to": [slack.partner.id, slack.outsider.id]},
        "two_approvers_above": {"from": None, "to": "2500.50"},
    }
    assert world.store.audit.verify(TEAM).broken is None


def test_new_approvers_count_for_files_dropped_after_and_who_is_taken_off_at_once(world: World) -> None:
    slack = world.slack
    old = world.preview(world.fresh(1), name="before.csv")
    change(world, {"Approvers": [slack.partner, slack.outsider]})
    world.shows(old, "other than @staff: @partner.")
    message = world.message("preview", old.id)
    for user in (slack.manager, slack.outsider):
        assert "Only approvers can approve" in world.refused(user, "Approve", message)
    new = world.preview(world.fresh(1), name="after.csv")
    world.click(slack.partner, "Approve", message)
    world.done(old)
    assert "Only approvers can approve" in world.refused(slack.manager, "Approve", world.message("preview", new.id))
    world.click(slack.outsider, "Approve", world.message("preview", new.id))
    world.done(new)


def test_who_names_themself_an_approver_approves_nothing_dropped_before_and_is_seen_by_all(world: World) -> None:
    slack = world.slack
    world.store.firms.set(TEAM, {"approvers": [slack.manager.id, slack.outsider.id]}, by=slack.manager.id)
    old = world.preview(world.fresh(1), name="waits.csv")
    seen = len(told(world, slack.outsider))
    change(world, {"Approvers": [slack.manager, slack.outsider, slack.partner]})
    assert "Only approvers can approve" in world.refused(slack.partner, "Approve", world.message("preview", old.id))
    assert "@partner changed the firm's settings" in told(world, slack.outsider)[seen:][0]


def test_the_sum_for_two_and_credits_count_for_files_dropped_after(world: World) -> None:
    slack = world.slack
    (debit, credit) = world.fresh(2)
    credit[2] = "-50.00"
    old = world.preview([debit], name="one.csv")
    change(world, {"Two approvers above": "1", "Negative balances": "Post them"})
    world.click(slack.manager, "Approve", world.message("preview", old.id))
    world.done(old)
    new = world.preview([credit, *world.fresh(1)], name="two.csv")
    assert len(world.entries(new.id)) == 2
    world.click(slack.manager, "Approve", world.message("preview", new.id))
    world.shows(new, "Approved by @manager")
    assert world.batch(new.id).status is BatchStatus.PREVIEWED
    world.click(slack.partner, "Approve", world.message("preview", new.id))
    world.done(new)


def test_the_first_of_two_approvals_is_void_once_its_giver_is_taken_off(world: World) -> None:
    slack = world.slack
    people = {"approvers": [slack.manager.id, slack.partner.id, slack.outsider.id]}
    world.store.firms.set(TEAM, people | {"two_approvers_above": "1"}, by=slack.manager.id)
    batch = world.preview(world.fresh(1), name="first.csv")
    world.click(slack.manager, "Approve", world.message("preview", batch.id))
    world.shows(batch, "Approved by @manager")
    assert change(world, {"Approvers": [slack.partner, slack.outsider]}) is None
    world.slack.wait_for(lambda: "Approved by" not in slack.plain(world.message("preview", batch.id)))
    assert "first_void" in {link.kind for link in world.store.audit.links(TEAM)}
    world.click(slack.partner, "Approve", world.message("preview", batch.id))
    world.shows(batch, "Approved by @partner")
    assert world.batch(batch.id).status is BatchStatus.PREVIEWED
    world.click(slack.outsider, "Approve", world.message("preview", batch.id))
    world.done(batch)
    assert world.store.audit.verify(TEAM).broken is None


def test_it_is_void_too_where_the_list_was_changed_in_another_way(world: World) -> None:
    slack = world.slack
    people = [slack.manager.id, slack.partner.id, slack.outsider.id]
    world.store.firms.set(TEAM, {"approvers": people, "two_approvers_above": "1"}, by=slack.manager.id)
    batch = world.preview(world.fresh(1), name="other.csv")
    world.click(slack.manager, "Approve", world.message("preview", batch.id))
    world.shows(batch, "Approved by @manager")
    world.store.firms.set(TEAM, {"approvers": people[1:]}, by=slack.manager.id)
    world.click(slack.partner, "Approve", world.message("preview", batch.id))
    world.shows(batch, "Approved by @partner")
    assert world.batch(batch.id).status is BatchStatus.PREVIEWED


@pytest.mark.parametrize(
    ("field", "value", "block", "words"),
    [
        ("Two approvers above", "ten", "two_approvers_above", "ten is no sum. Write it with digits and a dot"),
        ("Time zone", "Newyork", "timezone", "Newyork is no time zone. Write it like America/New_York."),
        ("Currency", "dollars", "currency", "dollars is no currency code"),
        ("Days that files", "3", "keep_days", "Write a whole number of days, 7 to 36,500."),
        ("Days that files", "many", "keep_days", "Write a whole number of days"),
        ("Hours that a preview", "0", "expire_hours", "Write a number of hours, more than 0"),
        ("Years that sums", "nan", "keep_years", "Write a number of years, 1 to 100."),
        ("Words on the bills", " ", "description", "Write 1 to 120 characters."),
        ("Approvers: user groups", "U0MANAGER1", "approver_groups", "U0MANAGER1 is no user group's id"),
        ("Approvers: user groups", "S0NOBODY", "approver_groups", "I cannot read who is in"),
    ],
)
def test_what_cannot_be_used_is_told_at_its_field(world: World, field: str, value: str, block: str, words: str) -> None:
    kept = world.store.firms.settings(TEAM)
    view = change(world, {field: value})
    assert words in view.errors[block.replace("approver_groups", "approvers_groups")]
    assert world.store.firms.settings(TEAM) == kept


def test_a_firm_is_never_left_without_who_can_approve(world: World) -> None:
    slack = world.slack
    assert "nobody could approve anything" in change(world, {"Approvers": []}).errors["approvers"]
    assert "Gail Guest" in change(world, {"Approvers": [slack.manager, slack.guest]}).errors["approvers"]
    empty = slack.add_group("nobody", [])
    wrong = change(world, {"Approvers": [], "Approvers: user groups": empty}).errors
    assert "without members" in wrong["approvers_groups"]
    wrong = change(world, {"Approvers": [slack.manager], "Two approvers above": "100"}).errors
    assert "Above this sum two people approve, and the approvers are one." in wrong["two_approvers_above"]
    guests = slack.add_group("guests", [slack.guest])
    wrong = change(world, {"Approvers": [], "Approvers: user groups": guests}).errors
    assert "nobody could approve anything" in wrong["approvers"]
    assert world.store.firms.settings(TEAM) == {"approvers": [slack.manager.id, slack.partner.id]}


def test_a_user_group_approves_by_its_members(world: World) -> None:
    slack = world.slack
    group = slack.add_group("partners", [slack.outsider, slack.manager])
    assert change(world, {"Approvers": [], "Approvers: user groups": group}) is None
    batch = world.preview(world.fresh(1), name="group.csv")
    world.click(slack.outsider, "Approve", world.message("preview", batch.id))
    world.done(batch)


def test_administrators_who_are_taken_off_are_told_too(world: World) -> None:
    slack = world.slack
    person = slack.add_person("clerk")
    change(world, {"Administrators": [slack.partner, person]})
    assert len(told(world, person)) == 1
    change(world, {"Administrators": [slack.partner]})
    assert "Administrators: @partner, before: @partner and @clerk" in told(world, person)[-1]


def test_of_two_who_change_settings_at_once_the_later_is_told_and_nothing_of_theirs_is_kept(world: World) -> None:
    slack = world.slack
    first, second = form(world), form(world)
    assert slack.submit(slack.partner, second, {"Days that files": "30"}).error is None
    assert slack.submit(slack.partner, first, {"Hours that a preview": "24"}).error is None
    assert "The settings were changed since this form was opened" in slack.plain(slack.views(slack.partner)[-1])
    assert world.store.firms.settings(TEAM)["keep_days"] == 30
    assert "expire_hours" not in world.store.firms.settings(TEAM)


def test_a_form_that_changes_nothing_writes_and_tells_nothing(world: World) -> None:
    links, said = len(list(world.store.audit.links(TEAM))), len(told(world, world.slack.manager))
    assert change(world, {}) is None
    assert (len(list(world.store.audit.links(TEAM))), len(told(world, world.slack.manager))) == (links, said)


def test_what_is_shown_is_what_counts_and_the_tab_says_it_at_once(world: World) -> None:
    def shown() -> str:
        return str(world.slack.plain(world.slack.home(world.slack.partner)))

    change(
        world,
        {"Channels that count": [world.slack.billing], "Words on the bills": "Opening balance", "Time zone": "UTC"},
    )
    world.slack.wait_for(lambda: "Words on the bills: Opening balance" in shown())
    assert "Channels: #billing" in shown()
    assert "Time zone: UTC" in shown()
    assert "Opening balance" in world.slack.plain(form(world))
    change(world, {"Channels that count": [], "Words on the bills": "Balance brought forward"})
    assert world.bot is not None
    assert world.bot.firms.settings(TEAM).channels == ()


def test_a_channel_that_the_administrator_does_not_see_stays_when_something_else_is_changed(world: World) -> None:
    slack = world.slack
    hidden = slack.add_channel("partners", [slack.manager], is_private=True)
    before = [hidden.id, *(f"C0OLD{place:05d}" for place in range(12)), slack.billing.id]
    world.store.firms.set(TEAM, {"channels": before}, by=slack.manager.id)
    assert change(world, {"Days that files": "30", "More channels": [slack.balances, slack.billing]}) is None
    assert world.store.firms.settings(TEAM)["channels"] == [*before, slack.balances.id]
    first = [one for one in before[:10] if one != hidden.id]
    assert change(world, {"Channels that count": first}) is None
    assert world.store.firms.settings(TEAM)["channels"] == [*before[1:], slack.balances.id]


def test_another_order_of_the_same_people_is_no_change(world: World) -> None:
    links = len(list(world.store.audit.links(TEAM)))
    assert change(world, {"Approvers": [world.slack.partner, world.slack.manager]}) is None
    assert len(list(world.store.audit.links(TEAM))) == links


def test_the_sum_for_two_is_said_in_the_firms_currency(world: World) -> None:
    change(world, {"Currency": "CAD", "Two approvers above": "2500.5"})
    assert "Two approvers above: $2,500.50, before: no sum" in told(world, world.slack.manager)[-1]


def test_who_is_shown_no_form_is_told_in_direct_messages(world: World) -> None:
    slack = world.slack
    world.home(slack.partner, "Administration")
    slack.faults.add("views.open", "internal_error", times=None)
    slack.click(slack.partner, "Change settings", slack.home(slack.partner))
    slack.wait_for(
        lambda: any("Slack did not open what you clicked" in one.text for one in world.told_directly(slack.partner))
    )


def test_while_slack_does_not_say_who_is_in_a_group_that_would_be_told_nothing_is_changed(world: World) -> None:
    slack = world.slack
    group = slack.add_group("seniors", [slack.outsider])
    world.store.firms.set(TEAM, {"approvers": [slack.manager.id, group]}, by=slack.manager.id)
    view = form(world)
    slack.faults.add("usergroups.users.list", "internal_error", times=None)
    assert slack.submit(slack.partner, view, {"Approvers": [slack.partner], "Approvers: user groups": ""}).error is None
    assert "I cannot read who is in" in slack.plain(slack.views(slack.partner)[-1])
    assert world.store.firms.settings(TEAM)["approvers"] == [slack.manager.id, group]


def test_what_is_set_where_the_bot_is_installed_is_said_and_no_form_changes_it(tmp_path: Path) -> None:
    world = World(tmp_path, sample_firm())
    try:
        world.start()
        view = form(world)
        text = world.slack.plain(view)
        assert "Approvers: @manager and @partner\nSet where the bot is installed" in text
        assert "Time zone: America/New_York\nSet where the bot is installed" in text
        assert not [block for block in view.payload["blocks"] if block.get("block_id") in {"approvers", "timezone"}]
        # A form that nobody was shown, as one who makes their own requests would send it.
        forged = {"approvers": {"approvers": {"type": "multi_users_select", "selected_users": [world.slack.staff.id]}}}
        body = {
            "type": "view_submission",
            "user": {"id": world.slack.partner.id, "team_id": TEAM},
            "team": {"id": TEAM},
            "view": {
                "type": "modal",
                "callback_id": "balances_settings",
                "private_metadata": view.payload["private_metadata"],
                "state": {"values": world.slack.values(view) | forged},
            },
        }
        form_of = urlencode({"payload": json.dumps(body)}).encode()
        assert world.send(form_of).status_code == 200
        assert world.store.firms.settings(TEAM) == {}
        assert world.bot is not None
        assert world.bot.firms.settings(TEAM).approvers == (world.slack.manager.id, world.slack.partner.id)
    finally:
        world.close()
