"""Which rules a batch is decided by: those in force at its upload, never softer than the settings of now."""

from decimal import Decimal

from brought_forward.bot.settings import FirmSettings
from brought_forward.storage.records.batch import Rules


def rules_now(settings: FirmSettings) -> Rules:
    """Take the rules from the settings, for an upload that arrives."""
    return Rules(
        approvers=settings.approvers,
        two_above=settings.two_approvers_above,
        expire_hours=settings.expire_hours,
        post_credits=settings.credits == "post",
        description=settings.description,
    )


def needs_two(rules: Rules, turnover: Decimal) -> bool:
    """Say whether two approvers are needed; `turnover` sums the entries without their signs.

    A credit does not make a batch smaller: what is moved counts, to the cent, and a sum equal to the limit needs one.
    """
    return rules.two_above is not None and turnover > rules.two_above
