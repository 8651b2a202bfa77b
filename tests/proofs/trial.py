"""One small batch from the dropped file to its closing words, through as many lives as its fates take."""

import os
import shutil
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import requests
from world import FAST, World, environment

from brought_forward.sandbox.clio import firm_of_size
from brought_forward.sandbox.serving import hold_port
from proofs import books
from proofs.doomed import Fate
from proofs.nursery import Life, Nursery
from proofs.people import People
from proofs.stage import sheet
from proofs.verdict import Case, Verdict, judge, judge_undone, known_messages, shown_files

ENTRIES = 5
USERS = 4
TIMES = FAST.model_copy(update={"poll": 0.2, "sweep": 0.4})  # the engine asks its file as often: costly in CPU
LONGEST = 120.0  # seconds of a batch's life before it counts as stuck
TICK = 0.05
Doom = Fate | float  # how a life ends: as its fate says, or killed after so many seconds
Weather = Callable[["Trial"], None]


@dataclass(frozen=True, slots=True)
class Template:
    """A database and an engine's file as a first start leaves them: to make them takes longer than a batch."""

    db: Path
    engine: Path

    @classmethod
    def make(cls, folder: Path, nursery: Nursery) -> Self:
        """Start the bot once over an empty folder, and stop it."""
        with Trial(folder / "template", nursery) as trial:
            life = trial.begin(Fate())
            trial.ready(life)
            life.kill()
            made = folder / "template.db"
            books.copy(trial.db, made)
            engine = folder / "template.engine"
            books.copy(trial.engine, engine)
        return cls(made, engine)


@dataclass(frozen=True, slots=True)
class Kill:
    """One death by SIGKILL."""

    point: str  # the last that was passed
    named: bool  # whether that is the point at which this life was to die; else it was killed after a time


@dataclass(slots=True)
class Outcome:
    """What one batch went through."""

    verdict: Verdict
    kills: list[Kill] = field(default_factory=list)
    lives: int = 0
    seconds: float = 0.0
    passed: list[list[str]] = field(default_factory=list)  # by life: the points it passed
    stumbles: int = 0  # tracebacks in the bot's log
    late: bool = False  # whether a button was to be pressed midway, and the run was quicker
    broke: str = ""  # why it did not come to its end

    @property
    def wrong(self) -> list[str]:
        return ([self.broke] if self.broke else []) + self.verdict.wrong


class Trial:
    """A world of its own, and a bot in it."""

    def __init__(
        self,
        folder: Path,
        nursery: Nursery,
        *,
        template: Template | None = None,
        entries: int = ENTRIES,
        weather: Weather | None = None,
        times: Any = TIMES,
        patience: float | None = None,
    ) -> None:
        folder.mkdir(parents=True)
        self.folder, self.nursery = folder, nursery
        self.world = World(folder, firm_of_size(matters=entries, users=USERS))
        self.clio, self.slack, self.db = self.world.clio, self.world.slack, self.world.db
        self.engine = Path(f"{self.db}.engine")
        self.slack.rules.retry_pauses = (0.2, 1.0, 4.0)
        if template:
            shutil.copy(template.db, self.db)
            shutil.copy(template.engine, self.engine)
        self.rows = sheet(self.world.firm, entries)
        self.rows[-1][2] = "-20.07"  # a credit
        self.asked = books.wanted(self.rows, self.world.firm)
        self.refused: frozenset[books.Key] = frozenset()
        self.times, self.patience = times, patience
        self.port = hold_port(self)
        self.slack.events_url = f"http://127.0.0.1:{self.port}/slack/events"
        self.lost_answers: set[str] = set()
        self.lost_files = 0
        self.others: set[int] = set()  # Clio's entries that people made
        self.later: list[tuple[Callable[[], bool], Callable[[], object]]] = []  # when, what: as soon as it is so
        self.ends_by_itself = False  # whether a life may end otherwise than by kill -9, with a sentence
        self.ends = "posted"  # the status at which all is over
        self.served: Counter[tuple[str, str]] = (
            Counter()
        )  # troubles that were made by hand, beside those of the sandbox's faults
        self.silent = False  # whether people cannot be told: then only the books and /balances status are judged
        self._dropped = False
        self._doom: Doom = Fate()
        self._lives: list[Life] = []
        self._weather = weather
        self.people = People(self.slack, self.db)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for life in self._lives:
            life.kill()
        self.world.close()

    # Lives

    def begin(self, fate: Fate) -> Life:
        """Begin a life."""
        env = {name: text for name, text in environment(self.world, self.port, self.times).items()
               if os.environ.get(name) != text}  # fmt: skip
        hosts = {self.clio.url.split("/")[2]: "clio", self.slack.api_url.split("/")[2]: "slack"}
        life = self.nursery.bear(
            env | {"BALANCES_CREDITS": "post"},
            fate=fate,
            log=self.folder / "bot.log",
            points=self._points(len(self._lives)),
            hosts=hosts,
            patience=self.patience,
        )
        self._lives.append(life)
        return life

    def ready(self, life: Life) -> bool:
        """Wait until the bot answers; false where it died before."""
        with requests.Session() as session:
            session.trust_env = False
            end = time.monotonic() + LONGEST
            while not life.is_over and time.monotonic() < end:
                with suppress(requests.RequestException):
                    if session.get(f"http://127.0.0.1:{self.port}/healthz", timeout=2).ok:
                        return True
                time.sleep(TICK)
        return False

    def end_life(self) -> None:
        """Kill the life that there is."""
        for life in self._lives:
            life.kill()

    def run(self, dooms: Sequence[Doom] = (), *, longest: float = LONGEST, renew: bool = False) -> Outcome:
        """Bring the batch to its end through as many lives as there are dooms, and one more; judge it.

        `renew` asks a new life for the batch's status: this one's clock may be wrong, so that Slack's signatures fail.
        """
        began = time.monotonic()
        outcome = Outcome(Verdict())
        try:
            self._live(iter(dooms), outcome, began + longest)
            outcome.passed = self._all_passed()  # before the question: its points are none of the batch's
            if renew:
                self.end_life()
                self.begin(Fate())
            outcome.verdict = self._judge(self._ask(outcome))
        except (AssertionError, TimeoutError, LookupError) as broke:
            outcome.verdict = self._judge("")
            outcome.broke = f"{broke}"[:600]
            outcome.passed = self._all_passed()
        outcome.late = self.people.late
        outcome.lives = len(self._lives)
        outcome.seconds = time.monotonic() - began
        outcome.stumbles = self.log().count("Traceback (most recent call last)")
        return outcome

    def _ask(self, outcome: Outcome) -> str:
        """Ask for the status; once more where this life comes to its point only now."""
        life = self._lives[-1]
        status = self.people.status(life)
        if life.status == -9:
            outcome.kills.append(self._kill(self._doom))
            status = self.people.status(self.begin(Fate()))
        return status

    def _live(self, dooms: Iterator[Doom], outcome: Outcome, end: float) -> None:
        life, killed_at = self._born(dooms)
        while True:
            if killed_at is not None and time.monotonic() >= killed_at:
                life.kill()
            if life.is_over:
                assert life.status == -9 or self._ended_well(life), f"it ended, {life.status}: {self.log()[-1500:]}"
                if life.status == -9:
                    outcome.kills.append(self._kill(self._doom))
                self.remember_lost_answers()
                life, killed_at = self._born(dooms)
            elif not self._dropped:
                if self.ready(life):
                    if self._weather:
                        self._weather(self)
                    self.world.drop(self.rows)
                    self._dropped = True
            elif self._is_over():
                return
            else:
                for one in [one for one in self.later if one[0]()]:
                    self.later.remove(one)
                    one[1]()
                self.people.act()
                if time.monotonic() > end:
                    life.send(signal.SIGUSR1)
                    time.sleep(0.5)
                    raise AssertionError(f"stuck: {self._state()}")
                time.sleep(TICK)

    def _ended_well(self, life: Life) -> bool:
        """Whether a life that ended by itself did so with a sentence, and may."""
        last = (self.log().splitlines() or [""])[-1]
        return self.ends_by_itself and life.status == 2 and last.endswith(".")

    def _born(self, dooms: Iterator[Doom]) -> tuple[Life, float | None]:
        doom = self._doom = next(dooms, Fate())
        if isinstance(doom, Fate):
            return self.begin(doom), None
        return self.begin(Fate()), time.monotonic() + doom

    # What is known

    def _is_over(self) -> bool:
        sql = (
            "SELECT 1 FROM batch WHERE status = ? AND read_back IS NOT NULL AND read_back_due = 0 AND"
            " NOT EXISTS (SELECT 1 FROM message WHERE shown < wanted) AND"
            " NOT EXISTS (SELECT 1 FROM seen_event WHERE outcome IS NULL)"
        )
        if self.silent:
            sql = sql.replace("NOT EXISTS (SELECT 1 FROM message WHERE shown < wanted) AND ", "")
        return not self.people.presses and not self.later and bool(books.ask(self.db, sql, self.ends))

    def _judge(self, status: str) -> Verdict:
        return (judge_undone if self.ends == "undone" else judge)(self._case(status))

    def _case(self, status: str) -> Case:
        return Case(self.world, self.asked, self.refused, frozenset(self.lost_answers), self.lost_files, status,
                    frozenset(self.others), self.silent, self.slack.faults.served["reset_after"])  # fmt: skip

    def remember_lost_answers(self) -> None:
        """Take note of what Slack took while the bot died before it kept that: these may come twice."""
        self.slack.rest()  # what the dead bot sent may be on its way to Slack's books still
        mine = [one for one in self.slack.messages("balances") if one.user == self.slack.bot.id]
        self.lost_answers |= {one.ts for one in mine if not one.files} - known_messages(self.db)
        if mine:
            self.lost_files += len([one for one in mine if one.files]) - self.lost_files - shown_files(self.db)

    def _points(self, life: int) -> Path:
        return self.folder / f"points-{life}"

    def _all_passed(self) -> list[list[str]]:
        return [self._passed(number) for number in range(len(self._lives))]

    def _passed(self, life: int) -> list[str]:
        file = self._points(life)
        return [line.split(" ", 1)[1] for line in file.read_text().splitlines()] if file.exists() else []

    def _kill(self, doom: Doom) -> Kill:
        passed = self._passed(len(self._lives) - 1)
        last = passed[-1] if passed else "before anything"
        meant = doom.die_at if isinstance(doom, Fate) else None
        return Kill(last, named=meant is not None and (last, passed.count(last)) == meant)

    def _state(self) -> str:
        rows = books.ask(self.db, "SELECT status, halt_text, read_back_due, results_due FROM batch")
        entries = books.ask(self.db, "SELECT state, look_at, reason FROM entry")
        owed = books.ask(self.db, "SELECT slot, attempts, error, next_at FROM message WHERE shown < wanted")
        return f"{rows} {entries} owed {owed}\n{self.log()[-2500:]}"

    def log(self) -> str:
        file = self.folder / "bot.log"
        return file.read_text(errors="replace") if file.exists() else ""
