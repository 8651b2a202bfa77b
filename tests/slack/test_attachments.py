"""Workbooks go beside the words: no word waits for one, and where none can come the thread says why, once."""

import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from world import World, shared

from brought_forward.sandbox.clio import firm_of_size
from brought_forward.sandbox.slack import Rules
from brought_forward.sandbox.slack.workspace import TEAM
from brought_forward.storage.records.batch import BatchStatus

UPLOADS = "files.getUploadURLExternal"


@pytest.fixture(scope="module")
def open_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with shared(tmp_path_factory.mktemp("attachments"), firm_of_size(200, 4)) as world:
        yield world


@pytest.fixture
def world(open_world: World) -> Iterator[World]:
    yield open_world.ready()
    open_world.slack.rules.scopes = Rules().scopes


def without_files(world: World) -> None:
    """Install the app without the scope to upload files, as one that was set up by hand may be."""
    world.slack.rules.scopes = Rules().scopes - {"files:write"}


def calls(world: World, method: str, since: int) -> list[Any]:
    return [call for call in world.slack.calls[since:] if call.method == method]


def at_rest(world: World) -> bool:
    return not world.store.messages.owed()


def from_bot(world: World, user: Any) -> list[Any]:
    return list(world.told_directly(user))


def test_no_word_waits_behind_a_workbook_that_slack_refuses(world: World) -> None:
    minute = world.settings().balances_timing.model_copy(update={"first_pause": 60.0})
    world.ready(balances_timing=minute)
    world.slack.faults.add(UPLOADS, "file_uploads_disabled", times=None)
    batch = world.preview(world.fresh(2))
    since = len(world.slack.calls)
    world.slack.wait_for(lambda: [one for one in world.slack.calls if one.error == "file_uploads_disabled"])
    world.approve()
    world.until("equal to the cent")
    assert world.store.batches.get(batch.id).status is BatchStatus.POSTED
    assert not [one for one in calls(world, UPLOADS, since) if one.ok]
    with world.store.transaction() as db:  # tried again in a minute only, which is in the next tests' way
        db.execute("UPDATE message SET shown = wanted")


def test_no_word_waits_while_a_workbook_is_on_its_way(world: World) -> None:
    since = len(world.slack.calls)
    world.slack.faults.add("upload", "slow", seconds=8.0)
    world.preview(world.fresh(2))
    world.slack.wait_for(lambda: calls(world, UPLOADS, since))
    world.approve()
    world.until("equal to the cent")
    assert not calls(world, "upload", since)  # noted once Slack has the bytes
    world.slack.wait_for(lambda: at_rest(world), timeout=30)
    assert [file.name for one in world.thread() for file in one.files][1:] == ["AR lines.xlsx", "AR results.xlsx"]


def test_a_workbook_never_comes_before_the_words_that_it_goes_with(world: World) -> None:
    fault = world.slack.faults.add("chat.update", "http_503", times=5)
    since = len(world.slack.calls)
    world.preview(world.fresh(2))
    world.slack.wait_for(lambda: [file for one in world.thread() for file in one.files if "lines" in file.name])
    done = [call.method for call in world.slack.calls[since:]
            if call.ok and call.method in {"chat.update", "files.completeUploadExternal"}]  # fmt: skip
    assert done[0] == "chat.update"
    assert fault.seen >= 5


def test_after_three_refusals_the_thread_says_once_why_there_is_no_workbook(world: World) -> None:
    without_files(world)
    since = len(world.slack.calls)
    batch = world.preview([*world.fresh(2), ["nobody", "", "7.00", ""]])
    text = world.until("not here")
    world.slack.wait_for(lambda: at_rest(world))
    text = world.text()
    assert "AR lines.xlsx and AR to fix.xlsx are not here: Slack refuses them, since this app may not upload" in text
    assert "Nothing else waits for that" in text
    assert f"adds files:write to the app and installs it again; /balances export {batch.name} then sends" in text
    assert text.count("not here: Slack refuses") == 1
    assert len(calls(world, UPLOADS, since)) == 6  # three each
    shown = world.message("no-workbook", batch.id)
    assert "AR" not in shown.text
    world.approve()
    world.until("equal to the cent")
    world.slack.wait_for(lambda: "AR results.xlsx" in world.text() and at_rest(world))
    assert world.text().count("not here: Slack refuses") == 1
    assert "AR lines.xlsx, AR to fix.xlsx and AR results.xlsx are not here" in world.text()


def test_a_refusal_by_the_host_that_takes_the_bytes_counts_too(world: World) -> None:
    world.slack.faults.add("upload", "http_403", times=None)
    since = len(world.slack.calls)
    world.preview(world.fresh(2))
    assert "AR lines.xlsx is not here: " in world.until("is not here")
    assert len(calls(world, "upload", since)) == 3


@pytest.mark.parametrize(
    ("method", "kind"),
    [(UPLOADS, "http_503"), (UPLOADS, "internal_error"), (UPLOADS, "reset_before"), (UPLOADS, "ratelimited"),
     (UPLOADS, "token_expired"), ("upload", "http_503"), ("upload", "http_429"),
     ("files.completeUploadExternal", "is_archived")],
)  # fmt: skip
def test_a_trouble_that_passes_is_no_refusal(world: World, method: str, kind: str) -> None:
    fault = world.slack.faults.add(method, kind, times=4, seconds=0.05)
    world.preview(world.fresh(2))
    world.slack.wait_for(lambda: [file for one in world.thread() for file in one.files if "lines" in file.name])
    world.slack.wait_for(lambda: at_rest(world))
    assert fault.seen >= 4
    assert "not here" not in world.text()


def test_a_workbook_that_slack_took_while_our_disk_was_full_is_sent_once(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    with world.store.transaction() as db:
        db.execute("CREATE TRIGGER no_room BEFORE UPDATE OF ts ON message WHEN NEW.ts LIKE 'F%'"
                   " BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END")  # fmt: skip
    try:
        world.preview(world.fresh(2))
        world.slack.wait_for(lambda: workbooks(world))
        world.approve()
        world.until("equal to the cent")  # no word waits for it
        world.slack.wait_for(lambda: caplog.text.count("workbooks of firm=T0WHITMAN1 stumbled") > 1)
        assert world.store.messages.owed()
    finally:
        with world.store.transaction() as db:
            db.execute("DROP TRIGGER no_room")
    world.slack.wait_for(lambda: at_rest(world), timeout=20)
    assert workbooks(world) == ["AR lines.xlsx", "AR results.xlsx"]


def workbooks(world: World) -> list[str]:
    return [file.name for one in world.thread() if one.user == world.slack.bot.id for file in one.files]


def test_each_try_of_a_workbook_in_vain_makes_the_pause_longer_up_to_ten_minutes(world: World) -> None:
    minute = world.settings().balances_timing.model_copy(update={"first_pause": 60.0})
    world.ready(balances_timing=minute)
    world.slack.faults.add(UPLOADS, "http_503", times=None)
    batch = world.preview(world.fresh(2))
    assert [pause(world, batch.id, tries) for tries in (1, 2, 3, 20)] == [1, 2, 4, 10]
    with world.store.transaction() as db:  # tried again in ten minutes only, which is in the next tests' way
        db.execute("UPDATE message SET shown = wanted")


def pause(world: World, batch: int, tries: int) -> int:
    """Let a batch's workbook be tried once more, for the time so many; give the pause that follows in minutes."""
    where = f"batch = {batch} AND attach = 'lines' AND ts IS NULL"

    def after() -> str | None:
        with world.store.transaction() as db:
            row = db.execute(f"SELECT next_at FROM message WHERE {where} AND attempts = ?", (tries,)).fetchone()
            return str(row[0]) if row else None

    with world.store.transaction() as db:
        if tries > 1:
            db.execute(f"UPDATE message SET attempts = ?, next_at = '' WHERE {where}", (tries - 1,))
    at = datetime.fromisoformat(world.slack.wait_for(after))
    return round((at - datetime.now(UTC)).total_seconds() / 60)


def test_a_workbook_that_is_not_made_is_told_of_as_our_own_fault(world: World) -> None:
    fault = world.slack.faults.add(UPLOADS, "http_503", times=None)
    batch = world.preview(world.fresh(2))
    world.slack.wait_for(lambda: fault.seen)
    with world.store.transaction() as db:
        db.execute("UPDATE message SET attach = 'none of ours', next_at = '' WHERE attach = 'lines' AND ts IS NULL")
    text = world.until("is not here")
    assert "AR lines.xlsx is not here: something went wrong on my side." in text
    assert f"Whoever runs the bot finds it in its log; /balances export {batch.name} then sends every line." in text
    assert "Slack refuses" not in text


@pytest.mark.parametrize(("asked", "name"), [("template", "Balances template.xlsx"), ("export", "AR {}.xlsx")])
def test_a_workbook_that_is_asked_for_and_refused_is_told_of_in_one_sentence(
    world: World, asked: str, name: str
) -> None:
    batch = world.preview(world.fresh(2))
    world.slack.wait_for(lambda: at_rest(world))
    without_files(world)
    before, since = len(from_bot(world, world.slack.manager)), len(world.slack.calls)
    world.asked(world.slack.manager, f"{asked} {batch.name}" if asked == "export" else asked)
    world.slack.wait_for(lambda: len(from_bot(world, world.slack.manager)) > before and at_rest(world))
    (sentence,) = from_bot(world, world.slack.manager)[before:]
    said = world.slack.plain(sentence)
    assert f"{name.format(batch.name)} is not here: Slack refuses it" in said
    assert f"then ask again with /balances {asked}" in said
    assert len(calls(world, UPLOADS, since)) == 3
    assert name.format(batch.name) not in sentence.text


def test_a_workbook_that_is_asked_for_comes_below_its_one_sentence(world: World) -> None:
    batch = world.preview(world.fresh(2))
    world.slack.wait_for(lambda: at_rest(world))
    world.slack.faults.add(UPLOADS, "http_503", times=2)
    before = len(from_bot(world, world.slack.manager))
    world.asked(world.slack.manager, f"export {batch.name}")
    world.slack.wait_for(lambda: len(from_bot(world, world.slack.manager)) > before + 1 and at_rest(world))
    sentence, workbook = from_bot(world, world.slack.manager)[before:]
    assert f"Here is AR {batch.name}.xlsx." in world.slack.plain(sentence)
    assert [file.name for file in workbook.files] == [f"AR {batch.name}.xlsx"]


def test_a_template_waits_for_no_clio_and_keeps_no_word_waiting(world: World) -> None:
    world.preview(world.fresh(2))  # the firm's users are known from now on
    patient = world.settings().balances_timing.model_copy(update={"keep_asking": 120.0})
    world.clio.stop()
    try:
        world.restart(balances_timing=patient)
        before = len(from_bot(world, world.slack.manager))
        world.asked(world.slack.manager, "template")
        world.slack.wait_for(lambda: [one for one in from_bot(world, world.slack.manager)[before:] if one.files])
        world.drop(world.fresh(2), name="Next.csv")
        world.until("Reading Next.csv")
    finally:
        world.clio.start()
        world.stop()


@pytest.fixture
def callers() -> Iterator[list[tuple[str, int]]]:
    """Hear of each request that leaves this process: the thread that sends it, and the port that it goes to."""
    heard: list[tuple[str, int]] = []
    listening = True

    def hear(event: str, args: tuple[Any, ...]) -> None:
        if listening and event == "http.client.send":
            heard.append((threading.current_thread().name, args[0].port))

    sys.addaudithook(hear)  # for as long as the process lives
    yield heard
    listening = False


def test_no_thread_that_speaks_to_slack_ever_waits_for_clio(world: World, callers: list[tuple[str, int]]) -> None:
    batch = world.preview([*world.fresh(2), ["nobody", "", "7.00", ""]])
    world.home(world.slack.manager, "Waiting for me")
    for asked in ("template", "status", f"export {batch.name}"):
        world.asked(world.slack.manager, asked)
    world.approve()
    world.finish(batch.id)
    total = f"${sum(entry.amount for entry in world.entries(batch.id)):,.2f}"
    for asked, answer in (("reconcile", "compared one by one"), ("bills", f"2 entries, {total} posted")):
        world.asked(world.slack.manager, f"{asked} {batch.name}")
        world.until(answer)
    world.click(world.slack.manager, "Undo")
    world.wait_for_status(BatchStatus.UNDONE, batch.id)
    world.slack.wait_for(lambda: at_rest(world))
    clios, slacks = ({name for name, port in callers if f":{port}/" in url}
                     for url in (world.clio.url, world.slack.api_url))  # fmt: skip
    speakers = {f"brought-forward {name} of {TEAM}" for name in ("messages", "workbooks", "home", "intake")}
    assert speakers <= slacks
    assert f"brought-forward inquiries of {TEAM}" in clios
    assert not speakers & clios
