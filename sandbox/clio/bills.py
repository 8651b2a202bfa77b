"""Bills as people make them in the pretend Clio: the API makes none (help.clio.com, "Billing Workflow")."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from brought_forward.sandbox.clio.firm import Firm
from brought_forward.sandbox.clio.records import Bill, Matter, TimeEntry

# What a person may do with a bill in each state.
MOVES: dict[str, frozenset[str]] = {
    "draft": frozenset({"awaiting_approval", "awaiting_payment", "deleted"}),
    "awaiting_approval": frozenset({"draft", "awaiting_payment", "deleted"}),
    "awaiting_payment": frozenset({"draft", "paid", "void"}),
    "paid": frozenset({"awaiting_payment"}),
    "void": frozenset(),
    "deleted": frozenset(),
}
RELEASED = {"void", "deleted"}  # its entries are unbilled again (support.clio.com 115001730753)


class Billing:
    """What people do with bills; each returns the bill as it then is. Raises ValueError for what Clio forbids."""

    def __init__(self, firm: Firm) -> None:
        self._firm = firm

    def make(self, matter: Matter | int, entries: Sequence[TimeEntry] | None = None) -> Bill:
        """Put a matter's unbilled, billable entries on a draft, or those of them that are named."""
        number = matter if isinstance(matter, int) else matter.id
        named = None if entries is None else {entry.id for entry in entries}
        with self._firm.lock:
            found = self._firm.matters.get(number)
            if found is None or not found.billable:
                raise ValueError("this matter cannot be billed")
            on_it = [
                entry
                for entry in self._firm.entries
                if entry.matter_id == number
                and not entry.on_bill
                and not entry.non_billable
                and (named is None or entry.id in named)
            ]
            if not on_it:
                raise ValueError("there is nothing unbilled on this matter")
            now = self._firm.now()
            record = self._firm.bills.new_id()
            total = sum((entry.total for entry in on_it), Decimal(0))
            bill = Bill(record, now, now, number=str(record), state="draft", issued_at=now.date(), total=total,
                        matter_id=number)  # fmt: skip
            return self._put(bill, on_it)

    def submit(self, bill: Bill) -> Bill:
        """Send a draft to whoever approves bills."""
        return self._move(bill, "awaiting_approval")

    def approve(self, bill: Bill) -> Bill:
        """Approve a bill: its entries count as billed. One that is not above zero is paid at once."""
        approved = self._move(bill, "awaiting_payment")
        return approved if approved.total > 0 else self._move(approved, "paid")

    def pay(self, bill: Bill) -> Bill:
        """Record the payment of all of a bill."""
        return self._move(bill, "paid")

    def void(self, bill: Bill) -> Bill:
        """Void a bill that nobody has paid; its entries are unbilled again."""
        return self._move(bill, "void")

    def delete(self, bill: Bill) -> Bill:
        """Delete a draft; its entries are unbilled again."""
        return self._move(bill, "deleted")

    def _move(self, bill: Bill, state: str) -> Bill:
        with self._firm.lock:
            before = self._firm.bills[bill.id]
            if state not in MOVES[before.state]:
                raise ValueError(f"a bill that is {before.state} cannot become {state}")
            on_it = [entry for entry in self._firm.entries if entry.bill is not None and entry.bill.id == bill.id]
            return self._put(replace(before, state=state, updated_at=self._firm.now()), on_it)

    def _put(self, bill: Bill, entries: Sequence[TimeEntry]) -> Bill:
        on = None if bill.state in RELEASED else bill
        for entry in entries:
            self._firm.entries.put(replace(entry, bill=on, updated_at=bill.updated_at))
        return self._firm.bills.put(bill)
