"""A file was shared: written down before Slack hears "received", so that a failure makes Slack say it again."""

import logging
from collections.abc import Callable
from typing import Any

from slack_bolt import App, BoltRequest, BoltResponse

from brought_forward.bot.intake.payloads import notices
from brought_forward.bot.slack.clicks import installed_in
from brought_forward.storage.scope import of_firm
from brought_forward.storage.store import Store

log = logging.getLogger(__name__)


def register(app: App, store: Store, noticed: Callable[[], None]) -> None:
    """Attach to what Slack tells of files, and to messages with files where the host app subscribes to them."""

    def shared(body: dict[str, Any]) -> None:
        for notice in notices(body):
            if store.events.see(notice):
                log.info("noticed file=%s channel=%s", notice.file_id, notice.channel)

    def touched(body: dict[str, Any]) -> None:
        event = body["event"]
        file = str(event.get("file_id") or (event.get("file") or {}).get("id") or "")
        if store.originals.touched(installed_in(body), file):
            log.info("noticed %s of file=%s", event["type"], file)

    def first(write_down: Callable[[dict[str, Any]], None]) -> Callable[..., BoltResponse | None]:
        """Write down, then let the event go on; the host may listen too."""

        def middleware(
            body: dict[str, Any],
            request: BoltRequest,
            response: BoltResponse,
            next: Callable[[], BoltResponse],  # noqa: A002 - Bolt's name
        ) -> BoltResponse | None:
            with of_firm(installed_in(body) or None):
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
