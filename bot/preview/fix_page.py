"""A page of the form that puts lines right, as Slack sends it: what a person chose and typed, line by line."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Self

from brought_forward.bot.errors import NotAllowed
from brought_forward.bot.messages.fix_form import AMOUNT, ANYWAY, FATE, MATTER, NOTE, SKIP, TEXT, USER, WHY, block_id
from brought_forward.bot.sheet.cells import Unreadable
from brought_forward.bot.sheet.money.figures import DecimalMark, money_of_text
from brought_forward.bot.slack.clicks import who
from brought_forward.storage.records.sheet import Line

PLACE = re.compile("([0-9]{1,15}):([0-9]{1,9}):([0-9]{1,6})")
Fields = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the form as Slack sends it: whose, of which revision, and what stands in its fields."""

    batch: int
    revision: int
    page: int
    actor: str
    firm: str
    values: Mapping[str, Mapping[str, Mapping[str, Any]]]  # by block and action, as Slack keeps them

    @classmethod
    def of(cls, body: dict[str, Any]) -> Self:
        """Read a payload with a view. Raises NotAllowed where the form is none of ours."""
        view = body.get("view") or {}
        place = PLACE.fullmatch(str(view.get("private_metadata") or ""))
        if place is None:
            raise NotAllowed("This form is not one of mine any more.")
        actor, firm = who(body)
        return cls(
            batch=int(place[1]),
            revision=int(place[2]),
            page=int(place[3]),
            actor=actor,
            firm=firm,
            values=(view.get("state") or {}).get("values") or {},
        )

    def value(self, kind: str, row: int, of: str | None = None) -> Mapping[str, Any]:
        """Give what stands in a line's field; `of` is the block where it is another's."""
        block = self.values.get(block_id(of or kind, row)) or {}
        return next((value for action, value in block.items() if action.endswith(f"{kind}-{row}")), {})


def draft_of(page: Page, line: Line, currency: str, wrong: dict[str, str]) -> Fields:
    """Read a line's fields where they say something else than the line."""
    row = line.row
    draft: Fields = {}
    for kind, block in ((MATTER, MATTER), (USER, USER)):
        option = page.value(kind, row, block).get("selected_option")
        if option:
            draft[kind] = int(option["value"])
    typed = str(page.value(AMOUNT, row).get("value") or "").strip()
    if typed != ("" if line.amount is None else f"{line.amount:.2f}"):
        try:
            draft[AMOUNT] = str(typed_amount(typed, currency))
        except Unreadable as fault:
            wrong[block_id(AMOUNT, row)] = f"Row {row}: {fault}"
    note = " ".join(str(page.value(NOTE, row).get("value") or "").split())
    if note != " ".join((line.note or "")[:TEXT].split()):  # as the field showed it: a longer note stays whole
        draft[NOTE] = note
    ticked = [one["value"] for one in page.value(FATE, row, USER).get("selected_options") or []]
    if ticked != ([SKIP] if line.skipped else [ANYWAY] if line.anyway else []):
        draft[FATE] = ticked
    why = " ".join(str(page.value(WHY, row).get("value") or "").split())
    if ANYWAY in ticked:
        if not why:
            wrong[block_id(WHY, row)] = f"Row {row}: say why it is posted anyway."
            draft.pop(FATE, None)
        elif why != line.anyway:
            draft |= {FATE: ticked, WHY: why}
    if SKIP in ticked and ANYWAY in ticked:
        wrong[block_id(AMOUNT, row)] = f"Row {row}: either leave it out or post it anyway."
    return draft


def typed_amount(text: str, currency: str) -> Decimal:
    """Read an amount as people type it: 1,234.56. Raises Unreadable."""
    if not text:
        raise Unreadable("type the amount; 0 where nothing is owed, or leave the line out.")
    return money_of_text(text, DecimalMark.DOT, currency)
