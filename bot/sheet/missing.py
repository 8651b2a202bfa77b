"""What to say of a sheet without the columns that balances need."""

from brought_forward.bot.sheet.cells import Cell, SheetCells
from brought_forward.bot.sheet.headings import Role, roles_of
from brought_forward.bot.sheet.heads import WITHIN
from brought_forward.bot.sheet.texts import clean, clipped


def missing_columns(cells: SheetCells, currency: str) -> str:
    """Say which column a sheet lacks, with the headings of the row that looks most like a header."""
    best: list[Cell] = []
    best_score = (0, 0)
    for row in cells.rows[:WITHIN]:
        texts: list[Cell] = [cell for cell in row if isinstance(cell, str) and clean(cell)]
        score = (len(roles_of(row, currency)), min(len(texts), 2))
        if score > best_score:
            best, best_score = texts, score
    roles = roles_of(best, currency)
    sheet = cells.sheet
    if Role.MATTER in roles:
        what, name = f'No column of balances found in "{sheet}".', '"Balance"'
    elif Role.AMOUNT in roles:
        what, name = f'No column of matter numbers found in "{sheet}".', '"Matter"'
    else:
        what = f'No column of balances found in "{sheet}", and none of matter numbers.'
        name = '"Balance" and one "Matter"'
    return f"{what} Columns: {_list(best)}. Name one {name} and drop the file again."


def _list(cells: list[Cell], most: int = 12) -> str:
    texts = [clipped(clean(str(cell))) for cell in cells]
    return ", ".join(texts[:most]) + (f" and {len(texts) - most} more" if len(texts) > most else "")
