"""`/balances pause | resume | stop | retry BATCH`: the buttons' decisions, typed."""

import pytest
from world import World

from brought_forward.bot.errors import NotAllowed
from brought_forward.sandbox.slack.workspace import TEAM
from brought_forward.storage.records.batch import BatchStatus
from brought_forward.storage.records.entry import EntryState

E = EntryState


def decisions(world: World, number: int = 1) -> list[tuple[str, str, int]]:
    return [(one["actor"], one["action"], one["allowed"]) for one in world.store.decisions.of_batch(number)]


def test_pause_and_resume_are_typed_as_they_are_clicked_and_told_in_the_thread_by_whom(world: World) -> None:
    manager, partner = world.slack.manager, world.slack.partner
    held = world.hold(nth=2)
    world.begin(world.sheet(4))
    with held:
        said = world.asked(manager, "pause B1")
        assert "B1 is paused. The entry under way is finished, nothing after it is sent." in said
        assert "(thread)" in said  # a link to it
        assert world.batch().status is BatchStatus.PAUSED
    world.until("Paused. The words below")
    world.slack.wait_for(lambda: E.SENDING not in world.states())  # the entry that was under way
    text = world.wait_for_status(BatchStatus.PAUSED)
    assert "@manager paused it. Nothing new is sent until Go on." in text
    assert world.states() == [E.POSTED, E.POSTED, E.PLANNED, E.PLANNED]
    world.assert_truth()
    assert "B1 goes on." in world.asked(partner, "resume b1")
    text = world.finish()
    assert "Went on by @partner" in text
    assert world.labels() == ["Undo"]
    assert len(world.posts()) == 4
    assert decisions(world)[1:] == [(manager.id, "pause", 1), (partner.id, "go_on", 1)]
    world.assert_truth()


def test_stop_is_typed_and_told_in_the_thread_by_whom(world: World) -> None:
    held = world.hold(nth=1)
    world.begin(world.sheet(3))
    with held:
        assert "B1 is stopped." in world.asked(world.slack.partner, "stop 1")
    text = world.wait_for_status(BatchStatus.STOPPED)
    assert "@partner stopped it." in text
    assert world.states() == [E.POSTED, E.NOT_SENT, E.NOT_SENT]
    world.assert_truth()
    assert "B1 goes on." in world.asked(world.slack.manager, "resume")  # the only one with something left to send
    world.finish()
    assert len(world.posts()) == 3


def test_retry_sends_what_was_refused_again(world: World) -> None:
    world.clio.faults.add("refuse", nth=2)
    world.begin(world.sheet(3))
    world.finish()
    assert "What Clio refused of B1 is sent again." in world.asked(world.slack.manager, "retry B1")
    text = world.finish()
    assert "Retried by @manager" in text
    assert world.states() == [E.POSTED] * 3
    assert "No entry of this batch is refused any more." in world.asked(world.slack.manager, "retry B1")
    assert len(world.posts()) == 4
    world.assert_truth()


@pytest.mark.parametrize("typed", [True, False])
def test_a_pause_for_refusals_goes_on_with_the_refused_ones_too(world: World, typed: bool) -> None:
    world.clio.faults.add("refuse", times=3, nth=2, message="Time is locked")
    world.begin(world.sheet(6))
    text = world.wait_for_status(BatchStatus.PAUSED)
    assert "Retry refused goes on with these too." in text
    assert world.labels() == ["Go on", "Retry refused", "Stop"]
    if typed:
        world.asked(world.slack.manager, "retry")
    else:
        world.press("Retry refused")
    text = world.finish()
    assert "Retried by @manager" in text
    assert world.states() == [E.POSTED] * 6
    world.assert_truth()


@pytest.mark.parametrize("verb", ["pause", "stop"])
@pytest.mark.parametrize("who", ["staff", "outsider", "guest"])
def test_who_may_not_click_may_not_type_and_hears_the_same_sentence(world: World, who: str, verb: str) -> None:
    user = getattr(world.slack, who)
    held = world.hold(nth=1)
    world.begin(world.sheet(2))
    with held:
        typed = world.asked(user, f"{verb} B1")
        assert typed == world.refused(user, verb.capitalize())
        assert "Only approvers can do this: @manager or @partner." in typed
        assert world.batch().status is BatchStatus.POSTING
    world.finish()
    assert decisions(world).count((user.id, verb, 0)) == 2


@pytest.mark.parametrize("verb", ["resume", "retry"])
def test_who_may_not_click_may_neither_resume_nor_retry(world: World, verb: str) -> None:
    world.clio.faults.add("refuse", nth=1)
    held = world.hold(nth=2)
    world.begin(world.sheet(3))
    with held:
        world.asked(world.slack.manager, "pause")
    world.until("Paused. The words below")
    for user in (world.slack.staff, world.slack.outsider, world.slack.guest):
        assert "Only approvers can do this" in world.asked(user, f"{verb} B1")
    assert world.batch().status is BatchStatus.PAUSED
    assert len(world.posts()) == 2


def test_a_stranger_of_another_workspace_steers_nothing(world: World) -> None:
    held = world.hold(nth=1)
    world.begin(world.sheet(2))
    assert world.bot is not None
    with held:
        with pytest.raises(NotAllowed, match="Only members of this workspace can do this"):
            world.bot.balances.answer("pause B1", user=world.slack.manager.id, firm="T0ELSEWHERE", channel="C0BALANCES")
        with pytest.raises(NotAllowed, match="I know no batch B9"):
            world.bot.balances.answer("pause B9", user=world.slack.manager.id, firm=TEAM, channel="C0BALANCES")
    world.finish()


def test_without_a_name_the_only_batch_that_fits_is_meant_else_those_that_fit_are_named(world: World) -> None:
    manager = world.slack.manager
    rows = world.sheet(5)
    assert world.asked(manager, "pause") == "There is nothing to pause."
    assert world.asked(manager, "retry") == "There is nothing to retry."
    held = world.hold(nth=1)
    world.begin(rows[:2])
    with held:
        world.begin(rows[2:4], name="second.csv")
        world.preview(rows[4:], name="third.csv")
        said = world.asked(manager, "pause")
        assert said == "Say which one: B2, B1. For example /balances pause B2."
        assert "Guests cannot do this." in world.asked(world.slack.guest, "pause")
        assert {world.batch(number).status for number in (1, 2)} <= {BatchStatus.POSTING, BatchStatus.APPROVED}
        assert "B2 is paused." in world.asked(manager, "pause B2")
        assert "B1 is paused." in world.asked(manager, "pause")
        assert "Say which one: B2, B1." in world.asked(manager, "resume")
        assert "B2 goes on." in world.asked(manager, "resume B2")
        assert "B1 goes on." in world.asked(manager, "resume")
    world.finish(1)
    world.finish(2)
    assert len(world.posts()) == 4


def test_a_batch_that_cannot_be_steered_says_where_it_stands(world: World) -> None:
    manager = world.slack.manager
    world.preview(world.sheet(2))
    for verb in ("pause", "stop"):
        assert world.asked(manager, f"{verb} B1") == f"There is nothing to {verb}: B1 is waiting for approval."
    for verb in ("resume", "retry"):
        said = world.asked(manager, f"{verb} B1")
        assert "B1 is waiting for approval" in said or "No entry of this batch is refused" in said
    world.click(manager, "Approve")
    world.finish()
    for verb in ("pause", "stop"):
        assert world.asked(manager, f"{verb} B1") == f"There is nothing to {verb}: B1 is posted."
    assert "nothing left to send" in world.asked(manager, "resume B1")


def test_a_typed_pause_is_answered_in_time_though_slack_says_nothing_of_people(world: World) -> None:
    """It fails closed, and within the three seconds that Slack waits."""
    held = world.hold(nth=1)
    world.begin(world.sheet(2))
    with held:
        world.slack.faults.add("users.info", "slow", seconds=3)
        said = world.asked(world.slack.manager, "pause B1")
        assert "Slack did not tell me who you are just now" in said
        assert world.batch().status is BatchStatus.POSTING
    world.finish()
