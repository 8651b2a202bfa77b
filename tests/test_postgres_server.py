"""The PostgreSQL of the tests: it is real, it goes away and comes back, and nothing of it is left."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
from postgres_server import PostgresServer, database


def test_each_test_has_a_database_of_its_own(postgres: PostgresServer) -> None:
    with database(postgres) as one, database(postgres) as other:
        with psycopg.connect(one) as connection:
            connection.execute("CREATE TABLE here (id INTEGER)")
        with psycopg.connect(other) as connection, pytest.raises(psycopg.errors.UndefinedTable):
            connection.execute("SELECT * FROM here")


def test_what_was_committed_is_there_after_the_server_went_away(postgres: PostgresServer, postgres_url: str) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("CREATE TABLE here AS SELECT 7 AS number")
        postgres.stop()
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(postgres_url)
    postgres.start()
    with psycopg.connect(postgres_url) as connection:
        assert connection.execute("SELECT number FROM here").fetchall() == [(7,)]


def test_nobody_comes_in_without_the_password(postgres: PostgresServer) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(postgres.url(password="guessed"))


BEGUN = """
import sys, time
from postgres_server import PostgresServer
server = PostgresServer()
print(server.folder, server.port, flush=True)
time.sleep(60)
"""


def test_nothing_is_left_of_it_where_its_process_is_killed() -> None:
    command = [sys.executable, "-c", BEGUN]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parent) as begun:
        assert begun.stdout is not None
        folder, port = begun.stdout.readline().split()
        assert Path(folder, "data", "postmaster.pid").exists()
        begun.send_signal(signal.SIGKILL)
    end = time.monotonic() + 20
    while Path(folder).exists() and time.monotonic() < end:
        time.sleep(0.05)
    assert not Path(folder).exists()
    with pytest.raises(psycopg.OperationalError, match="refused"):
        psycopg.connect(f"postgresql://postgres:any@127.0.0.1:{port}/postgres")
