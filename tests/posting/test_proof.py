"""What proves the money: cents, however Clio writes them; what it does not say is asked once more, and is unclear."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from world import World

from brought_forward.storage.records.batch import BatchStatus
from brought_forward.storage.records.entry import EntryState, Outcome

E = EntryState
ENTRIES = "/activities.json"
Change = Callable[[dict[str, Any]], None]


def as_texts(entry: dict[str, Any]) -> None:
    entry.update(price=f"{entry['price']:.2f}", total=f"{entry['total']:.2f}")


def with_noise(entry: dict[str, Any]) -> None:
    entry.update(price=entry["price"] + 3e-13, total=entry["total"] - 3e-13)


def answered(world: World, change: Change, *, every: bool = True) -> None:
    """Let Clio write its entries otherwise: in answers to POSTs, and where `every` in lists and by id too."""

    def one(response: Any, body: dict[str, Any]) -> None:
        if isinstance(body.get("data"), dict) and "price" in body["data"]:
            change(body["data"])

    def many(response: Any, body: dict[str, Any]) -> None:
        for entry in body.get("data") or []:
            change(entry)

    world.amend(one, times=None)
    if every:
        world.amend(many, method="GET", path=ENTRIES, times=None)
        world.amend(one, method="GET", path=".json", times=None)


@pytest.mark.parametrize("change", [as_texts, with_noise])
def test_money_is_compared_in_cents_however_clio_writes_it(world: World, change: Change) -> None:
    answered(world, change)
    world.clio.faults.add("error_after", method="POST", path=ENTRIES, nth=2)
    world.begin(world.sheet(4))
    text = world.finish()
    assert world.states() == [E.POSTED] * 4
    assert "4 entries, $493.86, equal to the cent" in text
    world.assert_truth()
    world.press("Undo")
    world.wait_for_status(BatchStatus.UNDONE)
    assert world.clio.time_entries == []


def test_hours_that_are_hidden_hide_no_money(world: World) -> None:
    world.clio.faults.add("hours_hidden", times=None)
    world.clio.faults.add("error_after", method="POST", path=ENTRIES, nth=2)
    world.begin(world.sheet(3))
    text = world.finish()
    assert "3 entries, $370.38, equal to the cent" in text
    world.assert_truth()


@pytest.mark.parametrize("cents", ["123.46", "123.451"])
def test_a_tenth_of_a_cent_is_no_noise(world: World, cents: str) -> None:
    world.amend(lambda response, body: body["data"].update(total=float(cents)))
    world.begin(world.sheet(2))
    text = world.wait_for_status(BatchStatus.STOPPED)
    assert f"its total in Clio is {'$123.46' if cents == '123.46' else '123.451 USD'} instead of $123.45." in text
    assert world.states() == [E.WRONG, E.NOT_SENT]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"price": 99.0}, "its price in Clio is $99.00 instead of $123.45."),
        ({"total": 99.0}, "its total in Clio is $99.00 instead of $123.45."),
        ({"price": 99.0, "total": 99.0}, "its total in Clio is $99.00 instead of $123.45."),  # once, where they agree
        ({"price": 98.0, "total": 99.0},
         "its price in Clio is $98.00 instead of $123.45; its total in Clio is $99.00 instead of $123.45."),
    ],
)  # fmt: skip
def test_price_and_total_are_named_apart(world: World, fields: dict[str, Any], words: str) -> None:
    world.amend(lambda response, body: body["data"].update(fields))
    world.begin(world.sheet(2))
    text = world.wait_for_status(BatchStatus.STOPPED)
    assert f"At 00001-Acme: {words}" in text
    world.clio.on_exchange.pop()


@pytest.mark.parametrize("figure", [True, "", "1,00", "NaN", "sNaN", "Infinity", "1e99", [1], {"amount": 1}])
def test_what_is_no_amount_proves_nothing(world: World, figure: Any) -> None:
    """A dollar is sent, which `true` equals in Python; nothing else is sent on such an answer."""
    rows = world.sheet(2)
    rows[0][2] = "1.00"
    world.amend(lambda response, body: body["data"].update(price=figure, total=figure))
    world.begin(rows)
    text = world.wait_for_status(BatchStatus.STOPPED)
    assert world.states() == [E.WRONG, E.NOT_SENT]
    assert "Clio hides its amount from the connected user." in text
    assert world.batch().halt == "wrong"  # and not of its form: another one would show no more
    assert len(world.posts()) == 1


# Billable or not: said, or asked once more


def untold(entry: dict[str, Any]) -> None:
    entry["non_billable"] = None


def test_a_null_non_billable_is_read_once_more_by_id(world: World) -> None:
    answered(world, untold, every=False)
    world.begin(world.sheet(3))
    text = world.finish()
    assert world.states() == [E.POSTED] * 3
    assert "equal to the cent" in text
    reads = [call.path for call in world.clio.calls if call.method == "GET" and call.path.startswith("/activities/")]
    assert reads == [f"/activities/{one.id}.json" for one in world.clio.time_entries]
    world.assert_truth()


def test_one_that_is_null_still_is_unclear_and_neither_wrong_nor_proof(world: World) -> None:
    answered(world, untold)
    world.begin(world.sheet(5))
    text = world.wait_for_status(BatchStatus.PAUSED)
    assert world.states() == [*[E.UNCLEAR] * 3, E.PLANNED, E.PLANNED]
    why = "Clio does not say whether it is billable, nor when it was read again"
    assert f'3 entries are unclear for the same reason: "{why}". Look at them in Clio' in text
    assert {"Go on", "Look again", "Stop"} == set(world.labels())
    assert len(world.posts()) == 3
    made = world.clio.time_entries
    world.asked(world.slack.manager, "look B1")  # which learns no more
    said = world.until("Looked in Clio again").partition("Looked in Clio again")[2]
    assert "Still unclear: 3" in said
    assert said.count(why) == 3
    assert world.states() == [*[E.UNCLEAR] * 3, E.PLANNED, E.PLANNED]
    del world.clio.on_exchange[1:]
    world.asked(world.slack.manager, "look B1")
    world.until("Found in Clio, as sent, so posted: 3")
    world.press("Go on")
    world.finish()
    assert made == world.clio.time_entries[:3]
    world.assert_truth()


def test_one_whose_answer_was_lost_is_read_once_more_too(world: World) -> None:
    def many(response: Any, body: dict[str, Any]) -> None:
        for entry in body["data"]:
            untold(entry)

    world.amend(many, method="GET", path=ENTRIES, times=None)
    world.clio.faults.add("error_after", method="POST", path=ENTRIES, nth=2)
    world.begin(world.sheet(2))
    text = world.finish()
    assert "2 entries, $246.91, equal to the cent" in text
    world.assert_truth()


# The note as Clio spells it


def test_what_clio_made_of_the_note_at_its_answer_is_what_is_read_back_and_undone(world: World) -> None:
    world.firm.spell = lambda note: note.replace("Balance", "BALANCE:")
    world.begin(world.sheet(3))
    text = world.finish()
    assert "3 entries, $370.38, equal to the cent" in text
    changed = world.firm.change(world.clio.time_entries[1], note=world.entries()[1].note)  # by a person, as we wrote it
    world.asked(world.slack.manager, "reconcile B1")
    said = world.until("Nothing was changed in Clio.")
    assert 'its note is "Balance brought forward' in said
    assert 'instead of "BALANCE: brought forward' in said
    world.press("Undo")
    world.wait_for_status(BatchStatus.UNDONE)
    assert world.clio.time_entries == [changed]
    outcomes = [one.outcome for one in world.store.undoing.of_batch(world.batch())]
    assert outcomes == [Outcome.REVERSED, Outcome.KEPT, Outcome.REVERSED]


def test_a_reading_back_and_an_undo_say_of_what_clio_does_not_call_billable_that_nobody_can_tell(world: World) -> None:
    world.begin(world.sheet(2))
    world.finish()
    answered(world, untold)
    world.asked(world.slack.manager, "reconcile B1")
    said = world.until("Nothing was changed in Clio.")
    assert "00001-Acme changed: Clio does not say whether it is billable, nor when it was read again" in said
    world.press("Undo")
    text = world.wait_for_status(BatchStatus.UNDONE)
    assert len(world.clio.time_entries) == 2
    assert "Clio does not say whether it is billable, nor when it was read again" in text
    assert "it is not billable" not in text


def test_price_and_total_are_named_apart_by_a_reading_back_and_an_undo(world: World) -> None:
    world.begin(world.sheet(2))
    world.finish()
    number = world.clio.time_entries[0].id

    def cheaper(entry: dict[str, Any]) -> None:
        if entry["id"] == number:
            entry["price"] = float(Decimal("1.00"))

    answered(world, cheaper)
    world.asked(world.slack.manager, "reconcile B1")
    assert "its price in Clio is $1.00 instead of $123.45" in world.until("Nothing was changed in Clio.")
    world.press("Undo")
    text = world.wait_for_status(BatchStatus.UNDONE)
    assert "changed in Clio since it was posted: its price in Clio is $1.00 instead of $123.45" in text
