"""The bot is started with a sign-in to another Clio account in the midst of things: nothing there is taken for ours."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
from fix_form import FIX
from world import FAST, World

from brought_forward.sandbox.clio import ClioSandbox, sample_firm
from brought_forward.storage.records.batch import BatchStatus
from brought_forward.storage.records.entry import EntryState, Outcome

E, S = EntryState, BatchStatus
ENTRIES, ENTRY = "/activities.json", "/activities/*"
OTHER = "The bot is connected to another Clio account than the one this was posted to."
# A missing answer is not looked up before the bot is started anew.
PATIENT = FAST.model_copy(update={"settle": 3.0, "second_look": 3.0})


@pytest.fixture
def other() -> Iterator[ClioSandbox]:
    """Another firm's account, in which no matter of ours is shown."""
    firm = sample_firm()
    firm.account_id = 700_999
    for matter in list(firm.matters):
        firm.change(matter, visible=False)
    with ClioSandbox(firm, limit=0) as clio:
        yield clio


@pytest.fixture
def twin(world: World) -> Iterator[ClioSandbox]:
    """Another firm's account that numbers all as ours does: matters, users, entries and reports have the same ids."""
    firm = sample_firm()
    firm.account_id = 700_999
    with ClioSandbox(firm, limit=0) as clio:
        assert [one.id for one in firm.matters] == [one.id for one in world.firm.matters]
        yield clio


def test_two_accounts_with_equal_ids_get_each_entry_once_though_an_answer_is_lost(
    world: World, twin: ClioSandbox
) -> None:
    world.finish(world.begin(world.sheet(3)))
    world.restart(clio_api_url=twin.url)
    twin.faults.add("cut_after", method="POST", path=ENTRIES)
    number = world.begin(world.sheet(3), name="theirs.csv")
    text = world.finish(number)
    assert world.states(number) == [E.POSTED] * 3
    assert [one.clio_id for one in world.entries(number)] == [one.clio_id for one in world.entries(1)]
    assert len(twin.time_entries) == 3
    assert world.batch(number).hash != world.batch(1).hash  # an approval speaks for one account
    assert "already brought forward" not in text
    assert "Read back from Clio: 3 entries, $370.38, equal to the cent" in text
    assert not [call for call in twin.calls if call.path.startswith("/activity_descriptions/")]  # by a number of ours


def test_what_was_undone_in_one_account_is_not_gone_in_another(world: World, twin: ClioSandbox) -> None:
    world.restart(clio_api_url=twin.url)
    world.finish(world.begin(world.sheet(2)))
    world.click(world.slack.manager, "Undo")
    world.wait_for_status(S.UNDONE)
    world.restart(clio_api_url=world.clio.url)
    world.clio.faults.add("cut_after", method="POST", path=ENTRIES)
    number = world.begin(world.sheet(2), name="ours.csv")
    world.finish(number)
    assert world.states(number) == [E.POSTED] * 2
    assert len(world.posts()) == 2
    again = world.preview(world.sheet(2), name="again.csv")
    assert all("already brought forward" in why for why in world.left_out(again.id).values())
    assert len(world.left_out(again.id)) == 2


def undone_there(world: World, twin: ClioSandbox, entries: int) -> list[int]:
    """Post and undo a batch in the other account, come back, and give the numbers that its entries had there."""
    world.restart(clio_api_url=twin.url)
    world.finish(world.begin(world.sheet(entries)))
    numbers = [one.id for one in twin.time_entries]
    world.click(world.slack.manager, "Undo")
    world.wait_for_status(S.UNDONE)
    world.restart(clio_api_url=world.clio.url)
    return numbers


def by_hand(world: World, row: list[object]) -> int:
    """Bring a line forward in Clio as a person would; return the entry's number."""
    name = "Balance brought forward"
    described = next((one for one in world.firm.descriptions if one.name == name), None)
    matter = next(one for one in world.firm.matters if one.display_number == row[0])
    user = next(one for one in world.firm.users if one.name == row[1])
    made = world.firm.add_entry(matter, user, described or world.firm.add_description(name), Decimal(str(row[2])))
    return int(made.id)


def test_what_stands_in_clio_counts_though_its_number_was_undone_in_another_account(
    world: World, twin: ClioSandbox
) -> None:
    rows = world.sheet(1)
    (gone,) = undone_there(world, twin, 1)
    assert by_hand(world, rows[0]) == gone
    batch = world.preview(rows, name="ours.csv")
    assert "already brought forward: Clio has" in world.left_out(batch.id)[2]


def test_one_more_than_was_posted_is_named_though_its_number_was_undone_in_another_account(
    world: World, twin: ClioSandbox
) -> None:
    rows = world.sheet(2)
    gone = undone_there(world, twin, 3)[-1]
    number = world.begin(rows, name="ours.csv")
    world.finish(number)
    assert by_hand(world, rows[0]) == gone
    world.asked(world.slack.manager, f"reconcile B{number}")
    assert "00001-Acme has one entry more than was posted here: $123.45" in world.until("one entry more")


def test_an_undo_deletes_the_entry_of_its_own_account(world: World, twin: ClioSandbox) -> None:
    world.finish(world.begin(world.sheet(1)))
    world.restart(clio_api_url=twin.url)
    world.finish(world.begin(world.sheet(1), name="theirs.csv"))
    world.click(world.slack.manager, "Undo")
    text = world.wait_for_status(S.UNDONE, 2)
    assert twin.time_entries == []
    assert "1 of 1 removed" in text or world.states(2) == [E.UNDONE]
    assert world.states(1) == [E.POSTED]


def test_a_removal_deletes_nothing_in_another_account(world: World, twin: ClioSandbox) -> None:
    """There the same number is an entry of somebody else's, and may even look the same."""
    world.clio.faults.add("wrong_user")
    world.begin(world.sheet(1))
    world.wait_for_status(S.STOPPED)
    (wrong,) = world.clio.time_entries
    described = twin.firm.add_description("Balance brought forward")
    theirs = twin.firm.add_entry(twin.firm.matters[wrong.matter_id or 0], twin.firm.users[wrong.user_id], described,
                                 wrong.price, on=wrong.date, note=wrong.note)  # fmt: skip
    assert theirs.id == wrong.id
    world.restart(clio_api_url=twin.url)
    assert world.refused(world.slack.manager, "Remove this entry") == OTHER
    assert (twin.time_entries, world.clio.time_entries) == ([theirs], [wrong])
    assert world.states() == [E.WRONG]


@pytest.mark.parametrize("is_lost", [False, True])
def test_a_report_of_one_account_keeps_none_of_another_from_its_batch(
    world: World, twin: ClioSandbox, is_lost: bool
) -> None:
    for number, clio in ((1, world.clio), (2, twin)):
        world.restart(clio_api_url=clio.url)
        world.finish(world.begin(world.sheet(1), name=f"AR {number}.csv"), timeout=30)
        if is_lost and number == 2:  # it is looked for among the reports of this account
            clio.faults.add("cut_after", method="POST", path="/reports.json")
        world.asked(world.slack.manager, f"report B{number}")
        world.until(f"AR {number} B{number} client activity.csv")
        assert len([call for call in clio.calls if call.method == "POST" and call.path == "/reports.json"]) == 1


def test_a_matter_and_a_user_are_found_within_their_account(world: World, twin: ClioSandbox) -> None:
    """Equal ids, other names: what is asked of one lists nothing of the other."""
    for matter in list(twin.firm.matters):
        twin.firm.change(matter, display_number=f"X{matter.display_number}")
    for user in list(twin.firm.users):
        twin.firm.change(user, first_name=f"X{user.first_name}")
    first = world.sheet(1)
    world.finish(world.begin(first))
    world.restart(clio_api_url=twin.url)
    world.finish(world.begin([[f"X{first[0][0]}", f"X{first[0][1]}", "77.00", ""]], name="theirs.csv"))
    text = str(first[0][0])
    other = f"X{world.sheet(2)[1][0]}"
    batch = world.preview([[text, "", "1.00", ""], [other, first[0][1], "2.00", ""]], name="ours there.csv")
    assert [why.partition(",")[0] for why in world.left_out(batch.id).values()] == [
        "Clio has no matter of this number (or the bot may not see it).",
        f'no user "{first[0][1]}" in Clio. Write the name',
    ]
    for asked, name in (("matter", first[0][0]), ("user", first[0][1])):
        ours, theirs = (world.asked(world.slack.manager, f"{asked} {one}") for one in (name, f"X{name}"))
        assert "1 entry in 1 batch" in ours
        assert "$123.45" in ours
        assert "1 entry in 1 batch" in theirs
        assert "$77.00" in theirs


def test_a_preview_compares_with_no_batch_of_another_account(world: World, twin: ClioSandbox) -> None:
    rows = world.sheet(3)
    rows[0][2], rows[1][2] = "1.00", "2.00"
    world.finish(world.begin(rows[:2]))
    world.restart(clio_api_url=twin.url)
    number = world.preview([[*rows[0][:2], "5000.00", ""], rows[2]], name="theirs.csv").id
    text = world.slack.plain(world.message("preview", number))
    assert world.batch(1).name not in text
    assert str(rows[1][0]) not in text  # gone since then, were it the same account
    assert not [one for one in world.store.findings.of_batch(number) if one.code == "ten_times"]


def test_the_lists_of_one_account_outlive_a_look_into_another(world: World, twin: ClioSandbox) -> None:
    rows = world.sheet(2)
    world.preview(rows[:1])
    for matter in list(twin.firm.matters):
        twin.firm.change(matter, display_number=f"X{matter.display_number}")
    world.restart(clio_api_url=twin.url)
    world.preview([[f"X{rows[0][0]}", *rows[0][1:]]], name="theirs.csv")
    world.restart(clio_api_url=world.clio.url)
    assert world.left_out(world.preview(rows[1:], name="again.csv").id) == {}


def test_a_user_chosen_in_one_account_is_nobody_in_another(world: World, twin: ClioSandbox) -> None:
    """A choice for the whole file is an id: elsewhere the same number would give the money to somebody else."""
    for user in list(twin.firm.users):
        twin.firm.change(user, first_name=f"X{user.first_name}")
    matter = next(one for one in world.firm.matters if one.responsible_attorney_id is None)
    world.preview([[matter.display_number, "", "50.00", ""]])
    view = world.open_form(world.slack.staff, FIX, "All lines that name no user")
    world.slack.submit(world.slack.staff, view, {"balances_user-0": "Luis Reyes"})
    world.slack.wait_for(lambda: world.batch().revision == 2 and bool(world.entries()))
    assert world.entries()[0].user_name == "Luis Reyes"
    world.slack.wait_for(lambda: not world.store.messages.owed())
    world.restart(clio_api_url=twin.url)
    day = (world.entries()[0].date - timedelta(days=1)).isoformat()
    world.date(world.slack.staff, day, world.message("preview"))  # so it is matched again
    world.slack.wait_for(lambda: world.batch().revision == 3)
    assert world.entries() == []
    assert "names no user" in world.left_out(1)[2]
    assert world.batch().user_id is None


def test_an_undo_stopped_there_says_of_nothing_that_it_is_gone(world: World, other: ClioSandbox) -> None:
    """A DELETE has no answer and did nothing; the other account answers 404 to every id of ours."""
    world.restart(balances_timing=PATIENT)
    world.finish(world.begin(world.sheet(1)))
    world.clio.faults.add("cut_before", method="DELETE", path=ENTRY)
    world.click(world.slack.manager, "Undo")
    world.slack.wait_for(lambda: any(one.tries for one in world.store.undoing.of_batch(world.batch())))
    world.stop()
    world.start(clio_api_url=other.url)
    world.until("connected to another Clio account")
    world.click(world.slack.manager, "Stop the undo")
    world.until(f"Clio could not be read back: {OTHER}")
    assert world.batch().status is S.UNDONE
    assert world.states() == [E.POSTED]
    assert [one.outcome for one in world.store.undoing.of_batch(world.batch())] == [Outcome.KEPT]
    assert len(world.clio.time_entries) == 1
    world.restart(clio_api_url=world.clio.url)
    again = world.preview(world.sheet(1), name="again.csv")
    assert world.states(again.id) == []
    assert all("already brought forward" in why for why in world.left_out(again.id).values())


def test_a_stop_there_leaves_a_missing_answer_unclear_until_somebody_looks_in_the_right_one(
    world: World, other: ClioSandbox
) -> None:
    world.restart(balances_timing=PATIENT)
    world.clio.faults.add("cut_after", method="POST", path=ENTRIES, nth=2)
    world.begin(world.sheet(2))
    world.slack.wait_for(lambda: world.states()[1] is E.SENDING and bool(world.entries()[1].reason))
    world.stop()
    world.start(clio_api_url=other.url)
    world.until("now connected to another Clio account")
    waits, asked = (world.batch().status, world.batch().episode, world.batch().run_token), len(other.calls)
    world.slack.wait_for(lambda: len(other.calls) > asked + 12)  # it answers, and is the wrong one still
    assert (world.batch().status, world.batch().episode, world.batch().run_token) == waits
    world.click(world.slack.manager, "Stop")
    text = world.until(f"Clio could not be read back: {OTHER}")
    assert world.batch().status is S.STOPPED
    assert world.states() == [E.POSTED, E.UNCLEAR]
    assert "another Clio account, where nobody can tell" in world.entries()[1].reason  # type: ignore[operator]
    assert "is missing" not in text
    world.restart(clio_api_url=world.clio.url)
    world.until("Read back from Clio: 1 entry, $123.45")  # by itself, in the right account
    world.click(world.slack.manager, "Look again")
    world.slack.wait_for(lambda: world.states() == [E.POSTED, E.POSTED])
    assert len(world.posts()) == 2


@pytest.mark.parametrize("asked", ["reconcile", "bills", "report"])
def test_what_is_asked_there_is_not_answered_from_its_books(world: World, other: ClioSandbox, asked: str) -> None:
    world.finish(world.begin(world.sheet(2)))
    world.restart(clio_api_url=other.url)
    world.asked(world.slack.manager, f"{asked} B1")
    text = world.until(OTHER)
    assert f"Ask again with /balances {asked} B1" in text.replace("`", "")
    assert not [call for call in other.calls if "activities" in call.path or "report" in call.path]
