"""`/balances open`: what is not brought forward yet, over all batches that the asker may see."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from brought_forward.bot.approval.approvers import Approvers
from brought_forward.bot.messages.results import WORDS
from brought_forward.bot.messages.words import count, esc, few, first, money, shortened, thread_link
from brought_forward.storage.open_items import OpenItem
from brought_forward.storage.records.batch import Batch
from brought_forward.storage.store import Store

LISTED = 10  # batches, as many as in the list of them
SHOWN = 40  # balances one by one, as many as of one batch
NAME = 40  # characters of a matter's number as a sheet has it
REASON = 160  # characters of a reason; the thread has all of it


@dataclass(frozen=True, slots=True)
class OpenItems:
    """Answer about all batches that somebody may see: an approver all, others those that they brought."""

    store: Store
    approvers: Approvers

    def answer(self, words: list[str], user: str, firm: str) -> str:
        """List what stayed out, was refused or is unclear, by batch, where no later batch brought it forward."""
        found = self.store.open_items.open(firm, of=None if self.approvers.listed(user, firm) else user)
        if not found:
            return "Nothing is open: all that was approved in the batches you may see is brought forward."
        by_batch = [
            (self.store.batches.get(number), list(some)) for number, some in groupby(found, lambda one: one.batch)
        ]
        head = (
            f"*Not brought forward yet: {count(len(found), 'balance')} in {count(len(by_batch), 'batch', 'batches')},"
        )
        lines = [f"{head} {_sums(by_batch)}.*"]
        room = SHOWN
        for batch, some in by_batch[:LISTED]:
            shown = first([_item(one, batch) for one in some], room, where=f"; `/balances export {batch.name}` has all")
            room = max(room - len(some), 0)
            name = f"*{esc(shortened(batch.file_name, NAME))}* ({batch.name})"
            lines += [f"{name}, {_sums([(batch, some)])} ({thread_link(batch, 'thread')})", *shown]
        if len(by_batch) > LISTED:
            older = few([batch.name for batch, _ in by_batch[LISTED:]], LISTED)
            lines.append(f"and in earlier batches: {older}.")
        return "\n".join(lines)


def _sums(by_batch: Iterable[tuple[Batch, Sequence[OpenItem]]]) -> str:
    """Sum what is open, each currency by itself; what cannot be read is in no sum."""
    sums: dict[str, Decimal] = {}
    unread = 0
    for batch, some in by_batch:
        currency = batch.currency or ""
        sums[currency] = sum((one.amount for one in some if one.amount is not None), sums.get(currency, Decimal(0)))
        unread += sum(1 for one in some if one.amount is None)
    more = [f"{count(unread, 'amount')} not readable"] if unread else []
    return ", ".join([*(money(amount, currency) for currency, amount in sums.items()), *more])


def _item(one: OpenItem, batch: Batch) -> str:
    where = f"row {one.row:,}, " if one.row is not None else ""
    amount = f", {money(one.amount, batch.currency or '')}" if one.amount is not None else ""
    user = f", {esc(shortened(one.user, NAME))}" if one.user else ""
    why = one.reason or ""
    if one.state is not None:
        why = f"{WORDS[one.state]}: {why}" if why else WORDS[one.state]
    return f"• {where}{esc(shortened(one.matter, NAME))}{user}{amount}: {esc(shortened(why, REASON))}"
