"""Say of each posted entry how far its bill is, from what Clio's list of entries tells. Pure.

An activity names its bill and the bill's state, so that one list of entries, 200 in a call, is enough. `billed` is true
of bills that await payment or are paid, `on_bill` of drafts too (facts of Clio's document, "Activity").
"""

from collections.abc import Sequence
from dataclasses import replace

from brought_forward.bot.clio.shapes import BilledEntry
from brought_forward.storage.records.entry import Entry, EntryState
from brought_forward.storage.records.inquiry import Billed, BillState

RELEASED = {"", "deleted"}  # no bill holds it


def billed(entries: Sequence[Entry], listed: Sequence[BilledEntry]) -> list[Billed]:
    """Give one row for each matter, state and bill; they add up to what was posted."""
    there = {found.id: found for found in listed}
    posted = [entry for entry in entries if entry.state is EntryState.POSTED]
    return _by_matter([_row(entry, there.get(entry.clio_id or 0)) for entry in posted])


def _by_matter(entries: Sequence[Billed]) -> list[Billed]:
    """Put together what stands alike on a matter; what needs a person first, then by matter."""
    order = list(BillState)
    together: dict[tuple[int, BillState, int | None], Billed] = {}
    for one in entries:
        key = (one.matter_id, one.state, one.bill_id)
        before = together.get(key)
        together[key] = one if before is None else replace(
            before, entries=before.entries + one.entries, amount=before.amount + one.amount,
            differs=before.differs + one.differs)  # fmt: skip
    return sorted(together.values(), key=lambda one: (order.index(one.state), one.matter, one.bill_id or 0))


def _row(entry: Entry, found: BilledEntry | None) -> Billed:
    state = _state(found)
    on = found if found is not None and found.bill_state not in RELEASED else None
    return Billed(
        matter_id=entry.matter_id,
        matter=entry.matter_number,
        entries=1,
        amount=entry.amount,
        state=state,
        bill_id=on.bill_id if on else None,
        bill_number=on.bill_number if on else "",
        differs=int(found is not None and found.entry.total != entry.amount),
    )


def _state(found: BilledEntry | None) -> BillState:
    if found is None:
        return BillState.GONE
    if found.bill_state in set(BillState) - {BillState.GONE, BillState.UNBILLED}:
        return BillState(found.bill_state)
    # Clio tells nothing of the bill itself, but of the entry whether one holds it.
    if found.entry.billed:
        return BillState.AWAITING_PAYMENT
    return BillState.DRAFT if found.entry.on_bill else BillState.UNBILLED
