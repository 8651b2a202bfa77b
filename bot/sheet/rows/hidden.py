"""What a workbook hides: rows by a filter or a format, and the balance's own column; whether they count is asked."""

import re
from collections.abc import Mapping
from decimal import Decimal

from brought_forward.bot.errors import Candidate, SheetQuestion
from brought_forward.bot.sheet.cells import SheetCells, column_letters, column_number
from brought_forward.bot.sheet.columns.header import Header
from brought_forward.bot.sheet.columns.headings import Role
from brought_forward.bot.sheet.rows.fractions import signature_of
from brought_forward.bot.sheet.rows.sums import Amounts
from brought_forward.bot.sheet.rows.table import Row
from brought_forward.bot.sheet.rules import SheetRules

ROWS, COLUMN, TAKE, LEAVE = "hidden", "hidden-column", "take", "leave"
LEFT = "hidden in the sheet, and left out as staff said. Show the row and drop the file again if it counts."
QUOTED = re.compile(r'"[^"]*"|\\.')
NOTHING = Decimal(0)


def left_out(
    rows: list[Row], amounts: Amounts, folded: set[int], cells: SheetCells, header: Header, rules: SheetRules
) -> set[int]:
    """Give the hidden rows with an amount that staff leave out.

    `folded` rows are proven to be all of a row that is shown: they count unasked. Raises SheetQuestion where staff
    have not said it of these very rows.
    """
    unseen = cells.facts.hidden_rows | _formatted_away(cells, header, amounts)
    money = [(row, amount) for row in rows if (amount := amounts.get(row.number))]
    hidden = [(row, amount) for row, amount in money if row.number in unseen and row.number not in folded]
    if not hidden:
        return set()
    answer = rules.answers.get(ROWS)
    if answer == TAKE:
        return set()
    if answer == LEAVE:
        return {row.number for row, _ in hidden}
    sum_hidden = sum((amount for _, amount in hidden), NOTHING)
    total = sum((amount for _, amount in money), NOTHING)
    one = len(hidden) == 1
    how = " (a filter)" if cells.facts.filtered else ""
    text = (
        f"{'1 row is' if one else f'{len(hidden)} rows are'} hidden in the sheet{how}, {sum_hidden:,.2f} of"
        f" {total:,.2f}: {_named([row.number for row, _ in hidden])}. {'Does it' if one else 'Do they'} count?"
    )
    raise SheetQuestion(
        text,
        kind=ROWS,
        candidates=(
            Candidate(TAKE, "Yes: take what is hidden too", f"{total:,.2f}"),
            Candidate(LEAVE, "No: leave out what is hidden", f"{total - sum_hidden:,.2f}"),
        ),
        signature=signature_of(header, [(row.number, f"hidden {amount}") for row, amount in hidden]),
    )


def shown_balance(cells: SheetCells, header: Header, rules: SheetRules) -> str | None:
    """Give the column that staff named in place of a hidden balance; None where it is shown, or taken all the same.

    Raises SheetQuestion where they have not been asked.
    """
    column = header.columns[Role.AMOUNT]
    if column_number(column.letter) not in cells.facts.hidden_columns:
        return None
    answer = rules.answers.get(COLUMN)
    others = [
        seen
        for seen in header.census
        if seen.money and seen.letter != column.letter and column_number(seen.letter) not in cells.facts.hidden_columns
    ]
    if answer == TAKE:
        return None
    if answer in {seen.letter for seen in others}:
        return answer
    candidates = [Candidate(TAKE, f"Yes: {column}", _sum(header, column.letter))]
    candidates += [Candidate(seen.letter, seen.heading, _sum(header, seen.letter)) for seen in others]
    raise SheetQuestion(
        f'Column {column} of "{cells.sheet}" would be the balance, and it is hidden in the sheet. Is it what is owed?',
        kind=COLUMN,
        candidates=tuple(candidates),
        signature=signature_of(header, [(header.row, f"hidden {column.letter}")]),
    )


def hidden_roles(cells: SheetCells, header: Header) -> list[str]:
    """Say which other columns are read although they are hidden."""
    hidden = {column_letters(number) for number in cells.facts.hidden_columns}
    roles = ((role, header.columns.get(role)) for role in (Role.MATTER, Role.USER, Role.CLIENT))
    return [
        f"The {role} is read from column {column}, which is hidden in the sheet."
        for role, column in roles
        if column and column.letter in hidden
    ]


def shows_nothing(pattern: str, amount: Decimal) -> bool:
    """Tell whether a number format shows nothing of an amount: ";;;" of any, "0;" of a negative one."""
    parts = QUOTED.sub("x", pattern).split(";")
    part = parts[1] if amount < 0 and len(parts) > 1 else parts[0]
    return len(parts) > 1 and not part.strip()


def _formatted_away(cells: SheetCells, header: Header, amounts: Mapping[int, Decimal | None]) -> set[int]:
    """Find the rows whose amount has a format that shows nothing."""
    place = column_number(header.columns[Role.AMOUNT].letter)
    return {
        row
        for pattern, where in cells.facts.formats.items()
        if ";" in pattern
        for row, column in where
        if column == place and (amount := amounts.get(row)) and shows_nothing(pattern, amount)
    }


def _sum(header: Header, letter: str) -> str:
    """Write the sum of a column as the census has it, in the currency's units."""
    cents = next((seen.cents for seen in header.census if seen.letter == letter), None)
    return "" if cents is None else f"sum {Decimal(int(cents.sum())) / 100:,.2f}"


def _named(rows: list[int]) -> str:
    said = ", ".join(str(row) for row in rows[:5])
    more = f" and {len(rows) - 5} more" if len(rows) > 5 else ""
    return f"{'row' if len(rows) == 1 else 'rows'} {said}{more}"
