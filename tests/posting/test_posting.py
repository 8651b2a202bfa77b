"""From an approval to the first POST: what is listed, what sends a batch back, and who may claim an entry."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from world import FAST, World

from brought_forward.sandbox.clio import RateType
from brought_forward.storage.records.batch import BatchStatus, Rules
from brought_forward.storage.records.entry import EntryState, PlannedEntry
from brought_forward.storage.records.slack import Share
from brought_forward.storage.store import Store

E = EntryState
NAME = "Balance brought forward"


def entries_listed(world: World) -> list[Any]:
    """List the reads of a description's entries, without those of a look-up."""
    return [
        call
        for call in world.clio.calls
        if call.method == "GET" and call.path == "/activities.json" and "matter_id" not in call.query
    ]


def descriptions_posted(world: World) -> list[Any]:
    return [call for call in world.clio.calls if call.method == "POST" and call.path == "/activity_descriptions.json"]


def named(world: World, name: str = NAME) -> list[Any]:
    return [one for one in world.firm.descriptions if one.name == name]


# What is posted


def test_each_entry_is_posted_as_previewed_with_one_call_each(world: World) -> None:
    rows = [*world.sheet(3), ["00001-Acme", "Dana Hallam", "100.00", "Invoice 77"]]
    world.begin(rows)
    world.finish()
    assert [call.data for call in world.posts()] == [
        {
            "type": "TimeEntry",
            "date": entry.date.isoformat(),
            "matter": {"id": entry.matter_id},
            "user": {"id": entry.user_id},
            "activity_description": {"id": named(world)[0].id},
            "price": float(entry.amount),
            "note": entry.note,
            "non_billable": False,
        }
        for entry in world.entries()
    ]
    assert world.entries()[0].amount == Decimal("223.45")  # the two lines of 00001-Acme together
    assert world.entries()[0].note.endswith("Invoice 77")
    world.assert_truth()


def test_two_users_of_one_matter_get_an_entry_each(world: World) -> None:
    world.begin([["00001-Acme", "Dana Hallam", "10.00", ""], ["00001-Acme", "Luis Reyes", "20.00", ""]])
    world.finish()
    assert [(entry.user_id, entry.total) for entry in world.clio.time_entries] == [(1001, 10), (1002, 20)]
    world.assert_truth()


def test_credits_are_posted_where_the_firm_wants_them(world: World) -> None:
    world.restart(balances_credits="post")
    rows = world.sheet(3)
    rows[1][2] = "-40.00"
    world.begin(rows)
    text = world.finish()
    assert "00002-Albright Dental | Luis Reyes | -$40.00 | Posted" in text
    assert world.clio.time_entries[1].total == -40
    world.assert_truth()


def test_nothing_is_written_to_clio_before_the_approval(world: World) -> None:
    world.preview(world.sheet(3))
    assert {call.method for call in world.clio.calls} == {"GET"}


def test_a_run_lists_descriptions_and_entries_once_before_its_first_post(world: World) -> None:
    world.firm.add_description(NAME)
    world.preview(world.sheet(3))
    asked = len(world.clio.calls)
    world.click(world.slack.manager, "Approve")
    world.finish()
    paths = [(call.method, call.path) for call in world.clio.calls[asked:]]
    assert paths == [
        ("GET", "/activity_descriptions.json"),
        ("GET", "/activities.json"),
        ("GET", "/matters.json"),  # what has changed of the matters and users since, and the batch's own by id
        ("GET", "/matters.json"),
        ("GET", "/users.json"),
        ("POST", "/activities.json"),
        ("GET", "/activities.json"),  # whether somebody else posts too
        *[("POST", "/activities.json")] * 2,
        ("GET", "/activities.json"),  # the read-back
    ]
    assert set(entries_listed(world)[1].query) == {"fields", "limit", "order", "activity_description_id"}


# What sends a batch back to its preview


def test_a_balance_entered_by_hand_after_the_preview_sends_the_batch_back(world: World) -> None:
    description = world.firm.add_description(NAME)
    world.preview(world.sheet(4))
    old = world.with_button("Approve")
    matter = world.firm.matters[world.entries()[1].matter_id]
    by_hand = world.firm.add_entry(matter, world.firm.token_user, description, Decimal("75.50"), on=date(2026, 3, 2))
    world.click(world.slack.manager, "Approve")
    text = world.until("Not posted: what was approved")
    assert "00002-Albright Dental: Clio has $75.50 of 2 March 2026" in text
    assert "waits for approval again. Nothing was sent." in text
    text = world.wait_for_status(BatchStatus.PREVIEWED)
    assert "AR.csv: 3 entries, $370.40, ready for approval" in text
    assert "already brought forward: Clio has $75.50 of 2 March 2026" in text
    assert world.batch().revision == 2
    assert world.posts() == []
    assert "older preview" in world.refused(world.slack.manager, "Approve", old, snapshot=old.blocks)
    assert "waiting for approval" in world.asked(world.slack.manager, "status")
    world.approve()
    text = world.finish()
    assert "Done: 3 of 3 posted" in text
    assert "equal to the cent" in text
    world.assert_truth(others=[by_hand])


def test_a_batch_that_went_back_no_longer_says_that_it_is_posting(world: World) -> None:
    description = world.firm.add_description(NAME)
    world.preview(world.sheet(3))
    matter = world.firm.matters[world.entries()[1].matter_id]
    world.firm.add_entry(matter, world.firm.token_user, description, Decimal("75.50"))
    world.click(world.slack.manager, "Approve")
    world.until("Not posted: what was approved")
    text = world.wait_for_status(BatchStatus.PREVIEWED)
    assert "Posting: " not in text
    assert "so far" not in text
    assert "Stop" not in world.labels()


def test_every_balance_entered_by_hand_leaves_nothing_to_approve(world: World) -> None:
    description = world.firm.add_description(NAME)
    world.preview(world.sheet(2))
    for entry in world.entries():
        matter = world.firm.matters[entry.matter_id]
        world.firm.add_entry(matter, world.firm.token_user, description, entry.amount)
    world.click(world.slack.manager, "Approve")
    text = world.until("nothing to post")
    assert "Nothing here can be posted yet." in text
    assert not [label for label in world.labels() if label.startswith("Approve")]
    assert world.posts() == []


def test_two_batches_of_the_same_matters_post_each_of_them_once(world: World) -> None:
    world.preview(world.sheet(3))
    world.preview(world.sheet(4), name="again.csv")
    for number in (1, 2):
        before = world.batch(number).run_token
        world.slack.click(world.slack.manager, "Approve", world.message("preview", number))
        # Until its run is in the engine's queue: the status is there a moment earlier, and runs go in that order.
        world.slack.wait_for(lambda number=number, before=before: world.batch(number).run_token != before)
    text = world.until("Not posted: what was approved")
    assert "00001-Acme: " in text  # B1 has it, and so has Clio by now
    world.finish(1)
    world.wait_for_status(BatchStatus.PREVIEWED, 2)
    world.approve()
    world.finish(2)
    assert len(world.posts()) == 4
    assert sorted(entry.matter_id for entry in world.clio.time_entries) == [200_001, 200_002, 200_003, 200_004]


# The activity description


def test_a_missing_description_is_created_once_as_a_flat_rate_of_zero(world: World) -> None:
    world.begin(world.sheet(2))
    world.finish()
    (call,) = descriptions_posted(world)
    assert call.data == {"name": NAME, "rate": {"type": "FlatRate", "amount": 0}, "visible_to_co_counsel": False}
    assert len(named(world)) == 1
    world.begin(world.sheet(4)[2:])
    world.finish(2)
    assert len(named(world)) == 1


@pytest.mark.parametrize("kind", ["cut_after", "error_after", "cut_before", "error_before", "limited"])
def test_a_creation_without_an_answer_leaves_exactly_one_description(world: World, kind: str) -> None:
    world.clio.window = 0.1
    world.clio.faults.add(kind, method="POST", path="/activity_descriptions.json", retry_after=1)
    world.begin(world.sheet(2))
    world.finish()
    assert len(named(world)) == 1
    assert len(descriptions_posted(world)) == (1 if kind.endswith("after") else 2)
    world.assert_truth()


def test_a_refused_creation_pauses_with_clios_words(world: World) -> None:
    world.clio.faults.add("refuse", method="POST", path="/activity_descriptions.json", message="Name is reserved")
    world.begin(world.sheet(2))
    text = world.wait_for_status(BatchStatus.PAUSED)
    assert "Name is reserved" in text
    assert "refused to show what it holds" not in text  # it was asked to create, not to show
    world.press("Go on")
    world.finish()
    world.assert_truth()


def test_two_descriptions_of_the_name_pause_until_one_is_renamed(world: World) -> None:
    first, second = world.firm.add_description(NAME), world.firm.add_description(NAME.upper())
    world.preview(world.sheet(2))
    assert 'Clio has 2 activity descriptions named "Balance brought forward"' in world.text()  # said in the preview too
    world.click(world.slack.manager, "Approve")
    text = world.wait_for_status(BatchStatus.PAUSED)
    assert "Paused: Clio has 2 activity descriptions named" in text
    assert {"Go on", "Stop"} <= set(world.labels())
    assert world.posts() == []
    world.press("Go on")  # too early
    world.slack.wait_for(lambda: world.text().count("posting waits until then") == 2)
    world.wait_for_status(BatchStatus.PAUSED)
    world.firm.change(second, name="Old balances")
    world.press("Go on")
    world.finish()
    assert {entry.activity_description_id for entry in world.clio.time_entries} == {first.id}
    world.assert_truth()


def test_an_hourly_description_pauses_until_it_is_put_right(world: World) -> None:
    hourly = world.firm.add_description(NAME, rate_type=RateType.USER)
    world.begin(world.sheet(2))
    text = world.wait_for_status(BatchStatus.PAUSED)
    assert "is not a flat rate, so entries would come to $0.00" in text
    assert world.posts() == []
    world.firm.change(hourly, name="Talks")
    world.press("Go on")
    world.finish()
    assert len(named(world)) == 1
    assert named(world)[0].rate_type is RateType.FLAT_RATE
    world.assert_truth()


def test_a_description_that_is_renamed_halfway_pauses_the_next_run(world: World) -> None:
    for matter in (200_001, 200_002, 200_003):
        world.clio.faults.add("refuse", matter=matter, message="Time is locked")
    world.begin(world.sheet(5))
    world.wait_for_status(BatchStatus.PAUSED)
    renamed = world.firm.change(named(world)[0], name="Something else")
    world.press("Go on")
    world.until("Clio no longer has the activity description")
    world.wait_for_status(BatchStatus.PAUSED)
    world.firm.change(renamed, name=NAME)
    world.press("Go on")
    world.finish()
    assert len(named(world)) == 1
    assert world.states() == [E.REFUSED, E.REFUSED, E.REFUSED, E.POSTED, E.POSTED]
    world.assert_truth()


# On a resumed run


def test_on_a_resumed_run_somebody_elses_entry_is_not_doubled(world: World) -> None:
    rows = world.sheet(5)
    held = world.hold(nth=2)
    world.begin(rows)
    with held:
        world.click(world.slack.manager, "Stop")
        world.slack.wait_for(lambda: world.batch().status is BatchStatus.STOPPED)
    world.wait_for_status(BatchStatus.STOPPED)
    fourth = world.entries()[3]
    matter = world.firm.matters[fourth.matter_id]
    by_hand = world.firm.add_entry(matter, world.firm.token_user, named(world)[0], 5, on=date(2026, 5, 1))
    world.press("Go on")
    text = world.finish()
    assert world.states() == [E.POSTED, E.POSTED, E.POSTED, E.REFUSED, E.POSTED]
    assert "Clio has $5.00 of 1 May 2026, entered by someone else meanwhile" in text
    assert len(world.posts()) == 4
    world.assert_truth(others=[by_hand])
    world.firm.remove_entry(by_hand)
    world.press("Retry refused")
    text = world.finish()
    assert "Done: 5 of 5 posted" in text
    world.assert_truth()


def test_on_a_resumed_run_the_very_same_entry_is_taken_as_ours(world: World) -> None:
    held = world.hold(nth=1)
    world.begin(world.sheet(3))
    with held:
        world.click(world.slack.manager, "Stop")
        world.slack.wait_for(lambda: world.batch().status is BatchStatus.STOPPED)
    world.wait_for_status(BatchStatus.STOPPED)
    second = world.entries()[1]
    world.firm.add_entry(
        world.firm.matters[second.matter_id], world.firm.users[second.user_id], named(world)[0], second.amount,
        on=second.date, note=second.note,
    )  # fmt: skip
    world.press("Go on")
    text = world.finish()
    assert "already in Clio, not sent again" in text
    assert len(world.posts()) == 2
    world.assert_truth()


def test_another_clio_account_than_at_the_preview_pauses_and_names_both(world: World) -> None:
    world.preview(world.sheet(2))
    world.firm.account_id = 700_002
    world.restart()
    world.click(world.slack.manager, "Approve")
    text = world.wait_for_status(BatchStatus.PAUSED)
    assert "us:700002" in text
    assert "us:700001" in text
    assert world.posts() == []
    world.firm.account_id = 700_001
    world.restart()
    world.press("Go on")
    world.finish()
    world.assert_truth()


# The claim


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "balances.db")
    yield store
    store.close()


@pytest.fixture
def claim(store: Store) -> dict[str, Any]:
    """Bring a batch to posting and say what claims its entry."""
    batch = store.batches.open(
        Share("T1", "C1", "F1", "1.0", None),
        uploader="U1",
        owner="U1",
        file_name="a.csv",
        file_size=1,
        rules=Rules(approvers=("U2",), two_above=None, expire_hours=72.0, post_credits=False, description=NAME),
    )
    assert batch is not None
    assert store.batches.new_run(batch, token="reading", after=None)
    assert store.batches.begin_reading(batch, "reading")
    day = date(2026, 10, 31)
    assert store.batches.previewed(
        batch,
        "reading",
        digest="abcdef0123456789",
        account="us:1",
        description=NAME,
        description_id=1,
        posting_date=day,
        as_of=day,
    )
    planned = PlannedEntry(1, "00001-Acme", 2, "Dana Hallam", Decimal("1.00"), NAME)
    store.entries.plan(batch, "T1", day, [(planned, [2])], {})
    assert store.batches.decide(batch, revision=1, digest="abcdef012345", status=BatchStatus.APPROVED, actor="U2")
    assert store.batches.new_run(batch, token="posting", after="reading")
    assert store.batches.begin_run(batch, "posting")
    return {
        "entry": store.entries.of_batch(batch)[0].id,
        "token": "claim",
        "settle": 0.0,
        "batch": batch,
        "revision": 1,
        "digest": "abcdef0123456789",
        "run_token": "posting",
    }


def test_a_claim_succeeds_once(store: Store, claim: dict[str, Any]) -> None:
    assert store.entries.claim(**claim)
    assert not store.entries.claim(**claim | {"token": "another"})
    assert store.entries.get(claim["entry"]).token == "claim"


@pytest.mark.parametrize(
    "other",
    [{"revision": 2}, {"digest": "abcdef012345"}, {"run_token": "older"}, {"run_token": ""}, {"batch": 99},
     {"epoch": "of a server that may have lost something"}],
)  # fmt: skip
def test_a_claim_of_another_revision_hash_run_batch_or_life_of_the_database_fails(
    store: Store, claim: dict[str, Any], other: dict[str, Any]
) -> None:
    assert not store.entries.claim(**claim | other)
    assert store.entries.get(claim["entry"]).state is E.PLANNED


def test_a_claim_fails_while_the_batch_is_paused(store: Store, claim: dict[str, Any]) -> None:
    assert store.batches.pause(claim["batch"], "posting", halt="away", text="Clio is away.")
    assert not store.entries.claim(**claim)
    assert store.batches.go_on(claim["batch"], (BatchStatus.PAUSED,))
    assert store.entries.claim(**claim)


def test_a_claim_fails_once_the_batch_is_stopped(store: Store, claim: dict[str, Any]) -> None:
    assert store.batches.stop(claim["batch"], halt="person", text="Stopped.")
    assert not store.entries.claim(**claim)


def test_a_claim_fails_once_another_run_was_started(store: Store, claim: dict[str, Any]) -> None:
    assert store.batches.new_run(claim["batch"], token="newer", after="posting")
    assert not store.entries.claim(**claim)
    assert store.entries.claim(**claim | {"run_token": "newer"})


def test_only_the_claims_own_token_settles_an_entry(store: Store, claim: dict[str, Any]) -> None:
    assert store.entries.claim(**claim)
    assert not store.entries.settle(claim["entry"], "another", E.POSTED, clio_id=7)
    assert store.entries.settle(claim["entry"], "claim", E.POSTED, clio_id=7)
    assert not store.entries.settle(claim["entry"], "claim", E.PLANNED)
    assert store.entries.get(claim["entry"]).clio_id == 7


def test_a_claim_that_grew_old_is_not_posted(world: World) -> None:
    """Every claim is too old where no time may pass; with time again, all is posted."""
    world.restart(balances_timing=FAST.model_copy(update={"claim": 0.0}))
    world.begin(world.sheet(2))

    def claimed() -> bool:
        return any(entry.reason == "Clio could not be reached in time; nothing was sent." for entry in world.entries())

    world.slack.wait_for(claimed)
    assert world.posts() == []
    world.restart()
    world.finish()
    assert len(world.posts()) == 2
    world.assert_truth()
