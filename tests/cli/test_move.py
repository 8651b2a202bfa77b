"""A file taken over into PostgreSQL: everything is there and equal, the bot goes on there, and never on both."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest
from fix_form import matter, more, opened, previewed
from postgres_server import PostgresServer
from raw import raw
from sign_in import TO_CONNECT, sign_in
from typer.testing import CliRunner
from world import KEY, World

from brought_forward.bot.cli.doctor.machine import machine_lines
from brought_forward.bot.cli.main import cli
from brought_forward.bot.errors import SettingsError, StorageError
from brought_forward.sandbox.clio import sample_firm
from brought_forward.sandbox.slack.workspace import TEAM
from brought_forward.storage.place import PostgresUrl
from brought_forward.storage.records.batch import BatchStatus
from brought_forward.storage.records.entry import EntryState
from brought_forward.storage.serve_lock import lock_of_one, serve_lock
from brought_forward.storage.store import Store

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
