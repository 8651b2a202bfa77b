"""After a run: the results of every matter, and what Clio holds compared with what was posted."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from world import FAST, World, tables_of

from brought_forward.sandbox.clio import firm_of_size
from brought_forward.storage.records.batch import BatchStatus
from brought_forward.storage.records.entry import EntryState

E = EntryState


@pytest.fixture
def large(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path, firm_of_size(252, 6))
    made.clio.on_exchange.clear()  # two hundred and fifty equal calls need no contract
    try:
        yield made.start()
    finally:
        made.close()


def closing(world: World, episode: int = 1) -> str:
    return world.slack.plain(world.message(f"closing-{episode}"))


def ever_said(message: Any) -> str:
    """All that a message said, its earlier forms too."""
    return str([message.blocks, *(edit.blocks for edit in message.edits)])


# Results


def test_results_of_250_matters_come_in_tables_of_a_hundred_at_most_refused_first_and_each_once(large: World) -> None:
    refused = [200_051, 200_151, 200_201]
    for number, matter in enumerate(refused):
        large.clio.faults.add("refuse", matter=matter, message=f"Reason {number}")
    large.begin(large.sheet(250))
    text = large.finish(timeout=60)
    tables = [
        table
        for message in large.thread()
        for table in tables_of(message.blocks)
        if [cell["text"] for cell in table["rows"][0]] == ["Matter", "User", "Amount", "Result"]
    ]
    pages = [len(table["rows"]) - 1 for table in tables]
    assert {table["type"] for table in tables} == {"table"}  # folded, each
    assert sum(pages) == 250
    assert max(pages) <= 100
    rows = [row for table in tables for row in table["rows"][1:]]
    links = [row[0]["elements"][0]["elements"][0] for row in rows]
    entries = {entry.matter_number: entry for entry in large.entries()}
    assert sorted(link["text"] for link in links) == sorted(entries)
    for row, link in zip(rows, links, strict=True):
        entry = entries[link["text"]]
        assert link["url"].endswith(f"/nc/#/matters/{entry.matter_id}")
        assert row[1]["text"] == entry.user_name
        assert row[2]["text"] == f"${entry.amount:,.2f}"
        assert row[3]["text"] == ("Posted" if entry.state is E.POSTED else f"Refused: {entry.reason}")
    assert [row[3]["text"] for row in rows[:4]] == [*(f"Refused: Reason {number}" for number in range(3)), "Posted"]
    assert f"results 1 to {pages[0]} of 250" in text
    assert f"results {251 - pages[-1]} to 250 of 250" in text
    assert "Done: 247 of 250 posted" in text
    assert "247 entries" in closing(large)
    assert "equal to the cent" in closing(large)
    large.assert_truth()


def test_the_closing_words_stand_above_the_table_and_the_sum_in_them_alone(world: World) -> None:
    world.begin(world.sheet(3))
    world.finish()
    after = [world.slack.plain(one) for one in world.spoken()][2:]  # below the preview and the call for approval
    assert [text.split(".")[0].split(":")[0] for text in after] == [
        "All 3 entries are posted", "Done", "AR", "@staff"]  # fmt: skip
    assert [text.count("$370.38") for text in after] == [0, 2, 0, 0]  # posted, and as read back
    assert [block["type"] for block in world.message("results-1").blocks] == ["data_table"]


@pytest.mark.parametrize(("entries", "kind"), [(20, "data_table"), (21, "container")])
def test_more_than_twenty_results_are_folded(large: World, entries: int, kind: str) -> None:
    large.begin(large.sheet(entries))
    large.finish(timeout=60)
    assert [block["type"] for block in large.message("results-1").blocks] == [kind]


def test_the_closing_words_of_an_undo_stand_above_its_table(world: World) -> None:
    world.begin(world.sheet(2))
    world.finish()
    world.press("Undo")
    world.wait_for_status(BatchStatus.UNDONE)
    said = [world.slack.plain(one) for one in world.spoken()]
    above = next(place for place, text in enumerate(said) if text.startswith("Undone: 2 of 2 reversed"))
    assert "undo 1 to 2 of 2" in said[above + 1]
    assert sum("Read back from Clio" in text for text in said) == 2  # of the posting, and of the undo


def test_the_closing_words_sum_what_was_posted_refused_and_left_out(world: World) -> None:
    rows = [*world.sheet(4), ["99999-Nobody", "Dana Hallam", "1000.00", ""]]
    world.clio.faults.add("refuse", matter=200_002, message="Time is locked")
    world.begin(rows)
    world.finish()
    said = closing(world)
    assert "Done: 3 of 4 posted, $370.40." in said
    assert "3 entries, $370.40, equal to the cent." in said
    assert "1 refused ($123.46): 00002-Albright Dental: Time is locked." in said
    assert "$1,000.00" in said  # left out
    assert "generate and approve the bills, without tax" in said
    world.assert_truth()


def test_a_firm_that_taxes_by_default_is_told_so_again_at_the_end(world: World) -> None:
    world.firm.change_settings(apply_tax_by_default=True)
    world.begin(world.sheet(1))
    world.finish()
    assert "without tax: Clio adds it by default" in closing(world)


def test_each_user_has_in_clio_what_the_preview_said(world: World) -> None:
    number = world.preview(world.sheet(20)).id
    table = next(block for block in world.message("preview").blocks if block["type"] == "table")
    said = {row[0]["text"]: (row[1]["text"], row[2]["text"]) for row in table["rows"][1:]}
    world.click(world.slack.manager, "Approve")
    world.finish(number)
    sums: dict[str, list[Decimal]] = defaultdict(list)
    for entry in world.clio.time_entries:
        sums[world.firm.users[entry.user_id].name].append(entry.total)
    clios = {name: (str(len(amounts)), f"${sum(amounts):,.2f}") for name, amounts in sums.items()}
    everything = [amount for amounts in sums.values() for amount in amounts]
    assert said == clios | {"Total": ("20", f"${sum(everything):,.2f}")}


# Reading back


def tampered(world: World, how: Any, *, entries: int = 3) -> str:
    """Post entries, let a person work in Clio before it is read back, and return the closing words."""
    held = world.hold(nth=entries)
    world.begin(world.sheet(entries))
    with held:
        how(world.clio.time_entries)
    world.finish()
    said = closing(world)
    assert "equal to the cent" not in said
    assert "This is not what was posted" in said
    return said


def test_an_entry_that_was_removed_in_clio_is_missing(world: World) -> None:
    said = tampered(world, lambda made: world.firm.remove_entry(made[0]))
    assert "00001-Acme is missing" in said
    assert "2 entries, $246.93" in said
    assert "Done: 3 of 3 posted, $370.38." in said  # what was posted stays said


def test_an_entry_of_another_description_now_is_found_by_its_id(world: World) -> None:
    other = next(iter(world.firm.descriptions))
    said = tampered(world, lambda made: world.firm.change(made[1], activity_description_id=other.id))
    assert "00002-Albright Dental changed: $123.46 stands under another activity description" in said
    assert "missing" not in said
    # By a list of ids: a firm that gives all entries another description costs a call a hundred, not one each.
    assert not [call for call in world.clio.calls if call.method == "GET" and call.path.startswith("/activities/")]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"price": Decimal("123.44")}, "changed: its total in Clio is $123.44 instead of $123.45."),
        ({"user_id": 1_004}, "moved from Dana Hallam to Tom Okafor: $123.45."),
        ({"matter_id": 200_040}, "moved to 00040-Juniper Clinic: $123.45."),
        ({"non_billable": True}, "changed: it is non-billable, so no bill would carry it."),
        ({"flat_rate": False}, "changed: it is hourly now, with a total of $0.00 instead of $123.45."),
        ({"date": date(2026, 1, 2)}, "changed: it is dated 2 January 2026 instead of "),
        ({"note": "Fees"}, 'changed: its note is "Fees" instead of "Balance brought forward as of '),
    ],
)
def test_an_entry_that_was_changed_in_clio_is_named(world: World, fields: dict[str, Any], words: str) -> None:
    said = tampered(world, lambda made: world.firm.change(made[0], **fields))
    assert f"00001-Acme {words}" in said


def test_two_changes_that_cancel_out_are_still_found(world: World) -> None:
    def swap(made: Any) -> None:
        first, second = made[:2]
        world.firm.change(first, price=second.price)
        world.firm.change(second, price=first.price)

    said = tampered(world, swap)
    assert "00001-Acme changed: its total in Clio is $123.46 instead of $123.45;" in said
    assert "00002-Albright Dental changed: its total in Clio is $123.45 instead of $123.46." in said


def test_an_entry_more_than_was_posted_is_found(world: World) -> None:
    def add(made: Any) -> None:
        matter, description = (
            world.firm.matters[made[0].matter_id],
            world.firm.descriptions[made[0].activity_description_id],
        )
        world.firm.add_entry(matter, world.firm.users[1_005], description, 1)

    said = tampered(world, add)
    assert "00001-Acme has one entry more than was posted here: $1.00, Ines Varga, " in said


def test_a_total_that_is_hidden_by_now_is_no_proof(world: World) -> None:
    world.clio.faults.add("redacted", method="GET", times=None)
    world.begin(world.sheet(2))
    world.finish()
    assert "equal to the cent" not in closing(world)
    assert "Clio hides its amount from the connected user." in closing(world)


def test_a_list_that_lags_is_read_again_before_anything_is_called_missing(world: World) -> None:
    world.restart(balances_timing=FAST.model_copy(update={"second_look": 0.4}))
    world.clio.faults.list_lag = 0.6
    world.begin(world.sheet(3))
    world.finish()
    message = world.message("closing-1")
    assert "equal to the cent" in world.slack.plain(message)
    assert "missing" not in ever_said(message)
    lists = [call for call in world.clio.calls if call.method == "GET" and call.path == "/activities.json"]
    assert len(lists) >= 2
    assert not [call for call in world.clio.calls if call.method == "GET" and call.path.startswith("/activities/")]
    world.assert_truth()


def test_the_entries_of_earlier_batches_are_no_difference(world: World) -> None:
    rows = world.sheet(4)
    world.begin(rows[:2])
    world.finish(1)
    world.begin(rows[2:])
    world.finish(2)
    said = world.slack.plain(world.message("closing-1", 2))
    assert "2 entries, $246.95, equal to the cent" in said


def test_a_sign_in_that_ends_before_the_reading_back_is_told_and_read_back_later(world: World) -> None:
    world.amend(lambda response, body: world.clio.sign_out(), nth=2)
    world.begin(world.sheet(2))
    text = world.until("Clio could not be read back")
    assert "Clio no longer accepts our sign-in" in text
    world.clio.sign_in()
    world.until("equal to the cent")
    world.finish()
    assert "could not be read back" not in world.text()
    world.assert_truth()


def test_clio_out_of_reach_after_posting_is_told_and_nothing_is_called_equal(world: World) -> None:
    world.restart(balances_timing=FAST.model_copy(update={"keep_asking": 0.3}))
    held = world.hold(nth=2)
    world.preview(world.sheet(2))  # which asks for one entry, to learn which fields Clio knows
    world.click(world.slack.manager, "Approve")
    with held:
        world.clio.faults.add("error_before", method="GET", path="/activities.json", times=None)
    text = world.until("Clio could not be read back")
    assert "equal to the cent" not in text
    assert "Done: 2 of 2 posted" in text
    assert world.batch().status is BatchStatus.POSTED
    world.assert_truth()


def test_clio_that_answers_again_is_read_back_after_all(world: World) -> None:
    world.restart(balances_timing=FAST.model_copy(update={"keep_asking": 0.3}))
    world.preview(world.sheet(2))
    held = world.hold(nth=2)
    world.click(world.slack.manager, "Approve")
    with held:
        fault = world.clio.faults.add("error_before", method="GET", path="/activities.json", times=None)
    world.until("Clio could not be read back")
    world.clio.faults.remove(fault)
    world.until("equal to the cent", timeout=5)
