"""Tables that people paste into Slack: from the message's blocks to the bytes of a CSV. Pure."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Rows = list[list[str]]


def tables(message: Mapping[str, Any]) -> list[Rows]:
    """Read the cells of every table in a message, row by row, as texts.

    Slack keeps pasted cells as a `table` block of raw_text, raw_number and rich_text cells
    (docs.slack.dev, "Table block"), in the message itself or in an attachment of it.
    """
    parts = [message, *(message.get("attachments") or [])]
    blocks = [block for part in parts for block in part.get("blocks") or [] if block.get("type") == "table"]
    found = [[[_cell(cell) for cell in row] for row in block.get("rows") or []] for block in blocks]
    return [rows for rows in found if any(cell for row in rows for cell in row)]


def as_csv(rows: Sequence[Sequence[str]]) -> bytes:
    """Write cells as CSV in UTF-8, each row as wide as the widest."""
    width = max((len(row) for row in rows), default=0)
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([*row, *[""] * (width - len(row))] for row in rows)
    return text.getvalue().encode()


def _cell(cell: Mapping[str, Any] | None) -> str:
    if not cell:
        return ""
    if cell.get("type") == "rich_text":
        return "\n".join("".join(_leaves(part)) for part in cell.get("elements") or []).strip()
    return str(cell.get("text") or cell.get("value") or "").strip()


def _leaves(part: Mapping[str, Any]) -> Iterator[str]:
    """Read the words of rich text; what Slack made of them (links, emoji, dates) goes back to what was there."""
    for leaf in part.get("elements") or []:
        match leaf.get("type"):
            case "rich_text_section":  # an item of a list
                yield from _leaves(leaf)
            case "link":
                yield str(leaf.get("text") or leaf.get("url") or "")
            case "emoji":
                yield f":{leaf.get('name')}:"
            case "date":
                yield str(leaf.get("fallback") or leaf.get("timestamp") or "")
            case "user" | "channel" | "usergroup":
                yield str(leaf.get("user_id") or leaf.get("channel_id") or leaf.get("usergroup_id") or "")
            case _:
                yield str(leaf.get("text") or "")
