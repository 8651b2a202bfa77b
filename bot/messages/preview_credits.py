"""The preview's credits: each line below zero, and whether it is held, posted, or set against what is owed. Pure."""

from collections.abc import Sequence, Set
from decimal import Decimal

from brought_forward.bot.messages.blocks import Block, money_cell, small_table, text_cell
from brought_forward.bot.messages.preview_lines import is_held_credit
from brought_forward.bot.messages.words import count, money, shortened
from brought_forward.storage.records.sheet import Finding, Line

ROWS = 25  # credits in the table; the workbook has all
NAME = 60  # characters of what a sheet has for a matter's number


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
        [text_cell(line.cell), text_cell(shortened(line.matter or "", NAME)),
         money_cell(line.amount or Decimal(0), currency), text_cell(_fate(line, kept, negative))]
        for line in shown[:ROWS]
    ]  # fmt: skip
    title = f"Credits: {count(len(shown), 'line')}, {money(total, currency)}."
    more = [f"The first {ROWS} credits; the workbook below has all."] if len(shown) > ROWS else []
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
        said += " Credits are held (setting BALANCES_CREDITS): enter them in Clio by hand."
    if negative:
        said += " Clio's reports show an entry below zero as positive, and its bill counts as paid at once."
    return said
