"""The demo: the whole journey on this machine, with a pretend Slack and a pretend Clio around the real bot.

The bot runs in a process of its own, as a person would start it, and knows nothing of the demo. What is proved at the
end comes from three books that were kept apart: the sample sheet's own figures, our database, and Clio's ledger.
"""

import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from brought_forward.bot.cli.process import PATIENCE, BotProcess, NotRunning, ending_well
from brought_forward.bot.settings import Timing
from brought_forward.sandbox.clio import Call, ClioSandbox, sample_firm
from brought_forward.sandbox.samples import Books, SampleBook, prove, prove_users, sample_book
from brought_forward.sandbox.screen import Screen
from brought_forward.sandbox.slack import SlackSandbox
from brought_forward.storage.records.entry import EntryState
from brought_forward.storage.store import Store

CALLS, WINDOW = 50, 3.0  # Clio's own limit, and its window of 60 seconds shrunk
ANSWER = 0.04  # seconds that the pretend Clio takes for an entry
REAL = Timing()
TIMING = Timing(
    settle=1.0, second_look=0.5, first_pause=0.2, window=WINDOW, quota=CALLS, edit_gap=0.5, post_gap=0.1,
    share_pause=0.2, sweep=1.0, poll=0.05,
)  # fmt: skip
ZONE = "America/New_York"
ROWS = 100  # of a table that are printed
STATES = 1.2  # seconds between two printed states of the living status message
SHRUNK = ", ".join(
    f"{name} {value:g} ({getattr(REAL, name):g})" for name, value in TIMING if value != getattr(REAL, name)
)
OPENING = """\
[bold]What a second person approves in Slack is what stands in Clio: once, to the cent, though the bot is killed\
 halfway.[/]
You see it happen on this machine alone: a pretend Slack and a pretend Clio, both real HTTP servers on 127.0.0.1, and\
 between them the real bot. The proof is the last screen; `--verbose` shows every row, wait and call.
"""
WAITS = f"""\
Shrunk, so that nobody waits:
  Clio's limit       {CALLS} calls in {WINDOW:g} seconds instead of {REAL.window:g}
  a lost answer      is sought after {TIMING.settle:g} second instead of {REAL.settle:g}
  an edited message  changes every {TIMING.edit_gap:g} seconds instead of {REAL.edit_gap:g}
[dim]All waits in seconds, by BALANCES_TIMING (and usually): {SHRUNK}.[/]
Of a message that is edited, what changed is printed.
"""


def play(*, verbose: bool = False) -> int:
    """Play the journey and print it, `verbose` with every row, wait and call.

    Returns 0 where every line of the proof is true, else 1.
    """
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = 100
    began = time.monotonic()
    true = False
    with tempfile.TemporaryDirectory(prefix="brought-forward-demo-") as folder, ending_well():
        log = Path(folder, "bot.log")
        try:
            true = _play(console, Path(folder), log, verbose=verbose)
        except (NotRunning, LookupError) as failure:
            console.print(f"\n[bold red]The demo failed.[/] {escape(str(failure))}")
        except Exception:
            _tail(console, log)
            raise
        if not true:
            _tail(console, log)
    console.print(f"[dim]It took {time.monotonic() - began:.0f} seconds.[/]")
    return 0 if true else 1


def _play(console: Console, folder: Path, log: Path, *, verbose: bool) -> bool:
    with ExitStack() as stack:
        slack = stack.enter_context(SlackSandbox())
        clio = stack.enter_context(ClioSandbox(sample_firm(), limit=CALLS, window=WINDOW))
        clio.faults.add("delay", method="POST", path="/activities.json", times=None, seconds=ANSWER)
        bot = BotProcess(folder / "balances.db", log, slack, clio, TIMING, zone=ZONE)
        stack.callback(bot.stop)
        return Journey(console, slack, clio, bot, verbose=verbose).play()


def _tail(console: Console, log: Path) -> None:
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    console.print(f"\n[dim]The bot's log has {len(lines)} lines; the last ones:[/]")
    for line in lines[-25:]:
        console.print(line, style="dim", markup=False)


class Journey:
    """The people, one after the other, from the file to the closing words; all that they see is printed."""

    def __init__(
        self, console: Console, slack: SlackSandbox, clio: ClioSandbox, bot: BotProcess, *, verbose: bool
    ) -> None:
        self.verbose = verbose
        self.console, self.slack, self.clio, self.bot = console, slack, clio, bot
        self.screen = Screen(console, slack.name, rows=ROWS, timezone=ZoneInfo(ZONE), folds=verbose)

    def play(self) -> bool:
        """Play all steps and print the proof. Returns True where every line of it holds."""
        slack = self.slack
        book = sample_book(self.clio.firm, datetime.now(ZoneInfo(ZONE)).date().replace(day=1) - timedelta(days=1))
        self.console.print(OPENING)
        if self.verbose:
            self.console.print(WAITS)
        self.bot.start()

        self._step(f"staff drops {book.name} into #balances: {len(book.lines)} lines and a total")
        before = len(self.clio.calls)
        slack.upload(slack.staff, slack.balances, book.name, book.data)
        self._until("[Approve")

        self._step("outsider, who is no approver, clicks Approve")
        self._told(slack.outsider, lambda: slack.click(slack.outsider, "Approve"))
        self._step("staff, who uploaded the file, clicks Approve")
        self._told(slack.staff, lambda: slack.click(slack.staff, "Approve"))
        self._approved_and_killed(len(book.owed))
        self._step("The bot is started again")
        self.bot.start()
        self._until("Read back from Clio:")
        self._until(": results ")  # below the closing words, which may be there before it
        calls = self.clio.calls[before:]

        self._step("manager types /balances status")
        self._told(slack.manager, lambda: slack.command(slack.manager, "status"))
        self.bot.stop()
        return self._prove(book, calls)

    def _approved_and_killed(self, entries: int) -> None:
        """Kill the bot at the worst moment: Clio has taken half of the entries, the last answer is not sent yet."""
        half = entries // 2
        killed = threading.Event()

        def kill(*_: Any) -> None:
            if not killed.is_set() and len(self.clio.time_entries) >= half:
                self.bot.kill()
                killed.set()

        self.clio.on_exchange.append(kill)
        asked = self.slack.click(self.slack.manager, "Approve").confirm
        self._step("manager clicks Approve. Slack asks first:")
        if asked:
            self.console.print(f"    {escape(asked.text)}\n    [bold]\\[{asked.confirm}][/]  \\[{asked.deny}]\n")
        self._wait(killed.is_set, "The bot was not killed", alive=False)
        self._step(f"kill -9. Clio has just taken entry {half} of {entries}; its answer reached nobody")

    def _step(self, text: str) -> None:
        self.console.print(f"[bold cyan]▶ {escape(text)}[/]\n")

    def _thread(self) -> list[Any]:
        return self.slack.messages(self.slack.balances)

    def _until(self, words: str) -> None:
        """Wait until somebody says something, and print meanwhile what appears."""
        self._wait(lambda: any(words in self.slack.plain(one) for one in self._thread()), f"Nobody said “{words}”")

    def _wait(self, happened: Callable[[], bool], otherwise: str, *, alive: bool = True) -> None:
        def look() -> bool:
            self.screen.follow(self._thread(), every=STATES)
            if alive:
                self.bot.check()
            return happened()

        self._patiently(look, otherwise)
        self.screen.follow(self._thread())

    def _told(self, user: Any, act: Callable[[], Any]) -> None:
        """Let a person act, and print what is answered to that person alone."""
        before = len(self.slack.ephemerals(user))
        act()
        self._patiently(lambda: len(self.slack.ephemerals(user)) > before, f"{user.name} was told nothing")
        for message in self.slack.ephemerals(user)[before:]:
            self.screen.show(message)

    def _patiently(self, happened: Callable[[], bool], otherwise: str) -> None:
        try:
            self.slack.wait_for(happened, timeout=PATIENCE)
        except TimeoutError:
            raise NotRunning(f"{otherwise} within {PATIENCE:g} seconds.") from None

    def _prove(self, book: SampleBook, calls: list[Call]) -> bool:
        """Print the proof. Returns True where every line of it holds."""
        books, firm = _books(self.bot.db), self.clio.firm
        claims, users = prove(book, books, firm, calls), prove_users(book, books, firm)
        self.console.rule("[bold]The proof[/]: the sheet's own figures, our database, Clio's ledger")
        for heading, part in (("", claims), ("Entries and sum: in the sheet = in our database = in Clio", users)):
            table = Table("", "", heading, box=SIMPLE_HEAD, show_edge=False, show_header=bool(heading), pad_edge=False)
            for claim in part:
                if claim.of_calls and claim.holds and not self.verbose:
                    continue
                table.add_row("[green]✓[/]" if claim.holds else "[bold red]✗[/]", claim.text, claim.figures)
            self.console.print(table, "")
        wrong = [claim.text for claim in [*claims, *users] if not claim.holds]
        not_true = f"[bold red]Not true:[/] {escape('; '.join(wrong))}"
        self.console.print(not_true if wrong else "[bold green]All of it is true.[/]")
        return not wrong


def _books(db: Path) -> Books:
    """Read what the bot wrote down of its first batch."""
    store = Store(db)
    try:
        entries = store.entries.of_batch(1)
        left_out = [(line.row, line.amount) for line in store.lines.of_batch(1) if line.left_out]
    finally:
        store.close()
    owed = [(entry.matter_id, entry.user_id, entry.amount) for entry in entries]
    posted = [one for one, entry in zip(owed, entries, strict=True) if entry.state is EntryState.POSTED]
    return Books(owed, posted, left_out)
