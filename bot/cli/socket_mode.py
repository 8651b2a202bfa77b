"""Slack over Socket Mode: the bot opens the connection, so nothing has to reach it from outside."""

from __future__ import annotations

import json
import logging
import selectors
import socket
import threading
import time
from contextlib import suppress
from functools import partial

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.socket_mode import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

from brought_forward.bot.cli.watch import Watch
from brought_forward.bot.settings import Settings

log = logging.getLogger(__name__)

AGAIN = 5  # pings' time until Slack is asked again, where it gave no address to connect to
SWAP = 3.0  # seconds at most in which nothing is read while Slack is asked for another connection
TICK = 0.01
LOOK = 1.0  # seconds between two looks whether the connection is there
SAID = {True: "connected", False: "not connected: it is tried again and again"}


def hear(app: App, settings: Settings, over: threading.Event, watch: Watch) -> None:
    """Connect, and again whenever the connection is gone, until it is over; runs go on meanwhile.

    Slack's client pings, and takes a connection for dead that answered none of the last four: until then the bot is
    deaf on one that was cut without a word. By Bolt's own ten seconds that was nearly a minute.
    """
    token = settings.slack_app_token.get_secret_value()
    handler = _Handler(
        app,
        token,
        logger=logging.getLogger("slack_sdk.socket_mode"),
        web_client=WebClient(token, base_url=settings.slack_api_url),
        ping_interval=settings.balances_timing.ping,
    )
    handler.client.on_message_listeners.append(partial(_make_way, handler.client))
    handler.watch, watch.hears = watch, handler.client.is_connected
    watch.start()
    _connect(handler, over, AGAIN * settings.balances_timing.ping)
    was_there: bool | None = None  # so that a connection that is gone at the first look is told too
    ended = None
    while not over.is_set():
        session = handler.client.current_session
        line = session.sock if session is not None else None
        cut = line is not None and is_cut(line)
        if session is not None and cut and session is not ended:
            # The session's, not the client's, which may be another by now; it connects at its next ping. It waits for a
            # lock that a client which reads in vain takes again and again.
            threading.Thread(target=session.disconnect, name="cut", daemon=True).start()
            ended = session
        is_there = handler.client.is_connected() and not cut
        if is_there != was_there:
            log.log(logging.INFO if is_there else logging.WARNING, "Slack is %s", SAID[is_there])
        was_there = is_there
        over.wait(LOOK)
    _close(handler)


def _make_way(client: SocketModeClient, text: str) -> None:
    """Read no more on a connection that Slack asks to swap for another, until it is swapped.

    The client closes the old one only once a read on it has ended, three seconds later, and hands over nothing until
    then: people's clicks would be told as failed. This runs in the thread that reads.
    """
    if '"disconnect"' not in text or json.loads(text).get("type") != "disconnect":
        return
    before, end = client.current_session, time.monotonic() + SWAP
    while client.current_session is before and time.monotonic() < end:
        time.sleep(TICK)


def is_cut(line: socket.socket) -> bool:
    """Say whether the other side is gone: the client reads nothing as fast as it can then, until its pings tell it."""
    try:
        with selectors.DefaultSelector() as waiting:
            waiting.register(line, selectors.EVENT_READ)
            if not waiting.select(0):
                return False
        # The bytes on the wire: TLS lets nobody peek at its own. Ready, and none to come: the other side has ended.
        return socket.socket.recv(line, 1, socket.MSG_PEEK) == b""
    except TimeoutError:
        return False  # what was there has been read meanwhile
    except (OSError, ValueError):
        return True


class _Handler(SocketModeHandler):
    """Bolt's, which says how long each acknowledgement took."""

    watch: Watch

    def handle(self, client: SocketModeClient, req: SocketModeRequest) -> None:  # type: ignore[override]
        """Hand a payload to the app and acknowledge it."""
        began = time.monotonic()
        super().handle(client, req)
        self.watch.took(time.monotonic() - began)


def _connect(handler: SocketModeHandler, over: threading.Event, pause: float) -> None:
    """Get an address from Slack and connect to it; what is lost later, the client connects again by itself."""
    while not over.is_set():
        try:
            handler.connect()  # type: ignore[no-untyped-call]
        except SlackApiError as refused:
            log.warning("Slack lets the bot open no connection with SLACK_APP_TOKEN: %s", refused.response["error"])
        except (SlackClientError, OSError) as away:
            log.warning("Slack is out of reach: %s", type(away).__name__)
        else:
            return
        over.wait(pause)


def _close(handler: SocketModeHandler) -> None:
    """Acknowledge what was taken on, then close at once.

    The client's own close waits up to three seconds for a read that nothing ends, and drops what is not acknowledged.
    """
    client = handler.client
    client.closed = True  # nothing more is taken on: Slack sends it again to who connects next
    client.current_app_monitor.shutdown()  # type: ignore[no-untyped-call]  # else it pings what is just being closed
    client.message_processor.shutdown()  # type: ignore[no-untyped-call]
    client.message_workers.shutdown()
    line = client.current_session.sock if client.current_session else None
    if line is not None:
        with suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)
    handler.close()  # type: ignore[no-untyped-call]
