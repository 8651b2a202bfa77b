"""What a click says, read from Slack's payload: ids, never anything to be believed unchecked."""

import re
from dataclasses import dataclass
from typing import Any, Self

from brought_forward.bot.errors import NotAllowed
from brought_forward.bot.messages.blocks import ACTION, MENU
from brought_forward.bot.messages.words import clean_lines

NUMBER = re.compile("[0-9]{1,15}")
REASON = "reason"  # the block and field of a form that hold it


def who(body: dict[str, Any]) -> tuple[str, str]:
    """Read who acted, and in which workspace, from any payload of an interaction."""
    user = body["user"]
    return str(user["id"]), str(user.get("team_id") or (body.get("team") or {}).get("id") or "")


def installed_in(body: dict[str, Any]) -> str:
    """Read of any payload in which workspace the app was asked, which need not be that of who acted."""
    view, team = body.get("view") or {}, body.get("team") or {}
    of = body.get("authorizations") or [body]
    found = view.get("app_installed_team_id") or team.get("id") or of[0].get("team_id") or body.get("team_id")
    return str(found or (body.get("user") or {}).get("team_id") or "")


@dataclass(frozen=True, slots=True)
class Decision:
    """A click: who wants what of which revision."""

    action: str
    batch: int
    revision: int
    digest: str
    entry: int | None
    actor: str
    firm: str  # the clicker's workspace
    message_ts: str
    action_ts: str
    reason: str = ""  # what was typed or chosen in a form: why a batch is rejected, a report's total, a day

    @classmethod
    def from_click(cls, body: dict[str, Any]) -> Self:
        """Read a block_actions payload. Raises NotAllowed where the button is none of ours."""
        action = body["actions"][0]
        name, value = str(action["action_id"]).removeprefix(ACTION), str(action.get("value") or "")
        if name == MENU:  # what was chosen there says what it does, and then what a button's value says
            name, _, value = str((action.get("selected_option") or {}).get("value") or "").partition(":")
        parts = value.split(":")
        numbers = [parts[0], *parts[1:2], *parts[3:]]
        if len(parts) not in {3, 4} or not all(NUMBER.fullmatch(part) for part in numbers):
            raise NotAllowed("This button is not one of mine any more.")
        actor, firm = who(body)
        return cls(
            action=name,
            batch=int(parts[0]),
            revision=int(parts[1]),
            digest=parts[2],
            entry=int(parts[3]) if len(parts) == 4 else None,
            actor=actor,
            firm=firm,
            message_ts=str((body.get("container") or {}).get("message_ts") or ""),
            action_ts=str(action.get("action_ts") or ""),
        )

    def metadata(self) -> str:
        """Write what a form carries along, to be read by `from_form`: ids only."""
        of = "" if self.entry is None else f":{self.entry}"
        return f"{self.batch}:{self.revision}:{self.digest}:{self.message_ts}:{self.action_ts}{of}"

    @classmethod
    def from_form(cls, body: dict[str, Any], field: str = REASON) -> Self:
        """Read a view_submission payload with one field. Raises NotAllowed where the form is none of ours."""
        view = body["view"]
        parts = str(view.get("private_metadata") or "").split(":")
        if len(parts) not in {5, 6} or not all(NUMBER.fullmatch(part) for part in [*parts[:2], *parts[5:]]):
            raise NotAllowed("This form is not one of mine any more.")
        actor, firm = who(body)
        given = ((view.get("state") or {}).get("values") or {}).get(field, {}).get(field, {})
        typed = given.get("value") or given.get("selected_date")
        return cls(
            action=str(view["callback_id"]).removeprefix(ACTION),
            batch=int(parts[0]),
            revision=int(parts[1]),
            digest=parts[2],
            entry=int(parts[5]) if len(parts) == 6 else None,
            actor=actor,
            firm=firm,
            message_ts=parts[3],
            action_ts=parts[4],
            reason=clean_lines(str(typed or "")),
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """A choice in a select: who says what a sheet means."""

    batch: int
    question: str  # the fingerprint of what was asked
    place: int  # of the answer among those that were offered
    actor: str
    firm: str
    message_ts: str
    action_ts: str

    @classmethod
    def from_choice(cls, body: dict[str, Any]) -> Self:
        """Read a block_actions payload. Raises NotAllowed where the select is none of ours."""
        action = body["actions"][0]
        parts = str((action.get("selected_option") or {}).get("value") or "").split(":", 3)  # an answer may hold colons
        if len(parts) != 4 or not all(NUMBER.fullmatch(part) for part in (parts[0], parts[2])):
            raise NotAllowed("This question is not one of mine any more.")
        actor, firm = who(body)
        return cls(
            batch=int(parts[0]),
            question=parts[1],
            place=int(parts[2]),
            actor=actor,
            firm=firm,
            message_ts=str((body.get("container") or {}).get("message_ts") or ""),
            action_ts=str(action.get("action_ts") or ""),
        )
