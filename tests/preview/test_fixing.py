"""Lines put right in the form under the preview: found, chosen, saved as a new revision, remembered."""

from decimal import Decimal

import pytest
from fix_form import FIX, matter, more, opened, previewed
from world import World

NOBODY = "99999-Nobody"


@pytest.fixture
def failing(world: World) -> World:
    """Four lines: two good, one of a matter nobody knows, one whose amount is none."""
    good = world.sheet(4)
    world.preview([good[0], good[1], [NOBODY, "", "500.00", ""], [good[3][0], good[3][1], "n/a", ""]])
    return world


def test_lines_put_right_in_the_form_are_posted_with_the_others(failing: World) -> None:
    view = opened(failing)
    answer = failing.slack.submit(
        failing.slack.staff, view, {"balances_matter-4": matter(failing, 2), "Row 5: amount": "$1,070.25"}
    )
    assert answer.error is None, answer
    text = previewed(failing, 2)
    assert "4 entries" in text
    assert "will not be posted" not in text
    failing.click(failing.slack.manager, "Approve")
    failing.finish()
    assert [entry.amount for entry in failing.entries()][2:] == [Decimal("500.00"), Decimal("1070.25")]
    failing.assert_ledger_equals()


def test_a_line_whose_amount_is_put_right_stays_its_own_users_with_its_own_note(world: World) -> None:
    (first, second) = world.sheet(2)
    lawyer = next(one for one in world.firm.matters if one.display_number == second[0]).responsible_attorney_id
    user = next(one for one in world.firm.users if one.enabled and not one.clio_connect and one.id != lawyer).name
    world.preview([first, [second[0], user, "n/a", "Invoice 77"]])
    failing = next(line for line in world.store.lines.of_batch(1) if line.left_out)
    assert (failing.user, failing.note) == (user, "Invoice 77")
    world.slack.submit(world.slack.staff, opened(world), {"Row 3: amount": "70.25"})
    previewed(world, 2)
    mended = world.entries()[1]
    assert (mended.user_name, mended.note.endswith(": Invoice 77")) == (user, True)


def test_the_form_shows_each_line_with_its_cells_and_the_reason(failing: World) -> None:
    shown = failing.slack.plain(opened(failing))
    assert "Fix lines of B1" in shown
    assert f'Row 4, "{NOBODY}", $500.00' in shown
    assert "no matter of this number" in shown
    assert '"n/a" is not an amount' in shown


def test_a_form_that_slack_refuses_opens_in_plain_sections_and_else_the_person_is_told(failing: World) -> None:
    failing.slack.faults.add("views.open", "invalid_arguments")
    view = failing.open_form(failing.slack.staff, FIX, "Fix lines of B1")
    assert {block["type"] for block in view.payload["blocks"]} <= {"section", "actions", "input", "divider"}
    assert not [block for block in view.payload["blocks"] if "expand" in block]
    failing.slack.close(failing.slack.staff, view)
    failing.slack.faults.add("views.open", "invalid_arguments", times=2)
    told = failing.refused(failing.slack.staff, FIX)
    assert "Slack did not open the form. Click Fix once more" in told


def test_what_a_number_means_is_remembered_for_the_next_file(failing: World) -> None:
    view = opened(failing)
    failing.slack.submit(failing.slack.staff, view, {"balances_matter-4": matter(failing, 2)})
    previewed(failing, 2)
    failing.drop([[NOBODY, "", "7.00", ""]], name="next.csv")
    text = failing.until("next.csv: 1 entry, $7.00")
    assert f'"{NOBODY}" is taken as {failing.sheet(3)[2][0]}, $7.00 in row 2: chosen by @staff on' in text


def test_whoever_approves_sees_what_was_changed_by_hand_and_by_whom(failing: World) -> None:
    view = more(failing, opened(failing), 4)
    typed = {"balances_matter-4": matter(failing, 2), "Row 4: amount": "900", "Row 5: amount": "70.25"}
    failing.slack.submit(failing.slack.staff, view, typed)
    text = previewed(failing, 2)
    assert "2 amounts changed by hand: the file says $500.00, where it could be read, now it is $970.25." in text
    assert "Row 4: amount $500.00 is now $900.00, by @staff." in text
    assert f'Row 4: matter "{NOBODY}" is now "{matter(failing, 2)}", by @staff.' in text
    assert "Row 5: amount that cannot be read is now $70.25, by @staff." in text


def test_who_corrected_does_not_approve(failing: World) -> None:
    view = opened(failing, failing.slack.manager)
    failing.slack.submit(failing.slack.manager, view, {"Row 5: amount": "1"})
    previewed(failing, 2)
    assert "You corrected this file, so someone else approves it" in failing.refused(failing.slack.manager, "Approve")


def test_where_the_last_approver_corrected_it_the_preview_says_why_nobody_can_approve(failing: World) -> None:
    failing.slack.submit(failing.slack.manager, opened(failing, failing.slack.manager), {"Row 5: amount": "1"})
    previewed(failing, 2)
    view = more(failing, opened(failing, failing.slack.partner), 4, failing.slack.partner)
    failing.slack.submit(failing.slack.partner, view, {"Row 4: amount": "2"})
    text = previewed(failing, 3)
    assert "who uploaded or corrected a file does not approve it, and no other approver is left." in text
    assert "[Approve" not in text


def test_a_line_left_out_by_hand_stays_out_and_can_be_taken_back(failing: World) -> None:
    view = opened(failing)
    failing.slack.submit(
        failing.slack.staff, view, {"balances_fate-4": ["skip"], "balances_matter-4": matter(failing, 2)}
    )
    text = previewed(failing, 2)
    assert "left out by hand" in text
    assert failing.left_out(1)[4] == "left out by hand."
    view = opened(failing)
    failing.slack.submit(failing.slack.staff, view, {"balances_fate-4": []})
    previewed(failing, 3)
    assert 4 not in failing.left_out(1)


@pytest.mark.parametrize("typed", ["1,2,3", "12.345", "abc", "1.234,56"])
def test_an_amount_that_is_none_is_told_at_its_field_and_nothing_is_saved(failing: World, typed: str) -> None:
    view = opened(failing)
    failing.slack.submit(failing.slack.staff, view, {"Row 5: amount": typed})
    (left,) = failing.slack.views(failing.slack.staff)
    assert list(left.errors) == ["amount-5"]
    assert failing.batch().revision == 1


def test_a_form_of_an_older_revision_saves_nothing_and_says_so(failing: World) -> None:
    old = opened(failing)
    second = opened(failing, failing.slack.manager)
    failing.slack.submit(failing.slack.manager, second, {"Row 5: amount": "1"})
    previewed(failing, 2)
    failing.slack.submit(failing.slack.staff, old, {"Row 5: amount": "2"})
    (left,) = failing.slack.views(failing.slack.staff)
    assert "Somebody corrected lines meanwhile" in failing.slack.plain(left)
    assert failing.batch().revision == 2
    assert failing.entries()[-1].amount == 1


def test_a_form_that_changes_nothing_makes_no_revision(failing: World) -> None:
    failing.slack.submit(failing.slack.staff, opened(failing))
    assert failing.slack.views(failing.slack.staff) == []
    assert failing.batch().revision == 1
    assert failing.store.decisions.correctors(1) == set()


def test_a_note_longer_than_its_field_stays_whole_and_is_no_change(world: World) -> None:
    (good,) = world.sheet(1)
    note = f"Fees  of the year, {'and more ' * 30}"
    world.preview([good, [NOBODY, "", "500.00", note]])
    failing = next(line for line in world.store.lines.of_batch(1) if line.left_out)
    world.slack.submit(world.slack.staff, opened(world))
    assert world.batch().revision == 1
    world.slack.submit(world.slack.staff, opened(world), {"balances_matter-3": matter(world, 1)})
    previewed(world, 2)
    assert next(line for line in world.store.lines.of_batch(1) if line.row == 3).note == failing.note


def test_guests_may_not_correct(failing: World) -> None:
    said = failing.refused(failing.slack.guest, FIX)
    assert "Guests cannot do this." in said
    assert failing.slack.views(failing.slack.guest) == []


def test_what_is_chosen_on_one_page_is_kept_while_turning_to_another(world: World) -> None:
    rows = [[f"no-{number}", "", f"{number}.00", ""] for number in range(1, 46)]
    world.preview([*rows, *world.sheet(1)])
    view = opened(world)
    assert "Lines 1 to 15 of 45" in world.slack.plain(view)
    world.slack.fill(world.slack.staff, view, "balances_matter-2", matter(world, 1))
    world.slack.click(world.slack.staff, "Next", view)
    world.slack.wait_for(lambda: "Lines 16 to 30 of 45" in world.slack.plain(world.slack.views(world.slack.staff)[-1]))
    view = world.slack.views(world.slack.staff)[-1]
    world.slack.fill(world.slack.staff, view, "balances_matter-18", matter(world, 2))
    world.slack.click(world.slack.staff, "Back", view)
    world.slack.wait_for(lambda: "Lines 1 to 15 of 45" in world.slack.plain(world.slack.views(world.slack.staff)[-1]))
    view = world.slack.views(world.slack.staff)[-1]
    assert world.sheet(2)[1][0] in world.slack.plain(view)
    world.slack.submit(world.slack.staff, view)
    previewed(world, 2)
    assert len(world.entries()) == 3
    assert len(world.left_out(1)) == 43


def test_the_select_offers_what_the_line_may_mean_first_and_then_what_is_typed(world: World) -> None:
    number = world.sheet(3)[2][0]
    world.preview([[number[:-1] + "x", "", "5.00", ""], *world.sheet(1)])
    view = opened(world)
    offered = world.slack.suggest(world.slack.staff, "balances_matter-2", "", view)
    assert offered.options[0]["text"]["text"].startswith(number)
    typed = world.slack.suggest(world.slack.staff, "balances_matter-2", world.sheet(2)[1][0][:5], view)
    assert typed.options[0]["text"]["text"].startswith(world.sheet(2)[1][0])


def test_the_form_at_two_hundred_problems_opens_within_slacks_three_seconds(world: World) -> None:
    world.preview([[f"no-{number}", "", f"{number}.00", ""] for number in range(1, 201)] + world.sheet(1))
    view = opened(world)  # the sandbox's trigger lives three seconds, as Slack's does
    assert "Lines 1 to 15 of 200" in world.slack.plain(view)


def test_one_user_is_chosen_for_all_lines_that_name_none(world: World) -> None:
    number = world.sheet(2)[1][0]
    orphan = next(one for one in world.firm.matters if one.display_number == number)
    world.firm.change(orphan, responsible_attorney_id=None)
    world.preview([[number, "", "12.00", ""], *world.sheet(1)])
    assert "no responsible attorney" in world.text()
    view = opened(world)
    user = world.entries()[0].user_name
    world.slack.submit(world.slack.staff, view, {"balances_user-0": user})
    previewed(world, 2)
    assert [entry.user_name for entry in world.entries()] == [user, user]


def test_a_line_is_posted_anyway_only_where_the_rule_allows_it_and_with_a_reason(world: World) -> None:
    disabled = next(user for user in world.firm.users if not user.enabled and not user.clio_connect)
    number = world.sheet(2)[1][0]
    world.preview([[number, disabled.name, "12.00", ""], *world.sheet(1), [NOBODY, "", "5.00", ""]])
    view = opened(world)
    world.slack.submit(world.slack.staff, view, {"balances_fate-2": ["anyway"]})
    (left,) = world.slack.views(world.slack.staff)
    assert list(left.errors) == ["why-2"]
    with pytest.raises(LookupError):
        world.slack.fill(world.slack.staff, left, "balances_fate-4", ["anyway"])
    world.slack.submit(world.slack.staff, left, {"Row 2: why": "her books are closed in December"})
    text = previewed(world, 2)
    assert "2 entries" in text
    assert "her books are closed in December" in text


def test_choosing_a_matter_takes_nothing_for_right_that_the_sheet_could_not_say(world: World) -> None:
    good = world.sheet(3)
    text = f"Matter,Balance,Currency\n{good[0][0]},10.00,USD\n{good[1][0]},20.00,EUR\n"
    world.slack.upload(world.slack.staff, "balances", "AR.csv", text.encode())
    world.until("fingerprint")
    assert list(world.left_out(1)) == [3]
    world.slack.submit(world.slack.staff, opened(world), {"balances_matter-3": matter(world, 2)})
    previewed(world, 2)
    assert list(world.left_out(1)) == [3]
    world.slack.submit(world.slack.staff, opened(world), {"balances_fate-3": ["right"]})
    previewed(world, 3)
    assert world.left_out(1) == {}
