"""How `brought-forward check` tells what it found, to people and to programs, and what it asks."""

import json
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from brought_forward.bot.cli.check import Check
from brought_forward.bot.errors import SheetQuestion
from brought_forward.bot.messages import evidence
from brought_forward.bot.messages.words import count, long_date, money
from brought_forward.storage.records.sheet import Comments, SheetReading

SHOWN = 40  # problems printed one by one; --json gives all


def as_json(found: Check) -> str:
    """Write everything, amounts as text so that no program rounds them."""
    reading = found.reading
    content: dict[str, Any] = {
        "sheet": reading.sheet,
        "header_row": reading.header_row,
        "currency": found.currency,
        "as_of": reading.as_of and reading.as_of.isoformat(),
        "lines": [
            {
                "row": line.row,
                "matter": line.matter,
                "user": line.user,
                "client": line.client,
                "amount": str(line.amount),
                "date": line.date and line.date.isoformat(),
                "note": line.note,
            }
            for line in reading.lines
        ],
        "problems": [
            {"row": one.row, "cell": one.cell, "matter": one.matter, "text": one.text,
             "amount": None if one.amount is None else str(one.amount), "anyway": one.anyway}
            for one in reading.problems
        ],
        "doubts": found.doubts,
        "zero_rows": reading.zero_rows,
        "total": str(found.total),
        "control_total": None if reading.control_total is None else str(reading.control_total),
        "group_totals": [
            {"name": one.name, "row": one.row, "stated": str(one.stated), "found": str(one.found)}
            for one in reading.group_totals
        ],
        "remarks": list(reading.remarks),
        "balance": reading.balance,
        "proofs": list(reading.proofs),
        "census": [
            asdict(one) | {"beside": None if one.beside is None else str(one.beside)} for one in reading.census
        ],
        "not_counted": [
            {"row": one.row, "amount": str(one.amount), "why": one.why} for one in reading.not_counted
        ],
        "comments": reading.comments and asdict(reading.comments),
        "by_user": {user: {"lines": number, "amount": str(total)} for user, (number, total) in found.by_user().items()},
    }  # fmt: skip
    if (sums := found.money()) is not None:
        content["money"] = {name: str(amount) for name, amount in sums.items()}
    if found.matching is not None:
        content["entries"] = [
            {"matter": entry.matter_number, "matter_id": entry.matter_id, "user": entry.user_name,
             "user_id": entry.user_id, "amount": str(entry.amount), "note": entry.note, "rows": rows}
            for entry, rows in found.matching.planned
        ]  # fmt: skip
        content["left_out"] = [{"row": row, "reason": why} for row, why in sorted(found.matching.left_out.items())]
        content["warnings"] = [{"row": one.row, "rule": one.code, "text": one.text} for one in found.matching.warnings]
    return json.dumps(content, ensure_ascii=False, indent=2)


def show(found: Check, console: Console) -> None:
    """Print a reading for people."""
    reading, currency = found.reading, found.currency
    number, unread = found.number_of_lines, sum(1 for one in reading.problems if one.amount is None)
    more = f", and {count(unread, 'amount')} that cannot be read" if unread else ""
    console.print(
        f'Sheet "{escape(reading.sheet)}", header in row {reading.header_row}: {count(number, "line")},'
        f" {money(found.total, currency)}{more}.",
        highlight=False,
    )
    if reading.as_of:
        console.print(f"As of {long_date(reading.as_of)}.", highlight=False)
    if reading.zero_rows:
        console.print(f"{count(reading.zero_rows, 'line')} with a balance of zero passed over.", highlight=False)
    for said in (evidence.owed(reading), *reading.remarks, _rest(reading, currency), _comments(reading.comments)):
        if said:
            console.print(escape(said), highlight=False)
    _show_totals(found, console)
    reasons = [(f"{one.cell}", one.matter, one.text) for one in reading.problems]
    if found.matching is not None:
        numbers = {line.row: line.matter for line in reading.lines}
        reasons += [(f"row {row}", numbers.get(row), why) for row, why in sorted(found.matching.left_out.items())]
    if reasons:
        out = f"{count(len(reasons), 'line')}, {money(found.left_out, currency)}"
        console.print(f"\n[bold]{out}, would not be posted[/bold]", highlight=False)
        for place, matter, why in reasons[:SHOWN]:
            console.print(escape(f"  {place}, {matter or 'no matter'}: {why}"), highlight=False)
        if len(reasons) > SHOWN:
            console.print(f"  and {len(reasons) - SHOWN:,} more; --json gives all.", highlight=False)
    if found.matching is not None:
        for one in found.matching.warnings[:SHOWN]:
            console.print(escape(f"  row {one.row}, a warning: {one.text}"), highlight=False)
        total = sum((entry.amount for entry, _ in found.matching.planned), Decimal(0))
        entries = count(len(found.matching.planned), "entry", "entries")
        console.print(f"\n{entries}, {money(total, currency)}, would be posted.", highlight=False)


def _show_totals(found: Check, console: Console) -> None:
    reading, currency = found.reading, found.currency
    table = Table(box=None, pad_edge=False)
    table.add_column("User")
    table.add_column("Lines" if found.matching is None else "Entries", justify="right")
    table.add_column("Amount", justify="right")
    for user, (number, total) in found.by_user().items():
        table.add_row(escape(user) or "(the matter's responsible attorney)", f"{number:,}", money(total, currency))
    console.print()
    console.print(table)
    for said in found.doubts:
        console.print(f"[bold]{escape(said)}[/bold]", highlight=False)
    if reading.control_total is not None and reading.control_total == found.total:
        console.print(f"The file's own total, {money(reading.control_total, currency)}, agrees.", highlight=False)
    if reading.control_total is None and not reading.proofs:
        console.print(
            f"Nothing in the file proves this total. Compare {money(found.total, currency)} with your report.",
            highlight=False,
        )


def _rest(reading: SheetReading, currency: str) -> str:
    """Say in one line what of the sheet goes into no line."""
    counted = evidence.not_counted(reading.not_counted, currency)
    if counted:
        counted += f": {'; '.join(evidence.reasons(reading.not_counted, currency))}."
    return " ".join(part for part in (counted, evidence.unused(reading)) if part)


def _comments(comments: Comments | None) -> str:
    if comments is None:
        return ""
    column = f'Column {comments.letter} "{comments.heading}" ({count(comments.notes, "note")})'
    return (
        f"{column} goes on the bills."
        if comments.on
        else f"{column} is left off the bills; --answer comments=on puts it on."
    )


def ask(question: SheetQuestion, console: Console) -> None:
    """Print a question and how to answer it."""
    console.print(escape(str(question)), highlight=False)
    for one in question.candidates:
        console.print(
            escape(f"  --answer {question.kind}={one.value}   {one.heading}  {one.sample}".rstrip()), highlight=False
        )
