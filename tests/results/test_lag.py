"""What Clio's lists lack, or show still, is read by its id before anything is said of it."""

from typing import Any

from world import World

from brought_forward.storage.records.batch import BatchStatus
from brought_forward.storage.records.entry import EntryState

E = EntryState
ENTRIES = "/activities.json"
LONG = 600.0  # seconds: no list shows an entry of this test


def read_by_id(world: World) -> list[str]:
    return [call.path for call in world.clio.calls if call.method == "GET" and call.path.startswith("/activities/")]


def ever_said(message: Any) -> str:
    """All that a message said, its earlier forms too."""
    return str([message.blocks, *(edit.blocks for edit in message.edits)])


def bills_of(world: World, number: int = 1) -> str:
    world.asked(world.slack.manager, f"bills B{number}")
    world.until("Asked for by")
    return world.slack.plain(world.said())


def test_what_no_list_shows_is_read_by_id_and_is_not_missing(world: World) -> None:
    world.clio.faults.list_lag = LONG
    world.begin(world.sheet(3))
    text = world.finish()
    assert "Read back from Clio: 3 entries, $370.38, equal to the cent." in text
    assert "missing" not in ever_said(world.message("closing-1"))
    assert read_by_id(world) == [f"/activities/{one.id}.json" for one in world.clio.time_entries]
    world.assert_truth()


def test_what_is_not_there_by_its_id_either_is_missing(world: World) -> None:
    world.clio.faults.list_lag = LONG
    held = world.hold(nth=3)
    world.begin(world.sheet(3))
    with held:
        gone = world.clio.time_entries[0]
        world.firm.remove_entry(gone)
    text = world.finish()
    assert "Read back from Clio: 2 entries, $246.93." in text
    assert "This is not what was posted: 00001-Acme is missing: $123.45, Dana Hallam." in text
    assert f"/activities/{gone.id}.json" in read_by_id(world)


def test_one_of_another_description_that_no_list_shows_is_named_as_that(world: World) -> None:
    world.clio.faults.list_lag = LONG
    other = next(iter(world.firm.descriptions))
    held = world.hold(nth=2)
    world.begin(world.sheet(2))
    with held:
        world.firm.change(world.clio.time_entries[0], activity_description_id=other.id)
    text = world.finish()
    assert "00001-Acme changed: $123.45 stands under another activity description in Clio" in text
    assert "missing" not in text


def test_one_whose_matter_clio_hides_is_not_called_missing(world: World) -> None:
    world.begin(world.sheet(2))
    world.finish()
    entry = world.clio.time_entries[0]
    world.firm.remove_entry(entry)  # as the connected user sees it
    world.firm.change(world.firm.matters[entry.matter_id or 0], visible=False)
    world.asked(world.slack.manager, "reconcile B1")
    text = world.until("Nothing was changed in Clio.")
    assert "00001-Acme is not shown, nor is its matter, so nobody can tell whether it is there: $123.45" in text
    assert "is missing" not in text


def test_what_lists_show_still_after_an_undo_is_no_difference(world: World) -> None:
    kept: list[Any] = []
    world.amend(lambda response, body: kept.append(body["data"]), times=None)
    world.begin(world.sheet(2))
    world.finish()
    world.amend(lambda response, body: body["data"].extend(kept), method="GET", path=ENTRIES, times=None)
    world.press("Undo")
    text = world.wait_for_status(BatchStatus.UNDONE)
    assert "0 entries left, $0.00, equal to the cent; those reversed are gone." in text
    assert "is still listed" not in ever_said(world.message("closing-2"))


def test_what_clio_has_still_though_it_said_that_it_is_deleted_is_named(world: World) -> None:
    world.begin(world.sheet(2))
    world.finish()
    back = world.clio.time_entries[-1]
    path = f"/activities/{back.id}.json"
    world.amend(lambda response, body: world.firm.entries.restore(back), method="DELETE", path=path)
    world.press("Undo")
    text = world.wait_for_status(BatchStatus.UNDONE)
    assert "00002-Albright Dental is still listed though it was reversed" in text
    assert "those reversed are gone" not in text


def test_a_run_that_is_taken_up_while_lists_lag_asks_nobody_to_look(world: World) -> None:
    world.clio.faults.list_lag = LONG
    held = world.hold(nth=3)
    world.begin(world.sheet(5))
    with held:
        assert world.bot is not None
        world.bot._stopping.set()
    world.restart()
    text = world.finish()
    assert "Clio no longer has" not in text
    assert world.states() == [E.POSTED] * 5
    assert len(world.posts()) == 5
    assert sum(one.name == "Balance brought forward" for one in world.firm.descriptions) == 1
    world.assert_truth()


def test_a_description_that_no_list_shows_yet_is_not_created_a_second_time(world: World) -> None:
    rows = world.sheet(4)
    world.begin(rows[:2])
    world.finish(1)
    world.clio.faults.list_lag = LONG
    world.begin(rows[2:], name="second.csv")
    world.finish(2)
    assert sum(one.name == "Balance brought forward" for one in world.firm.descriptions) == 1


def test_bills_of_what_no_list_shows_are_told_by_id(world: World) -> None:
    world.begin(world.sheet(2))
    world.finish()
    world.firm.bill(world.clio.time_entries[0], "draft")
    world.firm.remove_entry(world.clio.time_entries[1])
    world.clio.faults.list_lag = LONG
    text = bills_of(world)
    assert "Not in Clio any more: 1 entry, $123.46." in text
    assert "2 entries, $246.91 posted" in text
    assert "draft" in text.lower()
