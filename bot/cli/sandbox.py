"""The sandbox as a page: a pretend Slack, a pretend Clio, the real bot, and a page on loopback over all three."""

from __future__ import annotations

import signal
import tempfile
import threading
import webbrowser
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from brought_forward.bot.cli.process import BotProcess, ending_well
from brought_forward.bot.settings import Timing
from brought_forward.sandbox.clio import ClioSandbox, sample_firm
from brought_forward.sandbox.page.app import PageServer, make_page
from brought_forward.sandbox.page.desk import WINDOW, Approved, Desk
from brought_forward.sandbox.slack import SlackSandbox
from brought_forward.sandbox.slack.workspace import TEAM
from brought_forward.storage.records.batch import BatchStatus
from brought_forward.storage.records.entry import EntryState
from brought_forward.storage.store import Store

CALLS = 50  # in Clio's window
ANSWER = 0.4  # seconds that the pretend Clio takes for an entry, in real life
ZONE = "America/New_York"
PORT = 8321
REAL = Timing()
QUICK = {"settle": 1.0, "second_look": 0.5, "first_pause": 0.2, "sweep": 1.0, "poll": 0.05, "edit_gap": 0.3,
         "post_gap": 0.1, "share_pause": 0.2, "home_gap": 0.3, "report_poll": 0.3, "remind": 60.0}  # fmt: skip
AGREED = {BatchStatus.APPROVED, BatchStatus.POSTING, BatchStatus.PAUSED, BatchStatus.POSTED, BatchStatus.STOPPED,
          BatchStatus.UNDOING}  # fmt: skip
GONE = {EntryState.REFUSED, EntryState.WRONG, EntryState.UNDONE, EntryState.NOT_SENT}
BATCHES = 20  # the newest, whose entries the page compares with Clio's


def timing(speed: int) -> Timing:
    """Divide the bot's waits by a speed, each down to what this machine can do; times for Clio to answer stay."""
    waits = {name: max(getattr(REAL, name) / speed, least) for name, least in QUICK.items()} if speed > 1 else {}
    return REAL.model_copy(update=waits | {"window": WINDOW / speed, "quota": CALLS})


def run(port: int = PORT, *, open_browser: bool = True) -> int:
    """Serve the page until Ctrl-C or SIGTERM; leaves nothing behind. Raises NotRunning where the bot does not start."""
    console = Console(highlight=False, soft_wrap=True)
    over = threading.Event()
    with tempfile.TemporaryDirectory(prefix="brought-forward-sandbox-") as folder, ending_well(), ExitStack() as stack:
        try:
            address = open_all(stack, Path(folder), port).address
            console.print(f"The sandbox is at [bold]{address}[/]  A pretend Slack and a pretend Clio; the bot is real.")
            console.print("[dim]Ctrl-C ends it. Nothing is kept.[/]")
            if open_browser:
                webbrowser.open(address)
            over.wait()
        except KeyboardInterrupt:
            console.print("\n[dim]Ended.[/]")
        finally:
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C would leave the bot behind
    return 0


@dataclass(frozen=True, slots=True)
class Sandbox:
    """All four, started."""

    slack: SlackSandbox
    clio: ClioSandbox
    desk: Desk
    address: str
    db: Path


def open_all(stack: ExitStack, folder: Path, port: int = 0, *, speed: int = 10) -> Sandbox:
    """Start Slack, Clio, the bot and the page; each is ended by the stack. A port that is taken gives way to any."""
    slack = stack.enter_context(SlackSandbox())
    clio = stack.enter_context(ClioSandbox(sample_firm(), limit=CALLS))
    answer = clio.faults.add("delay", method="POST", path="/activities.json", times=None)
    books = Books(folder / "balances.db")

    def hire(speed: int) -> BotProcess:
        answer.seconds = ANSWER / speed
        return BotProcess(books.db, folder / "bot.log", slack, clio, timing(speed), zone=ZONE)

    desk = Desk(slack, clio, hire, speed=speed, approved=books.approved)
    stack.callback(books.close)
    stack.callback(desk.close)
    desk.start_bot()
    page = make_page(slack, clio, desk)
    try:
        server = PageServer(page, port)
    except OSError:  # somebody has the port: any other will do
        server = PageServer(page)
    return Sandbox(slack, clio, desk, stack.enter_context(server).url, books.db)


class Books:
    """What the bot wrote down, read beside it."""

    def __init__(self, db: Path) -> None:
        self.db = db
        self._store: Store | None = None
        self._lock = threading.Lock()

    def approved(self) -> Sequence[Approved]:
        """List the entries of all approved batches that are, or are to come, in Clio."""
        with self._lock:
            if self._store is None:
                if not self.db.exists():
                    return ()
                self._store = Store(self.db)
            store = self._store
        batches = [batch for batch in store.batches.newest(TEAM, BATCHES) if batch.status in AGREED]
        return [
            Approved(entry.matter_id, entry.user_id, entry.amount, entry.state is EntryState.POSTED)
            for batch in batches
            for entry in store.entries.of_batch(batch.id)
            if entry.state not in GONE
        ]

    def close(self) -> None:
        """Close the file."""
        if self._store is not None:
            self._store.close()
