"""What the choice of the balance is made from, and the question that is put where it does not settle it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from brought_forward.bot.errors import Candidate, SheetError, SheetQuestion
from brought_forward.bot.sheet.cells import Cell
from brought_forward.bot.sheet.columns.census import Part, Seen
from brought_forward.bot.sheet.columns.headings import known, normal
from brought_forward.bot.sheet.columns.identities import NOT_OWED, Relation
from brought_forward.bot.sheet.columns.labels import NUMBERED, worded
from brought_forward.bot.sheet.money.cents import Flags, money_said
from brought_forward.bot.sheet.money.currency import any_other_in, refusal
from brought_forward.bot.sheet.texts import clean, cleaned, clipped, shown

TOTAL_ROW = re.compile(r"\b(?:total|totals|subtotal|sub-total|sum|average|mean|avg)\b", re.IGNORECASE)
CLOSING = re.compile(
    r"(?:closing|ending|final) balance|balance (?:due|owing|c/f|carried)|carried forward", re.IGNORECASE
)
PARTS_OF_BOTH = ("total", "sum", "average", "mean", "avg", "balance", "carr")  # neither matches without one
OFFERED = (Part.OWED, Part.AMOUNT, Part.MONEY, Part.OPENING, Part.BILLED, Part.COMPONENT)
LATER = re.compile(r"\b(?:new|since|after|subsequent|additional|later)\b")  # billed beyond the balance beside it
SAMPLES = 3
TOGETHER = (Part.BUCKET, Part.COMPONENT, Part.MONEY, Part.OWED)  # columns of one part may be owed together
_MONTH = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
OF_A_TIME = re.compile(rf"\b(?:{_MONTH})|\b(?:q[1-4]|year|month|week|last|previous|prior|(?:19|20)[0-9]{{2}})\b")


@dataclass(slots=True)
class Owed:
    """The column that is owed, and how sure that is."""

    letter: str
    heading: str
    proofs: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    wrong: dict[int, str] = field(default_factory=dict)  # rows below the header whose arithmetic fails, and the words
    amounts: list[Cell] | None = None  # in place of the column's own cells: a sum that staff chose, or changes
    runs: bool = False  # a running balance: what its rows say is of their changes
    earlier: frozenset[int] = frozenset()  # rows of a running balance that a later row of the same matter replaces
    unmoved: frozenset[int] = frozenset()  # rows where it begins again though nothing in them changes it


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
    likely: set[int] = field(default_factory=set)  # rows that hold a part of a total's words
    found: list[Relation] = field(default_factory=list)  # which columns are sums of others
    totals: Flags = field(init=False)  # rows that are totals by their words: they prove no column and disprove none
    named: Flags = field(init=False)  # rows that name a matter in a column of theirs

    def __post_init__(self) -> None:
        self.matters = cleaned(self.matters) if self.matters is not None else None
        cells = self.matters or [None] * len(self.below)
        self.totals = np.zeros(len(cells), dtype=np.bool_)
        for at in self.likely:
            self.totals[at] = is_total(self.below[at], cells[at])
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
    foreign = [any_other_in(seen.heading, sheet.currency) for seen in said or columns]
    if foreign and all(foreign):
        return SheetError(refusal(f'Column {(said or columns)[0]} of "{name}" is in {foreign[0]}', sheet.currency))
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
    """Offer what no column holds: a balance less what came since, billed less received, columns taken together."""
    told = [seen for seen in sheet.census if seen.any]
    downs = [seen for seen in told if seen.part is Part.RECEIVED]
    owed = [seen for seen in told if seen.part is Part.OWED]
    ups = [seen for seen in told if seen.part in {Part.BILLED, Part.AMOUNT}]
    more = [seen for seen in told if seen.part in {Part.BILLED, Part.COMPONENT}]
    later = [seen for seen in more if LATER.search(seen.words)]
    found = [_less(sheet, [up], downs) for up in [*ups[:2], *owed[:2]] if downs]
    found += [_less(sheet, [up, *later], downs) for up in owed[:2] if later]
    found += [_less(sheet, [seen, *more], downs) for seen in told if seen.part is Part.OPENING and (more or downs)][:1]
    for part in TOGETHER:
        alike = [seen for seen in told if seen.part is part and known(seen.heading, sheet.currency) is None]
        if len(alike) > 1 and not any(OF_A_TIME.search(normal(seen.heading)) for seen in alike):
            near = alike[-1].place - alike[0].place == len(alike) - 1
            letters = [seen.letter for seen in alike]
            words = f"The sum of {letters[0]} to {letters[-1]}" if near else f"The sum of {', '.join(letters)}"
            found.append(Candidate("+".join(letters), words, _sum_of(sheet, alike, [])))
    return found


def _less(sheet: Sheet, ups: list[Seen], downs: list[Seen]) -> Candidate:
    """Offer columns less those of what was received, however that is written."""
    lower = bool(downs) and all((seen.amounts < 0).sum() > (seen.amounts > 0).sum() for seen in downs)
    sign = "+" if lower else "-"
    expression = "+".join(seen.letter for seen in ups) + "".join(f"{sign}{seen.letter}" for seen in downs)
    words = " plus ".join(seen.heading or seen.letter for seen in ups)
    less = f" less {' and '.join(seen.heading or seen.letter for seen in downs)}" if downs else ""
    return Candidate(expression, words + less, _sum_of(sheet, ups, downs, lower=lower))


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
