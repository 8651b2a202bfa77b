"""A back-up is put back after the run went on: what was posted since is not posted again.

The back-up is made by SQLite's own means while the bot runs. The engine's file is restored with it, or lost, or left
as it was: it must not matter. A back-up from the middle of a run adopts what Clio holds; one from before the first
listing goes back to preview, and what is approved then is the rest.
"""

import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from brought_forward.bot.settings import Timing
from proofs import books
from proofs.report import Report, run
from proofs.stage import EQUAL, Stage, timing

SAME, LOST, NEWER = "restored too", "lost", "left as it was"
MIDDLE, APPROVED, PREVIEWED = "a third", "approved", "previewed"
OWED = "SELECT 1 FROM message WHERE shown < wanted"


@dataclass(frozen=True, slots=True)
class Weather:
    """How far Clio's lists lag, how long the bot waits, and how far a run goes before it is killed."""

    lag: float
    times: Timing
    share: float  # of all entries
    hidden: float = 0.0  # seconds from the new start in which Clio lists nothing of what it holds


USUAL = Weather(0.5, timing(settle=1.0, second_look=0.6), 2 / 3)
# What was posted since the back-up is still missing in Clio's lists when the bot is up again; no longer, though, than
# a bot that was just started waits before it trusts a list.
AT_ONCE = Weather(0.5, timing(settle=1.0, second_look=5.0), 1 / 15, hidden=3.0)
NEVER = 1e6  # seconds that a list lags


@dataclass(frozen=True, slots=True)
class Case:
    """One restored back-up: when it was made, and what became of the engine's file."""

    when: str
    engine: str
    weather: Weather = USUAL

    def __str__(self) -> str:
        at_once = ", restored within the lag" if self.weather is AT_ONCE else ""
        return f"{self.when}, engine's file {self.engine}{at_once}"


CASES = (
    Case(MIDDLE, SAME),
    Case(MIDDLE, LOST),
    Case(MIDDLE, NEWER),
    Case(APPROVED, NEWER),
    Case(PREVIEWED, LOST),
    Case(APPROVED, NEWER, AT_ONCE),
    Case(PREVIEWED, LOST, AT_ONCE),
)


def prove(folder: Path, *, seed: int, entries: int = 90, cases: tuple[Case, ...] = CASES) -> Report:
    """Restore back-ups of runs that went on, let each end, and hold Clio against the sheet."""
    report = Report(f"{len(cases)} back-ups restored, each in a run of {entries} entries", seed)
    rows = []
    for number, case in enumerate(cases):
        with Stage(folder / str(number), entries, case.weather.times) as stage:
            rows.append(_restore(stage, case, random.Random(seed + number), report))
    heads = ("back-up", "at back-up", "at kill", "adopted", "looked up", "sent later", "left out", "doubled", "lost",
             "closing words")  # fmt: skip
    report.table("Entries in Clio", heads, rows)
    return report


def _restore(stage: Stage, case: Case, dice: random.Random, report: Report) -> tuple[Any, ...]:
    stage.clio.faults.list_lag = case.weather.lag
    stage.latency(dice.randrange(1000))
    old_preview = _run_to_the_back_up(stage, case)
    copies = {file: file.with_name(f"back-up of {file.name}") for file in (stage.db, stage.engine)}
    for file, copy in copies.items():
        books.copy(file, copy)
    if case.when == PREVIEWED:
        stage.approve()
    before, under_way = stage.held, len(books.unanswered(copies[stage.db]))
    stage.until(lambda: stage.held >= len(stage.asked) * case.weather.share, "the end of this life")
    stage.passes(dice.uniform(0, 0.1))
    stage.kill()
    _put_back(stage.db, copies[stage.db])
    if case.engine != NEWER:
        _put_back(stage.engine, copies[stage.engine] if case.engine == SAME else None)
    at_kill = stage.held
    stage.clio.faults.list_lag = NEVER if case.weather.hidden else case.weather.lag
    stage.start()
    if case.when == PREVIEWED:  # it has forgotten the approval; somebody still has the old preview on the screen
        stage.ready()
        stage.slack.click(stage.slack.manager, "Approve", stage.preview_message(), snapshot=old_preview)
    if case.weather.hidden:
        stage.ready()
        stage.passes(case.weather.hidden)
        stage.clio.faults.list_lag = case.weather.lag
    if case.when != MIDDLE:
        _approve_again(stage)
    words = stage.closing()
    stage.kill()
    adopted = _count(stage, "entry WHERE state = 'posted' AND reason LIKE 'already in Clio%'")
    looked_up = _count(stage, "entry WHERE state = 'posted' AND reason LIKE 'Clio''s answer was lost%'")
    found = books.compare(stage.asked, stage.clio.time_entries)
    # The new preview leaves out the second user of a matter whose first is booked, and says so: it is not lost.
    said = books.ask(stage.db, "SELECT matter, named_user, '0' FROM line WHERE left_out IS NOT NULL")
    left_out = len(books.wanted(said, stage.world.firm).keys() - stage.keys())
    result = (found.doubled, found.lost - left_out, found.strange + found.differing)
    report.equals(f"{case}: doubled, lost, otherwise than asked", result, (0, 0, 0))
    report.equals(f'{case}: closing words say "{EQUAL}"', EQUAL in words, True)
    if case.when == MIDDLE:
        report.at_least(f"{case}: adopted, besides what the back-up held as under way", adopted,
                        at_kill - before - under_way)  # fmt: skip
    return (str(case), before, at_kill, adopted, looked_up, stage.held - at_kill, left_out, found.doubled,
            found.lost - left_out, EQUAL if EQUAL in words else words[:80])  # fmt: skip


def _run_to_the_back_up(stage: Stage, case: Case) -> list[dict[str, Any]]:
    """Bring a run to the moment of its back-up; return the preview as people saw it before the click."""
    stage.preview()
    seen = stage.preview_message().blocks
    if case.when == PREVIEWED:
        stage.until(lambda: not books.ask(stage.db, OWED), "Slack to show all")
    elif case.when == APPROVED:
        stage.clio.faults.add("delay", method="GET", path="/activity_descriptions.json", seconds=1.0)
        stage.approve()
        sql = "SELECT 1 FROM batch WHERE status = 'posting' AND listed_at IS NULL"
        stage.until(lambda: books.ask(stage.db, sql), "a run that has not listed yet")
    else:
        stage.approve()
        stage.until(lambda: stage.held >= len(stage.asked) // 3, "a third")
    return seen


def _put_back(file: Path, copy: Path | None) -> None:
    for ending in ("", "-wal", "-shm"):
        Path(f"{file}{ending}").unlink(missing_ok=True)
    if copy is not None:
        file.write_bytes(copy.read_bytes())


def _approve_again(stage: Stage) -> None:
    """Approve what is offered anew."""
    stage.until(lambda: stage.is_over or "Not posted: what was approved" in stage.world.text(), "a word", tick=0.02)
    if not stage.is_over:
        stage.until(lambda: not books.ask(stage.db, OWED), "Slack to show all")
        stage.approve()


def _count(stage: Stage, what: str) -> int:
    ((count,),) = books.ask(stage.db, f"SELECT count(*) FROM {what}")
    return int(count)


if __name__ == "__main__":
    short = {"entries": 30, "cases": (Case(MIDDLE, LOST),)}
    run(prove, "Put a back-up back after the run went on.", short=short, entries=90)
