"""Answer what people ask of a batch's entries in Clio, in runs of their own: Clio's pace may let them wait.

An inquiry stays open in its table until it is answered or is known to be unanswerable, so a restart loses none.
Listing again does no harm; a report goes on by its id (`bot.reporting`). Batches are posted meanwhile: both take their
places in the same window.
"""

import json
import logging
import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from functools import partial

from brought_forward.bot.clio.client import Clio
from brought_forward.bot.clio.connection import Connections
from brought_forward.bot.clio.shapes import BilledEntry
from brought_forward.bot.errors import ClioError, Stopping, pause_for
from brought_forward.bot.messages import answers, bills
from brought_forward.bot.messages.answers import differing, reconciled
from brought_forward.bot.posting.send import Sender
from brought_forward.bot.results.ask import COMPARED
from brought_forward.bot.results.look_again import LookAgain
from brought_forward.bot.results.report import ReportInquiry
from brought_forward.bot.results.run import ReadBackRun
from brought_forward.bot.settings import Firms, Timing
from brought_forward.bot.slack.library import BILLS
from brought_forward.bot.slack.thread import BatchThread
from brought_forward.storage.records.batch import Batch, RunKind
from brought_forward.storage.records.entry import Entry, EntryState
from brought_forward.storage.records.inquiry import Billed, BillState, Inquiry, InquiryKind, dump_bills, dump_read_back
from brought_forward.storage.store import Store

log = logging.getLogger(__name__)

TRIES = 5  # of an inquiry on which we stumble ourselves


@dataclass(frozen=True, slots=True)
class Inquiries:
    """Work through the open inquiries, one of a firm at a time."""

    store: Store
    connections: Connections
    thread: BatchThread
    read_back: ReadBackRun
    timing: Timing
    firms: Firms
    sender: Sender
    start: Callable[[RunKind, int], None]
    stopping: threading.Event

    def due(self) -> Collection[str]:
        """Name the firms with an inquiry whose time has come."""
        return self.store.inquiries.due()

    def move(self, firm: str) -> bool:
        """Carry each inquiry of a firm as far as it goes now. Returns False: each says when it goes on."""
        for inquiry in self.store.inquiries.of_firm(firm):
            self.answer(inquiry)
        return False

    def tidy(self) -> None:
        """Keep no file longer than until Slack has it."""
        self.store.inquiries.forget_sent_files()

    def answer(self, inquiry: Inquiry) -> None:
        """Carry one inquiry as far as it goes now; one that stumbles keeps no other waiting."""
        if self.stopping.is_set():
            return
        try:
            if inquiry.kind is InquiryKind.REPORT:
                ReportInquiry(self.store, self.connections, self.thread, self.timing, self._fail).step(inquiry)
                return
            batch = self.store.batches.get(inquiry.batch)
            self.connections.of(batch.firm).check(batch.account)
            if inquiry.kind is InquiryKind.LOOK:
                self._look(inquiry)
            elif inquiry.kind is InquiryKind.BILLS:
                self._bills(inquiry)
            else:
                self._reconcile(inquiry)
        except Stopping:
            return
        except ClioError as trouble:
            log.warning("inquiry=%d got no answer: %s", inquiry.id, type(trouble).__name__)
            self._fail(inquiry, str(trouble))
        except Exception:
            log.exception("inquiry=%d stumbled", inquiry.id)
            if inquiry.tries + 1 >= TRIES:
                self._fail(inquiry, "Something went wrong on my side.")
            else:
                self.store.inquiries.later(inquiry, self.timing.first_pause * 2**inquiry.tries, tried=True)

    def _look(self, inquiry: Inquiry) -> None:
        LookAgain(
            self.store, self.connections, self.sender, self.thread, self.timing, self.firms, self.start,
            self.stopping, self._fail,
        ).step(inquiry)  # fmt: skip

    def _reconcile(self, inquiry: Inquiry) -> None:
        batch = self.store.batches.get(inquiry.batch)
        found = self.read_back.look(batch)
        with self.store.transaction():
            now = self.store.batches.get(batch.id)
            if now.status not in COMPARED or now.episode != batch.episode:
                why = f"{batch.name} went on meanwhile ({now.status.value})."
                self._fail(inquiry, why)
                return
            self.store.batches.reconciled(batch.id, batch.episode, dump_read_back(found))
            self.store.inquiries.answered(inquiry, json.dumps(dump_read_back(found)))
            posted = self.store.entries.tallies(batch.id)[EntryState.POSTED].amount
            self.thread.say(batch, inquiry.slot, reconciled(batch, found, posted, inquiry.asked_by))
            for page, text in enumerate(differing(batch, found, self.firms.settings(batch.firm).clio_site), start=1):
                self.thread.say(batch, f"{inquiry.slot}-{page}", text)

    def _bills(self, inquiry: Inquiry) -> None:
        batch = self.store.batches.get(inquiry.batch)
        posted = {one.clio_id for one in self.store.entries.of_batch(batch.id) if one.state is EntryState.POSTED}
        wait = partial(pause_for, self.stopping, self.timing.second_look)
        listed = entries_with_bills(self.connections.at(batch), [batch], posted, wait)
        with self.store.transaction():
            rows = billed(self.store.entries.of_batch(batch.id), listed)
            self.store.inquiries.answered(inquiry, dump_bills(rows))
            answered = self.store.inquiries.find(inquiry.id)
            if answered is None or answered.read_at is None:
                return
            view = bills.BillsView(batch, rows, inquiry.id, inquiry.asked_by, answered.read_at,
                                   self.firms.settings(batch.firm).clio_site)  # fmt: skip
            self.thread.say(batch, inquiry.slot, bills.bills(view))
            if len(bills.shown(view)) < len(rows):
                name = f"{batch.stem} {batch.name} bills.xlsx"
                self.thread.attach(batch, f"{BILLS}:{inquiry.id}", f"file-bills-{inquiry.id}", name)

    def _fail(self, inquiry: Inquiry, why: str) -> None:
        """Say in the thread why there is no answer: a message of its own, since an edit notifies nobody."""
        batch = self.store.batches.get(inquiry.batch)
        with self.store.transaction():
            self.store.inquiries.failed(inquiry, why)
            self.thread.say(batch, f"failed-{inquiry.id}", answers.failed(batch, inquiry, why))


def entries_with_bills(
    clio: Clio, batches: Sequence[Batch], posted: Collection[int | None], wait: Callable[[], None]
) -> list[BilledEntry]:
    """List the entries of batches with their bills; once more where one of ours is not there, since lists lag.

    What the second list lacks too is read by its id before it is called gone. `posted` are the ids that stand posted,
    `wait` passes the time between the two lists. Raises ClioError, and Stopping from `wait`.
    """
    descriptions = sorted({batch.description_id for batch in batches if batch.description_id})

    def listed() -> list[BilledEntry]:
        return [one for number in descriptions for one in clio.billed_entries(number)]

    found = listed()
    if not descriptions or set(posted) <= {one.id for one in found}:
        return found
    wait()
    found = listed()
    lacking = sorted(one for one in set(posted) - {one.id for one in found} if one is not None)
    return [*found, *(one for number in lacking if (one := clio.entry_with_bill(number)))]


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
