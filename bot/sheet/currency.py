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
    return means[0] if len(means) == 1 else mark.upper()


def mark_of(cell: Cell) -> str | None:
    """Give the mark that a cell is: "usd" is "USD"; None where it says anything else."""
    text = clean(cell).upper() if isinstance(cell, str) else ""
    return text if text in MARKS else None
