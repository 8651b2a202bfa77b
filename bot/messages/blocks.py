"""Slack's blocks as plain dicts: slack_sdk has no class for data_table, and its parser drops what it does not know."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import simplejson

from brought_forward.bot.messages.budget import CHILDREN, REST, SECTION, cut, fitted, in_bytes, size
from brought_forward.bot.messages.words import clean, esc, money, shortened

Block = dict[str, Any]
Cell = dict[str, Any]
View = dict[str, Any]  # a form or a Home tab

TABLE_ROWS = 100  # we show at most so many rows in a table; Slack takes 200
IN_SIGHT = 20  # rows that stand open in a thread; more are folded
TABLE_CHARACTERS = 7_500  # of the rows of a table that has a message to itself; its plain form needs room too
ACTION = "balances_"  # before each action id of ours: a host application has buttons of its own
MENU = "more"  # the action of a menu; what was chosen stands before its value
LABEL = 75  # characters on a button
POINTS = 20  # bars in a chart
POINT = 20  # characters below a bar


@dataclass(frozen=True, slots=True)
class Text:
    """A message that Slack takes: blocks, and the text for notifications, which holds no client's name and no amount.

    What is too much for one message is left out as it is made, and `rest` says there where all of it is.
    """

    text: str
    blocks: list[Block]
    rest: str = REST

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", in_bytes(self.text))
        object.__setattr__(self, "blocks", fitted(self.blocks, self.rest))

    def json(self) -> str:
        """Write the blocks as Slack takes them; amounts stay exact."""
        return str(simplejson.dumps(self.blocks, use_decimal=True, ensure_ascii=False))


def section(text: str) -> Block:
    """Show mrkdwn; too long a text is cut."""
    text = cut(text, SECTION)
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}, "expand": True}


def plain_text(text: str) -> Block:
    """Write a text in which Slack reads neither marks nor emoji."""
    return {"type": "plain_text", "text": text, "emoji": False}


def header(text: str) -> Block:
    """Show a heading; plain text, so nothing in it is markup."""
    return {"type": "header", "text": plain_text(clean(text)[:150])}


def context(text: str) -> Block:
    """Show small print."""
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": cut(text, 2_000), "verbatim": True}]}


def folded(title: str, inside: Sequence[str | Block]) -> Block:
    """Show mrkdwn and small tables behind a title that opens at a click; Slack takes ten of them."""
    return {
        "type": "container",
        "title": plain_text(clean(title)[:150]),
        "is_collapsible": True,
        "default_collapsed": True,
        "child_blocks": [section(one) if isinstance(one, str) else one for one in inside[:CHILDREN]],
    }


def sections(texts: Sequence[str]) -> list[str]:
    """Join lines to as few texts as a section each can hold; a line that is longer is cut."""
    joined: list[str] = []
    for text in (cut(one, SECTION) for one in texts):
        if joined and len(joined[-1]) + len(text) + 1 <= SECTION:
            joined[-1] += f"\n{text}"
        else:
            joined.append(text)
    return joined


def button(
    label: str, action: str, value: str, *, style: str | None = None, confirm: Block | None = None, url: str = ""
) -> Block:
    """Show a button; its value holds ids only. One with a `url` opens it in the browser."""
    block: Block = {
        "type": "button",
        "text": plain_text(label[:LABEL]),
        "action_id": ACTION + action,
        "value": value,
    }
    if style:
        block["style"] = style
    if confirm:
        block["confirm"] = confirm
    if url:
        block["url"] = url
    return block


def confirm(title: str, text: str, yes: str, no: str = "Not yet") -> Block:
    """Ask before a button acts; comfort for people, no control of ours."""
    return {
        "title": plain_text(title[:100]),
        "text": plain_text(text[:300]),
        "confirm": plain_text(yes[:30]),
        "deny": plain_text(no[:30]),
    }


def menu(*options: tuple[str, str]) -> Block:
    """Show what is chosen less often behind three dots: labels, and of each the value; Slack takes five."""
    return {
        "type": "overflow",
        "action_id": ACTION + MENU,
        "options": [{"text": plain_text(label[:LABEL]), "value": value} for label, value in options],
    }


def actions(*buttons: Block) -> Block:
    """Show buttons in a row, and a menu at its end."""
    return {"type": "actions", "elements": list(buttons)}


def field(name: str, label: str, element: Block, *, hint: str = "", optional: bool = False) -> Block:
    """Ask for something in a form; the block and the field in it have the same name."""
    asked: Block = {"type": "input", "block_id": name, "label": plain_text(label)}
    asked["element"] = {"action_id": name} | element
    more: Block = {"hint": plain_text(hint)} if hint else {}
    return asked | more | ({"optional": True} if optional else {})


def modal(
    title: str, blocks: Sequence[Block], *, callback: str, submit: str, close: str = "Not yet", metadata: str = ""
) -> View:
    """Make a form; `metadata` comes back with what was typed. Slack takes 24 characters of a title."""
    return {
        "type": "modal",
        "callback_id": callback,
        "private_metadata": metadata,
        "title": plain_text(title[:24]),
        "submit": plain_text(submit),
        "close": plain_text(close),
        "blocks": list(blocks),
    }


def text_cell(text: str) -> Cell:
    """Show text in a cell, where no markup runs; Slack refuses an empty one."""
    return {"type": "raw_text", "text": clean(text) or "-"}


def link_cell(text: str, url: str) -> Cell:
    """Show a link in a cell."""
    link = {"type": "link", "url": url, "text": clean(text) or "-"}
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [link]}]}


def number_cell(number: int) -> Cell:
    """Show a whole number that sorts as one."""
    return {"type": "raw_number", "value": number, "text": f"{number:,}"}


def money_cell(amount: Decimal, currency: str) -> Cell:
    """Show an amount that sorts as a number."""
    return {"type": "raw_number", "value": amount, "text": money(amount, currency)}


def table(caption: str, names: Sequence[str], rows: Sequence[Sequence[Cell]], *, page: int = TABLE_ROWS) -> Block:
    """Show a table of at most TABLE_ROWS rows below its header, `page` of them at a time."""
    return {
        "type": "data_table",
        "caption": clean(caption),
        "page_size": min(max(len(rows), 1), page),
        "rows": [[text_cell(name) for name in names], *[list(row) for row in rows]],
    }


def small_table(names: Sequence[str], rows: Sequence[Sequence[Cell]]) -> Block:
    """Show a table where a `data_table` cannot be, such as in a fold; amounts stand to the right."""
    settings = [{"align": "right"} if rows and all(row[place]["type"] == "raw_number" for row in rows) else {}
                for place in range(len(names))]  # fmt: skip
    return {
        "type": "table",
        "column_settings": settings,
        "rows": [[text_cell(name) for name in names], *[list(row) for row in rows[: TABLE_ROWS - 1]]],
    }


def bars(title: str, *, each: str, unit: str, points: Sequence[tuple[str, Decimal]]) -> Block:
    """Show a bar for each name: the largest where there are too many, and all others as one bar more.

    The bars add up to the sum of `points`. Slack takes 20 bars, named in 20 characters and no two alike; a bar may be
    negative, a pie's piece may not.
    """
    shown = sorted(points, key=lambda point: -abs(point[1])) if len(points) > POINTS else list(points)
    rest = shown[POINTS - 1 :] if len(shown) > POINTS else []
    if rest:
        other = (f"Other ({len(rest):,})", sum((amount for _, amount in rest), Decimal(0)))
        shown = [*shown[: POINTS - 1], other]
    labels = _distinct([name for name, _ in shown])
    data = [{"label": label, "value": amount} for label, (_, amount) in zip(labels, shown, strict=True)]
    return {
        "type": "data_visualization",
        "title": clean(title)[:50],
        "chart": {
            "type": "bar",
            "series": [{"name": clean(unit)[:POINT], "data": data}],
            "axis_config": {"categories": labels, "x_label": clean(each)[:50], "y_label": clean(unit)[:50]},
        },
    }


def _distinct(names: Sequence[str]) -> list[str]:
    """Cut names to a bar's width; where two become one, the later gets a number."""
    labels: list[str] = []
    for name in names:
        label = shortened(clean(name) or "-", POINT)
        number = 1
        while label in labels:
            number += 1
            end = f" ({number})"
            label = shortened(clean(name) or "-", POINT - len(end)) + end
        labels.append(label)
    return labels


def as_many(rows: Sequence[list[Cell]], most: int = TABLE_CHARACTERS) -> list[list[Cell]]:
    """Give as many rows, from the first, as one table shows and so many characters hold."""
    return next(_pages(rows, most), [])


def tables(title: str, what: str, names: Sequence[str], rows: Sequence[list[Cell]]) -> list[Text]:
    """Show rows in as many messages as Slack takes them, each captioned like "title: results 1 to 99 of 250".

    A few stand open, to be sorted and searched; more are folded, since a fold holds no `data_table`.
    """
    found, first, folds = [], 1, len(rows) > IN_SIGHT
    for page in _pages(rows):
        caption = f"{shortened(title)}: {what} {first:,} to {first + len(page) - 1:,} of {len(rows):,}"
        shown = folded(caption, [small_table(names, page)]) if folds else table(caption, names, page)
        found.append(Text(esc(caption), [shown]))
        first += len(page)
    return found


def _pages(rows: Iterable[list[Cell]], most: int = TABLE_CHARACTERS) -> Iterator[list[list[Cell]]]:
    page: list[list[Cell]] = []
    taken = 0
    for row in rows:
        length = size(row)
        if page and (len(page) == TABLE_ROWS - 1 or taken + length > most):
            yield page
            page, taken = [], 0
        page.append(row)
        taken += length
    if page:
        yield page
