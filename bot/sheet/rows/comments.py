"""What staff write to each other beside a balance: off the clients' bills until they put it on."""

from brought_forward.bot.sheet.cells import SheetCells
from brought_forward.bot.sheet.columns.header import Header
from brought_forward.bot.sheet.columns.headings import Role
from brought_forward.bot.sheet.rows.table import Row, column_of
from brought_forward.bot.sheet.rules import SheetRules
from brought_forward.bot.sheet.texts import shown
from brought_forward.storage.records.sheet import Comments

KEY, ON, OFF = "comments", "on", "off"  # of `SheetRules.answers`


def with_comments(
    rows: list[Row], cells: SheetCells, header: Header, rules: SheetRules
) -> tuple[list[Row], Comments | None]:
    """Put the comments behind the rows' notes where staff have said so, and say how many there are.

    None where no row has one.
    """
    column = header.columns.get(Role.COMMENT)
    if column is None:
        return rows, None
    held = column_of(cells, header, column.letter)
    said = {row.number: shown(held[row.number - header.row - 1]) for row in rows}
    notes = sum(1 for text in said.values() if text)
    if not notes:
        return rows, None
    on = rules.answers.get(KEY) == ON
    told = [_with(row, said[row.number]) for row in rows] if on else rows
    return told, Comments(column.letter, column.heading, notes, on)


def _with(row: Row, comment: str) -> Row:
    note = shown(row.note)
    return row._replace(note="; ".join(filter(None, [note, comment])) or None)
