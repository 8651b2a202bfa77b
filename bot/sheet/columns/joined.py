"""Matters' numbers in two columns, the client's and its matter's, or one and its suffix: joined as Clio has them."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from brought_forward.bot.errors import Candidate, SheetQuestion
from brought_forward.bot.sheet.cells import Cell
from brought_forward.bot.sheet.columns.census import Seen
from brought_forward.bot.sheet.texts import clipped, shown
from brought_forward.storage.records.firm import folded

CLIENT_NUMBERS = {"client number", "client id", "client code", "customer number", "customer id", "customer code",
                  "party code", "client no", "account number", "client", "client reference"}  # fmt: skip
# A part of the matter's number in a column of its own, behind it.
SUFFIX = re.compile(
    r"(?:(?:matter|file|case) )?(?:suffix|extension|ext)(?: number| no| code)?"
    r"|sub ?(?:matter|file|case|number|code|account)(?: number| no| id| code)?"
    r"|(?:matter|file|case) sub(?: ?number| ?code)?"
)
# How a client's number and a matter's may stand together, by the answer's name.
PATTERNS: dict[str, str] = {"dash": "{c}-{m}", "dot": "{c}.{m}", "slash": "{c}/{m}", "none": "{c}{m}"}
PADDED = (0, 1, 2, 3, 4)  # digits of the matter's number: 0 as it stands, else without its zeros or filled up with them
ALONE = "alone"
SHOWN = 8
SHORT = 3  # digits: a number that Clio gives to a matter has more, or its client's before it
PROVED = 0.8  # of the rows whose joined number Clio has


def joined(
    census: Sequence[Seen], matters: Seen, answers: Mapping[str, str], signature: str, known: frozenset[str]
) -> list[Cell] | None:
    """Give the matters' column with the number beside it joined in; None where each matter's number is its own.

    `known` are Clio's numbers, folded: where one way of joining gives them, it is taken. Raises SheetQuestion else.
    """
    found = _by_client(census, matters, known) or _by_suffix(census, matters, known)
    answer = answers.get("join", "")
    if found is None or answer == ALONE:
        return None
    said, pairs = found
    ways = _ways(pairs)
    proved = [name for name, texts in ways.items() if known and _share(texts, known) >= PROVED]
    if answer not in ways and len(proved) != 1:
        raise _question(said, matters, ways, signature)
    texts = ways[answer if answer in ways else proved[0]]
    return [text or cell for text, cell in zip(texts, matters.values, strict=True)]


def _by_client(
    census: Sequence[Seen], matters: Seen, known: frozenset[str]
) -> tuple[str, list[tuple[str, str]]] | None:
    """Give each row's numbers of client and matter, and why a matter's alone does not do; None where it does."""
    likely = [seen for seen in census if seen is not matters and seen.words in CLIENT_NUMBERS]
    numbers = list(map(shown, matters.values)) if likely else []
    short = all(number.isdigit() and len(number) <= SHORT for number in filter(_names_one, numbers))
    if len(set(numbers)) == len(numbers) and not short:
        return None
    client = next((seen for seen in likely if _has_digits(seen, numbers)), None)
    if client is None:
        return None
    pairs, above = [], ""
    for cell, number in zip(client.values, numbers, strict=True):
        if any(map(str.isdigit, shown(cell))):  # no heading that comes again, no footer
            above = shown(cell)  # a client's number may stand once, above its matters
        pairs.append((above, number if _names_one(number) else ""))
    client_of: dict[str, str] = {}
    both = [(one, other) for one, other in pairs if one and other]
    own = all(client_of.setdefault(other, one) == one for one, other in both)
    if not both or (own and (not short or _share(numbers, known) >= PROVED)):
        return None
    said = "short numbers beside those" if own else "the same number for several clients"
    return f"Column {matters} has {said} of column {client}.", pairs


def _by_suffix(
    census: Sequence[Seen], matters: Seen, known: frozenset[str]
) -> tuple[str, list[tuple[str, str]]] | None:
    """Give each row's number and its suffix, where one number has several; None where no column of suffixes does so."""
    suffix = next((seen for seen in census if seen is not matters and SUFFIX.fullmatch(seen.words)), None)
    if suffix is None:
        return None
    numbers = list(map(shown, matters.values))
    pairs = [
        (number, shown(cell)) if _names_one(number) else ("", "")
        for number, cell in zip(numbers, suffix.values, strict=True)
    ]
    own: dict[str, str] = {}
    both = [(one, other) for one, other in pairs if one and other]
    once = all(own.setdefault(one, other) == other for one, other in both)
    if once and not (max(_share(texts, known) for texts in _ways(pairs).values()) >= PROVED > _share(numbers, known)):
        return None
    return f"Column {matters} has the same number with several of column {suffix}.", pairs


def _names_one(number: str) -> bool:
    """Tell whether a cell is a matter's number; a total's words beside no client are none."""
    return len(number.split()) == 1 and any(map(str.isdigit, number))


def _has_digits(seen: Seen, numbers: list[str]) -> bool:
    """Tell whether a column of clients holds numbers, where there is one of a matter."""
    held = Counter(
        text for cell, number in zip(seen.values, numbers, strict=True) if _names_one(number) and (text := shown(cell))
    )
    held = held or Counter(text for cell in seen.values if (text := shown(cell)))  # they stand above their matters
    digits = sum(count for text, count in held.items() if any(map(str.isdigit, text)))
    return digits >= PROVED * held.total()


def _ways(pairs: list[tuple[str, str]]) -> dict[str, list[str]]:
    """Give each way of joining that differs from the others, by its answer's name."""
    found: dict[str, list[str]] = {}
    for name, pattern in PATTERNS.items():
        for digits in PADDED:
            texts = [pattern.format(c=one, m=_padded(other, digits)) if one and other else "" for one, other in pairs]
            if texts not in found.values():
                found[name if digits == 0 else f"{name}-{digits}"] = texts
    return found


def _padded(number: str, digits: int) -> str:
    return number if digits == 0 or not number.isdigit() else (number.lstrip("0") or "0").zfill(digits)


def _share(texts: list[str], known: frozenset[str]) -> float:
    told = [folded(text) for text in texts if text]
    return sum(text in known for text in told) / len(told) if told else 0.0


def _question(said: str, matters: Seen, ways: dict[str, list[str]], signature: str) -> SheetQuestion:
    offered = sorted(ways, key=lambda name: ("-" in name, list(ways).index(name)))[:SHOWN]
    return SheetQuestion(
        f"{said} How does Clio write the matter's number?",
        kind="join",
        candidates=(
            *(Candidate(name, next(filter(None, ways[name])), _sample(ways[name])) for name in offered),
            Candidate(ALONE, f"Column {matters} alone", _sample([shown(cell) for cell in matters.values])),
        ),
        signature=signature,
    )


def _sample(texts: list[str]) -> str:
    return ", ".join(clipped(text, 20) for text in list(dict.fromkeys(filter(None, texts)))[:3])
