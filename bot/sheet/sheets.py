"""Which sheet of a workbook is read, where several could be it: asked, and never the first in silence."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from brought_forward.bot.errors import Candidate, SheetError, SheetQuestion
from brought_forward.bot.sheet.cells import SheetCells
from brought_forward.bot.sheet.columns.headings import Role, heading_words, normal
from brought_forward.bot.sheet.columns.heads import Heads
from brought_forward.bot.sheet.rules import SheetRules
from brought_forward.bot.sheet.texts import clipped, digest
from brought_forward.bot.sheet.unread import left_unread, says_again
from brought_forward.storage.records.sheet import GroupTotal, SheetReading

KIND, ALL = "sheet", "all"
PARTS = {Role.MATTER, Role.AMOUNT, Role.USER, Role.CLIENT}  # of the columns that the parts of one list all have
APART = 100_000  # rows that lie between two sheets where all are read; no sheet has as many
# Sheets named by a day, a month, a quarter or a year, and copies, hold the same debts. As `normal` writes names.
_MONTH = (
    "(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    "|nov(?:ember)?|dec(?:ember)?)"
)
TIME = re.compile(
    rf"\b{_MONTH}(?:[0-9]{{2,4}})?\b|\b[0-9]{{1,2}}{_MONTH}|\bq[1-4]\b|\b(?:19|20)[0-9]{{2}}\b"
    r"|\b[0-9]{1,2} [0-9]{1,2}(?: [0-9]{2,4})?\b|\b(?:19|20)[0-9]{4,6}\b"
    r"|\b(?:last|this) (?:month|week|year)\b|\b(?:backup|copy|old|previous|prior|week|month|quarter|year)\b"
)
NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A visible sheet with headings of matters and balances."""

    place: int  # among those with content, from 1
    cells: SheetCells
    heads: Heads
    reading: SheetReading | None = None  # None where it cannot be read before something else is asked

    @property
    def total(self) -> Decimal | None:
        """Sum what it says is owed, also what stays out."""
        return _sum(self.reading) if self.reading else None


def read_chosen(
    sheets: Sequence[Sheet],
    others: Sequence[SheetCells],
    rules: SheetRules,
    read: Callable[[SheetCells, Heads], SheetReading],
) -> SheetReading:
    """Read the only sheet that could be it, or the one that staff chose, or all of them as one.

    `others` are the file's sheets without such headings. Raises SheetQuestion where there are several, the one in front
    first, and where one that is not read holds money; SheetError and SheetQuestion as `read` does.
    """
    count = len(sheets) + len(others)
    if len(sheets) > 1:
        tried = [_tried(one, read) for one in sheets]
        readings = [one.reading for one in tried if one.reading]
        sums = {one.place for one in tried if not one.reading and says_again(one.cells, readings, rules.currency)}
        sheets = [one for one in tried if not _holds_nothing(one) and one.place not in sums] or tried[:1]
        kept = {one.place for one in sheets}
        others = [*others, *(one.cells for one in tried if one.place not in kept)]
    reading, remark = _chosen(sheets, rules, read, count)
    readings = [one.reading for one in sheets if one.reading] or [reading]
    return replace(reading, remarks=(*remark, *left_unread(others, readings, rules), *reading.remarks))


def _chosen(
    sheets: Sequence[Sheet], rules: SheetRules, read: Callable[[SheetCells, Heads], SheetReading], count: int
) -> tuple[SheetReading, tuple[str, ...]]:
    """Give what is read, and which sheet that is."""
    if len(sheets) == 1:
        return read(sheets[0].cells, sheets[0].heads), _remark(sheets[0], count)
    answer = rules.answers.get(KIND)
    if answer == ALL and _alike(sheets, rules.currency):
        return _joined([(one.cells.sheet, read(one.cells, one.heads)) for one in sheets]), ()
    chosen = next((one for one in sheets if str(one.place) == answer), None)
    if chosen is None:
        raise _question(sheets, rules.currency)
    left = ", ".join(f'"{one.cells.sheet}"' for one in sheets if one is not chosen)
    return read(chosen.cells, chosen.heads), (f'Only "{chosen.cells.sheet}" is read, as chosen; not {left}.',)


def _tried(sheet: Sheet, read: Callable[[SheetCells, Heads], SheetReading]) -> Sheet:
    try:
        return replace(sheet, reading=read(sheet.cells, sheet.heads))
    except SheetError:
        return sheet


def _sum(reading: SheetReading) -> Decimal:
    lines = sum((line.amount for line in reading.lines), NOTHING)
    return lines + sum((bad.amount for bad in reading.problems if bad.amount), NOTHING)


def _holds_nothing(sheet: Sheet) -> bool:
    """Tell whether a sheet has headings alone, or no line below them."""
    below = sheet.cells.rows[sheet.heads.at + 1 :]
    found = sheet.reading
    empty = found is not None and not (found.lines or found.problems or found.zero_rows)
    return empty or not any(cell not in {None, ""} for row in below for cell in row)


def _remark(sheet: Sheet, count: int) -> tuple[str, ...]:
    return (f'The file has {count} sheets; "{sheet.cells.sheet}" is read.',) if count > 1 else ()


def _alike(sheets: Sequence[Sheet], currency: str) -> bool:
    """Tell whether the sheets are parts of one list: headed alike, other debts, none that sums the rest."""
    headings = {_headings(one, currency) for one in sheets}
    if len(headings) > 1 or any(TIME.search(normal(one.cells.sheet)) for one in sheets):
        return False
    days = {one.reading.as_of for one in sheets if one.reading and one.reading.as_of}
    totals = [total for one in sheets if (total := one.total) is not None]
    summed = len(totals) > 2 and any(total and total * 2 == sum(totals) for total in totals)
    return len(days) < 2 and not summed and not _repeated(sheets)


def _headings(sheet: Sheet, currency: str) -> tuple[frozenset[str], str]:
    """Give the roles that its columns have and how the balance is headed; all headings if it is not read yet."""
    if sheet.reading is None:
        return frozenset(normal(text) for text in sheet.heads.texts if text), ""
    parts = {one.part: heading_words(one.heading, currency) for one in sheet.reading.census}
    return frozenset(parts.keys() & PARTS), parts.get(Role.AMOUNT, "")


def _repeated(sheets: Sequence[Sheet]) -> bool:
    """Tell whether half of a sheet's lines stand on another one too, as they do on its copy or at another day."""
    matters = [{line.matter for line in one.reading.lines} for one in sheets if one.reading and one.reading.lines]
    return any(
        2 * len(one & other) >= min(len(one), len(other)) for at, one in enumerate(matters) for other in matters[:at]
    )


def _question(sheets: Sequence[Sheet], currency: str) -> SheetQuestion:
    front = sorted(sheets, key=lambda one: (not one.cells.facts.active, one.place))
    candidates = [Candidate(str(one.place), one.cells.sheet, _sample(one)) for one in front]
    if _alike(sheets, currency):
        totals = [one.total for one in sheets]
        told = f"{sum((total or NOTHING for total in totals), NOTHING):,.2f}" if None not in totals else ""
        candidates.append(Candidate(ALL, "All of them, as one list", told))
    keyed = "\x1f".join([one.cells.sheet for one in sheets] + [text for one in sheets for text in one.heads.texts])
    return SheetQuestion(
        f"{len(sheets)} sheets have matters and balances. Which one is brought forward?",
        kind=KIND,
        candidates=tuple(candidates),
        signature=digest(keyed),
    )


def _sample(sheet: Sheet) -> str:
    """Say what a sheet holds: its first headings, how many lines, their sum."""
    headings = ", ".join(clipped(text, 20) for text in [text for text in sheet.heads.texts if text][:4])
    if sheet.reading is None or sheet.total is None:
        return headings
    count = len(sheet.reading.lines) + len(sheet.reading.problems)
    return f"{headings}: {count:,} {'line' if count == 1 else 'lines'}, {sheet.total:,.2f}"


def _joined(readings: Sequence[tuple[str, SheetReading]]) -> SheetReading:
    """Make one reading of several; the rows of each sheet but the first are numbered from a round number on."""
    first = readings[0][1]
    moved = [_moved(name, reading, place * APART) for place, (name, reading) in enumerate(readings)]
    stated = [one.control_total for one in moved]
    totals = [one.column_total for one in moved]
    days = {one.as_of for one in moved if one.as_of}
    comments = [one.comments for one in moved if one.comments]
    return replace(
        first,
        sheet=", ".join(name for name, _ in readings),
        lines=tuple(line for one in moved for line in one.lines),
        problems=tuple(problem for one in moved for problem in one.problems),
        zero_rows=sum(one.zero_rows for one in moved),
        as_of=days.pop() if len(days) == 1 else None,
        control_total=sum((one or NOTHING for one in stated), NOTHING) if None not in stated else None,
        remarks=(*_numbering(readings), *(remark for one in moved for remark in one.remarks)),
        group_totals=tuple(total for one in moved for total in one.group_totals),
        mends=(),
        proofs=tuple(proof for one in moved for proof in one.proofs),
        not_counted=tuple(rest for one in moved for rest in one.not_counted),
        column_total=sum((one or NOTHING for one in totals), NOTHING) if None not in totals else None,
        comments=replace(comments[0], notes=sum(one.notes for one in comments)) if comments else None,
    )


def _numbering(readings: Sequence[tuple[str, SheetReading]]) -> list[str]:
    """Say which row is which."""
    names = [f'"{name}" from row {place * APART:,}' for place, (name, _) in enumerate(readings) if place]
    named = ", ".join(f'"{name}"' for name, _ in readings)
    return [f"All sheets are read as one list: {named}. Their rows are counted on: {', '.join(names)}."]


def _moved(name: str, reading: SheetReading, by: int) -> SheetReading:
    """Count the rows of a sheet on, and name the sheet wherever a cell or a remark stands alone."""
    found = _sum(reading)
    totals = list(reading.group_totals)
    if reading.control_total is not None and reading.control_total != found:
        totals.append(GroupTotal(f'the total of "{name}"', reading.header_row, reading.control_total, found))
    return replace(
        reading,
        lines=tuple(replace(line, row=line.row + by) for line in reading.lines),
        problems=tuple(replace(bad, row=bad.row + by, cell=f"{name}!{bad.cell}") for bad in reading.problems),
        group_totals=tuple(replace(total, row=total.row + by) for total in totals),
        not_counted=tuple(replace(rest, row=rest.row + by) for rest in reading.not_counted),
        remarks=tuple(f'Sheet "{name}": {remark}' for remark in reading.remarks),
        proofs=tuple(f'{proof} ("{name}")' for proof in reading.proofs),
    )
