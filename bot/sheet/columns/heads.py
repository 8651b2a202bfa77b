"""Where a sheet's headings stand: the first row, or two rows, that head what is owed and to whom."""

from typing import NamedTuple

from brought_forward.bot.sheet.cells import Cell, SheetCells
from brought_forward.bot.sheet.columns.census import IN_MONEY, Part, amounts_share, part_of
from brought_forward.bot.sheet.columns.headings import (
    LABEL,
    LABELS,
    Role,
    heading_words,
    heads_bucket,
    is_bucket,
    known,
    like_headings,
    normal,
    roles_of,
)
from brought_forward.bot.sheet.money.cents import cents_of
from brought_forward.bot.sheet.texts import clean

WITHIN = 40  # rows
LOOKED = 60  # rows below, in which names and amounts are looked for
OTHER_MONEY = (Part.TRUST, Part.UNBILLED, Part.OPENING)
SHORT = 30  # characters of a word that goes on below
SURE = {(role, 0) for role in Role}  # what a heading says of itself, whatever stands above it
WIDE = 3  # headings that a row has at least where only a client and an amount are known


class Heads(NamedTuple):
    """The headings of a sheet."""

    at: int  # place of the last row of headings
    texts: list[str]  # one a column, "" where there is none; of two rows, what stands above goes before


def header_at(cells: SheetCells, currency: str) -> Heads | None:
    """Find the first row that heads a matter and an amount; else a client, or a matter, and something owed.

    None if there is none. A row of headings may go on in the next: "Amount" above "Billed" and "Outstanding", or
    "Matter" above "Number".
    """
    top = cells.rows[:WITHIN]
    for fits in (_both, _both_in_two, _owed, _names):
        for place, row in enumerate(top):
            if fits(cells, place, row, currency):
                return _in_two(cells, place, currency) or _whole(cells, place, currency)
    return None


def _both(_: SheetCells, __: int, row: list[Cell], currency: str) -> bool:
    return {Role.MATTER, Role.AMOUNT} <= roles_of(row, currency)


def _both_in_two(cells: SheetCells, place: int, _: list[Cell], currency: str) -> bool:
    two = _in_two(cells, place, currency)
    return two is not None and {Role.MATTER, Role.AMOUNT} <= roles_of(list(two.texts), currency)


def _in_two(cells: SheetCells, place: int, currency: str) -> Heads | None:
    """Read a row with the one above it where only both say what a column is; None where each row speaks for itself."""
    upper = cells.rows[place - 1] if place else []
    held = [cell for cell in upper if cell not in {None, ""}]
    if not held or not all(isinstance(cell, str) and len(cell) <= SHORT and cents_of(cell) is None for cell in held):
        return None
    under = [clean(cell) if isinstance(cell, str) else "" for cell in cells.rows[place]]
    above = [*_spread(cells, place - 1), *[""] * len(under)]
    both = [f"{above[at]} {own}".strip() for at, own in enumerate(under)]
    other = [bool(own) and _is_other_money(above[at], own, currency) for at, own in enumerate(under)]
    more = [bool(own and above[at]) and _says_more(both[at], own, currency) for at, own in enumerate(under)]
    if not any(more) and not any(other):
        return None
    sure = [known(own, currency) in SURE and not turned for own, turned in zip(under, other, strict=True)]
    if not any(more):
        sure = [not turned for turned in other]
    return Heads(place, [own if kept else two for own, two, kept in zip(under, both, sure, strict=True)])


def _spread(cells: SheetCells, place: int) -> list[str]:
    """Give the texts of a row, one that is merged over columns in each of them."""
    texts = [clean(cell) if isinstance(cell, str) else "" for cell in cells.rows[place]]
    for top, left, _, right in cells.facts.merges:
        if top == cells.first_row + place:
            for column in range(left - cells.first_column, min(right - cells.first_column + 1, len(texts))):
                texts[column] = texts[column] or texts[left - cells.first_column]
    return texts


def _is_other_money(above: str, own: str, currency: str) -> bool:
    """Tell whether the word above an amount's heading says that it is held for the client, or not billed yet."""
    told = known(own, currency)
    return told is not None and told[0] is Role.AMOUNT and part_of(heading_words(above, currency)) in OTHER_MONEY


def _says_more(both: str, own: str, currency: str) -> bool:
    """Tell whether two words one above the other head a matter, a user or an amount, and the lower one does not."""
    told, alone = known(both, currency), known(own, currency)
    heads = {Role.MATTER, Role.CLIENT, Role.USER, Role.AMOUNT}
    return told is not None and told[0] in heads and (alone is None or alone[0] not in heads)


def _owed(cells: SheetCells, place: int, row: list[Cell], currency: str) -> bool:
    """Tell whether a row heads an amount, and something beside or below it can name whose it is."""
    roles = roles_of(row, currency)
    if Role.AMOUNT not in roles or not _amounts_below(cells, place, row, currency, known_only=True):
        return False
    texts = [text for cell in row if (text := heading_words(cell, currency) if isinstance(cell, str) else "")]
    client = Role.CLIENT in roles or any(could_name(text) for text in texts)
    if client and len(texts) >= WIDE and not any(cents_of(cell) is not None for cell in row):
        return True
    return like_headings(row, currency) and (client or _named_below(cells, place, row))


def _names(cells: SheetCells, place: int, row: list[Cell], currency: str) -> bool:
    """Tell whether a row heads a matter or a client, beside columns of money under other words."""
    if not roles_of(row, currency) & {Role.MATTER, Role.CLIENT}:
        return False
    if any(not isinstance(cell, str) and cell is not None for cell in row):
        return False
    return _amounts_below(cells, place, row, currency, known_only=False)


def could_name(words: str) -> bool:
    """Tell whether a heading could be that of whom an amount is owed by: "client id", "party code"."""
    told = set(words.split())
    return bool(told & {"client", "customer", "party", "debtor", "account", "matter", "case", "file", "name"}) and not (
        told & {"email", "phone", "address", "type", "status", "balance", "date", "city", "total", "amount"}
    )


def _amounts_below(cells: SheetCells, place: int, row: list[Cell], currency: str, *, known_only: bool) -> bool:
    below = cells.rows[place + 1 : place + 1 + LOOKED]
    for at, cell in enumerate(row):
        role = known(cell, currency)
        if known_only and (role is None or role[0] is not Role.AMOUNT):
            continue
        words = heading_words(cell, currency) if isinstance(cell, str) else ""
        if role is None and not is_bucket(words) and part_of(words) not in IN_MONEY:
            continue
        if role is not None and role[0] is not Role.AMOUNT:
            continue
        held = [one[at] for one in below if at < len(one) and one[at] not in {None, ""}]
        if held and (known_only or amounts_share(held) >= 0.5):
            return True
    return False


def _named_below(cells: SheetCells, place: int, row: list[Cell]) -> bool:
    """Tell whether names stand left of all headings, in rows of their own, or behind a label: "Matter: 100-001".

    The label may stand above the headings: a statement of account is of one matter.
    """
    if any(_names_matter(one) for one in cells.rows[:place]):
        return True
    first = next((at for at, cell in enumerate(row) if normal(cell)), 0)
    below = cells.rows[place + 1 : place + 1 + 400]
    for one in below:
        texts = [cell for cell in one if cell not in {None, ""}]
        if any(isinstance(cell, str) and cell.strip() for cell in one[:first]):
            return True
        if len(texts) == 1 and isinstance(texts[0], str) and "total" not in texts[0].casefold():
            return True
        if any(isinstance(cell, str) and LABEL.fullmatch(clean(cell)) for cell in texts):
            return True
    return False


def _names_matter(row: list[Cell]) -> bool:
    """Tell whether a title says whose account it is."""
    label = LABEL.fullmatch(" ".join(clean(cell) for cell in row if isinstance(cell, str) and cell.strip()))
    return bool(label and LABELS[label[1].lower()] is Role.MATTER and any(map(str.isdigit, label["value"])))


def _whole(cells: SheetCells, place: int, currency: str) -> Heads:
    """Take the next row with it where that goes on with headings."""
    first = [clean(cell) if isinstance(cell, str) else "" for cell in cells.rows[place]]
    if place + 1 >= len(cells.rows) or not _goes_on(cells.rows[place + 1], currency):
        return Heads(place, first)
    second = [clean(cell) if isinstance(cell, str) else "" for cell in cells.rows[place + 1]]
    texts, above = [], ""
    for at in range(max(len(first), len(second))):
        own = first[at] if at < len(first) else ""
        under = second[at] if at < len(second) else ""
        above = own or (above if under else "")
        told = known(under, currency)
        alone = not own and told is not None and told[0] is not Role.AMOUNT  # what stands above it ends before it
        texts.append(under if alone else f"{above} {under}".strip() if under else own)
    return Heads(place + 1, texts)


def _goes_on(row: list[Cell], currency: str) -> bool:
    """Tell whether a row has only headings: two texts at least, no amount or day, and most of them are known."""
    held = [cell for cell in row if cell not in {None, ""}]
    if len(held) < 2 or not all(isinstance(cell, str) and not cell.startswith("\x00") for cell in held):
        return False
    texts = [heading_words(str(cell), currency) for cell in held]
    if any(cents_of(cell) is not None for cell in held) or any(LABEL.fullmatch(clean(str(cell))) for cell in held):
        return False
    told = [one for one in texts if len(one) < 30 and (known(one, currency) or part_of(one) or heads_bucket(one))]
    return 2 * len(told) > len(texts) and not any("total" in one and len(one.split()) > 2 for one in texts)
