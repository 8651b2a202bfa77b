"""Previews and runs share Clio's window: however many files are dropped, a run keeps most of it."""

import math
import threading
import time
from email.utils import formatdate
from pathlib import Path

import pytest
from world import FAST, World

from brought_forward.bot.clio.pace import KEPT, Pace, beside_runs
from brought_forward.storage.records.batch import BatchStatus
from brought_forward.storage.store import Store

QUOTA = 40
STILL = FAST.model_copy(update={"quota": QUOTA, "window": 600.0})  # one window for the whole test


def taken(pace: Pace, *, kept: int = 0) -> int:
    """Take calls until the window gives none, and count them."""
    count = 0
    while pace.take(kept=kept) == 0:
        count += 1
    return count


def test_reads_for_previews_leave_a_run_three_quarters_of_the_window(tmp_path: Path) -> None:
    store = Store(tmp_path / "balances.db")
    try:
        pace = Pace(store.paces, "us:1", STILL, threading.Event())
        assert pace.take(kept=KEPT) == 0  # a run is under way
        with beside_runs():
            assert taken(pace) == QUOTA // 4
        assert taken(pace, kept=KEPT) == QUOTA - 1 - QUOTA // 4 - KEPT
        with beside_runs():
            assert pace.take() > 0
        assert taken(pace) == KEPT  # look-ups and people's commands have theirs
    finally:
        store.close()


def test_without_a_run_previews_have_the_whole_window(tmp_path: Path) -> None:
    store = Store(tmp_path / "balances.db")
    try:
        pace = Pace(store.paces, "us:1", STILL, threading.Event())
        with beside_runs():
            assert taken(pace) == QUOTA
    finally:
        store.close()


def test_an_undo_is_a_run_too(tmp_path: Path) -> None:
    store = Store(tmp_path / "balances.db")
    try:
        pace = Pace(store.paces, "us:1", STILL, threading.Event())
        pace.wait(run=True)
        with beside_runs():
            assert taken(pace) == QUOTA // 4
    finally:
        store.close()


@pytest.mark.parametrize("date_behind", [0, 1, 3, 30, 120, 3600])
@pytest.mark.parametrize("far", [30, 59, 61, 600])
def test_a_windows_end_is_never_waited_for_longer_than_a_window(tmp_path: Path, date_behind: int, far: int) -> None:
    store = Store(tmp_path / "balances.db")
    try:
        pace = Pace(store.paces, "us:1", FAST.model_copy(update={"window": 60.0}), threading.Event())
        assert pace.take() == 0
        now = time.time()
        headers = {"X-RateLimit-Limit": "50", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(now + far))}
        pace.heard(headers | {"Date": formatdate(now - date_behind, usegmt=True)})
        window = store.paces.last("us:1")
        assert window is not None
        assert 0 < window.ends - now <= 61  # and the moment that the test took
        if date_behind >= 120 and far < 60:  # then our own clock is believed
            assert abs(window.ends - now - far) <= 1
        assert pace.take() > 0
    finally:
        store.close()


def test_files_dropped_while_a_batch_is_posted_do_not_eat_its_share(world: World) -> None:
    limit, window = 16, 2.0
    number = world.preview(world.sheet(48)).id
    world.clio.limit, world.clio.window = limit, window
    world.click(world.slack.manager, "Approve")
    world.slack.wait_for(world.posts)
    first = len(world.clio.calls)
    for place in range(6):
        world.drop(world.sheet(2), name=f"{place}.csv")
    world.slack.wait_for(lambda: world.batch(number).status is BatchStatus.POSTED, timeout=60)
    calls = world.clio.calls[first:]
    windows = sorted({math.floor(one.at / window) for one in calls})[1:-1]
    for one in windows:
        here = [call for call in calls if math.floor(call.at / window) == one and call.status != 429]
        reads = [call for call in here if call.method == "GET"]
        assert len(reads) <= limit // 4 + KEPT, [call.path for call in reads]
    assert len(windows) <= 6  # 48 POSTs, of 16 calls 10 at least
