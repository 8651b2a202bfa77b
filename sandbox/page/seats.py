"""Who sits before each open tab, where they look, and what their page shows already."""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from brought_forward.sandbox.slack import User
from brought_forward.sandbox.slack.records import Block

MOST_SEATS = 64  # tabs that are remembered; an older one is loaded again

Stamp = tuple[Any, ...]  # of a piece of the page: another one means that it must be drawn again


@dataclass(slots=True)
class Seat:
    """One tab: a person, a place and a thread, and what was last drawn there."""

    id: str
    user: User
    place: str  # a channel's id
    tab: str = "messages"  # or home: of the direct conversation with the bot
    thread: str | None = None  # the ts of its first message
    version: int = -1  # of the workspace when it was last drawn
    drawn: dict[str, dict[str, Stamp]] = field(default_factory=dict)  # by region, then by the element's id
    blocks: dict[str, list[Block]] = field(default_factory=dict)  # by ts: what the person still sees
    tables: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)  # by ts and block: sort and page
    toasts: list[str] = field(default_factory=list)  # words that are still to be shown
    calls: int = 0  # of the bot's calls, how many were looked at
    notice: tuple[str, str] = ("", "")  # what Slack says at the foot of a modal, and its id before it
    lock: threading.RLock = field(default_factory=threading.RLock)

    def notice_of(self, view: str) -> str:
        """Return what stands at the foot of a modal."""
        return self.notice[1] if self.notice[0] == view else ""

    def say(self, words: str) -> None:
        """Show words in a corner of the page."""
        with self.lock:
            if words not in self.toasts:
                self.toasts.append(words)


class Seats:
    """All open tabs, the oldest forgotten."""

    def __init__(self) -> None:
        self._seats: OrderedDict[str, Seat] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, user: User, place: str, **more: Any) -> Seat:
        """Give a tab its seat."""
        seat = Seat(secrets.token_urlsafe(9), user, place, **more)
        with self._lock:
            self._seats[seat.id] = seat
            while len(self._seats) > MOST_SEATS:
                self._seats.popitem(last=False)
        return seat

    def find(self, id_: str) -> Seat | None:
        """Find a tab's seat. Returns None where it was forgotten."""
        with self._lock:
            if id_ in self._seats:
                self._seats.move_to_end(id_)
            return self._seats.get(id_)


@dataclass(frozen=True, slots=True)
class Change:
    """What must become of one region of a page: pieces replaced and taken out, then pieces put at its end."""

    replaced: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    whole: bool = False  # the order is no longer the page's: draw all of it again

    def __bool__(self) -> bool:
        return bool(self.replaced or self.gone or self.added or self.whole)


def compare(before: dict[str, Stamp], now: Iterable[tuple[str, Stamp]]) -> Change:
    """Say how a region that was drawn as `before` becomes `now`, by the ids of its elements in their order."""
    after = dict(now)
    kept = [id_ for id_ in before if id_ in after]
    added = [id_ for id_ in after if id_ not in before]
    if list(after) != kept + added:
        return Change(whole=True)
    return Change(
        replaced=tuple(id_ for id_ in kept if before[id_] != after[id_]),
        gone=tuple(id_ for id_ in before if id_ not in after),
        added=tuple(added),
    )
