"""The tables of a web page: what many programs, Excel among them, write and call .xls."""

import contextlib
import re
from html.parser import HTMLParser
from typing import Any

from brought_forward.bot.sheet.file.delimited import decoded, unwrapped
from brought_forward.bot.sheet.file.found import MOST
from brought_forward.bot.sheet.file.refused import Refused
from brought_forward.bot.sheet.rules import Limits

CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([\w-]{1,40})", re.IGNORECASE)
NAMED = re.compile(r"windows-125[0-9]|iso-8859-[0-9]{1,2}|utf-8|shift_jis|gb2312|big5|koi8-r", re.IGNORECASE)
HIDING = re.compile(r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|mso-hide\s*:\s*all", re.IGNORECASE)
BLANK = re.compile(r"[ \t\r\n\f]+")
LEADING_ZERO = re.compile(r"0[0-9]")
UNSEEN = {"script", "style", "title", "template"}


class Tables(HTMLParser):
    """Collect the rows of all tables, one below the other, as Excel opens such a page.

    html.parser, not lxml: it is pure Python, so that a hostile page can at worst be slow, which the child's clock ends.
    A table within a cell goes into that cell's text.
    """

    def __init__(self, limits: Limits) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: list[list[str | float]] = []
        self._limits = limits
        self._row: list[str | float] | None = None
        self._text: list[str] | None = None
        self._about: dict[str, str | None] = {}
        self._covered: dict[int, int] = {}  # columns that a cell above reaches into, and for how many rows
        self.hidden: list[int] = []  # rows that the page does not show, from 1
        self.merges: list[tuple[int, int, int, int]] = []  # first row and column, last row and column, from 1
        self._depth = 0
        self._unseen = 0
        self._hiding = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a table, a row or a cell; an unclosed one before it ends."""
        if tag in UNSEEN:
            self._unseen += 1
        elif tag == "table":
            self._depth += 1
            if self._depth == 1:
                self._end_row()
                self._covered.clear()
                if self.rows:
                    self.rows.append([])
        elif self._depth == 1 and tag == "tr":
            self._end_row()
            self._row = []
            self._hiding = bool(HIDING.search(dict(attrs).get("style") or ""))
        elif self._depth == 1 and tag in {"td", "th"}:
            self._end_cell()
            self._row = [] if self._row is None else self._row
            self._text, self._about = [], dict(attrs)
        elif tag in {"br", "p", "div"} and self._text:
            self._text.append(" ")

    def handle_endtag(self, tag: str) -> None:
        """End what the tag names."""
        if tag in UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        elif tag == "table" and self._depth:
            if self._depth == 1:
                self._end_row()
            self._depth -= 1
        elif self._depth == 1 and tag == "tr":
            self._end_row()
        elif self._depth == 1 and tag in {"td", "th"}:
            self._end_cell()

    def handle_data(self, data: str) -> None:
        """Add to the cell's text."""
        if self._text is not None and not self._unseen:
            self._text.append(data)

    def close(self) -> None:
        """End what is still open: a page that was cut off."""
        super().close()
        self._end_row()

    def _end_cell(self) -> None:
        if self._text is None or self._row is None:
            return
        self._skip_covered()
        text = BLANK.sub(" ", "".join(self._text)).strip(" ")
        wide, high = self._span("colspan", self._limits.columns), self._span("rowspan", self._limits.rows)
        if high > 1:
            top, left = len(self.rows) + 1, len(self._row) + 1
            self.merges += [(top, left, top + high - 1, left + wide - 1)] if len(self.merges) < MOST else []
            self._covered |= {len(self._row) + column: high - 1 for column in range(wide)}
        self._row += [self._value(text), *[""] * (wide - 1)]
        self._text = None
        if len(self._row) > 2 * self._limits.columns:
            raise Refused("columns")

    def _skip_covered(self) -> None:
        assert self._row is not None  # noqa: S101 - its callers have looked
        while self._covered.get(len(self._row), 0) > 0:
            self._covered[len(self._row)] -= 1
            self._row.append("")

    def _end_row(self) -> None:
        self._end_cell()
        if self._row is None:
            return
        self._skip_covered()
        for column in [column for column in self._covered if column >= len(self._row)]:
            self._covered[column] -= 1
        self.rows.append(self._row)
        self.hidden += [len(self.rows)] if self._hiding else []
        self._row, self._hiding = None, False
        if len(self.rows) > self._limits.rows:
            raise Refused("rows")

    def _span(self, name: str, most: int) -> int:
        number = (self._about.get(name) or "").strip()
        return min(max(int(number), 1), most) if number.isascii() and number.isdigit() and len(number) < 9 else 1

    def _value(self, text: str) -> str | float:
        """Give the number Excel keeps beside a cell's text, if it shows less of it; zeros in front are text."""
        kept = self._about.get("x:num")
        if not kept or LEADING_ZERO.match(text):
            return unwrapped(text)
        try:
            return float(kept)
        except ValueError:
            return unwrapped(text)


def table_rows(data: bytes, limits: Limits) -> tuple[list[list[str | float]], dict[str, Any]]:
    """Give the rows of a page's tables, and which are hidden and which cells merged, as `Found.told` does.

    Raises Refused("no_table") for a page without any.
    """
    told = CHARSET.search(data[:2048])
    text = _decoded(data, told[1].decode("ascii") if told else "")
    tables = Tables(limits)
    tables.feed(text)
    tables.close()
    if not tables.rows:
        raise Refused("no_table")
    facts = {"hidden_rows": tables.hidden, "merges": tables.merges}
    return tables.rows, {name: told for name, told in facts.items() if told}


def _decoded(data: bytes, told: str) -> str:
    """Decode as the page says; where it says nothing known, or lies, as any text."""
    if NAMED.fullmatch(told):
        with contextlib.suppress(LookupError, UnicodeDecodeError):
            return data.decode(told)
    return decoded(data)
