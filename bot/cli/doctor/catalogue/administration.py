"""What administrators see in their Home tab and its forms, and what is told of what they do."""

from collections.abc import Iterator
from decimal import Decimal
from zoneinfo import ZoneInfo

from brought_forward.bot.cli.doctor.catalogue import samples as of
from brought_forward.bot.cli.doctor.catalogue.case import Case, cases
from brought_forward.bot.messages import firm_settings, home
from brought_forward.bot.messages.administration import Administration
from brought_forward.bot.messages.firm_settings import SHOWN
from brought_forward.bot.messages.home import HomeView
from brought_forward.bot.settings.firm import FirmSettings

GROUP = "S0000SAMPLE"
NONE_SET = FirmSettings()
SETTINGS = FirmSettings(
    approvers=(*(f"U0000SAMP{place:02d}" for place in range(30)), GROUP),
    admins=(of.MANAGER, GROUP),
    two_approvers_above=Decimal("2500.50"),
    credits="post",
    channels=tuple(f"C0000SAMP{place:02d}" for place in range(20)),
    description=of.LONG,
    currency="USD",
    timezone=ZoneInfo("America/New_York"),
)


def administration_cases() -> Iterator[Case]:
    """Show the part of the Home tab, the form of settings, and what approvers are told."""
    for view, about in ((Administration(SETTINGS), "an administrator's"), (Administration(NONE_SET), "nothing set")):
        yield from cases(home.home, about)(HomeView([], [], [], [], approves=True, administration=view))
    for settings, fixed, about in (
        (SETTINGS, frozenset[str](), "all its own"),
        (NONE_SET, frozenset[str](), "nothing set"),
        (SETTINGS, frozenset(SHOWN), "all set where the bot is installed"),
    ):
        yield from cases(firm_settings.form, about)(settings, fixed, "cdcdcdcdcdcdcdcd")
    yield from cases(firm_settings.changed)(of.MANAGER, NONE_SET, SETTINGS, list(SHOWN))
