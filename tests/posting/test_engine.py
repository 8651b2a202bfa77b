"""Runs: durable, one at a time for each Clio account, at Clio's pace, and started anew when they are lost."""

import sqlite3
import threading
import time
from collections import Counter
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from connections import opened
from world import FAST, World, engine_file

from brought_forward.bot.engine import unfit
from brought_forward.sandbox.clio import sample_firm
from brought_forward.storage.records.batch import BatchStatus, RunKind
from brought_forward.storage.records.entry import EntryState
from brought_forward.storage.store import Store

E = EntryState
ENTRIES = "/activities.json"


def slow(world: World, seconds: float = 0.08) -> None:
    world.clio.faults.add("delay", method="POST", path=ENTRIES, times=None, seconds=seconds)


def engine_rows(world: World) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(f"{world.db}.engine")) as engine:
        return engine.execute("SELECT workflow_uuid, status FROM workflow_status").fetchall()


def stopped_halfway(world: World, entries: int = 12) -> str | None:
    """Stop the bot, as a host does, while it posts; return the token of its run."""
    slow(world)
    world.begin(world.sheet(entries))
    world.slack.wait_for(lambda: len(world.posts()) >= 4)
    token = world.batch().run_token
    world.stop()
    assert len(world.posts()) < entries
    return token


def test_a_bot_that_is_stopped_halfway_goes_on_at_its_next_start(world: World) -> None:
    stopped_halfway(world)
    world.start()
    world.finish()
    assert len(world.posts()) == 12
    world.assert_truth()


@pytest.mark.file
def test_a_run_that_comes_while_the_engine_waits_for_another_to_end_is_left_to_the_next_start(world: World) -> None:
    """Else it is at work on a database that is closed beneath it."""
    first, second = (world.preview(world.sheet(3)[:many], name=name) for many, name in ((1, "AR.csv"), (3, "More.csv")))
    slow(world, 3.0)
    world.click(world.slack.manager, "Approve", world.message("preview", first.id))
    world.slack.wait_for(lambda: EntryState.SENDING in world.states(first.id))
    assert world.bot is not None
    with world.store.transaction() as db:  # as the intake leaves one
        db.execute("UPDATE batch SET status = 'received' WHERE id = ?", (second.id,))
    stopping = threading.Thread(target=world.bot.engine.stop)
    stopping.start()
    duties = world.bot.duties
    world.slack.wait_for(lambda: not duties._is_open)
    world.bot.engine.start(RunKind.READ, second.id)
    token = world.batch(second.id).run_token
    world.slack.wait_for(lambda: (f"{second.id}:{token}", "SUCCESS") in engine_rows(world))
    stopping.join()
    assert world.batch(first.id).status is BatchStatus.POSTED
    assert world.batch(second.id).status is BatchStatus.RECEIVED
    world.restart()
    world.until("2 entries")  # one of the three is posted already
    world.finish(first.id)


@pytest.mark.file
def test_losing_the_engines_file_costs_nothing(world: World) -> None:
    token = stopped_halfway(world)
    for name in ("", "-wal", "-shm"):
        Path(f"{world.db}.engine{name}").unlink(missing_ok=True)
    world.start()
    world.finish()
    assert world.batch().run_token != token
    assert len(world.posts()) == 12
    world.assert_truth()


@pytest.mark.parametrize(
    ("python", "sqlite", "is_fit"),
    [((3, 11, 2), (3, 40, 1), True), ((3, 13, 0), (3, 40, 1), False), ((3, 12, 0), (3, 42, 0), True)],
)
def test_a_python_whose_sqlite_is_too_old_for_the_engine_is_named_with_what_helps(
    python: tuple[int, ...], sqlite: tuple[int, ...], is_fit: bool
) -> None:
    why = unfit(python, sqlite)
    assert (why is None) == is_fit
    if why:
        assert why == (
            "This is Python 3.13.0 with SQLite 3.40.1; with Python 3.12 or newer the engine needs SQLite 3.42 or newer."
            " Start the bot with Python 3.11, or with a Python that brings a newer SQLite."
        )


@pytest.mark.file
def test_a_start_that_failed_lets_go_of_all_and_may_come_again(tmp_path: Path) -> None:
    world = World(tmp_path, sample_firm())
    engine = Path(f"{world.db}.engine")
    Store(world.place).close()
    engine.write_bytes(engine_file())
    with closing(sqlite3.connect(engine)) as spoiled:
        spoiled.execute("DROP TABLE application_versions")
    try:
        with pytest.raises(Exception, match="no such table"):
            world.start()
        assert opened(engine) == 0
        engine.unlink()
        assert world.bot is not None
        world.bot.start()
        world.begin(world.sheet(2))
        world.finish()
    finally:
        world.close()
    assert opened(world.db) == opened(engine) == 0


@pytest.mark.file
def test_a_run_that_ended_in_an_error_is_started_anew(world: World) -> None:
    token = stopped_halfway(world)
    with closing(sqlite3.connect(f"{world.db}.engine")) as engine, engine:
        engine.execute("UPDATE workflow_status SET status = 'ERROR' WHERE workflow_uuid = ?", (f"1:{token}",))
    world.start()
    world.finish()
    assert world.batch().run_token != token
    assert len(world.posts()) == 12
    world.assert_truth()


@pytest.mark.file
def test_a_run_whose_end_the_disk_did_not_take_holds_nothing_up(world: World) -> None:
    world.preview(world.sheet(2))
    read = f"1:{world.batch().run_token}"
    world.slack.wait_for(lambda: (read, "SUCCESS") in engine_rows(world))
    with closing(sqlite3.connect(f"{world.db}.engine", timeout=10)) as engine, engine:
        engine.execute("UPDATE workflow_status SET status = 'PENDING' WHERE workflow_uuid = ?", (read,))
    world.preview(world.sheet(3), name="Another.csv")  # in the same channel, so in the same queue behind that one
    assert (read, "CANCELLED") in engine_rows(world)


def test_an_answer_that_breaks_a_run_is_asked_for_again(world: World) -> None:
    """A list whose rows hold nothing: whether the client or the run stumbles, the batch is read back in the end."""

    def junk(response: Any, body: dict[str, Any]) -> None:
        body["data"] = [{}]

    world.firm.add_description("Balance brought forward")
    world.amend(junk, method="GET", nth=3)  # after the preview's and the run's list
    world.begin(world.sheet(2))
    text = world.finish()
    assert "equal to the cent" in text
    world.assert_truth()


@pytest.mark.file
def test_many_starts_at_once_make_one_run(world: World) -> None:
    held = world.hold(nth=2)
    world.begin(world.sheet(8))
    with held:
        assert world.bot is not None
        engine = world.bot.engine
        starts = [threading.Thread(target=engine.start, args=(RunKind.POST, 1)) for _ in range(8)]
        for start in starts:
            start.start()
        for start in starts:
            start.join()
    world.finish()
    assert len(world.posts()) == 8
    world.assert_truth()


@pytest.mark.file
def test_a_run_whose_token_is_not_the_batchs_moves_nothing(world: World) -> None:
    world.firm.add_description("Balance brought forward")
    held = world.hold(method="GET", nth=2)  # the run's list, before its first POST
    world.begin(world.sheet(3))
    with held:
        before = world.batch().run_token
        assert world.bot is not None
        world.bot.engine.start(RunKind.POST, 1)
        assert world.batch().run_token != before
    world.finish()
    assert len(world.posts()) == 3
    assert sum(status == "SUCCESS" for _, status in engine_rows(world)) >= 3  # reading, two of posting
    world.assert_truth()


def test_two_batches_of_one_account_are_posted_one_after_the_other(world: World) -> None:
    rows = world.sheet(9)
    held = world.hold(nth=1)
    world.begin(rows[:4])
    with held:
        world.begin(rows[4:8], name="second.csv")
        world.until("Its turn comes in")
        world.preview(rows[8:], name="third.csv")  # read and matched meanwhile, in its own time
        assert world.batch(2).status is BatchStatus.APPROVED
        assert len(world.posts()) == 1
    world.finish(1)
    world.finish(2)
    matters = [call.data["matter"]["id"] for call in world.posts()]
    assert matters == [entry.matter_id for entry in [*world.entries(1), *world.entries(2)]]
    for number, others in ((1, world.entries(2)), (2, world.entries(1))):
        ids = {entry.clio_id for entry in others}
        world.assert_truth(number, others=[entry for entry in world.clio.time_entries if entry.id in ids])


def test_another_file_is_read_while_a_batch_is_posted(world: World) -> None:
    rows = world.sheet(6)
    held = world.hold(nth=1)
    world.begin(rows[:3])
    with held:
        world.preview(rows[3:], name="second.csv")
        assert world.batch(1).status is BatchStatus.POSTING
        assert world.states(1)[0] is E.SENDING
    world.finish(1)


@pytest.mark.parametrize("answer", [0.0, 0.7])  # seconds that an edit is on its way, while the next one is wanted
def test_the_status_message_is_edited_at_most_as_often_as_set(world: World, answer: float) -> None:
    world.restart(balances_timing=FAST.model_copy(update={"edit_gap": 0.5}))
    slow(world, 0.15)
    number = world.preview(world.sheet(24)).id
    world.slack.faults.add("chat.update", "slow", times=6, seconds=answer)
    world.click(world.slack.manager, "Approve")
    world.finish(number)
    ts = world.message("status").ts
    edits = [
        call
        for call in world.slack.calls
        if call.method == "chat.update" and call.args["ts"] == ts and "so far" in str(call.args["blocks"])
    ]
    gaps = [(after.at - before.at).total_seconds() for before, after in pairwise(edits)]
    assert len(edits) >= 2
    assert min(gaps) >= 0.45
    world.assert_truth()


def test_progress_is_seen_to_move(world: World) -> None:
    slow(world)
    world.begin(world.sheet(10))
    world.finish()
    seen = str(world.message("status").edits)
    assert sum(f"{number} of 10 posted" in seen for number in range(1, 10)) >= 3


# Pace


def windowed(world: World, limit: int) -> None:
    """Let Clio grant so many calls a second."""
    world.clio.window = 1
    world.clio.limit = limit
    world.restart(balances_timing=FAST.model_copy(update={"window": 1.0, "quota": limit, "settle": 5.0}))


def per_window(world: World, since: float) -> Counter[int]:
    return Counter(int(call.at) for call in world.clio.calls if call.at >= since and call.status != 429)


def test_a_limit_is_kept_to_without_a_single_refusal(world: World) -> None:
    windowed(world, 10)
    began = time.time()
    world.begin(world.sheet(40))
    world.finish(timeout=40)
    assert 429 not in {call.status for call in world.clio.calls}
    assert max(per_window(world, began).values()) <= 10
    posts = world.posts()
    assert posts[-1].at - posts[0].at >= 3
    world.assert_truth()


def test_a_limit_that_shrinks_is_followed_by_its_headers(world: World) -> None:
    """Another program uses the sign-in too: fewer calls are left in each window than its limit says."""
    windowed(world, 12)
    held = world.hold(nth=3)
    world.begin(world.sheet(20))
    with held:
        world.clio.limit = 5
        changed = time.time()
    world.finish(timeout=40)
    refused = [call for call in world.clio.calls if call.status == 429]
    assert len(refused) <= 1  # in the window in which it shrank
    assert max(per_window(world, int(changed) + 1).values()) <= 5
    assert len(world.clio.time_entries) == 20
    world.assert_truth()


def test_calls_of_another_program_count_too(world: World) -> None:
    """It takes half of each window before we come; what Clio says is left is what we send."""
    windowed(world, 10)
    taken: set[int] = set()

    def take(data: Any) -> bool:
        window = int(time.time())
        if window not in taken:
            taken.add(window)
            for _ in range(5):
                world.clio.rate.take("clio-sandbox-token", time.time())
        return False

    world.clio.faults.add("delay", where=take)
    world.begin(world.sheet(15))
    world.finish(timeout=40)
    assert max(per_window(world, 0).values()) <= 10
    assert [call.status for call in world.clio.calls].count(429) <= len(taken)
    assert len(world.clio.time_entries) == 15
    world.assert_truth()


def test_a_limit_on_another_programs_account_is_waited_for_and_nothing_is_lost(world: World) -> None:
    """Clio refuses at random: each entry is posted once all the same."""
    world.clio.window = 0.1
    world.restart(balances_timing=FAST.model_copy(update={"window": 0.1}))
    world.clio.faults.add("limited", times=4, chance=0.5, seed=7)
    world.begin(world.sheet(10))
    world.finish()
    assert [call.status for call in world.posts()].count(201) == 10
    world.assert_truth()
