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
from pathlib import Path

from rich.console import Console

from proofs import sample, sickness, storms
from proofs.rack import Job, Rack, some
from proofs.report import Report
from proofs.scenes import SCENES, Scene, die_at, job, points, reached

WORLDS = 3  # side by side
RANDOM = 60  # batches that are killed at random
DEATHS = 4  # of each of these, at most
TRIES = 3  # batches for a point that a life does not come to


def kills(rack: Rack, share: float, dice: random.Random) -> None:
    """Kill at each point of each scene: one life counts them, then each has a batch of its own."""
    for scene in [one for one in SCENES if rack.scene in one.name]:
        for _ in range(TRIES):
            (counted,) = rack.section(f"{scene.name}: counting its points", [job(f"{scene.name}, no kill", scene)])
            if not counted.late:
                break
        if counted.wrong:
            continue
        there = points(scene, counted.passed[len(scene.first)])
        rack.count.points += len(there)
        left = some(share, dice, there)
        rack.count.chosen += len(left)
        for tried in range(TRIES):
            again = ", again where it was not come to" if tried else ""
            outcomes = rack.section(f"{scene.name}: killed at {len(left):,} of {len(there):,} points{again}",
                                    [_at(scene, point) for point in left])  # fmt: skip
            left = [point for point, outcome in zip(left, outcomes, strict=True) if not reached(scene, outcome)]
            if not left:
                break
        rack.count.unreached += len(left)


def _at(scene: Scene, point: tuple[str, int]) -> Job:
    return job(f"{scene.name}, killed at {point[0]} #{point[1]}", scene, die_at(point))


def at_random(rack: Rack, share: float, dice: random.Random) -> None:
    """Kill at random moments, several times in the life of one batch."""
    jobs = []
    for number in range(max(1, round(RANDOM * share))):
        scene = dice.choice([one for one in SCENES if not one.first and not one.from_nothing])
        moments = [dice.uniform(0.05, 1.6) for _ in range(dice.randint(1, DEATHS))]
        name = f"random {number}: {scene.name}, killed after {', '.join(f'{one:.2f}' for one in moments)} s"
        jobs.append(job(name, scene, *moments))
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
    "sample": sample.sample,
    "machine": sickness.sample,
}
LITTLE = ("sample", "machine")  # of all, for the suite
USUAL = tuple(name for name in SECTIONS if name not in LITTLE)


def prove(
    folder: Path,
    *,
    seed: int,
    share: float = 1.0,
    sections: Sequence[str] = USUAL,
    scene: str = "",
    worlds: int = WORLDS,
    console: Console | None = None,
) -> Report:
    """Go through the sections; `share` is how much of each is done, 1 for all of it.

    `scene` narrows the kills to the scenes that have it in their name.
    """
    rack = Rack(folder, worlds=worlds, scene=scene, console=console)
    try:
        for name in sections:
            SECTIONS[name](rack, share, random.Random(f"{seed} {name}"))
    finally:
        rack.close()
    return rack.report("Torture", seed)


def main() -> None:
    """Run from the command line; exit 1 where anything is wrong."""
    asked = argparse.ArgumentParser(description="Kill, cut, fill and restore, and hold every cent against the sheet.")
    asked.add_argument("--seed", type=int, help="repeat the draws of an earlier run")
    asked.add_argument("--size", type=float, default=1.0, help="how much of each section; 1 is every point")
    asked.add_argument("--worlds", type=int, default=WORLDS, help="how many batches side by side")
    asked.add_argument("--short", action="store_true", help="a little of all, as the suite does it")
    asked.add_argument("--only", help=f"sections, by comma: {', '.join(SECTIONS)}")
    asked.add_argument("--scene", default="", help="kill in the scenes alone whose name has this in it")
    given = asked.parse_args()
    seed = secrets.randbelow(1_000_000) if given.seed is None else given.seed
    console = Console(width=None if sys.stdout.isatty() else 160)
    console.print(f"Torture, seed {seed}, size {given.size:g}.", highlight=False)
    folder = Path(tempfile.mkdtemp(prefix="brought-forward-"))
    sections = given.only.split(",") if given.only else LITTLE if given.short else USUAL
    report = prove(
        folder,
        seed=seed,
        share=given.size,
        sections=sections,
        scene=given.scene,
        worlds=given.worlds,
        console=console,
    )
    report.show(console)
    if report.failed:
        console.print(f"Databases, points and logs of what went wrong are in {folder}.", highlight=False)
        sys.exit(1)
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
