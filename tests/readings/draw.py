"""The dice of one case, and what every family draws with them: headings, columns, lines, users."""

import datetime as dt
import random
from collections.abc import Sequence
from decimal import Decimal
from typing import TypeVar

from readings import words
from readings.book import Book, Column, Part, Row, Value
from readings.ledger import Kind, Ledger, Matter, User, draw_ledger

T = TypeVar("T")
CREDITING = (Kind.PAYMENT, Kind.CREDIT, Kind.WRITE_OFF)
KINDS = {"xlsx": 46, "csv": 36, "ods": 9, "html": 9}


class Draw:
    """One case's dice. `plain`: no traps and only the words of docs/sheet.md."""

    def __init__(self, dice: random.Random, *, plain: bool = False, kind: str = "") -> None:
        self.dice = dice
        self.plain = plain
        self.kind = kind or dice.choices(list(KINDS), list(KINDS.values()))[0]
        self.user_form = "name" if plain else dice.choice(["name", "name", "last", "initials", "email"])
        self.case = "as is" if plain or dice.random() < 0.7 else dice.choice(["upper", "lower", "camel", "snake"])
        self.as_of = dt.date(2026, 10, 31)
        self.known: set[str] = set()  # roles whose heading is one of docs/sheet.md

    def chance(self, share: float) -> bool:
        """Toss a coin that a plain case never wins."""
        return not self.plain and self.dice.random() < share

    def pick(self, among: Sequence[T]) -> T:
        """Choose one; a plain case takes the first."""
        return among[0] if self.plain else self.dice.choice(among)

    def ledger(self, **wishes: object) -> Ledger:
        """Draw the books."""
        ledger = draw_ledger(self.dice, **wishes)  # type: ignore[arg-type]
        self.as_of = ledger.as_of
        return ledger

    def heading(self, role: str, *, known: float = 0.6) -> str:
        """Draw a heading for what is looked for, in docs/sheet.md's words by a share, or for what is not."""
        if role in words.HEADINGS:
            return self._cased(self.pick(words.HEADINGS[role]))
        if self.plain or self.dice.random() < known:
            self.known.add(role)
            return self._cased(self.pick(words.KNOWN[role]))
        self.known.discard(role)
        return self._cased(self.pick(words.OTHER[role]))

    def _cased(self, heading: str) -> str:
        if not heading:
            return heading
        ways = {"upper": str.upper, "lower": str.lower, "camel": words.camel, "snake": words.snake}
        return ways[self.case](heading) if self.case in ways else heading

    def column(self, role: str, *, money: bool = False, heading: str | None = None, known: float = 0.6) -> Column:
        """Draw a column."""
        return Column(role, (self.heading(role, known=known) if heading is None else heading,), money)

    def user(self, user: User) -> str:
        """Write a user as this sheet does."""
        forms = {
            "name": user.name,
            "last": f"{user.family}, {user.given}",
            "initials": user.initials,
            "email": user.email,
        }
        return forms[self.user_form]

    def user_column(self, book: Book, *, share: float = 0.55) -> list[Column]:
        """Draw whether there is a column of users, and say in the book how surely it is one."""
        if not (self.plain or self.dice.random() < share):
            return []
        if self.chance(0.15):
            book.truth.naming = "optional"
            book.traps.append("users oddly headed")
            return [Column("user", (self._cased(self.pick(words.ODD_USER)),))]
        book.truth.naming = "required"
        return [self.column("user")]

    def who(self, matter: Matter) -> dict[str, Value]:
        """Give the cells that say whose a line is; those of columns that are not there are never printed."""
        return {
            "matter": matter.number,
            "client": matter.client.name,
            "subject": matter.subject,
            "user": self.user(matter.user),
        }

    def line(self, matter: Matter, **cells: Value) -> Row:
        """Make a line of a matter."""
        return Row(Part.LINE, self.who(matter) | cells, matter.number)


def summed(rows: list[Row], roles: Sequence[str]) -> dict[str, Value]:
    """Sum the lines' money."""
    sums: dict[str, Value] = {}
    for role in roles:
        found = [row.cells[role] for row in rows if row.part is Part.LINE and isinstance(row.cells.get(role), Decimal)]
        sums[role] = sum(found, Decimal(0))  # type: ignore[arg-type]
    return sums


def month_before(day: dt.date) -> dt.date:
    """Give the last day of the month before."""
    return day.replace(day=1) - dt.timedelta(days=1)
