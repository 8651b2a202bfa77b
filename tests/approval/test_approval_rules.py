"""The rules of an approval: groups, two approvers, reasons, reminders, expiry, drift, and which rules are in force."""

import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from world import FAST, World, shared

from brought_forward.sandbox.clio import firm_of_size
from brought_forward.storage.records.batch import Batch, BatchStatus
from brought_forward.storage.records.entry import EntryState

PREVIEWED = BatchStatus.PREVIEWED


@pytest.fixture(scope="module")
def open_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with shared(tmp_path_factory.mktemp("rules"), firm_of_size(200, 4)) as world:
        yield world


@pytest.fixture
def world(open_world: World) -> World:
    for room in open_world.slack.workspace.channels.values():
        room.is_ext_shared = False
    for user in (open_world.slack.manager, open_world.slack.partner):
        for view in open_world.slack.views(user):
            open_world.slack.close(user, view)
    return open_world.ready()


def now(world: World, batch: Batch) -> Batch:
    return world.store.batches.get(batch.id)


def decisions(world: World, batch: Batch) -> list[dict[str, Any]]:
    return world.store.decisions.of_batch(batch.id)


# User groups


def test_a_member_of_a_named_group_approves_and_the_preview_names_the_group(world: World) -> None:
    group = world.slack.add_group("billing-partners", [world.slack.partner])
    world.ready(balances_approvers=(group,))
    batch = world.preview(world.fresh())
    asks = [block for block in world.message("preview", batch.id).blocks if "Waiting for" in str(block)]
    assert f"<!subteam^{group}>" in str(asks)
    assert "Only approvers can approve" in world.refused(world.slack.manager, "Approve")
    world.approve(world.slack.partner)
    world.done(batch, timeout=30)
    assert now(world, batch).decided_by == world.slack.partner.id


def test_who_has_left_the_group_since_the_preview_is_refused(world: World) -> None:
    group = world.slack.add_group("billing-partners", [world.slack.partner, world.slack.manager])
    world.ready(balances_approvers=(group,))
    batch = world.preview(world.fresh())
    world.slack.change_group(group, [world.slack.manager])
    assert "Only approvers can approve" in world.refused(world.slack.partner, "Approve")
    assert now(world, batch).status is PREVIEWED


def test_a_groups_members_are_kept_no_longer_than_the_settings_say(world: World) -> None:
    group = world.slack.add_group("billing-partners", [world.slack.partner])
    world.ready(balances_approvers=(group,), balances_timing=FAST.model_copy(update={"group": 60.0}))
    world.preview(world.fresh())

    def reads() -> int:
        return sum(call.method == "usergroups.users.list" for call in world.slack.calls)

    before = reads()
    world.refused(world.slack.manager, "Approve")
    assert reads() == before
    world.ready(balances_approvers=(group,))
    world.refused(world.slack.manager, "Approve")
    assert reads() > before


@pytest.mark.parametrize(
    ("kind", "seconds"), [("internal_error", 0), ("http_500", 0), ("reset_after", 0), ("slow", 3), ("ratelimited", 1)]
)
def test_a_click_is_refused_while_slack_does_not_tell_the_groups_members(
    world: World, kind: str, seconds: float
) -> None:
    group = world.slack.add_group("billing-partners", [world.slack.partner])
    world.ready(balances_approvers=(group,))
    batch = world.preview(world.fresh())
    world.slack.faults.add("usergroups.users.list", kind, seconds=seconds)
    said = world.refused(world.slack.partner, "Approve")
    assert "so I changed nothing" in said
    assert said.endswith("Try again.")
    assert now(world, batch).status is PREVIEWED


def test_on_a_plan_without_groups_the_preview_and_the_refusal_say_so(world: World) -> None:
    world.slack.rules.usergroups = None
    world.ready(balances_approvers=("S0NOGROUPS",))
    batch = world.preview(world.fresh())
    assert "I cannot read who is in" in world.shows(batch, "Waiting for")
    said = world.refused(world.slack.partner, "Approve")
    assert "this workspace's plan has no user groups" in said
    assert "names people instead" in said
    assert now(world, batch).status is PREVIEWED


def test_a_group_of_none_but_the_uploader_can_approve_nothing_and_the_preview_says_so(world: World) -> None:
    group = world.slack.add_group("billing-partners", [world.slack.staff])
    world.ready(balances_approvers=(group,))
    batch = world.preview(world.fresh())
    text = world.shows(batch, "Nobody can approve this")
    assert "[Approve" not in text


# Channels shared with another company


def test_a_file_in_a_shared_channel_is_refused_in_its_thread_and_never_read(world: World) -> None:
    room = world.slack.add_channel("joint", [world.slack.staff], is_ext_shared=True)
    file = world.slack.upload(world.slack.staff, room, "AR.csv", b"Matter,Balance\n1,5\n")
    world.slack.wait_for(lambda: any("shared with another company" in world.slack.plain(one)
                                     for one in world.slack.messages(room)))  # fmt: skip
    batch = world.newest()
    assert (batch.file_id, batch.status, batch.sha256) == (file.id, BatchStatus.UNREADABLE, None)


def test_in_a_channel_that_was_shared_since_the_upload_nothing_is_approved(world: World) -> None:
    batch = world.preview(world.fresh())
    world.slack.workspace.channels[world.slack.balances.id].is_ext_shared = True
    assert "shared with another company" in world.refused(world.slack.manager, "Approve")
    assert now(world, batch).status is PREVIEWED
    world.reject(world.slack.manager)  # to end it is safe anywhere
    world.shows(batch, "Rejected by @manager")


def test_while_slack_does_not_tell_of_the_channel_nothing_is_approved(world: World) -> None:
    batch = world.preview(world.fresh())
    world.slack.faults.add("conversations.info", "internal_error")
    assert "did not tell me about this channel" in world.refused(world.slack.manager, "Approve")
    assert now(world, batch).status is PREVIEWED


# Two approvers


def test_above_the_sum_two_different_approvers_are_needed_and_each_is_kept(world: World) -> None:
    world.ready(balances_two_approvers_above=Decimal(100))
    batch = world.preview(world.fresh(2, cents=6000))
    posts = len(world.posts())
    assert "two approvers other than @staff, since it is above $100.00" in world.shows(batch, "Waiting for")
    first = world.approve(world.slack.manager)
    assert first.confirm.title == "Record your approval?"
    assert "A second approver is still needed; nothing is posted before." in first.confirm.text
    world.shows(batch, "Approved by @manager; one more approver is needed above $100.00: @partner.")
    assert now(world, batch).status is PREVIEWED
    assert "You approved this already" in world.refused(world.slack.manager, "Approve")
    assert len(world.posts()) == posts
    assert world.click(world.slack.partner, "Approve").confirm.title == "Post 2 entries?"
    world.done(batch, timeout=30)
    kept = [(one["actor"], one["allowed"], one["hash"], one["clicked"]) for one in decisions(world, batch)]
    digest = (batch.hash or "")[:12]
    manager, partner = world.slack.manager.id, world.slack.partner.id
    assert kept == [(who, allowed, batch.hash, digest) for who, allowed in ((manager, 1), (manager, 0), (partner, 1))]
    world.shows(batch, "Approved by @manager and @partner")


@pytest.mark.parametrize(("limit", "two"), [("120.01", False), ("120.00", True)])
def test_the_sum_is_compared_to_the_cent(world: World, limit: str, two: bool) -> None:
    world.ready(balances_two_approvers_above=Decimal(limit))
    rows = world.fresh(2)
    rows[0][2], rows[1][2] = "60.00", "60.01"
    batch = world.preview(rows)
    assert ("two approvers" in world.shows(batch, "Waiting for")) == two


def test_a_credit_makes_a_batch_no_smaller(world: World) -> None:
    world.ready(balances_two_approvers_above=Decimal(150), balances_credits="post")
    rows = world.fresh(2)
    rows[0][2], rows[1][2] = "100.00", "-60.00"
    batch = world.preview(rows)
    assert "two approvers" in world.shows(batch, "Waiting for")


def test_two_first_clicks_at_once_are_two_approvals_and_one_start(world: World) -> None:
    world.ready(balances_two_approvers_above=Decimal(1))
    batch = world.preview(world.fresh(2))
    shown = world.with_button("Approve")
    posts = len(world.posts())
    gate = threading.Barrier(2)

    def press(person: Any) -> None:
        gate.wait()
        world.slack.click(person, "Approve", shown, snapshot=shown.blocks)

    threads = [threading.Thread(target=press, args=(one,)) for one in (world.slack.manager, world.slack.partner)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    world.done(batch, timeout=30)
    assert {one["actor"] for one in decisions(world, batch) if one["allowed"]} == {
        world.slack.manager.id, world.slack.partner.id,
    }  # fmt: skip
    after = now(world, batch)
    assert {after.first_by, after.decided_by} == {world.slack.manager.id, world.slack.partner.id}
    assert len(world.posts()) - posts == 2


def test_a_drift_after_the_second_approval_clears_the_first(world: World) -> None:
    world.ready(balances_two_approvers_above=Decimal(1))
    rows = world.fresh(2)
    batch = world.preview(rows)
    world.approve(world.slack.manager)
    world.shows(batch, "one more approver")
    matter = next(one for one in world.firm.matters if one.display_number == rows[0][0])
    world.firm.change(matter, billable=False)
    world.click(world.slack.partner, "Approve")
    world.slack.wait_for(lambda: now(world, batch).revision == 2, timeout=20)
    assert now(world, batch).first_by is None
    world.shows(batch, "Waiting for two approvers")
    world.click(world.slack.partner, "Approve")
    world.shows(batch, "Approved by @partner; one more approver")
    assert now(world, batch).status is PREVIEWED


def test_the_first_of_two_approvals_outlives_a_restart(world: World) -> None:
    world.ready(balances_two_approvers_above=Decimal(1))
    batch = world.preview(world.fresh())
    world.approve(world.slack.manager)
    world.shows(batch, "one more approver")
    world.stop()
    world.start(balances_two_approvers_above=Decimal(1))
    world.click(world.slack.partner, "Approve")
    world.done(batch, timeout=30)
    assert now(world, batch).status is BatchStatus.POSTED


# Reasons


def test_a_rejection_needs_a_reason_which_the_thread_shows_and_the_uploader_is_told(world: World) -> None:
    batch = world.preview(world.fresh())
    assert world.reject(world.slack.manager, None).error == "not_sent"  # Slack's own client asks for it
    assert now(world, batch).status is PREVIEWED
    world.slack.submit(
        world.slack.manager, world.slack.views(world.slack.manager)[-1], {"Reason": "Wrong <!here> month"}
    )
    world.shows(batch, "Rejected by @manager: Wrong <!here> month")
    told = world.until("@staff: AR.csv was rejected by @manager: Wrong <!here> month")
    assert "Correct the file and drop it again." in told
    assert "<!here>" not in str(world.message("decided", batch.id).blocks)
    (kept,) = decisions(world, batch)
    assert (kept["reason"], kept["allowed"], kept["clicked"]) == ("Wrong <!here> month", 1, (batch.hash or "")[:12])
    assert not world.slack.views(world.slack.manager)


def test_the_uploader_withdraws_without_a_reason_and_is_told_nothing_new(world: World) -> None:
    batch = world.preview(world.fresh())
    world.reject(world.slack.staff, None)
    world.shows(batch, "Withdrawn by @staff")
    assert world.store.messages.find(batch.id, "decided") is None


def test_a_form_that_slack_no_longer_opens_is_asked_for_again(world: World) -> None:
    batch = world.preview(world.fresh())
    world.slack.faults.add("views.open", "expired_trigger_id")
    said = world.refused(world.slack.manager, "Reject")
    assert said == "Slack did not let me open the form. Click Reject again; nothing was changed."
    world.reject(world.slack.manager)
    world.shows(batch, "Rejected by @manager: Not the right month.")


def test_a_form_sent_after_somebody_approved_rejects_nothing_and_says_so(world: World) -> None:
    batch = world.preview(world.fresh())
    world.slack.click(world.slack.partner, "Reject")
    world.slack.wait_for(lambda: world.slack.views(world.slack.partner))
    world.approve(world.slack.manager)
    world.done(batch, timeout=30)
    form = world.slack.views(world.slack.partner)[-1]
    world.slack.submit(world.slack.partner, form, {"Reason": "Too late."})
    assert "@manager approved this just now." in world.slack.plain(world.slack.views(world.slack.partner)[-1])
    assert now(world, batch).status is BatchStatus.POSTED


# Waiting


def quick(**more: float) -> Any:
    return FAST.model_copy(update=more)


def test_approvers_are_reminded_once(world: World) -> None:
    world.ready(balances_timing=quick(remind=0.05))
    batch = world.preview(world.fresh())
    world.until("@manager and @partner: AR.csv (1 entry) still waits for approval.")
    world.stop()
    world.start(balances_timing=quick(remind=0.05, sweep=0.05))
    world.approve()
    world.done(batch, timeout=30)
    words = f"{batch.name} still waits for approval."
    assert len([one for one in world.sent() if one["text"] == words and "ts" not in one]) == 1
    assert "still waits" not in world.text()  # it is over, and the message says what came of it


def test_a_reminder_that_fell_due_while_the_bot_was_down_is_sent_at_its_start(world: World) -> None:
    world.ready(balances_timing=quick(remind=0.01, sweep=600.0))
    batch = world.preview(world.fresh())
    assert world.store.messages.find(batch.id, "reminder") is None
    world.stop()
    world.start(balances_timing=quick(sweep=600.0))  # its own reminder would come in four hours
    world.until("still waits for approval")


def test_a_batch_that_nobody_decides_expires_and_the_uploader_is_told(world: World) -> None:
    world.ready(balances_expire_hours=0.0001)
    batch = world.preview(world.fresh())
    shown = world.message("preview", batch.id)
    world.until("@staff: AR.csv waited")
    assert "[Approve" not in world.shows(batch, "Expired")
    assert "Drop the file again" in world.text()
    assert now(world, batch).status is BatchStatus.EXPIRED
    if any("Approve" in str(block) for block in shown.blocks):
        said = world.refused(world.slack.manager, "Approve", shown, snapshot=shown.blocks)
        assert "Nobody decided this in time, and it expired" in said
    assert "Nobody decided it in time" in world.asked(world.slack.staff, f"status {batch.name}")


# Drift


def away(world: World, row: list[object]) -> None:
    world.firm.change(_matter(world, row), visible=False)


def unbillable(world: World, row: list[object]) -> None:
    world.firm.change(_matter(world, row), billable=False)


def renamed(world: World, row: list[object]) -> None:
    world.firm.change(_matter(world, row), display_number=f"{row[0]} (old)")


def disabled(world: World, row: list[object]) -> None:
    world.firm.change(next(one for one in world.firm.users if one.name == row[1]), enabled=False)


def _matter(world: World, row: list[object]) -> Any:
    return next(one for one in world.firm.matters if one.display_number == row[0])


@pytest.mark.parametrize(
    ("change", "words"),
    [(away, "no matter of this number"), (unbillable, "not billable"), (renamed, "no matter of this number"),
     (disabled, "is disabled in Clio")],
)  # fmt: skip
def test_what_changed_in_clio_since_the_preview_sends_it_back_and_nothing_is_posted(
    world: World, change: Callable[[World, list[object]], None], words: str
) -> None:
    rows = world.fresh(2)
    batch = world.preview(rows)
    posts = len(world.posts())
    change(world, rows[0])
    world.approve()
    text = world.until("what was approved")
    assert f"{rows[0][0]}: " in text
    assert words in text.partition("no longer true in Clio")[2]
    after = now(world, batch)
    assert (after.status, after.revision, after.decided_by) == (PREVIEWED, 2, None)
    assert len(world.posts()) == posts
    world.shows(batch, "[Approve 1 entry]")
    for user in world.firm.users:
        if user.name == rows[0][1] and not user.enabled:
            world.firm.change(user, enabled=True)


def test_what_did_not_change_is_posted_as_it_was_previewed(world: World) -> None:
    rows = world.fresh(2)
    batch = world.preview(rows)
    world.firm.change(_matter(world, rows[0]), description="Another description")
    world.approve()
    world.done(batch, timeout=30)
    assert [one.state for one in world.entries(batch.id)] == [EntryState.POSTED] * 2


# Which rules are in force


def dated_anew(world: World, batch: Batch) -> str:
    """Have a batch previewed once more: whoever uploaded it chooses another day."""
    revision, day = now(world, batch).revision, world.entries(batch.id)[0].date - timedelta(days=1)
    world.date(world.slack.staff, day, world.message("preview", batch.id))
    world.slack.wait_for(lambda: now(world, batch).revision == revision + 1 and now(world, batch).status is PREVIEWED)
    world.slack.wait_for(lambda: not world.store.messages.owed())
    return str(world.slack.plain(world.message("preview", batch.id)))


def test_the_sum_in_force_at_the_upload_stays_in_force(world: World) -> None:
    world.ready(balances_two_approvers_above=Decimal(1))
    batch = world.preview(world.fresh())
    world.ready()
    world.approve(world.slack.manager)
    world.shows(batch, "one more approver is needed above $1.00")
    assert now(world, batch).status is PREVIEWED


def test_a_description_changed_meanwhile_is_not_the_one_that_is_posted(world: World) -> None:
    rows = world.fresh(2)
    batch = world.preview(rows)
    world.ready(balances_description="Opening balance", balances_credits="post")
    world.firm.change(_matter(world, rows[0]), billable=False)  # a drift, so that it is previewed again
    world.approve()
    world.slack.wait_for(lambda: now(world, batch).revision == 2, timeout=20)
    assert now(world, batch).description == "Balance brought forward"
    assert all(one.note.startswith("Balance brought forward") for one in world.entries(batch.id))


def test_the_hours_to_expiry_in_force_at_the_upload_stay_in_force(world: World) -> None:
    world.ready(balances_expire_hours=2)
    batch = world.preview(world.fresh())
    world.ready(balances_expire_hours=500)
    dated_anew(world, batch)
    expires = now(world, batch).expire_at
    assert expires is not None
    assert expires - datetime.now(UTC) < timedelta(hours=2)
    with world.store.transaction() as db:
        db.execute("UPDATE batch SET expire_at = created_at WHERE id = ?", (batch.id,))
    assert "AR.csv waited 2 hours for approval and has expired" in world.until("@staff: AR.csv waited")


@pytest.mark.parametrize(("before", "after", "entries"), [("post", "hold", 2), ("hold", "post", 1)])
def test_what_becomes_of_credits_is_as_it_was_at_the_upload(
    world: World, before: str, after: str, entries: int
) -> None:
    rows = world.fresh(2)
    rows[1][2] = "-60.00"
    world.ready(balances_credits=before)
    batch = world.preview(rows)
    world.ready(balances_credits=after)
    dated_anew(world, batch)
    assert len(world.entries(batch.id)) == entries


def test_an_approver_who_was_taken_off_the_list_no_longer_approves(world: World) -> None:
    batch = world.preview(world.fresh())
    world.ready(balances_approvers=(world.slack.partner.id,))
    assert "Only approvers can approve: @partner." in world.refused(world.slack.manager, "Approve")
    assert now(world, batch).status is PREVIEWED


def test_an_approver_who_was_added_since_does_not_approve_what_was_dropped_before(world: World) -> None:
    world.ready(balances_approvers=(world.slack.partner.id,))
    batch = world.preview(world.fresh())
    world.ready()
    assert "Only approvers can approve: @partner." in world.refused(world.slack.manager, "Approve")
    world.approve(world.slack.partner)
    world.done(batch, timeout=30)


def waits_at_home(world: World, user: Any, batch: Batch) -> bool:
    """Tell whether a batch stands among what waits for a person's approval in their Home tab."""
    text = world.home(user, batch.name)
    return batch.name in text.partition("Waiting for me")[2].partition("Brought by me")[0]


@pytest.mark.parametrize(("before", "after"), [("partner", "both"), ("both", "partner"), ("partner", "group"),
                                               ("group", "partner")])  # fmt: skip
def test_a_preview_names_only_who_approves_by_the_rules_of_the_upload_and_of_now(
    world: World, before: str, after: str
) -> None:
    lists = {
        "partner": (world.slack.partner.id,),
        "both": (world.slack.manager.id, world.slack.partner.id),
        "group": (world.slack.add_group("billing-partners", [world.slack.partner, world.slack.manager]),),
    }
    with world.store.transaction() as db:  # a Home tab shows the oldest of those that wait, and ten at most
        db.execute("UPDATE batch SET status = 'withdrawn' WHERE status = 'previewed'")
    world.ready(balances_approvers=lists[before])
    batch = world.preview(world.fresh())
    world.ready(balances_approvers=lists[after])
    text = dated_anew(world, batch)
    assert "Waiting for an approver other than @staff: @partner." in text
    assert "[Approve 1 entry]" in text
    both = (world.slack.manager, world.slack.partner)
    world.slack.wait_for(lambda: [waits_at_home(world, user, batch) for user in both] == [False, True])
    assert "Only approvers can approve: @partner." in world.refused(world.slack.manager, "Approve")
    world.approve(world.slack.partner)
    world.done(batch, timeout=30)
    (kept,) = [one for one in decisions(world, batch) if one["allowed"] and one["action"] == "approve"]
    assert json.loads(kept["approvers"]) == [one for one in lists[before] if one in lists[after]]


def test_what_was_dropped_while_no_approvers_were_set_is_approved_by_nobody(world: World) -> None:
    world.ready(balances_approvers=())
    batch = world.preview(world.fresh())
    assert "Nobody can approve this: no approvers are set." in world.shows(batch, "Nobody can approve")
    world.ready()
    assert "[Approve" not in (text := dated_anew(world, batch))
    assert "Nobody can approve this: no approvers are set." in text
    button = {"type": "button", "action_id": "balances_approve", "text": {"type": "plain_text", "text": "Approve"}}
    shown = world.message("preview", batch.id)
    assert "Nobody" in str(shown.blocks)
    value = next(part["value"] for block in shown.blocks for part in block.get("elements", []) if part.get("value"))
    stale = [{"type": "actions", "elements": [button | {"value": value}]}]
    said = world.refused(world.slack.manager, "Approve", shown, snapshot=stale)
    assert said == "No approvers were set when this file was dropped, and its rules stay. Drop it again."
    assert now(world, batch).status is PREVIEWED
