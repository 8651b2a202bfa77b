"""One generated file: a seed and a number give the same bytes and the same truth on every machine."""

import random
from dataclasses import dataclass

from readings.book import Book
from readings.draw import Draw
from readings.families import FAMILIES
from readings.files import ENDINGS, write
from readings.style import draw_style
from readings.traps import lay_traps

PLAIN = 0.12  # of all cases: no traps, and only the words of docs/sheet.md


@dataclass(frozen=True, slots=True)
class Case:
    """A file, what it was made of, and its name."""

    number: int
    family: str
    file: str
    data: bytes
    book: Book


def family_of(number: int) -> str:
    """Say which family a number is of: one after another."""
    return list(FAMILIES)[number % len(FAMILIES)]


def make_case(seed: int, number: int, *, plain: bool = False, kind: str = "") -> Case:
    """Draw a case. `plain` and `kind` force what else the dice decide."""
    family = family_of(number)
    dice = random.Random(f"{seed} {family} {number}")
    plain = dice.random() < PLAIN or plain
    draw = Draw(dice, plain=plain, kind=kind)
    if family in {"offices", "months"} and draw.kind not in {"xlsx", "ods"}:
        draw.kind = "xlsx"
    style, odd = draw_style(dice, draw.kind, plain=plain)
    book = FAMILIES[family](draw)
    if style.textual and "dr/cr: format" in book.traps:  # a text has no format that could say its side
        style.textual = False
        odd.remove("amounts as text")
    lay_traps(draw, book, family, style)
    book.traps += odd
    book.odd_text = not plain
    data = write(book, draw.kind, style, dice)
    return Case(number, family, f"{number:05}-{family}.{ENDINGS[draw.kind]}", data, book)
