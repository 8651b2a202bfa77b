"""What a person reads in a message: Slack's markup turned into words.

https://docs.slack.dev/messaging/formatting-message-text . Nothing here prints; `spans` keeps what is bold or a link for
those who do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from brought_forward.sandbox.slack.records import Block, File, Message, Values, View

Names = Callable[[str], str]  # from an id (U..., C..., S...) to the name that is shown


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of text that looks the same throughout."""

    text: str
    bold: bool = False
    italic: bool = False
    strike: bool = False
    code: bool = False
    link: str = ""
    mention: bool = False


_TOKEN = re.compile(r"<([^<>\n]+)>")
_STYLES = (
    ("code", re.compile(r"(?<![\w`])`([^`\n]+)`(?![\w`])")),
    ("bold", re.compile(r"(?<![\w*])\*(\S|\S[^*\n]*\S)\*(?![\w*])")),
    ("italic", re.compile(r"(?<![\w_])_(\S|\S[^_\n]*\S)_(?![\w_])")),
    ("strike", re.compile(r"(?<![\w~])~(\S|\S[^~\n]*\S)~(?![\w~])")),
)


def decode(text: str) -> str:
    """Turn Slack's three entities into characters; the ampersand last, so that nothing is decoded twice."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def spans(text: str, names: Names) -> list[Span]:
    """Read mrkdwn: mentions, links, dates, and what is bold, italic, struck out or code."""
    return list(_styled(Span(text), names, 0))


def _styled(span: Span, names: Names, depth: int) -> Iterator[Span]:
    if depth == len(_STYLES):
        yield from _tokens(span, names)
        return
    style, pattern = _STYLES[depth]
    end = 0
    for match in pattern.finditer(span.text):
        yield from _styled(replace(span, text=span.text[end : match.start()]), names, depth + 1)
        inner = replace(span, text=match[1], **{style: True})  # type: ignore[arg-type]
        yield from _tokens(inner, names) if style == "code" else _styled(inner, names, depth + 1)
        end = match.end()
    yield from _styled(replace(span, text=span.text[end:]), names, depth + 1)


def _tokens(span: Span, names: Names) -> Iterator[Span]:
    end = 0
    for match in _TOKEN.finditer(span.text):
        yield from _plain(span, span.text[end : match.start()])
        yield _token(span, match[1], names)
        end = match.end()
    yield from _plain(span, span.text[end:])


def _plain(span: Span, text: str) -> Iterator[Span]:
    if text:
        yield replace(span, text=decode(text))


def _token(span: Span, token: str, names: Names) -> Span:
    body, _, label = token.partition("|")
    if body.startswith("!date^"):
        return replace(span, text=decode(label))
    if body.startswith("!subteam^"):
        return replace(span, text=label or "@" + names(body.removeprefix("!subteam^")), mention=True)
    if body.startswith("!"):
        return replace(span, text="@" + body[1:], mention=True)
    if body.startswith("@"):
        return replace(span, text="@" + names(body[1:]), mention=True)
    if body.startswith("#"):
        return replace(span, text="#" + names(body[1:]), mention=True)
    return replace(span, text=decode(label or body), link=decode(body))


def text_spans(value: dict[str, Any], names: Names) -> list[Span]:
    """Read a text object; plain_text has no markup, but its entities are decoded."""
    if value["type"] == "mrkdwn":
        return spans(value["text"], names)
    return [Span(decode(value["text"]))]


def rich_spans(value: dict[str, Any], names: Names) -> list[Span]:
    """Read a rich_text block or cell, its lines joined by line ends."""
    lines = [list(_rich_line(part, names)) for part in _rich_parts(value)]
    found: list[Span] = []
    for line in lines:
        found += [Span("\n"), *line] if found else line
    return found


def _rich_parts(value: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for part in value["elements"]:
        if part["type"] == "rich_text_list":
            for item in part["elements"]:
                yield {**item, "elements": [{"type": "text", "text": "• "}, *item["elements"]]}
        else:
            yield part


def _rich_line(part: dict[str, Any], names: Names) -> Iterator[Span]:
    code = part["type"] == "rich_text_preformatted"
    for leaf in part["elements"]:
        style = {key: True for key, on in leaf.get("style", {}).items() if on and key in {"bold", "italic", "strike"}}
        look = Span("", code=code or bool(leaf.get("style", {}).get("code")), **style)  # type: ignore[arg-type]
        match leaf["type"]:
            case "link":
                yield replace(look, text=leaf.get("text") or leaf["url"], link=leaf["url"])
            case "user":
                yield replace(look, text="@" + names(leaf["user_id"]), mention=True)
            case "usergroup":
                yield replace(look, text="@" + names(leaf["usergroup_id"]), mention=True)
            case "channel":
                yield replace(look, text="#" + names(leaf["channel_id"]), mention=True)
            case "emoji":
                yield replace(look, text=f":{leaf['name']}:")
            case "date":
                yield replace(look, text=str(leaf.get("fallback") or leaf["timestamp"]))
            case _:
                yield replace(look, text=str(leaf.get("text", "")))


def cell_spans(cell: dict[str, Any], names: Names) -> list[Span]:
    """Read a table's cell."""
    return rich_spans(cell, names) if cell["type"] == "rich_text" else [Span(cell["text"])]


def join(found: list[Span]) -> str:
    """Return the words of spans."""
    return "".join(span.text for span in found)


def describe_size(file: File) -> str:
    """Say how big a file is, as Slack does beside its name."""
    size = len(file.data)
    return f"{size} bytes" if size < 1000 else f"{round(size / 1000)} KB"


def describe_control(control: dict[str, Any]) -> str:
    """Say what is written on a button, or in a menu before anything is chosen."""
    if control["type"] == "button":
        return f"[{decode(control['text']['text'])}]"
    if "initial_date" in control:
        return f"[{control['initial_date']} v]"
    chosen = control.get("initial_option") or {}
    words = chosen.get("text") or control.get("placeholder") or {"text": "..."}
    return f"[{decode(words['text'])} v]"


def rich_text(text: str) -> Block:
    """Make rich text of plain words, as Slack's own editor does."""
    leaves = [{"type": "text", "text": text}] if text else []
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": leaves}]}


def describe_chart(block: Block) -> list[str]:
    """Say what a chart shows, a line for each point."""
    chart = block["chart"]
    lines = [block["title"]]
    if chart["type"] == "pie":
        return lines + [f"{segment['label']}: {segment['value']:,}" for segment in chart["segments"]]
    for series in chart["series"]:
        lines += [f"{series['name']}, {point['label']}: {point['value']:,}" for point in series["data"]]
    return lines


def plain(message: Message, names: Names) -> str:
    """Return all that a person can read in a message, a line for each row, buttons in brackets.

    Blocks take the place of the text, as in Slack, where `text` is then only the notification.
    """
    lines = [line for block in message.blocks for line in _lines(block, names)]
    if not message.blocks and message.text:
        lines = [join(spans(message.text, names))]
    lines += [f"{file.name} ({describe_size(file)})" for file in message.files]
    return "\n".join(lines)


def plain_view(view: View, values: Values, names: Names) -> str:
    """Return all that a person can read in a modal or Home tab: what they filled in, and what is wrong with it."""
    payload = view.payload
    lines = [decode(payload["title"]["text"])] if "title" in payload else []
    for block in payload["blocks"]:
        found = _lines(block, names)
        if block["type"] == "input":
            found = [found[0], *_describe_value(values[block["block_id"]][block["element"]["action_id"]], names)]
        lines += found
        lines += [f"! {view.errors[block['block_id']]}"] if block["block_id"] in view.errors else []
    buttons = [f"[{decode(payload[key]['text'])}]" for key in ("close", "submit") if payload.get(key)]
    return "\n".join([*lines, *([" ".join(buttons)] if buttons else [])])


def _describe_value(kept: dict[str, Any], names: Names) -> list[str]:
    (value,) = (value for key, value in kept.items() if key != "type")
    many = value if isinstance(value, list) else [] if value is None else [value]
    shown = []
    for one in many:
        if isinstance(one, dict):
            said = one["text"]["text"] if "text" in one else one["name"]
            shown.append(f"{said} ({one['description']['text']})" if "description" in one else said)
        else:
            shown.append(names(one) if kept["type"].endswith("s_select") else one)
    return [", ".join(shown)] if shown else ["..."]


def transcript(messages: list[Message], names: Names) -> str:
    """Return what several messages say, each under its writer's name."""
    return "\n\n".join(f"{names(message.user)}: {plain(message, names)}" for message in messages)


def _lines(block: Block, names: Names) -> list[str]:
    read = _READERS.get(block["type"])
    return read(block, names) if read else []


def _table_lines(block: Block, names: Names) -> list[str]:
    caption = [block["caption"]] if "caption" in block else []
    return caption + [" | ".join(join(cell_spans(cell, names)) for cell in row) for row in block["rows"]]


def _words(part: dict[str, Any], names: Names) -> str:
    return f"[{part['alt_text']}]" if part["type"] == "image" else join(text_spans(part, names))


def _section_lines(block: Block, names: Names) -> list[str]:
    texts = [block["text"]] if "text" in block else []
    lines = [join(text_spans(text, names)) for text in [*texts, *block.get("fields", [])]]
    accessory = block.get("accessory")
    if accessory:
        is_image = accessory["type"] == "image"
        lines.append(f"[{accessory['alt_text']}]" if is_image else describe_control(accessory))
    return lines


def _container_lines(block: Block, names: Names) -> list[str]:
    if "rich_text_title" in block:
        lines = [join(rich_spans(block["rich_text_title"], names))]
    else:
        lines = [join(text_spans(block["title"], names))]
    if "subtitle" in block:
        lines.append(join(text_spans(block["subtitle"], names)))
    return lines + [line for child in block["child_blocks"] for line in _lines(child, names)]


_READERS: dict[str, Callable[[Block, Names], list[str]]] = {
    "actions": lambda block, names: [" ".join(describe_control(control) for control in block["elements"])],
    "container": _container_lines,
    "context": lambda block, names: [" ".join(_words(part, names) for part in block["elements"])],
    "data_table": _table_lines,
    "data_visualization": lambda block, names: describe_chart(block),
    "header": lambda block, names: [join(text_spans(block["text"], names))],
    "image": lambda block, names: [f"[{block['alt_text']}]"],
    "input": lambda block, names: [join(text_spans(block["label"], names)), describe_control(block["element"])],
    "markdown": lambda block, names: [decode(block["text"])],
    "rich_text": lambda block, names: [join(rich_spans(block, names))],
    "section": _section_lines,
    "table": _table_lines,
}
