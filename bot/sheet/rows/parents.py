"""Rows above those that make them up: whether they repeat their sum. Sums tell, or staff."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from brought_forward.bot.errors import Candidate, SheetQuestion
from brought_forward.bot.sheet.columns.header import Header
from brought_forward.bot.sheet.columns.headings import normal
from brought_forward.bot.sheet.columns.labels import names_of
from brought_forward.bot.sheet.rows.families import Family, by_blanks, named_clients, outlined
from brought_forward.bot.sheet.rows.sums import Amounts
from brought_forward.bot.sheet.rows.table import Row
from brought_forward.bot.sheet.rules import SheetRules
from brought_forward.bot.sheet.texts import clipped, shown

REPEAT, OWN = "repeat", "own"
NOTHING = Decimal(0)
FEW = 3  # families with one row below that agree by chance
WHY = "the sum of the rows below it"


@dataclass(slots=True)
class Repeats:
    """Which rows repeat those below, which cannot be told, and the rows below that were proven to be all there is."""

    rows: list[Row]  # all of them, a job's with its customer as client
    repeats: set[int] = field(default_factory=set)
    doubts: dict[int, str] = field(default_factory=dict)
    folded: set[int] = field(default_factory=set)
    parents: set[int] = field(default_factory=set)  # rows with rows of their own below, counted or not
    remarks: list[str] = field(default_factory=list)


def repeats_of(
    rows: list[Row],
    unnamed: Iterable[int],
    totals: list[tuple[Row, Decimal]],
    amounts: Amounts,
    header: Header,
    rules: SheetRules,
    own: Decimal | None,
) -> Repeats:
    """Find the rows that repeat the sum of those below them; `totals` by words, `own` the file's own total.

    Proof is, in this order: the customer's total, the file's own, sums that agree. Raises SheetQuestion for the rest;
    "repeat" takes out rows whose own sum agrees, and no others: those become doubts.
    """
    set_in = outlined(rows, amounts)
    found = Repeats(rows if set_in is None else _with_clients(rows))
    families = set_in or [*by_blanks(rows, unnamed, amounts), *named_clients(rows, amounts)]
    if not families:
        return found
    found.parents = {one.parent for one in families}
    open_ones = _by_stated(families, rows, totals, found)
    open_ones = _by_own(open_ones, rows, amounts, own, found)
    open_ones = _by_sums(open_ones, found)
    if open_ones:
        _by_answer(open_ones, rows, header, rules, found)
    found.folded = {kid for one in families if one.parent in found.repeats and one.agrees for kid in one.kids}
    found.remarks = _remarks(found, rows, bool(set_in))
    return found


def _by_stated(
    families: list[Family], rows: list[Row], totals: list[tuple[Row, Decimal]], found: Repeats
) -> list[Family]:
    """Decide by what a customer's total row says."""
    names = {row.number: normal(shown(row.matter)) for row in rows}
    left = []
    for one in families:
        named = (
            amount for row, amount in totals if row.number > one.parent and names[one.parent] in names_of(row.label)
        )
        stated = next(named, None)
        if stated is None or one.total is None or stated not in {one.total, one.stated + one.total}:
            left.append(one)
        elif stated == one.total:
            found.repeats.add(one.parent)
    return left


def _by_own(
    families: list[Family], rows: list[Row], amounts: Amounts, own: Decimal | None, found: Repeats
) -> list[Family]:
    """Decide by the file's own total: it counts none of these rows, all, or those alone whose sums do not agree."""
    parents = {one.parent for one in families} | found.repeats
    base = sum((amounts.get(row.number) or NOTHING for row in rows if row.number not in parents), NOTHING)
    others = sum((one.stated for one in families if not one.agrees), NOTHING)
    more = sum((one.stated for one in families), NOTHING)
    if own is None or not more or own not in {base, base + more, base + others}:
        return families
    if own == base:
        found.repeats |= parents
    elif own == base + others:
        found.repeats |= {one.parent for one in families if one.agrees}
    return []


def _by_sums(families: list[Family], found: Repeats) -> list[Family]:
    """Decide for those that agree, if it is no chance."""
    agreeing = [one for one in families if one.agrees]
    if not agreeing or (len(agreeing) < FEW and all(len(one.kids) < 2 for one in agreeing)):
        return families
    found.repeats |= {one.parent for one in agreeing}
    left = []
    for one in families:
        if one.total is None:
            found.doubts[one.parent] = (
                "the other rows of its kind are the sum of those below, of which one here cannot be read. Correct that."
            )
        elif not one.agrees:
            left.append(one)
    return left


def _by_answer(families: list[Family], rows: list[Row], header: Header, rules: SheetRules, found: Repeats) -> None:
    """Decide by what staff have answered."""
    answer = rules.answers.get("parent")
    if answer not in {REPEAT, OWN}:
        raise _question(families, rows, header)
    if answer == OWN:
        return
    for one in families:
        if one.agrees:
            found.repeats.add(one.parent)
        else:
            below = "of which one cannot be read" if one.total is None else f"which make {one.total:,}"
            found.doubts[one.parent] = (
                f"it repeats the sum of the rows below, staff said, {below}. Correct the sheet, or clear this amount."
            )


def _question(families: list[Family], rows: list[Row], header: Header) -> SheetQuestion:
    by_number = {row.number: row for row in rows}
    first = min(families, key=lambda one: one.parent)
    named = [_name(by_number[one.parent]) for one in sorted(families, key=lambda one: one.parent)]
    what, has = ("Row", "has") if len(named) == 1 else ("Rows", "have")
    set_in = "rows set in below" if first.set_in else "rows of the same matter below"
    text = f"{what} such as {_some(named)} {has} an amount and {set_in}."
    text += " Is it their sum once more, or a balance of its own?"
    below = "not all can be read" if first.total is None else str(first.total)
    sample = f"row {first.parent}: {first.stated}; below it: {below}"
    return SheetQuestion(
        text,
        kind="parent",
        candidates=(
            Candidate(REPEAT, "The sum of the rows below: do not count it", sample),
            Candidate(OWN, "A balance of its own: count it", sample),
        ),
        signature=header.signature,
    )


def _with_clients(rows: list[Row]) -> list[Row]:
    """Give each row that is set in the row above it as its client."""
    above: list[Row] = []
    named = []
    for row in rows:
        while above and above[-1].level >= row.level:
            above.pop()
        client = shown(above[-1].matter) if above and above[-1].matter is not None else None
        named.append(row._replace(client=row.client or client))
        above.append(row)
    return named


def _remarks(found: Repeats, rows: list[Row], set_in: bool) -> list[str]:
    named = [_name(row) for row in rows if row.number in found.repeats]
    if not named:
        return []
    what = "1 row repeats" if len(named) == 1 else f"{len(named)} rows repeat"
    where = "set in below" if set_in else "below"
    return [f"{what} the sum of the rows {where} and {'is' if len(named) == 1 else 'are'} not counted: {_some(named)}."]


def _name(row: Row) -> str:
    return shown(row.matter if row.matter is not None else row.client)


def _some(names: list[str]) -> str:
    said = ", ".join(f'"{clipped(name, 24)}"' for name in names[:3])
    return f"{said} and {len(names) - 3} more" if len(names) > 3 else said
