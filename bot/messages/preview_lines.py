"""The preview's lines that will not be posted: their number and sum in sight, why each stays out in a fold. Pure."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from datetime import UTC
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from brought_forward.bot.messages.blocks import Block, folded, money_cell, section, sections, small_table, text_cell
from brought_forward.bot.messages.budget import cut
from brought_forward.bot.messages.words import count, esc, few, first, long_date, money, person, shortened
from brought_forward.storage.records.sheet import Finding, Line

FOLDED = 60  # lines in the fold; the workbook has all
REASON = 500  # characters of a reason
NAME = 40  # characters of what a sheet has for a matter's number, within a sentence
WRITTEN = 60  # and where it stands alone

# What lines of one rule have in common where each has its own details; by `bot.matching.rules.Code`.
ALIKE = {
    "matter_ambiguous": "the number fits more than one matter",
    "already": "already brought forward",
    "other_currency": "the matter is kept in another currency",
    "user_unknown": "no such user in Clio",
    "user_ambiguous": "the name fits more than one user",
    "user_portal": "the user only uses the client portal and keeps no time",
    "user_disabled": "the user is disabled in Clio",
    "sheet_says": "the sheet says that this is not owed",
    "zero": "nothing is left to bring forward",
}
DETAILS = re.compile(r'"[^"]*"|[0-9][0-9.,]*')


def left_out(
    lines: Sequence[Line], findings: Sequence[Finding], currency: str, *, workbook: str, waits: bool
) -> list[Block]:
    """Say how many lines stay out, always with their sum, and why each does in the fold.

    `workbook` names the file that has every such line; `waits`: they can be put right still.
    """
    out = [line for line in lines if line.left_out]
    if not out:
        return []
    codes = {one.row: one.code for one in findings if one.blocks and one.row is not None}
    kinds: dict[str, list[Line]] = {}
    for line in out:
        kinds.setdefault(_kind(line, codes), []).append(line)
    left = sum((line.amount for line in out if line.amount is not None), Decimal(0))
    said = section(f"*Left out: {count(len(out), 'line')}, {money(left, currency)}, will not be posted.*")
    return [said, _why(sorted(kinds.items(), key=lambda kind: -len(kind[1])), currency, workbook, waits=waits)]


def is_held_credit(line: Line, codes: dict[int, str]) -> bool:
    """Whether a line stays out because it, or what it is summed with, is a credit."""
    return codes.get(line.row) == "credit" and line.amount is not None


def _kind(line: Line, codes: dict[int, str]) -> str:
    """Tell which lines are alike: of one rule, or of one sentence but for its numbers and what it quotes."""
    if line.unreadable is None and line.row in codes:
        return codes[line.row]
    return DETAILS.sub("", line.left_out or "")


def _head(kind: str, alike: Sequence[Line], currency: str) -> str:
    """Say what is wrong with lines that are alike, how many they are and what they come to."""
    total = sum((line.amount for line in alike if line.amount is not None), Decimal(0))
    amount = f", {money(total, currency)}" if any(line.amount is not None for line in alike) else ""
    why = _reason(alike[0]) if _same_words(alike) else f"{ALIKE.get(kind, 'for like reasons')}."
    return f"*{count(len(alike), 'line')}{amount}:* {why}"


def _same_words(alike: Sequence[Line]) -> bool:
    return len({line.left_out for line in alike}) == 1


def _row(line: Line, currency: str) -> str:
    parts = [f"Row {line.row}" if line.cell == str(line.row) else f"Cell {line.cell}"]
    if line.matter:
        parts.append(f'"{esc(shortened(line.matter, NAME))}"')
    if line.amount is not None:
        parts.append(money(line.amount, currency))
    return ", ".join(parts)


def _rows(lines: Sequence[Line], currency: str) -> list[str]:
    """Name rows within one sentence."""
    named = [_row(line, currency) for line in lines]
    return named[:1] + [f"{row[0].lower()}{row[1:]}" for row in named[1:]]


def _reason(line: Line, *, after: str = "") -> str:
    """Say why a line stays out; not again what the words before it said."""
    reason = line.left_out or ""
    return esc(shortened(reason.removeprefix(f"{after}: ") if after else reason, REASON))


def _why(kinds: Sequence[tuple[str, Sequence[Line]]], currency: str, workbook: str, *, waits: bool) -> Block:
    """Put each line and its reason behind a title, like ones together; a reason that they share is said once."""
    said = [f"To put them right: *Fix lines*, or correct {workbook} and drop it in this thread."] if waits else []
    room = FOLDED
    for kind, alike in kinds:
        shown = alike[:room]
        room -= len(shown)
        if not shown:
            continue
        if len(alike) == 1:
            said.append(f"• {_row(alike[0], currency)}: {_reason(alike[0])}")
            continue
        said.append(_head(kind, alike, currency))
        if _same_words(alike):
            said += [f"• {'; '.join(_rows(shown[at : at + 10], currency))}" for at in range(0, len(shown), 10)]
        else:
            common = ALIKE.get(kind, "")
            said += [f"• {_row(line, currency)}: {_reason(line, after=common)}" for line in shown]
    number = sum(len(alike) for _, alike in kinds)
    if number > FOLDED:
        said.append(f"and {number - FOLDED:,} more, all in {workbook}.")
    return folded(f"Why: {count(number, 'line')}", sections(said))


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
