"""Slack's markup as HTML: every word escaped, and of the markup only what stands here.

Bold, italic, struck out, code, quotes, mentions, emoji, and links to http and https. Words from a file can therefore
look like anything, and be nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, tzinfo
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup, escape
from rich.emoji import Emoji

from brought_forward.sandbox.slack.words import Names, Span, decode, rich_spans, spans

BREAK = Markup("<br>")
_DATE = re.compile(r"<!date\^(\d{1,12})\^([^|<>^]+)(?:\^[^|<>]*)?\|[^<>]*>")
_FENCE, _QUOTE = "```", "&gt;"
_OUR_LINK = re.compile(r"https://slack\.com/archives/([A-Z0-9]+)/p([0-9]{10})([0-9]{6})")
_OUR_CLIO = re.compile(r"http://127\.0\.0\.1:\d+/nc/#/(?:matters/([0-9]{1,18})|[a-z]+(?:/[0-9]+)?)")
_WEB = re.compile(r"https?://[^\s\"'<>]+")


def go(query: dict[str, str]) -> Markup:
    """Make the attributes of a link to another place of this page: only the Slack window is drawn anew."""
    address = f"/?{urlencode(query)}"
    return Markup(
        'href="{0}" hx-get="{0}" hx-target="#slack" hx-select="#slack" hx-swap="outerHTML" hx-push-url="true"'
    ).format(address)


def printable(text: str) -> str:
    """Take out control characters, which HTML cannot hold.

    What turns the writing round stays: it ends with its element, since the style sheet isolates each piece of text.
    """
    return "".join(char for char in text if char in "\n\t" or unicodedata.category(char) not in {"Cc", "Cs"})


def words(text: str, *, emoji: bool = False) -> Markup:
    """Escape plain words; line ends become breaks."""
    shown = printable(text)
    return BREAK.join(escape(line) for line in (Emoji.replace(shown) if emoji else shown).split("\n"))


def draw(found: Iterable[Span], *, emoji: bool = True) -> Markup:
    """Draw spans."""
    return Markup("").join(_span(span, emoji=emoji) for span in found)


def _span(span: Span, *, emoji: bool) -> Markup:
    text = words(span.text, emoji=emoji and not span.code)
    if span.link:
        text = _link(span.link, text)
    if span.mention:
        text = Markup('<span class="mention">{}</span>').format(text)
    for tag, on in (("code", span.code), ("b", span.bold), ("i", span.italic), ("s", span.strike)):
        if on:
            text = Markup(f"<{tag}>{{}}</{tag}>").format(text)  # noqa: S704 (one of four tags)
    return text


def _link(address: str, text: Markup) -> Markup:
    ours = _OUR_LINK.fullmatch(address)
    if ours:
        return Markup("<a {}>{}</a>").format(go({"in": ours[1], "thread": f"{ours[2]}.{ours[3]}"}), text)
    clio = _OUR_CLIO.fullmatch(address)
    if clio:
        return Markup('<a href="#clio-wanted" data-clio="{}">{}</a>').format(clio[1] or "", text)
    if not _WEB.fullmatch(address):
        return text
    return Markup('<a href="{}" target="_blank" rel="noreferrer noopener">{}</a>').format(address, text)


def mrkdwn(text: str, names: Names, zone: tzinfo = UTC, *, emoji: bool = True) -> Markup:
    """Draw mrkdwn, with fenced code and quoted lines."""
    dated = _DATE.sub(lambda found: _instant(int(found[1]), found[2], zone), text)
    parts = []
    for place, part in enumerate(dated.split(_FENCE)):
        if place % 2:
            parts.append(Markup("<pre>{}</pre>").format(words(decode(part.strip("\n")))))
        elif part.strip("\n"):
            parts.append(Markup("").join(_lines(part.strip("\n"), names, emoji=emoji)))
    return Markup("").join(parts)


def _lines(text: str, names: Names, *, emoji: bool) -> Iterator[Markup]:
    for is_quote, group in groupby(text.split("\n"), key=lambda line: line.startswith(_QUOTE)):
        lines = [line.removeprefix(_QUOTE).strip() if is_quote else line for line in group]
        drawn = draw(spans("\n".join(lines), names), emoji=emoji)
        yield Markup("<blockquote>{}</blockquote>").format(drawn) if is_quote else drawn


def _instant(seconds: int, pattern: str, zone: tzinfo) -> str:
    """Write an instant as Slack does in the reader's zone; what the pattern adds is kept as it is."""
    at = datetime.fromtimestamp(seconds, zone)
    today = datetime.now(zone).date()
    near = {0: "Today", 1: "Yesterday"}.get((today - at.date()).days)
    short = f"{at:%b %-d, %Y}"
    known = {
        "date": f"{at:%B %-d, %Y}", "date_short": short, "date_long": f"{at:%A, %B %-d, %Y}",
        "date_num": f"{at:%Y-%m-%d}", "date_pretty": near or f"{at:%B %-d, %Y}", "date_short_pretty": near or short,
        "date_long_pretty": near or f"{at:%A, %B %-d, %Y}", "time": f"{at:%-I:%M %p}",
        "time_secs": f"{at:%-I:%M:%S %p}",
    }  # fmt: skip
    return re.sub(r"\{(\w+)\}", lambda found: known.get(found[1], found[0]), pattern)


def text_object(value: dict[str, Any], names: Names, zone: tzinfo = UTC) -> Markup:
    """Draw a text object: mrkdwn, or plain words with emoji unless it says otherwise."""
    if value["type"] == "mrkdwn":
        return mrkdwn(value["text"], names, zone)
    return words(decode(value["text"]), emoji=value.get("emoji", True))


def rich(value: dict[str, Any], names: Names) -> Markup:
    """Draw rich text: sections, lists, quotes, code."""
    return Markup("").join(_rich_part(part, names) for part in value["elements"])


def _rich_part(part: dict[str, Any], names: Names) -> Markup:
    if part["type"] == "rich_text_list":
        tag = "ol" if part.get("style") == "ordered" else "ul"
        items = Markup("").join(Markup("<li>{}</li>").format(_rich_part(item, names)) for item in part["elements"])
        return Markup(f"<{tag}>{{}}</{tag}>").format(items)  # noqa: S704 (one of two tags)
    if part["type"] == "rich_text_preformatted":
        return Markup("<pre>{}</pre>").format(words("".join(str(leaf.get("text", "")) for leaf in part["elements"])))
    inner = Markup("").join(
        draw(rich_spans({"elements": [part | {"elements": [leaf]}]}, names), emoji=leaf["type"] == "emoji")
        for leaf in part["elements"]
    )
    frame = {"rich_text_quote": "<blockquote>{}</blockquote>"}.get(part["type"], "<div>{}</div>")
    return Markup(frame).format(inner)  # noqa: S704 (one of two frames)


def cell(value: dict[str, Any], names: Names) -> Markup:
    """Draw a table's cell, in which no markup runs."""
    return rich(value, names) if value["type"] == "rich_text" else words(value["text"])


def clock(seconds: float, zone: tzinfo) -> str:
    """Write a time of day."""
    return f"{datetime.fromtimestamp(seconds, zone):%-I:%M %p}"
