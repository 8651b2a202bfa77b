"""The pretend Slack as a whole: start it, point a bot at it, be its people."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from brought_forward.sandbox.serving import Server
from brought_forward.sandbox.slack import words
from brought_forward.sandbox.slack.blocks.blocks import check_blocks
from brought_forward.sandbox.slack.delivery import Line
from brought_forward.sandbox.slack.faults import Faults
from brought_forward.sandbox.slack.people.hands import Hands, id_of
from brought_forward.sandbox.slack.people.payloads import Payloads
from brought_forward.sandbox.slack.records import (
    Block,
    Call,
    Delivery,
    File,
    Message,
    Person,
    Place,
    Rules,
    View,
)
from brought_forward.sandbox.slack.request_url import RequestUrl
from brought_forward.sandbox.slack.server import create_app
from brought_forward.sandbox.slack.sockets import Sockets
from brought_forward.sandbox.slack.town import Town
from brought_forward.sandbox.slack.workspace import Workspace

LOOKS = 0.1  # seconds at most between two looks of who waits: it may look at more than Slack


class SlackSandbox(Hands, Town):
    """A Slack workspace on loopback.

    Give the bot `api_url` as its base_url, `bot_token` and `signing_secret`, and set `events_url` to the address where
    the bot listens; with `app_token` and `rules.socket_mode` it opens `sockets`. People are `staff`, `manager`,
    `partner`, `outsider`, `guest`, `deleted` and `stranger`; channels are `balances` and `billing` (the bot is in them)
    and `lobby` (it is not). An id will do for a person or channel, a name for a channel; a person as a channel is the
    direct conversation with the bot. Messages, files and views are returned as copies, which stay as they were.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        bot_token: str = "xoxb-sandbox",  # noqa: S107 (a pretend one)
        signing_secret: str = "sandbox-secret",  # noqa: S107
        app_token: str = "xapp-sandbox",  # noqa: S107
        events_url: str | None = None,
        workspace: Workspace | None = None,
        served_at: str | None = None,
    ) -> None:
        """Make it; `workspace` and `served_at` are for one of several, which `SlackApp` serves at its own address."""
        self.bot_token = bot_token
        self.signing_secret = signing_secret
        self.app_token = app_token
        if workspace is None:
            workspace = Workspace()
            workspace.tokens.add(bot_token)
        self._served_at = served_at
        self.faults = Faults()
        self.sockets = Sockets(workspace, app_token)
        self._line = Line(workspace, RequestUrl(workspace, signing_secret, events_url), self.sockets)
        payloads = Payloads(workspace, self._line)
        super().__init__(workspace, payloads)
        self.response_urls = payloads.urls
        self.wsgi = create_app(workspace, self.faults, payloads.urls, self.sockets)
        self._server = Server(self.wsgi, port)
        self.workspace.on_share = self._line.announce
        by_name = {user.name: user for user in self.workspace.users.values()}
        self.staff, self.manager, self.partner = by_name["staff"], by_name["manager"], by_name["partner"]
        self.outsider, self.guest, self.stranger = by_name["outsider"], by_name["guest"], by_name["stranger"]
        self.deleted, self.bot = by_name["gone"], self.workspace.bot
        self.balances, self.billing, self.lobby = (workspace.channel(name) for name in ("balances", "billing", "lobby"))

    def start(self) -> SlackSandbox:
        """Serve until `stop`."""
        self._line.start()
        if self._served_at is None:
            self._server.start()
        self.workspace.base_url = self._served_at or self._server.url
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
        return self._line.request_url.url

    @events_url.setter
    def events_url(self, url: str | None) -> None:
        self._line.request_url.url = url

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
        address: str = "",
        is_external: bool | None = None,
    ) -> File:
        """Drop a file into a channel; `mode` external makes it a link to another host, `address` says to which.

        Slack passes on whatever address an app has registered, unread. `is_external` is a flag unlike its mode.
        """
        made = self.workspace.new_file(id_of(user), name, data, mode)
        made.address, made.is_external = address, is_external
        self._share([made], user, channel, comment, thread_ts)
        return copy.deepcopy(made)

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
        made = [self.workspace.new_file(id_of(user), name, data, mode) for name, data in files.items()]
        self._share(made, user, channel, comment, thread_ts)
        return copy.deepcopy(made)

    def share(self, user: Person, file: File | str, channel: Place, *, thread_ts: str | None = None) -> Message:
        """Share a file once more, on purpose."""
        return copy.deepcopy(self._share([self.workspace.files[id_of(file)]], user, channel, "", thread_ts))

    def _share(self, files: list[File], user: Person, channel: Place, comment: str, thread_ts: str | None) -> Message:
        room = self.workspace.channel(id_of(channel))
        with self.workspace.changed:
            thread = self.workspace.root(room.id, thread_ts)
            message = Message(room.id, self.workspace.ts(), id_of(user), comment, thread_ts=thread)
        return self.workspace.share(files, message)

    def tombstone(self, file: File | str) -> None:
        """Delete a file; its message keeps a mark where it was, and the bot is told where it saw it."""
        kept = self.workspace.files[id_of(file)]
        with self.workspace.change():
            kept.mode = "tombstone"
        ids = sorted({share.channel for share in kept.shares})
        self._tell_of(kept, {"type": "file_deleted", "channel_ids": ids, "event_ts": self.workspace.ts()})

    def edit_file(self, file: File | str, data: bytes) -> None:
        """Write something else into a file, as people may into a snippet."""
        kept = self.workspace.files[id_of(file)]
        with self.workspace.change():
            kept.data = data
        self._tell_of(kept, {"type": "file_change", "file": {"id": kept.id}})

    def rename_file(self, file: File | str, title: str) -> None:
        """Give a file another title: Slack tells of every change of a file, whatever was changed."""
        kept = self.workspace.files[id_of(file)]
        with self.workspace.change():
            kept.title = title
        self._tell_of(kept, {"type": "file_change", "file": {"id": kept.id}})

    def _tell_of(self, file: File, event: dict[str, Any]) -> None:
        if self.workspace.sees(file) and file.shares:
            self._line.tell(event | {"file_id": file.id}, self.workspace.channels[file.shares[0].channel])

    def say(
        self,
        user: Person,
        channel: Place,
        text: str,
        *,
        thread_ts: str | None = None,
        blocks: list[Block] | None = None,
    ) -> Message:
        """Write a message as a person."""
        room = self.workspace.channel(id_of(channel))
        flaws = check_blocks(blocks) if blocks else []
        if flaws:
            raise ValueError(f"Slack would not let this be written: {flaws[0]}")
        message = Message(room.id, self.workspace.ts(), id_of(user), text, blocks or [], thread_ts)
        return copy.deepcopy(self.workspace.post(message))

    def paste_table(
        self, user: Person, channel: Place, rows: list[list[str]], *, comment: str = "", thread_ts: str | None = None
    ) -> Message:
        """Paste cells from a spreadsheet, which Slack keeps as a native table below the comment."""
        blocks: list[Block] = [words.rich_text(comment)] if comment else []
        blocks.append({"type": "table", "rows": [[words.rich_text(cell) for cell in row] for row in rows]})
        return self.say(user, channel, comment, thread_ts=thread_ts, blocks=blocks)

    def messages(self, channel: Place) -> list[Message]:
        """List all messages of a channel, replies too, oldest first."""
        return self._messages(channel, lambda message: True)

    def tops(self, channel: Place) -> list[Message]:
        """List the messages of a channel that are no replies, oldest first."""
        return self._messages(channel, lambda message: message.thread_ts in {None, message.ts})

    def thread(self, channel: Place, ts: str) -> list[Message]:
        """List a thread: its first message and the replies."""
        return self._messages(channel, lambda message: ts in {message.ts, message.thread_ts})

    def _messages(self, channel: Place, wanted: Callable[[Message], bool]) -> list[Message]:
        room = self.workspace.channel(id_of(channel))
        with self.workspace.changed:
            return [_as_it_is(m) for m in self.workspace.messages if m.channel == room.id and wanted(m)]

    def ephemerals(self, user: Person) -> list[Message]:
        """List what only this person can see."""
        with self.workspace.changed:
            return [_as_it_is(m) for m in self.workspace.ephemerals if m.ephemeral_to == id_of(user)]

    def name(self, id_: str) -> str:
        """Return the name that stands for an id; the id itself if there is none."""
        if id_ in self.workspace.users:
            return self.workspace.users[id_].name
        return self.workspace.channels[id_].name if id_ in self.workspace.channels else id_

    def plain(self, message: Message | View) -> str:
        """Return all words of a message or view as a person reads them."""
        if isinstance(message, Message):
            return words.plain(message, self.name)
        return words.plain_view(message, self.workspace.values(self.workspace.views[message.id]), self.name)

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
            self.workspace.wait(version, min(left, LOOKS))

    def _last_thread(self) -> str:
        if not self.workspace.messages:
            return "There are no messages."
        last = self.workspace.messages[-1]
        thread = self.thread(last.channel, last.thread_ts or last.ts)
        return f"The last thread says:\n{words.transcript(thread, self.name)}"

    def part(self, events: list[dict[str, Any]]) -> None:
        """Tell the bot what it hears last: that it is no longer installed."""
        self._line.part(events)

    def redeliver(self, event_id: str) -> int | None:
        """Send an event once more; return the bot's HTTP status."""
        return self._line.redeliver(event_id).status

    def rest(self) -> None:
        """Wait until all that a bot asked which is gone by now is carried out. Raises a TimeoutError."""
        self._server.rest()

    def down(self) -> None:
        """Cut every request and connection of the bot until `up`."""
        self.faults.is_down = True
        self.sockets.sever()

    def up(self) -> None:
        """Answer again."""
        self.faults.is_down = False


def _as_it_is(message: Message) -> Message:
    """Copy a message as it is now; its blocks are shared, since an edit puts others in their place."""
    return replace(message, files=copy.deepcopy(message.files), edits=list(message.edits))
