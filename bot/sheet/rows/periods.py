"""Balances of several days in one list: a matter's of September and of October are one debt, not two. Asked once."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

from brought_forward.bot.errors import Candidate, SheetQuestion
from brought_forward.bot.sheet.cells import Cell, untagged
from brought_forward.bot.sheet.columns.census import Seen
from brought_forward.bot.sheet.columns.headings import Role
from brought_forward.bot.sheet.money.cents import money_said
from brought_forward.bot.sheet.texts import clipped, digest, shown

ALL = "all"
MOST = 12  # days; more are those of invoices
PERIOD = re.compile(
    r".*\b(?:month|period|quarter|year|week|snapshot|version|as (?:of|at)|month end|statement date)\b.*"
)
WHY = '"{}" in column {}: staff chose the balances of "{}".'


def other_days(
    census: Sequence[Seen], cents: Sequence[int], answers: Mapping[str, str], signature: str
) -> dict[int, tuple[str, str]]:
    """Give the rows of other days than the one that staff chose: the column's letter and why, by row.

    `cents` are the amounts of all rows. Raises SheetQuestion where a matter has balances of several days.
    """
    matters = next((seen.values for seen in census if seen.part is Role.MATTER), None)
    if matters is None or any(seen.part is Role.INVOICE for seen in census):
        return {}
    rows = [at for at, amount in enumerate(cents) if amount and at < len(matters) and shown(matters[at])]
    for seen in census:
        if seen.part is not Role.DATE and not PERIOD.fullmatch(seen.words):
            continue
        if len({shown(untagged(cell)) for cell in {seen.values[at] for at in rows}} - {""}) > MOST:
            continue  # told by the few different cells, before all rows are looked at
        days = {at: text for at in rows if (text := shown(untagged(seen.values[at])))}
        if _are_days(days, matters, headed=bool(PERIOD.fullmatch(seen.words))):
            return _chosen(seen, days, cents, answers, signature)
    return {}


def _are_days(days: Mapping[int, str], matters: Sequence[Cell], *, headed: bool) -> bool:
    """Tell whether a few days come again from matter to matter, and a matter has several of them, each once."""
    of_matter: dict[str, list[str]] = defaultdict(list)
    of_day: dict[str, set[str]] = defaultdict(set)
    for at, day in days.items():
        matter = shown(matters[at])
        of_matter[matter].append(day)
        of_day[day].add(matter)
    several = [each for each in of_matter.values() if len(set(each)) > 1]
    if not several or len(of_day) > MOST or any(len(each) != len(set(each)) for each in of_matter.values()):
        return False
    return headed or (len(several) > 1 and all(len(each) > 1 for each in of_day.values()))


def _chosen(
    seen: Seen, days: Mapping[int, str], cents: Sequence[int], answers: Mapping[str, str], signature: str
) -> dict[int, tuple[str, str]]:
    kind = f"day-{seen.letter}"
    values = list(dict.fromkeys(days.values()))
    names = {f"{at}": day for at, day in enumerate(values, 1)}
    answer = answers.get(kind)
    seen.explained = "says of which day a balance is"
    if answer == ALL:
        return {}
    if answer not in names:
        raise _question(seen, kind, names, days, cents, signature)
    day = names[answer]
    return {at: (seen.letter, WHY.format(clipped(one), seen, clipped(day))) for at, one in days.items() if one != day}


def _question(
    seen: Seen, kind: str, names: Mapping[str, str], days: Mapping[int, str], cents: Sequence[int], signature: str
) -> SheetQuestion:
    sums = {name: money_said(sum(cents[at] for at, one in days.items() if one == day)) for name, day in names.items()}
    return SheetQuestion(
        f"Matters stand there several times, with different days in column {seen}. Which balances are owed?",
        kind=kind,
        candidates=(
            *(Candidate(name, f"Those of {clipped(day)} alone", sums[name]) for name, day in names.items()),
            Candidate(ALL, "All of them: each row is a balance of its own", money_said(sum(cents[at] for at in days))),
        ),
        signature=f"{signature}-{digest(chr(31).join(names.values()), 6)}",
    )
