"""The pretend Slack as a whole: start it, point a bot at it, be its people."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from typing import Any

from brought_forward.sandbox.serving import Server
from brought_forward.sandbox.slack import words
from brought_forward.sandbox.slack.delivery import Line
from brought_forward.sandbox.slack.faults import Faults
from brought_forward.sandbox.slack.interactions import Interactions
from brought_forward.sandbox.slack.records import (
    Answer,
    Block,
    Call,
    Channel,
    Click,
    Delivery,
    File,
    Message,
    Person,
    Place,
    Rules,
    User,
    View,
)
from brought_forward.sandbox.slack.server import create_app
from brought_forward.sandbox.slack.workspace import Workspace


class SlackSandbox:
    """A Slack workspace on loopback.

    Give the bot `api_url` as its base_url, `bot_token` and `signing_secret`, and set `events_url` to the address where
    the bot listens. People are `staff`, `manager`, `partner`, `outsider`, `guest`, `deleted` and `stranger`; channels
    are `balances` and `billing` (the bot is in them) and `lobby` (it is not). An id will do for a person or channel, a
    name for a channel; a person as a channel is the direct conversation with the bot. Messages, files and views are
    returned as copies, which stay as they were.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        bot_token: str = "xoxb-sandbox",  # noqa: S107 (a pretend one)
        signing_secret: str = "sandbox-secret",  # noqa: S107
        events_url: str | None = None,
    ) -> None:
        self.bot_token = bot_token
        self.signing_secret = signing_secret
        self.workspace = Workspace()
        self.faults = Faults()
        self._line = Line(self.workspace, signing_secret)
        self._line.url = events_url
        self._people = Interactions(self.workspace, self._line)
        self._server = Server(create_app(self.workspace, self.faults, self._people.urls, bot_token), port)
        self.workspace.on_share = self._line.announce
        by_name = {user.name: user for user in self.workspace.users.values()}
        self.staff, self.manager, self.partner = by_name["staff"], by_name["manager"], by_name["partner"]
        self.outsider, self.guest, self.stranger = by_name["outsider"], by_name["guest"], by_name["stranger"]
        self.deleted, self.bot = by_name["gone"], self.workspace.bot
        rooms = {room.name: room for room in self.workspace.channels.values()}
        self.balances, self.billing, self.lobby = rooms["balances"], rooms["billing"], rooms["lobby"]

    def start(self) -> SlackSandbox:
        """Serve until `stop`."""
        self._line.start()
        self._server.start()
        self.workspace.base_url = self._server.url
        return self

    def stop(self) -> None:
        """End the server and all pending retries."""
        self._line.stop()
        self._server.stop()

    def __enter__(self) -> SlackSandbox:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def api_url(self) -> str:
        """Name the base of the Web API."""
        return f"{self._server.url}/api/"

    @property
    def events_url(self) -> str | None:
        """Name where the bot listens; None sends nothing."""
        return self._line.url

    @events_url.setter
    def events_url(self, url: str | None) -> None:
        self._line.url = url

    @property
    def rules(self) -> Rules:
        """Return what can be set: subscriptions, times, rates, scopes, user groups."""
        return self.workspace.rules

    @property
    def calls(self) -> list[Call]:
        """List what the bot asked so far."""
        with self.workspace.changed:
            return list(self.workspace.calls)

    @property
    def deliveries(self) -> list[Delivery]:
        """List each attempt to hand the bot something."""
        with self.workspace.changed:
            return list(self.workspace.deliveries)

    def upload(
        self,
        user: Person,
        channel: Place,
        name: str,
        data: bytes,
        *,
        comment: str = "",
        thread_ts: str | None = None,
        mode: str | None = None,
    ) -> File:
        """Drop a file into a channel; `mode` external makes it a link to another host."""
        return self.upload_together(user, channel, {name: data}, comment=comment, thread_ts=thread_ts, mode=mode)[0]

    def upload_together(
        self,
        user: Person,
        channel: Place,
        files: dict[str, bytes],
        *,
        comment: str = "",
        thread_ts: str | None = None,
        mode: str | None = None,
    ) -> list[File]:
        """Drop several files in one message."""
        made = [self.workspace.new_file(_id(user), name, data, mode) for name, data in files.items()]
        self._share(made, user, channel, comment, thread_ts)
        return copy.deepcopy(made)

    def share(self, user: Person, file: File | str, channel: Place, *, thread_ts: str | None = None) -> Message:
        """Share a file once more, on purpose."""
        return copy.deepcopy(self._share([self.workspace.files[_id(file)]], user, channel, "", thread_ts))

    def _share(self, files: list[File], user: Person, channel: Place, comment: str, thread_ts: str | None) -> Message:
        room = self.workspace.channel(_id(channel))
        with self.workspace.changed:
            thread = self.workspace.root(room.id, thread_ts)
            message = Message(room.id, self.workspace.ts(), _id(user), comment, thread_ts=thread)
        return self.workspace.share(files, message)

    def tombstone(self, file: File | str) -> None:
        """Delete a file; its message keeps a mark where it was."""
        with self.workspace.change():
            self.workspace.files[_id(file)].mode = "tombstone"

    def say(self, user: Person, channel: Place, text: str, *, thread_ts: str | None = None) -> Message:
        """Write a message as a person."""
        room = self.workspace.channel(_id(channel))
        message = Message(room.id, self.workspace.ts(), _id(user), text, thread_ts=thread_ts)
        return copy.deepcopy(self.workspace.post(message))

    def messages(self, channel: Place) -> list[Message]:
        """List all messages of a channel, replies too, oldest first."""
        room = self.workspace.channel(_id(channel))
        with self.workspace.changed:
            return copy.deepcopy([m for m in self.workspace.messages if m.channel == room.id])

    def thread(self, channel: Place, ts: str) -> list[Message]:
        """List a thread: its first message and the replies."""
        return [m for m in self.messages(channel) if ts in {m.ts, m.thread_ts}]

    def ephemerals(self, user: Person) -> list[Message]:
        """List what only this person can see."""
        with self.workspace.changed:
            return copy.deepcopy([m for m in self.workspace.ephemerals if m.ephemeral_to == _id(user)])

    def views(self, user: Person) -> list[View]:
        """List the modals that a person has open, the newest last."""
        with self.workspace.changed:
            return copy.deepcopy([v for v in self.workspace.views.values() if v.user == _id(user) and v.is_open])

    def name(self, id_: str) -> str:
        """Return the name that stands for an id; the id itself if there is none."""
        if id_ in self.workspace.users:
            return self.workspace.users[id_].name
        return self.workspace.channels[id_].name if id_ in self.workspace.channels else id_

    def plain(self, message: Message) -> str:
        """Return all words of a message as a person reads them."""
        return words.plain(message, self.name)

    def wait_for(self, predicate: Callable[[], Any], timeout: float = 10.0) -> Any:
        """Wait until `predicate()` is true and return what it gave; it is asked again after each change.

        A TimeoutError shows the last thread as text.
        """
        end = time.monotonic() + timeout
        while True:
            version = self.workspace.version
            if found := predicate():  # outside the lock: it may call the bot, which calls back
                return found
            left = end - time.monotonic()
            if left <= 0:
                raise TimeoutError(f"Nothing of that kind within {timeout:g} seconds. {self._last_thread()}")
            self.workspace.wait(version, min(left, 0.05))  # no longer: it may look at more than Slack

    def _last_thread(self) -> str:
        if not self.workspace.messages:
            return "There are no messages."
        last = self.workspace.messages[-1]
        thread = self.thread(last.channel, last.thread_ts or last.ts)
        return f"The last thread says:\n{words.transcript(thread, self.name)}"

    def click(
        self,
        user: Person,
        what: str,
        message: Message | View | str | None = None,
        *,
        snapshot: list[Block] | None = None,
        state: dict[str, Any] | None = None,
    ) -> Click:
        """Press the button whose label begins with `what`, or whose action_id it is.

        `message` is a message, its ts, or a view; None is the newest message with such a button that the person can
        see. `snapshot` is the blocks that the person still has on the screen. Raises LookupError if there is no such
        button.
        """
        where = self._people.locate(self._user(user), what, message)
        return self._people.press(self._user(user), what, where, snapshot=snapshot, chosen={}, state=state or {})

    def choose(self, user: Person, action_id: str, value: str, message: Message | View | str) -> Click:
        """Choose an option of a menu by its value, or a date."""
        where = self._people.locate(self._user(user), action_id, message)
        return self._people.choose(self._user(user), action_id, value, where)

    def suggest(self, user: Person, action_id: str, typed: str, where: Message | View | str) -> Answer:
        """Type into an external_select and return what the bot offers."""
        found = self._people.locate(self._user(user), action_id, where)
        return self._people.suggest(self._user(user), action_id, typed, found)

    def submit(self, user: Person, view: View, values: dict[str, Any]) -> Answer:
        """Send a modal; `values` is its state by block_id and action_id."""
        return self._people.submit(self._user(user), self.workspace.views[view.id], values)

    def command(self, user: Person, text: str, channel: Place = "balances", *, name: str = "/balances") -> Answer:
        """Type a slash command."""
        return self._people.command(self._user(user), text, _id(channel), name)

    def redeliver(self, event_id: str) -> int | None:
        """Send an event once more; return the bot's HTTP status."""
        return self._line.redeliver(event_id).status

    def _user(self, user: Person) -> User:
        return self.workspace.users[_id(user)]

    def down(self) -> None:
        """Cut every request of the bot until `up`."""
        self.faults.is_down = True

    def up(self) -> None:
        """Answer again."""
        self.faults.is_down = False

    def archive(self, channel: Place) -> None:
        """Archive a channel."""
        with self.workspace.change():
            self.workspace.channel(_id(channel)).is_archived = True

    def remove_bot(self, channel: Place) -> None:
        """Take the bot out of a channel."""
        with self.workspace.change():
            self.workspace.channel(_id(channel)).members.discard(self.bot.id)

    def invite_bot(self, channel: Place) -> None:
        """Bring the bot into a channel."""
        with self.workspace.change():
            self.workspace.channel(_id(channel)).members.add(self.bot.id)

    def delete_message(self, ts: str) -> None:
        """Delete a message, as an administrator can."""
        with self.workspace.changed:
            self.workspace.remove(next(m for m in self.workspace.messages if m.ts == ts))


def _id(thing: User | Channel | File | str) -> str:
    return thing if isinstance(thing, str) else thing.id
