"""Undo: what was posted is deleted in Clio again, as far as it is ours, unbilled, on no bill and unchanged."""

import io
import time
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
from world import FAST, World

from brought_forward.storage.records.batch import BatchStatus
from brought_forward.storage.records.entry import EntryState, Outcome

E, S = EntryState, BatchStatus
ONE = "/activities/*"  # the path of a single entry


def posted(world: World, entries: int = 4, **more: Any) -> int:
    """Post so many entries and wait until all is said."""
    number = world.begin(world.sheet(entries), **more)
    world.finish(number)
    return number


def undo(world: World, number: int = 1, *, user: Any = None) -> str:
    """Undo a batch and wait until all is said; return the thread."""
    world.click(user or world.slack.manager, "Undo")
    return world.wait_for_status(S.UNDONE, number)


def outcomes(world: World, number: int = 1) -> list[tuple[Outcome | None, str | None]]:
    return [(one.outcome, one.reason) for one in world.store.undoing.of_batch(world.batch(number))]


def deletes(world: World) -> list[Any]:
    return [call for call in world.clio.calls if call.method == "DELETE"]


def closing(world: World, number: int = 1) -> str:
    return world.slack.plain(world.message(f"closing-{world.batch(number).episode}", number))


def test_undo_deletes_all_that_was_posted_and_says_so_to_the_cent(world: World) -> None:
    posted(world)
    text = undo(world)
    assert world.clio.time_entries == []
    assert world.states() == [E.UNDONE] * 4
    assert outcomes(world) == [(Outcome.REVERSED, None)] * 4
    assert "Undone: 4 of 4 reversed, $493.86." in text
    assert "0 entries left, $0.00, equal to the cent; those reversed are gone." in text
    assert "Posted before: 4, $493.86 = 4 reversed, $493.86 + 0 kept, $0.00 + 0 failed, $0.00." in text
    assert "drop the file again" in text
    assert text.count(" | Reversed") == 4
    assert "Undo was begun by @manager" in text
    assert "Asked for by @manager" in text
    assert world.labels() == []
    assert len(deletes(world)) == 4
    reads = [call for call in world.clio.calls if call.method == "GET" and call.path.startswith("/activities/")]
    assert len(reads) == 4
    last = world.store.decisions.of_batch(1)[-1]
    assert (last["actor"], last["action"], last["allowed"]) == (world.slack.manager.id, "undo", 1)
    assert "undone, 0 of 4 posted, $0.00, 4 removed again" in world.asked(world.slack.manager, "status")
    world.assert_truth()


def test_undo_asks_first_how_much_it_deletes(world: World) -> None:
    posted(world)
    click = world.click(world.slack.manager, "Undo")
    assert click.confirm is not None
    assert "deletes 4 entries of $493.86 in Clio" in click.confirm.text
    assert click.confirm.title == "Undo B1?"
    world.wait_for_status(S.UNDONE)


@pytest.mark.parametrize("who", ["staff", "outsider", "guest"])
def test_who_is_no_approver_may_not_undo(world: World, who: str) -> None:
    posted(world, 2)
    user = getattr(world.slack, who)
    assert "Only approvers can do this: @manager or @partner." in world.refused(user, "Undo")
    assert "Only approvers" in world.asked(user, "undo B1") or who == "guest"
    assert world.batch().status is S.POSTED
    assert deletes(world) == []
    world.assert_truth()


def test_an_approver_who_uploaded_may_undo(world: World) -> None:
    """Nothing is posted by it, so it needs no second person."""
    world.drop(world.sheet(2), user=world.slack.partner)
    world.approve()
    world.finish()
    undo(world, user=world.slack.partner)
    assert world.clio.time_entries == []


def test_what_was_posted_before_a_stop_can_be_undone(world: World) -> None:
    held = world.hold(nth=2)
    world.begin(world.sheet(4))
    with held:
        world.click(world.slack.manager, "Stop")
        world.slack.wait_for(lambda: world.batch().status is S.STOPPED)
    world.wait_for_status(S.STOPPED)
    assert world.labels() == ["Go on", "Undo"]
    text = undo(world)
    assert world.states() == [E.UNDONE, E.UNDONE, E.NOT_SENT, E.NOT_SENT]
    assert "Undone: 2 of 2 reversed, $246.91" in text
    assert world.labels() == []
    world.assert_truth()


def test_a_second_click_on_undo_says_that_it_is_under_way(world: World) -> None:
    posted(world, 2)
    old = world.with_button("Undo")
    held = world.hold(method="DELETE", path="")
    world.click(world.slack.manager, "Undo")
    with held:
        said = world.refused(world.slack.partner, "Undo", old, snapshot=old.blocks)
        assert "It is being undone already" in said
    world.wait_for_status(S.UNDONE)
    said = world.refused(world.slack.partner, "Undo", old, snapshot=old.blocks)
    assert "nothing of it is posted any more" in said
    assert len(deletes(world)) == 2


# What stays, and why


def on_draft(world: World, entry: Any) -> None:
    world.firm.bill(entry, "draft")


def billed(world: World, entry: Any) -> None:
    world.firm.bill(entry)


def other_matter(world: World, entry: Any) -> None:
    world.firm.change(entry, matter_id=next(one.id for one in world.firm.matters if one.display_number[:5] == "00070"))


def other_user(world: World, entry: Any) -> None:
    user = next(one for one in world.firm.users if one.id != entry.user_id)
    world.firm.change(entry, user_id=user.id)


def other_price(world: World, entry: Any) -> None:
    world.firm.change(entry, price=Decimal("5.00"))


def other_day(world: World, entry: Any) -> None:
    world.firm.change(entry, date=entry.date - timedelta(days=1))


def other_note(world: World, entry: Any) -> None:
    world.firm.change(entry, note="Fees of 2025")


def other_description(world: World, entry: Any) -> None:
    made = world.firm.add_description("Settled")
    world.firm.change(entry, activity_description_id=made.id)


def not_flat(world: World, entry: Any) -> None:
    world.firm.change(entry, flat_rate=False)


def not_billable(world: World, entry: Any) -> None:
    world.firm.change(entry, non_billable=True)


KEPT: list[tuple[Callable[[World, Any], None], str]] = [
    (on_draft, "it is on a draft bill, 6001"),
    (billed, "it is billed, on bill 6001 (awaiting payment)"),
    (other_matter, "it stands on matter 00070-"),
    (other_user, "it belongs to user Dana Hallam"),
    (other_price, "its total in Clio is $5.00 instead of $123.46"),
    (other_day, "it is dated "),
    (other_note, 'its note is "Fees of 2025"'),
    (other_description, "it has another activity description"),
    (not_flat, "it is no flat rate any more"),
    (not_billable, "it is not billable"),
]


@pytest.mark.parametrize(("hand", "why"), KEPT, ids=[hand.__name__ for hand, _ in KEPT])
def test_what_people_billed_or_changed_in_clio_is_kept_with_the_reason(
    world: World, hand: Callable[[World, Any], None], why: str
) -> None:
    posted(world, 3)
    theirs = world.clio.time_entries[1]
    hand(world, theirs)
    text = undo(world)
    assert [one.id for one in world.clio.time_entries] == [theirs.id]
    assert world.states() == [E.UNDONE, E.POSTED, E.UNDONE]
    (outcome, reason) = outcomes(world)[1]
    assert outcome is Outcome.KEPT
    assert why in (reason or "")
    assert why in closing(world)
    assert "Undone: 2 of 3 reversed, $246.92." in text
    assert "Posted before: 3, $370.38 = 2 reversed, $246.92 + 1 kept, $123.46 + 0 failed, $0.00." in text
    assert f"Kept: {'changed in Clio' if hand not in (on_draft, billed) else why}" in text
    assert len(deletes(world)) == 2
    assert world.labels() == ["Undo"]


def test_an_entry_that_is_gone_from_clio_already_counts_as_reversed(world: World) -> None:
    posted(world, 3)
    world.firm.remove_entry(world.clio.time_entries[1])
    text = undo(world)
    assert outcomes(world)[1] == (Outcome.REVERSED, "it was no longer in Clio")
    assert "Undone: 3 of 3 reversed, $370.38" in text
    assert len(deletes(world)) == 2
    world.assert_truth()


def test_an_entry_whose_matter_clio_hides_is_kept_rather_than_called_gone(world: World) -> None:
    """Clio answers 404 too for what the connected user may not see."""
    posted(world, 2)
    entry = world.clio.time_entries[0]
    matter = next(one for one in world.firm.matters if one.id == entry.matter_id)
    world.firm.remove_entry(entry)  # as the connected user sees it
    world.firm.change(matter, visible=False)
    undo(world)
    outcome, reason = outcomes(world)[0]
    assert outcome is Outcome.KEPT
    assert "nobody can tell whether it is still there" in (reason or "")
    assert world.states() == [E.POSTED, E.UNDONE]


def test_a_delete_that_clio_refuses_is_failed_with_its_words_and_undo_can_be_asked_for_again(world: World) -> None:
    posted(world, 3)
    world.clio.faults.add("refuse", method="DELETE", path=ONE, nth=2, message="This time is locked")
    text = undo(world)
    assert outcomes(world)[1] == (Outcome.FAILED, "This time is locked")
    assert "Failed: This time is locked" in text
    assert "= 2 reversed, $246.92 + 0 kept, $0.00 + 1 failed, $123.46." in text
    assert "1 entry left, $123.46, equal to the cent" in text
    assert "undone, 1 of 3 posted, $123.46, 2 removed again" in world.asked(world.slack.manager, "status")
    click = world.click(world.slack.manager, "Undo")
    assert "deletes 1 entry of $123.46" in click.confirm.text
    world.slack.wait_for(lambda: world.batch().episode == 3)
    text = world.wait_for_status(S.UNDONE)
    assert "Undone: 1 of 1 reversed, $123.46." in text
    assert world.clio.time_entries == []
    world.assert_truth()


# Answers that are missing


@pytest.mark.parametrize("kind", ["cut_before", "cut_after", "error_before", "error_after", "html_502"])
def test_a_delete_without_an_answer_is_looked_up_until_it_is_certain(world: World, kind: str) -> None:
    posted(world, 3)
    world.clio.faults.add(kind, method="DELETE", path=ONE, nth=2)
    text = undo(world)
    assert world.clio.time_entries == []
    assert world.states() == [E.UNDONE] * 3
    after = kind in {"cut_after", "error_after"}
    assert len(deletes(world)) == (3 if after else 4)
    assert outcomes(world)[1] == (Outcome.REVERSED, "Clio's answer was lost; it is gone from Clio" if after else None)
    assert "Undone: 3 of 3 reversed" in text
    world.assert_truth()


def test_an_entry_that_somebody_bills_while_an_answer_is_missing_is_not_deleted(world: World) -> None:
    posted(world, 2)
    world.clio.faults.add("cut_before", method="DELETE", path=ONE)
    first = world.clio.time_entries[0]
    world.amend(lambda response, body: world.firm.bill(first), method="GET", path=f"/{world.entries()[1].clio_id}.json")
    undo(world)
    assert outcomes(world)[0][0] is Outcome.KEPT
    assert [one.id for one in world.clio.time_entries] == [first.id]


def test_a_delete_that_never_gets_an_answer_is_failed_in_the_end(world: World) -> None:
    posted(world, 2)
    world.clio.faults.add(
        "error_before", method="DELETE", path=f"/activities/{world.entries()[0].clio_id}.json", times=None
    )
    undo(world)
    assert outcomes(world)[0] == (Outcome.FAILED, "Clio gave no clear answer to 2 deletes, and it is still there")
    assert outcomes(world)[1] == (Outcome.REVERSED, None)
    world.assert_truth()


def test_what_was_read_too_long_ago_is_read_again_before_it_is_deleted(world: World) -> None:
    """Waiting for a place in Clio's window may take a minute, in which somebody bills the entry."""
    posted(world, 1)
    entry = world.clio.time_entries[0]

    def wait_long(response: Any, body: Any) -> None:
        world.firm.bill(entry)
        response.headers |= {"X-RateLimit-Limit": "50", "X-RateLimit-Remaining": "0",
                             "X-RateLimit-Reset": str(int(time.time()) + 2)}  # fmt: skip

    world.amend(wait_long, method="GET", path=f"/{entry.id}.json")
    undo(world)
    assert deletes(world) == []
    assert outcomes(world)[0][0] is Outcome.KEPT


def test_a_busy_clio_is_waited_for(world: World) -> None:
    world.clio.window = 0.1
    world.restart(balances_timing=FAST.model_copy(update={"window": 0.2}))
    posted(world, 3)
    world.clio.faults.add("limited", method="DELETE", path=ONE, nth=2, times=4)
    text = undo(world)
    assert "Undone: 3 of 3 reversed" in text
    assert outcomes(world) == [(Outcome.REVERSED, None)] * 3


# Halts


def test_signed_out_midway_the_undo_waits_and_goes_on_by_itself(world: World) -> None:
    posted(world, 4)
    world.amend(lambda response, body: world.clio.sign_out(), method="DELETE", path="", nth=2)
    world.click(world.slack.manager, "Undo")
    world.until("The undo then goes on by itself")
    assert "Undoing: 2 of 4 reversed, $246.91 of $493.86" in world.text()
    status = world.asked(world.slack.manager, "status")
    assert "being undone, 2 of 4 posted" in status
    assert "goes on by itself" in status
    world.clio.sign_in()
    text = world.wait_for_status(S.UNDONE)
    assert "Undone: 4 of 4 reversed" in text
    assert "sign-in" not in closing(world)
    assert world.clio.time_entries == []
    world.assert_truth()


def test_while_clio_is_away_the_undo_waits_and_goes_on_by_itself(world: World) -> None:
    posted(world, 3)
    world.restart(balances_timing=FAST.model_copy(update={"keep_asking": 0.2}))
    world.amend(lambda response, body: response.set_data(b"{"), method="GET", path=".json", nth=1, times=None)
    world.click(world.slack.manager, "Undo")
    world.until("Clio has not answered for a while")
    assert len(world.clio.time_entries) == 3
    world.clio.on_exchange.pop()
    text = world.wait_for_status(S.UNDONE)
    assert "Undone: 3 of 3 reversed" in text


def test_a_retired_api_ends_the_undo_and_leaves_the_rest_posted(world: World) -> None:
    posted(world, 3)
    world.clio.faults.add("gone", method="DELETE", path=ONE, nth=2)
    text = undo(world)
    assert [one for one, _ in outcomes(world)] == [Outcome.REVERSED, Outcome.KEPT, Outcome.KEPT]
    assert "the bot must be updated" in text
    assert "= 1 reversed, $123.45 + 2 kept, $246.93 + 0 failed, $0.00." in text
    assert "Undo" in world.labels()
    world.assert_truth()


def test_an_approver_can_stop_an_undo_and_the_rest_stays_posted(world: World) -> None:
    posted(world, 4)
    held = world.hold(method="DELETE", path="", nth=2)
    world.click(world.slack.manager, "Undo")
    with held:
        assert "Only approvers" in world.refused(world.slack.staff, "Stop the undo")
        world.click(world.slack.partner, "Stop the undo")
        world.slack.wait_for(lambda: world.batch().halt == "person")
    text = world.wait_for_status(S.UNDONE)
    assert world.states() == [E.UNDONE, E.UNDONE, E.POSTED, E.POSTED]
    assert text.count("Kept: the undo was stopped before its turn") == 2
    assert "2 entries left, $246.95, equal to the cent" in text
    assert len(deletes(world)) == 2
    world.assert_truth()
    assert "Undone: 2 of 2 reversed" in undo_again(world)
    assert world.clio.time_entries == []


def undo_again(world: World) -> str:
    before = world.batch().episode
    world.click(world.slack.manager, "Undo")
    world.slack.wait_for(lambda: world.batch().episode > before)
    return world.wait_for_status(S.UNDONE)


def test_stopped_with_an_answer_missing_it_is_looked_up_before_the_end(world: World) -> None:
    posted(world, 3)
    world.clio.faults.add("delay", method="DELETE", path=ONE, nth=2, seconds=0.6)
    world.clio.faults.add("cut_after", method="DELETE", path=ONE, nth=2)
    world.click(world.slack.manager, "Undo")
    world.slack.wait_for(lambda: len(deletes(world)) == 2)
    world.click(world.slack.manager, "Stop the undo")
    world.wait_for_status(S.UNDONE)
    assert world.states() == [E.UNDONE, E.UNDONE, E.POSTED]
    world.assert_truth()


def test_in_another_clio_account_nothing_is_taken_for_gone(world: World) -> None:
    posted(world, 2)
    world.firm.account_id += 1
    world.restart()
    held = world.clio.time_entries
    world.click(world.slack.manager, "Undo")
    world.until("connected to another Clio account")
    token, asked = world.batch().run_token, len(world.clio.calls)
    world.slack.wait_for(lambda: len(world.clio.calls) > asked + 12)  # it answers, and is the wrong one still
    assert (world.batch().halt, world.batch().run_token) == ("account", token)
    assert world.clio.time_entries == held
    assert deletes(world) == []
    world.firm.account_id -= 1
    world.restart()
    world.wait_for_status(S.UNDONE)
    assert world.clio.time_entries == []


def test_an_undo_that_is_cut_off_goes_on_at_the_next_start(world: World) -> None:
    posted(world, 6)
    held = world.hold(method="DELETE", path="", nth=3)
    world.click(world.slack.manager, "Undo")
    with held:
        world.bot._stopping.set()  # type: ignore[union-attr]
    world.restart()
    text = world.wait_for_status(S.UNDONE)
    assert "Undone: 6 of 6 reversed" in text
    assert len(deletes(world)) == 6
    world.assert_truth()


@pytest.mark.file
def test_an_undo_whose_engine_file_is_lost_goes_on(world: World) -> None:
    posted(world, 4)
    held = world.hold(method="DELETE", path="", nth=2)
    world.click(world.slack.manager, "Undo")
    with held:
        world.bot._stopping.set()  # type: ignore[union-attr]
    world.stop()
    for ending in ("", "-wal", "-shm"):
        (world.db.parent / f"{world.db.name}.engine{ending}").unlink(missing_ok=True)
    world.start()
    world.wait_for_status(S.UNDONE)
    assert world.clio.time_entries == []
    world.assert_truth()


# Forward again


def test_the_same_file_can_be_brought_forward_again_after_an_undo(world: World) -> None:
    rows = world.sheet(4)
    world.finish(world.begin(rows))
    undo(world)
    number = world.begin(rows)
    assert "same file" not in world.text()
    assert world.left_out(number) == {}
    text = world.finish(number)
    assert "Done: 4 of 4 posted, $493.86" in text
    assert "last approved" not in text
    assert len(world.clio.time_entries) == 4
    world.assert_truth(number)


def test_a_list_that_still_shows_what_was_deleted_holds_nothing_back(world: World) -> None:
    rows = world.sheet(2)
    world.finish(world.begin(rows))
    gone = world.clio.time_entries
    undo(world)

    def lag(response: Any, body: dict[str, Any]) -> None:
        for one in gone:
            body["data"].insert(0, {"id": one.id, "type": "TimeEntry", "date": one.date.isoformat(), "note": one.note,
                                    "flat_rate": True, "price": float(one.price), "total": float(one.total),
                                    "quantity_redacted": False, "non_billable": False, "billed": False,
                                    "on_bill": False, "created_at": one.created_at.isoformat(),
                                    "matter": {"id": one.matter_id}, "user": {"id": one.user_id},
                                    "activity_description": {"id": one.activity_description_id}})  # fmt: skip

    world.amend(lag, method="GET", path="/activities.json", times=None)
    number = world.begin(rows)
    world.slack.wait_for(lambda: world.batch(number).status in {S.POSTED, S.PREVIEWED} or world.left_out(number))
    world.clio.on_exchange.pop()
    text = world.finish(number)
    assert "Done: 2 of 2 posted" in text
    assert {one.id for one in world.clio.time_entries}.isdisjoint(one.id for one in gone)


def test_what_an_undo_kept_still_holds_its_matter(world: World) -> None:
    rows = world.sheet(3)
    world.finish(world.begin(rows))
    kept = world.firm.bill(world.clio.time_entries[1])
    undo(world)
    number = world.begin(rows)
    text = world.finish(number)
    assert "Done: 2 of 2 posted" in text
    assert list(world.left_out(number)) == [3]
    assert "already brought forward" in world.left_out(number)[3]
    assert len([one for one in world.clio.time_entries if one.matter_id == kept.matter_id]) == 1
    world.assert_truth(number, others=[kept])


def test_the_rest_of_a_batch_can_be_undone_after_its_file_was_posted_again(world: World) -> None:
    rows = world.sheet(3)
    world.finish(world.begin(rows))
    bill = world.firm.bill(world.clio.time_entries[1], "draft")
    undo(world)
    old = world.with_button("Undo")
    number = world.begin(rows)
    world.finish(number)
    world.firm.change(bill, bill=None)
    world.slack.click(world.slack.manager, "Undo", old)
    world.slack.wait_for(lambda: world.batch(1).episode == 3)
    world.wait_for_status(S.UNDONE, 1)
    assert "0 entries left, $0.00, equal to the cent" in closing(world, 1)
    assert len(world.clio.time_entries) == 2
    world.assert_truth(number)


def test_nothing_is_sent_again_from_a_batch_that_was_undone(world: World) -> None:
    world.clio.faults.add("refuse", nth=2)
    held = world.hold(nth=3)
    world.begin(world.sheet(5))
    with held:
        world.click(world.slack.manager, "Stop")
        world.slack.wait_for(lambda: world.batch().status is S.STOPPED)
    world.wait_for_status(S.STOPPED)
    old = world.with_button("Go on")
    undo(world)
    posts = len(world.posts())
    for label in ("Go on", "Retry refused"):
        said = world.refused(world.slack.manager, label, old, snapshot=old.blocks)
        assert "Drop the file again" in said
    assert world.batch().status is S.UNDONE
    assert len(world.posts()) == posts
    world.assert_truth()


# The command and the workbook


def test_the_command_offers_the_undo_with_its_size_and_the_thread_says_what_became_of_it(world: World) -> None:
    posted(world, 3)
    said = world.asked(world.slack.partner, "undo B1")
    assert "AR.csv (B1): 3 entries, $370.38, posted." in said
    answer = world.slack.ephemerals(world.slack.partner)[-1]
    click = world.slack.click(world.slack.partner, "Undo", answer)
    assert "deletes 3 entries of $370.38 in Clio" in click.confirm.text
    text = world.wait_for_status(S.UNDONE)
    assert "Undo was begun by @partner" in text
    assert "Undone: 3 of 3 reversed" in text
    assert "being undone; its thread says how far" in world.told(world.slack.partner)
    assert world.clio.time_entries == []
    said = world.refused(world.slack.partner, "Undo", answer)
    assert "nothing of it is posted any more" in said
    assert not [call for call in world.slack.calls if call.method == "chat.update" and call.args["ts"] == answer.ts]


def test_the_command_says_why_a_batch_cannot_be_undone(world: World) -> None:
    manager = world.slack.manager
    assert "nothing to undo" in world.asked(manager, "undo")
    number = world.preview(world.sheet(3)).id
    assert world.asked(manager, "undo B1") == "B1: Nothing of it is posted."
    assert "I know no batch B9" in world.asked(manager, "undo B9")
    held = world.hold(nth=1)
    world.click(manager, "Approve")
    with held:
        assert "Stop it first" in world.asked(manager, "undo B1")
    world.finish(number)
    held = world.hold(method="DELETE", path="")
    world.click(manager, "Undo")
    with held:
        assert "being undone already" in world.asked(manager, "undo B1")
    world.wait_for_status(S.UNDONE)
    assert "nothing of it is posted any more" in world.asked(manager, "undo B1")


def test_an_older_undo_button_does_not_delete_more_than_it_named(world: World) -> None:
    world.clio.faults.add("refuse", nth=2)
    posted(world, 3)
    world.asked(world.slack.partner, "undo B1")
    answer = world.slack.ephemerals(world.slack.partner)[-1]
    world.press("Retry refused")
    world.finish()
    said = world.refused(world.slack.partner, "Undo", answer)
    assert "what is posted has changed" in said
    assert len(world.clio.time_entries) == 3
    assert deletes(world) == []


def test_the_workbook_says_what_the_undo_did_to_each_line(world: World) -> None:
    posted(world, 3)
    world.firm.bill(world.clio.time_entries[1], "draft")
    undo(world)
    file = next(one.files[0] for one in reversed(world.thread()) if one.files and one.user == world.slack.bot.id)
    assert file.name == "AR undone.xlsx"
    table = pd.read_excel(io.BytesIO(file.data), engine="calamine", dtype=object)
    assert list(table["Undo"]) == ["Reversed", "Kept: it is on a draft bill, 6001", "Reversed"]
    assert list(table["Result"]) == ["Removed from Clio again", "Posted", "Removed from Clio again"]
