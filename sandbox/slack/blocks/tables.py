"""Slack's limits on rich text, tables and charts.

https://docs.slack.dev/reference/block-kit/blocks/data-table-block and its neighbours `table-block`,
`data-visualization-block` and `rich-text-block`.
"""

from __future__ import annotations

from collections.abc import Iterable

from brought_forward.sandbox.slack.blocks.shapes import (
    Check,
    Flaw,
    Flaws,
    Value,
    check_number,
    check_string,
    listing,
    one_of,
    record,
    string,
    whole,
)

MOST_ROWS, MOST_TABLE_CHARACTERS = 100, 10_000  # of `table`: rows with the header; characters over all of a message
MOST_DATA_ROWS, MOST_DATA_CHARACTERS = 201, 20_000  # of `data_table`: rows with the header; characters of a message
MOST_CHARTS = 2

_RICH_PARTS = {"rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote"}
_RICH_LEAVES: dict[str, set[str]] = {
    "text": {"text"},
    "link": {"url"},
    "user": {"user_id"},
    "usergroup": {"usergroup_id"},
    "channel": {"channel_id"},
    "emoji": {"name"},
    "date": {"timestamp", "format"},
    "broadcast": {"range"},
    "color": {"value"},
}


def check_rich_text(value: Value, at: str, *, cell: bool = False) -> Flaws:
    """Check a rich_text block or cell."""
    known = {"type", "elements"} if cell else {"type", "elements", "block_id"}
    for key in sorted(value.keys() - known):
        yield Flaw(at, f"no more properties allowed, failed to match: {key}")
    yield from listing(1000, _check_rich_part)(value.get("elements"), f"{at}/elements")


def _check_rich_part(value: Value, at: str) -> Flaws:
    kind = value.get("type") if isinstance(value, dict) else None
    if kind not in _RICH_PARTS:
        yield Flaw(at, f"unsupported type: {kind}")
    elif kind == "rich_text_list":
        yield from listing(1000, _check_rich_part)(value.get("elements"), f"{at}/elements")
    else:
        yield from listing(1000, _check_rich_leaf, least=0)(value.get("elements"), f"{at}/elements")


def _check_rich_leaf(value: Value, at: str) -> Flaws:
    kind = value.get("type") if isinstance(value, dict) else None
    if not isinstance(kind, str) or kind not in _RICH_LEAVES:
        yield Flaw(at, f"unsupported type: {kind}")
        return
    for key in sorted(_RICH_LEAVES[kind] - value.keys()):
        yield Flaw(at, f"missing required field: {key}")
    if kind == "text" and "text" in value:
        yield from check_string(value["text"], f"{at}/text")


_check_raw_text = record({"type": one_of("raw_text"), "text": string()})
_check_raw_number = record({"type": one_of("raw_number"), "value": check_number, "text": string()})


def _check_cell(value: Value, at: str) -> Flaws:
    kind = value.get("type") if isinstance(value, dict) else None
    if kind == "raw_text":
        yield from _check_raw_text(value, at)
    elif kind == "raw_number":
        yield from _check_raw_number(value, at)
    elif kind == "rich_text":
        yield from check_rich_text(value, at, cell=True)
    else:
        yield Flaw(at, f"unsupported type of cell: {kind}")


def _check_column_settings(value: Value, at: str) -> Flaws:
    if value is not None:  # null leaves a column as it is
        flag: Check = lambda given, where: iter(() if isinstance(given, bool) else (Flaw(where, "must be a boolean"),))  # noqa: E731
        yield from record({}, {"align": one_of("left", "center", "right"), "is_wrapped": flag})(value, at)


_check_table_row = listing(20, _check_cell)
check_table = record(
    {"type": one_of("table"), "rows": listing(MOST_ROWS, _check_table_row)},
    {"block_id": string(255), "column_settings": listing(20, _check_column_settings, least=0)},
)
_check_data_table = record(
    {"type": one_of("data_table"), "rows": listing(MOST_DATA_ROWS, _check_table_row, least=2), "caption": string()},
    {"block_id": string(255), "page_size": whole(1, 100), "row_header_column_index": whole(0)},
)


def check_data_table(value: Value, at: str) -> Flaws:
    """Check a data_table: rows of equal length, a header without rich text, a caption."""
    flaws = list(_check_data_table(value, at))
    if flaws:  # the shape first: the rest reads rows
        yield from flaws
        return
    rows = value["rows"]
    for index, row in enumerate(rows):
        if len(row) != len(rows[0]):
            yield Flaw(f"{at}/rows/{index}", f"all rows must have {len(rows[0])} cells, as the header has")
    for index, cell in enumerate(rows[0]):
        if cell["type"] == "rich_text":
            yield Flaw(f"{at}/rows/0/{index}", "header cells cannot be rich_text")
    if value.get("row_header_column_index", 0) >= len(rows[0]):
        yield Flaw(f"{at}/row_header_column_index", "there is no such column")
    if count_characters(rows) > MOST_DATA_CHARACTERS:
        yield Flaw(f"{at}/rows", f"no more than {MOST_DATA_CHARACTERS} characters allowed")


def count_characters(value: Value) -> int:
    """Count the characters of all texts in cells, as Slack's table limits do."""
    if isinstance(value, list):
        return sum(count_characters(item) for item in value)
    if not isinstance(value, dict):
        return 0
    return sum(
        len(item) if key == "text" and isinstance(item, str) else count_characters(item) for key, item in value.items()
    )


def _positive(value: Value, at: str) -> Flaws:
    yield from check_number(value, at)
    if isinstance(value, (int, float)) and value <= 0:
        yield Flaw(at, "must be greater than 0")


_check_pie = record(
    {"type": one_of("pie"), "segments": listing(12, record({"label": string(20), "value": _positive}))},
)
_check_series = record(
    {"name": string(20), "data": listing(20, record({"label": string(20), "value": check_number}))},
)
_check_axes = record({"categories": listing(20, string(20))}, {"x_label": string(50, 0), "y_label": string(50, 0)})
_check_axis_chart = record(
    {"type": one_of("bar", "area", "line"), "series": listing(12, _check_series), "axis_config": _check_axes},
)


def _check_chart(value: Value, at: str) -> Flaws:
    pie = isinstance(value, dict) and value.get("type") == "pie"
    flaws = list(_check_pie(value, at) if pie else _check_axis_chart(value, at))
    if flaws:
        yield from flaws
    elif pie:
        yield from _check_unique((segment["label"] for segment in value["segments"]), f"{at}/segments")
    else:
        categories = value["axis_config"]["categories"]
        yield from _check_unique(categories, f"{at}/axis_config/categories")
        yield from _check_unique((series["name"] for series in value["series"]), f"{at}/series")
        for index, series in enumerate(value["series"]):
            if sorted(point["label"] for point in series["data"]) != sorted(categories):
                yield Flaw(f"{at}/series/{index}/data", "every series needs one point for every category")


def _check_unique(names: Iterable[str], at: str) -> Flaws:
    seen = list(names)
    if len(set(seen)) != len(seen):
        yield Flaw(at, "labels must be unique")


check_data_visualization = record(
    {"type": one_of("data_visualization"), "title": string(50), "chart": _check_chart}, {"block_id": string(255)}
)
