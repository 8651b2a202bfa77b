"""From lines to entries: whose matter, whose revenue, which sum; and every other line with its reason."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from world import World, shared

from brought_forward.bot.matching.entries import NOTE_LENGTH, MatchRules
from brought_forward.bot.matching.index import FirmIndex
from brought_forward.bot.matching.match import Matching, match
from brought_forward.sandbox.clio import sample_firm
from brought_forward.storage.records.entry import EntryState
from brought_forward.storage.records.firm import Matter, User
from brought_forward.storage.records.sheet import Line

RULES = MatchRules("Balance brought forward", "USD", date(2026, 10, 31), post_credits=False)
DON = User(1, "Don Draper", "Don", "Draper", "DD", "don.draper@firm.example", enabled=True, clio_connect=False)
PEGGY = User(2, "Peggy Olson", "Peggy", "Olson", "PO", "peggy@firm.example", enabled=True, clio_connect=False)
DAN = User(3, "Dan Dodd", "Dan", "Dodd", "DD", "dan@firm.example", enabled=True, clio_connect=False)
GONE = User(4, "Gordon Sloane", "Gordon", "Sloane", "GS", "gordon@firm.example", enabled=False, clio_connect=False)
CLIENT = User(5, "Mara Acme", "Mara", "Acme", "MA", "mara@acme.example", enabled=True, clio_connect=True)
USERS = [DON, PEGGY, DAN, GONE, CLIENT]


def matter(number: str, id_: int = 100, **more: Any) -> Matter:
    given: dict[str, Any] = {"client": "Acme", "currency": "USD", "responsible_attorney_id": DON.id}
    return Matter(id_, number, "", "Open", **{"billable": True, "billing_method": "hourly"} | given | more)


def line(matter: str, amount: str = "100.00", user: str | None = "Peggy Olson", row: int = 2, **more: Any) -> Line:
    given: dict[str, Any] = {"client": None, "date": None, "note": None, "unreadable": None, "left_out": None}
    return Line(row, str(row), matter, user, amount=Decimal(amount), **given | {"entry": None} | more)


def matched(lines: list[Line], matters: list[Matter], rules: MatchRules = RULES, **more: Any) -> Matching:
    return match(lines, FirmIndex(matters, USERS), more.get("standing", {}), rules)


def only(lines: list[Line], matters: list[Matter], rules: MatchRules = RULES) -> Any:
    """Return the one entry that the lines come to."""
    result = matched(lines, matters, rules)
    assert result.left_out == {}
    ((entry, rows),) = result.planned
    assert sorted(rows) == sorted(line.row for line in lines)
    return entry


def reason(lines: list[Line], matters: list[Matter], **more: Any) -> str:
    """Return the one reason why none of the lines is posted."""
    result = matched(lines, matters, **more)
    assert result.planned == []
    assert result.left_out.keys() == {line.row for line in lines}
    (why,) = set(result.left_out.values())
    return why


# Matters


def test_an_exact_number_wins_over_one_that_differs_by_case() -> None:
    twins = [matter("00031-Halden", 31), matter("00031-HALDEN", 32)]
    assert only([line("00031-HALDEN")], twins).matter_id == 32


@pytest.mark.parametrize("typed", ["00012-acme", " 00012-Acme", "00012-ACME\u00a0"])
def test_case_and_outer_white_space_do_not_hide_a_matter(typed: str) -> None:
    assert only([line(typed)], [matter("00012-Acme"), matter("00012", 7)]).matter_number == "00012-Acme"


def test_a_number_that_fits_two_matters_is_refused_and_both_are_named() -> None:
    twins = [matter("00031-Halden", 31, client="Halden"), matter("00031-HALDEN", 32, client="Halden & Co")]
    why = reason([line("00031-halden")], twins)
    assert "00031-Halden (Halden)" in why
    assert "00031-HALDEN (Halden & Co)" in why


def test_two_matters_with_one_number_are_refused_even_when_it_is_exact() -> None:
    assert "fits more than one" in reason([line("7")], [matter("7", 1), matter("7", 2)])


def test_leading_zeros_make_another_number() -> None:
    result = matched([line("12-Acme")], [matter("00012-Acme")])
    assert result.left_out == {2: "Clio has no matter of this number (or the bot may not see it)."}
    assert result.unknown_matters


@pytest.mark.parametrize(
    ("more", "why"), [({"billable": False}, "not billable"), ({"currency": "CAD"}, "kept in CAD, this batch in USD")]
)
def test_a_matter_that_cannot_carry_the_balance_is_refused(more: dict[str, Any], why: str) -> None:
    assert why in reason([line("1")], [matter("1", **more)])


def test_a_matter_whose_currency_clio_does_not_say_is_taken() -> None:
    assert only([line("1")], [matter("1", currency=None)]).amount == Decimal("100.00")


def test_what_is_already_brought_forward_is_said_in_words() -> None:
    why = reason([line("1")], [matter("1", 9)], standing={9: "Clio has $50.00 of 2 October 2026"})
    assert why == "already brought forward: Clio has $50.00 of 2 October 2026."


# Users


@pytest.mark.parametrize("typed", ["Peggy Olson", "peggy olson ", "PEGGY@firm.example", "po"])
def test_a_user_is_found_by_name_email_or_initials(typed: str) -> None:
    assert only([line("1", user=typed)], [matter("1")]).user_name == "Peggy Olson"


def test_initials_of_two_users_are_refused_and_both_are_named() -> None:
    assert "Don Draper and Dan Dodd" in reason([line("1", user="DD")], [matter("1")])


def test_a_user_whom_clio_does_not_know_is_refused_although_the_matter_has_an_attorney() -> None:
    assert 'no user "Pete Campbell" in Clio' in reason([line("1", user="Pete Campbell")], [matter("1")])


def test_without_a_user_the_responsible_attorney_gets_it() -> None:
    assert only([line("1", user=None)], [matter("1")]).user_id == DON.id


def test_without_a_user_and_an_attorney_the_line_is_refused() -> None:
    assert "no responsible attorney" in reason([line("1", user=None)], [matter("1", responsible_attorney_id=None)])


@pytest.mark.parametrize("user", [GONE, CLIENT], ids=["disabled", "portal"])
def test_who_keeps_no_time_is_refused_named_or_as_the_attorney(user: User) -> None:
    for named in (user.name, None):
        why = reason([line("1", user=named)], [matter("1", responsible_attorney_id=user.id)])
        assert user.name in why


# Sums


def test_lines_of_one_matter_and_user_become_one_entry() -> None:
    lines = [line("1", "100.10", row=2), line(" 1", "0.20", "PO", row=3), line("1", "-50.05", "peggy olson", row=9)]
    assert only(lines, [matter("1")]).amount == Decimal("50.25")


def test_two_users_on_one_matter_are_two_entries() -> None:
    result = matched([line("1", row=2), line("1", user="Don Draper", row=3)], [matter("1")])
    assert [(entry.user_id, rows) for entry, rows in result.planned] == [(PEGGY.id, [2]), (DON.id, [3])]


def test_lines_that_come_to_zero_make_no_entry_and_are_listed() -> None:
    assert "come to zero" in reason([line("1", "5.00", row=2), line("1", "-5.00", row=3)], [matter("1")])


def test_a_credit_is_held_and_judged_on_the_sum() -> None:
    lines = [line("1", "5.00", row=2), line("1", "-7.50", row=3)]
    assert "a credit (-$2.50 in all)" in reason(lines, [matter("1")])


def test_a_credit_is_posted_where_the_setting_says_so() -> None:
    assert only([line("1", "-7.50")], [matter("1")], replace(RULES, post_credits=True)).amount == Decimal("-7.50")


MATTERS = [
    matter("00001-A", 1),
    matter("00002-B", 2),
    matter("00003-C", 3, billable=False),
    matter("00031-Halden", 31),
    matter("00031-HALDEN", 32),
    matter("00005-E", 5, responsible_attorney_id=None),
    matter("00006-F", 6, currency="EUR"),
]
NUMBERS = st.sampled_from([one.display_number for one in MATTERS] + ["00001-a", "00031-halden", "99999", " 00002-B "])
NAMES = st.sampled_from([one.name for one in USERS] + ["DD", "po", "Nobody", None])
CENTS = st.integers(-(10**9), 10**9).filter(bool) | st.sampled_from([-100, 100, 1, -1])
LINES = st.lists(st.tuples(NUMBERS, CENTS, NAMES, st.sampled_from([None, "Total unreadable"])), max_size=25)


@given(LINES, st.booleans())
def test_every_cent_of_the_sheet_is_planned_or_left_out_with_a_reason(rows: list[Any], post_credits: bool) -> None:
    lines = [
        line(number, f"{Decimal(cents) / 100:.2f}", user, row, unreadable=unreadable)
        for row, (number, cents, user, unreadable) in enumerate(rows, start=2)
    ]
    result = matched(lines, MATTERS, replace(RULES, post_credits=post_credits), standing={2: "held"})
    amounts = {one.row: one.amount for one in lines if one.unreadable is None}
    summed = [row for _, rows in result.planned for row in rows]
    assert sorted([*summed, *result.left_out]) == sorted(amounts)
    planned = sum((entry.amount for entry, _ in result.planned), Decimal(0))
    assert planned + sum(amounts[row] for row in result.left_out) == sum(amounts.values())
    assert all(entry.amount == sum(amounts[row] for row in rows) for entry, rows in result.planned)
    assert all(entry.amount != 0 and (post_credits or entry.amount > 0) for entry, _ in result.planned)
    assert len({(entry.matter_id, entry.user_id) for entry, _ in result.planned}) == len(result.planned)
    assert all(why.endswith(".") for why in result.left_out.values())


# The note on the client's bill


def test_the_note_says_as_of_when_and_then_what_the_lines_say_once_each() -> None:
    lines = [
        line("1", row=2, note=" Invoice 1001 ", date=date(2026, 9, 30)),
        line("1", row=3, note="Invoice\n1002"),
        line("1", row=4, date=date(2026, 8, 1)),
        line("1", row=5, note="Invoice 1002"),
    ]
    assert only(lines, [matter("1")]).note == (
        "Balance brought forward as of 31 October 2026:"
        " Invoice 1001 (30 September 2026); Invoice 1002; dated 1 August 2026"
    )


def test_a_day_that_the_words_of_a_line_name_already_is_not_said_twice() -> None:
    lines = [line("1", row=2, note="invoice of 29 September 2026", date=date(2026, 9, 29))]
    assert only(lines, [matter("1")]).note == (
        "Balance brought forward as of 31 October 2026: invoice of 29 September 2026"
    )


def test_a_line_without_words_of_its_own_gets_the_bare_note() -> None:
    assert only([line("1")], [matter("1")]).note == "Balance brought forward as of 31 October 2026"


@given(st.lists(st.text(max_size=300), min_size=1, max_size=5))
def test_no_note_is_longer_than_clio_takes_and_all_begin_alike(notes: list[str]) -> None:
    lines = [line("1", row=row, note=note) for row, note in enumerate(notes, start=2)]
    note = only(lines, [matter("1")]).note
    assert len(note) <= NOTE_LENGTH == 255
    assert note.startswith("Balance brought forward as of 31 October 2026")
    assert note == " ".join(note.split())


# With Clio


@pytest.fixture(scope="module")
def open_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with shared(tmp_path_factory.mktemp("matching"), sample_firm()) as world:
        yield world


@pytest.fixture
def world(open_world: World) -> World:
    return open_world.ready()


def numbered(world: World, place: int) -> Any:
    """Return the matter with this number in the sample firm."""
    return next(one for one in world.firm.matters if one.display_number.startswith(f"{place:05d}-"))


def test_each_trap_of_the_firm_is_named_in_the_preview(world: World) -> None:
    hidden, foreign = numbered(world, 2), numbered(world, 3)
    world.firm.change(hidden, visible=False)
    world.firm.change(foreign, currency=world.firm.currency("CAD").code)
    rows = [
        ["00001-Acme", "Dana Hallam", "1.00", ""],
        [hidden.display_number, "Dana Hallam", "2.00", ""],
        [foreign.display_number, "Dana Hallam", "3.00", ""],
        ["00031-halden", "Dana Hallam", "4.00", ""],
        [numbered(world, 44).display_number, "Dana Hallam", "5.00", ""],
        [numbered(world, 71).display_number, "", "6.00", ""],
        [numbered(world, 5).display_number, "Gordon Sloane", "7.00", ""],
        [numbered(world, 6).display_number, "Mara Acme", "8.00", ""],
        [numbered(world, 7).display_number, "Nobody", "9.00", ""],
        [numbered(world, 8).display_number, "TO", "10.00", ""],
        [numbered(world, 9).display_number, "", "-11.00", ""],
    ]
    batch = world.preview(rows)
    reasons = world.left_out(batch.id)
    for row, words in {
        3: "Clio has no matter of this number", 4: "kept in CAD", 5: "fits more than one matter", 6: "not billable",
        7: "no responsible attorney", 8: "disabled", 9: "portal", 10: 'no user "Nobody"', 12: "a credit",
    }.items():  # fmt: skip
        assert words in reasons[row]
        assert row == 12 or reasons[row].strip(".") in world.text()
    assert "-$11.00" in world.text()  # a credit is shown apart, with what the setting does to it
    assert "Not posted: enter them in Clio by hand." in world.text()
    assert {entry.matter_number: entry.user_name for entry in world.entries(batch.id)} == {
        "00001-Acme": "Dana Hallam", numbered(world, 8).display_number: "Tom Okafor",
    }  # fmt: skip
    assert sum(len(reasons.keys() & {row}) for row in range(2, 13)) == 9
    assert "9 lines" in world.text()
    assert "$33.00" in world.text()
    world.firm.change(world.firm.matters[hidden.id], visible=True)
    assert world.posts() == []


def test_a_matter_made_after_the_first_listing_is_found(world: World) -> None:
    world.preview([["00001-Acme", "", "1.00", ""]])
    world.firm.add_matter("00099-New", attorney=world.firm.token_user)
    batch = world.preview([["00099-new", "", "1.00", ""]])
    assert [entry.matter_number for entry in world.entries(batch.id)] == ["00099-New"]


def test_credits_are_posted_where_the_setting_says_so(world: World) -> None:
    world.ready(balances_credits="post")
    number = numbered(world, 20).display_number
    batch = world.preview([[number, "", "-12.50", ""]])
    assert "1 entry, -$12.50, ready for approval" in world.text()
    assert "as positive, and its bill counts as paid at once" in world.text()
    world.approve()
    world.until("equal to the cent")
    assert world.states(batch.id) == [EntryState.POSTED]
    assert [entry.total for entry in world.clio.time_entries][-1] == Decimal("-12.50")


def test_what_stands_in_clio_by_hand_or_in_another_batch_of_ours_is_not_planned_again(world: World) -> None:
    ours, theirs, free = (numbered(world, place) for place in (21, 22, 24))
    rows = [[one.display_number, "", f"{cents}.00", ""] for cents, one in enumerate((ours, theirs, free), start=7)]
    first = world.preview(rows[:1])
    world.approve()
    world.until("equal to the cent")
    (description,) = [one for one in world.firm.descriptions if one.name == "Balance brought forward"]
    user = world.firm.token_user
    world.firm.add_entry(theirs, user, description, Decimal("50.00"), on=date(2026, 10, 2))
    second = world.preview(rows)
    assert world.left_out(second.id)[3] == "already brought forward: Clio has $50.00 of 2 October 2026."
    assert "already brought forward: Clio has $7.00" in world.left_out(second.id)[2]
    assert [entry.matter_id for entry in world.entries(second.id)] == [free.id]
    world.firm.remove_entry(world.entries(first.id)[0].clio_id)
    third = world.preview(rows[:1])
    assert first.name in world.left_out(third.id)[2]
    assert world.entries(third.id) == []


def test_the_batch_keeps_the_sum_of_the_sheet(world: World) -> None:
    places = [*range(33, 50), 35, 36]
    rows = [
        [numbered(world, place).display_number, "", f"{place * 7.77 + at:.2f}", ""] for at, place in enumerate(places)
    ]
    batch = world.preview([*rows, ["99999", "", "-0.01", ""]])
    sheet = sum(Decimal(row[2]) for row in rows) - Decimal("0.01")
    count, left = world.store.lines.left_out_total(batch.id)
    assert sum(entry.amount for entry in world.entries(batch.id)) + left == sheet
    assert f"${sheet:,.2f}" in world.text()
    assert count == 2  # 00044 is not billable, 99999 is no matter
