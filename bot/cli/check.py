"""`brought-forward check FILE`: the same reading as in Slack, on this machine; with `--clio` the same matching too."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from brought_forward.bot.cli.visit import FIRM, visit
from brought_forward.bot.clio.connection import Connection
from brought_forward.bot.clio.ledger import read_ledger, refresh_index, standing
from brought_forward.bot.errors import SheetError
from brought_forward.bot.matching.entries import MatchRules
from brought_forward.bot.matching.index import FirmIndex, names_of, numbers_of
from brought_forward.bot.matching.match import Matching, match
from brought_forward.bot.messages import evidence
from brought_forward.bot.messages.words import money
from brought_forward.bot.preview.make import agreed_currency, billing_of
from brought_forward.bot.settings import FirmSettings, Settings
from brought_forward.bot.sheet.read import read_sheet
from brought_forward.bot.sheet.rules import SheetRules
from brought_forward.storage.records.sheet import Line, SheetReading
from brought_forward.storage.store import Store


@dataclass(frozen=True, slots=True)
class Check:
    """A reading, and what Clio makes of it where it was asked."""

    reading: SheetReading
    currency: str
    matching: Matching | None

    @property
    def total(self) -> Decimal:
        """The sum of all lines that can be read, and of the readable amounts of those that cannot."""
        problems = sum((one.amount for one in self.reading.problems if one.amount is not None), Decimal(0))
        return problems + sum((line.amount for line in self.reading.lines), Decimal(0))

    @property
    def number_of_lines(self) -> int:
        """Count what `total` sums: the lines, and those that would not be posted."""
        return len(self.reading.lines) + len(self.reading.problems)

    @property
    def left_out(self) -> Decimal:
        """The sum of what would not be posted: readable amounts of problems, and lines that Clio's side keeps out."""
        problems = sum((one.amount for one in self.reading.problems if one.amount is not None), Decimal(0))
        out = self.matching.left_out if self.matching else {}
        return problems + sum((line.amount for line in self.reading.lines if line.row in out), Decimal(0))

    @property
    def clean(self) -> bool:
        """Whether there are lines, all of them would be posted, and every total agrees."""
        left_out = self.matching.left_out if self.matching else {}
        return not self.doubts and not self.reading.problems and not left_out

    @property
    def doubts(self) -> list[str]:
        """Say what of the whole file needs a look: no line at all, or totals that differ."""
        reading, currency = self.reading, self.currency
        said = [] if reading.lines else ["No line has an amount."]
        if reading.control_total not in {None, self.total}:
            difference = (reading.control_total or Decimal(0)) - self.total
            said.append(
                f"The file's own total is {money(reading.control_total or Decimal(0), currency)}: a difference of"
                f" {money(difference, currency)}."
            )
        said += [
            f"{one.name} (row {one.row}) says {money(one.stated, currency)}, its lines come to"
            f" {money(one.found, currency)}."
            for one in reading.group_totals
        ]
        return said + evidence.unaccounted(reading, currency)

    def money(self) -> dict[str, Decimal] | None:
        """Say where all money of the balance's column went: what is counted, left out and not counted is the column.

        None where the reading does not say what the column holds. With Clio, what is counted is what would be posted.
        """
        reading = self.reading
        if reading.column_total is None:
            return None
        out = self.matching.left_out if self.matching else {}
        return {
            "column": reading.column_total,
            "counted": sum((line.amount for line in reading.lines if line.row not in out), Decimal(0)),
            "left_out": self.left_out,
            "not_counted": sum((one.amount for one in reading.not_counted), Decimal(0)),
        }

    def by_user(self) -> dict[str, tuple[int, Decimal]]:
        """Count and sum by user: Clio's where it was asked, else the sheet's own words."""
        sums: dict[str, tuple[int, Decimal]] = {}
        if self.matching is not None:
            pairs = [(entry.user_name, entry.amount) for entry, _ in self.matching.planned]
        else:
            pairs = [(line.user or "", line.amount) for line in self.reading.lines]
        for user, amount in pairs:
            number, total = sums.get(user, (0, Decimal(0)))
            sums[user] = (number + 1, total + amount)
        return dict(sorted(sums.items()))


def check(
    path: Path, *, currency: str | None, day_first: bool, answers: Mapping[str, str], settings: Settings | None
) -> Check:
    """Read a file, and match it where `settings` say how to reach Clio. Raises SheetError, OSError, a ClioError.

    The currency is the setting's, as far as Clio agrees, else `currency`, else Clio's; without Clio, US dollars.
    """
    try:
        data = path.read_bytes()
    except OSError as missing:
        raise SheetError(f"I can't open {path}: {missing.strerror or missing}.") from missing
    if settings is None:
        rules = SheetRules(currency=currency or "USD", day_first=day_first, answers=answers)
        return Check(read_sheet(data, path.name, rules), rules.currency, None)
    with visit(settings) as (connection, store, firm):
        if currency is None or firm.currency:
            currency = agreed_currency(firm.currency, billing_of(connection.clio, firm.currency).currency)
        account = connection.account
        refresh_index(store, connection.clio, FIRM, account)
        people = names_of(store.listings.users(FIRM, account))
        matters = numbers_of(store.listings.matters(FIRM, account))
        rules = SheetRules(currency, day_first, answers=answers, people=people, matters=matters)
        reading = read_sheet(data, path.name, rules)
        return Check(reading, currency, _matched(reading, currency, firm, connection, store))


def _matched(
    reading: SheetReading, currency: str, firm: FirmSettings, connection: Connection, store: Store
) -> Matching:
    """Match against Clio as it is now; the index was listed anew and is kept nowhere."""
    lines = [
        Line(row=line.row, cell=str(line.row), matter=line.matter, user=line.user, client=line.client,
             amount=line.amount, date=line.date, note=line.note, unreadable=None, left_out=None, entry=None)
        for line in reading.lines
    ]  # fmt: skip
    account = connection.account
    ledger = read_ledger(connection.clio, firm.description)
    rules = MatchRules(
        description=firm.description,
        currency=currency,
        as_of=reading.as_of or firm.today(),
        post_credits=firm.credits == "post",
    )
    index = FirmIndex(store.listings.matters(FIRM, account), store.listings.users(FIRM, account))
    return match(lines, index, standing(ledger.entries, currency), rules)
