"""Run many trials side by side, print as they end, and keep the count of all."""

import itertools
import random
import shutil
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from rich.console import Console

from proofs.nursery import Nursery
from proofs.report import Report
from proofs.trial import Outcome, Template, Trial

T = TypeVar("T")


def some(share: float, dice: random.Random, things: Sequence[T]) -> list[T]:
    """Draw a share of things, in their order, at least one."""
    if share >= 1 or not things:
        return list(things)
    drawn = sorted(dice.sample(range(len(things)), max(1, round(share * len(things)))))
    return [things[place] for place in drawn]


@dataclass(slots=True)
class Count:
    """What was done so far, and what went wrong."""

    batches: int = 0
    points: int = 0  # that the scenes pass where they are killed
    chosen: int = 0  # of these: to be killed at
    reached: int = 0  # of these: at which a life died by kill -9
    unreached: int = 0  # of these: that no life came to, as another thread was quicker each time
    targeted: int = 0  # kills at a point that was named before, those with which a scene begins too
    random: int = 0
    lives: int = 0
    sick: int = 0  # batches whose disk fell ill
    disk: int = 0  # writes that it refused
    jumps: int = 0
    restored: int = 0
    clio: Counter[str] = field(default_factory=Counter)  # faults served, by kind
    slack: Counter[str] = field(default_factory=Counter)
    doubled: int = 0
    lost: int = 0
    cents: int = 0
    otherwise: int = 0
    untrue: int = 0
    broke: int = 0
    wrong: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Job:
    """One trial: how it is set and run. `note` counts what its section wants counted."""

    name: str
    make: Callable[[Path, Nursery, Template], Trial]
    run: Callable[[Trial], Outcome]
    note: Callable[[Count, Outcome], None] = lambda count, outcome: None
    meets: str = ""  # whose trouble it has to meet: clio's, slack's


class Rack:
    """A nursery, a template, and so many worlds side by side."""

    def __init__(self, folder: Path, *, worlds: int, scene: str = "", console: Console | None = None) -> None:
        self.scene = scene  # what the names of the scenes that are killed in have in them
        self.folder, self.worlds, self.count, self._began = folder, worlds, Count(), time.monotonic()
        self._console = console or Console(quiet=True)
        self._numbers = itertools.count()
        self._lock = threading.Lock()
        self._making = threading.Lock()
        self.nursery = Nursery()
        self.template = Template.make(folder, self.nursery)

    def close(self) -> None:
        self.nursery.__exit__()

    def section(self, title: str, jobs: Iterable[Job]) -> list[Outcome]:
        """Run the trials of one section; print its line."""
        began, before = time.monotonic(), len(self.count.wrong)
        with ThreadPoolExecutor(self.worlds) as pool:
            outcomes = list(pool.map(self.one, jobs))
        wrong = len(self.count.wrong) - before
        verdict = f"[bold red]{wrong} WRONG[/bold red]" if wrong else "[green]ok[/green]"
        lives = sum(one.lives for one in outcomes)
        self._console.print(f"  {title}: {len(outcomes):,} batches, {lives:,} lives,"
                            f" {time.monotonic() - began:.0f} s, {verdict}", highlight=False)  # fmt: skip
        return outcomes

    def one(self, job: Job) -> Outcome:
        """Run one trial and count it; its folder is kept where it went wrong."""
        folder = self.folder / f"{next(self._numbers):05}"
        with self._making:  # the sandbox's routes are compiled, and CPython 3.11's `ast` is not safe among threads
            made = job.make(folder, self.nursery, self.template)
        with made as trial:
            outcome = job.run(trial)
            served = {"clio": Counter(trial.clio.faults.served), "slack": Counter(trial.slack.faults.served)}
            for (whose, what), times in trial.served.items():
                served[whose][what] += times
            if job.meets and not served[job.meets]:
                outcome.broke = outcome.broke or "its trouble never came"
        with self._lock:
            self._add(job, outcome)
            self.count.clio += served["clio"]
            self.count.slack += served["slack"]
        if outcome.wrong:
            self._console.print(f"  [bold red]WRONG[/bold red] {job.name} ({folder}): {'; '.join(outcome.wrong)}",
                                highlight=False, markup=True)  # fmt: skip
        else:
            shutil.rmtree(folder, ignore_errors=True)
        return outcome

    def _add(self, job: Job, outcome: Outcome) -> None:
        count, verdict = self.count, outcome.verdict
        count.batches += 1
        count.lives += outcome.lives
        count.doubled += verdict.doubled
        count.lost += verdict.lost
        count.cents += verdict.cents
        count.otherwise += verdict.otherwise
        count.untrue += len(verdict.untrue)
        count.broke += bool(outcome.broke)
        count.wrong += [f"{job.name}: {one}" for one in outcome.wrong]
        job.note(count, outcome)

    def report(self, title: str, seed: int) -> Report:
        """Make the summary."""
        count, report = self.count, Report(title, seed, began=self._began)
        rows = [(number, f"Clio, {name}") for name, number in sorted(count.clio.items())]
        rows += [(number, f"Slack, {name}") for name, number in sorted(count.slack.items())]
        report.table("Faults served", ("times", "fault"), rows)
        for what, found in (
            ("batches brought forward", count.batches),
            ("lives of the bot", count.lives),
            ("points of the scenes: each commit, and before, in and after each call", count.points),
            ("points to be killed at", count.chosen),
            ("points killed at", count.reached),
            ("kills -9 at a named point, all told", count.targeted),
            ("kills -9 at random moments", count.random),
            ("disks that fell ill, each at another write or in another way", count.sick),
            ("writes that they refused", count.disk),
            ("clocks set", count.jumps),
            ("back-ups restored", count.restored),
        ):
            report.note(what, f"{found:,}")
        for what, found in (
            ("doubled", count.doubled),
            ("lost", count.lost),
            ("wrong cents", count.cents),
            ("entries otherwise than asked, or without their one fate", count.otherwise),
            ("untrue words", count.untrue),
            ("batches that did not come to their end", count.broke),
        ):
            report.equals(what, found, 0)
        report.at_most("points not come to in three batches, as threads run otherwise each time", count.unreached,
                       count.chosen // 50)  # fmt: skip
        report.killed = count.targeted + count.random
        report.quote = self._quote(report)
        return report

    def _quote(self, report: Report) -> str:
        count = self.count
        ended = (f"{count.doubled:,} doubled, {count.lost:,} lost, {count.cents:,} wrong cents,"
                 f" {count.otherwise + count.untrue + count.broke:,} otherwise wrong")  # fmt: skip
        return (
            f"Killed {report.killed:,} times ({count.reached:,} of {count.chosen:,} points, the rest by the way and at"
            " random),"
            f" {count.clio.total():,} faults of Clio's and {count.slack.total():,} of Slack's served,"
            f" {count.disk:,} writes refused by the disk, {count.jumps:,} clocks set, {count.restored:,} back-ups"
            f" restored, over {count.batches:,} batches: {ended}."
            f" {report.seconds / 60:.0f} minutes, seed {report.seed}."
        )
