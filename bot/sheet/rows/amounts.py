"""The balance's column as it counts: a sum that staff chose, the changes of a running balance, signs told by marks."""

from dataclasses import dataclass, field, replace

from brought_forward.bot.sheet.cells import Cell, SheetCells, column_number
from brought_forward.bot.sheet.columns.header import Header
from brought_forward.bot.sheet.columns.headings import Role
from brought_forward.bot.sheet.money.cents import cents_of
from brought_forward.bot.sheet.rows.marks import Marks, marks_of
from brought_forward.bot.sheet.rules import SheetRules

MINUS = ("-", "−", "–", "(")


@dataclass(frozen=True, slots=True)
class Counted:
    """The cells as they count, and what is to be said of rows; rows as the spreadsheet numbers them."""

    cells: SheetCells
    wrong: dict[int, tuple[str, str]] = field(default_factory=dict)  # column's letter, and why it is no plain balance
    out: dict[int, tuple[str, str]] = field(default_factory=dict)  # the same, where the sheet says paid or void
    earlier: frozenset[int] = frozenset()  # rows of a running balance that a later row replaces
    unmoved: frozenset[int] = frozenset()  # rows where it begins again though nothing in them changes it
    remarks: tuple[str, ...] = ()


def counted(cells: SheetCells, header: Header, rules: SheetRules) -> Counted:
    """Give the cells with the balance's column as it counts. Raises SheetQuestion where a mark is not known."""
    due = header.due
    assert due is not None  # noqa: S101 - read_header chose it
    place = column_number(due.letter) - cells.first_column
    start = header.row + 1 - cells.first_row
    own = [row[place] if place < len(row) else None for row in cells.rows[start:]]
    amounts = own if due.amounts is None else list(map(_amount, own, due.amounts))
    marks = Marks() if due.runs else marks_of(header.census, amounts, rules.answers, header.signature)
    if marks.less:
        amounts = [_lowered(cell) if at in marks.less else cell for at, cell in enumerate(amounts)]
    first = header.row + 1
    if amounts is not own:
        cells = _rewritten(cells, start, place, amounts)
    if header.matters is not None:
        matter = column_number(header.columns[Role.MATTER].letter) - cells.first_column
        cells = _rewritten(cells, start, matter, header.matters)
    return Counted(
        cells,
        {first + at: (due.letter, text) for at, text in due.wrong.items()},
        {first + at: said for at, said in marks.out.items()},
        frozenset(first + at for at in due.earlier),
        frozenset(first + at for at in due.unmoved),
        tuple(marks.said),
    )


def _amount(own: Cell, amount: Cell) -> Cell:
    """Give what counts in place of a cell; a heading that comes again stays one."""
    return own if amount is None and isinstance(own, str) and cents_of(own) is None else amount


def _rewritten(cells: SheetCells, start: int, place: int, column: list[Cell]) -> SheetCells:
    rows = [_with(row, place, cell) for row, cell in zip(cells.rows[start:], column, strict=True)]
    return replace(cells, rows=[*cells.rows[:start], *rows])


def _with(row: list[Cell], place: int, amount: Cell) -> list[Cell]:
    row = [*row, *[None] * (place + 1 - len(row))]
    row[place] = amount
    return row


def _lowered(cell: Cell) -> Cell:
    """Give an amount with its sign turned; a text keeps its style."""
    if isinstance(cell, (int, float)):
        return -cell
    return f"-{cell.strip().lstrip('+ ')}" if isinstance(cell, str) and not cell.strip().startswith(MINUS) else cell
