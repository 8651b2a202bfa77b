"""What the choice of the balance is made from, and the question that is put where it does not settle it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from brought_forward.bot.errors import Candidate, SheetError, SheetQuestion
from brought_forward.bot.sheet.cells import Cell
from brought_forward.bot.sheet.columns.census import Flags, Part, Seen, money_said
from brought_forward.bot.sheet.columns.headings import normal
from brought_forward.bot.sheet.columns.identities import NOT_OWED, Relation
from brought_forward.bot.sheet.columns.labels import NUMBERED, worded
from brought_forward.bot.sheet.texts import clean, cleaned, clipped, rows_holding, shown

TOTAL_ROW = re.compile(r"\b(?:total|totals|subtotal|sub-total|sum|average|mean|avg)\b", re.IGNORECASE)
CLOSING = re.compile(
    r"(?:closing|ending|final) balance|balance (?:due|owing|c/f|carried)|carried forward", re.IGNORECASE
)
PARTS_OF_BOTH = ("total", "sum", "average", "mean", "avg", "balance", "carr")  # neither matches without one
OFFERED = (Part.OWED, Part.AMOUNT, Part.MONEY, Part.OPENING, Part.BILLED, Part.COMPONENT)
SAMPLES = 3


@dataclass(slots=True)
class Sheet:
    """What the choice is made from."""

    name: str
    titles: list[str]
    below: list[list[Cell]]
    first_row: int  # of `below`, as the spreadsheet numbers it
    census: list[Seen]
    matters: list[Cell] | None  # the matter's column, where one is headed so
    currency: str
    answers: Mapping[str, str]
    signature: str
    found: list[Relation] = field(default_factory=list)  # which columns are sums of others
    totals: Flags = field(init=False)  # rows that are totals by their words: they prove no column and disprove none
    named: Flags = field(init=False)  # rows that name a matter in a column of theirs

    def __post_init__(self) -> None:
        self.matters = cleaned(self.matters) if self.matters is not None else None
        likely = rows_holding(PARTS_OF_BOTH, self.below)
        cells = self.matters or [None] * len(self.below)
        rows = enumerate(zip(self.below, cells, strict=True))
        self.totals = np.array([at in likely and is_total(row, matter) for at, (row, matter) in rows], dtype=np.bool_)
        self.named = np.array([cell is not None for cell in cells], dtype=np.bool_)

    def offered(self) -> list[int]:
        """Give the places of the columns that could be what is owed."""
        return [place for place, seen in enumerate(self.census) if seen.part in OFFERED and seen.any]


def is_total(row: list[Cell], matter: Cell) -> bool:
    """Tell whether a row calls itself a total, or closes a running balance; a client "Total Wine" makes none of it.

    `matter` is what stands in the matter's column: where it is a matter, only a cell of a total's words alone counts.
    """
    texts = [clean(cell) for cell in row if isinstance(cell, str) and cell.strip()]
    said = [text for text in texts if TOTAL_ROW.search(text) and not NUMBERED.fullmatch(text)]
    if matter is not None and matter not in said:
        return any(worded(normal(text)) for text in said)
    return bool(said) or bool(texts and CLOSING.match(texts[0]))


def question(sheet: Sheet, places: Sequence[int], *, beside: Sequence[Seen] = ()) -> SheetError:
    """Ask which column is owed, offering every one that could be it, with samples and sums; refuse if none could.

    `beside` are the columns of money that nothing explains.
    """
    mixed = {one.target for one in sheet.found if one.parts(sheet.census) & NOT_OWED}
    money = [place for place in sheet.offered() if place not in mixed]
    ordered = list(dict.fromkeys([*places, *money]))
    offered = [place for place in ordered if sheet.census[place].part in OFFERED] or ordered
    columns = [sheet.census[place] for place in sorted(offered, key=lambda at: (at not in places, at))]
    candidates = [Candidate(seen.letter, seen.heading, _sample(sheet, seen)) for seen in columns]
    candidates += _derived(sheet)
    said = [seen for seen in columns if sheet.census.index(seen) in places]
    named = ", ".join(str(seen) for seen in said[:-1])
    name = sheet.name
    if not candidates:
        return SheetError(f'No column of "{name}" is what clients owe. Name one "Balance" and drop the file again.')
    if beside:
        others = " and ".join(map(str, beside))
        text = f'{said[0]} of "{name}" could be the balance, but nothing explains {others} beside it.'
    elif len(said) > 1:
        count = "Two" if len(said) == 2 else str(len(said))
        text = f'{count} columns of "{name}" could be the balance: {named} and {said[-1]}.'
    else:
        text = f'No column of "{name}" is plainly the balance.'
    return SheetQuestion(
        f"{text} Which is what each matter owes today?", kind="balance", candidates=tuple(candidates),
        signature=sheet.signature,
    )  # fmt: skip


def _derived(sheet: Sheet) -> list[Candidate]:
    """Offer what no column holds: billed less received, debit less credit, the sum of the buckets."""
    ups = [seen for seen in sheet.census if seen.part in {Part.BILLED, Part.AMOUNT} and seen.any]
    downs = [seen for seen in sheet.census if seen.part is Part.RECEIVED and seen.any]
    buckets = [seen for seen in sheet.census if seen.part is Part.BUCKET and seen.any]
    found = []
    if downs:
        lower = all((seen.amounts < 0).sum() > (seen.amounts > 0).sum() for seen in downs)
        for up in ups[:2]:
            expression = up.letter + "".join(("+" if lower else "-") + seen.letter for seen in downs)
            words = f"{up.heading or up.letter} less {' and '.join(seen.heading or seen.letter for seen in downs)}"
            found.append(Candidate(expression, words, _sum_of(sheet, [up], downs, lower=lower)))
    if len(buckets) > 1:
        words = f"The sum of {buckets[0].letter} to {buckets[-1].letter}"
        found.append(Candidate("+".join(seen.letter for seen in buckets), words, _sum_of(sheet, buckets, [])))
    return found


def _sum_of(sheet: Sheet, ups: list[Seen], downs: list[Seen], *, lower: bool = False) -> str:
    keep = ~sheet.totals
    total = sum(int(seen.amounts[keep].sum()) for seen in ups)
    total += sum((1 if lower else -1) * int(seen.amounts[keep].sum()) for seen in downs)
    return f"sum {money_said(total)}"


def _sample(sheet: Sheet, seen: Seen) -> str:
    texts = (shown(cell) for cell in seen.values)
    found = list(dict.fromkeys(clipped(text, 24) for text in texts if text))[:SAMPLES]
    keep = ~sheet.totals
    return f"{', '.join(found)}; sum {money_said(int(seen.amounts[keep].sum()))}"
