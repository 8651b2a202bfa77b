"""The preview's choices: what people chose that a number, a name or a column means, not confirmed yet. Pure."""

import re
from collections.abc import Sequence
from datetime import UTC
from decimal import Decimal
from zoneinfo import ZoneInfo

from brought_forward.bot.messages.blocks import Block, button, confirm, folded, section, sections
from brought_forward.bot.messages.budget import SECTION
from brought_forward.bot.messages.questions import LETTERS, is_column
from brought_forward.bot.messages.status import value
from brought_forward.bot.messages.words import count, esc, first, long_date, money, person, shortened
from brought_forward.storage.records.batch import Batch, BatchStatus
from brought_forward.storage.records.firm import UsedChoice

SHOWN = 10  # choices one by one, those that move most; the rest are folded
FOLDED = 40
NAME = 60  # characters of what was written
COMMENTS = "comments"  # its answer is a column in words
SAID = {
    "balance": "the column of balances is {}",
    "matter": "matters are read from {}",
    "user": "users are read from {}",
    "decimal": "amounts are read with {}",
    "parent": "rows with others set in below are taken so: {}",
    "hidden": "rows that Excel hides are taken so: {}",
    "hidden-column": "a column that Excel hides is taken so: {}",
    "join": "the client's and the matter's number are taken so: {}",
    "sheet": "of the file's sheets is read: {}",
    "unread": "sheets that are not read are taken so: {}",
    "blank-user": "rows below a name that name no user are taken so: {}",
    "twice": "lines that stand twice are taken so: {}",
    "fraction": "fractions of a cent are taken so: {}",
    "unit": "the amounts are read in this unit: {}",
    "comments": "printed on the bills is {}",
    "credits": "credits{of} are taken so: {}",
    "day": "of the days{of} are taken: {}",
    "flag": "rows that are left out by yes or no{of} are taken so: {}",
    "mark": "rows marked{of} are taken so: {}",
}
RULE = (
    "Who made a choice does not approve until an approver who did not make it confirms it here; from then on it is the"
    " firm's."
)
# Which words a question was of, in an answer's own name: nothing for people.
DIGEST = re.compile("(?=.*[0-9])[0-9a-f]{6}")


def choices(batch: Batch, used: Sequence[UsedChoice], currency: str, zone: str | None) -> list[Block]:
    """Name each choice that nobody has confirmed and who made it; those that move money in sight, with the button."""
    if not used:
        return []
    waits = batch.status is BatchStatus.PREVIEWED
    moving = [one for one in used if one.posted]
    shown = moving[:SHOWN]
    rest = moving[SHOWN:] + [one for one in used if not one.posted]
    is_not = "is not confirmed by another approver" if len(used) == 1 else "are not confirmed by another approver"
    said = [f":warning: *{count(len(used), 'choice')} of what is meant {is_not}*"]
    said += [f"• {_line(one, currency, zone)}" for one in shown]
    if hidden := moving[SHOWN:]:
        total = sum((one.amount for one in hidden), Decimal(0))
        said.append(f"• and {len(hidden):,} more, {money(total, currency)}, in the fold below.")
    said += [RULE] if waits else []
    head, *more = sections([text[: SECTION // 4] for text in said])
    blocks = [section(head) | ({"accessory": _button(batch, used)} if waits else {}), *[section(one) for one in more]]
    if rest:
        lines = first([f"• {_line(one, currency, zone)}" for one in rest], FOLDED)
        many = count(len(rest), "choice")
        title = f"The other {many}" if shown else f"{many} by which no line is posted"
        blocks.append(folded(title, sections(lines)))
    return blocks


def settled(used: Sequence[UsedChoice], currency: str, zone: str | None) -> list[str]:
    """Name the answers by which a sheet was read and that are the firm's, for the fold."""
    return [
        f"• {_line(one, currency, zone).removesuffix('.')}, confirmed by {person(one.confirmed_by or one.by)}."
        for one in used
    ]


def _button(batch: Batch, used: Sequence[UsedChoice]) -> Block:
    ask = confirm(
        "Are these choices right?",
        "From then on they are the firm's, in every channel, and whoever made them may approve.",
        "Confirm",
    )
    return button(f"Confirm {count(len(used), 'choice')}", "confirm_choices", value(batch), confirm=ask)


def _line(one: UsedChoice, currency: str, zone: str | None) -> str:
    day = long_date(one.at.astimezone(ZoneInfo(zone) if zone else UTC).date())
    by = f"chosen by {person(one.by)} on {day}"
    if one.is_answer:
        return f"{_said(one.kind, _means(one))}, {by}."
    where = ""
    if one.posted:
        more = f" and {one.posted - 1:,} more" if one.posted > 1 else ""
        where = f", {money(one.amount, currency)} in row {one.row:,}{more}"
    return f'"{esc(shortened(one.text, NAME))}" is taken as {esc(shortened(one.means, NAME))}{where}: {by}.'


def _said(kind: str, means: str) -> str:
    """Say what was answered to a kind of question; "mark-F-paid" asks what a word in column F means."""
    if kind in SAID:
        return SAID[kind].replace("{}", means)
    first, *more = re.split("[:-]", kind)
    column = f" in column {more.pop(0)}" if more and LETTERS.fullmatch(more[0]) else ""
    more = [one for one in more if not DIGEST.fullmatch(one)]  # which words they were, for the answer's own use
    word = f' "{esc(shortened(" ".join(more), NAME))}"' if more else ""
    return SAID.get(first, esc(first) + "{of}: {}").replace("{}", means).replace("{of}", f"{word}{column}")


def _means(one: UsedChoice) -> str:
    """Name a column by its letter and heading; an answer in words as it was put."""
    quoted = f'"{esc(shortened(one.means, NAME))}"'
    if one.kind == COMMENTS:
        return esc(shortened(one.means, NAME))
    return f"column {esc(one.text)}, {quoted}" if one.means != one.text and is_column(one.kind, one.text) else quoted
