"""The part of the Home tab that administrators alone have. Pure."""

from dataclasses import dataclass

from brought_forward.bot.messages import connect, firm_settings
from brought_forward.bot.messages.blocks import Block, Text, actions, button, context, header, section
from brought_forward.bot.messages.connect import SignInView
from brought_forward.bot.settings.firm import FirmSettings

TITLE = "Administration"


@dataclass(frozen=True, slots=True)
class Administration:
    """All that the part shows."""

    settings: FirmSettings
    sign_in: SignInView
    checks: bool = True  # whether everything can be looked at from here


def part(view: Administration) -> list[Block]:
    """Show what is set, and what may be done about it."""
    buttons = [button("Change settings", "settings", "home")]
    if view.checks:
        buttons.append(button("Check", "check", "home"))
    return [
        header(TITLE),
        *connect.part(view.sign_in),
        section(firm_settings.summary(view.settings)),
        actions(*buttons),
        context("Administrators alone see this part."),
    ]


def not_opened() -> Text:
    """Tell who clicked that Slack opened nothing."""
    text = "Slack did not open what you clicked in the Home tab. Nothing was changed; click once more."
    return Text("Slack did not open what you clicked.", [section(text)])
