"""The same message in plain sections, or in words alone, for when Slack refuses its blocks. Pure."""

from typing import Any

from brought_forward.bot.messages.blocks import BLOCKS, SECTION, Block
from brought_forward.bot.messages.words import esc

WORDS = 3_900  # characters of a text alone: Slack makes several messages of more than 4,000, and none can be edited
REST = "The rest did not fit here."


def plain(blocks: list[Block]) -> list[Block]:
    """Rewrite tables and headings as plain_text sections; keep what is a section already, and the buttons."""
    made: list[Block] = []
    for block in blocks:
        if block["type"] in {"actions", "section"}:
            made.append({name: part for name, part in block.items() if name != "expand"})
        elif block["type"] == "container":
            made += [_section(str(block["title"]["text"])), *plain(block["child_blocks"])]
        elif block["type"] == "data_visualization":
            continue  # its figures stand in the table beside it
        elif block["type"] == "context":
            made += [{"type": "section", "text": element} for element in block["elements"]]
        else:
            text = _words(block)
            made += [_section(text[start : start + SECTION]) for start in range(0, len(text), SECTION)]
    kept = [block for block in made if block["type"] == "actions"]
    room = BLOCKS - len(kept)
    said = [block for block in made if block["type"] != "actions"]
    if len(said) > room:
        said = [*said[: room - 1], _section(REST)]
    return said + kept


def words(blocks: list[Block]) -> str:
    """Write what the blocks say as one text in mrkdwn, line by line; buttons are named, since they cannot be there."""
    lines: list[str] = []
    for block in plain(blocks):
        if block["type"] == "actions":
            labels = [str(part["text"]["text"]) for part in block["elements"] if "text" in part]
            lines.append(f"Slack refused to show here: {esc(', '.join(labels))}." if labels else "")
        else:
            text = block["text"]
            said = str(text["text"]).split("\n")
            lines += said if text["type"] == "mrkdwn" else [esc(line) for line in said]
    lines = [line for line in lines if line]
    while sum(len(line) + 1 for line in lines) > WORDS:
        if lines[-1] == REST:
            lines.pop()
        lines[-1] = REST
    return "\n".join(lines)


def _section(text: str) -> Block:
    return {"type": "section", "text": {"type": "plain_text", "text": text, "emoji": False}}


def _words(block: Block) -> str:
    if block["type"] == "data_table":
        return "\n".join(" | ".join(_cell(cell) for cell in row) for row in block["rows"])
    return str(block["text"]["text"])


def _cell(cell: dict[str, Any]) -> str:
    if cell["type"] == "rich_text":
        return " ".join(str(leaf["text"]) for part in cell["elements"] for leaf in part["elements"])
    return str(cell["text"])
