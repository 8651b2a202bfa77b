"""A file was shared: written down before Slack hears "received", so that a failure makes Slack say it again."""

import logging
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from slack_bolt import App, BoltRequest, BoltResponse

from brought_forward.storage.records.slack import Notice
from brought_forward.storage.store import Store

log = logging.getLogger(__name__)

# Written by hand in one line, so only the plain notation counts: commas for thousands, a dot and two decimals.
TOTAL = re.compile(
    r"\btotal\b[:\s]*[^0-9\s-]{0,3}\s?"
    r"(-?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]{2})?|-?[0-9]+(?:\.[0-9]{2})?)(?![0-9.,])",
    re.IGNORECASE,
)


def register(app: App, store: Store, noticed: Callable[[], None]) -> None:
    """Attach to what Slack tells of files, and to messages with files where the host app subscribes to them."""

    def shared(body: dict[str, Any]) -> None:
        for notice in notices(body):
            if store.events.see(notice):
                log.info("noticed file=%s channel=%s", notice.file_id, notice.channel)

    def touched(body: dict[str, Any]) -> None:
        event = body["event"]
        file = str(event.get("file_id") or (event.get("file") or {}).get("id") or "")
        if store.originals.touched(str(body.get("team_id") or ""), file):
            log.info("noticed %s of file=%s", event["type"], file)

    def first(write_down: Callable[[dict[str, Any]], None]) -> Callable[..., BoltResponse | None]:
        """Write down, then let the event go on; the host may listen too."""

        def middleware(
            body: dict[str, Any],
            request: BoltRequest,
            response: BoltResponse,
            next: Callable[[], BoltResponse],  # noqa: A002 - Bolt's name
        ) -> BoltResponse | None:
            write_down(body)
            noticed()
            others = [listener for listener in app._listeners if listener not in ours]  # noqa: SLF001
            if any(listener.matches(req=request, resp=response) for listener in others):
                return None  # the host listens too: Bolt goes on to it, since no next is called
            return next()

        return middleware

    def received() -> None:
        """Leave the work to the reader: everything is written down."""

    before = list(app._listeners)  # noqa: SLF001
    app.event("file_shared", middleware=[first(shared)])(received)
    app.event({"type": "message", "subtype": "file_share"}, middleware=[first(shared)])(received)
    app.event("file_deleted", middleware=[first(touched)])(received)
    app.event("file_change", middleware=[first(touched)])(received)
    ours = [listener for listener in app._listeners if listener not in before]  # noqa: SLF001
    # Bolt gives an event to the first listener that takes it; ours lets it pass, so it may stand before the host's.
    app._listeners[:] = [*ours, *before]  # noqa: SLF001


def typed_total(text: str) -> Decimal | None:
    """Read a control total from the words that came with a file: "total 123,456.78"."""
    found = TOTAL.search(text)
    return Decimal(found.group(1).replace(",", "")) if found else None


def notices(body: dict[str, Any]) -> list[Notice]:
    """Read an event's notices, one for each file; an event that names no channel has none."""
    event = body["event"]
    is_message = event.get("type") == "message"
    channel = str((event.get("channel") if is_message else event.get("channel_id")) or "")
    files = event.get("files") or [] if is_message else [{"id": event.get("file_id")}]
    if not channel:
        return []
    return [
        Notice(
            firm=str(body.get("team_id") or ""),
            event_id=str(body["event_id"]),
            channel=channel,
            file_id=str(file["id"]),
            user=str((event.get("user") if is_message else event.get("user_id")) or ""),
            event_ts=str(event.get("event_ts") or event.get("ts") or ""),
            share_ts=str(event["ts"]) if is_message else None,
            thread_ts=str(event["thread_ts"]) if is_message and event.get("thread_ts") else None,
            asks=0,
            typed_total=typed_total(str(event.get("text") or "")),
            shared=bool(body.get("is_ext_shared_channel")),
        )
        for file in files
        if file.get("id")
    ]
