"""What is owed to each firm, carried out by a run of its own for each firm and kind: no firm waits for another.

One pulse looks at which firms something is due, and begins a run there unless one is alive. A run goes on until nothing
was due for a while, so that a busy firm costs one; a run that finds another's token in the table ends.
"""

import logging
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Protocol

from brought_forward.bot.errors import Stopping
from brought_forward.bot.settings import Timing
from brought_forward.storage.records.duty import DutyKind
from brought_forward.storage.scope import of_firm
from brought_forward.storage.store import Store

log = logging.getLogger(__name__)

Begin = Callable[[DutyKind, str], None]  # begins a run for a kind and a firm, unless one is alive
STUMBLED = 1.0  # seconds before what stumbled is tried again


class Duty(Protocol):
    """Something that is owed to firms again and again."""

    def due(self) -> Collection[str]:
        """Name the firms to which something is due now."""

    def move(self, firm: str) -> bool:
        """Do one thing for a firm. Returns False where nothing was due."""


@dataclass(slots=True)
class _Kept:
    """A kind of duty, and when the pulse looks at it next."""

    duty: Duty
    every: float  # seconds between two looks where nobody asks for one
    look_at: float = 0.0


@dataclass(slots=True)
class _Run:
    """A run of this process."""

    token: str
    woken: threading.Event = field(default_factory=threading.Event)


class Duties:
    """Look at what is due, and carry it out."""

    def __init__(self, store: Store, timing: Timing) -> None:
        self._store = store
        self._timing = timing
        self._kept: dict[DutyKind, _Kept] = {}
        self._runs: dict[tuple[DutyKind, str], _Run] = {}
        self._changed = threading.Condition()
        self._is_open = True

    def add(self, kind: DutyKind, duty: Duty, *, every: float | None = None) -> None:
        """Look after a kind of duty, at each poll or every so many seconds."""
        self._kept[kind] = _Kept(duty, self._timing.poll if every is None else every)

    def wake(self, kind: DutyKind) -> None:
        """Look at once: something new is due."""
        with self._changed:
            if kind in self._kept:
                self._kept[kind].look_at = 0.0
                self._changed.notify_all()

    def wake_all(self) -> None:
        """Look at everything at once."""
        for kind in self._kept:
            self.wake(kind)

    def open(self) -> None:
        """Let runs go on."""
        self._is_open = True

    def close(self) -> None:
        """Let every run end after what it is at, and the pulse too."""
        with self._changed:
            self._is_open = False
            for run in self._runs.values():
                run.woken.set()
            self._changed.notify_all()

    def pulse(self, begin: Begin) -> None:
        """Look at what is due until this is closed."""
        while self._is_open:
            for kind, kept in self._kept.items():
                if self._is_open and time.monotonic() >= kept.look_at:
                    kept.look_at = time.monotonic() + kept.every
                    self._look(kind, kept, begin)
            with self._changed:
                left = min(kept.look_at for kept in self._kept.values()) - time.monotonic()
                if self._is_open and left > 0:
                    self._changed.wait(left)

    def _look(self, kind: DutyKind, kept: _Kept, begin: Begin) -> None:
        """See to it that a run is at work for each firm to which something is due."""
        try:
            due = kept.duty.due()
            gone = self._store.firms.all_gone() if due else set()
            for firm in [one for one in due if one not in gone]:
                with self._changed:
                    run = self._runs.get((kind, firm))
                    if run:
                        run.woken.set()
                if run is None:
                    begin(kind, firm)
        except Exception:
            log.exception("it was not seen to whom %s are due; it is looked at again", kind)
            kept.look_at = time.monotonic() + max(kept.every, STUMBLED)

    def work(self, kind: DutyKind, firm: str, token: str) -> None:
        """Carry out what is due to a firm, until nothing was for a while or another run has taken over."""
        run = _Run(token)
        with self._changed:
            self._runs[kind, firm] = run
        thread = threading.current_thread()
        thread.name, lent = f"brought-forward {kind} of {firm}", thread.name  # for whoever looks at a dump
        try:
            with of_firm(firm):
                while self._goes_on(kind, firm, run):
                    moved = self._moved(kind, firm)
                    if not moved and not run.woken.wait(self._timing.linger) and self._ends(kind, firm, run):
                        return
        finally:
            thread.name = lent
            self._take_off(kind, firm, run)

    def _goes_on(self, kind: DutyKind, firm: str, run: _Run) -> bool:
        """Tell whether this is the run that is to carry it out; being woken from now on counts anew."""
        run.woken.clear()
        return self._is_open and self._store.duties.is_at(kind, firm, run.token)

    def _moved(self, kind: DutyKind, firm: str) -> bool:
        try:
            return self._kept[kind].duty.move(firm)
        except Stopping:  # the bot stops: what is due is due at the next start
            return False
        except Exception:
            log.exception("%s of firm=%s stumbled; they go on", kind, firm)
            with self._changed:
                if self._is_open:
                    self._changed.wait_for(lambda: not self._is_open, STUMBLED)
            return False

    def _ends(self, kind: DutyKind, firm: str, run: _Run) -> bool:
        """Take a run off, unless it was woken in this very moment."""
        with self._changed:
            if run.woken.is_set():
                return False
            self._take_off(kind, firm, run)
            return True

    def _take_off(self, kind: DutyKind, firm: str, run: _Run) -> None:
        """Forget a run that ends, where no other has taken its place."""
        with self._changed:
            if self._runs.get((kind, firm)) is run:
                del self._runs[kind, firm]
