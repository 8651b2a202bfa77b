"""The rules a batch is decided by: those in force when its file was dropped, kept in its row. Pure."""

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Self


@dataclass(frozen=True, slots=True)
class Rules:
    """What the settings said at the upload; a change of settings holds for later uploads only."""

    approvers: tuple[str, ...]  # ids of people (U, W) and of user groups (S)
    two_above: Decimal | None  # two approvers above this sum, in the batch's currency; None: one is enough
    expire_hours: float  # from a preview on
    post_credits: bool
    description: str  # the activity description's name

    def json(self) -> str:
        """Write them for the batch's row; the sum as text, so that it stays exact."""
        return json.dumps(
            {
                "approvers": list(self.approvers),
                "two_above": None if self.two_above is None else str(self.two_above),
                "expire_hours": self.expire_hours,
                "post_credits": self.post_credits,
                "description": self.description,
            }
        )

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read them from a batch's row."""
        kept = json.loads(text)
        two_above = kept["two_above"]
        return cls(
            approvers=tuple(kept["approvers"]),
            two_above=None if two_above is None else Decimal(two_above),
            expire_hours=float(kept["expire_hours"]),
            post_credits=bool(kept["post_credits"]),
            description=str(kept["description"]),
        )
