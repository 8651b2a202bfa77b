"""The real bot in a process of its own, between a pretend Slack and a pretend Clio: for the demo and the page."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from brought_forward.bot.settings import Timing
from brought_forward.sandbox.clio import ClioSandbox
from brought_forward.sandbox.serving import hold_port
from brought_forward.sandbox.slack import SlackSandbox

PATIENCE = 45.0  # seconds for any one thing to happen
REAL_SETTINGS = ("SLACK_", "CLIO_", "BALANCES_", "PORT")  # of a bot that runs here: none of them may come in


class NotRunning(Exception):  # noqa: N818 - it is told to the person, nobody handles it
    """Say what did not happen."""


@contextmanager
def ending_well() -> Iterator[None]:
    """End on SIGTERM as on Ctrl-C, so that no process or folder is left behind."""
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


class BotProcess:
    """The bot as a person would start it, given nothing but addresses, tokens, approvers, a time zone and times."""

    def __init__(
        self, db: Path, log: Path, slack: SlackSandbox, clio: ClioSandbox, timing: Timing, *, zone: str
    ) -> None:
        self.db, self.log, self.port = db, log, hold_port(self)
        self._process: subprocess.Popen[bytes] | None = None
        slack.events_url = f"http://127.0.0.1:{self.port}/slack/events"
        others = {name: value for name, value in os.environ.items() if not name.startswith(REAL_SETTINGS)}
        self._environment = others | {
            "SLACK_API_URL": slack.api_url,
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_SIGNING_SECRET": slack.signing_secret,
            "CLIO_REGION": "us",
            "CLIO_API_URL": clio.url,
            "CLIO_ACCESS_TOKEN": clio.token or "",
            "BALANCES_DB": str(db),
            "BALANCES_APPROVERS": f"{slack.manager.id},{slack.partner.id}",
            "BALANCES_TIMEZONE": zone,
            "BALANCES_TIMING": timing.model_dump_json(),
            "PORT": str(self.port),
            "NO_PROXY": "127.0.0.1",
            "no_proxy": "127.0.0.1",
        }

    @property
    def is_running(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it and wait until it listens. Raises NotRunning where it does not."""
        with self.log.open("ab") as out:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "brought_forward.bot", "serve"],
                env=self._environment,
                cwd=self.db.parent,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
            )
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            self.check()
            with socket.socket() as knock:
                if knock.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise NotRunning("The bot did not begin to listen.")

    def check(self) -> None:
        """Raise NotRunning where it is not running."""
        if not self.is_running:
            raise NotRunning(f"The bot ended by itself ({self._process and self._process.returncode}).")

    def kill(self) -> None:
        """Send SIGKILL: the process has no time for a last word."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def stop(self) -> None:
        """End it, gently at first."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self.kill()

    def tail(self, lines: int = 12) -> list[str]:
        """Read the last lines of its log."""
        if not self.log.exists():
            return []
        with self.log.open("rb") as log:
            log.seek(max(self.log.stat().st_size - 200 * lines, 0))
            return log.read().decode(errors="replace").splitlines()[-lines:]
