"""Who is called by a new message, and when: edits notify nobody, so each state calls once, and never twice."""

from collections.abc import Iterator
from typing import Any

import pytest
from fix_form import opened
from world import MENTION, World, shared

from brought_forward.sandbox.clio import firm_of_size
from brought_forward.storage.records.batch import BatchStatus


@pytest.fixture(scope="module")
def open_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with shared(tmp_path_factory.mktemp("mentions"), firm_of_size(300, 4)) as world:
        yield world


@pytest.fixture
def world(open_world: World) -> World:
    return open_world.ready()


def at_rest(world: World) -> bool:
    return not world.store.messages.owed()


def called(world: World, words: str) -> list[str]:
    """Wait until somebody is called with these words, and all is said."""
    world.slack.wait_for(lambda: any(words in one for one in world.mentions()) and at_rest(world), timeout=30)
    return world.mentions()


def finished(world: World) -> None:
    world.slack.wait_for(lambda: world.newest().read_back is not None and at_rest(world), timeout=30)


def first_forms(world: World) -> list[Any]:
    """What people were notified of: each call as it was first posted, before any edit."""
    return [one for one in world.sent() if MENTION.fullmatch(str(one["text"])) and "ts" not in one]


def test_approvers_are_called_once_when_a_preview_waits_for_them(world: World) -> None:
    rows = world.fresh(2, cents=10000)
    world.preview(rows)
    total = f"${sum(float(row[2]) for row in rows):,.2f}"
    (said,) = called(world, "wait for your approval")
    assert said.startswith(f"@manager or @partner: 2 entries, {total}, wait for your approval. AR.csv (B")
    world.approve()
    finished(world)
    waited, ended = world.mentions()
    assert waited.endswith(": approved by @manager.")
    assert ended.startswith("@staff: AR.csv (B")
    assert ended.endswith("is done. The closing words above say what is next.")  # they alone say how much


def fallbacks(world: World, number: int, calls: int) -> list[str]:
    """Wait until a batch has so many calls, and give what notifications show of each as it is now."""
    slots = world.slack.wait_for(
        lambda: len(found := world.store.messages.slots(number, "mention-")) == calls and at_rest(world) and found,
        timeout=30,
    )
    kept = [world.store.messages.find(number, slot) for slot in slots]
    return [one.text for one in kept if one]


def test_no_fallback_of_a_call_has_names_or_amounts(world: World) -> None:
    world.ready(balances_two_approvers_above="100")
    batch = world.preview(world.fresh(2), name="Smith owes.csv")
    texts = fallbacks(world, batch.id, 1)
    held = world.hold()
    world.approve()
    texts += fallbacks(world, batch.id, 2)
    world.click(world.slack.partner, "Approve")
    with held:
        world.slack.wait_for(lambda: "Pause" in world.labels())
        world.click(world.slack.manager, "Pause")
        world.slack.wait_for(lambda: world.batch(batch.id).status is BatchStatus.PAUSED)
    texts += fallbacks(world, batch.id, 3)
    world.press("Go on", batch.id)
    texts += fallbacks(world, batch.id, 4)
    states = ["waits for approval", "waits for a second approval", "no longer waits for approval", "has paused",
              "has gone on", "has ended"]  # fmt: skip
    assert set(texts) == {f"{batch.name} {state}." for state in states}


def test_one_entry_waits(world: World) -> None:
    world.preview(world.fresh(1))
    (said,) = called(world, "for your approval")
    assert ", waits for your approval" in said


def test_nobody_is_called_to_what_they_cannot_approve_until_they_can(world: World) -> None:
    rows = world.fresh(2)
    text = "\n".join(["Matter,User,Balance", *[f"{row[0]},{row[1]},{row[2]}" for row in rows], "Total,,1.00"])
    world.slack.upload(world.slack.staff, "balances", "AR.csv", text.encode())
    world.until("Held: a total does not agree")
    world.slack.wait_for(lambda: at_rest(world))
    assert world.mentions() == []
    world.click(world.slack.staff, "The lines are right")
    assert len(called(world, "wait for your approval")) == 1


def test_a_preview_that_is_held_later_edits_its_call_and_calls_nobody_anew(world: World) -> None:
    batch = world.preview(world.fresh(2))
    called(world, "wait for your approval")
    before = len(first_forms(world))
    world.slack.tombstone(batch.file_id)
    (said,) = called(world, "cannot be approved as it stands")
    world.click(world.slack.staff, "Go on as read")
    (said,) = called(world, "wait for your approval")
    assert said.startswith("@manager or @partner: 2 entries")
    assert len(first_forms(world)) == before


def test_a_corrected_preview_calls_anew_and_takes_its_first_call_back(world: World) -> None:
    world.preview(world.fresh(2))
    called(world, "wait for your approval")
    world.date(world.slack.staff, "2026-11-02", world.said())
    world.until("revision 2")
    said = called(world, "a newer preview has taken the place of this one")
    assert len([one for one in said if "wait for your approval" in one]) == 1
    assert len(said) == 2


@pytest.mark.parametrize("how", ["another day", "a line put right", "comments on the bills"])
def test_a_call_is_taken_back_as_soon_as_its_preview_is_made_anew(world: World, how: str) -> None:
    good, other = world.fresh(2)
    text = f"Matter,Balance,Remarks {how}\n{good[0]},10.00,Call first\n{other[0]},n/a,\n"
    world.slack.upload(world.slack.staff, "balances", "AR.csv", text.encode())
    called(world, "for your approval")
    staff, shown = world.slack.staff, world.message("preview", world.newest().id)
    if how == "a line put right":
        opened(world, message=shown)
    world.clio.stop()  # so that no newer preview comes
    if how == "another day":
        world.date(staff, "2026-11-02", shown)
    elif how == "a line put right":
        world.slack.submit(staff, world.slack.views(staff)[-1], {"Row 3: amount": "20.00"})
    else:
        world.slack.click(staff, "Put them on", shown)
    (said,) = called(world, "it was corrected and is being matched again")
    assert "for your approval" not in said
    world.clio.start()
    said = "".join(called(world, "a newer preview has taken the place of this one"))
    assert said.count("for your approval") == 1


def test_the_second_approver_is_called_and_who_approved_first_is_not(world: World) -> None:
    world.ready(balances_two_approvers_above="100")
    world.preview(world.fresh(2))
    called(world, "wait for your approval")
    world.approve()
    said = called(world, "the second of two above $100.00")
    assert said[0].endswith("@manager has given the first of two approvals.")
    assert said[1].startswith("@partner: 2 entries, ")
    assert "@manager has approved AR.csv" in said[1]
    world.click(world.slack.partner, "Approve")
    finished(world)
    said = world.mentions()
    assert [one.partition("): ")[2] for one in said[:2]] == [
        "@manager has given the first of two approvals.", "approved by @manager and @partner."]  # fmt: skip
    assert "is done" in said[2]


def test_the_uploader_is_told_once_of_a_rejection_and_the_call_is_taken_back(world: World) -> None:
    batch = world.preview(world.fresh(2))
    called(world, "wait for your approval")
    world.reject(world.slack.manager)
    said = called(world, "rejected by @manager")
    assert len(said) == 1
    decided = world.slack.plain(world.message("decided", batch.id))
    assert decided.startswith("@staff: AR.csv was rejected by @manager")


def test_the_uploader_is_told_of_a_pause_once_each_time(world: World) -> None:
    batch = world.preview(world.fresh(3))
    held = world.hold()
    world.approve()
    with held:
        world.click(world.slack.manager, "Pause")
        world.slack.wait_for(lambda: world.batch(batch.id).status is BatchStatus.PAUSED)
    said = called(world, "is paused")
    assert len([one for one in said if "is paused" in one]) == 1
    assert next(one for one in said if "is paused" in one).startswith("@staff: AR.csv (B")
    world.press("Go on", batch.id)
    finished(world)
    said = world.mentions()
    assert [one for one in said if "is paused" in one] == []
    assert any(one.endswith(": went on by @manager.") for one in said)
    assert "is done. " in said[-1]
    assert len(said) == 3


def test_a_second_pause_is_told_by_a_message_of_its_own(world: World) -> None:
    before = len(first_forms(world))
    batch = world.preview(world.fresh(3))
    for _ in range(2):
        held = world.hold()
        if world.batch(batch.id).status is BatchStatus.PREVIEWED:
            world.approve()
        else:
            world.press("Go on", batch.id)
        with held:
            world.slack.wait_for(lambda: "Pause" in world.labels())
            world.click(world.slack.manager, "Pause")
            world.slack.wait_for(lambda: world.batch(batch.id).status is BatchStatus.PAUSED)
        called(world, "is paused")
    world.press("Go on", batch.id)
    finished(world)
    posted = [str(one["text"]) for one in first_forms(world)[before:]]
    assert posted == [
        f"{batch.name} {state}." for state in ("waits for approval", "has paused", "has paused", "has ended")
    ]


def test_the_uploader_is_told_that_it_is_stopped_and_how_far_it_came(world: World) -> None:
    batch = world.preview(world.fresh(3))
    held = world.hold()
    world.approve()
    with held:
        world.slack.wait_for(lambda: "Stop" in world.labels())
        world.click(world.slack.manager, "Stop")
        world.slack.wait_for(lambda: world.batch(batch.id).status is BatchStatus.STOPPED)
    said = called(world, "is stopped")[-1]
    assert said.startswith("@staff: AR.csv (B")
    assert "is stopped, 2 not sent. " in said


def test_the_uploader_is_told_where_clio_does_not_hold_the_same(world: World) -> None:
    batch = world.preview(world.fresh(2))
    before = len(world.clio.time_entries)
    held = world.hold(nth=2)
    world.approve()
    with held:
        world.firm.remove_entry(world.clio.time_entries[before])
    said = called(world, "is done")[-1]
    assert "is done. " in said
    assert "Clio does not hold the same." in said
    assert world.batch(batch.id).status is BatchStatus.POSTED


def test_an_undo_takes_back_that_it_is_done(world: World) -> None:
    batch = world.preview(world.fresh(2))
    world.approve()
    finished(world)
    world.click(world.slack.manager, "Undo")
    world.slack.wait_for(lambda: world.batch(batch.id).status is BatchStatus.UNDONE and at_rest(world), timeout=30)
    assert world.mentions()[-1].endswith(": undo begun by @manager.")
    assert not [one for one in world.mentions() if "is done" in one]


def test_a_reminder_is_taken_back_with_the_call(world: World) -> None:
    soon = world.settings().balances_timing.model_copy(update={"remind": 0.5})
    world.ready(balances_timing=soon)
    batch = world.preview(world.fresh(2))
    world.until("still waits for approval")
    world.approve()
    finished(world)
    assert "approved by @manager" in world.slack.plain(world.message("reminder", batch.id))
    assert "still waits" not in world.text()
