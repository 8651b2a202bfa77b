"""What Slack sends to the bot: answered within three seconds, and events again when they are not."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from typing import Any

from brought_forward.sandbox.slack.objects import show_file
from brought_forward.sandbox.slack.records import Channel, Delivery, Message
from brought_forward.sandbox.slack.request_url import RequestUrl
from brought_forward.sandbox.slack.sockets import Sockets
from brought_forward.sandbox.slack.way import Reply, Sort, Way
from brought_forward.sandbox.slack.workspace import APP, Workspace


class Line:
    """The line from Slack to the bot, by the way that the app's settings name."""

    def __init__(self, workspace: Workspace, request_url: RequestUrl, sockets: Sockets) -> None:
        self.workspace = workspace
        self.request_url = request_url
        self.sockets = sockets
        self._envelopes: dict[str, dict[str, Any]] = {}
        self._stopped = threading.Event()
        self._threads: list[threading.Thread] = []

    @property
    def way(self) -> Way:
        """Name the way: an app in Socket Mode gets nothing at its request URL."""
        return self.sockets if self.workspace.rules.socket_mode else self.request_url

    def start(self) -> None:
        """Allow retries again after a stop."""
        self._stopped.clear()

    def stop(self) -> None:
        """End all pending retries and wait for what is on its way."""
        self._stopped.set()
        for thread in list(self._threads):
            thread.join(self.workspace.rules.answer_within + 1)

    def send(
        self, kind: str, id_: str, sort: Sort, payload: dict[str, Any], *, attempt: int = 0, reason: str = ""
    ) -> Reply:
        """Send one payload and write down how it went."""
        began = time.perf_counter()
        reply = self.way.exchange(sort, payload, attempt, reason)
        took = time.perf_counter() - began
        with self.workspace.change():
            self.workspace.deliveries.append(
                Delivery(datetime.now(UTC), kind, id_, attempt, reply.status, "" if reply.ok else reply.reason, took)
            )
        return reply

    def announce(self, message: Message, channel: Channel) -> None:
        """Tell the bot of shared files, by the events it subscribes to, from a thread of its own."""
        if not self.way.is_known or not self.workspace.tokens:
            return
        if self.workspace.bot.id not in channel.members and not self.workspace.rules.tells_outside:
            return
        events = []
        for name in self.workspace.rules.subscriptions:
            if name == "file_shared":
                events += [_file_shared(self.workspace, message, file.id) for file in message.files]
            elif name == "message":
                events.append(_file_share_message(self.workspace, message, channel))
        self._begin(events, channel)

    def tell(self, event: dict[str, Any], channel: Channel) -> None:
        """Tell the bot of something that happened, if it subscribes to it, from a thread of its own."""
        if not self.workspace.tokens:  # of an app that is not installed, Slack tells nothing
            return
        if self.way.is_known and event["type"] in self.workspace.rules.subscriptions:
            self._begin([event], channel)

    def part(self, events: list[dict[str, Any]]) -> None:
        """Tell the bot that it is no longer installed: the last that it hears."""
        if self.way.is_known:
            self._begin([one for one in events if one["type"] in self.workspace.rules.subscriptions], None)

    def _begin(self, events: list[dict[str, Any]], channel: Channel | None) -> None:
        self._run(self._deliver_all, [self._envelope(event, channel) for event in events])

    def redeliver(self, event_id: str) -> Reply:
        """Send a past event once more, as Slack may at any time."""
        return self._attempt(self._envelopes[event_id], 1, "http_timeout")

    def _envelope(self, event: dict[str, Any], channel: Channel | None) -> dict[str, Any]:
        envelope = {
            "token": "verification-token",
            "team_id": self.workspace.team,
            "context_team_id": self.workspace.team,
            "api_app_id": APP,
            "event": event,
            "type": "event_callback",
            "event_id": self.workspace.number("Ev"),
            "event_time": int(time.time()),
            "authorizations": [
                {
                    "enterprise_id": None,
                    "team_id": self.workspace.team,
                    "user_id": self.workspace.bot.id,
                    "is_bot": True,
                    "is_enterprise_install": False,
                }
            ],
            "is_ext_shared_channel": bool(channel and channel.is_ext_shared and self.workspace.rules.flags_shared),
        }
        self._envelopes[str(envelope["event_id"])] = envelope
        return envelope

    def _run(self, target: Any, *args: Any) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True, name="slack-delivery")
        with self.workspace.changed:
            self._threads = [*(one for one in self._threads if one.is_alive()), thread]
            thread.start()  # within the lock: one that has not begun counts as ended

    def _deliver_all(self, envelopes: list[dict[str, Any]]) -> None:
        for envelope in envelopes:
            reply = self._attempt(envelope, 0, "")
            if not reply.ok and "x-slack-no-retry" not in reply.headers:
                self._run(self._retry, envelope, reply.reason)

    def _retry(self, envelope: dict[str, Any], reason: str) -> None:
        for number, pause in enumerate(self.workspace.rules.retry_pauses, 1):
            if self._stopped.wait(pause):
                return
            reply = self._attempt(envelope, number, reason)
            if reply.ok or "x-slack-no-retry" in reply.headers:
                return
            reason = reply.reason

    def _attempt(self, envelope: dict[str, Any], number: int, reason: str) -> Reply:
        kind, id_ = envelope["event"]["type"], envelope["event_id"]
        return self.send(kind, id_, Sort.EVENTS, envelope, attempt=number, reason=reason)


def _file_shared(workspace: Workspace, message: Message, file: str) -> dict[str, Any]:
    return {
        "type": "file_shared",
        "file_id": file,
        **({"user_id": message.user} if workspace.rules.names_sharer else {}),
        "file": {"id": file},
        "channel_id": message.channel,
        "event_ts": message.ts,
    }


def _file_share_message(workspace: Workspace, message: Message, channel: Channel) -> dict[str, Any]:
    stubs = [
        {"id": file.id, "mode": "file_access", "file_access": "check_file_info"}
        if channel.is_ext_shared
        else show_file(workspace, file)
        for file in message.files
    ]
    event = {
        "type": "message",
        "subtype": "file_share",
        "text": message.text,
        "files": stubs,
        "upload": True,
        **({"user": message.user} if workspace.rules.names_sharer else {}),
        "ts": message.ts,
        "channel": message.channel,
        "channel_type": "im" if channel.is_im else "group" if channel.is_private else "channel",
        "event_ts": message.ts,
    }
    return event | ({"thread_ts": message.thread_ts} if message.thread_ts else {})
