"""What a file of balances says, as plain values."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from functools import partial

from brought_forward.bot.errors import SheetError
from brought_forward.bot.sheet.cells import SheetCells, untagged
from brought_forward.bot.sheet.columns.census import Part
from brought_forward.bot.sheet.columns.header import Header, read_header
from brought_forward.bot.sheet.columns.headings import Role
from brought_forward.bot.sheet.columns.heads import Heads, header_at
from brought_forward.bot.sheet.columns.labels import Total
from brought_forward.bot.sheet.columns.missing import missing_columns
from brought_forward.bot.sheet.dates import as_of
from brought_forward.bot.sheet.file import collector
from brought_forward.bot.sheet.file.parse import parse
from brought_forward.bot.sheet.money.cents import cents_of
from brought_forward.bot.sheet.rows.amounts import Counted, counted
from brought_forward.bot.sheet.rows.beyond import refuse_split, refuse_swallowed, strays
from brought_forward.bot.sheet.rows.comments import with_comments
from brought_forward.bot.sheet.rows.denomination import other_heading
from brought_forward.bot.sheet.rows.doubts import doubts_of
from brought_forward.bot.sheet.rows.formulas import worked_out
from brought_forward.bot.sheet.rows.grouping import Grouping, group, has_amount
from brought_forward.bot.sheet.rows.hidden import hidden_roles, shown_balance
from brought_forward.bot.sheet.rows.lines import Style, read_line, style_of
from brought_forward.bot.sheet.rows.mends import mends_of, without_our_words
from brought_forward.bot.sheet.rows.merged import spread, within_merges
from brought_forward.bot.sheet.rows.sieve import differing, sift, with_doubts
from brought_forward.bot.sheet.rows.sums import Amounts
from brought_forward.bot.sheet.rows.table import Row, rows_below
from brought_forward.bot.sheet.rows.tables import unexplained
from brought_forward.bot.sheet.rows.tally import column_amounts, tally
from brought_forward.bot.sheet.rules import SheetRules
from brought_forward.bot.sheet.sheets import Sheet, read_chosen
from brought_forward.bot.sheet.texts import shown
from brought_forward.storage.records.sheet import BalanceLine, CensusColumn, Problem, SheetReading

EARLIER = "an earlier state of a running balance"
ENDED = "the running balance of its matter ends in row {} already. Clear what is no balance, or write both as one."
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
        raise SheetError(other_heading(sheets, rules.currency) or missing_columns(sheets, rules.currency))
    others = [cells for place, cells in enumerate(sheets, 1) if all(one.place != place for one in headed)]
    return read_chosen(headed, others, rules, partial(_read_one, rules=rules))


def _read_one(cells: SheetCells, heads: Heads, *, rules: SheetRules) -> SheetReading:
    """Read one sheet."""
    cells = without_our_words(spread(cells, heads.at), heads.at)
    refuse_split(cells, heads.at)
    header = _header(cells, heads, rules)
    refuse_swallowed(cells, header)
    cells = worked_out(cells, header)
    count = counted(cells, header, rules)
    cells = count.cells
    titles = [[untagged(cell) for cell in row] for row in cells.rows[: heads.at]]
    day, day_remarks = as_of(titles, day_first=rules.day_first)
    below = _below(cells, header)
    grouping = group(below, cells, header, rules.currency)
    totals = [row for row, _ in grouping.totals.values()]
    apart = {number for rows in grouping.elsewhere.values() for number in rows}
    others = [row for row in below if row.number in apart] if apart else []
    rows = _last(grouping.rows, count)
    count = replace(count, wrong=_ended_before(rows, count, header) | count.wrong)
    style, style_remarks = style_of(rows, totals, others, cells, header, rules)
    column = column_amounts(cells, header, style)
    sifted = sift(rows, grouping, cells, header, column, rules)
    told, comments = with_comments(sifted.rows, cells, header, rules)
    lines, problems, zeros = _lines(told, grouping, count, header, style, column)
    lines, problems = with_doubts(lines, problems, sifted)
    problems += _strays_of_earlier(grouping.rows, count, cells, header)
    sums = {sum((amount for row in sifted.rows if (amount := sifted.amounts[row.number])), Decimal(0))}
    problems += unexplained(grouping.elsewhere, sums | {sifted.control_total}, cells, header, style)
    reasons = sifted.reasons | dict.fromkeys(count.earlier, EARLIER)
    problems, not_counted, column_total = tally(column, lines, problems, reasons, header)
    return SheetReading(
        sheet=cells.sheet,
        header_row=header.row,
        lines=tuple(lines),
        problems=tuple(problems),
        zero_rows=len(zeros - {problem.row for problem in problems}),
        as_of=day,
        control_total=sifted.control_total,
        remarks=(
            *header.remarks,
            *hidden_roles(cells, header),
            *count.remarks,
            *day_remarks,
            *grouping.remarks,
            *style_remarks,
            *sifted.remarks,
            *_numbers_remark(sifted.rows, lines),
        ),
        group_totals=tuple(differing(lines, problems, grouping, sifted, column)),
        mends=mends_of(sifted.rows, cells, header),
        balance=str(header.columns[Role.AMOUNT]),
        proofs=tuple(header.due.proofs) if header.due else (),
        census=tuple(_census(header, {line.row for line in lines} | {bad.row for bad in problems} | zeros)),
        not_counted=not_counted,
        column_total=column_total,
        signature=header.signature,
        comments=comments,
    )


def _header(cells: SheetCells, heads: Heads, rules: SheetRules) -> Header:
    """Read the headings; where the balance they give is hidden, staff say whether it is what is owed."""
    header = read_header(cells, heads, rules)
    letter = shown_balance(cells, header, rules)
    if letter is None:
        return header
    return read_header(cells, heads, replace(rules, answers={**rules.answers, Role.AMOUNT: letter}))


def _last(rows: list[Row], count: Counted) -> list[Row]:
    """Keep the last row of each running balance; what it says of its own day is no note on the whole."""
    if not count.earlier:
        return rows
    return [row._replace(note=None, date=None, invoice=None) for row in rows if row.number not in count.earlier]


def _ended_before(rows: list[Row], count: Counted, header: Header) -> dict[int, tuple[str, str]]:
    """Say which rows give a matter a second end of its running balance: they may be no balance of its own.

    What was paid in full may be billed again; then something in the row changes the balance.
    """
    ends: dict[str, Row] = {}
    found = {}
    for row in rows if count.earlier else []:
        if row.matter is None or row.label or (cents := cents_of(row.amount)) is None:
            continue
        first = ends.setdefault(shown(row.matter), row)
        if first is row or not cents:
            continue
        if cents_of(first.amount) or row.number in count.unmoved:
            found[row.number] = (header.columns[Role.AMOUNT].letter, ENDED.format(first.number))
        else:
            ends[shown(row.matter)] = row
    return found


def _strays_of_earlier(rows: list[Row], count: Counted, cells: SheetCells, header: Header) -> list[Problem]:
    """Tell of cells past the last heading in the earlier rows of a running balance: they may change the last one."""
    earlier = [row for row in rows if row.number in count.earlier]
    said = strays(earlier, cells, header) if earlier else {}
    return [
        Problem(row.number, f"{said[row.number][0]}{row.number}", said[row.number][1], shown(row.matter) or None)
        for row in earlier
        if row.number in said
    ]


def _census(header: Header, rows: set[int]) -> Iterator[CensusColumn]:
    """Give every column that holds anything with its part; `rows` are those of balances, by number, zero ones too."""
    roles = {column.letter: role for role, column in header.columns.items()}
    for seen in header.census:
        part = roles.get(seen.letter, seen.part)
        beside = None
        if part in {Part.TRUST, Part.UNBILLED} and seen.cents is not None:
            places = [number - header.row - 1 for number in rows]
            held = sum(int(seen.cents[place]) for place in places if 0 <= place < len(seen.cents))
            beside = Decimal(held).scaleb(-2) if held else None
        yield CensusColumn(seen.letter, seen.heading, str(part), seen.explained, beside)


def _below(cells: SheetCells, header: Header) -> list[Row]:
    """Take the rows apart; a client's column that staff called the matter's may hold "Client:Matter"."""
    rows = within_merges(rows_below(cells, header), cells, header)
    if header.named_by is None:
        return rows
    return [_split(row) if isinstance(row.matter, str) and ":" in row.matter else row for row in rows]


def _split(row: Row) -> Row:
    client, _, matter = str(row.matter).rpartition(":")
    return row._replace(client=client.strip() or None, matter=matter.strip() or None) if not row.label else row


def _lines(
    rows: list[Row], grouping: Grouping, count: Counted, header: Header, style: Style, column: Amounts
) -> tuple[list[BalanceLine], list[Problem], set[int]]:
    """Read each row; below the last total, what has no amount is a footnote."""
    last = max(
        (row.number for row, kind in grouping.totals.values() if kind in {Total.GRAND, Total.PLAIN}), default=None
    )
    doubts = count.out | doubts_of(count.cells, header, style) | count.wrong
    lines: list[BalanceLine] = []
    problems: list[Problem] = []
    zeros: set[int] = set()
    for row in rows:
        footnote = last is not None and row.number > last and not has_amount(row.amount)
        if footnote and row.number not in grouping.broken:
            continue
        amount = column.get(row.number)
        match read_line(row, amount, header, style, count.cells.faults, doubts.get(row.number)):
            case BalanceLine() as line:
                lines.append(line)
            case Problem() as problem:
                marked = count.out.get(row.number)
                problems.append(replace(problem, anyway=marked is not None and problem.text == marked[1]))
            case None:
                zeros.add(row.number)
    return lines, problems, zeros


def _numbers_remark(rows: list[Row], lines: list[BalanceLine]) -> list[str]:
    """Say how many matter numbers are numbers."""
    untyped = {row.number for row in rows if not isinstance(row.matter, str)}
    numbers = sum(1 for line in lines if line.row in untyped) if untyped else 0
    if not numbers:
        return []
    what = "1 matter number is" if numbers == 1 else f"{numbers} matter numbers are"
    return [f"{what} stored as a number, not as text: Excel keeps no leading zeros there."]
