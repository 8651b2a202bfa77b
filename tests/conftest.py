from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from slack_parts import Bot
from slack_sdk import WebClient
from world import World

from brought_forward.sandbox.clio import sample_firm
from brought_forward.sandbox.slack import SlackSandbox

pytest_plugins = ["connections", "visitor"]

settings.register_profile("untimed", deadline=None)  # a busy machine is no fault: what is slow, the benches show
settings.load_profile("untimed")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--pictures", action="store_true", help="let the page's tests write docs/pictures anew")
    parser.addoption("--histories", type=int, default=3, help="how many histories test_histories.py goes through")


@pytest.fixture(scope="session")
def histories(request: pytest.FixtureRequest) -> int:
    """How many histories to go through."""
    return int(request.config.getoption("--histories"))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Slack, Clio and a running bot; every exchange with Clio is checked against its contract."""
    made = World(tmp_path, sample_firm())
    try:
        yield made.start()
        assert made.contract.violations == []
    finally:
        made.close()


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
