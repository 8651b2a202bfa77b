"""Which column is what, in one sheet: chosen by its headings, asked of staff where two are equal, never guessed."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from brought_forward.bot.errors import SheetError
from brought_forward.bot.sheet.cells import Cell, SheetCells
from brought_forward.bot.sheet.columns import owners
from brought_forward.bot.sheet.columns.census import Seen, survey
from brought_forward.bot.sheet.columns.grounds import PARTS_OF_BOTH, Owed, Sheet
from brought_forward.bot.sheet.columns.headings import Role, known, normal, roles_of
from brought_forward.bot.sheet.columns.heads import Heads
from brought_forward.bot.sheet.columns.joined import joined
from brought_forward.bot.sheet.columns.owed import owed
from brought_forward.bot.sheet.columns.sought import SAMPLED, Column, Sought, answer_of, ask, column_at, which_of
from brought_forward.bot.sheet.rules import SheetRules
from brought_forward.bot.sheet.texts import digest, rows_holding, shown

ASKED = (Role.MATTER, Role.AMOUNT, Role.USER)


@dataclass(frozen=True, slots=True)
class Header:
    """The row of headings and the column of each role; the amount is always there."""

    row: int  # as the spreadsheet numbers it
    columns: dict[Role, Column]
    remarks: tuple[str, ...]
    signature: str
    headings: tuple[str, ...] = ()  # normalised, from the sheet's first column on
    outline: tuple[str, ...] = ()  # columns without a heading that name customers, jobs below them set in
    below_rows: frozenset[Role] = frozenset()  # roles read from unlabelled rows that head groups
    named_by: Role | None = None  # the matter's column is one of clients: "Smith:00012" there is matter 00012
    census: tuple[Seen, ...] = ()
    due: Owed | None = None  # how the balance's column was chosen
    above: Mapping[Role, str] = field(default_factory=dict)  # the matter, and client, that titles name for all rows
    matters: list[Cell] | None = None  # in place of the matter's column: clients' numbers joined in


def read_header(cells: SheetCells, heads: Heads, rules: SheetRules) -> Header:
    """Choose the column of each role from the headings, and the balance by what the columns add up to.

    Raises SheetQuestion where two could equally be the matter, the amount or the user, and where only clients are
    named; SheetError where two headings of another role are the same, and for a ledger of trust money.
    """
    sought = Sought(cells, rules, heads.at, [normal(text, rules.currency) for text in heads.texts], heads.texts)
    keyed = "\x1f".join(["" for _ in range(1, cells.first_column)] + sought.headings).rstrip("\x1f")
    sought.signature = digest(keyed)
    kept, remarks = _one_table(sought)
    ranked: dict[Role, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for place in kept:
        found = known(sought.texts[place], rules.currency) if place < len(sought.texts) else None
        if found:
            ranked[found[0]][found[1]].append(place)
    ranked.pop(Role.AMOUNT, None)
    chosen: dict[Role, int] = {}
    for role, ranks in ranked.items():
        chosen[role], weaker = _choose(sought, role, ranks)
        if weaker and role in ASKED:
            named = " or ".join(str(column_at(sought, place)) for place in weaker)
            remarks.append(f"The {role} is read from column {column_at(sought, chosen[role])}, not from {named}.")
    census = survey(cells, cells.rows[heads.at + 1 :], [*sought.texts], rules.currency)
    census = [seen for seen in census if seen.place in kept]
    owners.ask_of_other_matters(sought, chosen, census)
    owners.find_people(sought, chosen, census, remarks)
    due = owed(_sheet(sought, chosen, census))
    own = next((seen for seen in census if seen.place == chosen.get(Role.MATTER)), None)
    matters = joined(census, own, rules.answers, sought.signature, rules.matters) if own else None
    chosen[Role.AMOUNT] = next(seen.place for seen in census if seen.letter == due.letter)
    above = owners.named_above(sought, chosen)
    outline, below, named_by = owners.find_matters(sought, chosen, remarks)
    below |= owners.find_users(sought, chosen, below)
    columns = {role: column_at(sought, place) for role, place in chosen.items()}
    return Header(
        row=cells.first_row + heads.at,
        columns=columns | {Role.AMOUNT: Column(due.letter, due.heading)},
        remarks=(*remarks, *due.remarks),
        signature=sought.signature,
        headings=tuple(sought.headings),
        outline=tuple(map(sought.letter, outline)),
        below_rows=frozenset(below),
        named_by=named_by,
        census=tuple(census),
        due=due,
        above=above,
        matters=matters,
    )


def _sheet(sought: Sought, chosen: dict[Role, int], census: list[Seen]) -> Sheet:
    cells = sought.cells
    matters = next((seen.values for seen in census if seen.place == chosen.get(Role.MATTER)), None)
    titles = [shown(cell) for row in cells.rows[: sought.at] for cell in row if isinstance(cell, str) and cell.strip()]
    likely = rows_holding(PARTS_OF_BOTH, cells, sought.at + 1)
    return Sheet(
        cells.sheet, titles, cells.rows[sought.at + 1 :], cells.first_row + sought.at + 1, census, matters,
        sought.rules.currency, sought.rules.answers, sought.signature, likely,
    )  # fmt: skip


def _choose(sought: Sought, role: Role, ranks: dict[int, list[int]]) -> tuple[int, list[int]]:
    """Give the place of a role's column, and those of weaker headings."""
    strongest = ranks[min(ranks)]
    weaker = [place for rank in sorted(ranks) if rank > min(ranks) for place in ranks[rank]]
    answered = answer_of(sought, role, [*strongest, *weaker])
    if answered is not None:
        return answered, []
    if len(strongest) > 1:
        columns = [column_at(sought, place) for place in strongest]
        if role in ASKED:
            raise ask(sought, role, strongest, which_of(role, columns, sought.cells.sheet))
        if len({sought.headings[place] for place in strongest}) < len(strongest) and role in {Role.DATE, Role.NOTE}:
            raise SheetError(
                f"{which_of(role, columns, sought.cells.sheet)} "
                "Keep the heading of the right one, rename or delete the rest, and drop the file again."
            )
    return strongest[0], weaker


def _one_table(sought: Sought) -> tuple[list[int], list[str]]:
    """Leave out a second table beside the first, behind a column that is empty all the way down."""
    width = max(map(len, sought.cells.rows[sought.at : sought.at + SAMPLED]), default=0)
    sought.headings += [""] * (width - len(sought.headings))
    rows = [sought.cells.rows[sought.at], *sought.below()]
    blocks: list[list[int]] = [[]]
    for place in range(width):
        if any(place < len(row) and row[place] not in {None, ""} for row in rows):
            blocks[-1].append(place)
        elif blocks[-1]:
            blocks.append([])
    sought.texts += [""] * (width - len(sought.texts))
    roles = [
        {one[0] for place in block if (one := known(sought.texts[place], sought.rules.currency))} for block in blocks
    ]
    whole = [number for number, found in enumerate(roles) if {Role.MATTER, Role.AMOUNT} <= found]
    _refuse_two_lists(sought, blocks, whole)
    if len(whole) != 1:
        return list(range(width)), []
    others = [
        number for number, found in enumerate(roles) if number != whole[0] and Role.AMOUNT in found and len(found) > 1
    ]
    left = {place for number in others for place in blocks[number]}
    named = ", ".join(sought.letter(blocks[number][0]) for number in others)
    remarks = [f"A second table beside the first begins in column {named}; it is not read."] if others else []
    return [place for place in range(width) if place not in left], remarks


def _refuse_two_lists(sought: Sought, blocks: list[list[int]], whole: list[int]) -> None:
    """Refuse a sheet on which the same headings of matters and balances come twice, side by side."""
    if len(whole) == 1:  # no empty column between the two
        block = blocks[whole[0]]
        blocks, whole = [block[: len(block) // 2], block[len(block) // 2 :]], [0, 1]
    lists = [[sought.headings[place] for place in blocks[number]] for number in whole]
    if len(lists) > 1 and lists[0] == lists[1] and {Role.MATTER, Role.AMOUNT} <= roles_of(list(lists[0]), ""):
        named = " and ".join(sought.letter(blocks[number][0]) for number in whole)
        raise SheetError(
            f'"{sought.cells.sheet}" has {len(lists)} lists side by side, which begin in columns {named}. Put them'
            " below one another, and drop the file again."
        )
