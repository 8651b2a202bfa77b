"""Refresh under a message about bills: acknowledged first; the message changes once Clio was read."""

from typing import Any

from slack_bolt import App

from brought_forward.bot.listeners.actions import listener
from brought_forward.bot.messages.blocks import ACTION
from brought_forward.bot.results.ask import Questions
from brought_forward.bot.slack.clicks import Decision


def register(app: App, inquiring: Questions) -> None:
    """Attach to the button."""

    def refresh(body: dict[str, Any]) -> str:
        return inquiring.refresh(Decision.from_click(body))

    app.action(ACTION + "refresh_bills")(listener(refresh))
