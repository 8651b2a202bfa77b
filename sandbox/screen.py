"""Print Slack messages in a terminal as a person would see them.

Everything from a message goes into rich `Text`, never into a string that rich reads for markup, and without control
characters: a cell must not be able to colour, move or address the terminal.
"""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from typing import Any

from rich import box
from rich.console import Console, Group, RenderableType
from rich.emoji import Emoji
from rich.markdown import Markdown
from rich.padding import Padding
from rich.panel import Panel
from rich.rule import Rule
from rich.style import Style
from rich.table import Table
from rich.text import Text

from brought_forward.sandbox.slack.records import Block, Message, View
from brought_forward.sandbox.slack.words import (
    Span,
    cell_spans,
    decode,
    describe_control,
    describe_size,
    join,
    rich_spans,
    spans,
    text_spans,
)

_BUTTONS = {"primary": "bold green", "danger": "bold red"}
FOLDED = 5  # rows of a folded table where folds stay shut
_BAR = 30  # characters of the longest bar of a chart


def clean(text: str) -> str:
    """Take out control and bidirectional characters, but keep line ends."""
    return "".join(char for char in text if char == "\n" or unicodedata.category(char) not in {"Cc", "Cf", "Co", "Cs"})


class Screen:
    """A terminal that shows messages.

    `names` turns ids into names, as `SlackSandbox.name` does; `rows` is the most of a table that is printed. Without
    `folds`, of what is folded only its title is, unless it is one table: then its first rows are too.
    """

    def __init__(
        self,
        console: Console,
        names: Callable[[str], str] = str,
        *,
        rows: int = 20,
        timezone: tzinfo = UTC,
        folds: bool = True,
    ) -> None:
        self.console = console
        self.names = names
        self.rows = rows
        self.folds = folds
        self.timezone = timezone
        self._followed: dict[str, tuple[list[Block], float]] = {}  # by ts: what was printed, and when

    def show(self, message: Message) -> None:
        """Print a message; replies stand a little to the right."""
        is_reply = message.thread_ts not in {None, message.ts}
        body = Group(self._head(message), Padding(Group(*self._body(message)), (0, 0, 0, 2)))
        self.console.print(Padding(body, (0, 0, 1, 4 if is_reply else 0)))

    def show_thread(self, messages: list[Message]) -> None:
        """Print messages in their order."""
        for message in messages:
            self.show(message)

    def show_view(self, view: View) -> None:
        """Print a form or a Home tab, each field with its hint; a form has its title above and its buttons below."""
        body = [drawn for block in view.payload["blocks"] for drawn in self._block(block)]
        if view.payload["type"] == "home":
            self.console.print(Group(*body))
            return
        buttons = [view.payload[name]["text"] for name in ("close", "submit") if view.payload.get(name)]
        ends = Text(clean("  ".join(f"[{label}]" for label in buttons)), "bold")
        title = Text(clean(view.payload["title"]["text"]), "bold")
        self.console.print(Panel(Group(*body, ends), title=title, title_align="left", box=box.ROUNDED, expand=False))

    def follow(self, messages: list[Message], *, every: float = 0.0) -> None:
        """Print what is new since the last call: new messages, and of edited ones the blocks that changed.

        A message that keeps changing is printed again after `every` seconds, or before the next new message.
        """
        if any(message.ts not in self._followed for message in messages):
            every = 0.0
        for message in messages:
            blocks = [{key: value for key, value in block.items() if key != "block_id"} for block in message.blocks]
            shown, at = self._followed.get(message.ts, (None, 0.0))
            if blocks == shown or time.monotonic() - at < every:
                continue
            self._followed[message.ts] = (blocks, time.monotonic())
            self.show(replace(message, blocks=[block for block in blocks if block not in (shown or [])]))

    def _head(self, message: Message) -> Text:
        at = datetime.fromtimestamp(int(message.ts.partition(".")[0]), self.timezone)
        head = Text.assemble((clean(self.names(message.user)), "bold"), "  ", (f"{at:%H:%M}", "dim"))
        if message.edited_ts:
            head.append("  (edited)", "dim italic")
        if message.ephemeral_to:
            head.append("  Only visible to you", "dim italic yellow")
        return head

    def _body(self, message: Message) -> Iterator[RenderableType]:
        if not message.blocks and message.text:
            yield self._text(spans(message.text, self.names), emoji=True)
        for block in message.blocks:
            yield from self._block(block)
        for file in message.files:
            yield Text.assemble(("▤ ", "cyan"), (clean(file.name), "bold"), (f"  {describe_size(file)}", "dim"))

    def _block(self, block: Block) -> Iterator[RenderableType]:
        draw: Callable[[Block], Iterator[RenderableType]] | None = getattr(self, f"_draw_{block['type']}", None)
        if draw is not None:
            yield from draw(block)

    def _draw_header(self, block: Block) -> Iterator[RenderableType]:
        yield Text(clean(join(text_spans(block["text"], self.names))), "bold underline")

    def _draw_divider(self, block: Block) -> Iterator[RenderableType]:
        yield Rule(style="dim")

    def _draw_markdown(self, block: Block) -> Iterator[RenderableType]:
        yield Markdown(clean(decode(block["text"])), hyperlinks=False)

    def _draw_rich_text(self, block: Block) -> Iterator[RenderableType]:
        yield self._text(rich_spans(block, self.names))

    def _draw_image(self, block: Block) -> Iterator[RenderableType]:
        yield Text(f"[{clean(block['alt_text'])}]", "dim")

    def _draw_section(self, block: Block) -> Iterator[RenderableType]:
        text = self._object(block["text"]) if "text" in block else Text()
        accessory = block.get("accessory")
        if accessory and accessory["type"] != "image":
            text.append("  ").append_text(_control(accessory))
        if text:
            yield text
        if block.get("fields"):
            grid = Table.grid(padding=(0, 4), expand=False)
            fields: list[Text | str] = [self._object(field) for field in block["fields"]]
            for start in range(0, len(fields), 2):
                grid.add_row(*fields[start : start + 2])
            yield grid

    def _draw_context(self, block: Block) -> Iterator[RenderableType]:
        parts = [
            Text(f"[{part['alt_text']}]") if part["type"] == "image" else self._object(part)
            for part in block["elements"]
        ]
        line = Text("  ").join(parts)
        line.style = "dim"
        yield line

    def _draw_actions(self, block: Block) -> Iterator[RenderableType]:
        yield Padding(Text("  ").join(_control(control) for control in block["elements"]), (1, 0, 0, 0))

    def _draw_input(self, block: Block) -> Iterator[RenderableType]:
        yield self._object(block["label"]).append(" ").append_text(_control(block["element"]))
        if "hint" in block:
            hint = self._object(block["hint"])
            hint.style = "dim"
            yield hint

    def _draw_container(self, block: Block) -> Iterator[RenderableType]:
        title = (
            self._text(rich_spans(block["rich_text_title"], self.names))
            if "rich_text_title" in block
            else self._object(block["title"])
        )
        kinds = [child["type"] for child in block["child_blocks"]]
        if block.get("default_collapsed") and not self.folds and kinds != ["table"]:
            yield Text("▸ ").append_text(title)
            return
        rows, self.rows = self.rows, self.rows if self.folds else FOLDED
        inside = [drawn for child in block["child_blocks"] for drawn in self._block(child)]
        self.rows = rows
        yield Panel(Group(*inside), title=title, title_align="left", box=box.ROUNDED, border_style="dim", expand=False)

    def _draw_table(self, block: Block) -> Iterator[RenderableType]:
        yield from self._table(block, [column or {} for column in block.get("column_settings", [])])

    def _draw_data_table(self, block: Block) -> Iterator[RenderableType]:
        yield from self._table(block, [])

    def _table(self, block: Block, settings: list[dict[str, Any]]) -> Iterator[RenderableType]:
        header, *rows = block["rows"]
        caption = Text(clean(block["caption"]), "italic dim") if "caption" in block else None
        table = Table(box=box.SIMPLE_HEAD, title=caption, title_justify="left", pad_edge=False, show_edge=False)
        for index, cell in enumerate(header):
            column = [row[index] for row in rows if index < len(row)]
            numbers = bool(column) and all(one["type"] == "raw_number" for one in column)
            given = settings[index].get("align") if index < len(settings) else None
            table.add_column(
                self._text(cell_spans(cell, self.names)), justify=given or ("right" if numbers else "left")
            )
        for row in rows[: self.rows]:
            table.add_row(*(self._text(cell_spans(cell, self.names)) for cell in row))
        more = Text(f"and {len(rows) - self.rows} more", "dim italic")
        yield Padding(Group(table, more) if len(rows) > self.rows else table, (1, 0))

    def _draw_data_visualization(self, block: Block) -> Iterator[RenderableType]:
        chart = block["chart"]
        points = [(part["label"], part["value"]) for part in chart.get("segments", [])]
        for series in chart.get("series", []):
            several = len(chart["series"]) > 1
            points += [
                (f"{series['name']}: {point['label']}" if several else point["label"], point["value"])
                for point in series["data"]
            ]
        most = max((abs(value) for _, value in points), default=0) or 1
        grid = Table.grid(padding=(0, 1))
        grid.add_column(justify="right")
        for label, value in points:
            bar = Text("█" * max(1 if value else 0, round(abs(value) / most * _BAR)), "red" if value < 0 else "blue")
            grid.add_row(Text(clean(label)), bar.append(f" {value:,.2f}", "default"))
        yield Padding(Group(Text(clean(block["title"]), "bold"), grid), (0, 0, 1, 0))

    def _object(self, value: dict[str, Any]) -> Text:
        return self._text(text_spans(value, self.names), emoji=value.get("emoji", True))

    def _text(self, found: list[Span], *, emoji: bool = False) -> Text:
        text = Text()
        for span in found:
            words = clean(span.text)
            text.append(Emoji.replace(words) if emoji and not span.code else words, _style(span))
        return text


def _style(span: Span) -> Style:
    web = span.link.startswith(("https://", "http://"))
    return Style(
        bold=span.bold or None,
        italic=span.italic or None,
        strike=span.strike or None,
        underline=bool(span.link) or None,
        color="cyan" if span.mention else "blue" if span.link else "magenta" if span.code else None,
        link=clean(span.link) if web else None,
    )


def _control(control: dict[str, Any]) -> Text:
    return Text(clean(describe_control(control)), _BUTTONS.get(control.get("style", ""), "bold"))
