"""Two firms of two regions in one process on one file: the same ids everywhere, and neither ever touches the other."""

import json
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from many import Host, House
from postgres_server import PostgresServer

from brought_forward.bot.listeners import actions as buttons
from brought_forward.bot.messages.blocks import ACTION
from brought_forward.bot.messages.fix_form import CALLBACK as FIX
from brought_forward.bot.messages.report_total import CALLBACK as TOTAL
from brought_forward.bot.slack.clicks import Decision
from brought_forward.storage.records.batch import BatchStatus
from brought_forward.storage.records.entry import EntryState
from brought_forward.storage.tables import TABLES

OF_A_TAB = {"users.info", "views.publish"}  # a firm's own Home tab, drawn anew after its own settings were saved
PLAIN = {"type": "plain_text", "text": "A form"}
NO_SUCH = "I know no such batch in this workspace."
OURS = (NO_SUCH, "is not one of mine any more.")
VERBS = ("status", "show", "pause", "resume", "stop", "retry", "look", "undo", "reconcile", "bills", "report",
         "export", "signoff")  # fmt: skip
CLICKS = (*buttons.APPROVAL, *buttons.HOLDS, *buttons.CONTROL, "comments_on", "comments_off", "undo", "stop_undo",
          "take_back", "refresh_bills", "reject", "total", "reply", "fix_lines")  # fmt: skip


BOTH = pytest.mark.parametrize("server", ["file", "postgres"], indirect=True)


@pytest.fixture
def server(request: pytest.FixtureRequest) -> PostgresServer | None:
    """The server that has the books, where a test asks for one; else they are a file."""
    asked = getattr(request, "param", "file") == "postgres"
    return request.getfixturevalue("postgres") if asked else None


@pytest.fixture
def host(server: PostgresServer | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    made = Host(tmp_path, monkeypatch, server=server)
    try:
        yield made
    finally:
        made.close()


@pytest.fixture
def two(host: Host) -> tuple[House, House]:
    """Two firms that have moved in: the bot's user, people, channels and all ids of Clio's are the same in both."""
    one, other = host.add("T0ONE", "One Law", "us"), host.add("T0TWO", "Two Law", "eu")
    host.start()
    return one.move_in(), other.move_in()


def rows_of(house: House) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of a firm, of every table that has any; but what is drawn and begun anew in its own time."""
    firms = [name for name, columns in re.findall(r"CREATE TABLE (\w+) \((.*?)\) STRICT", TABLES, re.DOTALL)
             if "firm TEXT" in columns and name not in {"home", "duty"}]  # fmt: skip
    assert len(firms) > 30
    return {name: sorted(house.host.read(f"SELECT * FROM {name} WHERE firm = '{house.team}'"), key=repr)
            for name in firms}  # fmt: skip


def still(house: House) -> dict[str, list[tuple[Any, ...]]]:
    """A firm's rows, once nothing of it is on its way."""
    house.slack.wait_for(lambda: not house.owed())
    before = rows_of(house)
    assert sum(map(len, before.values())) > 10
    return before


def held(house: House) -> list[tuple[Any, ...]]:
    return [(one.id, one.matter_id, one.total) for one in house.clio.time_entries]


@BOTH
def test_the_same_file_is_posted_in_both_and_undone_in_one(two: tuple[House, House]) -> None:
    one, other = two
    rows = one.sheet(6)
    numbers = [house.preview(rows).id for house in two]
    assert numbers == [1, 2]
    for house in two:
        house.click(house.slack.manager, "Approve")
    for house, number in zip(two, numbers, strict=True):
        text = house.finish(number)
        assert "equal to the cent" in text
        house.assert_truth(number)
    assert held(one) == held(other)
    assert len(held(one)) == 6
    accounts = [house.batch(number).account for house, number in zip(two, numbers, strict=True)]
    assert accounts == [f"us:{one.firm.account_id}", f"eu:{other.firm.account_id}"]
    ids = [[entry.clio_id for entry in house.entries(number)] for house, number in zip(two, numbers, strict=True)]
    assert ids[0] == ids[1]
    before, calls = still(other), len(other.clio.calls)
    one.click(one.slack.manager, "Undo")
    one.wait_for_status(BatchStatus.UNDONE, 1)
    assert one.clio.time_entries == []
    assert one.states(1) == [EntryState.UNDONE] * 6
    assert rows_of(other) == before
    assert len(other.clio.calls) == calls
    assert len(held(other)) == 6
    other.assert_truth(2)
    for house in two:
        assert house.store.audit.verify(house.team).broken is None


@BOTH
def test_both_post_side_by_side_and_each_reads_back_its_own(two: tuple[House, House]) -> None:
    one = two[0]
    for house in two:  # both wait before either goes on
        house.drop(one.sheet(9), name="Receivables.csv")
    for house in two:
        house.approve()
    for number, house in enumerate(sorted(two, key=lambda house: house.newest().id), start=1):
        assert "equal to the cent" in house.finish(number)
        house.assert_truth(number)
        assert house.batch(number).firm == house.team


def test_each_firm_has_its_own_settings_approvers_and_sign_in(two: tuple[House, House]) -> None:
    one, other = two
    other.set({"Approvers": [other.slack.partner, other.slack.outsider], "Two approvers above": "10.00"})
    assert other.bot.firms.settings("T0ONE").approvers == (one.slack.manager.id, one.slack.partner.id)
    assert one.bot.firms.settings("T0TWO").approvers == (other.slack.partner.id, other.slack.outsider.id)
    assert one.bot.firms.settings("T0ONE").two_approvers_above is None
    assert "region us" in one.home(one.slack.partner, "Administration")
    assert "region eu" in other.home(other.slack.partner, "Administration")
    for house in two:
        house.preview(one.sheet(2))
    assert "Only approvers can" in other.refused(other.slack.manager, "Approve")
    one.click(one.slack.manager, "Approve")
    one.finish(1)
    assert other.clio.time_entries == []
    changed = [link.facts for link in one.store.audit.links("T0ONE") if link.kind == "setting"]
    assert changed == [{"names": ["region"]}, {"names": ["approvers"]}]


def test_whatever_one_firm_does_nothing_is_asked_or_said_in_the_others_name(two: tuple[House, House]) -> None:
    one, other = two
    still(other)
    asked = len(other.slack.calls), len(other.clio.calls)
    rows = [[str(cell) for cell in row] for row in one.sheet(2)]
    table = one.slack.paste_table(one.slack.outsider, "balances", [["Matter", "User", "Balance", "Note"], *rows])
    one.shortcut(one.slack.staff, table)
    one.slack.wait_for(lambda: one.slack.ephemerals(one.slack.staff))  # said in the channel to one alone
    one.slack.wait_for(lambda: one.store.batches.newest("T0ONE", 1))
    one.until("ready for approval")
    one.click(one.slack.manager, "Approve")
    one.finish(1)
    one.drop([*one.sheet(3)[2:], ["99999-Nobody", "", "12.00", ""]], name="second.csv")
    one.until("ready for approval")
    one.open_form(one.slack.staff, "Fix 1 line")
    one.reject(one.slack.manager)
    assert "B1" in one.asked(one.slack.manager, "export B1")
    one.slack.wait_for(lambda: [said for said in one.told_directly(one.slack.manager) if said.files])
    assert "B1" in one.home(one.slack.manager, "B1")
    assert {"chat.postEphemeral", "views.open", "views.publish", "upload", "download"} <= {
        call.method for call in one.slack.calls
    }
    assert [call.method for call in other.slack.calls[asked[0] :] if call.method not in OF_A_TAB] == []
    assert len(other.clio.calls) == asked[1]


def test_a_firm_without_clio_is_told_to_connect_it_at_home(host: Host) -> None:
    one = host.add("T0ONE", "One Law", "us")
    host.start()
    one.install()
    one.set({"Approvers": [one.slack.manager, one.slack.partner]})
    one.drop(one.sheet(1))
    one.until("Nobody has connected Clio yet. An administrator of the firm connects it in the Home tab.")
    one.connect()
    one.until("ready for approval")


# Whatever names a batch of the other firm is refused, and nothing of that firm is touched


def payload(house: House, user: Any, kind: str) -> dict[str, Any]:
    """What every payload of a workspace has."""
    return {
        "type": kind,
        "user": {"id": user.id, "name": user.name, "team_id": house.team},
        "team": {"id": house.team, "domain": "two-law"},
        "api_app_id": "A0BALANCES1",
        "token": "verification-token",
        "trigger_id": house.slack.workspace.trigger(user.id),
        "is_enterprise_install": False,
        "enterprise": None,
    }


def clicked(house: House, user: Any, action: dict[str, Any], *, message_ts: str) -> str:
    """Send a click on whatever there may be, and return what the clicker alone is told, "" for nothing."""
    room = house.slack.balances
    before = len(house.slack.ephemerals(user))
    sent = payload(house, user, "block_actions") | {
        "container": {"type": "message", "message_ts": message_ts, "channel_id": room.id, "is_ephemeral": False},
        "channel": {"id": room.id, "name": room.name},
        "response_url": house.slack.response_urls.make(user.id, room.id),
        "actions": [{"block_id": "b1", "action_ts": f"{time.time():.6f}", **action}],
    }
    answer = house.send(urlencode({"payload": json.dumps(sent)}).encode())
    assert answer.status_code == 200
    house.slack.wait_for(lambda: len(house.slack.ephemerals(user)) > before)
    return house.told(user)


def button(name: str, value: str) -> dict[str, Any]:
    return {"type": "button", "action_id": ACTION + name, "value": value}


def values_of(house: House, number: int, entry: int) -> Iterator[str]:
    """What buttons of a batch carry, as it stands."""
    batch = house.batch(number)
    for more in ("", f":{entry}", f":{batch.episode}"):
        yield f"{batch.id}:{batch.revision}:{(batch.hash or '')[:12]}{more}"


@pytest.fixture(params=["previewed", "posted"])
def crossed(two: tuple[House, House], request: pytest.FixtureRequest) -> tuple[House, House]:
    """One firm's batch, that waits or is posted, and the other's people, among them one of the same id as its manager.

    The other has a batch of its own in the same state.
    """
    for house in two:
        number = house.preview(two[0].sheet(3)).id
        if request.param == "posted":
            house.click(house.slack.manager, "Approve")
            house.finish(number)
    return two


def test_no_click_on_anything_of_the_other_firm_does_anything(crossed: tuple[House, House]) -> None:
    one, other = crossed
    before, entry = still(one), one.entries(1)[0].id
    shown = [message.text for message in one.slack.messages("balances")]
    ts = one.said().ts
    for name in CLICKS:
        for value in values_of(one, 1, entry):
            told = clicked(other, other.slack.manager, button(name, value), message_ts=ts)
            assert told.endswith(OURS), (name, value, told)
    for name in ("approve", "ask", "date"):
        for value in values_of(one, 1, entry):
            chosen = {"type": "overflow", "action_id": ACTION + "more", "selected_option": {"value": f"{name}:{value}"}}
            told = clicked(other, other.slack.manager, chosen, message_ts=ts)
            assert told.endswith(OURS), (name, value, told)
    assert rows_of(one) == before
    assert [message.text for message in one.slack.messages("balances")] == shown
    assert other.batch(2).status is one.batch(1).status


def test_an_entry_or_inquiry_of_the_other_firm_under_a_batch_of_ones_own_is_none(crossed: tuple[House, House]) -> None:
    """The batch is one's own, what is named below it is not."""
    one, other = crossed
    before = still(one)
    for value in values_of(other, 2, one.entries(1)[0].id):
        for name in ("remove_entry", "refresh_bills"):
            with suppress(TimeoutError):
                clicked(other, other.slack.manager, button(name, value), message_ts="1.1")
    assert rows_of(one) == before
    assert [entry.state for entry in one.entries(1)] == [entry.state for entry in other.entries(2)]


def test_no_command_names_a_batch_of_the_other_firm(crossed: tuple[House, House]) -> None:
    one, other = crossed
    before = still(one)
    for verb in VERBS:
        assert "I know no batch B1." in other.asked(other.slack.manager, f"{verb} B1"), verb
    assert "B1" not in other.asked(other.slack.manager, "list")
    assert rows_of(one) == before


def test_no_form_saves_anything_of_the_other_firm(crossed: tuple[House, House]) -> None:
    """Each form that a firm's own people may open, sent by the other firm's people as if it had been theirs."""
    one, other = crossed
    before = still(one)
    batch = one.batch(1)
    decision = Decision("", 1, batch.revision, (batch.hash or "")[:12], None, "U1", one.team, "1.1", "2.2")
    forms = {ACTION + name: decision.metadata() for name in ("approve", "reject", "ask", "reply", "date")}
    forms |= {ACTION + "total": decision.metadata(), ACTION + "fix_lines": f"1:{batch.revision}:0"}
    callbacks = {name: name for name in forms} | {ACTION + "total": TOTAL, ACTION + "fix_lines": FIX}
    for name, metadata in forms.items():
        fields = {"reason": {"reason": {"type": "plain_text_input", "value": "No."}},
                  "day": {"day": {"type": "datepicker", "selected_date": "2026-10-31"}},
                  "total": {"total": {"type": "plain_text_input", "value": "1.00"}}}  # fmt: skip
        view = {"id": "V1", "type": "modal", "callback_id": callbacks[name], "private_metadata": metadata, "hash": "h",
                "state": {"values": fields}, "blocks": [], "app_installed_team_id": other.team,
                "title": PLAIN, "submit": PLAIN, "close": PLAIN}  # fmt: skip
        sent = payload(other, other.slack.manager, "view_submission") | {"view": view, "response_urls": []}
        answer = other.send(urlencode({"payload": json.dumps(sent)}).encode())
        assert answer.status_code == 200, name
        assert any(words in answer.text for words in (NO_SUCH, "not one of mine any more")), (name, answer.text)
    assert rows_of(one) == before


def test_a_channel_is_chosen_only_for_a_file_of_ones_own(two: tuple[House, House]) -> None:
    one, other = two
    one.slack.upload(one.slack.staff, one.slack.staff, "AR.csv", b"Matter,User,Balance,Note\n")
    one.slack.wait_for(lambda: [m for m in one.slack.messages(one.slack.staff) if m.user == one.slack.bot.id])
    before = still(one)
    chosen = {"type": "conversations_select", "selected_conversation": one.slack.billing.id} | asks(one)
    told = clicked(other, other.slack.staff, chosen, message_ts="1.1")
    assert "not one of mine any more" in told
    assert rows_of(one) == before


def asks(house: House) -> dict[str, Any]:
    """The block of the question for a channel, as it stands in the direct message."""
    for message in house.slack.messages(house.slack.staff):
        for block in message.blocks:
            for part in [block.get("accessory"), *block.get("elements", [])]:
                if part and part.get("action_id", "").startswith(ACTION + "where"):
                    return {"block_id": block["block_id"], "action_id": part["action_id"]}
    raise LookupError


def test_an_event_of_one_firm_never_begins_anything_of_the_other(two: tuple[House, House]) -> None:
    """The same file id, channel and share in both: each has its own batch, of its own bytes."""
    one, other = two
    made = [house.preview(one.sheet(count), name="AR.csv") for house, count in ((one, 2), (other, 3))]
    assert [batch.firm for batch in made] == ["T0ONE", "T0TWO"]
    assert made[0].file_id == made[1].file_id
    assert [len(house.entries(batch.id)) for house, batch in zip(two, made, strict=True)] == [2, 3]
    seen = rows_of(one)["seen_event"]
    assert {row[0] for row in seen} == {"T0ONE"}
