"""Somebody else posts with the same activity description while a run does: it pauses, and nothing is doubled."""

import sqlite3
from decimal import Decimal
from typing import Any

import pytest
from world import World

from brought_forward.bot.posting.watch import Watch
from brought_forward.storage.records.batch import BatchStatus
from brought_forward.storage.records.entry import EntryState

E = EntryState
ENTRIES = "/activities.json"
SAID = (
    'Somebody else enters balances with "Balance brought forward" at this moment:'
    " Clio has 1 entry that I did not send, "
)


def entered(world: World, place: int, *, cents: Decimal = Decimal("0")) -> Any:
    """Enter in Clio what an entry of ours says, as another bot would."""
    entry = world.entries()[place]
    found = next(one for one in world.firm.descriptions if one.name == "Balance brought forward")
    return world.firm.add_entry(
        world.firm.matters[entry.matter_id], world.firm.users[entry.user_id], found, entry.amount + cents,
        on=entry.date, note=entry.note,
    )  # fmt: skip


def looks(world: World) -> list[Any]:
    """List the reads of what was made lately."""
    return [call for call in world.clio.calls if call.method == "GET" and "created_since" in call.query]


def test_what_another_bot_posts_pauses_the_run_after_its_first_entry_and_is_not_doubled(world: World) -> None:
    held = world.hold(nth=1)
    world.begin(world.sheet(4))
    with held:
        other = entered(world, 2)
    text = world.wait_for_status(BatchStatus.PAUSED)
    assert SAID in text
    assert "$123.47 on 00003-Brandt Roofing" in text
    assert world.states() == [E.POSTED, E.PLANNED, E.PLANNED, E.PLANNED]
    world.press("Go on")
    text = world.finish()
    assert world.states() == [E.POSTED, E.POSTED, E.POSTED, E.POSTED]
    assert len(world.posts()) == 3
    assert len(world.clio.time_entries) == 4
    assert world.entries()[2].clio_id == other.id  # as sent to the last character, so it is taken as ours


def test_one_of_another_sum_keeps_ours_out_once_somebody_has_looked(world: World) -> None:
    held = world.hold(nth=1)
    world.begin(world.sheet(3))
    with held:
        other = entered(world, 1, cents=Decimal("1.00"))
    world.wait_for_status(BatchStatus.PAUSED)
    world.press("Go on")
    text = world.finish()
    assert world.states() == [E.POSTED, E.REFUSED, E.POSTED]
    assert "entered by someone else meanwhile" in text
    world.assert_truth(others=[other])


def test_each_25_entries_it_looks_again(world: World) -> None:
    held = world.hold(nth=20)
    number = world.begin(world.sheet(40))
    with held:
        world.slack.wait_for(lambda: world.states().count(E.POSTED) == 19)
        entered(world, 35)
    text = world.wait_for_status(BatchStatus.PAUSED, number)
    assert SAID in text
    assert world.states().count(E.POSTED) == 26
    world.press("Go on")
    world.finish(timeout=40)
    assert world.states().count(E.POSTED) == 40
    assert len(world.clio.time_entries) == 40


def test_a_run_that_is_alone_looks_once_after_its_first_entry_and_each_25(world: World) -> None:
    world.begin(world.sheet(30))
    world.finish(timeout=40)
    assert len(looks(world)) == 2
    assert world.states() == [E.POSTED] * 30


@pytest.mark.parametrize("kind", ["error_after", "cut_after", "late"])
def test_an_entry_of_ours_whose_answer_is_lost_is_nobody_elses(world: World, kind: str) -> None:
    world.clio.faults.add(kind, method="POST", path=ENTRIES, nth=2)
    world.begin(world.sheet(28))
    world.finish(timeout=40)
    assert world.states() == [E.POSTED] * 28
    assert "Somebody else" not in world.text()


def test_a_clio_that_does_not_know_the_filter_is_looked_at_all_the_same(world: World) -> None:
    world.begin(world.sheet(2))
    world.finish()
    world.clio.faults.add("ignore_filters", times=None)
    number = world.begin(world.sheet(6)[2:], name="more.csv")
    world.finish(number)
    assert world.states(number) == [E.POSTED] * 4
    assert "Somebody else" not in world.text()


@pytest.mark.file
def test_one_of_ours_that_is_settled_while_the_look_reads_is_nobody_elses(world: World) -> None:
    number = world.begin(world.sheet(2))
    world.finish(number)
    entry, store = world.entries(number)[0], world.store
    beside = sqlite3.connect(world.db, isolation_level=None)
    beside.execute("UPDATE entry SET state = 'sending', clio_id = NULL WHERE id = ?", (entry.id,))

    def settle(sql: str) -> None:
        """Settle it between the look's two readings of it."""
        if "FROM entry WHERE batch" in sql:
            beside.execute("UPDATE entry SET state = 'posted', clio_id = ? WHERE id = ?", (entry.clio_id, entry.id))

    assert world.bot is not None
    watch = Watch(store, world.bot.connections, seen=set(), since=None)
    watch.sent(1)
    with store.transaction() as db:
        connection = db.conn
    connection.set_trace_callback(settle)
    watch.look(world.batch(number))
    connection.set_trace_callback(None)
    beside.close()
    assert world.entries(number)[0].state is E.POSTED
