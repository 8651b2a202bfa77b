"""The troubles of the machine: a disk that is full, broken, read-only or locked; a clock that is set; a back-up."""

import random
from functools import partial
from pathlib import Path

from proofs import books
from proofs.doomed import BORN, Fate
from proofs.nursery import Nursery
from proofs.rack import Count, Job, Rack, some
from proofs.stage import ENTRY
from proofs.storms import STALLS
from proofs.trial import Outcome, Template, Trial

DISKS = ("full", "broken", "read_only", "locked")
FEW = 3  # entries
WRITES = 150  # of a small run, at least
ILL = 0.4  # seconds
PATIENCE = 0.2  # seconds that SQLite waits for a lock, less than the disk is ill; 30 in earnest
HOUR = 3600.0


# The disk


def _small(folder: Path, nursery: Nursery, template: Template) -> Trial:
    trial = Trial(folder, nursery, template=template, entries=FEW, patience=PATIENCE)
    trial.ends_by_itself = True
    return trial


def disk(rack: Rack, share: float, dice: random.Random) -> None:
    """Let the disk fall ill at the nth write of a small run, for every n and each of four ways."""
    counting = Job("the disk, well", _small, lambda trial: trial.run([Fate(disk="well")]))
    (counted,) = rack.section("the disk: counting the writes of a small run", [counting])
    writes = sum(point == "write" for point in counted.passed[0])
    for sickness in DISKS:
        drawn = sorted(dice.sample(range(1, writes + 1), max(1, min(writes, round(writes * share)))))
        rack.section(f"the disk is {sickness.replace('_', '-')}: at {len(drawn)} of {writes} writes",
                     [_ill(sickness, nth) for nth in drawn])  # fmt: skip


def _ill(sickness: str, nth: int) -> Job:
    def note(count: Count, outcome: Outcome) -> None:
        count.disk += sum(point.startswith("refused") for life in outcome.passed for point in life)
        count.sick += any(point.startswith("ill") for life in outcome.passed for point in life)

    fate = Fate(disk=sickness, nth=nth, ill=ILL)
    return Job(f"the disk is {sickness} at write {nth}", _small, lambda trial: trial.run([fate]), note)


# The clock

POSTED = "after POST clio/activities.json"
SENT = "sent POST clio/activities.json"
UNHEARD = "after POST slack/chat.update"  # from here on people click, and Slack's signatures need a clock that is right
Jumps = tuple[tuple[str, int, float], ...]
CLOCKS: dict[str, Jumps] = {
    "two hours forward": ((POSTED, 2, 2 * HOUR),),
    "two hours back": ((POSTED, 2, -2 * HOUR),),
    "a day forward": ((POSTED, 1, 24 * HOUR),),
    "a day back": ((POSTED, 1, -24 * HOUR),),
    "forward, then back": ((POSTED, 1, 5 * HOUR), (POSTED, 4, -5 * HOUR)),
    "back, then forward": ((POSTED, 1, -5 * HOUR), (POSTED, 4, 5 * HOUR)),
    "back by ten minutes": ((POSTED, 3, -600.0),),
    "back before the first claim": (("before POST clio/activities.json", 1, -3 * HOUR),),
    "forward between claim and answer": (("before POST clio/activities.json", 3, 3 * HOUR),),
    "forward while an answer is missing": ((SENT, 2, 2 * HOUR),),
    "back while reading, then right": (("after GET clio/matters.json", 1, -3 * HOUR), (UNHEARD, 1, 3 * HOUR)),
    "forward while reading, then right": (("after GET clio/matters.json", 1, 3 * HOUR), (UNHEARD, 1, -3 * HOUR)),
    "back as the last entry is answered": ((POSTED, 4, -3 * HOUR),),  # of one the answer is lost
}


LATE = STALLS.model_copy(update={"settle": 2.0})
# Killed in a POST, taken up by a life whose clock is wrong from its birth, which is killed in another POST in its turn.
LIVES: dict[str, float] = {"hours ahead": 3 * HOUR, "hours behind": -3 * HOUR, "a minute ahead": 60.0}


def _unanswered(limited: bool, folder: Path, nursery: Nursery, template: Template) -> Trial:
    def weather(trial: Trial) -> None:
        trial.clio.faults.add("cut_after", method="POST", path=ENTRY, nth=2)
        trial.clio.faults.add("cut_before", method="POST", path=ENTRY, nth=3)
        if limited:
            trial.clio.faults.add("limited", method="POST", path=ENTRY, nth=4, retry_after=1)

    return Trial(folder, nursery, template=template, weather=weather)


def _late(folder: Path, nursery: Nursery, template: Template) -> Trial:
    """Let Clio carry a POST out when the bot has given up waiting for its answer, and before it may look."""

    def weather(trial: Trial) -> None:
        trial.clio.faults.add("delay", method="POST", path=ENTRY, nth=2, seconds=1.6, when="before")

    return Trial(folder, nursery, template=template, weather=weather, times=LATE)


def clock(rack: Rack, share: float, dice: random.Random) -> None:
    """Set the clock by hours in the midst of a run with answers missing and a 429, and between lives."""
    jobs = _clocks()
    rack.section(f"the clock is set: {len(jobs)} ways", some(share, dice, jobs))


def _clocks() -> list[Job]:
    def note(count: Count, outcome: Outcome) -> None:
        count.jumps += sum(point.startswith("clock") for life in outcome.passed for point in life)

    # Slack's signatures are too old or too new for a clock that is wrong: people are heard again once it is right.
    late = [
        Job(f"the clock: {name}, and Clio books late", _late,
            lambda trial, jump=jump: trial.run([Fate(jumps=((SENT, 2, jump),))], renew=True), note)  # type: ignore[misc]
        for name, jump in LIVES.items()
    ]  # fmt: skip
    lives = [
        Job(f"the clock of the second life is {name}, killed as it {place}", partial(_unanswered, False),
            lambda trial, ahead=ahead, place=place: trial.run(
                [Fate(die_at=(place, 2)), Fate(jumps=((BORN, 1, ahead),), die_at=(place, 1))]), note)  # type: ignore[misc]
        for place in (SENT, POSTED) for name, ahead in LIVES.items()
    ]  # fmt: skip
    jumps = [
        Job(f"the clock: {name}{', 429 too' if limited else ''}", partial(_unanswered, limited),
            lambda trial, jumps=jumps: trial.run([Fate(jumps=jumps)], renew=True), note)  # type: ignore[misc]
        for name, jumps in CLOCKS.items() for limited in (False, True)
    ]  # fmt: skip
    return [*late, *lives, *jumps]


# The back-up

BACK_UPS = 24


def back_up(rack: Rack, share: float, dice: random.Random) -> None:
    """Put back the database of an earlier moment of the run, and let it go on; its engine's file by turns."""

    jobs = [_back_up(number, dice.randint(1, 4)) for number in range(max(1, round(BACK_UPS * share)))]
    rack.section(f"a back-up is restored: {len(jobs)} moments", jobs)


def _back_up(number: int, at: int) -> Job:
    def note(count: Count, outcome: Outcome) -> None:
        count.restored += 1

    engine = ("restored too", "lost", "left as it was")[number % 3]
    name = f"back-up {number}: made at {at} entries, engine's file {engine}"
    return Job(name, _slow, partial(_restored, at, engine), note)


def _slow(folder: Path, nursery: Nursery, template: Template) -> Trial:
    def weather(trial: Trial) -> None:
        trial.clio.faults.add("delay", method="POST", path=ENTRY, seconds=0.1, times=None)

    return Trial(folder, nursery, template=template, weather=weather)


def _restored(at: int, engine: str, trial: Trial) -> Outcome:
    """Make a back-up in the midst of posting, let the run end, put it back and let it run again."""
    copies = {file: file.with_name(f"back-up of {file.name}") for file in (trial.db, trial.engine)}

    def copy() -> None:
        for file, to in copies.items():
            books.copy(file, to)

    trial.later.append((lambda: len(trial.clio.time_entries) >= at, copy))
    first = trial.run()
    if first.broke:
        return first
    trial.end_life()
    for file, of in copies.items():
        if file == trial.db or engine != "left as it was":
            for ending in ("", "-wal", "-shm"):
                Path(f"{file}{ending}").unlink(missing_ok=True)
        if file == trial.db or engine == "restored too":
            file.write_bytes(of.read_bytes())
    trial.remember_lost_answers()
    return trial.run()


# A little of all, for the suite


def sample(rack: Rack, share: float, dice: random.Random) -> None:
    """Meet each sickness of the disk, a clock that is set while Clio books late, and another; back-ups have a proof."""
    often = ("full", *DISKS)
    disks = [
        _ill(sickness, nth) for sickness, nth in zip(often, dice.sample(range(30, WRITES), len(often)), strict=True)
    ]
    late, *_ = clocks = _clocks()
    rack.section("disk, clock", [*disks, late, *dice.sample(clocks, 1)])
