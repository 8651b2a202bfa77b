"""Names and texts go when their days are over; sums and ids stay, and so does all of what is on hold."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner
from world import World

from brought_forward.bot.cli.main import cli
from brought_forward.sandbox.clio import firm_of_size
from brought_forward.sandbox.slack.workspace import TEAM
from brought_forward.storage.records.batch import BatchStatus
from brought_forward.storage.records.entry import EntryState
from brought_forward.storage.retention import CUT, GOES, WORDS
from brought_forward.storage.store import Store

SECRET = "Settled with Mrs Quill"
# What stays of each table, though it is text: ids, codes, instants, hashes, the firm's own staff.
KEPT = {
    "mended_line": "firm",
    "batch": "firm channel file_id share_ts thread_ts uploader owner file_name sha256 created_at updated_at status hash"
    " halt sheet signature stated_as_of typed_by confirmed_by account currency description form posting_date"
    " chosen_date as_of file_look_at file_now file_kept_by rules first_by first_for first_at decided_by"
    " decided_for decided_at remind_at reminded_at expire_at run_token begun queued_at listed_at hold_by purged_at",
    "line": "firm cell named_user date skipped anyway",
    "not_counted": "firm",
    "used_answer": "firm",
    "draft": "firm actor fields",  # deleted with the words
    "correction": "firm field actor at",
    "finding": "firm code chosen_by chosen_at",
    "open_name": "firm kind",
    "decision": "firm hash at actor action approvers action_ts clicked stands_for",
    "query": "firm asked_by asked_at said ended ended_by ended_at",
    "entry": "firm account user_name date state token sent_at look_at settled_at clio_at",
    "unanswered": "firm account clio_at",
    "attempt": "firm form token sent_at settled_at outcome",
    "older_entry": "firm account",
    "reversal": "firm account outcome tried_at look_at settled_at",
    "inquiry": "firm account kind asked_by asked_at state slot next_at sent_at read_at ended_at",
    "wish": "firm said kind person channel message_ts thread_ts author file_id file_name posting_date answer_url"
    " made_at next_at silent_since outcome",
    "message": "firm slot channel thread_ts ts attach file_name next_at shown_at error",
    "audit": "firm at kind actor facts words_digest before hash",
    "audit_words": "firm",
}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path, firm_of_size(12, 3))
    yield made.start()
    made.close()


def run(world: World, *arguments: str) -> tuple[int, str]:
    found = CliRunner().invoke(cli, [*arguments, "--db", str(world.db)])
    return found.exit_code, found.output + str(found.exception or "")


def age(world: World, days: float, number: int = 1) -> None:
    """Let a batch have been over for so many days."""
    at = (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="microseconds")
    with closing(sqlite3.connect(world.db, timeout=10)) as db, db:
        db.execute("UPDATE batch SET updated_at = ? WHERE id = ?", (at, number))


def everything(world: World) -> str:
    """All that stands in the database, as text."""
    with closing(sqlite3.connect(world.db, timeout=10)) as db:
        return "\n".join(db.iterdump())


def brought(world: World) -> Any:
    """Bring a batch with notes, one line left out and one corrected to its end; return what was posted."""
    one, two = world.sheet(12)[0], world.sheet(12)[7]  # of two clients
    rows = [[*one[:3], SECRET], two, ["99999-Quill", one[1], "10.00", "Quill again"]]
    world.begin(rows)
    world.finish()
    return [(entry.matter_id, entry.user_id, entry.amount, entry.clio_id) for entry in world.entries()]


def purged(world: World, number: int = 1) -> None:
    world.slack.wait_for(lambda: world.batch(number).purged_at is not None)
    world.slack.wait_for(lambda: not world.store.messages.owed())


@pytest.mark.file
def test_names_and_notes_go_ninety_days_after_the_end_and_sums_and_ids_stay(world: World) -> None:
    before = brought(world)
    numbers = [entry.matter_number for entry in world.entries()]
    found = {"equal": False, "differences": [SECRET], "matters": ["Quill"], "failed": "Quill", "cents": 7}
    with closing(sqlite3.connect(world.db, timeout=10)) as db, db:
        db.execute("UPDATE batch SET read_back = ?", (json.dumps(found),))
    age(world, 89)
    world.restart()
    assert SECRET in everything(world)
    age(world, 91)
    purged(world)
    kept = everything(world)
    for word in (SECRET, "Quill"):
        assert word not in kept
    with closing(sqlite3.connect(world.db, timeout=10)) as db:
        (text,) = db.execute("SELECT read_back FROM batch").fetchone()
    assert json.loads(text) == found | {"differences": [], "matters": [], "failed": "purged"}
    listed = kept.replace('INSERT INTO "matter"', "")
    assert all(f"'{number}'" not in "".join(line for line in listed.splitlines() if "INTO \"entry\"" in line)
               for number in numbers)  # fmt: skip
    assert [(one.matter_id, one.user_id, one.amount, one.clio_id) for one in world.entries()] == before
    assert world.states() == [EntryState.POSTED] * 2
    assert world.store.audit.verify(TEAM).broken is None
    assert world.store.audit.verify(TEAM).purged > 0


@pytest.mark.file
def test_our_workbooks_are_deleted_in_slack_and_what_people_wrote_stays_there(world: World) -> None:
    brought(world)
    ours = [file for file in world.slack.workspace.files.values() if file.user == world.slack.bot.id]
    assert ours
    age(world, 91)
    purged(world)
    world.slack.wait_for(lambda: all(file.mode == "tombstone" for file in ours))
    (theirs,) = [file for file in world.slack.workspace.files.values() if file.user == world.slack.staff.id]
    assert theirs.mode != "tombstone"


@pytest.mark.file
def test_a_slack_that_is_away_is_asked_again_until_the_workbooks_are_gone(world: World) -> None:
    brought(world)
    world.slack.faults.add("files.delete", "internal_error", times=2)
    age(world, 91)
    world.slack.wait_for(
        lambda: all(file.mode == "tombstone" for file in world.slack.workspace.files.values()
                    if file.user == world.slack.bot.id), timeout=20
    )  # fmt: skip


@pytest.mark.file
def test_a_purged_batch_is_signed_off_but_neither_exported_nor_undone(world: World) -> None:
    brought(world)
    old = world.message("closing-1")
    age(world, 91)
    purged(world)
    manager = world.slack.manager
    assert "2 of 2 posted" in world.asked(manager, "status B1")
    for command in ("export B1", "undo B1", "show B1", "reconcile B1"):
        assert "The names and notes of B1 were purged on" in world.asked(manager, command), command
    assert "were purged on" in world.refused(manager, "Undo", old)
    assert len(world.clio.time_entries) == 2
    world.asked(manager, "signoff B1")
    world.slack.wait_for(lambda: any("sign-off" in file.name for file in world.slack.workspace.files.values()))


@pytest.mark.file
def test_a_new_file_is_still_compared_with_a_purged_batch(world: World) -> None:
    brought(world)
    age(world, 91)
    purged(world)
    world.drop([[*world.sheet(1)[0][:2], "500.00", ""]], name="next.csv")
    text = world.until("fingerprint")
    assert "already brought forward" in text


@pytest.mark.file
def test_what_is_on_hold_stays_whole_until_it_is_released(world: World) -> None:
    brought(world)
    assert run(world, "hold", "--batch", "B1", "--why", "a quarrel")[0] == 0
    age(world, 1_000)
    assert run(world, "purge", "--batch", "B1", "--yes")[0] == 1
    world.restart()
    now = datetime.now(UTC)
    assert not world.store.retention.due(TEAM, ended_before=now, nothing_before=now)
    assert SECRET in everything(world)
    assert run(world, "release", "--batch", "b1")[0] == 0
    purged(world)
    kinds = [(link.kind, link.facts["does"]) for link in world.store.audit.links(TEAM) if link.kind == "hold"]
    assert kinds == [("hold", "held"), ("hold", "released")]


@pytest.mark.file
def test_a_firm_on_hold_keeps_every_batch(world: World) -> None:
    brought(world)
    assert run(world, "hold", "--firm", TEAM)[0] == 0
    age(world, 1_000)
    assert not world.store.retention.may_go(1)
    assert run(world, "release", "--firm", TEAM)[0] == 0
    purged(world)


@pytest.mark.file
def test_what_is_not_over_is_never_purged(world: World) -> None:
    world.preview(world.sheet(1))
    age(world, 1_000)
    code, said = run(world, "purge", "--batch", "B1", "--yes")
    assert (code, "is not over yet (previewed)" in said) == (1, True)
    assert world.batch().purged_at is None


@pytest.mark.file
def test_what_was_withdrawn_is_purged_after_seven_days(world: World) -> None:
    world.preview([[*world.sheet(1)[0][:3], SECRET]])
    world.reject(world.slack.staff)
    world.slack.wait_for(lambda: world.batch().status is BatchStatus.WITHDRAWN)
    world.slack.wait_for(lambda: not world.store.messages.owed())
    age(world, 6.9)
    assert not world.store.retention.due(
        TEAM, ended_before=datetime.now(UTC) - timedelta(days=90), nothing_before=datetime.now(UTC) - timedelta(days=7)
    )
    age(world, 7.1)
    purged(world)
    assert SECRET not in everything(world)


@pytest.mark.file
def test_a_client_is_taken_out_of_every_batch_and_others_stay(world: World) -> None:
    brought(world)
    mine, other = world.entries()
    client = next(one for one in world.store.listings.matters(TEAM, world.batch().account) if one.id == mine.matter_id)
    code, said = run(world, "purge", "--client", client.client, "--yes")
    assert code == 0, said
    assert f"{client.client} is purged out of 1 batch" in said
    now = {one.matter_id: one for one in world.entries()}
    assert now[mine.matter_id].matter_number == f"#{mine.matter_id}"
    assert now[other.matter_id].matter_number == other.matter_number
    assert SECRET not in everything(world)
    assert world.batch().purged_at is None
    assert world.store.audit.verify(TEAM).broken is None


@pytest.mark.file
@pytest.mark.parametrize("name", ["Nobody at all", "a"])
def test_a_client_that_is_none_or_several_is_not_guessed(world: World, name: str) -> None:
    brought(world)
    code, said = run(world, "purge", "--client", name, "--yes")
    assert code == 1
    assert "called" in said
    assert SECRET in everything(world)


@pytest.mark.file
def test_years_later_the_rows_go_and_the_chain_still_holds(world: World) -> None:
    brought(world)
    age(world, 91)
    purged(world)
    with closing(sqlite3.connect(world.db, timeout=10)) as db, db:
        db.execute("UPDATE batch SET purged_at = '2010-01-01T00:00:00.000000+00:00'")
    world.slack.wait_for(lambda: world.store.batches.find(1) is None)
    with closing(sqlite3.connect(world.db, timeout=10)) as db:
        for table in GOES:
            assert db.execute(f"SELECT count(*) FROM {table} WHERE batch = 1").fetchone() == (0,), table
    assert world.store.audit.verify(TEAM).broken is None


def test_every_column_of_text_is_either_purged_or_known_to_be_kept(tmp_path: Path) -> None:
    with closing(Store(tmp_path / "balances.db")) as store, store.transaction() as db:
        tables = {name: [(row[1], row[2]) for row in db.execute(f"PRAGMA table_info({name})")]
                  for name in db.table_names()}  # fmt: skip
    of_batches = {name for name, columns in tables.items() if {"batch"} & {one for one, _ in columns}} | {"batch"}
    for table in sorted(of_batches):
        texts = {name for name, kind in tables[table] if kind in {"TEXT", "BLOB"}}
        assert texts == {*WORDS.get(table, {}), *CUT.get(table, ())} & texts | set(KEPT.get(table, "").split()), table
        assert not {*WORDS.get(table, {})} & set(KEPT.get(table, "").split()), table
    assert of_batches - {"batch", "audit", "audit_words"} == {*GOES}
