"""What a manager reads before approving: sums, problems, credits, changes, the day, the bills."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from world import World, shared

from brought_forward.bot.messages.words import long_date
from brought_forward.bot.preview.make import fingerprint
from brought_forward.sandbox.clio import firm_of_size
from brought_forward.storage.records.batch import Batch, BatchStatus, EntryForm
from brought_forward.storage.records.entry import PlannedEntry

PREVIEWED = BatchStatus.PREVIEWED


@pytest.fixture(scope="module")
def open_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with shared(tmp_path_factory.mktemp("preview"), firm_of_size(300, 25)) as world:
        yield world


@pytest.fixture
def world(open_world: World) -> World:
    return open_world.ready()


def test_the_hash_covers_all_that_is_posted() -> None:
    entry = PlannedEntry(1, "00001-Acme", 2, "Don Draper", Decimal("10.00"), "Balance brought forward")
    what: dict[str, Any] = {
        "account": "us:1", "currency": "USD", "description": "Balance brought forward", "form": EntryForm.FLAT,
        "day": date(2026, 11, 30), "planned": [entry],
    }  # fmt: skip
    others: list[dict[str, Any]] = [
        {"account": "us:2"}, {"currency": "CAD"}, {"description": "Opening balance"}, {"form": EntryForm.FLAT_HOUR},
        {"form": EntryForm.HOUR}, {"day": date(2026, 12, 1)}, {"planned": []}, {"planned": [entry, entry]},
        {"planned": [replace(entry, matter_id=3)]}, {"planned": [replace(entry, user_id=3)]},
        {"planned": [replace(entry, amount=Decimal("10.01"))]}, {"planned": [replace(entry, note="Another")]},
    ]  # fmt: skip
    assert len({fingerprint(**what), *(fingerprint(**what | other) for other in others)}) == 1 + len(others)


def today(world: World) -> date:
    return datetime.now(world.settings().balances_timezone or UTC).date()


def blocks(world: World, kind: str) -> list[dict[str, Any]]:
    return [block for block in world.said().blocks if block["type"] == kind]


def fold(world: World, title: str) -> dict[str, Any]:
    """Find the one fold whose title begins so; it is closed."""
    (found,) = [block for block in blocks(world, "container") if block["title"]["text"].startswith(title)]
    assert found["default_collapsed"]
    return found


def inside(world: World, title: str) -> str:
    """Read the words in a fold, its tables apart."""
    children = fold(world, title)["child_blocks"]
    return "\n".join(child["text"]["text"] for child in children if child["type"] == "section")


def again(world: World, batch: Batch, revision: int) -> Batch:
    """Wait until a batch has its next preview and Slack shows it."""

    def there() -> bool:
        now = world.store.batches.get(batch.id)
        return (now.revision, now.status) == (revision, PREVIEWED) and not world.store.messages.owed()

    world.slack.wait_for(there, timeout=20)
    return world.store.batches.get(batch.id)


# Who gets what


def test_the_bars_add_up_to_the_batch_and_the_smallest_are_one_bar(world: World) -> None:
    rows = world.fresh(24)
    users = [user.name for user in world.firm.users if user.enabled and not user.clio_connect]
    for place, row in enumerate(rows):
        row[1], row[2] = users[place], f"{100 + place}.25"
    world.preview(rows)
    (chart,) = blocks(world, "data_visualization")
    points = chart["chart"]["series"][0]["data"]
    assert len(points) == 20
    assert points[-1]["label"] == "Other (5)"
    assert points[0]["label"] == users[23][:20]
    assert sum(Decimal(str(point["value"])) for point in points) == sum(Decimal(str(row[2])) for row in rows)
    assert sum(Decimal(str(point["value"])) for point in points[:-1]) == sum(Decimal(str(row[2])) for row in rows[5:])


def test_one_user_alone_gets_no_chart(world: World) -> None:
    world.preview(world.fresh(1))
    assert not blocks(world, "data_visualization")


def test_the_preview_is_one_screen_in_the_order_of_deciding_with_its_details_in_folds(world: World) -> None:
    rows = world.fresh(4)
    rows[1][2], rows[2][3] = "9876.00", "Invoice 7"
    world.preview([*rows, ["nobody's", rows[0][1], "5.00", ""], [*world.fresh(1)[0][:2], "-7.00", ""]])
    shown = [
        block["title"]["text"].split(":")[0] if block["type"] == "container" else block["type"]
        for block in world.said().blocks
    ]
    assert shown == [
        "header", "table", "Totals", "section", "Why", "section", "Which", "section", "section", "On the bills",
        "section", "section", "context", "actions",
    ]  # fmt: skip
    said = [world.slack.plain(world.said()).find(words) for words in (
        "4 entries, ", f"Totals: the largest matter is {rows[1][0]}, $9,876.00", "Left out: 2 lines, -$2.00",
        "Look at:", "All 6 lines come to", "On the bills", "Dated", "Waiting for an approver", "[Approve 4",
    )]  # fmt: skip
    assert said == sorted(said)
    assert -1 not in said
    assert f'{rows[2][0]}: "Balance brought forward as of {long_date(today(world))}: Invoice 7"' in inside(world, "On")
    clients, largest = [child for child in fold(world, "Totals")["child_blocks"] if child["type"] == "table"]
    assert clients["rows"][0][0]["text"] == "The largest 2 clients"
    assert sum(int(row[1]["value"]) for row in clients["rows"][1:]) == 4
    total = sum(Decimal(str(row[2]["value"])) for row in clients["rows"][1:])
    assert total == sum(Decimal(str(row[1]["value"])) for row in largest["rows"][1:])
    assert [row[0]["text"] for row in largest["rows"][1:2]] == [rows[1][0]]


def test_many_users_are_bars_in_sight_and_a_table_in_the_fold_of_totals(world: World) -> None:
    rows = world.fresh(8)
    users = [user.name for user in world.firm.users if user.enabled and not user.clio_connect]
    for place, row in enumerate(rows):
        row[1], row[2] = users[place], f"{100 + place}.25"
    world.preview(rows)
    assert not blocks(world, "table")
    assert blocks(world, "data_visualization")
    table = fold(world, "Totals")["child_blocks"][0]
    named = [row[0]["text"] for row in table["rows"]]
    assert named == ["User", "Total of 8 users", *reversed(users[:8])]


def test_what_keeps_it_from_approval_is_said_first_and_nothing_says_ready(world: World) -> None:
    rows = world.fresh(2)
    text = f"Matter,User,Balance\n{rows[0][0]},,60.00\n{rows[1][0]},,40.00\nTotal,,190.00\n"
    world.slack.upload(world.slack.staff, "balances", "AR held.csv", text.encode())
    world.slack.wait_for(lambda: "fingerprint" in world.text(), timeout=20)
    head, first = world.said().blocks[:2]
    assert head["text"]["text"].endswith("2 entries, $100.00, on hold: totals differ by $90.00")
    assert "a difference of $90.00" in first["text"]["text"]
    assert "ready" not in world.slack.plain(world.said())
    assert world.labels() == ["The lines are right", "Reject", "Fix lines"]
    for asked in (f"status {world.newest().name}", "list"):
        said = world.asked(world.slack.manager, asked).splitlines()[0]
        assert f"({world.newest().name}): 2 entries, $100.00, on hold: totals differ by $90.00." in said


def test_a_refused_chart_leaves_the_table_and_every_button(world: World) -> None:
    world.slack.faults.add("chat.update", "invalid_blocks")
    rows = world.fresh(6)
    users = [user.name for user in world.firm.users if user.enabled and not user.clio_connect]
    for place, row in enumerate(rows):
        row[1] = users[place]
    world.preview([*rows, ["nobody's", users[0], "5.00", ""], ["nobody's", users[0], "6.00", ""]])
    world.slack.wait_for(lambda: not world.store.messages.owed())
    assert {block["type"] for block in world.said().blocks} == {"section", "actions"}
    text = world.slack.plain(world.said())
    assert f"{users[0]} | 1 | $" in text
    assert "[Approve 6 entries] [Reject]" in text
    assert len([block for block in world.said().blocks if block.get("accessory")]) == 1  # the report's total
    assert world.offered() == ["Approve with a comment", "Ask", "Change the date"]


# What stays out


def test_like_problems_share_a_sentence_and_do_not_hide_others(world: World) -> None:
    good = world.fresh(3)
    rows = [
        *[[f"none-{place}", "", "10.00", ""] for place in range(12)],
        *good,
        [good[0][0], "Nobody Here", "7.00", ""],
    ]
    world.preview(rows)
    text = world.text()
    assert "13 lines, $127.00, will not be posted" in text
    assert "12 lines, $120.00: Clio has no matter of this number" in text
    assert 'no user "Nobody Here" in Clio' in text
    assert fold(world, "Why")["title"]["text"] == "Why: 13 lines"
    folded = inside(world, "Why")
    assert 'Row 17, "' in folded
    assert folded.count("no matter of this number") == 1
    assert all(f'"none-{place}", $10.00' in folded for place in range(12))


def test_warnings_stand_apart_from_what_is_not_posted(world: World) -> None:
    row = world.fresh(1)[0]
    closed = next(one for one in world.firm.matters if one.display_number == row[0])
    world.firm.change(closed, status="Closed")
    world.preview([row, ["none", "", "1.00", ""]])
    assert "closed in Clio" in inside(world, "Which")
    assert "1 line, $1.00, will not be posted" in world.text()


# Credits


@pytest.fixture
def with_credits(world: World) -> list[list[object]]:
    good = world.fresh(4)
    user = good[0][1]
    return [
        [good[0][0], user, "100.00", ""],
        [good[1][0], user, "-250.00", ""],
        [good[2][0], user, "40.00", ""], [good[2][0], user, "-90.00", ""],
        [good[3][0], user, "500.00", ""], [good[3][0], user, "-20.00", ""],
    ]  # fmt: skip


def fates(world: World) -> dict[str, str]:
    (table,) = [child for child in fold(world, "Which")["child_blocks"] if child["type"] == "table"]
    return {row[0]["text"]: row[3]["text"] for row in table["rows"][1:]}


def test_held_credits_stand_apart_with_what_becomes_of_each(world: World, with_credits: list[list[object]]) -> None:
    world.preview(with_credits)
    assert fates(world) == {
        "3": "Held, not posted",
        "4": "Held with the credit of this matter",
        "5": "Held, not posted",
        "7": "Set against what this matter owes",
    }
    text = world.text()
    assert "Credits: 4 lines, -$320.00" in text
    assert "3 lines, -$300.00, will not be posted" in text
    assert "Not posted: enter them in Clio by hand." in text
    assert "counts as paid at once" not in text


def test_posted_credits_say_how_clio_shows_them(world: World, with_credits: list[list[object]]) -> None:
    world.ready(balances_credits="post")
    world.preview(with_credits)
    assert fates(world) == {
        "3": "Posted as a credit",
        "5": "Posted as a credit",
        "7": "Set against what this matter owes",
    }
    assert "its bill counts as paid at once" in world.text()
    assert "Credits are held" not in world.text()
    world.ready()


def test_a_sheet_without_credits_does_not_speak_of_them(world: World) -> None:
    world.preview(world.fresh(2))
    assert "redit" not in world.slack.plain(world.said())


# What changed


def test_the_preview_says_what_changed_since_the_last_approved_batch(world: World) -> None:
    first = world.fresh(4)
    for row, amount in zip(first, ("800.00", "50.00", "60.00", "70.00"), strict=True):
        row[2] = amount
    before = world.preview(first, name="AR September.csv")
    world.approve()
    world.done(before)
    rejected = world.preview([[*world.fresh(1)[0][:2], "9.00", ""]], name="AR wrong.csv")
    world.reject(world.slack.manager)
    world.slack.wait_for(lambda: world.store.batches.get(rejected.id).status is BatchStatus.REJECTED)
    new = world.fresh(1)[0]
    world.preview([[*first[0][:2], "1200.00", ""], first[1], [*first[2][:2], "5.00", ""], [*new[:2], "33.00", ""]])
    text = world.text()
    assert f"Since AR September.csv ({before.name}, {long_date(today(world))}), by what the sheets say" in text
    assert f"• New: 1 matter, +$33.00: {new[0]} $33.00." in text
    assert f"• Gone: 1 matter, -$70.00: {first[3][0]}, was $70.00." in text
    assert f"• Up: 1 matter, +$400.00: {first[0][0]} $1,200.00, was $800.00." in text
    assert f"• Down: 1 matter, -$55.00: {first[2][0]} $5.00, was $60.00." in text
    assert "• Unchanged: 1 matter." in text


def test_a_first_batch_is_compared_with_nothing(world: World) -> None:
    if world.store.batches.find(1) is None:
        world.preview(world.fresh(2))
    first = world.store.messages.find(1, "preview")
    assert first is not None
    assert "by what the sheets say" not in first.blocks


# The day


def test_another_day_is_a_new_revision_and_is_what_clio_gets(world: World) -> None:
    batch = world.preview(world.fresh(2))
    old = world.said()
    day = today(world) - timedelta(days=20)
    form = world.choose(world.slack.staff, "Change the date", old)
    assert "cannot approve" in world.slack.plain(form)
    assert batch.posting_date is not None
    assert world.slack.values(form)["day"]["day"]["selected_date"] == batch.posting_date.isoformat()
    world.slack.submit(world.slack.staff, form, {"Date of the entries": day})
    dated = again(world, batch, 2)
    assert dated.hash != batch.hash
    assert (dated.posting_date, dated.as_of) == (day, day)
    text = world.text()
    assert f"Dated {long_date(day)}, a day chosen by hand · posting takes" in text
    assert f'"Balance brought forward as of {long_date(day)}"' in text
    assert "older preview" in world.refused(world.slack.manager, "Approve", old, snapshot=old.blocks)
    world.click(world.slack.manager, "Approve")
    world.done(batch)
    assert {entry.date for entry in world.entries(batch.id)} == {day}
    ids = {entry.clio_id for entry in world.entries(batch.id)}
    assert {one.date for one in world.clio.time_entries if one.id in ids} == {day}
    kept = [one for one in world.store.decisions.of_batch(batch.id) if one["action"] == "date"]
    assert [(one["actor"], one["allowed"]) for one in kept] == [(world.slack.staff.id, 1)]
    assert kept[0]["reason"] == f"{batch.posting_date} to {day}"


def test_a_day_that_the_sheet_names_stays_what_the_bill_says(world: World) -> None:
    rows = world.fresh(1)
    text = f"Aged Receivables,,\nAs of 31 October 2026,,\n\nMatter,User,Balance\n{rows[0][0]},{rows[0][1]},5.00\n"
    world.slack.upload(world.slack.staff, "balances", "AR titled.csv", text.encode())
    world.slack.wait_for(lambda: "fingerprint" in world.text(), timeout=20)
    batch = world.newest()
    assert batch.as_of == date(2026, 10, 31)
    day = today(world) - timedelta(days=1)
    world.date(world.slack.staff, day, world.said())
    dated = again(world, batch, 2)
    assert (dated.posting_date, dated.as_of) == (day, date(2026, 10, 31))


@pytest.mark.parametrize(("days", "allowed"), [(-366, True), (-367, False), (31, True), (32, False)])
def test_a_day_too_far_off_is_refused_with_the_span(world: World, days: int, allowed: bool) -> None:
    batch = world.preview(world.fresh(1))
    day = today(world) + timedelta(days=days)
    answer = world.date(world.slack.staff, day, world.said())
    if allowed:
        assert again(world, batch, 2).posting_date == day
        return
    told = json.loads(answer.body)["errors"]["day"]
    assert f"{long_date(day)} is too far off: a posting date lies between" in told
    assert told.endswith(f"It stays dated {long_date(today(world))}.")
    assert again(world, batch, 1).hash == batch.hash
    assert world.store.decisions.of_batch(batch.id) == []


def test_the_day_that_it_has_already_makes_no_revision(world: World) -> None:
    batch = world.preview(world.fresh(1))
    answer = world.date(world.slack.staff, batch.posting_date, world.said())
    assert json.loads(answer.body)["errors"]["day"] == f"It is dated {long_date(today(world))} already."
    assert again(world, batch, 1).hash == batch.hash


def test_who_chose_the_day_does_not_approve(world: World) -> None:
    batch = world.preview(world.fresh(1))
    day = today(world) - timedelta(days=2)
    world.date(world.slack.manager, day, world.said())
    again(world, batch, 2)
    assert "Waiting for an approver other than @staff: @partner." in world.text()
    said = world.refused(world.slack.manager, "Approve")
    assert "You corrected this file, so someone else approves it: @partner." in said
    told = world.not_chosen(world.slack.partner, "Change the date")
    assert "You are the only one left who can approve this" in told
    world.click(world.slack.partner, "Approve")
    world.done(batch)


def test_a_guest_chooses_no_day(world: World) -> None:
    batch = world.preview(world.fresh(1))
    guest = next(user for user in world.slack.workspace.users.values() if user.is_restricted)
    assert "Guests" in world.not_chosen(guest, "Change the date")
    assert again(world, batch, 1).chosen_date is None


def test_the_day_of_a_decided_batch_stays(world: World) -> None:
    batch = world.preview(world.fresh(1))
    shown, day = world.said(), today(world) - timedelta(days=3)
    form = world.choose(world.slack.staff, "Change the date", shown)
    world.approve()
    world.done(batch)
    answer = world.slack.submit(world.slack.staff, form, {"Date of the entries": day})
    assert "is posted, so its day stays as it is" in answer.body
    told = world.not_chosen(world.slack.staff, "Change the date", shown, snapshot=shown.blocks)
    assert told == f"{batch.name} is posted, so its day stays as it is."
    assert not world.store.batches.choose_date(batch.id, revision=1, digest=(batch.hash or "")[:12], day=day)
    assert world.offered(world.message("preview", batch.id)) == []


# The bills, the time, the workbook


def test_the_preview_quotes_what_the_bills_will_say(world: World) -> None:
    rows = world.fresh(3)
    rows[1][3] = "Invoice 1183"
    world.preview(rows)
    text = world.text()
    common = f"Balance brought forward as of {long_date(today(world))}"
    assert f'On the bills: "{common}"; 1 of 3 says more' in text
    assert f'{rows[1][0]}: "{common}: Invoice 1183"' in inside(world, "On the bills: ")
    assert "Every line: AR lines.xlsx." in text
    batch = world.newest()
    world.click(world.slack.manager, "Approve")
    world.done(batch)
    assert "posting takes" not in world.slack.plain(world.message("preview", batch.id))  # it would be stale by now
