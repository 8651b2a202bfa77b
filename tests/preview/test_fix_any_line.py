"""Any line can be changed or left out before approval, one that goes to an entry too; who does so does not approve."""

from decimal import Decimal
from typing import Any

import pytest
from fix_form import changed, matter, opened, previewed
from mended import ROW, drop_mended, to_mend
from world import World


@pytest.fixture
def good(world: World) -> World:
    """Four lines that all go to entries."""
    world.preview(world.sheet(4))
    return world


def asked_for(world: World, row: int, user: Any = None) -> Any:
    """Open the form and ask for a line by its row."""
    return changed(world, opened(world, user), "balances_another", user, str(row))


def test_where_no_line_fails_the_preview_still_offers_to_change_one(good: World) -> None:
    assert "[Fix lines]" in good.text()
    shown = good.slack.plain(opened(good))
    assert "every line goes to an entry" in shown
    assert "Another line, one that goes to an entry too" in shown


@pytest.mark.parametrize("typed", ["4", "row 4", "00003", "Reyes"])
def test_a_line_is_found_by_its_row_its_matter_or_its_user(good: World, typed: str) -> None:
    offered = good.slack.suggest(good.slack.staff, "balances_another", typed, opened(good))
    assert any(one["text"]["text"].startswith("Row ") for one in offered.options)
    if typed != "Reyes":
        assert offered.options[0]["value"] == "4"


def test_a_matched_line_is_changed_in_every_field_and_the_preview_says_by_whom(good: World) -> None:
    view = asked_for(good, 3)
    shown = good.slack.plain(view)
    assert f'Row 3, "{matter(good, 1)}"' in shown
    assert f"Goes to {matter(good, 1)} for " in shown
    good.slack.submit(good.slack.staff, view, {
        "balances_matter-3": matter(good, 6), "balances_user-3": "Luis Reyes", "Row 3: amount": "900.10",
        "Row 3: note": "Costs of the survey",
    })  # fmt: skip
    text = previewed(good, 2)
    entry = next(one for one in good.entries() if one.matter_number == matter(good, 6))
    assert (entry.user_name, entry.amount) == ("Luis Reyes", Decimal("900.10"))
    assert entry.note.endswith(": Costs of the survey")
    assert f'Row 3: matter "{matter(good, 1)}" is now "{matter(good, 6)}", by @staff.' in text
    assert "Row 3: amount $123.46 is now $900.10, by @staff." in text
    assert good.store.aliases.aliases(good.batch().firm) == []  # said of this line, not of the number


def test_a_matched_line_is_left_out_with_a_reason_and_the_preview_says_who_did_it(good: World) -> None:
    view = asked_for(good, 4)
    good.slack.submit(good.slack.staff, view, {"balances_fate-4": ["skip"], "Row 4: why": "Paid on Friday"})
    text = previewed(good, 2)
    assert "Left out: 1 line, $123.47, will not be posted." in text
    assert "left out by hand: Paid on Friday. By @staff." in text
    assert "3 entries" in text
    (decision,) = [one for one in good.store.decisions.of_batch(1) if one["action"] == "fix"]
    assert decision["reason"] == "1 line: rows 4; left out: 4"
    assert good.left_out(1) == {4: "left out by hand: Paid on Friday"}
    good.click(good.slack.manager, "Approve")
    good.finish()
    assert matter(good, 2) not in {one.matter_number for one in good.entries()}
    good.assert_ledger_equals()


def test_the_button_and_the_fold_say_how_many_lines_wait_to_be_put_right(world: World) -> None:
    world.preview([["99999-Nobody", "", "5.00", ""], ["88888-Nobody", "", "6.00", ""], *world.sheet(1)])
    assert "[Fix 2 lines]" in world.text()
    assert "To put them right: Fix 2 lines, or correct AR to fix.xlsx" in world.text()
    world.slack.submit(world.slack.staff, opened(world), {"balances_fate-2": ["skip"]})
    said = previewed(world, 2)
    assert "[Fix 1 line]" in said
    assert "To put it right: Fix 1 line, or correct AR to fix, revision 2.xlsx" in said
    world.slack.submit(world.slack.staff, opened(world), {"balances_fate-3": ["skip"]})
    said = previewed(world, 3)
    assert "[Fix lines]" in said
    assert "To bring one forward after all: Fix lines." in said
    assert "to fix, revision 3.xlsx" not in said


def test_who_changed_a_matched_line_does_not_approve(good: World) -> None:
    view = asked_for(good, 4, good.slack.manager)
    good.slack.submit(good.slack.manager, view, {"balances_fate-4": ["skip"]})
    previewed(good, 2)
    assert "You corrected this file, so someone else approves it" in good.refused(good.slack.manager, "Approve")


def test_every_line_left_out_leaves_nothing_to_post_and_each_can_be_taken_back(world: World) -> None:
    world.preview(world.sheet(1))
    world.slack.submit(world.slack.staff, asked_for(world, 2), {"balances_fate-2": ["skip"]})
    assert "nothing to post" in previewed(world, 2)
    world.slack.submit(world.slack.staff, opened(world), {"balances_fate-2": []})
    assert "1 entry" in previewed(world, 3)


def test_a_line_left_out_by_hand_is_in_no_workbook_to_fix_and_an_older_one_does_not_bring_it_back(world: World) -> None:
    good = world.sheet(4)
    world.preview([good[0], ["99999-Nobody", "", "5.00", ""], ["88888-Nobody", "", "6.00", ""]])
    old = to_mend(world)
    world.slack.submit(world.slack.staff, opened(world), {"balances_fate-3": ["skip"]})
    previewed(world, 2)
    assert [row[ROW] for row in to_mend(world, revision=2)[1:]] == [4]
    old[2][2] = good[2][0]
    drop_mended(world, old)
    previewed(world, 3)
    assert world.left_out(1) == {3: "left out by hand."}
    old[1][2] = good[3][0]
    drop_mended(world, old[:2], name="once more.xlsx")
    previewed(world, 4)
    assert world.left_out(1) == {}
