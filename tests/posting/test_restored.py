"""A back-up of the database is put back: what was done since is not done again behind anyone's back."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from world import World

from brought_forward.storage.records.batch import BatchStatus
from brought_forward.storage.records.entry import EntryState

pytestmark = pytest.mark.file

ENTRIES = "/activities.json"


def back_up(world: World) -> Path:
    """Make a copy of the database in use, by SQLite's own means."""
    copy = world.db.with_name("copy.db")
    with closing(sqlite3.connect(world.db)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    return copy


def put_back(world: World, copy: Path) -> None:
    """Restore as docs/run.md says."""
    world.stop()
    for ending in ("-wal", "-shm"):
        Path(f"{world.db}{ending}").unlink(missing_ok=True)
    copy.replace(world.db)
    world.start()


def undone_since_the_back_up(world: World) -> None:
    """Back up while 6 entries are posted; undo them all; put the back-up back, and wait for what is said."""
    held = world.hold(nth=4)
    world.begin(world.sheet(6))
    with held:
        world.slack.wait_for(lambda: world.states().count(EntryState.POSTED) == 3)
        copy = back_up(world)
    world.finish()
    world.click(world.slack.manager, "Undo")
    world.wait_for_status(BatchStatus.UNDONE)
    assert not world.clio.time_entries
    put_back(world, copy)
    text = world.until("Clio no longer has 3 entries of those posted, $370.38, 00001-")
    assert "Somebody removed that there, or this database was restored from a back-up" in text
    assert len(world.posts()) == 6


def test_a_back_up_that_is_older_than_an_undo_sends_nothing_until_somebody_has_looked(world: World) -> None:
    undone_since_the_back_up(world)
    world.asked(world.slack.manager, "stop B1")
    world.wait_for_status(BatchStatus.STOPPED)
    assert len(world.posts()) == 6
    assert not world.clio.time_entries


def test_whoever_goes_on_after_that_has_the_rest_sent(world: World) -> None:
    undone_since_the_back_up(world)
    world.asked(world.slack.manager, "resume B1")
    text = world.finish()
    assert len(world.clio.time_entries) == 3
    assert "missing" in text


def test_a_back_up_that_is_older_than_a_retry_sends_nothing_twice(world: World) -> None:
    world.clio.faults.add("refuse", nth=2, message="Time is locked")
    world.begin(world.sheet(4))
    world.finish()
    copy = back_up(world)
    world.press("Retry refused")
    world.finish()
    put_back(world, copy)
    assert world.states().count(EntryState.REFUSED) == 1
    world.asked(world.slack.manager, "retry B1")
    world.wait_for_status(BatchStatus.POSTED)
    assert world.states() == [EntryState.POSTED] * 4
    assert len(world.clio.time_entries) == 4
    world.assert_truth()
