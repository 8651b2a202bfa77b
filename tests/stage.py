"""The page on its stage: a pretend Slack and Clio, the bot in a process of its own, and the page's server."""

import contextlib
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

from world import FAST, environment, spawn

from brought_forward.bot.settings import Timing
from brought_forward.sandbox.clio import ClioSandbox, Firm
from brought_forward.sandbox.page import PageServer, make_page
from brought_forward.sandbox.slack import SlackSandbox


class Stage:
    """Everything that stands behind the page; `start_bot` and `kill_bot` as often as you like."""

    def __init__(self, folder: Path, *, firm: Firm | None = None, timing: Timing = FAST, port: int = 0) -> None:
        self.db, self.log = folder / "balances.db", folder / "bot.log"
        self.slack = SlackSandbox()
        self.clio = ClioSandbox(firm or Firm.sample(), limit=0)
        self.slack.rules.retry_pauses = (0.1, 0.5, 1.0)
        self.timing = timing
        self.slack.start()
        self.clio.start()
        self.page = PageServer(make_page(self.slack, self.clio, None), port).start()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.slack.events_url = f"http://127.0.0.1:{self.port}/slack/events"
        self._bot: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return self.page.url

    def start_bot(self) -> None:
        """Start `serve` as a person would, and wait until it listens."""
        world: Any = self
        self._bot = spawn(environment(world, self.port, self.timing), self.log)
        end = time.monotonic() + 40
        while time.monotonic() < end and self._bot.poll() is None:
            with socket.socket() as knock:
                if knock.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            self.slack.workspace.wait(self.slack.workspace.version, 0.05)
        raise AssertionError(f"The bot does not listen:\n{self.log.read_text()[-2000:]}")

    def kill_bot(self) -> None:
        """Send SIGKILL."""
        if self._bot is not None:
            self._bot.kill()
            self._bot.wait()

    def close(self) -> None:
        if self._bot is not None and self._bot.poll() is None:
            self._bot.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._bot.wait(5)
            self.kill_bot()
        self.page.stop()
        self.slack.stop()
        self.clio.stop()
