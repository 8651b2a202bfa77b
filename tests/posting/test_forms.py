"""Clio does not take a flat amount alone: the next form is previewed, says what it changes, and is approved anew."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from world import World

from brought_forward.sandbox.clio import Booking, ClioSandbox, sample_firm
from brought_forward.storage.records.batch import BatchStatus, EntryForm
from brought_forward.storage.records.entry import EntryState

E, S = EntryState, BatchStatus
NAME = "Balance brought forward"
FLAT_HOUR, HOUR = "Preview as flat with one hour", "Preview as one hour at this rate"


def begin(world: World, booking: Booking, entries: int = 3) -> None:
    """Have a batch approved while Clio books in one of the ways."""
    world.firm.booking = booking
    world.begin(world.sheet(entries))


def previewed_as(world: World, label: str, revision: int) -> str:
    """Click what offers a form and wait for its preview."""
    world.slack.wait_for(lambda: any(one.startswith(label) for one in world.labels()), timeout=20)
    world.click(world.slack.manager, label)
    world.slack.wait_for(lambda: (world.batch().revision, world.batch().status) == (revision, S.PREVIEWED), timeout=20)
    world.slack.wait_for(lambda: not world.store.messages.owed())
    return str(world.slack.plain(world.message("preview")))


def removed(world: World) -> None:
    """Wait for the entry that is not as sent, and remove it."""
    world.wait_for_status(S.STOPPED)
    world.click(world.slack.manager, "Remove this entry")
    world.slack.wait_for(lambda: E.WRONG not in world.states(), timeout=20)


def quantities(world: World) -> list[Any]:
    return [(call.data or {}).get("quantity") for call in world.posts()]


def assert_booked(world: World, *, flat: bool) -> None:
    """Clio holds each entry once, at its amount, in the form that was approved."""
    world.finish(timeout=30)
    held = [(one.matter_id, one.user_id, one.price, one.total, one.flat_rate) for one in world.clio.time_entries]
    assert held == [(one.matter_id, one.user_id, one.amount, one.amount, flat) for one in world.entries()]
    assert "equal to the cent" in world.text()


def test_where_clio_books_the_amount_alone_nothing_else_is_ever_sent(world: World) -> None:
    begin(world, Booking.FLAT)
    assert_booked(world, flat=True)
    assert quantities(world) == [None] * 3
    assert not [label for label in world.labels() if label.startswith("Preview as")]
    assert "one hour" not in world.text()


def test_an_amount_that_clio_sets_to_the_descriptions_rate_goes_with_an_hour(world: World) -> None:
    begin(world, Booking.ZERO)
    text = world.wait_for_status(S.STOPPED)
    assert "its total in Clio is $0.00 instead of $123.45" in text
    assert "Remove this entry; then it can be previewed as flat with one hour, which is approved anew." in text
    assert not [label for label in world.labels() if label.startswith("Preview as")]  # it stands in Clio still
    before, hashed = world.with_button("Remove"), world.batch().hash
    removed(world)
    shown = previewed_as(world, FLAT_HOUR, 2)
    assert "AR.csv: 3 entries, $370.38, ready for approval" in shown
    assert "Sent as flat with one hour, not as a flat amount alone. On the bills: the same amount and text;" in shown
    assert "In hours: 3 hours more in Clio's reports of time, one for each entry, under its user." in shown
    assert world.batch().form is EntryForm.FLAT_HOUR
    assert world.batch().hash != hashed
    assert len(world.posts()) == 1
    assert world.clio.time_entries == []
    assert "not there to be removed" in world.refused(
        world.slack.manager, "Remove this entry", before, snapshot=before.blocks
    )
    world.approve()
    assert_booked(world, flat=True)
    assert quantities(world) == [None, 3600, 3600, 3600]


def test_a_refusal_that_speaks_of_the_form_pauses_before_a_second_is_sent(world: World) -> None:
    begin(world, Booking.REFUSED)
    text = world.wait_for_status(S.PAUSED)
    assert 'Clio refused the first entry: "Quantity can\'t be blank" Nothing else was sent.' in text
    assert len(world.posts()) == 1
    previewed_as(world, FLAT_HOUR, 2)
    world.approve()
    assert_booked(world, flat=True)


def test_a_sending_that_had_no_answer_counts_in_the_next_form_too(world: World) -> None:
    """Clio may carry it out yet, so the form gives no two sendings more."""
    world.clio.faults.add("cut_before", method="POST", path="/activities.json")
    begin(world, Booking.ZERO, 2)
    removed(world)
    assert [one.unanswered for one in world.entries()] == [1, 0]
    previewed_as(world, FLAT_HOUR, 2)
    assert [one.unanswered for one in world.entries()] == [1, 0]
    world.approve()
    assert_booked(world, flat=True)


def test_where_clio_books_by_the_hour_the_third_form_is_clios_own_second_way(world: World) -> None:
    begin(world, Booking.HOURLY)
    assert "Clio booked it hourly with a total of $0.00 instead of $123.45" in world.wait_for_status(S.STOPPED)
    removed(world)
    previewed_as(world, FLAT_HOUR, 2)
    world.approve()
    world.until("Clio booked it hourly, not as a flat rate with one hour.")
    removed(world)
    shown = previewed_as(world, HOUR, 3)
    assert "each balance as 1.00 hour at a rate of its amount, not as a flat amount, of the activity" in shown
    assert f'"{NAME} (1 hour)"' in shown
    world.approve()
    assert_booked(world, flat=False)
    assert {entry.note for entry in world.clio.time_entries} == {entry.note for entry in world.entries()}
    made = [(one.name, one.rate_type, one.amount) for one in world.firm.descriptions if one.name.startswith(NAME)]
    assert made == [(NAME, "FlatRate", Decimal(0)), (f"{NAME} (1 hour)", "Custom", Decimal(0))]
    world.click(world.slack.manager, "Undo")
    world.wait_for_status(S.UNDONE)
    assert world.clio.time_entries == []


def test_after_the_last_form_none_is_offered(world: World) -> None:
    world.firm.booking = Booking.HOURLY
    world.begin(world.sheet(2))
    for label, revision in ((FLAT_HOUR, 2), (HOUR, 3)):
        removed(world)
        previewed_as(world, label, revision)
        if revision == 3:
            world.clio.faults.add("wrong_user")
        world.approve()
    world.wait_for_status(S.STOPPED)
    assert world.batch().halt == "wrong"
    assert not [label for label in world.labels() if label.startswith("Preview as")]


def test_the_next_batch_begins_in_the_form_that_was_proved_and_flat_is_one_click_away(world: World) -> None:
    begin(world, Booking.ZERO, 2)
    removed(world)
    previewed_as(world, FLAT_HOUR, 2)
    world.approve()
    world.finish()
    second = world.preview(world.sheet(3)[2:], name="next.csv")
    assert second.form is EntryForm.FLAT_HOUR
    assert "Sent as flat with one hour" in world.text()
    world.firm.booking = Booking.FLAT
    world.click(world.slack.manager, "Preview as flat")
    world.slack.wait_for(lambda: world.batch(2).revision == 2 and world.batch(2).status is S.PREVIEWED, timeout=20)
    assert world.batch(2).form is EntryForm.FLAT
    world.approve()
    world.finish(2)
    assert quantities(world)[-1] is None


@pytest.fixture
def other() -> Iterator[ClioSandbox]:
    firm = sample_firm()
    firm.account_id = 700_999
    with ClioSandbox(firm, limit=0) as clio:
        yield clio


def test_a_sending_that_had_no_answer_counts_though_the_batch_was_previewed_in_another_account_meanwhile(
    world: World, other: ClioSandbox
) -> None:
    """Else it could be sent twice more, and Clio may carry out all of them."""
    world.clio.faults.add("cut_before", method="POST", path="/activities.json")
    begin(world, Booking.ZERO, 2)
    removed(world)
    previewed_as(world, FLAT_HOUR, 2)
    day = world.batch().posting_date
    assert day is not None
    for url, revision, counted in ((other.url, 3, [0, 0]), (world.clio.url, 4, [1, 0])):
        world.restart(clio_api_url=url)
        day -= timedelta(days=1)
        world.date(world.slack.staff, day, world.message("preview"))
        world.slack.wait_for(
            lambda revision=revision: (world.batch().revision, world.batch().status) == (revision, S.PREVIEWED)
        )
        world.slack.wait_for(lambda: not world.store.messages.owed())
        assert [one.unanswered for one in world.entries()] == counted


def test_what_one_account_has_taken_is_not_proved_for_another(world: World, other: ClioSandbox) -> None:
    begin(world, Booking.REFUSED, 2)
    world.wait_for_status(S.PAUSED)
    previewed_as(world, FLAT_HOUR, 2)
    world.approve()
    world.finish()
    world.restart(clio_api_url=other.url)
    assert world.preview(world.sheet(2), name="theirs.csv").form is EntryForm.FLAT


def test_a_refusal_in_an_account_that_has_taken_nothing_yet_may_be_of_the_form(
    world: World, other: ClioSandbox
) -> None:
    world.begin(world.sheet(1))
    world.finish()
    world.restart(clio_api_url=other.url)
    other.firm.booking = Booking.REFUSED
    number = world.begin(world.sheet(3)[1:], name="theirs.csv")
    text = world.wait_for_status(S.PAUSED, number)
    assert 'Clio refused the first entry: "Quantity can\'t be blank" Nothing else was sent.' in text
    assert world.states(number) == [E.REFUSED, E.PLANNED]


def test_where_the_account_has_taken_the_form_before_a_refusal_is_of_the_matter_alone(world: World) -> None:
    world.begin(world.sheet(1))
    world.finish()
    world.clio.faults.add("refuse", method="POST", path="/activities.json", message="Quantity can't be blank")
    number = world.begin(world.sheet(3)[1:], name="next.csv")
    world.finish(number)
    assert world.states(number) == [E.REFUSED, E.POSTED]


def test_only_an_approver_has_it_previewed_in_another_form_and_only_once(world: World) -> None:
    begin(world, Booking.REFUSED)
    world.wait_for_status(S.PAUSED)
    halt = world.with_button(FLAT_HOUR)
    assert "Only approvers can" in world.refused(world.slack.staff, FLAT_HOUR)
    previewed_as(world, FLAT_HOUR, 2)
    said = world.refused(world.slack.partner, FLAT_HOUR, halt, snapshot=halt.blocks)
    assert "only while nothing of it is in Clio" in said
    assert world.batch().revision == 2
    assert len(world.posts()) == 1


def test_a_batch_of_which_something_is_posted_stays_in_its_form(world: World) -> None:
    world.clio.faults.add("hourly", nth=2)
    world.begin(world.sheet(3))
    world.wait_for_status(S.STOPPED)
    assert world.batch().halt == "wrong"
    removed(world)
    assert not [label for label in world.labels() if label.startswith("Preview as")]


def test_a_list_that_still_shows_the_removed_entry_keeps_no_line_out(world: World) -> None:
    begin(world, Booking.ZERO)
    world.wait_for_status(S.STOPPED)
    stale = world.clio.time_entries[0]
    removed(world)
    world.firm.entries.restore(stale)  # as a list shows it that lags behind the deletion
    shown = previewed_as(world, FLAT_HOUR, 2)
    assert "3 entries, $370.38" in shown
    assert world.left_out(1) == {}
