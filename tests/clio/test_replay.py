"""A recorded account played back: a firm's first day, from the cent to the undo, against what that account answers.

`make replay RECORD=folder` plays back what `doctor --record` wrote of a real account, and so does the suite with each
folder of `tests/recorded/`. Here is none yet, so a record of the sandbox itself is twisted in what nobody knows.
"""

import copy
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from evidence import RECORDED, accounts, load
from world import World

from brought_forward.bot.cli.doctor.cent import Cent
from brought_forward.bot.cli.doctor.look import look, parts
from brought_forward.bot.cli.doctor.reads import read_more
from brought_forward.bot.cli.doctor.record import Record
from brought_forward.sandbox.clio import sample_firm
from brought_forward.sandbox.clio.replay import Replay
from brought_forward.storage.records.batch import BatchStatus, EntryForm

Answers = list[dict[str, Any]]
Twist = Callable[[Answers], None]


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """What `doctor --record` with `--probe` writes of the sandbox."""
    world = World(tmp_path_factory.mktemp("record"), sample_firm())
    record = Record()
    try:
        for part in parts(world.settings(), shapes=False, witness=record.clio, more=read_more):
            if part.name == "Clio":
                list(look(part))
        cent = Cent(world.settings(), number(world), lambda *_: True, record.clio)
        list(cent.lines())
        for one in cent.outcomes:
            record.cent(one.form, one.came)
        yield json.loads(record.json("0"))
    finally:
        world.close()


def number(world: World) -> str:
    return next(iter(world.firm.matters)).display_number


def first_day(world: World) -> None:
    """Try a cent, then post a file, read it back and undo it; each entry stands in Clio once, and then not at all."""
    list(Cent(world.settings(), number(world), lambda *_: True).lines())
    assert world.clio.time_entries == []
    world.start()
    begun = world.begin(world.sheet(3))
    said = world.finish(begun, timeout=60)
    assert "3 of 3 posted" in said
    assert "equal to the cent" in said
    held = [(one.matter_id, one.user_id, one.price) for one in world.clio.time_entries]
    assert held == [(one.matter_id, one.user_id, one.amount) for one in world.entries(begun)]
    world.click(world.slack.manager, "Undo")
    world.wait_for_status(BatchStatus.UNDONE, begun, timeout=60)
    assert world.clio.time_entries == []
    assert world.contract.violations == []


def play(world: World, *records: dict[str, Any]) -> None:
    world.clio.replay = Replay(records)
    world.firm.booking = world.clio.replay.booking


GIVEN = [Path(os.environ["RECORD"])] if os.environ.get("RECORD") else []
SANDBOX = Path("the sandbox itself")


@pytest.mark.parametrize("account", [SANDBOX, *accounts(RECORDED), *GIVEN], ids=lambda folder: folder.name)
def test_a_firms_first_day_goes_by_what_a_recorded_account_answers(
    quiet: World, recorded: dict[str, Any], account: Path
) -> None:
    files = sorted(account.glob("*.json"))
    assert files or account is SANDBOX, f"{account} holds no record: brought-forward doctor --record makes one"
    play(quiet, *(map(load, files) if files else [recorded]))
    first_day(quiet)


# Twists of what nobody knows of a real account


def of(answers: Answers, call: str) -> Answers:
    """List the answers to one call, whatever was asked for with it."""
    found = [one for one in answers if one["call"].partition("?")[0] == call]
    assert found, call
    return found


def entries(answers: Answers) -> Iterator[dict[str, Any]]:
    """Give each shape of an entry, wherever one is answered."""
    for call in ("POST /activities.json", "GET /activities.json", "GET /activities/{id}.json"):
        for one in of(answers, call):
            data = one["body"].get("data", [])
            yield from [data] if isinstance(data, dict) else data


def otherwise_told(answers: Answers) -> None:
    """Amounts come as text, some fields never, one besides; and no header tells a limit."""
    for entry in entries(answers):
        entry |= {"price": "number as text", "total": "number as text", "surcharge": {"id": "integer"}}
        for name in ("created_at", "quantity_redacted"):
            entry.pop(name, None)
    for one in answers:
        one["headers"] = {name: kind for name, kind in one["headers"].items() if "ratelimit" not in name}


def otherwise_acknowledged(answers: Answers) -> None:
    """What is created or deleted is answered with 200."""
    for call in ("POST /activities.json", "DELETE /activities/{id}.json"):
        for one in of(answers, call):
            one["status"] = 200


def little_shown(answers: Answers) -> None:
    """The app may not see billing settings, and matters have but a number."""
    for one in of(answers, "GET /settings/billing.json"):
        one |= {"status": 403, "body": {"error": {"type": "text", "message": "text"}}}
    for one in of(answers, "GET /matters.json"):
        for matter in one["body"]["data"]:
            matter |= {"custom_number": "null", "client_reference": "null", "description": "null", "currency": "null"}


@pytest.mark.parametrize(
    ("twist", "call", "status"),
    [
        (otherwise_told, "POST /activities.json", 201),
        (otherwise_acknowledged, "POST /activities.json", 200),
        (little_shown, "GET /settings/billing.json", 403),
    ],
)
def test_a_first_day_goes_by_answers_that_are_told_in_another_way(
    quiet: World, recorded: dict[str, Any], twist: Twist, call: str, status: int
) -> None:
    account = copy.deepcopy(recorded)
    twist(account["calls"])
    play(quiet, account)
    quiet.more = {"balances_currency": "USD"}
    first_day(quiet)
    assert {one.status for one in quiet.clio.calls if f"{one.method} {one.path}" == call} == {status}


def test_a_first_day_begins_in_the_form_that_the_account_took_the_cent_in(
    quiet: World, recorded: dict[str, Any]
) -> None:
    play(quiet, recorded | {"cent": {"flat": "refused", "flat_hour": "taken"}})
    first_day(quiet)
    assert quiet.batch().form is EntryForm.FLAT_HOUR
    assert [(call.data or {}).get("quantity") for call in quiet.posts()] == [None, 3600, 3600, 3600, 3600, 3600]


def test_an_account_that_hides_amounts_stops_the_day_at_its_first_entry(quiet: World, recorded: dict[str, Any]) -> None:
    """So a record that the bot cannot go by is told of: the day does not end as it should."""
    account = copy.deepcopy(recorded)
    for entry in entries(account["calls"]):
        entry |= {"price": "null", "total": "null"}
    play(quiet, account)
    quiet.start()
    quiet.begin(quiet.sheet(3))
    said = quiet.wait_for_status(BatchStatus.STOPPED)
    assert "Clio hides its amount" in said
    assert len(quiet.posts()) == 1


# What goes out


def answered(world: World, method: str, path: str, data: Any = None) -> tuple[int, dict[str, str], Any]:
    answer = requests.request(method, f"{world.clio.url}{path}", json=data, timeout=5,
                              headers={"Authorization": "Bearer clio-sandbox-token"})  # fmt: skip
    return answer.status_code, dict(answer.headers), answer.json()


def shaped(**call: Any) -> dict[str, Any]:
    usual = {"service": "clio", "call": "GET /users/who_am_i.json", "fields": "id,name", "status": 200,
             "headers": {"x-api-version": "4.0.14"}, "body": {"data": {}}}  # fmt: skip
    return {"format": 1, "calls": [usual | call]}


ME = "/users/who_am_i.json?fields=id,name"


@pytest.mark.parametrize(
    ("body", "goes_out"),
    [
        ({"id": "integer", "name": "text"}, {"id": 1001, "name": "Dana Hallam"}),
        ({"id": "number as text", "name": "text"}, {"id": "1001", "name": "Dana Hallam"}),
        ({"id": "integer"}, {"id": 1001}),
        ({"id": "integer", "name": "null"}, {"id": 1001, "name": None}),
        ({"id": "integer", "name": {"any of": ["absent", "text"]}}, {"id": 1001, "name": "Dana Hallam"}),
        ({"id": "integer", "name": "text", "role": {"kind": "=Owner", "since": "date"}},
         {"id": 1001, "name": "Dana Hallam", "role": {"kind": "Owner", "since": "2026-01-31"}}),
    ],
)  # fmt: skip
def test_an_answer_takes_the_recorded_shape(quiet: World, body: Any, goes_out: Any) -> None:
    play(quiet, shaped(body={"data": body}))
    status, headers, told = answered(quiet, "GET", ME)
    assert (status, told) == (200, {"data": goes_out})
    assert headers["X-API-VERSION"] == "4.0.14"


def test_a_call_that_was_always_refused_is_refused_and_others_stay_as_they_are(quiet: World) -> None:
    refusal = {"error": {"type": "text", "message": "text"}}
    play(quiet, shaped(status=403, body=refusal))
    assert answered(quiet, "GET", ME)[0] == 403
    status, _, told = answered(quiet, "GET", "/users/who_am_i.json?fields=id")
    assert (status, told) == (200, {"data": {"id": 1001}})


def test_a_record_of_short_lists_cuts_off_no_long_one(quiet: World) -> None:
    short = {"data": [{"id": "integer"}], "meta": {}}
    play(quiet, shaped(call="GET /matters.json?limit&order", fields="id", body=short))
    told = answered(quiet, "GET", "/matters.json?fields=id&limit=2&order=id(asc)")[2]
    assert len(told["data"]) == 2
    assert told["meta"]["paging"]["next"]
