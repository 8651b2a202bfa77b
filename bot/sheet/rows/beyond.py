"""Cells where no cell should be: past the last heading, or rows swallowed by a quote that does not end."""

import re
from collections import Counter

from brought_forward.bot.errors import SheetError
from brought_forward.bot.sheet.cells import Cell, SheetCells, column_letters, column_number
from brought_forward.bot.sheet.columns.header import Header
from brought_forward.bot.sheet.columns.headings import Role
from brought_forward.bot.sheet.file.delimited import DELIMITERS
from brought_forward.bot.sheet.money.cents import cents_of
from brought_forward.bot.sheet.rows.table import Row
from brought_forward.bot.sheet.texts import clean, clipped, rows_holding, shown

BREAK = re.compile("\r\n|\r|\n")
AMOUNT = re.compile(r"\s*\(?[-−+]?\s*[$€£]?\s*[0-9][0-9.,' ]*\)?\s*")
WORD = r"(?:(?:dr|cr|[a-z]{3})\.?)?"  # a side, or a currency
HEAD = re.compile(rf"\(?{WORD}\s*[-−]?\s*[$€£]?\s*[0-9]{{1,3}}", re.IGNORECASE)
REST = re.compile(rf"[0-9]{{3}}(?:\.[0-9]{{1,2}})?\)?\s*{WORD}", re.IGNORECASE)
THOUSANDS = "the amount has a comma and no quotes: {} and {} are two cells. Save the file anew from Excel, or write {}."
STRAY = (
    '{} holds "{}" past the last heading. Does it change the balance? Clear it, or give its column a heading; a comma'
    " within a text or an amount needs quotes."
)
MANY = 3  # cells of one column past the headings that make a column of it


def strays(rows: list[Row], cells: SheetCells, header: Header) -> dict[int, tuple[str, str]]:
    """Give, by row, the column's letter and what is wrong where a cell stands past the last heading.

    A whole column without a heading is none of these: the census names it.
    """
    last = _last_heading(cells, header)
    found = {row.number: extra for row in rows if (extra := _past(_raw(cells, row.number), last))}
    if not found:
        return {}
    counts = Counter(place for extra in found.values() for place in extra)
    told = {seen.place for seen in header.census}
    columns = {place for place, count in counts.items() if count >= MANY and 2 * count >= len(rows) and place in told}
    wrong: dict[int, tuple[str, str]] = {}
    for number, extra in found.items():
        raw = _raw(cells, number)
        split = _thousands(raw, header, cells)
        few = [place for place in extra if place not in columns]
        if split:
            wrong[number] = (header.columns[Role.AMOUNT].letter, split)
        elif few:
            letter = column_letters(cells.first_column + few[0])
            wrong[number] = (letter, STRAY.format(f"{letter}{number}", clipped(shown(raw[few[0]]), 60)))
    return wrong


def refuse_split(cells: SheetCells, at: int) -> None:
    """Raise SheetError where most rows below the headings, at place `at`, have amounts of thousands in two cells."""
    last = max((place for place, cell in enumerate(cells.rows[at]) if _seen(cell)), default=0)
    below = cells.rows[at + 1 :]
    split = []
    for number, row in enumerate(below, cells.first_row + at + 1):
        amounts = [parts for place in range(last) if (parts := _parts(row, place))] if _past(row, last) else []
        split += [(number, amounts[0])] if amounts else []
    if split and 2 * len(split) >= sum(map(any, below)):
        number, parts = split[0]
        raise SheetError(
            f'Amounts of "{cells.sheet}" have commas and no quotes: in row {number}, {parts[0]} and {parts[1]} are two'
            f" cells ({len(split)} such rows). Save the file anew from Excel, or write {''.join(parts)}."
        )


def refuse_swallowed(cells: SheetCells, header: Header) -> None:
    """Raise SheetError where one cell holds rows of the sheet: a quote that opens there ends lines below."""
    width = _last_heading(cells, header) + 1
    at = _balance(cells, header)
    breaks = 0
    for number in sorted(cells.first_row + one for one in rows_holding(("\n", "\r"), cells)):
        for place, cell in enumerate(_raw(cells, number)):
            if not isinstance(cell, str) or ("\n" not in cell and "\r" not in cell):
                continue
            lines = BREAK.split(cell)
            first = number + breaks
            breaks += len(lines) - 1
            if number > header.row and any(_swallows(lines, place, width, at, mark) for mark in DELIMITERS):
                raise SheetError(
                    f'A quote opens in line {first} of "{cells.sheet}" and ends in line {first + len(lines) - 1}, so'
                    f" that these lines read as one cell. Correct the quotes there, and drop the file again."
                )


def _swallows(lines: list[str], place: int, width: int, at: int, mark: str) -> bool:
    """Tell whether the lines of a cell are rows: whole ones within, or the end of one row and the beginning of another.

    `place` is the cell's column, `at` that of the amounts, both from 0; `width` how many columns the table has.
    """
    parts = [line.split(mark) for line in lines]
    if any(len(part) == width and _is_amount(part[at]) for part in parts[1:-1]):
        return True
    head, tail = parts[0], parts[-1]
    if len(head) != width - place or len(tail) != place + 1 or width < 2:
        return False
    if at > place:
        return _is_amount(head[at - place])
    return at < place and _is_amount(tail[at])


def _is_amount(text: str) -> bool:
    return bool(AMOUNT.fullmatch(text)) or cents_of(text) is not None  # "13,674.16 dr" too


def _last_heading(cells: SheetCells, header: Header) -> int:
    """Give the place of the last column of the table: one with a heading, or the balance's, which may have none."""
    row = _raw(cells, header.row)
    named = [place for place, text in enumerate(header.headings) if text]
    return max([_balance(cells, header), *named, *(place for place, cell in enumerate(row) if _seen(cell))])


def _balance(cells: SheetCells, header: Header) -> int:
    """Give the place of the balance's column."""
    return column_number(header.columns[Role.AMOUNT].letter) - cells.first_column


def _raw(cells: SheetCells, number: int) -> list[Cell]:
    return cells.rows[number - cells.first_row]


def _past(row: list[Cell], last: int) -> list[int]:
    return [place for place in range(last + 1, len(row)) if _seen(row[place])] if len(row) > last + 1 else []


def _seen(cell: Cell) -> bool:
    return cell is not None and (not isinstance(cell, str) or bool(clean(cell)))


def _thousands(row: list[Cell], header: Header, cells: SheetCells) -> str | None:
    """Say so where an amount in thousands stands in two cells or three, as in 1,234.50 without quotes."""
    parts = _parts(row, _balance(cells, header))
    return THOUSANDS.format(parts[0], parts[1], "".join(parts)) if parts else None


def _parts(row: list[Cell], at: int) -> list[str]:
    """Give the texts of an amount that begins at a place and goes on in the next; nothing where it does not."""
    first = row[at] if at < len(row) else None
    if not isinstance(first, str) or not HEAD.fullmatch(first.strip()):
        return []
    parts = [first.strip()]
    for cell in row[at + 1 :]:
        if not isinstance(cell, str) or not REST.fullmatch(cell.strip()):
            break
        parts.append(cell.strip())
    return parts if len(parts) > 1 else []
