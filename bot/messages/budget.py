"""How much a message may hold: Slack counts the characters of all its blocks together, as written. Pure.

Slack refuses a message above some 12,000 of them (`msg_blocks_too_long`), its buttons with it. What is said stays
well below: folds shrink first, then tables, then texts; the buttons never go.
"""

import re
from collections.abc import Sequence
from typing import Any

Block = dict[str, Any]

BUDGET = 9_000  # characters of all the blocks of a message
HEADING = 100  # what Slack counts for a heading beside its words
BLOCKS = 50  # blocks in a message
CHILDREN = 10  # blocks in a fold
SECTION = 3_000  # characters in a section's text
BYTES = 3_600  # of a text in UTF-8: Slack refuses an edit above 4,000
REST = "The rest did not fit here."

TABLES = ("data_table", "table")
ORDER = (("container",), ("data_visualization",), TABLES, ("section", "context"))  # what shrinks first stands first
READ = {"text", "caption", "title", "label", "name", "x_label", "y_label", "categories", "url"}  # what is counted
MARKUP = re.compile("[&<>]")
UNFINISHED = re.compile(r"<[^>]*$|&[a-z]*$")  # a link, a mention or an escape of which only the beginning is there


def size(part: Any) -> int:
    """Count the characters of blocks as Slack writes them: cells, captions, links, buttons and what they ask too."""
    if isinstance(part, list):
        return sum(map(size, part))
    if not isinstance(part, dict):
        return 0
    written = len if part.get("type") == "mrkdwn" else _escaped
    total = HEADING if part.get("type") == "header" else 0
    for name, value in part.items():
        if name in READ and not isinstance(value, dict):
            total += sum(map(written, value)) if isinstance(value, list) else written(value)
        else:
            total += size(value)
    return total


def fitted(blocks: Sequence[Block], rest: str = REST) -> list[Block]:
    """Give blocks that keep the budget; `rest` says where all is that did not fit."""
    made = _few(list(blocks), rest)
    for kinds in ORDER:
        if size(made) > BUDGET:
            made = _smaller(made, kinds, rest)
    made = _few(made, rest)
    return made if size(made) <= BUDGET else least(made, rest)


def least(blocks: Sequence[Block], rest: str = REST) -> list[Block]:
    """Leave one section, which is what was said first, and every button."""
    said = next((block["text"] for block in blocks if block["type"] in {"header", "section"} and "text" in block), None)
    text = _shorter(said, SECTION) if said else {"type": "mrkdwn", "text": rest}
    return [{"type": "section", "text": text}, *(block for block in blocks if block["type"] == "actions")]


def cut(text: str, most: int, *, marks: bool = True) -> str:
    """Shorten a text to so many characters, where a line ends if one does, and show that something is missing.

    `marks`: it is mrkdwn, so never cut within a link or an escape.
    """
    if len(text) <= most:
        return text
    lines = text[: max(most - 1, 0)].rpartition("\n")[0]
    if lines:
        return f"{lines}\n…"
    begun = text[: max(most - 1, 0)]
    return (UNFINISHED.sub("", begun) if marks else begun) + "…"


def in_bytes(text: str, *, ending: str = "", after: str = "") -> str:
    """Shorten a text to BYTES of UTF-8, `after` included; `ending` is put where something was left out."""
    if len((text + after).encode()) <= BYTES:
        return text + after
    room = BYTES - len((ending + after + "…").encode())
    return cut(text, len(text.encode()[:room].decode(errors="ignore"))) + ending + after


def _smaller(blocks: Sequence[Block], kinds: Sequence[str], rest: str) -> list[Block]:
    """Shrink the blocks of some kinds so far that all fit, those that are small last."""
    sizes = [size(block) if block["type"] in kinds else 0 for block in blocks]
    room = BUDGET - (size(list(blocks)) - sum(sizes))
    made: list[Block] = []
    for block, is_, may in zip(blocks, sizes, shares(sizes, room), strict=True):
        made += _shrunk(block, may, rest) if is_ > may else [block]
    return made


def shares(wanted: Sequence[int], room: int) -> list[int]:
    """Share a room out evenly; what one does not need is left to the others."""
    given, left = [0] * len(wanted), max(room, 0)
    for done, place in enumerate(sorted(range(len(wanted)), key=lambda place: wanted[place])):
        given[place] = min(wanted[place], left // (len(wanted) - done))
        left -= given[place]
    return given


def _shrunk(block: Block, most: int, rest: str) -> list[Block]:
    """Shrink one block to so many characters; one that would say nothing more goes."""
    kind = block["type"]
    if kind == "container":
        return [block | {"child_blocks": _inside(block, most, rest)}]
    if kind in TABLES:
        rows = _rows(block, most - len(rest))
        return [*([block | {"rows": rows}] if len(rows) > 1 else []), _say(rest)]
    if kind == "section":
        room = most - (size(block) - size(block["text"]))
        return [block | {"text": _shorter(block["text"], room)}] if room > 1 else []
    if kind == "context":
        room = most // len(block["elements"])
        return [block | {"elements": [_shorter(part, room) for part in block["elements"]]}] if room > 1 else []
    return []


def _shorter(text: Block, most: int) -> Block:
    """Shorten a text object until Slack counts no more than so many characters."""
    said, room = str(text["text"]), most
    while size(text) > most and room > 0:
        text = text | {"text": cut(said, room, marks=text["type"] == "mrkdwn")}
        room = min(room - 1, room * most // max(size(text), 1))
    return text


def _inside(fold: Block, most: int, rest: str) -> list[Block]:
    """Give as much of what a fold holds as fits, from its beginning, and say where the rest is."""
    children: list[Block] = fold["child_blocks"]
    left = most - (size(fold) - size(children)) - len(rest)
    kept: list[Block] = []
    for child in children[: CHILDREN - 1]:
        needs = size(child)
        kept += [child] if needs <= left else [one for one in _shrunk(child, left, "") if size(one)]
        left -= needs
        if left <= 0:
            break
    return [*kept, _say(rest)]


def _rows(table: Block, most: int) -> list[list[Block]]:
    """Give as many of a table's rows as fit, its heading first."""
    left = most - (size(table) - size(table["rows"]))
    kept: list[list[Block]] = []
    for row in table["rows"]:
        left -= size(row)
        if left < 0:
            break
        kept.append(row)
    return kept


def _few(blocks: list[Block], rest: str) -> list[Block]:
    """Leave out blocks where there are more than Slack takes, never one with buttons."""
    if len(blocks) <= BLOCKS:
        return blocks
    buttons = [block for block in blocks if block["type"] == "actions"]
    others = [block for block in blocks if block["type"] != "actions"]
    return [*others[: BLOCKS - len(buttons) - 1], _say(rest), *buttons]


def _say(text: str) -> Block:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def _escaped(text: str) -> int:
    return len(text) + sum(4 if mark == "&" else 3 for mark in MARKUP.findall(text))
