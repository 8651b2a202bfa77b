"""The second net: a role that owns nothing sees the rows of the firm whose work it does, and writes no other's."""

from collections.abc import Iterator

import psycopg
import pytest
from postgres_server import BOT, PostgresServer, as_owner
from world import KEY

from brought_forward.storage.place import PostgresUrl
from brought_forward.storage.postgres_schema import statements
from brought_forward.storage.scope import of_firm
from brought_forward.storage.store import Store

OURS, THEIRS = "T0OURS", "T0THEIRS"


@pytest.fixture
def store(postgres: PostgresServer) -> Iterator[Store]:
    def tables(url: str) -> None:
        Store(PostgresUrl(url), [KEY]).close()
        postgres.lend(url.rpartition("/")[2])

    name = postgres.like("lent", tables)
    made = Store(PostgresUrl(postgres.url(name, user=BOT)), [KEY])
    for firm in (OURS, THEIRS):
        made.firms.know(firm, firm)
        made.messages.tell(firm=firm, slot="told-once", channel="U1", text=firm, blocks="[]")
    yield made
    made.close()
    postgres.drop(name)


def test_the_work_of_one_firm_sees_and_changes_nothing_of_another(store: Store) -> None:
    assert store.firms.all() == [OURS, THEIRS]
    for firm in (OURS, THEIRS, OURS):
        with of_firm(firm):
            assert store.firms.all() == [firm]
            assert store.messages.due() == [firm]
            with store.transaction():
                assert store.firms.all() == [firm]
                assert store._file.change("UPDATE message SET text = 'x'") == 1
    assert store.firms.all() == [OURS, THEIRS]  # work of no firm, such as the sweep


def test_no_row_is_written_for_another_firm(store: Store) -> None:
    with of_firm(OURS), pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
        store.messages.tell(firm=THEIRS, slot="told-another", channel="U1", text="x", blocks="[]")
    assert store.messages.told(THEIRS, "told-another") is None


def test_views_show_no_more_than_their_tables(store: Store) -> None:
    with psycopg.connect(store._file.url.secret, autocommit=True) as db:  # type: ignore[attr-defined]
        options = db.execute("SELECT relname, reloptions FROM pg_class WHERE relkind = 'v' AND relnamespace ="
                             " 'public'::regnamespace").fetchall()  # fmt: skip
    assert options
    assert {tuple(given or ()) for _, given in options} == {("security_invoker=true",)}


def test_a_session_that_says_nothing_sees_nothing(store: Store) -> None:
    url = store._file.url.secret  # type: ignore[attr-defined]
    with psycopg.connect(url, autocommit=True) as db:
        assert db.execute("SELECT count(*) FROM firm").fetchall() == [(0,)]
    with psycopg.connect(as_owner(url), autocommit=True) as db:
        assert db.execute("SELECT count(*) FROM firm").fetchall() == [(2,)]


def test_every_table_that_names_a_firm_has_the_net(store: Store) -> None:
    with psycopg.connect(as_owner(store._file.url.secret), autocommit=True) as db:  # type: ignore[attr-defined]
        tables = db.execute(
            "SELECT DISTINCT c.relname, c.relrowsecurity FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
            " WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND a.attname = 'firm'"
        ).fetchall()
    assert {netted for _, netted in tables} == {True}
    assert len(tables) + 1 == sum(one.startswith("CREATE POLICY") for one in statements())  # and the firms themselves
