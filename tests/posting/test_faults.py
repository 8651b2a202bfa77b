"""What Clio answers to a POST, or does not, and what then becomes of the entry."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from world import FAST, World

from brought_forward.storage.records.batch import BatchStatus
from brought_forward.storage.records.entry import EntryState

E = EntryState
ENTRIES = "/activities.json"


def ids(world: World, count: int) -> list[int]:
    """Name the matters of `world.sheet(count)`."""
    return [matter.id for matter in world.firm.matters if matter.billable and matter.visible][:count]


def sent(world: World, matter: int) -> int:
    return sum(1 for call in world.posts() if call.data["matter"] == {"id": matter})


def looks(world: World) -> list[Any]:
    return [call for call in world.clio.calls if call.path == ENTRIES and "matter_id" in call.query]


def text_answer(text: str) -> Callable[[Any, Any], None]:
    return lambda response, body: response.set_data(text)


def status_answer(status: int, text: str | None = None) -> Callable[[Any, Any], None]:
    def change(response: Any, body: Any) -> None:
        response.status_code = status
        if text is not None:
            response.set_data(text)

    return change


# No answer, or none that proves anything


def test_whatever_is_no_answer_is_looked_up_and_each_entry_is_there_once(world: World) -> None:
    world.restart(balances_timing=FAST.model_copy(update={"read": 0.4, "settle": 1.0}))
    matters = ids(world, 32)
    not_made = {"cut_before": {}, "error_before": {}, "html_502": {"when": "before"}}
    made: dict[str, dict[str, Any]] = {
        "cut_after": {},
        "error_after": {},
        "html_502": {"when": "after"},
        "delay": {"when": "after", "seconds": 0.7},
    }
    amended = [
        text_answer("{"),
        text_answer("[]"),
        text_answer('{"data": null}'),
        text_answer('{"data": {}}'),
        text_answer('{"data": {"id": "none"}}'),
        text_answer('{"data": {"id": 12, "price": NaN}}'),
        status_answer(200),
        status_answer(302),
    ]
    place = iter(matters[1::2])  # the first goes alone; those between are answered, so that nothing is held up
    again = []
    for kind, more in not_made.items():
        again.append(next(place))
        world.clio.faults.add(kind, method="POST", path=ENTRIES, matter=again[-1], **more)
    for kind, more in made.items():
        world.clio.faults.add(kind, method="POST", path=ENTRIES, matter=next(place), **more)
    for change in amended:
        world.amend(change, matter=next(place))
    world.begin(world.sheet(32))
    text = world.finish()
    assert world.states() == [E.POSTED] * 32
    assert "32 of 32 posted" in text
    assert "equal to the cent" in text
    world.assert_truth()
    assert {matter: sent(world, matter) for matter in matters} == {
        matter: 2 if matter in again else 1 for matter in matters
    }


def test_an_entry_that_clio_makes_after_we_gave_up_waiting_is_found(world: World) -> None:
    world.restart(balances_timing=FAST.model_copy(update={"read": 0.3, "settle": 0.9}))
    world.clio.faults.add("delay", method="POST", path=ENTRIES, nth=2, seconds=0.6)
    world.begin(world.sheet(3))
    world.finish()
    assert len(world.posts()) == 3
    assert world.entries()[1].found
    world.assert_truth()


def test_others_go_on_while_one_waits_to_be_looked_up(world: World) -> None:
    world.clio.faults.add("cut_after", method="POST", path=ENTRIES, nth=2)
    world.begin(world.sheet(4))
    world.finish()
    last_post = world.clio.calls.index(world.posts()[-1])
    assert last_post < world.clio.calls.index(looks(world)[0])
    assert len(world.posts()) == 4
    world.assert_truth()


@pytest.mark.parametrize(("kind", "posts", "looked"), [("cut_before", 4, 2), ("error_after", 3, 1)])
def test_nobody_else_is_sent_until_an_unclear_first_entry_is_settled(
    world: World, kind: str, posts: int, looked: int
) -> None:
    world.clio.faults.add(kind, method="POST", path=ENTRIES)
    world.begin(world.sheet(3))
    world.finish()
    order = [
        "look" if "matter_id" in call.query else "post"
        for call in world.clio.calls
        if call.path == ENTRIES and (call.method == "POST" or "matter_id" in call.query)
    ]
    assert order[: 1 + looked] == ["post"] + ["look"] * looked
    assert len(world.posts()) == posts
    world.assert_truth()


def test_nobody_else_is_sent_until_an_unclear_first_credit_is_settled(world: World) -> None:
    world.restart(balances_credits="post")
    rows = world.sheet(5)
    rows[2][2], rows[3][2] = "-50.00", "-60.00"
    world.clio.faults.add("cut_after", method="POST", path=ENTRIES, nth=3)
    world.begin(rows)
    world.finish()
    third = world.clio.calls.index(world.posts()[2])
    fourth = world.clio.calls.index(world.posts()[3])
    assert third < world.clio.calls.index(looks(world)[0]) < fourth
    assert world.entries()[2].amount == Decimal("-50.00")
    assert len(world.posts()) == 5
    world.assert_truth()


# Looking


def test_two_looks_must_agree_before_an_entry_counts_as_absent(world: World) -> None:
    """The list lags past the first look, not past the second."""
    world.restart(balances_timing=FAST.model_copy(update={"settle": 0.2, "second_look": 0.8}))
    world.clio.faults.list_lag = 0.6
    world.clio.faults.add("cut_after", method="POST", path=ENTRIES, nth=2)
    world.begin(world.sheet(2))
    world.finish()
    assert len(looks(world)) == 2
    assert len(world.posts()) == 2
    world.assert_truth()


def test_an_entry_of_another_row_on_the_same_matter_is_not_taken_for_the_missing_one(world: World) -> None:
    matter = world.sheet(1)[0][0]
    rows = [[matter, "Dana Hallam", "80.00", "", "555-1"], [matter, "Luis Reyes", "80.00", "", "555-2"]]
    world.clio.faults.add("cut_before", method="POST", path=ENTRIES, nth=2)
    world.begin(rows)
    world.finish()
    assert len(world.posts()) == 3
    assert {entry.user_id for entry in world.clio.time_entries} == {1001, 1002}
    world.assert_truth()


def test_a_list_that_ignores_its_filters_changes_nothing(world: World) -> None:
    consultation = next(one for one in world.firm.descriptions if one.name == "Consultation")
    matter, user = next(iter(world.firm.matters)), world.firm.token_user
    other = world.firm.add_entry(matter, user, consultation, Decimal("123.46"))
    world.clio.faults.add("ignore_filters", times=None)
    world.clio.faults.add("cut_before", method="POST", path=ENTRIES, nth=2)
    world.clio.faults.add("cut_after", method="POST", path=ENTRIES, nth=4)
    world.begin(world.sheet(4))
    text = world.finish()
    assert "equal to the cent" in text
    assert len(world.posts()) == 5
    world.assert_truth(others=[other])


def test_two_hits_are_unclear_shown_and_never_sent_again_by_itself(world: World) -> None:
    rows = world.sheet(4)
    held = world.hold(nth=2)
    world.clio.faults.add("error_after", method="POST", path=ENTRIES, nth=2)
    world.begin(rows)
    with held:
        made = world.clio.time_entries[-1]
        twin = world.firm.add_entry(
            world.firm.matters[made.matter_id or 0], world.firm.users[made.user_id],
            world.firm.descriptions[made.activity_description_id or 0], Decimal("1.00"),
        )  # fmt: skip
    text = world.finish()
    assert world.states() == [E.POSTED, E.UNCLEAR, E.POSTED, E.POSTED]
    world.assert_truth(others=[made, twin])
    assert "Unclear, look in Clio: Clio lists 2 entries like this one" in text
    assert "I do not send them again by myself." in text
    assert "This is not what was posted: 00002-Albright Dental" in text  # the read-back sees them too
    assert len(world.posts()) == 4
    assert not {"Go on", "Retry refused"} & set(world.labels())
    assert "1 unclear" in world.asked(world.slack.staff, "status")
    sweep = len(world.clio.calls)
    world.restart()
    world.slack.wait_for(lambda: world.bot is not None and world.store.messages.owed() == 0)
    assert len(world.posts()) == 4, world.clio.calls[sweep:]


def test_the_same_amount_for_a_user_nobody_asked_for_is_unclear(world: World) -> None:
    for kind in ("wrong_user", "cut_after"):
        world.clio.faults.add(kind, method="POST", path=ENTRIES, nth=2)
    world.begin(world.sheet(3))
    text = world.finish()
    assert world.states() == [E.POSTED, E.UNCLEAR, E.POSTED]
    assert "Clio lists the same amount on this matter for another user" in text
    assert len(world.posts()) == 3
    world.assert_truth(others=[world.clio.time_entries[1]])


def test_an_unclear_first_entry_does_not_prove_the_next_one(world: World) -> None:
    """The first comes out unclear, so the second is the first that must be right; it is looked up alone too."""
    for kind in ("wrong_user", "cut_after"):
        world.clio.faults.add(kind, method="POST", path=ENTRIES, nth=1)
    world.clio.faults.add("cut_after", method="POST", path=ENTRIES, nth=2)
    world.begin(world.sheet(4))
    world.finish()
    assert world.states() == [E.UNCLEAR, E.POSTED, E.POSTED, E.POSTED]
    second, third = (world.clio.calls.index(world.posts()[place]) for place in (1, 2))
    assert second < world.clio.calls.index(looks(world)[-1]) < third
    world.assert_truth(others=[world.clio.time_entries[0]])


def test_what_was_removed_in_clio_is_never_taken_for_ours_though_a_list_still_shows_it(world: World) -> None:
    removed: list[Any] = []
    world.clio.faults.add("hourly", nth=2)
    world.amend(lambda response, body: removed.append(body["data"]), nth=2)
    world.begin(world.sheet(3))
    world.wait_for_status(BatchStatus.STOPPED)
    assert "Removed" in world.refused(world.slack.manager, "Remove this entry")
    world.wait_for_status(BatchStatus.STOPPED)
    world.amend(lambda response, body: body["data"].extend(removed), method="GET", times=None)
    world.clio.faults.add("cut_before", method="POST", path=ENTRIES)
    world.press("Go on")
    world.finish()
    assert world.states() == [E.POSTED] * 3
    world.assert_truth()


def test_an_answer_with_the_id_of_another_entry_is_unclear(world: World) -> None:
    first = world.hold(nth=1)

    def repeat(response: Any, body: dict[str, Any]) -> None:
        body["data"]["id"] = world.clio.time_entries[0].id

    world.amend(repeat, nth=2)
    first.go.set()
    world.begin(world.sheet(3))
    text = world.finish()
    assert world.states() == [E.POSTED, E.UNCLEAR, E.POSTED]
    assert "Clio gave the id of another entry" in text
    assert len(world.posts()) == 3
    world.assert_truth(others=[world.clio.time_entries[1]])


def test_a_look_that_clio_refuses_pauses_and_names_the_permission(world: World) -> None:
    world.firm.add_description("Balance brought forward")
    world.clio.faults.add("cut_before", method="POST", path=ENTRIES, nth=2)
    answer = '{"error": {"type": "ForbiddenError", "message": "You may not see activities"}}'
    world.amend(status_answer(403, answer), method="GET", nth=3)  # two lists before the first POST: preview and run
    world.begin(world.sheet(3))
    text = world.wait_for_status(BatchStatus.PAUSED)
    assert "Clio does not let the bot read time entries and activity descriptions." in text
    assert "the permission Activities (read)" in text
    world.assert_truth()
    world.press("Go on")
    world.finish()
    world.assert_truth()


def test_clio_out_of_reach_pauses_and_posting_goes_on_by_itself(world: World) -> None:
    world.restart(balances_timing=FAST.model_copy(update={"keep_asking": 0.4}))
    held = world.hold(nth=2)
    world.begin(world.sheet(4))
    with held:
        world.clio.stop()
    text = world.wait_for_status(BatchStatus.PAUSED)
    assert "Clio has not answered for a while." in text
    assert "goes on by itself" in text
    assert "nothing is lost or doubled" in text
    world.clio.start()
    text = world.finish()
    assert "Went on by itself." in text
    assert world.states() == [E.POSTED] * 4
    world.assert_truth()


# Refused


def test_a_refused_entry_keeps_clios_words_and_others_go_on(world: World) -> None:
    answers = {
        400: '{"error": {"type": "BadRequest", "message": "price is odd"}}',
        403: '{"error": {"type": "ForbiddenError", "message": "You may not use <this> matter"}}',
        404: '{"error": "not_found"}',
        422: "",
    }
    matters = ids(world, 6)
    for matter, (status, text) in zip(matters[1:5], answers.items(), strict=True):
        world.clio.faults.add("refuse", matter=matter)
        world.amend(status_answer(status, text), matter=matter)
    world.begin(world.sheet(6))
    text = world.finish()
    assert world.states() == [E.POSTED, *[E.REFUSED] * 4, E.POSTED]
    reasons = ["price is odd", "You may not use <this> matter", "not_found", "Clio refused it (422)."]
    for entry, reason in zip(world.entries()[1:5], reasons, strict=True):
        assert entry.reason == reason
        assert f"{entry.matter_number}: {reason}" in text
        assert f"Refused: {reason}" in text
        assert sent(world, entry.matter_id) == 1
    assert "4 refused ($493.90)" in text
    world.assert_truth()


def test_a_refusal_of_the_sandboxs_own_names_the_closed_matter(world: World) -> None:
    matter = list(world.firm.matters)[1]
    world.firm.change(matter, closed_to_time=True)
    world.begin(world.sheet(3))
    text = world.finish()
    assert "00002-Albright Dental: Matter is closed to new time" in text
    assert "2 of 3 posted" in text
    world.firm.change(matter, closed_to_time=False)
    world.press("Retry refused")
    text = world.finish()
    assert "Done: 3 of 3 posted" in text
    world.assert_truth()


def test_three_refusals_in_a_row_for_one_reason_pause_the_run(world: World) -> None:
    for matter in ids(world, 5)[1:4]:
        world.clio.faults.add("refuse", matter=matter, message="Time is locked")
    world.begin(world.sheet(6))
    text = world.wait_for_status(BatchStatus.PAUSED)
    assert '3 refusals for the same reason: "Time is locked"' in text
    assert len(world.posts()) == 4
    assert world.states() == [E.POSTED, *[E.REFUSED] * 3, E.PLANNED, E.PLANNED]
    assert {"Go on", "Stop"} <= set(world.labels())
    world.assert_truth()
    world.press("Go on")
    text = world.finish()
    assert "3 of 6 posted" in text
    world.assert_truth()
    world.press("Retry refused", user=world.slack.partner)
    text = world.finish()
    assert "6 of 6 posted" in text
    world.assert_truth()


def test_refusals_for_different_reasons_do_not_pause(world: World) -> None:
    reasons = ["Time is locked", "User is away", "Time is locked", "Time is locked"]
    for matter, reason in zip(ids(world, 5)[1:], reasons, strict=True):
        world.clio.faults.add("refuse", matter=matter, message=reason)
    world.begin(world.sheet(6))
    world.finish()
    assert world.states() == [E.POSTED, *[E.REFUSED] * 4, E.POSTED]
    world.assert_truth()


def test_the_same_refusals_with_a_posted_one_between_do_not_pause(world: World) -> None:
    for place in (0, 1, 3, 4):
        world.clio.faults.add("refuse", matter=ids(world, 5)[place], message="Time is locked")
    world.begin(world.sheet(5))
    world.finish()
    assert world.states() == [E.REFUSED, E.REFUSED, E.POSTED, E.REFUSED, E.REFUSED]
    world.assert_truth()


def test_three_refusals_at_the_end_leave_a_button_that_does_what_the_words_say(world: World) -> None:
    world.clio.faults.add("refuse", times=3, message="Time is locked")
    world.begin(world.sheet(3))
    world.slack.wait_for(lambda: world.batch().status in {BatchStatus.PAUSED, BatchStatus.POSTED})
    text = world.wait_for_status(world.batch().status)  # the run says it some time after the third answer
    assert world.states() == [E.REFUSED] * 3
    if "then Go on, or Stop" in text:
        assert "Go on" in world.labels()
    world.assert_truth()


# Not now


def test_a_sign_in_that_ends_pauses_and_the_same_sign_in_lets_it_go_on_by_itself(world: World) -> None:
    def sign_out(response: Any, body: Any) -> None:
        world.clio.sign_out()

    world.amend(sign_out, nth=2)
    world.begin(world.sheet(5))
    text = world.wait_for_status(BatchStatus.PAUSED)
    assert "Clio no longer accepts our sign-in." in text
    assert "2 of 5 posted, $246.91; nothing is lost or doubled." in text
    assert world.states() == [E.POSTED, E.POSTED, E.PLANNED, E.PLANNED, E.PLANNED]
    asked = len(world.clio.calls)
    world.slack.wait_for(lambda: len(world.clio.calls) > asked + 1)  # it asks whether it may again, and no more
    assert {call.path for call in world.clio.calls[asked:]} == {"/activity_descriptions.json"}
    assert "Clio no longer accepts our sign-in" in world.asked(world.slack.manager, "status")
    world.assert_truth()
    world.clio.sign_in()
    text = world.finish()
    assert "Went on by itself." in text
    assert not {"Go on", "Stop"} & set(world.labels())
    assert len(world.posts()) == 6
    world.assert_truth()


def test_going_on_while_still_signed_out_pauses_again_and_says_so(world: World) -> None:
    world.restart(balances_timing=FAST.model_copy(update={"sweep": 60.0}))
    world.amend(lambda response, body: world.clio.sign_out(), nth=1)
    world.begin(world.sheet(3))
    world.wait_for_status(BatchStatus.PAUSED)
    world.press("Go on")
    world.slack.wait_for(lambda: world.text().count("Clio no longer accepts our sign-in") == 2)
    world.wait_for_status(BatchStatus.PAUSED)
    assert world.labels() == ["Go on", "Stop"]
    world.clio.sign_in()
    world.press("Go on")
    world.finish()
    world.assert_truth()


@pytest.mark.parametrize(("retry_after", "waits"), [(1, 1.0), (None, 0.7)])
def test_a_429_is_sent_again_only_after_the_time_clio_names_or_a_window(
    world: World, retry_after: int | None, waits: float
) -> None:
    world.restart(balances_timing=FAST.model_copy(update={"window": waits}))
    world.clio.window = 0.1
    world.clio.faults.add("limited", method="POST", path=ENTRIES, nth=2, retry_after=retry_after)
    world.begin(world.sheet(3))
    world.finish()
    posts = world.posts()
    assert [call.status for call in posts] == [201, 429, 201, 201]
    assert posts[2].at - (posts[1].done_at or 0) >= waits - 0.02
    assert posts[1].data == posts[2].data
    world.assert_truth()


def test_a_retired_api_stops_the_run_and_says_that_the_bot_must_be_updated(world: World) -> None:
    world.clio.faults.add("gone", method="POST", path=ENTRIES, nth=3)
    world.begin(world.sheet(5))
    text = world.wait_for_status(BatchStatus.STOPPED)
    assert world.states() == [E.POSTED, E.POSTED, E.NOT_SENT, E.NOT_SENT, E.NOT_SENT]
    assert "This version of Clio's API is gone; the bot must be updated." in text
    assert "Stopped: 2 of 5 posted" in text
    assert "equal to the cent" in text
    assert "stopped" in world.asked(world.slack.manager, "status")
    world.assert_truth()


# Made, but not as sent


def dearer(world: World) -> None:
    """Let the firm book the third entry at another price."""
    made, book = 0, world.firm.add_entry

    def add_entry(*arguments: Any, **more: Any) -> Any:
        nonlocal made
        made += 1
        entry = book(*arguments, **more)
        return world.firm.change(entry, price=Decimal("999.99")) if made == 3 else entry

    world.firm.add_entry = add_entry  # type: ignore[method-assign]


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("hourly", "Clio booked it hourly with a total of $0.00 instead of $123.47."),
        ("wrong_user", "Clio booked it to another user."),
        ("redacted", "Clio hides its amount from the connected user."),
        ("price", "its total in Clio is $999.99 instead of $123.47."),
    ],
)
def test_an_entry_that_is_not_as_sent_stops_the_run_is_removed_and_sent_again(
    world: World, fault: str, words: str
) -> None:
    if fault == "price":
        dearer(world)
    else:
        world.clio.faults.add(fault, method="POST", path=ENTRIES, nth=3)
    world.begin(world.sheet(5))
    text = world.wait_for_status(BatchStatus.STOPPED)
    assert words in text
    assert f"In Clio, but not as sent: {words}" in text  # in the results
    assert world.states() == [E.POSTED, E.POSTED, E.WRONG, E.NOT_SENT, E.NOT_SENT]
    assert len(world.posts()) == 3
    assert "1 not as it should be" in world.asked(world.slack.manager, "status")
    world.assert_truth()
    click = world.slack.click(world.slack.manager, "Remove this entry")
    assert click.confirm is not None
    assert "00003-Brandt Roofing" in click.confirm.text
    world.slack.wait_for(lambda: "Removed the entry of 00003-Brandt Roofing" in world.told(world.slack.manager))
    text = world.wait_for_status(BatchStatus.STOPPED)
    assert len(world.clio.time_entries) == 2
    assert world.states() == [E.POSTED, E.POSTED, E.UNDONE, E.NOT_SENT, E.NOT_SENT]
    assert "Remove this entry" not in world.labels()
    assert "Removed from Clio again" in text
    world.assert_truth()
    world.press("Go on")
    text = world.finish()
    assert "Done: 5 of 5 posted" in text
    assert world.states() == [E.POSTED] * 5
    world.assert_truth()


ANSWERS: dict[str, tuple[dict[str, Any], str]] = {
    "date": ({"date": "2020-01-02"}, "Clio dated it 2 January 2020 instead of"),
    "matter": ({"matter": {"id": 200_080}}, "Clio booked it to another matter."),
    "description": ({"activity_description": {"id": 4_001}}, "Clio booked it to another activity description."),
    "type": ({"type": "ExpenseEntry"}, "Clio booked it to another type."),
    "non_billable": ({"non_billable": True}, "Clio made it non-billable, so no bill would carry it."),
    "total": ({"total": 0.01}, "its total in Clio is $0.01 instead of $123.45."),
    "flat_rate": ({"flat_rate": None}, "Clio booked it hourly"),
    "price": ({"price": None}, "Clio hides its amount from the connected user."),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_every_difference_in_the_first_answer_stops_before_a_second_is_sent(world: World, name: str) -> None:
    fields, words = ANSWERS[name]
    world.amend(lambda response, body: body["data"].update(fields))
    world.begin(world.sheet(3))
    text = world.wait_for_status(BatchStatus.STOPPED)
    assert words in text
    assert "Remove this entry" in world.labels()
    assert world.states() == [E.WRONG, E.NOT_SENT, E.NOT_SENT]
    assert len(world.posts()) == 1
    world.assert_truth()


def test_a_wrong_entry_that_is_found_by_looking_stops_the_run_too(world: World) -> None:
    for kind in ("hourly", "cut_after"):
        world.clio.faults.add(kind, method="POST", path=ENTRIES, nth=2)
    world.begin(world.sheet(3))
    text = world.wait_for_status(BatchStatus.STOPPED)
    assert "Clio booked it hourly" in text
    assert world.states() == [E.POSTED, E.WRONG, E.POSTED]  # the third went while the second waited
    world.assert_truth()


def test_an_entry_of_a_firm_whose_matter_bills_in_the_batchs_currency_keeps_every_cent(world: World) -> None:
    rows = world.sheet(5)
    for row, amount in zip(rows, ["0.01", "9999999999.99", "1234567.89", "0.10", "70000000.07"], strict=True):
        row[2] = amount
    world.begin(rows)
    text = world.finish()
    assert [call.data["price"] for call in world.posts()] == [0.01, 9999999999.99, 1234567.89, 0.10, 70000000.07]
    assert sum(entry.total for entry in world.clio.time_entries) == Decimal("10071234568.06")
    assert "$10,071,234,568.06" in text
    world.assert_truth()
