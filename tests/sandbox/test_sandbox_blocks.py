"""The pretend Slack refuses the blocks that Slack refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import slackblocks as sb
from slack_parts import (
    Json,
    actions,
    bars,
    button,
    chart,
    confirm,
    data_table,
    grid,
    mrkdwn,
    number,
    pie,
    plain,
    raw,
    rich,
    section,
)

from brought_forward.sandbox.slack.blocks.blocks import check_blocks


def _options(count: int, text: str = "x") -> list[Json]:
    return [{"text": plain(text), "value": str(n)} for n in range(count)]


def _pie(count: int) -> Any:
    return sb.PieChart([sb.ChartSegment(str(n), 1) for n in range(count)])


def _pie_block() -> Any:
    return sb.DataVisualizationBlock("t", _pie(1))


def _bars(series: int, points: int) -> Any:
    data = [sb.DataPoint(str(n), 1) for n in range(points)]
    return sb.BarChart([sb.DataSeries(str(n), data) for n in range(series)], sb.AxisConfig([p.label for p in data]))


Build = Callable[[int], Any]

# what is counted, the most that Slack takes, the blocks made here, the same made by slackblocks (None: it has no rule)
LIMITS: list[tuple[str, int, Build, Build | None]] = [
    ("blocks", 50, lambda n: [section()] * n, lambda n: sb.Message("C", blocks=[sb.SectionBlock("x")] * n)),
    ("section text", 3000, lambda n: [section("x" * n)], lambda n: sb.SectionBlock("x" * n)),
    (
        "section fields",
        10,
        lambda n: [{"type": "section", "fields": [plain("x")] * n}],
        lambda n: sb.SectionBlock(fields=["x"] * n),
    ),
    (
        "field text",
        2000,
        lambda n: [{"type": "section", "fields": [plain("x" * n)]}],
        lambda n: sb.SectionBlock(fields=["x" * n]),
    ),
    ("header text", 150, lambda n: [{"type": "header", "text": plain("x" * n)}], lambda n: sb.HeaderBlock("x" * n)),
    (
        "context elements",
        10,
        lambda n: [{"type": "context", "elements": [mrkdwn("x")] * n}],
        lambda n: sb.ContextBlock([sb.Text("x")] * n),
    ),
    (
        "actions elements",
        25,
        lambda n: [actions(*[button()] * n)],
        lambda n: sb.ActionsBlock([sb.Button("x", f"a{i}") for i in range(n)]),
    ),
    ("button text", 75, lambda n: [actions(button("x" * n))], lambda n: sb.Button("x" * n)),
    ("button value", 2000, lambda n: [actions(button(value="x" * n))], lambda n: sb.Button("x", value="x" * n)),
    ("button url", 3000, lambda n: [actions(button(url="x" * n))], lambda n: sb.Button("x", url="x" * n)),
    ("action_id", 255, lambda n: [actions(button(action_id="x" * n))], lambda n: sb.Button("x", "x" * n)),
    ("block_id", 255, lambda n: [section(block_id="x" * n)], lambda n: sb.SectionBlock("x", block_id="x" * n)),
    (
        "confirm title",
        100,
        lambda n: [actions(button(confirm=confirm("x" * n)))],
        lambda n: sb.ConfirmationDialogue("x" * n, "t", "y", "n"),
    ),
    (
        "confirm text",
        300,
        lambda n: [actions(button(confirm=confirm("t", "x" * n)))],
        lambda n: sb.ConfirmationDialogue("t", "x" * n, "y", "n"),
    ),
    (
        "confirm button",
        30,
        lambda n: [actions(button(confirm=confirm("t", "t", "x" * n)))],
        lambda n: sb.ConfirmationDialogue("t", "t", "x" * n, "n"),
    ),
    (
        "table rows",
        100,
        lambda n: [{"type": "table", "rows": grid(n, 1)}],
        lambda n: sb.TableBlock([[sb.RawText("x")]] * n),
    ),
    (
        "table columns",
        20,
        lambda n: [{"type": "table", "rows": grid(1, n)}],
        lambda n: sb.TableBlock([[sb.RawText("x")] * n]),
    ),
    ("table characters", 10_000, lambda n: [{"type": "table", "rows": [[raw("x")], [raw("x" * (n - 1))]]}], None),
    (
        "data_table rows",
        201,
        lambda n: [data_table(grid(n, 1))],
        lambda n: sb.DataTableBlock([[sb.RawText("x")]] * n, "c"),
    ),
    (
        "data_table columns",
        20,
        lambda n: [data_table(grid(2, n))],
        lambda n: sb.DataTableBlock([[sb.RawText("x")] * n] * 2, "c"),
    ),
    (
        "data_table characters",
        20_000,
        lambda n: [data_table([[raw("x")], [raw("x" * (n - 1))]])],
        lambda n: sb.DataTableBlock([[sb.RawText("x")], [sb.RawText("x" * (n - 1))]], "c"),
    ),
    (
        "data_table characters of a message",
        20_000,
        lambda n: [data_table(grid(2, 1, "x" * 5000)), data_table([[raw("x" * 5000)], [raw("x" * (n - 15_000))]])],
        lambda n: sb.Message(
            "C",
            blocks=[
                sb.DataTableBlock([[sb.RawText("x" * 5000)]] * 2, "c"),
                sb.DataTableBlock([[sb.RawText("x" * 5000)], [sb.RawText("x" * (n - 15_000))]], "c"),
            ],
        ),
    ),
    (
        "data_table page_size",
        100,
        lambda n: [data_table(grid(2, 1), page_size=n)],
        lambda n: sb.DataTableBlock([[sb.RawText("x")]] * 2, "c", page_size=n),
    ),
    ("chart title", 50, lambda n: [chart(pie(1), "x" * n)], lambda n: sb.DataVisualizationBlock("x" * n, _pie(1))),
    ("charts", 2, lambda n: [chart(pie(1))] * n, lambda n: sb.Message("C", blocks=[_pie_block()] * n)),
    ("pie segments", 12, lambda n: [chart(pie(n))], _pie),
    ("pie labels", 20, lambda n: [chart(pie(1, n))], lambda n: sb.ChartSegment("x" * n, 1)),
    ("chart series", 12, lambda n: [chart(bars(n))], lambda n: _bars(n, 1)),
    ("chart points", 20, lambda n: [chart(bars(1, n))], lambda n: _bars(1, n)),
    ("series names", 20, lambda n: [chart(bars(name=n))], lambda n: sb.DataSeries("x" * n, [sb.DataPoint("a", 1)])),
    ("axis labels", 50, lambda n: [chart(bars(axis="x" * n))], lambda n: sb.AxisConfig(["a"], x_label="x" * n)),
    ("markdown", 12_000, lambda n: [{"type": "markdown", "text": "x" * n}], lambda n: sb.MarkdownBlock("x" * n)),
    (
        "markdown of a message",
        12_000,
        lambda n: [{"type": "markdown", "text": "x" * part} for part in (6000, n - 6000)],
        lambda n: sb.Message("C", blocks=[sb.MarkdownBlock("x" * part) for part in (6000, n - 6000)]),
    ),
    (
        "container children",
        10,
        lambda n: [{"type": "container", "title": plain("t"), "child_blocks": [section()] * n}],
        lambda n: sb.ContainerBlock([sb.SectionBlock("x")] * n, "t"),
    ),
    (
        "container title",
        150,
        lambda n: [{"type": "container", "title": plain("x" * n), "child_blocks": [section()]}],
        lambda n: sb.ContainerBlock([sb.SectionBlock("x")], "x" * n),
    ),
    (
        "overflow options",
        5,
        lambda n: [section(accessory={"type": "overflow", "options": _options(n)})],
        lambda n: sb.OverflowMenu("a", [sb.Option(sb.PlainText("x"), str(i)) for i in range(n)]),
    ),
    (
        "select options",
        100,
        lambda n: [actions({"type": "static_select", "options": _options(n)})],
        lambda n: sb.StaticSelectMenu("a", [sb.Option(sb.PlainText("x"), str(i)) for i in range(n)]),
    ),
    (
        "option text",
        75,
        lambda n: [section(accessory={"type": "overflow", "options": _options(1, "x" * n)})],
        lambda n: sb.Option("x" * n, "v"),
    ),
]


@pytest.mark.parametrize(("most", "ours", "theirs"), [case[1:] for case in LIMITS], ids=[case[0] for case in LIMITS])
def test_a_limit_is_where_slackblocks_has_it(most: int, ours: Build, theirs: Build | None) -> None:
    assert [str(flaw) for flaw in check_blocks(ours(most))] == []
    assert check_blocks(ours(most + 1))
    if theirs is not None:
        theirs(most)
        with pytest.raises(sb.InvalidUsageError):
            theirs(most + 1)


@pytest.mark.parametrize(
    "blocks",
    [
        [section(block_id="a"), section(block_id="a")],
        [actions(button(action_id="a"), button(action_id="a"))],
        [{"type": "video"}],
        [{"type": "alert", "text": plain("x")}],
        [section(colour="red")],
        [section("")],
        [{"type": "section"}],
        [{"type": "header", "text": mrkdwn("x")}],
        [actions(button(style="green"))],
        [actions({"type": "static_select"})],
        [actions({"type": "datepicker", "initial_date": "31.10.2026"})],
        [data_table(grid(1, 1))],
        [data_table([[raw("a"), raw("b")], [raw("c")]])],
        [data_table([[rich("a")], [raw("b")]])],
        [data_table([[raw("a")], [raw("")]])],
        [data_table([[raw("a")], [number(1, "")]])],
        [data_table([[raw("a")], [{"type": "raw_number", "value": "1", "text": "1"}]])],
        [data_table(grid(2, 1), caption="")],
        [data_table(grid(2, 1), page_size=0)],
        [data_table(grid(2, 2), row_header_column_index=2)],
        [{"type": "data_table", "rows": grid(2, 1)}],
        [chart(pie(1, value=0))],
        [chart({"type": "pie", "segments": [{"label": "a", "value": 1}] * 2})],
        [chart(bars(1, 2) | {"axis_config": {"categories": ["00", "01", "02"]}})],
        [{"type": "container", "title": plain("t"), "child_blocks": [data_table(grid(2, 1))]}],
        [{"type": "container", "title": plain("t"), "child_blocks": [section()], "default_collapsed": True}],
        [{"type": "image", "alt_text": "x"}],
        [{"type": "rich_text", "elements": []}],
        "text",
        [None],
    ],
    ids=lambda blocks: json.dumps(blocks)[:60],
)
def test_slack_refuses_these_blocks(blocks: Any) -> None:
    assert check_blocks(blocks)


def test_slack_takes_what_slackblocks_builds() -> None:
    cells: list[list[Any]] = [
        [sb.RawText("User"), sb.RawText("Amount")],
        [sb.RawText("Don"), sb.RawNumber(-1.5, "-$1.50")],
    ]
    ask = sb.ConfirmationDialogue("Post?", "58 entries", "Post", "Not yet")
    built = [
        sb.HeaderBlock("AR October"),
        sb.SectionBlock("*58 entries*", fields=["a", "b"]),
        sb.DataTableBlock(cells, "Totals", page_size=50),
        sb.DataVisualizationBlock("Amounts", _bars(2, 3)),
        sb.ContainerBlock([sb.SectionBlock("x"), sb.DividerBlock()], "3 left out", is_collapsible=True),
        sb.ContextBlock([sb.Text("x")]),
        sb.RichTextBlock(sb.RichTextSection([sb.RichText("x", bold=True)])),
        sb.ActionsBlock([sb.Button("Approve", "approve", value="1", style="primary", confirm=ask)]),
    ]
    assert [str(flaw) for flaw in check_blocks(json.loads(sb.Message("C", blocks=built).json())["blocks"])] == []
