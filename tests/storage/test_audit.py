"""The audit chain: everything that happens is a link, and whoever changes one of them, or a row, is found out."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from raw import BREAKS_A_RULE, raw, without_triggers
from test_storage import FIRM, open_batch, posting, previewed
from typer.testing import CliRunner
from world import KEY, World

from brought_forward.bot.cli.main import cli
from brought_forward.sandbox.clio.samples import firm_of_size
from brought_forward.sandbox.slack.workspace import TEAM
from brought_forward.storage.place import Place, PostgresUrl
from brought_forward.storage.records.batch import BatchStatus
from brought_forward.storage.records.connection import Ended, Tokens
from brought_forward.storage.records.entry import EntryState
from brought_forward.storage.store import Store


@pytest.fixture
def store(place: Place) -> Iterator[Store]:
    with closing(Store(place, [KEY])) as store:
        yield store


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path, firm_of_size(12, 3))
    yield made.start()
    made.close()


def tampered(place: Place, *statements: str) -> None:
    """Change the books as somebody would who has them: the triggers are taken away first."""
    with raw(place) as db:
        without_triggers(db)
        for statement in statements:
            assert db.execute(statement).rowcount, statement


def a_posted_entry(store: Store) -> int:
    """Bring a batch to one entry that stands in Clio."""
    number = posting(store, 7)
    entry = store.entries.of_batch(number)[0]
    assert store.entries.claim(
        entry.id, "token", settle=1.0, batch=number, revision=1, digest="d" * 64, run_token="run", epoch=store.epoch()
    )
    assert store.entries.settle(entry.id, "token", EntryState.POSTED, clio_id=77, reason="as sent")
    return number


def run(place: Place, *arguments: str) -> tuple[int, str]:
    name = place.secret if isinstance(place, PostgresUrl) else str(place)
    found = CliRunner().invoke(cli, [*arguments, "--db", name], catch_exceptions=False)
    return found.exit_code, found.output


def test_a_whole_journey_is_in_the_chain_and_its_end_stands_in_the_closing_words(world: World) -> None:
    manager = world.slack.manager
    number = world.begin(world.sheet(3))
    said = world.finish(number)
    seal = world.store.audit.seal(number)
    assert seal and f"Sealed in the audit log: {seal}" in said
    kinds = Counter(link.kind for link in world.store.audit.links(TEAM))
    assert kinds["upload"] == kinds["file"] == kinds["read_back"] == 1
    assert kinds["send"] == kinds["entry"] == 3
    assert [link.facts["status"] for link in world.store.audit.links(TEAM) if link.kind == "status"] == [
        "reading", "previewed", "approved", "posting", "posted",
    ]  # fmt: skip
    (decision,) = [link for link in world.store.audit.links(TEAM) if link.kind == "decision"]
    assert (decision.actor, decision.facts["action"], decision.facts["allowed"]) == (manager.id, "approve", True)
    world.click(manager, "Undo")
    world.wait_for_status(BatchStatus.UNDONE, number)
    undone = [link for link in world.store.audit.links(TEAM) if link.number > decision.number]
    assert Counter(link.kind for link in undone)["delete"] == 3
    assert [link.facts["state"] for link in undone if link.kind == "entry"] == ["posted"] * 3 + ["undone"] * 3
    assert world.store.audit.verify(TEAM).broken is None
    assert f"Sealed in the audit log: {world.store.audit.seal(number)}" in world.text()


def test_what_staff_and_approvers_do_is_in_the_chain_with_who_did_it_refusals_too(world: World) -> None:
    staff, manager = world.slack.staff, world.slack.manager
    rows = [*world.sheet(1), ["00231-Nguyen", "", "10.00", ""]]
    batch = world.preview(rows)
    world.refused(staff, "Approve")
    form = world.choose(manager, "Ask")
    world.slack.submit(manager, form, {"Question": "Is that Nguyen of Leeds?"})
    world.until("Is that Nguyen of Leeds?")
    links = list(world.store.audit.links(TEAM))
    refusal = next(link for link in links if link.kind == "decision" and not link.facts["allowed"])
    assert (refusal.actor, refusal.batch, refusal.facts["action"]) == (staff.id, batch.id, "approve")
    asked = next(link for link in links if link.kind == "query")
    assert (asked.actor, asked.words) == (manager.id, {"text": "Is that Nguyen of Leeds?"})
    world.asked(manager, "digest on")
    world.asked(manager, "standin @outsider until 31 December 2026")
    world.slack.wait_for(lambda: any(link.kind == "stand_in" for link in world.store.audit.links(TEAM)))
    assert {link.kind: link.actor for link in world.store.audit.links(TEAM)}["digest"] == manager.id


def test_the_database_itself_refuses_to_change_or_forget_a_link(store: Store, place: Place) -> None:
    open_batch(store)
    with raw(place) as db:
        for statement in (
            "UPDATE audit SET actor = 'U9'",
            "DELETE FROM audit",
            "UPDATE audit_words SET words = '{}'",
            "UPDATE audit_words SET salt = 'x', words = NULL",
            "DELETE FROM audit_words",
        ):
            with pytest.raises(BREAKS_A_RULE):
                db.execute(statement)


TAMPERING: list[tuple[str, str]] = [
    ("UPDATE audit SET actor = 'U9' WHERE number = 2", "link 2 was changed"),
    ("UPDATE audit SET facts = replace(facts, '12345', '12346') WHERE kind = 'send'", "was changed"),
    ("UPDATE audit SET at = '2020-01-01T00:00:00+00:00' WHERE number = 3", "link 3 was changed"),
    ("DELETE FROM audit WHERE number = 2", "link 2 is missing"),
    ("DELETE FROM audit WHERE number = 1", "link 1 is missing"),
    ("UPDATE audit_words SET words = replace(words, 'AR', 'BR') WHERE number = 1", "words of link 1 were changed"),
    ("DELETE FROM audit_words WHERE number = 1", "words of link 1 are missing"),
    ("INSERT INTO audit_words (firm, number, words) VALUES ('T1', 2, '{}')", "words of link 2 were added"),
    ("UPDATE entry SET amount_cents = 99", "an entry of B1 is not what link"),
    ("UPDATE entry SET clio_id = 78", "an entry of B1 is not what link"),
    ("UPDATE entry SET state = 'planned', clio_id = NULL", "an entry of B1 is not what link"),
    ("DELETE FROM attempt; DELETE FROM entry", "an entry of B1 is not what link"),
]


@pytest.mark.parametrize(("statement", "named"), TAMPERING)
def test_the_first_thing_that_was_changed_is_named(store: Store, place: Place, statement: str, named: str) -> None:
    a_posted_entry(store)
    assert store.audit.verify(FIRM).broken is None
    tampered(place, *statement.split("; "))
    broken = store.audit.verify(FIRM).broken
    assert broken and named in broken
    code, said = run(place, "verify")
    assert code == 1
    assert "broken" in said
    assert named in said


def test_an_entry_that_no_link_tells_of_is_named(store: Store, place: Place) -> None:
    number = a_posted_entry(store)
    tampered(
        place,
        "INSERT INTO entry (firm, account, batch, position, matter_id, matter_number, user_id, user_name, amount_cents,"
        f" date, note, state, clio_id) VALUES ('{FIRM}', 'us:1', {number}, 2, 8, '8', 1, 'Don', 5, '2026-11-23', '',"
        " 'posted', 78)",
    )
    assert "no link says so" in str(store.audit.verify(FIRM).broken)


@pytest.mark.parametrize("statement", ["UPDATE decision SET allowed = 1", "DELETE FROM decision"])
def test_a_decision_that_was_changed_in_the_log_is_named(store: Store, place: Place, statement: str) -> None:
    batch = store.batches.get(previewed(store, 7))
    store.decisions.add(batch, actor="U1", action="approve", allowed=False, approvers=("U9",), reason="never your own")
    assert store.audit.verify(FIRM).broken is None
    tampered(place, statement)
    assert "the decision of link" in str(store.audit.verify(FIRM).broken)


def test_a_chain_whose_end_was_cut_off_is_shown_by_the_hash_that_people_have(store: Store, place: Place) -> None:
    number = a_posted_entry(store)
    seal = store.audit.seal(number)
    assert seal is not None
    open_batch(store, "2.000001")
    assert run(place, "verify", "--sealed", seal)[0] == 0
    cut = "DELETE FROM audit_words WHERE number >= 4; DELETE FROM audit WHERE number >= 4"
    tampered(place, *cut.split("; "), "UPDATE entry SET state = 'planned', clio_id = NULL")
    assert store.audit.verify(FIRM).broken is None  # by itself what is left cannot tell
    code, said = run(place, "verify", "--sealed", seal)
    assert code == 1
    assert f"no link has the hash {seal}" in said


def test_purged_words_break_nothing_and_are_counted(store: Store, place: Place) -> None:
    open_batch(store)
    with raw(place) as db:
        db.execute("UPDATE audit_words SET words = NULL, salt = NULL")
    verdict = store.audit.verify(FIRM)
    assert (verdict.broken, verdict.purged) == (None, 1)
    assert "The words of 1 are purged." in run(place, "verify")[1]


def test_each_firm_has_a_chain_of_its_own(store: Store, place: Place) -> None:
    open_batch(store)
    open_batch(store, firm="T2")
    assert [[link.number for link in store.audit.links(firm)] for firm in ("T1", "T2")] == [[1], [1]]
    tampered(place, "UPDATE audit SET actor = 'U9' WHERE firm = 'T2'")
    assert run(place, "verify", "--firm", "T1")[0] == 0
    code, said = run(place, "verify")
    assert code == 1
    assert "T2: broken" in said
    assert "T1: all 1 links hold" in said


def test_an_export_is_a_line_of_json_a_link_with_names_only_where_asked_for(store: Store, place: Place) -> None:
    open_batch(store)

    def export(*more: str) -> list[dict[str, Any]]:
        code, said = run(place, "audit", "export", *more)
        assert code == 0
        return [json.loads(line) for line in said.splitlines()]

    (upload,) = export()
    assert (upload["kind"], upload["actor"], "words" in upload) == ("upload", "U1", False)
    named, exported = export("--words")
    assert named["words"] == {"file": "AR.csv"}
    assert (exported["kind"], exported["facts"]) == ("export", {"links": 1, "words": False})
    assert store.audit.verify(FIRM).broken is None


def test_a_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    found = CliRunner().invoke(cli, ["verify", "--db", str(tmp_path / "none.db")])
    assert "is not there" in str(found.exception)
    assert not (tmp_path / "none.db").exists()


def test_sign_ins_and_settings_are_in_the_chain_and_tokens_are_not(store: Store, place: Place) -> None:
    store.firms.know(FIRM)
    tokens = Tokens("access-very-secret", "refresh-very-secret", 2_592_000.0)
    number = store.connections.sign_in(
        FIRM, region="us", account="us:1", user_id=7, user_name="Joan Harris", tokens=tokens
    )
    assert store.connections.refreshed(number, 1, tokens)
    assert store.connections.end(number, Ended.DISCONNECTED)
    store.firms.set(FIRM, {"approvers": ["U9"]}, by="U1")
    *sign_ins, setting = store.audit.links(FIRM)
    assert [link.facts["does"] for link in sign_ins] == ["signed in", "refreshed", "ended"]
    assert {link.kind for link in sign_ins} == {"sign_in"}
    assert (setting.kind, setting.actor, setting.facts, setting.words) == (
        "setting", "U1", {"names": ["approvers"]}, {"approvers": {"from": None, "to": ["U9"]}}
    )  # fmt: skip
    assert "very-secret" not in run(place, "audit", "export", "--words")[1]
