"""What a reading rests on: which column is owed and why, what proves its total, what of it is no line. Pure.

The sentences hold the sheet's own words as they stand there: whoever shows them makes them harmless.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Protocol

from brought_forward.bot.messages.words import count, few, money, shortened
from brought_forward.storage.records.batch import Batch
from brought_forward.storage.records.sheet import CensusColumn, Line, NotCounted, SheetReading

# The parts by which a column goes into lines, or keeps one out; every other column is named as not used.
USED = {
    *("matter", "balance", "user", "date", "note", "client", "invoice"),
    *("currency", "quantity", "type", "non-billable", "retainer", "comment"),
}
MARKS = "marks"  # used where it is explained how they are read
NAME = 40  # characters of a heading
ROWS = 12  # named of those that are not counted for one reason


class Sheet(Protocol):
    """What a reading, and a batch that keeps it, say of the column of balances."""

    @property
    def balance(self) -> str:
        """Name the column that is owed."""

    @property
    def proofs(self) -> tuple[str, ...]:
        """Say what shows that it is owed, and that its sum is whole."""

    @property
    def census(self) -> tuple[CensusColumn, ...]:
        """Give every column that holds anything, with its part."""


def owed(sheet: Sheet) -> str:
    """Say which column is owed and why that is sure; nothing where the reading does not tell."""
    if not sheet.balance:
        return ""
    why = f" {'; '.join(sheet.proofs)}" if sheet.proofs else ", by its heading"
    return f"Balance: column {sheet.balance}{why}."


def unused(sheet: Sheet) -> str:
    """Name the columns from which no line takes anything, and what explains each; nothing where there are none."""
    named = [_column(one) for one in sheet.census if not _is_used(one)]
    return f"Columns not used: {', '.join(named)}." if named else ""


def number_unused(sheet: Sheet) -> int:
    """Count the columns that `unused` names."""
    return sum(1 for one in sheet.census if not _is_used(one))


def not_brought(sheet: Sheet, currency: str) -> list[str]:
    """Name the columns of money that is the clients' own or not billed yet, with what stands there beside the lines."""
    return [
        f'column {one.letter} "{shortened(one.heading, NAME)}" ({one.part}), {money(one.beside, currency)}'
        for one in sheet.census
        if one.beside is not None
    ]


def not_counted(rows: Sequence[NotCounted], currency: str) -> str:
    """Say how many rows of the column are no lines, and what they come to; nothing where there are none."""
    if not rows:
        return ""
    total = sum((one.amount for one in rows), Decimal(0))
    return f"Not counted: {count(len(rows), 'row')}, {money(total, currency)}"


def reasons(rows: Sequence[NotCounted], currency: str) -> list[str]:
    """Say why rows are not counted, like ones together: "a total: 2 rows, $20.00 (rows 9 and 14)"."""
    alike: dict[str, list[NotCounted]] = {}
    for one in rows:
        alike.setdefault(one.why, []).append(one)
    return [
        f"{why}: {count(len(same), 'row')}, {money(sum((one.amount for one in same), Decimal(0)), currency)}"
        f" ({_named(same)})"
        for why, same in alike.items()
    ]


def where_it_went(
    batch: Batch, lines: Sequence[Line], rows: Sequence[NotCounted], corrections: Sequence[Mapping[str, Any]]
) -> list[tuple[str, Decimal]]:
    """Say where all money of the column of balances went: the column first, the others add up to it.

    `corrections` are rows of the table of that name, oldest first. Nothing where what the column holds is not known.
    """
    if batch.column_total is None:
        return []
    amounts = [(line.left_out is None, line.amount) for line in lines if line.amount is not None]
    parts = [
        ("Counted, to be posted", sum((amount for is_in, amount in amounts if is_in), Decimal(0))),
        ("Left out", sum((amount for is_in, amount in amounts if not is_in), Decimal(0))),
        ("Not counted", sum((one.amount for one in rows), Decimal(0))),
        ("Less what was put right by hand", -_by_hand(corrections)),
    ]
    rest = batch.column_total - sum((amount for _, amount in parts), Decimal(0))
    column = f"Column {batch.balance}" if batch.balance else "The column of balances"
    return [(column, batch.column_total), *(one for one in [*parts, ("Not explained", rest)] if one[1])]


def _by_hand(corrections: Sequence[Mapping[str, Any]]) -> Decimal:
    """Sum by how much amounts were changed by hand since the file was read."""
    changes: dict[int, tuple[str | None, str | None]] = {}
    for one in corrections:
        if one["field"] == "amount":
            changes[one["row"]] = (changes[one["row"]][0] if one["row"] in changes else one["was"], one["now"])
    return sum((Decimal(now or 0) - Decimal(was or 0) for was, now in changes.values()), Decimal(0))


def unaccounted(reading: SheetReading, currency: str) -> list[str]:
    """Say where lines, problems and what is not counted are not all the money of the column."""
    if reading.column_total is None:
        return []
    lines = sum((line.amount for line in reading.lines), Decimal(0))
    out = sum((bad.amount for bad in reading.problems if bad.amount is not None), Decimal(0))
    rest = sum((one.amount for one in reading.not_counted), Decimal(0))
    if lines + out + rest == reading.column_total:
        return []
    column = f"Column {reading.balance}" if reading.balance else "The column of balances"
    return [
        f"{column} holds {money(reading.column_total, currency)}, but its lines ({money(lines, currency)}), its"
        f" problems ({money(out, currency)}) and what is not counted ({money(rest, currency)}) come to"
        f" {money(lines + out + rest, currency)}."
    ]


def _is_used(one: CensusColumn) -> bool:
    return one.part in USED or (one.part == MARKS and one.explained is not None)


def _column(one: CensusColumn) -> str:
    heading = f' "{shortened(one.heading, NAME)}"' if one.heading else ""
    return f"{one.letter}{heading} ({one.explained or one.part})"


def _named(rows: Sequence[NotCounted]) -> str:
    return f"{'row' if len(rows) == 1 else 'rows'} {few([f'{one.row:,}' for one in rows], ROWS)}"
