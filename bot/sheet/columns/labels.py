"""What the label of a row says by its words: a total, an average, or somebody's name."""

import re
from enum import StrEnum

from brought_forward.bot.sheet.money.currency import CODES


def _words(text: str) -> list[str]:
    return text.split()


# One of these makes a total of a label, if the words beside it are those below, in any order: "Total A/R (USD)".
SUM = {"total", "totals", "sum", "summe", "gesamt", "gesamtsumme", "totaux", "totale", "totaal"}
SUB = {"subtotal", "subtotals", "sub", "zwischensumme"}
STATISTIC = {"average", "averages", "avg", "mean", "median", "count"}
GRAND = {"grand", "firm", "report", "overall", "all", "company", "file"}
GROUP = {"client", "matter", "case", "attorney", "lawyer", "customer", "section", "group", "user", "staff", "page"}
BESIDE_SUM = {
    *{f"{word}s" for word in GROUP},
    *_words(
        "of for the and as in at on to by per no number this invoice invoices bill bills account accounts job jobs"
    ),
    *_words("a r ar receivable receivables due owed owing outstanding open unpaid balance balances amount amounts"),
    *_words("remaining net general sous us dollars usd row rows line lines item items record records entry entries"),
    *_words("january february march april may june july august september october november december"),
    *_words("jan feb mar apr jun jul aug sep sept oct nov dec carried over forward"),
    *map(str.casefold, CODES),
}
MAKING = SUM | SUB | STATISTIC
BESIDE = SUM | SUB | GRAND | GROUP | BESIDE_SUM
SAID = BESIDE | STATISTIC
NUMBER = re.compile("[0-9]+")
# "00857-Average" is a matter's number, whatever its words, and so is "00857-Average: Lease".
NUMBERED = re.compile(r"[^ ]*[0-9][^ ]*[-./][^ ]+(?:(?<=:) .*)?")
TOTAL_FOR = re.compile(r"(?:sub ?|grand )?totals? for .+")
OF_NAME = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?:sub ?|grand )?(?:totals?|sum|average|count)(?: for| of)? (.+)",
        r"(.+) (?:sub ?)?(?:totals?|sum|average|count|max|min|maximum|minimum)",
    )
)
COUNTED = re.compile(r"(?:number|no|nr) of [a-z]+(?: [a-z]+)?|records(?: printed| listed| found)?")
# What a text must hold to be looked at.
TOTALLING = re.compile(
    r"total|summe|gesamt|totaux|\b(?:sum|average|averages|avg|mean|median|count|records)\b"
    r"|\b(?:number|no\.?|nr\.?) of\b",
    re.IGNORECASE,
)
# It matches none without one of these.
PARTS_OF_TOTALLING = ("tota", "sum", "gesamt", "average", "avg", "mean", "med", "count", "records", "number of",
                      "no. of", "no of", "nr. of", "nr of")  # fmt: skip

# What a text must hold for `worded` to see a total in it once it is normalised.
PARTS_OF_TOTALS = ("tota", "sum", "gesamt", "average", "avg", "mean", "median", "count", "records", "of")


class Total(StrEnum):
    """What kind of total a row is; the last grand one is the file's own. The value says why it is not counted."""

    GRAND = "the total"
    PLAIN = "a total"
    SUB = "a subtotal"
    FOR = "the total of a group"
    STATISTIC = "an average or a count"


def worded(label: str) -> Total | None:
    """Tell what kind of total a normalised text is by its own words alone, if it is one."""
    if COUNTED.fullmatch(label):
        return Total.STATISTIC
    words = set(label.split())
    core = words & MAKING
    if not core or core == {"sub"} or not all(word in SAID or NUMBER.fullmatch(word) for word in words):
        return None
    if words & STATISTIC:
        return Total.STATISTIC
    if words & GRAND:
        return Total.GRAND
    return Total.SUB if words & (SUB | GROUP) and "by" not in words else Total.PLAIN


def is_beside(label: str) -> bool:
    """Tell whether a normalised text says no more than stands beside a total: "12 matters", "balance due"."""
    return all(word in BESIDE or NUMBER.fullmatch(word) for word in label.split())


def names_of(label: str) -> list[str]:
    """Give what a total may be of: "total for smith" and "smith total" are of smith."""
    return [found[1] for pattern in OF_NAME if (found := pattern.fullmatch(label))]


def is_statistic(label: str) -> bool:
    """Tell whether a label is of an average or a count, not of a sum."""
    return not set(label.split()) & (SUM | SUB)
