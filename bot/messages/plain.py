"""The same message in plain sections, for when Slack refuses its blocks: words and buttons, nothing else. Pure."""

import re
from typing import Any

from brought_forward.bot.messages.blocks import BLOCKS, SECTION, Block

LINK = re.compile(r"<([^>|]*)\|([^>]*)>")


def plain(blocks: list[Block]) -> list[Block]:
    """Rewrite blocks as plain_text sections and actions."""
    made: list[Block] = []
    for block in blocks:
        if block["type"] == "actions":
            made.append(block)
        else:
            text = _words(block)
            made += [_section(text[start : start + SECTION]) for start in range(0, len(text), SECTION)]
    kept = [block for block in made if block["type"] == "actions"]
    room = BLOCKS - len(kept)
    said = [block for block in made if block["type"] != "actions"]
    if len(said) > room:
        said = [*said[: room - 1], _section("The rest did not fit here.")]
    return said + kept


def _section(text: str) -> Block:
    return {"type": "section", "text": {"type": "plain_text", "text": text, "emoji": False}}


def _words(block: Block) -> str:
    if block["type"] == "data_table":
        return "\n".join(" | ".join(_cell(cell) for cell in row) for row in block["rows"])
    if "elements" in block:
        return " ".join(_unmarked(element["text"]) for element in block["elements"])
    text = block["text"]
    return _unmarked(text["text"]) if text["type"] == "mrkdwn" else str(text["text"])


def _cell(cell: dict[str, Any]) -> str:
    if cell["type"] == "rich_text":
        return " ".join(str(leaf["text"]) for part in cell["elements"] for leaf in part["elements"])
    return str(cell["text"])


def _unmarked(text: str) -> str:
    """Take mrkdwn's marks off; a plain_text shows &, < and > as they are."""
    words = LINK.sub(r"\2", text).replace("*", "")
    return words.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
