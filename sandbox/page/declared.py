"""What the app declares in its manifest, so that Slack offers it without asking the bot: a command, two shortcuts."""

from __future__ import annotations

import re
from dataclasses import dataclass

COMMAND = "/balances"
DESCRIPTION = "Where a batch of balances stands"
USAGE = (
    "[status [BATCH] | list | show BATCH | matter NUMBER | user NAME | aliases | pause BATCH | resume BATCH"
    " | stop BATCH | retry BATCH | look BATCH | undo BATCH | reconcile BATCH | bills BATCH | report BATCH"
    " | export BATCH | template | help]"
)
SHORTCUTS = {"balances_message": "Bring balances forward", "balances_form": "Bring balances forward"}  # by callback_id


@dataclass(frozen=True, slots=True)
class Hint:
    """One way to go on with the command; `takes` is what must still be typed."""

    verb: str
    takes: str


def hints(usage: str = USAGE) -> list[Hint]:
    """Read the ways out of a usage hint, which parts them by upright strokes."""
    ways = [way.strip() for way in re.sub(r"^\[|\]$", "", usage.strip()).split("|")]
    return [Hint(*(way.split(" ", 1) if " " in way else (way, ""))) for way in ways]
