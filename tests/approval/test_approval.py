"""Who decides, what a decision names, and that there is one."""

import json
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import requests
from world import MENTION, World, shared

from brought_forward.sandbox.clio import firm_of_size
from brought_forward.sandbox.slack.request_url import FORM, sign
from brought_forward.storage.records.batch import Batch, BatchStatus

PREVIEWED, APPROVED = BatchStatus.PREVIEWED, {BatchStatus.APPROVED, BatchStatus.POSTING, BatchStatus.POSTED}


@pytest.fixture(scope="module")
def open_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with shared(tmp_path_factory.mktemp("approval"), firm_of_size(200, 4)) as world:
        yield world


@pytest.fixture
def world(open_world: World) -> World:
    return open_world.ready()


def status(world: World, batch: Batch) -> BatchStatus:
    return world.store.batches.get(batch.id).status


def decisions(world: World, batch: Batch) -> list[dict[str, Any]]:
    return world.store.decisions.of_batch(batch.id)


def refused(world: World, batch: Batch, user: Any, label: str = "Approve") -> str:
    """Click; return what the clicker alone is told. It must be kept, and nothing else may happen."""
    before = len(world.slack.ephemerals(user)), len(decisions(world, batch)), world.store.batches.get(batch.id).status
    click = world.click(user, label)
    assert click.status == 200
    world.slack.wait_for(lambda: len(world.slack.ephemerals(user)) > before[0])
    said = world.slack.ephemerals(user)[-1]
    assert said.thread_ts == batch.thread_ts
    (kept,) = decisions(world, batch)[before[1] :]
    assert (kept["actor"], kept["action"], kept["allowed"], kept["revision"]) == (
        user.id, click.action_id.removeprefix("balances_"), 0, batch.revision,
    )  # fmt: skip
    assert status(world, batch) is before[2]
    assert kept["reason"]
    return world.slack.plain(said)


def forge(world: World, user: Any, value: object, *, action: str = "approve", **more: Any) -> requests.Response:
    """Send a click that no message offers; `secret`, `at` and `team` as a stranger would have them."""
    team = more.get("team", "T0WHITMAN1")
    payload = {
        "type": "block_actions",
        "user": {"id": user.id, "username": user.name, "team_id": team},
        "team": {"id": team, "domain": "x"},
        "api_app_id": "A0BALANCES1",
        "token": "t",
        "trigger_id": "1.2.3",
        "enterprise": None,
        "is_enterprise_install": False,
        "container": {"type": "message", "message_ts": world.said().ts, "channel_id": world.slack.balances.id},
        "channel": {"id": world.slack.balances.id, "name": "balances"},
        "actions": [
            {"type": "button", "action_id": f"balances_{action}", "block_id": "b", "action_ts": "1.0", "value": value}
        ],
        "response_url": world.slack.response_urls.make(user.id, world.slack.balances.id),
    }
    body = urlencode({"payload": json.dumps(payload)}).encode()
    at = str(int(more.get("at", time.time())))
    headers = {
        "Content-Type": FORM,
        "X-Slack-Request-Timestamp": at,
        "X-Slack-Signature": sign(more.get("secret", world.slack.signing_secret), at, body),
    }
    return requests.post(str(world.slack.events_url), data=body, headers=headers, timeout=5)


# Who may


def test_who_is_no_approver_is_told_who_is(world: World) -> None:
    batch = world.preview(world.fresh())
    assert refused(world, batch, world.slack.outsider) == "Only approvers can approve: @manager or @partner."
    assert refused(world, batch, world.slack.outsider, "Reject") == "Only approvers can do this: @manager or @partner."
    assert world.slack.views(world.slack.outsider) == []  # who may not is told before anything is typed
    assert [one["allowed"] for one in decisions(world, batch)] == [0, 0]
    assert status(world, batch) is PREVIEWED


def test_who_uploaded_cannot_approve_even_as_an_approver(world: World) -> None:
    batch = world.preview(world.fresh(), user=world.slack.manager)
    assert "@partner" in world.text()
    assert refused(world, batch, world.slack.manager) == (
        "You uploaded this file, so someone else approves it: @partner."
    )


def test_whose_file_it_is_cannot_approve_though_another_shared_it(world: World) -> None:
    file = world.drop(world.fresh(), user=world.slack.manager)
    world.until("fingerprint")
    again = world.slack.share(world.slack.staff, file, "balances")
    world.slack.wait_for(lambda: "fingerprint" in world.text() and world.newest().share_ts == again.ts)
    batch = world.newest()
    assert (batch.uploader, batch.owner) == (world.slack.staff.id, world.slack.manager.id)
    assert "someone else approves it: @partner" in refused(world, batch, world.slack.manager)
    assert "@manager" not in world.slack.plain(world.said()).partition("Waiting for")[2]


@pytest.mark.parametrize(
    ("name", "words"),
    [("guest", "Guests cannot"), ("deleted", "Only members of this"), ("stranger", "Only members of this"),
     ("bot", "Only members of this")],
)  # fmt: skip
def test_an_approver_who_is_no_full_member_is_refused(world: World, name: str, words: str) -> None:
    people = [world.slack.manager, world.slack.guest, world.slack.deleted, world.slack.stranger, world.slack.bot]
    world.ready(balances_approvers=tuple(person.id for person in people))
    batch = world.preview(world.fresh())
    assert words in refused(world, batch, getattr(world.slack, name))


def test_without_approvers_nobody_can_approve(world: World) -> None:
    world.preview(world.fresh())
    (shown,) = [one for one in world.spoken() if not MENTION.fullmatch(one.text)]
    world.ready(balances_approvers=())
    batch = world.newest()
    assert "no approvers are set" in refused(world, batch, world.slack.manager)
    world.reject(world.slack.staff, None, shown)
    world.until("Withdrawn by @staff")


@pytest.mark.parametrize(("kind", "seconds"), [("internal_error", 0), ("http_500", 0), ("reset_after", 0), ("slow", 3)])
def test_a_click_is_refused_while_slack_does_not_say_who_clicked(world: World, kind: str, seconds: float) -> None:
    batch = world.preview(world.fresh())
    world.slack.faults.add("users.info", kind, seconds=seconds)
    assert refused(world, batch, world.slack.manager).startswith("Slack did not tell me who you are just now")
    world.slack.wait_for(lambda: not world.slack.faults.take("users.info"))
    world.approve()
    world.done(batch)


def test_whoever_corrects_a_file_while_slack_is_asked_about_their_approval_does_not_approve_it(world: World) -> None:
    batch = world.preview(world.fresh())
    world.slack.faults.add("users.info", "slow", seconds=1.0)
    before = len(world.slack.ephemerals(world.slack.manager))
    world.slack.click(world.slack.manager, "Approve", None)
    manager = world.slack.manager.id
    world.store.decisions.add(
        batch, revision=batch.revision, actor=manager, action="confirm_total", allowed=True, approvers=[manager],
        reason="", action_ts="1.0", clicked=(batch.hash or "")[:12],
    )  # fmt: skip
    world.slack.wait_for(lambda: len(world.slack.ephemerals(world.slack.manager)) > before)
    assert "You corrected this file, so someone else approves it" in world.told(world.slack.manager)
    assert world.newest().status is BatchStatus.PREVIEWED


# What a decision does


def test_an_approval_is_kept_with_who_when_what_and_the_approvers_of_that_moment(world: World) -> None:
    batch = world.preview(world.fresh())
    asked = world.approve().confirm
    assert asked is not None
    assert "$" in asked.text
    world.done(batch)
    (kept,) = decisions(world, batch)
    assert {key: kept[key] for key in ("actor", "action", "allowed", "revision", "hash", "reason", "firm")} == {
        "actor": world.slack.manager.id,
        "action": "approve",
        "allowed": 1,
        "revision": 1,
        "hash": batch.hash,
        "reason": "",
        "firm": "T0WHITMAN1",
    }
    assert json.loads(kept["approvers"]) == [world.slack.manager.id, world.slack.partner.id]
    assert datetime.now(UTC) - datetime.fromisoformat(kept["at"]) < timedelta(minutes=1)
    assert float(kept["action_ts"]) > float(batch.share_ts)
    assert "Approved by @manager" in world.text()
    assert "[Approve" not in world.text()


def test_an_approver_rejects_and_nothing_can_be_approved_after(world: World) -> None:
    batch = world.preview(world.fresh())
    before = world.said().blocks
    world.reject(world.slack.partner)
    text = world.until("Rejected by @partner")
    assert "[" not in text.partition("fingerprint")[2]
    world.slack.click(world.slack.manager, "Approve", world.said(), snapshot=before)
    world.slack.wait_for(lambda: "@partner rejected this just now." in world.told(world.slack.manager))
    assert status(world, batch) is BatchStatus.REJECTED
    assert world.store.batches.get(batch.id).decided_by == world.slack.partner.id


def test_the_uploader_withdraws(world: World) -> None:
    batch = world.preview(world.fresh(), user=world.slack.outsider)
    world.reject(world.slack.outsider, None)
    world.until("Withdrawn by @outsider")
    assert status(world, batch) is BatchStatus.WITHDRAWN


def test_two_managers_at_once_are_one_decision_and_the_later_is_told(world: World) -> None:
    batch = world.preview(world.fresh(2))
    shown = world.said()
    people = [world.slack.manager, world.slack.partner]
    before = {person.id: len(world.slack.ephemerals(person)) for person in people}
    clicks = [(person, label) for person in people for label in ("Approve", "Reject")]
    gate = threading.Barrier(len(clicks))
    opened = {person.id: len(world.slack.views(person)) for person in people}
    for person in people:
        world.slack.click(person, "Reject", shown)
    world.slack.wait_for(lambda: all(len(world.slack.views(one)) > opened[one.id] for one in people))
    answers = []

    def press(person: Any, label: str) -> None:
        gate.wait()
        if label == "Approve":
            world.slack.click(person, label, shown, snapshot=shown.blocks)
        else:
            answers.append(world.slack.submit(person, world.slack.views(person)[-1], {"Reason": "Twice."}).body)

    threads = [threading.Thread(target=press, args=one) for one in clicks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    world.slack.wait_for(lambda: len(decisions(world, batch)) == 4)
    (won,) = [one for one in decisions(world, batch) if one["allowed"]]
    assert world.store.batches.get(batch.id).decided_by == won["actor"]
    assert status(world, batch) in (APPROVED if won["action"] == "approve" else {BatchStatus.REJECTED})
    late = 1 if won["action"] == "approve" else 2  # approvals that came too late; the forms say it in the form
    world.slack.wait_for(lambda: sum(len(world.slack.ephemerals(one)) - before[one.id] for one in people) == late)
    assert sum("this just now" in body for body in answers) == 3 - late
    loser = next(person for person in people if person.id != won["actor"])
    verb = "approved" if won["action"] == "approve" else "rejected"
    assert f"@{world.slack.name(won['actor'])} {verb} this just now." in world.told(loser)
    if won["action"] == "approve":
        world.done(batch)
        assert len([entry for entry in world.entries(batch.id) if entry.clio_id]) == 2


def test_a_second_click_on_what_is_still_on_the_screen_posts_nothing(world: World) -> None:
    batch = world.preview(world.fresh(2))
    shown = world.said()
    posts = len(world.posts())
    world.approve()
    world.done(batch)
    world.slack.click(world.slack.manager, "Approve", shown, snapshot=shown.blocks)
    world.slack.wait_for(lambda: world.told(world.slack.manager) == "You approved this just now.")
    world.slack.click(world.slack.partner, "Reject", shown, snapshot=shown.blocks)
    world.slack.wait_for(lambda: world.told(world.slack.partner) == "@manager approved this just now.")
    assert status(world, batch) is BatchStatus.POSTED
    assert len(world.posts()) - posts == 2


def test_clicks_are_acknowledged_and_kept_however_many_wait_to_be_carried_out(world: World) -> None:
    batch = world.preview(world.fresh())
    with world.store.transaction():  # none of them can be written down meanwhile
        clicks = [world.click(world.slack.outsider, "Approve") for _ in range(25)]
        assert decisions(world, batch) == []
    assert {click.status for click in clicks} == {200}
    world.slack.wait_for(lambda: len(decisions(world, batch)) == len(clicks))
    assert {(one["actor"], one["allowed"]) for one in decisions(world, batch)} == {(world.slack.outsider.id, 0)}
    assert status(world, batch) is PREVIEWED


def test_a_click_that_was_acknowledged_is_carried_out_before_the_bot_ends(world: World) -> None:
    batch = world.preview(world.fresh())
    fault = world.slack.faults.add("users.info", "slow", times=None, seconds=0.3)
    clicks = [world.click(world.slack.outsider, "Approve") for _ in range(15)]
    world.stop()
    world.slack.faults.remove(fault)
    world.ready()
    assert {click.status for click in clicks} == {200}
    assert len(decisions(world, batch)) == len(clicks)


def test_the_buttons_work_after_a_restart(world: World) -> None:
    batch = world.preview(world.fresh())
    world.stop()
    world.start()
    world.approve()
    world.done(batch)
    assert status(world, batch) is BatchStatus.POSTED
    assert "equal to the cent" in world.until("equal to the cent")


def test_an_approval_while_slack_cannot_be_told_still_posts(world: World) -> None:
    batch = world.preview(world.fresh())
    world.slack.faults.add("chat.update", "internal_error", times=6)
    world.slack.faults.add("chat.postMessage", "internal_error", times=6)
    world.approve()
    world.slack.wait_for(lambda: status(world, batch) is BatchStatus.POSTED, timeout=20)
    world.until("equal to the cent", timeout=30)
    world.until("Approved by @manager", timeout=30)


# Forged and stale


def test_a_button_of_another_batch_revision_or_hash_decides_nothing(world: World) -> None:
    batch = world.preview(world.fresh())
    other = world.preview(world.fresh())
    digest = (batch.hash or "")[:12]
    values = [
        f"{other.id}:1:{digest}",
        f"{batch.id}:2:{digest}",
        f"{batch.id}:0:{digest}",
        f"{batch.id}:1:{(other.hash or '')[:12]}",
        f"{batch.id}:1:{digest[:-1]}",
        f"{batch.id}:1:%",
        f"{batch.id}:1:",
    ]
    for value in values:
        before = len(world.slack.ephemerals(world.slack.manager))
        assert forge(world, world.slack.manager, value).status_code == 200
        world.slack.wait_for(lambda before=before: len(world.slack.ephemerals(world.slack.manager)) > before)
        assert "Something went wrong" not in world.told(world.slack.manager)
    assert {status(world, one) for one in (batch, other)} == {PREVIEWED}
    assert not [one for one in decisions(world, batch) + decisions(world, other) if one["allowed"]]


@pytest.mark.parametrize(
    "value",
    ["", None, "garbage", "1:2", "1:2:3:4:5", "-1:1:abcdefabcdef", "1.5:1:abcdefabcdef", "9" * 30 + ":1:abcdefabcdef",
     "9" * 5000 + ":1:abcdefabcdef", "²:1:abcdefabcdef", "1:²:abcdefabcdef", "1:" + "9" * 30 + ":abcdefabcdef",
     "' OR 1=1 --:1:abcdefabcdef", "999999:1:abcdefabcdef", "1:1:abcdefabcdef:" + "9" * 30],
)  # fmt: skip
def test_a_value_that_no_button_of_ours_has_is_refused_in_words(world: World, value: object) -> None:
    if not world.store.batches.newest("T0WHITMAN1", 1):
        world.preview(world.fresh())
    before = len(world.slack.ephemerals(world.slack.manager))
    action = "remove_entry" if str(value).count(":") == 3 else "approve"
    assert forge(world, world.slack.manager, value, action=action).status_code == 200
    world.slack.wait_for(lambda: len(world.slack.ephemerals(world.slack.manager)) > before)
    told = world.told(world.slack.manager)
    assert "Something went wrong" not in told
    assert told.endswith(".")


def test_buttons_of_other_states_do_nothing_to_a_preview(world: World) -> None:
    batch = world.preview(world.fresh())
    value = f"{batch.id}:1:{(batch.hash or '')[:12]}"
    for action in ("stop", "go_on", "retry_refused", "remove_entry"):
        for suffix in ("", ":1"):
            before = len(decisions(world, batch))
            assert forge(world, world.slack.manager, value + suffix, action=action).status_code == 200
            world.slack.wait_for(lambda before=before: len(decisions(world, batch)) > before, timeout=5)
    assert status(world, batch) is PREVIEWED
    assert not [one for one in decisions(world, batch) if one["allowed"]]


@pytest.mark.parametrize("wrong", [{"secret": "another secret"}, {"at": 1_000_000_000}, {"secret": ""}])
def test_a_request_that_slack_did_not_sign_is_answered_401_and_does_nothing(world: World, wrong: Any) -> None:
    batch = world.preview(world.fresh())
    answer = forge(world, world.slack.manager, f"{batch.id}:1:{(batch.hash or '')[:12]}", **wrong)
    assert answer.status_code == 401
    bare = requests.post(str(world.slack.events_url), json={"type": "event_callback"}, timeout=5)
    assert bare.status_code == 401
    world.reject(world.slack.partner)  # goes through the same door after it
    world.until("Rejected by @partner")
    assert [one["actor"] for one in decisions(world, batch)] == [world.slack.partner.id]


def test_a_click_from_another_workspace_decides_nothing(world: World) -> None:
    batch = world.preview(world.fresh())
    value = f"{batch.id}:1:{(batch.hash or '')[:12]}"
    before = len(world.slack.ephemerals(world.slack.manager))
    assert forge(world, world.slack.manager, value, team="T0ELSEWHERE").status_code == 200
    world.slack.wait_for(lambda: len(world.slack.ephemerals(world.slack.manager)) > before)
    assert status(world, batch) is PREVIEWED
    assert not [one for one in decisions(world, batch) if one["allowed"]]


def test_a_revision_that_was_replaced_cannot_be_approved_by_its_old_buttons(world: World) -> None:
    rows = world.fresh(2)
    batch = world.preview(rows)
    shown = world.said()
    user = world.firm.token_user
    description = next(
        (one for one in world.firm.descriptions if one.name == "Balance brought forward"), None
    ) or world.firm.add_description("Balance brought forward")
    taken = next(one for one in world.firm.matters if one.display_number == rows[0][0])
    world.firm.add_entry(taken, user, description, 5)  # somebody enters it by hand before the click
    world.approve()
    world.slack.wait_for(lambda: world.store.batches.get(batch.id).revision == 2, timeout=20)
    world.until("1 entry")
    world.slack.click(world.slack.partner, "Approve", shown, snapshot=shown.blocks)
    world.slack.wait_for(lambda: "older preview" in world.told(world.slack.partner))
    assert status(world, batch) is PREVIEWED
    world.slack.wait_for(lambda: "revision 2" in world.text() and "[Approve 1 entry]" in world.text())
    world.approve(world.slack.partner)
    world.done(batch)
    assert [one["allowed"] for one in decisions(world, batch)] == [1, 0, 1]
    assert len(world.entries(batch.id)) == 1
