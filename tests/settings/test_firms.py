"""What a firm has set is asked for each time; the environment speaks for one firm, and wins there."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from world import FAST, World

from brought_forward.bot.engine import runs as engine
from brought_forward.bot.errors import ClioElsewhere, NotAllowed
from brought_forward.bot.settings import Firms, Settings
from brought_forward.bot.slack.clicks import Decision
from brought_forward.sandbox.clio import firm_of_size
from brought_forward.sandbox.slack.workspace import TEAM
from brought_forward.storage.records.batch import BatchStatus, RunKind
from brought_forward.storage.records.connection import Source
from brought_forward.storage.store import Store

OTHER = "T0ELSEWHERE"
GIVEN = {"slack_bot_token": "xoxb-1", "clio_access_token": "token", "clio_region": "eu"}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "balances.db")
    yield store
    store.close()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path, firm_of_size(40, 4))
    try:
        yield made
    finally:
        made.close()


def test_a_firms_own_setting_counts_where_the_environment_says_nothing(store: Store) -> None:
    firms = Firms(store, Settings(**GIVEN, balances_approvers="U1 U2", balances_currency=None))
    assert firms.settings(TEAM).currency is None
    store.firms.set(TEAM, {"currency": "EUR", "approvers": ["U9"], "two_approvers_above": "2500.50"}, by="U1")
    found = firms.settings(TEAM)
    assert (found.currency, found.approvers, found.region) == ("EUR", ("U1", "U2"), "eu")
    assert f"{found.two_approvers_above}" == "2500.50"
    assert found.day_first


def test_the_environment_speaks_for_its_own_firm_alone_once_slack_has_said_which(store: Store) -> None:
    firms = Firms(store, Settings(**GIVEN, balances_approvers="U1"))
    store.firms.set(OTHER, {"approvers": ["U7"], "region": "us"}, by="U7")
    firms.owns(TEAM)
    assert firms.settings(TEAM).approvers == ("U1",)
    other = firms.settings(OTHER)
    assert (other.approvers, other.clio_site) == (("U7",), "https://app.clio.com")


def test_the_log_says_by_name_what_the_environment_wins_over(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    firms = Firms(store, Settings(**GIVEN, balances_approvers="U1", balances_credits="hold"))
    store.firms.set(TEAM, {"approvers": ["U9"], "credits": "hold", "region": "us"}, by="U1")
    with caplog.at_level(logging.WARNING):
        firms.owns(TEAM)
    said = [record.getMessage() for record in caplog.records]
    assert said == [f"{name} of the environment wins over what firm={TEAM} has set itself"
                    for name in ("BALANCES_APPROVERS", "CLIO_REGION")]  # fmt: skip


def test_approvers_that_a_firm_names_while_the_bot_runs_count_for_the_next_file(world: World) -> None:
    world.start(balances_approvers=())
    slack = world.slack
    before = world.preview(world.sheet(1))
    assert "Nobody can approve" in world.text()
    world.store.firms.set(TEAM, {"approvers": [slack.manager.id, slack.partner.id]}, by=slack.manager.id)
    batch = world.preview(world.sheet(2)[1:], name="second.csv")
    world.approve()
    world.finish(batch.id)
    assert world.store.batches.get(before.id).status is BatchStatus.PREVIEWED


def test_the_workspace_of_the_token_is_kept_as_the_firms_app_and_clios_token_is_not(world: World) -> None:
    world.start()
    world.preview(world.sheet(1))
    app = world.store.firms.installation(TEAM)
    assert app is not None
    assert (app.bot_user, app.source) == (world.slack.bot.id, Source.ENVIRONMENT)
    sign_in = world.store.connections.of(TEAM, Source.ENVIRONMENT)
    assert sign_in is not None
    assert (sign_in.account, sign_in.key_id) == (world.batch().account, None)
    assert world.bot is not None
    world.stop()
    kept = b"".join(file.read_bytes() for file in world.db.parent.iterdir() if file.is_file())
    assert b"clio-sandbox-token" not in kept
    assert world.slack.bot_token.encode() not in kept


def test_a_client_of_one_account_is_given_for_no_batch_of_another(world: World) -> None:
    world.start()
    batch = world.preview(world.sheet(1))
    assert world.bot is not None
    assert world.bot.connections.at(batch) is world.bot.connections.of(TEAM).clio
    with world.store.transaction() as db:
        db.execute("UPDATE batch SET account = 'us:9' WHERE id = ?", (batch.id,))
    with pytest.raises(ClioElsewhere):
        world.bot.connections.at(world.store.batches.get(batch.id))


def test_to_people_of_another_firm_a_batch_does_not_exist_and_nothing_of_it_is_touched(world: World) -> None:
    world.start()
    batch = world.preview(world.sheet(1))
    world.store.firms.install(OTHER, name="Elsewhere", bot_user="U0BOT", token="xoxb-other", by=None)
    message = world.store.messages.find(batch.id, "preview")
    before = len(world.store.decisions.of_batch(batch.id))
    click = Decision(
        "approve", batch.id, batch.revision, batch.hash or "", None, world.slack.manager.id, OTHER, "9.9", "1"
    )
    assert world.bot is not None
    with pytest.raises(NotAllowed, match="I know no such batch in this workspace"):
        world.bot.approval.decide(click)
    assert len(world.store.decisions.of_batch(batch.id)) == before
    after = world.store.messages.find(batch.id, "preview")
    assert message is not None
    assert after is not None
    assert (after.wanted, after.ts) == (message.wanted, message.ts)


def test_two_runs_that_take_turns_each_list_once_what_clio_holds(tmp_path: Path) -> None:
    world = World(tmp_path, firm_of_size(80, 4))
    try:
        # Nothing moves posting but this test: each in turn, as two firms' queues would.
        world.start(balances_timing=FAST.model_copy(update={"sweep": 600.0}))
        rows = world.sheet(60)
        runs = []
        for name, some in (("one.csv", rows[:30]), ("two.csv", rows[30:])):
            batch = world.preview(some, name=name)
            given = {"revision": batch.revision, "digest": batch.hash, "actor": world.slack.manager.id}
            assert world.store.batches.decide(batch.id, status=BatchStatus.APPROVED, **given)
            assert world.store.batches.new_run(batch.id, token=f"run-{batch.id}", after=batch.run_token)
            runs.append(batch.id)
        before = len(world.clio.calls)
        post = engine._moves[RunKind.POST]
        left = runs
        while left:
            left = [number for number in left if post(number, f"run-{number}")]
        lists = [call for call in world.clio.calls[before:] if call.path == "/activity_descriptions.json"]
        assert len(world.posts()) == 60
        assert [call.method for call in lists].count("GET") == 2
    finally:
        world.close()


def test_how_far_one_batch_is_holds_back_no_others_showing(world: World) -> None:
    world.start(balances_timing=FAST.model_copy(update={"sweep": 600.0, "edit_gap": 600.0}))
    batches = [world.preview([row], name=name) for row, name in zip(world.sheet(2), ("a.csv", "b.csv"), strict=True)]
    chunk = engine._moves[RunKind.POST].args[0].__self__.chunk
    for batch in batches:
        chunk.tell(batch)
    assert all(world.store.messages.find(batch.id, "status") for batch in batches)


def test_a_status_of_one_account_redraws_none_that_wait_for_another(world: World) -> None:
    world.start()
    rows = zip(world.sheet(2), ("a.csv", "b.csv"), strict=True)
    ours, others = (world.preview([row], name=name).id for row, name in rows)
    with world.store.transaction() as db:
        db.execute("UPDATE batch SET status = 'approved', run_token = 'x', begun = NULL, queued_at = created_at")
        assert [number for number, _ in world.store.turns.waiting(but=ours)] == [others]
        db.execute("UPDATE batch SET account = 'eu:1' WHERE id = ?", (others,))
        assert world.store.turns.waiting(but=ours) == []
        db.execute("UPDATE batch SET status = 'previewed'")


def test_two_firms_that_put_lines_right_in_turns_keep_their_search_ready(world: World) -> None:
    world.start()
    batch = world.preview(world.sheet(1))
    others = replace(batch, firm=OTHER, account="eu:1")
    assert world.bot is not None
    offers = world.bot.fix_lines.offers
    before = offers._searching(batch), offers._searching(others)
    assert (offers._searching(batch), offers._searching(others)) == before
