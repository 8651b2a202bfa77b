"""Failing lines come back as a workbook; mended and dropped in the thread, they join their batch."""

import io
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import xlsxwriter
from fix_form import previewed
from mended import BALANCE, MATTER, ROW, drop_mended, to_mend
from world import World

from brought_forward.storage.records.batch import BatchStatus


@pytest.fixture
def failing(world: World) -> World:
    """Two lines that can be posted and two that cannot: a matter nobody knows, an amount that is none."""
    good = world.sheet(4)
    rows = [good[0], good[1], ["99999-Nobody", "", "500.00", ""], [good[3][0], good[3][1], "n/a", ""]]
    world.preview(rows)
    return world


def test_mended_lines_join_their_batch_and_all_is_posted_together(failing: World) -> None:
    good = failing.sheet(4)
    rows = to_mend(failing)
    assert [row[ROW] for row in rows[1:]] == [4, 5]
    rows[1][MATTER] = good[2][0]
    rows[2][BALANCE] = 70.25
    drop_mended(failing, rows)
    text = previewed(failing, 2)
    assert "2 lines of AR.csv mended (B2). Its preview above becomes revision 2." in text
    assert "4 entries" in text
    assert "will not be posted" not in text
    assert failing.batch(2).joined == 1
    assert "its lines joined B1" in failing.asked(failing.slack.staff, "status B2")
    failing.click(failing.slack.manager, "Approve")
    failing.finish()
    assert [entry.amount for entry in failing.entries()][2:] == [Decimal("500.00"), Decimal("70.25")]
    failing.assert_ledger_equals()


def test_the_buttons_of_the_preview_before_are_out_of_date(failing: World) -> None:
    rows = to_mend(failing)
    rows[2][BALANCE] = 70.25
    old = failing.with_button("Approve")
    drop_mended(failing, rows)
    previewed(failing, 2)
    value = next(
        part["value"] for block in old.blocks for part in block.get("elements", []) if part.get("style") == "primary"
    )
    assert value.startswith("1:1:")
    assert "buttons of an older preview" in failing.refused(failing.slack.manager, "Approve", old, snapshot=old.blocks)
    assert failing.batch().status is BatchStatus.PREVIEWED


def test_whoever_approves_sees_what_the_mended_lines_said_before(failing: World) -> None:
    rows = to_mend(failing)
    rows[1][MATTER], rows[1][BALANCE] = failing.sheet(4)[2][0], 900
    rows[2][BALANCE] = 0
    drop_mended(failing, rows)
    text = previewed(failing, 2)
    assert "Row 4: amount $500.00 is now $900.00, by @staff." in text
    assert "Row 5: amount that cannot be read is now $0.00, by @staff." in text


def test_who_mended_does_not_approve(failing: World) -> None:
    rows = to_mend(failing)
    rows[2][BALANCE] = 70.25
    drop_mended(failing, rows, user=failing.slack.manager)
    previewed(failing, 2)
    said = failing.refused(failing.slack.manager, "Approve")
    assert "You corrected this file, so someone else approves it" in said
    failing.click(failing.slack.partner, "Approve")
    failing.finish()


def test_a_line_that_is_still_wrong_stays_out_and_can_be_mended_again(failing: World) -> None:
    rows = to_mend(failing)
    rows[1][BALANCE] = "what"
    drop_mended(failing, rows[:2])
    text = previewed(failing, 2)
    assert '"what" is not an amount' in text
    rows = to_mend(failing, revision=2)
    assert [row[ROW] for row in rows[1:]] == [4, 5]
    rows[1][BALANCE], rows[1][MATTER] = 12.00, failing.sheet(3)[2][0]
    rows[2][BALANCE] = 3.00
    drop_mended(failing, rows)
    assert "will not be posted" not in previewed(failing, 3)
    assert len(failing.entries()) == 4


def test_a_line_mended_to_zero_is_passed_over_and_counted(failing: World) -> None:
    rows = to_mend(failing)
    rows[1][BALANCE] = 0
    drop_mended(failing, rows[:2])
    text = previewed(failing, 2)
    assert "1 line with a balance of zero is passed over" in text
    assert list(failing.left_out(1)) == [5]


def test_a_changed_amount_is_held_against_the_files_own_total(world: World) -> None:
    good = world.sheet(2)
    world.preview([*good, ["99999-Nobody", "", "500.00", ""], ["Total", "", "746.91", ""]])
    rows = to_mend(world)
    rows[1][MATTER], rows[1][BALANCE] = world.sheet(3)[2][0], 400.00
    drop_mended(world, rows)
    text = previewed(world, 2)
    assert "Held: a total does not agree" in text
    assert "a difference of $100.00" in text


def test_a_row_that_does_not_say_what_it_mends_is_refused_and_nothing_changes(failing: World) -> None:
    rows = to_mend(failing)
    rows[1][ROW] = ""
    drop_mended(failing, rows)
    failing.until("Row 2 does not say which line it mends: B2 should hold the number that I wrote there.")
    assert failing.batch().revision == 1
    assert len(failing.left_out(1)) == 2


@pytest.mark.parametrize(
    ("origin", "said"), [(2, "which is not left out there"), (5, "Line 5 stands twice, the second time in row 3")]
)
def test_a_row_that_names_another_line_is_refused(failing: World, origin: int, said: str) -> None:
    rows = to_mend(failing)
    rows[1][ROW] = origin
    drop_mended(failing, rows)
    failing.until(said)
    assert failing.batch().revision == 1


def test_as_text_without_a_sheets_name_it_joins_the_only_file_that_waits_in_the_thread(failing: World) -> None:
    rows = to_mend(failing)
    rows[2][BALANCE] = "70.25"
    rows[1:] = rows[2:]
    drop_mended(failing, rows, name="mended.csv")
    previewed(failing, 2)
    assert list(failing.left_out(1)) == [4]


def test_of_several_files_in_a_thread_the_sheets_name_says_which_is_mended(world: World) -> None:
    good = [row[0] for row in world.sheet(4)]
    texts = {f"{name}.csv": f"Matter,Balance\n{good[place]},5\n999,{place + 6}\n".encode()
             for place, name in enumerate(("one", "two"))}  # fmt: skip
    world.slack.upload_together(world.slack.staff, "balances", texts)
    previewed(world, 1, 1)
    previewed(world, 1, 2)
    name = world.batch(2).stem
    rows = to_mend(world, f"{name} to fix.xlsx")
    rows[1][MATTER] = good[2]
    drop_mended(world, rows, sheet="Sheet1")
    world.until("2 files wait for approval in this thread, and this one does not say which it mends.")
    drop_mended(world, rows, sheet="B2 to fix", name="again.xlsx")
    previewed(world, 2, 2)
    assert world.batch(1).revision == 1


def test_once_the_batch_is_decided_mended_lines_are_a_batch_of_their_own(failing: World) -> None:
    rows = to_mend(failing)
    rows[2][BALANCE] = 70.25
    failing.click(failing.slack.manager, "Approve")
    failing.finish()
    drop_mended(failing, [rows[0], rows[2]])
    text = previewed(failing, 1, 2)
    assert "What these lines mend no longer waits for approval, so they are a batch of their own." in text
    assert len(failing.entries(2)) == 1


@pytest.mark.parametrize("name", ["AR to fix.xlsx", "AR to fix (2).xlsx"])  # as a browser names a second copy
def test_what_comes_back_still_wrong_is_called_as_it_was(failing: World, name: str) -> None:
    rows = to_mend(failing)
    rows[2][BALANCE] = 70.25
    failing.click(failing.slack.manager, "Approve")
    failing.finish()
    drop_mended(failing, rows, name=name)
    previewed(failing, 1, 2)
    assert [row[2] for row in to_mend(failing, "AR (B2) to fix.xlsx")[1:]] == ["99999-Nobody"]


def test_lines_mended_after_the_decision_are_of_the_day_that_their_batchs_bills_name(world: World) -> None:
    good = world.sheet(3)
    sheet = f"Receivables as of 31 October 2026\nMatter,User,Balance\n{good[0][0]},,10.00\n{good[1][0]},,n/a\n"
    world.slack.upload(world.slack.staff, "balances", "AR.csv", sheet.encode())
    previewed(world, 1)
    rows = to_mend(world)
    rows[1][BALANCE] = 20.5
    world.click(world.slack.manager, "Approve")
    world.finish()
    for number, name in enumerate(("again.xlsx", "again.csv"), 2):
        drop_mended(world, rows, name=name, sheet="B1 to fix")
        previewed(world, 1, number)
        assert world.batch(number).as_of == date(2026, 10, 31)
        assert [entry.note for entry in world.entries(number)] == ["Balance brought forward as of 31 October 2026"]
        world.reject(world.slack.manager)
        world.slack.wait_for(lambda number=number: world.batch(number).status is BatchStatus.REJECTED)


def test_lines_of_a_batch_that_is_over_never_go_into_another_of_the_thread(failing: World) -> None:
    rows = to_mend(failing)
    rows[2][BALANCE] = 70.25
    failing.reject(failing.slack.manager)
    failing.until("Rejected by @manager")
    good = failing.sheet(4)
    again = [["Matter", "User", "Balance"], *[row[:3] for row in good[:2]], ["99999-Other", "", "9.00"],
             [good[3][0], good[3][1], "n/a"]]  # fmt: skip
    text = "\n".join(",".join(map(str, row)) for row in again)
    failing.slack.upload(failing.slack.staff, "balances", "again.csv", text.encode(), thread_ts=failing.thread()[0].ts)
    previewed(failing, 1, 2)
    drop_mended(failing, rows, sheet="B1 to fix")
    previewed(failing, 1, 3)
    assert "no longer waits for approval, so they are a batch of their own" in failing.text()
    assert failing.batch(2).revision == 1


def test_a_mended_file_in_another_thread_is_sent_back_to_its_own(failing: World) -> None:
    rows = to_mend(failing)
    rows[2][BALANCE] = 70.25
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        page = book.add_worksheet("B1 to fix")
        for number, row in enumerate(rows):
            page.write_row(number, 0, row)
    failing.slack.upload(failing.slack.staff, "balances", "elsewhere.xlsx", file.getvalue())
    failing.until("These lines belong to AR.csv (B1). Drop this file in its thread.")
    assert failing.batch().revision == 1


def test_while_mended_lines_are_matched_again_nobody_can_approve_what_stood_there_before(failing: World) -> None:
    rows = to_mend(failing)
    rows[2][BALANCE] = 70.25
    old = failing.with_button("Approve")
    held = failing.hold(method="GET", path="/matters.json")
    drop_mended(failing, rows)
    assert held.reached.wait(10)
    said = failing.refused(failing.slack.manager, "Approve", old, snapshot=old.blocks)
    assert "It was corrected a moment ago and is being matched again" in said
    held.go.set()
    previewed(failing, 2)
    assert failing.posts() == []


# What was answered about a mended file goes where its lines go


def answered(world: World, user: Any, ending: str, number: int) -> None:
    """Wait for a question about a file, and answer it."""
    world.slack.wait_for(lambda: world.store.batches.find(number) is not None)
    world.slack.wait_for(lambda: world.batch(number).status is BatchStatus.ASKING and not world.store.messages.owed())
    asked = world.message("preview", number)
    (choice,) = [
        one["value"]
        for block in asked.blocks
        if block["type"] == "actions"
        for part in block["elements"]
        for one in part.get("options", [part])
        if one["value"].endswith(ending)
    ]
    world.slack.choose(user, "balances_answer", choice, asked)


def of_two_texts(world: World, balance: str) -> list[list[Any]]:
    """Mend the line whose amount is none by a text that is one in two ways."""
    rows = [row for row in to_mend(world) if row[ROW] in {"Row", 5}]
    rows[1][BALANCE] = balance
    return rows


def assert_barred_until_confirmed(world: World, revision: int, named: str, number: int = 1) -> None:
    """Who gave the answer does not approve; another approver confirms it, and from then on it bars nobody."""

    def preview() -> Any:
        return world.message("preview", number)

    shown = world.slack.plain(preview())
    assert f"{named}, chosen by @manager on " in shown
    assert "[Confirm 1 choice]" in shown
    assert "Waiting for an approver other than @staff: @partner." in shown
    assert world.refused(world.slack.manager, "Approve", preview()).startswith("A choice of yours")
    assert "You made these choices yourself" in world.refused(world.slack.manager, "Confirm", preview())
    world.slack.click(world.slack.partner, "Confirm", preview())
    world.slack.wait_for(lambda: "Confirm" not in world.slack.plain(preview()))
    assert "@manager or @partner" in previewed(world, revision, number).partition("Waiting for an approver")[2]
    world.slack.click(world.slack.manager, "Approve", preview())
    world.finish(number)
    assert world.batch(number).decided_by == world.slack.manager.id


def test_an_answer_about_a_mended_file_bars_who_gave_it_from_the_batch_that_its_lines_join(failing: World) -> None:
    drop_mended(failing, of_two_texts(failing, "70,250"), name="mended.csv")
    answered(failing, failing.slack.manager, ":dot", 2)
    previewed(failing, 2)
    assert failing.entries()[-1].amount == Decimal(70_250)
    assert_barred_until_confirmed(failing, 2, 'amounts are read with "The dot"')


def test_an_answer_that_was_given_before_bars_from_what_is_mended_and_read_by_it_later(failing: World) -> None:
    """Nobody is asked again, so only the preview tells whose word decides what the amounts are."""
    rows = of_two_texts(failing, "70,250")
    drop_mended(failing, [rows[0], [*rows[1][:MATTER], "88888-Nobody", *rows[1][MATTER + 1 :]]], name="mended.csv")
    answered(failing, failing.slack.manager, ":dot", 2)
    previewed(failing, 2)
    failing.reject(failing.slack.partner)
    failing.slack.wait_for(lambda: failing.batch().status is BatchStatus.REJECTED)
    number = failing.preview([failing.sheet(3)[2], ["77777-Nobody", "", "9.00", ""]], name="next.csv").id
    rows = to_mend(failing, "next to fix.xlsx")
    rows[1][MATTER], rows[1][BALANCE] = failing.sheet(4)[3][0], "80,250"
    drop_mended(failing, rows, name="mended.csv")
    previewed(failing, 2, number)
    assert [one.status for one in map(failing.batch, (1, 2))] == [BatchStatus.REJECTED, BatchStatus.WITHDRAWN]
    assert failing.entries(number)[-1].amount == Decimal(80_250)
    shown = failing.message("preview", number)
    assert 'amounts are read with "The dot", chosen by @manager on ' in failing.slack.plain(shown)
    assert failing.refused(failing.slack.manager, "Approve", shown).startswith("A choice of yours")
    failing.slack.click(failing.slack.partner, "Approve", shown)
    failing.finish(number)


def test_an_answer_by_which_the_first_file_was_read_bars_from_the_revision_with_its_mended_lines(world: World) -> None:
    good = world.sheet(3)
    rows = [f"{good[0][0]},,10.00,12.00", f"{good[1][0]},,20.00,24.00", "99999-Nobody,,3.00,4.00"]
    for number in (1, 2):
        sheet = "\n".join(["Matter,User,Balance,Amount Due", *rows[number - 1 :]])
        world.slack.upload(world.slack.staff, "balances", f"AR {number}.csv", sheet.encode())
        if number == 1:
            answered(world, world.slack.manager, ":D", 1)
            previewed(world, 1)
            world.reject(world.slack.partner)
            world.slack.wait_for(lambda: world.batch().status is BatchStatus.REJECTED)
    previewed(world, 1, 2)
    mended = to_mend(world, "AR 2 to fix.xlsx")
    mended[1][MATTER] = good[2][0]
    drop_mended(world, mended, sheet="B2 to fix")
    previewed(world, 2, 2)
    assert [entry.amount for entry in world.entries(2)] == [Decimal(24), Decimal(4)]
    assert_barred_until_confirmed(world, 2, 'the column of balances is column D, "Amount Due"', 2)


# What is near a name stands in the workbook, and counts only where a person put it into its column

SUGGESTION = 8


def test_what_is_near_stands_in_the_workbook_and_is_never_taken_by_itself(world: World) -> None:
    world.firm.add_matter("00213-Nguyen", attorney=next(iter(world.firm.users)))
    good = world.sheet(2)
    world.preview([["00231-Nguyen", "", "5.00", ""], [good[1][0], "Luis", "6.00", ""], good[0]])
    rows = to_mend(world)
    assert rows[0][SUGGESTION] == "Suggestion"
    assert [row[SUGGESTION] for row in rows[1:]] == ["00213-Nguyen", "Luis Reyes"]
    drop_mended(world, rows)
    previewed(world, 2)
    assert list(world.left_out(1)) == [2, 3]
    rows = to_mend(world, revision=2)
    rows[1][MATTER], rows[2][3] = rows[1][SUGGESTION], rows[2][SUGGESTION]
    drop_mended(world, rows, name="moved.xlsx")
    previewed(world, 3)
    assert world.left_out(1) == {}
    assert {entry.matter_number: entry.user_name for entry in world.entries()}[str(good[1][0])] == "Luis Reyes"
    assert "00213-Nguyen" in {entry.matter_number for entry in world.entries()}


# Lines that came back after the decision are compared with nothing, and nothing with them


def test_lines_mended_after_the_decision_are_compared_with_nothing(world: World) -> None:
    good = world.sheet(7)
    matter = next(one for one in world.firm.matters if one.display_number == good[5][0])
    world.firm.change(matter, billable=False)
    world.preview([[good[5][0], "", "5.00", ""], *good[:5]])
    rows = to_mend(world)
    world.click(world.slack.manager, "Approve")
    world.finish()
    world.firm.change(matter, billable=True)
    drop_mended(world, rows)
    previewed(world, 1, 2)
    assert world.left_out(2) == {}
    alone = world.slack.plain(world.message("preview", 2))
    for word in ("Gone", "Since", "is not in this file", "holds 1 line of this file too"):
        assert word not in alone
    world.slack.click(world.slack.manager, "Approve", world.message("preview", 2))
    world.finish(2)
    number = world.preview([[*row[:2], "7.00", ""] for row in [*good[:5], good[6]]], name="November.csv").id
    later = world.slack.plain(world.message("preview", number))
    assert "Since AR.csv (B1" in later
    assert "B2" not in later.partition("Since")[2]


def test_gone_is_said_only_where_most_matters_are_the_same(world: World) -> None:
    good = world.sheet(9)
    world.preview(good[:4], name="October.csv")
    world.click(world.slack.manager, "Approve")
    world.finish()
    world.preview([[row[0], row[1], "7.00", ""] for row in [*good[:3], good[4]]], name="November.csv")
    said = world.slack.plain(world.message("preview", 2))
    assert f"Gone: 1 matter, -$123.48: {good[3][0]}, was $123.48." in said
    world.preview([[row[0], row[1], "7.00", ""] for row in [good[0], good[1], *good[5:9]]], name="Office two.csv")
    said = world.slack.plain(world.message("preview", 3))
    assert "Gone" not in said
    assert "2 matters of it, $246.95, are not in this file, which seems to be another list." in said
