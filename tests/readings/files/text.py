"""Delimited text in several encodings, and the web page that programs call .xls."""

import csv
import datetime as dt
import html
import io
import random
from decimal import Decimal

from readings.grid import Cell, Grid
from readings.style import Style, dusty

ENCODINGS = ["utf-8", "utf-8", "utf-8-sig", "cp1252", "utf-16"]


def written(cell: Cell, style: Style) -> str:
    """Write a cell as text."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, Decimal):
        if not cell.money:
            return f"{value.normalize():f}"
        if style.dust and value and not style.symbol and style.decimal == ".":
            return repr(dusty(value))
        return style.amount(value)
    return style.day(value) if isinstance(value, dt.date) else str(value)


def delimited(grid: Grid, style: Style, dice: random.Random, *, plain: bool, loose: bool) -> bytes:
    """Write delimited text. `loose`: cells stand as they are, without quotes, whatever is in them."""
    rows = [[written(cell, style) for cell in row] for row in grid.cells]
    width = max(len(row) for row in rows)
    swallows = any(cell.startswith("\x00") for row in rows for cell in row)
    if plain or dice.random() < 0.5:
        rows = [row + [""] * (width - len(row)) for row in rows]
    delimiter = "," if plain or loose else dice.choice([",", ",", ",", ";", "\t", "|"])
    if style.decimal == ",":
        delimiter = dice.choice([";", "\t"])
    end = dice.choice(["\r\n", "\n"])
    if loose:
        content = end.join(delimiter.join(row) for row in rows) + end
    else:
        target = io.StringIO()
        quoting = csv.QUOTE_ALL if not plain and dice.random() < 0.2 and not swallows else csv.QUOTE_MINIMAL
        csv.writer(target, delimiter=delimiter, lineterminator=end, quoting=quoting).writerows(rows)
        content = target.getvalue()
    content = content.replace("\x00", '"')
    encoding = "utf-8" if plain else dice.choice(ENCODINGS)
    try:
        return content.encode(encoding)
    except UnicodeEncodeError:
        return content.encode("utf-8-sig")


def web_page(grid: Grid, style: Style) -> bytes:
    """Write a table of HTML, with its merged and hidden parts."""
    covered, spans = set(), {}
    for top, left, bottom, right in grid.merges:
        spans[top, left] = f' rowspan="{bottom - top + 1}" colspan="{right - left + 1}"'
        covered |= {(row, column) for row in range(top, bottom + 1) for column in range(left, right + 1)} - {
            (top, left)
        }
    lines = []
    for place, row in enumerate(grid.cells):
        cells = [
            f"<td{spans.get((place, column), '')}>{html.escape(written(cell, style))}</td>"
            for column, cell in enumerate(row)
            if (place, column) not in covered
        ]
        hidden = ' style="display:none"' if place in grid.hidden_rows else ""
        lines.append(f"<tr{hidden}>{''.join(cells)}</tr>")
    page = f'<html><head><meta charset="utf-8"></head><body><table border="1">{"".join(lines)}</table></body></html>'
    return page.encode()
