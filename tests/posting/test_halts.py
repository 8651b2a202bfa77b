"""A run that cannot go on: what is told, what is safe, and that it goes on after."""

import time
from datetime import timedelta

import pytest
from world import FAST, World

from brought_forward.bot.settings import Timing
from brought_forward.sandbox.slack.workspace import TEAM
from brought_forward.storage.records.batch import BatchStatus
from brought_forward.storage.records.entry import EntryState

E = EntryState
ENTRIES = "/activities.json"
SOON = FAST.model_copy(update={"keep_asking": 0.5, "window": 0.2})


def impatient(world: World, timing: Timing = SOON) -> None:
    """Let a person hear of what lasts half a second."""
    world.clio.window = 0.1
    world.restart(balances_timing=timing)


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_a_clio_that_always_asks_to_wait_is_told_and_the_run_goes_on_by_itself(world: World, method: str) -> None:
    impatient(world)
    world.firm.add_description("Balance brought forward")
    world.preview(world.sheet(3))
    world.clio.faults.add("limited", method=method, path=ENTRIES, times=None)
    world.click(world.slack.manager, "Approve")
    text = world.wait_for_status(BatchStatus.PAUSED)
    assert "Clio has let nothing through for a while. Clio asks to wait" in text
    assert "Posting goes on by itself" in text
    assert "0 of 3 posted, $0.00; nothing is lost or doubled." in text
    assert world.states() == [E.PLANNED] * 3
    world.clio.faults.clear()
    text = world.finish()
    assert "Went on by itself." in text
    assert len(world.clio.time_entries) == 3
    world.assert_truth()


def test_a_date_header_that_lags_two_minutes_holds_nothing_back(world: World) -> None:
    """Clio's window is read against its Date: one that lags would put the window's end two minutes off."""
    world.restart(balances_timing=FAST.model_copy(update={"window": 1.0}))
    world.clio.faults.date_behind = 120.0
    world.clio.window, world.clio.limit = 1.0, 12
    world.begin(world.sheet(12))
    text = world.finish(timeout=40)
    assert "12 of 12 posted" in text
    assert world.clio.time_entries[-1].created_at - world.clio.time_entries[0].created_at < timedelta(seconds=15)
    assert all(call.status != 429 for call in world.posts())


def test_a_wait_of_an_hour_is_told_at_once(world: World) -> None:
    impatient(world)
    world.clio.faults.add("limited", method="POST", path=ENTRIES, nth=2, retry_after=3600)
    world.begin(world.sheet(3))
    assert "Clio asks to wait" in world.wait_for_status(BatchStatus.PAUSED)
    assert world.states() == [E.POSTED, E.PLANNED, E.PLANNED]
    world.assert_truth()


def test_a_post_that_finds_nobody_listening_was_not_sent_so_it_waits_for_no_look(world: World) -> None:
    impatient(world, SOON.model_copy(update={"settle": 60.0}))
    held = world.hold(nth=1)
    world.begin(world.sheet(3))
    assert world.bot is not None
    with held:  # the next call waits for its place, and meanwhile Clio goes
        world.store.paces.refused(world.bot.connections.of(TEAM).clio.pace.connection, until=time.time() + 1.0)
    world.slack.wait_for(lambda: world.states()[0] is E.POSTED)
    world.clio.stop()
    text = world.wait_for_status(BatchStatus.PAUSED)
    assert "Clio cannot be reached (ConnectionError). Posting goes on by itself" in text
    assert world.states() == [E.POSTED, E.PLANNED, E.PLANNED]
    world.clio.start()
    world.finish()
    assert len(world.posts()) == 3
    world.assert_truth()


def test_another_clio_account_gets_nothing_and_the_right_one_lets_the_run_go_on(world: World) -> None:
    held = world.hold(nth=2)
    world.begin(world.sheet(4))
    with held:
        world.asked(world.slack.manager, "pause")
    world.until("Paused. The words below")
    world.wait_for_status(BatchStatus.PAUSED)
    right, world.firm.account_id = world.firm.account_id, 700_999
    world.restart()
    world.press("Go on")
    text = world.wait_for_status(BatchStatus.PAUSED)
    assert "The bot is now connected to another Clio account (us:700999) than when this was approved" in text
    assert (
        f"Whoever runs the bot connects it to us:{right} again and starts it; posting then goes on by itself." in text
    )
    assert world.labels() == ["Go on", "Stop"]
    assert world.bot is not None
    world.bot.resuming.move(TEAM)
    assert world.batch().status is BatchStatus.PAUSED
    assert len(world.posts()) == 2
    world.firm.account_id = right
    world.restart()
    text = world.finish()
    assert "Went on by itself." in text
    assert len(world.posts()) == 4
    world.assert_truth()


def test_a_retired_api_goes_on_by_a_button_once_the_bot_is_updated(world: World) -> None:
    world.clio.faults.add("gone", method="POST", path=ENTRIES, nth=2)
    world.begin(world.sheet(3))
    text = world.wait_for_status(BatchStatus.STOPPED)
    assert "the bot must be updated. Nothing more is sent until whoever runs the bot has done that; then Go on." in text
    world.press("Go on")
    world.finish()
    assert world.states() == [E.POSTED] * 3
    world.assert_truth()


def test_what_waits_for_a_sign_in_can_be_kept_back_by_a_person(world: World) -> None:
    world.amend(lambda response, body: world.clio.sign_out(), nth=1)
    world.begin(world.sheet(3))
    world.wait_for_status(BatchStatus.PAUSED)
    assert "B1 is paused" in world.asked(world.slack.manager, "pause B1")
    world.clio.sign_in()
    assert world.bot is not None
    world.bot.resuming.move(TEAM)
    assert world.batch().status is BatchStatus.PAUSED
    assert "@manager paused it" in world.wait_for_status(BatchStatus.PAUSED)
    world.press("Go on")
    world.finish()
    world.assert_truth()


def test_a_sweep_whose_engine_stumbles_still_lets_a_preview_expire(world: World) -> None:
    first, second = (world.preview(rows, name=name) for rows, name in zip(
        ([row] for row in world.sheet(2)), ("first.csv", "second.csv"), strict=True))  # fmt: skip
    assert world.bot is not None
    world.bot.engine.stop()
    with world.store.transaction() as db:
        db.execute("UPDATE batch SET status = 'approved' WHERE id = ?", (first.id,))  # the engine is asked for it
        db.execute("UPDATE batch SET expire_at = '2026-01-01T00:00:00.000+00:00' WHERE id = ?", (second.id,))
    world.slack.wait_for(lambda: world.batch(second.id).status is BatchStatus.EXPIRED)


@pytest.mark.parametrize("path", [ENTRIES, "/activity_descriptions.json", "/matters.json"])
def test_half_an_outage_says_nothing_of_going_on_while_nothing_does(world: World, path: str) -> None:
    """Clio says who we are, and no more: what a run asks for first stays without an answer."""
    impatient(world)
    world.firm.add_description("Balance brought forward")
    world.preview(world.sheet(2))
    world.clio.faults.add("unavailable", method="GET", path=path, times=None)
    world.click(world.slack.manager, "Approve")
    world.wait_for_status(BatchStatus.PAUSED)
    looked, episode = len(world.clio.calls), world.batch().episode
    world.slack.wait_for(lambda: len([one for one in world.clio.calls[looked:] if one.path == path]) > 6)
    assert world.batch().episode == episode
    assert "Went on by itself" not in world.text()
    world.clio.faults.clear()
    assert "Went on by itself." in world.finish()
    assert len(world.clio.time_entries) == 2
