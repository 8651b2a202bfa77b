"""A page of the form that puts lines right, as Slack sends it: what a person chose and typed, line by line."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Self

from brought_forward.bot.errors import NotAllowed
from brought_forward.bot.messages.blocks import ACTION
from brought_forward.bot.messages.fix_form import SUGGEST
from brought_forward.bot.messages.fix_items import (
    ADDED,
    AMOUNT,
    DECLINED,
    FATE,
    MATTER,
    MATTERS,
    MORE,
    NOTE,
    SHARED,
    USER,
    USERS,
    WHY,
    Item,
    SharedName,
    Suggestion,
)
from brought_forward.bot.messages.fix_line import ANYWAY, RIGHT, SKIP, TEXT, block_id, why
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
    values: Mapping[str, Mapping[str, Any]]  # by action, as Slack keeps them

    @classmethod
    def of(cls, body: dict[str, Any]) -> Self:
        """Read a payload with a view. Raises NotAllowed where the form is none of ours."""
        view = body.get("view") or {}
        place = PLACE.fullmatch(str(view.get("private_metadata") or ""))
        if place is None:
            raise NotAllowed("This form is not one of mine any more.")
        actor, firm = who(body)
        blocks = (view.get("state") or {}).get("values") or {}
        return cls(
            batch=int(place[1]),
            revision=int(place[2]),
            page=int(place[3]),
            actor=actor,
            firm=firm,
            values={action: value for fields in blocks.values() for action, value in fields.items()},
        )

    def shows(self, kind: str, row: int) -> bool:
        """Tell whether a line's field stands on the page."""
        return f"{ACTION}{kind}-{row}" in self.values

    def value(self, kind: str, row: int) -> Mapping[str, Any]:
        """Give what stands in a line's field."""
        return self.values.get(f"{ACTION}{kind}-{row}") or {}

    def ticked(self) -> set[str]:
        """Name the suggestions that stay ticked."""
        return {
            option["value"]
            for action, value in self.values.items()
            if action.startswith(f"{ACTION}{SUGGEST}-")
            for option in value.get("selected_options") or ()
        }


def drafts_of(
    page: Page, shown: Sequence[Item], before: Mapping[int, Fields], currency: str, wrong: dict[str, str]
) -> dict[int, Fields]:
    """Read what is chosen on a page of names and lines, by row; what is wrong goes into `wrong`, by block.

    `before` is what was chosen until then: what the page does not show stays as it was.
    """
    found: dict[int, Fields] = {}
    for one in shown:
        kept = dict(found.get(one.row, before.get(one.row, {})))
        if isinstance(one, SharedName):
            found[one.row] = _choice(page, SHARED[one.name.kind], one.row, kept)
        else:
            found[one.row] = _line(page, one, kept, currency, wrong)
    return found


def drafts_of_suggestions(
    page: Page, offered: Sequence[Suggestion], before: Mapping[int, Fields], *, accept: bool
) -> dict[int, Fields]:
    """Read which suggestions stay ticked: they are chosen with `accept`, and the others are declined, by row."""
    found: dict[int, Fields] = {}
    ticked = page.ticked()
    for one in offered:
        draft = found.setdefault(one.row, dict(before.get(one.row, {})))
        declined = {*draft.pop(DECLINED, ())} - {one.key}
        if one.value not in ticked:
            declined.add(one.key)
        elif accept:
            draft[one.key] = one.near.clio_id
        if declined:
            draft[DECLINED] = sorted(declined)
    return found


def _choice(page: Page, key: str, row: int, draft: Fields) -> Fields:
    """Put what was chosen in a select into a draft."""
    if page.shows(key, row):
        chosen = page.value(key, row).get("selected_option")
        draft.pop(key, None)
        if chosen:
            draft[key] = int(chosen["value"])
    return draft


def _line(page: Page, line: Line, before: Fields, currency: str, wrong: dict[str, str]) -> Fields:
    """Read a line's fields where they say something else than the line."""
    row = line.row
    draft: Fields = {name: before[name] for name in (ADDED, MORE, DECLINED, MATTERS, USERS) if name in before}
    for key in (MATTER, USER):
        if key in before:
            draft[key] = before[key]
        _choice(page, key, row, draft)
    if not page.shows(AMOUNT, row):
        draft |= _kept(before, AMOUNT)
    else:
        typed = str(page.value(AMOUNT, row).get("value") or "").strip()
        if typed != ("" if line.amount is None else f"{line.amount:.2f}"):
            try:
                draft[AMOUNT] = str(typed_amount(typed, currency))
            except Unreadable as fault:
                wrong[block_id(AMOUNT, row)] = f"Row {row}: {fault}"
    if not page.shows(NOTE, row):
        draft |= _kept(before, NOTE)
    else:
        note = _text(page, NOTE, row)
        if note != " ".join((line.note or "")[:TEXT].split()):  # as the field showed it: a longer note stays whole
            draft[NOTE] = note
    return draft | _fate(page, line, before, wrong)


def _fate(page: Page, line: Line, before: Fields, wrong: dict[str, str]) -> Fields:
    """Read whether a line is left out, or posted anyway, and why."""
    if not page.shows(FATE, line.row):
        return _kept(before, FATE, WHY)
    row = line.row
    ticked = [one["value"] for one in page.value(FATE, row).get("selected_options") or []]
    reason = _text(page, WHY, row) if page.shows(WHY, row) else str(before.get(WHY, why(line)))
    if SKIP in ticked and (ANYWAY in ticked or RIGHT in ticked):
        wrong[block_id(WHY if page.shows(WHY, row) else AMOUNT, row)] = f"Row {row}: either leave it out or post it."
        return {}
    if ANYWAY in ticked and not reason:
        wrong[block_id(WHY, row)] = f"Row {row}: say why it is posted anyway."
        return {}
    changed = ticked != ([SKIP] if line.skipped else [ANYWAY] if line.anyway else [])
    reasoned = bool({SKIP, ANYWAY} & {*ticked}) and reason != why(line)
    draft: Fields = {FATE: ticked} if changed or reasoned else {}
    return draft | ({WHY: reason} if reason != why(line) else {})


def _kept(before: Fields, *names: str) -> Fields:
    return {name: before[name] for name in names if name in before}


def _text(page: Page, kind: str, row: int) -> str:
    return " ".join(str(page.value(kind, row).get("value") or "").split())


def typed_amount(text: str, currency: str) -> Decimal:
    """Read an amount as people type it: 1,234.56. Raises Unreadable."""
    if not text:
        raise Unreadable("type the amount; 0 where nothing is owed, or leave the line out.")
    return money_of_text(text, DecimalMark.DOT, currency)
