"""A day was picked in a preview: acknowledged first, then decided as clicks are."""

from typing import Any

from slack_bolt import App

from brought_forward.bot.listeners.actions import listener
from brought_forward.bot.messages.blocks import ACTION
from brought_forward.bot.preview.date import PostingDay
from brought_forward.bot.slack.clicks import ChosenDay


def register(app: App, dating: PostingDay) -> None:
    """Attach to the calendar of a preview."""

    def choose(body: dict[str, Any]) -> None:
        dating.choose(ChosenDay.from_choice(body))

    app.action(ACTION + "date")(listener(choose))
