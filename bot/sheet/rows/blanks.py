"""Blank cells below a user's name: whether the name above holds, or the matter's responsible attorney, is asked."""

from collections.abc import Collection
from itertools import pairwise

from brought_forward.bot.errors import Candidate, SheetQuestion
from brought_forward.bot.sheet.columns.header import Header
from brought_forward.bot.sheet.columns.headings import Role
from brought_forward.bot.sheet.rows.sums import Amounts
from brought_forward.bot.sheet.rows.table import Row
from brought_forward.bot.sheet.rules import SheetRules
from brought_forward.bot.sheet.texts import clipped, shown

KIND, DOWN, NONE = "blank-user", "down", "none"
MANY = 4  # rows with a name, or blank ones below the only name


def with_users(
    rows: list[Row], copied: Collection[int], amounts: Amounts, header: Header, rules: SheetRules
) -> list[Row]:
    """Give blank rows the user above them, if staff have said so; `copied` rows have the user of the row above already.

    Asked only where names could stand once, above their rows: within them, or at the end of many. A column that writes
    a name twice in a row leaves no name out. Raises SheetQuestion.
    """
    if Role.USER not in header.columns:
        return rows
    money = [row for row in rows if amounts.get(row.number)]
    blank = _below_names(money)
    if not blank or not _stand_once(money, copied):
        return rows
    answer = rules.answers.get(KIND)
    if answer == NONE:
        return rows
    if answer != DOWN:
        raise _question(money, blank, header)
    return _filled(rows)


def _stand_once(rows: list[Row], copied: Collection[int]) -> bool:
    """Tell whether names look as if each stood above its rows."""
    pairs = list(pairwise(rows))
    written = [(one, other) for one, other in pairs if other.number - one.number == 1 and other.number not in copied]
    if any(one.user is not None and one.user == other.user for one, other in written):
        return False
    named = [row.number for row in rows if row.user is not None]
    within = any(row.number < named[-1] for row in _below_names(rows))
    heads = sum(1 for one, other in pairs if one.user is not None and other.user is None)
    alone = heads == 1 and rows[0].user is not None and len(_below_names(rows)) >= MANY
    return within or heads > 1 or len(named) >= MANY or alone


def _below_names(rows: list[Row]) -> list[Row]:
    """Give the rows without a user that stand below one with a user."""
    first = next((place for place, row in enumerate(rows) if row.user is not None), len(rows))
    return [row for row in rows[first:] if row.user is None]


def _filled(rows: list[Row]) -> list[Row]:
    filled, user = [], None
    for row in rows:
        user = row.user if row.user is not None else user
        filled.append(row._replace(user=user))
    return filled


def _question(rows: list[Row], blank: list[Row], header: Header) -> SheetQuestion:
    above = next(row for row in reversed(rows) if row.number < blank[0].number and row.user is not None)
    one = len(blank) == 1
    count, stand = ("1 row names", "stands") if one else (f"{len(blank)} rows name", "stand")
    name = clipped(shown(above.user))
    text = (
        f"{count} no user in column {header.columns[Role.USER]} and {stand} below one that does, such as row"
        f' {blank[0].number} below "{name}" in row {above.number}. Does the name above hold for them?'
    )
    return SheetQuestion(
        text,
        kind=KIND,
        candidates=(
            Candidate(DOWN, "Yes: the name above holds", f"row {blank[0].number}: {name}"),
            Candidate(NONE, "No: each matter's responsible attorney", f"row {blank[0].number}: blank"),
        ),
        signature=header.signature,
    )
