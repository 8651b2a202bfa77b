"""A little of all that `make torture` does with kills, Clio and Slack, for the suite: several of it in one batch."""

import random
from collections.abc import Sequence
from functools import partial
from typing import Any

from proofs import storms
from proofs.rack import Job, Rack
from proofs.scenes import APPROVED, SCENES, job
from proofs.stage import ENTRY
from proofs.storms import SAYING, STALLS, Add
from proofs.trial import Doom, Trial, die_at, points_of

POST = f"POST clio{ENTRY}"
DELETE = "DELETE clio/activities/N.json"
POSTING: tuple[Doom, ...] = (die_at((f"before {POST}", 2)), die_at((f"sent {POST}", 1)), die_at((f"after {POST}", 1)))
UNDOING: tuple[Doom, ...] = (die_at((f"sent {DELETE}", 2)), die_at((f"before {DELETE}", 1)))
TIMES = STALLS.model_copy(update={"window": 0.6})  # a 429 without Retry-After waits for the end of a window


def sample(rack: Rack, share: float, dice: random.Random) -> None:
    """Kill in each scene several times over; meet Clio's faults and Slack's several to a batch."""
    whole = SCENES[-1]  # it posts, then undoes: the points of all others are among its own
    (counted,) = rack.section("counting points", [job("no kill", whole)])
    passed = points_of(counted.passed[0])
    decided = [place for place, (name, _) in enumerate(passed) if APPROVED in name]
    reading, posting, undoing = passed[: decided[0]], passed[decided[0] : decided[1]], passed[decided[1] :]
    rack.section("kills, Clio, Slack", [*_kills(dice, reading, posting, undoing), *_clio(dice), *_slack(dice)])


def _kills(dice: random.Random, *parts: Sequence[tuple[str, int]]) -> list[Job]:
    reading, posting, undoing = ([die_at(point) for point in part] for part in parts)
    life, nothing, cuts, refused, signed_out, stopped, taken_up, twice, undone = SCENES
    plays: list[tuple[Any, Sequence[Doom]]] = [
        (life, [dice.choice(reading), dice.choice(posting)]),
        (nothing, [dice.choice(reading)]),
        (cuts, POSTING),
        (refused, [dice.choice(posting)]),
        (signed_out, [dice.choice(posting), POSTING[1]]),
        (stopped, [dice.choice(posting)]),
        (taken_up, [dice.choice(POSTING)]),
        (twice, [dice.choice(POSTING)]),
        (undone, [*UNDOING, dice.choice(undoing)]),
    ]
    return [job(f"{scene.name}, killed {len(dooms)} times", scene, *dooms) for scene, dooms in plays]


def _clio(dice: random.Random) -> list[Job]:
    """Meet each of five POSTs with another fault, in an order by lot."""
    kinds: dict[str, list[tuple[str, dict[str, Any]]]] = {
        when: [(f"cut_{when}", {}), (f"error_{when}", {}), ("html_502", {"when": when}),
               ("unavailable", {"when": when}), ("delay", {"when": when, "seconds": 0.6})]
        for when in ("before", "after")
    }  # fmt: skip
    kinds["lists lag, and"] = [("limited", {}), ("limited", {"retry_after": 1}), ("signed_out", {}), ("cut_after", {}),
                               ("error_after", {})]  # fmt: skip
    return [
        Job(f"Clio: {when} {', '.join(name for name, _ in faults)}",
            partial(storms.in_weather, partial(_each, faults, when.startswith("lists")), TIMES), Trial.run,
            meets="clio")
        for when, some in kinds.items() for faults in [dice.sample(some, len(some))]
    ]  # fmt: skip


def _each(faults: Sequence[tuple[str, dict[str, Any]]], lag: bool, trial: Trial) -> None:
    for nth, (kind, more) in enumerate(faults, start=1):
        storms.post(kind, nth, **more)(trial)
    if lag:
        trial.clio.faults.add("ignore_filters", times=None)
        trial.clio.faults.list_lag = 0.5


def _slack(dice: random.Random) -> list[Job]:
    kinds = ["ratelimited", "http_500", "http_503", "reset_before", "reset_after"]

    def saying(trial: Trial) -> None:
        for method in (*SAYING, "files.info", "upload"):
            for kind in dice.sample(kinds, 2):
                storms.saying(method, kind)(trial)

    weathers: dict[str, Add] = {
        "429, 5xx and resets": saying,
        "blocks refused always": storms.at_held(1, storms.without_blocks),
        "the thread's parent deleted, then down": storms.at_held(2, _gone_and_down),
    }
    return [Job(f"Slack: {name}", partial(storms.in_weather, add, storms.TIMES), Trial.run, meets="slack")
            for name, add in weathers.items()]  # fmt: skip


def _gone_and_down(trial: Trial) -> None:
    storms.parent_deleted(trial)
    storms.down(trial)
