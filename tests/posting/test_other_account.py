"""The bot is started with a sign-in to another Clio account in the midst of things: nothing there is taken for ours."""

from collections.abc import Iterator

import pytest
from world import FAST, World

from brought_forward.sandbox.clio import ClioSandbox, sample_firm
from brought_forward.storage.records.batch import BatchStatus
from brought_forward.storage.records.entry import EntryState, Outcome

E, S = EntryState, BatchStatus
ENTRIES, ENTRY = "/activities.json", "/activities/*"
OTHER = "The bot is connected to another Clio account than the one this was posted to."
# A missing answer is not looked up before the bot is started anew.
PATIENT = FAST.model_copy(update={"settle": 3.0, "second_look": 3.0})


@pytest.fixture
def other() -> Iterator[ClioSandbox]:
    """Another firm's account, in which no matter of ours is shown."""
    firm = sample_firm()
    firm.account_id = 700_999
    for matter in list(firm.matters):
        firm.change(matter, visible=False)
    with ClioSandbox(firm, limit=0) as clio:
        yield clio


def test_an_undo_stopped_there_says_of_nothing_that_it_is_gone(world: World, other: ClioSandbox) -> None:
    """A DELETE has no answer and did nothing; the other account answers 404 to every id of ours."""
    world.restart(balances_timing=PATIENT)
    world.finish(world.begin(world.sheet(1)))
    world.clio.faults.add("cut_before", method="DELETE", path=ENTRY)
    world.click(world.slack.manager, "Undo")
    world.slack.wait_for(lambda: any(one.tries for one in world.store.undoing.of_batch(world.batch())))
    world.stop()
    world.start(clio_api_url=other.url)
    world.until("connected to another Clio account")
    world.click(world.slack.manager, "Stop the undo")
    world.until(f"Clio could not be read back: {OTHER}")
    assert world.batch().status is S.UNDONE
    assert world.states() == [E.POSTED]
    assert [one.outcome for one in world.store.undoing.of_batch(world.batch())] == [Outcome.KEPT]
    assert len(world.clio.time_entries) == 1
    world.restart(clio_api_url=world.clio.url)
    again = world.preview(world.sheet(1), name="again.csv")
    assert world.states(again.id) == []
    assert all("already brought forward" in why for why in world.left_out(again.id).values())


def test_a_stop_there_leaves_a_missing_answer_unclear_until_somebody_looks_in_the_right_one(
    world: World, other: ClioSandbox
) -> None:
    world.restart(balances_timing=PATIENT)
    world.clio.faults.add("cut_after", method="POST", path=ENTRIES, nth=2)
    world.begin(world.sheet(2))
    world.slack.wait_for(lambda: world.states()[1] is E.SENDING and bool(world.entries()[1].reason))
    world.stop()
    world.start(clio_api_url=other.url)
    world.until("now connected to another Clio account")
    world.click(world.slack.manager, "Stop")
    text = world.until(f"Clio could not be read back: {OTHER}")
    assert world.batch().status is S.STOPPED
    assert world.states() == [E.POSTED, E.UNCLEAR]
    assert "another Clio account, where nobody can tell" in world.entries()[1].reason  # type: ignore[operator]
    assert "is missing" not in text
    world.restart(clio_api_url=world.clio.url)
    world.until("Read back from Clio: 1 entry, $123.45")  # by itself, in the right account
    world.click(world.slack.manager, "Look again")
    world.slack.wait_for(lambda: world.states() == [E.POSTED, E.POSTED])
    assert len(world.posts()) == 2


@pytest.mark.parametrize("asked", ["reconcile", "bills", "report"])
def test_what_is_asked_there_is_not_answered_from_its_books(world: World, other: ClioSandbox, asked: str) -> None:
    world.finish(world.begin(world.sheet(2)))
    world.restart(clio_api_url=other.url)
    world.asked(world.slack.manager, f"{asked} B1")
    text = world.until(OTHER)
    assert f"Ask again with /balances {asked} B1" in text.replace("`", "")
    assert not [call for call in other.calls if "activities" in call.path or "report" in call.path]
