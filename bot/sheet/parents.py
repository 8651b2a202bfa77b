"""Customers with jobs set in below them: whether the customer's row repeats their sum. Sums tell, or staff."""

from collections.abc import Callable
from decimal import Decimal

from brought_forward.bot.errors import Candidate, SheetQuestion
from brought_forward.bot.sheet.cells import Cell, Unreadable
from brought_forward.bot.sheet.columns import Header
from brought_forward.bot.sheet.headings import normal
from brought_forward.bot.sheet.rows import Row
from brought_forward.bot.sheet.rules import SheetRules
from brought_forward.bot.sheet.texts import clipped, shown
from brought_forward.bot.sheet.totals import Total, name_of

REPEAT, OWN = "repeat", "own"


def without_repeats(
    rows: list[Row],
    totals: dict[int, tuple[Row, Total]],
    header: Header,
    rules: SheetRules,
    money: Callable[[Cell], Decimal],
) -> tuple[list[Row], list[str]]:
    """Take out the rows that repeat the sum of those set in below them, where sums prove it; with remarks.

    Raises SheetQuestion where nothing proves whether they do.
    """
    if not any(row.level for row in rows):
        return rows, []
    amounts = [_amount(row.amount, money) for row in rows]
    families = {place: _children(rows, place) for place, row in enumerate(rows)}
    rows = [row._replace(client=row.client or _parent_name(rows, families, place)) for place, row in enumerate(rows)]
    parents = {place: kids for place, kids in families.items() if kids and amounts[place]}
    repeats: set[int] = set()
    open_ones: set[int] = set()
    for place, kids in parents.items():
        total = sum((amounts[kid] or Decimal(0) for kid in kids), Decimal(0))
        stated = _stated(rows[place], totals, money)
        if stated is not None and stated in {total, (amounts[place] or 0) + total}:
            repeats |= {place} if stated == total else set()
        else:
            open_ones.add(place)
    repeats |= _settled(open_ones, parents, repeats, amounts, totals, money, rows, header, rules)
    if not repeats:
        return rows, []
    named = [shown(rows[place].matter) for place in sorted(repeats)]
    what = "1 row repeats" if len(named) == 1 else f"{len(named)} rows repeat"
    remark = (
        f"{what} the sum of the rows set in below and {'is' if len(named) == 1 else 'are'} not counted: {_some(named)}."
    )
    return [row for place, row in enumerate(rows) if place not in repeats], [remark]


def _settled(
    undecided: set[int],
    parents: dict[int, list[int]],
    repeats: set[int],
    amounts: list[Decimal | None],
    totals: dict[int, tuple[Row, Total]],
    money: Callable[[Cell], Decimal],
    rows: list[Row],
    header: Header,
    rules: SheetRules,
) -> set[int]:
    """Decide by the file's own total, then by the sums of the jobs, then by what staff have answered."""
    if not undecided:
        return set()
    own = [_amount(row.amount, money) for row, kind in totals.values() if kind in {Total.GRAND, Total.PLAIN}]
    counted = [place for place in range(len(rows)) if place not in repeats and place not in undecided]
    base = sum((amounts[place] or Decimal(0) for place in counted), Decimal(0))
    more = sum((amounts[place] or Decimal(0) for place in undecided), Decimal(0))
    if own and own[-1] is not None and own[-1] in {base, base + more} and more:
        return undecided if own[-1] == base else set()
    unproven = {
        place
        for place in undecided
        if len(parents[place]) < 2
        or sum((amounts[kid] or Decimal(0) for kid in parents[place]), Decimal(0)) != amounts[place]
    }
    if not unproven:
        return undecided
    answer = rules.answers.get("parent")
    if answer not in {REPEAT, OWN}:
        named = [shown(rows[place].matter) for place in sorted(undecided)]
        what = "Row" if len(named) == 1 else "Rows"
        has = "has" if len(named) == 1 else "have"
        text = (
            f"{what} such as {_some(named)} {has} an amount and rows set in below. "
            "Is it their sum once more, or a balance of its own?"
        )
        first = min(undecided)
        total = sum((amounts[kid] or Decimal(0) for kid in parents[first]), Decimal(0))
        sample = f"row {rows[first].number}: {amounts[first]}; below it: {total}"
        raise SheetQuestion(
            text,
            kind="parent",
            candidates=(
                Candidate(REPEAT, "The sum of the rows below: do not count it", sample),
                Candidate(OWN, "A balance of its own: count it", sample),
            ),
            signature=header.signature,
        )
    return undecided if answer == REPEAT else set()


def _children(rows: list[Row], place: int) -> list[int]:
    """Find the rows one step further in than this one, up to the next as far out."""
    kids: list[int] = []
    level = rows[place].level
    step: int | None = None
    for later in range(place + 1, len(rows)):
        if rows[later].level <= level:
            break
        step = rows[later].level if step is None else min(step, rows[later].level)
        if rows[later].level == step:
            kids.append(later)
    return kids


def _parent_name(rows: list[Row], families: dict[int, list[int]], place: int) -> str | None:
    """Name the row that this one is set in below."""
    level = rows[place].level
    if not level:
        return None
    above = next((row for row in reversed(rows[max(0, place - 500) : place]) if row.level < level), None)
    return shown(above.matter) if above and above.matter is not None else None


def _stated(parent: Row, totals: dict[int, tuple[Row, Total]], money: Callable[[Cell], Decimal]) -> Decimal | None:
    """Give what the total row of a customer says."""
    name = normal(shown(parent.matter))
    for number, (row, _) in totals.items():
        if number > parent.number and name_of(row.label) == name:
            return _amount(row.amount, money)
    return None


def _amount(cell: Cell, money: Callable[[Cell], Decimal]) -> Decimal | None:
    try:
        return money(cell)
    except Unreadable:
        return None


def _some(names: list[str]) -> str:
    said = ", ".join(f'"{clipped(name, 24)}"' for name in names[:3])
    return f"{said} and {len(names) - 3} more" if len(names) > 3 else said
