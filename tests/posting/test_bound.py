"""What Clio keeps answering with nothing is sent twice at most: an entry, the description, a delete, a report."""

import math
from typing import Any

import pytest
from world import FAST, World

from brought_forward.sandbox.slack.workspace import TEAM
from brought_forward.storage.records.batch import BatchStatus
from brought_forward.storage.records.entry import EntryState

E = EntryState
ENTRIES = "/activities.json"
DESCRIPTIONS = "/activity_descriptions.json"
ONE = "/activities/*"


def sent(world: World, place: int = 0) -> int:
    """Count the POSTs of the entry at this place."""
    return sum(call.data["matter"] == {"id": world.entries()[place].matter_id} for call in world.posts())


def order(world: World) -> list[str]:
    """Tell POSTs of entries and looks for them, in the order in which Clio was asked."""
    return [
        "look" if call.method == "GET" else "post"
        for call in world.clio.calls
        if call.path == ENTRIES and (call.method == "POST" or "matter_id" in call.query)
    ]


def writes(world: World, method: str, path: str) -> int:
    return sum((call.method, call.path) == (method, path) for call in world.clio.calls)


def sweeps(world: World, number: int = 3) -> None:
    """Wait until the bot has looked so many times for what should be moving."""
    assert world.bot is not None
    seen = 0

    def look() -> Any:
        nonlocal seen
        seen += 1
        world.bot.engine.sweep()  # type: ignore[union-attr]
        world.bot.resuming.move(TEAM)  # type: ignore[union-attr]
        return seen >= number and not world.store.messages.owed()

    world.slack.wait_for(look)


# An entry


@pytest.mark.parametrize("kind", ["error_before", "cut_before", "unavailable"])
def test_an_entry_that_clio_never_answers_is_sent_twice_and_then_waits_for_a_person(world: World, kind: str) -> None:
    world.clio.faults.add(kind, method="POST", path=ENTRIES, times=None)
    world.begin(world.sheet(4))
    text = world.wait_for_status(BatchStatus.PAUSED)
    assert "Paused: Clio gave no answer, twice, to 00001-Acme, Dana Hallam, $123.45, and lists nothing of it." in text
    assert "Go on looks first, and sends once more what Clio has nothing of; Stop ends it." in text
    assert "0 of 4 posted, $0.00; nothing more is sent until somebody has looked." in text
    assert "lost or doubled" not in text
    assert world.states() == [E.PLANNED] * 4
    assert order(world) == ["post", "look", "look"] * 2
    sweeps(world)
    assert len(world.posts()) == 2
    assert world.labels() == ["Go on", "Stop"]
    world.clio.faults.clear()
    world.press("Go on")
    text = world.finish()
    assert "Done: 4 of 4 posted" in text
    assert sent(world) == 3
    world.assert_truth()


def test_each_go_on_allows_one_more_sending_and_no_second(world: World) -> None:
    world.clio.faults.add("error_before", method="POST", path=ENTRIES, times=None)
    world.begin(world.sheet(2))
    world.wait_for_status(BatchStatus.PAUSED)
    for posts in (3, 4):
        world.press("Go on")
        world.slack.wait_for(lambda: len(world.posts()) == posts)  # noqa: B023 - it is over before the next
        world.wait_for_status(BatchStatus.PAUSED)
        sweeps(world)
        assert len(world.posts()) == posts
        assert f"Clio gave no answer, {posts} times, to 00001-Acme" in world.text()
    assert world.states() == [E.PLANNED] * 2


def test_what_clio_carries_out_late_stands_there_twice_at_most_and_is_never_sent_again(world: World) -> None:
    late = world.clio.faults.add("late", seconds=math.inf, times=None)
    world.begin(world.sheet(3))
    world.wait_for_status(BatchStatus.PAUSED)
    assert len(world.posts()) == 2
    late.carry_out()
    assert len(world.clio.time_entries) == 2
    world.clio.faults.clear()
    world.press("Go on")
    text = world.finish()
    assert sent(world) == 2
    assert world.states() == [E.POSTED] * 3
    assert "already in Clio, not sent again" in text
    assert "00001-Acme has one entry more than was posted here: $123.45" in text


def test_one_that_clio_carries_out_late_but_once_is_found_by_whoever_goes_on(world: World) -> None:
    late = world.clio.faults.add("late", seconds=math.inf)
    world.clio.faults.add("error_before", method="POST", path=ENTRIES, nth=2)
    world.begin(world.sheet(2))
    world.wait_for_status(BatchStatus.PAUSED)
    late.carry_out()
    assert len(world.clio.time_entries) == 1
    world.press("Go on")
    world.finish()
    assert sent(world) == 2
    world.assert_truth()


def test_the_bound_holds_over_restarts(world: World) -> None:
    world.clio.faults.add("error_before", method="POST", path=ENTRIES, times=None)
    world.restart(balances_timing=FAST.model_copy(update={"settle": 1.0}))
    world.begin(world.sheet(2))
    for posts in (1, 2):
        world.slack.wait_for(lambda: len(world.posts()) == posts)  # noqa: B023 - it is over before the next
        world.restart(balances_timing=FAST.model_copy(update={"settle": 1.0}))
    world.wait_for_status(BatchStatus.PAUSED)
    world.restart()
    sweeps(world)
    assert world.batch().status is BatchStatus.PAUSED
    assert len(world.posts()) == 2


def test_a_stop_leaves_it_unsent_with_the_reason(world: World) -> None:
    world.clio.faults.add("error_before", method="POST", path=ENTRIES, times=None)
    world.begin(world.sheet(2))
    world.wait_for_status(BatchStatus.PAUSED)
    world.click(world.slack.manager, "Stop")
    text = world.wait_for_status(BatchStatus.STOPPED)
    assert world.states() == [E.NOT_SENT] * 2
    assert "Not sent: no answer from Clio, twice; Clio has nothing of it" in text
    world.assert_truth()


def test_three_in_a_row_without_an_answer_are_looked_up_before_another_goes_and_it_goes_alone(world: World) -> None:
    world.clio.faults.add("cut_after", method="POST", path=ENTRIES, nth=2, times=3)
    world.begin(world.sheet(8))
    text = world.finish()
    assert order(world) == ["post"] * 4 + ["look"] * 3 + ["post"] * 4
    assert "Paused" not in text  # it went on by itself
    world.assert_truth()


def test_two_in_a_row_without_an_answer_hold_nothing_up(world: World) -> None:
    world.clio.faults.add("cut_after", method="POST", path=ENTRIES, nth=2, times=2)
    world.clio.faults.add("cut_after", method="POST", path=ENTRIES, nth=5, times=2)
    world.restart(balances_timing=FAST.model_copy(update={"settle": 4.0}))
    world.begin(world.sheet(8))
    world.finish()
    assert order(world)[:8] == ["post"] * 8
    world.assert_truth()


def test_of_several_under_way_none_goes_after_the_third_without_an_answer_until_all_are_found(world: World) -> None:
    world.restart(balances_timing=FAST.model_copy(update={"in_flight": 4}))
    world.clio.faults.add("delay", method="POST", path=ENTRIES, seconds=0.06, times=None)
    world.clio.faults.add("error_after", method="POST", path=ENTRIES, nth=6, times=8)
    world.begin(world.sheet(30))
    world.finish()
    asked = order(world)
    before = asked.index("look")
    assert 5 + 3 <= before <= 5 + 3 + 4  # the third landed while as many as may be were under way
    looks = next(place for place, one in enumerate(asked[before:]) if one == "post")
    assert looks == before - 5  # each of them is looked up before another goes
    world.assert_truth()


def test_all_absent_once_go_again_one_alone_first_and_one_absent_twice_pauses(world: World) -> None:
    world.restart(balances_timing=FAST.model_copy(update={"in_flight": 4}))
    world.clio.faults.add("delay", method="POST", path=ENTRIES, seconds=0.06, times=None)
    world.clio.faults.add("error_before", method="POST", path=ENTRIES, nth=6, times=None)
    world.begin(world.sheet(30))
    text = world.wait_for_status(BatchStatus.PAUSED)
    assert "Clio gave no answer, twice, to " in text
    posts = [call.data["matter"]["id"] for call in world.posts()]
    assert len(posts) - 5 <= 3 + 4 + 1
    again = [matter for matter in set(posts) if posts.count(matter) > 1]
    assert len(again) == 1  # alone, and nobody after it
    assert posts[-1] == again[0]
    assert set(world.states()) == {E.POSTED, E.PLANNED}
    world.clio.faults.clear()
    world.press("Go on")
    world.finish()
    world.assert_truth()


# The activity description


def test_a_description_that_clio_never_answers_is_asked_for_twice_and_then_waits_for_a_person(world: World) -> None:
    world.clio.faults.add("error_before", method="POST", path=DESCRIPTIONS, times=None)
    world.begin(world.sheet(2))
    text = world.wait_for_status(BatchStatus.PAUSED)
    assert (
        'Clio gave no answer, twice, when it was asked to create the activity description "Balance brought forward",'
        " and lists none of that name. Create it in Clio, flat rate, $0.00, for everyone; then Go on." in text
    )
    sweeps(world)
    assert writes(world, "POST", DESCRIPTIONS) == 2
    world.press("Go on")
    world.wait_for_status(BatchStatus.PAUSED)
    assert writes(world, "POST", DESCRIPTIONS) == 2
    world.clio.faults.clear()
    world.firm.add_description("Balance brought forward")
    world.press("Go on")
    world.finish()
    world.assert_truth()


def test_the_bound_of_the_description_holds_over_restarts(world: World) -> None:
    world.clio.faults.add("error_before", method="POST", path=DESCRIPTIONS, times=None)
    world.begin(world.sheet(2))
    for asked in (1, 2):
        world.slack.wait_for(lambda: writes(world, "POST", DESCRIPTIONS) == asked)  # noqa: B023
        world.restart()
    world.wait_for_status(BatchStatus.PAUSED)
    assert writes(world, "POST", DESCRIPTIONS) == 2


# A delete


def test_a_delete_that_clio_never_answers_is_sent_twice_and_the_rest_stays_posted(world: World) -> None:
    world.begin(world.sheet(6))
    world.finish()
    world.clio.faults.add("error_before", method="DELETE", path=ONE, times=None)
    world.click(world.slack.manager, "Undo")
    text = world.wait_for_status(BatchStatus.UNDONE)
    deletes = [call.path for call in world.clio.calls if call.method == "DELETE"]
    assert len(deletes) == 4
    assert deletes[0] == deletes[3]  # three without an answer; then one alone, for the second time
    assert world.states() == [E.POSTED] * 6
    assert "Clio gave no clear answer to 2 deletes, and it is still there" in text
    assert (
        "Clio does not answer deletes, so no other is sent: the rest stays posted. Once Clio answers again, Undo goes"
        " on with it." in text
    )
    assert "= 0 reversed, $0.00 + 5 kept" in text
    world.clio.faults.clear()
    world.press("Undo")
    text = world.wait_for_status(BatchStatus.UNDONE)
    assert world.clio.time_entries == []
    world.assert_truth()


def test_three_deletes_whose_answers_are_lost_are_looked_at_before_another_goes(world: World) -> None:
    world.begin(world.sheet(6))
    world.finish()
    world.clio.faults.add("cut_after", method="DELETE", path=ONE, times=3)
    world.click(world.slack.manager, "Undo")
    text = world.wait_for_status(BatchStatus.UNDONE)
    calls = [call.method for call in world.clio.calls if call.path.startswith("/activities/")]
    assert calls == ["GET", "DELETE"] * 3 + ["GET"] * 3 + ["GET", "DELETE"] * 3
    assert "Undone: 6 of 6 reversed" in text
    world.assert_truth()


# A report


def test_a_report_that_clio_never_answers_is_ordered_twice(world: World) -> None:
    world.begin(world.sheet(1))
    world.finish()
    world.clio.faults.add("error_before", method="POST", path="/reports.json", times=None)
    world.asked(world.slack.manager, "report B1")
    world.until("Clio gave no answer, twice, when it was asked for one, and lists none.", timeout=5)
    assert writes(world, "POST", "/reports.json") == 2
