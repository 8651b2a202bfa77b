"""What Slack sends to the bot: signed, answered within three seconds, and events again when they are not."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import requests

from brought_forward.sandbox.slack.objects import show_file
from brought_forward.sandbox.slack.records import Channel, Delivery, Message
from brought_forward.sandbox.slack.workspace import APP, TEAM, Workspace

FORM, JSON = "application/x-www-form-urlencoded", "application/json"


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """Sign a body: https://docs.slack.dev/authentication/verifying-requests-from-slack ."""
    return "v0=" + hmac.new(secret.encode(), b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256).hexdigest()


@dataclass(frozen=True, slots=True)
class Reply:
    """How the bot answered; `status` is None when it did not, and `reason` says why."""

    status: int | None
    body: str = ""
    reason: str = ""
    headers: dict[str, str] = field(default_factory=dict)  # names in lower case

    @property
    def ok(self) -> bool:
        """Tell whether Slack takes this for an acknowledgement."""
        return self.status is not None and 200 <= self.status < 300


class Line:
    """The way from Slack to the bot's request URL."""

    def __init__(self, workspace: Workspace, signing_secret: str) -> None:
        self.workspace = workspace
        self.signing_secret = signing_secret
        self.url: str | None = None
        self._envelopes: dict[str, dict[str, Any]] = {}
        self._stopped = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Allow retries again after a stop."""
        self._stopped.clear()

    def stop(self) -> None:
        """End all pending retries and wait for what is on its way."""
        self._stopped.set()
        for thread in list(self._threads):
            thread.join(self.workspace.rules.answer_within + 1)

    def send(self, kind: str, id_: str, body: bytes, content_type: str, *, attempt: int = 0, reason: str = "") -> Reply:
        """Send one signed request and write down how it went."""
        timestamp = str(int(time.time()))
        headers = {
            "Content-Type": content_type,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": sign(self.signing_secret, timestamp, body),
        }
        if attempt:
            headers |= {"X-Slack-Retry-Num": str(attempt), "X-Slack-Retry-Reason": reason}
        reply = self._exchange(body, headers)
        with self.workspace.change():
            self.workspace.deliveries.append(
                Delivery(datetime.now(UTC), kind, id_, attempt, reply.status, "" if reply.ok else reply.reason)
            )
        return reply

    def _exchange(self, body: bytes, headers: dict[str, str]) -> Reply:
        if self.url is None:
            return Reply(None, reason="no_request_url")
        try:
            with requests.Session() as session:
                session.trust_env = False  # a proxy has no part in loopback
                answer = session.post(self.url, data=body, headers=headers, timeout=self.workspace.rules.answer_within)
        except requests.Timeout:
            return Reply(None, reason="http_timeout")
        except requests.RequestException:
            return Reply(None, reason="connection_failed")
        found = {name.lower(): value for name, value in answer.headers.items()}
        return Reply(answer.status_code, answer.text, "http_error", found)

    def announce(self, message: Message, channel: Channel) -> None:
        """Tell the bot of shared files, by the events it subscribes to, from a thread of its own."""
        if self.url is None:
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
        if self.url is not None and event["type"] in self.workspace.rules.subscriptions:
            self._begin([event], channel)

    def _begin(self, events: list[dict[str, Any]], channel: Channel) -> None:
        self._run(self._deliver_all, [self._envelope(event, channel) for event in events])

    def redeliver(self, event_id: str) -> Reply:
        """Send a past event once more, as Slack may at any time."""
        return self._attempt(self._envelopes[event_id], 1, "http_timeout")

    def _envelope(self, event: dict[str, Any], channel: Channel) -> dict[str, Any]:
        envelope = {
            "token": "verification-token",
            "team_id": TEAM,
            "context_team_id": TEAM,
            "api_app_id": APP,
            "event": event,
            "type": "event_callback",
            "event_id": self.workspace.number("Ev"),
            "event_time": int(time.time()),
            "authorizations": [
                {
                    "enterprise_id": None,
                    "team_id": TEAM,
                    "user_id": self.workspace.bot.id,
                    "is_bot": True,
                    "is_enterprise_install": False,
                }
            ],
            "is_ext_shared_channel": channel.is_ext_shared and self.workspace.rules.flags_shared,
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
        body = json.dumps(envelope).encode()
        return self.send(envelope["event"]["type"], envelope["event_id"], body, JSON, attempt=number, reason=reason)


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
