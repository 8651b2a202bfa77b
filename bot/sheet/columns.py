"""Which column is what, in one sheet: chosen by its headings, asked of staff where two are equal, never guessed."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from brought_forward.bot.errors import Candidate, SheetError, SheetQuestion
from brought_forward.bot.sheet.cells import Cell, SheetCells, column_letters
from brought_forward.bot.sheet.census import Part, Seen, survey
from brought_forward.bot.sheet.footers import is_footer, is_title, texts_of, titles_of
from brought_forward.bot.sheet.grounds import Sheet
from brought_forward.bot.sheet.headings import (
    LABEL,
    LABELS,
    Role,
    heading_words,
    is_bucket,
    known,
    like_headings,
    normal,
    roles_of,
)
from brought_forward.bot.sheet.heads import Heads, could_name
from brought_forward.bot.sheet.joined import joined
from brought_forward.bot.sheet.owed import Owed, owed
from brought_forward.bot.sheet.rules import SheetRules
from brought_forward.bot.sheet.texts import clean, clipped, digest, shown
from brought_forward.storage.records.firm import folded

OURS = 0.8  # of a column's names that are users of the firm, for it to be theirs
OFFERED = 8  # columns in a question
SAMPLED = 400  # rows below the header in which a sample or a heading row is looked for
ASKED = (Role.MATTER, Role.AMOUNT, Role.USER)
ROWS, NONE = "rows", "none"  # answers that are no column


@dataclass(frozen=True, slots=True)
class Column:
    """A column with a part in the reading."""

    letter: str
    heading: str  # as the sheet writes it, on one line

    def __str__(self) -> str:
        return f'{self.letter} "{clipped(self.heading)}"'


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
    matters: list[Cell] | None = None  # in place of the matter's column: clients' numbers joined in


@dataclass(slots=True)
class _Sought:
    """One sheet while its header is read."""

    cells: SheetCells
    rules: SheetRules
    at: int  # the header's place in `cells.rows`
    headings: list[str]  # normalised
    texts: list[str]  # as the sheet writes them
    signature: str = ""

    def letter(self, place: int) -> str:
        return column_letters(self.cells.first_column + place)

    def below(self) -> Iterator[list[Cell]]:
        yield from self.cells.rows[self.at + 1 : self.at + 1 + SAMPLED]

    def sample(self, place: int) -> str:
        """Write the first cells of a column, for people to know it by."""
        texts = (shown(row[place]) for row in self.below() if place < len(row))
        found = list(dict.fromkeys(clipped(text, 24) for text in texts if text))
        return ", ".join(found[:3])


def read_header(cells: SheetCells, heads: Heads, rules: SheetRules) -> Header:
    """Choose the column of each role from the headings, and the balance by what the columns add up to.

    Raises SheetQuestion where two could equally be the matter, the amount or the user, and where only clients are
    named; SheetError where two headings of another role are the same, and for a ledger of trust money.
    """
    sought = _Sought(cells, rules, heads.at, [normal(text, rules.currency) for text in heads.texts], heads.texts)
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
            named = " or ".join(str(_column(sought, place)) for place in weaker)
            remarks.append(f"The {role} is read from column {_column(sought, chosen[role])}, not from {named}.")
    census = survey(cells, cells.rows[heads.at + 1 :], [*sought.texts], rules.currency)
    census = [seen for seen in census if seen.place in kept]
    _people(sought, chosen, census, remarks)
    due = owed(_sheet(sought, chosen, census))
    own = next((seen for seen in census if seen.place == chosen.get(Role.MATTER)), None)
    matters = joined(census, own, rules.answers, sought.signature, rules.matters) if own else None
    chosen[Role.AMOUNT] = next(seen.place for seen in census if seen.letter == due.letter)
    outline, below, named_by = _matters(sought, chosen, remarks)
    below |= _users(sought, chosen, below)
    columns = {role: _column(sought, place) for role, place in chosen.items()}
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
        matters=matters,
    )


def _sheet(sought: _Sought, chosen: dict[Role, int], census: list[Seen]) -> Sheet:
    cells = sought.cells
    matters = next((seen.values for seen in census if seen.place == chosen.get(Role.MATTER)), None)
    titles = [shown(cell) for row in cells.rows[: sought.at] for cell in row if isinstance(cell, str) and cell.strip()]
    return Sheet(
        cells.sheet, titles, cells.rows[sought.at + 1 :], cells.first_row + sought.at + 1, census, matters,
        sought.rules.currency, sought.rules.answers, sought.signature,
    )  # fmt: skip


def _people(sought: _Sought, chosen: dict[Role, int], census: list[Seen], remarks: list[str]) -> None:
    """Take a column of the firm's users for theirs, whatever its heading; two are asked about."""
    people = sought.rules.people
    if not people or Role.USER in chosen:
        return
    found = []
    for seen in census:
        names = [name for cell in seen.values if isinstance(cell, str) and (name := folded(clean(cell)))]
        if names and seen.part is Part.TEXT and sum(name in people for name in names) >= OURS * len(names):
            found.append(seen.place)
    answer = _answered(sought, Role.USER, found)
    if answer is None and len(found) > 1:
        no = Candidate(NONE, "Neither: each matter's responsible attorney", "")
        text = _which(Role.USER, [_column(sought, place) for place in found], sought.cells.sheet)
        if sought.rules.answers.get("user") != NONE:
            raise _question(sought, Role.USER, found, f"{text} All name users of the firm.", no)
        return
    if found:
        chosen[Role.USER] = found[0] if answer is None else answer
        column = _column(sought, chosen[Role.USER])
        remarks.append(f"Column {column} names users of the firm and is read as the user.")


def _choose(sought: _Sought, role: Role, ranks: dict[int, list[int]]) -> tuple[int, list[int]]:
    """Give the place of a role's column, and those of weaker headings."""
    strongest = ranks[min(ranks)]
    weaker = [place for rank in sorted(ranks) if rank > min(ranks) for place in ranks[rank]]
    answered = _answered(sought, role, [*strongest, *weaker])
    if answered is not None:
        return answered, []
    if len(strongest) > 1:
        columns = [_column(sought, place) for place in strongest]
        if role in ASKED:
            raise _question(sought, role, strongest, _which(role, columns, sought.cells.sheet))
        if len({sought.headings[place] for place in strongest}) < len(strongest) and role in {Role.DATE, Role.NOTE}:
            raise SheetError(
                f"{_which(role, columns, sought.cells.sheet)} "
                "Keep the heading of the right one, rename or delete the rest, and drop the file again."
            )
    return strongest[0], weaker


def _matters(sought: _Sought, chosen: dict[Role, int], remarks: list[str]) -> tuple[list[int], set[Role], Role | None]:
    """Find where matters are named if no heading says so: set-in names, labelled rows, or what staff answer."""
    if Role.MATTER in chosen:
        return [], set(), None
    clients = _could_name_matters(sought, chosen)
    outline = _outline(sought)
    if Role.MATTER in _labels(sought):
        return [], set(), None
    if outline and Role.CLIENT not in chosen:
        named = " and ".join(map(sought.letter, outline))
        what = "Column" if len(outline) == 1 else "Columns"
        has = "has" if len(outline) == 1 else "have"
        remarks.append(f"{what} {named} {has} no heading: the names there are read as the matters.")
        return outline, set(), None
    heads = _heading_rows(sought)
    if sought.rules.answers.get("matter") == ROWS and heads:
        return [], {Role.MATTER}, None
    answered = _answered(sought, Role.MATTER, clients)
    if answered is None:
        text = f'No column of "{sought.cells.sheet}" is headed as the matter. Where is it?'
        raise _question(sought, Role.MATTER, clients, text, _rows_candidate(heads) if heads else None)
    chosen[Role.MATTER] = answered
    if chosen.get(Role.CLIENT) == answered:
        del chosen[Role.CLIENT]
    return [], set(), Role.CLIENT


def _could_name_matters(sought: _Sought, chosen: dict[Role, int]) -> list[int]:
    """Find every column that could say whose an amount is: clients first, then ids and names."""
    taken = {place for role, place in chosen.items() if role is not Role.CLIENT}
    clients, others = [], []
    for place, text in enumerate(sought.texts):
        found = known(text, sought.rules.currency)
        if place in taken or not sought.sample(place):
            continue
        if found and found[0] is Role.CLIENT:
            clients.append(place)
        elif found is None and could_name(heading_words(text, sought.rules.currency)):
            others.append(place)
    return [*clients, *others][:OFFERED]


def _users(sought: _Sought, chosen: dict[Role, int], below: set[Role]) -> set[Role]:
    """Ask whether rows that head groups name the users, where no column and no label does."""
    if Role.USER in chosen or below or Role.USER in _labels(sought) or Role.MATTER in _labels(sought):
        return set()
    if Role.MATTER not in chosen:
        return set()
    heads = _heading_rows(sought, beside=chosen)
    titles = normal(" ".join(shown(cell) for row in sought.cells.rows[: sought.at] for cell in row))
    if not heads or re.search(r"\b(?:by|per) (?:client|customer|practice area|matter type)\b", titles):
        return set()
    by_user = re.search(r"\b(?:by|per) (?:\w+ )?(?:attorney|lawyer|user|staff|timekeeper|solicitor)\b", titles)
    answer = sought.rules.answers.get("user") or (ROWS if by_user else None)
    if answer not in {ROWS, NONE}:
        text = f'Rows of "{sought.cells.sheet}" head groups, such as "{clipped(heads[0])}". Are these the users?'
        no = Candidate(NONE, "No: each matter's responsible attorney", "")
        raise SheetQuestion(text, kind="user", candidates=(_rows_candidate(heads), no), signature=sought.signature)
    return {Role.USER} if answer == ROWS else set()


def _outline(sought: _Sought) -> list[int]:
    """Find the columns left of all headings, without one, in which names stand."""
    first = next((place for place, heading in enumerate(sought.headings) if heading), 0)
    if roles_of(list(sought.texts), "") & {Role.CLIENT, Role.INVOICE, Role.DATE}:
        return []
    rows = list(sought.below())
    return [
        place
        for place in range(first)
        if any(isinstance(row[place], str) and row[place] for row in rows if place < len(row))
    ]


def _labels(sought: _Sought) -> set[Role]:
    """Name the roles that rows below say they head: "Matter: 100-001"."""
    texts = (cell for row in sought.below() for cell in row if isinstance(cell, str))
    return {LABELS[found[1].lower()] for text in texts if (found := LABEL.fullmatch(clean(text)))}


def _heading_rows(sought: _Sought, beside: dict[Role, int] | None = None) -> list[str]:
    """Give the texts that stand alone in a row, followed by a row that is filled: they head a group.

    In the client's column they head a group of something else only if the rows below name their clients.
    """
    found: list[str] = []
    beside = beside or {}
    last: tuple[int, str] | None = None
    titles = titles_of(sought.cells.rows[: sought.at])
    for row in sought.below():
        if is_footer(texts_of(row)) or is_title(texts_of(row), titles):
            continue
        filled = [place for place, cell in enumerate(row) if cell not in {None, ""}]
        if len(filled) > 2 and last and not like_headings(row, sought.rules.currency):
            at, text = last
            client = at == beside.get(Role.CLIENT) and (at not in filled or normal(row[at]) == normal(text))
            matter = at == beside.get(Role.MATTER) and bool(re.search("[0-9]", text))
            if not client and not matter and at not in {beside.get(Role.AMOUNT), beside.get(Role.INVOICE)}:
                found.append(text)
        alone = row[filled[0]] if len(filled) == 1 else None
        heads = isinstance(alone, str) and "total" not in alone.lower() and not is_bucket(normal(alone))
        label = LABEL.fullmatch(clean(alone)) if isinstance(alone, str) else None
        if label and LABELS[label[1].lower()] is Role.CLIENT:
            heads = False
        last = (filled[0], clean(str(alone))) if heads else None
    return list(dict.fromkeys(text for text in found if text))


def _rows_candidate(heads: list[str]) -> Candidate:
    return Candidate(ROWS, "The rows that head each group", ", ".join(clipped(text, 24) for text in heads[:3]))


def _one_table(sought: _Sought) -> tuple[list[int], list[str]]:
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
    if len(whole) != 1:
        return list(range(width)), []
    others = [
        number for number, found in enumerate(roles) if number != whole[0] and Role.AMOUNT in found and len(found) > 1
    ]
    left = {place for number in others for place in blocks[number]}
    named = ", ".join(sought.letter(blocks[number][0]) for number in others)
    remarks = [f"A second table beside the first begins in column {named}; it is not read."] if others else []
    return [place for place in range(width) if place not in left], remarks


def _column(sought: _Sought, place: int) -> Column:
    return Column(sought.letter(place), clean(sought.texts[place]) if place < len(sought.texts) else "")


def _answered(sought: _Sought, role: Role, places: list[int]) -> int | None:
    """Give the column that staff have answered, if it is one of those in question."""
    answer = sought.rules.answers.get(role.value)
    return next((place for place in places if sought.letter(place) == answer), None)


def _question(
    sought: _Sought, role: Role, places: list[int], text: str, more: Candidate | None = None
) -> SheetQuestion:
    columns = [
        Candidate(sought.letter(place), _column(sought, place).heading, sought.sample(place)) for place in places
    ]
    candidates = (*columns, more) if more else tuple(columns)
    return SheetQuestion(text, kind=role.value, candidates=candidates, signature=sought.signature)


def _which(role: Role, columns: list[Column], sheet: str) -> str:
    count = "Two" if len(columns) == 2 else str(len(columns))
    named = f"{', '.join(map(str, columns[:-1]))} and {columns[-1]}"
    return f'{count} columns of "{sheet}" could be the {role}: {named}.'
