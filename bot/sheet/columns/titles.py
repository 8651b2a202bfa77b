"""Titles that speak of something else than what clients owe: asked about, never passed over. Read as a table."""

import re
from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np
import numpy.typing as npt

from brought_forward.bot.errors import Candidate, SheetError, SheetQuestion
from brought_forward.bot.sheet.columns.census import Seen
from brought_forward.bot.sheet.columns.headings import normal
from brought_forward.bot.sheet.money.cents import cents_of_column
from brought_forward.bot.sheet.texts import clipped, digest

KIND, OWED, OTHER = "title", "owed", "other"
WORDS = 10  # of a title; more are a sentence
# Other money, unless the title speaks of balances too; and lists that are not to be used, whatever they are of.
MONEY = re.compile(
    r".*\b(?:unbilled|wip|work in progress|retainers?|payments?|receipts|collections?|write ?offs?|budgets?"
    r"|estimates?|time entries)\b.*"
)
BALANCES = re.compile(
    r".*\b(?:receivables?|a r|ar|outstanding|owed|owing|unpaid|due|debtors?|balances?|open invoices|aging|ageing)\b.*"
)
UNUSED = re.compile(
    r"draft|draft (?:only|copy|list|report|version)"
    r"|.*\b(?:do not use|superseded|obsolete|not final|accounts payable|payables|vendors?)\b.*"
)
# Headings of other lists: of payments, beside a mere "Amount"; of what the firm itself owes, whatever stands beside it.
PAYMENTS = re.compile(
    r"(?:payment|deposit|receipt) (?:date|method|type|number|ref|reference|by)|date (?:received|deposited)"
    r"|method|payment|payments|(?:check|cheque|chq|ck)(?: number| date)?|received from|deposited to|paid by|unbilled .*"
)
PAYABLES = re.compile(r"(?:vendor|payee|supplier|creditor|pay to)(?: name| number| id)?")
SETTING = re.compile("[:=]")  # "Include unbilled time: No"
HOURS, RATE = re.compile(r".*\b(?:hours?|hrs|time|units?)\b.*"), re.compile(r".*\b(?:rates?|hourly|per hour)\b.*")


def ask_of_titles(titles: Sequence[str], answers: Mapping[str, str], signature: str) -> None:
    """Raise SheetQuestion where a title says that the amounts are no balances, or not to be used; SheetError if so."""
    said = next((title for title in titles if not SETTING.search(title) and _is_other(normal(title))), None)
    if said is None or answers.get(KIND) == OWED:
        return
    if answers.get(KIND) == OTHER:
        raise SheetError(f'The amounts below "{clipped(said)}" are not what clients owe, as staff say. Drop that list.')
    raise _question(f'The sheet is called "{clipped(said)}". Are its amounts', said, signature)


def ask_of_headings(words: Sequence[str], weak: bool, answers: Mapping[str, str], signature: str) -> None:
    """Raise SheetQuestion where headings beside the amounts say that it is a list of other money; SheetError if so.

    `words` are the headings, written out, `weak` that the amounts are headed as amounts only.
    """
    said = next((text for text in words if PAYABLES.fullmatch(text) or (weak and PAYMENTS.fullmatch(text))), None)
    if said is None or answers.get(KIND) == OWED:
        return
    if answers.get(KIND) == OTHER:
        raise SheetError(
            f'The amounts beside "{clipped(said)}" are not what clients owe, as staff say. Drop that list.'
        )
    raise _question(f'A column beside the amounts is headed "{clipped(said)}". Are they', said, signature)


def ask_of_time(
    census: Sequence[Seen], chosen: Seen, totals: npt.NDArray[np.bool_], answers: Mapping[str, str], signature: str
) -> None:
    """Raise SheetQuestion where each amount is hours times a rate: time, which may not be billed; SheetError if so."""
    rows = (chosen.amounts != 0) & ~totals
    hours = [seen for seen in census if HOURS.fullmatch(seen.words) and not RATE.fullmatch(seen.words)]
    rates = [seen for seen in census if RATE.fullmatch(seen.words)]
    for one, other in product(hours, rates):
        times = cents_of_column(one.values)[0] * cents_of_column(other.values)[0] / 100
        if not (np.abs(times - chosen.amounts)[rows] <= 1).all() or answers.get(KIND) == OWED:
            continue
        said = f"{one} times {other}"
        if answers.get(KIND) == OTHER:
            raise SheetError(f"The amounts are {said} and not what clients owe, as staff say. Drop a list of balances.")
        raise _question(f"The amounts of column {chosen} are {said}. Are they", said, signature)


def _question(what: str, said: str, signature: str) -> SheetQuestion:
    return SheetQuestion(
        f"{what} what clients owe today?",
        kind=KIND,
        candidates=(
            Candidate(OWED, "Yes: they are balances to bring forward", said),
            Candidate(OTHER, "No: another list is to be dropped", ""),
        ),
        signature=f"{signature}-{digest(normal(said), 6)}",
    )


def _is_other(title: str) -> bool:
    if len(title.split()) > WORDS:
        return False
    return bool(UNUSED.fullmatch(title)) or bool(MONEY.fullmatch(title) and not BALANCES.fullmatch(title))
