"""The command line with a PostgreSQL database: what works, and what says why not."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from postgres_server import PostgresServer
from raw import raw
from typer.testing import CliRunner
from world import World

from brought_forward.bot.cli.doctor.machine import machine_lines
from brought_forward.bot.cli.main import _take_secrets, cli
from brought_forward.bot.errors import SettingsError
from brought_forward.bot.settings import Settings
from brought_forward.sandbox.clio import sample_firm
from brought_forward.storage.place import PostgresUrl


@pytest.fixture
def quiet(tmp_path: Path, postgres: PostgresServer) -> Iterator[World]:
    made = World(tmp_path, sample_firm(), server=postgres)
    yield made
    made.close()


def url(world: World) -> str:
    assert isinstance(world.place, PostgresUrl)
    return world.place.secret


def run(world: World, *arguments: str) -> tuple[int, str]:
    found = CliRunner().invoke(cli, [*arguments, "--db", url(world)])
    return found.exit_code, found.output + (str(found.exception) if found.exception else "")


def machine(world: World) -> dict[str, tuple[str, str]]:
    return {one.what: (one.said, one.todo) for one in machine_lines(world.settings())}


def test_what_reads_and_keeps_the_books_works_beside_a_running_bot(quiet: World) -> None:
    world = quiet.start()
    world.begin(world.sheet(2))
    world.finish()
    assert "all" in run(world, "verify")[1]
    assert '"kind":"upload"' in run(world, "audit", "export")[1].replace(" ", "")
    assert run(world, "hold", "--batch", "B1")[0] == 0
    assert run(world, "release", "--batch", "B1")[0] == 0
    assert "B1" in run(world, "purge", "--batch", "B1", "--yes")[1]
    with raw(world.place) as db:
        assert db.execute("SELECT count(*) FROM batch WHERE purged_at IS NOT NULL").fetchone() == (1,)


@pytest.mark.parametrize(("command", "instead"), [("backup", "pg_dump"), ("restore", "pg_restore")])
def test_copies_are_postgresqls_own(quiet: World, tmp_path: Path, command: str, instead: str) -> None:
    code, said = run(quiet, command, str(tmp_path / "copy.db"))
    assert code != 0
    assert instead in said
    assert url(quiet) not in said
    assert not (tmp_path / "copy.db").exists()


def test_a_database_without_our_tables_is_not_there_and_none_are_made(quiet: World, postgres_url: str) -> None:
    found = CliRunner().invoke(cli, ["verify", "--db", postgres_url])
    assert "is not there" in str(found.exception)
    with raw(PostgresUrl(postgres_url)) as db:
        assert db.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (0,)


def test_the_doctor_looks_at_it_and_at_who_serves_it(quiet: World) -> None:
    said = machine(quiet)
    assert said["Database"][0] == f"{quiet.place} was not used yet: the first start makes its tables"
    assert "Start it" in said["Does a bot run on this database?"][1]
    quiet.start()
    said = machine(quiet)
    assert said["Database"] == (f"{quiet.place} is sound", "")
    assert said["Does a bot run on this database?"] == ("yes", "")
    with raw(quiet.place) as db:
        db.execute("UPDATE schema_step SET name = 'tables of old'")
    assert "of another version" in machine(quiet)["Database"][0]


def test_the_doctor_says_that_it_does_not_answer(quiet: World) -> None:
    settings = quiet.settings(balances_db="postgresql://bot:hidden@127.0.0.1:9/balances")
    (database, *_) = machine_lines(settings)
    assert "postgresql://bot@127.0.0.1:9/balances cannot be used" in database.said
    assert "hidden" not in database.said


def test_a_rehearsal_has_a_file_of_its_own(quiet: World) -> None:
    with pytest.raises(ValueError, match="BALANCES_PRACTICE works with a file alone"):
        quiet.settings(balances_practice="1")


def test_its_password_is_a_secret_and_leaves_the_environment(quiet: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BALANCES_DB", "postgresql://bot:hidden@127.0.0.1:9/balances")
    settings: Settings = quiet.settings(balances_db="postgresql://bot:hidden@127.0.0.1:9/balances")
    assert "hidden" in _take_secrets(settings)
    assert "BALANCES_DB" not in os.environ
    assert "hidden" not in repr(settings)


def test_a_url_that_names_no_database_is_a_sentence() -> None:
    found = CliRunner().invoke(cli, ["verify", "--db", "postgresql://db.firm.test"])
    assert isinstance(found.exception, SettingsError)
    assert "names a database" in str(found.exception)
