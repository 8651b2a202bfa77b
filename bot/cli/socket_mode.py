"""Slack over Socket Mode: the bot opens the connection, so nothing has to reach it from outside."""

from __future__ import annotations

import logging
import socket
import threading
import time
from contextlib import suppress

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
    handler.watch, watch.hears = watch, handler.client.is_connected
    watch.start()
    _connect(handler, over, AGAIN * settings.balances_timing.ping)
    was_there = False
    while not over.wait(LOOK):
        is_there = handler.client.is_connected()
        if is_there != was_there:
            log.log(logging.INFO if is_there else logging.WARNING, "Slack is %s", SAID[is_there])
        was_there = is_there
    _close(handler)


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
    client.message_processor.shutdown()  # type: ignore[no-untyped-call]
    client.message_workers.shutdown()
    line = client.current_session.sock if client.current_session else None
    if line is not None:
        with suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)
    handler.close()  # type: ignore[no-untyped-call]
