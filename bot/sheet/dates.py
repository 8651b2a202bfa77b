"""Days, as cells and titles write them. Nothing is completed from today's date."""

import contextlib
import math
import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import lru_cache

from brought_forward.bot.sheet.cells import Cell, Unreadable
from brought_forward.bot.sheet.texts import clean, clipped, shown

MONTHS = tuple(
    "January February March April May June July August September October November December".split()  # noqa: SIM905
)
_MONTH = (
    "(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DAY = "(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?"
_YEAR = "(?P<year>(?:19|20|21)[0-9]{2})(?![0-9])"
_SHORT = "(?P<year>(?:19|20|21)?[0-9]{2})(?![0-9])"
THIS_CENTURY = 30  # as Excel reads years of two digits: 29 is 2029, 30 is 1930
NAMED = (
    re.compile(rf"{_MONTH} ?{_DAY}(?:,? |/){_YEAR}", re.IGNORECASE),
    re.compile(rf"{_DAY}[ -]{_MONTH},?[ -]{_SHORT}", re.IGNORECASE),
)
ISO = re.compile(rf"{_YEAR}-(?P<month>[0-9]{{2}})-(?P<day>[0-9]{{2}})(?:[T ]00:00(?::00(?:\.0+)?)?Z?)?")
NUMERIC = re.compile(rf"(?P<first>[0-9]{{1,2}})(?P<sign>[/.-])(?P<second>[0-9]{{1,2}})(?P=sign){_SHORT}")
WEEKDAY = re.compile(r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?,? ", re.IGNORECASE)
AS_OF = re.compile(r"\bas (?:of|at)(?: date)?\b:? *(?P<rest>.*)", re.IGNORECASE)
SERIALS = range(20_000, 80_000)  # Excel's day numbers from 1954 to 2119
SERIAL_ZERO = date(1899, 12, 30)


def numeric_orders(cells: Iterable[Cell]) -> frozenset[bool]:
    """Find which orders of day and month the numeric dates of a column prove: True is day first.

    Empty: nothing settles it. Both: the column is mixed.
    """
    orders = set()
    for cell in cells:
        match = NUMERIC.fullmatch(clean(cell)) if isinstance(cell, str) else None
        if match:
            first, second = int(match["first"]), int(match["second"])
            orders |= {True} if first > 12 >= second else {False} if second > 12 >= first else set()
    return frozenset(orders)


def is_open(cell: Cell) -> bool:
    """Tell whether a cell is a numeric date that means another day in each order."""
    match = NUMERIC.fullmatch(clean(cell)) if isinstance(cell, str) else None
    if match is None:
        return False
    first, second = int(match["first"]), int(match["second"])
    return first != second and 1 <= first <= 12 and 1 <= second <= 12


def date_of(cell: Cell, *, day_first: bool | None) -> date:
    """Give the day a cell holds: a date, an Excel day number, or a text in one of the usual forms.

    `day_first` is the column's order, None where the column is mixed. Raises Unreadable on all else.
    """
    match cell:
        case datetime():
            return cell.date()
        case date():
            return cell
        case str():
            return _date_of_text(clean(cell), day_first)
        case bool():
            pass
        case int() | float() if math.isfinite(cell) and int(cell) in SERIALS:
            return SERIAL_ZERO + timedelta(days=int(cell))
    raise Unreadable(f'date "{shown(cell)}" is not a date. Correct it in the sheet.')


@lru_cache(maxsize=1024)  # a column has few days, each many times
def _date_of_text(text: str, day_first: bool | None) -> date:
    quoted = f'date "{clipped(text)}"'
    if day_first is None and is_open(text):
        raise Unreadable(f"{quoted} reads two ways, and its column has both. Write it as 2026-10-31.")
    found = _match(text, bool(day_first), whole=True)
    if found is None:
        raise Unreadable(f"{quoted} is not a date. Write it as 2026-10-31.")
    return found


def _match(text: str, day_first: bool, *, whole: bool) -> date | None:
    """Read a day at the start of a text, or as the whole of it; None where there is none."""
    text = WEEKDAY.sub("", text, count=1) if WEEKDAY.match(text) else text
    for pattern in (ISO, *NAMED, NUMERIC):
        match = pattern.fullmatch(text) if whole else pattern.match(text)
        if match:
            parts = match.groupdict()
            if pattern is NUMERIC:
                first, second = int(parts["first"]), int(parts["second"])
                swap = first > 12 or (day_first and second <= 12)
                day, month = (first, second) if swap else (second, first)
            else:
                day, month = int(parts["day"]), _month_number(parts["month"])
            try:
                return date(_year(parts["year"]), month, day)
            except ValueError:
                return None
    return None


def _year(text: str) -> int:
    year = int(text)
    return year if len(text) > 2 else year + (2000 if year < THIS_CENTURY else 1900)


def is_short(cell: Cell) -> bool:
    """Tell whether a text is a date whose year has two digits."""
    matches = (pattern.fullmatch(clean(cell)) for pattern in (NUMERIC, *NAMED)) if isinstance(cell, str) else ()
    return any(match and len(match["year"]) == 2 for match in matches)


def column_order(cells: list[tuple[int, str]], column: str, day_first: bool) -> tuple[bool | None, list[str]]:
    """Settle the order of day and month for a column, with remarks: the reading chosen, and where it comes from.

    Cells come with their rows. None: the column is mixed.
    """
    first_rows: dict[str, int] = {}
    for row, text in cells:
        first_rows.setdefault(text, row)
    orders = numeric_orders(first_rows)
    order = day_first if not orders else next(iter(orders)) if len(orders) == 1 else None
    remarks = []
    example = next(filter(is_open, first_rows), None)
    if example is not None and order is not None:
        said = f"Dates such as {example} are read as {in_words(date_of(example, day_first=order))}"
        if orders:
            row = next(row for text, row in first_rows.items() if numeric_orders([text]))
            remarks.append(f"{said}, as {column}{row} shows.")
        else:
            usual = "day first" if day_first else "month first"
            why = f"nothing in column {column} settles which is the month, so the firm's order ({usual}) is taken."
            remarks.append(f"{said}: {why}")
    short = next(filter(is_short, first_rows), None)
    if short is not None and (order is not None or not is_open(short)):
        with contextlib.suppress(Unreadable):
            day = date_of(short, day_first=order)
            remarks.append(f"Years of two digits are read as Excel reads them: {short} is {in_words(day)}.")
    return order, remarks


def _month_number(text: str) -> int:
    if text.isdigit():
        return int(text)
    return next(number for number, name in enumerate(MONTHS, 1) if name.lower().startswith(text[:3].lower()))


def in_words(day: date) -> str:
    """Write a day so that it reads one way, whatever the machine's locale."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def as_of(titles: Iterable[Iterable[Cell]], *, day_first: bool) -> tuple[date | None, list[str]]:
    """Find the day of the balances in the rows above the header: "As of October 31, 2026".

    Gives the day, or None, and remarks on how it was read. Two different days are as good as none.
    """
    found: dict[date, None] = {}
    remarks: list[str] = []
    for row in titles:
        cells = [cell for cell in row if cell not in (None, "")]
        for number, cell in enumerate(cells):
            said = AS_OF.search(clean(cell)) if isinstance(cell, str) else None
            if said is None:
                continue
            beside = cells[number + 1] if number + 1 < len(cells) else None
            day, remark = _as_of_day(said["rest"] or beside, day_first)
            found |= {day: None} if day else {}
            remarks += [remark] if remark else []
    if len(found) > 1:
        named = " and ".join(in_words(day) for day in found)
        return None, [
            *remarks,
            f"The title names more than one day ({named}), so none is taken as the day of the balances.",
        ]
    return next(iter(found), None), remarks


def _as_of_day(said: Cell, day_first: bool) -> tuple[date | None, str | None]:
    """Read the day after the words "as of", with a remark where it could be another or none."""
    if not isinstance(said, str):
        return (said.date() if isinstance(said, datetime) else said if isinstance(said, date) else None), None
    text = clean(said)
    day = _match(text, day_first, whole=False)
    if day is None:
        return (
            None,
            f'The title says "as of {clipped(text)}", which is not a date.' if text else None,
        )
    if any(len(found["year"]) == 2 for pattern in (NUMERIC, *NAMED) if (found := pattern.match(text))):
        return day, f"The title's {clipped(text)} is read as {in_words(day)}, the year as Excel reads two digits."
    match = NUMERIC.match(WEEKDAY.sub("", text, count=1))
    if match and is_open(match[0]):
        return (
            day,
            f"The title's {match[0]} is read as {in_words(day)}: the sheet does not settle which is the month.",
        )
    return day, None
