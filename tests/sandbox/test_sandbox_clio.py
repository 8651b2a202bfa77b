"""The pretend Clio does what Clio's documents and its users' reports say: each test is one such sentence."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from contract import SPEC, Contract, properties

from brought_forward.sandbox.clio import Booking, ClioSandbox, Firm, firm_of_size, sample_firm
from brought_forward.sandbox.clio.fields import PLAIN, RELATIONS

FIELDS = (
    "id,etag,type,date,flat_rate,price,quantity,quantity_redacted,total,non_billable,billed,on_bill,note,created_at,"
    "matter{id,display_number},user{id,name},activity_description{id,name},bill{id,state},currency{id,code}"
)


class Client:
    """Call the sandbox as any program would, with nothing but requests."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.session = requests.Session()
        self.session.headers["Authorization"] = "Bearer clio-sandbox-token"

    def get(self, path: str, **more: Any) -> requests.Response:
        return self.session.get(self.url + path, **more)

    def post(self, path: str, data: Any, fields: str = FIELDS, **more: Any) -> requests.Response:
        return self.session.post(self.url + path, params={"fields": fields}, json={"data": data}, **more)

    def entry(self, **data: Any) -> requests.Response:
        return self.post("/activities.json", {"type": "TimeEntry", "date": "2026-06-30", **data})

    def list(self, path: str, **query: Any) -> list[dict[str, Any]]:
        answer = self.get(path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]


@pytest.fixture
def firm() -> Firm:
    firm = Firm()
    attorney = firm.add_user("Dana Hallam")
    firm.add_user("Luis Reyes")
    firm.add_matter("00001-Acme", attorney=attorney)
    firm.add_matter("00002-Corbin")
    firm.add_description("Balance brought forward")
    firm.add_description("Consultation", rate_type="Custom", amount=200)
    return firm


@pytest.fixture
def contract() -> Contract:
    return Contract()


@pytest.fixture
def clio(firm: Firm, contract: Contract) -> Iterator[ClioSandbox]:
    with ClioSandbox(firm, limit=0) as sandbox:
        sandbox.on_exchange.append(contract)
        yield sandbox
    assert contract.answers == []
    assert contract.requests == []  # a test that asks wrongly on purpose has looked at these and cleared them


@pytest.fixture
def client(clio: ClioSandbox) -> Iterator[Client]:
    client = Client(clio.url)
    yield client
    client.session.close()


@pytest.fixture
def ids(firm: Firm) -> dict[str, Any]:
    """The body of a proper entry."""
    flat = next(iter(firm.descriptions))
    return {"matter": {"id": next(iter(firm.matters)).id}, "activity_description": {"id": flat.id}, "price": 1234.56}


def other_user(firm: Firm) -> int:
    return list(firm.users)[1].id


# Fields


def test_an_answer_has_only_id_and_etag_unless_fields_are_asked_for(client, ids):
    assert set(client.get("/users/who_am_i.json").json()["data"]) == {"id", "etag"}
    assert all(set(matter) == {"id", "etag"} for matter in client.list("/matters.json"))
    assert set(client.post("/activities.json", {"type": "TimeEntry", "date": "2026-01-02"}, None).json()["data"]) == {
        "id",
        "etag",
    }


def test_fields_answers_what_was_asked_nested_too(client):
    matter = client.list("/matters.json", fields="display_number,status,responsible_attorney{name},currency{code,sign}")
    assert matter[0] == {
        "display_number": "00001-Acme",
        "status": "Open",
        "responsible_attorney": {"name": "Dana Hallam"},
        "currency": {"code": "USD", "sign": "$"},
    }
    assert matter[1]["responsible_attorney"] is None


def test_a_relation_without_braces_answers_its_id_and_etag(client):
    assert set(client.list("/matters.json", fields="client")[0]["client"]) == {"id", "etag"}


@pytest.mark.parametrize("braces", ["client{id,name}", "client%7Bid%2Cname%7D"])
def test_braces_are_read_encoded_and_as_they_are(client, clio, braces):
    connection = requests.Request("GET", clio.url, headers={"Authorization": "Bearer clio-sandbox-token"}).prepare()
    connection.url = f"{clio.url}/matters.json?fields={braces}"
    assert client.session.send(connection).json()["data"][0]["client"]["name"] == "Acme"


@pytest.mark.parametrize(
    "fields",
    [
        "id,balance",
        "matter{id,balance}",
        "matter{client{name}}",
        "matter{currency{code}}",
        "matter{id",
        "id}",
        "note{id}",
    ],
)
def test_unknown_fields_and_a_second_nested_level_are_refused(client, contract, fields):
    answer = client.get("/activities.json", params={"fields": fields})
    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "InvalidFields"
    contract.requests.clear()


def test_a_field_that_clio_no_longer_knows_fails_every_request_that_asks_for_it(client, clio):
    clio.faults.add("unknown_field", message="initials", times=None)
    answers = [client.get("/users.json", params={"fields": fields}) for fields in ("id,initials", "id,name")]
    assert [answer.status_code for answer in answers] == [400, 200]
    assert answers[0].json()["error"]["type"] == "InvalidFields"


def test_who_am_i_may_come_without_the_account(client, clio, firm):
    clio.faults.add("no_account")
    asked = {"params": {"fields": "id,account{id}"}}
    answers = [client.get("/users/who_am_i.json", **asked).json()["data"] for _ in range(2)]
    assert [answer["account"] for answer in answers] == [None, {"id": firm.account_id}]


def test_a_wrong_field_name_in_a_post_makes_no_entry(client, clio, contract, ids):
    assert (
        client.post("/activities.json", {"type": "TimeEntry", "date": "2026-01-02", **ids}, "nope").status_code == 400
    )
    assert clio.time_entries == []
    assert "nope" in contract.requests.pop()


SCHEMAS = {
    "user": "User",
    "matter": "Matter",
    "activity": "Activity",
    "activity_description": "ActivityDescription",
    "billing_setting": "BillingSetting",
    "bill": "Bill",
    "report": "Report",
}


@pytest.mark.parametrize("kind", SCHEMAS)
def test_the_sandbox_knows_the_contracts_names_and_no_others(kind):
    published = properties(SPEC["components"]["schemas"][SCHEMAS[kind]])
    assert PLAIN[kind] | set(RELATIONS[kind]) == set(published)
    for name, known in RELATIONS[kind].items():
        if known:
            assert set(known.split()) == set(properties(published[name].get("items", published[name])))


def test_every_field_is_answered_in_the_contracts_type(client, firm):
    entry = firm.add_entry(next(iter(firm.matters)), firm.token_user, next(iter(firm.descriptions)), 5)
    firm.bill(entry)
    paths = {"user": "/users", "matter": "/matters", "activity": "/activities", "bill": "/bills"}
    for kind, path in (paths | {"activity_description": "/activity_descriptions"}).items():
        names = [*PLAIN[kind], *(f"{name}{{{','.join(k.split())}}}" for name, k in RELATIONS[kind].items() if k)]
        assert client.list(path + ".json", fields=",".join(names))  # and the checker has read it
    asked = {"fields": ",".join(PLAIN["billing_setting"])}
    assert client.get("/settings/billing.json", params=asked).status_code == 200


def test_an_etag_that_is_still_true_answers_304(client, firm):
    answer = client.get("/users/who_am_i.json")
    tag = answer.json()["data"]["etag"]
    assert client.get("/users/who_am_i.json", headers={"If-None-Match": tag}).status_code == 304
    firm.change(firm.token_user, last_name="Hallam-Reyes")
    assert client.get("/users/who_am_i.json", headers={"If-None-Match": tag}).status_code == 200


# Lists


def test_lists_are_paged_by_a_cursor_to_be_followed_verbatim(clio, client, firm):
    for number in range(3, 1206):
        firm.add_matter(f"{number:05d}-Delaney")
    url, seen, pages = f"{clio.url}/matters.json?order=id(asc)&fields=id,display_number", [], 0
    while url:
        answer = client.session.get(url).json()
        assert answer["meta"]["records"] == 1205
        seen += [matter["display_number"] for matter in answer["data"]]
        url = answer["meta"]["paging"].get("next")
        pages += 1
    assert (pages, len(seen), len(set(seen))) == (7, 1205, 1205)


def test_a_cursor_misses_nothing_when_records_are_deleted_between_pages(clio, client, firm):
    user, entries = firm.token_user, []
    entries = [firm.add_entry(None, user, None, 1) for _ in range(6)]
    query = {"order": "id(asc)", "limit": 2}
    first = client.get("/activities.json", params=query).json()
    firm.remove_entry(entries[0])
    second = client.session.get(first["meta"]["paging"]["next"]).json()
    assert [entry["id"] for entry in second["data"]] == [entry.id for entry in entries[2:4]]


def test_without_the_order_by_id_a_list_ends_at_ten_thousand(contract):
    with ClioSandbox(firm_of_size(10_150, 2), limit=0) as clio:
        client = Client(clio.url)
        url, seen = f"{clio.url}/matters.json", 0
        while url:
            answer = client.session.get(url).json()
            seen += len(answer["data"])
            url = answer["meta"]["paging"].get("next")
        client.session.close()
    assert (seen, answer["meta"]["records"]) == (10_000, 10_150)


@pytest.mark.parametrize("limit", ["0", "201", "-1", "many"])
def test_a_limit_beyond_200_is_refused(client, contract, limit):
    assert client.get("/matters.json", params={"limit": limit}).status_code == 400
    contract.requests.clear()


def test_users_alone_come_in_pages_of_2000(client):
    assert client.get("/users.json", params={"limit": 2000}).status_code == 200
    assert client.get("/users.json", params={"limit": 2001}).status_code == 400


def test_a_broken_page_token_is_refused(client):
    assert client.get("/matters.json", params={"page_token": "!"}).status_code == 400


def test_an_unknown_filter_is_ignored_and_the_whole_list_answered(client, contract):
    assert len(client.list("/matters.json", display_number="00001-Acme", order="id(asc)")) == 2
    assert contract.requests == ["get /matters.json: display_number is no filter here"]
    contract.requests.clear()


def test_descriptions_have_neither_a_name_filter_nor_an_order(client, contract):
    assert len(client.list("/activity_descriptions.json", name="Consultation", order="id(asc)")) == 2
    assert len(contract.requests) == 2
    contract.requests.clear()


def test_matters_are_filtered_by_status_client_attorney_and_ids(client, firm):
    acme, corbin = firm.matters
    firm.change(corbin, status="Closed")
    assert [m["id"] for m in client.list("/matters.json", status="closed")] == [corbin.id]
    assert len(client.list("/matters.json", status="open,closed")) == 2
    assert [m["id"] for m in client.list("/matters.json", client_id=acme.client_id)] == [acme.id]
    attorney = acme.responsible_attorney_id
    assert [m["id"] for m in client.list("/matters.json", responsible_attorney_id=attorney)] == [acme.id]
    assert len(client.list("/matters.json", **{"ids[]": [acme.id, corbin.id]})) == 2
    assert [m["id"] for m in client.list("/matters.json", **{"ids[]": corbin.id})] == [corbin.id]
    assert [m["id"] for m in client.list("/matters.json", query="acm")] == [acme.id]


def test_users_are_filtered_by_enabled_and_both_come_without_it(client, firm):
    gone = firm.add_user("Gordon Sloane", enabled=False)
    assert len(client.list("/users.json", include_co_counsel="true")) == 3
    assert [user["id"] for user in client.list("/users.json", enabled="false")] == [gone.id]
    assert len(client.list("/users.json", enabled="true")) == 2


def test_updated_since_answers_what_changed_from_that_second_on(firm, client):
    day = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC).timestamp()
    firm.clock = lambda: day
    firm.add_matter("00003-Delaney")
    firm.clock = lambda: day + 60.7
    changed = firm.change(next(iter(firm.matters)), description="Settled")
    since = {"updated_since": "2026-03-01T12:01:00Z"}
    ids_now = [matter["id"] for matter in client.list("/matters.json", **since)]
    assert changed.id in ids_now
    within = [matter["id"] for matter in client.list("/matters.json", updated_since="2026-03-01T12:01:00.500Z")]
    assert changed.id not in within  # Clio keeps whole seconds
    firm.clock = time.time
    assert len(client.list("/matters.json", updated_since="2999-01-01T00:00:00Z")) == 0


def test_activities_are_filtered_by_what_the_contract_names(client, firm):
    acme, corbin = firm.matters
    dana, luis = firm.users
    flat, hourly = firm.descriptions
    one = firm.add_entry(acme, dana, flat, 10)
    two = firm.add_entry(corbin, luis, hourly, 20, quantity=3600)

    def found(**query: Any) -> list[int]:
        return [entry["id"] for entry in client.list("/activities.json", order="id(asc)", **query)]

    assert found() == [one.id, two.id]
    assert found(activity_description_id=flat.id) == [one.id]
    assert found(matter_id=corbin.id) == [two.id]
    assert found(user_id=luis.id) == [two.id]
    assert found(flat_rate="true") == [one.id]
    assert found(type="ExpenseEntry") == []
    assert found(created_since="2020-01-01T00:00:00+00:00") == [one.id, two.id]
    firm.bill(one, "draft")
    assert (found(status="draft"), found(status="billed"), found(status="unbilled")) == ([one.id], [], [two.id])
    firm.bill(one)
    assert (found(status="draft"), found(status="billed")) == ([], [one.id])


def test_a_hidden_matter_is_missing_and_not_found(client, firm, ids):
    acme, corbin = firm.matters
    firm.change(acme, visible=False)
    assert [matter["id"] for matter in client.list("/matters.json")] == [corbin.id]
    assert client.get(f"/matters/{acme.id}.json").status_code == 404
    assert client.entry(**ids).status_code == 422
    firm.change(acme, visible=True)
    assert len(client.list("/matters.json")) == 2


# Versions, tokens, errors


@pytest.mark.parametrize(("version", "status"), [("4.0.13", 200), ("4.0.4", 200), ("4.0.3", 410), ("5.0.0", 410)])
def test_a_retired_version_is_gone_and_a_valid_one_is_echoed(client, version, status):
    answer = client.get("/users/who_am_i.json", headers={"X-API-VERSION": version})
    assert answer.status_code == status
    if status == 200:
        assert answer.headers["X-API-VERSION"] == version
    assert client.get("/users/who_am_i.json").headers["X-API-VERSION"] == "4.0.13"


def test_a_bad_token_answers_a_text_where_other_errors_have_an_object(client, clio):
    clio.sign_out()
    answer = client.get("/matters.json")
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")
    assert "X-RateLimit-Limit" not in answer.headers
    clio.sign_in("another")
    assert client.get("/matters.json").status_code == 401
    assert client.get("/matters.json", headers={"Authorization": "Bearer another"}).status_code == 200


def test_a_token_signed_in_for_another_user_acts_for_that_user(client, clio, firm, ids):
    clio.sign_in(user=firm.users[other_user(firm)])
    assert client.entry(**ids).json()["data"]["user"]["id"] == other_user(firm)


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/line_items.json"), ("POST", "/bills.json"), ("PATCH", "/activities/1.json"), ("GET", "/")],
)
def test_what_the_sandbox_does_not_have_is_not_found(client, contract, method, path):
    answer = client.session.request(method, client.url + path, json={"data": {}})
    assert (answer.status_code, set(answer.json()["error"])) == (404, {"type", "message"})
    contract.requests.clear()
    contract.answers.clear()


@pytest.mark.parametrize("body", [b"", b"{", b'{"type": "TimeEntry"}', b"[]", b'{"data": 1}'])
def test_a_body_that_is_not_wrapped_in_data_is_refused(client, clio, body):
    clio.on_exchange.clear()
    answer = client.session.post(clio.url + "/activities.json", data=body)
    assert (answer.status_code, clio.time_entries) == (400, [])


def test_a_connection_stays_open_after_a_refused_body(client, clio):
    clio.on_exchange.clear()
    for _ in range(3):
        assert client.session.post(clio.url + "/activities.json", data=b"x" * 100_000).status_code == 400
    assert client.get("/users/who_am_i.json").status_code == 200


def test_each_kind_of_record_is_shown_by_id(client, firm):
    acme, user, flat = next(iter(firm.matters)), firm.token_user, next(iter(firm.descriptions))
    entry = firm.add_entry(acme, user, flat, 5)
    shown = client.get(f"/matters/{acme.id}.json", params={"fields": "display_number,client{name}"}).json()["data"]
    assert shown == {"display_number": "00001-Acme", "client": {"name": "Acme"}}
    assert client.get(f"/users/{user.id}.json", params={"fields": "name"}).json()["data"]["name"] == "Dana Hallam"
    assert client.get(f"/activities/{entry.id}.json", params={"fields": FIELDS}).json()["data"]["price"] == 5
    rate = client.get(f"/activity_descriptions/{flat.id}.json", params={"fields": "rate{type,amount}"}).json()
    assert rate["data"]["rate"] == {"type": "FlatRate", "amount": 0}
    for path in ("matters", "users", "activities", "activity_descriptions"):
        assert client.get(f"/{path}/1.json").status_code == 404


def test_who_am_i_names_the_account_and_settings_the_currency(client, firm):
    me = client.get("/users/who_am_i.json", params={"fields": "name,account{id,name}"}).json()["data"]
    assert me == {"name": "Dana Hallam", "account": {"id": firm.account_id, "name": firm.name}}
    firm.change_settings(apply_tax_by_default=True)
    asked = {"fields": "currency,currency_sign,apply_tax_by_default,multi_currency_billing"}
    settings = client.get("/settings/billing.json", params=asked).json()["data"]
    assert list(settings.values()) == ["USD", "$", True, False]


# The rate limit


def test_requests_beyond_the_limit_wait_for_the_windows_end(clio, client, firm):
    firm.clock = lambda: 1_800_000_000.25
    clio.limit, clio.window = 2, 60
    first, second, third = (client.get("/users/who_am_i.json") for _ in range(3))
    assert [answer.status_code for answer in (first, second, third)] == [200, 200, 429]
    assert [answer.headers["X-RateLimit-Remaining"] for answer in (first, second, third)] == ["1", "0", "0"]
    assert third.headers["X-RateLimit-Limit"] == "2"
    assert third.headers["X-RateLimit-Reset"] == str((1_800_000_000 // 60 + 1) * 60)
    assert third.headers["Retry-After"] == "60"
    assert set(third.json()["error"]) == {"type", "message"}
    assert parsedate_to_datetime(third.headers["Date"]).timestamp() == 1_800_000_000
    firm.clock = lambda: 1_800_000_060.0
    assert client.get("/users/who_am_i.json").headers["X-RateLimit-Remaining"] == "1"


def test_a_limit_of_zero_refuses_nothing(client):
    answers = [client.get("/users/who_am_i.json") for _ in range(60)]
    assert {answer.status_code for answer in answers} == {200}
    assert int(answers[-1].headers["X-RateLimit-Remaining"]) > 100_000


def test_a_request_too_many_makes_no_entry(clio, client, firm, ids):
    firm.clock = lambda: 1_800_000_000.0
    clio.limit = 1
    assert [client.entry(**ids).status_code for _ in range(2)] == [201, 429]
    assert len(clio.time_entries) == 1


# Time entries


def test_a_flat_entry_is_worth_its_price_and_no_quantity(client, clio, firm, ids):
    made = client.entry(**ids, user={"id": other_user(firm)}, note="Balance brought forward").json()["data"]
    assert (made["flat_rate"], made["price"], made["total"], made["quantity"]) == (True, 1234.56, 1234.56, 0)
    assert (made["user"]["name"], made["matter"]["display_number"]) == ("Luis Reyes", "00001-Acme")
    assert (made["billed"], made["on_bill"], made["bill"], made["non_billable"]) == (False, False, None, False)
    assert made["id"] > 2**32
    (entry,) = clio.time_entries
    assert (entry.total, entry.note) == (Decimal("1234.56"), "Balance brought forward")


def test_flat_rate_in_the_body_is_dropped_without_a_word(client, clio, firm, contract, ids):
    hourly = list(firm.descriptions)[1]
    made = client.entry(**(ids | {"activity_description": {"id": hourly.id}}), flat_rate=True).json()["data"]
    assert (made["flat_rate"], made["total"]) == (False, 0)
    assert "flat_rate" in contract.requests.pop()


def test_an_hourly_entry_is_worth_its_hours_times_its_price(client, firm, ids):
    hourly = {"activity_description": {"id": list(firm.descriptions)[1].id}}
    made = client.entry(**(ids | hourly | {"quantity": 5400})).json()["data"]
    assert made["total"] == 1851.84
    del ids["price"]
    assert client.entry(**(ids | hourly | {"quantity": 3600})).json()["data"]["total"] == 200


def test_without_a_price_a_flat_entry_takes_the_descriptions(client, ids):
    del ids["price"]
    assert client.entry(**ids).json()["data"]["total"] == 0


def test_without_a_user_the_entry_is_the_tokens_own(client, firm, ids):
    assert client.entry(**ids).json()["data"]["user"]["id"] == firm.token_user.id


@pytest.mark.parametrize(
    ("price", "kept"), [("-250.10", "-250.10"), ("10.005", "10.01"), ("1.115", "1.12"), ("0.1", "0.10"), ("3", "3.00")]
)
def test_a_price_may_be_negative_and_is_silently_rounded_to_cents(client, clio, ids, price, kept):
    made = client.entry(**(ids | {"price": float(price)})).json()["data"]
    assert (made["price"], clio.time_entries[0].price) == (float(kept), Decimal(kept))


@pytest.mark.parametrize("price", [float("nan"), 1e300, "much", True])
def test_a_price_that_is_no_amount_is_refused(client, clio, ids, price):
    clio.on_exchange.clear()
    body = json.dumps({"data": {"type": "TimeEntry", "date": "2026-06-30", **ids, "price": price}})
    answer = client.session.post(clio.url + "/activities.json", data=body)
    assert (answer.status_code, clio.time_entries) == (422, [])


@pytest.mark.parametrize("missing", ["type", "date"])
def test_type_and_date_are_required(client, clio, contract, ids, missing):
    data = {"type": "TimeEntry", "date": "2026-06-30", **ids}
    del data[missing]
    answer = client.post("/activities.json", data)
    assert (answer.status_code, clio.time_entries) == (422, [])
    assert missing in answer.json()["error"]["message"]
    contract.requests.clear()


@pytest.mark.parametrize("what", ["matter", "user", "activity_description"])
def test_an_id_that_is_unknown_is_refused_by_its_name(client, clio, ids, what):
    answer = client.entry(**(ids | {what: {"id": 77}}))
    assert (answer.status_code, clio.time_entries) == (422, [])
    assert answer.json()["error"]["message"].startswith(f"{what} 77")


def test_a_disabled_user_is_refused(client, firm, ids):
    user = firm.change(firm.users[other_user(firm)], enabled=False)
    assert client.entry(**ids, user={"id": user.id}).status_code == 422


def test_a_matter_closed_to_time_is_refused_in_words(client, firm, ids):
    firm.change(next(iter(firm.matters)), closed_to_time=True)
    answer = client.entry(**ids)
    assert (answer.status_code, answer.json()["error"]["message"]) == (422, "Matter is closed to new time")


def test_an_entry_without_a_matter_is_taken(client, ids):
    del ids["matter"]
    assert client.entry(**ids).json()["data"]["matter"] is None


def test_an_unbilled_entry_is_deleted_a_billed_one_is_not(client, clio, firm, ids):
    loose, draft, billed = (client.entry(**ids).json()["data"]["id"] for _ in range(3))
    firm.bill(draft, "draft")
    firm.bill(billed)
    shown = client.get(f"/activities/{billed}.json", params={"fields": FIELDS}).json()["data"]
    assert (shown["billed"], shown["on_bill"], shown["bill"]["state"]) == (True, True, "awaiting_payment")
    answers = [client.session.delete(f"{clio.url}/activities/{entry}.json") for entry in (loose, draft, billed, loose)]
    assert [answer.status_code for answer in answers] == [204, 204, 403, 404]
    assert [entry.id for entry in clio.time_entries] == [billed]


def test_a_description_is_made_with_its_rate_and_names_may_repeat(client, contract):
    fields = "id,name,category_type,rate{amount,type},groups{name}"
    flat = {"name": "Balance brought forward", "rate": {"type": "FlatRate", "amount": 0}}
    made = client.post("/activity_descriptions.json", flat, fields)
    assert (made.status_code, made.json()["data"]["rate"]) == (201, {"amount": 0, "type": "FlatRate"})
    plain = client.post("/activity_descriptions.json", {"name": "Plain"}, fields).json()["data"]
    assert plain["rate"]["type"] == "User"
    named = client.list("/activity_descriptions.json", fields="name", flat_rate="true")
    assert [description["name"] for description in named] == ["Balance brought forward"] * 2
    assert client.post("/activity_descriptions.json", {}, fields).status_code == 422
    contract.requests.clear()


def test_entries_made_at_once_all_count(clio, ids):
    def make() -> None:
        client = Client(clio.url)
        for _ in range(20):
            assert client.entry(**ids).status_code == 201
        client.session.close()

    threads = [threading.Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({entry.id for entry in clio.time_entries}) == 80


# Faults


def test_a_cut_before_leaves_no_entry_and_no_answer(client, clio, ids):
    clio.faults.add("cut_before", method="POST")
    with pytest.raises(requests.ConnectionError):
        client.entry(**ids)
    assert clio.time_entries == []
    assert (clio.calls[-1].status, clio.calls[-1].fault) == (None, "cut_before")
    assert client.entry(**ids).status_code == 201


def test_a_cut_after_leaves_one_entry_and_no_answer(client, clio, ids):
    clio.faults.add("cut_after", method="POST", path="/activities.json", nth=3)
    answers = [client.entry(**ids).status_code for _ in range(2)]
    with pytest.raises(requests.ConnectionError):
        client.entry(**ids)
    assert (answers, len(clio.time_entries)) == ([201, 201], 3)
    assert [call.fault for call in clio.calls] == [None, None, "cut_after"]
    assert clio.faults.served == {"cut_after": 1}


@pytest.mark.parametrize(
    ("kind", "when", "status", "made"),
    [
        ("error_before", "before", 500, 0),
        ("error_after", "before", 500, 1),
        ("html_502", "before", 502, 0),
        ("html_502", "after", 502, 1),
        ("limited", "before", 429, 0),
        ("signed_out", "before", 401, 0),
        ("gone", "before", 410, 0),
        ("refuse", "before", 422, 0),
        ("forbidden", "before", 403, 0),
    ],
)
def test_a_fault_answers_in_clios_place(client, clio, ids, kind, when, status, made):
    clio.faults.add(kind, method="POST", when=when)
    answer = client.entry(**ids)
    assert (answer.status_code, len(clio.time_entries)) == (status, made)
    assert answer.headers["Content-Type"].startswith("text/html" if kind == "html_502" else "application/json")
    assert (clio.calls[-1].status, clio.calls[-1].fault) == (status, kind)
    assert client.entry(**ids).status_code == 201


def test_a_429_comes_with_or_without_retry_after(client, clio):
    clio.faults.add("limited")
    clio.faults.add("limited", nth=2, retry_after=7)
    first, second = (client.get("/users.json") for _ in range(2))
    assert ("Retry-After" in first.headers, second.headers["Retry-After"]) == (False, "7")


def test_a_refusal_meets_one_matter_with_words_of_choice(client, clio, firm, ids):
    corbin = list(firm.matters)[1]
    fault = clio.faults.add("refuse", matter=corbin.id, message="Not today", times=None)
    answers = [client.entry(**(ids | {"matter": {"id": matter.id}})) for matter in (corbin, *firm.matters)]
    assert [answer.status_code for answer in answers] == [422, 201, 422]
    assert (answers[0].json()["error"]["message"], fault.served) == ("Not today", 2)


def test_a_fault_is_matched_by_the_body_and_drawn_by_lot(client, clio, ids):
    clio.faults.add("refuse", where=lambda data: data.get("note") == "x")
    assert [client.entry(**ids, note=note).status_code for note in ("y", "x", "x")] == [201, 422, 201]

    def drawn() -> list[int]:
        fault = clio.faults.add("error_before", chance=0.5, seed=7, times=None)
        answers = [client.get("/users.json").status_code for _ in range(12)]
        clio.faults.remove(fault)
        return answers

    first = drawn()
    assert set(first) == {200, 500}
    assert first == drawn()


@pytest.mark.parametrize(("when", "made"), [("before", 0), ("after", 1)])
def test_a_slow_answer_holds_up_nobody_else(client, clio, ids, when, made):
    clio.faults.add("delay", method="POST", seconds=30, when=when)
    with pytest.raises(requests.ReadTimeout):
        client.post("/activities.json", {"type": "TimeEntry", "date": "2026-06-30", **ids}, timeout=0.3)
    assert len(client.list("/activities.json")) == made
    begun = time.monotonic()
    clio.stop()
    assert time.monotonic() - begun < 2
    assert len(clio.time_entries) == 1  # what was slow is carried out all the same


def test_a_lagging_list_misses_young_entries_that_can_be_shown(client, clio, firm, ids):
    clio.faults.list_lag = 5
    made = client.entry(**ids).json()["data"]["id"]
    assert client.list("/activities.json") == []
    assert client.get(f"/activities/{made}.json").status_code == 200
    firm.clock = lambda: time.time() + 6
    assert [entry["id"] for entry in client.list("/activities.json")] == [made]


def test_a_caller_without_rate_visibility_sees_no_price(client, clio, ids):
    clio.faults.add("redacted", times=None)
    made = client.entry(**ids).json()["data"]
    listed = client.list("/activities.json", fields="price,total,quantity_redacted")
    assert (made["price"], made["total"], made["quantity_redacted"]) == (None, None, True)
    assert listed == [{"price": None, "total": None, "quantity_redacted": True}]
    assert clio.time_entries[0].total == Decimal("1234.56")


def test_hidden_hours_alone_are_called_redacted_too_and_hide_no_money(client, clio, ids):
    clio.faults.add("hours_hidden")
    made = client.entry(**ids).json()["data"]
    assert (made["price"], made["total"], made["quantity"], made["quantity_redacted"]) == (1234.56, 1234.56, None, True)


def test_an_entry_can_be_carried_out_after_its_answer(client, clio, firm, ids):
    made = threading.Event()
    firm.entries.on_change = lambda number, record: made.set()
    clio.faults.add("late", seconds=0.05)
    assert client.entry(**ids).status_code == 503
    assert made.wait(10)
    assert [entry.matter_id for entry in clio.time_entries] == [ids["matter"]["id"]]


def test_clio_may_spell_a_note_in_its_own_way(client, clio, firm, ids):
    firm.spell = str.upper
    assert client.entry(**ids, note="Fees").json()["data"]["note"] == "FEES"
    assert clio.time_entries[0].note == "FEES"


def test_a_description_that_was_just_made_is_in_no_list_while_lists_lag(client, clio, firm):
    clio.faults.list_lag = 5
    made = firm.add_description("Balance brought forward")
    assert made.id not in [one["id"] for one in client.list("/activity_descriptions.json")]
    assert client.get(f"/activity_descriptions/{made.id}.json").status_code == 200


def test_an_entry_can_turn_out_hourly_or_anothers(client, clio, firm, ids):
    clio.faults.add("hourly")
    clio.faults.add("wrong_user", nth=2)
    hourly, wrong = (client.entry(**ids, user={"id": other_user(firm)}).json()["data"] for _ in range(2))
    assert (hourly["flat_rate"], hourly["total"], wrong["user"]["id"]) == (False, 0, firm.token_user.id)
    assert [call.fault for call in clio.calls] == ["hourly", "wrong_user"]
    assert clio.time_entries[0].total == 0


@pytest.mark.parametrize(
    ("booking", "alone", "with_an_hour"),
    [
        ("flat", (True, 1234.56), (True, 1234.56)),
        ("hourly", (False, 0), (False, 1234.56)),
        ("zero", (True, 0), (True, 1234.56)),
        ("refused", None, (True, 1234.56)),
    ],
)
def test_a_price_of_a_flat_rate_is_booked_in_one_of_four_ways(client, firm, ids, booking, alone, with_an_hour):
    """Nobody has published which of them is Clio's, so each can be had."""
    firm.booking = Booking(booking)
    for more, expected in (({}, alone), ({"quantity": 3600}, with_an_hour)):
        answer = client.entry(**ids, **more)
        if expected is None:
            assert (answer.status_code, answer.json()["error"]["message"]) == (422, "Quantity can't be blank")
            continue
        made = answer.json()["data"]
        assert (made["flat_rate"], made["total"]) == expected
    custom = next(one for one in firm.descriptions if one.name == "Consultation")
    hourly = client.entry(**{**ids, "activity_description": {"id": custom.id}}, quantity=3600).json()["data"]
    assert (hourly["flat_rate"], hourly["price"], hourly["total"]) == (False, 1234.56, 1234.56)


def test_a_date_header_can_lag_behind_clios_clock(client, clio, firm):
    clio.faults.date_behind = 120.0
    answer = client.get("/users/who_am_i.json")
    assert firm.clock() - parsedate_to_datetime(answer.headers["Date"]).timestamp() >= 120
    assert float(answer.headers["X-RateLimit-Reset"]) > firm.clock() - 1


def test_filters_can_be_ignored_on_demand(client, clio, firm):
    clio.faults.add("ignore_filters", path="/matters.json")
    assert len(client.list("/matters.json", status="closed")) == 2
    assert client.list("/matters.json", status="closed") == []


def test_cleared_faults_meet_nobody(client, clio):
    clio.faults.add("cut_before", times=None)
    clio.faults.clear()
    assert client.get("/users.json").status_code == 200


# The sandbox itself


def test_every_call_is_recorded_with_its_times(client, clio, ids):
    client.entry(**ids)
    client.list("/matters.json", limit=5, **{"ids[]": [1, 2]})
    made, listed = clio.calls
    assert (made.method, made.path, made.status, made.data["price"]) == ("POST", "/activities.json", 201, 1234.56)
    assert listed.query == {"limit": "5", "ids[]": "1,2"}
    assert time.time() - 60 < made.at <= made.done_at <= listed.at


def test_a_stopped_sandbox_comes_back_at_its_address_with_what_it_had(client, clio, ids):
    client.entry(**ids)
    url = clio.url
    clio.stop()
    with pytest.raises(requests.ConnectionError):
        client.get("/users.json")
    clio.start()
    assert clio.url == url
    assert len(client.list("/activities.json")) == 1


def test_a_page_of_a_large_firm_is_answered_at_once():
    with ClioSandbox(firm_of_size(), limit=0) as clio:
        client = Client(clio.url)
        begun = time.monotonic()
        query = {"order": "id(asc)", "fields": "id,display_number,client{name},responsible_attorney{id}"}
        last = client.get("/matters.json", params=query | {"page_token": "YXQ6MjE5ODAw"}).json()
        taken = time.monotonic() - begun
        client.session.close()
    assert (len(last["data"]), last["meta"]) == (200, {"paging": {}, "records": 20_000})
    assert taken < 1


def test_the_sample_firm_has_one_of_each_trap():
    firm = sample_firm()
    users, matters = list(firm.users), list(firm.matters)
    assert (len(matters), sum(user.enabled and not user.clio_connect for user in users), len(users)) == (80, 6, 8)
    assert [user.name for user in users if not user.enabled] == ["Gordon Sloane"]
    numbers = [matter.display_number for matter in matters]
    assert "00012-Acme" in numbers
    assert len(set(numbers)) - len({number.casefold() for number in numbers}) == 1
    assert sum(not matter.billable for matter in matters) == 1
    assert {str(matter.status) for matter in matters} == {"Open", "Pending", "Closed"}
    assert [matter.id for matter in sample_firm().matters] == [matter.id for matter in matters]


# The contract checker


def test_the_checker_finds_names_that_clio_would_silently_drop(client, contract, ids):
    client.get("/activities.json", params={"fields": "id,matter{id,balance}", "matter": 1})
    client.entry(**(ids | {"matter": {"id": ids["matter"]["id"], "number": 1}}), billed=False)
    client.get("/activities.json", params={"matter_id": "acme"})
    told = "\n".join(contract.requests)
    for wrong in ("matter{balance}", "matter is no filter", "billed is not", "number is not", "type: acme"):
        assert wrong in told
    contract.requests.clear()


def test_the_checker_finds_answers_that_differ_from_the_contract(client, clio, contract):
    def spoil(request: Any, response: Any) -> None:
        response.set_data(b'{"data": [{"id": "one", "balance": 1}], "meta": {"paging": {}, "more": 1}}')

    clio.on_exchange.insert(0, spoil)
    client.get("/matters.json")
    told = "\n".join(contract.answers)
    for wrong in ("balance is not", "'one' is not", "meta holds"):
        assert wrong in told
    contract.answers.clear()


def test_the_next_page_keeps_the_query(client):
    answer = client.get("/matters.json", params={"limit": 1, "fields": "client{name}", "order": "id(asc)"}).json()
    query = parse_qs(urlsplit(answer["meta"]["paging"]["next"]).query)
    assert {name: query[name] for name in ("limit", "fields")} == {"limit": ["1"], "fields": ["client{name}"]}
