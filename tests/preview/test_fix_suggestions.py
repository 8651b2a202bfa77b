"""The form opens on what is the only one near; one answer counts for a name on many lines; what is entered stays."""

from decimal import Decimal
from typing import Any

import pytest
from fix_form import changed, matter, more, opened, previewed
from world import World

from brought_forward.storage.records.batch import BatchStatus

NGUYEN, XANADU = "00213-Nguyen", "00245-Xanadu"


@pytest.fixture
def mistyped(world: World) -> World:
    """Two matters mistyped, three lines of one user by his first name, a matter nobody knows, and a good line."""
    for number in (NGUYEN, XANADU):
        world.firm.add_matter(number, attorney=next(iter(world.firm.users)))
    rows = world.sheet(16)
    world.preview([
        ["00231-Nguyen", "", "10.00", ""],
        ["00254-Xanadu", "", "20.00", ""],
        [rows[3][0], "Luis", "30.00", ""],
        [rows[4][0], "luis", "40.00", ""],
        [rows[5][0], "Luis", "50.00", ""],
        ["Nobody at all", "Dana Hallam", "60.00", ""],
        rows[0],
    ])  # fmt: skip
    return world


def test_it_opens_on_suggestions_and_one_act_takes_all_of_them(mistyped: World) -> None:
    view = opened(mistyped)
    shown = mistyped.slack.plain(view)
    assert "3 suggestions, each the only one near what the sheet says." in shown
    assert "[Accept 3 suggestions]" in shown
    for written, meant in (("00231-Nguyen", NGUYEN), ("00254-Xanadu", XANADU)):
        assert f'"{written}" → {meant}' in shown
    assert '"Luis" → Luis Reyes, 3 lines' in shown
    assert "Rows 4, 5, 6: $120.00" in shown
    assert "Nobody at all" not in shown
    mistyped.slack.submit(mistyped.slack.staff, view)
    assert mistyped.slack.views(mistyped.slack.staff) == []
    previewed(mistyped, 2)
    assert list(mistyped.left_out(1)) == [7]
    by_matter = {entry.matter_number: entry for entry in mistyped.entries()}
    assert by_matter[NGUYEN].amount == Decimal("10.00")
    assert {by_matter[matter(mistyped, place)].user_name for place in (3, 4, 5)} == {"Luis Reyes"}
    assert mistyped.store.decisions.correctors(1) == {mistyped.slack.staff.id}


def test_what_is_unticked_is_neither_taken_nor_filled_in(mistyped: World) -> None:
    view = opened(mistyped)
    mistyped.slack.fill(mistyped.slack.staff, view, "balances_suggest-matter-0", ["matter-3"])
    view = changed(mistyped, view, "Line by line")
    shown = mistyped.slack.plain(view)
    assert f"[{XANADU}" in shown
    assert f"[{NGUYEN}" not in shown
    mistyped.slack.submit(mistyped.slack.staff, view)
    previewed(mistyped, 2)
    assert list(mistyped.left_out(1)) == [2, 7]


def test_the_only_one_near_is_filled_in_where_it_stands_alone_and_saved_as_shown(mistyped: World) -> None:
    view = changed(mistyped, opened(mistyped), "Line by line")
    shown = mistyped.slack.plain(view)
    assert f"Did you mean {NGUYEN}?" in shown
    assert '"Luis", 3 lines, $120.00: rows 4, 5, 6.' in shown
    mistyped.slack.fill(mistyped.slack.staff, view, "balances_matter-2", matter(mistyped, 14))
    mistyped.slack.submit(mistyped.slack.staff, view)
    previewed(mistyped, 2)
    numbers = {entry.matter_number for entry in mistyped.entries()}
    assert {XANADU, matter(mistyped, 14)} <= numbers
    assert NGUYEN not in numbers


def test_one_answer_counts_for_all_lines_that_write_the_same_matter(world: World) -> None:
    world.preview([["The big case", "", f"{amount}.00", ""] for amount in (1, 2, 3)] + world.sheet(1))
    view = opened(world)
    assert '"The big case", 3 lines, $6.00: rows 2, 3, 4.' in world.slack.plain(view)
    world.slack.submit(world.slack.staff, view, {"balances_matters-2": matter(world, 3)})
    text = previewed(world, 2)
    assert [entry.amount for entry in world.entries() if entry.matter_number == matter(world, 3)] == [Decimal("6.00")]
    assert f'Row 4: matter "The big case" is now "{matter(world, 3)}", by @staff.' in text
    world.drop([["the big case", "", "7.00", ""]], name="next.csv")
    assert "taken as" in world.until("next.csv: 1 entry, $7.00")


def test_where_two_are_near_neither_is_filled_in_and_both_are_named(world: World) -> None:
    world.firm.add_matter("00071-Quillon", client="Quillon", attorney=next(iter(world.firm.users)))
    world.firm.add_matter("00072-Quillon", client="Quillon", attorney=next(iter(world.firm.users)))
    world.preview([["00077-Quillon", "", "5.00", ""], *world.sheet(1)])
    assert "Did you mean 00071-Quillon or 00072-Quillon?" in world.text()
    view = opened(world)
    assert "Accept" not in world.slack.plain(view)
    world.slack.submit(world.slack.staff, view)
    assert world.batch().revision == 1


def test_a_bare_number_is_near_its_own_matter_alone_and_one_under_another_name_is_only_named(world: World) -> None:
    numbers = [matter(world, place) for place in (13, 14)]
    digits = [number.partition("-")[0].lstrip("0") for number in numbers]
    world.preview([[digits[0], "", "5.00", ""], [f"{digits[1]}-Zanzibar", "", "6.00", ""], ["98765", "", "7.00", ""]])
    text = world.text()
    assert f"did you mean {numbers[0]}" in text
    assert f"did you mean {numbers[1]}" in text
    names = {one.row: one for one in world.store.names.of_batch(1)}
    assert names[2].only is not None
    assert names[3].only is None
    assert names[4].near == ()


def test_a_user_who_is_disabled_or_one_of_two_is_never_suggested_alone(world: World) -> None:
    rows = world.sheet(3)
    world.firm.add_user("Luis Ortega")
    world.preview([[rows[0][0], "Luis", "1.00", ""], [rows[1][0], "Gordon", "2.00", ""], rows[2]])
    names = {one.row: one for one in world.store.names.of_batch(1)}
    assert [near.label for near in names[2].near] == ["Luis Ortega", "Luis Reyes"]
    assert names[2].only is None
    assert [near.label for near in names[3].near] == ["Gordon Sloane"]
    assert names[3].only is None


# What was entered stays


def entered(world: World) -> Any:
    """A form of two pages, with an amount typed into its first line behind More."""
    world.preview([[f"no-{number}", "", f"{number}.00", ""] for number in range(1, 21)] + world.sheet(1))
    view = more(world, opened(world), 2)
    world.slack.fill(world.slack.staff, view, "Row 2: amount", "77.00")
    world.slack.fill(world.slack.staff, view, "balances_matter-2", matter(world, 3))
    return view


def test_amount_and_note_stand_behind_more_and_what_was_entered_stays_when_another_line_opens(world: World) -> None:
    view = entered(world)
    assert "Row 3: amount" not in world.slack.plain(view)
    view = more(world, view, 3)
    world.slack.fill(world.slack.staff, view, "Row 3: note", "Costs")
    view = more(world, view, 4)
    assert world.store.corrections.drafts(1, 1, world.slack.staff.id)[2]["amount"] == "77.00"
    assert world.store.corrections.drafts(1, 1, world.slack.staff.id)[3]["note"] == "Costs"
    world.slack.submit(world.slack.staff, view)
    previewed(world, 2)
    assert Decimal("77.00") in [entry.amount for entry in world.entries()]


def test_what_was_entered_stays_over_pages_and_when_the_form_is_closed_and_opened_again(world: World) -> None:
    view = changed(world, entered(world), "Next")
    world.slack.close(world.slack.staff, view)
    view = opened(world)
    assert "77.00" in world.slack.plain(view)
    world.slack.submit(world.slack.staff, view)
    previewed(world, 2)
    assert Decimal("77.00") in [entry.amount for entry in world.entries()]


def test_what_was_entered_stays_after_a_submission_with_one_wrong_field(world: World) -> None:
    view = more(world, entered(world), 3)
    world.slack.submit(world.slack.staff, view, {"Row 3: amount": "much"})
    (left,) = world.slack.views(world.slack.staff)
    assert list(left.errors) == ["amount-3"]
    assert world.store.corrections.drafts(1, 1, world.slack.staff.id)[2]["amount"] == "77.00"
    world.slack.submit(world.slack.staff, left, {"Row 3: amount": "3.00"})
    previewed(world, 2)
    assert Decimal("77.00") in [entry.amount for entry in world.entries()]


def test_who_saves_nothing_takes_nothing_away_of_what_another_has_entered(world: World) -> None:
    changed(world, entered(world), "Next")
    world.slack.submit(world.slack.manager, opened(world, world.slack.manager))
    assert world.batch().status is BatchStatus.PREVIEWED
    assert "77.00" in world.slack.plain(opened(world))
