"""The machine's clock is set in the midst of things: nothing is looked up too early, and nothing waits for hours."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from world import FAST, World

from brought_forward.sandbox.clio import sample_firm
from brought_forward.storage.records.batch import BatchStatus
from brought_forward.storage.records.entry import EntryState

HOURS = timedelta(hours=3)
ENTRIES = "/activities.json"
# As in earnest, in proportion: an answer is given up before the settle time is over.
TIMES = FAST.model_copy(update={"read": 0.4, "settle": 1.5, "second_look": 0.3})


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Slack, Clio, and no bot yet: its life begins once the clock is as it is to be."""
    made = World(tmp_path, sample_firm())
    try:
        yield made
    finally:
        made.close()


@contextmanager
def clock() -> Iterator[Callable[[timedelta], None]]:
    """Set the clock of this process, which is the bot's, Slack's and Clio's here; seconds pass as ever."""
    with time_machine.travel(datetime.now(UTC), tick=True) as travels:
        yield travels.shift


def post_while_the_clock_is_set(world: World, by: timedelta, kind: str, **fault: Any) -> None:
    """Leave the second POST without an answer, and set the clock while it is under way."""
    with clock() as shift:
        world.start(balances_timing=TIMES)
        world.clio.faults.add(kind, method="POST", path=ENTRIES, nth=2, **fault)  # type: ignore[call-overload]
        world.begin(world.sheet(4))
        world.slack.wait_for(lambda: len(world.posts()) >= 2)
        shift(by)
        world.finish()
        world.assert_truth()
        world.stop()


def test_a_clock_set_forward_lets_no_look_come_before_clio_has_booked(world: World) -> None:
    # Clio books it when the answer was given up and the settle time is not over: to look at once is to send it twice.
    post_while_the_clock_is_set(world, HOURS, "delay", seconds=1.1, when="before")
    assert len(world.posts()) == 4


@pytest.mark.parametrize("kind", ["cut_after", "cut_before"])
def test_a_clock_set_back_lets_nothing_wait(world: World, kind: str) -> None:
    post_while_the_clock_is_set(world, -HOURS, kind)


@pytest.mark.parametrize("by", [HOURS, -HOURS])
def test_the_next_life_waits_by_its_own_clock_for_what_an_earlier_one_has_sent(world: World, by: timedelta) -> None:
    with clock() as shift:
        shift(by)
        world.start(balances_timing=FAST.model_copy(update={"settle": 600.0}))
        world.clio.faults.add("cut_after", method="POST", path=ENTRIES, nth=2)
        world.begin(world.sheet(3))
        world.slack.wait_for(lambda: world.states()[1:] == [EntryState.SENDING, EntryState.POSTED])
        world.stop()
    world.start(balances_timing=FAST.model_copy(update={"settle": 600.0}))
    (sent,) = [one for one in world.entries() if one.state is EntryState.SENDING]
    assert sent.look_at is not None
    assert 500 < world.store.clock.until(sent.look_at) <= 600  # anew: nobody knows how long ago it was sent
    world.restart()
    world.finish()
    assert len(world.posts()) == 3
    world.assert_truth()


def test_what_a_clock_that_ran_ahead_put_off_is_said_at_once_by_the_next_life(world: World) -> None:
    with clock() as shift:
        shift(HOURS)
        world.start()
        world.clio.faults.add("delay", method="POST", path=ENTRIES, seconds=0.4)
        world.begin(world.sheet(3))
        world.slack.wait_for(lambda: world.batch(1).status is not BatchStatus.PREVIEWED)
        world.slack.down()
        world.slack.wait_for(lambda: world.batch(1).status is BatchStatus.POSTED)
        world.stop()
    world.slack.up()
    world.start()
    world.finish()
