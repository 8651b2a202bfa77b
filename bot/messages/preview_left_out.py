"""The preview's lines that will not be posted: their number and sum in sight, why each stays out in a fold. Pure."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from brought_forward.bot.messages.blocks import Block, folded, section, sections
from brought_forward.bot.messages.fix_line import did_you_mean
from brought_forward.bot.messages.words import count, esc, money, person, shortened
from brought_forward.storage.records.firm import OpenName
from brought_forward.storage.records.sheet import Finding, Line

FOLDED = 60  # lines in the fold; the workbook has all
REASON = 500  # characters of a reason
NAME = 40  # characters of what a sheet has for a matter's number, within a sentence

# What lines of one rule have in common where each has its own details; by `bot.matching.rules.Code`.
ALIKE = {
    "matter_ambiguous": "the number fits more than one matter",
    "matter_of_client": "a client with several matters",
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
    lines: Sequence[Line],
    findings: Sequence[Finding],
    currency: str,
    *,
    workbook: str,
    waits: bool,
    names: Sequence[OpenName] = (),
    corrections: Sequence[Mapping[str, Any]] = (),
) -> list[Block]:
    """Say how many lines stay out, always with their sum, and why each does in the fold.

    `workbook` names the file that has every such line; `waits`: they can be put right still; `names` say what is near
    a name that Clio does not have, and `corrections` who left a line out.
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
    after = _suggested(names, codes) | _left_by(out, corrections)
    ordered = sorted(kinds.items(), key=lambda kind: -len(kind[1]))
    how = [_how(out, workbook)] if waits else []
    return [said, _why(ordered, currency, workbook, after, how)]


def to_fix(lines: Sequence[Line]) -> str:
    """Say how many lines wait to be put right, as their button does; what a person left out waits for nobody."""
    waiting = _waiting(lines)
    return count(waiting, "line") if waiting else "lines"


def _waiting(lines: Sequence[Line]) -> int:
    return sum(1 for line in lines if line.left_out and not line.skipped)


def _how(out: Sequence[Line], workbook: str) -> str:
    """Say what to do about lines that stay out; of what a sheet cannot put right there is no workbook."""
    waiting = _waiting(out)
    if not waiting:
        return "To bring one forward after all: *Fix lines*."
    mended = f", or correct {workbook} and drop it in this thread" if any(line.is_failing for line in out) else ""
    return f"To put {'it' if waiting == 1 else 'them'} right: *Fix {to_fix(out)}*{mended}."


def _suggested(names: Sequence[OpenName], codes: Mapping[int, str]) -> dict[int, str]:
    """Ask by row whether what is near was meant; not where the reason names it already."""
    found: dict[int, str] = {}
    for one in names:
        if codes.get(one.row) not in {"matter_ambiguous", "user_ambiguous"} and (asked := did_you_mean(one)):
            found[one.row] = f"{found.get(one.row, '')} {esc(asked)}"
    return found


def _left_by(out: Sequence[Line], corrections: Sequence[Mapping[str, Any]]) -> dict[int, str]:
    """Say by row who left a line out."""
    by = {one["row"]: person(one["actor"]) for one in corrections if one["field"] == "skipped"}
    return {
        line.row: f"{'' if line.skipped.endswith('.') else '.'} By {by[line.row]}."
        for line in out
        if line.skipped and line.row in by
    }


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


def _rows(lines: Sequence[Line], currency: str, after: Mapping[int, str]) -> list[str]:
    """Name rows within one sentence."""
    named = [f"{_row(line, currency)}{_bracketed(after.get(line.row, ''))}" for line in lines]
    return named[:1] + [f"{row[0].lower()}{row[1:]}" for row in named[1:]]


def _bracketed(said: str) -> str:
    said = said.strip(" .")
    return f" ({said[0].lower()}{said[1:]})" if said else ""


def _reason(line: Line, *, after: str = "") -> str:
    """Say why a line stays out; not again what the words before it said."""
    reason = line.left_out or ""
    return esc(shortened(reason.removeprefix(f"{after}: ") if after else reason, REASON))


def _why(
    kinds: Sequence[tuple[str, Sequence[Line]]], currency: str, workbook: str, after: Mapping[int, str],
    how: Sequence[str],
) -> Block:  # fmt: skip
    """Put each line and its reason behind a title, like ones together; a reason that they share is said once.

    `after` is what follows a line's reason, by row; `how` says what to do.
    """
    said = [*how]
    room = FOLDED
    for kind, alike in kinds:
        shown = alike[:room]
        room -= len(shown)
        if not shown:
            continue
        if len(alike) == 1:
            said.append(f"• {_row(alike[0], currency)}: {_reason(alike[0])}{after.get(alike[0].row, '')}")
            continue
        said.append(_head(kind, alike, currency))
        if _same_words(alike):
            said += [f"• {'; '.join(_rows(shown[at : at + 10], currency, after))}" for at in range(0, len(shown), 10)]
        else:
            common = ALIKE.get(kind, "")
            said += [
                f"• {_row(line, currency)}: {_reason(line, after=common)}{after.get(line.row, '')}" for line in shown
            ]
    number = sum(len(alike) for _, alike in kinds)
    if number > FOLDED:
        said.append(f"and {number - FOLDED:,} more, all in {workbook}.")
    return folded(f"Why: {count(number, 'line')}", sections(said))
