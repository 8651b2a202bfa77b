"""Words beside an amount that change what it is: Dr and Cr, types of a ledger, states of an invoice.

Read it as a table: what each word says stands in `WORDS`.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from brought_forward.bot.errors import Candidate, SheetQuestion
from brought_forward.bot.sheet.cells import Cell
from brought_forward.bot.sheet.columns.census import Part, Seen, part_of
from brought_forward.bot.sheet.columns.headings import Role, normal
from brought_forward.bot.sheet.columns.labels import PARTS_OF_TOTALS, worded
from brought_forward.bot.sheet.money.cents import cents_of_column, money_said
from brought_forward.bot.sheet.rows.against import speaks_against
from brought_forward.bot.sheet.rows.flags import YES, flagged
from brought_forward.bot.sheet.rows.periods import other_days
from brought_forward.bot.sheet.texts import clean, clipped, digest, texts_holding


class Mark(StrEnum):
    """What a word beside an amount says of it."""

    DEBIT = "debit"  # a side: owed by the client
    CREDIT = "credit"  # a side: owed to the client
    OWED = "owed"  # says nothing that changes the amount
    LESS = "less"  # a credit or a payment: it lowers what is owed
    OUT = "out"  # paid, void, written off: not owed


WORDS: dict[Mark, str] = {
    Mark.DEBIT: "dr|debit|d|+|db|debit balance",
    Mark.CREDIT: "cr|credit|c|-|−|credit balance|cr.",
    Mark.OWED: "open|unpaid|not paid|overdue|past due|sent|due|outstanding|partial|partially paid|part paid|partly paid"
    "|current|billed|approved|issued|awaiting payment|viewed|late|final|posted|active|invoiced|emailed|printed"
    "|owed|owing"
    "|invoice|invoices|bill|inv|charge|charges|fee|fees|time|expense|expenses|cost|costs|debit memo|debit note"
    "|opening balance|balance forward|interest|late fee|late charge|finance charge|statement|statement charge|service"
    "|services|timeentry|time entry|expenseentry|expense entry|hardcost|softcost|hard cost|soft cost|hardcostentry"
    "|softcostentry|journal|general journal|normal|ok|n/a|na|none|no|n|false|pending payment|awaiting|reminder sent",
    Mark.LESS: "payment|payments|pmt|pymt|receipt|receipts|credit memo|credit memos|credit note|credit notes|credits"
    "|adjustment|discount|trust payment|trust transfer|payment received|deposit|retainer applied|cm|cn|cash receipt"
    "|write-off|writeoff|credit adjustment|refund due|overpayment|unapplied payment|unapplied cash|sales receipt",
    Mark.OUT: "paid|paid in full|fully paid|void|voided|written off|write off|written-off|cancelled|canceled|settled"
    "|deleted"
    "|reversed|uncollectible|uncollectable|bad debt|closed - paid|cleared|waived|forgiven|draft|unbilled|not billed|wip"
    "|reconciled|satisfied|collected",
}  # fmt: skip
MEANS = {word: mark for mark, words in WORDS.items() for word in words.split("|")}
# What programs shorten types to; each is asked about, for no list says what a firm's program means.
CODES = {*"abcdefiprw", "inv", "pay", "pmt", "rec", "rcp", "rct", "adj", "wo", "cm", "cn", "dm", "dn", "chq", "int"}
# Of a type beside payments it is one more that lowers what is owed; of a state it says that the row is not owed.
WRITTEN_OFF = {"written off", "write off", "written-off", "bad debt", "write-offs", "write offs"}
# A day in a column such as "Date Paid" says that the row was paid; "Last Paid" says no such thing.
PAID_ON = re.compile(r"(?:date )?(?:paid|settled|voided|written off|cleared)(?: (?:on|date))?")
DAY = re.compile(r"d?[0-9]{1,4}[-/. ][0-9a-z]{1,3}[-/. ][0-9]{1,4}.*")
SIDES = {Mark.DEBIT, Mark.CREDIT}
ABOUT_MATTERS = re.compile(r".*\b(?:matter|case|client|billing|fee|practice|entity|contact|account|user|file)\b.*")
ONE_OF_ITS = re.compile(r".*\b(?:dr|cr|d c|debit|credit|side|sign|indicator)\b.*")
# A remark that says so of the whole amount: "Paid", "paid 11/1 by check", "Written off"; not "Paid twice".
PHRASE = re.compile(
    r"(?:paid(?: in full)?|void(?:ed)?|written off|write[- ]?off|settled|cancel+ed|not owed|uncollectible)"
    r"(?:[.!]|[ ,:]+(?:on|by|in|via|per|check|cheque|chq|ck|cash|card|wire|ach|[0-9#]).*)?"
    r"|do not (?:bill|collect|post|import)\b.*",
    re.IGNORECASE,
)
# Which account an amount stands in: one of trust money is not owed.
OF_MONEY = re.compile(
    r"(?:.*\b(?:gl|ledger|bank|fund|type of money|balance type)\b.*|account|accounts|account type|category)"
)
OTHER_MONEY = re.compile(r"(?:.*\b)?(?:trust|iolta|escrow|unbilled|wip|retainers?|client funds)\b.*")
AMOUNT = re.compile(r"[0-9][.,][0-9]{2}\b|[$€£] ?[0-9]")
AGAINST = 'column {} says "{}". Correct the amount if that changes it, or post it anyway as it stands.'
WRITTEN = (Role.NOTE, Role.COMMENT)
TOLD = (Part.MARKS, Part.TEXT, Part.HARMLESS, Role.TYPE, *WRITTEN)
PLAIN = re.compile("[a-z0-9]+(?: [a-z0-9]+)*")
ASKED_ALONE = 3  # words that get a question each; more are asked about together


@dataclass(slots=True)
class Marks:
    """What marks make of the rows below the header, counted from the first."""

    less: set[int] = field(default_factory=set)  # amounts that count against what is owed
    out: dict[int, tuple[str, str]] = field(default_factory=dict)  # column's letter and why a row stays out
    said: list[str] = field(default_factory=list)


def marks_of(census: tuple[Seen, ...], amounts: list[Cell], answers: Mapping[str, str], signature: str) -> Marks:
    """Read every column of marks against the amounts of the balance's column, row by row.

    Raises SheetQuestion where a word is not known, or where a payment's amount could be applied already.
    """
    found = Marks()
    cents: list[int] = cents_of_column(amounts)[0].tolist()
    found.out = other_days(census, cents, answers, signature)
    rows = [at for at, amount in enumerate(cents) if amount and at not in found.out]
    for seen in census:
        if seen.part in TOLD:
            _column(seen, rows, cents, found, answers, signature)
    return found


def _column(
    seen: Seen, rows: list[int], cents: list[int], found: Marks, answers: Mapping[str, str], signature: str
) -> None:
    words = _words(seen, rows)
    if not words:
        return
    flags = flagged(seen, words, rows, cents, answers, signature)
    if flags is not None:
        for at in flags:
            found.out.setdefault(at, (seen.letter, f"left out by column {seen}, as staff chose."))
        return
    yes = _yes(seen, words)
    if yes:
        for at in yes:
            found.out.setdefault(at, (seen.letter, _why(seen, seen.heading or words[at])))
        seen.explained = "read as a mark"
        return
    if seen.part is Part.MARKS or seen.part is Role.TYPE or _like_marks(seen, words):
        distinct = set(words.values())
        codes = len(distinct) > 1 and distinct <= CODES
        if (codes or any(word in MEANS for word in distinct)) and not ABOUT_MATTERS.fullmatch(seen.words):
            _marked(seen, words, cents, found, answers, signature)
    elif seen.part in {Part.TEXT, *WRITTEN}:
        other = OF_MONEY.fullmatch(seen.words) is not None
        takes_off = part_of(seen.words) is Part.RECEIVED
        for at, word in words.items():
            if PHRASE.fullmatch(word) or (other and OTHER_MONEY.fullmatch(word)):
                found.out.setdefault(at, (seen.letter, _why(seen, clean(str(seen.values[at])))))
            elif cents[at] > 0 and (speaks_against(word) or (takes_off and AMOUNT.search(word))):
                said = clipped(clean(str(seen.values[at])))
                found.out.setdefault(at, (seen.letter, AGAINST.format(seen, said)))


def _words(seen: Seen, rows: list[int]) -> dict[int, str]:
    """Give the words of a column by row, small; those of a total say nothing of an amount."""
    words = {at: text for at in rows if at < len(seen.values) and (text := _text(seen.values[at]))}
    likely = texts_holding(PARTS_OF_TOTALS, list(words.values()))  # few, and what is dear is asked of those alone
    totals = {at for place, (at, text) in enumerate(words.items()) if place in likely and worded(normal(text))}
    return {at: text for at, text in words.items() if at not in totals} if totals else words


def _text(cell: Cell) -> str:
    if isinstance(cell, str):
        return clean(cell).casefold()
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return format(cell, "g") if isinstance(cell, (int, float)) else ""


def _like_marks(seen: Seen, words: dict[int, str]) -> bool:
    """Tell whether a column under another heading is one of marks: few words, and some that change an amount."""
    if seen.part in WRITTEN:
        return False
    distinct = set(words.values())
    telling = {word for word in distinct if MEANS.get(word) in {Mark.LESS, Mark.OUT, *SIDES}}
    return bool(telling) and len(distinct) <= 12 and len(telling) * 3 >= len(distinct)


def _yes(seen: Seen, words: dict[int, str]) -> list[int]:
    """Find the rows that a column such as "Paid" says yes of; nothing where it holds other words."""
    about = [MEANS.get(part) for part in [seen.words, *seen.words.split()]]
    if PAID_ON.fullmatch(seen.words) and all(map(DAY.fullmatch, words.values())):
        return list(words)
    if Mark.OUT not in about or not set(words.values()) <= YES | {"no", "n", "false", "0", "-"}:
        return []
    return [at for at, word in words.items() if word in YES]


def _why(seen: Seen, said: str) -> str:
    return f'the sheet says "{clipped(said)}" in column {seen}. Leave it out, or post it anyway if it is owed.'


def _marked(
    seen: Seen, words: dict[int, str], cents: list[int], found: Marks, answers: Mapping[str, str], signature: str
) -> None:
    """Apply a column of marks: sides and credits take their sign, what is not owed stays out, the rest is asked."""
    seen.explained = "read as marks"
    headed = bool(ONE_OF_ITS.fullmatch(seen.words))
    if not headed and "+" not in words.values():  # a dash is a sign beside a plus only; else it says "nothing here"
        words = {at: word for at, word in words.items() if word not in {"-", "−"}}
    sides = headed or {MEANS.get(word) for word in words.values()} == SIDES
    unknown: dict[str, list[int]] = {}
    lowering: list[int] = []
    types = any(MEANS.get(word) is Mark.LESS for word in words.values())
    for at, word in words.items():
        mark = Mark.LESS if types and word in WRITTEN_OFF else MEANS.get(word)
        if mark is None:
            unknown.setdefault(word, []).append(at)
        elif mark is Mark.OUT:
            found.out.setdefault(at, (seen.letter, _why(seen, clean(str(seen.values[at])))))
        elif mark is Mark.CREDIT and sides:
            if cents[at] > 0:
                found.less.add(at)
        elif mark in {Mark.LESS, Mark.CREDIT} and cents[at] > 0:
            lowering.append(at)
    credit_rows = [at for at, word in words.items() if MEANS.get(word) is Mark.CREDIT]
    if sides and credit_rows:
        below = sum(1 for at in credit_rows if cents[at] < 0)
        if 0 < below < len(credit_rows):
            above = [at for at in credit_rows if cents[at] > 0]
            found.less -= set(above)
            _lower(seen, above, words, cents, found, answers, signature)
        found.said.append(
            f"Column {seen} tells credits from debits: {len(credit_rows)} of {len(words)} rows are credits."
        )
    if lowering:
        _lower(seen, lowering, words, cents, found, answers, signature)
    _unknown(seen, unknown, cents, found, answers, signature)


def _lower(
    seen: Seen, rows: list[int], words: dict[int, str], cents: list[int], found: Marks, answers: Mapping[str, str],
    signature: str,
) -> None:  # fmt: skip
    match answers.get(f"credits-{seen.letter}"):
        case "less":
            found.less |= set(rows)
        case "out":
            for at in rows:
                found.out.setdefault(at, (seen.letter, f'"{clipped(words[at])}": left out, as staff chose.'))
        case "owed":
            pass
        case _:
            raise _credits(seen, rows, words, cents, signature)


def _credits(seen: Seen, rows: list[int], words: dict[int, str], cents: list[int], signature: str) -> SheetQuestion:
    named = ", ".join(f'"{clipped(word)}"' for word in list(dict.fromkeys(words[at] for at in rows))[:4])
    count = "1 row" if len(rows) == 1 else f"{len(rows):,} rows"
    text = (
        f"Column {seen} says {named} on {count}, {money_said(sum(cents[at] for at in rows))}. What are these amounts?"
    )
    return SheetQuestion(
        text,
        kind=f"credits-{seen.letter}",
        candidates=(
            Candidate("less", "They lower what is owed", "taken off"),
            Candidate("out", "They are in the other amounts already", "left out"),
            Candidate("owed", "They are owed like the rest", "added"),
        ),
        signature=f"{signature}-{_digest({words[at] for at in rows})}",  # an answer on payments is none on discounts
    )


def _unknown(
    seen: Seen, unknown: dict[str, list[int]], cents: list[int], found: Marks, answers: Mapping[str, str],
    signature: str,
) -> None:  # fmt: skip
    """Ask once what a word means that is in no list."""
    together = [(list(unknown), [at for rows in unknown.values() for at in rows])] if unknown else []
    groups = [([word], rows) for word, rows in unknown.items()] if len(unknown) <= ASKED_ALONE else together
    for asked, rows in groups:
        kind = _kind(seen, asked)
        match answers.get(kind):
            case "owed":
                continue
            case "less":
                found.less |= {at for at in rows if cents[at] > 0}
            case "out":
                for at in rows:
                    found.out.setdefault(at, (seen.letter, f'"{clipped(asked[0])}": left out, as staff chose.'))
            case _:
                named = ", ".join(f'"{clipped(word)}"' for word in asked[:6])
                raise SheetQuestion(
                    f"{_says(seen, named, rows, cents)} Are they owed?",
                    kind=kind,
                    candidates=(
                        Candidate("owed", "They are owed", "posted"),
                        Candidate("out", "They are not owed", "left out"),
                        Candidate("less", "They lower what is owed", "taken off"),
                    ),
                    signature=signature,
                )


def _says(seen: Seen, named: str, rows: list[int], cents: list[int]) -> str:
    """Say which words stand on how many rows, and for how much."""
    count = "1 row" if len(rows) == 1 else f"{len(rows):,} rows"
    return f"Column {seen} says {named} on {count}, {money_said(sum(cents[at] for at in rows))}."


def _digest(words: Iterable[str]) -> str:
    return digest("\x1f".join(sorted(words)), 6)


def _kind(seen: Seen, words: list[str]) -> str:
    """Name the question of these words and of no others, so that its answer is never taken for another word."""
    apart = _digest(words)
    if len(words) > 1:
        return f"mark-{seen.letter}-others-{apart}"
    if PLAIN.fullmatch(words[0]):
        return f"mark-{seen.letter}-{words[0].replace(' ', '-')}"
    return f"mark-{seen.letter}-{re.sub('[^a-z0-9]+', '-', words[0]).strip('-') or 'word'}-{apart}"
