"""Somebody opened the Home tab: written down before Slack hears "received", published by a worker."""

import json
from collections.abc import Callable
from typing import Any

from slack_bolt import App, BoltRequest, BoltResponse

from brought_forward.bot.listeners.home_tab import HomeTabs

OPENED = "app_home_opened"


def register(app: App, home: HomeTabs) -> None:
    """Attach to the Home tab; a host that has one of its own keeps it."""

    def write_down(
        body: dict[str, Any],
        request: BoltRequest,
        response: BoltResponse,
        next: Callable[[], BoltResponse],  # noqa: A002 - Bolt's name
    ) -> BoltResponse | None:
        others = [listener for listener in app._listeners if listener not in ours]  # noqa: SLF001
        anything = BoltRequest(body=json.dumps({"type": "event_callback", "event": {"type": "balances_none"}}))
        if any(
            listener.matches(req=request, resp=response)
            and not listener.matches(req=anything, resp=BoltResponse(status=200))
            for listener in others
        ):
            return None  # the host's tab: Bolt goes on to it, since no next is called
        event = body["event"]
        if event.get("tab") == "home":
            hash_ = (event.get("view") or {}).get("hash")
            home.opened(str(body.get("team_id") or ""), str(event["user"]), str(hash_) if hash_ else None)
        return next()

    def received() -> None:
        """Leave the rest to the worker."""

    before = list(app._listeners)  # noqa: SLF001
    app.event(OPENED, middleware=[write_down])(received)
    ours = [listener for listener in app._listeners if listener not in before]  # noqa: SLF001
    app._listeners[:] = [*ours, *before]  # noqa: SLF001
