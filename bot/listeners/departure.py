"""The app was uninstalled, or its token taken back: written down before Slack hears "received"."""

from collections.abc import Callable
from typing import Any

from slack_bolt import App, BoltResponse

from brought_forward.bot.posting.departure import Departures
from brought_forward.bot.slack.clicks import installed_in
from brought_forward.storage.records.connection import Left
from brought_forward.storage.scope import of_firm


def register(app: App, departures: Departures) -> None:
    """Attach to what Slack tells last. Where it cannot be written down, the answer is an error, and Slack tells again.

    Tokens of people are none of ours: the app asks for a bot's alone.
    """

    def heard(how: Left) -> Callable[..., BoltResponse]:
        def middleware(
            body: dict[str, Any],
            next: Callable[[], BoltResponse],  # noqa: A002 - Bolt's name
        ) -> BoltResponse:
            tokens = body["event"].get("tokens")
            if tokens is None or tokens.get("bot"):
                with of_firm(installed_in(body) or None):
                    departures.told(installed_in(body), how)
            return next()

        return middleware

    def received() -> None:
        """Leave nothing to do: it is written down."""

    app.event("app_uninstalled", middleware=[heard(Left.UNINSTALLED)])(received)
    app.event("tokens_revoked", middleware=[heard(Left.REVOKED)])(received)
