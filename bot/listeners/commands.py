"""`/balances`: answered to the asker alone, in the acknowledgement itself."""

import logging
from typing import Any

from slack_bolt import Ack, App

from brought_forward.bot.errors import NotAllowed
from brought_forward.bot.messages.blocks import Text
from brought_forward.bot.messages.words import unescaped
from brought_forward.commands.balances import Balances
from brought_forward.storage.scope import of_firm

log = logging.getLogger(__name__)


def register(app: App, balances: Balances) -> None:
    """Attach to the slash command."""

    def command(ack: Ack, command: dict[str, Any]) -> None:
        try:
            firm = str(command["team_id"])
            with of_firm(firm):
                answer = balances.answer(
                    unescaped(str(command.get("text") or "")),
                    user=str(command["user_id"]),
                    firm=firm,
                    channel=str(command["channel_id"]),
                )
        except NotAllowed as refusal:
            answer = str(refusal)
        except Exception:
            log.exception("a command failed")
            answer = "Something went wrong on my side. Ask again in a moment."
        if isinstance(answer, Text):
            ack(answer.text, blocks=answer.blocks, response_type="ephemeral")
        else:
            ack(answer, response_type="ephemeral")

    app.command("/balances")(command)
