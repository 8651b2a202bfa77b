"""The real bot as a process of its own between the pretend Slack and Clio: to be killed, frozen and restored."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Self, TypeVar

import requests
from world import FAST, World, environment, spawn

from brought_forward.bot.settings import Timing
from brought_forward.sandbox.clio import Call, Firm, firm_of_size
from brought_forward.sandbox.serving import hold_port
from brought_forward.sandbox.slack import Message
from proofs import books
from proofs.report import Report
from proofs.toll import Toll
from proofs.windows import ENTRY, most_for_one_matter

T = TypeVar("T")

TICK = 0.002  # seconds between two looks for what is awaited
STARTING = 60.0  # a process imports pandas first, and the machine may be busy
RUNNING = 180.0
CLOSING = "Read back from Clio:"
EQUAL = "equal to the cent"


def timing(**more: float) -> Timing:
    """Shrink the times as the tests do; the living status is edited as seldom as it is in earnest, in proportion."""
    return FAST.model_copy(update={"edit_gap": 0.5} | more)


class Stage:
    """A firm, a sheet, and a bot that comes and goes."""

    toll: Toll  # where a proof has put one between the bot and Clio

    def __init__(self, folder: Path, entries: int, times: Timing, *, users: int = 6) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.world = World(folder, firm_of_size(matters=entries, users=users))
        self.clio, self.slack, self.db = self.world.clio, self.world.slack, self.world.db
        self.engine = Path(f"{self.db}.engine")
        self.rows = sheet(self.world.firm, entries)
        self.asked = books.wanted(self.rows, self.world.firm)
        self.port = hold_port(self)
        self.slack.events_url = f"http://127.0.0.1:{self.port}/slack/events"
        self.times = times
        self.clio_url = self.clio.url  # a relay before it may be put in its place
        self.process: subprocess.Popen[bytes] | None = None
        self._first_call = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.world.close()

    # The process

    def start(self) -> None:
        """Start the bot; return at once."""
        self._first_call = len(self.clio.calls)
        self.process = spawn(self._environment(self.port), self.folder / "bot.log")

    def _environment(self, port: int) -> dict[str, str]:
        """Let the bot keep its compiled modules, whatever this process was told: it starts in a third of the time."""
        env = environment(self.world, port, self.times) | {"CLIO_API_URL": self.clio_url}
        return {name: value for name, value in env.items() if name != "PYTHONDONTWRITEBYTECODE"}

    def ready(self) -> None:
        """Wait until the bot answers."""
        with requests.Session() as session:
            session.trust_env = False

            def answers() -> bool:
                try:
                    return session.get(f"http://127.0.0.1:{self.port}/healthz", timeout=2).ok
                except requests.RequestException:
                    return False

            self.until(answers, "the bot to answer", timeout=STARTING, tick=0.02)

    def kill(self) -> None:
        """Kill -9."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def freeze(self) -> None:
        """Stop the process where it stands; return when it does stand."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)
        os.waitpid(self.process.pid, os.WUNTRACED)

    def thaw(self) -> None:
        """Let it go on."""
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)

    def another(self) -> subprocess.Popen[bytes]:
        """Start another bot over the same database."""
        return spawn(self._environment(hold_port(self)), self.folder / "second.log")

    def refused(self) -> bool:
        """Start another bot; say whether it refuses, since this one holds the lock."""
        intruder = self.another()
        try:
            return intruder.wait(STARTING) == 2
        except subprocess.TimeoutExpired:
            return False
        finally:
            intruder.kill()
            intruder.wait()

    def clock(self) -> float:
        """Tell seconds, for durations."""
        return time.monotonic()

    def passes(self, seconds: float) -> None:
        """Let time pass, but no longer than the bot lives."""
        assert self.process is not None
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return
        raise AssertionError(f"The bot ended by itself. {self.log()}")

    def until(self, seen: Callable[[], T], what: str, *, timeout: float = RUNNING, tick: float = TICK) -> T:
        """Wait until something is seen. Raises AssertionError where it is not, or where the bot ends by itself."""
        end = time.monotonic() + timeout
        while True:
            if found := seen():
                return found
            if self.process is not None and self.process.poll() is not None:
                raise AssertionError(f"The bot ended by itself before {what}. {self.log()}")
            if time.monotonic() > end:
                raise AssertionError(f"Waited {timeout:g} s in vain for {what}. {self.log()}\n{self.world.text()}")
            time.sleep(tick)

    def log(self) -> str:
        """Quote the end of the bot's log."""
        text = (self.folder / "bot.log").read_text(errors="replace")
        return "Its last words:\n" + "\n".join(text.splitlines()[-25:])

    # The journey

    def preview(self) -> None:
        """Start, drop the sheet and wait for the preview."""
        self.start()
        self.ready()
        self.world.drop(self.rows)
        self.until(lambda: "ready for approval" in self.world.text(), "the preview", tick=0.02)

    def approve(self) -> None:
        """Click Approve as the manager."""
        click = self.world.click(self.slack.manager, "Approve")
        assert click.status == 200, click

    def preview_message(self) -> Message:
        """Find the message that is the preview, before a decision and after: the bot's first in the thread."""
        return next(message for message in self.world.thread() if message.user == self.slack.bot.id)

    def closing(self, *, timeout: float = RUNNING) -> str:
        """Wait for the closing words with what Clio holds, and return them."""
        return self.until(self._closing, "the closing words", timeout=timeout, tick=0.05)

    def _closing(self) -> str:
        if books.ask(self.db, "SELECT 1 FROM batch WHERE status = 'paused' AND halt = 'unanswered'"):
            with suppress(LookupError):  # killed twice in the midst of one entry: a person lets it be sent again
                self.world.click(self.slack.manager, "Go on")
        words = [text for message in self.world.thread() if CLOSING in (text := self.slack.plain(message))]
        return words[-1] if words else ""

    @property
    def is_over(self) -> bool:
        """Whether all is posted and read back."""
        return bool(books.ask(self.db, "SELECT 1 FROM batch WHERE status = 'posted' AND read_back IS NOT NULL"))

    @property
    def posts(self) -> list[Call]:
        """List the POSTs of time entries that came to Clio."""
        return [call for call in list(self.clio.calls) if call.method == "POST" and call.path == ENTRY]

    def posts_of_this_life(self) -> list[Call]:
        """List those that came since the bot was started last."""
        return [call for call in self.clio.calls[self._first_call :] if call.method == "POST" and call.path == ENTRY]

    def under_way(self) -> Call | None:
        """Name the POST that Clio is at work on, if there is one."""
        return next((call for call in self.posts_of_this_life() if call.done_at is None), None)

    def keys(self) -> set[books.Key]:
        """List the matters and users that Clio holds an entry of."""
        return {books.key(entry) for entry in self.clio.time_entries}

    @property
    def held(self) -> int:
        """Count the entries that Clio holds."""
        return len(self.clio.time_entries)

    # The weather

    def latency(self, seed: int, *, slow: float = 0.0) -> None:
        """Let Clio take 5 to 30 ms before it books an entry and again before it answers; `slow` of them 0.5 s more."""
        for place, when in enumerate(("before", "after")):
            self.clio.faults.add("delay", method="POST", path=ENTRY, seconds=0.005, when=when, times=None)  # type: ignore[arg-type]
            for step, seconds in enumerate((0.005, 0.008, 0.012)):
                self.clio.faults.add(
                    "delay", method="POST", path=ENTRY, seconds=seconds, when=when, times=None, chance=0.5,
                    seed=seed + 10 * place + step,
                )  # type: ignore[call-overload]  # fmt: skip
        if slow:
            self.clio.faults.add(
                "delay", method="POST", path=ENTRY, seconds=0.5, times=None, chance=slow, seed=seed + 50
            )

    # The verdict

    def judge(self, report: Report, words: str) -> None:
        """Hold Clio against the sheet, the database against Clio, and the closing words against both."""
        found = books.compare(self.asked, self.clio.time_entries)
        ids = [number for (number,) in books.ask(self.db, "SELECT clio_id FROM entry WHERE state = 'posted'")]
        clios = {entry.id for entry in self.clio.time_entries}
        report.equals("Clio's entries", found.held, found.wanted)
        report.at_most("POSTs under way at once for one matter", most_for_one_matter(list(self.clio.calls)), 1)
        report.equals("doubled", found.doubled, 0)
        report.equals("lost", found.lost, 0)
        report.equals("not asked for, or of another amount", found.strange + found.differing, 0)
        report.equals("cents by which Clio's sum and the sheet's differ", found.cents_apart, 0)
        report.equals("entries of the database that are posted, each with an id of its own", len(set(ids) & clios),
                      len(ids))  # fmt: skip
        report.equals("fates in the database", _said(books.states(self.db)), _said({"posted": len(ids)}))
        report.equals(f'closing words say "{EQUAL}"', EQUAL in words, True)
        report.equals("exchanges with Clio outside its contract", len(self.world.contract.violations), 0)

    def copies(self) -> int:
        """Count the bot's messages in the thread that its database does not know: sent twice."""
        known = {ts for (ts,) in books.ask(self.db, "SELECT ts FROM message")}
        return sum(message.user == self.slack.bot.id and message.ts not in known for message in self.world.thread())


def sheet(firm: Firm, entries: int) -> list[list[object]]:
    """Make one line an entry, four to three matters: every third matter has two users with the same amount.

    The last column is not read; without it the second of such lines would be the first once more, and asked about.
    """
    users, matters = list(firm.users), list(firm.matters)
    rows: list[list[object]] = []
    for place in range(entries):
        matter = place - (place + 1) // 4
        rows.append(
            [
                matters[matter].display_number,
                users[place % len(users)].name,
                f"{123.45 + matter:.2f}",
                "",
                f"555-{place:04}",
            ]
        )
    return rows


def key(call: Call) -> books.Key:
    """Name the matter and user that a POST is for."""
    data = call.data or {}
    return data["matter"]["id"], data["user"]["id"]


def _said(states: Any) -> str:
    return ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
