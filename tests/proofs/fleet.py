"""Several processes of the real bot on one PostgreSQL: each to be killed, frozen, asked to end, and begun again."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self, TypeVar

import psycopg
from postgres_server import PostgresServer, as_owner
from world import World, environment

from brought_forward.bot.settings import Timing
from brought_forward.sandbox.clio import Call, firm_of_size
from brought_forward.sandbox.serving import hold_port
from brought_forward.storage.place import PostgresUrl
from brought_forward.storage.store import Store
from proofs import books
from proofs.balancer import Balancer
from proofs.stage import CLOSING, sheet
from proofs.windows import ENTRY

T = TypeVar("T")

STARTING = 60.0  # seconds: a process imports pandas first, and the machine may be busy
WRONG_CLOCK = """
import sys, time, time_machine
time_machine.travel(time.time() + float(sys.argv.pop(1)), tick=True).start()
from brought_forward.bot.cli.main import main
main()
"""


@dataclass(slots=True)
class Process:
    """One of them: it comes and goes at the same port, with a new name each time."""

    port: int
    log: Path
    wrong_by: float = 0.0  # seconds by which its clock is wrong
    running: subprocess.Popen[bytes] | None = None
    told: int = field(default=0)  # bytes of its log before this life

    @property
    def name(self) -> str:
        """What it calls itself among the others in this life; empty before it has said it."""
        with self.log.open("rb") as log:
            log.seek(self.told)
            said = re.findall(rb"process=(\S+) serves", log.read())
        return said[-1].decode() if said else ""


class Fleet:
    """A firm, a sheet, one PostgreSQL, and processes behind a balancer."""

    def __init__(self, folder: Path, entries: int, times: Timing, *, processes: int = 3) -> None:
        folder.mkdir(exist_ok=True)
        self.folder, self.times = folder, times
        self.server = PostgresServer()
        self.world = World(folder, firm_of_size(matters=entries, users=6), server=self.server)
        self.clio, self.slack = self.world.clio, self.world.slack
        self.rows = sheet(self.world.firm, entries)
        self.asked = books.wanted(self.rows, self.world.firm)
        self.processes = [Process(hold_port(self), folder / f"bot{number}.log") for number in range(processes)]
        self.balancer = Balancer([one.port for one in self.processes])
        self.slack.events_url = f"{self.balancer.url}/slack/events"
        assert isinstance(self.world.place, PostgresUrl)
        self.url = as_owner(self.world.place.secret)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for one in self.processes:
            if one.running is not None and one.running.poll() is None:
                one.running.send_signal(signal.SIGCONT)
                one.running.kill()
                one.running.wait()
        self.balancer.close()
        if self.world.beside is not None:
            self.world.beside.close()
        self.world.close()
        self.server.close()

    # Processes

    def start(self, one: Process) -> None:
        """Start one; return at once."""
        env = environment(self.world, one.port, self.times)
        env = {name: value for name, value in env.items() if name != "PYTHONDONTWRITEBYTECODE"}
        how = ["-c", WRONG_CLOCK, str(one.wrong_by)] if one.wrong_by else ["-m", "brought_forward.bot"]
        with one.log.open("ab") as out:
            one.told = out.tell()
            one.running = subprocess.Popen([sys.executable, *how, "serve"], env=env, stdout=out, stderr=out)

    def ready(self, *some: Process) -> None:
        """Wait until they are ready, and take all of them."""
        ports = {one.port for one in some or self.processes}
        self.until(lambda: ports <= set(self.balancer.ready), "the bots to be ready", timeout=STARTING, tick=0.05)
        if self.world.beside is None:
            self.world.beside = Store(self.world.place)

    def kill(self, one: Process) -> None:
        assert one.running is not None
        one.running.kill()
        one.running.wait()

    def end(self, one: Process) -> None:
        """Send SIGTERM; return at once."""
        assert one.running is not None
        one.running.terminate()

    def freeze(self, one: Process) -> None:
        """Stop one where it stands; return when it does stand."""
        assert one.running is not None
        one.running.send_signal(signal.SIGSTOP)
        os.waitpid(one.running.pid, os.WUNTRACED)

    def thaw(self, one: Process) -> None:
        assert one.running is not None
        one.running.send_signal(signal.SIGCONT)

    def posting(self) -> Process | None:
        """Say which of them posts; None where none does just now."""
        with suppress(psycopg.Error), psycopg.connect(self.url) as db:
            found = db.execute(
                "SELECT executor_id FROM dbos.workflow_status WHERE status = 'PENDING' AND queue_name = 'post'"
            ).fetchall()
            names = {name for (name,) in found}
            return next((one for one in self.processes if one.name in names), None)
        return None

    def until(self, seen: Callable[[], T], what: str, *, timeout: float = 180.0, tick: float = 0.01) -> T:
        """Wait until something is seen. Raises AssertionError where it is not."""
        end = time.monotonic() + timeout
        while not (found := seen()):
            if time.monotonic() > end:
                raise AssertionError(f"Waited {timeout:g} s in vain for {what}. {self._last_words()}")
            time.sleep(tick)
        return found

    def _last_words(self) -> str:
        logs = [one.log.read_text(errors="replace").splitlines()[-12:] for one in self.processes if one.log.exists()]
        return "\n".join("\n".join(lines) for lines in logs) + f"\n{self.world.text()}"

    # The journey

    def preview(self) -> None:
        """Start all, drop the sheet and wait for the preview."""
        for one in self.processes:
            self.start(one)
        self.ready()
        self.world.drop(self.rows)
        self.until(lambda: "ready for approval" in self.world.text(), "the preview", tick=0.05)

    def approve(self) -> None:
        click = self.world.click(self.slack.manager, "Approve")
        assert click.status == 200, click

    def goes_on(self) -> None:
        """Click Go on where a person has to: the answer of an entry that was sent twice was lost twice."""
        if self.ask("SELECT 1 FROM batch WHERE status = 'paused' AND halt = 'unanswered'"):
            with suppress(LookupError):
                self.world.click(self.slack.manager, "Go on")

    def closing(self, *, timeout: float) -> str:
        """Wait for the closing words, and return them."""

        def said() -> str:
            self.goes_on()
            words = [text for message in self.world.thread() if CLOSING in (text := self.slack.plain(message))]
            return words[-1] if words else ""

        return self.until(said, "the closing words", timeout=timeout, tick=0.1)

    def ask(self, sql: str, *values: Any) -> Sequence[tuple[Any, ...]]:
        """Read from the books by SQL of one's own; nothing where the server is away."""
        with suppress(psycopg.Error), psycopg.connect(self.url) as db:
            return db.execute(sql.encode(), values).fetchall()
        return []

    @property
    def posts(self) -> list[Call]:
        """List the POSTs of time entries that came to Clio."""
        return [call for call in list(self.clio.calls) if call.method == "POST" and call.path == ENTRY]

    @property
    def held(self) -> int:
        """Count the entries that Clio holds."""
        return len(self.clio.time_entries)

    @property
    def is_over(self) -> bool:
        return self.held >= len(self.asked)

    # The server

    def restart_server(self) -> None:
        """Let the server go away as a machine does, and come back."""
        self.server.stop()
        self.server.start()

    def keep(self) -> Path:
        """Copy all that the server has committed; it goes away for that."""
        kept = self.server.folder / "kept"
        self.server.stop()
        self._give(self.server.folder / "data", kept)
        self.server.start()
        return kept

    def fail_over(self, kept: Path) -> None:
        """Let a server take over that lacks what was committed since: a standby that lagged."""
        data = self.server.folder / "data"
        self.server.stop()
        shutil.rmtree(data)
        self._give(kept, data)
        self.server.start()

    def _give(self, source: Path, to: Path) -> None:
        """Copy a folder with its owner."""
        subprocess.run(["cp", "-a", str(source), str(to)], check=True)
