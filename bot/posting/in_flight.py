"""POSTs under way: several at once where Clio's answers take so long that its limit would otherwise be wasted.

One thread decides what is sent, and claims it; a few others only wait for Clio's answers and settle each entry as its
answer comes. None of them outlives a `with InFlight(...)`, whatever ends it.
"""

import queue
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from brought_forward.storage.records.entry import Entry, EntryState

Post = Callable[[], EntryState | None]


@dataclass(frozen=True, slots=True)
class Landed:
    """An entry whose POST is over: its state, or what was raised; no state where somebody else moved it."""

    entry: Entry
    state: EntryState | None = None
    trouble: Exception | None = None


class InFlight:
    """Hold the POSTs that are under way, `most` at once; with 1 there are no threads."""

    def __init__(self, most: int) -> None:
        self._most = most
        # A list: an entry that was planned again may be sent again before its first landing was taken in.
        self._flying: list[Entry] = []
        self._landed: queue.SimpleQueue[Landed] = queue.SimpleQueue()
        self._threads: ThreadPoolExecutor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._threads is not None:
            self._threads.shutdown(wait=True)

    def __len__(self) -> int:
        """Count what is under way, as far as the one who asks has been told."""
        return len(self._flying)

    @property
    def entries(self) -> list[int]:
        """Name the entries under way."""
        return [entry.id for entry in self._flying]

    def send(self, entry: Entry, post: Post, *, alone: bool) -> None:
        """Begin a POST; alone, it is over when this returns."""
        self._flying.append(entry)
        if alone or self._most == 1:
            self._fly(entry, post)
            return
        if self._threads is None:
            self._threads = ThreadPoolExecutor(self._most, "brought-forward post")
        self._threads.submit(copy_context().run, self._fly, entry, post)  # whose work it is, is known there too

    def landed(self, seconds: float) -> list[Landed]:
        """Give what has landed, in the order in which it was settled; wait so long for the first."""
        found: list[Landed] = []
        while self._flying:
            try:
                one = self._landed.get(timeout=0 if found else seconds)
            except queue.Empty:
                break
            self._flying.remove(one.entry)
            found.append(one)
        return found

    def _fly(self, entry: Entry, post: Post) -> None:
        try:
            self._landed.put(Landed(entry, post()))
        except Exception as trouble:  # noqa: BLE001 - it is raised again where runs are moved
            self._landed.put(Landed(entry, trouble=trouble))
