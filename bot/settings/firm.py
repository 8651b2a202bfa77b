"""What a firm has: who approves, where files are dropped, how entries are named, and where its Clio is."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, ValidationError

from brought_forward.bot.settings.kinds import (
    Approvers,
    Channels,
    Credits,
    Currency,
    Days,
    Description,
    Hours,
    Limit,
    Region,
    Years,
    Zone,
)

REGIONS: dict[Region, str] = {
    "us": "https://app.clio.com",
    "ca": "https://ca.app.clio.com",
    "eu": "https://eu.app.clio.com",
    "au": "https://au.app.clio.com",
}


def site_of(api_url: str | None, region: str | None) -> str:
    """Say where a Clio is: at the address that is set, else in its region, the US where none is named."""
    if api_url:
        return api_url.rstrip("/").removesuffix("/api/v4")
    return next((site for name, site in REGIONS.items() if name == region), REGIONS["us"])


class FirmSettings(BaseModel):
    """What one firm has set, as of the moment it was asked for; it is asked for again each time."""

    model_config = ConfigDict(frozen=True, extra="ignore", str_strip_whitespace=True)

    approvers: Approvers = ()
    admins: Approvers = ()  # none: the owners of the workspace
    channels: Channels = ()
    description: Description = "Balance brought forward"
    currency: Currency = None
    timezone: Zone = None
    credits: Credits = "hold"
    two_approvers_above: Limit = None
    expire_hours: Hours = 72.0
    keep_days: Days = 90  # files, names and notes, after a batch is over
    keep_years: Years = 7.0  # sums and ids, after that
    region: Region | None = None

    # The deployment's, for all its firms
    api_url: str | None = None  # another address than the region's
    practice: bool = False

    @property
    def zone(self) -> ZoneInfo:
        """The firm's zone; UTC where none is set."""
        return self.timezone or ZoneInfo("UTC")

    def today(self) -> date:
        """Give the day that it is where the firm is; in UTC where no zone is set."""
        return datetime.now(self.timezone or UTC).date()

    @property
    def clio_base(self) -> str:
        """The API's base, without a slash at its end."""
        return f"{self.clio_site}/api/v4"

    @property
    def clio_site(self) -> str:
        """Where people open Clio; links into it start here."""
        return site_of(self.api_url, self.region)

    @property
    def clio_place(self) -> str:
        """The region, or the host where another address is set: ids of Clio's are unique within it."""
        if self.practice:
            return "practice"
        return self.region or self.clio_site.split("//")[-1]

    @property
    def day_first(self) -> bool:
        """Whether 03/04/2026 is 3 April in this firm's sheets, where the sheet itself does not tell."""
        return self.region in {"eu", "au"}


# For people who type a value, where the kind's own words are a programmer's.
PLAINLY = {
    "two_approvers_above": "Write a sum with digits and a dot, such as 10000 or 2500.50.",
    "credits": "Choose one of the two.",
    "description": "Write 1 to 120 characters.",
    "expire_hours": "Write a number of hours, more than 0 and 8,760 at most.",
    "keep_days": "Write a whole number of days, 7 to 36,500.",
    "keep_years": "Write a number of years, 1 to 100.",
}


def wrong_in(given: Mapping[str, Any]) -> dict[str, str]:
    """Say what is wrong with settings, a sentence each by name; nothing where all can be used."""
    try:
        FirmSettings(**given)
    except ValidationError as wrong:
        found = {}
        for error in wrong.errors():
            name = str(error["loc"][0])
            own = str(error["msg"]).removeprefix("Value error, ")
            found[name] = own if error["type"] == "value_error" else PLAINLY.get(name, own)
        return found
    return {}
