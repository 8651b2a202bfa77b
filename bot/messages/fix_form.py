"""The form in which staff put lines right: at most twenty a page, each with its cells, the reason and what to choose.

Pure. A message's blocks are at most 50, a form's 100; a matter's and a user's select ask the bot while people type.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from brought_forward.bot.messages.blocks import ACTION, Block, context, modal, plain_text, section
from brought_forward.bot.messages.words import clean, count, esc, long_date, money
from brought_forward.storage.records.batch import Batch
from brought_forward.storage.records.firm import Matter, User
from brought_forward.storage.records.sheet import Line

View = dict[str, Any]

LINES = 20  # on a page
BLOCKS = 96  # on a page, of Slack's 100
CALLBACK = ACTION + "fix"
MATTER, USER, FATE, AMOUNT, NOTE, WHY = "matter", "user", "fate", "amount", "note", "why"
SKIP, ANYWAY, RIGHT = "skip", "anyway", "right"
LABEL = 75  # characters of an option
WHOLE = 0  # the row that stands for the whole file
TEXT = 150  # typed into a field
NOTHING: Mapping[int, dict[str, Any]] = {}


@dataclass(frozen=True, slots=True)
class FixView:
    """All that the form shows."""

    batch: Batch
    lines: Sequence[Line]  # those that can be put right, in the sheet's order
    page: int  # from 0
    anyway: frozenset[int] = frozenset()  # rows that may be posted anyway, with a reason
    drafts: Mapping[int, dict[str, Any]] = field(default_factory=dict)  # by row, what was chosen and is not saved
    matters: Mapping[int, Matter] = field(default_factory=dict)  # those that drafts name, by id
    users: Mapping[int, User] = field(default_factory=dict)
    wrong: Sequence[str] = ()  # why this page cannot be left yet
    unnamed: bool = False  # some line names no user, and its matter has no responsible attorney


def pages(lines: Sequence[Line], anyway: frozenset[int]) -> list[list[Line]]:
    """Share the lines out to pages that Slack's limit holds."""
    shared: list[list[Line]] = [[]]
    blocks = 0
    for line in lines:
        wanted = 4 + (line.row in anyway)
        if len(shared[-1]) == LINES or blocks + wanted > BLOCKS:
            shared.append([])
            blocks = 0
        shared[-1].append(line)
        blocks += wanted
    return shared


def form(view: FixView) -> View:
    """Show one page."""
    shared = pages(view.lines, view.anyway)
    here = shared[view.page]
    first = sum(map(len, shared[: view.page])) + 1
    where = f"Lines {first:,} to {first + len(here) - 1:,} of {len(view.lines):,}"
    if len(shared) == 1:
        where = count(len(here), "line")
    blocks: list[Block] = [
        context(
            f"{esc(view.batch.file_name)} ({view.batch.name}): {where} that will not be posted. What a number or a"
            " name means is remembered for next time. If you save, someone else must approve."
        )
    ]
    if view.wrong:
        blocks.append(section(f":warning: {esc(' '.join(view.wrong))[:1000]}"))
    if view.unnamed and view.page == 0:
        blocks.append(_whole_file(view))
    for line in here:
        blocks += _line(view, line)
    if len(shared) > 1:
        blocks.append(_turning(view.page, len(shared)))
    return modal(
        f"Fix lines of {view.batch.name}",
        blocks,
        callback=CALLBACK,
        submit="Save all pages" if len(shared) > 1 else "Save",
        close="Cancel",
        metadata=f"{view.batch.id}:{view.batch.revision}:{view.page}",
    )


def notice(title: str, text: str) -> View:
    """Show a form that only says something."""
    return {"type": "modal", "title": plain_text(title[:24]), "close": plain_text("Close"), "blocks": [section(text)]}


def matter_option(matter: Matter) -> dict[str, Any]:
    """Offer a matter: its number, client and description as far as they fit."""
    parts = [part for part in (matter.client, matter.description) if part]
    closed = [] if matter.status.lower() != "closed" else ["closed"]
    return _option(", ".join([matter.display_number, *closed, *parts]), str(matter.id))


def user_option(user: User) -> dict[str, Any]:
    """Offer a user."""
    return _option(user.name if user.enabled else f"{user.name}, disabled", str(user.id))


def block_id(kind: str, row: int) -> str:
    """Name the block of a line's field; the row is read from it again."""
    return f"{kind}-{row}"


def _line(view: FixView, line: Line) -> list[Block]:
    draft = view.drafts.get(line.row, {})
    chosen = view.matters.get(int(draft.get(MATTER, 0)))
    matter = _select(MATTER, line.row, "Choose the matter", matter_option(chosen) if chosen else None)
    head = section(_cells(line, view.batch.currency or "")) | {"block_id": block_id(MATTER, line.row)}
    user = view.users.get(int(draft.get(USER, 0)))
    fates = [_option("Leave it out", SKIP)]
    if line.unreadable:  # it may be the currency or the day that cannot be taken as it stands
        fates.append(_option("Take it as it stands in these fields", RIGHT))
    if line.row in view.anyway:
        fates.append(_option("Post it anyway, for the reason below", ANYWAY))
    ticked = [
        one
        for one in fates
        if one["value"] in draft.get(FATE, [SKIP] if line.skipped else [ANYWAY] if line.anyway else [])
    ]
    boxes: Block = {"type": "checkboxes", "action_id": _action(FATE, line.row), "options": fates}
    if ticked:
        boxes["initial_options"] = ticked
    amount = "" if line.amount is None else f"{line.amount:.2f}"
    blocks: list[Block] = [
        head | {"accessory": matter},
        {
            "type": "actions",
            "block_id": block_id(USER, line.row),
            "elements": [_select(USER, line.row, "Choose the user", user_option(user) if user else None), boxes],
        },
        _input(AMOUNT, line.row, f"Row {line.row}: amount", draft.get(AMOUNT, amount), 20),
        _input(NOTE, line.row, f"Row {line.row}: note on the client's bill", draft.get(NOTE, line.note or ""), TEXT),
    ]
    if line.row in view.anyway:
        blocks.append(_input(WHY, line.row, f"Row {line.row}: why it is posted anyway",
                             draft.get(WHY, line.anyway or ""), TEXT))  # fmt: skip
    return blocks


def _whole_file(view: FixView) -> Block:
    """Offer one user for every line that names none; kept as the choice of row 0."""
    chosen = view.users.get(int(view.drafts.get(WHOLE, {}).get(USER, view.batch.user_id or 0)))
    select = _select(USER, WHOLE, "Choose the user", user_option(chosen) if chosen else None)
    text = "*All lines that name no user* go to each matter's responsible attorney, or to the one chosen here."
    return section(text) | {"block_id": block_id(USER, WHOLE), "accessory": select}


def _cells(line: Line, currency: str) -> str:
    """Write what the sheet says of a line, and why it stays out."""
    parts = [f"*Row {line.row}*"]
    parts += [f'"{esc(text[:80])}"' for text in (line.matter, line.client, line.user) if text]
    if line.amount is not None:
        parts.append(money(line.amount, currency))
    if line.date:
        parts.append(long_date(line.date))
    why = f"\nNot posted: {esc(line.left_out)[:1000]}" if line.left_out else ""
    return f"{', '.join(parts)}{why}"


def _turning(page: int, last: int) -> Block:
    """Offer the pages before and after this one; what was chosen here is kept."""
    buttons = []
    for label, to in (("Back", page - 1), ("Next", page + 1)):
        if 0 <= to < last:
            buttons.append(
                {"type": "button", "text": plain_text(label), "action_id": f"{ACTION}page-{to}", "value": str(to)}
            )
    return {"type": "actions", "block_id": f"pages-{page}", "elements": buttons}


def _select(kind: str, row: int, placeholder: str, chosen: dict[str, Any] | None) -> Block:
    select: Block = {
        "type": "external_select",
        "action_id": _action(kind, row),
        "placeholder": plain_text(placeholder),
        "min_query_length": 0,
    }
    if chosen:
        select["initial_option"] = chosen
    return select


def _input(kind: str, row: int, label: str, initial: str, most: int) -> Block:
    element: Block = {"type": "plain_text_input", "action_id": _action(kind, row), "max_length": most}
    if initial:
        element["initial_value"] = initial[:most]
    return {
        "type": "input",
        "block_id": block_id(kind, row),
        "optional": True,
        "label": plain_text(label),
        "element": element,
    }


def _action(kind: str, row: int) -> str:
    return f"{ACTION}{kind}-{row}"


def _option(text: str, value: str) -> dict[str, Any]:
    text = clean(text) or "-"
    return {"text": plain_text(text if len(text) <= LABEL else text[: LABEL - 1] + "…"), "value": value}
