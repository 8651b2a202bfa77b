"""The addresses of the pretend Clio: what each answers when nothing goes wrong on the way."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, TypeVar

from flask import Blueprint, Response, request

from brought_forward.sandbox.clio import answers
from brought_forward.sandbox.clio.entries import create_description, create_entry, delete_entry
from brought_forward.sandbox.clio.faults import Faults, Kind, as_json, has_met, maintained, the_one_met, unknown_fields
from brought_forward.sandbox.clio.fields import InvalidFieldsError, Values, project, read_fields
from brought_forward.sandbox.clio.filters import ACTIVITIES, BILLS, DESCRIPTIONS, MATTERS, REPORTS, USERS, tests_for
from brought_forward.sandbox.clio.firm import Firm, Table
from brought_forward.sandbox.clio.lists import Arguments, bad_request, not_found, page_of, read_number
from brought_forward.sandbox.clio.records import ActivityDescription, Bill, Matter, Record, Report, TimeEntry, User
from brought_forward.sandbox.clio.reports import Reports, Storage

R = TypeVar("R", bound=Record)

BASE = "/api/v4"
USER_LIMIT = 2_000  # users alone come in pages this large
ORDERS: dict[str, dict[str, Callable[[Any], Any]]] = {
    "user": {
        "name": lambda user: user.name,
        "first_name": lambda user: user.first_name,
        "last_name": lambda user: user.last_name,
        "enabled": lambda user: user.enabled,
    },
    "matter": {
        "display_number": lambda matter: matter.display_number,
        "created_at": lambda matter: matter.created_at,
        "updated_at": lambda matter: matter.updated_at,
    },
    "bill": {"issued_at": lambda bill: bill.issued_at, "number": lambda bill: bill.number},
    "activity": {
        "date": lambda entry: entry.date,
        "note": lambda entry: entry.note,
        "price": lambda entry: entry.price,
        "total": lambda entry: entry.total,
        "updated_at": lambda entry: entry.updated_at,
    },
}


def read_data() -> Mapping[str, Any]:
    """Read the body's `data`; numbers become Decimal, so that a price is what was written."""
    try:
        body = json.loads(request.get_data(), parse_float=Decimal)
    except ValueError:
        raise bad_request("the body is not JSON") from None
    data = body.get("data") if isinstance(body, dict) else None
    if not isinstance(data, dict):
        raise bad_request("the body must be wrapped in data")
    return data


def answer(kind: str, values: Values, status: int = 200) -> Response:
    """Answer one record, or 304 if the caller holds it already."""
    fields = asked(kind)
    if status == 200 and request.headers.get("If-None-Match") == values["etag"]():
        return Response(status=304)
    return as_json({"data": project(values, fields)}, status)


def asked(kind: str) -> Any:
    """Read the `fields` of this request."""
    try:
        return read_fields(kind, request.args.get("fields"), unknown_fields())
    except InvalidFieldsError as problem:
        raise bad_request(str(problem), "InvalidFields") from None


class Pages:
    """What each address answers, for one firm."""

    def __init__(self, firm: Firm, faults: Faults, reports: Reports, storage: Storage) -> None:
        self.firm = firm
        self.faults = faults
        self._reports = reports
        self._storage = storage

    def blueprint(self) -> Blueprint:
        """Tie the addresses to their answers; every other address is unknown."""
        pages = Blueprint("clio", __name__, url_prefix=BASE)
        for method, path, view in (
            ("GET", "/users/who_am_i.json", self.who_am_i),
            ("GET", "/users.json", self.users),
            ("GET", "/users/<int:record_id>.json", self.user),
            ("GET", "/matters.json", self.matters),
            ("GET", "/matters/<int:record_id>.json", self.matter),
            ("GET", "/settings/billing.json", self.billing),
            ("GET", "/activity_descriptions.json", self.descriptions),
            ("GET", "/activity_descriptions/<int:record_id>.json", self.description),
            ("POST", "/activity_descriptions.json", self.add_description),
            ("DELETE", "/activity_descriptions/<int:record_id>.json", self.remove_description),
            ("GET", "/activities.json", self.activities),
            ("GET", "/activities/<int:record_id>.json", self.activity),
            ("POST", "/activities.json", self.add_activity),
            ("DELETE", "/activities/<int:record_id>.json", self.remove_activity),
            ("GET", "/bills.json", self.bills),
            ("GET", "/bills/<int:record_id>.json", self.bill),
            ("GET", "/reports.json", self.reports),
            ("POST", "/reports.json", self.add_report),
            ("GET", "/reports/<int:record_id>.json", self.report),
            ("GET", "/reports/<int:record_id>/download.json", self.download),
        ):
            pages.add_url_rule(path, view.__name__, view, methods=[method])
        return pages

    def who_am_i(self) -> Response:
        """Answer the token's own user."""
        user = answers.user(self.firm, self.firm.users.get(request.environ["clio.user"]) or self.firm.token_user)
        return answer("user", {**user, "account": lambda: None} if has_met(Kind.NO_ACCOUNT) else user)

    def users(self) -> Response:
        """List users, the disabled too."""
        return self._list("user", self.firm.users, tests_for(USERS, request.args), self._of_user, USER_LIMIT)

    def user(self, record_id: int) -> Response:
        """Show a user."""
        return self._show("user", self.firm.users, record_id, self._of_user)

    def matters(self) -> Response:
        """List the matters that the connected user may see."""
        tests = [*tests_for(MATTERS, request.args), *self._matter_tests(request.args)]
        return self._list("matter", self.firm.matters, tests, self._of_matter)

    def matter(self, record_id: int) -> Response:
        """Show a matter."""
        return self._show("matter", self.firm.matters, record_id, self._of_matter)

    def billing(self) -> Response:
        """Show the billing settings."""
        return answer("billing_setting", answers.billing_setting(self.firm, self.firm.settings))

    def descriptions(self) -> Response:
        """List activity descriptions; there is no filter by name."""
        tests = tests_for(DESCRIPTIONS, request.args)
        return self._list("activity_description", self.firm.descriptions, tests, self._of_description)

    def description(self, record_id: int) -> Response:
        """Show an activity description."""
        return self._show("activity_description", self.firm.descriptions, record_id, self._of_description)

    def add_description(self) -> Response:
        """Make an activity description."""
        data = read_data()
        asked("activity_description")  # a wrong name is told before anything is made
        with self.firm.lock:
            made = create_description(self.firm, data)
        return answer("activity_description", self._of_description(made), 201)

    def remove_description(self, record_id: int) -> Response:
        """Delete an activity description."""
        with self.firm.lock:
            if self.firm.descriptions.get(record_id) is None:
                raise not_found("activity_description")
            self.firm.descriptions.remove(record_id)
        return Response(status=204)

    def activities(self) -> Response:
        """List time entries, the billed too."""
        return self._list("activity", self.firm.entries, tests_for(ACTIVITIES, request.args), self._of_entry)

    def activity(self, record_id: int) -> Response:
        """Show a time entry."""
        return self._show("activity", self.firm.entries, record_id, self._of_entry)

    def add_activity(self) -> Response:
        """Make a time entry."""
        data = {"user": {"id": request.environ["clio.user"]}, **read_data()}
        asked("activity")
        hourly, wrong_user = has_met(Kind.HOURLY), has_met(Kind.WRONG_USER)

        def make() -> TimeEntry:
            with self.firm.lock:
                return create_entry(self.firm, data, hourly=hourly, wrong_user=wrong_user)

        late = the_one_met(Kind.LATE)
        if late is None:
            return answer("activity", self._of_entry(make()), 201)
        late.put_off(make)
        return maintained()

    def remove_activity(self, record_id: int) -> Response:
        """Delete a time entry."""
        with self.firm.lock:
            entry = self.firm.entries.get(record_id)
            if entry is None:
                raise not_found("activity")
            delete_entry(self.firm, entry)
        return Response(status=204)

    def bills(self) -> Response:
        """List bills; there is no way to make one here."""
        tests = tests_for(BILLS, request.args)
        if "state" not in request.args:
            tests.append(lambda bill: bill.state != "deleted")
        return self._list("bill", self.firm.bills, tests, self._of_bill)

    def bill(self, record_id: int) -> Response:
        """Show a bill."""
        return self._show("bill", self.firm.bills, record_id, self._of_bill)

    def reports(self) -> Response:
        """List reports, in the order they were asked for; there is no other."""
        return self._list("report", self.firm.reports, tests_for(REPORTS, request.args), self._of_report)

    def add_report(self) -> Response:
        """Take an order for a report."""
        data = read_data()
        asked("report")
        with self.firm.lock:
            made = self._reports.create(data, fails=has_met(Kind.REPORT_FAILS))
        return answer("report", self._of_report(made), 201)

    def report(self, record_id: int) -> Response:
        """Show how far a report is."""
        return self._show("report", self.firm.reports, record_id, self._of_report)

    def download(self, record_id: int) -> Response:
        """Lead to a finished report, which lies elsewhere."""
        found = self.firm.reports.get(record_id)
        if found is None:
            raise not_found("report")
        if self._reports.state(found)[0] != "completed":
            raise bad_request("the report is not completed")
        return Response(status=303, headers={"Location": self._storage.address(found)})

    def _show(self, kind: str, table: Table[R], record_id: int, values: Callable[[R], Values]) -> Response:
        with self.firm.lock:
            record = table.get(record_id)
        if record is None or not _visible(record):
            raise not_found(kind)
        return answer(kind, values(record))

    def _list(
        self, kind: str, table: Table[R], tests: list[Any], values: Callable[[R], Values], largest: int = 200
    ) -> Response:
        fields = asked(kind)
        if has_met(Kind.IGNORE_FILTERS):
            tests = []
        with self.firm.lock:
            page = page_of(table, [*tests, *self._hidden(kind)], request.args, largest=largest, orders=ORDERS.get(kind))
        data = [project(values(record), fields) for record in page.records]
        return as_json({"data": data, "meta": page.meta(request.base_url, request.args)})

    def _hidden(self, kind: str) -> list[Any]:
        """Test for what no list shows: matters that the user may not see, and what is too young to be indexed."""
        if kind == "matter" and self.firm.hidden_matters:
            return [_visible]
        lag = self.faults.list_lag
        if kind in {"activity", "activity_description"} and lag > 0:
            newest = self.firm.clock() - lag
            return [lambda record: record.created_at.timestamp() <= newest]
        return []

    def _matter_tests(self, arguments: Arguments) -> list[Any]:
        tests: list[Any] = []
        wanted = arguments.get("query", "").lower()
        if wanted:
            tests.append(lambda matter: wanted in self._words_of(matter))
        if "currency_id" in arguments:
            currency = self.firm.currencies.get(read_number(arguments["currency_id"], "currency_id"))
            tests.append(lambda matter: currency is not None and matter.currency == currency.code)
        return tests

    def _words_of(self, matter: Matter) -> str:
        client = self.firm.contacts.get(matter.client_id)
        words = (matter.display_number, str(matter.number), matter.description, client.name if client else "")
        return "\n".join(words).lower()

    def _of_user(self, user: User) -> Values:
        return answers.user(self.firm, user)

    def _of_matter(self, matter: Matter) -> Values:
        return answers.matter(self.firm, matter)

    def _of_description(self, description: ActivityDescription) -> Values:
        return answers.activity_description(self.firm, description)

    def _of_bill(self, bill: Bill) -> Values:
        return answers.bill(self.firm, bill)

    def _of_report(self, report: Report) -> Values:
        return answers.report(report, *self._reports.state(report))

    def _of_entry(self, entry: TimeEntry) -> Values:
        return answers.activity(
            self.firm, entry, redacted=has_met(Kind.REDACTED), hours_hidden=has_met(Kind.HOURS_HIDDEN)
        )


def _visible(record: Record) -> bool:
    return not isinstance(record, Matter) or record.visible
