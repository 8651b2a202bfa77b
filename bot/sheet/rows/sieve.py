"""Which rows count: totals, rows that repeat others and what is doubtful are set apart, each with its reason."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from decimal import Decimal

from brought_forward.bot.sheet.cells import SheetCells
from brought_forward.bot.sheet.columns.header import Header
from brought_forward.bot.sheet.columns.headings import Role
from brought_forward.bot.sheet.columns.labels import Total
from brought_forward.bot.sheet.rows.beyond import strays
from brought_forward.bot.sheet.rows.blanks import with_users
from brought_forward.bot.sheet.rows.grouping import Grouping
from brought_forward.bot.sheet.rows.hidden import LEFT, left_out
from brought_forward.bot.sheet.rows.merged import without_shared
from brought_forward.bot.sheet.rows.parents import WHY, repeats_of
from brought_forward.bot.sheet.rows.sections import sectioned
from brought_forward.bot.sheet.rows.sums import Amounts, Given, given_by_sums
from brought_forward.bot.sheet.rows.table import Read, Row
from brought_forward.bot.sheet.rows.totals import group_totals
from brought_forward.bot.sheet.rows.twice import WHY as TWICE
from brought_forward.bot.sheet.rows.twice import repeated
from brought_forward.bot.sheet.rows.unlike import unlike_rows
from brought_forward.bot.sheet.rules import SheetRules
from brought_forward.bot.sheet.texts import shown
from brought_forward.storage.records.sheet import BalanceLine, GroupTotal, Problem

NOTHING = Decimal(0)
ELSEWHERE = "another table"


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why a row that can be read stays out; `letter` is the column of the cell to look at."""

    letter: str
    text: str
    anyway: bool = False  # a person may post it anyway


@dataclass(slots=True)
class Sifted:
    """The rows that can hold a balance, and why each other amount is not counted."""

    rows: list[Row]
    amounts: Amounts
    reasons: dict[int, str] = field(default_factory=dict)
    doubts: dict[int, list[Doubt]] = field(default_factory=dict)
    own: int | None = None  # the row of the file's own total
    control_total: Decimal | None = None
    remarks: list[str] = field(default_factory=list)

    def doubt(self, said: dict[int, tuple[str, str]], *, anyway: bool = False) -> None:
        """Take in why rows are doubtful: the column's letter and the words, by row."""
        for number, (letter, text) in said.items():
            self.doubts.setdefault(number, []).append(Doubt(letter, text, anyway))


def sift(
    rows: list[Row], grouping: Grouping, cells: SheetCells, header: Header, column: Amounts, rules: SheetRules
) -> Sifted:
    """Take totals, and rows that repeat others, out of those that can be lines. Raises SheetQuestion.

    `column` has every amount of the balance's column, by row.
    """
    amounts = {row.number: column.get(row.number) for row in rows}
    by_words = sorted(grouping.totals)
    given = given_by_sums(rows, grouping.unnamed, grouping.stands, by_words, amounts)
    rows = [
        grouping.unnamed[row.number] if row.number in given.unnamed else row
        for row in rows
        if row.number not in given.totals
    ]
    found = Sifted(rows, amounts)
    found.own, found.control_total, own_remarks = _own_total(grouping, given, amounts, column)
    totals = [(row, amount) for row, _ in grouping.totals.values() if (amount := column.get(row.number)) is not None]
    unnamed = grouping.unnamed.keys() - given.unnamed
    repeats = repeats_of(rows, unnamed, totals, amounts, header, rules, found.control_total)
    left = [row for row in repeats.rows if row.number not in repeats.repeats]
    settled = {*given.doubts, *repeats.doubts, *repeats.parents}
    odd = unlike_rows(left, grouping.stands, amounts, found.control_total, settled, rules.matters)
    found.rows = [row for row in left if row.number not in odd.totals]
    if found.own is None and odd.whole is not None:
        found.own, found.control_total = odd.whole, amounts[odd.whole]
    found.reasons = {number: ELSEWHERE for rows in grouping.elsewhere.values() for number in rows}
    found.reasons |= {number: str(kind) for number, (_, kind) in grouping.totals.items()}
    found.reasons |= given.totals | dict.fromkeys(repeats.repeats, WHY) | odd.totals
    found.remarks = [
        *repeats.remarks,
        *own_remarks,
        *_unread_remark(grouping, column),
        *_sums_remark(given.totals | odd.totals, found.own),
    ]
    letter = header.columns[Role.AMOUNT].letter
    doubts = given.doubts | repeats.doubts | odd.doubts
    found.doubt({number: (letter, text) for number, text in doubts.items()}, anyway=True)
    found.doubt(sectioned(found.rows, cells, header, rules.currency), anyway=True)
    _by_the_workbook(found, repeats.folded, grouping.unnamed, cells, header, rules)
    return found


def _by_the_workbook(
    found: Sifted, folded: set[int], copied: Collection[int], cells: SheetCells, header: Header, rules: SheetRules
) -> None:
    """Set apart what is hidden, what stands twice, what is merged, and rows with a cell where none should be."""
    letter = header.columns[Role.AMOUNT].letter
    found.rows, merged = without_shared(found.rows, cells, header)
    found.doubt({number: (letter, text) for number, text in merged.items()})
    hidden = left_out(found.rows, found.amounts, folded, cells, header, rules)
    found.doubt(dict.fromkeys(hidden, (letter, LEFT)))
    seen = [row for row in found.rows if row.number not in hidden]
    again = repeated(seen, found.amounts, cells, header, rules)
    found.reasons |= dict.fromkeys(again, TWICE)
    left = [row for row in found.rows if row.number not in again]
    found.rows = with_users(left, copied, found.amounts, header, rules)
    found.doubt(strays(found.rows, cells, header))


def with_doubts(
    lines: list[BalanceLine], problems: list[Problem], found: Sifted
) -> tuple[list[BalanceLine], list[Problem]]:
    """Turn lines that are doubtful into Problems, zeros too, and say the doubt of a Problem with the rest."""
    doubts = found.doubts
    if not doubts:
        return lines, problems
    kept = [line for line in lines if line.row not in doubts]
    turned = [_problem(line, doubts[line.row]) for line in lines if line.row in doubts]
    also = [_said_too(bad, doubts[bad.row]) if bad.row in doubts else bad for bad in problems]
    held = {line.row for line in lines} | {bad.row for bad in problems}
    zeros = [row for row in found.rows if row.number in doubts.keys() - held and found.amounts[row.number] == 0]
    nothing = [_problem(BalanceLine(row.number, shown(row.matter), None, NOTHING), doubts[row.number]) for row in zeros]
    return kept, sorted([*also, *turned, *nothing], key=lambda bad: bad.row)


def differing(
    lines: list[BalanceLine], problems: list[Problem], grouping: Grouping, found: Sifted, column: Amounts
) -> list[GroupTotal]:
    """Give the totals within the sheet that are not the sums of their rows."""
    totals = [
        (row, kind, column.get(row.number))
        for row, kind in grouping.totals.values()
        if kind is not Total.STATISTIC and row.number in column
    ]
    if not totals or [row.number for row, _, _ in totals] == [found.own]:
        return []
    amounts = {line.row: line.amount for line in lines} | {bad.row: bad.amount for bad in problems}
    reads = [Read(row, amounts.get(row.number)) for row in found.rows]
    return group_totals(reads, totals, grouping.headings, found.own)


def _problem(line: BalanceLine, doubts: list[Doubt]) -> Problem:
    return Problem(
        row=line.row,
        cell=f"{doubts[0].letter}{line.row}",
        text=" Also: ".join(doubt.text for doubt in doubts),
        matter=line.matter or None,
        amount=line.amount,
        user=line.user,
        date=line.date,
        note=line.note,
        client=line.client,
        anyway=all(doubt.anyway for doubt in doubts),
    )


def _said_too(bad: Problem, doubts: list[Doubt]) -> Problem:
    text = " Also: ".join([bad.text, *(doubt.text for doubt in doubts)])
    return replace(bad, text=text, anyway=bad.anyway and all(doubt.anyway for doubt in doubts))


def _own_total(
    grouping: Grouping, given: Given, amounts: Amounts, column: Amounts
) -> tuple[int | None, Decimal | None, list[str]]:
    """Find the file's own total: the last grand one, the only plain one or that of all rows, or a last sum unnamed."""
    grand, plain = (_totals(grouping, kind) for kind in (Total.GRAND, Total.PLAIN))
    if grand or plain:
        own = (grand or plain)[-1]
        stated = column.get(own.number)
        if not grand and len(plain) > 1 and stated != _sum_above(own, amounts):
            return None, None, [f"{len(plain)} rows are called Total, so none is taken as the file's own total."]
        if stated is None:
            return None, None, []
        return own.number, stated, []
    if given.whole is not None:
        remark = f"Row {given.whole} is the sum of all rows above and taken as the file's own total."
        return given.whole, amounts[given.whole], [remark]
    return None, None, []


def _totals(grouping: Grouping, kind: Total) -> list[Row]:
    return [row for row, own in grouping.totals.values() if own is kind]


def _unread_remark(grouping: Grouping, column: Amounts) -> list[str]:
    """Name the totals that prove nothing, since what they state cannot be read; the file's own is one though blank."""
    own = (_totals(grouping, Total.GRAND) or _totals(grouping, Total.PLAIN))[-1:]
    rows = [
        str(row.number)
        for row, kind in grouping.totals.values()
        if column.get(row.number) is None and kind is not Total.STATISTIC and (row.number in column or row in own)
    ]
    if not rows:
        return []
    if len(rows) == 1:
        return [f"The total in row {rows[0]} cannot be read, so it is not compared."]
    more = f" and {len(rows) - 3} more" if len(rows) > 3 else ""
    return [f"The totals in rows {', '.join(rows[:3])}{more} cannot be read, so they are not compared."]


def _sum_above(row: Row, amounts: Amounts) -> Decimal:
    return sum((amount or NOTHING for number, amount in amounts.items() if number < row.number), NOTHING)


def _sums_remark(totals: dict[int, str], own: int | None) -> list[str]:
    rows = [str(number) for number in totals if number != own]
    if not rows:
        return []
    if len(rows) == 1:
        return [f"Row {rows[0]} is {totals[int(rows[0])]} and not counted."]
    more = f" and {len(rows) - 3} more" if len(rows) > 3 else ""
    return [f"{len(rows)} rows are sums or means of other rows and not counted: {', '.join(rows[:3])}{more}."]
