"""People's work in the pretend Clio: bills by hand, and the reports that Clio makes."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from contract import SPEC, Contract
from test_sandbox_clio import FIELDS, Client

from brought_forward.sandbox.clio import ClioSandbox, Firm, TimeEntry
from brought_forward.sandbox.clio.reports import FORMATS, KINDS


@pytest.fixture
def firm() -> Firm:
    firm = Firm()
    dana = firm.add_user("Dana Hallam")
    luis = firm.add_user("Luis Reyes")
    flat = firm.add_description("Balance brought forward")
    for number, user, price in (("00001-Acme", dana, 10), ("00002-Corbin", luis, 20)):
        firm.add_entry(firm.add_matter(number, attorney=dana), user, flat, price)
    firm.add_entry(next(iter(firm.matters)), luis, flat, 5)
    return firm


@pytest.fixture
def contract() -> Contract:
    return Contract()


@pytest.fixture
def clio(firm: Firm, contract: Contract) -> Iterator[ClioSandbox]:
    with ClioSandbox(firm, limit=0) as sandbox:
        sandbox.on_exchange.append(contract)
        yield sandbox
    assert contract.violations == []


@pytest.fixture
def client(clio: ClioSandbox) -> Iterator[Client]:
    client = Client(clio.url)
    yield client
    client.session.close()


def shown(client: Client, entry: TimeEntry) -> tuple[bool, bool, str | None]:
    data: dict[str, Any] = client.get(f"/activities/{entry.id}.json", params={"fields": FIELDS}).json()["data"]
    return data["on_bill"], data["billed"], data["bill"] and data["bill"]["state"]


def test_a_bill_takes_all_that_is_unbilled_on_its_matter_and_its_entries_follow_it(client, clio, firm):
    first, other, second = clio.time_entries
    bill = clio.billing.make(firm.matters[first.matter_id])
    assert bill.total == 15
    assert [shown(client, one) for one in (first, second, other)] == [
        (True, False, "draft"),
        (True, False, "draft"),
        (False, False, None),
    ]
    clio.billing.submit(bill)
    assert shown(client, first) == (True, False, "awaiting_approval")
    clio.billing.approve(bill)
    assert shown(client, second) == (True, True, "awaiting_payment")
    clio.billing.pay(bill)
    assert shown(client, first) == (True, True, "paid")


def test_a_void_bill_gives_its_entries_back_and_a_paid_one_cannot_be_voided(client, clio):
    first = clio.time_entries[0]
    bill = clio.billing.make(first.matter_id)
    clio.billing.approve(bill)
    clio.billing.void(bill)
    assert shown(client, first) == (False, False, None)
    again = clio.billing.make(first.matter_id)
    clio.billing.approve(again)
    clio.billing.pay(again)
    with pytest.raises(ValueError, match="paid cannot become void"):
        clio.billing.void(again)


def test_a_bill_that_is_not_above_zero_is_paid_once_it_is_approved(clio, firm):
    entry = clio.time_entries[1]
    firm.change(entry, price=-entry.price)
    bill = clio.billing.make(entry.matter_id)
    assert clio.billing.approve(bill).state == "paid"


def test_bills_are_listed_by_matter_and_state_and_never_made_over_the_api(client, clio, contract):
    first, other, _ = clio.time_entries
    draft = clio.billing.make(first.matter_id)
    approved = clio.billing.approve(clio.billing.make(other.matter_id))
    assert [one["id"] for one in client.list("/bills.json", order="id(asc)")] == [draft.id, approved.id]
    assert [one["id"] for one in client.list("/bills.json", state="draft")] == [draft.id]
    found = client.list("/bills.json", matter_id=other.matter_id, fields="id,number,balance,matters{id}")
    assert found == [
        {"id": approved.id, "number": str(approved.id), "balance": 20.0, "matters": [{"id": other.matter_id}]}
    ]
    assert client.get("/bills.json", params={"state": "sent"}).status_code == 400
    assert client.post("/bills.json", {"matter": {"id": first.matter_id}}, "id").status_code == 404
    contract.requests.clear()
    clio.billing.delete(draft)
    assert [one["id"] for one in client.list("/bills.json")] == [approved.id]


# Reports


def test_the_sandbox_knows_the_contracts_kinds_and_formats_of_reports():
    body = SPEC["paths"]["/reports.json"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    order = body["properties"]["data"]["properties"]
    assert (set(order["kind"]["enum"]), set(order["format"]["enum"])) == (KINDS, set(FORMATS))


REPORT = "id,state,kind,format,progress,created_at,source"


def order(client: Client, **more: Any) -> Any:
    body = {"kind": "client_activity", "format": "csv", "start_date": "2020-01-01", "end_date": "2099-12-31"} | more
    return client.post("/reports.json", {name: value for name, value in body.items() if value}, REPORT)


def test_a_report_is_queued_made_and_downloaded_from_another_host_without_the_sign_in(client, clio, firm):
    clock = [firm.clock()]
    firm.clock = lambda: clock[0]
    clio.reports.seconds = 4
    made = order(client).json()["data"]
    assert (made["state"], made["kind"], made["format"]) == ("queued", "client_activity", "csv")
    path = f"/reports/{made['id']}"
    states = []
    for _ in range(3):
        states.append(client.get(path + ".json", params={"fields": REPORT}).json()["data"]["state"])
        if len(states) == 1:
            early = client.get(path + "/download.json", allow_redirects=False)
        clock[0] += 2
    assert states == ["queued", "in_progress", "completed"]
    assert early.status_code == 400
    answer = client.get(path + "/download.json", allow_redirects=False)
    assert answer.status_code == 303
    place = answer.headers["Location"]
    assert not place.startswith(clio.url.removesuffix("/api/v4"))
    assert client.session.get(place).status_code == 400  # it does not want Clio's sign-in
    assert requests.get(place.split("?")[0], timeout=5).status_code == 403
    lines = list(csv.DictReader(requests.get(place, timeout=5).text.splitlines()))
    assert [(line["User"], line["Matter"], line["Total"]) for line in lines] == [
        ("Dana Hallam", "00001-Acme", "10.00"),
        ("Luis Reyes", "00002-Corbin", "20.00"),
        ("Luis Reyes", "00001-Acme", "5.00"),
    ]


@pytest.mark.parametrize(
    "more",
    [{"kind": "client_activities"}, {"kind": None}, {"format": "docx"}, {"format": None}, {"format": "xlsx"},
     {"start_date": "2026-13-01"}, {"end_date": "2019-01-01"}],
)  # fmt: skip
def test_a_wrong_order_makes_no_report(client, contract, more):
    assert order(client, **more).status_code == 422
    assert client.list("/reports.json") == []
    contract.requests.clear()


def test_a_report_without_a_line_is_empty_and_one_can_fail(client, clio):
    empty = order(client, end_date="2020-01-02").json()["data"]
    assert empty["state"] == "empty"
    clio.faults.add("report_fails")
    failed = order(client).json()["data"]
    assert failed["state"] == "failed"
    assert client.get(f"/reports/{failed['id']}/download.json", allow_redirects=False).status_code == 400
    assert client.get("/reports/1.json").status_code == 404


def test_reports_are_listed_by_kind_and_age(client, contract):
    first = order(client).json()["data"]
    order(client, kind="revenue")
    assert [one["id"] for one in client.list("/reports.json", kind="client_activity")] == [first["id"]]
    assert client.list("/reports.json", created_since="2999-01-01T00:00:00Z") == []
    assert client.get("/reports.json", params={"fields": "id,start_date"}).status_code == 400
    contract.requests.clear()
