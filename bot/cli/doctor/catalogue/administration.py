"""What administrators see in their Home tab and its forms, and what is told of what they do."""

from collections.abc import Iterator
from decimal import Decimal
from zoneinfo import ZoneInfo

from brought_forward.bot.cli.doctor.catalogue import samples as of
from brought_forward.bot.cli.doctor.catalogue.case import Case, cases
from brought_forward.bot.messages import administration, check, connect, firm_settings, home
from brought_forward.bot.messages.administration import Administration
from brought_forward.bot.messages.check import Line
from brought_forward.bot.messages.connect import SignInView
from brought_forward.bot.messages.firm_settings import SHOWN
from brought_forward.bot.messages.home import HomeView
from brought_forward.bot.settings.firm import REGIONS, FirmSettings
from brought_forward.storage.records.connection import Right

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


RIGHTS = [Right(f"{of.LONG} {place}", may, of.LONG) for place in range(3) for may in (True, False, None)]
SIGN_INS = (
    (SignInView(None), "not connected"),
    (SignInView(None, connects=False), "not connected, to be connected elsewhere"),
    (SignInView(of.SIGN_IN, RIGHTS), "connected"),
    (SignInView(of.SIGN_IN, RIGHTS, heir=of.SIGN_IN), "connected, another stands by"),
    (SignInView(of.SIGN_IN, is_given=True), "connected where the bot is installed"),
)


def administration_cases() -> Iterator[Case]:
    """Show the part of the Home tab with its forms, and what is told of what administrators do."""
    for sign_in, about in SIGN_INS:
        view = Administration(SETTINGS if sign_in.sign_in else NONE_SET, sign_in)
        yield from cases(home.home, about)(HomeView([], [], [], [], approves=True, administration=view))
    for settings, fixed, about in (
        (SETTINGS, frozenset[str](), "all its own"),
        (NONE_SET, frozenset[str](), "nothing set"),
        (SETTINGS, frozenset(SHOWN), "all set where the bot is installed"),
    ):
        yield from cases(firm_settings.form, about)(settings, fixed, "cdcdcdcdcdcdcdcd")
    yield from cases(firm_settings.changed)(of.MANAGER, NONE_SET, SETTINGS, list(SHOWN))
    links = [(f"Clio ({place})", f"{of.SITE}/oauth/authorize?state={'s' * 32}") for place in REGIONS]
    for some, about in ((links, "any region"), (links[:1], "one region")):
        yield from cases(connect.form, about)(some, 10)
    yield from cases(connect.connected)(of.SIGN_IN, RIGHTS, "us:7")
    yield from cases(connect.another_account)(of.MANAGER, of.SIGN_IN, "us:7")
    for heir, about in ((None, "none stands by"), (of.SIGN_IN, "another stands by")):
        yield from cases(connect.disconnected, about)(of.MANAGER, heir)
    yield from cases(connect.not_disconnected)("Clio answered 503.")
    yield from cases(administration.not_opened)()
    yield from cases(check.looking)()
    parts = ("Settings", "Slack", "Clio", "This machine")
    lines = [
        Line(parts[place % 4], of.LONG, state, f"{of.LONG} {place}", of.LONG if state == "to do" else "")
        for place, state in enumerate(("ok", "ok", "note", "ok", "to do") * 16)
    ]
    yield from cases(check.found, "much to do")(lines)
    yield from cases(check.found, "all well")([one for one in lines if one.state == "ok"])
    yield from cases(check.failed)()
