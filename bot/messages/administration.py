"""The part of the Home tab that administrators alone have. Pure."""

from dataclasses import dataclass

from brought_forward.bot.messages import connect, firm_settings
from brought_forward.bot.messages.blocks import Block, actions, button, context, header, section
from brought_forward.bot.messages.connect import SignInView
from brought_forward.bot.settings.firm import FirmSettings

TITLE = "Administration"


@dataclass(frozen=True, slots=True)
class Administration:
    """All that the part shows."""

    settings: FirmSettings
    sign_in: SignInView


def part(view: Administration) -> list[Block]:
    """Show what is set, and what may be done about it."""
    return [
        header(TITLE),
        *connect.part(view.sign_in),
        section(firm_settings.summary(view.settings)),
        actions(button("Change settings", "settings", "home")),
        context("Administrators alone see this part."),
    ]
