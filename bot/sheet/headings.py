"""The headings that firms' old systems print, and what each says of its column."""

import re
from enum import StrEnum

from brought_forward.bot.sheet.cells import Cell
from brought_forward.bot.sheet.currency import without_lettered
from brought_forward.bot.sheet.texts import clean
from brought_forward.bot.sheet.units import without_unit


class Role(StrEnum):
    """What a column is for; the value is how staff are told of it."""

    MATTER = "matter"
    AMOUNT = "balance"
    USER = "user"
    DATE = "date"
    NOTE = "note"
    CLIENT = "client"
    INVOICE = "invoice"
    CURRENCY = "currency"
    QUANTITY = "quantity"
    TYPE = "type"
    NON_BILLABLE = "non-billable"
    RETAINER = "retainer"


# For each role the headings, strongest first; those of one line are equally strong. Compared as `normal` writes them:
# "A/R Balance" is "a r balance". Ageing buckets, trust and work in progress are in no list: they are never the balance.
HEADINGS: dict[Role, tuple[str, ...]] = {
    Role.MATTER: (
        "matter|matter number|matter no|matter num|matter nr|matter id|matter display number|display number|matter ref"
        "|matter reference|case|case number|case no|case num|case id|file|file number|file no|file num|job|job number"
        "|job no|job id|client matter|client matter number|client matter no|project|project number|project no",
        "matter name|case name|job name|file name|project name|matter title|case title",
    ),
    Role.AMOUNT: (
        "balance|balance due|open balance|outstanding|outstanding balance|balance outstanding|amount outstanding"
        "|outstanding amount|total outstanding|balance owing|balance owed|amount due|amount owing|amount owed|owed"
        "|owing|total due|total amount due|total owing|total owed|total balance|total balance due|a r|ar|a r balance"
        "|ar balance|a r total|total a r|total ar|accounts receivable|accounts receivable balance|receivable"
        "|receivables|total accounts receivable|total receivable|total receivables|matter balance|case balance"
        "|file balance|job balance|invoice balance|unpaid|unpaid balance|unpaid amount|remaining balance"
        "|balance remaining|opening balance|balance forward|balance brought forward|brought forward",
        "amount|price|amt",
        "total|totals|total amount",
    ),
    Role.USER: (
        "user|user name|activity user|clio user|responsible user",
        "responsible attorney|responsible lawyer|responsible solicitor|responsible timekeeper|primary attorney"
        "|primary lawyer|primary timekeeper|lead attorney|lead lawyer|resp attorney|resp atty|resp lawyer|responsible",
        "attorney|lawyer|solicitor|timekeeper|fee earner|biller|billing attorney|billing lawyer|assigned attorney",
    ),
    Role.DATE: (
        "date|as of date|balance date",
        "invoice date|bill date|billing date|date issued|issue date|issued|transaction date|last invoice date",
    ),
    Role.NOTE: ("note|notes", "memo|comment|comments|remark|remarks", "description|memo description|narrative|details"),
    Role.CLIENT: (
        "client|client name|client full name",
        "customer|customer name|customer full name",
        "company|company name|debtor|debtor name|contact|contact name|name",
    ),
    Role.INVOICE: (
        "invoice|invoice number|invoice no|invoice num|invoice id|inv no|inv num|inv|bill|bill number|bill no|bill num",
        "num|number|no|document number|doc no",
    ),
    Role.CURRENCY: (
        "currency|currency code|currency name|ccy|curr|cur|curr code|cur code|iso code|transaction currency"
        "|invoice currency|billing currency|client currency|matter currency",
    ),
    Role.QUANTITY: ("quantity|qty",),
    Role.TYPE: ("type",),
    Role.NON_BILLABLE: ("non billable|nonbillable",),
    Role.RETAINER: ("min retainer|min retainers|minimum retainer|minimum retainers",),
}
KNOWN = {
    heading: (role, rank)
    for role, tiers in HEADINGS.items()
    for rank, tier in enumerate(tiers)
    for heading in tier.split("|")
}
# "Current", "1 - 30", "31-60 Days Out", "91 and over", ">90", "3+ months", "Over 120": as `normal` writes them.
BUCKET = re.compile(
    r"current|not (?:yet )?due|(?:over |older than )?[0-9]{1,3}(?: (?:to )?[0-9]{1,3})?(?: and over| or more| plus)?"
    r"(?: (?:days?|months?))?(?: (?:out|old|past due|overdue|and over|or more|plus))?|older"
)
NUMBER = re.compile(r"[-−(]?[$€£ ]*[0-9.,' ]*[)-]?")  # a number is no bucket
# Columns beside a balance that are never it; with them a row is known for one of headings.
BESIDE = re.compile(
    r".*\b(?:trust|wip|work in progress|draft|unbilled|retainers?|interest|payments?|credit notes?|credits|fees?|costs?"
    r"|tax(?:es)?|late charges?|original amount|status|due date|phone|email)\b.*"
)
LABELS: dict[str, Role] = {
    "client": Role.CLIENT,
    "customer": Role.CLIENT,
    "debtor": Role.CLIENT,
    "matter": Role.MATTER,
    "case": Role.MATTER,
    "file": Role.MATTER,
    "job": Role.MATTER,
    "user": Role.USER,
    "attorney": Role.USER,
    "lawyer": Role.USER,
    "solicitor": Role.USER,
    "staff": Role.USER,
    "timekeeper": Role.USER,
    "fee earner": Role.USER,
}
# A row that heads a group says what it is: "Client: 100 Smith, John", "Resp Lawyer: DD".
LABEL = re.compile(
    rf"(?:(?:responsible|resp|primary|originating|billing) )?({'|'.join(LABELS)})"
    r"(?: (?:name|no|nr|number|id|num))?\.? ?[:#] ?(?P<value>.*)",
    re.IGNORECASE,
)


def normal(heading: Cell, currency: str = "") -> str:
    """Reduce a heading to its words: case, punctuation and line breaks do not count.

    Neither do the firm's currency and a unit, "in thousands", where `currency` is given.
    """
    if not isinstance(heading, str):
        return ""
    text = without_lettered(without_unit(clean(heading)), currency) if currency else clean(heading)
    words = re.sub(r"[\W_]+", " ", text.casefold()).split()
    if len(words) > 1 and currency.casefold() in words:
        words.remove(currency.casefold())
    return " ".join(words)


def roles_of(row: list[Cell], currency: str) -> set[Role]:
    """Name the roles that a row's texts head."""
    return {KNOWN[text][0] for cell in row if (text := normal(cell, currency)) in KNOWN}


def is_bucket(heading: str) -> bool:
    """Tell whether a normalised heading is that of an ageing bucket."""
    return bool(BUCKET.fullmatch(heading))


def like_headings(row: list[Cell], currency: str) -> bool:
    """Tell whether a row without an amount is one of headings: two known ones at least, and half of its texts."""
    if any(isinstance(cell, float) for cell in row):
        return False
    texts = [text for cell in row if (text := normal(cell, currency)) and not NUMBER.fullmatch(clean(str(cell)))]
    known = sum(1 for text in texts if len(text) < 40 and (text in KNOWN or is_bucket(text) or BESIDE.fullmatch(text)))
    return known >= 2 and 2 * known >= len(texts)
