"""Everything that can go wrong, over and over: `make torture`.

It kills the bot at each point that a batch passes, and at random; then come the troubles of Clio, of Slack, of the
disk and of the clock, each alone and all together, and back-ups from the middle of a run. After each of them the judge
(verdict.py) holds Clio's ledger, every fate and every word against the sheet.
"""

import argparse
import random
import secrets
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from rich.console import Console

from proofs import sickness, storms
from proofs.rack import Count, Job, Rack, some
from proofs.report import Report
from proofs.scenes import SCENES, Scene, points, trial_of
from proofs.trial import Outcome, die_at

WORLDS = 3  # side by side
RANDOM = 150  # batches that are killed at random
DEATHS = 4  # of each of these, at most


def kills(rack: Rack, share: float, dice: random.Random) -> None:
    """Kill at each point of each scene: one life counts them, then each has a batch of its own."""
    for scene in SCENES:
        whole = Job(
            f"{scene.name}, no kill", partial(trial_of, scene), lambda trial, scene=scene: trial.run(scene.first)
        )  # type: ignore[misc]
        (counted,) = rack.section(f"{scene.name}: counting its points", [whole])
        there = points(scene, counted.passed[len(scene.first)])
        rack.count.points += len(there)
        jobs = [_killed(scene, point) for point in some(share, dice, there)]
        rack.section(f"{scene.name}: killed at {len(jobs):,} of {len(there):,} points", jobs)


def _killed(scene: Scene, point: tuple[str, int]) -> Job:
    def note(count: Count, outcome: Outcome) -> None:
        reached = len(outcome.kills) > len(scene.first)
        count.targeted += len(outcome.kills)
        count.unreached += not reached

    name = f"{scene.name}, killed at {point[0]} #{point[1]}"
    return Job(name, partial(trial_of, scene), lambda trial: trial.run([*scene.first, die_at(point)]), note)


def at_random(rack: Rack, share: float, dice: random.Random) -> None:
    """Kill at random moments, several times in the life of one batch."""

    def note(count: Count, outcome: Outcome) -> None:
        count.random += len(outcome.kills)

    jobs = []
    for number in range(max(1, round(RANDOM * share))):
        scene = dice.choice([one for one in SCENES if not one.first and not one.from_nothing])
        moments = [dice.uniform(0.05, 1.6) for _ in range(dice.randint(1, DEATHS))]
        jobs.append(Job(f"random {number}: {scene.name}, killed after {', '.join(f'{one:.2f}' for one in moments)} s",
                        partial(trial_of, scene), lambda trial, moments=moments: trial.run(moments), note))  # type: ignore[misc]  # fmt: skip
    rack.section("killed at random", jobs)


Section = Callable[[Rack, float, random.Random], None]
SECTIONS: dict[str, Section] = {
    "kills": kills,
    "random": at_random,
    "clio": storms.clio,
    "slack": storms.slack,
    "together": storms.together,
    "disk": sickness.disk,
    "clock": sickness.clock,
    "backup": sickness.back_up,
}


def prove(
    folder: Path,
    *,
    seed: int,
    share: float = 1.0,
    sections: Sequence[str] = tuple(SECTIONS),
    worlds: int = WORLDS,
    console: Console | None = None,
) -> Report:
    """Go through the sections; `share` is how much of each is done, 1 for all of it."""
    rack = Rack(folder, worlds=worlds, console=console)
    try:
        for name in sections:
            SECTIONS[name](rack, share, random.Random(f"{seed} {name}"))
    finally:
        rack.close()
    killed = rack.count.targeted + rack.count.random
    return rack.report(f"Torture: killed {killed:,} times, and all the rest", seed)


def main() -> None:
    """Run from the command line; exit 1 where anything is wrong."""
    asked = argparse.ArgumentParser(description="Kill, cut, fill and restore, and hold every cent against the sheet.")
    asked.add_argument("--seed", type=int, help="repeat the draws of an earlier run")
    asked.add_argument("--size", type=float, default=1.0, help="how much of each section; 1 is every point")
    asked.add_argument("--worlds", type=int, default=WORLDS, help="how many batches side by side")
    asked.add_argument("--only", help=f"sections, by comma: {', '.join(SECTIONS)}")
    given = asked.parse_args()
    seed = secrets.randbelow(1_000_000) if given.seed is None else given.seed
    console = Console(width=None if sys.stdout.isatty() else 160)
    console.print(f"Torture, seed {seed}, size {given.size:g}.", highlight=False)
    folder = Path(tempfile.mkdtemp(prefix="brought-forward-"))
    sections = given.only.split(",") if given.only else tuple(SECTIONS)
    report = prove(folder, seed=seed, share=given.size, sections=sections, worlds=given.worlds, console=console)
    report.show(console)
    if report.failed:
        console.print(f"Databases, points and logs of what went wrong are in {folder}.", highlight=False)
        sys.exit(1)
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
