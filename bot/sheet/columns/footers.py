"""Rows that only a printer needs: page numbers, when it was printed, titles that come again, notes below the table."""

import re
from itertools import islice

from brought_forward.bot.sheet.cells import Cell
from brought_forward.bot.sheet.columns.headings import normal
from brought_forward.bot.sheet.texts import clean, shown

_MONTH = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_DAY = "mon|tue|tues|wed|wednes|thu|thurs|fri|sat|satur|sun"
FOOTER = re.compile(
    r"(?:page|pg|p|seite)\.? ?[0-9]+(?: ?(?:of|/|-|von) ?[0-9]+)?"
    r"|(?:printed|run|generated|created|exported|prepared|produced|report(?:ed)?|printout)"
    r" ?(?:on|at|by|date|time|from|:).*"
    r"|(?:date|time)(?: printed)? ?:.*|(?:cash|accrual) basis\b.*"
    r"|end of (?:the )?(?:report|list|file|table|page)|continued\b.*|(?:note|notes|legend) ?:.+|\*+.*"
    r"|(?:.* [-–—|·] ?)?(?:private and |strictly |privileged and )?confidential\b.*"
    rf"|(?:{_DAY})(?:day)?,? (?:{_MONTH})[a-z]* [0-9]{{1,2}},? [0-9]{{4}}.*"
    rf"|[0-9]{{1,2}}[./-](?:[0-9]{{1,2}}|{_MONTH})[./-][0-9]{{2,4}}(?:,? [0-9]{{1,2}}:[0-9]{{2}}.*)?",
    re.IGNORECASE,
)
SENTENCE = 5  # words: a note, not a name
FEW = 3  # cells that a footer fills at most


def is_footer(texts: list[str]) -> bool:
    """Tell whether a row, of which these texts are all, is of a page and not of a balance: "Page 1 of 2"."""
    if not 0 < len(texts) <= FEW:
        return False
    return bool(FOOTER.fullmatch(" ".join(texts))) or all(FOOTER.fullmatch(text) for text in texts)


def is_note(text: str) -> bool:
    """Tell whether a text alone in a row below all amounts is a note, not a matter that lacks its amount."""
    return len(text.split()) >= SENTENCE or text.endswith(".")


def titles_of(rows: list[list[Cell]]) -> set[str]:
    """Give the texts of the rows above the headings, normalised: a page begins with them again."""
    return {normal(cell) for row in rows for cell in row if isinstance(cell, str)} - {""}


def is_title(texts: list[str], titles: set[str]) -> bool:
    """Tell whether all texts of a row stood above the headings already."""
    return bool(texts) and all(normal(text) in titles for text in texts)


def texts_of(row: list[Cell], most: int | None = None) -> list[str]:
    """Give what can be seen in a row, cell by cell, as texts; the first `most` of them alone where that is enough."""
    texts = (clean(cell) if isinstance(cell, str) else shown(cell) for cell in row if cell is not None)
    return list(islice(filter(None, texts), most))
