"""Workbooks of Excel, with merged, hidden and filtered parts, formats, and formulas whose values were never stored."""

import datetime as dt
import io
import re
import zipfile
from decimal import Decimal
from typing import Any

import xlsxwriter

from readings.files.text import written
from readings.grid import Cell, Grid
from readings.style import EXCEL_DAYS, Style

UNSTORED = "0.123454321"  # stands for a formula's value until it is taken out


def workbook(grids: list[Grid], style: Style, *, active: int = 0) -> bytes:
    """Write the sheets as one workbook."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(
        target, {"in_memory": True, "strings_to_numbers": False, "strings_to_formulas": False, "strings_to_urls": False}
    )
    formats: dict[str, Any] = {}
    for grid in grids:
        sheet = book.add_worksheet(grid.name)
        for merged in grid.merges:
            sheet.merge_range(*merged, "")
        for row, cells in enumerate(grid.cells):
            for column, cell in enumerate(cells):
                _write(book, sheet, formats, row, column, cell, style)
        for row in grid.hidden_rows:
            sheet.set_row(row, None, None, {"hidden": True})
        for column in grid.hidden_columns:
            sheet.set_column(column, column, None, None, {"hidden": True})
        if grid.unseen:
            sheet.hide()
        if grid.filtered:
            top = min(grid.hidden_rows, default=1) - 1
            sheet.autofilter(max(top, 0), 0, len(grid.cells) - 1, max(len(row) for row in grid.cells) - 1)
    book.worksheets()[active].activate()
    book.close()
    return _without_values(target.getvalue())


def _write(book: Any, sheet: Any, formats: dict[str, Any], row: int, column: int, cell: Cell, style: Style) -> None:
    value = cell.value

    def shown(code: str) -> Any:
        if code not in formats:
            formats[code] = book.add_format({"num_format": code})
        return formats[code]

    if isinstance(value, Decimal) and cell.formula and not style.textual:
        stored = {"zero": 0, "missing": float(UNSTORED)}.get(cell.unstored, style.number(value))
        sheet.write_formula(row, column, f"={cell.formula}", shown(cell.format or style.format), stored)
    elif isinstance(value, Decimal) and cell.money and style.textual:
        sheet.write_string(row, column, written(cell, style))
    elif isinstance(value, Decimal):
        number = style.number(value) if cell.money else float(value)
        sheet.write_number(row, column, number, shown(cell.format or style.format) if cell.money else None)
    elif isinstance(value, dt.date):
        moment = dt.datetime.combine(value, dt.time())
        sheet.write_datetime(row, column, moment, shown(EXCEL_DAYS[style.days]))
    elif isinstance(value, int):
        sheet.write_number(row, column, value)
    elif value:
        sheet.write_string(row, column, value)


def _without_values(data: bytes) -> bytes:
    """Take the marked values out, so that their formulas have none, as in files that no Excel has calculated."""
    if UNSTORED.encode() not in b"".join(zipfile.ZipFile(io.BytesIO(data)).read(name) for name in _sheets(data)):
        return data
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, re.sub(rb"<v>" + re.escape(UNSTORED.encode()) + rb"</v>", b"", content))
    return target.getvalue()


def _sheets(data: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        return [name for name in parts.namelist() if name.startswith("xl/worksheets/sheet")]
