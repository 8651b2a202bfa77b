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


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "file: is about the file itself, and stays with it under --postgres")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Say where the books of the worlds are that this test makes, or is the first of its module to ask for."""
    Everywhere.asked = bool(item.config.getoption("--postgres")) and item.get_closest_marker("file") is None


def pytest_sessionfinish() -> None:
    Everywhere.close()


@pytest.fixture(scope="session")
def postgres() -> PostgresServer:
    """One PostgreSQL for all tests of a worker, begun by the first of them that asks."""
    return Everywhere.begun()


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> Iterator[str]:
    """The URL of an empty database for one test."""
    with database(postgres) as url:
        yield url


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what asks for a place on both databases; what asks for its path too, on the file alone."""
    given = {name for one in metafunc.definition.iter_markers("parametrize") for name in str(one.args[0]).split(", ")}
    if "place" in metafunc.fixturenames and "place" not in given:  # a test's own place is another thing
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
