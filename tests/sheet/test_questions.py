"""Where a sheet reads two ways, where its totals disagree, and the workbooks that come back."""

import io
import json

import pytest
from python_calamine import CalamineWorkbook
from world import World

from brought_forward.storage.records.batch import BatchStatus

TWO = "Matter,User,Balance,Amount Due\n{0},,10.00,12.00\n{1},,20.00,24.00\n"


def drop(world: World, text: str, *, name: str = "AR.csv", comment: str = "") -> None:
    numbers = [matter.display_number for matter in world.firm.matters if matter.billable][:2]
    world.slack.upload(world.slack.staff, "balances", name, text.format(*numbers).encode(), comment=comment)


def test_two_columns_of_balances_are_asked_about_and_the_answer_is_remembered(world: World) -> None:
    drop(world, TWO)
    text = world.until("Choose") if "Choose" in world.text() else world.until("Amount Due")
    world.slack.wait_for(lambda: world.batch().status is BatchStatus.ASKING)
    (asked,) = [one for one in world.thread() if one.user == world.slack.bot.id]
    options = [
        option["value"]
        for block in asked.blocks
        if block["type"] == "actions"
        for option in block["elements"][0]["options"]
    ]
    assert len(options) == 2, text
    due = next(value for value in options if value.endswith(":D"))
    world.slack.choose(world.slack.staff, "balances_answer", due, asked)
    text = world.until("ready for approval")
    assert "2 entries, $36.00" in text
    drop(world, TWO, name="again.csv")
    assert "2 entries, $36.00" in world.until("ready for approval")


def test_who_answered_does_not_approve(world: World) -> None:
    drop(world, TWO)
    world.slack.wait_for(lambda: world.bot and world.store.batches.find(1) and world.batch().status == "asking")
    world.slack.wait_for(lambda: not world.store.messages.owed())
    (asked,) = [one for one in world.thread() if one.user == world.slack.bot.id]
    (select,) = [block["elements"][0] for block in asked.blocks if block["type"] == "actions"]
    option = select["options"][0]["value"]
    world.slack.choose(world.slack.manager, "balances_answer", option, asked)
    world.until("ready for approval")
    world.slack.click(world.slack.manager, "Approve", None)
    world.slack.wait_for(
        lambda: "You corrected this file, so someone else approves it" in world.told(world.slack.manager)
    )
    assert world.batch().status is BatchStatus.PREVIEWED


def test_a_file_whose_total_disagrees_is_held_until_staff_say_the_lines_are_right(world: World) -> None:
    drop(world, "Matter,User,Balance\n{0},,10.00\n{1},,20.00\nTotal,,31.00\n")
    text = world.until("Held: a total does not agree")
    assert "The file's own total is $31.00" in text
    assert "a difference of $1.00" in text
    assert "[Approve" not in text
    world.slack.click(world.slack.staff, "The lines are right", None)
    text = world.until("Approve 2 entries")
    assert "says that the lines are right although a total differs" in text
    world.click(world.slack.manager, "Approve")
    world.until("equal to the cent")
    world.assert_ledger_equals()


def test_a_total_typed_with_the_file_is_compared(world: World) -> None:
    world.slack.rules.subscriptions = ("message", "file_shared")
    drop(world, "Matter,User,Balance\n{0},,10.00\n{1},,20.00\n", comment="AR for October, total $1,030.00")
    assert "The total typed with it is $1,030.00" in world.until("Held: a total does not agree")


def cells(data: bytes, sheet: str) -> list[list[object]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_name(sheet).to_python()


def test_every_line_comes_back_as_a_workbook_and_the_failing_ones_in_their_own(world: World) -> None:
    drop(world, "Matter,User,Balance,Note\n{0},,10.00,=1+1\nnobody,,20.00,@cmd\n")
    world.until("ready for approval")
    world.slack.wait_for(lambda: not world.store.messages.owed())
    files = {file.name: file for one in world.thread() for file in one.files if one.user == world.slack.bot.id}
    lines = cells(files["AR lines.xlsx"].data, "B1 lines")
    assert [row[0] for row in lines] == ["Row", 2.0, 3.0]
    assert lines[1][6] == "=1+1"  # a text, no formula
    mend = cells(files["AR to fix.xlsx"].data, "B1 to fix")
    assert mend[0][:2] == ["Why it was left out", "Row"]
    assert "no matter of this number" in str(mend[1][0])
    assert len(mend) == 2


@pytest.mark.parametrize(("asked", "name"), [("template", "Balances template.xlsx"), ("export B1", "AR B1.xlsx")])
def test_a_workbook_that_is_asked_for_comes_in_a_direct_message(world: World, asked: str, name: str) -> None:
    world.drop(world.sheet(2))
    world.until("ready for approval")
    answer = world.slack.command(world.slack.manager, asked)
    assert "direct message" in answer.body
    world.slack.wait_for(
        lambda: [file for one in world.slack.messages(world.slack.manager) for file in one.files if file.name == name]
    )
    assert "by who uploaded" not in answer.body
    refused = world.slack.command(world.slack.outsider, "export B1")
    assert "given to who uploaded it and to approvers" in refused.body


def test_an_answer_may_be_any_text_and_stands_there_in_full_with_what_it_comes_to(world: World) -> None:
    drop(world, TWO)
    world.slack.wait_for(lambda: world.bot and world.store.batches.find(1) and world.batch().status == "asking")
    world.slack.wait_for(lambda: not world.store.messages.owed())
    sheets = [f"Sheet: {place}{' of the branch in Springfield' * 3}" for place in range(30)]
    candidates = [
        {"value": f"s:{name.replace(' ', '_')}", "heading": name, "sample": f"{place}.50 in all"}
        for place, name in enumerate(sheets)
    ]
    asked = {"text": "Which?", "kind": "mark-F-a:b", "signature": "0123456789abcdef", "candidates": candidates}
    with world.store.transaction() as db:
        db.execute("UPDATE batch SET question = ? WHERE id = 1", [json.dumps(asked)])
        assert world.bot is not None
        world.bot.thread.asking(1)
    world.slack.wait_for(lambda: not world.store.messages.owed())
    message = world.message("preview")
    text = world.slack.plain(message)
    assert all(f"• {name}: {place}.50 in all" in text for place, name in enumerate(sheets[:20]))
    assert "and 10 more in the list." in text
    (select,) = [block["elements"][0] for block in message.blocks if block["type"] == "actions"]
    assert len(select["options"]) == 30
    world.slack.choose(world.slack.staff, "balances_answer", select["options"][29]["value"], message)
    world.slack.wait_for(lambda: world.store.answers.find(world.batch().firm, world.batch().channel,
                                                          "0123456789abcdef", "mark-F-a:b"))  # fmt: skip
    _, choice = world.store.answers.find(world.batch().firm, world.batch().channel, "0123456789abcdef", "mark-F-a:b")
    assert choice == candidates[29]["value"]
