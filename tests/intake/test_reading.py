"""From a dropped file to its preview: each share answered once, in its place, whatever happens on the way."""

import socket
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from slack_sdk import WebClient
from world import FAST, MENTION, World, environment, shared, spawn

from brought_forward.sandbox.clio import sample_firm
from brought_forward.storage.records.batch import BatchStatus
from brought_forward.storage.store import Store

CSV = b"Matter,User,Balance\n00001-Acme,Dana Hallam,12.50\n"
PICTURE = b"\x89PNG\r\n\x1a\n" + b"\x00" * 50
PDF = b"%PDF-1.7\n"


@pytest.fixture(scope="module")
def open_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with shared(tmp_path_factory.mktemp("reading"), sample_firm()) as world:
        yield world


@pytest.fixture
def world(open_world: World) -> World:
    return open_world.ready()


def of_file(world: World, file: Any) -> list[Any]:
    """List the batches of a file, oldest first."""
    return [batch for batch in reversed(world.store.batches.newest("T0WHITMAN1", 99)) if batch.file_id == file.id]


def answered(world: World, file: Any, shares: int = 1) -> list[Any]:
    """Wait until every share of a file has its batch and its answer, and return these batches."""
    over = {BatchStatus.PREVIEWED, BatchStatus.UNREADABLE, BatchStatus.WITHDRAWN}  # a copy has the preview

    def all_said() -> bool:
        batches = of_file(world, file)
        return len(batches) >= shares and all(one.status in over for one in batches) and at_rest(world)

    world.slack.wait_for(all_said, timeout=20)
    return of_file(world, file)


def at_rest(world: World) -> bool:
    """Tell whether no event waits for a look, and no message for Slack."""
    return not world.store.events.waiting() and not world.store.messages.owed()


def ignored(world: World, *files: Any, events: int = 1) -> None:
    """Wait until Slack has told so many events of each file, and all are worked off."""

    def over() -> bool:
        return all(len(world.events_of(file)) >= events for file in files) and at_rest(world)

    world.slack.wait_for(over, timeout=20)


def answers(world: World, channel: Any, ts: str) -> list[str]:
    """Return what the bot says in a thread."""
    thread = world.slack.thread(channel, ts)
    said = [
        one for one in thread if one.user == world.slack.bot.id and not one.files and not MENTION.fullmatch(one.text)
    ]
    return [world.slack.plain(message) for message in said]


# Events


@pytest.mark.parametrize("order", [("file_shared", "message"), ("message", "file_shared"), ("message",)])
def test_two_events_of_one_upload_are_one_batch(world: World, order: tuple[str, ...]) -> None:
    world.slack.rules.subscriptions = order
    file = world.slack.upload(world.slack.staff, "balances", "AR.csv", CSV)
    ignored(world, file, events=len(order))
    (batch,) = answered(world, file)
    assert (batch.status, batch.uploader, batch.thread_ts) == (
        BatchStatus.PREVIEWED, world.slack.staff.id, file.shares[0].ts,
    )  # fmt: skip
    assert len(answers(world, "balances", file.shares[0].ts)) == 1


def test_an_event_that_slack_repeats_is_one_batch(world: World) -> None:
    file = world.slack.upload(world.slack.staff, "balances", "AR.csv", CSV)
    answered(world, file)
    (event,) = world.events_of(file)
    assert [world.slack.redeliver(event) for _ in range(2)] == [200, 200]
    ignored(world, file)
    assert len(answered(world, file)) == 1


def test_a_database_that_cannot_be_written_makes_slack_say_it_again(world: World) -> None:
    before = len(world.slack.deliveries)
    with world.store.transaction() as db:
        db.execute("ALTER TABLE seen_event RENAME TO away")
    file = world.slack.upload(world.slack.staff, "balances", "AR.csv", CSV)
    world.slack.wait_for(lambda: len(world.slack.deliveries) > before)
    assert world.slack.deliveries[before].status == 500
    with world.store.transaction() as db:
        db.execute("ALTER TABLE away RENAME TO seen_event")
    assert len(answered(world, file)) == 1
    assert [one.status for one in world.slack.deliveries[before:]][-1] == 200


def test_a_file_dropped_while_the_bot_was_down_is_read_when_slack_says_it_again(world: World) -> None:
    world.slack.rules.retry_pauses = (0.1, 3.0, 3.0)
    world.stop()
    file = world.slack.upload(world.slack.staff, "balances", "AR.csv", CSV)
    world.slack.wait_for(lambda: world.slack.deliveries[-1].reason == "connection_failed")
    world.start()
    assert len(answered(world, file)) == 1


def test_a_file_that_comes_while_slack_does_not_say_who_the_bot_is_is_not_lost(world: World) -> None:
    world.stop()
    world.start()
    world.slack.faults.add("auth.test", "internal_error")  # the first event after a start asks for it
    before = len(world.slack.deliveries)
    file = world.slack.upload(world.slack.staff, "balances", "AR.csv", CSV)
    world.slack.wait_for(lambda: len(world.slack.deliveries) > before)
    assert world.slack.deliveries[before].status != 200 or world.store.events.waiting() or of_file(world, file)
    assert len(answered(world, file)) == 1


# Shares


def test_a_second_share_on_purpose_is_answered_in_its_own_thread(world: World) -> None:
    file = world.slack.upload(world.slack.staff, "balances", "AR.csv", CSV)
    answered(world, file)
    again = world.slack.share(world.slack.staff, file, "balances")
    answered(world, file, 2)
    elsewhere = world.slack.share(world.slack.outsider, file, "billing")
    batches = answered(world, file, 3)
    assert [batch.uploader for batch in batches] == [
        world.slack.staff.id,
        world.slack.staff.id,
        world.slack.outsider.id,
    ]
    assert {batch.owner for batch in batches} == {world.slack.staff.id}
    assert [batch.status for batch in batches] == [BatchStatus.WITHDRAWN] * 2 + [BatchStatus.PREVIEWED]
    for channel, ts in (("balances", file.shares[0].ts), ("balances", again.ts), ("billing", elsewhere.ts)):
        assert len(answers(world, channel, ts)) == 1


def test_two_shares_that_are_looked_at_late_are_still_two(world: World) -> None:
    world.slack.faults.add("files.info", "internal_error", times=2)
    file = world.slack.upload(world.slack.staff, "balances", "AR.csv", CSV)
    again = world.slack.share(world.slack.staff, file, "balances")
    ignored(world, file, events=2)
    assert sorted(batch.share_ts for batch in answered(world, file)) == [file.shares[0].ts, again.ts]


def test_where_a_file_was_shared_is_asked_again_until_slack_says_it(world: World) -> None:
    world.slack.faults.add("files.info", "no_shares", times=3)
    file = world.slack.upload(world.slack.staff, "balances", "AR.csv", CSV)
    (batch,) = answered(world, file)
    assert (batch.share_ts, batch.thread_ts) == (file.shares[0].ts, file.shares[0].ts)


def test_trouble_with_slack_does_not_use_up_the_asking_for_shares(world: World) -> None:
    world.slack.faults.add("files.info", "internal_error", times=6)
    world.slack.faults.add("files.info", "no_shares", times=1)
    file = world.slack.upload(world.slack.staff, "balances", "AR.csv", CSV)
    assert answered(world, file)[0].thread_ts == file.shares[0].ts


def test_a_file_shared_inside_a_thread_is_answered_in_that_thread(world: World) -> None:
    for events in (("file_shared",), ("message",)):
        world.slack.rules.subscriptions = events
        top = world.slack.say(world.slack.staff, "balances", "Here come the balances")
        world.slack.upload(world.slack.staff, "balances", "AR.csv", CSV, thread_ts=top.ts)
        world.slack.wait_for(lambda ts=top.ts: "ready for approval" in "".join(answers(world, "balances", ts)))


def test_two_files_in_one_message_are_two_batches_in_one_thread(world: World) -> None:
    world.slack.rules.subscriptions = ("file_shared", "message")
    first, second = world.slack.upload_together(world.slack.staff, "balances", {"A.csv": CSV, "B.csv": CSV + b"\n"})
    ignored(world, first, second, events=2)
    assert len(answered(world, first)) == len(answered(world, second)) == 1
    said = answers(world, "balances", first.shares[0].ts)
    assert [text.split(":")[0] for text in said] == ["A.csv", "B.csv"]


# What is not for us


def test_our_own_file_starts_nothing(world: World) -> None:
    client = WebClient(world.slack.bot_token, base_url=world.slack.api_url)
    client.files_upload_v2(channel=world.slack.balances.id, filename="results.csv", content=CSV.decode())
    file = world.slack.workspace.messages[-1].files[0]
    alone = len(world.slack.messages(world.slack.staff))
    world.slack.share(world.slack.staff, file.id, "balances")  # Bolt drops the first event, not this one
    ignored(world, file)
    assert of_file(world, file) == []
    assert len(world.slack.messages(world.slack.staff)) == alone
    assert answers(world, "balances", world.slack.workspace.messages[-1].ts) == []


@pytest.mark.parametrize(("name", "data"), [("cat.png", PICTURE), ("AR.pdf", PDF)])
def test_a_picture_or_pdf_is_answered_only_where_balances_are_expected(world: World, name: str, data: bytes) -> None:
    quiet = world.slack.upload(world.slack.staff, "balances", name, data)
    ignored(world, quiet)
    assert of_file(world, quiet) == []
    assert answers(world, "balances", quiet.shares[0].ts) == []
    world.ready(balances_channels=(world.slack.balances.id,))
    file = world.slack.upload(world.slack.staff, "balances", name, data)
    answered(world, file)
    (said,) = answers(world, "balances", file.shares[0].ts)
    assert said.startswith(f"I can't read {name}: it is a")
    assert "Export the balances as Excel or CSV" in said


def test_a_list_of_channels_leaves_out_all_others(world: World) -> None:
    world.ready(balances_channels=(world.slack.balances.id,))
    elsewhere = world.slack.upload(world.slack.staff, "billing", "AR.csv", CSV)
    listed = world.slack.upload(world.slack.staff, "balances", "AR.csv", CSV)
    answered(world, listed)
    assert of_file(world, elsewhere) == []


# Files that cannot be read


def test_what_is_wrong_with_a_file_stands_in_its_thread(world: World) -> None:
    cases = {
        "empty.csv": (b"  \n", "there is nothing in it"),
        "damaged.xlsx": (b"PK\x03\x04 no workbook", "damaged"),
        "page.xls": (b"<html><table><tr><td>1", "No column of balances found in"),
        "phones.csv": (b"Client,Phone,City\nA,1,B\n", "Columns: Client, Phone, City. Name one"),
        "big.csv": (b"x" * (21 * 1024 * 1024), "big.csv has 21 MB; 20 MB is the most I read."),
    }
    files = {name: world.slack.upload(world.slack.staff, "balances", name, data) for name, (data, _) in cases.items()}
    linked = world.slack.upload(world.slack.staff, "balances", "drive.xlsx", b"", mode="external")
    answered(world, linked)
    for name, file in files.items():
        (batch,) = answered(world, file)
        (said,) = answers(world, "balances", file.shares[0].ts)
        assert cases[name][1] in said
        assert batch.status is BatchStatus.UNREADABLE
    (said,) = answers(world, "balances", linked.shares[0].ts)
    assert said == "drive.xlsx is only linked here. Save it as Excel or CSV and drop the file itself."
    assert all("documents.example.com" not in str(call.args) for call in world.slack.calls)
    downloads = [call.args["name"] for call in world.slack.calls if call.method == "download"]
    assert not any("big.csv" in name or "drive.xlsx" in name for name in downloads)


def test_slacks_sign_in_page_is_not_read_as_a_sheet(world: World) -> None:
    world.slack.faults.add("download", "slow", seconds=0.3)
    file = world.slack.upload(world.slack.staff, "balances", "AR.csv", CSV)
    world.slack.wait_for(lambda: of_file(world, file) and of_file(world, file)[0].status is BatchStatus.READING)
    world.slack.tombstone(file)  # from now on Slack serves its sign-in page, with 200
    answered(world, file)
    (said,) = answers(world, "balances", file.shares[0].ts)
    assert said == "AR.csv is no longer in Slack. Drop it here again."
    assert of_file(world, file)[0].sha256 is None


# Durable


def test_a_stop_while_slack_does_not_give_the_file_loses_nothing(world: World) -> None:
    world.slack.faults.add("download", "http_500", times=1000)
    file = world.slack.upload(world.slack.staff, "balances", "AR.csv", CSV)
    world.slack.wait_for(lambda: [call for call in world.slack.calls if call.method == "download"])
    world.slack.wait_for(lambda: of_file(world, file) and of_file(world, file)[0].status is BatchStatus.READING)
    world.stop()
    world.slack.faults.clear()
    world.start()
    (batch,) = answered(world, file)
    assert batch.status is BatchStatus.PREVIEWED
    assert len(answers(world, "balances", file.shares[0].ts)) == 1


def test_a_stop_while_clio_is_away_loses_nothing_and_staff_are_told_why_they_wait(world: World) -> None:
    world.clio.stop()
    file = world.slack.upload(world.slack.staff, "balances", "AR.csv", CSV)
    ts = file.shares[0].ts
    world.slack.wait_for(lambda: "Clio did not answer as it should" in "".join(answers(world, "balances", ts)))
    world.stop()
    world.start()
    world.clio.start()
    answered(world, file)
    (said,) = answers(world, "balances", ts)
    assert "ready for approval" in said


def test_a_file_begun_five_times_and_never_finished_is_unreadable(world: World) -> None:
    world.slack.faults.add("download", "http_500", times=1000)
    file = world.slack.upload(world.slack.staff, "balances", "AR.csv", CSV)
    world.slack.wait_for(lambda: of_file(world, file) and of_file(world, file)[0].status is BatchStatus.READING)
    (batch,) = of_file(world, file)
    assert [world.store.batches.begin_parsing(batch.id) for _ in range(5)] == [1, 2, 3, 4, 5]
    world.slack.faults.clear()
    answered(world, file)
    (said,) = answers(world, "balances", file.shares[0].ts)
    assert said == (
        "I began AR.csv 5 times and was cut off each time, so I leave it alone. Drop it here again; should that end so"
        " too, save it as CSV and drop that."
    )


def test_a_kill_while_it_reads_loses_no_file(world: World, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    world.stop()
    world.slack.events_url = f"http://127.0.0.1:{port}/slack/events"
    world.slack.rules.retry_pauses = (0.5,) * 40
    world.slack.faults.add("download", "slow", seconds=5)
    bot = spawn(environment(world, port, FAST.model_copy(update={"sweep": 0.5})), tmp_path / "log")
    try:
        file = world.slack.upload(world.slack.staff, "balances", "AR.csv", CSV)
        world.slack.wait_for(lambda: answers(world, "balances", file.shares[0].ts), timeout=40)
        with closing(Store(world.place)) as store:
            world.slack.wait_for(lambda: not store.messages.owed())
            world.slack.wait_for(lambda: store.batches.newest("T0WHITMAN1", 1)[0].status is BatchStatus.READING)
    finally:
        bot.kill()
        bot.wait()
    assert bot.returncode != 0
    world.start()
    (batch,) = answered(world, file)
    assert batch.status is BatchStatus.PREVIEWED
    assert len(answers(world, "balances", file.shares[0].ts)) == 1


# What the preview says


def preview(world: World, rows: list[list[object]], **more: Any) -> str:
    world.preview(rows, **more)
    return world.text()


def test_a_preview_says_what_will_be_posted_and_what_not(world: World) -> None:
    rows: list[list[object]] = [
        ["00010-Delaney", "Dana Hallam", "1,000.00", "Invoice 7"],
        ["00010-Delaney", "Dana Hallam", "234.50", ""],
        ["00011-Eastgate Motors", "Luis Reyes", "65.50", ""],
        ["00013-Gallow Street Press", "Luis Reyes", "twelve", ""],
        *[[f"9{place:04d}", "", "10.00", ""] for place in range(11)],
        ["Total", "", "1,410.00", ""],
    ]
    numbers = [one.display_number for one in world.firm.matters]
    rows[0][0] = rows[1][0] = numbers[9]
    rows[2][0], rows[3][0] = numbers[10], numbers[12]
    text = preview(world, rows, name="AR October.csv")
    day = datetime.now(tz=world.settings().balances_timezone).strftime("%B %Y")
    assert f'Cell C5, "{numbers[12]}"' in text, text
    for words in (
        "AR October.csv: 2 entries, $1,300.00, ready for approval",
        "15 lines.",
        "Dana Hallam | 1 | $1,234.50",
        "Luis Reyes | 1 | $65.50",
        "Total | 2 | $1,300.00",
        "The file's own total is $1,410.00",
        "$110.00",
        "1 amount",
        "12 lines",
        "will not be posted",
        "11 lines, $110.00: Clio has no matter of this number",
        f"{day} · posting takes less than a minute",
        "@manager or @partner",
        "[Approve 2 entries] [Reject]",
    ):
        assert words in text, text
    assert text.count("no matter of this number") == 1
    assert "without" not in text


def test_a_total_that_does_not_agree_is_a_warning_with_the_difference(world: World) -> None:
    agreeing = preview(world, [["00010-Delaney", "Dana Hallam", "0.10", ""], ["Total", "", "0.10", ""]])
    assert "difference" not in agreeing
    text = preview(world, [["00010-Delaney", "Dana Hallam", "0.10", ""], ["Total", "", "0.30", ""]])
    assert ":warning: The file's own total is $0.30" in text
    assert "difference of $0.20" in text


def test_an_approve_button_is_shown_only_while_somebody_could_press_it(world: World) -> None:
    rows: list[list[object]] = [[next(iter(world.firm.matters)).display_number, "", "1.00", ""]]
    world.ready(balances_approvers=(world.slack.staff.id,))
    text = preview(world, rows)
    assert "@staff uploaded it and is the only approver" in text
    assert "[Approve" not in text
    world.ready(balances_approvers=())
    text = preview(world, rows)
    assert "no approvers are set" in text
    assert "[Approve" not in text
    world.ready()
    text = preview(world, [["99999", "", "1.00", ""]])
    assert "nothing to post" in text
    assert "[Approve" not in text


def test_bills_that_clio_taxes_and_a_description_that_is_no_flat_rate_are_warned_of(world: World) -> None:
    world.firm.change_settings(apply_tax_by_default=True)
    hourly = world.firm.add_description("Balance brought forward", rate_type="User")
    text = preview(world, [[next(iter(world.firm.matters)).display_number, "", "1.00", ""]])
    assert "Clio adds tax to this firm's bills by default" in text
    assert 'activity description "Balance brought forward" is not a flat rate' in text
    world.firm.change_settings(apply_tax_by_default=False)
    world.firm.change(hourly, name="Consultation by the hour")


def test_a_long_file_name_leaves_room_for_the_numbers(world: World) -> None:
    text = preview(world, [[next(iter(world.firm.matters)).display_number, "", "1.00", ""]], name="A" * 200 + ".csv")
    assert "1 entry, $1.00, ready for approval" in text


def test_past_twenty_files_an_hour_one_persons_wait_until_those_of_others_are_read(world: World) -> None:
    """Twenty that are soon read, then one of the same person's while another's file is still coming."""
    world.stop()
    world.start()
    many = world.slack.partner  # who dropped none in this hour
    for number in range(20):
        world.slack.upload(many, "balances", f"{number}.csv", b" \n")

    def read() -> list[Any]:
        return [one for one in world.store.batches.newest("T0WHITMAN1", 99) if one.uploader == many.id]

    world.slack.wait_for(lambda: [one.status for one in read()] == [BatchStatus.UNREADABLE] * 20, timeout=60)
    world.slack.faults.add("download", "slow", seconds=3)
    others = world.slack.upload(world.slack.outsider, "billing", "Theirs.csv", CSV + b"\n")
    world.slack.wait_for(lambda: of_file(world, others) and of_file(world, others)[0].status is BatchStatus.READING)
    late = world.slack.upload(many, "balances", "Late.csv", CSV + b"\n\n")
    world.slack.wait_for(lambda: answers(world, "balances", late.shares[0].ts))
    (said,) = answers(world, "balances", late.shares[0].ts)
    assert "more than 20 files within an hour, so the files of others are read first" in said
    assert of_file(world, late)[0].status is BatchStatus.RECEIVED
    assert of_file(world, others)[0].status is BatchStatus.READING
    behind = world.slack.upload(world.slack.outsider, "balances", "Behind.csv", CSV + b"\n\n\n")  # it in its channel
    for file in (others, behind, late):
        answered(world, file)
    downloads = [call.args["name"] for call in world.slack.calls if call.method == "download"]
    for name in ("Theirs", "Behind"):
        assert downloads.index(f"download/{name}.csv") < downloads.index("download/Late.csv")
    assert "ready for approval" in answers(world, "balances", late.shares[0].ts)[0]
    assert [one["text"] for one in world.sent() if one["text"] in {"Behind.csv waits.", "Late.csv waits."}] == [
        "Late.csv waits."
    ]  # nobody is told to wait for a file that waits itself
