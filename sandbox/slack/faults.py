"""What can go wrong on the way to Slack, on demand."""

from __future__ import annotations

import random
import threading
from collections import Counter
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

ABOUT_BLOCKS = {"invalid_blocks", "msg_blocks_too_long"}


@dataclass(slots=True)
class Fault:
    """One kind of trouble for one method.

    `kind` is http_403, http_429, http_500, http_503, reset_before (cut, nothing done), reset_after (done, then cut),
    slow (`seconds` before it is done), no_shares (of files.info), ratelimited (HTTP 429, `seconds` to wait), or the
    name of a Slack error. A call without blocks is never met by an error about blocks.
    """

    method: str  # "*" stands for any text: "chat.*"
    kind: str
    times: int | None  # None: until it is taken away
    seconds: float
    every: int = 1  # which of the matching calls are met: each, each second
    chance: float | None = None  # of each call of the method
    dice: random.Random = field(default_factory=random.Random)
    seen: int = 0

    def meets(self, method: str, *, has_blocks: bool) -> bool:
        """Count a call and say whether it is met."""
        if not fnmatchcase(method, self.method) or (self.kind in ABOUT_BLOCKS and not has_blocks):
            return False
        self.seen += 1
        if self.chance is not None and self.dice.random() >= self.chance:
            return False
        return self.seen % self.every == 0


class Faults:
    """Troubles that wait for their call; each is used up by it.

    One stands until it is taken away: the Date of every answer is `date_behind` seconds behind the real clock.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Fault] = []
        self.is_down = False
        self.date_behind = 0.0
        self.served: Counter[str] = Counter()

    def add(
        self,
        method: str,
        kind: str,
        *,
        times: int | None = 1,
        seconds: float = 1.0,
        every: int = 1,
        chance: float | None = None,
        seed: int = 0,
    ) -> Fault:
        """Make the next `times` calls of a method go wrong, None for all of them, or `every` second one.

        "*" is any method. With a `chance` it meets calls by lot, and `seed` makes that the same each time.
        """
        fault = Fault(method, kind, times, seconds, every, chance, random.Random(seed))
        with self._lock:
            self._waiting.append(fault)
        return fault

    def remove(self, fault: Fault) -> None:
        """Take one trouble away, if it still waits."""
        with self._lock:
            self._waiting = [one for one in self._waiting if one is not fault]

    def clear(self) -> None:
        """Forget all troubles that have not come yet."""
        with self._lock:
            self._waiting.clear()
            self.date_behind = 0.0

    def take(self, method: str, *, has_blocks: bool = False) -> Fault | None:
        """Use up the oldest trouble that waits for this method."""
        with self._lock:
            for fault in self._waiting:
                if not fault.meets(method, has_blocks=has_blocks):
                    continue
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times <= 0:
                        self._waiting.remove(fault)
                self.served[fault.kind] += 1
                return fault
        return None
