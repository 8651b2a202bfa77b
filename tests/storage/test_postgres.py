"""PostgreSQL in place of the file: one writer a firm, the server's clock, and what does not do is told."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime, timedelta

import psycopg
import pytest
import time_machine
from pooler import Pooler
from postgres_server import PostgresServer
from world import KEY

from brought_forward.storage import postgres as module
from brought_forward.storage.database import IntegrityError
from brought_forward.storage.place import PostgresUrl, place_of
from brought_forward.storage.postgres import PostgresDatabase
from brought_forward.storage.postgres_session import Limits, Unfit
from brought_forward.storage.schema import OtherTables
from brought_forward.storage.scope import of_firm
from brought_forward.storage.serve_lock import Served, lock_of_one, serve_lock
from brought_forward.storage.store import Store

COUNT = "SELECT count(*) FROM firm"
ADD = "INSERT INTO firm (id, known_at) VALUES (?, 'now')"


@pytest.fixture
def books(postgres_url: str) -> Iterator[PostgresDatabase]:
    with closing(PostgresDatabase(PostgresUrl(postgres_url))) as opened:
        yield opened


def holds(books: PostgresDatabase, firm: str | None, other: str | None) -> bool:
    """Tell whether a transaction of one firm keeps one of another waiting."""
    begun, over, done = threading.Event(), threading.Event(), threading.Event()

    def first() -> None:
        with of_firm(firm), books.transaction():
            begun.set()
            assert over.wait(20)

    def second() -> None:
        with of_firm(other), books.transaction():
            done.set()

    with ThreadPoolExecutor(2) as threads:
        threads.submit(first)
        assert begun.wait(20)
        waiting = threads.submit(second)
        waits = not done.wait(0.3)
        over.set()
        waiting.result(20)
    return waits


def test_a_transaction_waits_for_those_of_its_own_firm_alone(books: PostgresDatabase) -> None:
    assert holds(books, "T1", "T1")
    assert not holds(books, "T1", "T2")


def test_a_transaction_of_no_firm_waits_for_all_and_all_for_it(books: PostgresDatabase) -> None:
    assert holds(books, None, "T1")
    assert holds(books, "T1", None)
    assert holds(books, None, None)


def test_two_processes_wait_for_each_other_too(books: PostgresDatabase) -> None:
    with closing(PostgresDatabase(books.url)) as other, ThreadPoolExecutor(1) as thread:
        with of_firm("T1"), books.transaction():
            books.change(ADD, ("T1",))

            def late() -> int:
                with of_firm("T1"), other.transaction():
                    return int(other.value(COUNT))

            waiting = thread.submit(late)
            with pytest.raises(TimeoutError):
                waiting.result(0.3)
        assert waiting.result(20) == 1  # it reads what was committed before it had the lock


def test_a_statement_by_itself_waits_for_its_turn(books: PostgresDatabase) -> None:
    with ThreadPoolExecutor(1) as thread:
        with books.transaction():
            waiting = thread.submit(books.change, ADD, ("T1",))
            with pytest.raises(TimeoutError):
                waiting.result(0.3)
            assert books.value(COUNT) == 0
        assert waiting.result(20) == 1


def test_what_failed_within_a_savepoint_is_undone_and_its_transaction_goes_on(books: PostgresDatabase) -> None:
    with books.transaction():
        books.change(ADD, ("T1",))
        with pytest.raises(IntegrityError), books.savepoint():
            books.change(ADD, ("T2",))
            books.change(ADD, ("T1",))
        books.change(ADD, ("T3",))
    assert books.tuples("SELECT id FROM firm ORDER BY id") == [("T1",), ("T3",)]


def test_a_transaction_that_went_on_after_a_failure_does_not_pass_for_one_that_was_kept(
    books: PostgresDatabase,
) -> None:
    with pytest.raises(psycopg.errors.InFailedSqlTransaction), books.transaction():
        books.change(ADD, ("T1",))
        with pytest.raises(IntegrityError):
            books.change(ADD, ("T1",))
    assert books.value(COUNT) == 0


def test_what_is_left_by_an_error_is_undone(books: PostgresDatabase) -> None:
    with pytest.raises(KeyError), books.transaction():
        books.change(ADD, ("T1",))
        raise KeyError
    assert books.value(COUNT) == 0
    books.change_each(ADD, [("T1",), ("T2",)])
    with pytest.raises(IntegrityError):
        books.change_each(ADD, [("T3",), ("T1",)])
    assert books.value(COUNT) == 2


def test_values_come_back_as_sqlite_gives_them(books: PostgresDatabase) -> None:
    row = books.row(
        "SELECT ?1 + 1 AS more, ?2 = 1 AS yes, sum(n) AS whole, avg(n) AS part, ?3 AS bytes, ?4 AS text, NULL AS none"
        " FROM (VALUES (1), (2)) AS v (n)",
        (2**40, True, b"\x00\xff", "a\x00b"),
    )
    assert row == {"more": 2**40 + 1, "yes": 1, "whole": 3, "part": 1.5, "bytes": b"\x00\xff", "text": "a\ufffdb",
                   "none": None}  # fmt: skip
    assert {type(row[name]) for name in ("more", "yes", "whole")} == {int}


def test_sessions_that_the_server_has_ended_are_left_aside(books: PostgresDatabase, postgres: PostgresServer) -> None:
    with ThreadPoolExecutor(4) as threads:
        together = threading.Barrier(4)

        def read() -> None:
            with of_firm(threading.current_thread().name), books.transaction():
                together.wait(20)

        for one in [threads.submit(read) for _ in range(4)]:
            one.result(20)
    end = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{books.url.database}'"
    postgres.execute(end)
    assert books.value(COUNT) == 0
    postgres.execute(end)
    with books.transaction():
        assert books.change(ADD, ("T1",)) == 1


def test_it_works_again_once_the_server_is_back(books: PostgresDatabase, postgres: PostgresServer) -> None:
    books.change(ADD, ("T1",))
    postgres.stop()
    try:
        assert "server closed the connection" in books.trouble() or books.trouble()
    finally:
        postgres.start()
    assert books.value(COUNT) == 1
    assert books.trouble() == ""


def test_a_session_that_sleeps_within_a_transaction_keeps_its_firm_waiting_no_longer(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LIMITS", Limits(idle_in_transaction=200))
    url = PostgresUrl(postgres_url)
    with closing(PostgresDatabase(url)) as frozen, closing(PostgresDatabase(url)) as other:
        with pytest.raises(psycopg.Error), of_firm("T1"), frozen.transaction():
            frozen.change(ADD, ("T1",))
            with ThreadPoolExecutor(1) as thread, of_firm("T1"):
                thread.submit(other.change, ADD, ("T2",)).result(20)
            frozen.change(ADD, ("T3",))
        assert other.tuples("SELECT id FROM firm") == [("T2",)]
        assert frozen.value(COUNT) == 1


def test_the_time_is_the_servers_whatever_the_machines_clock_says(postgres_url: str) -> None:
    wrong = datetime.now().astimezone() + timedelta(seconds=120)
    with time_machine.travel(wrong), closing(PostgresDatabase(PostgresUrl(postgres_url))) as books:
        told = books.clock.now()
        servers = datetime.fromisoformat(
            books.value("SELECT to_char(clock_timestamp(), 'YYYY-MM-DD\"T\"HH24:MI:SSOF')")
        )
        assert abs(told - servers) < timedelta(seconds=5)
        assert datetime.now().astimezone() - told > timedelta(seconds=100)


def test_a_pooler_that_shares_sessions_is_refused_and_one_that_does_not_is_fine(
    postgres: PostgresServer, postgres_url: str
) -> None:
    for pools in (True, False):
        with Pooler(postgres.port, pools=pools) as pooler:
            url = PostgresUrl(postgres_url.replace(f":{postgres.port}/", f":{pooler.port}/"))
            if pools:
                with pytest.raises(Unfit, match="as PgBouncer does in transaction mode"):
                    PostgresDatabase(url)
            else:
                PostgresDatabase(url).close()


def test_a_server_of_another_version_is_refused(postgres: PostgresServer, postgres_url: str) -> None:
    def older(message: bytes) -> bytes:
        name = b"server_version\x00"
        if message[:1] != b"S" or not message[5:].startswith(name):
            return message
        body = name + b"14.9\x00"
        return b"S" + (len(body) + 4).to_bytes(4, "big") + body

    with Pooler(postgres.port, older, pools=False) as pooler, pytest.raises(Unfit, match=r"is PostgreSQL 14\. The"):
        PostgresDatabase(PostgresUrl(postgres_url.replace(f":{postgres.port}/", f":{pooler.port}/")))


def test_a_role_that_may_not_make_tables_is_told_so(postgres: PostgresServer, postgres_url: str) -> None:
    postgres.execute("CREATE ROLE guest LOGIN PASSWORD 'visits'")
    try:
        url = PostgresUrl(postgres.url(place(postgres_url).database, user="guest", password="visits"))
        with pytest.raises(Unfit, match="The role guest may not make the bot's tables"):
            PostgresDatabase(url)
    finally:
        postgres.execute("DROP ROLE guest")


def place(url: str) -> PostgresUrl:
    return PostgresUrl(url)


def test_a_database_that_holds_something_else_is_left_as_it_is(postgres: PostgresServer, postgres_url: str) -> None:
    postgres.execute("CREATE TABLE batch (id INTEGER)", place(postgres_url).database)
    with pytest.raises(Unfit, match="holds something else already"):
        PostgresDatabase(place(postgres_url))
    with psycopg.connect(postgres_url) as db:
        assert db.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchall() == [(1,)]


def test_tables_of_another_version_are_refused_and_two_that_begin_at_once_make_them_once(postgres_url: str) -> None:
    with ThreadPoolExecutor(3) as threads:
        for opened in [threads.submit(PostgresDatabase, place(postgres_url)) for _ in range(3)]:
            opened.result(30).close()
    with psycopg.connect(postgres_url, autocommit=True) as db:
        assert db.execute("SELECT count(*) FROM schema_step").fetchall() == [(1,)]
        db.execute("UPDATE schema_step SET name = 'tables of old'")
    with pytest.raises(OtherTables, match="let BALANCES_DB name an empty database"):
        PostgresDatabase(place(postgres_url))


def test_one_process_serves_a_database_at_a_time_and_the_next_one_after_it(postgres_url: str) -> None:
    first, second = lock_of_one(place(postgres_url)), lock_of_one(place(postgres_url))
    first.acquire()
    with pytest.raises(Served):
        second.acquire()
    first.release()
    second.acquire()
    second.release()


def test_a_lock_whose_session_ended_is_had_again_unless_another_has_it(
    postgres: PostgresServer, postgres_url: str
) -> None:
    lost = threading.Event()
    first, second = serve_lock(place(postgres_url), lost.set, lease=6), lock_of_one(place(postgres_url))
    first.acquire()
    postgres.stop()
    postgres.start()
    second.acquire()
    assert lost.wait(20)
    first.release()
    second.release()


def test_without_keys_nothing_is_sealed_beside_postgresql(postgres_url: str) -> None:
    from brought_forward.storage.keys import KeyLost

    with closing(Store(place(postgres_url))) as store, pytest.raises(KeyLost, match="BALANCES_KEYS is not set"):
        store.keys.ready()
    with closing(Store(place(postgres_url), [KEY])) as store:
        store.keys.ready()


def test_a_url_is_told_without_its_password() -> None:
    url = place_of("postgresql://bot:pass%40word@db.firm.test:5432/balances?sslmode=require")
    assert isinstance(url, PostgresUrl)
    assert str(url) == "postgresql://bot@db.firm.test:5432/balances"
    assert "word" not in repr(url)
    assert url.password == "pass@word"
    assert url.database == "balances"
    with pytest.raises(ValueError, match="names a database"):
        place_of("postgresql://bot@db.firm.test")
