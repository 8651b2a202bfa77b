"""The bot in a process of its own, as `brought-forward serve` runs it, beside a world whose own bot is not started."""

import signal
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from postgres_server import PostgresServer
from world import FAST, World, engine_file, environment, spawn

from brought_forward.bot.settings import Timing
from brought_forward.sandbox.clio import sample_firm
from brought_forward.sandbox.serving import hold_port
from brought_forward.storage.store import Store

STARTING = 40.0  # seconds: a process imports pandas first, and the machine may be busy
QUICK = FAST.model_copy(update={"ping": 0.2, "watch": 0.2})


class Alone:
    """A process that comes and goes. In Socket Mode it hears nothing by HTTP."""

    def __init__(
        self,
        folder: Path,
        *,
        socket_mode: bool = True,
        timing: Timing = QUICK,
        options: Sequence[str] = (),
        server: PostgresServer | None = None,
        **more: str,
    ) -> None:
        self.world = World(folder, sample_firm(), server=server)
        self.slack, self.clio = self.world.slack, self.world.clio
        self.options = options
        self.log_file = folder / "bot.log"
        self.port = hold_port(self)
        if self.world.place == self.world.db:
            Path(f"{self.world.db}.engine").write_bytes(engine_file())
        self.slack.rules.socket_mode = socket_mode
        hears = {"SLACK_APP_TOKEN": self.slack.app_token, "SLACK_SIGNING_SECRET": ""} if socket_mode else {}
        self.environment = environment(self.world, self.port, timing) | hears | more
        if not socket_mode:
            self.slack.events_url = f"http://127.0.0.1:{self.port}/slack/events"
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        if self.world.beside is not None:
            self.world.beside.close()
        self.world.close()

    def start(self) -> Self:
        """Start it and wait until it hears Slack."""
        before = self.slack.sockets.opened
        self.begin()
        self.slack.wait_for(lambda: self._hears(before), timeout=STARTING)
        if self.world.beside is None:
            self.world.beside = Store(self.world.place)
        return self

    def _hears(self, before: int) -> bool:
        if self.slack.rules.socket_mode:
            return self.slack.sockets.opened > before
        with socket.socket() as knock:
            return knock.connect_ex(("127.0.0.1", self.port)) == 0

    def begin(self) -> None:
        """Start it; return at once."""
        self.process = spawn(self.environment, self.log_file, *self.options)

    def kill(self) -> None:
        """Kill -9; Slack sees at once that nobody is there."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.slack.wait_for(lambda: self.slack.sockets.count == 0)

    def end(self, *, within: float = 20.0) -> int:
        """Send SIGTERM and return the status it ends with."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(within)

    def log(self) -> str:
        """Read all that it logged."""
        return self.log_file.read_text(errors="replace")


@contextmanager
def serving(folder: Path, **more: Any) -> Iterator[Alone]:
    """Start one, and end it by force."""
    with Alone(folder, **more) as alone:
        yield alone.start()
