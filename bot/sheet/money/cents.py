"""Amounts as whole cents, read quickly and roughly: to compare and add up columns. What is posted reads `figures`."""

import re

import numpy as np
import numpy.typing as npt

from brought_forward.bot.sheet.cells import Cell
from brought_forward.bot.sheet.money.figures import PLAIN, DecimalMark

Cents = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
_SIGNED = re.compile(r"[-−–—+]?[0-9]+(?:\.[0-9]+)?[-−]?")
_PLAIN_NUMBER = re.compile(r"[0-9]{1,10}(?:\.[0-9]{1,2})?").fullmatch
LARGE = 1e13  # no amount
_DROP = str.maketrans("", "", "$€£¥₹,'’ \u00a0\u2007\u2009\u202f\u00a4")
_DROP_DOTS = str.maketrans({"$": None, "€": None, "£": None, ".": None, "'": None, "’": None, " ": None,
                            "\u00a0": None, ",": "."})  # fmt: skip
_SIDE = re.compile(r"\s*(?:USD|CAD|AUD|NZD|GBP|EUR)?\s*(CR|DR)?\.?$", re.IGNORECASE)


def cents_of(cell: Cell, mark: DecimalMark | None = None) -> int | None:
    """Read a cell as cents for comparing, quickly and roughly; the exact reading is `money`'s. None if it is none."""
    if isinstance(cell, (float, int)) and not isinstance(cell, bool):
        return round(cell * 100) if abs(cell) < LARGE else None
    if not isinstance(cell, str):
        return None
    if mark is not DecimalMark.COMMA and PLAIN.fullmatch(cell):
        return int(cell.replace(".", ""))
    text = cell.strip()
    if not text or not any(sign in "0123456789" for sign in text):
        return 0 if text in {"-", "–", "—", "$ -", "$-"} else None
    side = _SIDE.search(text)
    credit = bool(side and side[1] and side[1].upper() == "CR")
    text = text[: side.start()] if side else text
    text = text.translate(_DROP_DOTS if mark is DecimalMark.COMMA else _DROP)
    if text.startswith("(") and text.endswith(")"):
        text, credit = text[1:-1], True
    if not _SIGNED.fullmatch(text):
        return None
    if text[0] in "-−–—" or text[-1] in "-−":
        credit = True
    value = round(float(text.strip("-−–—+")) * 100)
    return (-value if credit else value) if value < 10**15 else None


def cents_of_column(values: list[Cell], mark: DecimalMark | None = None) -> tuple[Cents, Flags]:
    """Read each cell as cents, and tell which ones are an amount; plain numbers alone are read all at once."""
    if mark is not DecimalMark.COMMA and _all_plain(values):
        values = [float(str(one)) for one in values]
    if set(map(type, values)) == {float}:
        numbers = np.array(values, dtype=np.float64)
        filled = np.abs(numbers) < LARGE
        return np.rint(np.where(filled, numbers, 0) * 100).astype(np.int64), filled
    amounts = [cents_of(one, mark) for one in values]
    cents = np.array([one or 0 for one in amounts], dtype=np.int64)
    return cents, np.array([one is not None for one in amounts], dtype=np.bool_)


def _all_plain(values: list[Cell]) -> bool:
    texts = [one for one in values if isinstance(one, str)]
    return len(texts) == len(values) and bool(texts) and all(map(_PLAIN_NUMBER, texts))


def money_said(cents: int) -> str:
    """Write cents for people, without a currency: 1,234.50."""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100:,}.{abs(cents) % 100:02d}"
