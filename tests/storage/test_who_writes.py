"""Threads that write wait for one another in the order in which they came, and no longer than SQLite would."""

import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from brought_forward.storage.sqlite_file import SqliteFile
from brought_forward.storage.turns import Turns


def opened(folder: Path) -> SqliteFile:
    return SqliteFile(folder / "a.db", lambda file: pytest.fail(f"{file} is new, so nothing of it is to be saved"))


def _until_waiting(turns: Turns, count: int) -> None:
    while turns.waiting < count:
        time.sleep(0.001)


def test_threads_write_in_the_order_in_which_they_came_but_for_one_that_slack_waits_for():
    turns, order = Turns(), []

    def write(name: str, *, awaited: bool = False) -> None:
        with turns.taken(awaited=awaited):
            order.append(name)

    with ThreadPoolExecutor(4) as threads, turns.taken():
        for place, name in enumerate(["first", "second", "third"], 1):
            threads.submit(write, name)
            _until_waiting(turns, place)
        threads.submit(write, "awaited", awaited=True)
        _until_waiting(turns, 4)
    assert order == ["awaited", "first", "second", "third"]


def test_a_turn_that_does_not_come_fails_as_a_locked_file_does_and_holds_up_nobody_after():
    turns = Turns(patience=0.01)
    with ThreadPoolExecutor(1) as threads, turns.taken():

        def late() -> None:
            with turns.taken():
                raise AssertionError

        with pytest.raises(sqlite3.OperationalError, match="locked"):
            threads.submit(late).result()
    with turns.taken():
        assert turns.waiting == 0


def test_a_transaction_that_fails_gives_its_turn_on(tmp_path: Path):
    file = opened(tmp_path)
    with pytest.raises(ZeroDivisionError), file.transaction():
        raise ZeroDivisionError
    with ThreadPoolExecutor(1) as threads:
        assert threads.submit(file.change, "UPDATE batch SET parses = 1").result(timeout=5) == 0
    file.close()


@pytest.mark.parametrize(
    "write",
    [
        lambda file: file.change("INSERT INTO purpose (practice) VALUES (?)", (0,)),
        lambda file: file.rows("INSERT INTO purpose (practice) VALUES (?) RETURNING practice", (0,)),
        lambda file: file.value("INSERT INTO purpose (practice) VALUES (?) RETURNING practice", (0,)),
    ],
    ids=["change", "rows", "value"],
)
def test_what_writes_waits_until_a_transaction_of_another_thread_is_over_and_reading_does_not(tmp_path: Path, write):
    file = opened(tmp_path)
    over = threading.Event()
    count = "SELECT count(*) FROM purpose"
    with ThreadPoolExecutor(2) as threads:
        with file.transaction():
            written = threads.submit(lambda: (write(file), over.is_set()))
            assert threads.submit(file.value, count).result(timeout=5) == 0
            _until_waiting(file.turns, 1)
            over.set()
        assert written.result(timeout=5)[1]
    assert file.value(count) == 1
    file.close()
