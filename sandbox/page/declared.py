"""What the app declares in its manifest, so that Slack offers it without asking the bot: a command, two shortcuts."""

from __future__ import annotations

import re
from dataclasses import dataclass

COMMAND = "/balances"
DESCRIPTION = "Where a batch of balances stands"
USAGE = (
    "[status | list | open | show B12 | matter NUMBER | user NAME | aliases | pause B12 | resume B12"
    " | stop B12 | retry B12 | look B12 | undo B12 | reconcile B12 | bills B12 | report B12"
    " | export B12 | signoff B12 | standin | digest | template | help]"
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
