"""Tests on PostgreSQL: a server that is begun by the first that asks, and `--postgres` for all of them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from postgres_server import BOT, Everywhere, PostgresServer, database, lent
from world import KEY

from brought_forward.storage.place import Place, PostgresUrl
from brought_forward.storage.store import Store


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--postgres", action="store_true", help="keep every world's books in PostgreSQL")


@pytest.fixture(scope="session", autouse=True)
def everywhere(request: pytest.FixtureRequest) -> None:
    """Let each world open its books in PostgreSQL where that is asked for."""
    if request.config.getoption("--postgres"):
        Everywhere.server = request.getfixturevalue("postgres")


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """One PostgreSQL for all tests of a worker, begun by the first of them that asks."""
    server = PostgresServer()
    try:
        yield server
    finally:
        server.close()


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> Iterator[str]:
    """The URL of an empty database for one test."""
    with database(postgres) as url:
        yield url


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what asks for a place on both databases; what asks for its path too, on the file alone."""
    if "place" in metafunc.fixturenames:
        kinds = ["sqlite"] if "path" in metafunc.fixturenames else ["sqlite", "postgres"]
        metafunc.parametrize("place", kinds, indirect=True)


@pytest.fixture
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """Where a store is made: a file, then a PostgreSQL database."""
    if request.param == "sqlite":
        yield tmp_path / "balances.db"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    name = server.like("tables", _tables)
    yield PostgresUrl(server.url(name, user=BOT))
    server.drop(name)


def _tables(url: str) -> None:
    Store(PostgresUrl(url), [KEY]).close()
    lent(url)


@pytest.fixture
def path(place: Place) -> Path:
    """The file, for a test of the file alone."""
    assert isinstance(place, Path)
    return place
