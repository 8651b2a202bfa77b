"""Clio's fixed windows, from the list of calls that came to it."""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from brought_forward.sandbox.clio import Call
from proofs.stage import ENTRY


@dataclass(slots=True)
class Window:
    """What came to Clio in one window."""

    start: float  # unix seconds
    calls: int = 0
    posts: int = 0
    refused: int = 0  # 429


def windows_of(calls: Sequence[Call], seconds: float) -> list[Window]:
    """Count calls by window, in order."""
    found: dict[float, Window] = {}
    for call in calls:
        start = math.floor(call.at / seconds) * seconds
        window = found.setdefault(start, Window(start))
        window.calls += 1
        window.posts += is_post(call)
        window.refused += call.status == 429
    return [found[start] for start in sorted(found)]


def is_post(call: Call) -> bool:
    """Say whether a call creates a time entry."""
    return call.method == "POST" and call.path == ENTRY


def least(calls: Sequence[Call], limit: int, seconds: float) -> float:
    """Say how long the windows make the POSTs take at the least, were each of them and all else instant.

    From the first POST: what its window still had for it, then `limit` in each, the last ones at the start of theirs.
    """
    posts = [call.at for call in calls if is_post(call)]
    start = math.floor(posts[0] / seconds) * seconds
    free = limit - sum(start <= call.at < posts[0] for call in calls)
    more = math.ceil(max(len(posts) - free, 0) / limit)
    return start + more * seconds - posts[0] if more else 0.0


def by_path(calls: Sequence[Call]) -> list[tuple[int, str, str]]:
    """Count calls by method and path, most first."""
    counted: dict[tuple[str, str], int] = defaultdict(int)
    for call in calls:
        counted[call.method, call.path] += 1
    return sorted(((count, *names) for names, count in counted.items()), reverse=True)
