"""A copy of a file, or a later revision, never leaves two previews with buttons or two workbooks of one name."""

from collections import Counter
from typing import Any

import pytest
from fix_form import FIX, changed, matter, opened
from mended import MATTER, drop_mended, to_mend
from world import World

from brought_forward.storage.records.batch import BatchStatus

SHOWN = ["balances_approve", "balances_reject", FIX]  # the buttons of one preview
NOBODY = ["99999-Nobody", "", "5.00", ""]


def buttons(world: World) -> list[str]:
    """List the buttons of previews that stand in any conversation, by their actions."""
    return [
        part["action_id"]
        for channel in ("balances", "billing")
        for message in world.slack.messages(world.slack.workspace.channel(channel).id)
        for block in message.blocks
        for part in block.get("elements", [])
        if part.get("action_id") in SHOWN
    ]


def rest(world: World, number: int, revision: int = 1) -> None:
    """Wait for a preview and all that is owed with it."""

    def there() -> bool:
        batch = world.store.batches.find(number)
        is_it = batch is not None and batch.revision == revision and batch.status is BatchStatus.PREVIEWED
        return is_it and not world.store.messages.owed()

    world.slack.wait_for(there, timeout=20)


def names(world: World) -> Counter[str]:
    """Count the names of the workbooks in the newest thread."""
    return Counter(file.name for one in world.thread() if one.user == world.slack.bot.id for file in one.files)


def csv_of(world: World) -> bytes:
    rows = [["Matter", "User", "Balance"], *[row[:3] for row in world.sheet(2)], NOBODY[:3]]
    return "\n".join(",".join(map(str, row)) for row in rows).encode()


def drop(world: World, channel: Any = "balances", user: Any = None, thread_ts: str | None = None) -> None:
    world.slack.upload(user or world.slack.staff, channel, "AR.csv", csv_of(world), thread_ts=thread_ts)


@pytest.mark.parametrize("how", ["in the channel", "in the thread", "in another channel", "by another person"])
def test_the_older_of_two_copies_loses_its_buttons_and_says_where_the_newer_is(world: World, how: str) -> None:
    drop(world)
    rest(world, 1)
    old = world.message("preview")
    shown = old.blocks
    drop(
        world,
        world.slack.billing if how == "in another channel" else "balances",
        world.slack.manager if how == "by another person" else None,
        world.thread()[0].ts if how == "in the thread" else None,
    )
    rest(world, 2)
    assert buttons(world) == SHOWN
    assert world.batch(1).status is BatchStatus.WITHDRAWN
    said = world.slack.plain(world.message("preview"))
    assert "AR.csv (B1): the same file was dropped again, and its newer preview (B2) takes this one's place." in said
    assert ("further down in this thread" in said) == (how == "in the thread")
    assert ("open the thread" in said) == (how != "in the thread")
    told = world.refused(world.slack.partner, "Approve", old, snapshot=shown)
    assert "withdrew this" in told
    new = world.slack.plain(world.message("preview", 2))
    assert ("This same file is B1 too" in new) == (how != "in another channel")
    assert max(names(world).values()) == 1
    world.slack.click(world.slack.partner, "Approve", world.message("preview", 2))
    world.finish(2)
    world.assert_ledger_equals(2)


def test_a_copy_in_a_direct_message_replaces_the_preview_once_its_channel_is_chosen(world: World) -> None:
    drop(world)
    rest(world, 1)
    world.slack.upload(world.slack.staff, world.slack.staff, "AR.csv", csv_of(world))
    asked = world.slack.wait_for(
        lambda: [one for one in world.slack.messages(world.slack.staff) if "In which channel" in world.slack.plain(one)]
    )
    world.slack.choose(world.slack.staff, "balances_where", world.slack.balances, asked[-1])
    rest(world, 2)
    assert buttons(world) == SHOWN
    assert world.batch(1).status is BatchStatus.WITHDRAWN


def test_a_question_about_an_older_copy_goes_with_it(world: World) -> None:
    good = world.sheet(1)
    text = f"Matter,Balance,Amount Due\n{good[0][0]},10.00,12.00\n".encode()
    for number in (1, 2):
        world.slack.upload(world.slack.staff, "balances", "AR.csv", text)
        world.slack.wait_for(lambda number=number: world.store.batches.find(number) is not None)
        world.slack.wait_for(
            lambda number=number: world.batch(number).status is BatchStatus.ASKING and not world.store.messages.owed()
        )
    asked = world.message("preview", 2)
    options = [one for block in asked.blocks if block["type"] == "actions" for one in block["elements"][0]["options"]]
    world.slack.choose(world.slack.staff, "balances_answer", options[0]["value"], asked)
    rest(world, 2)
    assert world.batch(1).status is BatchStatus.WITHDRAWN
    assert "takes this one's place" in world.slack.plain(world.message("preview", 1))


@pytest.mark.parametrize("work", ["a line left out", "another day", "a total typed"])
def test_a_copy_takes_the_place_of_nothing_that_people_have_worked_on(world: World, work: str) -> None:
    drop(world)
    rest(world, 1)
    revision = 2
    if work == "a line left out":
        view = changed(world, opened(world), "balances_another", None, "2")
        world.slack.submit(world.slack.staff, view, {"balances_fate-2": ["skip"]})
    elif work == "another day":
        world.date(world.slack.staff, "2026-11-02")
    else:
        revision = 1
        world.slack.click(world.slack.staff, "Type the report's total", world.message("preview"))
        view = world.slack.wait_for(lambda: world.slack.views(world.slack.staff))[-1]
        world.slack.submit(world.slack.staff, view, {"The report's total": "12.00"})
    rest(world, 1, revision)
    drop(world)
    world.slack.wait_for(lambda: world.store.batches.find(2) and world.batch(2).status is BatchStatus.WITHDRAWN)
    rest(world, 1, revision)
    said = world.slack.plain(world.message("preview", 2))
    assert "AR.csv (B2): the same file waits as B1 already, and people have worked on that one." in said
    assert "Nothing of this copy is posted. Approve or correct it there: open the thread" in said
    held = work == "a total typed"  # it differs from the lines
    assert buttons(world) == [one for one in SHOWN if not (held and one == "balances_approve")]


def test_an_approved_batch_is_not_replaced_by_a_copy(world: World) -> None:
    drop(world)
    rest(world, 1)
    world.click(world.slack.manager, "Approve")
    world.finish()
    drop(world)
    rest(world, 2)
    assert world.batch(1).status is BatchStatus.POSTED
    assert "This same file is B1 too" in world.text()


@pytest.mark.parametrize("how", ["lines put right", "a mended file", "another day"])
def test_a_later_revision_keeps_one_preview_and_its_workbooks_carry_its_number(world: World, how: str) -> None:
    drop(world)
    rest(world, 1)
    rows = to_mend(world)
    if how == "lines put right":
        view = changed(world, opened(world), "balances_another", None, "2")
        world.slack.submit(world.slack.staff, view, {"Row 2: amount": "77.00"})
    elif how == "a mended file":
        rows[1][MATTER] = "88888-Nobody"
        drop_mended(world, rows)
    else:
        world.date(world.slack.staff, "2026-11-02")
    rest(world, 1, 2)
    assert buttons(world) == SHOWN
    assert names(world) == Counter(
        ["AR lines.xlsx", "AR to fix.xlsx", "AR lines, revision 2.xlsx", "AR to fix, revision 2.xlsx"]
    )
    assert "AR to fix, revision 2.xlsx" in world.slack.plain(world.message("preview"))


def test_another_file_of_the_same_name_in_a_thread_has_workbooks_of_its_own(world: World) -> None:
    drop(world)
    rest(world, 1)
    text = f"Matter,User,Balance\n{matter(world, 7)},,9.00\n77777-Nobody,,1.00\n".encode()
    world.slack.upload(world.slack.staff, "balances", "AR.csv", text, thread_ts=world.thread()[0].ts)
    rest(world, 2)
    assert names(world) == Counter(["AR lines.xlsx", "AR to fix.xlsx", "AR (B2) lines.xlsx", "AR (B2) to fix.xlsx"])


def test_results_that_come_a_second_time_are_numbered(world: World) -> None:
    world.clio.faults.add("refuse", message="Matter is closed to new time", nth=2)
    world.begin(world.sheet(2))
    world.finish()
    world.press("Retry refused")
    world.finish()
    assert names(world) == Counter(["AR lines.xlsx", "AR results.xlsx", "AR results 2.xlsx"])
    first = world.message(f"closing-{world.batch().episode - 1}")  # what it had come to stays, without its buttons
    assert world.slack.plain(first) == "1 of 2 posted, $123.45, 1 refused by Clio.\nRetried by @manager."
