"""A batch that waits while another run of the same Clio sign-in has its turn says so, everywhere and truly."""

import requests
from world import FAST, Held, World

from brought_forward.storage.records.batch import BatchStatus
from brought_forward.storage.records.entry import EntryState

E = EntryState


def living(world: World, number: int) -> str:
    """What a batch's status message says, once Slack shows the newest of it."""
    world.slack.wait_for(lambda: world.is_shown("status", number))
    return str(world.slack.plain(world.message("status", number)))


def begun(world: World, entries: int = 3) -> Held:
    """Approve a first batch; what is given holds it at its first entry."""
    held = world.hold(nth=1)
    world.begin(world.sheet(entries))
    return held


def test_a_batch_that_waits_says_behind_which_and_that_nothing_of_it_is_sent(world: World) -> None:
    manager = world.slack.manager
    with begun(world):
        second = world.begin(world.sheet(7)[3:], name="AP.csv")
        world.until("Waits for B1, which is being posted. Nothing of this batch is sent yet.")
        said = living(world, second)
        assert "Its turn comes in less than a minute; posting then takes less than a minute." in said
        assert "Posting" not in said
        assert world.batch(second).status is BatchStatus.APPROVED
        assert {"Pause", "Stop"} <= set(world.labels())
        words = "waits for B1, which is being posted, 0 of 4 posted, $0.00, less than a minute left."
        for typed in (f"status B{second}", "list"):
            assert words in world.asked(manager, typed)
        assert "0 of 4 posted, $0.00, waits for B1, which is being posted." in world.home(manager, "waits for B1")
        assert living(world, 1).startswith("Posting 3 entries.")  # nobody is before it
    world.finish(1)
    world.finish(second)
    assert living(world, second).startswith("All 4 entries are posted.")
    first = {one.clio_id for one in world.entries(1)}
    world.assert_truth(second, others=[one for one in world.clio.time_entries if one.id in first])


def test_the_estimate_counts_what_is_before_it(world: World) -> None:
    world.clio.limit, world.clio.window = 200, 6000.0
    world.restart(balances_timing=FAST.model_copy(update={"quota": 200, "window": 6000.0}))
    with begun(world, entries=8):
        # Another program is at work, so places are given out evenly: 30 seconds a call.
        me = {"Authorization": "Bearer clio-sandbox-token"}
        requests.get(f"{world.clio.url}/users/who_am_i.json", headers=me, timeout=10).raise_for_status()
        second = world.begin(world.sheet(18)[8:], name="AP.csv")
        world.until("Waits for B1")
        said = "Its turn comes in about 4 minutes; posting then takes about 5 minutes."
        assert said in living(world, second)
        assert "$0.00, about 9 minutes left." in world.asked(world.slack.manager, f"status B{second}")
        for number in (second, 1):
            world.asked(world.slack.manager, f"stop B{number}")
    for number in (second, 1):
        world.wait_for_status(BatchStatus.STOPPED, number)


def test_a_batch_that_waits_can_be_paused_and_stopped_and_sends_nothing(world: World) -> None:
    with begun(world):
        second = world.begin(world.sheet(7)[3:], name="AP.csv")
        world.until("Waits for B1")
        world.click(world.slack.manager, "Pause")
        world.until("Paused. The words below")
        assert world.batch(second).status is BatchStatus.PAUSED
        assert f"B{second} is stopped." in world.asked(world.slack.manager, f"stop B{second}")
        world.until("Stopped. ")
    world.finish(1)
    world.wait_for_status(BatchStatus.STOPPED, second)
    assert world.states(second) == [E.NOT_SENT] * 4
    assert len(world.posts()) == 3


def test_a_batch_behind_a_paused_one_does_not_wait(world: World) -> None:
    with begun(world):
        second = world.begin(world.sheet(7)[3:], name="AP.csv")
        world.until("Waits for B1")
        world.asked(world.slack.manager, "pause B1")
    world.finish(second)
    assert world.batch(1).status is BatchStatus.PAUSED
    assert world.states(1) == [E.POSTED, E.PLANNED, E.PLANNED]
    again = world.hold(nth=1)
    third = world.begin(world.sheet(9)[7:], name="third.csv")
    with again:
        world.asked(world.slack.manager, "resume B1")
        said = f"Waits for B{third}, which is being posted. 1 of 3 posted, $123.45 so far; nothing more is sent before"
        world.slack.wait_for(lambda: said in living(world, 1))
    world.finish(third)
    world.finish(1)


def test_an_undo_that_waits_says_so_too_and_what_waits_for_an_undo(world: World) -> None:
    manager = world.slack.manager
    world.begin(world.sheet(2))
    world.finish(1)
    done = world.thread()
    held = world.hold(nth=1)
    second = world.begin(world.sheet(5)[2:], name="AP.csv")
    with held:
        button = next(one for one in done if "Done: 2 of 2" in world.slack.plain(one))
        world.slack.click(manager, "Undo", button)
        world.slack.wait_for(lambda: world.batch(1).status is BatchStatus.UNDOING)
        slot = f"undo-{world.batch(1).episode}"
        said = f"The undo waits for B{second}, which is being posted. 0 of 2 reversed"
        world.slack.wait_for(lambda: said in world.slack.plain(world.message(slot, 1)))
        third = world.begin(world.sheet(7)[5:], name="third.csv")
        world.until(f"Waits for B{second}, which is being posted, and then for B1. Nothing of this batch is sent yet.")
    world.wait_for_status(BatchStatus.UNDONE, 1)
    world.finish(third)
    assert living(world, third).startswith("Both entries are posted.")
