"""A file taken over into PostgreSQL: everything is there and equal, the bot goes on there, and never on both."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from fix_form import matter, more, opened
from postgres_server import PostgresServer, database
from raw import raw, without_triggers
from sign_in import TO_CONNECT, sign_in
from typer.testing import CliRunner
from world import KEY, World, environment

from brought_forward.bot.cli.doctor.machine import machine_lines
from brought_forward.bot.cli.doctor.trace import Trace, TraceFile
from brought_forward.bot.cli.main import cli
from brought_forward.bot.errors import SettingsError, StorageError
from brought_forward.sandbox.clio import sample_firm
from brought_forward.sandbox.slack.workspace import TEAM
from brought_forward.storage.place import PostgresUrl
from brought_forward.storage.records.batch import BatchStatus
from brought_forward.storage.records.connection import Source, Tokens
from brought_forward.storage.records.duty import DutyKind
from brought_forward.storage.records.entry import EntryState
from brought_forward.storage.serve_lock import serve_lock
from brought_forward.storage.store import Store

pytestmark = pytest.mark.file  # it is what moves

NOBODY = "99999-Nobody"
TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\' ORDER BY name"


def run(file: Path, *arguments: str, keys: str = "") -> tuple[int, str]:
    """Type `brought-forward move`; returns how it ended, and all that it said."""
    found = CliRunner().invoke(cli, ["move", *arguments, "--db", str(file)], env={"BALANCES_KEYS": keys})
    wrong = found.exception
    if wrong is not None and not isinstance(wrong, SettingsError | StorageError | SystemExit):
        raise wrong
    return found.exit_code, found.output + (str(wrong) if wrong else "")


def rows(place: Any, sql: str) -> list[tuple[Any, ...]]:
    with raw(place) as db:
        return [tuple(row) for row in db.execute(sql).fetchall()]


def everything(place: Any, names: list[str]) -> dict[str, list[str]]:
    """Read every table, as somebody does who passes the bot by."""
    found = {}
    for name in names:
        columns = [column for (column,) in rows(place, COLUMNS[isinstance(place, PostgresUrl)].format(name))]
        listed = ", ".join(f'"{column}"' for column in sorted(columns))
        found[name] = sorted(repr(row) for row in rows(place, f"SELECT {listed} FROM {name}"))
    return found


COLUMNS = {
    False: "SELECT name FROM pragma_table_info('{}')",
    True: "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = '{}'",
}


def is_empty(url: str) -> bool:
    """Tell whether no table of a database has a row, but what names its version."""
    found = rows(PostgresUrl(url), "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    names = [name for (name,) in found if name != "schema_step"]
    return not any(rows(PostgresUrl(url), f"SELECT 1 FROM {name} LIMIT 1") for name in names)


@pytest.fixture
def journey(tmp_path: Path, postgres_url: str) -> Iterator[World]:
    """A firm that is connected by a sealed sign-in, and whose bot was stopped in the midst of its work.

    The database that it moves to outlives whatever serves it.
    """
    world = World(tmp_path, sample_firm(), **TO_CONNECT)
    world.clio.token = None
    with closing(Store(world.db)) as store:
        sign_in(world, store)
    try:
        live(world.start())
        world.stop()
        yield world
        assert world.contract.violations == []
    finally:
        world.close()


def live(world: World) -> None:
    """Post a batch, post and undo another, and leave a third, put right by hand, waiting with its workbooks owed."""
    world.finish(world.begin(world.sheet(3), name="first.csv"))
    second = world.begin(world.sheet(5)[3:], name="second.csv")
    world.finish(second)
    world.click(world.slack.manager, "Undo")
    world.wait_for_status(BatchStatus.UNDONE, second)
    world.preview([*world.sheet(8)[5:7], [NOBODY, "", "500.00", "Invoice 77"]], name="third.csv")
    minute = world.settings().balances_timing.model_copy(update={"first_pause": 60.0})
    world.restart(balances_timing=minute)
    world.slack.faults.add("files.getUploadURLExternal", "file_uploads_disabled", times=None)
    typed = {"balances_matter-4": matter(world, 7), "Row 4: amount": "1,070.25"}
    world.slack.submit(world.slack.staff, more(world, opened(world), 4), typed)

    def waits() -> bool:
        batch = world.batch(3)
        return batch.revision == 2 and batch.status is BatchStatus.PREVIEWED and "$1,317.26" in world.text()

    world.slack.wait_for(waits)
    world.slack.wait_for(lambda: [one for one in world.slack.calls if one.error == "file_uploads_disabled"])


def key_of(world: World) -> str:
    return ",".join(Path(f"{world.db}.key").read_text().split())


def go_on(world: World, server: PostgresServer, url: str, **more: Any) -> None:
    """Start the bot on PostgreSQL, as the command says."""
    world.server, world.place = server, PostgresUrl(url)
    world.start(balances_keys=key_of(world), **more)


def test_everything_is_moved_and_equal_and_the_bot_goes_on_in_postgresql(
    journey: World, postgres: PostgresServer, postgres_url: str
) -> None:
    world, url = journey, PostgresUrl(postgres_url)
    names = [name for (name,) in rows(world.db, TABLES) if name not in {"duty", "purpose"}]
    before = everything(world.db, names)
    full = {name for name, found in before.items() if found}
    assert full >= {
        "alias",
        "attempt",
        "audit",
        "audit_words",
        "clio_connection",
        "correction",
        "decision",
        "kept_file",
    }
    assert full >= {"batch", "entry", "firm", "line", "matter", "message", "pace", "reversal", "seen_event"}
    assert rows(world.db, "SELECT 1 FROM message WHERE attach IS NOT NULL AND shown < wanted") != []

    code, said = run(world.db, "--to", postgres_url, keys=key_of(world))
    assert code == 0, said
    assert everything(world.db, names) == before
    after = everything(url, names)
    links = rows(url, "SELECT facts FROM audit WHERE kind = 'move'")
    assert len(links) == 1
    for name in ("audit", "audit_words"):
        (link,) = set(after[name]) - set(before[name])
        after[name].remove(link)
    assert after == before

    assert "\nentry: 8 rows, equal; sums on both sides: amount_cents 1,934.61\n" in said
    assert f"rows of {len(names) + 1} tables were compared, and are equal." in said
    assert f"{TEAM}: all {len(before['audit'])} links of the audit log hold there" in said
    assert "Next: set BALANCES_DB to the URL of" in said
    assert url.password not in said

    world.slack.faults.clear()
    go_on(world, postgres, postgres_url)
    world.slack.wait_for(lambda: not world.store.messages.owed())
    world.click(world.slack.manager, "Approve")
    world.finish(3)
    assert world.states(3) == [EntryState.POSTED] * 3
    assert "equal to the cent" in world.text()
    assert sum(one.total for one in world.clio.time_entries) == Decimal("370.38") + Decimal("1317.26")
    world.click(world.slack.manager, "Undo", world.message("closing-1", 1))
    world.wait_for_status(BatchStatus.UNDONE, 1)
    assert world.states(1) == [EntryState.UNDONE] * 3
    assert len(world.clio.time_entries) == 3
    world.assert_truth(3)
    world.preview(world.sheet(10)[8:], name="fourth.csv")
    assert world.newest().id == 4
    assert world.store.audit.verify(TEAM).broken is None


# Never on both


def test_no_bot_starts_on_a_file_that_was_moved_until_somebody_takes_the_mark_away(
    journey: World, postgres_url: str
) -> None:
    world, plain = journey, str(PostgresUrl(postgres_url))
    assert run(world.db, "--to", postgres_url, keys=key_of(world))[0] == 0
    with pytest.raises(SettingsError, match="was moved to") as refused:
        world.start()
    world.stop()
    assert plain in str(refused.value)
    assert PostgresUrl(postgres_url).password not in str(refused.value)
    (database, *_) = machine_lines(world.settings())
    assert (database.said, database.todo) == (
        f"{world.db} was moved to {plain}, and no bot starts on it",
        "Let BALANCES_DB name that database.",
    )
    cent = CliRunner().invoke(cli, ["doctor", "--probe", "1", "--yes"], env=typed(environment(world, 3000)))
    assert "was moved to" in str(cent.exception)
    code, said = run(world.db, "--again")
    assert code == 0
    assert said.startswith(f"{world.db} may be served again. What a bot on {plain} has posted")
    world.start()
    assert world.store.audit.verify(TEAM).broken is None
    (link,) = [one for one in world.store.audit.links(TEAM) if one.kind == "move"]
    assert link.facts == {"does": "again"}


def typed(environment: dict[str, str]) -> dict[str, str]:
    """Of a process's environment, what is the bot's."""
    return {name: value for name, value in environment.items() if name.startswith(("SLACK_", "CLIO_", "BALANCES_"))}


def test_a_mark_is_taken_away_only_where_there_is_one(file: Path) -> None:
    assert run(file, "--again") == (1, f"{file} was not moved, so a bot may start on it.")


# What differs, and what is cut off


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file with a few rows, and no bot."""
    made = tmp_path / "balances.db"
    with closing(Store(made)) as store:
        store.settle_purpose(practice=False)
        store.firms.know(TEAM)
        for firm in (TEAM, "T0OTHER"):
            store.audit.add(firm, "export", facts={"links": 0, "words": False}, words={"account": "root"})
        with store.transaction() as db:
            for place in range(3):
                db.execute(
                    "INSERT INTO wish (firm, said, kind, person, author, file_id, file_name, bytes, made_at,"
                    " typed_cents) VALUES (?, ?, 'form', 'U1', 'U1', 'F1', ?, ?, '2026-11-23', ?)",
                    (TEAM, f"s{place}", "naïve\t\\N\n.csv", bytes(range(256)), 10**15 + place),
                )
    return made


@pytest.fixture
def tables(postgres_url: str) -> str:
    """A database that has our tables, and no rows."""
    Store(PostgresUrl(postgres_url), [KEY]).close()
    return postgres_url


def let(url: str, when: str, does: str) -> None:
    """Let the server itself do something with the rows that come."""
    with raw(PostgresUrl(url)) as db:
        db.execute(f"CREATE FUNCTION meddle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {does} END $$")
        kind = "CONSTRAINT TRIGGER" if "DEFERRED" in when else "TRIGGER"
        db.execute(f"CREATE {kind} meddles {when} FOR EACH ROW EXECUTE FUNCTION meddle()")


def leave(url: str) -> None:
    with raw(PostgresUrl(url)) as db:
        db.execute("DROP FUNCTION meddle CASCADE")


def marks(file: Path) -> list[tuple[Any, ...]]:
    return rows(file, "SELECT moved_to FROM purpose")


def test_what_no_text_nor_number_shows_at_once_is_the_same_there(file: Path, postgres_url: str) -> None:
    code, said = run(file, "--to", postgres_url)
    assert code == 0
    assert "wish: 3 rows, equal; sums on both sides: typed_cents 30,000,000,000,000.03" in said
    for firm in (TEAM, "T0OTHER"):
        assert f"{firm}: all 1 link of the audit log hold there; the next one says that it was moved." in said
        with closing(Store(PostgresUrl(postgres_url), [KEY])) as store:
            assert (store.audit.verify(firm).links, store.audit.verify(firm).broken) == (2, None)
    wished = "SELECT id, file_name, bytes, typed_cents FROM wish ORDER BY id"
    assert rows(PostgresUrl(postgres_url), wished) == rows(file, wished)
    with raw(PostgresUrl(postgres_url)) as db:
        db.execute("INSERT INTO wish (firm, said, kind, person, author, file_id, file_name, made_at)"
                   " VALUES ('T', 's', 'form', 'U', 'U', 'F', '', '')")  # fmt: skip
    assert rows(PostgresUrl(postgres_url), "SELECT max(id) FROM wish") == [(4,)]
    assert "and BALANCES_KEYS to a key (`brought-forward rotate-key --print`)" in said


# What the server does by itself with the rows that come, and what is said of that.
KEPT_OTHERWISE = [
    ("BEFORE INSERT ON wish", "NEW.typed_cents := NEW.typed_cents + 1; RETURN NEW;",
     "wish id=1 differs in typed_cents; wish id=2 differs in typed_cents; wish id=3 differs in typed_cents."),
    ("BEFORE INSERT ON wish", "NEW.file_name := rtrim(NEW.file_name, 'v'); RETURN NEW;",
     "wish id=1 differs in file_name"),
    ("BEFORE INSERT ON wish", "IF NEW.id = 2 THEN RETURN NULL; END IF; RETURN NEW;",
     "wish id=2 is in the file and not on the server."),
    ("AFTER INSERT ON audit", "INSERT INTO legal_hold VALUES (NEW.firm, '', '', ''); RETURN NEW;",
     "legal_hold firm=T0OTHER is on the server and not in the file; legal_hold"),
    ("BEFORE INSERT ON audit", "NEW.hash := 'x'; RETURN NEW;", "audit firm=T0OTHER, number=1 differs in hash; audit"),
]  # fmt: skip


@pytest.mark.parametrize(("when", "does", "told"), KEPT_OTHERWISE)
def test_what_the_server_keeps_otherwise_is_found_and_nothing_stays(
    file: Path, tables: str, when: str, does: str, told: str
) -> None:
    let(tables, when, does)
    code, said = run(file, "--to", tables)
    assert code != 0
    assert f"{file} was not moved, since the two differ: {told}" in said
    assert f"Nothing of it is on {PostgresUrl(tables)}" in said
    assert is_empty(tables)
    assert marks(file) == [(None,)]
    leave(tables)
    assert run(file, "--to", tables)[0] == 0


def test_an_audit_log_that_does_not_hold_is_not_moved(file: Path, postgres_url: str) -> None:
    with raw(file) as db:
        without_triggers(db)
        db.execute("UPDATE audit SET actor = 'U0THIEF'")
    code, said = run(file, "--to", postgres_url)
    assert code != 0
    assert f"the audit log of {TEAM} does not hold: link 1 was changed" in said
    assert is_empty(postgres_url)
    assert marks(file) == [(None,)]


def test_killed_in_the_midst_nothing_is_there_and_it_is_run_again(file: Path, tables: str, quiet: World) -> None:
    let(tables, "BEFORE INSERT ON wish", "PERFORM pg_advisory_xact_lock(42); RETURN NEW;")
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'COPY wish%' AND wait_event_type = 'Lock'"
    copying = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'COPY wish%' AND state <> 'idle'"
    command = [sys.executable, "-m", "brought_forward.bot", "move", "--to", tables, "--db", str(file)]
    with raw(PostgresUrl(tables)) as gate:
        gate.execute("SELECT pg_advisory_lock(42)")
        with subprocess.Popen(command, stdin=subprocess.DEVNULL) as process:
            quiet.slack.wait_for(lambda: rows(PostgresUrl(tables), waiting) == [(1,)], timeout=40)
            process.kill()
    quiet.slack.wait_for(lambda: rows(PostgresUrl(tables), copying) == [(0,)], timeout=40)
    assert is_empty(tables)
    assert marks(file) == [(None,)]
    leave(tables)
    assert run(file, "--to", tables)[0] == 0


def test_cut_off_while_the_server_commits_no_bot_starts_on_the_file_and_it_is_run_again(
    file: Path, tables: str, quiet: World
) -> None:
    let(tables, "AFTER INSERT ON firm DEFERRABLE INITIALLY DEFERRED", "RAISE EXCEPTION 'the disk is full';")
    code, said = run(file, "--to", tables)
    assert code != 0
    assert "the disk is full. Run it again once that is right" in said
    assert is_empty(tables)
    with pytest.raises(SettingsError, match="was moved to"):
        quiet.start()
    quiet.stop()
    leave(tables)
    assert run(file, "--to", tables)[0] == 0
    assert rows(PostgresUrl(tables), "SELECT practice, moved_to FROM purpose") == [(0, None)]


# What is refused


def refused(file: Path, *arguments: str, keys: str = "") -> str:
    """Run what is refused in a sentence; the file is as it was, mark and all."""
    before = marks(file) if file.is_file() and file.stat().st_size else None
    code, said = run(file, *arguments, keys=keys)
    assert code != 0
    assert before is None or marks(file) == before
    return said


def test_a_file_that_a_bot_serves_is_not_moved(world: World, postgres_url: str) -> None:
    said = refused(world.db, "--to", postgres_url)
    assert said == f"A bot runs on {world.db}, or another command works on it. Stop it first; nothing of it is lost."
    assert rows(PostgresUrl(postgres_url), "SELECT 1 FROM pg_tables WHERE schemaname = 'public'") == []


def test_a_database_that_is_served_is_not_filled(file: Path, tables: str) -> None:
    lock = serve_lock(PostgresUrl(tables), lease=30)
    lock.acquire()
    try:
        said = refused(file, "--to", tables)
    finally:
        lock.release()
    assert said.startswith(f"A bot runs on {PostgresUrl(tables)}, or another command works on it.")
    assert is_empty(tables)


def test_a_database_that_has_rows_is_not_filled(file: Path, tables: str) -> None:
    with closing(Store(PostgresUrl(tables), [KEY])) as store:
        store.firms.know("T0OTHER")
        store.duties.begin(DutyKind.HOME, "T0OTHER", token="token", after=None)
    assert "is not empty: duty, firm have rows. Name an empty database" in refused(file, "--to", tables)
    assert rows(PostgresUrl(tables), "SELECT id FROM firm") == [("T0OTHER",)]


def test_a_file_is_moved_once(file: Path, tables: str, postgres: PostgresServer) -> None:
    assert run(file, "--to", tables)[0] == 0
    said = refused(file, "--to", tables)
    assert said == f"{file} was moved to {PostgresUrl(tables)} already. Set BALANCES_DB to its URL and start the bot."
    with database(postgres) as other:
        said = refused(file, "--to", other)
        assert f"{file} was moved to {PostgresUrl(tables)} already." in said
        assert run(file, "--again")[0] == 0
        assert run(file, "--to", other)[0] == 0


@pytest.mark.parametrize(
    ("to", "told"),
    [
        ("other.db", "other.db is no PostgreSQL. Name an empty database with --to"),
        ("postgresql://db.firm.test", "--to: a URL of PostgreSQL names a database"),
        ("postgresql://bot:hidden@127.0.0.1:9/books", "postgresql://bot@127.0.0.1:9/books cannot be reached"),
    ],
)
def test_what_is_no_server_is_a_sentence(file: Path, to: str, told: str) -> None:
    said = refused(file, "--to", to)
    assert told in said
    assert "BALANCES_DB" not in said
    assert "hidden" not in said


def test_only_whoever_owns_the_tables_fills_them(file: Path, tables: str, postgres: PostgresServer) -> None:
    name = PostgresUrl(tables).database
    postgres.execute(f"CREATE ROLE guest_{name} LOGIN PASSWORD 'guest'")
    postgres.execute(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO guest_{name}", name)
    said = refused(file, "--to", postgres.url(name, user=f"guest_{name}", password="guest"))
    assert f"The role guest_{name} does not own the bot's tables in {name}" in said
    postgres.execute(f"DROP OWNED BY guest_{name}; DROP ROLE guest_{name}", name)
    assert is_empty(tables)


def test_a_database_of_another_version_is_not_filled(file: Path, tables: str) -> None:
    with raw(PostgresUrl(tables)) as db:
        db.execute("UPDATE schema_step SET name = 'tables of old'")
    assert f"{PostgresUrl(tables)}: The database is of another version" in refused(file, "--to", tables)


def test_what_is_no_file_of_todays_bot_is_a_sentence(file: Path, tmp_path: Path, tables: str) -> None:
    assert "is not there. Name the bot's file" in refused(tmp_path / "none.db", "--to", tables)
    assert not (tmp_path / "none.db").exists()
    with raw(file) as db:
        db.execute("UPDATE purpose SET practice = 1")
    assert "was used in practice, which stays with a file" in refused(file, "--to", tables)
    with raw(file) as db:
        db.execute("UPDATE _sqlite_migrations SET name = 'tables of old'")
    assert f"{file}: The database is of another version" in refused(file, "--to", tables)
    file.write_bytes(b"Matter,Balance\n" * 1000)
    for ending in ("-wal", "-shm"):
        Path(f"{file}{ending}").unlink(missing_ok=True)
    code, said = run(file, "--to", tables)
    assert code != 0
    assert f"{file} cannot be used: file is not a database. Nothing of it is on" in said
    assert is_empty(tables)


def test_a_file_is_damaged_where_rows_belong_to_none(file: Path, postgres_url: str) -> None:
    with raw(file) as db:
        db.execute("UPDATE wish SET batch = 77")
    assert f"{file} is damaged: rows of it belong to rows that are not there" in refused(file, "--to", postgres_url)


def test_postgresql_is_not_moved(tables: str) -> None:
    found = CliRunner().invoke(cli, ["move", "--to", tables, "--db", tables])
    assert str(found.exception).startswith(f"{PostgresUrl(tables)} is PostgreSQL already.")
    for arguments in ([], ["--to", tables, "--again"]):
        assert "Name one of both" in str(CliRunner().invoke(cli, ["move", *arguments]).exception)


def test_a_test_of_one_cent_that_was_cut_off_is_looked_for_first(file: Path, postgres_url: str) -> None:
    trace = Trace("us:1", "00001-Smith", 1, 1, "2026-11-23", "note", sent_at=1.0)
    TraceFile(file).keep(trace)
    assert "Run `brought-forward doctor --probe 00001-Smith` first" in refused(file, "--to", postgres_url)


def test_what_a_key_file_sealed_is_moved_with_its_key_in_the_environment_alone(file: Path, postgres_url: str) -> None:
    key_file = Path(f"{file}.key")
    with closing(Store(file)) as store:
        store.connections.sign_in(TEAM, region="us", account="us:1", user_id=1, user_name="Don",
                                  tokens=Tokens("access", "refresh", 60.0))  # fmt: skip
    key = key_file.read_text().strip()
    for given in ("", KEY):
        said = refused(file, "--to", postgres_url, keys=given)
        assert f"that stands in {key_file}, and beside PostgreSQL keys come from BALANCES_KEYS alone." in said
        assert f"Set BALANCES_KEYS to what {key_file} holds" in said
        assert key not in said
    assert "this is no key" in refused(file, "--to", postgres_url, keys="none")
    key_file.rename(f"{key_file}.away")
    assert f"is neither in BALANCES_KEYS nor in {key_file}" in refused(file, "--to", postgres_url, keys=KEY)
    code, said = run(file, "--to", postgres_url, keys=f"{KEY}, {key}")
    assert code == 0
    assert "and keep BALANCES_KEYS as it is, then start the bot" in said
    with closing(Store(PostgresUrl(postgres_url), [KEY, key])) as store:
        signed_in = store.connections.of(TEAM, Source.CONNECT)
        assert signed_in is not None
        tokens = store.connections.tokens(signed_in.id)
        assert tokens is not None
        assert tokens.access == "access"
