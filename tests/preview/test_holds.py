"""What keeps a preview from approval: its file was deleted or changed in Slack, or a second one may replace it."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from world import World, shared

from brought_forward.sandbox.clio import firm_of_size
from brought_forward.storage.records.batch import Batch, BatchStatus


@pytest.fixture(scope="module")
def open_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with shared(tmp_path_factory.mktemp("holds"), firm_of_size(300, 4)) as world:
        yield world


@pytest.fixture
def world(open_world: World) -> World:
    return open_world.ready()


def finished(world: World, number: int) -> None:
    world.slack.wait_for(lambda: world.batch(number).read_back is not None, timeout=30)
    assert world.batch(number).status is BatchStatus.POSTED


def in_ledger_once(world: World, number: int) -> None:
    """Each of the batch's matters has one entry in Clio, of its amount: in this world no other batch has them."""
    held = [(one.matter_id, one.user_id, one.total) for one in world.clio.time_entries]
    ours = [(one.matter_id, one.user_id, one.amount) for one in world.entries(number)]
    assert [held.count(one) for one in ours] == [1] * len(ours)
    assert sum(matter in {one[0] for one in ours} for matter, _, _ in held) == len(ours)


def csv_of(rows: Sequence[Sequence[object]]) -> bytes:
    return "\n".join(["Matter,User,Balance,Note", *[",".join(str(cell) for cell in row) for row in rows]]).encode()


def second(world: World, batch: Batch, rows: Sequence[Sequence[object]], name: str = "AR2.csv") -> Batch:
    """Drop another file in a batch's thread and wait for its preview."""
    world.slack.upload(world.slack.staff, "balances", name, csv_of(rows), thread_ts=batch.thread_ts)
    world.slack.wait_for(lambda: world.newest().id > batch.id and world.newest().file_name == name, timeout=20)
    newer = world.newest()
    world.shows(newer, "fingerprint")
    return world.batch(newer.id)


def approve_late(world: World, batch: Batch, old: Any) -> str:
    """Click Approve on the screen as it was before the preview changed."""
    return world.refused(world.slack.manager, "Approve", world.message("preview", batch.id), snapshot=old)


def blocks(world: World, batch: Batch) -> Any:
    return world.message("preview", batch.id).blocks


# The file in Slack


def test_a_file_deleted_after_its_preview_holds_approval_until_a_member_says_go_on(world: World) -> None:
    batch = world.preview(world.fresh(2))
    old = blocks(world, batch)
    world.slack.tombstone(batch.file_id)
    text = world.shows(batch, "Held: AR.csv was deleted in Slack")
    assert "on hold: the file was deleted in Slack" in text
    assert "ready for approval" not in text
    assert "[Approve" not in text
    assert "It is held: its file was deleted in Slack" in approve_late(world, batch, old)
    assert "on hold: the file was deleted in Slack." in world.asked(world.slack.manager, f"status {batch.name}")
    assert "Guests cannot do this" in world.refused(world.slack.guest, "Go on as read")
    click = world.click(world.slack.staff, "Go on as read")
    assert "Whoever says so cannot approve: someone else does." in click.confirm.text
    text = world.shows(batch, "Approve 2 entries")
    assert "@staff says to go on as read although the file was deleted in Slack" in text
    world.approve()
    finished(world, batch.id)


def test_who_says_go_on_does_not_approve(world: World) -> None:
    batch = world.preview(world.fresh(2))
    world.slack.tombstone(batch.file_id)
    world.shows(batch, "Held")
    old = blocks(world, batch)
    world.click(world.slack.manager, "Go on as read")
    world.shows(batch, "Approve 2 entries")
    assert "someone else approves it" in world.refused(world.slack.manager, "Approve")
    late = world.refused(world.slack.partner, "Go on as read", world.message("preview", batch.id), snapshot=old)
    assert late == "This question is answered already."
    assert world.batch(batch.id).file_kept_by == world.slack.manager.id
    world.click(world.slack.partner, "Approve")
    finished(world, batch.id)


def test_a_first_approval_from_before_the_hold_does_not_count_whoever_says_go_on(world: World) -> None:
    three = (world.slack.manager.id, world.slack.partner.id, world.slack.outsider.id)
    world.ready(balances_two_approvers_above="100", balances_approvers=three)
    batch = world.preview(world.fresh(2))
    world.approve()
    world.shows(batch, "Approved by @manager; one more approver is needed")
    world.slack.tombstone(batch.file_id)
    world.shows(batch, "Held")
    world.click(world.slack.manager, "Go on as read")
    world.shows(batch, "Waiting for two approvers other than @staff, since it is above $100.00: @partner or @outsider.")
    assert "someone else approves it" in world.refused(world.slack.manager, "Approve")
    world.click(world.slack.partner, "Approve")
    world.shows(batch, "Approved by @partner; one more approver is needed")
    assert world.batch(batch.id).status is BatchStatus.PREVIEWED
    world.click(world.slack.outsider, "Approve")
    finished(world, batch.id)
    assert (world.batch(batch.id).first_by, world.batch(batch.id).decided_by) == three[1:]


def test_a_file_changed_after_its_preview_holds_it_each_time_and_changed_back_holds_nothing(world: World) -> None:
    rows = world.fresh(2)
    batch = world.preview(rows)
    kept = world.store.batches.file_bytes(batch.firm, batch.sha256 or "")
    world.slack.edit_file(batch.file_id, b"Matter,User,Balance,Note\n1,,9.00,\n")
    world.shows(batch, "Held: AR.csv was changed in Slack after I read it")
    world.click(world.slack.staff, "Go on as read")
    world.shows(batch, "Approve 2 entries")
    world.slack.edit_file(batch.file_id, b"Matter,User,Balance,Note\n1,,10.00,\n")
    world.shows(batch, "Held: AR.csv was changed")
    world.slack.edit_file(batch.file_id, kept)
    assert "Held" not in world.shows(batch, "Approve 2 entries")
    world.approve()
    finished(world, batch.id)
    in_ledger_once(world, batch.id)


def test_another_title_holds_nothing(world: World) -> None:
    batch = world.preview(world.fresh())
    since = len(world.slack.calls)
    world.slack.rename_file(batch.file_id, "October, final")
    world.slack.wait_for(lambda: [one for one in world.slack.calls[since:] if one.method == "download"])
    world.slack.wait_for(lambda: world.batch(batch.id).file_look_at is None)
    assert world.batch(batch.id).file_now is None
    world.approve()
    finished(world, batch.id)


def test_nothing_is_approved_while_slack_does_not_say_what_was_changed(world: World) -> None:
    batch = world.preview(world.fresh())
    fault = world.slack.faults.add("files.info", "http_503", times=None)
    world.slack.edit_file(batch.file_id, b"Matter,Balance\n1,9.00\n")
    world.slack.wait_for(lambda: world.batch(batch.id).file_look_at is not None)
    assert "I am looking at it" in world.refused(world.slack.manager, "Approve")
    world.slack.faults.remove(fault)
    world.shows(batch, "Held: AR.csv was changed")


def test_a_file_deleted_after_the_approval_stops_nothing(world: World) -> None:
    batch = world.preview(world.fresh(2))
    held = world.hold()
    world.approve()
    with held:
        world.slack.tombstone(batch.file_id)
    finished(world, batch.id)
    assert "deleted" not in world.text()


def test_a_file_deleted_after_the_approval_holds_the_preview_that_a_drift_makes_anew(world: World) -> None:
    rows = world.fresh(2)
    batch = world.preview(rows)
    world.firm.change(next(one for one in world.firm.matters if one.display_number == rows[0][0]), billable=False)
    posts = len(world.posts())
    held = world.hold(method="GET", path="/activity_descriptions.json")
    world.approve()
    with held:
        world.slack.tombstone(batch.file_id)
        world.slack.wait_for(lambda: world.batch(batch.id).file_now is not None)
    text = world.shows(batch, "Held: AR.csv was deleted in Slack")
    assert (world.batch(batch.id).status, world.batch(batch.id).revision) == (BatchStatus.PREVIEWED, 2)
    assert "[Approve" not in text
    world.click(world.slack.staff, "Go on as read")
    world.shows(batch, "Approve 1 entry")
    assert len(world.posts()) == posts
    world.slack.click(world.slack.partner, "Approve", world.message("preview", batch.id))
    finished(world, batch.id)


def asked_about(world: World, heading: str) -> Batch:
    """Drop a sheet that reads two ways and wait until that is asked; an answer is kept for its headings."""
    text = f"Matter,Balance,Amount Due,{heading}\n{world.fresh()[0][0]},10.00,12.00,555\n"
    file = world.slack.upload(world.slack.staff, "balances", "AR.csv", text.encode())

    def there() -> bool:
        batch = world.newest()
        return batch.file_id == file.id and batch.status is BatchStatus.ASKING and not world.store.messages.owed()

    world.slack.wait_for(there, timeout=20)
    return world.newest()


@pytest.mark.parametrize(("what", "heading"), [("deleted", "Phone"), ("changed", "Fax")])
def test_a_file_deleted_or_changed_while_its_sheet_is_asked_about_holds_the_preview(
    world: World, what: str, heading: str
) -> None:
    batch = asked_about(world, heading)
    if what == "deleted":
        world.slack.tombstone(batch.file_id)
    else:
        world.slack.edit_file(batch.file_id, b"Matter,Balance,Amount Due\n1,9.00,9.00\n")
    world.slack.wait_for(lambda: world.batch(batch.id).file_now is not None)
    asked = world.message("preview", batch.id)
    options = [one["value"] for block in asked.blocks if block["type"] == "actions"
               for one in block["elements"][0]["options"]]  # fmt: skip
    world.slack.choose(world.slack.staff, "balances_answer", options[0], asked)
    text = world.shows(batch, f"Held: AR.csv was {what} in Slack")
    assert "[Approve" not in text


def test_a_file_changed_before_it_was_fetched_is_read_as_it_is_and_holds_nothing(world: World) -> None:
    (before, after) = world.fresh(2)
    fault = world.slack.faults.add("download", "http_503", times=None)
    file = world.drop([before])
    world.slack.wait_for(lambda: world.newest().file_id == file.id and world.newest().status is BatchStatus.READING)
    world.slack.edit_file(file.id, csv_of([after]))
    batch = world.newest()
    world.slack.wait_for(lambda: world.batch(batch.id).file_look_at is not None)
    world.slack.faults.remove(fault)
    text = world.shows(batch, "fingerprint")
    world.slack.wait_for(lambda: world.batch(batch.id).file_look_at is None)
    assert world.batch(batch.id).file_now is None
    assert f"1 entry, ${after[2]}" in text
    world.approve()
    finished(world, batch.id)
    in_ledger_once(world, batch.id)


# A second file in the thread


def test_a_second_file_of_the_same_matters_asks_whether_it_replaces_the_first(world: World) -> None:
    rows = world.fresh(4)
    first = world.preview(rows)
    old = blocks(world, first)
    newer = second(world, first, [*rows[:2], *world.fresh(2)])
    text = world.shows(newer, f"Does it replace {first.name}?")
    assert f"2 of its 4 matters stand in AR.csv ({first.name}) too" in text
    assert "[Approve" not in text
    assert "ready for approval" not in text
    text = world.shows(first, f"AR2.csv ({newer.name}) may replace it")
    assert "[Approve" not in text
    assert "It is held" in approve_late(world, first, old)
    world.click(world.slack.staff, f"Replace {first.name}")
    world.shows(first, "Withdrawn by @staff")
    assert f"Replaced by {newer.name}" in world.shows(first, "Replaced")
    world.shows(newer, "Approve 4 entries")
    world.slack.click(world.slack.manager, "Approve", world.message("preview", newer.id))
    finished(world, newer.id)
    in_ledger_once(world, newer.id)


def test_who_uploaded_a_file_that_somebody_else_replaces_is_told(world: World) -> None:
    rows = world.fresh(2)
    first = world.preview(rows, user=world.slack.outsider)
    newer = second(world, first, rows)
    world.shows(newer, "Does it replace")
    world.slack.click(world.slack.staff, f"Replace {first.name}", world.message("preview", newer.id))
    world.shows(newer, "Approve 2 entries")
    told = world.slack.plain(world.message("decided", first.id))
    assert told.startswith(f"@outsider: AR.csv was withdrawn by @staff: Replaced by {newer.name}.")


def test_both_may_stand_and_who_says_so_approves_neither(world: World) -> None:
    rows = world.fresh(2)
    first = world.preview(rows)
    newer = second(world, first, rows)
    world.shows(newer, "Does it replace")
    world.slack.click(world.slack.manager, "Keep both", world.message("preview", newer.id))
    text = world.shows(newer, "Approve 2 entries")
    assert f"@manager says that {first.name} and {newer.name} both stand" in text
    world.shows(first, "Approve 2 entries")
    for one in (first, newer):
        said = world.refused(world.slack.manager, "Approve", world.message("preview", one.id))
        assert "someone else approves it" in said


def test_a_first_approval_from_before_a_second_file_does_not_count_when_both_stand(world: World) -> None:
    three = (world.slack.manager.id, world.slack.partner.id, world.slack.outsider.id)
    world.ready(balances_two_approvers_above="100", balances_approvers=three)
    rows = world.fresh(2)
    first = world.preview(rows)
    world.approve()
    world.shows(first, "Approved by @manager; one more approver is needed")
    newer = second(world, first, rows)
    world.shows(newer, "Does it replace")
    world.slack.click(world.slack.manager, "Keep both", world.message("preview", newer.id))
    world.shows(first, "Waiting for two approvers other than @staff, since it is above $100.00: @partner or @outsider.")
    world.slack.click(world.slack.partner, "Approve", world.message("preview", first.id))
    world.shows(first, "Approved by @partner; one more approver is needed")
    assert world.batch(first.id).status is BatchStatus.PREVIEWED


def test_a_file_of_other_matters_is_a_batch_of_its_own(world: World) -> None:
    rows = world.fresh(3)
    first = world.preview(rows)
    newer = second(world, first, [rows[0], *world.fresh(2)])
    assert "Does it replace" not in world.slack.plain(world.message("preview", newer.id))
    assert "[Approve 3 entries]" in world.slack.plain(world.message("preview", newer.id))
    assert "[Approve 3 entries]" in world.slack.plain(world.message("preview", first.id))


def test_a_file_of_the_same_matters_in_a_thread_of_its_own_asks_nothing(world: World) -> None:
    rows = world.fresh(2)
    world.preview(rows)
    text = world.shows(world.preview(rows, name="AR3.csv"), "[Approve 2 entries]")
    assert "Does it replace" not in text


def test_the_question_is_over_when_the_first_one_ends_otherwise(world: World) -> None:
    rows = world.fresh(2)
    first = world.preview(rows)
    newer = second(world, first, rows)
    world.shows(newer, "Does it replace")
    old = blocks(world, newer)
    world.reject(world.slack.manager, message=world.message("preview", first.id))
    world.shows(first, "Rejected by @manager")
    assert "Does it replace" not in world.shows(newer, "Approve 2 entries")
    for label in ("Keep both", f"Replace {first.name}"):
        said = world.refused(world.slack.partner, label, world.message("preview", newer.id), snapshot=old)
        assert said == "This question is answered already."
    world.slack.click(world.slack.partner, "Approve", world.message("preview", newer.id))
    finished(world, newer.id)


def test_the_question_is_answered_once(world: World) -> None:
    rows = world.fresh(2)
    first = world.preview(rows)
    newer = second(world, first, rows)
    world.shows(newer, "Does it replace")
    old = blocks(world, newer)
    world.slack.click(world.slack.staff, f"Replace {first.name}", world.message("preview", newer.id))
    world.shows(newer, "Approve 2 entries")
    said = world.refused(world.slack.partner, "Keep both", world.message("preview", newer.id), snapshot=old)
    assert "This question is answered already." in said
    assert world.batch(first.id).status is BatchStatus.WITHDRAWN
