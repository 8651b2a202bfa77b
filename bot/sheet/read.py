"""What a file of balances says, as plain values."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from functools import partial

from brought_forward.bot.errors import SheetError
from brought_forward.bot.sheet.amounts import Counted, counted
from brought_forward.bot.sheet.cells import Cell, SheetCells, Unreadable, untagged
from brought_forward.bot.sheet.columns import Header, read_header
from brought_forward.bot.sheet.dates import as_of
from brought_forward.bot.sheet.doubts import doubts_of
from brought_forward.bot.sheet.file import collector
from brought_forward.bot.sheet.file.parse import parse
from brought_forward.bot.sheet.formulas import worked_out
from brought_forward.bot.sheet.grouping import Grouping, group, has_amount
from brought_forward.bot.sheet.headings import Role
from brought_forward.bot.sheet.heads import Heads, header_at
from brought_forward.bot.sheet.lines import Style, read_line, style_of
from brought_forward.bot.sheet.mends import mends_of
from brought_forward.bot.sheet.missing import missing_columns
from brought_forward.bot.sheet.parents import without_repeats
from brought_forward.bot.sheet.rows import Read, Row, rows_below
from brought_forward.bot.sheet.rules import SheetRules
from brought_forward.bot.sheet.sheets import Sheet, read_chosen
from brought_forward.bot.sheet.totals import Total, group_totals
from brought_forward.storage.records.sheet import BalanceLine, CensusColumn, GroupTotal, Problem, SheetReading

__all__ = ["SheetRules", "read_cells", "read_sheet"]


def read_sheet(data: bytes, filename: str, rules: SheetRules) -> SheetReading:
    """Read the visible sheet that has a column of matters and one of balances.

    `data` is the whole file, a workbook, a delimited text or a web page, told apart by content; `filename` is only
    for sentences. Parsing runs in a child process within `rules.limits`. Raises SheetError, its text for staff,
    where the file cannot be read at all; SheetQuestion where it can be once staff have answered.
    """
    sheets = parse(data, filename, rules.limits)
    with collector.waiting():
        return read_cells(sheets, rules)


def read_cells(sheets: list[SheetCells], rules: SheetRules) -> SheetReading:
    """Read what was parsed. Pure. Raises SheetError.

    Every row with a matter or a balance is a line, a problem, or counted in `zero_rows`; total rows, rows that head
    a group and rows that only repeat those below are none of these, and neither is another table, of which a remark
    tells.
    """
    headed = [
        Sheet(place, cells, heads)
        for place, cells in enumerate(sheets, 1)
        if (heads := header_at(cells, rules.currency)) is not None
    ]
    if not headed:
        raise SheetError(missing_columns(sheets, rules.currency))
    return read_chosen(headed, rules, partial(_read_one, rules=rules), len(sheets))


def _read_one(cells: SheetCells, heads: Heads, *, rules: SheetRules) -> SheetReading:
    """Read one sheet."""
    header = read_header(cells, heads, rules)
    cells = worked_out(cells, header)
    count = counted(cells, header, rules)
    cells = count.cells
    titles = [[untagged(cell) for cell in row] for row in cells.rows[: heads.at]]
    day, day_remarks = as_of(titles, day_first=rules.day_first)
    below = _below(cells, header)
    grouping = group(below, cells, header, rules.currency)
    totals = [row for row, _ in grouping.totals.values()]
    style, style_remarks = style_of(_last(grouping.rows, count), totals, header, rules, cells.sheet)
    rows, parent_remarks = without_repeats(_last(grouping.rows, count), grouping.totals, header, rules, style.money)
    own, own_remarks = _own_total(rows, grouping, style)
    lines, problems, zero_rows = _lines([row for row in rows if row.number != own], grouping, count, header, style)
    return SheetReading(
        sheet=cells.sheet,
        header_row=header.row,
        lines=tuple(lines),
        problems=tuple(problems),
        zero_rows=zero_rows,
        as_of=day,
        control_total=_stated(own, rows, grouping, style),
        remarks=(
            *header.remarks,
            *count.remarks,
            *day_remarks,
            *grouping.remarks,
            *style_remarks,
            *parent_remarks,
            *own_remarks,
            *_numbers_remark(rows, lines),
        ),
        group_totals=tuple(_differing(lines, problems, rows, grouping, style, own)),
        mends=mends_of([row for row in rows if row.number != own], cells, header),
        balance=str(header.columns[Role.AMOUNT]),
        proofs=tuple(header.due.proofs) if header.due else (),
        census=tuple(_census(header)),
        signature=header.signature,
    )


def _last(rows: list[Row], count: Counted) -> list[Row]:
    """Keep the last row of each running balance; what it says of its own day is no note on the whole."""
    if not count.earlier:
        return rows
    return [row._replace(note=None, date=None, invoice=None) for row in rows if row.number not in count.earlier]


def _census(header: Header) -> Iterator[CensusColumn]:
    """Give every column that holds anything with its part."""
    roles = {column.letter: role for role, column in header.columns.items()}
    for seen in header.census:
        yield CensusColumn(seen.letter, seen.heading, str(roles.get(seen.letter, seen.part)), seen.explained)


def _below(cells: SheetCells, header: Header) -> list[Row]:
    """Take the rows apart; a client's column that staff called the matter's may hold "Client:Matter"."""
    rows = rows_below(cells, header)
    if header.named_by is None:
        return rows
    return [_split(row) if isinstance(row.matter, str) and ":" in row.matter else row for row in rows]


def _split(row: Row) -> Row:
    client, _, matter = str(row.matter).rpartition(":")
    return row._replace(client=client.strip() or None, matter=matter.strip() or None) if not row.label else row


def _lines(
    rows: list[Row], grouping: Grouping, count: Counted, header: Header, style: Style
) -> tuple[list[BalanceLine], list[Problem], int]:
    """Read each row; below the last total, what has no amount is a footnote."""
    last = max(
        (row.number for row, kind in grouping.totals.values() if kind in {Total.GRAND, Total.PLAIN}), default=None
    )
    doubts = count.out | doubts_of(count.cells, header, style) | count.wrong
    lines: list[BalanceLine] = []
    problems: list[Problem] = []
    zero_rows = 0
    for row in rows:
        footnote = last is not None and row.number > last and not has_amount(row.amount)
        if footnote and row.number not in grouping.broken:
            continue
        match read_line(row, header, style, count.cells.faults, doubts.get(row.number)):
            case BalanceLine() as line:
                lines.append(line)
            case Problem() as problem:
                marked = count.out.get(row.number)
                problems.append(replace(problem, anyway=marked is not None and problem.text == marked[1]))
            case None:
                zero_rows += 1
    return lines, problems, zero_rows


def _own_total(rows: list[Row], grouping: Grouping, style: Style) -> tuple[int | None, list[str]]:
    """Find the row of the file's own total: the last grand one, the only plain one, or a last sum without a name."""
    grand = [row for row, kind in grouping.totals.values() if kind is Total.GRAND]
    plain = [row for row, kind in grouping.totals.values() if kind is Total.PLAIN]
    if grand or len(plain) == 1:
        own = (grand or plain)[-1]
        try:
            style.money(own.amount)
        except Unreadable:
            return None, [f"The total in row {own.number} cannot be read, so it is not compared."]
        return own.number, []
    if plain:
        return None, [f"{len(plain)} rows are called Total, so none is taken as the file's own total."]
    last = rows[-1] if rows else None
    if last and last[2] is None and last[4:9] == (None,) * 5 and len(rows) > 2:
        amounts = [_amount(row.amount, style) for row in rows]
        if amounts[-1] is not None and amounts[-1] == sum((one for one in amounts[:-1] if one), Decimal(0)):
            return last.number, [f"Row {last.number} is the sum of all rows above and taken as the file's own total."]
    return None, []


def _stated(own: int | None, rows: list[Row], grouping: Grouping, style: Style) -> Decimal | None:
    if own is None:
        return None
    row = grouping.totals[own][0] if own in grouping.totals else rows[-1]
    return style.money(row.amount)


def _differing(
    lines: list[BalanceLine],
    problems: list[Problem],
    rows: list[Row],
    grouping: Grouping,
    style: Style,
    own: int | None,
) -> list[GroupTotal]:
    totals = [
        (row, kind, amount)
        for row, kind in grouping.totals.values()
        if (amount := _amount(row.amount, style)) is not None
    ]
    if not totals or [row.number for row, _, _ in totals] == [own]:
        return []
    amounts = {line.row: line.amount for line in lines} | {bad.row: bad.amount for bad in problems}
    reads = [Read(row, amounts.get(row.number)) for row in rows if row.number != own]
    return group_totals(reads, totals, grouping.headings, own)


def _amount(cell: Cell, style: Style) -> Decimal | None:
    try:
        return style.money(cell)
    except Unreadable:
        return None


def _numbers_remark(rows: list[Row], lines: list[BalanceLine]) -> list[str]:
    """Say how many matter numbers are numbers."""
    untyped = {row.number for row in rows if not isinstance(row.matter, str)}
    numbers = sum(1 for line in lines if line.row in untyped) if untyped else 0
    if not numbers:
        return []
    what = "1 matter number is" if numbers == 1 else f"{numbers} matter numbers are"
    return [f"{what} stored as a number, not as text: Excel keeps no leading zeros there."]
