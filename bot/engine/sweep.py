"""Each minute or so: what should be moving and is not."""

import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence

from brought_forward.storage.records.batch import RunKind

log = logging.getLogger(__name__)


class Sweep:
    """A worker that starts what should be moving, and what runs ask for: a run cannot start another from inside."""

    def __init__(self, stopping: threading.Event, every: float) -> None:
        self._stopping = stopping
        self._every = every
        self._asked: queue.SimpleQueue[tuple[RunKind, int] | None] = queue.SimpleQueue()

    def ask(self, kind: RunKind, batch: int) -> None:
        """Ask for a run."""
        self._asked.put((kind, batch))

    def wake(self) -> None:
        """Look at once whether the bot stops."""
        self._asked.put(None)

    def run(self, start: Callable[[RunKind, int], None], parts: Sequence[Callable[[], None]]) -> None:
        """Start the runs that are asked for, and do each part every so many seconds, until the bot stops."""
        due = 0.0
        while not self._stopping.is_set():
            try:
                if time.monotonic() >= due:
                    due = time.monotonic() + self._every
                    _each(parts)
                asked = self._asked.get(timeout=max(due - time.monotonic(), 0.0))
                if asked:
                    start(*asked)
            except queue.Empty:
                continue
            except Exception:
                log.exception("the sweep stumbled; it goes on")


def _each(parts: Sequence[Callable[[], None]]) -> None:
    """Do each part; one that stumbles takes no other with it."""
    for part in parts:
        try:
            part()
        except Exception:
            log.exception("a part of the sweep stumbled; it comes again")
