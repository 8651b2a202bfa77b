from collections.abc import Iterator
from pathlib import Path

import pytest
from world import World

from brought_forward.sandbox.clio import Firm


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Slack, Clio and a running bot; every exchange with Clio is checked against its contract."""
    made = World(tmp_path, Firm.sample())
    try:
        yield made.start()
        assert made.contract.violations == []
    finally:
        made.close()
