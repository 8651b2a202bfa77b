"""Which column is what each matter owes today: proved by arithmetic, else said by its heading, else asked."""

import re
from collections.abc import Sequence

import numpy as np

from brought_forward.bot.errors import SheetError
from brought_forward.bot.sheet.cells import Cell
from brought_forward.bot.sheet.columns.census import Part, Seen
from brought_forward.bot.sheet.columns.grounds import LATER, OFFERED, Owed, Sheet, question
from brought_forward.bot.sheet.columns.headings import Role, known
from brought_forward.bot.sheet.columns.identities import Relation, relations, roots, running
from brought_forward.bot.sheet.columns.runs import of_running
from brought_forward.bot.sheet.columns.titles import ask_of_headings, ask_of_time, ask_of_titles
from brought_forward.bot.sheet.money.cents import money_said
from brought_forward.bot.sheet.money.currency import any_other_in, refusal
from brought_forward.bot.sheet.texts import clipped

TRUST_TITLE = re.compile(
    r"\b(?:trust|iolta|escrow|client funds?|retainer)\b.*\b(?:ledger|account|balances?|listing|report|register"
    r"|statement)\b|\bledger of (?:trust|client)\b",
    re.IGNORECASE,
)
TRUST = (
    "This looks like a ledger of trust money{where}: its balance is held for the client, not owed by them. Drop a list"
    " of what clients owe."
)
# What stands unexplained beside the column that is owed and is asked about; more where only a weak heading names it.
DOUBTS = {Part.MONEY, Part.RECEIVED, Part.OWED, Part.COMPONENT}
MORE_DOUBTS = DOUBTS | {Part.OPENING, Part.BILLED, Part.AMOUNT}
EARLIER = 3  # rank of headings that may be an earlier balance: alone they are what is brought forward
PART_OF = re.compile(r".*\b(?:fees?|costs?|expenses?|disbursements?|tax(?:es)?|vat|gst|hst)\b.*")
SIDE = tuple(re.compile(rf"(?:{word})(?: (?:amount|balance|usd|total))?") for word in ("dr|debits?", "cr|credits?"))
EXPRESSION = re.compile(r"[A-Z]{1,3}(?:[+-][A-Z]{1,3})*")


def owed(sheet: Sheet) -> Owed:
    """Choose the column of the balance.

    Raises SheetQuestion where an amount stands beside it that nothing explains, SheetError for a ledger of trust money.
    """
    census = sheet.census
    ran = running(census, sheet.totals)
    if any(TRUST_TITLE.search(title) for title in [*sheet.titles, sheet.name]) or (ran and ran.falls):
        raise SheetError(TRUST.format(where=f' ("{clipped(sheet.name)}")' if sheet.name else ""))
    ask_of_titles(sheet.titles, sheet.answers, sheet.signature)
    found = sheet.found = relations(census, sheet.totals, sheet.named)
    for one in found:
        census[one.target].explained = census[one.target].explained or f"= {one.said(census)} on {_rows(one)}"
        for place, _ in one.terms:
            census[place].explained = census[place].explained or f"goes into {census[one.target]}"
    answer = sheet.answers.get("balance", "")
    chosen = _answered(sheet, answer, found) or (of_running(sheet, ran) if ran else None)
    chosen = chosen or _proved(sheet, roots(census, found))
    if chosen is None:
        chosen = _by_heading(sheet, found)
        seen = next(seen for seen in census if seen.letter == chosen.letter)
        ask_of_time(census, seen, sheet.totals, sheet.answers, sheet.signature)
        weak = _rank(sheet, seen) != 0
        ask_of_headings([seen.words for seen in census if not seen.explained], weak, sheet.answers, sheet.signature)
    if other := any_other_in(chosen.heading, sheet.currency):
        where = f'Column {chosen.letter} "{clipped(chosen.heading)}" of "{sheet.name}" is in {other}'
        raise SheetError(refusal(where, sheet.currency))
    return chosen


def _rows(relation: Relation) -> str:
    every = relation.holds + len(relation.failing)
    if relation.failing:
        return f"{relation.holds:,} of {every:,} rows"
    return f"all {every:,} rows" if every > 1 else "its row"


def _answered(sheet: Sheet, answer: str, found: Sequence[Relation]) -> Owed | None:
    """Take what staff chose: a column, or columns added and taken off each other."""
    by_letter = {seen.letter: seen for seen in sheet.census}
    letters = re.findall("[A-Z]+", answer) if EXPRESSION.fullmatch(answer) else []
    if not letters or any(letter not in by_letter for letter in letters):
        return None
    first = by_letter[letters[0]]
    if len(letters) == 1:
        chosen = Owed(first.letter, first.heading, ["as staff chose"])
        if proof := next((o for o in found if sheet.census[o.target] is first and o.proves(sheet.census)), None):
            _add(sheet, chosen, proof)
        return chosen
    signs = [1, *(1 if sign == "+" else -1 for sign in re.findall("[+-]", answer))]
    columns = [by_letter[letter] for letter in letters]
    if any(one.cents is None or one.filled is None for one in columns):
        return None
    total = sum(
        (sign * one.amounts for sign, one in zip(signs, columns, strict=True)), start=np.zeros_like(first.amounts)
    )
    filled = np.array(
        [any(has) for has in zip(*(one.filled for one in columns if one.filled is not None), strict=True)]
    )
    words = " ".join(
        (("" if number == 0 else "and " if sign > 0 else "less ") + (one.heading or one.letter))
        for number, (sign, one) in enumerate(zip(signs, columns, strict=True))
    )
    amounts: list[Cell] = [int(value) / 100 if has else None for value, has in zip(total, filled, strict=True)]
    return Owed(first.letter, words, [f"{answer}, as staff chose"], amounts=amounts)


def _proved(sheet: Sheet, proving: list[Relation]) -> Owed | None:
    """Take the one column that arithmetic proves, unless another that is headed as the balance stands outside or in it.

    One that goes into the proved column may be what is owed as well: "Total Due" of drafts and "Open Balance".
    """
    if not proving:
        return None
    targets = {one.target for one in proving}
    explained = {place for one in proving for place, _ in one.terms} | targets
    rivals = [
        place for place, seen in enumerate(sheet.census)
        if _rank(sheet, seen) == 0 and seen.money and seen.any
        and (place in explained - targets or (place not in explained and not seen.explained))
    ]  # fmt: skip
    if len(targets) > 1 or rivals:
        equal = [
            place for place in targets if (sheet.census[place].amounts == sheet.census[proving[0].target].amounts).all()
        ]
        if rivals or len(equal) < len(targets):
            raise question(sheet, [*targets, *rivals])
    relation = max(proving, key=lambda one: one.holds)
    seen = sheet.census[relation.target]
    chosen = Owed(seen.letter, seen.heading)
    _add(sheet, chosen, relation)
    return chosen


def _add(sheet: Sheet, chosen: Owed, relation: Relation) -> None:
    """Say how the column is proved, and which rows contradict it."""
    seen, said = sheet.census[relation.target], relation.said(sheet.census)
    chosen.proofs.append(f"= {said} on {_rows(relation)}")
    for at in relation.alone:
        row = sheet.first_row + at
        chosen.wrong[at] = f"{seen.letter}{row} stands alone: {said} is empty there. Look at the row."
    for at in relation.failing:
        row = sheet.first_row + at
        own = seen.amounts[at]
        sums = sum(int(sign * sheet.census[place].amounts[at]) for place, sign in relation.terms)
        chosen.wrong[at] = (
            f"{seen.letter}{row} says {money_said(int(own))}, but {said} comes to {money_said(sums)}."
            " Correct the sheet."
        )


def _rank(sheet: Sheet, seen: Seen) -> int | None:
    role = known(seen.heading, sheet.currency)
    return role[1] if role and role[0] is Role.AMOUNT else None


def _by_heading(sheet: Sheet, found: Sequence[Relation]) -> Owed:
    """Take the column whose heading is strongest, where nothing beside it is unexplained."""
    money = [seen for seen in sheet.census if seen.money]
    ranked = [(rank, seen) for seen in money if (rank := _rank(sheet, seen)) is not None]
    if not ranked and (sides := _sides(sheet, money)):
        return sides
    if not ranked:
        raise question(sheet, sheet.offered())
    best = min(rank for rank, _ in ranked)
    strongest = [seen for rank, seen in ranked if rank == best]
    nonzero = [seen for seen in strongest if seen.any]
    if len(nonzero) > 1:
        raise question(sheet, [sheet.census.index(seen) for seen in nonzero])
    chosen = (nonzero or strongest)[0]
    others = [seen for seen in money if seen is not chosen and seen.part in {*OFFERED, Part.RECEIVED} and seen.any]
    if best == EARLIER and others:
        raise question(sheet, [sheet.census.index(chosen)], beside=others)
    doubts = DOUBTS if best == 0 else MORE_DOUBTS
    unexplained = [
        seen for seen in money
        if seen is not chosen and (seen.part in doubts or _is_later(seen)) and seen.any
        and not _explained(sheet, seen, chosen, found)
    ]  # fmt: skip
    if unexplained and not (best == 0 and all(_weaker(sheet, seen) for seen in unexplained)):
        raise question(sheet, [sheet.census.index(chosen)], beside=unexplained)
    if rivals := _mixed(sheet, chosen, best, found):
        raise question(sheet, [sheet.census.index(chosen), *rivals])
    one = Owed(chosen.letter, chosen.heading)
    if proof := next((relation for relation in found if sheet.census[relation.target] is chosen), None):
        _add(sheet, one, proof)
    weaker = [str(seen) for rank, seen in ranked if rank > best]
    if weaker:
        one.remarks.append(f"The balance is read from column {chosen}, not from {' or '.join(weaker)}.")
    return one


def _mixed(sheet: Sheet, chosen: Seen, rank: int, found: Sequence[Relation]) -> list[int]:
    """Name the columns that could be owed instead, where sums say that a heading tells too much or too little.

    Too much: the column has what is not billed yet in it, or trust money taken off. Too little: with a weak heading, it
    goes into a sum.
    """
    place = sheet.census.index(chosen)
    others: list[int] = []
    for one in found:
        signs = {sign * (-1 if sheet.census[at].part is Part.TRUST else 1) for at, sign in one.terms
                 if sheet.census[at].part in {Part.TRUST, Part.UNBILLED}}  # fmt: skip
        whole = sheet.census[one.target].part is Part.OWED
        taken_off = whole and (place, 1) in one.terms and signs == {-1}  # less trust money, the result is the column
        if taken_off:
            others.append(one.target)
        elif one.target == place and 1 in signs:
            others += [at for at, _ in one.terms if sheet.census[at].part in OFFERED]
        elif rank > 0 and not signs and (place, 1) in one.terms and len(one.terms) > 1:
            others.append(one.target)
    return list(dict.fromkeys(others))


def _sides(sheet: Sheet, money: list[Seen]) -> Owed | None:
    """Take debit less credit, where these two are all the money there is and no row has both."""
    told = [seen for seen in money if seen.any]
    ups = [seen for seen in told if SIDE[0].fullmatch(seen.words)]
    downs = [seen for seen in told if SIDE[1].fullmatch(seen.words)]
    if len(told) != 2 or len(ups) != 1 or len(downs) != 1:
        return None
    keep = ~sheet.totals & sheet.named
    if ((ups[0].amounts != 0) & (downs[0].amounts != 0) & keep).any():
        return None
    one = _answered(sheet, f"{ups[0].letter}-{downs[0].letter}", ())
    if one is not None:
        one.proofs = [f"{ups[0]} less {downs[0]}: each row has one of them"]
        ups[0].explained = downs[0].explained = one.proofs[0]
    return one


def _weaker(sheet: Sheet, seen: Seen) -> bool:
    """Tell whether a column's own heading says that it is an amount of another kind: "Amount" beside "Balance"."""
    rank = _rank(sheet, seen)
    return rank is not None and rank > 0


def _is_later(seen: Seen) -> bool:
    """Tell whether a column says what was billed beyond the balance: "New Charges", "Billed since"."""
    return seen.part is Part.BILLED and bool(LATER.search(seen.words))


def _within(seen: Seen, chosen: Seen) -> bool:
    """Tell whether fees or costs are part of the balance: on no row more than it."""
    part, whole = np.abs(seen.amounts), np.abs(chosen.amounts)
    return bool((part <= whole).all())


def _explained(sheet: Sheet, seen: Seen, chosen: Seen, found: Sequence[Relation]) -> bool:
    place = sheet.census.index(seen)
    if seen.part is Part.COMPONENT and PART_OF.fullmatch(seen.words) and _within(seen, chosen):
        return True
    return any(place == one.target or place in {term for term, _ in one.terms} for one in found)
