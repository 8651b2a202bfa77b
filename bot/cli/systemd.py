"""Tell systemd how the bot is, where it was started by a unit of Type=notify: sd_notify(3), a datagram each."""

from __future__ import annotations

import os
import socket
from contextlib import suppress


def notify(**said: str) -> None:
    """Send what is said, such as READY="1" or STATUS="..."; without a systemd that listens it does nothing.

    One that takes nothing at the moment keeps nobody waiting: the next look tells it again.
    """
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]  # in Linux's abstract namespace
    message = "\n".join(f"{name}={value}" for name, value in said.items())
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as line:
        line.setblocking(False)
        line.sendto(message.encode(), address)
