"""The Clio client alone, against the pretend Clio and against servers that answer what Clio never should."""

import json
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from contract import Contract, _openapi
from flask import Flask, Request, Response, request
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from world import FAST, World

from brought_forward.bot.clio.client import Clio
from brought_forward.bot.clio.pace import Pace
from brought_forward.bot.errors import (
    ClioBusy,
    ClioError,
    ClioRejected,
    ClioRetired,
    ClioSignedOut,
    ClioUnclear,
    Stopping,
)
from brought_forward.bot.settings import Timing
from brought_forward.sandbox.clio import ClioSandbox, sample_firm
from brought_forward.sandbox.serving import Server
from brought_forward.storage.store import Store

QUICK = FAST.model_copy(update={"read": 1.0, "first_pause": 0.04, "keep_asking": 0.6, "window": 0.1})
TOKEN = "clio-sandbox-token"
Make = Callable[..., Clio]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Make clients that share one database, as the bot's do."""
    store = Store(tmp_path / "balances.db")

    def client(
        url: str, *, timing: Timing = QUICK, stopping: threading.Event | None = None, token: str = TOKEN
    ) -> Clio:
        stopping = stopping or threading.Event()
        return Clio(url, lambda: token, Pace(store.paces, "us:1", timing, stopping), timing, stopping)

    yield client
    store.close()


@pytest.fixture
def sandbox() -> Iterator[ClioSandbox]:
    contract = Contract()
    _openapi()  # now, else the first answer takes longer than the client waits
    with ClioSandbox(sample_firm(), limit=0, window=0.1) as clio:
        clio.firm.add_description("Balance brought forward")
        clio.on_exchange.append(contract)
        yield clio
    assert contract.violations == []


@pytest.fixture
def clio(sandbox: ClioSandbox, make: Make) -> Clio:
    return make(sandbox.url)


def description(sandbox: ClioSandbox) -> int:
    return next(one.id for one in sandbox.firm.descriptions if one.name == "Balance brought forward")


def create(clio: Clio, sandbox: ClioSandbox, price: Decimal = Decimal("12.34")) -> Any:
    return clio.create_time_entry(
        matter_id=200_001, user_id=1_001, description_id=description(sandbox), date="2026-10-31", price=price, note="N"
    )  # fmt: skip


@contextmanager
def served(answer: Callable[[Request], Response]) -> Iterator[tuple[str, list[Request]]]:
    """Serve one answer for every request; yields the base address and the requests."""
    app, seen = Flask("odd", static_folder=None), []

    @app.route("/<path:path>", methods=["GET", "POST", "DELETE"])
    def any_path(path: str) -> Response:
        seen.append(request._get_current_object())  # type: ignore[attr-defined]
        return answer(request)

    server = Server(app)
    server.start()
    try:
        yield f"{server.url}/api/v4", seen
    finally:
        server.stop()


def as_json(body: Any, status: int = 200, **headers: str) -> Response:
    return Response(json.dumps(body), status, headers, content_type="application/json")


# Reading


@pytest.mark.parametrize("kind", ["cut_before", "cut_after", "error_before", "html_502", "limited"])
def test_a_read_is_tried_again_until_clio_answers(clio: Clio, sandbox: ClioSandbox, kind: str) -> None:
    sandbox.faults.add(kind, times=2)
    assert clio.who_am_i().account_id == sandbox.firm.account_id
    assert len(sandbox.calls) == 3


@pytest.mark.parametrize("kind", ["cut_before", "error_before", "html_502"])
def test_a_read_gives_up_after_a_while(clio: Clio, sandbox: ClioSandbox, kind: str) -> None:
    sandbox.faults.add(kind, times=None)
    with pytest.raises(ClioUnclear):
        clio.who_am_i()
    assert 3 <= len(sandbox.calls) <= 5  # after 0.04, 0.08, 0.16 and 0.32 seconds: the pauses grow


def test_a_page_within_a_list_is_tried_again_alone(clio: Clio, sandbox: ClioSandbox) -> None:
    for number in range(420):
        sandbox.firm.add_matter(f"X{number:04d}")
    sandbox.faults.add("cut_after", path="/matters.json", nth=2)
    matters = [matter.id for matter in clio.matters()]
    assert matters == [matter.id for matter in sandbox.firm.matters]
    assert len(sandbox.calls) == 4  # three pages, one of them twice
    assert sandbox.calls[1].query == sandbox.calls[2].query


@pytest.mark.parametrize(
    ("kind", "error"), [("signed_out", ClioSignedOut), ("gone", ClioRetired), ("refuse", ClioRejected)]
)
def test_a_read_that_clio_understood_and_refused_is_not_tried_again(
    clio: Clio, sandbox: ClioSandbox, kind: str, error: type[ClioError]
) -> None:
    sandbox.faults.add(kind, method="GET", path="*")
    with pytest.raises(error):
        clio.who_am_i()
    assert len(sandbox.calls) == 1


def test_a_stop_ends_the_pauses_of_a_read(sandbox: ClioSandbox, make: Make) -> None:
    stopping = threading.Event()
    clio = make(sandbox.url, stopping=stopping, timing=QUICK.model_copy(update={"first_pause": 30, "keep_asking": 60}))
    sandbox.faults.add("error_before", times=None)
    stopping.set()
    with pytest.raises(Stopping):
        clio.who_am_i()


def test_what_is_gone_is_none(clio: Clio, sandbox: ClioSandbox) -> None:
    assert clio.time_entry(5_999_999_999) is None


def test_a_list_holds_only_what_was_asked_for_though_clio_ignores_the_filter(clio: Clio, sandbox: ClioSandbox) -> None:
    made = create(clio, sandbox)
    firm = sandbox.firm
    other = firm.add_description("Other")
    firm.add_entry(firm.matters[200_001], firm.token_user, other, 1)
    firm.add_entry(firm.matters[200_002], firm.token_user, firm.descriptions[description(sandbox)], 1)
    sandbox.faults.add("ignore_filters", times=None)
    assert [entry.id for entry in clio.time_entries(description(sandbox), 200_001)] == [made.id]
    assert len(clio.time_entries(description(sandbox))) == 2


@pytest.mark.parametrize(
    "following",
    [
        "http://127.0.0.1:1/api/v4/matters.json?page_token=x",
        "https://evil.example/api/v4/matters.json",
        "//evil.example/api/v4/matters.json",
        "{base}.evil.example/api/v4/matters.json",
        "{base}@evil.example/matters.json",
        "/api/v4/matters.json",
    ],
)
def test_a_next_page_at_another_address_is_refused(make: Make, following: str) -> None:
    base: list[str] = []

    def page(asked: Request) -> Response:
        return as_json({"data": [], "meta": {"paging": {"next": following.format(base=base[0])}}})

    with served(page) as (url, seen):
        base.append(url)
        with pytest.raises(ClioUnclear, match="another address"):
            list(make(url).matters())
        assert len(seen) == 1


@pytest.mark.parametrize(
    "body",
    ["", "{", "[]", "null", '"x"', '{"data": null}', '{"data": []}', '{"data": {}}', '{"data": {"id": NaN}}', "\xff"],
)
def test_junk_for_a_record_is_unclear_and_nothing_else(make: Make, body: str) -> None:
    with served(lambda asked: Response(body.encode("latin-1"), 200)) as (url, _), pytest.raises(ClioUnclear):
        make(url).who_am_i()


@pytest.mark.parametrize("data", [[{}], [None], ["x"], {"id": 1}, [{"id": "x"}], "rows", 7])
def test_junk_in_a_list_is_unclear_and_nothing_else(make: Make, data: Any) -> None:
    with served(lambda asked: as_json({"data": data})) as (url, _), pytest.raises(ClioUnclear):
        list(make(url).matters())


# Writing: sent once, whatever happens


@pytest.mark.parametrize(
    ("kind", "more", "error"),
    [
        ("cut_before", {}, ClioUnclear),
        ("cut_after", {}, ClioUnclear),
        ("error_before", {}, ClioUnclear),
        ("error_after", {}, ClioUnclear),
        ("html_502", {"when": "before"}, ClioUnclear),
        ("html_502", {"when": "after"}, ClioUnclear),
        ("delay", {"seconds": 0.5, "when": "before"}, ClioUnclear),
        ("delay", {"seconds": 0.5, "when": "after"}, ClioUnclear),
        ("limited", {}, ClioBusy),
        ("limited", {"retry_after": 3}, ClioBusy),
        ("signed_out", {}, ClioSignedOut),
        ("gone", {}, ClioRetired),
        ("refuse", {}, ClioRejected),
    ],
)
def test_an_entry_is_sent_once_whatever_the_answer(
    make: Make, sandbox: ClioSandbox, kind: str, more: dict[str, Any], error: type[ClioError]
) -> None:
    clio = make(sandbox.url, timing=QUICK.model_copy(update={"read": 0.3}))
    sandbox.faults.add(kind, method="POST", path="/activities.json", times=None, **more)
    with pytest.raises(error) as raised:
        create(clio, sandbox)
    assert [call.method for call in sandbox.calls] == ["POST"]
    if isinstance(raised.value, ClioBusy):
        assert raised.value.retry_after == more.get("retry_after", QUICK.window)
    if isinstance(raised.value, ClioRejected):
        assert (str(raised.value), raised.value.status) == ("This record is not valid", 422)


@pytest.mark.parametrize("kind", ["cut_before", "cut_after", "error_after", "limited", "signed_out"])
def test_a_description_and_a_removal_are_sent_once_too(clio: Clio, sandbox: ClioSandbox, kind: str) -> None:
    sandbox.faults.add(kind, times=None)
    with pytest.raises(ClioError):
        clio.create_description("Another")
    with pytest.raises(ClioError):
        clio.delete_time_entry(5_000_000_001)
    assert [call.method for call in sandbox.calls] == ["POST", "DELETE"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(make: Make, status: int) -> None:
    with served(lambda asked: Response("", status, {"Location": "/api/v4/elsewhere"})) as (url, seen):
        clio = make(url)
        with pytest.raises(ClioUnclear):
            clio.create_time_entry(
                matter_id=1, user_id=2, description_id=3, date="2026-10-31", price=Decimal(1), note="N"
            )
        assert [asked.path for asked in seen] == ["/api/v4/activities.json"]
        with pytest.raises(ClioUnclear):
            clio.who_am_i()
        assert "/api/v4/elsewhere" not in [asked.path for asked in seen]


@pytest.mark.parametrize("status", [200, 202, 204, 304, 409, 412, 500, 503])
def test_only_201_proves_that_an_entry_was_made(make: Make, status: int) -> None:
    body = "" if status in {204, 304} else json.dumps({"data": {"id": 5, "total": 1}})
    with served(lambda asked: Response(body, status)) as (url, seen):
        with pytest.raises(ClioUnclear):
            make(url).create_time_entry(
                matter_id=1, user_id=2, description_id=3, date="2026-10-31", price=Decimal(1), note="N"
            )
        assert len(seen) == 1


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('{"error": {"type": "T", "message": "No such matter"}}', "No such matter"),
        ('{"error": "forbidden"}', "forbidden"),
        ('{"error": {}}', "Clio refused it (403)."),
        ("<html>no</html>", "Clio refused it (403)."),
        ("[1]", "Clio refused it (403)."),
        ("", "Clio refused it (403)."),
    ],
)
def test_a_refusal_is_told_in_clios_words_where_it_has_some(make: Make, body: str, words: str) -> None:
    with (
        served(lambda asked: Response(body, 403)) as (url, _),
        pytest.raises(ClioRejected) as raised,
    ):
        make(url).create_description("X")
    assert str(raised.value) == words
    assert raised.value.status == 403


@pytest.mark.parametrize("text", ["soon", "", "-5", "Wed, 21 Oct 2026 07:28:00 GMT"])
def test_a_retry_after_that_cannot_be_read_is_a_window(make: Make, text: str) -> None:
    with served(lambda asked: as_json({}, 429, **{"Retry-After": text})) as (url, _):
        clio = make(url)
        with pytest.raises(ClioBusy) as raised:
            clio.create_description("X")
    assert 0 < raised.value.retry_after <= QUICK.window


# Money


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(-(10**12), 10**12).filter(bool).map(lambda number: Decimal(number).scaleb(-2)))
def test_an_amount_goes_out_and_comes_back_to_the_cent(clio: Clio, sandbox: ClioSandbox, amount: Decimal) -> None:
    made = create(clio, sandbox, amount)
    assert (made.price, made.total) == (amount, amount)
    assert sandbox.firm.entries[made.id].price == amount
    assert isinstance(made.price, Decimal)


@pytest.mark.parametrize("text", ["0.1", "1234567890.10", "1e2", "100", "-0.07", "9007199254740993.01"])
def test_a_number_in_an_answer_is_never_a_float(make: Make, text: str) -> None:
    body = f'{{"data": {{"id": 5, "price": {text}, "total": {text}}}}}'
    with served(lambda asked: Response(body, 200)) as (url, _):
        found = make(url).time_entry(5)
    assert found is not None
    assert found.price == found.total == Decimal(text)


def test_an_amount_is_written_as_the_number_it_is(make: Make) -> None:
    bodies: list[bytes] = []

    def keep(asked: Request) -> Response:
        bodies.append(asked.get_data())
        return as_json({"data": {"id": 5}}, 201)

    with served(keep) as (url, _):
        for price in (Decimal("0.10"), Decimal("1234567890.10"), Decimal("-7.00"), Decimal("9007199254740993.01")):
            make(url).create_time_entry(
                matter_id=1, user_id=2, description_id=3, date="2026-10-31", price=price, note="N"
            )
    written = [json.loads(body, parse_float=str)["data"]["price"] for body in bodies]
    assert written == ["0.10", "1234567890.10", "-7.00", "9007199254740993.01"]


def test_words_in_every_script_survive(clio: Clio, sandbox: ClioSandbox) -> None:
    note = 'Übertrag “Ωmega” 移行 <b>&amp; "quoted"\\'
    made = clio.create_time_entry(
        matter_id=200_001, user_id=1_001, description_id=description(sandbox), date="2026-10-31",
        price=Decimal("1.00"), note=note,
    )  # fmt: skip
    assert made.note == note
    assert sandbox.firm.entries[made.id].note == note


# The sign-in


def test_a_netrc_of_the_machine_does_not_sign_for_us(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\ndefault login a password b\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with served(lambda asked: as_json({"data": {"id": 1, "account": {"id": 2}}})) as (url, seen):
        make(url, token="ours").who_am_i()
    assert seen[0].headers["Authorization"] == "Bearer ours"
    assert seen[0].headers["X-API-VERSION"] == "4.0.13"


def test_the_sign_in_is_in_no_log_and_in_no_error(
    make: Make, sandbox: ClioSandbox, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    sandbox.token = "a-very-secret-token"
    clio = make(sandbox.url, token="a-very-secret-token")
    said = []
    for kind in ("cut_before", "error_before", "html_502", "limited", "signed_out", "gone", "refuse", None):
        sandbox.faults.clear()
        if kind:
            sandbox.faults.add(kind, method="*" if kind is None else None, path="*", times=1)
        for act in (clio.who_am_i, lambda: create(clio, sandbox)):
            try:
                act()
            except ClioError as error:
                said.append(f"{error!r} {error.__cause__!r}")
    assert said
    assert "a-very-secret-token" not in caplog.text + str(said) + repr(clio)


# Logs of a whole journey


def test_no_client_amount_person_or_token_is_in_the_logs_of_a_journey(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    matters = [matter for matter in world.firm.matters if matter.billable][:6]
    world.clio.faults.add("refuse", matter=matters[1].id, message="Albright Dental owes 123.46 already")
    world.clio.faults.add("cut_after", method="POST", path="/activities.json", matter=matters[2].id)
    world.clio.faults.add("html_502", method="POST", path="/activities.json", matter=matters[3].id)
    world.clio.faults.add("wrong_user", matter=matters[4].id)
    rows = [[*row[:3], "For the Albright deed"] for row in world.sheet(6)]
    world.begin([*rows, ["99999-Nobody", "Dana Hallam", "1000.00", ""]])
    world.until("not as sent")
    assert world.batch().file_name == "AR.csv"
    world.asked(world.slack.manager, "show B1")
    world.refused(world.slack.manager, "Remove this entry")
    own = [
        record.getMessage() + str(record.exc_text or "")
        for record in caplog.records
        if record.name.startswith("brought_forward") or record.levelno >= logging.INFO
    ]
    logged = "\n".join(own)
    assert "batch=1" in logged
    for secret in (
        "Albright", "Acme", "Brandt", "Nobody", "Dana", "Hallam", "Varga", "123.4", "1000.00", "1,000.00", "deed",
        "AR.csv", "clio-sandbox-token", world.slack.bot_token, world.slack.signing_secret,
    ):  # fmt: skip
        assert secret not in logged, secret
