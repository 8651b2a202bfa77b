"""Who serves a database: one bot a file, several a PostgreSQL; and what a server that came back may have lost."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from postgres_server import PostgresServer
from world import KEY

from brought_forward.storage.place import PostgresUrl
from brought_forward.storage.records.duty import DutyKind
from brought_forward.storage.serve_lock import Served, ServeLock, lock_of_one, lock_of_process, serve_lock
from brought_forward.storage.store import Store

LEASE = 6.0


@pytest.fixture
def both(postgres_url: str) -> Iterator[tuple[ServeLock, ServeLock]]:
    made = serve_lock(PostgresUrl(postgres_url), lease=LEASE), serve_lock(PostgresUrl(postgres_url), lease=LEASE)
    yield made
    for one in made:
        one.release()


def test_a_file_is_served_by_one(tmp_path: Path) -> None:
    first, second = (serve_lock(tmp_path / "balances.db", lease=LEASE) for _ in range(2))
    first.acquire()
    assert first.is_alone()
    with pytest.raises(Served, match="Another process already serves"):
        second.acquire()
    first.release()
    second.acquire()
    second.release()


def test_a_postgresql_is_served_by_several_and_each_knows_who_is_no_more(both: tuple[ServeLock, ServeLock]) -> None:
    first, second = both
    first.acquire()
    assert first.is_alone()
    second.acquire()
    assert not first.is_alone()
    assert first.name != second.name
    assert first.dead({first.name, second.name}) == set()
    assert first.dead({"serve-of-old"}) == {"serve-of-old"}
    second.release()
    while first.dead({first.name, second.name}) != {second.name}:
        pass  # the server sees it a moment later
    assert first.is_alone()


def test_whoever_works_alone_is_refused_while_one_serves_and_the_other_way_round(
    both: tuple[ServeLock, ServeLock], postgres_url: str
) -> None:
    alone = lock_of_one(PostgresUrl(postgres_url))
    both[0].acquire()
    with pytest.raises(Served):
        alone.acquire()
    both[0].release()
    alone.acquire()
    with pytest.raises(Served, match="Something else works on"):
        both[1].acquire()
    alone.release()


def test_who_has_lost_its_own_session_calls_nobody_dead_and_takes_it_again(
    both: tuple[ServeLock, ServeLock], postgres_url: str
) -> None:
    """Where the server cut all of them off, each is alive, and none holds its lock for a moment."""
    first, _ = both
    first.acquire()
    with psycopg.connect(postgres_url, autocommit=True) as db:
        ended = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND pid <> pg_backend_pid()"
        db.execute(ended)
        assert first.dead({"serve-of-another"}) == set()
        number = lock_of_process(first.name)
        held = "SELECT 1 FROM pg_locks WHERE (classid::bigint << 32) | objid::bigint = %s AND granted"
        while not db.execute(held, (number,)).fetchall():
            db.execute("SELECT pg_sleep(0.05)")
    assert first.dead({"serve-of-another"}) == {"serve-of-another"}


def test_the_server_ends_the_session_of_a_process_that_sleeps(postgres_url: str) -> None:
    asleep = serve_lock(PostgresUrl(postgres_url), lease=0.4)
    awake = serve_lock(PostgresUrl(postgres_url), lease=LEASE)
    asleep.acquire()
    awake.acquire()
    asleep._over.set()  # type: ignore[attr-defined]  # its thread looks no more, as in a process that is frozen
    while awake.dead({asleep.name}) != {asleep.name}:
        pass
    asleep.release()
    awake.release()


def test_a_life_of_the_server_has_a_name_of_its_own(postgres: PostgresServer, postgres_url: str) -> None:
    store = Store(PostgresUrl(postgres_url), [KEY])
    before = store.epoch()
    with store.transaction():
        assert store.epoch() == before
    postgres.stop()
    postgres.start()
    store.duties.token(DutyKind.MESSAGES, "T1")  # on a connection to the server that came back
    assert store.epoch() != before
    with store.transaction():
        assert store.epoch() != before
    store.close()
