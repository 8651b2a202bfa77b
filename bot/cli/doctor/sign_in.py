"""By which sign-in Clio is reached, and when that ends; no token is read here."""

from collections.abc import Iterator
from datetime import UTC, datetime

from brought_forward.bot.cli.doctor.finding import Finding, amiss, note, ok
from brought_forward.bot.messages.words import long_date
from brought_forward.bot.settings import Settings
from brought_forward.storage.health import is_there, kept_sign_in

WHAT = "Token"
SOON = 14  # days: as many as approvers are told ahead


def sign_in_lines(settings: Settings) -> Iterator[Finding]:
    """Say where the token comes from; nothing where nobody has signed in, which is told by whoever asks Clio."""
    if settings.balances_practice:
        return
    if settings.clio_access_token.get_secret_value():
        yield note(WHAT, "the environment's: nobody knows when it ends; one by brought-forward connect renews itself")
        return
    kept = kept_sign_in(settings.balances_db) if is_there(settings.balances_db) else None
    if kept is None:
        return
    if kept.is_renewed:
        yield ok(WHAT, "by brought-forward connect; a running bot renews it")
    elif kept.expires_at is None:
        yield note(WHAT, "by brought-forward connect; Clio does not say when it ends, and gives no other for it")
    else:
        said = f"by brought-forward connect; it ends on {long_date(kept.expires_at.date())} and cannot be renewed"
        soon = (kept.expires_at - datetime.now(UTC)).days < SOON
        yield amiss(WHAT, said, "Sign in again: brought-forward connect.") if soon else note(WHAT, said)
