"""Rows that sums give away: a total without its word, a mean, a count; never an invoice of the matter above."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from brought_forward.bot.sheet.columns.headings import normal
from brought_forward.bot.sheet.columns.labels import Total, is_beside, worded
from brought_forward.bot.sheet.rows.table import Row
from brought_forward.bot.sheet.texts import clipped, shown

NOTHING = Decimal(0)
CENTS = Decimal("0.005")
SHAPING = ("invoice", "date", "note", "user", "client")
A_SUM, A_MEAN = "the sum of the rows above it", "the mean of the rows above it"
SUM_OF_ALL = (
    "it is the sum of all rows above: a total? It is left out. Write Total into the row, or type its matter, "
    "user and invoice as the other rows have them."
)
ONE_ABOVE = (
    "it has no invoice and the amount of the row above: the matter's total? It is left out. Write Total into the row, "
    "or type its invoice."
)
SAYS_TOTAL = (
    'the row says "{}" and is not the sum of the rows above it. It is left out: correct the sum, or clear that word.'
)

UNNAMED = "unnamed"
DATED = {"date", "invoice"}  # what an invoice's row has
PAY = re.compile(r"(?:please )?(?:pay|remit)\b.*|.*\b(?:now|to) pay(?:able)?\b.*|payable|closing balance")
CHANCE = 3  # matters of one invoice whose last rows agree by chance

Amounts = dict[int, Decimal | None]


@dataclass(slots=True)
class Given:
    """What sums say of rows: why one is not counted, why one is doubtful, which one has no matter after all."""

    totals: dict[int, str] = field(default_factory=dict)
    doubts: dict[int, str] = field(default_factory=dict)
    unnamed: set[int] = field(default_factory=set)
    whole: int | None = None  # the last row that is the sum of all, though no word calls it a total


@dataclass(slots=True)
class _Running:
    """Sums of a stretch of rows."""

    total: Decimal = NOTHING
    count: int = 0
    last: Decimal = NOTHING
    varied: bool = False  # not all amounts are the same

    def add(self, amount: Decimal) -> None:
        self.varied = self.varied or (self.count > 0 and amount != self.last)
        self.total += amount
        self.count += 1
        self.last = amount

    def sums_to(self, amount: Decimal, rows: int) -> bool:
        return self.count >= rows and self.total == amount

    def has_mean(self, amount: Decimal) -> bool:
        near = abs(amount * self.count - self.total) <= CENTS * self.count
        return self.count > 2 and self.varied and near


@dataclass(slots=True)
class _Above:
    """The rows above the one in hand: all, those of its matter, those since the last total, those with an invoice."""

    whole: _Running = field(default_factory=_Running)
    block: _Running = field(default_factory=_Running)
    since: _Running = field(default_factory=_Running)
    detail: _Running = field(default_factory=_Running)
    invoices: int = 0  # of the block
    matter: str = ""

    def enter(self, row: Row) -> None:
        matter = shown(row.matter)
        if matter != self.matter:
            self.matter, self.block, self.invoices = matter, _Running(), 0

    def add(self, row: Row, amount: Decimal) -> None:
        for running in (self.whole, self.block, self.since):
            running.add(amount)
        if row.invoice is not None:
            self.detail.add(amount)
            self.invoices += 1

    def closes(self, amount: Decimal) -> bool:
        """Tell whether an amount of the same matter is all that its invoices above make."""
        return 0 < self.block.count == self.invoices and self.block.total == amount

    def sum_or_mean(self, amount: Decimal) -> str | None:
        """Say what an amount without any name is of the rows above."""
        if any(running.sums_to(amount, 2) for running in (self.whole, self.block, self.since, self.detail)):
            return A_SUM
        return A_MEAN if self.whole.has_mean(amount) or self.block.has_mean(amount) else None


def given_by_sums(
    rows: list[Row], unnamed: dict[int, Row], stands: dict[int, Row], totals: Sequence[int], amounts: Amounts
) -> Given:
    """Find the rows that are sums or means of those above them.

    `rows` as grouped, `unnamed` those of them that have their matter from above, as they stand in the sheet, `stands`
    those that have anything from above; `totals` the rows that words call totals, in order; `amounts` by row. A row
    that repeats those *below* it is no matter here.
    """
    if _nothing_to_find(rows, unnamed, amounts):
        return Given()
    found, above = Given(), _Above()
    raws = [stands.get(row.number, row) for row in rows]
    common = common_of([unnamed[number] for number in unnamed] if len(unnamed) > 1 else raws)
    last = next((row.number for row in reversed(rows) if amounts.get(row.number)), None)
    coded = _coded(rows, last)
    single: list[int] = []  # a matter's last row that has no invoice and repeats the only one above
    proven = False
    ends = iter([*totals, 1 << 60])
    end = next(ends)
    for row, stood in zip(rows, raws, strict=True):
        amount = amounts.get(row.number)
        if not amount:
            continue
        while end < row.number:
            above.since = _Running()
            end = next(ends)
        above.enter(row)
        if row.invoice is None and row.number not in unnamed and above.closes(amount):
            proven = proven or above.block.count > 1
            single += [row.number] if above.block.count == 1 else []
            found.totals[row.number] = A_SUM
            continue
        end_of = coded if row.number == last else None
        why, doubt = _judged(row, stood, unnamed.get(row.number), amount, above, common, end_of)
        if why:
            found.totals[row.number] = why
            above.since = _Running()
            if row.number == last and amount in {above.whole.total, above.detail.total}:
                found.whole = row.number
            continue
        if doubt == UNNAMED:
            found.unnamed.add(row.number)
        elif doubt:
            found.doubts[row.number] = doubt
        above.add(row, amount)
    if len(single) < CHANCE and not proven:
        for number in single:
            del found.totals[number]
            found.doubts[number] = ONE_ABOVE
    return found


def _nothing_to_find(rows: list[Row], unnamed: dict[int, Row], amounts: Amounts) -> bool:
    """Tell whether all rows are plain lines, of which only a last one could be a sum: that of all others."""
    if unnamed or any(row.label or row.matter is None for row in rows):
        return False
    if len({row.invoice is None for row in rows}) > 1:  # a matter's row without an invoice may be their sum
        return False
    *above, last = [amount for row in rows if (amount := amounts.get(row.number))] or [NOTHING]
    return sum(above, NOTHING) != last


def _judged(
    row: Row, stood: Row, raw: Row | None, amount: Decimal, above: _Above, common: set[str], coded: bool | None
) -> tuple[str | None, str | None]:
    """Say why a row is not counted, or why it is doubtful; `coded` is None but for the last row with an amount.

    `stood` is the row as it stands in the sheet, `raw` the same where it has no matter of its own.
    """
    if row.label and worded(row.label):
        return _called(row, amount, above)
    if raw is not None:
        return _from_above(raw, amount, above, common, last=coded is not None)
    if row.matter is None:
        bare = not filled_of(stood) & {"date", "note", "user", "client"}
        return (above.sum_or_mean(amount) if bare else None), None
    if coded is not None and above.whole.sums_to(amount, 2):
        return _at_the_end(stood, above, common, coded=coded)
    return None, None


def _called(row: Row, amount: Decimal, above: _Above) -> tuple[str | None, str | None]:
    """Judge a row that has a matter and says total: the matter's own total, or its client is called so."""
    if above.block.sums_to(amount, 1) or above.whole.sums_to(amount, 1) or above.since.sums_to(amount, 1):
        return str(Total.SUB), None
    if worded(row.label) is Total.STATISTIC and above.block.has_mean(amount):
        return str(Total.STATISTIC), None
    return None, SAYS_TOTAL.format(clipped(row.label)) if above.block.count else None


def _from_above(
    raw: Row, amount: Decimal, above: _Above, common: set[str], *, last: bool
) -> tuple[str | None, str | None]:
    """Judge a row that would take the matter above it."""
    dated = common & DATED
    if dated and not filled_of(raw) & dated and above.block.sums_to(amount, 1):  # the closing row of a statement
        said = normal(raw.note) if isinstance(raw.note, str) else ""
        return (A_SUM, None) if is_beside(said) or PAY.fullmatch(said) else (None, ONE_ABOVE)
    counting = _is_count(raw, above)
    filled = filled_of(raw) - ({"invoice"} if counting else set())
    if common and not filled & common:
        why = above.sum_or_mean(amount) or (A_SUM if above.block.sums_to(amount, 1) else None)
        return why, UNNAMED if above.block.count and not (why or counting) else None
    return None, SUM_OF_ALL if last and above.whole.sums_to(amount, 3) else None


def _at_the_end(row: Row, above: _Above, common: set[str], *, coded: bool) -> tuple[str | None, str | None]:
    """Judge the last row, which is the sum of all above, though a matter seems to be named in it."""
    said = normal(row.matter) if isinstance(row.matter, str) else ""
    bare = not filled_of(row) & common
    like = coded and isinstance(row.matter, str) and any(map(str.isdigit, row.matter))  # a number like the others
    if bare and not like and any(word.isalpha() for word in said.split()) and is_beside(said):
        return A_SUM, None
    unlike = coded and isinstance(row.matter, str) and not any(map(str.isdigit, row.matter))
    return None, SUM_OF_ALL if bare and (unlike or above.whole.count > 2) else None


def filled_of(row: Row) -> set[str]:
    """Name what a row fills beside matter and amount."""
    return {name for name in SHAPING if getattr(row, name) is not None}


def common_of(rows: list[Row]) -> set[str]:
    """Name what half of the rows fill beside matter and amount."""
    if not rows:
        return set()
    columns = dict(zip(Row._fields, zip(*rows, strict=True), strict=True))
    return {name for name in SHAPING if 2 * columns[name].count(None) <= len(rows)}


def _coded(rows: list[Row], last: int | None) -> bool:
    """Tell whether all matters but the last one's have a digit."""
    matters = [row.matter for row in rows if row.matter is not None and row.number != last]
    return all(not isinstance(matter, str) or any(map(str.isdigit, matter)) for matter in matters)


def _is_count(raw: Row, above: _Above) -> bool:
    """Tell whether what stands as the invoice is how many rows stand above."""
    said = shown(raw.invoice).removesuffix(".0")
    return said in {str(above.whole.count), str(above.block.count)}
