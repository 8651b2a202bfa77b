"""The kinds of values that are set, each with a sentence for what is wrong: whoever sets them, by whatever way."""

import re
from decimal import Decimal
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_settings import NoDecode

SUM = re.compile(r"[0-9]{1,12}(\.[0-9]{1,2})?")


def _list(value: Any) -> Any:
    return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value


def _people_and_groups(value: tuple[str, ...]) -> tuple[str, ...]:
    for one in value:
        if not one.startswith(("U", "W", "S")):
            raise ValueError(
                f"{one} is neither a Slack user id nor a user group's. Open the person's profile and copy the"
                " member ID (U0123ABCD), or the group's and copy its ID (S0123ABCD)."
            )
    return tuple(dict.fromkeys(value))


def _channel_ids(value: tuple[str, ...]) -> tuple[str, ...]:
    for one in value:
        if not one.startswith(("C", "G")):
            raise ValueError(f"{one} is no channel id. Open the channel's details and copy the id at the bottom.")
    return value


def _workspace_ids(value: tuple[str, ...]) -> tuple[str, ...]:
    for one in value:
        if not one.startswith("T"):
            raise ValueError(
                f"{one} is no workspace's id. It stands behind app.slack.com/client/ in the browser: T0123ABCD."
            )
    return value


def _plain_sum(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if not value.strip():
        return None
    if not SUM.fullmatch(value.strip()):
        raise ValueError(f"{value} is no sum. Write it with digits and a dot, such as 10000 or 2500.50.")
    return Decimal(value.strip())


def _code(value: str | None) -> str | None:
    if value is not None and not (len(value) == 3 and value.isascii() and value.isupper()):
        raise ValueError(f"{value} is no currency code. Write three letters, such as USD.")
    return value


def _zone(value: Any) -> Any:
    if isinstance(value, str):
        if not value.strip():
            return None
        try:
            return ZoneInfo(value.strip())
        except (ZoneInfoNotFoundError, ValueError) as unknown:
            raise ValueError(f"{value} is no time zone. Write it like America/New_York.") from unknown
    return value


def _nothing(value: Any) -> Any:
    return None if isinstance(value, str) and not value.strip() else value


Approvers = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_list), AfterValidator(_people_and_groups)]
Channels = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_list), AfterValidator(_channel_ids)]
Workspaces = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_list), AfterValidator(_workspace_ids)]
Description = Annotated[str, Field(min_length=1, max_length=120)]
Currency = Annotated[str | None, AfterValidator(_code)]
Zone = Annotated[ZoneInfo | None, BeforeValidator(_zone)]
Credits = Literal["hold", "post"]
Limit = Annotated[Decimal | None, Field(ge=0, decimal_places=2), BeforeValidator(_plain_sum)]
Hours = Annotated[float, Field(gt=0, le=8_760)]
Days = Annotated[int, Field(ge=7, le=36_500)]
Years = Annotated[float, Field(ge=1, le=100)]
Region = Literal["us", "ca", "eu", "au"]
MaybeRegion = Annotated[Region | None, BeforeValidator(_nothing)]
