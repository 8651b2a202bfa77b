"""What one person sees of the workspace: read once under its lock, drawn outside of it."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from brought_forward.sandbox.page.seats import Seat, Stamp
from brought_forward.sandbox.slack import Channel, Message, User, View
from brought_forward.sandbox.slack.workspace import Workspace

TOGETHER = 300  # seconds within which messages of one person stand under one name


@dataclass(frozen=True, slots=True)
class Replies:
    """The line below a message that has a thread."""

    count: int
    people: tuple[User, ...]
    newest: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A message as it stands on the page; `id` is its element's."""

    id: str
    message: Message
    author: User
    at: datetime
    first: bool  # its name and picture stand above; else it goes on from the one before
    day: str  # the day that begins with it, else empty
    replies: Replies | None = None

    @property
    def stamp(self) -> Stamp:
        """Tell by a value whether it must be drawn again."""
        one = self.message
        files = tuple((file.id, file.mode) for file in one.files)
        return (one.edited_ts, len(one.edits), id(one.blocks), self.first, self.day, files, self.replies)


@dataclass(frozen=True, slots=True)
class Room:
    """A channel in the list, or the direct conversation with the bot."""

    channel: Channel
    unread: int


@dataclass(frozen=True, slots=True)
class Sight:
    """All that the Slack window shows to one seat."""

    version: int
    rooms: tuple[Room, ...]
    messages: tuple[Shown, ...]
    thread: tuple[Shown, ...]
    modal: View | None
    home: View | None
    under: int = 0  # modals below the one that is shown
    stamps: dict[str, list[tuple[str, Stamp]]] = field(default_factory=dict)  # of each region


def element_id(prefix: str, ts: str) -> str:
    """Name a message's element on the page."""
    return f"{prefix}-{ts.replace('.', '-')}"


def look(workspace: Workspace, seat: Seat, read: dict[tuple[str, str], str]) -> Sight:
    """Read what a seat sees; `read` holds by person and channel the ts up to which they saw all."""
    with workspace.changed:
        user = workspace.users[seat.user.id]
        every = [copy.copy(one) for one in workspace.messages]
        mine = [copy.copy(one) for one in workspace.ephemerals if one.ephemeral_to == user.id]
        rooms = [room for room in workspace.channels.values() if not room.is_im and user.id in room.members]
        rooms.append(workspace.dm(user.id))
        views = [view for view in workspace.views.values() if view.user == user.id and view.is_open]
        views = [copy.copy(view) for view in views if view.payload["type"] == "modal"]
        home = copy.copy(workspace.views.get(workspace.homes.get(user.id, "")))
        users, version = dict(workspace.users), workspace.version
    here = sorted((one for one in [*every, *mine] if one.channel == seat.place), key=lambda one: one.ts)
    if here:
        read[user.id, seat.place] = here[-1].ts
    return Sight(
        version,
        tuple(Room(room, _unread(every, user, room, read)) for room in rooms),
        tuple(_show("c", [one for one in here if one.thread_ts in {None, one.ts}], users, user, here)),
        tuple(_show("t", [one for one in here if seat.thread in {one.ts, one.thread_ts}], users, user))
        if seat.thread
        else (),
        views[-1] if views else None,
        home,
        len(views) - 1,
    )


def _unread(every: list[Message], user: User, room: Channel, read: dict[tuple[str, str], str]) -> int:
    seen = read.setdefault((user.id, room.id), "")
    new = [one for one in every if one.channel == room.id and one.ts > seen and one.user != user.id]
    return sum(one.thread_ts in {None, one.ts} for one in new)


def _show(
    prefix: str, messages: list[Message], users: dict[str, User], viewer: User, all_here: list[Message] | None = None
) -> Iterator[Shown]:
    zone = ZoneInfo(viewer.tz)
    before: Message | None = None
    day = ""
    replies: dict[str, list[Message]] = {}
    for one in all_here or []:
        if one.thread_ts and one.thread_ts != one.ts and one.ephemeral_to is None:
            replies.setdefault(one.thread_ts, []).append(one)
    for one in messages:
        at = datetime.fromtimestamp(float(one.ts), zone)
        today = f"{at:%A, %B %-d}"
        first = (
            before is None
            or before.user != one.user
            or bool(before.ephemeral_to) != bool(one.ephemeral_to)
            or float(one.ts) - float(before.ts) > TOGETHER
            or today != day
        )
        new_day = today if today != day and all_here is not None else ""
        yield Shown(
            element_id(prefix, one.ts), one, users[one.user], at, first, new_day,
            _sum_up(replies.get(one.ts, []), users),
        )  # fmt: skip
        before, day = one, today


def _sum_up(replies: list[Message], users: dict[str, User]) -> Replies | None:
    if not replies:
        return None
    people = tuple(users[id_] for id_ in dict.fromkeys(one.user for one in replies))
    return Replies(len(replies), people, replies[-1].ts)
