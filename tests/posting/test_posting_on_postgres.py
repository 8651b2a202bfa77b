"""The bot on PostgreSQL: what it posts, what a kill and a server that goes away leave, and what it asks of a server."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from alone import Alone
from postgres_server import PostgresServer, as_owner
from world import World

from brought_forward.sandbox.clio import sample_firm
from brought_forward.storage import away
from brought_forward.storage.place import PostgresUrl
from brought_forward.storage.records.batch import BatchStatus

ENTRIES = "/activities.json"


@pytest.fixture
def world(tmp_path: Path, postgres: PostgresServer) -> Iterator[World]:
    made = World(tmp_path, sample_firm(), server=postgres)
    try:
        yield made.start()
        assert made.contract.violations == []
    finally:
        made.close()


def slow(world: World, seconds: float = 0.1) -> None:
    world.clio.faults.add("delay", method="POST", path=ENTRIES, times=None, seconds=seconds)


def sessions(world: World) -> int:
    """Count the sessions that the server has of the bot."""
    assert isinstance(world.place, PostgresUrl)
    with psycopg.connect(as_owner(world.place.secret), autocommit=True) as db:
        found = db.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        ).fetchone()
    assert found
    return int(found[0])


def test_a_dropped_file_becomes_entries_after_a_managers_click(world: World) -> None:
    world.drop(world.sheet(5))
    world.approve()
    text = world.until("equal to the cent", timeout=30)
    assert "5 of 5 posted" in text
    world.assert_ledger_equals()
    assert not list(world.db.parent.glob("balances.db*"))


def test_what_a_stop_cuts_off_goes_on_at_the_next_start_and_no_session_is_left(world: World) -> None:
    slow(world)
    world.begin(world.sheet(12))
    world.slack.wait_for(lambda: len(world.posts()) > 3)
    world.stop()
    world.slack.wait_for(lambda: sessions(world) == 0)
    world.start()
    world.finish()
    assert len(world.posts()) == 12
    world.assert_truth()


def test_a_server_that_goes_away_and_comes_back_costs_nothing(world: World, postgres: PostgresServer) -> None:
    slow(world)
    number = world.begin(world.sheet(12))
    world.slack.wait_for(lambda: len(world.posts()) > 3)
    postgres.stop()
    postgres.start()
    world.finish(number, timeout=60)
    world.assert_truth()
    another = world.begin(world.sheet(15)[12:], name="Another.csv")
    world.wait_for_status(BatchStatus.POSTED, another, timeout=60)


def test_a_process_that_is_killed_is_followed_by_another(tmp_path: Path, postgres: PostgresServer) -> None:
    with Alone(tmp_path, server=postgres) as alone:
        world = alone.start().world
        slow(world)
        world.begin(world.sheet(12))
        world.slack.wait_for(lambda: len(world.posts()) > 3)
        alone.kill()
        alone.start()
        world.finish(timeout=60)
        world.assert_truth()
        assert sessions(world) <= 20 + 2  # 2: of the store that this test looks with


def test_a_server_that_is_away_fills_no_log(
    world: World, postgres: PostgresServer, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.preview(world.sheet(2))
    monkeypatch.setattr(away._once, "_said", float("-inf"))  # as if an earlier test's server had been away long ago
    before = len(caplog.records)

    def told() -> list[str]:
        return [one.getMessage() for one in caplog.records[before:] if one.name in {"dbos", "psycopg.pool"}]

    postgres.stop()
    try:
        world.slack.wait_for(told)
        world.drop(world.sheet(3), name="Another.csv")
    finally:
        postgres.start()
    world.until("3 entries", timeout=60)
    assert told() == ["the database does not answer; it is asked again"]
