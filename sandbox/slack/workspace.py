"""The state of a pretend Slack workspace, safe to touch from any thread."""

from __future__ import annotations

import copy
import itertools
import mimetypes
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from brought_forward.sandbox.slack.fields import read_values
from brought_forward.sandbox.slack.records import (
    Block,
    Call,
    Channel,
    Delivery,
    Edit,
    File,
    Message,
    Rules,
    Share,
    Trigger,
    User,
    Values,
    View,
)

TEAM, OTHER_TEAM, APP, BOT_ID = "T0WHITMAN1", "T0ELSEWHERE", "A0BALANCES1", "B0BALANCES1"
BOT_USER = "U0BOT00001"
_TEXT_FILES = {"csv", "tsv", "txt"}


class SlackError(Exception):
    """Slack's answer `{"ok": false, "error": ...}`; `extra` is what else stands in it."""

    def __init__(self, error: str, **extra: Any) -> None:
        super().__init__(error)
        self.error = error
        self.extra = extra


class Workspace:
    """Users, channels, messages, files and views. Change them through its methods, which wake whoever waits."""

    def __init__(self, team: str = TEAM, name: str = "Whitman Law", bot_user: str = BOT_USER) -> None:
        self.team = team
        self.name = name
        self.domain = name.lower().replace(" ", "-")
        self.bot_user = bot_user
        self.bot_id = BOT_ID if team == TEAM else f"B{team[1:]}"
        self.tokens: set[str] = set()  # of the bot, that open it now
        self.changed = threading.Condition(threading.RLock())
        self.version = 0  # of the state: grows with each change
        self.rules = Rules()
        self.base_url = ""
        self.calls: list[Call] = []
        self.deliveries: list[Delivery] = []
        self.messages: list[Message] = []
        self.ephemerals: list[Message] = []
        self.files: dict[str, File] = {}
        self.pending: dict[str, File] = {}  # uploads that were announced and not completed
        self.views: dict[str, View] = {}
        self.handles: dict[str, str] = {}  # of user groups, by id
        self.homes: dict[str, str] = {}  # by user: the id of the view in their Home tab
        self.triggers: dict[str, Trigger] = {}
        self.spent: set[str] = set()  # trigger ids that were used
        self.typed: dict[tuple[str, str], Values] = {}  # by user and message: what they chose in it
        self.ahead = 0.0  # seconds by which a test has moved the clock
        self.on_share: Callable[[Message, Channel], None] = lambda message, channel: None
        self._numbers = itertools.count(1)
        self._last_ts = 0
        self._tokens: dict[str, tuple[float, float]] = {}  # channel: messages it may have now, as of when
        people = [
            User("U0STAFF001", "staff", "Sal Romano", team),
            User("U0MANAGER1", "manager", "Joan Harris", team),
            User("U0PARTNER1", "partner", "Roger Sterling", team, is_owner=True),
            User("U0OUTSIDE1", "outsider", "Harry Crane", team),
            User("U0GUEST001", "guest", "Gail Guest", team, is_restricted=True),
            User(bot_user, "balances", "Brought Forward", team, is_bot=True),
            User("U0DELETED1", "gone", "Duck Phillips", team, deleted=True),
            User("U0STRANGER", "stranger", "Ted Chaough", OTHER_TEAM, is_stranger=True),
            User("USLACKBOT", "slackbot", "Slackbot", team),  # of whom Slack says that it is no bot,
        ]
        self.users = {user.id: user for user in people}
        everybody = set(self.users) - {bot_user, "U0DELETED1", "USLACKBOT"}
        with_bot = everybody | {bot_user}
        rooms = [
            Channel("C0BALANCES", "balances", set(with_bot)),
            Channel("C0BILLING1", "billing", set(with_bot)),
            Channel("C0LOBBY001", "lobby", set(everybody)),
        ]
        self.channels = {room.id: room for room in rooms}

    @property
    def bot(self) -> User:
        """Return the bot's own user."""
        return self.users[self.bot_user]

    @contextmanager
    def change(self) -> Iterator[None]:
        """Hold the lock, and wake whoever waits when it is released."""
        with self.changed:
            yield
            self.version += 1
            self.changed.notify_all()

    def wait(self, version: int, seconds: float) -> None:
        """Wait until something changes after `version`, or the time is over."""
        with self.changed:
            if self.version == version:
                self.changed.wait(seconds)

    def number(self, prefix: str) -> str:
        """Make an id as Slack's look."""
        with self.changed:
            return f"{prefix}0{next(self._numbers):08X}"

    def ts(self) -> str:
        """Make a timestamp that no other message has, in microseconds since 1970."""
        with self.changed:
            self._last_ts = max(self._last_ts + 1, time.time_ns() // 1000)
            return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def require(self, scope: str) -> None:
        """Raise SlackError where the bot's token lacks a scope."""
        scopes = self.rules.scopes
        if scope not in scopes:
            raise SlackError("missing_scope", needed=scope, provided=",".join(sorted(scopes)))

    def now(self) -> float:
        """Return the seconds by which triggers and response_urls age."""
        return time.monotonic() + self.ahead

    def trigger(self, user: str, channel: str | None = None, view: str | None = None) -> str:
        """Make a trigger id, which opens one view within three seconds."""
        with self.changed:
            trigger = f"{next(self._numbers)}.{time.time_ns()}.{self.team.lower()}"
            self.triggers[trigger] = Trigger(user, self.now(), channel, view)
            return trigger

    def sees(self, file: File) -> bool:
        """Tell whether the bot may read a file: its own, one given to it, or one in a channel that it is in."""
        bot = self.bot.id
        shared = any(bot in self.channels[share.channel].members for share in file.shares)
        return file.user == bot or file.is_handed_over or shared

    def dm(self, user: str) -> Channel:
        """Return the direct conversation of a user with the bot."""
        with self.changed:
            if user not in self.users:
                raise SlackError("user_not_found")
            id_ = "D0" + user[2:]
            return self.channels.setdefault(id_, Channel(id_, user, {user, self.bot.id}, is_im=True))

    def channel(self, name: str) -> Channel:
        """Find a channel by id or name; a user's id is the direct conversation with them."""
        with self.changed:
            if name in self.users:
                return self.dm(name)
            for room in self.channels.values():
                if name in {room.id, room.name, f"#{room.name}"}:
                    return room
            if name.startswith("D0") and "U0" + name[2:] in self.users:
                return self.dm("U0" + name[2:])
            raise SlackError("channel_not_found")

    def writable(self, name: str) -> Channel:
        """Find a channel that the bot may write to."""
        room = self.channel(name)
        if self.bot.id not in room.members:
            raise SlackError("not_in_channel")
        if room.is_archived:
            raise SlackError("is_archived")
        return room

    def find(self, channel: str, ts: str) -> Message | None:
        """Return the message itself, not a copy: hold the lock."""
        return next((m for m in self.messages if m.channel == channel and m.ts == ts), None)

    def root(self, channel: str, ts: str | None) -> str | None:
        """Return the ts of the thread that a reply to `ts` belongs to.

        None where there is no such message, or no more: Slack then takes the reply for a message to the channel
        itself, says ok, and leaves `thread_ts` out of its answer.
        """
        parent = self.find(channel, ts) if ts is not None else None
        return None if parent is None else parent.thread_ts or parent.ts

    def post(self, message: Message) -> Message:
        """Keep a message, among the ephemeral ones if it is for one person."""
        with self.change():
            message.blocks = self.with_ids(message.blocks)
            (self.ephemerals if message.ephemeral_to else self.messages).append(message)
        return message

    def edit(self, message: Message, text: str | None, blocks: list[Block] | None) -> None:
        """Change a message and keep what it said; None leaves a part as it was."""
        with self.change():
            edited = self.ts()
            message.edits.append(Edit(message.text, message.blocks, edited))
            message.text = message.text if text is None else text
            message.blocks = message.blocks if blocks is None else self.with_ids(blocks)
            message.edited_ts = edited

    def remove(self, message: Message) -> None:
        """Forget a message; one with replies leaves a mark in its place as long as they stand, and keeps its thread."""
        with self.change():
            if message in self.ephemerals:
                self.ephemerals.remove(message)
            elif any(one.thread_ts == message.ts and one is not message for one in self.messages):
                message.user, message.text, message.is_tombstone = "USLACKBOT", "This message was deleted.", True
                message.blocks, message.files = [], []
            elif message in self.messages:
                self.messages.remove(message)
                parent = self.find(message.channel, message.thread_ts or "")
                if parent is not None and parent.is_tombstone:
                    self.remove(parent)

    def with_ids(self, blocks: list[Block]) -> list[Block]:
        """Give every block and element an id, as Slack does where the sender gave none."""
        blocks = copy.deepcopy(blocks)
        for block in blocks:
            block.setdefault("block_id", self.number("b"))
            parts = [*block.get("elements", []), block.get("accessory"), block.get("element")]
            for part in parts if block["type"] != "rich_text" else []:
                if isinstance(part, dict) and part.get("type") not in {None, "image", "mrkdwn", "plain_text"}:
                    part.setdefault("action_id", self.number("a"))
            if "child_blocks" in block:
                block["child_blocks"] = self.with_ids(block["child_blocks"])
        return blocks

    def values(self, where: Message | View, user: str = "") -> Values:
        """Return what a person sees in the fields of a message or view."""
        with self.changed:
            if isinstance(where, View):
                return copy.deepcopy(read_values(where.payload["blocks"], where.values, where.channel))
            return copy.deepcopy(read_values(where.blocks, self.typed.get((user, where.ts), {}), where.channel))

    def new_file(self, user: str, name: str, data: bytes, mode: str | None = None) -> File:
        """Make a file; text such as CSV becomes an editable snippet, as in Slack."""
        ending = name.rpartition(".")[2].lower() if "." in name else "binary"
        guessed = mode or ("snippet" if ending in _TEXT_FILES else "hosted")
        mimetype = "application/vnd.slack-remote" if guessed == "external" else mimetypes.guess_type(name)[0]
        kind = "text" if ending == "txt" else ending
        return File(
            self.number("F"),
            name,
            user,
            data,
            int(time.time()),
            guessed,
            mimetype or "application/octet-stream",
            kind,
            name,
        )

    def share(self, files: list[File], message: Message) -> Message:
        """Post a message with files, and tell the bot."""
        with self.change():
            message.files = files
            for file in files:
                self.files[file.id] = file
                file.shares.append(Share(message.channel, message.ts, message.thread_ts))
            self.post(message)
        self.on_share(message, self.channels[message.channel])
        return message

    def take_turn(self, channel: str) -> float:
        """Count one message against the channel's rate; return the seconds to wait, 0 when it may go."""
        rate = self.rules.messages_a_second
        if rate is None:
            return 0.0
        with self.changed:
            now = time.monotonic()
            left, then = self._tokens.get(channel, (float(self.rules.burst), now))
            left = min(float(self.rules.burst), left + (now - then) * rate)
            if left < 1:
                self._tokens[channel] = (left, now)
                return (1 - left) / rate
            self._tokens[channel] = (left - 1, now)
            return 0.0
