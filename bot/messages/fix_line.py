"""One line in the form that puts lines right, or one name that stands on several: what it says, what to choose. Pure.

What is wrong is asked in sight; all else stands behind *More*.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from brought_forward.bot.messages.blocks import ACTION, Block, plain_text, section
from brought_forward.bot.messages.fix_items import (
    AMOUNT,
    DECLINED,
    FATE,
    MATTER,
    MORE,
    NOTE,
    SHARED,
    USER,
    WHY,
    SharedName,
)
from brought_forward.bot.messages.words import clean, count, esc, few, long_date, money, shortened
from brought_forward.storage.records.firm import AliasKind, Matter, OpenName, User
from brought_forward.storage.records.sheet import Line

SKIP, ANYWAY, RIGHT = "skip", "anyway", "right"
LABEL = 75  # characters of an option
WHOLE = 0  # the row that stands for the whole file
TEXT = 150  # typed into a field
ROWS = 12  # named for a name that stands on many lines
NEAR = 3  # named for a line
BY_HAND = "left out by hand"  # how the reason of a line begins that a person left out

Draft = Mapping[str, Any]


def block_id(kind: str, row: int) -> str:
    """Name the block of a line's field; the row is read from it again."""
    return f"{kind}-{row}"


def matter_option(matter: Matter) -> dict[str, Any]:
    """Offer a matter: its number, client and description as far as they fit."""
    parts = [part for part in (matter.client, matter.description) if part]
    closed = [] if matter.status.lower() != "closed" else ["closed"]
    return option(", ".join([matter.display_number, *closed, *parts]), str(matter.id))


def user_option(user: User) -> dict[str, Any]:
    """Offer a user."""
    return option(user.name if user.enabled else f"{user.name}, disabled", str(user.id))


def option(text: str, value: str) -> dict[str, Any]:
    """Offer a text as far as Slack shows it."""
    return {"text": plain_text(shortened(clean(text) or "-", LABEL)), "value": value}


def select(kind: str, row: int, placeholder: str, chosen: dict[str, Any] | None) -> Block:
    """Show a select that asks the bot what to offer."""
    field: Block = {
        "type": "external_select",
        "action_id": _action(kind, row),
        "placeholder": plain_text(placeholder),
        "min_query_length": 0,
    }
    return field | ({"initial_option": chosen} if chosen else {})


def pressed(label: str, action: str, number: int) -> Block:
    """Show a button of the form that stands for a page or a row."""
    return {"type": "button", "text": plain_text(label), "action_id": ACTION + action, "value": str(number)}


def name_blocks(
    shared: SharedName, draft: Draft, matters: Mapping[int, Matter], users: Mapping[int, User], currency: str
) -> list[Block]:
    """Ask once what a name means that stands on several lines."""
    kind = shared.name.kind
    rows = few([f"{line.row:,}" for line in shared.lines], ROWS)
    amounts = [line.amount for line in shared.lines if line.amount is not None]
    total = f", {money(sum(amounts, amounts[0] * 0), currency)}" if amounts else ""
    text = f'*"{esc(shortened(shared.name.text, 80))}"*, {count(len(shared.lines), "line")}{total}: rows {rows}.'
    text += f"\nClio has no {kind} of that name, or several. One answer counts for all.{_did_you(shared.name)}"
    key = SHARED[kind]
    field = select(key, shared.row, f"Choose the {kind}", _chosen(key, shared.name, draft, matters, users))
    return [section(text) | {"block_id": block_id(key, shared.row), "accessory": field}]


def line_blocks(
    line: Line,
    draft: Draft,
    names: Sequence[OpenName],
    currency: str,
    *,
    code: str | None,
    may_anyway: bool,
    goes: str | None,
    matters: Mapping[int, Matter],
    users: Mapping[int, User],
) -> list[Block]:
    """Show a line's cells, why it stays out or where it goes, and ask what is wrong; `code` is the rule against it."""
    row, is_open = line.row, bool(draft.get(MORE))
    of = {one.kind: one for one in names}
    asks_user = (AliasKind.USER in of and AliasKind.MATTER not in of) or (code or "").startswith("user_")
    first, second = (USER, MATTER) if asks_user else (MATTER, USER)
    fields = {
        MATTER: select(MATTER, row, _placeholder("matter", line.matter, goes),
                       _chosen(MATTER, of.get(AliasKind.MATTER), draft, matters, users)),
        USER: select(USER, row, _placeholder("user", line.user, goes),
                     _chosen(USER, of.get(AliasKind.USER), draft, matters, users)),
    }  # fmt: skip
    asked = {"block_id": block_id(first, row), "accessory": fields[first]}
    head = section(_cells(line, currency, names, goes)) | asked
    both = is_open or len(of) > 1 or second in draft
    more = [] if is_open else [pressed("More: amount, note, reason", f"{MORE}-{row}", row)]
    elements = [*([fields[second]] if both else []), _fates(line, draft, may_anyway), *more]
    acts: Block = {"type": "actions", "block_id": block_id(FATE, row), "elements": elements}
    blocks = [head, acts]
    if is_open or line.unreadable or AMOUNT in draft:
        amount = "" if line.amount is None else f"{line.amount:.2f}"
        blocks.append(_input(AMOUNT, row, f"Row {row}: amount", draft.get(AMOUNT, amount), 20))
    if is_open or NOTE in draft:
        blocks.append(_input(NOTE, row, f"Row {row}: note on the client's bill", draft.get(NOTE, line.note or ""),
                             TEXT))  # fmt: skip
    if may_anyway:
        blocks.append(_input(WHY, row, f"Row {row}: why it is posted anyway, or left out", draft.get(WHY, why(line)),
                             TEXT))  # fmt: skip
    elif is_open or WHY in draft:
        blocks.append(_input(WHY, row, f"Row {row}: why it is left out, if you like", draft.get(WHY, why(line)), TEXT))
    return blocks


def why(line: Line) -> str:
    """Give the reason that a person gave for a line: why it is left out, or posted anyway."""
    return line.anyway or (line.skipped or "").removeprefix(BY_HAND).strip(":. ")


def did_you_mean(name: OpenName) -> str:
    """Ask whether what is near was meant; nothing where nothing is, or the reason names it already."""
    near = [shortened(one.label, 60) for one in name.near[:NEAR]]
    return f"Did you mean {' or '.join(near)}?" if near else ""


def _did_you(name: OpenName) -> str:
    asked = did_you_mean(name)
    return f" {esc(asked)}" if asked else ""


def _chosen(
    key: str, name: OpenName | None, draft: Draft, matters: Mapping[int, Matter], users: Mapping[int, User]
) -> dict[str, Any] | None:
    """Give what stands in a select: what was chosen, else the only one near unless it was declined."""
    wanted = draft.get(key)
    if wanted is None and name and name.only and key not in draft.get(DECLINED, ()):
        wanted = name.only.clio_id
    if wanted is None:
        return None
    if key.startswith(MATTER):
        matter = matters.get(int(wanted))
        return matter_option(matter) if matter else None
    user = users.get(int(wanted))
    return user_option(user) if user else None


def _placeholder(kind: str, written: str | None, goes: str | None) -> str:
    return f"{'Another' if goes else 'Choose the'} {kind}" if written or goes else f"Choose the {kind}"


def _fates(line: Line, draft: Draft, may_anyway: bool) -> Block:
    fates = [option("Leave it out", SKIP)]
    if line.unreadable:  # it may be the currency or the day that cannot be taken as it stands
        fates.append(option("Take it as it stands in these fields", RIGHT))
    if may_anyway:
        fates.append(option("Post it anyway, for the reason below", ANYWAY))
    kept = [SKIP] if line.skipped else [ANYWAY] if line.anyway else []
    ticked = [one for one in fates if one["value"] in draft.get(FATE, kept)]
    boxes: Block = {"type": "checkboxes", "action_id": _action(FATE, line.row), "options": fates}
    return boxes | ({"initial_options": ticked} if ticked else {})


def _cells(line: Line, currency: str, names: Sequence[OpenName], goes: str | None) -> str:
    """Write what the sheet says of a line, why it stays out, and what is near; or where it goes."""
    parts = [f"*Row {line.row}*"]
    parts += [f'"{esc(text[:80])}"' for text in (line.matter, line.client, line.user) if text]
    if line.amount is not None:
        parts.append(money(line.amount, currency))
    if line.date:
        parts.append(long_date(line.date))
    said = f"\nNot posted: {esc(line.left_out)[:1000]}" if line.left_out else f"\nGoes to {esc(goes)}." if goes else ""
    asked = " ".join(esc(one) for one in map(did_you_mean, names) if one)
    return f"{', '.join(parts)}{said}{f' {asked}' if asked else ''}"


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
