"""Money, exactly: no digit is guessed, and none is rounded away unless staff say so."""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from brought_forward.bot.sheet.cells import Cell, Unreadable
from brought_forward.bot.sheet.money.currency import LEADING_MARK, MARKS, TRAILING_MARK, other_than
from brought_forward.bot.sheet.texts import clean, clipped, shown

CENT = Decimal("0.01")
NOTHING = Decimal("0.00")
DUST = Decimal("0.000001")  # what adding floats leaves beside a cent, of the currency's unit
RESIDUE = float(DUST)
TOO_LARGE = Decimal(10) ** 10  # ten digits before the cents
LARGEST = float(TOO_LARGE)
KEPT = 15  # significant digits: of a float, by Excel, and of a text that a float was written as
DIGITS = "0123456789"
# Hyphen and minus, and what programs of every kind print in their place; alone: nothing.
MINUS = ("-", "−", "‐", "‑", "‒", "–", "—", "―", "﹣", "－")
PLUS = "+"
TRAILING_SIDE = re.compile(r"(?<![A-Z])(CR|DR)$", re.IGNORECASE)
SPACES = re.compile("[\u00a0\u2007\u2009\u202f]")
SMALL = re.compile(r"[-−]?[0-9](?:[.,][0-9]+)?E-[0-9]{1,3}", re.IGNORECASE)  # 1.1368683772161603E-13


class DecimalMark(StrEnum):
    """What stands before the cents."""

    DOT = "."
    COMMA = ","


def _grammar(mark: DecimalMark) -> re.Pattern[str]:
    """Spell a number of one style: plain digits or groups, all parted alike, then decimals or none."""
    other = "," if mark is DecimalMark.DOT else "."
    groups = "|".join(rf"[1-9][0-9]{{0,2}}(?:{sign}[0-9]{{3}})+" for sign in (re.escape(other), " ", "'", "’"))
    if mark is DecimalMark.DOT:
        groups += r"|[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3}"  # lakhs and crores: 12,34,567
    return re.compile(rf"(?P<whole>[0-9]+|{groups})?(?:{re.escape(mark)}(?P<decimals>[0-9]+))?")


PLAIN = re.compile(r"[0-9]{1,10}\.[0-9]{2}")  # most amounts of most exports, and one way to read them
GROUPED = re.compile(r"\$?[1-9][0-9]{0,2}(?:,[0-9]{3}){0,2}\.[0-9]{2}")  # most of the rest
GRAMMARS = {mark: _grammar(mark) for mark in DecimalMark}


class Fraction(Unreadable):
    """Say that an amount has fractions of a cent, which staff may choose to have rounded."""

    def __init__(self, text: str, amount: Decimal) -> None:
        super().__init__(text)
        self.amount = amount


@dataclass(frozen=True, slots=True)
class _Parts:
    """A text without its signs and currency marks."""

    signs: tuple[str, ...]
    marks: tuple[str, ...]
    body: str


def money_of_number(value: float, factor: int = 1, *, rounds: bool = False) -> Decimal:
    """Give a number cell's amount through 15 significant digits, which is what Excel shows; two decimals.

    What adding floats leaves is the cent beside it. `factor` is what the sheet counts in, 1,000 where it says "in
    thousands"; `rounds`, that staff have chosen to round fractions of a cent, half a cent up. Raises Unreadable on
    NaN, infinity, more than ten digits, and on a bool, which is no money; Fraction on more decimals.
    """
    if factor == 1 and type(value) is float and -LARGEST < value < LARGEST:
        cents = f"{value:.2f}"
        if float(cents) == value:  # most numbers are whole cents, whose 15 digits are these
            return Decimal(cents) or NOTHING
    if isinstance(value, bool) or (isinstance(value, float) and not math.isfinite(value)):
        raise Unreadable(f'"{shown(value)}" is not an amount. Correct it in the sheet.')
    if is_residue(value):
        return NOTHING
    digits = format(value, f".{KEPT}g") if isinstance(value, float) else str(value)
    return _exact(Decimal(digits) * factor, digits, rounds)


def money_of_text(
    text: str,
    mark: DecimalMark | None,
    currency: str,
    factor: int = 1,
    *,
    rounds: bool = False,
    thirds: bool = False,
) -> Decimal:
    """Give a text cell's amount in the column's style; two decimals, negative is a credit.

    `mark` is what `decimal_mark` found for the column, `currency` the firm's ISO code, `factor` and `rounds` as for
    a number; `thirds`: every amount of the column has three decimals. Raises Unreadable on all that is not plainly
    one amount in that currency; Fraction where it has fractions of a cent.
    """
    text = clean(text)
    if factor == 1 and mark is DecimalMark.DOT and PLAIN.fullmatch(text):
        return Decimal(text)
    if factor == 1 and mark is DecimalMark.DOT and currency in MARKS["$"] and GROUPED.fullmatch(text):
        return Decimal(text.lstrip("$").replace(",", ""))
    quoted = f'amount "{clipped(text)}"'
    parts = _parts(text)
    _check_marks(parts.marks, currency, quoted)
    if len(parts.signs) > 1:
        raise Unreadable(f"{quoted} has two signs. Correct it in the sheet.")
    if (not parts.body and parts.signs and parts.signs[0] in MINUS) or is_residue(text):
        return NOTHING
    readings = _readings(parts.body)
    if not readings:
        raise Unreadable(f"{quoted} is not an amount. Correct it in the sheet.")
    if not any(readings.values()):
        return NOTHING
    amount = _chosen(readings, mark, quoted)
    if factor == 1 and not thirds and len(readings) > 1 and _ends_in_nought(amount):
        raise Unreadable(f"{quoted} has more than two decimals. Correct it in the sheet.")  # 12.500: thousands astray
    if len(amount.as_tuple().digits) > KEPT:
        amount = Decimal(format(amount, f".{KEPT}g"))
    return _exact((amount if parts.signs in ((), ("DR",), (PLUS,)) else -amount) * factor, text, rounds)


def decimal_mark(cells: Iterable[Cell]) -> DecimalMark | None:
    """Find the one style of a column from the texts that can be read in one style only; None if there are none.

    Where both styles are proven the more frequent one is the column's, and the others become Problems; as many of
    each settle nothing.
    """
    proof = proofs(cells)
    if proof[DecimalMark.DOT] == proof[DecimalMark.COMMA]:
        return None
    return max(proof, key=lambda mark: proof[mark])


def proofs(cells: Iterable[Cell]) -> dict[DecimalMark, int]:
    """Count the texts that can be read in one style only, by style."""
    proof = dict.fromkeys(DecimalMark, 0)
    for cell in cells:
        if isinstance(cell, str) and (PLAIN.fullmatch(cell) or GROUPED.fullmatch(cell)):
            proof[DecimalMark.DOT] += 1
        elif isinstance(cell, str):
            readings = _readings(_parts(clean(cell)).body)
            if len(readings) == 1:
                proof[next(iter(readings))] += 1
    return proof


def decimals_of(text: str, mark: DecimalMark) -> int:
    """Count the decimals of a text in one style; 0 where it has none or is no amount of that style."""
    amount = _readings(_parts(clean(text)).body).get(mark)
    return 0 if amount is None else -int(amount.as_tuple().exponent)


def both_ways(text: str) -> dict[DecimalMark, Decimal]:
    """Read a text without its sign in each style, if these are two amounts; else give nothing."""
    readings = _readings(_parts(clean(text)).body)
    return readings if len(set(readings.values())) > 1 else {}


def is_figure(cell: Cell) -> bool:
    """Tell whether a cell is written as an amount of any style and currency, whether or not this sheet's reads it."""
    if isinstance(cell, str):
        return bool(_readings(_parts(clean(cell)).body))
    return isinstance(cell, (int, float)) and not isinstance(cell, bool)


def is_residue(cell: Cell) -> bool:
    """Tell whether a number is what a subtraction of floats leaves where nothing is owed: 1.1E-13."""
    if isinstance(cell, str) and len(cell) < 40 and SMALL.fullmatch(cell):
        cell = float(cell.replace(",", ".").replace("−", "-"))
    return isinstance(cell, float) and 0 < abs(cell) < RESIDUE


def _exact(amount: Decimal, text: str, rounds: bool) -> Decimal:
    """Bring an amount to two decimals: no more than dust is lost, unless staff have said that fractions are rounded."""
    cents = amount.quantize(CENT, ROUND_HALF_UP) if abs(amount) < TOO_LARGE else amount
    if abs(cents) >= TOO_LARGE:
        raise Unreadable(f'amount "{clipped(text)}" has more than ten digits. Correct it in the sheet.')
    if abs(cents - amount) >= DUST and not rounds:
        raise Fraction(f'amount "{clipped(text)}" has more than two decimals. Correct it in the sheet.', amount)
    return cents or NOTHING


def _ends_in_nought(amount: Decimal) -> bool:
    """Tell whether three decimals are no fraction of a cent."""
    return int(amount.as_tuple().exponent) == -3 and amount.as_tuple().digits[-1] == 0


def _chosen(readings: dict[DecimalMark, Decimal], mark: DecimalMark | None, quoted: str) -> Decimal:
    """Take the reading in the column's style; without one, the only reading there is."""
    if mark is not None:
        if mark not in readings:
            raise Unreadable(f"{quoted} is not written like the others of its column. Correct it in the sheet.")
        return readings[mark]
    dot, comma = readings.get(DecimalMark.DOT), readings.get(DecimalMark.COMMA)
    if dot is not None and dot == comma:
        return dot
    if dot is None or comma is None:
        raise Unreadable(f"{quoted} is in one style and as many others in another. Write all in one style.")
    raise Unreadable(f"{quoted} can be {dot} or {comma}: no other settles it. Write it with two decimals.")


def _readings(body: str) -> dict[DecimalMark, Decimal]:
    """Read a number in each style that it fits."""
    found = {}
    for mark, grammar in GRAMMARS.items():
        match = grammar.fullmatch(body) if body else None
        if match:
            whole = re.sub(r"[^0-9]", "", match["whole"] or "0")
            found[mark] = Decimal(f"{whole}.{match['decimals']}" if match["decimals"] else whole)
    return found


def _parts(text: str) -> _Parts:
    """Take signs and currency marks off both ends, as far as there are any."""
    signs: list[str] = []
    marks: list[str] = []
    body = SPACES.sub(" ", text).strip()
    while body and not (body[0] in DIGITS and body[-1] in DIGITS):
        if body.startswith("(") and body.endswith(")"):
            signs, body = [*signs, "("], body[1:-1]
        elif body.startswith((*MINUS, PLUS)):
            signs, body = [*signs, body[0]], body[1:]
        elif body.endswith(MINUS):
            signs, body = [*signs, body[-1]], body[:-1]
        elif side := TRAILING_SIDE.search(body):
            signs, body = [*signs, side[1].upper()], body[: side.start()]
        elif mark := LEADING_MARK.match(body):
            marks, body = [*marks, mark[1].upper()], body[mark.end() :]
        elif mark := TRAILING_MARK.search(body):
            marks, body = [*marks, mark[1].upper()], body[: mark.start()]
        else:
            break
        body = body.strip()
    return _Parts(tuple(signs), tuple(marks), body)


def _check_marks(marks: tuple[str, ...], currency: str, quoted: str) -> None:
    """Refuse another currency than the firm's, and the same mark twice."""
    for mark in marks:
        other = other_than(mark, currency)
        if other:
            raise Unreadable(f"{quoted} is in {other}, not in {currency}. Correct it, or enter it in Clio by hand.")
    if len(set(marks)) < len(marks):
        raise Unreadable(f"{quoted} has a currency sign twice. Correct it in the sheet.")
