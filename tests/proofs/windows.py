"""Clio's fixed windows, from the list of calls that came to it."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from brought_forward.sandbox.clio import Call

ENTRY = "/activities.json"


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


def least(calls: Sequence[Call], grants: Callable[[float], int], seconds: float, latency: float = 0.0) -> float:
    """Say how long the windows make the POSTs take at the least, from the first to the last that comes to Clio.

    The first goes alone, so the second comes a latency later; then as many as are left in that window, and what
    `grants` says of each window after it, by the unix second of its start. Where the last window has two of one matter,
    the second of these comes a latency after the first.
    """
    posts = [call.at for call in calls if is_post(call)]
    second = posts[0] + latency
    start = math.floor(second / seconds) * seconds
    left = len(posts) - 1 - (grants(start) - sum(start <= call.at <= posts[0] for call in calls))
    if left <= 0:
        return latency
    while left > 0:
        start, last = start + seconds, left
        left -= grants(start)
    pairs = [(call.data or {})["matter"]["id"] for call in calls if is_post(call)][-last:]
    return start - posts[0] + (latency if len(set(pairs)) < len(pairs) else 0.0)


def most_at_once(calls: Sequence[Call]) -> int:
    """Count the calls that were under way at once, at most."""
    changes = [(call.at, 1) for call in calls] + [(call.done_at or math.inf, -1) for call in calls]
    under_way = most = 0
    for _, change in sorted(changes):  # one that ended in the moment when another began was over before it
        under_way += change
        most = max(most, under_way)
    return most


def most_for_one_matter(calls: Iterable[Call]) -> int:
    """Count the POSTs that were under way at once for one matter, at most."""
    by_matter: dict[int, list[Call]] = defaultdict(list)
    for call in calls:
        if is_post(call):
            by_matter[(call.data or {})["matter"]["id"]].append(call)
    return max((most_at_once(some) for some in by_matter.values()), default=0)


def by_path(calls: Sequence[Call]) -> list[tuple[int, str, str]]:
    """Count calls by method and path, most first."""
    counted: dict[tuple[str, str], int] = defaultdict(int)
    for call in calls:
        counted[call.method, call.path] += 1
    return sorted(((count, *names) for names, count in counted.items()), reverse=True)
