"""Where balances can start: shortcuts, the form, direct messages, several files at once."""

import csv
import io
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from world import World

from brought_forward.bot.intake.payloads import as_csv, tables
from brought_forward.sandbox.clio import firm_of_size
from brought_forward.sandbox.slack import File, Message, View
from brought_forward.sandbox.slack.workspace import TEAM
from brought_forward.storage.records.batch import Batch, BatchStatus
from brought_forward.storage.records.entry import EntryState

PDF = b"%PDF-1.7\n1 0 obj\n<< >>\nendobj\n"


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = World(tmp_path_factory.mktemp("starting"), firm_of_size(120, 4))
    try:
        yield made.ready()
        assert made.contract.violations == []
    finally:
        made.close()


@pytest.fixture
def world(opened: World) -> World:
    opened.slack.rules.shortcuts = {"balances_message": "message_action", "balances_form": "shortcut"}
    return opened.ready()


def cells(world: World, lines: int = 2) -> list[list[str]]:
    return [["Matter", "User", "Balance"], *[[str(cell) for cell in row[:3]] for row in world.fresh(lines)]]


def sheet(world: World, lines: int = 2) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(cells(world, lines))
    return text.getvalue().encode()


def text_of(world: World, place: Any, ts: str) -> str:
    return "\n".join(world.slack.plain(one) for one in world.slack.thread(place, ts) if one.user == world.slack.bot.id)


def until(world: World, place: Any, ts: str, words: str = "fingerprint") -> str:
    world.slack.wait_for(lambda: words in text_of(world, place, ts), timeout=20)
    return text_of(world, place, ts)


def hear(world: World, user: Any, act: Callable[[], Any]) -> str:
    """Do something and return what the person alone is told."""
    before = len(world.slack.ephemerals(user))
    act()
    world.slack.wait_for(lambda: len(world.slack.ephemerals(user)) > before)
    return world.told(user)


def quiet_file(world: World, name: str, data: bytes, *, user: Any = None, place: Any = "balances") -> Message:
    """Share a file that starts nothing by itself: its event never comes."""
    world.slack.rules.subscriptions = ()
    file = world.slack.upload(user or world.slack.staff, place, name, data)
    world.slack.rules.subscriptions = ("file_shared", "app_home_opened")
    return message_of(world, file, place)


def message_of(world: World, file: File, place: Any = "balances") -> Message:
    return next(one for one in world.slack.messages(place) if file.id in {each.id for each in one.files})


def direct(world: World, words: str) -> Message:
    """Wait until the newest word in the staff's conversation with the bot says this."""

    def newest() -> Message | None:
        said = world.told_directly(world.slack.staff)
        return said[-1] if said and words in world.slack.plain(said[-1]) else None

    found: Message = world.slack.wait_for(newest, timeout=20)
    return found


def form(world: World, user: Any = None) -> View:
    user = user or world.slack.staff
    for view in world.slack.views(user):
        world.slack.close(user, view)
    world.shortcut(user, viewing="billing")
    found: View = world.form(user)
    return found


def batch_in(world: World, place: Any, ts: str) -> Batch:
    room = world.slack.workspace.channel(place if isinstance(place, str) else place.id)
    (found,) = [
        one for one in world.store.batches.newest("T0WHITMAN1", 50) if (one.channel, one.thread_ts) == (room.id, ts)
    ]
    return found


def top_of(world: World, name: str) -> Message:
    """Wait for the message that begins a thread for a file of the form."""

    def there() -> Message | None:
        said = [one for one in world.slack.messages("billing") if f"brings {name} forward" in world.slack.plain(one)]
        return said[-1] if said else None

    found: Message = world.slack.wait_for(there)
    return found


# Dropped files


def test_each_file_of_one_message_is_a_batch_and_the_second_is_told_what_comes_first(world: World) -> None:
    held = world.hold(method="GET", path="/settings/billing.json")
    files = world.slack.upload_together(
        world.slack.staff, "balances", {"A.csv": sheet(world, 1), "B.csv": sheet(world, 1), "C.csv": sheet(world, 1)}
    )
    ts = files[0].shares[0].ts
    with held:
        until(world, "balances", ts, "C.csv (1 KB) waits: 2 files in this channel are read before it")
    world.slack.wait_for(lambda: text_of(world, "balances", ts).count("fingerprint") == 3, timeout=20)
    said = [line.split(":")[0] for line in text_of(world, "balances", ts).splitlines() if "ready for approval" in line]
    assert said == ["A.csv", "B.csv", "C.csv"]


# The shortcut on a message


def test_the_shortcut_brings_a_file_forward_in_its_messages_thread(world: World) -> None:
    message = quiet_file(world, "AR.csv", sheet(world))
    assert world.shortcut(world.slack.outsider, message).error is None
    text = until(world, "balances", message.ts)
    assert "Waiting for an approver other than @outsider" in text
    batch = batch_in(world, "balances", message.ts)
    assert (batch.uploader, batch.owner) == (world.slack.outsider.id, world.slack.staff.id)


def test_the_shortcut_reaches_into_a_channel_that_is_not_on_the_list(world: World) -> None:
    world.ready(balances_channels=(world.slack.balances.id,))
    file = world.slack.upload(world.slack.staff, "billing", "AR.csv", sheet(world))
    message = message_of(world, file, "billing")
    world.slack.wait_for(lambda: not world.store.events.waiting())
    assert text_of(world, "billing", message.ts) == ""
    world.shortcut(world.slack.staff, message)
    until(world, "billing", message.ts)


def test_a_file_whose_drop_began_a_batch_is_not_begun_twice(world: World) -> None:
    file = world.slack.upload(world.slack.staff, "balances", "AR.csv", sheet(world))
    message = message_of(world, file)
    until(world, "balances", message.ts)
    number = batch_in(world, "balances", message.ts).id
    said = hear(world, world.slack.outsider, lambda: world.shortcut(world.slack.outsider, message))
    link = f"https://slack.com/archives/C0BALANCES/p{message.ts.replace('.', '')}"
    assert said == f"B{number} is this file already: open the thread."
    assert link in world.slack.ephemerals(world.slack.outsider)[-1].text
    assert batch_in(world, "balances", message.ts).uploader == world.slack.staff.id


def test_a_file_that_ended_unposted_begins_anew_when_somebody_asks_again(world: World) -> None:
    message = quiet_file(world, "AR.csv", sheet(world))
    world.shortcut(world.slack.staff, message)
    until(world, "balances", message.ts)
    first = batch_in(world, "balances", message.ts)
    world.reject(world.slack.manager, message=world.message("preview", first.id))
    world.slack.wait_for(lambda: world.batch(first.id).status is BatchStatus.REJECTED)
    world.shortcut(world.slack.staff, message)
    world.slack.wait_for(lambda: text_of(world, "balances", message.ts).count("fingerprint") == 2, timeout=20)
    newest = world.newest()
    assert (newest.file_id, newest.thread_ts, newest.status) == (first.file_id, message.ts, BatchStatus.PREVIEWED)
    said = hear(world, world.slack.staff, lambda: world.shortcut(world.slack.staff, message))
    assert said == f"{newest.name} is this file already: open the thread."


def test_a_shortcut_that_slack_says_twice_is_one(world: World) -> None:
    message = quiet_file(world, "AR.csv", sheet(world))
    hands = world.slack._entrances  # the same payload twice, as Socket Mode may hand it over
    sent: list[dict[str, Any]] = []
    tell = hands.payloads.tell
    hands.payloads.tell = lambda kind, payload: sent.append(payload) or tell(kind, payload)  # type: ignore[method-assign,func-returns-value]
    before = len(world.slack.ephemerals(world.slack.staff))
    try:
        world.shortcut(world.slack.staff, message)
        tell("message_action", sent[0])
    finally:
        hands.payloads.tell = tell  # type: ignore[method-assign]
    until(world, "balances", message.ts)
    world.slack.wait_for(lambda: not world.store.wishes.due(TEAM))
    assert batch_in(world, "balances", message.ts)
    assert len(world.slack.ephemerals(world.slack.staff)) == before


def test_a_message_without_file_or_table_is_told_so_alone(world: World) -> None:
    message = world.slack.say(world.slack.staff, "lobby", "Lunch?")
    said = hear(world, world.slack.staff, lambda: world.shortcut(world.slack.staff, message))
    assert said.startswith("There is no spreadsheet and no pasted table in this message.")
    assert len(world.slack.messages("lobby")) == 1


def test_a_file_that_is_no_spreadsheet_gets_its_sentence_from_the_shortcut(world: World) -> None:
    message = quiet_file(world, "AR.pdf", PDF)
    world.shortcut(world.slack.staff, message)
    text = until(world, "balances", message.ts, "I can't read AR.pdf")
    assert "Export the balances as Excel or CSV" in text


def test_where_the_bot_is_not_in_the_channel_it_says_what_to_do(world: World) -> None:
    message = quiet_file(world, "AR.csv", sheet(world), place="lobby")
    table = world.slack.paste_table(world.slack.staff, "lobby", cells(world))
    for one in (message, table):
        said = hear(world, world.slack.staff, lambda one=one: world.shortcut(world.slack.staff, one))
        assert said.startswith("I am not in this channel")
        assert "Invite me with /invite" in said
    world.slack.invite_bot("lobby")
    try:
        world.shortcut(world.slack.staff, table)
        until(world, "lobby", table.ts)
        world.slack.wait_for(lambda: not world.store.messages.owed())
    finally:
        world.slack.remove_bot("lobby")


def test_guests_begin_nothing_by_the_shortcut(world: World) -> None:
    message = quiet_file(world, "AR.csv", sheet(world))
    said = hear(world, world.slack.guest, lambda: world.shortcut(world.slack.guest, message))
    assert said == "Guests cannot do this."
    assert text_of(world, "balances", message.ts) == ""


def test_our_own_workbook_begins_nothing(world: World) -> None:
    world.preview(world.fresh(1))
    world.slack.wait_for(lambda: not world.store.messages.owed())
    ours = [one for one in world.thread() if one.files and one.user == world.slack.bot.id][-1]
    said = hear(world, world.slack.staff, lambda: world.shortcut(world.slack.staff, ours))
    assert said.startswith("I made this file myself.")


def test_trouble_with_slack_delays_a_shortcut_and_loses_nothing(world: World) -> None:
    message = quiet_file(world, "AR.csv", sheet(world))
    world.slack.faults.add("files.info", "internal_error", times=3)
    world.shortcut(world.slack.staff, message)
    until(world, "balances", message.ts)


def test_a_shortcut_outlives_a_stop(world: World) -> None:
    message = quiet_file(world, "AR.csv", sheet(world))
    world.slack.faults.add("files.info", "internal_error", times=1000)
    world.shortcut(world.slack.staff, message)
    world.slack.wait_for(lambda: any(call.method == "files.info" for call in world.slack.calls[-3:]))
    world.stop()
    world.slack.faults.clear()
    world.start()
    until(world, "balances", message.ts)


# Pasted tables


def test_a_pasted_table_is_read_like_a_file(world: World) -> None:
    rows = cells(world, 3)
    message = world.slack.paste_table(world.slack.outsider, "balances", rows, comment="as of today")
    said = hear(world, world.slack.staff, lambda: world.shortcut(world.slack.staff, message))
    assert said == "I read the table that @outsider pasted. The preview comes in this message's thread."
    text = until(world, "balances", message.ts)
    assert "table of " in text
    assert "3 entries" in text
    batch = batch_in(world, "balances", message.ts)
    assert world.store.batches.file_bytes(batch.firm, batch.sha256 or "") == as_csv(rows)
    assert [str(entry.amount) for entry in world.entries(batch.id)] == [row[2] for row in rows[1:]]


def test_neither_who_pasted_a_table_nor_who_used_the_shortcut_approves_it(world: World) -> None:
    message = world.slack.paste_table(world.slack.partner, "balances", cells(world))
    world.shortcut(world.slack.manager, message)
    until(world, "balances", message.ts, "Nobody can approve this")
    world.restart(
        balances_approvers=tuple(one.id for one in (world.slack.manager, world.slack.partner, world.slack.staff))
    )
    world._ready_with = None
    other = world.slack.paste_table(world.slack.partner, "balances", cells(world))
    world.shortcut(world.slack.manager, other)
    assert "other than @manager: @staff." in until(world, "balances", other.ts)
    number = batch_in(world, "balances", other.ts).id
    for user in (world.slack.partner, world.slack.manager):
        said = world.refused(user, "Approve", world.message("preview", number))
        assert said == "You uploaded this file, so someone else approves it: @staff."


def test_three_people_with_a_part_in_a_file_all_keep_from_approving_it(world: World) -> None:
    file = quiet_file(world, "AR.csv", sheet(world), user=world.slack.manager, place="billing").files[0]
    world.slack.rules.subscriptions = ()
    message = world.slack.share(world.slack.partner, file.id, "balances")
    world.slack.rules.subscriptions = ("file_shared", "app_home_opened")
    world.shortcut(world.slack.staff, message)
    assert "Nobody can approve this" in until(world, "balances", message.ts)


def test_tables_are_found_in_the_message_and_in_its_attachments() -> None:
    blocks = [{"type": "table", "rows": [[{"type": "raw_text", "text": name}]]} for name in ("one", "two", " ")]
    assert tables({"blocks": blocks[:1], "attachments": [{"blocks": blocks[1:]}]}) == [[["one"]], [["two"]]]


def test_cells_of_every_kind_are_read_as_their_words() -> None:
    rich = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [
        {"type": "text", "text": "00012-"}, {"type": "link", "url": "https://x.test", "text": "Acme"}]}]}  # fmt: skip
    number = {"type": "raw_number", "value": 1234.5, "text": "1,234.50"}
    rows = [[{"type": "raw_text", "text": "Matter"}, {"type": "raw_text", "text": "Balance"}], [rich, number], [rich]]
    assert tables({"blocks": [{"type": "table", "rows": rows}]}) == [
        [["Matter", "Balance"], ["00012-Acme", "1,234.50"], ["00012-Acme"]]
    ]
    assert as_csv([["a", "b"], ["c,d"]]) == b'a,b\n"c,d",\n'


# The form


def test_the_form_begins_a_thread_with_its_date_and_total(world: World) -> None:
    rows = cells(world, 2)
    total = sum(Decimal(row[2]) for row in rows[1:])
    data = as_csv(rows)
    values = {"Spreadsheet": {"AR form.csv": data}, "Date": date(2026, 11, 30), "Control": f"${total:,.2f}"}
    assert world.slack.submit(world.slack.staff, form(world), values).error is None
    assert world.slack.views(world.slack.staff) == []
    top = top_of(world, "AR form.csv")
    assert world.slack.plain(top).startswith("@staff brings AR form.csv forward.")
    assert "AR form" not in top.text
    text = until(world, "billing", top.ts)
    assert "Dated 30 November 2026" in text
    assert f"The total typed with the file is ${total:,.2f}; the lines agree with it." in text
    batch = batch_in(world, "billing", top.ts)
    world.slack.click(world.slack.manager, "Approve", world.message("preview", batch.id))
    world.finish(batch.id)
    assert {entry.date for entry in world.entries(batch.id)} == {date(2026, 11, 30)}
    assert {entry.state for entry in world.entries(batch.id)} == {EntryState.POSTED}
    ids = {entry.clio_id for entry in world.entries(batch.id)}
    assert {one.date for one in world.clio.time_entries if one.id in ids} == {date(2026, 11, 30)}


def test_the_form_takes_any_file_and_tells_its_person_alone_where_it_is_no_spreadsheet(world: World) -> None:
    view = form(world)
    assert "filetypes" not in view.payload["blocks"][0]["element"]
    values = {"Spreadsheet": {"cat.png": b"\x89PNG"}}
    assert world.slack.submit(world.slack.staff, view, values).error is None
    direct(world, "cat.png is no spreadsheet.")
    assert not [one for one in world.slack.messages("billing") if "cat.png" in world.slack.plain(one)]


def test_a_form_that_does_not_open_is_told_to_its_person(world: World) -> None:
    world.slack.faults.add("views.open", "invalid_arguments", times=2)
    before = len(world.slack.views(world.slack.staff))
    world.shortcut(world.slack.staff, viewing="billing")
    direct(world, "Slack did not open the form for bringing a file forward.")
    assert len(world.slack.views(world.slack.staff)) == before


def test_a_typed_total_that_differs_holds_the_forms_batch(world: World) -> None:
    values = {"Spreadsheet": {"AR held.csv": sheet(world)}, "Control": "1.00"}
    world.slack.submit(world.slack.staff, form(world), values)
    text = until(world, "billing", top_of(world, "AR held.csv").ts)
    assert "Held: a total does not agree with its lines." in text
    assert "The total typed with it is $1.00" in text


@pytest.mark.parametrize("typed", ["1.234,56", "12,34", "about 5", "1.5"])
def test_a_total_that_cannot_be_read_is_said_at_its_field(world: World, typed: str) -> None:
    view = form(world)
    file = {"AR wrong.csv": sheet(world, 1)}
    world.slack.submit(world.slack.staff, view, {"Spreadsheet": file, "Control": typed})
    (still,) = world.slack.views(world.slack.staff)
    assert still.errors == {"total": "Write the total like 123,456.78, or leave it empty."}
    assert not world.store.wishes.due(TEAM)


def test_a_form_offers_only_the_listed_channels_by_name(world: World) -> None:
    world.ready(balances_channels=(world.slack.billing.id, world.slack.balances.id))
    view = form(world)
    channel = next(block for block in view.payload["blocks"] if block["block_id"] == "channel")
    assert [one["text"]["text"] for one in channel["element"]["options"]] == ["<#C0BILLING1>", "<#C0BALANCES>"]
    values = {"Spreadsheet": {"AR listed.csv": sheet(world)}, "Channel": world.slack.billing.id}
    assert world.slack.submit(world.slack.staff, view, values).error is None
    until(world, "billing", top_of(world, "AR listed.csv").ts)


def test_a_channel_off_a_long_list_is_refused_at_its_field(world: World) -> None:
    world.ready(balances_channels=(*(f"C0MANY{number:04}" for number in range(10)), world.slack.balances.id))
    view = form(world)
    values = {"Spreadsheet": {"AR.csv": sheet(world)}, "Channel": world.slack.billing}
    world.slack.submit(world.slack.staff, view, values)
    (still,) = world.slack.views(world.slack.staff)
    assert list(still.errors) == ["channel"]


def test_a_form_for_a_channel_without_the_bot_asks_for_another(world: World) -> None:
    values = {"Spreadsheet": {"AR lobby.csv": sheet(world)}, "Channel": world.slack.lobby, "Control": "2.00"}
    assert world.slack.submit(world.slack.staff, form(world), values).error is None
    asked = direct(world, "I am not in #lobby")
    assert "choose another channel for AR lobby.csv" in world.slack.plain(asked)
    world.slack.choose(world.slack.staff, "balances_where", world.slack.billing, asked)
    text = until(world, "billing", top_of(world, "AR lobby.csv").ts)
    assert "The total typed with it is $2.00" in text
    assert [one for one in world.slack.messages("lobby") if one.user == world.slack.bot.id and not one.thread_ts] == []


def test_a_guest_is_told_in_place_of_the_form(world: World) -> None:
    world.shortcut(world.slack.guest, viewing="billing")
    world.slack.wait_for(
        lambda: any("Guests cannot do this." in world.slack.plain(one)
                    for one in world.slack.messages(world.slack.workspace.dm(world.slack.guest.id).id))
    )  # fmt: skip
    assert world.slack.views(world.slack.guest) == []


def test_who_is_a_guest_by_the_time_the_form_is_sent_is_refused_too(world: World) -> None:
    person = world.slack.add_person("leaver")
    view = form(world, person)
    world.slack.change_person(person, is_restricted=True)
    world.slack.submit(person, view, {"Spreadsheet": {"AR guest.csv": sheet(world)}})
    (still,) = world.slack.views(person)
    assert still.errors == {"file": "Guests cannot do this."}


# Direct messages


def test_a_file_in_a_direct_message_asks_for_the_channel_and_goes_on_there(world: World) -> None:
    world.slack.upload(world.slack.staff, world.slack.staff, "AR direct.csv", sheet(world))
    asked = direct(world, "In which channel shall I bring AR direct.csv forward?")
    world.slack.choose(world.slack.staff, "balances_where", world.slack.billing, asked)
    top = top_of(world, "AR direct.csv")
    until(world, "billing", top.ts)
    batch = batch_in(world, "billing", top.ts)
    said = direct(world, f"AR direct.csv is {batch.name} in #billing")
    assert (said.ts, batch.uploader) == (asked.ts, world.slack.staff.id)


def test_a_channel_is_chosen_once(world: World) -> None:
    world.slack.upload(world.slack.staff, world.slack.staff, "AR once.csv", sheet(world))
    asked = direct(world, "bring AR once.csv forward?")
    world.slack.faults.add("chat.postMessage", "internal_error", times=3)  # its thread is not there yet
    world.slack.choose(world.slack.staff, "balances_where", world.slack.billing, asked)
    number = int(asked.blocks[1]["block_id"].split("-")[1])
    world.slack.wait_for(lambda: (wish := world.store.wishes.find(number)) and wish.channel)
    assert not world.store.wishes.choose(number, person=world.slack.staff.id, channel="C0BALANCES")
    until(world, "billing", top_of(world, "AR once.csv").ts)
    assert not world.store.wishes.choose(number, person=world.slack.staff.id, channel="C0BALANCES")


def test_a_picture_in_a_direct_message_gets_a_sentence(world: World) -> None:
    world.slack.upload(world.slack.staff, world.slack.staff, "AR.pdf", PDF)
    direct(world, "AR.pdf is no spreadsheet. Export the balances as Excel or CSV and send me that.")


def test_a_guest_who_sends_a_file_is_told(world: World) -> None:
    world.slack.upload(world.slack.guest, world.slack.guest, "AR.csv", sheet(world))
    world.slack.wait_for(
        lambda: (
            "members of the firm drop files of balances, not guests"
            in "".join(map(world.slack.plain, world.slack.messages(world.slack.guest)))
        )
    )


def test_a_table_pasted_into_a_direct_message_asks_for_the_channel(world: World) -> None:
    message = world.slack.paste_table(world.slack.staff, world.slack.staff, cells(world))
    world.shortcut(world.slack.staff, message)
    asked = direct(world, "In which channel shall I bring table of ")
    world.slack.choose(world.slack.staff, "balances_where", world.slack.billing, asked)
    direct(world, " in #billing: open the thread.")


# The rules of the upload


def by_the_shortcut(world: World) -> Batch:
    message = quiet_file(world, "AR.csv", sheet(world))
    world.shortcut(world.slack.staff, message)
    until(world, "balances", message.ts)
    return batch_in(world, "balances", message.ts)


def by_a_pasted_table(world: World) -> Batch:
    message = world.slack.paste_table(world.slack.staff, "balances", cells(world))
    world.shortcut(world.slack.staff, message)
    until(world, "balances", message.ts)
    return batch_in(world, "balances", message.ts)


def by_the_form(world: World) -> Batch:
    world.slack.submit(world.slack.staff, form(world), {"Spreadsheet": {"AR rules.csv": sheet(world)}})
    top = top_of(world, "AR rules.csv")
    until(world, "billing", top.ts)
    return batch_in(world, "billing", top.ts)


def by_a_direct_message(world: World) -> Batch:
    world.slack.upload(world.slack.staff, world.slack.staff, "AR mine.csv", sheet(world))
    asked = direct(world, "In which channel shall I bring AR mine.csv forward?")
    world.slack.choose(world.slack.staff, "balances_where", world.slack.billing, asked)
    top = top_of(world, "AR mine.csv")
    until(world, "billing", top.ts)
    return batch_in(world, "billing", top.ts)


@pytest.mark.parametrize("bring", [by_the_shortcut, by_a_pasted_table, by_the_form, by_a_direct_message])
def test_the_rules_of_the_upload_outlive_a_restart_however_the_batch_began(
    world: World, bring: Callable[[World], Batch]
) -> None:
    world.ready(balances_two_approvers_above=Decimal(1), balances_description="Opening balance")
    batch = bring(world)
    posts = len(world.posts())
    world.ready()  # started again without the sum for two
    world.slack.click(world.slack.manager, "Approve", world.message("preview", batch.id))
    world.slack.wait_for(
        lambda: "one more approver is needed above $1.00" in world.slack.plain(world.message("preview", batch.id))
    )
    after = world.batch(batch.id)
    assert (after.status, after.first_by) == (BatchStatus.PREVIEWED, world.slack.manager.id)
    assert after.rules.description == "Opening balance"
    assert len(world.posts()) == posts
