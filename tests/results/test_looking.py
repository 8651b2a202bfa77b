"""Look again: what stayed unclear is looked for afresh and settled where Clio leaves no doubt; it sends nothing."""

from decimal import Decimal
from typing import Any

from world import World

from brought_forward.storage.records.batch import BatchStatus
from brought_forward.storage.records.entry import EntryState

E = EntryState
ENTRIES = "/activities.json"


def unclear(world: World, entries: int = 3) -> tuple[Any, Any]:
    """Post a batch whose second entry comes out unclear: Clio has it twice; return both of Clio's."""
    held = world.hold(nth=2)
    world.clio.faults.add("error_after", method="POST", path=ENTRIES, nth=2)
    world.begin(world.sheet(entries))
    with held:
        made = world.clio.time_entries[-1]
        twin = world.firm.add_entry(
            world.firm.matters[made.matter_id or 0], world.firm.users[made.user_id],
            world.firm.descriptions[made.activity_description_id or 0], Decimal("1.00"), on=made.date,
        )  # fmt: skip
    world.finish()
    assert world.states()[1] is E.UNCLEAR
    return made, twin


def looked(world: World, how: str) -> str:
    """Look again by button or command, and wait for the answer in the thread."""
    manager = world.slack.manager
    told = world.refused(manager, "Look again") if how == "clicked" else world.asked(manager, "look")
    assert "I am looking in Clio for what is unclear of B1; what I find comes into its thread" in told
    world.until("Looked in Clio again for 1 unclear entry of AR.csv (B1), asked for by @manager. Nothing was sent.")
    return world.finish()


def test_one_that_is_left_in_clio_is_ours_and_posted(world: World) -> None:
    _, twin = unclear(world)
    assert world.labels() == ["Look again", "Undo"]
    world.firm.remove_entry(twin)
    text = looked(world, "typed")
    assert "Found in Clio, as sent, so posted: 1" in text
    assert "00002-Albright Dental" in text.split("Looked in Clio again")[1]
    assert world.states() == [E.POSTED] * 3
    assert "Posted: Clio's answer was lost; found there by looking again, not sent again" in text
    assert "Done: 3 of 3 posted, $370.38. Read back from Clio: 3 entries, $370.38, equal to the cent." in text
    assert world.labels() == ["Undo"]
    assert len(world.posts()) == 3
    world.assert_truth()
    assert [one["action"] for one in world.store.decisions.of_batch(1)][-1] == "look_again"
    assert "No entry of this batch is unclear any more." in world.asked(world.slack.manager, "look B1")


def test_one_that_is_left_but_is_not_as_sent_is_somebody_elses_and_stays_unclear(world: World) -> None:
    made, twin = unclear(world)
    world.firm.remove_entry(made)
    text = looked(world, "clicked")
    assert "Still unclear: 1" in text
    assert (
        f"(Clio id {twin.id}): it may be somebody else's: its price is $1.00 instead of $123.46; it has no note" in text
    )
    assert world.states() == [E.POSTED, E.UNCLEAR, E.POSTED]
    assert "Remove this entry" not in world.labels()
    assert twin in world.clio.time_entries


def test_ours_that_clio_made_otherwise_is_wrong_and_can_be_removed(world: World) -> None:
    made, twin = unclear(world)
    world.firm.remove_entry(twin)
    world.firm.change(made, non_billable=True)
    text = looked(world, "clicked")
    assert "Found in Clio, but not as sent: 1" in text
    assert "Clio made it non-billable, so no bill would carry it." in text
    assert world.states() == [E.POSTED, E.WRONG, E.POSTED]
    assert world.labels() == ["Remove this entry", "Undo"]


def test_none_in_two_looks_is_not_sent_and_go_on_sends_it(world: World) -> None:
    for one in unclear(world):
        world.firm.remove_entry(one)
    before = len(world.clio.calls)
    text = looked(world, "clicked")
    looks = [call for call in list(world.clio.calls)[before:] if "matter_id" in str(call.query)]
    assert len(looks) == 2
    assert "Not in Clio, by two looks, so not sent: 1" in text
    assert world.states() == [E.POSTED, E.NOT_SENT, E.POSTED]
    assert len(world.posts()) == 3
    assert "1 entry, $123.46, not sent: Go on sends them." in text
    world.press("Go on")
    world.finish()
    assert world.states() == [E.POSTED] * 3
    assert len(world.posts()) == 4
    world.assert_truth()


def test_more_than_one_stays_unclear_and_each_is_named_with_its_link(world: World) -> None:
    made, twin = unclear(world)
    text = looked(world, "clicked")
    said = text.split("Looked in Clio again")[1]
    assert "Still unclear: 1" in said
    for one, amount in ((made, "$123.46"), (twin, "$1.00")):
        assert f"{amount} of {one.date.day} {one.date:%B %Y} for Luis Reyes (Clio id {one.id})" in said
    assert f"/nc/#/matters/{made.matter_id}|open the matter>" in str(world.message("look-1").blocks)
    assert "Put right in Clio what stands there twice or for the wrong user, then Look again." in said
    assert world.states() == [E.POSTED, E.UNCLEAR, E.POSTED]
    assert len(world.posts()) == 3
    world.firm.remove_entry(twin)  # as asked; the button of the answer does the same
    world.slack.click(world.slack.manager, "Look again", world.message("look-1"))
    world.until("Found in Clio, as sent, so posted: 1")
    world.finish()
    world.assert_truth()


def test_one_for_a_user_nobody_asked_for_stays_unclear_until_it_is_put_right_in_clio(world: World) -> None:
    for kind in ("wrong_user", "cut_after"):
        world.clio.faults.add(kind, method="POST", path=ENTRIES, nth=2)
    world.begin(world.sheet(3))
    world.finish()
    stranger = world.clio.time_entries[1]
    assert "Still unclear: 1" in looked(world, "clicked")
    assert f"(Clio id {stranger.id})" in world.text()
    world.firm.change(stranger, user_id=world.entries()[1].user_id)
    world.asked(world.slack.manager, "look B1")
    world.until("Found in Clio, as sent, so posted: 1")
    world.finish()
    world.assert_truth()


def test_who_is_no_approver_may_not_look_again(world: World) -> None:
    unclear(world)
    before = len(world.clio.calls)
    for user in (world.slack.staff, world.slack.outsider, world.slack.guest):
        assert "Only approvers can do this: @manager or @partner." in world.refused(user, "Look again")
        assert "Only approvers can do this: @manager or @partner." in world.asked(user, "look B1")
    assert len(world.clio.calls) == before


def test_a_batch_that_went_on_meanwhile_is_left_as_it_is(world: World) -> None:
    """Undo is begun while Clio's list is on its way: what the look found is settled by nobody."""
    _, twin = unclear(world)
    world.firm.remove_entry(twin)
    held = world.hold(method="GET", path=ENTRIES)
    world.asked(world.slack.manager, "look")
    with held:
        world.press("Undo")
    text = world.wait_for_status(BatchStatus.UNDONE)
    text = world.until("B1 could not be looked at again. B1 went on meanwhile")
    assert "Ask again with /balances look B1" in text
    assert world.states() == [E.UNDONE, E.UNCLEAR, E.UNDONE]
    world.asked(world.slack.manager, "look B1")
    world.until("Found in Clio, as sent, so posted: 1")
    world.wait_for_status(BatchStatus.UNDONE)
    assert world.states() == [E.UNDONE, E.POSTED, E.UNDONE]


def test_a_look_is_carried_out_after_a_restart_and_clio_that_is_away_is_told(world: World) -> None:
    _, twin = unclear(world)
    world.firm.remove_entry(twin)
    world.clio.faults.add("refuse", method="GET", path=ENTRIES, message="Not permitted", times=1)
    world.asked(world.slack.manager, "look")
    world.until("B1 could not be looked at again. Not permitted")
    held = world.hold(method="GET", path=ENTRIES)
    world.asked(world.slack.manager, "look")
    with held:
        assert "I am looking already" in world.asked(world.slack.manager, "look B1")
    world.restart()
    world.finish()
    world.until("Found in Clio, as sent, so posted: 1")
    world.assert_truth()
