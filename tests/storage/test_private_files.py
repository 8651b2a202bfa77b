"""Files of ours are for the account that runs the bot alone, whatever its umask, and those that stand there too."""

import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from world import World

from brought_forward.bot.cli.practice import rehearsal
from brought_forward.sandbox.clio import sample_firm
from brought_forward.storage.database import keep_private


@pytest.fixture(autouse=True)
def umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def open_to_others(folder: Path) -> list[str]:
    """Name the files that others than their owner may read or write."""
    return sorted(one.name for one in folder.iterdir() if stat.S_IMODE(one.stat().st_mode) & 0o077)


@pytest.mark.file
def test_what_a_running_bot_writes_is_for_its_account_alone(tmp_path: Path) -> None:
    world = World(tmp_path, sample_firm())
    try:
        world.start()
        world.finish(world.begin(world.sheet(2)))
        names = {one.name for one in tmp_path.iterdir()}
        assert {"balances.db", "balances.db-wal", "balances.db-shm", "balances.db.engine-wal"} <= names
        assert open_to_others(tmp_path) == []
    finally:
        world.close()


@pytest.mark.file
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_files_that_stand_there_readable_by_others_are_closed_at_the_start(tmp_path: Path, mode: int) -> None:
    world = World(tmp_path, sample_firm())
    try:
        world.start()
        world.stop()
        # Readers hold the write-ahead logs there, as a process that was killed leaves them.
        with closing(sqlite3.connect(world.db)) as own, closing(sqlite3.connect(f"{world.db}.engine")) as engine:
            for reader in (own, engine):
                reader.execute("SELECT count(*) FROM sqlite_master").fetchone()
            for file in tmp_path.iterdir():
                file.chmod(mode)
            assert "balances.db-wal" in open_to_others(tmp_path)
            world.start()
            assert open_to_others(tmp_path) == []
    finally:
        world.close()


@pytest.mark.parametrize("ending", ["", "-wal", "-shm", "-journal"])
def test_what_sqlite_keeps_beside_a_database_is_closed_with_it(tmp_path: Path, ending: str) -> None:
    (tmp_path / f"balances.db{ending}").touch(0o644)
    keep_private(tmp_path / "balances.db")
    assert open_to_others(tmp_path) == []


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs a file that not even root may close")
def test_a_file_that_only_its_owner_may_close_is_named_in_the_log_and_stops_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    keep_private(Path("/proc/self/status"))
    assert "/proc/self/status belongs to another account, and others may read it" in caplog.text


def test_a_rehearsals_firm_is_for_its_account_alone(tmp_path: Path) -> None:
    (tmp_path / "balances.db.clio").touch(0o644)
    world = World(tmp_path, sample_firm(), balances_practice=True)
    try:
        with rehearsal(world.settings()) as (_, learn):
            assert learn
            assert open_to_others(tmp_path) == []
    finally:
        world.close()
