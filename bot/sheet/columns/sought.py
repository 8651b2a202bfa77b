"""One sheet while its header is read: its headings, samples of its columns, and how a question about them is put."""

from collections.abc import Iterator
from dataclasses import dataclass

from brought_forward.bot.errors import Candidate, SheetQuestion
from brought_forward.bot.sheet.cells import Cell, SheetCells, column_letters
from brought_forward.bot.sheet.columns.headings import Role
from brought_forward.bot.sheet.rules import SheetRules
from brought_forward.bot.sheet.texts import clean, clipped, shown

SAMPLED = 400  # rows below the header in which a sample or a heading row is looked for
ROWS, NONE = "rows", "none"  # answers that are no column


@dataclass(frozen=True, slots=True)
class Column:
    """A column with a part in the reading."""

    letter: str
    heading: str  # as the sheet writes it, on one line

    def __str__(self) -> str:
        return f'{self.letter} "{clipped(self.heading)}"'


@dataclass(slots=True)
class Sought:
    """One sheet while its header is read."""

    cells: SheetCells
    rules: SheetRules
    at: int  # the header's place in `cells.rows`
    headings: list[str]  # normalised
    texts: list[str]  # as the sheet writes them
    signature: str = ""

    def letter(self, place: int) -> str:
        """Name a column as the spreadsheet does."""
        return column_letters(self.cells.first_column + place)

    def below(self) -> Iterator[list[Cell]]:
        """Give the first rows below the headings."""
        yield from self.cells.rows[self.at + 1 : self.at + 1 + SAMPLED]

    def sample(self, place: int) -> str:
        """Write the first cells of a column, for people to know it by."""
        texts = (shown(row[place]) for row in self.below() if place < len(row))
        found = list(dict.fromkeys(clipped(text, 24) for text in texts if text))
        return ", ".join(found[:3])


def column_at(sought: Sought, place: int) -> Column:
    """Give the column of a place with its heading."""
    return Column(sought.letter(place), clean(sought.texts[place]) if place < len(sought.texts) else "")


def answer_of(sought: Sought, role: Role, places: list[int]) -> int | None:
    """Give the column that staff have answered, if it is one of those in question."""
    answer = sought.rules.answers.get(role.value)
    return next((place for place in places if sought.letter(place) == answer), None)


def ask(sought: Sought, role: Role, places: list[int], text: str, more: Candidate | None = None) -> SheetQuestion:
    """Make the question which of some columns has a role; `more` is an answer that is no column."""
    columns = [
        Candidate(sought.letter(place), column_at(sought, place).heading, sought.sample(place)) for place in places
    ]
    candidates = (*columns, more) if more else tuple(columns)
    return SheetQuestion(text, kind=role.value, candidates=candidates, signature=sought.signature)


def which_of(role: Role, columns: list[Column], sheet: str) -> str:
    """Say that several columns could have a role."""
    count = "Two" if len(columns) == 2 else str(len(columns))
    named = f"{', '.join(map(str, columns[:-1]))} and {columns[-1]}"
    return f'{count} columns of "{sheet}" could be the {role}: {named}.'
