"""Socket Mode: the connections that an app opens, and what befalls them.

https://docs.slack.dev/apis/events-api/using-socket-mode : a payload goes to any one of them in an envelope, which is
acknowledged by its id; what is not acknowledged within three seconds comes again, over any.
"""

from __future__ import annotations

import itertools
import json
import secrets
import socket
import threading
import uuid
from collections.abc import Iterable
from typing import Any, Literal

from brought_forward.sandbox.slack.way import Reply, Sort
from brought_forward.sandbox.slack.websocket import WebSocket
from brought_forward.sandbox.slack.workspace import APP, SlackError, Workspace

MOST = 10  # connections of one app at once
LASTS = 18_060  # seconds, by Slack's own estimate in its hello
HOST = "applink-sandbox"
ANSWERED_WITH_WORDS = {"view_submission", "block_suggestion"}  # the interactions whose acknowledgement says something

Farewell = Literal["warning", "refresh_requested", "link_disabled"]


class Sockets:
    """The way over WebSockets."""

    def __init__(self, workspace: Workspace, app_token: str) -> None:
        self.workspace = workspace
        self.app_token = app_token
        self.opened = 0  # ever
        self._tickets: set[str] = set()
        self._open: list[WebSocket] = []
        self._turn = itertools.count()
        self._answers: dict[str, dict[str, Any] | None] = {}  # by envelope; None while it is awaited
        self._answered = threading.Condition()

    # What the bot asks

    def invite(self, token: str) -> str:
        """Give an address for one connection; it serves once. Raises SlackError."""
        if token != self.app_token:
            raise SlackError("not_allowed_token_type" if token.startswith("xoxb-") else "invalid_auth")
        ticket = secrets.token_hex(8)
        self._tickets.add(ticket)
        return f"{self.workspace.base_url.replace('http', 'ws', 1)}/link/?ticket={ticket}&app_id={APP}"

    def serve(self, ticket: str, connection: socket.socket, headers: Iterable[tuple[str, str]], target: str) -> bool:
        """Serve a connection to its end. Returns False at once where its ticket is not good, or no longer."""
        try:
            self._tickets.remove(ticket)
        except KeyError:
            return False
        one = WebSocket(connection, headers, target)
        one.answers_pings = self.workspace.rules.answers_pings
        try:
            one.serve(lambda: self._greet(one), self._hear)
        finally:
            with self.workspace.change():
                self._open = [other for other in self._open if other is not one]
        return True

    def _greet(self, one: WebSocket) -> None:
        if self.count >= MOST:
            one.send({"type": "disconnect", "reason": "too_many_websockets", "debug_info": {"host": HOST}})
            one.close()
            return
        with self.workspace.change():
            self._open.append(one)
            self.opened += 1
            count = len(self._open)
        one.send(
            {
                "type": "hello",
                "num_connections": count,
                "connection_info": {"app_id": APP},
                "debug_info": {"host": HOST, "approximate_connection_time": LASTS},
            }
        )

    def _hear(self, message: dict[str, Any]) -> None:
        envelope = str(message.get("envelope_id"))
        with self._answered:
            if envelope in self._answers:  # a later one is too late, over whichever connection it comes
                self._answers[envelope] = message
                self._answered.notify_all()

    # What Slack sends

    @property
    def is_known(self) -> bool:
        """Tell that there is a way: an app in Socket Mode is expected to connect."""
        return True

    @property
    def count(self) -> int:
        """Count the connections that are open, so far as Slack knows."""
        return len(self._open)

    def exchange(self, sort: Sort, payload: dict[str, Any], attempt: int, reason: str) -> Reply:
        """Send an envelope over the connection whose turn it is, and wait until it is acknowledged over any."""
        there = list(self._open)
        if not there:
            return Reply(None, reason="connection_failed")
        envelope = str(uuid.uuid4())
        sent: dict[str, Any] = {"type": sort, "envelope_id": envelope, "payload": payload}
        sent["accepts_response_payload"] = sort is Sort.COMMANDS or payload.get("type") in ANSWERED_WITH_WORDS
        if sort is Sort.EVENTS:
            sent |= {"retry_attempt": attempt, "retry_reason": reason}
        with self._answered:
            self._answers[envelope] = None
        there[next(self._turn) % len(there)].send(sent)
        with self._answered:
            self._answered.wait_for(lambda: self._answers[envelope] is not None, self.workspace.rules.answer_within)
            answer = self._answers.pop(envelope)
        if answer is None:
            return Reply(None, reason="http_timeout")
        said = answer.get("payload")
        return Reply(200, json.dumps(said) if said else "", headers={"content-type": "application/json"})

    # What befalls the connections that are open now

    def bid_farewell(self, reason: Farewell) -> None:
        """Say that they will be closed: `warning` some ten seconds before, `refresh_requested` as it is."""
        for one in list(self._open):
            one.send({"type": "disconnect", "reason": reason, "debug_info": {"host": HOST}})

    def close(self) -> None:
        """Close them with a close frame."""
        for one in list(self._open):
            one.close()

    def sever(self) -> None:
        """Cut them without a close frame."""
        for one in list(self._open):
            one.sever()

    def stall(self) -> None:
        """Let nothing through any more, while they stay open."""
        for one in list(self._open):
            one.stall()
