"""What can go wrong on the way to Slack, on demand."""

from __future__ import annotations

import random
import threading
from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Fault:
    """One kind of trouble for one method.

    `kind` is http_500, http_503, reset_before (cut, nothing done), reset_after (done, then cut), slow (`seconds`
    before it is done), no_shares (of files.info), ratelimited (HTTP 429, `seconds` to wait), or the name of a Slack
    error.
    """

    method: str
    kind: str
    times: int | None  # None: for ever
    seconds: float
    chance: float | None = None  # of each call of the method
    dice: random.Random = field(default_factory=random.Random)


class Faults:
    """Troubles that wait for their call; each is used up by it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Fault] = []
        self.is_down = False
        self.served: Counter[str] = Counter()

    def add(
        self,
        method: str,
        kind: str,
        *,
        times: int | None = 1,
        seconds: float = 1.0,
        chance: float | None = None,
        seed: int = 0,
    ) -> None:
        """Make the next `times` calls of a method go wrong, None for all of them; "*" is any method.

        With a `chance` it meets calls by lot, and `seed` makes that the same each time.
        """
        with self._lock:
            self._waiting.append(Fault(method, kind, times, seconds, chance, random.Random(seed)))

    def clear(self) -> None:
        """Forget all troubles that have not come yet."""
        with self._lock:
            self._waiting.clear()

    def take(self, method: str) -> Fault | None:
        """Use up the oldest trouble that waits for this method."""
        with self._lock:
            for fault in self._waiting:
                if fault.method not in {method, "*"}:
                    continue
                if fault.chance is not None and fault.dice.random() >= fault.chance:
                    continue
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times <= 0:
                        self._waiting.remove(fault)
                self.served[fault.kind] += 1
                return fault
        return None
