"""Clio's Client Activity report of a batch's days: asked for once, waited for, fetched.

Each step is kept, so that a restart goes on where it was. Before the POST the newest report that Clio has is kept.
Where the answer is missing, a report newer than that, which no other inquiry of ours has, is taken as the one; where
two looks show none, it is asked for anew, once: a report more changes nothing in Clio.
"""

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from brought_forward.bot.clio.client import Clio
from brought_forward.bot.clio.connection import Connections
from brought_forward.bot.clio.reports import Report
from brought_forward.bot.errors import ClioBusy, ClioRejected, ClioRetired, ClioSignedOut, ClioUnclear, ClioUnreached
from brought_forward.bot.messages.answers import period, reported
from brought_forward.bot.settings import Timing
from brought_forward.bot.slack.library import REPORT
from brought_forward.bot.slack.thread import BatchThread
from brought_forward.storage.records.batch import Batch
from brought_forward.storage.records.entry import SENDS, EntryState
from brought_forward.storage.records.inquiry import Inquiry
from brought_forward.storage.store import Store

log = logging.getLogger(__name__)

LARGEST = 20_000_000  # bytes
LOOKS = 2  # that must find nothing before a report is asked for again


@dataclass(frozen=True, slots=True)
class ReportInquiry:
    """Carry one inquiry for a report a step further."""

    store: Store
    connections: Connections
    thread: BatchThread
    timing: Timing
    fail: Callable[[Inquiry, str], None]

    def step(self, inquiry: Inquiry) -> None:
        """Do what comes next. Raises a ClioError that ends the inquiry."""
        try:
            if inquiry.report_id is not None:
                self._look(inquiry, inquiry.report_id)
            elif inquiry.sent_at is None:
                self._ask(inquiry)
            else:
                self._find(inquiry)
        except ClioBusy as busy:
            self.store.inquiries.later(inquiry, busy.retry_after)
        except ClioUnclear as unclear:
            log.warning("inquiry=%d has no clear answer: %s", inquiry.id, unclear)
            if self._over(inquiry):
                raise
            self.store.inquiries.later(inquiry, self.timing.report_poll)

    def _ask(self, inquiry: Inquiry) -> None:
        first, last = self._days(inquiry)
        clio = self._clio(inquiry)
        newest = max((one.id for one in clio.reports.listed()), default=0)
        clio.pace.wait()
        self.store.inquiries.sending(inquiry, newest)
        try:
            made = clio.reports.create(first, last)
        except (ClioBusy, ClioRejected, ClioSignedOut, ClioRetired, ClioUnreached):
            self.store.inquiries.not_sent(inquiry)
            raise
        self._promised(inquiry, made)

    def _find(self, inquiry: Inquiry) -> None:
        """Look for a report whose order was not answered. More than one: some are people's, so ask for our own."""
        known = self.store.inquiries.report_ids(self.store.batches.get(inquiry.batch).account or "")
        found = [
            one
            for one in self._clio(inquiry).reports.listed()
            if one.id > (inquiry.newest_id or 0) and one.id not in known
        ]
        if len(found) == 1:
            self._promised(inquiry, found[0])
        elif self._over(inquiry):
            self.fail(inquiry, "Clio did not answer whether it makes one.")
        elif (found or inquiry.tries + 1 >= LOOKS) and inquiry.sends >= SENDS:
            listed = "which of its newest ones is ours, nobody can tell" if found else "lists none"
            self.fail(inquiry, f"Clio gave no answer, twice, when it was asked for one, and {listed}.")
        elif found or inquiry.tries + 1 >= LOOKS:
            self.store.inquiries.not_sent(inquiry, unanswered=True)
        else:
            self.store.inquiries.later(inquiry, self.timing.second_look, tried=True)

    def _promised(self, inquiry: Inquiry, made: Report) -> None:
        with self.store.transaction():
            self.store.inquiries.promised(inquiry, made.id)
            self.store.inquiries.later(inquiry, self.timing.report_poll)

    def _look(self, inquiry: Inquiry, report_id: int) -> None:
        first, last = self._days(inquiry)
        state = self._clio(inquiry).reports.read(report_id).state
        if state == "completed":
            self._fetch(inquiry, report_id, first, last)
        elif state == "empty":
            self.fail(inquiry, f"Clio's report is empty: it knows no activity dated {period(first, last)}.")
        elif state == "failed":
            self.fail(inquiry, "Clio took the report on and could not make it.")
        elif self._over(inquiry):
            self.fail(inquiry, "Clio is still making it, longer than I wait. It will stand among the reports in Clio.")
        else:
            self.store.inquiries.later(inquiry, self.timing.report_poll)

    def _fetch(self, inquiry: Inquiry, report_id: int, first: date, last: date) -> None:
        try:
            data = self._clio(inquiry).reports.download(report_id, LARGEST)
        except ClioRejected as refusal:
            if refusal.kind != "TooLarge":
                raise
            self.fail(inquiry, f"{refusal} It stands among the reports in Clio.")
            return
        batch = self.store.batches.get(inquiry.batch)
        name = f"{batch.stem} {batch.name} client activity.csv"
        with self.store.transaction():
            answer = json.dumps({"report": report_id, "bytes": len(data)})
            self.store.inquiries.answered(inquiry, answer, file_name=name, data=data)
            self.thread.say(batch, inquiry.slot, reported(batch, inquiry, first, last))
            self.thread.attach(batch, f"{REPORT}:{inquiry.id}", f"file-{inquiry.slot}", name)

    def _clio(self, inquiry: Inquiry) -> Clio:
        """Give the client of the batch's own Clio account. Raises a ClioError."""
        return self.connections.at(self.store.batches.get(inquiry.batch))

    def _over(self, inquiry: Inquiry) -> bool:
        return (datetime.now(UTC) - inquiry.asked_at).total_seconds() > self.timing.report_wait

    def _days(self, inquiry: Inquiry) -> tuple[date, date]:
        """Give the first and the last day that the batch's entries are dated."""
        entries = self.store.entries.of_batch(inquiry.batch)
        days = [one.date for one in entries if one.state is EntryState.POSTED]
        batch: Batch = self.store.batches.get(inquiry.batch)
        return min(days, default=batch.posting_date or date.min), max(days, default=batch.posting_date or date.min)
