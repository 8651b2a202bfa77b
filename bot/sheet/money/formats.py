"""Number formats of a workbook's cells: what Excel shows beside or instead of the number that a cell holds."""

import re
from dataclasses import dataclass
from functools import lru_cache

from brought_forward.bot.sheet.money.currency import other_in, without_own
from brought_forward.bot.sheet.texts import clipped

# A section of a format, taken apart as ECMA-376 part 1, 18.8.31 describes it.
TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"?|\\(?P<escaped>.)|[_*].|\[\$(?P<currency>[^\]-]*)(?:-[^\]]*)?\]|\[(?P<bracket>[^\]]*)\]'
    r"|(?P<general>General|@)|(?P<number>[0#?][0#?,]*(?:\.[0#?]*)?,*(?:E[+-][0#?]+)?|\.[0#?]+,*)|(?P<day>[ymdhs]+|AM/PM)"
    r"|(?P<percent>%)|(?P<plain>.)",
    re.IGNORECASE | re.DOTALL,
)
SECTION = re.compile(r'((?:"[^"]*"?|\\.|\[[^\]]*\]|[^;])*)(?:;|$)', re.DOTALL)
COLOUR = re.compile(r"black|blue|cyan|green|magenta|red|white|yellow|color ?[0-9]+", re.IGNORECASE)
CONDITION = re.compile(r"[<>=]")
ELAPSED = re.compile(r"h+|m+|s+", re.IGNORECASE)
SIDE = re.compile(r"\b(CR|DR)\b\.?", re.IGNORECASE)
UNIT = re.compile(r"(?<![a-z])(k|m|mm|mn|mio|thousands?|millions?|tsd)(?![a-z])", re.IGNORECASE)
MINUS = re.compile(r"[-−–(]")


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a format: what Excel prints beside the number, and what it does to it."""

    literal: str  # what stands around the number
    digits: bool  # the number is shown at all
    scale: int  # thousands that Excel takes off: 1 for "#,##0,"
    percent: bool
    day: bool
    coloured: bool
    conditional: bool


@lru_cache(maxsize=1024)  # a workbook has few formats, each of many cells
def sections_of(number_format: str) -> tuple[Section, ...]:
    """Take a format apart: for all numbers, or for positive ones, negative ones, zero, texts."""
    return tuple(_section(found) for found in SECTION.findall(number_format)[: number_format.count(";") + 1])


def _section(code: str) -> Section:
    literal, digits, scale = "", False, 0
    percent = day = coloured = conditional = False
    for token in TOKEN.finditer(code):
        kind, said = token.lastgroup, token[token.lastgroup] if token.lastgroup else ""
        match kind:
            case "quoted" | "escaped" | "currency" | "plain":
                literal += said
            case "general":
                digits = True
            case "number":
                digits = True
                whole, _, decimals = said.partition(".")
                scale += len(whole) - len(whole.rstrip(",")) + len(decimals) - len(decimals.rstrip(","))
                literal += " "
            case "day":
                day = True
            case "percent":
                percent = True
            case "bracket":
                coloured = coloured or bool(COLOUR.fullmatch(said))
                conditional = conditional or bool(CONDITION.match(said))
                day = day or bool(ELAPSED.fullmatch(said))
    return Section(literal, digits, scale, percent, day, coloured, conditional)


@lru_cache(maxsize=1024)
def doubt_of(number_format: str, currency: str, *, negative: bool) -> str | None:
    """Say what in a cell's format speaks against its number as an amount; None where nothing does.

    `negative`: the number is. What a format says of thousands is `unit_of`'s.
    """
    sections = sections_of(number_format)
    second = negative and len(sections) > 1
    section = sections[second]
    said = _kind(section) or _currency(section, currency)
    if said or not section.digits:
        return said
    literal = without_own(section.literal, currency)
    if not any(one.conditional for one in sections) and (wrong := _sign(literal, section, negative, second)):
        return wrong
    words = SIDE.sub(" ", UNIT.sub(" ", literal))
    if re.search(r"[^\W\d_]", words):
        beside = clipped(" ".join(words.split()))
        return f'Excel shows "{beside}" beside it, so it may be no plain balance. Take that out of its number format.'
    return None


def scale_of(number_format: str) -> int:
    """Count the thousands that Excel takes off a number where it shows it."""
    return max(section.scale for section in sections_of(number_format)[:2])


def unit_of(number_format: str) -> str | None:
    """Give the unit that a format writes beside an unscaled number: "K" of '0"K"', which shows 12 as 12K."""
    section = sections_of(number_format)[0]
    found = UNIT.search(section.literal) if section.digits and not section.scale else None
    return found[1] if found else None


def _kind(section: Section) -> str | None:
    if section.percent:
        return "Excel shows it as a percentage, not as an amount. Correct the cell or its number format."
    if section.day:
        return "Excel shows it as a date or a time, not as an amount. Correct the cell or its number format."
    if not section.digits and section.literal.strip():
        return f'Excel shows "{clipped(section.literal.strip())}" in its place. Correct the cell or its number format.'
    return None


def _currency(section: Section, currency: str) -> str | None:
    other = other_in(section.literal, currency)
    return f"Excel shows it in {other}, not in {currency}. Correct it, or enter it in Clio by hand." if other else None


def _sign(literal: str, section: Section, negative: bool, second: bool) -> str | None:
    side = SIDE.search(literal)
    credit = side is not None and side[1].upper() == "CR"
    shown_negative = bool(MINUS.search(literal)) or credit
    if not negative and shown_negative:
        return "Excel shows it as a credit, and the cell holds a debit. Correct the cell or its number format."
    if second and not section.coloured and (not shown_negative or (side is not None and not credit)):
        return "Excel shows it without its minus. Correct the cell or its number format."
    return None
