"""Each setting: what it is, where it comes from, and what of it is not as it should be. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from brought_forward.bot.cli.doctor.finding import Finding, amiss, note, ok
from brought_forward.bot.settings import FirmSettings, Settings, Timing

BEGINS = {"slack_bot_token": ("xoxb-", "xoxe.xoxb-"), "slack_app_token": ("xapp-",)}
WHERE = {
    "slack_bot_token": "The bot's token is the Bot User OAuth Token on the app's page, Install App.",
    "slack_app_token": "The app-level token is on the app's page, Basic Information.",
}
OURS = ("clio_api_url", "clio_access_token")  # what practice sets itself
WHOLE = ("api_url", "practice")  # a deployment's, for all its firms


@dataclass(frozen=True, slots=True)
class Known:
    """What is set: by the environment, and by the firm itself as its rows have it."""

    settings: Settings
    firm: FirmSettings  # both together: the environment wins
    rows: frozenset[str] = frozenset()  # the settings' names that the firm's rows say


def known(settings: Settings, rows: Mapping[str, Any]) -> Known:
    """Put together what is set."""
    whole = {"api_url": settings.clio_api_url, "practice": settings.balances_practice}
    return Known(settings, FirmSettings(**{**rows, **settings.said_of_firm(), **whole}), frozenset(rows))


def settings_lines(of: Known) -> Iterator[Finding]:
    """Say of each setting what it is and where it comes from; a secret is never shown."""
    settings = of.settings
    of_firm = {settings.name_of(name).lower(): name for name in FirmSettings.model_fields if name not in WHOLE}
    for name in type(settings).model_fields:
        value = getattr(of.firm, of_firm[name]) if name in of_firm else getattr(settings, name)
        what, said = name.upper(), f"{_shown(value)} ({_source(of, name, of_firm.get(name))})"
        wrong = _wrong(name, value)
        yield amiss(what, said, wrong) if wrong else _told(of, name, what, said)
    if settings.slack_app_token.get_secret_value():
        yield ok("How Slack is heard", "Socket Mode, since an app-level token is set")
    else:
        yield ok("How Slack is heard", f"HTTP, at {settings.balances_bind}, port {settings.port}")


def _source(of: Known, name: str, of_firm: str | None) -> str:
    if name in OURS and of.settings.balances_practice:
        return "practice"
    if name in of.settings.model_fields_set and (of_firm is None or of_firm in of.settings.said_of_firm()):
        wins = of_firm in of.rows
        return "environment, which wins over what the firm has set itself" if wins else "environment"
    return "set by the firm" if of_firm in of.rows else "default"


def _shown(value: Any) -> str:
    if isinstance(value, SecretStr):
        return "set" if value.get_secret_value() else "not set"
    if isinstance(value, Timing):
        usual = Timing().model_dump()
        other = [f"{name} {wait:g}" for name, wait in value.model_dump().items() if wait != usual[name]]
        return f"otherwise than usual: {', '.join(other)}" if other else "as usual"
    if isinstance(value, tuple):
        return ", ".join(value) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "not set" if value is None else str(value)


def _wrong(name: str, value: Any) -> str:
    """Say what to do about a setting that cannot be right; nothing where it can."""
    if name in BEGINS and (token := value.get_secret_value()) and not token.startswith(BEGINS[name]):
        return f"It does not begin with {BEGINS[name][0]}, so it is another token. {WHERE[name]}"
    return ""


def _told(of: Known, name: str, what: str, said: str) -> Finding:
    """Say what is worth knowing of a setting."""
    more, settings, firm = "", of.settings, of.firm
    if name == "balances_timezone" and firm.timezone is None:
        more = "entries are dated in UTC, and each preview says so"
    if name == "balances_channels" and not firm.channels:
        more = "a file counts in whichever channel the bot is in; name the channels, and it is looked at who reads them"
    if name == "balances_db" and isinstance(settings.balances_db, Path) and not settings.balances_db.is_absolute():
        more = "begins a new database wherever the bot is started from; write the whole path"
    if name == "balances_credits" and firm.credits == "post":
        more = "Clio shows a negative entry as positive in its reports and counts its bill as paid"
    if name == "balances_practice" and settings.balances_practice:
        more = "nothing is posted to Clio, and each message says so"
    return note(what, f"{said}: {more}") if more else ok(what, said)
