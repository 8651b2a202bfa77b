"""What to say of a sheet without the columns that balances need."""

from collections.abc import Sequence

from brought_forward.bot.sheet.cells import SheetCells, untagged
from brought_forward.bot.sheet.columns.headings import Role, roles_of
from brought_forward.bot.sheet.columns.heads import WITHIN
from brought_forward.bot.sheet.texts import clean, clipped

MOST_SHEETS = 4  # that are named


def missing_columns(sheets: Sequence[SheetCells], currency: str) -> str:
    """Say which column is lacking, with the real headings of each sheet that has content."""
    best = [_likest(cells, currency) for cells in sheets]
    roles = {role for row in best for role in roles_of(list(row), currency)}
    named = " or ".join(f'"{cells.sheet}"' for cells in sheets[:MOST_SHEETS])
    if Role.MATTER in roles:
        what, name = f"No column of balances found in {named}.", '"Balance"'
    elif Role.AMOUNT in roles:
        what, name = f"No column of matter numbers found in {named}.", '"Matter"'
    else:
        what = f"No column of balances found in {named}, and none of matter numbers."
        name = '"Balance" and one "Matter"'
    told = [
        f"{'Columns' if len(sheets) == 1 else f'Columns of {chr(34)}{cells.sheet}{chr(34)}'}: {_list(row)}."
        for cells, row in zip(sheets[:MOST_SHEETS], best, strict=False)
    ]
    return f"{what} {' '.join(told)} Name one {name} and drop the file again."


def _likest(cells: SheetCells, currency: str) -> list[str]:
    """Give the texts of the row that looks most like headings: known ones, many texts, no amount and no day."""
    best: list[str] = []
    best_score = (-1, 0, 0)
    for row in cells.rows[:WITHIN]:
        held = [untagged(cell) for cell in row if cell not in {None, ""}]
        texts = [text for cell in held if isinstance(cell, str) and (text := clean(cell))]
        known = len(roles_of(list(texts), currency))
        others = len(held) - len(texts) + sum(map(_is_number, texts))
        score = (known, int(len(texts) > 1 and not others), min(len(texts), 2) - (others > 0))
        if score > best_score:
            best, best_score = [text for text in texts if not _is_number(text)], score
    return best


def _is_number(text: str) -> bool:
    return not any(sign.isalpha() for sign in text)


def _list(texts: Sequence[str], most: int = 12) -> str:
    if not texts:
        return "none"
    named = [clipped(text) for text in texts]
    return ", ".join(named[:most]) + (f" and {len(named) - most} more" if len(named) > most else "")
