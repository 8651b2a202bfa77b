"""Which rows count: totals, rows that repeat others and what is doubtful are set apart, each with its reason."""

from dataclasses import dataclass, field, replace
from decimal import Decimal

from brought_forward.bot.sheet.cells import Unreadable
from brought_forward.bot.sheet.columns import Header
from brought_forward.bot.sheet.grouping import Grouping
from brought_forward.bot.sheet.headings import Role
from brought_forward.bot.sheet.labels import Total
from brought_forward.bot.sheet.lines import Style
from brought_forward.bot.sheet.parents import WHY, repeats_of
from brought_forward.bot.sheet.rows import Read, Row
from brought_forward.bot.sheet.rules import SheetRules
from brought_forward.bot.sheet.sums import Amounts, Given, given_by_sums
from brought_forward.bot.sheet.totals import group_totals
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
    folded: set[int] = field(default_factory=set)  # rows that sums prove to be all of one that is not counted
    own: int | None = None  # the row of the file's own total
    control_total: Decimal | None = None
    remarks: list[str] = field(default_factory=list)


def sift(rows: list[Row], grouping: Grouping, header: Header, style: Style, rules: SheetRules) -> Sifted:
    """Take totals, and rows that repeat others, out of those that can be lines. Raises SheetQuestion."""
    amounts = {row.number: _amount(row, style) for row in rows}
    by_words = sorted(grouping.totals)
    given = given_by_sums(rows, grouping.unnamed, by_words, amounts)
    rows = [
        grouping.unnamed[row.number] if row.number in given.unnamed else row
        for row in rows
        if row.number not in given.totals
    ]
    found = Sifted(rows, amounts)
    found.own, found.control_total, own_remarks = _own_total(grouping, given, amounts, style)
    totals = [(row, amount) for row, _ in grouping.totals.values() if (amount := _amount(row, style)) is not None]
    unnamed = grouping.unnamed.keys() - given.unnamed
    repeats = repeats_of(rows, unnamed, totals, amounts, header, rules, found.control_total)
    found.rows = [row for row in repeats.rows if row.number not in repeats.repeats]
    found.folded = repeats.folded
    found.reasons = dict.fromkeys(grouping.elsewhere, ELSEWHERE)
    found.reasons |= {number: str(kind) for number, (_, kind) in grouping.totals.items()}
    found.reasons |= given.totals | dict.fromkeys(repeats.repeats, WHY)
    letter = header.columns[Role.AMOUNT].letter
    for doubts in (given.doubts, repeats.doubts):
        for number, text in doubts.items():
            found.doubts.setdefault(number, []).append(Doubt(letter, text, anyway=True))
    found.remarks = [*repeats.remarks, *own_remarks, *_sums_remark(given, found.own)]
    return found


def with_doubts(
    lines: list[BalanceLine], problems: list[Problem], doubts: dict[int, list[Doubt]]
) -> tuple[list[BalanceLine], list[Problem]]:
    """Turn lines that are doubtful into Problems, and say the doubt of a Problem too."""
    if not doubts:
        return lines, problems
    kept = [line for line in lines if line.row not in doubts]
    turned = [_problem(line, doubts[line.row]) for line in lines if line.row in doubts]
    also = [
        replace(bad, text=" Also: ".join([bad.text, *(doubt.text for doubt in doubts.get(bad.row, ()))]))
        for bad in problems
    ]
    return kept, sorted([*also, *turned], key=lambda bad: bad.row)


def differing(
    lines: list[BalanceLine], problems: list[Problem], grouping: Grouping, found: Sifted, style: Style
) -> list[GroupTotal]:
    """Give the totals within the sheet that are not the sums of their rows."""
    totals: list[tuple[Row, Total, Decimal]] = [
        (row, kind, amount)
        for row, kind in grouping.totals.values()
        if kind is not Total.STATISTIC and (amount := _amount(row, style)) is not None
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
        matter=line.matter,
        amount=line.amount,
        user=line.user,
        date=line.date,
        note=line.note,
        client=line.client,
        anyway=all(doubt.anyway for doubt in doubts),
    )


def _own_total(
    grouping: Grouping, given: Given, amounts: Amounts, style: Style
) -> tuple[int | None, Decimal | None, list[str]]:
    """Find the file's own total: the last grand one, the only plain one or that of all rows, or a last sum unnamed."""
    grand = [row for row, kind in grouping.totals.values() if kind is Total.GRAND]
    plain = [row for row, kind in grouping.totals.values() if kind is Total.PLAIN]
    if grand or plain:
        own = (grand or plain)[-1]
        stated = _amount(own, style)
        if not grand and len(plain) > 1 and stated != _sum_above(own, amounts):
            return None, None, [f"{len(plain)} rows are called Total, so none is taken as the file's own total."]
        if stated is None:
            return None, None, [f"The total in row {own.number} cannot be read, so it is not compared."]
        return own.number, stated, []
    if given.whole is not None:
        remark = f"Row {given.whole} is the sum of all rows above and taken as the file's own total."
        return given.whole, amounts[given.whole], [remark]
    return None, None, []


def _sum_above(row: Row, amounts: Amounts) -> Decimal:
    return sum((amount or NOTHING for number, amount in amounts.items() if number < row.number), NOTHING)


def _sums_remark(given: Given, own: int | None) -> list[str]:
    rows = [str(number) for number in given.totals if number != own]
    if not rows:
        return []
    if len(rows) == 1:
        return [f"Row {rows[0]} is {given.totals[int(rows[0])]} and not counted."]
    more = f" and {len(rows) - 3} more" if len(rows) > 3 else ""
    return [f"{len(rows)} rows are sums or means of the rows above them and not counted: {', '.join(rows[:3])}{more}."]


def _amount(row: Row, style: Style) -> Decimal | None:
    try:
        return style.money(row.amount)
    except Unreadable:
        return None
