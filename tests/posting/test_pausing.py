"""Pause while posting: nothing new is sent until a person goes on, whatever happens meanwhile."""

import threading
import time
from typing import Any

import pytest
from world import FAST, World

from brought_forward.storage.records.batch import BatchStatus
from brought_forward.storage.records.entry import EntryState

E = EntryState
ENTRIES = "/activities.json"


def pause(world: World, nth: int, rows: list[list[object]]) -> str:
    """Approve these rows and pause while Clio's nth answer is under way; return the thread once all is told."""
    held = world.hold(nth=nth)
    number = world.begin(rows)
    with held:
        world.click(world.slack.manager, "Pause")
        world.slack.wait_for(lambda: world.batch(number).status is BatchStatus.PAUSED)
    world.slack.wait_for(lambda: E.SENDING not in world.states(number))
    world.until("Paused. The words below")
    world.slack.wait_for(lambda: f"\n{nth} of {len(rows)} posted" in world.text())
    world.slack.wait_for(lambda: "Clio has not answered" not in world.text())  # the run says the rest after the status
    return world.wait_for_status(BatchStatus.PAUSED, number)


def looks(world: World) -> int:
    """Count the lists of entries that Clio was asked for."""
    return sum(one.method == "GET" and one.path.endswith(ENTRIES) for one in world.clio.calls)


def decisions(world: World, number: int = 1) -> list[tuple[str, str, int]]:
    return [(one["actor"], one["action"], one["allowed"]) for one in world.store.decisions.of_batch(number)]


def test_pause_finishes_the_entry_under_way_and_sends_no_other(world: World) -> None:
    text = pause(world, 2, world.sheet(5))
    assert world.states() == [E.POSTED, E.POSTED, E.PLANNED, E.PLANNED, E.PLANNED]
    assert "Paused: @manager paused it. Nothing new is sent until Go on." in text
    assert text.count("2 of 5 posted, $246.91") == 1  # with the reason, and nowhere again
    assert "nothing is lost or doubled" in text
    assert "Clio has not answered" not in text
    assert world.labels() == ["Go on", "Stop"]
    assert "paused, 2 of 5 posted, $246.91" in world.asked(world.slack.manager, "status")
    assert "@manager paused it" in world.asked(world.slack.manager, "status")
    world.assert_truth()


def test_go_on_after_a_pause_sends_the_rest_once(world: World) -> None:
    pause(world, 2, world.sheet(5))
    world.press("Go on", user=world.slack.partner)
    text = world.finish()
    assert "Done: 5 of 5 posted" in text
    assert "Went on by @partner" in text
    assert world.labels() == ["Undo"]
    assert len(world.posts()) == 5
    world.assert_truth()
    manager, partner = world.slack.manager.id, world.slack.partner.id
    assert decisions(world) == [(manager, "approve", 1), (manager, "pause", 1), (partner, "go_on", 1)]


def test_a_pause_ends_in_results_when_it_is_stopped(world: World) -> None:
    pause(world, 2, world.sheet(4))
    world.click(world.slack.partner, "Stop")
    text = world.wait_for_status(BatchStatus.STOPPED)
    assert "Stopped by @partner" in text
    assert world.states() == [E.POSTED, E.POSTED, E.NOT_SENT, E.NOT_SENT]
    assert "equal to the cent" in text
    world.assert_truth()


@pytest.mark.parametrize("who", ["staff", "outsider", "guest"])
def test_who_is_no_approver_may_not_pause(world: World, who: str) -> None:
    user = getattr(world.slack, who)
    held = world.hold(nth=1)
    world.begin(world.sheet(2))
    with held:
        assert "Only approvers can do this: @manager or @partner." in world.refused(user, "Pause")
        assert world.batch().status is BatchStatus.POSTING
    world.finish()
    assert (user.id, "pause", 0) in decisions(world)


def test_two_people_who_pause_at_once_pause_once_and_the_other_is_told_who(world: World) -> None:
    held = world.hold(nth=1)
    world.begin(world.sheet(3))
    both = (world.slack.manager, world.slack.partner)
    with held:
        old = world.with_button("Pause")
        clicks = [
            threading.Thread(target=world.slack.click, args=(user, "Pause", old), kwargs={"snapshot": old.blocks})
            for user in both
        ]
        for click in clicks:
            click.start()
        for click in clicks:
            click.join()
        world.slack.wait_for(lambda: sum(action == "pause" for _, action, _ in decisions(world)) == 2)
        world.slack.wait_for(lambda: any(world.told(user) for user in both))
    won = next(actor for actor, action, allowed in decisions(world) if action == "pause" and allowed)
    lost = next(user for user in both if user.id != won)
    winner = next(user for user in both if user.id == won)
    assert f"There is nothing to pause: B1 is paused. @{winner.name} paused it." in world.told(lost)
    assert world.told(winner) == ""
    world.wait_for_status(BatchStatus.PAUSED)
    assert len(world.posts()) == 1


def test_a_pause_and_a_stop_at_once_end_in_a_stop_with_its_results(world: World) -> None:
    held = world.hold(nth=1)
    world.begin(world.sheet(3))
    with held:
        old = world.with_button("Pause")
        clicks = [
            threading.Thread(target=world.slack.click, args=(user, label, old), kwargs={"snapshot": old.blocks})
            for user, label in ((world.slack.manager, "Pause"), (world.slack.partner, "Stop"))
        ]
        for click in clicks:
            click.start()
        for click in clicks:
            click.join()
        world.slack.wait_for(lambda: world.batch().status is BatchStatus.STOPPED)
    text = world.wait_for_status(BatchStatus.STOPPED)
    assert world.states() == [E.POSTED, E.NOT_SENT, E.NOT_SENT]
    assert "equal to the cent" in text
    world.assert_truth()


def test_a_pause_outlives_a_restart_and_no_sweep_ends_it(world: World) -> None:
    pause(world, 1, world.sheet(3))
    world.restart()
    sweeps = world.clio.calls[:]
    world.bot.engine.sweep()  # type: ignore[union-attr]
    assert world.batch().status is BatchStatus.PAUSED
    assert [call.path for call in world.clio.calls[len(sweeps) :] if call.path == ENTRIES] == []
    world.press("Go on")
    world.finish()
    assert len(world.posts()) == 3
    world.assert_truth()


def test_a_pause_while_the_last_entry_is_under_way_ends_in_the_results(world: World) -> None:
    """Nothing is left to hold back, so nobody has to click Go on for it."""
    held = world.hold(nth=2)
    world.begin(world.sheet(2))
    with held:
        world.click(world.slack.manager, "Pause")
        world.slack.wait_for(lambda: world.batch().status is BatchStatus.PAUSED)
    text = world.finish()
    assert "Done: 2 of 2 posted" in text
    assert "nothing was left to hold back" in text
    assert world.labels() == ["Undo"]
    world.assert_truth()


@pytest.mark.parametrize("how", ["Go on", "Stop"])
@pytest.mark.parametrize(("kind", "found"), [("cut_after", True), ("cut_before", False)])
def test_an_entry_whose_answer_is_cut_while_pausing_is_looked_up_before_anything_is_sent_again(
    world: World, kind: str, found: bool, how: str
) -> None:
    world.clio.faults.add("delay", method="POST", path=ENTRIES, nth=2, seconds=0.8)
    world.clio.faults.add(kind, method="POST", path=ENTRIES, nth=2)
    world.begin(world.sheet(4))
    world.slack.wait_for(lambda: len(world.posts()) == 2)
    world.click(world.slack.manager, "Pause")
    text = world.wait_for_status(BatchStatus.PAUSED)
    assert "Clio has not answered for 1 entry yet. After Go on or Stop I look there" in text
    assert world.states()[1] is E.SENDING
    world.restart()
    if how == "Go on":
        world.press("Go on")
        world.finish()
        assert world.states() == [E.POSTED] * 4
        assert len(world.posts()) == 4 + (not found)
    else:
        world.click(world.slack.manager, "Stop")
        world.wait_for_status(BatchStatus.STOPPED)
        assert world.states() == [E.POSTED, E.POSTED if found else E.NOT_SENT, E.NOT_SENT, E.NOT_SENT]
        assert len(world.posts()) == 2
    world.assert_truth()


@pytest.mark.parametrize("kind", ["limited", "signed_out"])
def test_an_entry_that_clio_sends_back_while_pausing_waits_for_go_on(world: World, kind: str) -> None:
    """A person's pause stays a person's, though the run would have paused by itself."""
    world.clio.window = 0.1
    world.restart(balances_timing=FAST.model_copy(update={"window": 0.2}))
    world.clio.faults.add(kind, method="POST", path=ENTRIES, nth=2)
    held = world.hold(nth=2)
    world.begin(world.sheet(3))
    with held:
        world.click(world.slack.manager, "Pause")
        world.slack.wait_for(lambda: world.batch().status is BatchStatus.PAUSED)
    world.slack.wait_for(lambda: E.SENDING not in world.states())
    text = world.wait_for_status(BatchStatus.PAUSED)
    assert world.states() == [E.POSTED, E.PLANNED, E.PLANNED]
    assert "@manager paused it" in text
    world.assert_truth()
    world.press("Go on")
    world.finish()
    assert len(world.posts()) == 4
    world.assert_truth()


def test_a_wrong_entry_whose_answer_comes_after_the_pause_stops_the_batch(world: World) -> None:
    world.clio.faults.add("wrong_user", nth=2)
    held = world.hold(nth=2)
    world.begin(world.sheet(4))
    with held:
        world.click(world.slack.manager, "Pause")
        world.slack.wait_for(lambda: world.batch().status is BatchStatus.PAUSED)
    text = world.wait_for_status(BatchStatus.STOPPED)
    assert "Clio booked it to another user" in text
    assert "Remove this entry" in world.labels()
    assert len(world.posts()) == 2
    world.assert_truth()


def test_a_batch_that_waits_behind_another_can_be_paused(world: World) -> None:
    rows = world.sheet(4)
    held = world.hold(nth=1)
    world.begin(rows[:2])
    with held:
        world.begin(rows[2:], name="second.csv")
        world.slack.wait_for(lambda: "Pause" in world.labels())
        world.click(world.slack.manager, "Pause")
        world.slack.wait_for(lambda: world.batch(2).status is BatchStatus.PAUSED)
    world.finish(1)
    assert world.states(2) == [E.PLANNED, E.PLANNED]
    world.press("Go on", 2)
    world.finish(2)
    assert len(world.posts()) == 4
    world.assert_truth(2, others=[one for one in world.clio.time_entries if one.matter_id in {
        entry.matter_id for entry in world.entries(1)}])  # fmt: skip


def approved_unheard(world: World) -> Any:
    """Have a batch approved; Slack's answer to its status message is lost, and the first POST is held."""
    world.preview(world.sheet(2))
    world.slack.wait_for(lambda: not world.store.messages.owed())
    world.slack.faults.add("chat.postMessage", "reset_after")
    held = world.hold(nth=1)
    world.click(world.slack.manager, "Approve")
    return held


def test_a_copy_of_the_status_that_somebody_clicked_loses_its_buttons_too(world: World) -> None:
    """Slack's answer is lost, so the status message stands there twice."""
    held = approved_unheard(world)
    with held:
        world.slack.wait_for(lambda: world.labels().count("Pause") == 2)
        copy = next(one for one in world.thread() if "Pause" in str(one.blocks))
        world.slack.click(world.slack.manager, "Pause", copy)
        world.slack.wait_for(lambda: world.batch().status is BatchStatus.PAUSED)
        world.slack.wait_for(lambda: "Pause" not in world.labels())
    world.wait_for_status(BatchStatus.PAUSED)
    assert world.labels() == ["Go on", "Stop"]


def test_a_status_that_is_clicked_before_the_bot_knows_of_it_loses_its_buttons_too(world: World) -> None:
    """Slack's answer is lost, and what is sent once more is not there yet."""
    world.restart(balances_timing=FAST.model_copy(update={"first_pause": 2.0}))
    held = approved_unheard(world)
    with held:
        world.click(world.slack.manager, "Pause")
        world.slack.wait_for(lambda: world.batch().status is BatchStatus.PAUSED)
        world.slack.wait_for(lambda: "Pause" not in world.labels())
    world.wait_for_status(BatchStatus.PAUSED)
    assert world.labels() == ["Go on", "Stop"]


def test_go_on_during_the_last_look_sends_what_clio_has_nothing_of(world: World) -> None:
    """A stopped run looks for the last time where an answer is missing; whoever goes on meanwhile gets all sent."""
    world.clio.faults.add("cut_before", method="POST", path="/activities.json", nth=2)
    third = world.hold(nth=3)
    world.begin(world.sheet(5))
    with third:
        world.slack.wait_for(lambda: E.SENDING in world.states() and len(world.posts()) >= 3)
        world.click(world.slack.manager, "Stop")
        world.slack.wait_for(lambda: world.batch().status is BatchStatus.STOPPED)
        look = world.hold(method="GET", path="/activities.json", nth=2)
    with look:
        assert look.reached.wait(10)
        world.asked(world.slack.manager, "resume B1")
        world.slack.wait_for(lambda: world.batch().status is BatchStatus.POSTING)
    world.finish()
    assert world.states() == [E.POSTED] * 5
    world.assert_truth()


def test_a_stopped_run_that_clio_lets_look_no_more_asks_now_and_then(world: World) -> None:
    """The answer to a POST is missing, a person stops, and Clio no longer serves this version of its API."""
    world.restart(balances_timing=FAST.model_copy(update={"settle": 1.0, "sweep": 30.0}))
    world.clio.faults.add("cut_before", method="POST", path="/activities.json", nth=2)
    world.begin(world.sheet(2))
    world.slack.wait_for(lambda: world.states()[1] is E.SENDING and bool(world.entries()[1].reason))
    world.clio.faults.add("gone", method="GET", path="/activities.json", times=None)
    world.click(world.slack.manager, "Stop")
    world.until("the bot must be updated")
    before = looks(world)
    time.sleep(1.0)
    assert looks(world) == before
