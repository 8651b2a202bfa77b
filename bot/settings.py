"""Every setting, with the environment's names. docs/settings.md lists them; a test keeps the two equal."""

import json
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from brought_forward.bot.errors import SettingsError

REGIONS = {
    "us": "https://app.clio.com",
    "ca": "https://ca.app.clio.com",
    "eu": "https://eu.app.clio.com",
    "au": "https://au.app.clio.com",
}

DATABASE = Path("brought-forward.db")
PRACTICE_DB = "brought-forward-practice.db"
NOWHERE = "http://127.0.0.1:9/api/v4"  # until practice puts its pretend Clio there

SUM = re.compile(r"[0-9]{1,12}(\.[0-9]{1,2})?")


class Timing(BaseModel):
    """How long things wait, in seconds. The defaults are for Clio and Slack; tests and the demo shrink them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    connect: float = 3.0  # to reach Clio
    read: float = 20.0  # for Clio to answer
    claim: float = 5.0  # between a claim and the last byte of its POST; later than that it is not sent
    fresh: float = 1.0  # between reading an entry and its DELETE; later than that it is read again
    settle: float = 45.0  # after a POST without an answer, before the first look
    second_look: float = 10.0  # between two looks that must agree
    keep_asking: float = 120.0  # how long a GET is tried before a person hears of it
    first_pause: float = 1.0  # before a failed GET is tried again; doubles
    window: float = 60.0  # of Clio's limit, until its headers speak
    quota: int = 50  # calls in a window, until the headers speak
    in_flight: Annotated[int, Field(ge=1)] = 8  # POSTs under way at once, at most; 1: each waits for the one before
    edit_gap: float = 5.0  # between two edits of the living status message
    post_gap: float = 1.0  # between two messages in one channel
    ping: Annotated[float, Field(gt=0)] = 1.5  # between two over Slack's WebSocket; four without an answer: dead
    share_pause: float = 1.0  # before Slack is asked again where a file was shared; doubles
    sweep: float = 60.0  # between two looks for batches that should be moving
    poll: float = 0.25  # between two looks of the engine at its queue
    home_gap: float = 5.0  # after a change, before the Home tabs of those it concerns are made anew
    person: float = 2.0  # for Slack to say who clicked; then the click is refused
    silence: float = 3_600.0  # while Slack does not say who dropped a file, before they are told
    group: Annotated[float, Field(ge=0, le=60)] = (
        60.0  # how long a user group's members are kept before Slack is asked again
    )
    watch: Annotated[float, Field(gt=0)] = 10.0  # between two looks whether the bot itself is well
    report_poll: float = 5.0  # between two looks at a report that Clio is making
    report_wait: float = 900.0  # for Clio to make a report
    remind: float = 14_400.0  # after a preview that nobody decided, before its approvers are reminded


class Settings(BaseModel):
    """What the person who installs says; nothing is taken from the environment here."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    slack_bot_token: SecretStr = Field(min_length=1)
    slack_signing_secret: SecretStr = SecretStr("")
    slack_app_token: SecretStr = SecretStr("")
    slack_api_url: str = "https://slack.com/api/"
    port: int = Field(3000, ge=1, le=65535)

    clio_region: Literal["us", "ca", "eu", "au"] | None = None
    clio_access_token: SecretStr = Field(min_length=1)
    clio_api_url: str | None = None

    balances_bind: str = "127.0.0.1"
    balances_health_port: int | None = Field(None, ge=1, le=65535)
    balances_metrics_port: int | None = Field(None, ge=1, le=65535)
    balances_db: Path = DATABASE
    balances_approvers: Annotated[tuple[str, ...], NoDecode] = ()
    balances_channels: Annotated[tuple[str, ...], NoDecode] = ()
    balances_description: str = Field("Balance brought forward", min_length=1, max_length=120)
    balances_currency: str | None = None
    balances_timezone: ZoneInfo | None = None
    balances_credits: Literal["hold", "post"] = "hold"
    balances_two_approvers_above: Decimal | None = Field(None, ge=0, decimal_places=2)
    balances_expire_hours: float = Field(72.0, gt=0, le=8_760)
    balances_keep_days: int = Field(90, ge=7, le=36_500)
    balances_keep_years: float = Field(7.0, ge=1, le=100)
    balances_timing: Annotated[Timing, NoDecode] = Timing()
    balances_practice: bool = False

    @model_validator(mode="before")
    @classmethod
    def _rehearse(cls, given: Any) -> Any:
        """In practice, drop whatever leads to the real Clio at the door: nothing that runs can reach it."""
        if not isinstance(given, dict):
            return given
        if str(given.get("balances_practice", "")).strip() == "":
            return {name: value for name, value in given.items() if name != "balances_practice"}
        if str(given["balances_practice"]).strip().lower() not in {"0", "false", "no", "off"}:
            given = {"balances_db": PRACTICE_DB} | given | {"clio_api_url": NOWHERE, "clio_access_token": "practice"}
        return given

    @field_validator("balances_approvers", "balances_channels", mode="before")
    @classmethod
    def _list(cls, value: Any) -> Any:
        return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value

    @field_validator("balances_approvers")
    @classmethod
    def _people_and_groups(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for one in value:
            if not one.startswith(("U", "W", "S")):
                raise ValueError(
                    f"{one} is neither a Slack user id nor a user group's. Open the person's profile and copy the"
                    " member ID (U0123ABCD), or the group's and copy its ID (S0123ABCD)."
                )
        return tuple(dict.fromkeys(value))

    @field_validator("balances_two_approvers_above", mode="before")
    @classmethod
    def _plain_sum(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        if not value.strip():
            return None
        if not SUM.fullmatch(value.strip()):
            raise ValueError(f"{value} is no sum. Write it with digits and a dot, such as 10000 or 2500.50.")
        return Decimal(value.strip())

    @field_validator("balances_channels")
    @classmethod
    def _channel_ids(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for one in value:
            if not one.startswith(("C", "G")):
                raise ValueError(f"{one} is no channel id. Open the channel's details and copy the id at the bottom.")
        return value

    @field_validator("balances_currency")
    @classmethod
    def _code(cls, value: str | None) -> str | None:
        if value is not None and not (len(value) == 3 and value.isascii() and value.isupper()):
            raise ValueError(f"{value} is no currency code. Write three letters, such as USD.")
        return value

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

    def today(self) -> date:
        """Give the day that it is where the firm is; in UTC where no zone is set."""
        return datetime.now(self.balances_timezone or UTC).date()

    @field_validator("balances_timezone", mode="before")
    @classmethod
    def _zone(cls, value: Any) -> Any:
        if isinstance(value, str):
            if not value.strip():
                return None
            try:
                return ZoneInfo(value.strip())
            except (ZoneInfoNotFoundError, ValueError) as unknown:
                raise ValueError(f"{value} is no time zone. Write it like America/New_York.") from unknown
        return value

    @field_validator("balances_db", mode="before")
    @classmethod
    def _file(cls, value: Any) -> Any:
        if isinstance(value, str) and value.startswith(("postgresql:", "postgres:")):
            raise ValueError("PostgreSQL is not built yet. Give the path of an SQLite file.")
        if value is not None and not Path(value).absolute().parent.is_dir():
            raise ValueError(f"The folder {Path(value).parent} does not exist. Make it, or name another path.")
        return value

    @field_validator("balances_timing", mode="before")
    @classmethod
    def _waits(cls, value: Any) -> Any:
        if isinstance(value, str):
            try:
                return json.loads(value)
            except ValueError as wrong:
                raise ValueError('This is no JSON. Write it like {"settle": 45}.') from wrong
        return value

    @field_validator("slack_api_url")
    @classmethod
    def _slash(cls, value: str) -> str:
        return value if value.endswith("/") else value + "/"

    @model_validator(mode="after")
    def _together(self) -> "Settings":
        if self.clio_api_url is None and self.clio_region is None:
            raise ValueError("CLIO_REGION is not set. Name the region of the firm's Clio account: us, ca, eu or au.")
        return self

    @property
    def clio_base(self) -> str:
        """The API's base, without a slash at its end."""
        return (self.clio_api_url or f"{REGIONS[self.clio_region or 'us']}/api/v4").rstrip("/")

    @property
    def clio_site(self) -> str:
        """Where people open Clio; links into it start here."""
        return self.clio_base.removesuffix("/api/v4")

    @property
    def clio_place(self) -> str:
        """The region, or the host where CLIO_API_URL names one: ids of Clio's are unique within it."""
        if self.balances_practice:
            return "practice"
        return self.clio_region or self.clio_site.split("//")[-1]

    @property
    def day_first(self) -> bool:
        """Whether 03/04/2026 is 3 April in this firm's sheets, where the sheet itself does not tell."""
        return self.clio_region in {"eu", "au"}


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
