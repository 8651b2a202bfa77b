"""What a batch is put through while it is killed: the weather, what people press, and where its killing begins."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from proofs.doomed import Fate
from proofs.nursery import Nursery
from proofs.rack import Count, Job
from proofs.stage import ENTRY
from proofs.trial import Doom, Outcome, Template, Trial

ONE = "/activities/*"
APPROVED = "INSERT decision"  # in the name of the commit that keeps a decision


def points_of(passed: Sequence[str]) -> list[tuple[str, int]]:
    """Number the points of a life: each with which time it was passed, so that it can be died at."""
    seen: Counter[str] = Counter()
    found = []
    for point in passed:
        seen[point] += 1
        found.append((point, seen[point]))
    return found


def die_at(point: tuple[str, int], fate: Fate | None = None) -> Fate:
    """Make a fate that ends at a point."""
    return replace(fate or Fate(), die_at=point)


@dataclass(frozen=True, slots=True)
class Scene:
    """One way a batch may go. Its points are killed from `since` on: another scene has those before."""

    name: str
    weather: Callable[[Trial], None] = lambda trial: None
    presses: tuple[tuple[str, str], ...] = ()  # at which status, which button
    first: tuple[Doom, ...] = ()  # lives before the one that is killed at each of its points
    since: tuple[str, int] = ("", 1)  # part of a point's name, and which time it is passed
    until: str = ""  # part of a point's name
    ends: str = "posted"
    from_nothing: bool = False  # no database yet, and Clio has no activity description


def _cuts(trial: Trial) -> None:
    """Leave three of five entries without an answer, one of them the first; the lists lag."""
    trial.clio.faults.add("cut_after", method="POST", path=ENTRY, nth=1)
    trial.clio.faults.add("cut_before", method="POST", path=ENTRY, nth=3)
    trial.clio.faults.add("error_after", method="POST", path=ENTRY, nth=5)
    trial.clio.faults.list_lag = 0.25


def _refusal(trial: Trial) -> None:
    trial.clio.faults.add("refuse", nth=2, message="Time is locked")


def _signed_out(trial: Trial) -> None:
    trial.clio.faults.add("signed_out", method="POST", path=ENTRY, nth=3)


def _slow(trial: Trial) -> None:
    trial.clio.faults.add("delay", method="POST", path=ENTRY, seconds=0.4, when="after", times=None)


def _lost_deletes(trial: Trial) -> None:
    """Cut the answers to three of five deletes, one of them before it is carried out."""
    trial.clio.faults.add("cut_after", method="DELETE", path=ONE, nth=1)
    trial.clio.faults.add("cut_before", method="DELETE", path=ONE, nth=3)
    trial.clio.faults.add("error_after", method="DELETE", path=ONE, nth=5)


SCENES = (
    Scene("the whole life"),
    Scene("the first start of all", from_nothing=True, until="before POST slack"),
    Scene("answers missing, lists that lag", _cuts, since=(APPROVED, 1)),
    Scene("refused, then Retry refused", _refusal, presses=(("posted", "Retry refused"),), since=(APPROVED, 2)),
    Scene("signed out, then goes on by itself", _signed_out, since=("UPDATE attempt", 2)),
    Scene("Stop, then Go on", _slow, presses=(("posting", "Stop"), ("stopped", "Go on")), since=("UPDATE attempt", 1)),
    Scene("taken up after a kill in a POST", first=(die_at(("after POST clio/activities.json", 2)),)),
    Scene("taken up twice", first=(die_at(("sent POST clio/activities.json", 1)), 0.5)),
    Scene("undone, answers missing", _lost_deletes, presses=(("posted", "Undo"),), since=(APPROVED, 2), ends="undone"),
)


def points(scene: Scene, passed: list[str]) -> list[tuple[str, int]]:
    """Name the points, of those that a life passed, at which a scene is to be killed."""
    name, nth = scene.since
    begins = [place for place, point in enumerate(passed) if name in point]
    last = next((place for place, point in enumerate(passed) if scene.until and scene.until in point), len(passed))
    return points_of(passed)[begins[nth - 1] : last] if len(begins) >= nth else []


def job(name: str, scene: Scene, *dooms: Doom) -> Job:
    """Play a scene: the lives with which it begins, then one for each doom, then one that ends by itself."""
    return Job(name, partial(_set, scene), lambda trial: trial.run([*scene.first, *dooms]), partial(_count, scene))


def reached(scene: Scene, outcome: Outcome) -> bool:
    """Whether a batch was killed at its point, after the lives with which its scene begins."""
    place = len(scene.first)
    return len(outcome.kills) > place and outcome.kills[place].named and not outcome.late


def _count(scene: Scene, count: Count, outcome: Outcome) -> None:
    count.reached += reached(scene, outcome)
    count.targeted += sum(kill.named for kill in outcome.kills)
    count.random += sum(not kill.named for kill in outcome.kills)


def _set(scene: Scene, folder: Path, nursery: Nursery, template: Template) -> Trial:
    trial = Trial(folder, nursery, template=None if scene.from_nothing else template, weather=scene.weather)
    trial.people.presses = list(scene.presses)
    trial.ends = scene.ends
    return trial
