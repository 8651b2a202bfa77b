"""What people ask of a batch's entries in Clio, days after they were posted: still equal, billed, reported."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from world import FAST, World, as_slackblocks, tables_of

from brought_forward.sandbox.clio import firm_of_size
from brought_forward.sandbox.slack.workspace import TEAM
from brought_forward.storage.records.batch import BatchStatus


@pytest.fixture
def large(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path, firm_of_size(125, 4))
    made.clio.on_exchange.clear()  # so many equal calls need no contract
    try:
        yield made.start()
    finally:
        made.close()


def posted(world: World, entries: int = 3) -> World:
    """Post entries and wait until all of it is told."""
    world.begin(world.sheet(entries))
    world.finish(timeout=60)
    return world


def ask(world: World, what: str, words: str, *, user: Any = None) -> str:
    """Ask, and wait for what its thread then says."""
    before = world.text().count(words)
    world.asked(user or world.slack.manager, what)
    world.slack.wait_for(lambda: world.text().count(words) > before, timeout=20)
    return world.slack.plain(world.said())


def row(message: Any, matter: str) -> list[dict[str, Any]]:
    """Find a matter's row in a message's table."""
    tables = [block for block in message.blocks if block["type"] == "data_table"]
    return next(one for table in tables for one in table["rows"][1:] if one[0].get("text") == matter)


# Reconcile


def test_a_batch_that_clio_still_holds_is_equal_by_matter_and_user_and_said_in_a_new_message(world: World) -> None:
    posted(world)
    closing = world.message("closing-1")
    edits = len(closing.edits)
    answer = world.asked(world.slack.manager, "reconcile B1")
    assert "B1 is being read back from Clio" in answer
    world.until("3 matters and 3 users compared one by one")
    said = world.said()
    assert said.ts != closing.ts
    assert "3 entries, $370.38, equal to the cent" in world.slack.plain(said)
    assert [one["text"] for one in row(said, "Luis Reyes")[1:]] == ["$123.46", "$123.46", "$0.00"]
    assert "Read " in world.slack.plain(said)
    assert len(world.message("closing-1").edits) == edits
    for block in said.blocks:
        as_slackblocks(block)


def test_each_change_that_people_made_in_clio_since_is_named(world: World) -> None:
    posted(world, 5)
    gone, dearer, moved, anothers, noted = world.clio.time_entries
    world.firm.remove_entry(gone)
    world.firm.change(dearer, price=Decimal("999.99"), date=date(2026, 1, 2))
    world.firm.change(moved, matter_id=200_010)
    world.firm.change(anothers, user_id=dearer.user_id)
    world.firm.change(noted, note="Something else")
    flat = world.firm.descriptions[noted.activity_description_id]
    world.firm.add_entry(world.firm.matters[noted.matter_id], world.firm.token_user, flat, 7)
    said = ask(world, "reconcile B1", "This is not what was posted")
    first, second, third, fourth, fifth = (entry.matter_number for entry in world.entries())
    for words in (
        f"{first} is missing: $123.45, Dana Hallam",
        f"{second} changed: its total in Clio is $999.99 instead of $123.46; it is dated 2 January 2026 instead of",
        f"{third} moved to 00010-",
        f"{fourth} moved from Tom Okafor to Luis Reyes: $123.48",
        f'{fifth} changed: its note is "Something else" instead of "Balance brought forward as of',
        f"{fifth} has one entry more than was posted here: $7.00, Dana Hallam",
        "Posted here: $617.35. In Clio: $1,370.43. Difference: $753.08.",
    ):
        assert words in said
    message = world.said()
    assert [one["text"] for one in row(message, "Dana Hallam")[1:]] == ["$123.45", "$0.00", "-$123.45"]
    assert [one["text"] for one in row(message, "Luis Reyes")[1:]] == ["$123.46", "$1,123.47", "$1,000.01"]
    assert [one["text"] for one in row(message, third)[1:]] == ["$123.47", "$0.00", "-$123.47"]
    assert "equal to the cent" not in world.asked(world.slack.manager, "status B1")


def test_more_differences_than_a_message_holds_are_all_in_tables(large: World) -> None:
    posted(large, 120)
    for entry in large.clio.time_entries:
        large.firm.change(entry, price=entry.price + 1)
    ask(large, "reconcile B1", " to 120 of 120")
    tables = [
        table
        for message in large.thread()
        for table in tables_of(message.blocks)
        if table["rows"][0][1]["text"] == "In Clio"
    ]
    rows = [one for table in tables for one in table["rows"][1:]]
    named = [one[0]["elements"][0]["elements"][0]["text"] for one in rows]
    assert sorted(named) == sorted(entry.matter_number for entry in large.entries())
    assert all("changed: its total in Clio is" in one[1]["text"] for one in rows)
    text = large.text()
    assert "and 110 more, all of them in the tables below" in text


def test_a_batch_that_is_being_posted_is_not_compared(world: World) -> None:
    held = world.hold(nth=2)
    world.begin(world.sheet(2))
    with held:
        assert "It is read back by itself once that has ended" in world.asked(world.slack.manager, "reconcile B1")
        assert world.store.inquiries.of_firm(TEAM) == []
    world.finish()


def test_only_who_may_see_a_batch_asks_and_only_of_what_stands_in_clio(world: World) -> None:
    world.preview(world.sheet(1))
    assert "Nothing of B1 is in Clio" in world.asked(world.slack.staff, "bills B1")
    world.click(world.slack.manager, "Approve")
    world.finish()
    for what in ("reconcile", "bills", "report"):
        assert "Name the batch" in world.asked(world.slack.staff, what)
        assert "Only who uploaded B1 and approvers" in world.asked(world.slack.outsider, f"{what} B1")
        assert "Guests cannot" in world.asked(world.slack.guest, f"{what} B1")
    assert world.store.inquiries.of_firm(TEAM) == []
    ask(world, "reconcile B1", "equal to the cent", user=world.slack.staff)


def test_clio_that_refuses_the_sign_in_is_told_in_the_thread_and_the_old_words_stay(world: World) -> None:
    posted(world)
    world.clio.sign_out()
    said = ask(world, "reconcile B1", "could not be compared with Clio")
    assert "gives it a new token for Clio and starts it again. Ask again with /balances reconcile B1" in said.replace(
        "`", ""
    )
    world.clio.sign_in()
    ask(world, "reconcile B1", "compared one by one")


# Bills


def states(message: Any) -> dict[str, str]:
    """What the table says of each matter."""
    table = next(block for block in message.blocks if block["type"] == "data_table")
    return {one[0]["text"]: one[2]["text"] for one in table["rows"][1:]}


def test_bills_are_counted_and_summed_by_state_and_add_up_to_what_was_posted(world: World) -> None:
    posted(world, 6)
    billing = world.clio.billing
    _, draft, waiting, unpaid, paid, voided = world.clio.time_entries
    billing.make(draft.matter_id)
    billing.submit(billing.make(waiting.matter_id))
    bill = billing.approve(billing.make(unpaid.matter_id))
    billing.pay(billing.approve(billing.make(paid.matter_id)))
    world.firm.bill(voided, "void")  # as where Clio still names the bill
    calls = len(world.clio.calls)
    said = ask(world, "bills B1", "Bills of AR.csv")
    assert [call.path for call in world.clio.calls[calls:]] == ["/activities.json"]
    assert "(B1): 6 entries, $740.85 posted" in said
    for words in (
        "Not billed yet: 1 entry, $123.45.",
        "On a void bill, to be billed again: 1 entry, $123.50.",
        "On a draft: 1 entry, $123.46.",
        "Awaiting approval: 1 entry, $123.47.",
        "Awaiting payment: 1 entry, $123.48.",
        "Paid: 1 entry, $123.49.",
    ):
        assert words in said
    message = world.said()
    numbers = [entry.matter_number for entry in world.entries()]
    assert states(message)[numbers[3]] == "Awaiting payment"
    link = row(message, numbers[3])[3]["elements"][0]["elements"][0]
    assert (link["text"], link["url"].split("#")[1]) == (f"Bill {bill.number}", f"/bills/{bill.id}")
    other = row(message, numbers[0])[3]["elements"][0]["elements"][0]
    assert other["url"].endswith(f"/nc/#/matters/{world.entries()[0].matter_id}")
    for block in message.blocks:
        as_slackblocks(block)


def test_refresh_reads_again_and_edits_the_message(world: World) -> None:
    posted(world, 2)
    ask(world, "bills B1", "Bills of AR.csv")
    message = world.said()
    assert "Not billed yet: 2 entries, $246.91." in world.slack.plain(message)
    entry = world.clio.time_entries[0]
    world.clio.billing.approve(world.clio.billing.make(entry.matter_id))
    assert "Reading Clio again" in world.refused(world.slack.staff, "Refresh", message)
    world.until("Awaiting payment: 1 entry, $123.45.")
    assert world.said().ts == message.ts
    assert "Not billed yet: 1 entry, $123.46." in world.slack.plain(world.said())
    assert "Only who uploaded B1" in world.refused(world.slack.outsider, "Refresh", world.said())
    assert "Guests cannot" in world.refused(world.slack.guest, "Refresh", world.said())


def test_an_entry_that_left_clio_or_was_changed_is_said_among_the_bills(world: World) -> None:
    posted(world, 3)
    first, second, _ = world.clio.time_entries
    world.firm.remove_entry(first)
    world.firm.change(second, price=Decimal(1))
    said = ask(world, "bills B1", "Bills of AR.csv")
    assert "3 entries, $370.38 posted" in said
    assert "Not in Clio any more: 1 entry, $123.45." in said
    assert "Of 1 entry Clio no longer shows the total that was posted" in said


def test_more_matters_than_a_table_holds_are_all_in_a_workbook(large: World) -> None:
    posted(large, 120)
    said = ask(large, "bills B1", "Bills of AR.csv")
    assert re.search(r"The first \d{2} of 120 rows; the workbook beside this has all", said)
    large.slack.wait_for(lambda: any("bills.xlsx" in str(message.files) for message in large.thread()))


def test_a_workbook_asked_for_twice_has_a_name_of_its_own_each_time(large: World) -> None:
    posted(large, 120)
    for number in (1, 2):
        large.asked(large.slack.manager, "bills B1")
        large.slack.wait_for(lambda number=number: large.store.messages.find(1, f"bills-{number}"))
    large.slack.wait_for(lambda: len(named(large, "bills")) == 2)
    assert named(large, "bills") == ["AR B1 bills.xlsx", "AR B1 bills 2.xlsx"]
    for _ in range(2):
        large.asked(large.slack.manager, "signoff B1")
    large.slack.wait_for(lambda: len(named(large, "sign-off")) == 2)
    assert named(large, "sign-off") == ["AR B1 sign-off.xlsx", "AR B1 sign-off 2.xlsx"]


def named(world: World, what: str) -> list[str]:
    """Name the files of the newest thread that are called so, in their order."""
    return [file.name for message in world.thread() for file in message.files if what in file.name]


def test_bills_are_read_while_another_batch_is_posted(world: World) -> None:
    rows = world.sheet(4)
    world.begin(rows[:2])
    world.finish(1)
    held = world.hold(nth=1)
    world.begin(rows[2:], name="More.csv")
    with held:
        world.asked(world.slack.manager, "bills B1")
        world.slack.wait_for(lambda: world.store.messages.find(1, "bills-1"))
        assert world.batch(2).status is BatchStatus.POSTING
    world.finish(2)


# Clio's report


def attached(world: World) -> Any:
    """Find the report in the thread."""

    def there() -> Any:
        return next((one for message in world.thread() for one in message.files if "activity" in one.name), None)

    return world.slack.wait_for(there, timeout=20)


def orders(world: World) -> list[Any]:
    return [call for call in world.clio.calls if (call.method, call.path) == ("POST", "/reports.json")]


def test_clios_report_is_asked_for_waited_for_fetched_and_attached(world: World) -> None:
    posted(world)
    world.clio.reports.seconds = 0.4
    assert "Client Activity report of B1" in world.asked(world.slack.manager, "report B1")
    file = attached(world)
    lines = list(csv.DictReader(io.StringIO(file.data.decode())))
    assert sorted((one["Matter"], one["User"], Decimal(one["Total"])) for one in lines) == sorted(
        (entry.matter_number, entry.user_name, entry.amount) for entry in world.entries()
    )
    day = world.batch().posting_date
    assert day is not None
    assert [call.data for call in orders(world)] == [
        {"kind": "client_activity", "format": "csv", "start_date": day.isoformat(), "end_date": day.isoformat()}
    ]
    assert "It lists all activity in Clio of that time, not only this batch" in world.text()
    assert all("authorization" not in headers and "cookie" not in headers for headers in world.clio.storage.asked)
    assert file.name == "AR B1 client activity.csv"


def test_a_report_that_fails_or_is_empty_or_takes_too_long_is_told(world: World) -> None:
    posted(world, 1)
    world.clio.faults.add("report_fails")
    assert "Clio took the report on and could not make it." in ask(world, "report B1", "could not make it")
    entry = world.clio.time_entries[0]
    world.firm.change(entry, date=date(2020, 1, 1))
    assert "Clio's report is empty" in ask(world, "report B1", "report is empty")
    world.restart(balances_timing=FAST.model_copy(update={"report_wait": 0.3}))
    world.firm.change(entry, date=world.entries()[0].date)
    world.clio.reports.seconds = 60
    assert "longer than I wait" in ask(world, "report B1", "still making it")


def test_a_refused_report_is_told_in_clios_words(world: World) -> None:
    posted(world, 1)
    world.clio.faults.add("refuse", path="/reports.json", message="Reports are not part of this plan")
    assert "Reports are not part of this plan" in ask(world, "report B1", "not part of this plan")


def test_a_report_that_is_too_large_is_not_attached(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    posted(world, 1)
    monkeypatch.setattr("brought_forward.sandbox.clio.reports._table", lambda lines: b"x" * 20_000_001)
    said = ask(world, "report B1", "larger than 20 MB")
    assert "It stands among the reports in Clio" in said


@pytest.mark.parametrize("fault", ["cut_after", "error_after"])
def test_an_order_without_an_answer_is_looked_for_and_not_sent_again(world: World, fault: str) -> None:
    posted(world, 1)
    world.clio.faults.add(fault, method="POST", path="/reports.json")
    world.asked(world.slack.manager, "report B1")
    attached(world)
    assert len(orders(world)) == 1


def test_an_order_that_clio_never_took_is_sent_again(world: World) -> None:
    posted(world, 1)
    world.clio.faults.add("cut_before", method="POST", path="/reports.json")
    world.asked(world.slack.manager, "report B1")
    attached(world)
    assert len(orders(world)) == 2


def test_a_report_is_waited_for_by_its_id_after_a_restart(world: World) -> None:
    posted(world, 1)
    world.clio.reports.seconds = 1.5
    world.asked(world.slack.manager, "report B1")
    world.slack.wait_for(lambda: orders(world) and world.store.inquiries.report_ids(world.batch().account or ""))
    world.restart()
    attached(world)
    assert len(orders(world)) == 1


def test_an_order_whose_answer_a_restart_lost_is_found_among_clios_reports(world: World) -> None:
    patient = FAST.model_copy(update={"read": 1.0, "report_wait": 60.0})
    world.restart(balances_timing=patient)
    posted(world, 1)
    day = world.entries()[0].date.isoformat()
    body = {"kind": "client_activity", "format": "csv", "start_date": day, "end_date": day}
    world.clio.reports.create(body)  # somebody's own, of earlier
    held = world.hold(path="/reports.json")
    world.asked(world.slack.manager, "report B1")
    assert held.reached.wait(10)
    world.restart(balances_timing=patient)  # before the answer came
    held.go.set()
    attached(world)
    ours = world.store.inquiries.report_ids(world.batch().account or "")
    assert ours == {one.id for one in world.firm.reports if one.id > 8_001}
    assert len(orders(world)) == 1


def test_the_bytes_of_a_report_are_kept_only_until_slack_has_them(world: World) -> None:
    posted(world, 1)
    world.asked(world.slack.manager, "report B1")
    attached(world)
    world.slack.wait_for(lambda: world.store.inquiries.data(1) is None)


def test_a_report_that_was_ordered_is_waited_for_while_clio_is_away_after_a_restart(world: World) -> None:
    patient = FAST.model_copy(update={"keep_asking": 0.3, "report_wait": 60.0})
    world.restart(balances_timing=patient)
    posted(world, 1)
    world.clio.faults.add("unavailable", method="GET", path="/reports/*", times=None)
    world.asked(world.slack.manager, "report B1")
    world.slack.wait_for(lambda: world.store.inquiries.report_ids(world.batch().account or "") != set())
    world.stop()
    away = world.clio.faults.add("unavailable", method="GET", path="/users/who_am_i.json", times=None)
    world.start(balances_timing=patient)
    world.slack.wait_for(lambda: away.served > 3)
    world.clio.faults.clear()
    attached(world)
    assert len(orders(world)) == 1
