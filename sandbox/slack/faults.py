"""What can go wrong on the way to Slack, on demand."""

from __future__ import annotations

import threading
from dataclasses import dataclass


@dataclass(slots=True)
class Fault:
    """One kind of trouble for one method.

    `kind` is http_500, reset_before (cut, nothing done), reset_after (done, then cut), slow (`seconds` before it is
    done), no_shares (of files.info), ratelimited (HTTP 429, `seconds` to wait), or the name of a Slack error.
    """

    method: str
    kind: str
    times: int
    seconds: float


class Faults:
    """Troubles that wait for their call; each is used up by it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Fault] = []
        self.is_down = False

    def add(self, method: str, kind: str, *, times: int = 1, seconds: float = 1.0) -> None:
        """Make the next `times` calls of a method go wrong; "*" is any method."""
        with self._lock:
            self._waiting.append(Fault(method, kind, times, seconds))

    def clear(self) -> None:
        """Forget all troubles that have not come yet."""
        with self._lock:
            self._waiting.clear()

    def take(self, method: str) -> Fault | None:
        """Use up the oldest trouble that waits for this method."""
        with self._lock:
            for fault in self._waiting:
                if fault.method in {method, "*"}:
                    fault.times -= 1
                    if fault.times <= 0:
                        self._waiting.remove(fault)
                    return fault
        return None
