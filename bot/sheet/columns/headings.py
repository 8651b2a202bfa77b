"""The headings that firms' old systems print, and what each says of its column."""

import re
from enum import StrEnum
from functools import lru_cache

from brought_forward.bot.sheet.cells import Cell
from brought_forward.bot.sheet.money.currency import without_lettered
from brought_forward.bot.sheet.money.units import without_unit
from brought_forward.bot.sheet.texts import clean


class Role(StrEnum):
    """What a column is for; the value is how staff are told of it."""

    MATTER = "matter"
    AMOUNT = "balance"
    USER = "user"
    DATE = "date"
    NOTE = "note"
    COMMENT = "comment"  # staff's own words to each other, off the bills until they say otherwise
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
        "|matter reference|matter code|case code|file code|job code|client matter code|matter key"
        "|case|case number|case no|case num|case id|file|file number|file no|file num|job|job number"
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
        "|balance remaining|closing balance|ending balance|end balance|current balance|new balance|final balance"
        "|net balance|net due|net amount due|balance to date|balance today|remaining|amount remaining|remaining amount"
        "|remaining due|open amount|amount open|total unpaid|due|now due|balance now due|invoice amount due"
        "|ending a r|ending ar|closing a r|closing ar|net receivable|net receivables"
        "|outstanding total|outstanding due|total balance outstanding|net outstanding",
        "amount|price|amt|net amount|transaction amount|trans amount",
        "total|totals|total amount",
        "opening balance|balance forward|balance brought forward|brought forward",
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
    Role.NOTE: ("note|notes", "memo", "description|memo description|narrative|details"),
    Role.COMMENT: ("comment|comments|remark|remarks", "internal note|internal notes"),
    Role.CLIENT: (
        "client|client name|client full name",
        "customer|customer name|customer full name",
        "company|company name|debtor|debtor name|contact|contact name|name|party|party name|account name",
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
# What programs shorten, as one word of a heading.
SHORT = {
    "bal": "balance", "amt": "amount", "amnt": "amount", "inv": "invoice", "no": "number", "nr": "number",
    "num": "number", "nbr": "number", "cust": "customer", "clt": "client", "cl": "client", "mtr": "matter",
    "mttr": "matter",
    "os": "outstanding", "outst": "outstanding", "rcvd": "received", "recd": "received", "rec": "received",
    "pd": "paid", "pmt": "payment", "pmts": "payments", "pymt": "payment", "pymts": "payments", "chg": "charge",
    "chgs": "charges", "atty": "attorney", "attny": "attorney", "resp": "responsible", "opn": "open",
    "prev": "previous",
    "tot": "total", "ttl": "total", "dt": "date", "desc": "description", "curr": "current", "exp": "expenses",
    "disb": "disbursements", "adj": "adjustments", "wo": "write off", "int": "interest", "orig": "original",
    "beg": "beginning", "begin": "beginning", "end": "ending", "stmt": "statement", "rem": "remaining",
}  # fmt: skip
SHORT_ALONE = {"atty", "attny", "amt", "amnt", "bal", "cust", "clt", "mtr", "mttr", "desc", "cl"}  # others mean more
_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec"
_MONTH = rf"(?:{_MONTHS}|january|february|march|april|june|july|august|september|october|november|december)"
# A day in a heading, as `normal` leaves it: "balance as of 31 oct 2026", "balance 10 31 2026", "due 2026 10 31".
DAY_IN_HEADING = re.compile(
    rf"\b(?:as (?:of|at) |at |on |per )?(?:[0-9]{{1,2}} {_MONTH} (?:[0-9]{{4}}|[0-9]{{2}})"
    rf"|{_MONTH} [0-9]{{1,2}}(?: [0-9]{{4}})?"
    rf"|{_MONTH} [0-9]{{4}}|[0-9]{{1,2}} [0-9]{{1,2}} (?:[0-9]{{4}}|[0-9]{{2}})|[0-9]{{4}} [0-9]{{1,2}} [0-9]{{1,2}})\b"
)
CURRENCIES = {"usd", "cad", "aud", "nzd", "gbp", "eur", "us", "dollars"}
PERSON = re.compile(
    r"(?!.*\b(?:rate|phone|hours?|fees?|code|bar|amount|number|note|notes)\b)"
    r".*\b(?:attorney|lawyer|solicitor|time ?keeper|fee earner|partner|paralegal|biller|matter owner)\b.*"
)
# "Collection notes", "Comments (A/R)", "Follow-up": beside the note that a bill may carry.
COMMENT = re.compile(
    r".*\b(?:comments?|remarks?)\b.*|follow ?ups?\b.*|internal"
    r"|(?!.*\b(?:credit|debit|promissory)\b)(?:.* notes?(?: internal| only)?|notes? (?:internal|to|for|on)\b.*)"
)
# "Current", "1 - 30", "31-60 Days Out", "91 and over", ">90", "3+ months", "Over 120": as `normal` writes them.
BUCKET = re.compile(
    r"current|not (?:yet )?due|(?:over |older than )?[0-9]{1,3}(?: (?:to )?[0-9]{1,3})?(?: and over| or more| plus)?"
    r"(?: (?:days?|months?))?(?: (?:out|old|past due|overdue|and over|or more|plus))?|older"
)
NUMBER = re.compile(r"[-−+(]?[$€£ ]*[0-9.,' ]*[)-]?(?: ?[CD]R)?", re.IGNORECASE)  # a number is no bucket
STEP = 30  # days: buckets begin or end with a multiple
YEAR = re.compile("(?:19|20)[0-9]{2}")
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
    "re": Role.MATTER,  # of a number: "Re: Divorce" beside it says what the matter is about
    "user": Role.USER,
    "attorney": Role.USER,
    "lawyer": Role.USER,
    "solicitor": Role.USER,
    "staff": Role.USER,
    "timekeeper": Role.USER,
    "fee earner": Role.USER,
}
# A row that heads a group says what it is: "Client: 100 Smith, John", "Resp Lawyer: DD", "Matter 2024-0012".
_LABELLED = "|".join(word if word != "re" else "re(?=.*[0-9])" for word in LABELS)
LABEL = re.compile(
    rf"(?:(?:responsible|resp|primary|originating|billing) )?({'|'.join(LABELS).replace('|re|', '|re(?=.*[0-9])|')})"
    r"(?: (?:name|no|nr|number|id|num))?\.?(?: ?[:#] ?| [-–] | (?=[^ ]*[0-9]))(?P<value>.*)",
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


@lru_cache(maxsize=1024)
def heading_words(heading: str, currency: str) -> str:
    """Write a heading out in full, as `normal` does: camel case parted, short words long, day and currency left out."""
    text = normal(re.sub(r"(?<=[a-z0-9])(?=[A-Z][a-z])|(?<=[a-z])(?=[A-Z])", " ", clean(heading)), currency)
    text = DAY_IN_HEADING.sub(" ", text.replace("o s ", "os ")).strip() or text
    words = text.split()
    if len(words) > 1:
        words = [SHORT.get(word, word) for word in words if word not in CURRENCIES] or words
    elif words and words[0] in SHORT_ALONE:
        words = [SHORT[words[0]]]
    return " ".join(words)


def _known() -> dict[str, tuple[Role, int]]:
    """Spell each known heading out, and without its spaces: "PARTYNAME"."""
    table = dict(KNOWN)
    for heading, found in KNOWN.items():
        words = heading_words(heading, "")
        for spelled in (words, words.replace(" ", ""), heading.replace(" ", "")):
            if len(spelled) > 3:
                table.setdefault(spelled, found)
    return table


def known(heading: Cell, currency: str) -> tuple[Role, int] | None:
    """Give the role that a cell heads and how surely, 0 being surest; None if it is in no list."""
    if not isinstance(heading, str):
        return None
    words = heading_words(heading, currency)
    found = _SPELLED.get(normal(heading, currency)) or _SPELLED.get(words)
    if found is None and " " not in words:
        found = _SPELLED.get(words.replace("amt", "amount").replace("bal", "balance") if len(words) > 4 else words)
    if found is None and len(words) < 40:
        found = (Role.USER, 3) if PERSON.fullmatch(words) else (Role.COMMENT, 2) if COMMENT.fullmatch(words) else None
    return found


def roles_of(row: list[Cell], currency: str) -> set[Role]:
    """Name the roles that a row's texts head."""
    return {found[0] for cell in row if (found := known(cell, currency))}


def is_bucket(heading: str) -> bool:
    """Tell whether a normalised heading is that of an ageing bucket."""
    return bool(BUCKET.fullmatch(heading))


def like_headings(row: list[Cell], currency: str) -> bool:
    """Tell whether a row is one of headings: two known ones at least, half of its texts, and no amount or day."""
    if any(isinstance(cell, float) or _is_value(cell) for cell in row):
        return False
    texts = [text for cell in row if (text := normal(cell, currency)) and not NUMBER.fullmatch(clean(str(cell)))]
    told = [text for text in texts if len(text) < 40 and (known(text, "") or heads_bucket(text) or _is_beside(text))]
    return len(told) >= 2 and 2 * len(told) >= len(texts)


def heads_bucket(text: str) -> bool:
    """Tell whether a normalised text heads a bucket, and is no matter's number such as "850 001"."""
    numbers = re.findall("[0-9]+", text)
    steps = all(number == str(int(number)) and int(number) % STEP < 2 for number in numbers)
    return is_bucket(text) and (steps or bool(set(text.split()) & {"day", "days", "month", "months"}))


def _is_value(cell: Cell) -> bool:
    """Tell whether a text is an amount, which no heading is; "30" may head a bucket, and "2026" a year."""
    text = clean(cell) if isinstance(cell, str) else ""
    number = bool(NUMBER.fullmatch(text)) and any(sign.isdigit() for sign in text)
    return number and not is_bucket(normal(text)) and not YEAR.fullmatch(text)


def _is_beside(text: str) -> bool:
    """Tell whether a text heads what stands beside a balance; "Payment CHQ 1727" heads nothing."""
    return bool(BESIDE.fullmatch(text)) and not any(sign.isdigit() for sign in text)


_SPELLED = _known()
