"""What the child finds out of a sheet beside its values, small enough to be told in one line."""

from dataclasses import dataclass, field
from typing import Any

from brought_forward.bot.sheet.file.refused import Refused

Fault = str  # "#DIV/0!", or FORMULA for a formula without a value
FORMULA, UNNAMED = "formula", "#?"
MOST = 200_000  # runs, merges and faults of a sheet: a file made to do harm repeats one without end

Faults = dict[tuple[int, int], Fault]  # by row and column from 1


@dataclass(slots=True)
class Runs:
    """Places met row by row, kept as runs down their columns."""

    columns: dict[int, list[list[int]]] = field(default_factory=dict)
    room: int = MOST

    def add(self, row: int, column: int, last: int | None = None) -> None:
        """Add a cell, or those of one column down to row `last`. Raises Refused where there are too many runs."""
        runs = self.columns.setdefault(column, [])
        last = last or row
        if runs and runs[-1][0] <= row <= runs[-1][1] + 1:
            runs[-1][1] = max(last, runs[-1][1])
            return
        if not self.room:
            raise Refused("large")
        self.room -= 1
        runs.append([row, last])

    def told(self) -> dict[int, list[list[int]]]:
        """Give the runs of each column, from above down."""
        return {column: sorted(runs) for column, runs in self.columns.items()}


@dataclass(slots=True)
class Found:
    """The facts and faults of one sheet; rows and columns count from 1."""

    rows: int  # what is past these limits holds nothing
    columns: int
    faults: Faults = field(default_factory=dict)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    formats: dict[str, Runs] = field(default_factory=dict)
    zero_formulas: Runs = field(default_factory=Runs)
    active: bool = False
    filtered: bool = False

    def hide_row(self, row: int) -> None:
        """Note that a row is hidden."""
        if row <= self.rows:
            self.hidden_rows.add(row)

    def merge(self, place: tuple[int, int, int, int]) -> None:
        """Note a merged range. Raises Refused where there are too many."""
        if len(self.merges) >= MOST:
            raise Refused("large")
        self.merges.append(place)

    def format(self, code: str, row: int, column: int, last: int | None = None) -> None:
        """Note the format of a cell, or of those of one column down to row `last`."""
        self.formats.setdefault(code, Runs()).add(row, column, last)

    def fault(self, row: int, column: int, fault: Fault) -> None:
        """Note an error or a formula without a value."""
        if len(self.faults) < MOST:
            self.faults[row, column] = fault

    def told(self) -> dict[str, Any]:
        """Give it as JSON can say it, what is empty left out; `parse.facts_of` undoes it."""
        said: dict[str, Any] = {
            "faults": [[*place, fault] for place, fault in self.faults.items()],
            "hidden_rows": sorted(self.hidden_rows),
            "hidden_columns": sorted(self.hidden_columns),
            "merges": self.merges,
            "formats": {code: runs.told() for code, runs in self.formats.items()},
            "zero_formulas": self.zero_formulas.told(),
            "active": self.active,
            "filtered": self.filtered,
        }
        return {name: value for name, value in said.items() if value}
