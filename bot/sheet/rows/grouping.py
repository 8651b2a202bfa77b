"""Reports in groups: what heading rows say goes down to the rows below them, and what is no row of a balance goes."""

import re
from dataclasses import dataclass, field

from brought_forward.bot.sheet.cells import Cell, SheetCells, column_number
from brought_forward.bot.sheet.columns.footers import is_footer, is_note, is_title, texts_of, titles_of
from brought_forward.bot.sheet.columns.header import Header
from brought_forward.bot.sheet.columns.headings import LABELS, Role, is_bucket, like_headings, normal
from brought_forward.bot.sheet.columns.labels import Total
from brought_forward.bot.sheet.columns.owners import labelled
from brought_forward.bot.sheet.rows.table import Row
from brought_forward.bot.sheet.rows.totals import total_of
from brought_forward.bot.sheet.texts import clean, shown

NOBODY = {"uncategorized", "uncategorised", "unassigned", "no attorney", "none", "not assigned"}
DIGIT = re.compile("[0-9]")
NUMERIC = re.compile(r"\W*[0-9][0-9.,' ]*\W*")


@dataclass(slots=True)
class Grouping:
    """The rows that can hold a balance, and the totals among them."""

    rows: list[Row] = field(default_factory=list)
    totals: dict[int, tuple[Row, Total]] = field(default_factory=dict)
    headings: list[tuple[int, str]] = field(default_factory=list)  # where each group begins, normalised
    remarks: list[str] = field(default_factory=list)
    broken: set[int] = field(default_factory=set)  # rows whose matter or amount the workbook could not work out
    unnamed: dict[int, Row] = field(default_factory=dict)  # rows that have their matter from above, as they stand
    stands: dict[int, Row] = field(default_factory=dict)  # rows that have anything from above, as they stand
    elsewhere: dict[int, list[int]] = field(default_factory=dict)  # rows of another table, by the row of its headings


@dataclass(slots=True)
class _Place:
    """Where in the report a row stands."""

    fills: dict[Role, str] = field(default_factory=dict)
    order: list[Role] = field(default_factory=list)  # as the report nests them
    last: Row | None = None  # the last row with a matter, in the same group
    named: set[str] = field(default_factory=set)  # what a total may be of
    closed: bool = False  # a total that names no group has come since the last group began
    reading: bool = True  # False within another table
    filled: int = 0
    skipped: list[int] = field(default_factory=list)


def has_amount(cell: Cell) -> bool:
    """Tell whether a cell could be an amount: a number, or a text with a digit or of a dash."""
    return bool(DIGIT.search(cell)) if isinstance(cell, str) else cell is not None


def group(rows: list[Row], cells: SheetCells, header: Header, currency: str) -> Grouping:
    """Go down the report once. Rows that are plain lines pass as they are."""
    found = Grouping(broken=_broken(cells, header))
    place = _Place(dict(header.above), list(header.above))
    below = cells.rows[header.row + 1 - cells.first_row :]
    coded = _mostly_digits(rows)
    titles = titles_of(cells.rows[: header.row - cells.first_row])
    last = max((number for number, row in enumerate(rows) if has_amount(row.amount)), default=-1)
    for number, row in enumerate(rows):
        plain = row.matter is not None and row.amount is not None and not row.label
        if plain and place.reading and (not isinstance(row.amount, str) or has_amount(row.amount)):
            _take(row, row, place, found)
            place.last = row
            continue
        raw = below[number]
        if not has_amount(row.amount) and _again(raw, header, currency):
            place.reading = True
            continue
        if not has_amount(row.amount) and like_headings(raw, currency):
            place.reading = False
            place.skipped.append(row.number)
            found.elsewhere[row.number] = []
            continue
        if not place.reading:
            found.elsewhere[place.skipped[-1]].append(row.number)
            continue
        if row.number not in found.broken and _is_margin(
            row, raw, titles, below[number - 1] if number > last else None
        ):
            continue
        total = total_of(row, _named(place)) if row.label else None
        if total is not None:
            found.totals[row.number] = (row, total)
            _leave(place, row.label)
        elif (
            not has_amount(row.amount)
            and row.amount is None
            and row.number not in found.broken
            and _is_heading(row, raw, place, rows, number, coded, header)
        ):
            texts = [clean(cell) for cell in raw if isinstance(cell, str) and clean(cell)]
            names = {normal(text) for text in [*texts, *labelled(texts).values()]} - {""}
            found.headings += [(row.number, name) for name in names]
            place.named |= names
        elif place.closed and row.matter is None and has_amount(row.amount) and _is_words(raw):
            found.rows.append(row)
        elif row.matter is not None or row.amount is not None or row.number in found.broken:
            own = _with_matter(row, place)
            place.last = own if own.matter is not None else place.last
            _take(row, own, place, found)
    _say(place, found)
    return found


def _take(row: Row, own: Row, place: _Place, found: Grouping) -> None:
    """Take a row for one that can hold a balance; `own` is the row with a matter from above."""
    own = _filled(own, place) if place.fills else own
    if row.matter is None and own.matter is not None:
        found.unnamed[row.number] = row
    if own is not row:
        found.stands[row.number] = row
    found.rows.append(own)


def _is_margin(row: Row, raw: list[Cell], titles: set[str], before: list[Cell] | None) -> bool:
    """Tell whether a row is of the page, not of the table; `before` is the row above it, below the last amount."""
    texts = texts_of(raw)
    if is_footer(texts):
        return row.amount is None or not NUMERIC.fullmatch(shown(row.amount))
    if row.amount is not None or row.label:
        return False
    if is_title(texts, titles):
        return row.matter is None or len(texts) == 1
    alone = before is not None and len(texts) == 1
    return alone and (not texts_of(before or []) or is_note(texts[0]))


def _broken(cells: SheetCells, header: Header) -> set[int]:
    """Name the rows that hold an error or a valueless formula as matter or amount: they read as empty, and are not."""
    columns = {
        column_number(header.columns[role].letter) for role in (Role.MATTER, Role.AMOUNT) if role in header.columns
    }
    return {row for row, column in cells.faults if column in columns}


def _is_heading(
    row: Row, raw: list[Cell], place: _Place, rows: list[Row], number: int, coded: bool, header: Header
) -> bool:
    """Take in what a row without an amount says of those below it; False if it may be a line that lacks its amount."""
    texts = [clean(cell) for cell in raw if isinstance(cell, str) and clean(cell)]
    said = labelled(texts)
    if said:
        _enter(place, said)
        return True
    if len([cell for cell in raw if cell not in {None, ""}]) != 1 or not texts:
        return row.matter is None and bool(texts)
    (text,) = texts
    if row.user is not None and row.matter is None and row.client is None:  # alone in the users' own column
        _enter(place, {Role.USER: "" if normal(text) in NOBODY else text})
        return True
    following = next((later for later in rows[number + 1 : number + 4] if later.amount is not None), None)
    if row.matter is not None:
        if following is not None and following.matter is None and not following.label:
            _enter(place, {Role.MATTER: text})
            return True
        set_in = following is not None and following.level > row.level
        if not (set_in or _is_ageing(text) or normal(text) in NOBODY or (coded and not DIGIT.search(text))):
            return False
        if set_in and not (coded and Role.USER in header.below_rows and not DIGIT.search(text)):
            return True
    place.last = None
    if row.client is not None and (following is None or following.client in {None, row.client}):
        _enter(place, {Role.CLIENT: text})
    elif Role.USER in header.below_rows and not is_bucket(normal(text)):
        _enter(place, {Role.USER: "" if normal(text) in NOBODY else text})
    elif Role.MATTER in header.below_rows:
        _enter(place, {Role.MATTER: text})
    return True


def _is_ageing(text: str) -> bool:
    """Tell whether a text is of an ageing bucket, as "31-60" is and a matter "100-2" is not."""
    first, _, second = normal(text).partition(" ")
    falling = first.isdigit() and second.isdigit() and int(first) >= int(second)
    return is_bucket(normal(text)) and not falling


def _enter(place: _Place, said: dict[Role, str]) -> None:
    """Begin a group: what stands further in ends with the one before."""
    place.last, place.closed = None, False
    place.order += [role for role in said if role not in place.order]
    outermost = min(place.order.index(role) for role in said)
    for role in place.order[outermost:]:
        place.fills.pop(role, None)
    place.fills |= said


def _leave(place: _Place, label: str) -> None:
    """End what a total closes, so that no row after it is taken into the group."""
    place.last = None
    ended = next(
        (role for role in place.order if normal(place.fills.get(role, "")) and _closes(label, role, place)), None
    )
    place.closed = ended is None
    if ended is not None:
        for role in place.order[place.order.index(ended) :]:
            place.fills.pop(role, None)


def _is_words(raw: list[Cell]) -> bool:
    """Tell whether a row says of its money no more than words: "Unbilled time not included" is no invoice."""
    others = [cell for cell in raw if cell not in {None, ""} and not isinstance(cell, (int, float))]
    texts = [cell for cell in others if isinstance(cell, str) and not NUMERIC.fullmatch(cell)]
    return all(isinstance(cell, str) for cell in others) and len(texts) == 1 and not DIGIT.search(texts[0])


def _closes(label: str, role: Role, place: _Place) -> bool:
    name = normal(place.fills[role])
    return name in label or any(word in label.split() for word, meant in LABELS.items() if meant is role)


def _with_matter(row: Row, place: _Place) -> Row:
    """Give an invoice's row the matter of its group."""
    if row.matter is not None or not has_amount(row.amount):
        return row
    if place.fills.get(Role.MATTER):
        return row
    if row.invoice is not None and place.last is not None and DIGIT.search(shown(row.invoice)):
        place.filled += 1
        return row._replace(
            matter=place.last.matter, client=row.client or place.last.client, user=row.user or place.last.user
        )
    return row


def _filled(row: Row, place: _Place) -> Row:
    """Put what the headings above say where the row says nothing."""
    return row._replace(
        matter=place.fills.get(Role.MATTER) or None if row.matter is None else row.matter,
        client=place.fills.get(Role.CLIENT) or None if row.client is None else row.client,
        user=place.fills.get(Role.USER) or None if row.user is None else row.user,
    )


def _named(place: _Place) -> set[str]:
    """Name what a total row could be of: the groups begun, and what the last row says."""
    last = place.last
    cells = (last.matter, last.client, last.user) if last else ()
    return (
        place.named
        | {normal(shown(cell)) for cell in cells if cell is not None}
        | {normal(text) for text in place.fills.values()}
    )


def _mostly_digits(rows: list[Row]) -> bool:
    """Tell whether the sheet's matters, where there is an amount too, all have a digit; the last may be a total."""
    matters = [row.matter for row in rows if row.amount is not None and row.matter is not None and not row.label]
    told = matters[:-1] if len(matters) > 2 else matters
    return bool(told) and all(not isinstance(matter, str) or DIGIT.search(matter) for matter in told)


def _again(raw: list[Cell], header: Header, currency: str) -> bool:
    """Tell whether a row says the headings again, or one row of headings in two: each text begins or ends its own."""
    said = [(normal(cell, currency), at) for at, cell in enumerate(raw) if cell not in {None, ""}]
    if len(said) < 2 or any(at >= len(header.headings) for _, at in said):
        return False
    own = [(text.split(), header.headings[at].split()) for text, at in said]
    return all(text in (one[: len(text)], one[-len(text) :] if text else []) for text, one in own)


def _say(place: _Place, found: Grouping) -> None:
    if place.filled:
        what = "1 invoice has" if place.filled == 1 else f"{place.filled} invoices have"
        found.remarks.append(f"{what} no matter of its own row: the matter above is taken.")
    for number in place.skipped[:3]:
        found.remarks.append(
            f"Another table begins in row {number}; it is not read. Drop it as a file of its own if it has balances."
        )
    if more := place.skipped[3:]:
        many = "One more begins" if len(more) == 1 else f"{len(more)} more begin, the first"
        found.remarks.append(f"{many} in row {more[0]}; none of them is read.")
