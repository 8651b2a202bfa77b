"""How far the bills of a batch are, as Clio tells it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from brought_forward.bot.messages.blocks import (
    TABLE_ROWS,
    Cell,
    Text,
    actions,
    as_many,
    button,
    context,
    link_cell,
    money_cell,
    section,
    table,
    text_cell,
)
from brought_forward.bot.messages.status import value
from brought_forward.bot.messages.words import count, esc, money, person, when
from brought_forward.storage.records.batch import Batch
from brought_forward.storage.records.entry import Tally
from brought_forward.storage.records.inquiry import Billed, BillState

WORDS = {
    BillState.GONE: "Not in Clio any more",
    BillState.UNBILLED: "Not billed yet",
    BillState.VOID: "On a void bill, to be billed again",
    BillState.DRAFT: "On a draft",
    BillState.AWAITING_APPROVAL: "Awaiting approval",
    BillState.AWAITING_PAYMENT: "Awaiting payment",
    BillState.PAID: "Paid",
}
ORDER = list(BillState)


@dataclass(frozen=True, slots=True)
class BillsView:
    """All that the message about bills shows."""

    batch: Batch
    rows: Sequence[Billed]
    inquiry: int  # which the Refresh button names
    asked_by: str
    read_at: datetime
    clio_site: str


def tallies(rows: Sequence[Billed]) -> dict[BillState, Tally]:
    """Count and sum by state; only those that there are."""
    found: dict[BillState, Tally] = {}
    for one in rows:
        before = found.get(one.state, Tally())
        found[one.state] = Tally(before.entries + one.entries, before.amount + one.amount)
    return {state: found[state] for state in ORDER if state in found}


def shown(view: BillsView) -> list[list[Cell]]:
    """Make the rows of the table, as many as Slack takes; what was left is `len(view.rows) - len(...)`."""
    return as_many([
        [
            text_cell(one.matter[:200]),
            money_cell(one.amount, view.batch.currency or ""),
            text_cell(WORDS[one.state]),
            _link(one, view.clio_site),
        ]
        for one in view.rows[:TABLE_ROWS]
    ])  # fmt: skip


def bills(view: BillsView) -> Text:
    """Show how far the bills are, by state and by matter; edited in place when it is read again."""
    batch, currency = view.batch, view.batch.currency or ""
    sums = tallies(view.rows)
    entries = sum(one.entries for one in sums.values())
    amount = sum((one.amount for one in sums.values()), Decimal(0))
    lines = [f"*Bills of {esc(batch.file_name)} ({batch.name}): {count(entries, 'entry', 'entries')},"
             f" {money(amount, currency)} posted*"]  # fmt: skip
    for state, tally in sums.items():
        words = f"{WORDS[state]}: {count(tally.entries, 'entry', 'entries')}, {money(tally.amount, currency)}."
        lines.append(words)
    billing = f"<{view.clio_site}/nc/#/bills|open billing>"
    if BillState.UNBILLED in sums or BillState.VOID in sums:
        lines.append(f"Next in Clio: generate the bills, without tax ({billing}).")
    elif BillState.DRAFT in sums or BillState.AWAITING_APPROVAL in sums:
        lines.append(f"Next in Clio: approve the bills ({billing}).")
    if differs := sum(one.differs for one in view.rows):
        those = count(differs, "entry", "entries")
        ask = f"`/balances reconcile {batch.name}` names each and why"
        lines.append(f":warning: Of {those} Clio no longer shows the total that was posted: {ask}.")
    if BillState.GONE in sums:
        lines.append(f"What Clio no longer has, `/balances reconcile {batch.name}` names one by one.")
    rows = shown(view)
    if len(rows) < len(view.rows):
        lines.append(f"The first {len(rows):,} of {len(view.rows):,} rows; the workbook beside this has all.")
    blocks = [
        section("\n".join(lines)),
        table(f"{batch.name} by matter", ("Matter", "Amount", "Bill", "In Clio"), rows, page=20),
        context(f"Read from Clio {when(view.read_at)}. Asked for by {person(view.asked_by)}."),
        actions(button("Refresh", "refresh_bills", value(batch, view.inquiry))),
    ]
    return Text(f"{batch.name}: how far the bills are", blocks)


def _link(one: Billed, clio_site: str) -> Cell:
    """Link to the bill where there is one, else to its matter."""
    if one.bill_id is not None:
        return link_cell(f"Bill {one.bill_number or one.bill_id}"[:60], f"{clio_site}/nc/#/bills/{one.bill_id}")
    return link_cell("Open the matter", f"{clio_site}/nc/#/matters/{one.matter_id}")
