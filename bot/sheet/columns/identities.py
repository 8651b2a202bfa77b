"""The arithmetic of ledgers: which column is the result of others, on the rows of the sheet themselves.

`TERMS` and the sets below it are the data: with which sign a column of each part may stand in a sum, and what a sum
that holds says of its result. All is whole cents; a sum holds on every row, or nearly: rows where it fails are told.
"""

from collections.abc import Sequence
from itertools import product
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from brought_forward.bot.sheet.columns.census import Part, Seen
from brought_forward.bot.sheet.money.cents import Cents, Flags

# With which signs a column of a part may stand beside a result. What is received lowers it, however it is written.
TERMS: dict[Part, tuple[int, ...]] = {
    Part.OPENING: (1,),
    Part.BILLED: (1,),
    Part.COMPONENT: (1,),
    Part.BUCKET: (1,),
    Part.RECEIVED: (-1, 1),
    Part.OWED: (1, -1),
    Part.AMOUNT: (1,),
    Part.MONEY: (1, -1),
    Part.TRUST: (-1, 1),
    Part.UNBILLED: (1,),
    Part.ASIDE: (1,),
}
RESULTS = (Part.OWED, Part.AMOUNT, Part.MONEY, Part.BILLED)  # what the result of a sum can be called
NEARLY = 0.8  # of the rows, for a relation that has rows of its own wrong
ENOUGH = 5  # rows, before any of them may fail
MOST = 60_000  # sums tried for one result
KEPT = 6  # sums for one result
FEW = 3  # different rows: on fewer, a sum of columns whose headings say nothing may hold by chance
PROBED = 12  # rows by which most sums fall out
UNSURE = {Part.MONEY, Part.TRUST, Part.ASIDE, Part.UNBILLED}  # parts for which one or two rows are no proof
NOT_OWED = {Part.TRUST, Part.UNBILLED, Part.ASIDE}  # a sum with these is no balance that clients owe
OWED_BY = {Part.OPENING, Part.RECEIVED, Part.BUCKET, Part.OWED}  # a sum with one of these is what is left to pay


class Relation(NamedTuple):
    """One column is a sum of others: `target` = the terms with their signs, on all rows but `failing`."""

    target: int  # place in the census
    terms: tuple[tuple[int, int], ...]  # place in the census, 1 or -1
    holds: int  # rows
    failing: tuple[int, ...]  # rows, counted from the first below the header
    alone: tuple[int, ...] = ()  # rows that name a matter and have the result without its terms

    def parts(self, census: Sequence[Seen]) -> set[Part]:
        """Name the parts of the terms."""
        return {part for place, _ in self.terms if isinstance(part := census[place].part, Part)}

    def proves(self, census: Sequence[Seen]) -> bool:
        """Tell whether the result is what is left to pay, and not a mixture with what is held or not billed.

        Of two columns without a name, either could be the result of such a sum and the other one taken off.
        """
        parts = self.parts(census)
        nameless = {sign for place, sign in self.terms if census[place].part is Part.MONEY}
        if census[self.target].part is Part.MONEY and -1 in nameless:
            return False
        return not parts & NOT_OWED and bool(parts & OWED_BY)

    def said(self, census: Sequence[Seen]) -> str:
        """Write it for people: `C "Opening" + D "Billed" - E "Received"`; many buckets are named by their first."""
        buckets = [place for place, _ in self.terms if census[place].part is Part.BUCKET]
        words: list[str] = []
        for place, sign in self.terms:
            if place in buckets[1:]:
                continue
            many = place in buckets and len(buckets) > 1
            name = f"{census[buckets[0]].letter} to {census[buckets[-1]].letter}" if many else str(census[place])
            words += [name] if not words and sign > 0 else ["-" if sign < 0 else "+", name]
        return " ".join(words)


def relations(census: Sequence[Seen], ignored: Flags, named: Flags) -> list[Relation]:
    """Find each column that is a sum of others. `ignored` rows (totals) prove and disprove nothing.

    Nor does a row without any of the terms; one that names a matter is told of. Of one equation one result counts.
    """
    money = [place for place, seen in enumerate(census) if seen.cents is not None and seen.cents[~ignored].any()]
    found = []
    for target in money:
        if census[target].part in RESULTS:
            found += _sums(census, target, money, ignored, named)
    best: dict[frozenset[int], Relation] = {}
    for one in sorted(found, key=lambda one: RESULTS.index(Part(census[one.target].part))):
        best.setdefault(frozenset({one.target, *(place for place, _ in one.terms)}), one)
    return sorted(best.values(), key=found.index)


def _sums(census: Sequence[Seen], target: int, money: list[int], ignored: Flags, named: Flags) -> list[Relation]:
    """Find the sums that give a column: on most rows first, then with the fewest terms."""
    wanted, filled = census[target].amounts, census[target].holds
    groups = _groups(census, target, money)
    sums = [sum((census[place].amounts for place in group), start=np.zeros_like(wanted)) for group in groups]
    inputs = np.zeros_like(filled)
    for group in groups:
        for place in group:
            inputs |= census[place].holds
    rows = np.flatnonzero(inputs & ~ignored)
    lone = np.flatnonzero(filled & named & (wanted != 0) & ~inputs & ~ignored)
    if not len(rows) or not groups:
        return []
    table = np.array(sums)[:, rows]
    probed = np.linspace(0, len(rows) - 1, min(PROBED, len(rows)), dtype=int)
    if _distinct(table[:, probed]) < FEW and _distinct(table) < FEW:  # then no sum of a column of these is sure
        known = [at for at, group in enumerate(groups) if census[group[0]].part not in UNSURE]
        groups, table = [groups[at] for at in known], table[known]
    combinations = _combinations([_signs(census, group) for group in groups])
    if not len(combinations):
        return []
    hits = ((combinations @ table[:, probed]) == wanted[rows][probed]).sum(axis=1)
    likely = combinations[hits >= max(1, NEARLY * len(probed) - 1)]
    held: list[tuple[int, int, Relation]] = []
    whole: list[int] = []  # how many terms those have that hold on all rows
    for signs in sorted(likely, key=np.count_nonzero):
        used = int(np.count_nonzero(signs))
        if len(whole) >= KEPT and whole[KEPT - 1] < used:
            break  # those that follow have more terms, and none holds on more rows
        right = (signs @ table) == wanted[rows]
        if _holds(right, signs, table):
            terms = tuple(
                (place, int(sign)) for group, sign in zip(groups, signs, strict=True) if sign for place in group
            )
            relation = Relation(target, terms, int(right.sum()), tuple(map(int, rows[~right])), tuple(map(int, lone)))
            if _sure(census, relation, table, signs):
                held.append((-relation.holds, used, relation))
                whole += [used] if not relation.failing else []
    return [relation for _, _, relation in sorted(held)[:KEPT]]


def _groups(census: Sequence[Seen], target: int, money: list[int]) -> list[list[int]]:
    """Put the ageing buckets together; each other column stands alone."""
    buckets = [place for place in money if census[place].part is Part.BUCKET and place != target]
    others = [[place] for place in money if place != target and census[place].part in TERMS and place not in buckets]
    return ([buckets] if buckets else []) + others


def _signs(census: Sequence[Seen], group: list[int]) -> tuple[int, ...]:
    """Give the signs that a term may have; what is received and written below zero already is added."""
    part = census[group[0]].part
    signs = TERMS[part] if isinstance(part, Part) else ()
    if part is Part.RECEIVED:
        cents = census[group[0]].amounts
        signs = (1,) if (cents < 0).sum() > (cents > 0).sum() else (-1,)
    return (0, *signs)


def _combinations(choices: list[tuple[int, ...]]) -> Cents:
    """Give every choice of signs for the groups, as many as are tried."""
    while np.prod([len(one) for one in choices], dtype=float) > MOST:
        widest = max(range(len(choices)), key=lambda at: len(choices[at]))
        choices[widest] = choices[widest][:-1]
    return np.array([one for one in product(*choices) if any(one)], dtype=np.int64)


def _holds(right: Flags, signs: npt.NDArray[np.int64], table: Cents) -> bool:
    """Tell whether a sum holds on all rows, or on nearly all of enough."""
    if not right.any():
        return False
    used = np.abs(table[signs != 0]).sum(axis=1)
    if (used == 0).any():
        return False
    whole = bool(right.all())
    return whole or (len(right) >= ENOUGH and bool(right.mean() >= NEARLY))


def _sure(census: Sequence[Seen], relation: Relation, table: Cents, signs: npt.NDArray[np.int64]) -> bool:
    """Tell whether a sum could hold by chance: of columns whose headings say nothing, few rows prove nothing."""
    several = len(relation.terms) > 1
    parts = relation.parts(census)
    unsure = bool(parts & UNSURE) or census[relation.target].part is Part.MONEY
    distinct = _distinct(table[signs != 0])
    if not several:
        return distinct >= ENOUGH or not unsure  # two columns that say the same
    named = Part.RECEIVED in parts or Part.BUCKET in parts or Part.OPENING in parts
    return distinct >= FEW or (named and not unsure) or (named and distinct >= 1 and not parts & UNSURE)


def _distinct(table: Cents) -> int:
    """Count the rows that differ and hold anything; a table has a line for each column."""
    return len(set(map(tuple, table[:, table.any(axis=0)].T.tolist())))


def roots(census: Sequence[Seen], found: Sequence[Relation]) -> list[Relation]:
    """Give the relations whose result is what is left to pay and goes into no further sum of that kind."""
    proving = [one for one in found if (one.proves(census) and len(one.terms) > 1) or _bucket(census, one)]
    used = {place for one in proving for place, _ in one.terms if census[one.target].part is not Part.BILLED}
    return [one for one in proving if one.target not in used and census[one.target].part is not Part.BILLED]


def _bucket(census: Sequence[Seen], relation: Relation) -> bool:
    return relation.proves(census) and Part.BUCKET in relation.parts(census)


class Running(NamedTuple):
    """A balance that goes on from row to row: by a change of its own row, or anew."""

    target: int
    terms: tuple[tuple[int, int], ...]
    rows: Flags  # rows that hold it; where it comes to nothing, the cell may be blank
    anew: Flags  # rows where it begins again
    falls: bool  # what is billed lowers it: money held, not owed


def running(census: Sequence[Seen], ignored: Flags) -> Running | None:
    """Find a column that is the sum of the changes above it, down the sheet or down each matter."""
    money = [place for place, seen in enumerate(census) if seen.cents is not None and seen.cents[~ignored].any()]
    for target in money:
        if census[target].part not in {Part.OWED, Part.AMOUNT, Part.MONEY, Part.COMPONENT}:
            continue
        if not census[target].amounts[~ignored].any():
            continue
        for terms in _changes(census, [place for place in money if place != target]):
            held = np.logical_or.reduce([census[place].holds for place in (target, *(place for place, _ in terms))])
            rows = held & ~ignored
            for falls in (False, True):
                anew = _begun(census, target, terms, np.flatnonzero(rows), falls=falls)
                if anew is not None:
                    return Running(target, terms, rows, anew, falls)
    return None


def _begun(
    census: Sequence[Seen], target: int, terms: tuple[tuple[int, int], ...], rows: npt.NDArray[np.int64], *, falls: bool
) -> Flags | None:
    """Give the rows where a running balance begins anew; None where it does not go on by these terms."""
    charged = any(census[place].part is Part.BILLED for place, _ in terms)
    if len(rows) < (2 if charged else 3):
        return None
    balance = census[target].amounts[rows]
    before = np.concatenate([[0], balance[:-1]])
    change = sum((sign * census[place].amounts[rows] for place, sign in terms), start=np.zeros_like(balance))
    changed = np.logical_or.reduce([census[place].holds[rows] for place, _ in terms])
    moved = -change if falls else change
    begun = ~changed & (balance != before)  # a row that only says the balance brought forward
    goes_on, anew = (before + moved == balance) & ~begun, (moved == balance) | begun
    carried = goes_on & (before != 0) & (moved != 0)
    if not (goes_on | anew).all() or carried.sum() < max(1, 0.2 * changed.sum()) or (anew & ~goes_on).all():
        return None
    flags = np.zeros(len(census[target].amounts), dtype=np.bool_)
    flags[rows] = anew & ~(goes_on & (before != 0))
    return flags


def _changes(census: Sequence[Seen], places: list[int]) -> list[tuple[tuple[int, int], ...]]:
    """Give what a row of a ledger may change its balance by: charges less payments, or one amount with its sign."""
    up = [place for place in places if census[place].part in {Part.BILLED, Part.COMPONENT}]
    down = [place for place in places if census[place].part is Part.RECEIVED]
    one = [((place, 1),) for place in places if census[place].part in {Part.AMOUNT, Part.MONEY, Part.BILLED, Part.OWED}]
    signs = {
        place: 1 if (census[place].amounts < 0).sum() > (census[place].amounts > 0).sum() else -1 for place in down
    }
    both = (*((place, 1) for place in up), *((place, signs[place]) for place in down))
    return ([both] if up and down else []) + one
