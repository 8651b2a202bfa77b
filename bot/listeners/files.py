"""A file was shared: written down before Slack hears "received", so that a failure makes Slack say it again."""

import logging
from collections.abc import Callable
from typing import Any

from slack_bolt import App, BoltRequest, BoltResponse

from brought_forward.bot.intake.payloads import notices
from brought_forward.storage.store import Store

log = logging.getLogger(__name__)


def register(app: App, store: Store, noticed: Callable[[], None]) -> None:
    """Attach to file_shared, and to messages with files where the host app subscribes to them."""

    def write_down(
        body: dict[str, Any],
        request: BoltRequest,
        response: BoltResponse,
        next: Callable[[], BoltResponse],  # noqa: A002 - Bolt's name
    ) -> BoltResponse | None:
        for notice in notices(body):
            if store.events.see(notice):
                log.info("noticed file=%s channel=%s", notice.file_id, notice.channel)
        noticed()
        others = [listener for listener in app._listeners if listener not in ours]  # noqa: SLF001
        if any(listener.matches(req=request, resp=response) for listener in others):
            return None  # the host listens too: Bolt goes on to it, since no next is called
        return next()

    def received() -> None:
        """Leave the work to the reader: everything is written down."""

    before = list(app._listeners)  # noqa: SLF001
    app.event("file_shared", middleware=[write_down])(received)
    app.event({"type": "message", "subtype": "file_share"}, middleware=[write_down])(received)
    ours = [listener for listener in app._listeners if listener not in before]  # noqa: SLF001
    # Bolt gives an event to the first listener that takes it; ours lets it pass, so it may stand before the host's.
    app._listeners[:] = [*ours, *before]  # noqa: SLF001
