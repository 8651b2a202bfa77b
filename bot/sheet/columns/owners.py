"""Whose an amount is where no heading says it: columns of clients, of the firm's users, and rows that head groups."""

import re
from collections.abc import Collection, Mapping, Sequence

from brought_forward.bot.errors import Candidate, SheetError, SheetQuestion
from brought_forward.bot.sheet.cells import Cell
from brought_forward.bot.sheet.columns.census import Part, Seen
from brought_forward.bot.sheet.columns.footers import is_footer, is_title, texts_of, titles_of
from brought_forward.bot.sheet.columns.headings import (
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
from brought_forward.bot.sheet.columns.heads import could_name
from brought_forward.bot.sheet.columns.sought import NONE, ROWS, Sought, answer_of, ask, column_at, which_of
from brought_forward.bot.sheet.texts import clean, clipped, shown
from brought_forward.storage.records.firm import folded

OURS = 0.8  # of a column's names that are users of the firm, for it to be theirs
SAME = 0.5  # that are in the user's column too, for it to be a column of people
RESPONSIBLE = 1  # rank of headings that say whose the revenue is, whoever stands beside: "User", "Responsible Attorney"
# A number of a matter that is headed as no other one is: "Clio Matter Number", "Parent Case", "New File No".
OTHER_MATTER = re.compile(
    r"(?!.*\b(?:name|description|type|status|date|opened|closed|balance|count|matters|cases|files)\b)"
    r"(?=.*\b(?:matter|case|file)\b).*\b(?:new|old|clio|bill(?:ed|ing)? to|billing|parent|master|main|related|correct"
    r"|alternate|other|second|former|previous|charge to)\b.*"
)
OFFERED = 8  # columns in a question


def find_people(sought: Sought, chosen: dict[Role, int], census: list[Seen], remarks: list[str]) -> None:
    """Take a column of the firm's users for theirs, whatever its heading; two that name others are asked about."""
    if Role.USER in chosen:
        _ask_of_others(sought, chosen, census, remarks)
        return
    people = sought.rules.people
    found = [seen.place for seen in census if seen.part is Part.TEXT and _share(_names(seen), people) >= OURS]
    answer = answer_of(sought, Role.USER, found)
    if answer is None and len(found) > 1:
        if sought.rules.answers.get("user") != NONE:
            raise _which_people(sought, found)
        return
    if found:
        chosen[Role.USER] = found[0] if answer is None else answer
        column = column_at(sought, chosen[Role.USER])
        remarks.append(f"Column {column} names users of the firm and is read as the user.")


def _ask_of_others(sought: Sought, chosen: dict[Role, int], census: list[Seen], remarks: list[str]) -> None:
    """Look at columns of people beside the user's own: told of where that is headed as responsible, else asked."""
    own = next((seen for seen in census if seen.place == chosen[Role.USER]), None)
    if own is None:
        return
    names = _names(own)
    others = [
        seen
        for seen in census
        if seen.part is Part.TEXT
        and (_share(_names(seen), sought.rules.people) >= OURS or _share(_names(seen), set(names.values())) >= SAME)
        and any(name != names.get(at, name) for at, name in _names(seen).items())
    ]
    places = [own.place, *(seen.place for seen in others)]
    if not others or answer_of(sought, Role.USER, places[:1]) is not None:
        return
    answer = answer_of(sought, Role.USER, places)
    if answer is not None:
        chosen[Role.USER] = answer
    elif sought.rules.answers.get("user") == NONE:
        del chosen[Role.USER]
    elif (known(own.heading, sought.rules.currency) or (Role.USER, 0))[1] <= RESPONSIBLE:
        named = " or ".join(map(str, others))
        remarks.append(f"The user is read from column {column_at(sought, own.place)}, not from {named}.")
    else:
        raise _which_people(sought, places)


def _which_people(sought: Sought, places: list[int]) -> SheetQuestion:
    no = Candidate(NONE, "Neither: each matter's responsible attorney", "")
    text = which_of(Role.USER, [column_at(sought, place) for place in places], sought.cells.sheet)
    return ask(sought, Role.USER, places, f"{text} All name users of the firm.", no)


def _names(seen: Seen) -> dict[int, str]:
    """Give the names in a column as they are compared, by row."""
    names = {cell: folded(clean(cell)) for cell in {one for one in seen.values if isinstance(one, str)}}
    return {at: name for at, cell in enumerate(seen.values) if isinstance(cell, str) and (name := names[cell])}


def _share(names: Mapping[int, str], people: Collection[str]) -> float:
    """Give the share of names that are those of some people."""
    return sum(name in people for name in names.values()) / len(names) if names and people else 0.0


def ask_of_other_matters(sought: Sought, chosen: dict[Role, int], census: list[Seen]) -> None:
    """Ask which column names the matters where another gives numbers of matters too: "New Matter No", "Bill To Matter".

    One that says the same on all rows is passed over.
    """
    own = next((seen for seen in census if seen.place == chosen.get(Role.MATTER)), None)
    if own is None:
        return
    names = [shown(cell) for cell in own.values]
    places = [own.place]
    for seen in census:
        if seen.part not in {Part.TEXT, Part.HARMLESS} or not OTHER_MATTER.fullmatch(seen.words):
            continue
        told = [shown(cell) for cell in seen.values]
        pairs = [(name, other) for name, other in zip(names, told, strict=True) if name and other]
        if 2 * len(pairs) >= len(list(filter(None, names))) and any(name != other for name, other in pairs):
            places.append(seen.place)
    answer = answer_of(sought, Role.MATTER, places)
    if len(places) > 1 and answer is None:
        text = which_of(Role.MATTER, [column_at(sought, place) for place in places], sought.cells.sheet)
        raise ask(sought, Role.MATTER, places, text)
    chosen[Role.MATTER] = own.place if answer is None else answer


def find_matters(
    sought: Sought, chosen: dict[Role, int], remarks: list[str]
) -> tuple[list[int], set[Role], Role | None]:
    """Find where matters are named if no heading says so: set-in names, labelled rows, or what staff answer."""
    if Role.MATTER in chosen:
        return [], set(), None
    clients = _could_name_matters(sought, chosen)
    outline = _outline(sought)
    if Role.MATTER in _labels(sought) or named_above(sought, chosen):
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
    answered = answer_of(sought, Role.MATTER, clients)
    if answered is None and not clients and not heads:
        raise SheetError(
            f'No column of "{sought.cells.sheet}" is headed as the matter. Name one "Matter", or write "Matter:" and'
            " its number above the table, and drop the file again."
        )
    if answered is None:
        text = f'No column of "{sought.cells.sheet}" is headed as the matter. Where is it?'
        raise ask(sought, Role.MATTER, clients, text, _rows_candidate(heads) if heads else None)
    chosen[Role.MATTER] = answered
    if chosen.get(Role.CLIENT) == answered:
        del chosen[Role.CLIENT]
    return [], set(), Role.CLIENT


def named_above(sought: Sought, chosen: dict[Role, int]) -> dict[Role, str]:
    """Give the matter, and its client, that the titles name for the whole sheet: a statement of account.

    A number alone is one: "Matter: All" is a report's filter. Nothing where a column names matters or clients.
    """
    if chosen.keys() & {Role.MATTER, Role.CLIENT}:
        return {}
    found: dict[Role, set[str]] = {}
    for row in sought.cells.rows[: sought.at]:
        texts = texts_of(row)
        for role, value in labelled(texts).items():
            found.setdefault(role, set()).add(value)
    named = {role: next(iter(values)) for role, values in found.items() if len(values) == 1}
    if not any(map(str.isdigit, named.get(Role.MATTER, ""))):
        return {}
    return {role: value for role, value in named.items() if role in {Role.MATTER, Role.CLIENT}}


def labelled(texts: Sequence[str]) -> dict[Role, str]:
    """Read "Client: Smith", "Client:" with Smith in the next cell, or "Matter" with "No.: 100-001" there."""
    found: dict[Role, str] = {}
    for number, text in enumerate(texts):
        label = LABEL.fullmatch(text)
        if label:
            value = label["value"] or next(iter(texts[number + 1 : number + 2]), "")
            found[LABELS[label[1].lower()]] = value.strip()
    if not found and len(texts) == 2 and (label := LABEL.fullmatch(" ".join(texts))):
        found[LABELS[label[1].lower()]] = label["value"].strip()
    return found


def _could_name_matters(sought: Sought, chosen: dict[Role, int]) -> list[int]:
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


def find_users(sought: Sought, chosen: dict[Role, int], below: set[Role]) -> set[Role]:
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


def _outline(sought: Sought) -> list[int]:
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


def _labels(sought: Sought) -> set[Role]:
    """Name the roles that rows below say they head: "Matter: 100-001"."""
    texts = (cell for row in sought.below() for cell in row if isinstance(cell, str))
    return {LABELS[found[1].lower()] for text in texts if (found := LABEL.fullmatch(clean(text)))}


def _heading_rows(sought: Sought, beside: dict[Role, int] | None = None) -> list[str]:
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
        if last and _is_line(row, filled, last[1], beside) and not like_headings(row, sought.rules.currency):
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


def _is_line(row: list[Cell], filled: list[int], above: str, beside: dict[Role, int]) -> bool:
    """Tell whether a row is one of those that a text `above` heads; of two columns, where only the row has a number."""
    if len(filled) > 2:
        return True
    matter = beside.get(Role.MATTER)
    numbered = matter in filled and bool(re.search("[0-9]", shown(row[matter])))
    return len(filled) == 2 and numbered and not re.search("[0-9]", above)


def _rows_candidate(heads: list[str]) -> Candidate:
    return Candidate(ROWS, "The rows that head each group", ", ".join(clipped(text, 24) for text in heads[:3]))
