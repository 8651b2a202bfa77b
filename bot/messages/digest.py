"""What a channel is told each Monday: how far the bills of its batches are. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from brought_forward.bot.messages.bills import WORDS, tallies
from brought_forward.bot.messages.blocks import Text, context, section
from brought_forward.bot.messages.words import count, esc, first, long_date, money, shortened, thread_link
from brought_forward.storage.records.batch import Batch
from brought_forward.storage.records.entry import Tally
from brought_forward.storage.records.inquiry import Billed, BillState

BATCHES = 10  # named one by one
NAME = 60  # characters of a file's name
TO_BILL = (BillState.UNBILLED, BillState.VOID)
TO_APPROVE = (BillState.DRAFT, BillState.AWAITING_APPROVAL)


@dataclass(frozen=True, slots=True)
class DigestView:
    """A week's digest: each batch of the channel with what Clio says of its entries, in one currency each."""

    week: date
    batches: Sequence[tuple[Batch, Sequence[Billed]]]
    clio_site: str


def digest(view: DigestView) -> Text:
    """Say how far the bills are, by state and by batch, and what is next in Clio."""
    lines = [f"*Bills of what was brought forward in this channel, {long_date(view.week)}*"]
    found: set[BillState] = set()
    for currency in dict.fromkeys(batch.currency or "" for batch, _ in view.batches):
        rows = [one for batch, some in view.batches if (batch.currency or "") == currency for one in some]
        sums = tallies(rows)
        found |= set(sums)
        lines.append(f"{_size(_all(rows), currency)} posted.")
        lines += [f"{WORDS[state]}: {_size(tally, currency)}." for state, tally in sums.items()]
    billing = f"<{view.clio_site}/nc/#/bills|open billing>"
    if found & set(TO_BILL):
        lines.append(f"Next in Clio: generate the bills, without tax ({billing}).")
    elif found & set(TO_APPROVE):
        lines.append(f"Next in Clio: approve the bills ({billing}).")
    elif found == {BillState.PAID}:
        lines.append("All of it is paid.")
    unbilled = [line for batch, rows in view.batches if (line := _unbilled(batch, rows))]
    if unbilled:
        lines += ["*Not billed yet, the oldest first:*", *first(unbilled, BATCHES, where=", by `/balances list`")]
    small = "Read from Clio just now. `/balances bills B12` shows a batch by matter; `/balances digest off` ends this."
    return Text("How far the bills are, this week.", [section("\n".join(lines)), context(small)])


def _unbilled(batch: Batch, rows: Sequence[Billed]) -> str:
    left = _all([one for one in rows if one.state in TO_BILL])
    if not left.entries:
        return ""
    name = esc(shortened(batch.file_name, NAME))
    return f"• {name} ({thread_link(batch, batch.name)}): {_size(left, batch.currency or '')}"


def _all(rows: Sequence[Billed]) -> Tally:
    return Tally(sum(one.entries for one in rows), sum((one.amount for one in rows), Decimal(0)))


def _size(tally: Tally, currency: str) -> str:
    return f"{count(tally.entries, 'entry', 'entries')}, {money(tally.amount, currency)}"
