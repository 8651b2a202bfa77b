"""The preview's lines that a person put right: what the sheet said, what it is now, and who said so. Pure."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from brought_forward.bot.messages.blocks import Block, sections
from brought_forward.bot.messages.words import count, esc, money, person, shortened

FIELDS = {"amount": "amount", "matter": "matter", "user": "user"}  # by column; notes are what the bills will say
SHOWN = 20  # changes one by one; the rest are counted
NAME = 60  # characters of what was written


def put_right(corrections: Iterable[Mapping[str, Any]], currency: str) -> tuple[list[str], list[str | Block]]:
    """Say what was changed by hand, since an approver goes by what the file says, and list it for the fold.

    `corrections` are rows of the table of that name, oldest first; what was changed back is no change.
    """
    changes: dict[tuple[int, str], tuple[str | None, str | None, str]] = {}
    for one in corrections:
        if one["field"] in FIELDS:
            key = (one["row"], one["field"])
            changes[key] = (changes[key][0] if key in changes else one["was"], one["now"], one["actor"])
    changes = {key: change for key, change in sorted(changes.items()) if change[0] != change[1]}
    if not changes:
        return [], []
    amounts = [change for (_, field), change in changes.items() if field == "amount"]
    rows = count(len({row for row, _ in changes}), "line")
    line = f"{rows} put right by hand."
    if amounts:
        was, now = (sum((Decimal(one[at] or 0) for one in amounts), Decimal(0)) for at in (0, 1))
        unread = ", where it could be read" if any(one[0] is None for one in amounts) else ""
        line = (
            f":warning: *{count(len(amounts), 'amount')} changed by hand*: the file says"
            f" {money(was, currency)}{unread}, now it is {money(now, currency)}."
        )
    said = [_change(row, field, change, currency) for (row, field), change in changes.items()]
    if len(said) > SHOWN:
        said = [*said[:SHOWN], f"and {len(said) - SHOWN:,} more."]
    return [line], list(sections([f"*{rows} put right by hand*", *said]))


def _change(row: int, field: str, change: tuple[str | None, str | None, str], currency: str) -> str:
    was, now, actor = change
    before, after = _value(field, was, currency), _value(field, now, currency)
    return f"• Row {row:,}: {FIELDS[field]} {before} is now {after}, by {person(actor)}."


def _value(field: str, text: str | None, currency: str) -> str:
    if text is None:
        return "that cannot be read" if field == "amount" else "left empty"
    return money(Decimal(text), currency) if field == "amount" else f'"{esc(shortened(text, NAME))}"'
