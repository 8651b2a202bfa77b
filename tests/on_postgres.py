"""Tests on PostgreSQL: a server that is begun by the first that asks, and `--postgres` for all of them."""

from collections.abc import Iterator

import pytest
from postgres_server import Everywhere, PostgresServer, database


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
