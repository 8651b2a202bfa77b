"""The rows below the header: lines, problems, zeros and totals. Each row is one of them, or has nothing to post."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import NamedTuple

import pandas as pd

from brought_forward.bot.sheet.cells import Cell, Unreadable
from brought_forward.bot.sheet.columns import Header, Role, normal
from brought_forward.bot.sheet.dates import date_of, in_words, is_open, numeric_orders
from brought_forward.bot.sheet.frame import rows_of
from brought_forward.bot.sheet.money import DecimalMark, decimal_mark, money_of_number, money_of_text
from brought_forward.bot.sheet.rules import SheetRules
from brought_forward.bot.sheet.texts import cleaned, matter_text, shown
from brought_forward.storage.records import BalanceLine, Problem

GRAND_TOTAL = re.compile(r"(grand|firm|report|overall) totals?")
PLAIN_TOTAL = re.compile(r"totals?")
SUBTOTAL = re.compile(r"sub ?totals?|(client|matter|case) totals?")
TOTAL_FOR = re.compile(r"(sub ?|grand )?totals? for .+")


class Total(Enum):
    """What kind of total a row is; the last grand one is the file's own."""

    GRAND = GRAND_TOTAL
    PLAIN = PLAIN_TOTAL
    SUB = SUBTOTAL
    FOR = TOTAL_FOR


@dataclass(frozen=True, slots=True)
class Style:
    """What was settled once for a whole column."""

    mark: DecimalMark | None
    currency: str
    day_first: bool | None


class Row(NamedTuple):
    """The cells of one row that have a part in the reading: texts cleaned, None where nothing can be seen."""

    number: int  # as the spreadsheet numbers it
    label: str  # the first text of the row, normalised
    matter: Cell
    amount: Cell
    user: Cell
    date: Cell
    note: Cell
    client: Cell


@dataclass(slots=True)
class RowsReading:
    """What the rows below the header say."""

    lines: list[BalanceLine] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    zero_rows: int = 0
    control_total: Decimal | None = None
    remarks: list[str] = field(default_factory=list)


def read_rows(frame: pd.DataFrame, header: Header, rules: SheetRules) -> RowsReading:
    """Read every row below the header; what cannot be read becomes a Problem, and no row stops another."""
    reading = RowsReading()
    rows = _rows(frame, header)
    style = _style(rows, header, rules, reading)
    totals = {row.number: total for row in rows if (total := _total(row))}
    last = max((number for number, total in totals.items() if total in (Total.GRAND, Total.PLAIN)), default=None)
    _read_control_total(rows, totals, style, reading)
    numbers = 0
    for row in rows:
        footnote = last is not None and row.number > last and not _has_amount(row.amount)
        if footnote or row.number in totals or _is_empty(row) or _repeats(row, header):
            continue
        match _read_row(row, header, style):
            case Problem() as problem:
                reading.problems.append(problem)
            case BalanceLine() as line:
                reading.lines.append(line)
                numbers += not isinstance(row.matter, str)
            case None:
                reading.zero_rows += 1
    if numbers:
        what = "1 matter number is" if numbers == 1 else f"{numbers} matter numbers are"
        reading.remarks.append(f"{what} stored as a number, not as text: Excel keeps no leading zeros there.")
    return reading


def _rows(frame: pd.DataFrame, header: Header) -> list[Row]:
    """Take the columns of the roles apart, row by row."""
    below = frame.loc[header.row + 1 :]
    nothing: list[Cell] = [None] * len(below)

    def cells(role: Role) -> list[Cell]:
        column = header.columns.get(role)
        return cleaned(below[column.letter].tolist()) if column else nothing

    roles = (Role.MATTER, Role.AMOUNT, Role.USER, Role.DATE, Role.NOTE, Role.CLIENT)
    labels = map(_label, rows_of(below))
    return list(map(Row, below.index.tolist(), labels, *map(cells, roles)))


def _label(cells: list[Cell]) -> str:
    """Normalise the first text of a row, if it could name a total; "" otherwise."""
    for cell in cells:
        if isinstance(cell, str) and cell and not cell.isspace():
            return normal(cell) if "total" in cell.casefold() else ""
    return ""


def _total(row: Row) -> Total | None:
    """Tell whether the row is a total; a client called "Total Wine" is none.

    "Total for ..." beside a matter of its own may be a client's name: no total then.
    """
    found = next((total for total in Total if total.value.fullmatch(row.label)), None) if row.label else None
    if found is Total.FOR and row.matter is not None and normal(row.matter) != row.label:
        return None
    return found


def _style(rows: list[Row], header: Header, rules: SheetRules, reading: RowsReading) -> Style:
    """Settle the decimal style and the order of day and month for the whole column."""
    days = [row.date for row in rows if isinstance(row.date, str)]
    orders = numeric_orders(days)
    if not orders:
        day_first: bool | None = rules.day_first
        example = next((day for day in days if is_open(day)), None)
        if example is not None:
            day = date_of(example, day_first=day_first)
            reading.remarks.append(
                f"Dates such as {example} are read as {in_words(day)}: "
                f"nothing in column {header.columns[Role.DATE].letter} settles which is the month."
            )
    else:
        day_first = next(iter(orders)) if len(orders) == 1 else None
    return Style(decimal_mark(row.amount for row in rows), rules.currency, day_first)


def _read_control_total(rows: list[Row], totals: dict[int, Total], style: Style, reading: RowsReading) -> None:
    """Take the last grand total, or the only plain one, as the file's own."""
    grand = [row for row in rows if totals.get(row.number) is Total.GRAND]
    plain = [row for row in rows if totals.get(row.number) is Total.PLAIN]
    if not grand and len(plain) > 1:
        reading.remarks.append(f"{len(plain)} rows are called Total, so none is taken as the file's own total.")
    elif own := (grand or plain):
        try:
            reading.control_total = _money(own[-1].amount, style)
        except Unreadable:
            reading.remarks.append(f"The total in row {own[-1].number} cannot be read, so it is not compared.")


def _is_empty(row: Row) -> bool:
    """Tell whether neither matter nor amount is there: a blank row, or the heading of a section."""
    return row.matter is None and row.amount is None


def _repeats(row: Row, header: Header) -> bool:
    """Tell whether the row is the header again, as at the top of a printed page."""
    columns = header.columns
    return row.matter == columns[Role.MATTER].heading and row.amount == columns[Role.AMOUNT].heading


def _has_amount(cell: Cell) -> bool:
    return any(letter in "0123456789" for letter in cell) if isinstance(cell, str) else cell is not None


def _money(cell: Cell, style: Style) -> Decimal:
    match cell:
        case None:
            raise Unreadable("no amount. Type it in, or 0 where nothing is owed; a formula needs a value.")
        case str():
            return money_of_text(cell, style.mark, style.currency)
        case int() | float():
            return money_of_number(cell)
        case _:
            raise Unreadable(f'"{shown(cell)}" is not an amount. Correct it in the sheet.')


def _read_row(row: Row, header: Header, style: Style) -> BalanceLine | Problem | None:
    """Read one row; None is a balance of zero."""
    faults: list[tuple[Role, str]] = []
    amount: Decimal | None = None
    matter, day = "", None
    try:
        amount = _money(row.amount, style)
    except Unreadable as fault:
        faults.append((Role.AMOUNT, str(fault)))
    if amount == 0:
        return None
    try:
        matter = _matter(row.matter)
    except Unreadable as fault:
        faults.insert(0, (Role.MATTER, str(fault)))
    try:
        day = _day(row.date, style)
    except Unreadable as fault:
        faults.append((Role.DATE, str(fault)))
    if faults or amount is None:
        return _problem(row, header, faults, amount)
    return BalanceLine(
        row=row.number,
        matter=matter,
        user=_text(row.user),
        amount=amount,
        date=day,
        note=_text(row.note),
        client=_text(row.client),
    )


def _text(cell: Cell) -> str | None:
    return cell if cell is None or isinstance(cell, str) else shown(cell)


def _matter(cell: Cell) -> str:
    if cell is None:
        raise Unreadable("an amount without a matter. Type the matter's number.")
    return matter_text(cell)


def _day(cell: Cell, style: Style) -> date | None:
    return None if cell is None else date_of(cell, day_first=style.day_first)


def _problem(row: Row, header: Header, faults: Iterable[tuple[Role, str]], amount: Decimal | None) -> Problem:
    """Make one Problem of all that is wrong with a row, so that its amount counts once."""
    (role, _), *_ = faults = list(faults)
    return Problem(
        row=row.number,
        cell=f"{header.columns[role].letter}{row.number}",
        text=" Also: ".join(text for _, text in faults),
        matter=shown(row.matter)[:255] or None,
        amount=amount,
    )
