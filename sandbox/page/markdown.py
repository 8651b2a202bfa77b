"""The `markdown` block as HTML: headings, emphasis, lists, quotes, code, links and pipe tables, words escaped.

https://docs.slack.dev/reference/block-kit/blocks/markdown-block
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import groupby

from markupsafe import Markup

from brought_forward.sandbox.page.marks import BREAK, draw, words
from brought_forward.sandbox.slack.words import Names, Span, decode, spans

_INLINE = re.compile(
    r"`(?P<code>[^`]+)`|\*\*(?P<bold>[^*]+)\*\*|(?<![\w*])\*(?P<star>[^*]+)\*(?!\w)|(?<!\w)_(?P<line>[^_]+)_(?!\w)"
    r"|~~(?P<strike>[^~]+)~~|\[(?P<label>[^\]]+)\]\((?P<link>[^\s)]+)\)|(?P<token><[^<>\s][^<>]*>)"
)
_KINDS = (
    ("heading", re.compile(r"(#{1,6})\s+(.*)")),
    ("bullet", re.compile(r"\s*[-*+]\s+(.*)")),
    ("number", re.compile(r"\s*\d+[.)]\s+(.*)")),
    ("quote", re.compile(r">\s?(.*)")),
    ("row", re.compile(r"\s*\|(.*)\|\s*")),
    ("rule", re.compile(r"\s*([-*_])(?:\s*\1){2,}\s*")),
    ("empty", re.compile(r"\s*")),
)
_PARTING = re.compile(r"[\s|:-]+")


def markdown(text: str, names: Names) -> Markup:
    """Draw a markdown block."""
    drawn = []
    for place, part in enumerate(text.split("```")):
        if place % 2:
            drawn.append(Markup("<pre>{}</pre>").format(words(part.partition("\n")[2].rstrip("\n") or part)))
        else:
            drawn += [_draw(kind, list(lines), names) for kind, lines in groupby(part.split("\n"), key=_kind)]
    return Markup("").join(drawn)


def _kind(line: str) -> str:
    return next((kind for kind, pattern in _KINDS if pattern.fullmatch(line)), "text")


def _draw(kind: str, lines: list[str], names: Names) -> Markup:
    pattern = dict(_KINDS).get(kind)
    if pattern is None:
        return Markup("<p>{}</p>").format(BREAK.join(_inline(line, names) for line in lines))
    inner = [_inline(found[found.lastindex or 0], names) for line in lines if (found := pattern.fullmatch(line))]
    frames: dict[str, Callable[[], Markup]] = {
        "heading": lambda: Markup("").join(Markup('<p class="md-head">{}</p>').format(one) for one in inner),
        "bullet": lambda: Markup("<ul>{}</ul>").format(_each("li", inner)),
        "number": lambda: Markup("<ol>{}</ol>").format(_each("li", inner)),
        "quote": lambda: Markup("<blockquote>{}</blockquote>").format(BREAK.join(inner)),
        "row": lambda: _table(lines, names),
        "rule": lambda: Markup("<hr>"),
    }
    return frames[kind]() if kind in frames else Markup("")


def _each(tag: str, inner: list[Markup]) -> Markup:
    return Markup("").join(Markup(f"<{tag}>{{}}</{tag}>").format(one) for one in inner)  # noqa: S704 (li, th or td)


def _table(lines: list[str], names: Names) -> Markup:
    rows = [line.strip().strip("|").split("|") for line in lines if not _PARTING.fullmatch(line)]
    drawn = [
        Markup("<tr>{}</tr>").format(_each("td" if place else "th", [_inline(cell.strip(), names) for cell in row]))
        for place, row in enumerate(rows)
    ]
    return Markup('<div class="table-scroll"><table class="grid">{}</table></div>').format(Markup("").join(drawn))


def _inline(text: str, names: Names) -> Markup:
    drawn, end = [], 0
    for found in _INLINE.finditer(text):
        drawn += [words(decode(text[end : found.start()]), emoji=True), _mark(found, names)]
        end = found.end()
    return Markup("").join([*drawn, words(decode(text[end:]), emoji=True)])


def _mark(found: re.Match[str], names: Names) -> Markup:
    part = found.groupdict()
    if part["code"]:
        return draw([Span(part["code"], code=True)])
    if part["link"]:
        return draw([Span(decode(part["label"]), link=decode(part["link"]))])
    if part["token"]:
        return draw(spans(part["token"], names))
    tag, inner = next(
        (tag, part[name]) for name, tag in (("bold", "b"), ("star", "i"), ("line", "i"), ("strike", "s")) if part[name]
    )
    return Markup(f"<{tag}>{{}}</{tag}>").format(_inline(inner, names))  # noqa: S704 (one of three tags)
