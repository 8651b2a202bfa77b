"""`brought-forward check FILE`: the same reading as in Slack, on this machine; with `--clio` the same matching too."""

import json
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from brought_forward.bot.clio.connection import Connection
from brought_forward.bot.clio.ledger import read_ledger, refresh_index, standing
from brought_forward.bot.errors import SheetError, SheetQuestion
from brought_forward.bot.matching.entries import MatchRules
from brought_forward.bot.matching.index import FirmIndex
from brought_forward.bot.matching.match import Matching, match
from brought_forward.bot.messages.words import count, long_date, money
from brought_forward.bot.preview.make import agreed_currency, billing_of
from brought_forward.bot.settings import Settings
from brought_forward.bot.sheet.read import read_sheet
from brought_forward.bot.sheet.rules import SheetRules
from brought_forward.storage.records.sheet import Line, SheetReading
from brought_forward.storage.store import Store

SHOWN = 40  # problems printed one by one; --json gives all


@dataclass(frozen=True, slots=True)
class Check:
    """A reading, and what Clio makes of it where it was asked."""

    reading: SheetReading
    currency: str
    matching: Matching | None

    @property
    def total(self) -> Decimal:
        """The sum of all lines that can be read, and of the readable amounts of those that cannot."""
        problems = sum((one.amount for one in self.reading.problems if one.amount is not None), Decimal(0))
        return problems + sum((line.amount for line in self.reading.lines), Decimal(0))

    @property
    def clean(self) -> bool:
        """Whether every line would be posted and every total agrees."""
        reading = self.reading
        left_out = self.matching.left_out if self.matching else {}
        agrees = reading.control_total in {None, self.total} and not reading.group_totals
        return agrees and not reading.problems and not left_out

    def by_user(self) -> dict[str, tuple[int, Decimal]]:
        """Count and sum by user: Clio's where it was asked, else the sheet's own words."""
        sums: dict[str, tuple[int, Decimal]] = {}
        if self.matching is not None:
            pairs = [(entry.user_name, entry.amount) for entry, _ in self.matching.planned]
        else:
            pairs = [(line.user or "", line.amount) for line in self.reading.lines]
        for user, amount in pairs:
            number, total = sums.get(user, (0, Decimal(0)))
            sums[user] = (number + 1, total + amount)
        return dict(sorted(sums.items()))


def check(
    path: Path, *, currency: str | None, day_first: bool, answers: Mapping[str, str], settings: Settings | None
) -> Check:
    """Read a file, and match it where `settings` say how to reach Clio. Raises SheetError, OSError, a ClioError.

    The currency is the setting's, as far as Clio agrees, else `currency`, else Clio's; without Clio, US dollars.
    """
    try:
        data = path.read_bytes()
    except OSError as missing:
        raise SheetError(f"I can't open {path}: {missing.strerror or missing}.") from missing
    if settings is None:
        rules = SheetRules(currency=currency or "USD", day_first=day_first, answers=answers)
        return Check(read_sheet(data, path.name, rules), rules.currency, None)
    with _clio(settings) as (connection, store):
        if currency is None or settings.balances_currency:
            currency = agreed_currency(
                settings.balances_currency, billing_of(connection.clio, settings.balances_currency).currency
            )
        rules = SheetRules(currency=currency, day_first=day_first, answers=answers)
        reading = read_sheet(data, path.name, rules)
        return Check(reading, currency, _matched(reading, currency, settings, connection, store))


@contextmanager
def _clio(settings: Settings) -> Iterator[tuple[Connection, Store]]:
    """Connect to Clio, with a database that lives as long."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "check.db")
        try:
            yield Connection(settings, store, threading.Event()), store
        finally:
            store.close()


def _matched(
    reading: SheetReading, currency: str, settings: Settings, connection: Connection, store: Store
) -> Matching:
    """Match against Clio as it is now; the index is listed anew and kept nowhere."""
    lines = [
        Line(row=line.row, cell=str(line.row), matter=line.matter, user=line.user, client=line.client,
             amount=line.amount, date=line.date, note=line.note, unreadable=None, left_out=None, entry=None)
        for line in reading.lines
    ]  # fmt: skip
    account = connection.account
    refresh_index(store, connection.clio, "check", account)
    ledger = read_ledger(connection.clio, settings.balances_description)
    rules = MatchRules(
        description=settings.balances_description,
        currency=currency,
        as_of=reading.as_of or datetime.now(settings.balances_timezone or UTC).date(),
        post_credits=settings.balances_credits == "post",
    )
    index = FirmIndex(store.listings.matters(account), store.listings.users(account))
    return match(lines, index, standing(ledger.entries, currency), rules)


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
             "amount": None if one.amount is None else str(one.amount)}
            for one in reading.problems
        ],
        "zero_rows": reading.zero_rows,
        "total": str(found.total),
        "control_total": None if reading.control_total is None else str(reading.control_total),
        "group_totals": [
            {"name": one.name, "row": one.row, "stated": str(one.stated), "found": str(one.found)}
            for one in reading.group_totals
        ],
        "remarks": list(reading.remarks),
        "by_user": {user: {"lines": number, "amount": str(total)} for user, (number, total) in found.by_user().items()},
    }  # fmt: skip
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
    console.print(
        f'Sheet "{escape(reading.sheet)}", header in row {reading.header_row}: {count(len(reading.lines), "line")},'
        f" {money(found.total, currency)}.",
        highlight=False,
    )
    if reading.as_of:
        console.print(f"As of {long_date(reading.as_of)}.", highlight=False)
    if reading.zero_rows:
        console.print(f"{count(reading.zero_rows, 'line')} with a balance of zero passed over.", highlight=False)
    for remark in reading.remarks:
        console.print(escape(remark), highlight=False)
    _show_totals(found, console)
    reasons = [(f"{one.cell}", one.matter, one.text) for one in reading.problems]
    if found.matching is not None:
        numbers = {line.row: line.matter for line in reading.lines}
        reasons += [(f"row {row}", numbers.get(row), why) for row, why in sorted(found.matching.left_out.items())]
    if reasons:
        console.print(f"\n[bold]{count(len(reasons), 'line')} would not be posted[/bold]", highlight=False)
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
    if reading.control_total is None:
        console.print("The file has no total of its own.", highlight=False)
    elif reading.control_total == found.total:
        console.print(f"The file's own total, {money(reading.control_total, currency)}, agrees.", highlight=False)
    else:
        difference = reading.control_total - found.total
        console.print(
            f"[bold]The file's own total is {money(reading.control_total, currency)}: a difference of"
            f" {money(difference, currency)}.[/bold]",
            highlight=False,
        )
    for one in reading.group_totals:
        console.print(
            escape(f"{one.name} (row {one.row}) says {money(one.stated, currency)}, its lines come to"
                   f" {money(one.found, currency)}."),
            highlight=False,
        )  # fmt: skip


def ask(question: SheetQuestion, console: Console) -> None:
    """Print a question and how to answer it."""
    console.print(escape(str(question)), highlight=False)
    for one in question.candidates:
        console.print(
            escape(f"  --answer {question.kind}={one.value}   {one.heading}  {one.sample}".rstrip()), highlight=False
        )
