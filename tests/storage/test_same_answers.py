"""What SQLite and PostgreSQL would answer each in its own way without a word: the same question to both, one answer."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from brought_forward.storage import database
from brought_forward.storage.batches import Batches
from brought_forward.storage.database import Database, IntegrityError, stamp
from brought_forward.storage.pace import Paces
from brought_forward.storage.place import PostgresUrl
from brought_forward.storage.postgres import PostgresDatabase
from brought_forward.storage.records.batch import MANY, BatchStatus, Rules
from brought_forward.storage.records.entry import Entry, EntryState, Outcome, PlannedEntry
from brought_forward.storage.records.firm import AliasKind, Matter
from brought_forward.storage.records.sheet import BalanceLine, Finding, SheetReading
from brought_forward.storage.records.slack import Share
from brought_forward.storage.sqlite_file import SqliteFile
from brought_forward.storage.store import Store

# Threads beside the test, the engine's among them, draw random numbers of their own while Hypothesis draws examples.
pytestmark = pytest.mark.filterwarnings(
    "ignore:Do not use the .random. module:hypothesis.errors.HypothesisDeprecationWarning"
)

FIRM, DAY, DIGEST = "T1", date(2026, 11, 23), "d" * 64
RULES = Rules(approvers=("U9",), two_above=None, expire_hours=72.0, post_credits=False, description="BBF")
NAMES = ["Zoë", "adam", "Émile", "Adam", "zoe", "", "a b", "ab", "a-b", "Ärger", "10", "9", "_", "~"]
EARLY, LATE = datetime.fromisoformat("1990-01-01"), datetime.fromisoformat("2090-01-01")
often = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def both(tmp_path: Path, postgres_url: str) -> Iterator[list[Database]]:
    """A file and a PostgreSQL database with the same tables and nothing in them."""
    with (
        closing(SqliteFile(tmp_path / "balances.db", lambda _: None)) as file,
        closing(PostgresDatabase(PostgresUrl(postgres_url))) as server,
    ):
        yield [file, server]


@pytest.fixture
def stores(tmp_path: Path, postgres_url: str) -> Iterator[list[Store]]:
    with (
        closing(Store(tmp_path / "balances.db")) as file,
        closing(Store(PostgresUrl(postgres_url))) as server,
    ):
        yield [file, server]


def same(both: list[Database], sql: str, *values: Any) -> Any:
    """Ask both and give the answer, which must be of the same types too."""
    one, other = (database.rows(sql, values) for database in both)
    assert [[(name, type(value), value) for name, value in row.items()] for row in one] == [
        [(name, type(value), value) for name, value in row.items()] for row in other
    ]
    return one


# What statements are put together from


def test_texts_come_in_the_order_of_their_bytes(both: list[Database]) -> None:
    for one in both:
        one.change_each("INSERT INTO firm (id, known_at) VALUES (?, '')", [(name,) for name in NAMES])
    assert [row["id"] for row in same(both, "SELECT id FROM firm ORDER BY id")] == sorted(NAMES)
    same(both, "SELECT min(id) AS first, max(id) AS last FROM firm WHERE id > ?", "A")


def test_nothing_comes_first_where_it_is_said(both: list[Database]) -> None:
    held = [(1, None), (2, "b"), (3, None), (4, "a")]
    for one in both:
        one.change_each("INSERT INTO audit_words (firm, number, words) VALUES ('T1', ?, ?)", held)
    found = same(both, "SELECT number FROM audit_words ORDER BY words NULLS FIRST, number")
    assert [row["number"] for row in found] == [1, 3, 4, 2]


def test_sums_counts_and_conditions_are_whole_numbers(both: list[Database]) -> None:
    for one in both:
        one.change_each(
            "INSERT INTO not_counted (firm, batch, row, amount_cents, why) SELECT 'T1', id, ?, ?, '' FROM batch",
            [(1, 5)],
        )
    summed, flag = database.summed("amount_cents"), database.flag("count(*) > ?")
    (row,) = same(both, f"SELECT {summed} AS total, count(*) AS n, {flag} AS some FROM not_counted", 0)
    assert row == {"total": None, "n": 0, "some": 0}
    given = database.given([1, 2, 3], "BIGINT", "TEXT")
    values = (10**15, "x", -5, None, 7, "y")
    found = same(both, f"SELECT column1 AS n, column2 AS s FROM {given} AS here ORDER BY 1", *values)
    assert found == [{"n": -5, "s": None}, {"n": 7, "s": "y"}, {"n": 10**15, "s": "x"}]
    (row,) = same(both, f"SELECT {database.summed('column1')} AS total FROM {given} AS here", *values)
    assert row == {"total": 10**15 + 2}


@often
@given(at=st.datetimes(EARLY, LATE, timezones=st.just(UTC)), more=st.timedeltas(timedelta(0), timedelta(999)))
def test_the_seconds_between_two_instants_are_those_that_went_by(
    both: list[Database], at: datetime, more: timedelta
) -> None:
    first, then = at, at + more
    table = database.given([1], "TEXT", "TEXT")
    between = f"{database.seconds('column2')} - ({database.seconds('column1')})"
    (row,) = same(both, f"SELECT {between} AS passed FROM {table} AS here", stamp(first), stamp(then))
    assert row["passed"] == pytest.approx(more.total_seconds(), abs=1e-3)


# The pace: fractions, rounding, and the greater of two

CALLS = st.lists(
    st.one_of(
        st.tuples(st.just("take"), st.floats(0.01, 40), st.integers(0, 12), st.booleans(), st.booleans()),
        st.tuples(st.just("heard"), st.floats(0.01, 5), st.integers(1, 60), st.integers(0, 60), st.floats(-5, 70)),
        st.tuples(st.just("refused"), st.floats(0.01, 5), st.floats(0, 30)),
        st.tuples(st.just("rename"), st.floats(0.01, 1)),
    ),
    max_size=25,
)


@often
@given(calls=CALLS)
def test_the_pace_gives_the_same_turns(both: list[Database], calls: list[tuple[Any, ...]]) -> None:
    heard: list[list[Any]] = [[], []]
    for said, one in zip(heard, both, strict=True):
        one.change("DELETE FROM pace")
        paces, now = Paces(one), 1_790_000_000.0
        for what, passed, *more in calls:
            now += passed
            match what:
                case "take":
                    kept, run, shared = more
                    said.append(paces.take("us:1:7", now=now, quota=50, window=60.0, kept=kept, run=run, shared=shared))
                case "heard":
                    quota, remaining, ends = more
                    paces.heard("us:1:7", now=now, quota=quota, remaining=remaining, window_end=now + ends)
                case "refused":
                    paces.refused("us:1:7", until=now + more[0])
                case "rename":
                    paces.take("us:1:new-x", now=now, quota=50, window=60.0)
                    paces.rename("us:1:new-x", "us:1:7")
            said.append(paces.last("us:1:7"))
        said.append((paces.calls(), one.rows("SELECT * FROM pace ORDER BY connection")))
    assert heard[0] == heard[1]


# Whole subjects


def begun(store: Store, ts: str = "1.000001", uploader: str = "U1") -> int:
    share = Share(FIRM, "C1", "F1", ts, ts)
    number = store.batches.open(share, uploader=uploader, owner="U2", file_name="AR.csv", file_size=9, rules=RULES)
    assert number is not None
    return number


def planned(matter: int, cents: int, user: int) -> PlannedEntry:
    return PlannedEntry(matter, f"{matter:05d}", user, NAMES[user], Decimal(cents) / 100, "note")


def posting(store: Store) -> int:
    """Bring a batch of some entries to posting; three lines are left out."""
    number = begun(store)
    batches: Batches = store.batches
    lines = tuple(BalanceLine(row, f"{row:05d}", None, Decimal(row)) for row in range(2, 12))
    assert batches.new_run(number, token="run", after=None)
    assert batches.begin_reading(number, "run")
    store.lines.keep(number, FIRM, SheetReading("S", 1, lines, (), 0, None, None))
    named: dict[str, Any] = {"account": "us:1", "description": "BBF", "description_id": None}
    assert batches.previewed(number, "run", digest=DIGEST, posting_date=DAY, as_of=DAY, **named)
    entries = [
        (planned(row, cents, row % 5), [row])
        for row, cents in zip(range(2, 9), (5, -7, 1205, 90, 3, -1, 8), strict=True)
    ]
    store.entries.plan(number, FIRM, DAY, entries, {9: "no", 10: "why", 11: "no"})
    assert batches.decide(number, revision=1, digest=DIGEST[:12], status=BatchStatus.APPROVED, actor="U9")
    assert batches.begin_run(number, "run")
    return number


def claim(store: Store, batch: int, entry: Entry, token: str) -> None:
    asked: dict[str, Any] = {"batch": batch, "revision": 1, "digest": DIGEST, "run_token": "run"}
    assert store.entries.claim(entry.id, token, settle=0.0, epoch=store.epoch(), **asked)


def answers(store: Store) -> list[Any]:
    number = posting(store)
    entries = store.entries.of_batch(number)
    for place, entry in enumerate(entries[:5]):
        claim(store, number, entry, f"claim{place}")
        state = EntryState.POSTED if place < 3 else EntryState.UNCLEAR
        assert store.entries.settle(entry.id, f"claim{place}", state, clio_id=700 + place if place < 3 else None)
    finding = Finding(row=None, code="zero", text="t", blocks=False)
    store.findings.keep(number, FIRM, [replace(finding, row=row) for row in (5, None, 3, None, 2)])
    store.aliases.remember_alias(
        firm=FIRM, account="us:1", kind=AliasKind.MATTER, text="7", clio_id=7, label="00007", by="U1", channel="C1"
    )
    store.listings.keep_matters(
        FIRM, "us:1", [Matter(one, f"{one:05d}", "", "open", True, "flat", NAMES[one], None, None) for one in range(9)],
        whole=True, begun_at=datetime(2026, 11, 23, tzinfo=UTC),
    )  # fmt: skip
    everybody = store.history
    return [
        store.entries.tallies(number),
        store.entries.by_user(number),
        store.entries.largest(number, 4),
        store.entries.by_client(number, 4),
        store.entries.turnover(number),
        store.entries.known_ids(number, []),
        store.entries.known_ids(number, list(range(2000))),
        store.entries.older_ids(number),
        store.lines.left_out_total(number),
        store.lines.of_batch(number),
        store.findings.of_batch(number),
        store.open_items.open(FIRM, of=None),
        store.open_items.open(FIRM, of="U1"),
        store.open_items.open(FIRM, of="U7"),
        store.homes.months(FIRM, None),
        store.homes.months(FIRM, "U2"),
        everybody.matters(FIRM, of=None),
        everybody.users(FIRM, of="U2"),
        [one.clio_id for one in everybody.of_matters(FIRM, [("us:1", 3), ("us:1", 2), ("eu:1", 2)], of=None)],
        everybody.of_users(FIRM, [], of=None),
        [one.clio_id for one in store.aliases.aliases(FIRM, of=None)],
        [one.id for one in store.listings.some_matters(FIRM, "us:1", range(1000))],
        store.listings.account_of("us", 7),
        store.audit.verify(FIRM).broken,
        [(link.number, link.kind) for link in store.audit.links(FIRM)],
        store.gauges.batches(),
        store.gauges.entries(),
    ]


def test_a_batch_says_the_same_of_itself(stores: list[Store]) -> None:
    one, other = map(answers, stores)
    assert one == other
    assert repr(one) == repr(other)  # of the same types, too: Decimal("1") is 1


def test_an_undo_takes_what_was_never_tried_first_and_what_must_wait_last(stores: list[Store]) -> None:
    orders = []
    for store in stores:
        number = posting(store)
        for place, entry in enumerate(store.entries.of_batch(number)):
            claim(store, number, entry, f"claim{place}")
            assert store.entries.settle(entry.id, f"claim{place}", EntryState.POSTED, clio_id=700 + place)
        assert store.batches.posted(number, "run")
        assert store.undoing.begin(store.batches.get(number), revision=1, digest=DIGEST[:12])
        batch, order = store.batches.get(number), []
        assert store.batches.new_run(number, token="undo", after="run")
        rows = store.undoing.of_batch(batch)
        for place, seconds in ((0, 60), (1, -60), (3, 600), (4, -600)):
            store.undoing.later(batch, rows[place], seconds)
        while one := store.undoing.next(batch):
            order.append(one.clio_id)
            assert store.undoing.stays(batch, one, "undo", Outcome.KEPT, "")
        orders.append(order)
    assert orders == [[702, 705, 706, 701, 704, 700, 703]] * 2


def test_too_many_files_within_an_hour_are_too_many_in_both(stores: list[Store]) -> None:
    crowded = [[store.batches.crowded(begun(store, f"{ts}.0")) for ts in range(MANY + 2)] for store in stores]
    assert crowded == [[False] * MANY + [True] * 2] * 2


# What nothing may change


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE audit SET kind = 'x'",
        "DELETE FROM audit",
        "UPDATE audit_words SET words = 'x'",
        "DELETE FROM audit_words",
    ],
)
def test_a_link_of_the_audit_is_neither_changed_nor_taken_away(both: list[Database], sql: str) -> None:
    for one in both:
        one.change(
            "INSERT INTO audit (firm, number, at, kind, facts, before, hash) VALUES ('T1', 1, '', 'k', '{}', '', 'h')"
        )
        one.change("INSERT INTO audit_words (firm, number, salt, words) VALUES ('T1', 1, 's', 'w')")
        with pytest.raises(IntegrityError, match="of the audit"):
            one.change(sql)
        assert one.value("SELECT kind FROM audit") == "k"
        assert one.value("SELECT words FROM audit_words") == "w"
        assert one.change("UPDATE audit_words SET words = NULL, salt = NULL") == 1


@pytest.mark.parametrize("table", ["audit", "audit_words"])
def test_nor_is_the_audit_emptied_at_once(stores: list[Store], postgres_url: str, table: str) -> None:
    with psycopg.connect(postgres_url) as connection, pytest.raises(psycopg.IntegrityError, match="the audit stays"):
        connection.execute(f"TRUNCATE {table}".encode())


# The tables

TURNED = {"INTEGER": "bigint", "TEXT": "text", "REAL": "double precision", "BLOB": "bytea"}


def test_both_have_the_same_tables_columns_and_indexes(both: list[Database], tmp_path: Path, postgres_url: str) -> None:
    with closing(sqlite3.connect(tmp_path / "balances.db")) as file, psycopg.connect(postgres_url) as server:
        tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\'"
        ours = {
            (table, row[1], TURNED[row[2]], bool(row[3] or row[5]))
            for (table,) in file.execute(tables)
            for row in file.execute(f"PRAGMA table_info({table})")
        }
        theirs = server.execute(
            "SELECT table_name, column_name, data_type, is_nullable = 'NO' FROM information_schema.columns JOIN"
            " information_schema.tables USING (table_schema, table_name) WHERE table_schema = 'public'"
            " AND table_type = 'BASE TABLE' AND table_name <> 'schema_step'"
        ).fetchall()
        assert {*theirs} == ours
        unsorted = server.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
            " AND data_type = 'text' AND collation_name IS DISTINCT FROM 'C' AND table_name IN"
            " (SELECT table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE')"
            " AND table_name <> 'schema_step'"
        ).fetchall()
        assert unsorted == []
        for kind, sqlite, postgres in (
            ("index", "SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
             " AND tbl_name <> '_sqlite_migrations'",
             "SELECT indexname FROM pg_indexes WHERE schemaname = 'public'"),
            ("view", "SELECT name FROM sqlite_master WHERE type = 'view'",
             "SELECT viewname FROM pg_views WHERE schemaname = 'public'"),
            ("trigger", "SELECT name FROM sqlite_master WHERE type = 'trigger'", "SELECT tgname FROM pg_trigger"),
        ):  # fmt: skip
            here, there = ({name for (name,) in db.execute(sql)} for db, sql in ((file, sqlite), (server, postgres)))  # type: ignore[attr-defined]
            assert here <= there, kind
            assert here, kind


def test_people_read_the_same_in_both(stores: list[Store], tmp_path: Path, postgres_url: str) -> None:
    for store in stores:
        posting(store)
    with closing(sqlite3.connect(tmp_path / "balances.db")) as file, psycopg.connect(postgres_url) as server:
        for view in ("results", "left_out", "log"):
            read = [[tuple(row) for row in db.execute(f"SELECT * FROM {view}")] for db in (file, server)]  # type: ignore[attr-defined]
            assert read[0] == read[1], view
        amounts = [row[0] for row in file.execute("SELECT amount FROM results")]
        assert amounts == ["0.05", "-0.07", "12.05", "0.90", "0.03", "-0.01", "0.08"]
