"""The machine's clock against those of Slack and Clio, by the Date of their answers. Pure."""

from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from brought_forward.bot.cli.doctor.finding import Finding, amiss, note, ok

MOST = 30.0  # seconds: Slack refuses requests that are five minutes old, and Clio's windows last one


def ahead(headers: Mapping[str, str], before: float, after: float) -> float | None:
    """Tell how many seconds this machine is ahead of who answered, between two of its instants.

    Returns None where the answer has no Date that can be read. Date is cut to whole seconds, so half of one is added.
    """
    date = next((value for name, value in headers.items() if name.lower() == "date"), "")
    try:
        there = parsedate_to_datetime(date).timestamp() + 0.5
    except ValueError:
        return None
    return (before + after) / 2 - there


def clock_line(whose: str, seconds: float | None) -> Finding:
    """Say how far two clocks are apart."""
    what = f"Clock against {whose}'s"
    if seconds is None:
        return note(what, f"not known: {whose}'s answer has no date")
    apart = f"{abs(seconds):,.0f} s {'ahead of' if seconds > 0 else 'behind'} {whose}'s"
    if abs(seconds) <= MOST:
        return ok(what, f"within {MOST:.0f} s")
    return amiss(
        what,
        f"this machine's clock is {apart}",
        "Let the machine set its clock by the network (timedatectl set-ntp true). Entries would be dated, and previews"
        " expire, by the wrong time.",
    )
