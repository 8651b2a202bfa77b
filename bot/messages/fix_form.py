"""The form in which staff put lines right: suggestions first, then what is asked page by page.

Pure. A form's blocks are at most 100; the selects ask the bot while people type.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from brought_forward.bot.messages.blocks import ACTION, Block, View, context, header, modal, plain_text, section
from brought_forward.bot.messages.fix_items import ADDED, DECLINED, USER, Item, SharedName, Suggestion
from brought_forward.bot.messages.fix_line import (
    WHOLE,
    block_id,
    line_blocks,
    name_blocks,
    option,
    pressed,
    select,
    user_option,
)
from brought_forward.bot.messages.words import count, esc, few, money, shortened
from brought_forward.storage.records.batch import Batch
from brought_forward.storage.records.firm import AliasKind, Matter, OpenName, User

CALLBACK = ACTION + "fix"
ANOTHER, SUGGEST = "another", "suggest"
TOGETHER = 10  # options of one field of boxes
WRITTEN, MEANT, ROWS = 28, 30, 4  # characters of a suggestion's two sides, and rows named for it


@dataclass(frozen=True, slots=True)
class FixView:
    """All that the form shows."""

    batch: Batch
    pages: Sequence[Sequence[Item]]
    page: int  # from 1; 0 shows the suggestions
    suggestions: Sequence[Suggestion] = ()
    names: Sequence[OpenName] = ()
    codes: Mapping[int, str] = field(default_factory=dict)  # by row, the rule that keeps it out
    anyway: frozenset[int] = frozenset()  # rows that may be posted anyway, with a reason
    drafts: Mapping[int, dict[str, Any]] = field(default_factory=dict)  # by row, what was chosen and is not saved
    matters: Mapping[int, Matter] = field(default_factory=dict)  # those that drafts and suggestions name, by id
    users: Mapping[int, User] = field(default_factory=dict)
    goes: Mapping[int, str] = field(default_factory=dict)  # by row, the matter and user that a line goes to now
    wrong: Sequence[str] = ()  # why this page cannot be left yet
    unnamed: bool = False  # some line names no user, and its matter has no responsible attorney


def form(view: FixView) -> View:
    """Show one page."""
    return _suggested(view) if view.page == 0 else _page(view)


def notice(title: str, text: str) -> View:
    """Show a form that only says something."""
    return {"type": "modal", "title": plain_text(title[:24]), "close": plain_text("Close"), "blocks": [section(text)]}


def line_option(row: int, text: str) -> dict[str, Any]:
    """Offer a line of the file by its row and what stands in it."""
    return option(f"Row {row:,}, {text}", str(row))


# The suggestions


def _suggested(view: FixView) -> View:
    """List what each name would be taken as; one act takes all that stay ticked."""
    many = len(view.suggestions)
    blocks: list[Block] = [
        context(_about(view)),
        section(
            "*1 suggestion*, the only one near what the sheet says. Untick it if something else is meant."
            if many == 1
            else f"*{count(many, 'suggestion')}*, each the only one near what the sheet says. Untick what is not meant;"
            " the rest is taken as it stands here."
        ),
    ]
    for kind, title in ((AliasKind.MATTER, "Matters"), (AliasKind.USER, "Users")):
        some = [one for one in view.suggestions if one.kind is kind]
        for at in range(0, len(some), TOGETHER):
            blocks.append(_boxes(view, some[at : at + TOGETHER], title, at, len(some)))
    rest = "Choose otherwise, change an amount, or leave a line out:"
    blocks.append(section(rest) | {"block_id": "by-line", "accessory": _turn_button("Line by line", 1)})
    return modal(
        f"Fix lines of {view.batch.name}",
        blocks,
        callback=CALLBACK,
        submit=f"Accept {count(many, 'suggestion')}",
        close="Cancel",
        metadata=f"{view.batch.id}:{view.batch.revision}:0",
    )


def _boxes(view: FixView, some: Sequence[Suggestion], title: str, at: int, all_: int) -> Block:
    options = [_suggestion(view, one) for one in some]
    ticked = [
        box
        for one, box in zip(some, options, strict=True)
        if one.key not in view.drafts.get(one.row, {}).get(DECLINED, ())
    ]
    name = f"{SUGGEST}-{some[0].kind}-{at}"
    boxes: Block = {"type": "checkboxes", "action_id": ACTION + name, "options": options}
    if ticked:
        boxes["initial_options"] = ticked
    where = f"{title} {at + 1:,} to {at + len(some):,} of {all_:,}" if all_ > TOGETHER else title
    return {"type": "input", "block_id": name, "optional": True, "label": plain_text(where), "element": boxes}


def _suggestion(view: FixView, one: Suggestion) -> dict[str, Any]:
    """Say what is written, what it would be taken as, on how many lines and for how much."""
    many = f", {count(len(one.lines), 'line')}" if len(one.lines) > 1 else ""
    box = option(f'"{shortened(one.text, WRITTEN)}" → {shortened(one.near.label, MEANT)}{many}', one.value)
    rows = few([f"{line.row:,}" for line in one.lines], ROWS)
    said = f"{'Rows' if len(one.lines) > 1 else 'Row'} {rows}: {money(one.amount, view.batch.currency or '')}"
    matter = view.matters.get(one.near.clio_id) if one.kind is AliasKind.MATTER else None
    if matter:
        closed = ["closed"] if matter.status.lower() == "closed" else []
        said = ", ".join([said, *closed, *(part for part in (matter.client, matter.description) if part)])
    return box | {"description": plain_text(shortened(said, 75))}


# A page of names and lines


def _page(view: FixView) -> View:
    here = view.pages[view.page - 1] if view.pages else []
    blocks: list[Block] = [context(_about(view))]
    if view.wrong:
        blocks.append(section(f":warning: {esc(' '.join(view.wrong))[:1000]}"))
    if view.unnamed and view.page == 1:
        blocks.append(_whole_file(view))
    heads = ""
    for one in here:
        head = _head(view, one)
        if head != heads:
            blocks.append(header(head))
            heads = head
        blocks.append({"type": "divider"})
        if isinstance(one, SharedName):
            blocks += name_blocks(one, view.drafts.get(one.row, {}), view.matters, view.users,
                                  view.batch.currency or "")  # fmt: skip
        else:
            names = [name for name in view.names if name.row == one.row]
            blocks += line_blocks(one, view.drafts.get(one.row, {}), names, view.batch.currency or "",
                                  code=view.codes.get(one.row), may_anyway=one.row in view.anyway,
                                  goes=view.goes.get(one.row), matters=view.matters, users=view.users)  # fmt: skip
    blocks.append(_another(view))
    last = len(view.pages)
    first = 0 if view.suggestions else 1
    if last > 1 or first == 0:
        blocks.append(_turning(view.page, first, last))
    return modal(
        f"Fix lines of {view.batch.name}",
        blocks,
        callback=CALLBACK,
        submit="Save all pages" if last > 1 else "Save",
        close="Cancel",
        metadata=f"{view.batch.id}:{view.batch.revision}:{view.page}",
    )


def _head(view: FixView, one: Item) -> str:
    """Name what an item is among."""
    if isinstance(one, SharedName):
        return "Names that stand on several lines"
    return "Lines that you asked for" if view.drafts.get(one.row, {}).get(ADDED) else "Lines that will not be posted"


def _about(view: FixView) -> str:
    """Say which file it is and how much of what is asked stands here, what is remembered, and who cannot approve."""
    here = view.pages[view.page - 1] if view.page and view.pages else []
    all_ = [one for page in view.pages for one in page]
    what = "Names and lines" if any(isinstance(one, SharedName) for one in all_) else "Lines"
    before = sum(len(page) for page in view.pages[: max(view.page - 1, 0)])
    where = ""
    if view.page and not all_:
        where = ": every line goes to an entry"
    elif here and len(view.pages) > 1:
        where = f": {what} {before + 1:,} to {before + len(here):,} of {len(all_):,}"
    return (
        f"{esc(view.batch.file_name)} ({view.batch.name}){where}. What a number or a name means is remembered for next"
        " time. If you save, someone else must approve."
    )


def _whole_file(view: FixView) -> Block:
    """Offer one user for every line that names none; kept as the choice of row 0."""
    chosen = view.users.get(int(view.drafts.get(WHOLE, {}).get(USER, view.batch.user_id or 0)))
    field_ = select(USER, WHOLE, "Choose the user", user_option(chosen) if chosen else None)
    text = "*All lines that name no user* go to each matter's responsible attorney, or to the one chosen here."
    return section(text) | {"block_id": block_id(USER, WHOLE), "accessory": field_}


def _another(view: FixView) -> Block:
    """Offer every other line; the block's id changes with each that was added, else Slack shows the one before."""
    added = sum(1 for draft in view.drafts.values() if draft.get(ADDED))
    text = "*Another line*, one that goes to an entry too: to change it, or to leave it out."
    field_: Block = {
        "type": "external_select",
        "action_id": ACTION + ANOTHER,
        "placeholder": plain_text("Row, matter or user"),
        "min_query_length": 0,
    }
    return section(text) | {"block_id": f"{ANOTHER}-{added}", "accessory": field_}


def _turning(page: int, first: int, last: int) -> Block:
    """Offer the pages before and after this one; what was chosen here is kept."""
    buttons = [
        _turn_button("Suggestions" if to == 0 else label, to)
        for label, to in (("Back", page - 1), ("Next", page + 1))
        if first <= to <= last
    ]
    return {"type": "actions", "block_id": f"pages-{page}", "elements": buttons}


def _turn_button(label: str, to: int) -> Block:
    return pressed(label, f"page-{to}", to)
