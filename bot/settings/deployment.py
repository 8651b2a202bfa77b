"""What a deployment has, with the environment's names, and with it what the environment says of its one firm."""

import json
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from brought_forward.bot.errors import SettingsError
from brought_forward.bot.settings.firm import REGIONS, FirmSettings, site_of
from brought_forward.bot.settings.kinds import (
    Approvers,
    Channels,
    Credits,
    Currency,
    Days,
    Description,
    Hours,
    Limit,
    MaybeRegion,
    Workspaces,
    Years,
    Zone,
)
from brought_forward.bot.settings.timing import Timing
from brought_forward.storage.keys import is_key
from brought_forward.storage.place import PostgresUrl, place_of

DATABASE = Path("brought-forward.db")
PRACTICE_DB = "brought-forward-practice.db"
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
REDIRECT = "/clio/oauth_redirect"
NOWHERE = "http://127.0.0.1:9/api/v4"  # until practice puts its pretend Clio there


def by_region(text: str) -> dict[str, str]:
    """Read `us:KEY, eu:KEY` into keys by region; one that names none stands under ""."""
    parts = [part.rpartition(":") for part in text.replace(",", " ").split()]
    return {region: key for region, _, key in parts}


class Deployment(BaseModel):
    """What all firms of a deployment share: its app in Slack, its file, its address, its waits."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    slack_signing_secret: SecretStr = SecretStr("")
    slack_app_token: SecretStr = SecretStr("")
    slack_api_url: str = "https://slack.com/api/"
    slack_client_id: str = ""
    slack_client_secret: SecretStr = SecretStr("")
    slack_workspaces: Workspaces = ()  # that may install the app; none named: any
    port: int = Field(3000, ge=1, le=65535)

    clio_api_url: str | None = None
    clio_client_id: str = ""
    clio_client_secret: SecretStr = SecretStr("")

    balances_public_url: str | None = None
    balances_bind: str = "127.0.0.1"
    balances_health_port: int | None = Field(None, ge=1, le=65535)
    balances_metrics_port: int | None = Field(None, ge=1, le=65535)
    balances_db: Path | PostgresUrl = DATABASE
    balances_keys: SecretStr = SecretStr("")
    balances_timing: Annotated[Timing, NoDecode] = Timing()
    balances_practice: bool = False

    @property
    def is_shared(self) -> bool:
        """Whether the app is installed in many workspaces, each by somebody of it."""
        return bool(self.slack_client_id)

    @property
    def timing(self) -> Timing:
        """What to wait for, and how long."""
        return self.balances_timing

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys that seal tokens, the newest first; none where a file beside the database has them."""
        return tuple(self.balances_keys.get_secret_value().replace(",", " ").split())

    def clio_site(self, region: str | None) -> str:
        """Say where a region's Clio is, or the one of the address that is set."""
        return site_of(self.clio_api_url, region)

    def clio_app(self, region: str) -> tuple[str, str]:
        """Give key and secret of the app at a region's Clio; empty where it has none. One without a name is of all."""
        keys, secrets = by_region(self.clio_client_id), by_region(self.clio_client_secret.get_secret_value())
        return keys.get(region, keys.get("", "")), secrets.get(region, secrets.get("", ""))

    @property
    def redirect_uri(self) -> str | None:
        """Where Clio leads a browser back to the bot; None where nobody reaches it, as in Socket Mode."""
        if self.balances_public_url is None or self.slack_app_token.get_secret_value():
            return None
        return f"{self.balances_public_url}{REDIRECT}"

    @model_validator(mode="after")
    def _of_regions(self) -> "Deployment":
        """See that each region that has a key of its own has a secret of its own."""
        keys, secrets = by_region(self.clio_client_id), by_region(self.clio_client_secret.get_secret_value())
        if unknown := sorted((keys.keys() | secrets.keys()) - {"", *REGIONS}):
            raise ValueError(
                f"CLIO_CLIENT_ID and CLIO_CLIENT_SECRET name no region with {', '.join(unknown)}. Write one app of all"
                " firms as it is, or of several regions each by its name: us:KEY, eu:KEY."
            )
        if (keys.keys() | secrets.keys()) - {""} and keys.keys() != secrets.keys():
            raise ValueError("CLIO_CLIENT_ID and CLIO_CLIENT_SECRET name different regions. Give each of them both.")
        return self

    @field_validator("balances_public_url", mode="before")
    @classmethod
    def _reached(cls, value: Any) -> Any:
        if not isinstance(value, str) or not value.strip():
            return None
        address = urlsplit(value.strip())
        if not address.hostname or address.query or address.fragment:
            raise ValueError(f"{value} is no address. Write it like https://balances.firm.com.")
        return value.strip().rstrip("/")

    @field_validator("balances_keys")
    @classmethod
    def _sealing(cls, value: SecretStr) -> SecretStr:
        if not all(map(is_key, value.get_secret_value().replace(",", " ").split())):
            raise ValueError("This is no key: 32 bytes in base64, as `brought-forward rotate-key --print` makes them.")
        return value

    @field_validator("clio_api_url", mode="before")
    @classmethod
    def _other(cls, value: Any) -> Any:
        return None if isinstance(value, str) and not value.strip() else value

    @field_validator("balances_bind")
    @classmethod
    def _address(cls, value: str) -> str:
        try:
            ip_address(value)
        except ValueError as wrong:
            raise ValueError(
                f"{value} is no address. Write 127.0.0.1 where the proxy is on the same machine, else the address of"
                " this machine that the proxy reaches, or 0.0.0.0 for all of them."
            ) from wrong
        return value

    @field_validator("balances_db", mode="before")
    @classmethod
    def _file(cls, value: Any) -> Any:
        if value is None or isinstance(value, PostgresUrl):
            return value
        place = place_of(value)
        if isinstance(place, Path) and not place.absolute().parent.is_dir():
            raise ValueError(f"The folder {place.parent} does not exist. Make it, or name another path.")
        return place

    @field_validator("balances_timing", mode="before")
    @classmethod
    def _waits(cls, value: Any) -> Any:
        if isinstance(value, str):
            try:
                return json.loads(value)
            except ValueError as wrong:
                raise ValueError('This is no JSON. Write it like {"settle": 45}.') from wrong
        return value

    @field_validator("slack_api_url", "clio_api_url", "balances_public_url")
    @classmethod
    def _encrypted(cls, value: str | None) -> str | None:
        """Let no token leave the machine in clear."""
        address = urlsplit(value or "")
        if value is not None and address.scheme != "https" and address.hostname not in LOOPBACK:
            raise ValueError(f"{value} does not begin with https://, and tokens would go there for anyone to read.")
        return value

    @field_validator("slack_api_url")
    @classmethod
    def _slash(cls, value: str) -> str:
        return value if value.endswith("/") else value + "/"


class Settings(Deployment):
    """What the person who installs says: of the deployment, and of one firm. Nothing is taken from the environment."""

    slack_bot_token: SecretStr = SecretStr("")

    clio_region: MaybeRegion = None
    clio_access_token: SecretStr = SecretStr("")

    balances_approvers: Approvers = ()
    balances_admins: Approvers = ()
    balances_channels: Channels = ()
    balances_description: Description = "Balance brought forward"
    balances_currency: Currency = None
    balances_timezone: Zone = None
    balances_credits: Credits = "hold"
    balances_two_approvers_above: Limit = None
    balances_expire_hours: Hours = 72.0
    balances_keep_days: Days = 90
    balances_keep_years: Years = 7.0

    @model_validator(mode="before")
    @classmethod
    def _rehearse(cls, given: Any) -> Any:
        """In practice, drop whatever leads to the real Clio at the door: nothing that runs can reach it.

        Raises ValueError where practice would use PostgreSQL: a rehearsal has a file of its own.
        """
        if not isinstance(given, dict):
            return given
        if str(given.get("balances_practice", "")).strip() == "":
            return {name: value for name, value in given.items() if name != "balances_practice"}
        if str(given["balances_practice"]).strip().lower() not in {"0", "false", "no", "off"}:
            if isinstance(place_of(given.get("balances_db") or PRACTICE_DB), PostgresUrl):
                raise ValueError("BALANCES_PRACTICE works with a file alone. Leave BALANCES_DB out, or name a file.")
            given = {"balances_db": PRACTICE_DB} | given | {"clio_api_url": NOWHERE, "clio_access_token": "practice"}
        return given

    @model_validator(mode="after")
    def _one_or_many(self) -> "Settings":
        """See that the app is one workspace's by its token, or many's by the app's own id and secret."""
        if wrong := self._not_shared() if self._is_app_named else self._not_alone():
            raise ValueError(wrong)
        return self

    @property
    def _is_app_named(self) -> bool:
        return bool(self.slack_client_id or self.slack_client_secret.get_secret_value())

    def _not_alone(self) -> str:
        if self.slack_bot_token.get_secret_value():
            return ""
        return "SLACK_BOT_TOKEN is not set. docs/settings.md says where to find it."

    def _not_shared(self) -> str:
        """Say in a sentence why many workspaces cannot install the app; nothing where they can."""
        both = "SLACK_CLIENT_ID and SLACK_CLIENT_SECRET are set"
        if not self.slack_client_id or not self.slack_client_secret.get_secret_value():
            return (
                "SLACK_CLIENT_ID and SLACK_CLIENT_SECRET go together: both where many workspaces install the app, or"
                " none. The Slack app's page has them under Basic Information."
            )
        if self.slack_app_token.get_secret_value():
            return f"{both}, and an app that many workspaces install is heard over HTTP: leave SLACK_APP_TOKEN out."
        if not self.slack_signing_secret.get_secret_value():
            return f"{both}, and SLACK_SIGNING_SECRET is not. Each request is checked with it."
        if self.balances_public_url is None:
            return f"{both}, and BALANCES_PUBLIC_URL is not. Slack leads people back there once they have installed."
        if self.balances_practice:
            return f"{both}, and BALANCES_PRACTICE rehearses in one workspace: by SLACK_BOT_TOKEN alone."
        one = {"SLACK_BOT_TOKEN": self.slack_bot_token, "CLIO_ACCESS_TOKEN": self.clio_access_token}
        named = [name for name, secret in one.items() if secret.get_secret_value()]
        named += [self.name_of(name) for name in self.said_of_firm()]
        if named:
            return (
                f"{both}, so many firms share this bot, and what is one firm's is not set here: leave out"
                f" {', '.join(named)}. Each firm's administrators set theirs in the app's Home tab."
            )
        return ""

    @model_validator(mode="after")
    def _together(self) -> "Settings":
        if self.clio_access_token.get_secret_value() and self.clio_api_url is None and self.clio_region is None:
            raise ValueError(
                "CLIO_REGION is not set, and CLIO_ACCESS_TOKEN is of one region alone. Name that of the firm's Clio"
                " account: us, ca, eu or au."
            )
        return self

    @staticmethod
    def name_of(name: str) -> str:
        """Give the environment's name of what a firm has set."""
        return "CLIO_REGION" if name == "region" else f"BALANCES_{name.upper()}"

    def said_of_firm(self) -> dict[str, Any]:
        """Give what is said of the one firm, by the names of its settings; what is left empty says nothing."""
        names = {name: self.name_of(name).lower() for name in FirmSettings.model_fields}
        said = {name: getattr(self, by) for name, by in names.items() if by in self.model_fields_set}
        return {name: value for name, value in said.items() if value not in (None, ())}


class _Environment(Settings, BaseSettings):
    """The same, each from the environment variable of its name."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", str_strip_whitespace=True)

    @model_validator(mode="after")
    def _hears(self) -> "_Environment":
        """Alone, the bot has to hear Slack; attached to an app, it hears what that app does."""
        if not self.slack_app_token.get_secret_value() and not self.slack_signing_secret.get_secret_value():
            raise ValueError("Neither SLACK_APP_TOKEN (Socket Mode) nor SLACK_SIGNING_SECRET (HTTP) is set.")
        return self


def from_environment() -> Settings:
    """Read the settings from the environment. Raises SettingsError, one sentence for each that is wrong."""
    try:
        return _Environment()  # type: ignore[call-arg]  # the environment gives them
    except ValidationError as wrong:
        raise SettingsError("\n".join(_sentence(error) for error in wrong.errors())) from None


def _sentence(error: Any) -> str:
    name = "_".join(str(part) for part in error["loc"]).upper()
    if error["type"] == "missing" or (error["type"] == "too_short" and not error["input"]):
        return f"{name} is not set. docs/settings.md says where to find it."
    text = str(error["msg"]).removeprefix("Value error, ")
    return f"{name}: {text}" if name else text
