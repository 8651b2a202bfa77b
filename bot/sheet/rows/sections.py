"""Rows below a word of their own that says they are not owed, or other money: "Written off", "Trust balances"."""

import re
from collections.abc import Iterable

from brought_forward.bot.sheet.cells import Cell, SheetCells
from brought_forward.bot.sheet.columns.footers import texts_of
from brought_forward.bot.sheet.columns.header import Header
from brought_forward.bot.sheet.columns.headings import Role, normal
from brought_forward.bot.sheet.columns.labels import TOTALLING
from brought_forward.bot.sheet.money.currency import other_in
from brought_forward.bot.sheet.rows.against import speaks_against
from brought_forward.bot.sheet.rows.table import Row
from brought_forward.bot.sheet.texts import clean, clipped

OTHER_MONEY = (
    r"(?:.* )?(?:trust|retainer|client|iolta|escrow|unapplied|credit|negative)"
    r" (?:balances?|funds|accounts?|money|ledger|cash|held)"
)
NOT_OWED = (
    r"(?:fully |all )?(?:paid|settled|void(?:ed)?|written off|write offs?|cancel+ed|closed|inactive|archived"
    r"|uncollectible|bad debts?|unbilled|wip|work in progress|drafts?|payments?|receipts|credits?|refunds?|retainers?"
    r"|adjustments?|prior year|not owed|excluded|trust)"
    r"(?: (?:matters?|files?|cases?|accounts?|balances?|invoices?|bills?|items?|amounts?|received|time|in full|only))*"
)
SECTION = re.compile(f"{OTHER_MONEY}|{NOT_OWED}")
BELOW = 'it stands below "{}" in row {}. Leave it out, or post it anyway if it is owed.'
FEW = 4  # words that name a currency's section


def sectioned(rows: Iterable[Row], cells: SheetCells, header: Header, currency: str) -> dict[int, tuple[str, str]]:
    """Give the balance's column and the words, by row, for rows in a section that is not owed."""
    letter = header.columns[Role.AMOUNT].letter
    wanted = {row.number for row in rows}
    section: tuple[str, int] | None = None
    found = {}
    for number, raw in enumerate(cells.rows[header.row + 1 - cells.first_row :], header.row + 1):
        if section is None and _says_two(raw):
            continue
        texts = texts_of(raw, 2)
        if len(texts) == 1 and isinstance(next(cell for cell in raw if cell not in {None, ""}), str):
            section = (texts[0], number) if _is_other(texts[0], currency) else None
        elif section is None:
            continue
        elif any(TOTALLING.search(text) for text in texts[:1]):
            section = None
        elif number in wanted:
            found[number] = (letter, BELOW.format(clipped(section[0]), section[1]))
    return found


def _says_two(raw: list[Cell]) -> bool:
    """Tell whether the first two cells of a row can both be seen, as those of most rows can: it heads nothing."""
    for cell in raw[:2]:
        if not isinstance(cell, str) or not cell.isprintable() or not cell.strip():
            return False
    return len(raw) > 1


def _is_other(text: str, currency: str) -> bool:
    said = normal(text)
    if SECTION.fullmatch(said) or speaks_against(clean(text).casefold()):
        return True
    return len(said.split()) <= FEW and other_in(text, currency) is not None
