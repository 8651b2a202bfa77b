"""A back-up while the bot works, a restore, and drills: the disk is lost with hours of work, nothing is doubled."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alone import serving
from sign_in import Terminal
from typer.testing import CliRunner
from world import World

from brought_forward.bot.cli.backup import backup, restore
from brought_forward.bot.cli.main import cli
from brought_forward.bot.errors import SettingsError, StorageError
from brought_forward.sandbox.slack.workspace import TEAM
from brought_forward.storage.records.batch import BatchStatus
from brought_forward.storage.records.entry import EntryState

pytestmark = pytest.mark.file


def lose_the_disk(world: World) -> None:
    world.stop()
    for one in world.db.parent.iterdir():
        if one.name.startswith(world.db.name):
            one.unlink()


def test_a_back_up_is_taken_while_a_batch_is_posting_and_a_restored_one_goes_on_from_there(world: World) -> None:
    copy = world.db.with_name("copy.db")
    held = world.hold(nth=4)
    world.begin(world.sheet(6))
    with held:
        world.slack.wait_for(lambda: world.states().count(EntryState.POSTED) == 3)
        assert backup(world.db, copy).startswith(f"{copy}: 1 batch, opened and sound.")
    world.finish()
    lose_the_disk(world)
    said = restore(world.db, copy)
    assert said.startswith(f"{world.db}: 1 batch, as of the back-up. Start the bot")
    world.start()
    world.finish()
    assert world.states() == [EntryState.POSTED] * 6
    world.assert_truth()
    assert [link.kind for link in world.store.audit.links(TEAM)].count("restore") == 1
    assert world.store.audit.verify(TEAM).broken is None


def test_what_was_brought_forward_after_the_back_up_is_not_brought_again_when_its_file_is_dropped_anew(
    world: World,
) -> None:
    copy = world.db.with_name("copy.db")
    backup(world.db, copy)
    rows = world.sheet(3)
    world.begin(rows)
    world.finish()
    lose_the_disk(world)
    restore(world.db, copy)
    world.start()
    world.drop(rows, name="AR again.csv")
    world.until("3 lines, $370.38: already brought forward")
    assert len(world.clio.time_entries) == 3


def test_without_any_back_up_what_clio_holds_is_not_brought_again(world: World) -> None:
    rows = world.sheet(3)
    world.begin(rows)
    world.finish()
    lose_the_disk(world)
    world.start()
    world.drop(rows, name="AR again.csv")
    world.until("3 lines, $370.38: already brought forward")
    assert len(world.clio.time_entries) == 3


def test_with_the_disk_two_hours_and_the_key_lost_only_the_sign_in_is_and_nothing_is_doubled(tmp_path: Path) -> None:
    """The whole drill, as a person would go about it: back-up, loss, restore, start, sign in anew."""
    (tmp_path / "bot").mkdir()
    with serving(tmp_path / "bot", CLIO_ACCESS_TOKEN="") as alone:
        world, copy = alone.world, tmp_path / "copy.db"
        terminal = Terminal(world, tmp_path)
        assert terminal.connect().returncode == 0
        rows = world.sheet(8)
        world.clio.faults.add("delay", nth=4, method="POST", path="/activities.json", seconds=4)  # not over meanwhile
        world.preview(rows[:6], name="first.csv")
        world.click(world.slack.manager, "Approve")
        world.slack.wait_for(lambda: world.states().count(EntryState.POSTED) == 3, timeout=40)
        assert terminal.run("backup", str(copy)).returncode == 0
        world.finish(timeout=60)
        world.begin(rows[6:], name="second.csv")
        world.finish(2, timeout=60)
        assert len(world.clio.time_entries) == 8

        alone.kill()
        lose_the_books(world)
        assert terminal.run("restore", str(copy)).returncode == 0
        alone.start()
        lost = "that sealed the sign-in to Clio is not at hand. Put it back (balances.db.key, or the environment's), or"
        assert alone.log().count(lost) == 1
        assert "Nothing else is lost with it: batches wait, and go on after that." in alone.log()
        world.wait_for_status(BatchStatus.PAUSED, timeout=40)
        assert "is not at hand" in (world.batch().halt_text or "")
        assert len(world.posts()) == 8

        assert terminal.connect().returncode == 0
        world.finish(timeout=60)
        world.assert_truth(others=world.clio.time_entries[6:])
        world.drop(rows[6:], name="second.csv")
        world.until("2 lines, $247.03: already brought forward", timeout=40)
        assert len(world.posts()) == 8
        booked = [(one.matter_id, one.user_id) for one in world.clio.time_entries]
        assert len(booked) == len(set(booked)) == 8
        assert world.store.audit.verify(TEAM).broken is None


def lose_the_books(world: World) -> None:
    """Lose the disk under a bot in a process of its own, the key too."""
    assert world.beside is not None
    world.beside.close()
    world.beside = None
    for one in world.db.parent.iterdir():
        if one.name.startswith(world.db.name):
            one.unlink()


def test_the_database_that_was_there_is_kept_beside_the_restored_one(world: World) -> None:
    copy = world.db.with_name("copy.db")
    backup(world.db, copy)
    world.begin(world.sheet(1))
    world.finish()
    world.stop()
    said = restore(world.db, copy)
    (aside,) = world.db.parent.glob("balances.db.before-*Z")
    assert str(aside) in said
    with closing(sqlite3.connect(aside)) as before, closing(sqlite3.connect(world.db)) as now:
        assert before.execute("SELECT count(*) FROM batch").fetchone() == (1,)
        assert now.execute("SELECT count(*) FROM batch").fetchone() == (0,)
    assert not world.db.with_name("balances.db.restored").exists()


def test_a_running_bots_database_is_not_replaced(world: World) -> None:
    copy = world.db.with_name("copy.db")
    backup(world.db, copy)
    with pytest.raises(SettingsError, match="Stop it first"):
        restore(world.db, copy)
    world.preview(world.sheet(1))


def test_a_back_up_never_replaces_a_file(world: World) -> None:
    copy = world.db.with_name("copy.db")
    copy.write_bytes(b"an older one")
    with pytest.raises(SettingsError, match="no back-up is ever replaced"):
        backup(world.db, copy)
    assert copy.read_bytes() == b"an older one"


@pytest.mark.parametrize("how", ["cut", "spoiled", "no database", "empty"])
def test_a_back_up_that_is_not_sound_is_refused_and_the_database_stays(world: World, how: str) -> None:
    copy = world.db.with_name("copy.db")
    world.begin(world.sheet(2))
    world.finish()
    backup(world.db, copy)
    data = copy.read_bytes()
    middle = len(data) // 2
    spoiled = {
        "cut": data[: middle + 100],
        "spoiled": data[:middle] + b"\xff" * 8192 + data[middle + 8192 :],
        "no database": b"Matter,Balance\n" * 1000,
        "empty": b"",
    }
    copy.write_bytes(spoiled[how])
    world.stop()
    with pytest.raises(StorageError, match="was not restored"):
        restore(world.db, copy)
    world.start()
    assert world.states() == [EntryState.POSTED] * 2
    assert not [one for one in world.db.parent.iterdir() if "before" in one.name or "restored" in one.name]


def test_a_back_up_of_another_version_is_refused_and_the_database_stays(world: World) -> None:
    copy = world.db.with_name("copy.db")
    backup(world.db, copy)
    with closing(sqlite3.connect(copy)) as db, db:
        db.execute("UPDATE _sqlite_migrations SET name = 'tables of another version'")
    world.stop()
    with pytest.raises(StorageError, match="another version"):
        restore(world.db, copy)
    assert world.db.exists()


def test_a_spoiled_database_is_not_backed_up_and_nothing_is_left(world: World, tmp_path: Path) -> None:
    world.begin(world.sheet(2))
    world.finish()
    world.stop()
    data = world.db.read_bytes()
    middle = len(data) // 2
    world.db.write_bytes(data[:middle] + b"\xff" * 8192 + data[middle + 8192 :])
    with pytest.raises(StorageError, match="was not backed up"):
        backup(world.db, world.db.with_name("copy.db"))
    assert not list(world.db.parent.glob("copy*"))


def test_both_are_commands_and_say_what_is_missing(tmp_path: Path, world: World) -> None:
    runner, copy = CliRunner(), str(world.db.with_name("copy.db"))
    assert "sound" in runner.invoke(cli, ["backup", copy, "--db", str(world.db)]).output
    world.stop()
    assert "as of the back-up" in runner.invoke(cli, ["restore", copy, "--db", str(world.db)]).output
    for arguments in (["backup", "x.db"], ["restore", "x.db"]):
        found = runner.invoke(cli, [*arguments, "--db", str(tmp_path / "none" / "none.db")])
        assert "is not there" in str(found.exception)
    shutil.rmtree(tmp_path / "none", ignore_errors=True)
