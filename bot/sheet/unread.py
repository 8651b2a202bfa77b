"""Visible sheets that are not read: explained where they say the same money once more, else asked about."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import zip_longest

import numpy as np

from brought_forward.bot.errors import Candidate, SheetError, SheetQuestion
from brought_forward.bot.sheet.cells import Cell, SheetCells, column_letters
from brought_forward.bot.sheet.columns.census import IN_MONEY, Part, Seen, part_of
from brought_forward.bot.sheet.columns.headings import Role, heading_words, is_bucket, known, normal
from brought_forward.bot.sheet.columns.identities import NOT_OWED, relations
from brought_forward.bot.sheet.columns.labels import worded
from brought_forward.bot.sheet.money.cents import Flags, cents_of, money_said
from brought_forward.bot.sheet.money.figures import decimal_mark
from brought_forward.bot.sheet.rules import SheetRules
from brought_forward.bot.sheet.texts import clean, digest
from brought_forward.storage.records.sheet import BalanceLine, Problem, SheetReading

KIND, LEAVE, HEAD = "unread", "leave", "head"
NEVER = {Role.DATE, Role.INVOICE, Role.MATTER, Role.QUANTITY, Role.RETAINER}  # numbers below these are no balances
PLAIN = {Part.OPENING, Part.BILLED, Part.BUCKET, Part.AMOUNT}  # beside a column that is explained they are too
NESTED = 4  # how often a list in groups within groups may say the same sum
LEAST = 100  # whole numbers that are all smaller are counts
YEARS = range(1900, 2101)
YEAR = {"year", "fiscal year", "financial year"}
NOTHING = Decimal(0)


@dataclass(slots=True)
class Unread:
    """A sheet with money that nothing explains: the column that is most likely what is owed there."""

    name: str
    amounts: list[int]  # cents
    explained: int | None = None  # cents of the sum that it says once more, where all is explained

    @property
    def said(self) -> str:
        """Say what it holds."""
        rows = "1 row" if len(self.amounts) == 1 else f"{len(self.amounts):,} rows"
        return f"{money_said(sum(self.amounts))} in {rows}"


@dataclass(slots=True)
class _Same:
    """What is read, as another sheet may say it again: cents of all, and of each matter, client and user."""

    totals: set[int] = field(default_factory=set)
    named: dict[str, set[int]] = field(default_factory=dict)


def left_unread(sheets: Sequence[SheetCells], readings: Sequence[SheetReading], rules: SheetRules) -> list[str]:
    """Say why sheets that are not read change nothing, or that staff leave them out.

    `readings` are those of the sheets that could be read, also where another was chosen. Raises SheetQuestion where a
    sheet holds money that none of them says; SheetError where staff say that it belongs to the balances.
    """
    if not sheets:
        return []
    same = _same(readings)
    found = [one for cells in sheets if (one := _unread(cells, same, rules.currency))]
    remarks = [
        f'Sheet "{one.name}" says the same {money_said(one.explained)} once more and is not read.'
        for one in found
        if one.explained is not None
    ]
    held = [one for one in found if one.explained is None]
    answer = rules.answers.get(KIND)
    if held and answer == HEAD:
        named = " and ".join(f'"{one.name}"' for one in held)
        raise SheetError(
            f"{named} {'belongs' if len(held) == 1 else 'belong'} to the balances, as staff say. Head the columns there"
            ' "Matter" and "Balance", and drop the file again.'
        )
    if held and answer != LEAVE:
        raise _question(held)
    return remarks + [f'Sheet "{one.name}" is left out, as staff said: {one.said}.' for one in held]


def says_again(cells: SheetCells, readings: Sequence[SheetReading], currency: str) -> bool:
    """Tell whether all money of a sheet is that of other sheets once more."""
    found = _unread(cells, _same(readings), currency)
    return found is not None and found.explained is not None


def _question(held: Sequence[Unread]) -> SheetQuestion:
    if len(held) == 1:
        text = f'Sheet "{held[0].name}" holds {held[0].said} that I cannot read. Does it belong to the balances?'
    else:
        named = ", ".join(f'"{one.name}" ({one.said})' for one in held)
        text = f"{len(held)} sheets hold money that I cannot read: {named}. Does any of it belong to the balances?"
    it = "it" if len(held) == 1 else "them"
    total = sum(sum(one.amounts) for one in held)
    return SheetQuestion(
        text,
        kind=KIND,
        candidates=(
            Candidate(LEAVE, f"No: leave {it} out", f"{money_said(total)} stays out"),
            Candidate(HEAD, 'Yes: I head the columns "Matter" and "Balance"', "the file will not be read until then"),
        ),
        signature=digest("\x1f".join(f"{one.name}:{one.amounts}" for one in held)),
    )


def _same(readings: Iterable[SheetReading]) -> _Same:
    found, whole = _Same(), 0
    sums: dict[str, int] = {}
    for reading in readings:
        every: list[BalanceLine | Problem] = [*reading.lines, *reading.problems]
        for one in every:
            cents = _cents(one.amount)
            names = {normal(name) for name in (one.matter, one.client, one.user) if name}
            for name in names:
                found.named.setdefault(name, set()).add(cents)
                sums[name] = sums.get(name, 0) + cents
        own = sum(_cents(one.amount) for one in every)
        found.totals |= {own, _cents(reading.control_total), _cents(reading.column_total)}
        whole += own
    for name, cents in sums.items():
        found.named[name].add(cents)
    found.totals = (found.totals | {whole}) - {0}
    return found


def _unread(cells: SheetCells, same: _Same, currency: str) -> Unread | None:
    """Give what a sheet holds; None where no column of it is money."""
    census = _columns(cells, currency)
    texts = [[normal(clean(cell)) for cell in row if isinstance(cell, str)] for row in cells.rows]
    totals = np.array([any(worded(text) for text in row) for row in texts], dtype=np.bool_)
    named = np.array([any(row) for row in texts], dtype=np.bool_)
    if not census or (len(census) == 1 and _alone(census[0])):
        return None
    again = {place: told for place, seen in enumerate(census) if (told := _said_again(seen, texts, totals, same))}
    explained = set(again)
    for one in relations(census, totals, named) if again else ():
        members = {one.target, *(place for place, _ in one.terms)}
        explained |= members if members & explained else set()
    left = [seen for at, seen in enumerate(census) if at not in explained and not (again and seen.part in PLAIN)]
    chosen = max(left or census, key=_likelihood)
    keep = ~totals & (chosen.amounts != 0)
    amounts = [int(value) for value in chosen.amounts[keep if keep.any() else chosen.amounts != 0]]
    return Unread(cells.sheet, amounts, None if left else next(iter(again.values())))


def _columns(cells: SheetCells, currency: str) -> list[Seen]:
    """Give the columns in which amounts stand that somebody could owe."""
    found = []
    for place, column in enumerate(zip_longest(*cells.rows)):
        texts = [cell for cell in column if isinstance(cell, str)]
        mark = decimal_mark(texts)
        cents = [
            None if _is_year(cell, row) else cents_of(cell, mark) for cell, row in zip(column, cells.rows, strict=True)
        ]
        first = next((at for at, value in enumerate(cents) if value), None)
        if first is None:
            continue
        above = [cell for cell in column[:first] if isinstance(cell, str) and cell.strip() and cell[0] != "\x00"]
        heading = clean(above[-1]) if above else ""
        rows = [row for row, value in zip(cells.rows, cents, strict=True) if value]
        held = [cell for cell, value in zip(column, cents, strict=True) if value]
        part = _part(heading, held, currency)
        if part in {None, Part.MONEY} and any(_labelled(row, currency) for row in rows):
            part = Part.OWED
        if part in IN_MONEY and part not in NOT_OWED:
            seen = Seen(place, column_letters(cells.first_column + place), heading, "", part, values=list(column))
            seen.cents = np.array([value or 0 for value in cents], dtype=np.int64)
            seen.filled = np.array([value is not None for value in cents], dtype=np.bool_)
            found.append(seen)
    return found


def _part(heading: str, held: Sequence[Cell], currency: str) -> Part | None:
    """Say what a column of numbers is by its heading, else by its numbers; None where it is no money."""
    words, role = heading_words(heading, currency), known(heading, currency)
    if role and (role[0] in NEVER or (role[0] is not Role.AMOUNT and not _exact(held))):
        return None
    if role and role[0] is Role.AMOUNT:
        return Part.OWED
    if is_bucket(words):
        return Part.BUCKET
    part = None if role else part_of(words)
    if part is not None:
        return part if _exact(held) or part is Part.OWED or max(map(_size, held)) >= LEAST else None
    return Part.MONEY if _exact(held) or _like_amounts(held) else None


def _exact(held: Sequence[Cell]) -> bool:
    """Tell whether one of some numbers has cents, or is written as money is."""
    return any(
        (cell != int(cell) and abs(cell) >= 1 and abs(cell * 100 - round(cell * 100)) < 1e-6)
        if isinstance(cell, float)
        else isinstance(cell, str) and any(sign in cell for sign in "$€£.,")
        for cell in held
    )


def _like_amounts(held: Sequence[Cell]) -> bool:
    """Tell whole dollars from years, counts and numbers that only name something."""
    numbers = [int(cell) for cell in held if isinstance(cell, (int, float))]
    if len(numbers) < 2 or max(map(abs, numbers)) < LEAST or all(number in YEARS for number in numbers):
        return False
    if len(numbers) > 2 and numbers == sorted(set(numbers)):
        return False
    round_ones = sum(number % 10 == 0 for number in numbers)
    return len({len(str(number)) for number in numbers}) > 1 or 2 * round_ones >= len(numbers)


def _is_year(cell: Cell, row: Sequence[Cell]) -> bool:
    """Tell whether a number is a year, as another cell of its row says."""
    return isinstance(cell, float) and cell in YEARS and any(normal(one) in YEAR for one in row)


def _size(cell: Cell) -> float:
    return abs(cents_of(cell) or 0) / 100


def _labelled(row: Sequence[Cell], currency: str) -> bool:
    """Tell whether a text of a row says that the number beside it is owed: "Balance due"."""
    told = (known(cell, currency) for cell in row)
    return any(role is not None and role[0] is Role.AMOUNT for role in told)


def _alone(seen: Seen) -> bool:
    """Tell whether a column has one number that no word calls money: the version on a cover."""
    return seen.part is Part.MONEY and int((seen.amounts != 0).sum()) == 1 and not _exact_text(seen)


def _exact_text(seen: Seen) -> bool:
    return any(isinstance(cell, str) and any(sign in cell for sign in "$€£") for cell in seen.values)


def _said_again(seen: Seen, texts: Sequence[list[str]], totals: Flags, same: _Same) -> int:
    """Give the cents that a column says once more: all that is read, or row by row what it says of a name; 0 if not."""
    amounts = seen.amounts
    plain = int(amounts[~totals].sum())
    if plain in same.totals:
        return plain
    for total in same.totals:
        times, rest = divmod(int(amounts.sum()), total)
        if not rest and 1 <= times <= NESTED and (amounts == total).any():
            return total
    rows = [at for at, value in enumerate(amounts) if value and not totals[at]]
    each = all(any(int(amounts[at]) in same.named.get(text, ()) for text in texts[at]) for at in rows)
    return plain if rows and each else 0


def _likelihood(seen: Seen) -> tuple[bool, int, int]:
    return seen.part is Part.OWED, int((seen.amounts != 0).sum()), seen.place


def _cents(amount: Decimal | None) -> int:
    return int((amount or NOTHING) * 100)
