"""Every connection to SQLite that a module's tests open is closed by the module's end, or its last test fails.

Python warns of one that nobody closed when it happens to collect it, from 3.13 on, and in whatever test runs just then.
Here each is kept until it is closed, so nothing hangs on chance or on the version.
"""

import os
import sqlite3
import sqlite3.dbapi2
import threading
import time
import traceback
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

PATIENCE = 5.0  # seconds: a thread that is just ending closes its own
DEEP = 12  # calls that are told of

_connect = sqlite3.connect
_open: dict[int, tuple[sqlite3.Connection, str]] = {}


class Watched(sqlite3.Connection):
    """A connection that is known of until it is closed."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        calls = "".join(traceback.format_stack(limit=DEEP)[:-2])
        _open[id(self)] = self, f"{given[0]}, opened in {os.environ.get('PYTEST_CURRENT_TEST', 'no test')} by\n{calls}"

    def close(self) -> None:
        super().close()
        _open.pop(id(self), None)


def opened(file: Path) -> int:
    """Count the connections of this process to a file."""
    return sum(told.startswith(f"{file},") for _, told in list(_open.values()))


def _watched(*given: Any, **named: Any) -> sqlite3.Connection:
    return _connect(*given, **({"factory": Watched} | named))


sqlite3.connect = sqlite3.dbapi2.connect = _watched  # type: ignore[assignment]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Generator[None]:
    """Look once what the module's tests share is gone too."""
    yield
    if nextitem is not None and nextitem.path == item.path:
        return
    end = time.monotonic() + PATIENCE
    while _open and threading.active_count() > 1 and time.monotonic() < end:
        time.sleep(0.02)
    left = [told for _, told in _open.values()]
    _open.clear()
    if left:
        pytest.fail(f"Connections to SQLite that nobody closed: {len(left)}\n\n" + "\n".join(left), pytrace=False)
