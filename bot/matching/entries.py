"""Sum the lines of a matter and user to one entry, and write the note on the client's bill. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

from brought_forward.bot.messages.words import long_date, opening
from brought_forward.storage.records.entry import PlannedEntry
from brought_forward.storage.records.firm import Matter, User
from brought_forward.storage.records.sheet import Line

NOTE_LENGTH = 255  # Clio prints the note on the client's bill; nothing says how long it may be


@dataclass(frozen=True, slots=True)
class MatchRules:
    """What the settings, the sheet and whoever brought it say about entries."""

    description: str  # the activity description, and how each note begins
    currency: str
    as_of: date
    post_credits: bool
    user_id: int | None = None  # whose are the lines that name no user; None: the matter's responsible attorney's


def sum_of(group: Sequence[Line]) -> Decimal:
    """Add lines up, in the batch's currency."""
    return sum((line.amount or Decimal(0) for line in group), Decimal(0))


def entry_of(matter: Matter, user: User, group: Sequence[Line], rules: MatchRules) -> PlannedEntry:
    """Make one entry of a matter's and user's lines."""
    return PlannedEntry(
        matter_id=matter.id,
        matter_number=matter.display_number,
        user_id=user.id,
        user_name=user.name,
        amount=sum_of(group),
        note=note(group, rules),
    )


@lru_cache(maxsize=8)
def _opening(rules: MatchRules) -> str:
    return opening(rules.description, rules.as_of)


def note(group: Sequence[Line], rules: MatchRules) -> str:
    """Write what the client's bill will say; only the sheet's own words, no marks of ours."""
    parts: list[str] = []
    silent = False  # some line says nothing: what the others say is then not all of the sum
    for line in group:
        part = " ".join((line.note or "").split())
        day = long_date(line.date) if line.date else ""
        if day and day not in part:
            part = f"{part} ({day})" if part else f"dated {day}"
        silent = silent or not part
        if part and part not in parts:
            parts.append(part)
    text = _opening(rules)
    including = "including " if silent else ""
    whole = f"{text}: {including}{'; '.join(parts)}" if parts else text
    return whole if len(whole) <= NOTE_LENGTH else whole[: NOTE_LENGTH - 1].rstrip() + "…"
