"""`doctor --record`: the shapes of answers and nothing of a firm; where the pretend ones differ from real ones."""

import copy
import json
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from evidence import RECORDED, beyond_the_contract, differences, known, load, title
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from world import World, environment

from brought_forward.bot.cli.doctor.redaction import merged, shape_of
from brought_forward.sandbox.clio import sample_firm


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A firm with an entry of each kind, one of them on a bill, and a matter without a client's attorney."""
    made = World(tmp_path_factory.mktemp("record"), sample_firm())
    matters, user = list(made.firm.matters), next(iter(made.firm.users))
    description = made.firm.add_description("Advice of Quentin")
    for matter in matters[:2]:
        made.firm.add_entry(matter, user, description, Decimal("7531.25"), note="Client Zebulon called")
    made.clio.billing.make(matters[0])
    try:
        yield made
    finally:
        made.close()


def run(world: World, file: Path, *options: str) -> dict[str, Any]:
    """Record as a person does."""
    command = [sys.executable, "-m", "brought_forward.bot", "doctor", "--record", str(file), *options]
    env = environment(world, 3000) | {"BALANCES_CHANNELS": world.slack.balances.id}
    ended = subprocess.run(command, env=env, capture_output=True, text=True, timeout=90, check=False)
    assert "without names, amounts, texts or tokens" in ended.stderr, ended
    return load(file)


@pytest.fixture(scope="module")
def recorded(firm: World, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The look and the test of a cent, recorded of the sandbox."""
    folder = tmp_path_factory.mktemp("files")
    look = run(firm, folder / "look.json")
    cent = run(firm, folder / "cent.json", "--yes", "--probe", next(iter(firm.firm.matters)).display_number)
    names = {title(call) for call in look["calls"]}
    return cent | look | {"calls": look["calls"] + [call for call in cent["calls"] if title(call) not in names]}


def made_of_a_cent(record: dict[str, Any]) -> dict[str, Any]:
    """What was answered to the cent as a flat amount alone."""
    posts = [call for call in record["calls"] if call["call"] == "POST /activities.json"]
    return next(call for call in posts if "quantity" not in call["sent"])


def test_each_kind_of_call_to_clio_is_in_the_record(recorded: dict[str, Any]) -> None:
    asked = {call["call"].partition("?")[0] for call in recorded["calls"] if call["service"] == "clio"}
    assert asked == {
        *(
            f"GET /{name}.json"
            for name in ("users/who_am_i", "users", "matters", "activity_descriptions", "activities")
        ),
        *("GET /settings/billing.json", "GET /reports.json", "GET /activities/{id}.json"),
        *("GET /activity_descriptions/{id}.json", "POST /activities.json", "DELETE /activities/{id}.json"),
        *("POST /activity_descriptions.json", "DELETE /activity_descriptions/{id}.json"),
    }
    by_filter = {call["call"] for call in recorded["calls"]}
    assert {
        "GET /reports.json?kind&limit",
        "GET /matters.json?ids[]&limit&order",
        "GET /matters.json?limit&order&query",
        "GET /users.json?limit&order&updated_since",
        "GET /activities.json?activity_description_id&limit&matter_id&order",
        "GET /activities.json?limit&no_such_name&order",
    } <= by_filter
    statuses = {call["status"] for call in recorded["calls"] if call["service"] == "clio"}
    assert statuses == {200, 201, 204, 400, 404}


def test_each_read_of_slacks_is_in_the_record_with_the_header_of_scopes(recorded: dict[str, Any]) -> None:
    slack = {call["call"]: call for call in recorded["calls"] if call["service"] == "slack"}
    assert slack.keys() == {"auth.test", "blocks.validate", "conversations.info", "users.info"}
    assert "users:read" in slack["auth.test"]["headers"]["x-oauth-scopes"]


def test_what_clio_makes_of_a_cent_is_in_the_record_field_by_field(recorded: dict[str, Any]) -> None:
    made = made_of_a_cent(recorded)
    assert made["sent"] == "activity_description, date, matter, non_billable, note, price, type, user"
    data = made["body"]["data"]
    assert (data["total"], data["type"], data["date"]) == ("number", "=TimeEntry", "date")
    assert data["flat_rate"] == "true or false"
    assert made["headers"]["x-api-version"] == "4.0.13"
    assert recorded["cent"] == {"flat": "taken", "flat_hour": "taken", "hour": "taken"}


def test_nothing_of_a_firm_stands_in_it(firm: World, recorded: dict[str, Any]) -> None:
    text = json.dumps(recorded)
    secrets = [firm.slack.bot_token, firm.slack.signing_secret, "clio-sandbox-token", "7531", "Zebulon", "Quentin"]
    secrets += [one.name for one in firm.firm.users] + [one.email for one in firm.firm.users if one.email]
    secrets += [one.display_number for one in firm.firm.matters] + [one.name for one in firm.firm.contacts]
    secrets += [one.real_name for one in firm.slack.workspace.users.values()] + [str(one.id) for one in firm.firm.users]
    secrets += [str(firm.firm.account_id), firm.slack.balances.id, firm.slack.manager.id, "Whitman"]
    assert [one for one in secrets if one in text] == []


@settings(suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no fault
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.decimals(allow_nan=False) | st.text(min_size=3),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(min_size=3), inner),
        max_leaves=12,
    )
)
def test_no_text_and_no_number_survives_whatever_an_answer_holds(value: Any) -> None:
    kinds = {"text", "empty text", "null", "true or false", "integer", "number", "number as text", "absent", "date",
             "instant", "address"}  # fmt: skip
    assert set(leaves(shape_of(value))) <= kinds


def leaves(shape: Any) -> Iterator[str]:
    """Give each kind in a shape; a key is no kind, but has to be a name that a program gives."""
    if isinstance(shape, dict):
        for name, inner in shape.items():
            assert name in {"(a name or id)", "any of"} or (name.isascii() and name == name.lower()), name
            yield from leaves(inner)
    elif isinstance(shape, list):
        for one in shape:
            yield from leaves(one)
    else:
        yield shape


def test_a_word_of_clios_own_is_kept_and_a_persons_under_the_same_key_is_not() -> None:
    assert shape_of({"status": "Open", "name": "Open"}) == {"status": "=Open", "name": "text"}
    assert shape_of({"status": "Open & Shut, Inc."}) == {"status": "text"}
    assert shape_of({"U0MANAGER1": 1, "Don Draper": 2}) == {"(a name or id)": "integer"}


def test_what_is_seen_of_one_place_is_put_together() -> None:
    rows = [{"id": 1, "client": None}, {"id": 2, "client": {"id": 3}}, {"id": 4}]
    assert shape_of(rows) == [{"id": "integer", "client": {"any of": ["absent", "null", {"id": "integer"}]}}]
    assert merged([[], ["text"]]) == ["text"]


def test_the_sandboxs_answers_are_in_clios_contract(recorded: dict[str, Any]) -> None:
    assert beyond_the_contract(recorded) == []


def test_an_answer_that_is_not_in_the_contract_is_named(recorded: dict[str, Any]) -> None:
    real = copy.deepcopy(recorded)
    made = made_of_a_cent(real)
    made["body"]["data"] |= {"total": "number as text", "surcharge": "integer", "type": "=Nonsense"}
    said = "\n".join(beyond_the_contract(real))
    assert ".data.total is number as text, number in the contract" in said
    assert ".data.surcharge is not in the contract" in said
    assert ".data.type is Nonsense, none of" in said


def test_a_real_accounts_answer_that_differs_from_the_sandboxs_is_named(recorded: dict[str, Any]) -> None:
    assert differences(recorded, recorded) == []
    real = copy.deepcopy(recorded)
    made = made_of_a_cent(real)
    made["body"]["data"] |= {"total": "null", "created_at": "text", "surcharge": "integer"}
    del made["body"]["data"]["billed"], made["headers"]["x-ratelimit-limit"]
    made["body"]["data"]["price"] = "integer"  # a number all the same
    real["calls"].append({"service": "clio", "call": "GET /bills.json", "status": 200, "headers": {}, "body": {}})
    said = [one.partition("201: ")[2] or one for one in differences(real, recorded)]
    assert sorted(said) == [
        ".data.billed: only here",
        ".data.created_at: text there, instant here",
        ".data.surcharge: only there",
        ".data.total: null there, number here",
        "clio GET /bills.json 200: nothing of the kind was recorded of the sandbox",
        "the header x-ratelimit-limit is missing there",
    ]


def test_every_recorded_account_answers_as_the_sandbox_does_but_for_what_has_been_looked_at(
    recorded: dict[str, Any],
) -> None:
    found = []
    for file in sorted(RECORDED.rglob("*.json")):
        real = load(file)
        found += [*beyond_the_contract(real), *differences(real, recorded)]
    assert sorted(set(found) - known()) == []
