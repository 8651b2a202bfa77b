"""Reports that the pretend Clio makes: asked for, made after a moment, and kept where only a signed address leads."""

from __future__ import annotations

import csv
import io
import secrets
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from flask import Flask, Response, request

from brought_forward.sandbox.clio.firm import Firm
from brought_forward.sandbox.clio.lists import refused
from brought_forward.sandbox.clio.records import Report, TimeEntry
from brought_forward.sandbox.serving import Server

NAMES = (
    "accounts_receivable accounts_receivable_aging bank_account_activity billing_history billing_rate client_activity "
    "client_ledger clio_payments_deposit clio_payments_ledger clio_payments_monthly_statement clio_payments_sales_tax "
    "clio_payments_transaction contact_information currency_conversion_gain_loss disbursement_payment fee_allocation "
    "general_ledger grant_matters invoice_payments_v2 law_society_of_alberta law_society_of_alberta_al "
    "law_society_of_alberta_bar law_society_of_alberta_tl law_society_of_alberta_tt matter matter_balance_summary "
    "matter_ledger_full matter_productivity_by_user matters_by_responsible_attorney originating_attorney_revenue "
    "other_revenue potential_trust_to_office productivity_by_client productivity_by_user revenue "
    "task_productivity_by_user task_progress_by_user trust_ledger trust_ledger_nsw trust_listing trust_management "
    "work_in_progress"
)
KINDS = frozenset(NAMES.split())
FORMATS = ("csv", "html", "json", "pdf", "xlsx", "zip")
COLUMNS = ("Client", "Matter", "Date", "Activity type", "Status", "User", "Activity category", "Description",
           "Quantity", "Price", "Total")  # fmt: skip


class Reports:
    """Make reports; each takes `seconds` of the firm's clock, half of them in the queue."""

    def __init__(self, firm: Firm) -> None:
        self._firm = firm
        self.seconds = 0.0

    def create(self, data: Mapping[str, Any], *, fails: bool = False) -> Report:
        """Take an order for a report. Raises Clio's refusal; the caller holds the firm's lock."""
        kind, format_ = data.get("kind"), data.get("format")
        if kind not in KINDS:
            raise refused("kind is not included in the list" if kind else "kind can't be blank")
        if format_ not in FORMATS:
            raise refused("format is not included in the list" if format_ else "format can't be blank")
        if kind == "client_activity" and format_ not in {"csv", "html", "pdf"}:  # what Clio's own page offers for it
            raise refused(f"format {format_} is not available for this report")
        first, last = _day(data, "start_date"), _day(data, "end_date")
        if first and last and last < first:
            raise refused("end_date must not be before start_date")
        now = self._firm.now()
        lines = self._lines(first or date.min, last or date.max) if kind == "client_activity" else []
        record = self._firm.reports.new_id()
        made = Report(record, now, now, name=kind.replace("_", " ").title(), kind=kind, format=format_, fails=fails,
                      content=_table(lines) if lines else b"", seconds=self.seconds,
                      signature=secrets.token_hex(8))  # fmt: skip
        return self._firm.reports.put(made)

    def state(self, report: Report) -> tuple[str, int]:
        """Tell how far a report is: Clio's word, and per cent."""
        age = round(self._firm.clock() - report.created_at.timestamp(), 3)  # instants are kept in microseconds
        if age < report.seconds / 2:
            return "queued", 0
        if age < report.seconds:
            return "in_progress", min(int(100 * age / report.seconds), 99)
        if report.fails:
            return "failed", 0
        return ("completed", 100) if report.content else ("empty", 100)

    def _lines(self, first: date, last: date) -> list[list[str]]:
        chosen = [entry for entry in self._firm.entries if first <= entry.date <= last]
        chosen.sort(key=lambda entry: (self._firm.users[entry.user_id].name, entry.date, entry.id))
        return [self._line(entry) for entry in chosen]

    def _line(self, entry: TimeEntry) -> list[str]:
        matter = self._firm.matters.get(entry.matter_id)
        client = self._firm.contacts.get(matter.client_id) if matter else None
        category = self._firm.descriptions.get(entry.activity_description_id)
        return [
            client.name if client else "",
            matter.display_number if matter else "",
            entry.date.isoformat(),
            "Time",
            "Billed" if entry.billed else "Unbilled",
            self._firm.users[entry.user_id].name,
            category.name if category else "",
            entry.note,
            f"{entry.quantity / 3600:.2f}",
            f"{abs(entry.price):.2f}",  # Clio's reports show a credit without its sign (SC 360000074814)
            f"{abs(entry.total):.2f}",
        ]


class Storage:
    """Where finished reports lie: another host than Clio's, and one that refuses Clio's sign-in, as such stores do."""

    def __init__(self, firm: Firm) -> None:
        self._firm = firm
        self.asked: list[dict[str, str]] = []  # the headers of each request, names in lower case
        self._app = Flask("storage", static_folder=None)
        self._app.add_url_rule("/reports/<int:record_id>", "report", self._report)
        self.server = Server(self._app)

    def address(self, report: Report) -> str:
        """Give the signed address of a report."""
        return f"{self.server.url}/reports/{report.id}?signature={report.signature}"

    def _report(self, record_id: int) -> Response:
        self.asked.append({name.lower(): value for name, value in request.headers})
        if "Authorization" in request.headers:
            return Response("<Error><Code>InvalidArgument</Code></Error>", 400, content_type="application/xml")
        found = self._firm.reports.get(record_id)
        if found is None or request.args.get("signature") != found.signature:
            return Response("<Error><Code>AccessDenied</Code></Error>", 403, content_type="application/xml")
        return Response(found.content, content_type="text/csv")


def _day(data: Mapping[str, Any], name: str) -> date | None:
    text = data.get(name)
    if text is None:
        return None
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        raise refused(f"{name} is not valid") from None


def _table(lines: Iterable[list[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([COLUMNS, *lines])
    return text.getvalue().encode()
