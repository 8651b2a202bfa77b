"""Undo, and Stop the undo: buttons of the thread and of the command's answer."""

from typing import Any

from slack_bolt import App

from brought_forward.bot.listeners.actions import listener
from brought_forward.bot.messages.blocks import ACTION
from brought_forward.bot.slack.clicks import Decision
from brought_forward.bot.undo.decide import UndoDecisions


def register(app: App, reversing: UndoDecisions) -> None:
    """Attach to the buttons of an undo."""

    def decide(body: dict[str, Any]) -> str | None:
        return reversing.decide(Decision.from_click(body))

    for action in reversing.actions:
        app.action(ACTION + action)(listener(decide))
