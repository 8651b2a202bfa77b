"""What the threads of this process are at work on, as the engine names it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Hands:
    """The runs that threads of this process are at work on; once the engine stops, no other begins."""

    def __init__(self) -> None:
        self._names: set[str] = set()
        self._changed = threading.Condition()
        self._is_open = True

    @property
    def names(self) -> set[str]:
        """Name them as the engine does."""
        with self._changed:
            return set(self._names)

    def open(self) -> None:
        """Let runs begin."""
        self._is_open = True

    def close(self, timeout: float) -> None:
        """Let none begin any more, and wait some seconds for those under way: what they write to is closed next."""
        with self._changed:
            self._is_open = False
            self._changed.wait_for(lambda: not self._names, timeout)

    @contextmanager
    def at(self, name: str) -> Iterator[bool]:
        """Be at work on a run. Gives False where the engine stops."""
        with self._changed:
            begins = self._is_open
            if begins:
                self._names.add(name)
        try:
            yield begins
        finally:
            with self._changed:
                self._names.discard(name)
                self._changed.notify_all()
