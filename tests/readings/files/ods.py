"""Workbooks of LibreOffice."""

import datetime as dt
import io
import zipfile
from decimal import Decimal
from xml.sax.saxutils import escape, quoteattr

from readings.files.text import written
from readings.grid import Cell, Grid
from readings.style import Style

TYPE = "application/vnd.oasis.opendocument.spreadsheet"
SPACES = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for short, name in (("office", "office"), ("table", "table"), ("text", "text"))
)
MANIFEST = (
    '<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
    f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{TYPE}"/>'
    '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
)


def workbook(grids: list[Grid], style: Style) -> bytes:
    """Write the sheets as one workbook."""
    tables = "".join(_table(grid, style) for grid in grids)
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {SPACES} office:version="1.2">'
        f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    )
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as parts:
        parts.writestr("mimetype", TYPE)
        parts.writestr("content.xml", content)
        parts.writestr("META-INF/manifest.xml", MANIFEST)
    return target.getvalue()


def _table(grid: Grid, style: Style) -> str:
    width = max(len(row) for row in grid.cells)
    columns = "".join(
        f"<table:table-column{' table:visibility=' + quoteattr('collapse') if place in grid.hidden_columns else ''}/>"
        for place in range(width)
    )
    spans, covered = {}, set()
    for top, left, bottom, right in grid.merges:
        spans[top, left] = (
            f' table:number-columns-spanned="{right - left + 1}" table:number-rows-spanned="{bottom - top + 1}"'
        )
        covered |= {(row, column) for row in range(top, bottom + 1) for column in range(left, right + 1)} - {
            (top, left)
        }
    rows = []
    for place, row in enumerate(grid.cells):
        cells = "".join(
            "<table:covered-table-cell/>"
            if (place, column) in covered
            else _cell(cell, style, spans.get((place, column), ""))
            for column, cell in enumerate(row)
        )
        hidden = ' table:visibility="collapse"' if place in grid.hidden_rows else ""
        rows.append(f"<table:table-row{hidden}>{cells or '<table:table-cell/>'}</table:table-row>")
    return f"<table:table table:name={quoteattr(grid.name)}>{columns}{''.join(rows)}</table:table>"


def _cell(cell: Cell, style: Style, span: str) -> str:
    value, text = cell.value, escape(written(cell, style))
    shown = f"<text:p>{text}</text:p>"
    if isinstance(value, Decimal | int):
        number = style.number(value) if isinstance(value, Decimal) and cell.money else float(value)
        return f'<table:table-cell{span} office:value-type="float" office:value="{number!r}">{shown}</table:table-cell>'
    if isinstance(value, dt.date):
        return (
            f'<table:table-cell{span} office:value-type="date" office:date-value="{value}">{shown}</table:table-cell>'
        )
    return (
        f'<table:table-cell{span} office:value-type="string">{shown}</table:table-cell>'
        if value
        else f"<table:table-cell{span}/>"
    )
