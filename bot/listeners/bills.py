"""Refresh under a message about bills: acknowledged first; the message changes once Clio was read."""

from typing import Any

from slack_bolt import App

from brought_forward.bot.clicks import Decision
from brought_forward.bot.inquiring import Inquiring
from brought_forward.bot.listeners.clicks import listener
from brought_forward.bot.messages.blocks import ACTION


def register(app: App, inquiring: Inquiring) -> None:
    """Attach to the button."""

    def refresh(body: dict[str, Any]) -> str:
        return inquiring.refresh(Decision.from_click(body))

    app.action(ACTION + "refresh_bills")(listener(refresh))
