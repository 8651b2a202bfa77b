"""What is found after a lost answer and is not as sent is somebody else's: unclear, never ours to remove."""

import time
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from world import FAST, World

from brought_forward.storage.records.batch import BatchStatus
from brought_forward.storage.records.entry import EntryState

E = EntryState
ENTRIES = "/activities.json"
MAYBE = "Clio lists one for this matter and user, but it may be somebody else's: "


def by_hand(world: World, place: int, **other: Any) -> Any:
    """Enter in Clio what an entry of ours says, as a person would; `other` is what differs."""
    entry = world.entries()[place]
    found = next(one for one in world.firm.descriptions if one.name == "Balance brought forward")
    made = world.firm.add_entry(
        world.firm.matters[entry.matter_id], world.firm.users[entry.user_id], found, entry.amount,
        on=entry.date, note=entry.note,
    )  # fmt: skip
    return world.firm.change(made, **other) if other else made


def lose(world: World, nth: int = 2, entries: int = 3, *, kind: str = "error_before", **other: Any) -> Any:
    """Let Clio answer an entry with 500 and not make it, while somebody enters another by hand; return that one."""
    held = world.hold(nth=nth)
    world.clio.faults.add(kind, method="POST", path=ENTRIES, nth=nth)
    world.begin(world.sheet(entries))
    with held:
        return by_hand(world, nth - 1, **other)


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ({"date": date(2026, 3, 2)}, "it is dated 2 March 2026 instead of "),
        ({"price": Decimal("1.00")}, "its price is $1.00 instead of $123.46"),
        ({"note": "Opening balance"}, 'its note is "Opening balance"'),
        ({"note": ""}, "it has no note"),
    ],
)
def test_one_that_is_not_as_sent_in_date_price_or_note_is_somebody_elses(
    world: World, other: dict[str, Any], why: str
) -> None:
    made = lose(world, **other)
    text = world.finish()
    assert world.states() == [E.POSTED, E.UNCLEAR, E.POSTED]
    assert f"Unclear, look in Clio: {MAYBE}{why}" in text
    assert "Remove this entry" not in world.labels()
    assert len(world.posts()) == 3
    assert made in world.clio.time_entries
    world.assert_truth(others=[made])
    world.asked(world.slack.manager, "look B1")
    said = world.until("Looked in Clio again for 1 unclear entry").split("Looked in Clio again")[1]
    assert "Still unclear: 1" in said
    assert f"(Clio id {made.id}): it may be somebody else's: {why}" in said
    assert "What may be somebody else's I never take for ours, and never delete" in said
    assert "Remove this entry" not in world.labels()
    world.firm.remove_entry(made)
    world.asked(world.slack.manager, "look B1")
    world.until("Not in Clio, by two looks, so not sent: 1")
    world.finish()
    world.press("Go on")
    world.finish()
    world.assert_truth()


@pytest.mark.parametrize("ahead", [0, -600, 600])
def test_one_that_was_made_before_ours_was_sent_is_somebody_elses_by_clios_own_clock(world: World, ahead: int) -> None:
    world.firm.clock = lambda: time.time() + ahead
    made = lose(world, created_at=world.firm.now() - timedelta(seconds=30))
    text = world.finish()
    assert world.states() == [E.POSTED, E.UNCLEAR, E.POSTED]
    assert f"{MAYBE}it was made before ours was sent" in text
    assert "Remove this entry" not in world.labels()
    world.assert_truth(others=[made])


@pytest.mark.parametrize("ahead", [-600, 600])
def test_ours_is_found_however_clios_clock_is_set(world: World, ahead: int) -> None:
    world.firm.clock = lambda: time.time() + ahead
    world.clio.faults.add("error_after", method="POST", path=ENTRIES, nth=2, times=2)
    world.begin(world.sheet(4))
    world.finish()
    assert len(world.posts()) == 4
    world.assert_truth()


def test_one_of_the_first_sending_that_comes_late_is_ours_after_the_second(world: World) -> None:
    """Clio carries the first sending out after both looks, and answers the second with nothing."""
    world.restart(balances_timing=FAST.model_copy(update={"settle": 4.0}))
    held = world.hold(nth=3)  # the second sending: entries 1, 2, and 2 again
    world.clio.faults.add("error_before", method="POST", path=ENTRIES, nth=2, times=2)
    world.begin(world.sheet(2))
    with held:
        made = by_hand(world, 1)
        world.firm.change(made, created_at=world.firm.now() - timedelta(seconds=4))
    world.finish()
    assert world.states() == [E.POSTED] * 2
    world.assert_truth()


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"non_billable": True}, "Clio made it non-billable, so no bill would carry it."),
        ({"flat_rate": False}, "Clio booked it hourly with a total of $0.00 instead of $123.46."),
    ],
)
def test_one_that_differs_in_what_clio_made_of_it_alone_is_ours_and_wrong(
    world: World, other: dict[str, Any], words: str
) -> None:
    held = world.hold(nth=2)
    world.clio.faults.add("error_after", method="POST", path=ENTRIES, nth=2)
    world.begin(world.sheet(2))
    with held:
        world.firm.change(world.clio.time_entries[-1], **other)
    text = world.wait_for_status(BatchStatus.STOPPED)
    assert world.states() == [E.POSTED, E.WRONG]
    assert words in text
    assert "Remove this entry" in world.labels()
    world.assert_truth()


# The note, as Clio spells it


def shout(note: str) -> str:
    return note.replace("Balance", "BALANCE:")


def test_a_note_is_compared_as_clio_has_spelled_those_it_proved(world: World) -> None:
    world.firm.spell = shout
    world.clio.faults.add("error_after", method="POST", path=ENTRIES, nth=3)
    world.begin(world.sheet(4))
    world.finish()
    assert world.states() == [E.POSTED] * 4
    assert len(world.posts()) == 4
    assert {one.note for one in world.clio.time_entries} == {shout(world.entries()[0].note)}


def test_a_note_of_its_own_is_compared_in_the_way_in_which_clio_spells_all_others(world: World) -> None:
    world.firm.spell = lambda note: note.replace("&", "&amp;")
    rows = world.sheet(3)
    for row, note in zip(rows, ("Fees & costs", "Costs & fees", "Taxes & dues"), strict=True):
        row[3] = note
    world.clio.faults.add("error_after", method="POST", path=ENTRIES, nth=3)
    world.begin(rows)
    world.finish()
    assert world.states() == [E.POSTED] * 3
    assert len(world.posts()) == 3


def test_one_with_the_note_as_we_write_it_is_somebody_elses_where_clio_spells_it_otherwise(world: World) -> None:
    world.firm.spell = shout
    made = lose(world)
    world.finish()
    assert world.states() == [E.POSTED, E.UNCLEAR, E.POSTED]
    assert made in world.clio.time_entries


def test_white_space_that_clio_sets_otherwise_makes_no_stranger(world: World) -> None:
    world.firm.spell = lambda note: f" {note.replace(' ', '  ')}\n"
    world.clio.faults.add("error_after", method="POST", path=ENTRIES)
    world.begin(world.sheet(2))
    assert "2 entries, $246.91, equal to the cent" in world.finish()
    assert world.states() == [E.POSTED] * 2
    assert len(world.posts()) == 2


def test_where_no_note_is_proved_yet_one_that_is_spelled_otherwise_is_unclear(world: World) -> None:
    world.firm.spell = shout
    world.clio.faults.add("error_after", method="POST", path=ENTRIES, nth=1)
    world.begin(world.sheet(2))
    world.finish()
    assert world.states() == [E.UNCLEAR, E.POSTED]
    assert len(world.posts()) == 2
    world.asked(world.slack.manager, "look B1")  # by now one is proved
    world.until("Found in Clio, as sent, so posted: 1")
    world.finish()
    assert world.states() == [E.POSTED] * 2


def test_on_a_resumed_run_the_same_is_known_by_clios_spelling(world: World) -> None:
    world.firm.spell = shout
    held = world.hold(nth=1)
    world.begin(world.sheet(3))
    with held:
        world.click(world.slack.manager, "Stop")
        world.slack.wait_for(lambda: world.batch().status is BatchStatus.STOPPED)
    world.wait_for_status(BatchStatus.STOPPED)
    by_hand(world, 1, note=shout(world.entries()[1].note))
    world.press("Go on")
    text = world.finish()
    assert "already in Clio, not sent again" in text
    assert "3 entries, $370.38, equal to the cent" in text
    assert len(world.posts()) == 2
    assert world.states() == [E.POSTED] * 3
