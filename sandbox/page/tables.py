"""Native tables as pages of rows, sorted by whatever column a person asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from brought_forward.sandbox.slack.records import Block
from brought_forward.sandbox.slack.words import cell_spans, join

USUAL_PAGE = 5  # rows of a data_table that does not say how many
UNSORTED = 0

Cell = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """A column's heading, and how it stands; `sorted` is ascending, descending, or empty."""

    number: int  # from 1
    cell: Cell
    align: str
    is_wrapped: bool = True
    sorted: str = ""

    @property
    def next(self) -> int:
        """Say by which sort a press on the heading goes on: up, down, as it came."""
        return {"": self.number, "ascending": -self.number}.get(self.sorted, UNSORTED)


@dataclass(frozen=True, slots=True)
class Page:
    """The rows of a table that are shown, and where they stand among all."""

    columns: tuple[Column, ...]
    rows: tuple[Sequence[Cell], ...]
    caption: str
    first: int  # from 1; 0 of an empty table
    last: int
    total: int
    page: int  # from 1
    pages: int
    sort: int  # the column's number, below 0 where it goes down
    heading: int = 0  # the column, from 0, that names its row


def turn_to(block: Block, sort: int = UNSORTED, page: int = 1) -> Page:
    """Show one page of a `data_table`; a sort or page that it has not is the nearest that it has."""
    header, *rows = block["rows"]
    if not 0 < abs(sort) <= len(header):
        sort = UNSORTED
    if sort:
        numeric = _numeric(rows, abs(sort) - 1)  # not in the key: a list is empty while it is sorted
        rows.sort(key=lambda row: _key(row[abs(sort) - 1], numeric), reverse=sort < 0)
    size = int(block.get("page_size", USUAL_PAGE))
    pages = max(-(-len(rows) // size), 1)
    page = min(max(page, 1), pages)
    start = (page - 1) * size
    columns = tuple(
        Column(
            place + 1, cell, "right" if _numeric(rows, place) else "left",
            sorted="" if abs(sort) != place + 1 else "ascending" if sort > 0 else "descending",
        )
        for place, cell in enumerate(header)
    )  # fmt: skip
    shown = tuple(rows[start : start + size])
    heading = int(block.get("row_header_column_index", 0))
    return Page(
        columns, shown, block["caption"], min(start + 1, len(rows)), start + len(shown), len(rows), page, pages, sort,
        heading,
    )  # fmt: skip


def whole(block: Block) -> Page:
    """Show a `table`, all of it, its columns as its settings say."""
    header, *rows = block["rows"]
    settings = [one or {} for one in block.get("column_settings", [])]
    settings += [{}] * (len(header) - len(settings))
    columns = tuple(
        Column(place + 1, cell, settings[place].get("align", "left"), settings[place].get("is_wrapped", False))
        for place, cell in enumerate(header)
    )
    return Page(columns, tuple(rows), "", 1, len(rows), len(rows), 1, 1, UNSORTED)


def _numeric(rows: list[list[Cell]], place: int) -> bool:
    """Slack sorts a column as numbers only if each of its cells is one."""
    return bool(rows) and all(row[place]["type"] == "raw_number" for row in rows)


def _key(cell: Cell, numeric: bool) -> Any:
    return cell["value"] if numeric else join(cell_spans(cell, str)).casefold()
