"""Several POSTs under way at once, where Clio is slow: what was true of one at a time is true of them together."""

import threading
from dataclasses import replace
from typing import Any

import pytest
from proofs.windows import most_at_once, most_for_one_matter
from world import FAST, World

from brought_forward.bot.posting.in_flight import InFlight
from brought_forward.storage.records.batch import BatchStatus
from brought_forward.storage.records.entry import Entry, EntryState

E = EntryState
ENTRIES = "/activities.json"
SLOW = 0.06  # seconds; slow enough, and the sandbox's limit of a million wide enough, that sixteen would be too few


@pytest.fixture
def slow(world: World) -> World:
    """Let Clio take its time, and the bot send several at once."""
    world.restart(balances_timing=FAST.model_copy(update={"in_flight": 16}), balances_credits="post")
    world.clio.faults.add("delay", method="POST", path=ENTRIES, seconds=SLOW, times=None)
    return world


def ids(world: World, count: int) -> list[int]:
    return [matter.id for matter in world.firm.matters if matter.billable and matter.visible][:count]


def planned_entry(world: World) -> Entry:
    world.preview(world.sheet(1))
    return world.entries()[0]


def spans(world: World) -> list[tuple[float, float]]:
    """Tell when each POST began and was over, in the order in which they came."""
    return [(call.at, call.done_at or 0.0) for call in world.posts()]


def test_where_clio_is_slow_several_are_under_way_but_never_two_of_one_matter(slow: World) -> None:
    rows = slow.sheet(20)
    users = [user.name for user in slow.firm.users if user.enabled][:3]
    rows = [[row[0], user, row[2], "", f"555-{place}"] for row in rows for place, user in enumerate(users[:2])]
    slow.begin(rows)
    slow.finish()
    assert slow.states() == [E.POSTED] * 40
    assert 2 <= most_at_once(slow.posts()) <= 16
    assert most_for_one_matter(slow.posts()) == 1
    assert len(slow.posts()) == 40
    slow.assert_truth()


def test_the_first_entry_of_a_run_and_the_first_credit_go_alone(slow: World) -> None:
    rows = slow.sheet(16)
    for row in rows[8:]:
        row[2] = "-7.00"
    slow.begin(rows)
    slow.finish()
    times = spans(slow)
    assert most_at_once(slow.posts()) >= 2
    assert times[0][1] <= min(at for at, _ in times[1:])
    negative = [call for call in slow.posts() if call.data["price"] < 0]
    first = slow.posts().index(negative[0])
    assert all(done <= times[first][0] for _, done in times[:first])
    assert all(at >= times[first][1] for at, _ in times[first + 1 :])
    slow.assert_truth()


def test_one_that_is_not_as_sent_stops_the_run_and_all_under_way_are_settled(slow: World) -> None:
    slow.clio.faults.add("hourly", method="POST", path=ENTRIES, nth=5)
    slow.begin(slow.sheet(60))
    text = slow.wait_for_status(BatchStatus.STOPPED)
    assert "Clio booked it hourly with a total of $0.00" in text
    states = slow.states()
    assert set(states) == {E.POSTED, E.WRONG, E.NOT_SENT}
    assert states.count(E.WRONG) == 1
    assert len(slow.posts()) == states.count(E.POSTED) + 1 <= 5 + 2 * 16
    slow.assert_truth()


def test_several_that_are_not_as_sent_are_removed_one_by_one(slow: World) -> None:
    slow.clio.faults.add("hourly", method="POST", path=ENTRIES, nth=5, times=3)
    slow.begin(slow.sheet(40))
    slow.wait_for_status(BatchStatus.STOPPED)
    wrong = slow.states().count(E.WRONG)
    assert 1 <= wrong <= 3
    while wrong:
        slow.click(slow.slack.manager, "Remove this entry")
        wrong -= 1
        slow.slack.wait_for(lambda left=wrong: slow.states().count(E.WRONG) == left)
        slow.wait_for_status(BatchStatus.STOPPED)
        slow.assert_truth()
    assert "Remove this entry" not in slow.labels()


def test_a_stop_lets_all_under_way_be_finished_and_sends_no_other(slow: World) -> None:
    held = slow.hold(nth=8)
    slow.begin(slow.sheet(80))
    with held:
        slow.click(slow.slack.manager, "Stop")
        slow.slack.wait_for(lambda: slow.batch().status is BatchStatus.STOPPED)
    slow.wait_for_status(BatchStatus.STOPPED)
    assert set(slow.states()) == {E.POSTED, E.NOT_SENT}
    assert slow.states().count(E.POSTED) == len(slow.posts()) < 8 + 16  # those held, and what was claimed before it
    slow.assert_truth()


def test_three_refusals_for_one_reason_pause_and_those_under_way_are_settled(slow: World) -> None:
    for matter in ids(slow, 50)[5:]:
        slow.clio.faults.add("refuse", matter=matter, message="Time is locked")
    slow.begin(slow.sheet(50))
    text = slow.wait_for_status(BatchStatus.PAUSED)
    assert '3 refusals for the same reason: "Time is locked"' in text
    assert set(slow.states()) == {E.POSTED, E.REFUSED, E.PLANNED}
    assert slow.states().count(E.REFUSED) >= 3
    slow.assert_truth()


def test_a_sign_in_that_ends_pauses_and_every_entry_is_sent_once_after_it(slow: World) -> None:
    slow.clio.faults.add("signed_out", method="POST", path=ENTRIES, nth=6, times=4)
    slow.begin(slow.sheet(30))
    slow.finish()
    assert slow.states() == [E.POSTED] * 30
    assert "Clio no longer accepts our sign-in." in slow.text()
    slow.assert_truth()


@pytest.mark.parametrize("kind", ["cut_before", "cut_after", "error_after", "html_502", "limited"])
def test_answers_that_are_missing_among_others_are_looked_up_and_each_entry_is_there_once(
    slow: World, kind: str
) -> None:
    more: dict[str, Any] = {"retry_after": 1} if kind == "limited" else {}
    slow.clio.faults.add(kind, method="POST", path=ENTRIES, nth=4, times=3, **more)  # a fourth may be for a person
    slow.begin(slow.sheet(30))
    slow.finish()
    assert slow.states() == [E.POSTED] * 30
    assert most_for_one_matter(slow.posts()) == 1
    slow.assert_truth()


def test_an_entry_that_is_sent_again_before_its_first_landing_was_taken_in_lands_twice(world: World) -> None:
    """It may: its POST was refused and the entry planned again, by the thread that then says so."""
    entry = planned_entry(world)
    with InFlight(2) as flight:
        flight.send(entry, lambda: E.PLANNED, alone=True)
        flight.send(replace(entry, token="another"), lambda: E.POSTED, alone=True)
        assert flight.entries == [entry.id] * 2
        assert [one.state for one in flight.landed(0)] == [E.PLANNED, E.POSTED]
        assert len(flight) == 0


@pytest.mark.file
def test_no_thread_outlives_a_run_and_none_leaves_a_connection_open(slow: World) -> None:
    for _ in range(3):
        number = slow.begin(slow.fresh(12))
        slow.finish(number)
    assert not [thread for thread in threading.enumerate() if "brought-forward post" in thread.name]
    file = slow.store._file
    assert len(file._opened) <= threading.active_count() + 16
