"""`doctor --probe`: one cent in each form of entry, proven and taken back; whatever is left is named with Clio's id."""

import json
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from world import World, environment

from brought_forward.bot.cli.doctor.cent import Cent
from brought_forward.bot.cli.doctor.finding import Finding, State
from brought_forward.bot.cli.doctor.look import look, parts
from brought_forward.bot.errors import SettingsError
from brought_forward.sandbox.clio.records import Booking
from brought_forward.sandbox.slack.workspace import TEAM
from brought_forward.storage.records.batch import BatchStatus, EntryForm
from brought_forward.storage.store import Store

DESCRIPTION = "Balance brought forward"


@pytest.fixture
def firm(quiet: World) -> World:
    """A firm that has not begun: no bot, no batch, no activity description of ours."""
    return quiet


def number(world: World) -> str:
    return next(iter(world.firm.matters)).display_number


def probed(world: World, **settings: Any) -> list[Finding]:
    """Send the cent; whoever is asked says yes."""
    return list(Cent(world.settings(**settings), number(world), lambda offer, matter: True).lines())


def forms(lines: list[Finding]) -> dict[str, tuple[State, str]]:
    """Say of each form what Clio made of it."""
    return {one.what.removeprefix("Form: "): (one.state, one.said) for one in lines if one.what.startswith("Form: ")}


def sent(world: World) -> list[Any]:
    """List the quantity of each entry that was sent."""
    return [(call.data or {}).get("quantity") for call in world.posts()]


def traces(world: World) -> list[str]:
    return [one.name for one in world.db.parent.iterdir() if ".probe" in one.name]


def assert_nothing_is_left(world: World) -> None:
    assert world.clio.time_entries == []
    assert [one.name for one in world.firm.descriptions if one.name.startswith(DESCRIPTION)] == []
    assert traces(world) == []


TAKEN = (State.OK, "taken as sent, to the cent")


def test_a_clio_that_takes_every_form_is_told_so_and_nothing_is_left_in_it(firm: World) -> None:
    lines = probed(firm)
    assert forms(lines) == {"flat": TAKEN, "flat with one hour": TAKEN, "one hour at this rate": TAKEN}
    assert sent(firm) == [None, 3600, 3600]
    assert {call.data["price"] for call in firm.posts()} == {0.01}
    assert lines[-1].said == "goes as flat, as the bot begins by itself"
    assert_nothing_is_left(firm)


@pytest.mark.parametrize(
    ("booking", "said", "next_"),
    [
        (Booking.ZERO, "its total in Clio is $0.00 instead of $0.01", "begins as flat with one hour"),
        (Booking.REFUSED, "refused by Clio: Quantity can't be blank", "begins as flat with one hour"),
        (Booking.HOURLY, "not taken: Clio booked it hourly", "begins as one hour at this rate"),
    ],
)
def test_a_form_that_clio_does_not_take_is_told_with_what_the_first_batch_comes_to(
    firm: World, booking: Booking, said: str, next_: str
) -> None:
    firm.firm.booking = booking
    lines = probed(firm)
    state, why = forms(lines)["flat"]
    assert (state, said in why) == (State.NOTE, True), why
    assert lines[-1].said.startswith(next_)
    assert forms(lines)["one hour at this rate"] == TAKEN
    assert_nothing_is_left(firm)


def test_the_first_batch_begins_in_the_form_that_the_cent_was_taken_in_and_says_so(firm: World) -> None:
    firm.firm.booking = Booking.ZERO
    probed(firm)
    firm.start()
    batch = firm.preview(firm.sheet(2))
    assert batch.form is EntryForm.FLAT_HOUR
    said = firm.slack.plain(firm.message("preview"))
    assert "In the test of one cent Clio did not take the amount alone, and took it in this form." in said
    sent_before = len(sent(firm))
    firm.click(firm.slack.manager, "Approve")
    firm.finish()
    assert sent(firm)[sent_before:] == [3600, 3600]


def test_what_a_batch_has_booked_counts_for_more_than_the_cent(firm: World) -> None:
    firm.start()
    firm.begin(firm.sheet(1))
    firm.finish()
    firm.stop()
    firm.firm.booking = Booking.ZERO
    assert probed(firm)[-1].said == "begins as flat, the form in which this account last took a batch"
    firm.start()
    second = firm.preview(firm.sheet(3)[1:], name="next.csv")
    assert second.form is EntryForm.FLAT
    assert "test of one cent" not in firm.text()


def test_a_cent_that_is_not_known_of_leaves_what_an_earlier_one_found(firm: World) -> None:
    firm.firm.booking = Booking.ZERO
    probed(firm)
    firm.clio.faults.add("cut_before", method="POST", path="/activities.json")
    lines = probed(firm)
    assert "The first batch: in which form it should begin is not known by this" in [
        f"{one.what}: {one.said}" for one in lines
    ]
    assert kept_form(firm) is EntryForm.FLAT_HOUR
    firm.firm.booking = Booking.FLAT
    probed(firm)
    assert kept_form(firm) is EntryForm.FLAT


def test_where_no_form_is_taken_what_an_earlier_cent_found_is_forgotten(firm: World) -> None:
    firm.firm.booking = Booking.ZERO
    probed(firm)
    firm.clio.faults.add("refuse", method="POST", path="/activities.json", times=None, message="Price is not for you")
    assert probed(firm)[-1].said == "would stop at its first entry: Clio took none of the forms"
    assert kept_form(firm) is None


def test_what_one_account_took_of_the_cent_says_nothing_of_another(firm: World) -> None:
    firm.firm.booking = Booking.ZERO
    probed(firm)
    firm.firm.account_id = 700_999
    firm.start()
    assert firm.preview(firm.sheet(1)).form is EntryForm.FLAT


def kept_form(world: World) -> EntryForm | None:
    with closing(Store(world.place)) as store:
        return store.forms.probed(TEAM, "us:700001")


def test_activity_descriptions_that_the_firm_has_are_used_and_stay(firm: World) -> None:
    mine = firm.firm.add_description(DESCRIPTION)
    other = firm.firm.add_entry(next(iter(firm.firm.matters)), next(iter(firm.firm.users)), mine, 100)
    before = list(firm.firm.descriptions)
    assert forms(probed(firm))["flat"] == TAKEN
    assert list(firm.firm.descriptions) == before
    assert firm.clio.time_entries == [other]


def test_an_activity_description_that_is_there_twice_is_not_tried(firm: World) -> None:
    for name in (DESCRIPTION, DESCRIPTION.upper()):
        firm.firm.add_description(name)
    lines = probed(firm)
    assert "Clio has 2 activity descriptions named" in forms(lines)["flat"][1]
    assert len(sent(firm)) == 1  # the form that has one of its own


def test_nothing_is_sent_where_somebody_types_another_number(firm: World) -> None:
    asked = []
    lines = list(Cent(firm.settings(), number(firm), lambda *said: bool(asked.append(said))).lines())
    assert [one.said for one in lines] == ["nothing was sent"]
    ((offer, matter),) = asked
    assert matter == number(firm)
    assert f"On matter {matter} one entry of $0.01 is sent to Clio in each of 3 forms" in offer
    assert {call.method for call in firm.clio.calls} == {"GET"}
    assert traces(firm) == []


def test_a_matter_that_clio_does_not_have_is_refused(firm: World) -> None:
    with pytest.raises(SettingsError, match="no matter of the number 99999-Nobody"):
        list(Cent(firm.settings(), "99999-Nobody", lambda *_: True).lines())
    assert firm.posts() == []


def test_it_is_refused_while_a_bot_runs(firm: World) -> None:
    firm.start()
    with pytest.raises(SettingsError, match="A bot runs on"):
        probed(firm)
    assert firm.posts() == []


def test_it_is_refused_while_a_batch_is_on_its_way(firm: World) -> None:
    firm.start()
    firm.clio.faults.add("error_before", method="POST", path="/activities.json", times=None)
    firm.begin(firm.sheet(1))
    firm.wait_for_status(BatchStatus.POSTING)
    firm.stop()
    before = len(firm.posts())
    with pytest.raises(SettingsError, match="on its way to Clio"):
        probed(firm)
    assert len(firm.posts()) == before


def test_no_bot_starts_while_it_goes_on(firm: World) -> None:
    refused = []

    def confirm(offer: str, matter: str) -> bool:
        with pytest.raises(SettingsError, match="Another process already serves"):
            firm.start()
        refused.append(matter)
        return False

    list(Cent(firm.settings(), number(firm), confirm).lines())
    assert refused


def test_an_answer_that_is_lost_is_looked_up_proven_and_removed(firm: World) -> None:
    for fault in ("cut_after", "error_after"):
        firm.clio.faults.add(fault, method="POST", path="/activities.json")
        assert forms(probed(firm))["flat"] == TAKEN
        assert_nothing_is_left(firm)


def test_one_that_clio_never_got_is_not_sent_again_and_the_next_test_looks_first(firm: World) -> None:
    firm.clio.faults.add("cut_before", method="POST", path="/activities.json")
    lines = probed(firm)
    assert sent(firm) == [None]
    assert "Clio has nothing of it by two looks" in forms(lines)["flat"][1]
    assert lines[-1].state is State.TODO
    assert traces(firm)
    again = probed(firm)
    assert again[0] == Finding("Earlier probe", State.OK, "what it had left is removed from Clio")
    assert forms(again)["flat"] == TAKEN
    assert_nothing_is_left(firm)


def test_one_that_clio_carries_out_after_all_looks_is_removed_by_the_next_test(firm: World) -> None:
    late = firm.clio.faults.add("late", seconds=float("inf"))
    probed(firm)
    late.carry_out()
    assert len(firm.clio.time_entries) == 1
    (machine,) = (part for part in parts(firm.settings(), shapes=False) if part.name == "This machine")
    (line,) = (one for one in look(machine) if one.what == "Probe")
    assert (line.state, number(firm) in line.todo) == (State.TODO, True)
    probed(firm)
    assert_nothing_is_left(firm)


def test_one_that_clio_does_not_delete_is_named_with_its_id_and_nothing_more_is_sent(firm: World) -> None:
    firm.clio.faults.add("forbidden", method="DELETE", path="/activities/*", times=None)
    lines = probed(firm)
    (there,) = firm.clio.time_entries
    flat = next(one for one in lines if one.what == "Form: flat")
    assert flat.state is State.TODO
    assert f"on matter {number(firm)}, Clio id {there.id}" in flat.todo
    assert sent(firm) == [None]
    firm.clio.faults.clear()
    probed(firm)
    assert_nothing_is_left(firm)


@pytest.mark.file
def test_one_just_like_it_that_stands_there_already_is_named_and_nothing_is_sent_beside_it(firm: World) -> None:
    firm.clio.faults.add("forbidden", method="DELETE", path="/activities/*", times=None)
    probed(firm)
    (there,) = firm.clio.time_entries
    firm.clio.faults.clear()
    Path(f"{firm.db}.probe").unlink()  # as where another deployment has tested
    lines = probed(firm)
    assert f"Clio id {there.id}; remove it in Clio" in forms(lines)["flat"][1]
    assert firm.clio.time_entries == [there]


def test_a_list_that_shows_what_is_deleted_keeps_no_form_from_its_test(firm: World) -> None:
    deleted: list[dict[str, Any]] = []
    firm.amend(lambda _, body: deleted.append(body["data"]), times=None)
    firm.amend(lambda _, body: body["data"].extend(deleted), method="GET", times=None)
    assert set(forms(probed(firm)).values()) == {TAKEN}
    assert len(sent(firm)) == 3


def test_a_delete_whose_answer_is_lost_is_looked_at(firm: World) -> None:
    firm.clio.faults.add("cut_after", method="DELETE", path="/activities/*")
    firm.clio.faults.add("cut_before", method="DELETE", path="/activities/*", nth=2)
    assert forms(probed(firm))["flat"] == TAKEN
    assert_nothing_is_left(firm)


def test_one_that_is_on_a_bill_by_now_is_left_and_named(firm: World) -> None:
    def bill(response: Any, body: dict[str, Any]) -> None:
        firm.clio.billing.make(next(iter(firm.firm.matters)))

    firm.amend(bill)
    lines = probed(firm)
    (there,) = firm.clio.time_entries
    assert any(f"Clio id {there.id}. It is on a bill by now." in one.todo for one in lines)


def test_one_that_somebody_has_changed_meanwhile_is_left_and_named(firm: World) -> None:
    def change(response: Any, body: dict[str, Any]) -> None:
        (made,) = firm.clio.time_entries
        firm.firm.change(made, note="Somebody's own")

    firm.amend(change)
    lines = probed(firm)
    (there,) = firm.clio.time_entries
    assert any(f"Clio id {there.id}. Somebody has changed it meanwhile." in one.todo for one in lines)


def test_an_activity_description_that_clio_does_not_delete_is_named(firm: World) -> None:
    firm.clio.faults.add("forbidden", method="DELETE", path="/activity_descriptions/*", times=None)
    lines = probed(firm)
    ids = [one.id for one in firm.firm.descriptions if one.name.startswith(DESCRIPTION)]
    assert len(ids) == 2
    assert all(any(f"Clio id {one}" in line.said for line in lines) for one in ids)


@pytest.mark.file
def test_each_step_of_it_stands_in_the_firms_audit_log(firm: World) -> None:
    firm.firm.booking = Booking.ZERO
    probed(firm)
    with closing(Store(firm.db)) as store:
        links = [one.facts for one in store.audit.links(TEAM) if one.kind == "probe"]
        assert store.audit.verify(TEAM).broken is None
    matter = next(iter(firm.firm.matters)).id
    assert links[0] == {"does": "begin", "account": "us:700001", "matter_id": matter, "cents": 1}
    made = [one["clio_id"] for one in links[1:]]
    assert len(set(made)) == 3
    assert [(one["does"], one["form"], one["taken"]) for one in links[1:]] == [
        ("removed", "flat", False), ("removed", "flat_hour", True), ("removed", "hour", True)
    ]  # fmt: skip


def test_it_is_refused_while_slack_does_not_say_whose_audit_log_it_belongs_into(firm: World) -> None:
    firm.slack.faults.is_down = True
    with pytest.raises(SettingsError, match="audit log"):
        probed(firm)
    assert firm.posts() == []


def run(world: World, typed: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a person does, who types this where they are asked."""
    command = [sys.executable, "-m", "brought_forward.bot", "doctor", "--probe", number(world), *options]
    env = environment(world, 3000)
    return subprocess.run(command, env=env, input=typed, capture_output=True, text=True, timeout=60, check=False)


def test_on_the_command_line_the_number_is_typed_again(firm: World) -> None:
    declined = run(firm, "yes\n")
    assert declined.returncode == 1
    assert "nothing was sent" in declined.stdout
    assert firm.posts() == []
    done = run(firm, f"{number(firm)}\n")
    assert done.returncode == 0, done
    assert "Form: flat: taken as sent, to the cent" in done.stdout
    assert_nothing_is_left(firm)


def test_its_outcome_is_for_programs_too(firm: World) -> None:
    firm.firm.booking = Booking.ZERO
    done = run(firm, "", "--yes", "--json")
    assert (done.returncode, json.loads(done.stdout)["well"]) == (0, True)


def test_one_that_is_killed_before_its_answer_is_removed_by_the_next(firm: World) -> None:
    held = firm.hold()
    command = [sys.executable, "-m", "brought_forward.bot", "doctor", "--probe", number(firm), "--yes"]
    with subprocess.Popen(command, env=environment(firm, 3000), stdout=subprocess.DEVNULL) as process:
        try:
            assert held.reached.wait(60)  # it starts as slowly as the machine is busy
        finally:
            process.kill()
    held.go.set()
    assert len(firm.clio.time_entries) == 1
    assert run(firm, "", "--yes").returncode == 0
    assert_nothing_is_left(firm)
