"""What one channel's sheets say is told in no other: not in a preview, its workbooks, a drift or a result."""

import csv
import io
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from python_calamine import CalamineWorkbook
from world import World, shared

from brought_forward.sandbox.clio import firm_of_size
from brought_forward.storage.records.batch import Batch, BatchStatus
from brought_forward.storage.records.entry import EntryState

TEAM = "T0WHITMAN1"
TWO = "Matter,Balance,Amount Due\n{},10.00,12.00\n"  # either column could be what is owed


@pytest.fixture(scope="module")
def open_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with shared(tmp_path_factory.mktemp("channels"), firm_of_size(120, 4)) as world:
        yield world


@pytest.fixture
def world(open_world: World) -> World:
    return open_world.ready()


def drop(world: World, channel: Any, rows: list[list[object]], name: str) -> Batch:
    """Drop a sheet in a channel and wait for all that comes of it."""
    text = io.StringIO()
    csv.writer(text).writerows([["Matter", "User", "Balance", "Note"], *rows])
    file = world.slack.upload(world.slack.staff, channel, name, text.getvalue().encode())

    def there() -> Batch | None:
        newest = world.store.batches.newest(TEAM, 1)
        is_it = newest and newest[0].file_id == file.id and newest[0].status is BatchStatus.PREVIEWED
        return newest[0] if is_it and not world.store.messages.owed() else None

    found: Batch = world.slack.wait_for(there, timeout=30)
    return found


def post(world: World, batch: Batch) -> None:
    world.slack.click(world.slack.manager, "Approve", world.message("preview", batch.id))
    world.finish(batch.id, timeout=30)


def read(world: World, batch: Batch) -> str:
    """All that a thread tells: its messages and every cell of its workbooks."""
    said = []
    for message in world.slack.thread(batch.channel, batch.thread_ts or ""):
        if message.user != world.slack.bot.id:
            continue
        said.append(world.slack.plain(message))
        for file in message.files:
            book = CalamineWorkbook.from_filelike(io.BytesIO(file.data))
            for name in book.sheet_names:
                said += [str(cell) for row in book.get_sheet_by_name(name).to_python() for cell in row]
    return "\n".join(said)


def test_a_preview_tells_nothing_that_another_channels_sheet_said(world: World) -> None:
    rows = world.fresh(4, cents=888698)
    first = drop(world, world.slack.balances, rows, "Secret October.csv")
    post(world, first)
    (matter, user, amount, _), *others = rows
    mine = world.fresh(1)
    second = drop(world, world.slack.billing, [*mine, [matter, user, "5.00", ""]], "AR.csv")
    text = read(world, second)
    assert world.left_out(second.id) == {3: "already brought forward: another batch posted it."}
    for word in (first.name, "Secret", "Gone", "Since", f"{amount}", f"{float(str(amount)):,.2f}",
                 *[str(other[0]) for other in others]):  # fmt: skip
        assert word not in text, word


def test_the_same_channel_is_still_told_what_moved_and_what_stands(world: World) -> None:
    rows = world.fresh(3, cents=700000)
    first = drop(world, world.slack.balances, rows, "October.csv")
    post(world, first)
    later = [*world.fresh(1), *([row[0], row[1], "5.00", ""] for row in rows[:2])]
    again = drop(world, world.slack.balances, later, "November.csv")
    text = read(world, again)
    assert f"{first.name}, " in text
    assert "Gone: " in text
    assert world.left_out(again.id)[3].startswith("already brought forward: Clio has $7,")


def test_the_same_file_and_the_same_lines_are_told_within_the_channel_alone(world: World) -> None:
    rows = world.fresh(2)
    first = drop(world, world.slack.balances, rows, "Once.csv")
    twin = drop(world, world.slack.billing, rows, "Once.csv")
    assert world.store.findings.of_batch(twin.id) == []
    replaced = world.slack.plain(world.message("preview", first.id))
    assert "takes this one's place" in replaced
    assert "billing" not in replaced
    lines = drop(world, world.slack.billing, [*rows, *world.fresh(1)], "Lines.csv")
    said = [one.text for one in world.store.findings.of_batch(lines.id)]
    assert said == [f"Once.csv ({twin.name}), waiting for approval, holds 2 lines of this file too."]
    assert first.name not in read(world, twin) + read(world, lines)
    # The promise of once a matter holds all the same: whichever is approved second is sent back.
    first = drop(world, world.slack.balances, rows[::-1], "Once more.csv")
    post(world, first)
    world.slack.click(world.slack.manager, "Approve", world.message("preview", twin.id))
    world.slack.wait_for(lambda: world.batch(twin.id).revision == 2 and not world.store.messages.owed(), timeout=30)
    assert "another batch posted it" in read(world, twin)
    assert first.name not in read(world, twin)
    assert len([one for one in world.clio.time_entries if one.matter_id == world.entries(first.id)[0].matter_id]) == 1


@pytest.mark.parametrize("times", ["9.99", "10", "1000"])
def test_ten_times_is_no_way_to_find_out_another_channels_balances(world: World, times: str) -> None:
    ((matter, user, _, _),) = world.fresh(1)
    drop(world, world.slack.balances, [[matter, user, "100.00", ""]], "Before.csv")
    probe = drop(world, world.slack.billing, [[matter, user, f"{float(times) * 100:.2f}", ""]], f"Probe {times}.csv")
    assert world.store.findings.of_batch(probe.id) == []


def test_an_entry_of_another_channel_without_an_answer_is_not_told_by_what_clio_lists(world: World) -> None:
    ((matter, user, amount, _),) = rows = world.fresh(1, cents=424200)
    first = drop(world, world.slack.balances, rows, "Unclear.csv")
    post(world, first)
    with world.store.transaction() as db:  # as where Clio's answer never came: our row has no id of Clio's
        db.execute("UPDATE entry SET state = 'unclear', clio_id = NULL WHERE batch = ?", (first.id,))
    assert world.entries(first.id)[0].state is EntryState.UNCLEAR
    second = drop(world, world.slack.billing, [[matter, user, "1.00", ""]], "Ask.csv")
    assert world.left_out(second.id) == {2: "already brought forward: another batch posted it."}
    assert f"{float(str(amount)):,.2f}" not in read(world, second)


def two_columns(world: World, channel: Any, name: str) -> Batch:
    """Drop a sheet that reads two ways, and wait until it is asked about or previewed."""
    file = world.slack.upload(world.slack.staff, channel, name, TWO.format(world.fresh(1)[0][0]).encode())

    def there() -> Batch | None:
        batch = world.newest()
        rests = batch.status in {BatchStatus.ASKING, BatchStatus.PREVIEWED} and not world.store.messages.owed()
        return batch if batch.file_id == file.id and rests else None

    found: Batch = world.slack.wait_for(there, timeout=30)
    return found


def answer(world: World, batch: Batch, column: str) -> str:
    """Choose a column in answer to the question, and give what is owed by it."""
    asked = world.message("preview", batch.id)
    options = [one["value"] for block in asked.blocks if block["type"] == "actions"
               for one in block["elements"][0]["options"]]  # fmt: skip
    choice = next(one for one in options if one.endswith(f":{column}"))
    world.slack.choose(world.slack.staff, "balances_answer", choice, asked)
    world.slack.wait_for(lambda: world.batch(batch.id).status is BatchStatus.PREVIEWED, timeout=30)
    return str(sum(one.amount for one in world.entries(batch.id)))


def test_what_was_answered_in_one_channel_is_asked_anew_in_another(world: World) -> None:
    assert answer(world, two_columns(world, world.slack.balances, "Asked.csv"), "C") == "12.00"
    elsewhere = two_columns(world, world.slack.billing, "Asked too.csv")
    assert elsewhere.status is BatchStatus.ASKING
    assert answer(world, elsewhere, "B") == "10.00"
    again = two_columns(world, world.slack.balances, "Answered.csv")
    assert again.status is BatchStatus.PREVIEWED
    assert [one.amount for one in world.entries(again.id)] == [Decimal("12.00")]
