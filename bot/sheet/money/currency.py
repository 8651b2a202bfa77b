"""Currencies as sheets write them: by sign, by code, in words."""

import re

from brought_forward.bot.sheet.cells import Cell
from brought_forward.bot.sheet.texts import clean

# ISO 4217, but for codes that are English words as well (ALL, TOP, CUP).
CODES = (
    *("USD", "CAD", "AUD", "NZD", "GBP", "EUR", "CHF", "JPY", "CNY", "INR", "ZAR", "SGD", "HKD", "MXN", "SEK", "NOK"),
    *("DKK", "PLN", "CZK", "HUF", "RON", "BGN", "ISK", "ILS", "AED", "SAR", "QAR", "KWD", "BHD", "OMR", "JOD", "EGP"),
    *("TRY", "RUB", "UAH", "KRW", "TWD", "THB", "MYR", "IDR", "PHP", "VND", "PKR", "BDT", "LKR", "NPR", "KES", "NGN"),
    *("GHS", "TZS", "UGX", "MAD", "BRL", "ARS", "CLP", "COP", "PEN", "UYU", "CRC", "GTQ", "DOP", "JMD", "TTD", "BSD"),
    *("BBD", "BMD", "KYD", "XCD", "BZD", "FJD", "PGK", "MUR"),
)
DOLLARS = (
    *("USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN", "TWD", "JMD", "TTD", "BSD", "BBD", "BMD", "KYD", "XCD", "BZD"),
    *("FJD", "COP", "CLP", "ARS", "UYU"),
)
RUPEES = ("INR", "PKR", "LKR", "NPR", "MUR")
# What stands before or behind an amount, in capitals, and the currencies that it can mean.
MARKS: dict[str, tuple[str, ...]] = {
    "$": DOLLARS,
    "US$": ("USD",),
    "CA$": ("CAD",),
    "C$": ("CAD",),
    "CDN$": ("CAD",),
    "CDN": ("CAD",),
    "AU$": ("AUD",),
    "A$": ("AUD",),
    "NZ$": ("NZD",),
    "HK$": ("HKD",),
    "S$": ("SGD",),
    "MX$": ("MXN",),
    "R$": ("BRL",),
    "£": ("GBP",),
    "€": ("EUR",),
    "¥": ("JPY", "CNY"),
    "₹": ("INR",),
    "RS.": RUPEES,
    "RS": RUPEES,
    "₪": ("ILS",),
    "₩": ("KRW",),
    "₱": ("PHP",),
    "₺": ("TRY",),
    "₽": ("RUB",),
    "₦": ("NGN",),
    "KR": ("SEK", "NOK", "DKK", "ISK"),
    "ZŁ": ("PLN",),
    **{code: (code,) for code in CODES},
}
_MARK = "|".join(re.escape(mark) for mark in sorted(MARKS, key=len, reverse=True))
LEADING_MARK = re.compile(rf"({_MARK})", re.IGNORECASE)
TRAILING_MARK = re.compile(rf"({_MARK})$", re.IGNORECASE)


def other_than(mark: str, currency: str) -> str | None:
    """Name the currency of a mark, where it is not the firm's: "EUR" for "€", "$" where that can be several."""
    means = MARKS[mark.upper()]
    if currency in means:
        return None
    return means[0] if len(means) == 1 else {"RS": "Rs", "RS.": "Rs", "KR": "kr"}.get(mark.upper(), mark.upper())


def is_code(cell: Cell) -> bool:
    """Tell whether a cell is a sign or a code of a currency and nothing else, so that its column needs no heading."""
    text = clean(cell) if isinstance(cell, str) else ""
    return text in CODES if text.isalpha() else text in MARKS


# "Balance (EUR)", "AmountCAD", "balance_eur", "Amount in US dollars": what a heading, a title or a format names.
_NAMES = {
    r"(?:u\.?s\.?|american) dollars?": ("USD",),
    r"canadian dollars?": ("CAD",),
    r"australian dollars?": ("AUD",),
    r"new zealand dollars?": ("NZD",),
    r"dollars?": DOLLARS,
    r"euros?": ("EUR",),
    r"(?:british |uk )?pounds?(?: sterling)?|sterling": ("GBP",),
    r"(?:swiss )?francs?": ("CHF",),
    r"rupees?": RUPEES,
    r"(?:japanese )?yen": ("JPY",),
    r"(?:mexican )?pesos?": ("MXN", "PHP", "ARS", "CLP", "COP", "UYU", "DOP"),
}
WORDS = ("TRY", "MAD", "PEN", "COP", "RON", "PHP")  # codes only where they stand in capitals
_SIGNS = "|".join(re.escape(mark) for mark in sorted(MARKS, key=len, reverse=True) if not mark.strip(".").isalpha())
_CAPITALS = "|".join((*CODES, "CDN"))
_ANY_CASE = "|".join((*(code for code in CODES if code not in WORDS), "CDN", r"Rs\.?"))
NAMED = re.compile(
    rf"(?<![A-Za-z])(?P<sign>{_SIGNS})|(?<![A-Z])(?P<code>{_CAPITALS})(?![A-Za-z])"
    rf"|(?i:(?<![A-Za-z])(?P<word>{_ANY_CASE}|{'|'.join(_NAMES)})(?![A-Za-z]))"
)


LETTERED = re.compile(
    "|".join(re.escape(mark) for mark in MARKS if mark.endswith("$") and len(mark) > 1), re.IGNORECASE
)


def other_in(text: str, currency: str) -> str | None:
    """Name the first currency in a text where it is not the firm's; None where the firm's is named as well.

    "$" names no currency beside a code that does.
    """
    named = [found[0] for found in NAMED.finditer(text)]
    if any(_meanings(said) == (currency,) for said in named):
        return None
    return _first_other(named, currency)


def any_other_in(text: str, currency: str) -> str | None:
    """Name the first currency in a text that is not the firm's, whatever is named beside it."""
    return _first_other([found[0] for found in NAMED.finditer(text)], currency)


def refusal(what: str, currency: str) -> str:
    """Say that a sheet is in another currency than the firm's, and what to do."""
    return (
        f"{what}, and balances are brought forward in {currency}. Put the amounts in {currency} into the sheet, or"
        " correct what names the other currency, and drop the file again."
    )


def _first_other(named: list[str], currency: str) -> str | None:
    others = (said for said in named if currency not in _meanings(said))
    return next((other_than(said, currency) if said.upper() in MARKS else said for said in others), None)


def without_own(text: str, currency: str) -> str:
    """Take the firm's own currency out of a text."""
    return NAMED.sub(lambda found: " " if currency in _meanings(found[0]) else found[0], text)


def without_lettered(heading: str, currency: str) -> str:
    """Take a sign with letters that means the firm's own currency out of a heading: US$."""
    return LETTERED.sub(lambda found: " " if MARKS[found[0].upper()] == (currency,) else found[0], heading)


def _meanings(said: str) -> tuple[str, ...]:
    """Give the codes that a sign, a code or a name can mean."""
    if said.upper() in MARKS:
        return MARKS[said.upper()]
    return next(codes for name, codes in _NAMES.items() if re.fullmatch(name, said, re.IGNORECASE))
