"""The same in plainer forms, for where Slack refuses what was made: sections; one section; words alone. Pure."""

from typing import Any

from brought_forward.bot.messages.blocks import plain_text
from brought_forward.bot.messages.budget import REST, SECTION, TABLES, Block, cut, fitted, in_bytes
from brought_forward.bot.messages.words import clean, esc


def plain(blocks: list[Block]) -> list[Block]:
    """Rewrite a message's tables, folds and headings as sections; its buttons stay where they are."""
    return fitted(sections_of(blocks))


def sections_of(blocks: list[Block]) -> list[Block]:
    """Rewrite blocks of any surface as plain sections; fields and buttons stay."""
    made: list[Block] = []
    for block in blocks:
        kind = block["type"]
        if kind == "container":
            made += [_section(str(block["title"]["text"])), *sections_of(block["child_blocks"])]
        elif kind == "context":
            made += [{"type": "section", "text": element} for element in block["elements"]]
        elif kind in TABLES:
            rows = [" | ".join(_cell(cell) for cell in row) for row in block["rows"]]
            text = "\n".join([*([clean(block["caption"])] if "caption" in block else []), *rows])
            made += [_section(text[start : start + SECTION]) for start in range(0, len(text), SECTION)]
        elif kind == "header":
            made.append(_section(str(block["text"]["text"])))
        elif kind != "data_visualization":  # its figures stand in the table beside it
            made.append({name: part for name, part in block.items() if name != "expand"})
    return made


def bare(blocks: list[Block]) -> list[Block]:
    """Leave one section, which says as much as it holds, and the buttons."""
    said = "\n".join(_lines(blocks))
    text = said if len(said) <= SECTION else f"{cut(said, SECTION - len(REST) - 1)}\n{REST}"
    section = {"type": "section", "text": {"type": "mrkdwn", "text": text or REST, "verbatim": True}}
    return [section, *(block for block in blocks if block["type"] == "actions")]


def words(blocks: list[Block]) -> str:
    """Write what the blocks say as one text in mrkdwn; buttons are named, since they cannot be there."""
    buttons = [part for block in blocks if block["type"] == "actions" for part in block["elements"]]
    labels = [str(part["text"]["text"]) for part in buttons if "text" in part]
    missing = f"\nSlack refused to show here: {esc(', '.join(labels))}." if labels else ""
    return in_bytes("\n".join(_lines(blocks)), ending=f"\n{REST}", after=missing)


def _lines(blocks: list[Block]) -> list[str]:
    """Write what the blocks say as lines in mrkdwn; of folds only their titles, unless there is nothing else."""
    lines: list[str] = []
    inside = all(block["type"] == "container" for block in blocks)
    shown = [one if one["type"] != "container" or inside else _section(str(one["title"]["text"])) for one in blocks]
    for block in sections_of(shown):
        if block["type"] == "section":
            text = block["text"]
            said = str(text["text"]).split("\n")
            lines += said if text["type"] == "mrkdwn" else [esc(line) for line in said]
    return [line for line in lines if line]


def _section(text: str) -> Block:
    return {"type": "section", "text": plain_text(text)}


def _cell(cell: dict[str, Any]) -> str:
    if cell["type"] == "rich_text":
        return " ".join(str(leaf["text"]) for part in cell["elements"] for leaf in part["elements"])
    return str(cell["text"])
