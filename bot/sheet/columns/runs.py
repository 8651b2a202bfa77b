"""A balance that runs on from row to row: the last of each matter counts, or each row's own change."""

from itertools import pairwise

import numpy as np

from brought_forward.bot.sheet.cells import Cell
from brought_forward.bot.sheet.columns.grounds import Owed, Sheet
from brought_forward.bot.sheet.columns.identities import Relation, Running

UNMOVED = "{column} runs on from row to row, and nothing in this row changes it: say what this amount is, or clear it."


def of_running(sheet: Sheet, ran: Running) -> Owed:
    """Read a running balance: the last of each matter; over the whole file, each row's own change."""
    seen = sheet.census[ran.target]
    totals = set(map(int, np.flatnonzero(seen.holds & sheet.totals)))
    filled = list(map(int, np.flatnonzero(ran.rows)))
    changed = _changes_of_matter(sheet, filled)
    said = Relation(ran.target, ran.terms, 0, ()).said(sheet.census)
    one = Owed(seen.letter, seen.heading, runs=True)
    seen.explained = f"runs on by {said}"
    for place, _ in ran.terms:
        sheet.census[place].explained = f"changes {seen}"
    if changed and not all(ran.anew[at] for at in changed):
        cents = seen.amounts
        amounts: list[Cell] = [None] * len(sheet.below)
        for before, at in zip([None, *filled[:-1]], filled, strict=True):
            amounts[at] = (int(cents[at]) - (int(cents[before]) if before is not None else 0)) / 100
        one.amounts = amounts
        one.proofs = [f"runs on over the whole file by {said}: each matter has the sum of its changes"]
        return one
    ends = {before for before, at in pairwise(filled) if ran.anew[at]} | set(filled[-1:])
    if not seen.holds[filled].all():
        one.amounts = [0 if at in ends and not seen.holds[at] else cell for at, cell in enumerate(seen.values)]
    changes = np.logical_or.reduce([sheet.census[place].holds for place, _ in ran.terms])
    one.unmoved = frozenset(at for at in filled if ran.anew[at] and not changes[at])
    below = ((before, at) for before, at in pairwise(filled) if at in one.unmoved and _is_below(sheet, before, at))
    one.wrong = {at: UNMOVED.format(column=seen) for _, at in below}
    one.earlier = frozenset((set(filled) - ends) | totals)
    one.proofs = [f"runs on by {said}: the last balance of each matter counts"]
    return one


def _is_below(sheet: Sheet, before: int, at: int) -> bool:
    """Tell whether a row stands right below another of its matter."""
    return at == before + 1 and (sheet.matters is None or sheet.matters[at] in {None, "", sheet.matters[before]})


def _changes_of_matter(sheet: Sheet, rows: list[int]) -> list[int]:
    """Name the rows at which another matter begins, where a column names them."""
    if sheet.matters is None:
        return []
    last, found = None, []
    for at in rows:
        matter = sheet.matters[at]
        if matter is not None and matter != last:
            if last is not None:
                found.append(at)
            last = matter
    return found
