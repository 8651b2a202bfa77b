"""People's work in the pretend Clio: bills by hand, and the reports that Clio makes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from contract import Contract
from test_sandbox_clio import FIELDS, Client

from brought_forward.sandbox.clio import ClioSandbox, Firm, TimeEntry


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
