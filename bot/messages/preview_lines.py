"""The preview's lines that will not be posted: like ones together, the first few shown, the others folded. Pure."""

import re
from collections.abc import Sequence
from decimal import Decimal

from brought_forward.bot.messages.blocks import Block, folded, section, sections
from brought_forward.bot.messages.words import count, esc, money, shortened
from brought_forward.storage.records.sheet import Finding, Line

GROUPS = 6  # kinds of problem shown; further kinds are folded
ROWS = 3  # rows named of each kind; the others are folded
FOLDED = 60  # lines in the fold; the workbook has all
REASON = 500  # characters of a reason
NAME = 40  # characters of what a sheet has for a matter's number

# What lines of one rule have in common where each has its own details; by `bot.matching.rules.Code`.
ALIKE = {
    "matter_ambiguous": "the number fits more than one matter",
    "already": "already brought forward",
    "other_currency": "the matter is kept in another currency",
    "user_unknown": "no such user in Clio",
    "user_ambiguous": "the name fits more than one user",
    "user_portal": "the user only uses the client portal and keeps no time",
    "user_disabled": "the user is disabled in Clio",
    "zero": "nothing is left to bring forward",
}
DETAILS = re.compile(r'"[^"]*"|[0-9][0-9.,]*')


def problems(
    lines: Sequence[Line], findings: Sequence[Finding], currency: str, *, workbook: str, credits_apart: int
) -> list[Block]:
    """Show what stays out, always with its sum; `workbook` names the file that has every such line.

    `credits_apart` of the lines that stay out are held credits, which have a table of their own.
    """
    out = [line for line in lines if line.left_out]
    if not out:
        return []
    codes = {one.row: one.code for one in findings if one.blocks and one.row is not None}
    kinds: dict[str, list[Line]] = {}
    for line in out:
        if not is_held_credit(line, codes):
            kinds.setdefault(_kind(line, codes), []).append(line)
    left = sum((line.amount for line in out if line.amount is not None), Decimal(0))
    said = [f"*{count(len(out), 'line')}, {money(left, currency)}, will not be posted*"]
    if credits_apart:
        is_held = "is held as a credit" if credits_apart == 1 else "are held as credits"
        said.append(f"{credits_apart:,} of them {is_held}, shown apart below." if kinds else "Credits only, see below.")
    rest: list[tuple[str, Sequence[Line]]] = []
    ordered = sorted(kinds.items(), key=lambda kind: -len(kind[1]))
    for place, (kind, alike) in enumerate(ordered):
        shown = alike[: ROWS if place < GROUPS else 0]
        if shown:
            said.append(f"• {_group(kind, alike, shown, currency)}")
        rest.append((kind, alike[len(shown) :]))
    if len(ordered) > GROUPS:
        said.append(f"• and {count(len(ordered) - GROUPS, 'other kind of problem', 'other kinds of problem')}.")
    blocks = [section(text) for text in sections(said)]
    if any(lines for _, lines in rest):
        blocks.append(_fold(rest, currency, workbook))
    return blocks


def is_held_credit(line: Line, codes: dict[int, str]) -> bool:
    """Whether a line stays out because it, or what it is summed with, is a credit."""
    return codes.get(line.row) == "credit" and line.amount is not None


def _kind(line: Line, codes: dict[int, str]) -> str:
    """Tell which lines are alike: of one rule, or of one sentence but for its numbers and what it quotes."""
    if line.unreadable is None and line.row in codes:
        return codes[line.row]
    return DETAILS.sub("", line.left_out or "")


def _group(kind: str, alike: Sequence[Line], shown: Sequence[Line], currency: str) -> str:
    """Say what is wrong with lines that are alike, and name those to be `shown`."""
    if len(alike) == 1:
        return f"{_row(alike[0], currency)}: {_reason(alike[0])}"
    total = sum((line.amount for line in alike if line.amount is not None), Decimal(0))
    amount = f", {money(total, currency)}" if any(line.amount is not None for line in alike) else ""
    head = f"*{count(len(alike), 'line')}*{amount}:"
    more = f"and {len(alike) - len(shown):,} more" if len(alike) > len(shown) else ""
    if _same_words(alike):
        return f"{head} {_reason(alike[0])}\n    {'; '.join([*_rows(shown, currency), *([more] if more else [])])}."
    common = ALIKE.get(kind, "for like reasons")
    named = [f"{_row(line, currency)}: {_reason(line, after=common)}" for line in shown]
    return "\n    ".join([f"{head} {common}.", *named, *([f"{more}."] if more else [])])


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


def _fold(rest: Sequence[tuple[str, Sequence[Line]]], currency: str, workbook: str) -> Block:
    """Put what was not shown behind a title; a sentence is said once for all the rows it holds for."""
    number = sum(len(lines) for _, lines in rest)
    room, said = FOLDED, []
    for _, lines in rest:
        shown = lines[:room]
        room -= len(shown)
        if not shown:
            continue
        if len(shown) > 1 and _same_words(shown):
            said.append(f"• {_reason(shown[0])}")
            said += [f"    {'; '.join(_rows(shown[at : at + 10], currency))}" for at in range(0, len(shown), 10)]
        else:
            said += [f"• {_row(line, currency)}: {_reason(line)}" for line in shown]
    if number > FOLDED:
        said.append(f"and {number - FOLDED:,} more, all in {workbook} below.")
    title = f"The other {count(number, 'line')}" if number > 1 else "The other line"
    return folded(title, sections(said))
