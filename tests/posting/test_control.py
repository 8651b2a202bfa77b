"""What people do while a batch is posted and after: Stop, Go on, Retry refused, Remove this entry."""

import contextlib
import sqlite3
import threading

import pytest
from world import FAST, World

from brought_forward.sandbox.slack.workspace import TEAM
from brought_forward.storage.records.batch import BatchStatus
from brought_forward.storage.records.entry import EntryState

E = EntryState
ENTRIES = "/activities.json"


def stop(world: World, nth: int, rows: list[list[object]]) -> str:
    """Approve these rows and stop while Clio's nth answer is under way; return the thread."""
    held = world.hold(nth=nth)
    number = world.begin(rows)
    with held:
        world.click(world.slack.manager, "Stop")
        world.slack.wait_for(lambda: world.batch(number).status is BatchStatus.STOPPED)
    return world.wait_for_status(BatchStatus.STOPPED, number)


def wrong(world: World, nth: int, rows: list[list[object]]) -> str:
    """Let Clio book one entry for another user, so that the batch is stopped there."""
    world.clio.faults.add("wrong_user", nth=nth)
    return world.wait_for_status(BatchStatus.STOPPED, world.begin(rows))


def decisions(world: World, number: int = 1) -> list[tuple[str, str, int]]:
    return [(one["actor"], one["action"], one["allowed"]) for one in world.store.decisions.of_batch(number)]


# Stop and Go on


def test_stop_finishes_the_entry_under_way_and_sends_no_other(world: World) -> None:
    text = stop(world, 2, world.sheet(5))
    assert world.states() == [E.POSTED, E.POSTED, E.NOT_SENT, E.NOT_SENT, E.NOT_SENT]
    assert len(world.posts()) == 2
    assert "Stopped: 2 of 5 posted, $246.91" in text
    assert "3 not sent" in text
    assert "equal to the cent" in text
    assert text.count(" | Not sent") == 3
    assert "Stop" not in world.labels()
    assert world.labels() == ["Go on", "Undo"]
    assert "stopped, 2 of 5 posted" in world.asked(world.slack.manager, "status")
    assert world.slack.manager.id not in text  # people read names, never ids
    world.assert_truth()


def test_stop_asks_first_what_it_will_do(world: World) -> None:
    held = world.hold(nth=1)
    world.begin(world.sheet(2))
    with held:
        click = world.click(world.slack.manager, "Stop")
        world.slack.wait_for(lambda: world.batch().status is BatchStatus.STOPPED)
    assert click.confirm is not None
    assert "What is posted stays." in click.confirm.text
    world.wait_for_status(BatchStatus.STOPPED)


def test_go_on_sends_the_rest_and_takes_its_button_away(world: World) -> None:
    stop(world, 2, world.sheet(5))
    world.press("Go on", user=world.slack.partner)
    text = world.finish()
    assert "Done: 5 of 5 posted" in text
    assert "Went on by @partner" in text
    assert world.labels() == ["Undo"]
    assert len(world.posts()) == 5
    world.assert_truth()
    manager, partner = world.slack.manager.id, world.slack.partner.id
    assert decisions(world) == [(manager, "approve", 1), (manager, "stop", 1), (partner, "go_on", 1)]


@pytest.mark.parametrize("who", ["staff", "outsider", "guest"])
def test_who_is_no_approver_may_neither_stop_nor_go_on(world: World, who: str) -> None:
    user = getattr(world.slack, who)
    held = world.hold(nth=1)
    world.begin(world.sheet(3))
    with held:
        assert "Only approvers can do this: @manager or @partner." in world.refused(user, "Stop")
        assert world.batch().status is BatchStatus.POSTING
        world.click(world.slack.manager, "Stop")
        world.slack.wait_for(lambda: world.batch().status is BatchStatus.STOPPED)
    world.wait_for_status(BatchStatus.STOPPED)
    assert "Only approvers can do this" in world.refused(user, "Go on")
    assert world.batch().status is BatchStatus.STOPPED
    assert (user.id, "go_on", 0) in decisions(world)
    world.assert_truth()


def test_an_approver_who_uploaded_may_stop(world: World) -> None:
    """Stopping needs no second person: only approving does."""
    world.drop(world.sheet(3), user=world.slack.partner)
    held = world.hold(nth=1)
    world.approve()
    with held:
        world.click(world.slack.partner, "Stop")
        world.slack.wait_for(lambda: world.batch().status is BatchStatus.STOPPED)
    world.wait_for_status(BatchStatus.STOPPED)
    world.assert_truth()


def test_a_second_stop_and_a_second_go_on_do_nothing_and_say_so(world: World) -> None:
    held = world.hold(nth=1)
    world.begin(world.sheet(3))
    with held:
        old = world.with_button("Stop")
        world.click(world.slack.manager, "Stop")
        world.slack.wait_for(lambda: world.batch().status is BatchStatus.STOPPED)
        assert "nothing to stop" in world.refused(world.slack.partner, "Stop", old, snapshot=old.blocks)
    world.wait_for_status(BatchStatus.STOPPED)
    old = world.with_button("Go on")
    world.press("Go on")
    assert "there is nothing" in world.refused(world.slack.partner, "Go on", old, snapshot=old.blocks)
    world.finish()
    assert "there is nothing" in world.refused(world.slack.partner, "Go on", old, snapshot=old.blocks)
    assert len(world.posts()) == 3
    world.assert_truth()


def test_two_people_who_go_on_at_once_send_each_entry_once(world: World) -> None:
    stop(world, 1, world.sheet(6))
    old = world.with_button("Go on")
    clicks = [
        threading.Thread(target=world.slack.click, args=(user, "Go on", old), kwargs={"snapshot": old.blocks})
        for user in (world.slack.manager, world.slack.partner) * 2
    ]
    for click in clicks:
        click.start()
    for click in clicks:
        click.join()
    world.finish()
    world.slack.wait_for(lambda: sum(action == "go_on" for _, action, _ in decisions(world)) >= 1)
    assert sum(allowed for _, action, allowed in decisions(world) if action == "go_on") == 1
    assert len(world.posts()) == 6
    world.assert_truth()


def test_clicks_work_after_the_bot_was_started_again(world: World) -> None:
    stop(world, 2, world.sheet(4))
    world.restart()
    world.press("Go on")
    world.finish()
    assert len(world.posts()) == 4
    world.assert_truth()


def test_stop_while_paused_gives_the_results(world: World) -> None:
    world.clio.faults.add("refuse", times=3, nth=2, message="Time is locked")
    world.begin(world.sheet(6))
    world.wait_for_status(BatchStatus.PAUSED)
    world.click(world.slack.manager, "Stop")
    text = world.wait_for_status(BatchStatus.STOPPED)
    assert world.states() == [E.POSTED, E.REFUSED, E.REFUSED, E.REFUSED, E.NOT_SENT, E.NOT_SENT]
    assert "Stopped by @manager" in text
    assert text.count("Refused: Time is locked") == 3
    assert "equal to the cent" in text
    world.assert_truth()
    world.press("Go on")
    world.finish()
    world.press("Retry refused")
    world.finish()
    assert world.states() == [E.POSTED] * 6
    world.assert_truth()


def test_stop_while_signed_out_gives_the_results_once_clio_answers_again(world: World) -> None:
    world.amend(lambda response, body: world.clio.sign_out(), nth=1)
    world.begin(world.sheet(3))
    world.wait_for_status(BatchStatus.PAUSED)
    world.click(world.slack.manager, "Stop")
    world.slack.wait_for(lambda: world.batch().status is BatchStatus.STOPPED)
    world.until("1 of 3 posted")
    world.clio.sign_in()
    text = world.wait_for_status(BatchStatus.STOPPED)
    assert "equal to the cent" in text
    assert world.states() == [E.POSTED, E.NOT_SENT, E.NOT_SENT]
    world.assert_truth()


@pytest.mark.parametrize(("kind", "state"), [("cut_after", E.POSTED), ("cut_before", E.NOT_SENT)])
def test_an_entry_whose_answer_is_cut_while_stopping_is_looked_up_before_the_results(
    world: World, kind: str, state: EntryState
) -> None:
    world.clio.faults.add("delay", method="POST", path=ENTRIES, nth=2, seconds=0.8)
    world.clio.faults.add(kind, method="POST", path=ENTRIES, nth=2)
    world.begin(world.sheet(4))
    world.slack.wait_for(lambda: len(world.posts()) == 2)
    world.click(world.slack.manager, "Stop")
    world.slack.wait_for(lambda: world.batch().status is BatchStatus.STOPPED)
    text = world.wait_for_status(BatchStatus.STOPPED)
    assert world.states() == [E.POSTED, state, E.NOT_SENT, E.NOT_SENT]
    assert "equal to the cent" in text
    assert len(world.posts()) == 2
    world.assert_truth()
    world.press("Go on")
    world.finish()
    assert len(world.clio.time_entries) == 4
    world.assert_truth()


@pytest.mark.parametrize("kind", ["limited", "signed_out"])
def test_an_entry_that_clio_sends_back_while_stopping_is_not_sent_rather_than_under_way(
    world: World, kind: str
) -> None:
    """A 429 or 401 that comes after the Stop must not leave a planned entry in a stopped batch."""
    world.clio.window = 0.1
    world.restart(balances_timing=FAST.model_copy(update={"window": 0.2}))
    world.clio.faults.add(kind, method="POST", path=ENTRIES, nth=3)
    held = world.hold(nth=3)
    world.begin(world.sheet(3))
    with held:
        world.click(world.slack.manager, "Stop")
        world.slack.wait_for(lambda: world.batch().status is BatchStatus.STOPPED)
    text = world.wait_for_status(BatchStatus.STOPPED)
    assert world.states() == [E.POSTED, E.POSTED, E.NOT_SENT]
    assert "1 not sent" in text
    assert "Go on" in world.labels()
    world.assert_truth()


def test_an_entry_that_a_look_does_not_find_while_stopping_is_not_sent_rather_than_under_way(world: World) -> None:
    world.clio.faults.add("cut_before", method="POST", path=ENTRIES, nth=2)
    world.firm.add_description("Balance brought forward")
    held = world.hold(method="GET", nth=4)  # after the preview's and the run's list: the second look
    world.begin(world.sheet(2))
    with held:
        world.click(world.slack.manager, "Stop")
        world.slack.wait_for(lambda: world.batch().status is BatchStatus.STOPPED)
    world.wait_for_status(BatchStatus.STOPPED)
    assert world.states() == [E.POSTED, E.NOT_SENT]
    assert "Go on" in world.labels()
    world.assert_truth()


def test_a_wrong_entry_whose_answer_comes_after_the_stop_can_still_be_removed(world: World) -> None:
    world.clio.faults.add("wrong_user", nth=2)
    stop(world, 2, world.sheet(4))
    assert world.states() == [E.POSTED, E.WRONG, E.NOT_SENT, E.NOT_SENT]
    assert "Remove this entry" in world.labels()
    world.assert_truth()


def test_a_batch_that_waits_behind_another_can_be_stopped(world: World) -> None:
    """Both have a Stop button, and only one is posting."""
    rows = world.sheet(4)
    held = world.hold(nth=1)
    world.begin(rows[:2])
    with held:
        world.begin(rows[2:], name="second.csv")
        world.slack.wait_for(lambda: "Stop" in world.labels())
        world.click(world.slack.manager, "Stop")
        world.slack.wait_for(lambda: world.store.decisions.of_batch(2)[-1]["action"] == "stop")
        assert world.batch(2).status is BatchStatus.STOPPED
    world.finish(1)
    world.wait_for_status(BatchStatus.STOPPED, 2)
    assert world.states(2) == [E.NOT_SENT, E.NOT_SENT]
    assert len(world.posts()) == 2


# Retry refused


def test_retry_refused_sends_only_the_refused_ones_again(world: World) -> None:
    world.clio.faults.add("refuse", nth=2)
    world.begin(world.sheet(3))
    text = world.finish()
    assert "This record is not valid" in text
    old = world.with_button("Retry refused")
    for user in (world.slack.staff, world.slack.outsider):
        assert "Only approvers can do this" in world.refused(user, "Retry refused")
    assert len(world.posts()) == 3
    world.press("Retry refused")
    text = world.finish()
    assert "Done: 3 of 3 posted" in text
    assert "Retried by @manager" in text
    assert world.labels() == ["Undo"]
    assert len(world.posts()) == 4
    assert "refused" in world.refused(world.slack.manager, "Retry refused", old, snapshot=old.blocks)
    assert len(world.posts()) == 4
    world.assert_truth()


def test_retry_refused_again_and_again_while_clio_refuses(world: World) -> None:
    world.clio.faults.add("refuse", nth=2, times=3, message="Time is locked")
    world.begin(world.sheet(2))
    world.finish()
    for _ in range(2):
        world.press("Retry refused")
        text = world.finish()
        assert "1 of 2 posted" in text
        assert "Retry refused" in world.labels()
        world.assert_truth()
    world.press("Retry refused")
    world.finish()
    assert world.states() == [E.POSTED, E.POSTED]
    world.assert_truth()


def test_after_a_stop_retry_refused_leaves_a_way_to_send_the_rest(world: World) -> None:
    """Closing words that say "Go on sends them" need a button that does."""
    world.clio.faults.add("refuse", nth=1)
    stop(world, 2, world.sheet(4))
    assert world.states() == [E.REFUSED, E.POSTED, E.NOT_SENT, E.NOT_SENT]
    world.press("Retry refused")
    world.slack.wait_for(lambda: world.entries()[0].state is E.POSTED)
    world.finish()
    if E.NOT_SENT in world.states():
        assert "Go on" in world.labels()
        world.press("Go on")
    world.finish()
    assert world.states() == [E.POSTED] * 4
    world.assert_truth()


# Remove this entry


def test_who_is_no_approver_may_not_remove_an_entry(world: World) -> None:
    wrong(world, 2, world.sheet(3))
    for user in (world.slack.staff, world.slack.outsider, world.slack.guest):
        assert "Only approvers can do this" in world.refused(user, "Remove this entry")
    assert len(world.clio.time_entries) == 2
    assert not [call for call in world.clio.calls if call.method == "DELETE"]
    world.assert_truth()


def test_a_second_click_removes_nothing_more(world: World) -> None:
    wrong(world, 2, world.sheet(3))
    old = world.with_button("Remove this entry")
    assert "Removed the entry of 00002-Albright Dental, $123.46 of " in world.refused(
        world.slack.manager, "Remove this entry"
    )
    assert "not there to be removed" in world.refused(
        world.slack.partner, "Remove this entry", old, snapshot=old.blocks
    )
    assert len([call for call in world.clio.calls if call.method == "DELETE"]) == 1
    world.wait_for_status(BatchStatus.STOPPED)
    assert "Go on" in world.labels()
    world.assert_truth()


def test_an_entry_on_a_bill_is_not_removed(world: World) -> None:
    wrong(world, 2, world.sheet(3))
    world.firm.bill(world.clio.time_entries[1], state="draft")
    assert "It is on a bill in Clio." in world.refused(world.slack.manager, "Remove this entry")
    assert len(world.clio.time_entries) == 2
    assert world.states()[1] is E.WRONG
    world.assert_truth()


def test_an_entry_that_stands_on_another_matter_in_clio_is_not_removed(world: World) -> None:
    wrong(world, 2, world.sheet(3))
    entry = world.clio.time_entries[1]
    world.firm.change(entry, matter_id=world.clio.time_entries[0].matter_id)
    said = world.refused(world.slack.manager, "Remove this entry")
    assert "it stands on another matter" in said
    assert "00002-Albright Dental" in said
    assert len(world.clio.time_entries) == 2
    assert world.states()[1] is E.WRONG
    world.firm.remove_entry(entry)  # by hand, as the sentence says
    assert "Removed the entry" in world.refused(world.slack.manager, "Remove this entry")
    world.wait_for_status(BatchStatus.STOPPED)
    world.assert_truth()


def test_an_entry_in_another_clio_account_is_not_removed(world: World) -> None:
    wrong(world, 2, world.sheet(3))
    world.firm.account_id += 1
    world.restart()
    assert "connected to another Clio account" in world.refused(world.slack.manager, "Remove this entry")
    assert len(world.clio.time_entries) == 2


def test_what_somebody_entered_by_hand_is_never_offered_for_removal(world: World) -> None:
    """Somebody enters a balance by hand on the matter and for the user of an entry whose answer was cut."""
    world.begin(world.sheet(1))
    world.finish()
    world.clio.faults.add("cut_before", method="POST", path=ENTRIES)
    rows = world.sheet(3)[1:]
    held = world.hold(method="GET", path="/activity_descriptions.json")
    number = world.begin(rows, name="second.csv")
    with held:
        pass
    world.slack.wait_for(lambda: E.SENDING in world.states(number))
    ours, mine = world.entries(number)[0], world.clio.time_entries[0]
    user = next(one for one in world.firm.users if one.id == ours.user_id)
    matter = next(one for one in world.firm.matters if one.id == ours.matter_id)
    description = next(one for one in world.firm.descriptions if one.id == mine.activity_description_id)
    theirs = world.firm.add_entry(matter, user, description, 7, note="by hand")
    text = world.finish(number)
    assert world.states(number) == [E.UNCLEAR, E.POSTED]
    assert "it may be somebody else's: its price is $7.00 instead of $123.46" in text
    assert "Remove this entry" not in world.labels()
    assert theirs in world.clio.time_entries


def test_an_entry_that_is_gone_from_clio_already_counts_as_removed(world: World) -> None:
    wrong(world, 2, world.sheet(3))
    world.firm.remove_entry(world.clio.time_entries[1])
    assert "Removed the entry" in world.refused(world.slack.manager, "Remove this entry")
    world.wait_for_status(BatchStatus.STOPPED)
    assert world.states()[1] is E.UNDONE
    world.press("Go on")
    world.finish()
    world.assert_truth()


@pytest.mark.parametrize("kind", ["cut_after", "cut_before", "error_before"])
def test_a_removal_without_an_answer_is_told_and_can_be_tried_again(world: World, kind: str) -> None:
    wrong(world, 2, world.sheet(3))
    world.clio.faults.add(kind, method="DELETE")
    said = world.refused(world.slack.manager, "Remove this entry")
    assert "Removed the entry" not in said
    assert "Nothing is removed" not in said  # nobody knows that: the answer is missing
    said = world.refused(world.slack.manager, "Remove this entry")
    assert "Removed the entry" in said
    world.wait_for_status(BatchStatus.STOPPED)
    assert len(world.clio.time_entries) == 1
    world.press("Go on")
    world.finish()
    world.assert_truth()


def test_a_wrong_entry_can_still_be_removed_after_going_on_without_it(world: World) -> None:
    wrong(world, 2, world.sheet(4))
    world.press("Go on")
    text = world.finish()
    assert world.states() == [E.POSTED, E.WRONG, E.POSTED, E.POSTED]
    assert "not as it should be" in text
    world.assert_truth()
    assert "Remove this entry" in world.labels()


def test_a_late_click_on_an_old_remove_button_says_nothing_untrue_in_the_thread(world: World) -> None:
    wrong(world, 2, world.sheet(4))
    old = world.with_button("Remove this entry")
    world.press("Go on")
    world.finish()
    world.refused(world.slack.manager, "Remove this entry", old, snapshot=old.blocks)
    text = world.finish()
    assert len(world.clio.time_entries) == 3
    assert [message for message in world.thread() if world.slack.plain(message).startswith("Stopped:")] == []
    assert "3 of 4 posted" in text
    world.assert_truth()


def test_the_results_of_a_halt_are_never_told_while_posting_goes_on(world: World) -> None:
    """Someone goes on while Clio is still being read back: its result belongs to the part before."""
    world.firm.add_description("Balance brought forward")
    held = world.hold(method="GET", nth=4)  # after the preview's and the run's list and its first look: the read-back's
    world.clio.faults.add("wrong_user", nth=2)
    world.begin(world.sheet(4))
    with held:
        world.press("Go on")
    world.finish()
    said = world.message("closing-2")
    assert not [edit for edit in said.edits if "Stopped: " in str(edit.blocks)]
    assert len(world.posts()) == 4
    world.assert_truth()


def test_what_an_approver_sees_in_status_follows_every_step(world: World) -> None:
    manager = world.slack.manager
    world.preview(world.sheet(4))
    assert "waiting for approval, 4 entries, $493.86" in world.asked(manager, "status")
    held = world.hold(nth=2)
    world.click(manager, "Approve")
    with held:
        assert "being posted, 1 of 4 posted, $123.45" in world.asked(manager, "status")
        assert "Approved by @manager" in world.asked(manager, "status")
        outsider = world.asked(world.slack.outsider, "status")
        assert "1 of 4 posted" in outsider
        assert "$" not in outsider
        assert "AR.csv" not in outsider
        world.click(manager, "Stop")
        world.slack.wait_for(lambda: world.batch().status is BatchStatus.STOPPED)
    world.wait_for_status(BatchStatus.STOPPED)
    assert "stopped, 2 of 4 posted, $246.91, 2 not sent" in world.asked(manager, "status B1")
    world.press("Go on")
    world.finish()
    assert "4 of 4 posted, $493.86" in world.asked(manager, "list")
    assert "00004-Castellan Wines, Tom Okafor, $123.48: Posted" in world.asked(manager, "show B1")


def test_an_entry_whose_matter_clio_hides_is_not_taken_for_removed(world: World) -> None:
    """Clio answers 404 too for what the connected user may not see."""
    wrong(world, 2, world.sheet(3))
    entry = world.clio.time_entries[1]
    matter = next(one for one in world.firm.matters if one.id == entry.matter_id)
    world.firm.remove_entry(entry)  # as the connected user sees it
    world.firm.change(matter, visible=False)
    assert "nobody can tell whether it still has" in world.refused(world.slack.manager, "Remove this entry")
    assert world.states()[1] is E.WRONG


def test_an_entry_that_is_billed_while_its_removal_waits_for_clios_window_is_not_removed(world: World) -> None:
    wrong(world, 2, world.sheet(3))
    entry = world.clio.time_entries[1]

    def billed_after_it_was_read(response: object, body: object) -> None:
        assert world.bot is not None
        world.firm.bill(entry, state="draft")
        world.bot.connections.of(TEAM).clio.pace.refused(1.5)

    world.amend(billed_after_it_was_read, method="GET", path=f"/activities/{entry.id}.json")
    assert "It is on a bill in Clio." in world.refused(world.slack.manager, "Remove this entry")
    assert len(world.clio.time_entries) == 2
    assert world.states()[1] is E.WRONG


@pytest.mark.file
def test_a_wrong_entry_and_the_stop_for_it_are_one_commit(world: World) -> None:
    """Killed after it, the next life sends nothing new either."""
    over, seen = threading.Event(), []

    def looks() -> None:
        with contextlib.closing(sqlite3.connect(world.db)) as db:
            sql = "SELECT status FROM batch WHERE id IN (SELECT batch FROM entry WHERE state = 'wrong')"
            while not over.is_set():
                seen.extend(status for (status,) in db.execute(sql))

    number = world.begin(world.sheet(1))
    world.finish(number)
    looking = threading.Thread(target=looks)
    looking.start()
    try:
        world.clio.faults.add("wrong_user", nth=1)
        world.wait_for_status(BatchStatus.STOPPED, world.begin(world.fresh(2), name="second.csv"))
    finally:
        over.set()
        looking.join()
    assert set(seen) == {"stopped"}
