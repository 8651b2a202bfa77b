"""What the preview says of its lines beside those left out: changed by hand, credits, warnings. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from datetime import UTC
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from brought_forward.bot.messages.blocks import Block, money_cell, sections, small_table, text_cell
from brought_forward.bot.messages.budget import cut
from brought_forward.bot.messages.words import count, esc, few, first, long_date, money, person, shortened
from brought_forward.storage.records.sheet import Finding, Line

NAME = 40  # characters of what a sheet has for a matter's number, within a sentence
WRITTEN = 60  # and where it stands alone


def is_held_credit(line: Line, codes: dict[int, str]) -> bool:
    """Whether a line stays out because it, or what it is summed with, is a credit."""
    return codes.get(line.row) == "credit" and line.amount is not None


FIELDS = {"amount": "amount", "matter": "matter", "user": "user"}  # by column; notes are what the bills will say
SHOWN = 20  # changes or warnings one by one; the rest are counted


def put_right(corrections: Iterable[Mapping[str, Any]], currency: str) -> tuple[list[str], list[str | Block]]:
    """Say what was changed by hand, since an approver goes by what the file says, and list it for the fold.

    `corrections` are rows of the table of that name, oldest first; what was changed back is no change.
    """
    changes: dict[tuple[int, str], tuple[str | None, str | None, str]] = {}
    for one in corrections:
        if one["field"] in FIELDS:
            key = (one["row"], one["field"])
            changes[key] = (changes[key][0] if key in changes else one["was"], one["now"], one["actor"])
    changes = {key: change for key, change in sorted(changes.items()) if change[0] != change[1]}
    if not changes:
        return [], []
    amounts = [change for (_, field), change in changes.items() if field == "amount"]
    rows = count(len({row for row, _ in changes}), "line")
    line = f"{rows} put right by hand."
    if amounts:
        was, now = (sum((Decimal(one[at] or 0) for one in amounts), Decimal(0)) for at in (0, 1))
        unread = ", where it could be read" if any(one[0] is None for one in amounts) else ""
        line = (
            f":warning: *{count(len(amounts), 'amount')} changed by hand*: the file says"
            f" {money(was, currency)}{unread}, now it is {money(now, currency)}."
        )
    said = [_change(row, field, change, currency) for (row, field), change in changes.items()]
    said = first(said, SHOWN)
    return [line], list(sections([f"*{rows} put right by hand*", *said]))


def _change(row: int, field: str, change: tuple[str | None, str | None, str], currency: str) -> str:
    was, now, actor = change
    before, after = _value(field, was, currency), _value(field, now, currency)
    return f"• Row {row:,}: {FIELDS[field]} {before} is now {after}, by {person(actor)}."


def _value(field: str, text: str | None, currency: str) -> str:
    if text is None:
        return "that cannot be read" if field == "amount" else "left empty"
    return money(Decimal(text), currency) if field == "amount" else f'"{esc(shortened(text, WRITTEN))}"'


CREDITS = 25  # in the table; the workbook has all


def held(lines: Sequence[Line], findings: Sequence[Finding]) -> list[Line]:
    """List the lines that stay out because credits are held: below zero, or summed with such."""
    codes = {one.row: one.code for one in findings if one.blocks and one.row is not None}
    return [line for line in lines if line.left_out and is_held_credit(line, codes)]


def credit_lines(
    lines: Sequence[Line], findings: Sequence[Finding], negative: Set[int], currency: str
) -> tuple[list[str], list[str | Block]]:
    """Say what becomes of credits, and list them for the fold; `negative` are the ids of entries that are credits."""
    kept = {line.row for line in held(lines, findings)}
    shown = [line for line in lines if line.row in kept or (line.amount is not None and line.amount < 0)]
    if not shown:
        return [], []
    total = sum((line.amount for line in shown if line.amount is not None), Decimal(0))
    rows = [
        [text_cell(line.cell), text_cell(shortened(line.matter or "", WRITTEN)),
         money_cell(line.amount or Decimal(0), currency), text_cell(_fate(line, kept, negative))]
        for line in shown[:CREDITS]
    ]  # fmt: skip
    title = f"Credits: {count(len(shown), 'line')}, {money(total, currency)}."
    more = [f"The first {CREDITS} credits; the workbook below has all."] if len(shown) > CREDITS else []
    return [f"{title}{_consequence(kept, negative)}"], [
        *more, small_table(("Row", "Matter", "Amount", "What becomes of it"), rows)
    ]  # fmt: skip


def _fate(line: Line, kept: Set[int], negative: Set[int]) -> str:
    if line.row in kept:
        return "Held, not posted" if (line.amount or 0) < 0 else "Held with the credit of this matter"
    if line.entry is None:
        return "Not posted, for the reason above"
    return "Posted as a credit" if line.entry in negative else "Set against what this matter owes"


def _consequence(kept: Set[int], negative: Set[int]) -> str:
    said = ""
    if kept:
        said += " Not posted: enter them in Clio by hand."
    if negative:
        said += " Clio's reports show an entry below zero as positive, and its bill counts as paid at once."
    return said


TEN_TIMES, SHEET_SAYS = "ten_times", "sheet_says"  # by `bot.matching.rules.Code`
WHOLE = 3  # warnings of the whole file in sight
LONGEST = 750  # characters of a warning
NAMED = 5  # rows named for one warning


def warnings(
    findings: Sequence[Finding], lines: Iterable[Line], zone: str | None, named: Collection[int] = ()
) -> tuple[list[str], list[str | Block]]:
    """Say what warnings there are, in words where money moves by them, and list all for the fold.

    Lines of which the same is said share a sentence. `named` are the ids of the choices that the preview names
    elsewhere.
    """
    warned = [one for one in findings if not one.blocks and one.choice not in named]
    if not warned:
        return [], []
    said: dict[str, list[int]] = {}
    for finding in warned:
        rows = said.setdefault(_sentence(finding, zone), [])
        rows += [finding.row] if finding.row is not None else []
    matters = {line.row: line.matter or "" for line in lines}
    texts = [cut(f"{_named_rows(rows, matters)}{text}", LONGEST) for text, rows in said.items()]
    texts = first(texts, SHOWN)
    return _in_sight(warned, len(said)), list(sections(texts))


def _in_sight(warned: Sequence[Finding], sentences: int) -> list[str]:
    """Name what is said of the whole file, and balances that grew tenfold; count the rest."""
    whole = list(dict.fromkeys(esc(one.text) for one in warned if one.row is None))[:WHOLE]
    grown = len({one.row for one in warned if one.code == TEN_TIMES})
    against = len({one.row for one in warned if one.code == SHEET_SAYS})
    paid = f"{count(against, 'line')} {'is' if against == 1 else 'are'} posted although the sheet says it is not owed."
    tenfold = f"{count(grown, 'balance')} {'is' if grown == 1 else 'are'} ten times last time's, or more."
    rest = sentences - len(whole) - len({one.text for one in warned if one.code == TEN_TIMES})
    rest -= len({one.text for one in warned if one.code == SHEET_SAYS})
    more = f"{count(rest, 'thing')} to look at; posted anyway."
    return [*whole, *([paid] if against else []), *([tenfold] if grown else []), *([more] if rest > 0 else [])]


def _sentence(finding: Finding, zone: str | None) -> str:
    if finding.choice and finding.chosen_by is None:
        return f"{esc(finding.text)} for the firm."
    if finding.chosen_by is None or finding.chosen_at is None:
        return esc(finding.text)
    day = finding.chosen_at.astimezone(ZoneInfo(zone) if zone else UTC).date()
    return f"{esc(finding.text)} by {person(finding.chosen_by)} on {long_date(day)}."


def _named_rows(rows: Sequence[int], matters: dict[int, str]) -> str:
    """Name the rows with the number that each has in the sheet."""
    if not rows:
        return ""
    named = [f'{row:,} "{esc(shortened(matters.get(row, ""), NAME))}"' for row in rows]
    return f"Row{'s' if len(rows) > 1 else ''} {few(named, NAMED)}: "
