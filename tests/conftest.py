import logging
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from slack_parts import Bot
from slack_sdk import WebClient
from spill import Listening
from world import World

from brought_forward.sandbox.clio import sample_firm
from brought_forward.sandbox.slack import SlackSandbox

pytest_plugins = ["connections", "heard_statements", "many", "on_postgres", "visitor"]

LISTENING = Listening()
logging.getLogger("brought_forward.bot").setLevel(logging.INFO)

settings.register_profile("untimed", deadline=None)  # a busy machine is no fault: what is slow, the benches show
settings.load_profile("untimed")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--pictures", action="store_true", help="let the page's tests write docs/pictures anew")
    parser.addoption("--histories", type=int, default=3, help="how many histories test_histories.py goes through")


# They start processes, and take up to a minute.
LONG = re.compile(r"tests/(proofs/|test_figures|cli/test_(trying|demo))")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let each worker begin with its share of the long tests: left to the end, a few would go on while others idle."""
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    long = [one for one in items if LONG.search(one.path.as_posix())]
    rest = [one for one in items if not LONG.search(one.path.as_posix())]
    shares, left = [], len(items)
    for number in range(workers):  # each gets as many, in this order
        share = long[number::workers]
        size = left // (workers - number) - len(share)
        shares += [*share, *rest[:size]]
        rest = rest[size:]
        left -= size + len(share)
    items[:] = [*shares, *rest]


@pytest.fixture(autouse=True)
def listening() -> Iterator[None]:
    """Hear what each test logs, and take away by what a command line within it logged: its stream ends with it."""
    root = logging.getLogger()
    level, before = root.level, {LISTENING, *root.handlers}
    root.addHandler(LISTENING)
    yield
    root.setLevel(level)
    for handler in set(root.handlers) - before:
        if not type(handler).__module__.startswith("_pytest"):
            root.removeHandler(handler)


@pytest.fixture(scope="session")
def histories(request: pytest.FixtureRequest) -> int:
    """How many histories to go through."""
    return int(request.config.getoption("--histories"))


@pytest.fixture
def quiet(tmp_path: Path) -> Iterator[World]:
    """A Slack and a Clio, and no bot; every exchange with Clio is checked against its contract."""
    made = World(tmp_path, sample_firm())
    try:
        yield made
        assert made.contract.violations == []
    finally:
        made.close()


@pytest.fixture
def world(quiet: World) -> World:
    """Slack, Clio and a running bot."""
    return quiet.start()


@pytest.fixture
def slack() -> Iterator[SlackSandbox]:
    """A pretend Slack without a bot."""
    with SlackSandbox() as sandbox:
        yield sandbox


@pytest.fixture
def client(slack: SlackSandbox) -> WebClient:
    """The Web API of that Slack."""
    return WebClient(token=slack.bot_token, base_url=slack.api_url, retry_handlers=[])


@pytest.fixture
def bot(slack: SlackSandbox) -> Iterator[Bot]:
    """A bare request URL behind that Slack."""
    bot = Bot()
    bot.server.start()
    slack.events_url = f"{bot.server.url}/slack/events"
    yield bot
    slack.events_url = None
    slack.stop()
    bot.server.stop()
