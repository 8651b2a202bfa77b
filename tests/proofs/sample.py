"""A little of all that `make torture` does with kills, Clio and Slack, for the suite: several of it in one batch."""

import random
from collections.abc import Sequence
from functools import partial
from typing import Any

from proofs import storms
from proofs.rack import Job, Rack
from proofs.scenes import SCENES, Scene, die_at, job
from proofs.stage import ENTRY
from proofs.storms import SAYING, STALLS, Add
from proofs.trial import Doom, Trial

POST = f"POST clio{ENTRY}"
DELETE = "DELETE clio/activities/N.json"
CLAIM, SETTLE = "commit batch.db UPDATE entry, INSERT attempt", "commit batch.db UPDATE entry, UPDATE attempt"
SENT: tuple[Doom, ...] = (die_at((f"before {POST}", 2)), die_at((f"sent {POST}", 1)), die_at((f"after {POST}", 1)))
DELETED: tuple[Doom, ...] = (die_at((f"sent {DELETE}", 2)), die_at((f"before {DELETE}", 1)))
READING = (
    ("commit batch.db INSERT seen_event", 1),
    ("commit batch.db INSERT batch, UPDATE seen_event, UPDATE message", 1),
    ("sent POST slack/chat.postMessage", 1),
    ("after GET slack/files-pri", 1),
    ("commit batch.db INSERT kept_file, UPDATE batch", 1),
    ("sent GET clio/matters.json", 1),
    ("commit batch.db UPDATE batch, DELETE entry, UPDATE line", 1),
    ("after POST slack/chat.update", 1),
)
POSTING = (
    ("commit batch.db UPDATE batch, INSERT decision, UPDATE message", 1),
    ("after GET clio/users.json", 2),
    ("commit batch.db INSERT older_entry, UPDATE batch", 1),
    (CLAIM, 1),
    (CLAIM, 3),
    (f"sent {POST}", 2),
    (SETTLE, 1),
    (SETTLE, 4),
)
UNDOING = (
    ("commit batch.db UPDATE batch, INSERT reversal, INSERT decision", 1),
    ("after GET clio/activities/N.json", 1),
    ("commit batch.db UPDATE reversal", 1),
    ("commit batch.db UPDATE entry, INSERT older_entry, UPDATE reversal", 1),
)
TIMES = STALLS.model_copy(update={"window": 0.6})  # a 429 without Retry-After waits for the end of a window


def sample(rack: Rack, share: float, dice: random.Random) -> None:
    """Kill in each scene, mostly more than once; meet Clio's faults and Slack's several to a batch."""
    rack.section("kills, Clio, Slack", [*_kills(dice), *_clio(dice), *_slack(dice)])


def _kills(dice: random.Random) -> list[Job]:
    life, nothing, cuts, refused, signed_out, stopped, taken_up, twice, undone = SCENES
    reading, posting = ([die_at(point) for point in dice.sample(pool, len(pool))] for pool in (READING, POSTING))
    plays: list[tuple[Scene, Sequence[Doom]]] = [
        (life, [reading[0], posting[0]]),
        (nothing, [die_at(READING[0])]),
        (cuts, SENT),
        (refused, [posting[1]]),
        (signed_out, [posting[2], SENT[1]]),
        (stopped, [posting[3]]),
        (taken_up, [SENT[1]]),
        (twice, [SENT[2]]),
        (undone, [die_at(dice.choice(UNDOING)), *DELETED]),
    ]
    return [job(f"{scene.name}, killed {len(dooms)} times", scene, *dooms) for scene, dooms in plays]


def _clio(dice: random.Random) -> list[Job]:
    """Meet each POST with another fault, in an order by lot."""
    kinds: list[tuple[str, dict[str, Any]]] = [
        fault
        for when in ("before", "after")
        for fault in ((f"cut_{when}", {}), (f"error_{when}", {}), ("html_502", {"when": when}),
                      ("unavailable", {"when": when}), ("delay", {"when": when, "seconds": 0.6}))
    ]  # fmt: skip
    others: list[tuple[str, dict[str, Any]]] = [
        ("limited", {}), ("limited", {"retry_after": 1}), ("signed_out", {}), ("cut_after", {}), ("error_after", {})
    ]  # fmt: skip
    return [
        Job(f"Clio: {', '.join(name for name, _ in faults)}",
            partial(storms.in_weather, partial(_each, faults, lag), TIMES, entries=len(faults)), Trial.run,
            meets="clio")
        for faults, lag in ((dice.sample(kinds, len(kinds)), False), (dice.sample(others, len(others)), True))
    ]  # fmt: skip


def _each(faults: Sequence[tuple[str, dict[str, Any]]], lag: bool, trial: Trial) -> None:
    for nth, (kind, more) in enumerate(faults, start=1):
        storms.post(kind, nth, **more)(trial)
    if lag:
        trial.clio.faults.add("ignore_filters", times=None)
        trial.clio.faults.list_lag = 0.5


def _slack(dice: random.Random) -> list[Job]:
    kinds = ["ratelimited", "http_500", "http_503", "reset_before", "reset_after"]

    def all_of_it(trial: Trial) -> None:
        for method in (*SAYING, "files.info", "upload"):
            for kind in dice.sample(kinds, 2):
                storms.saying(method, kind)(trial)
        storms.at_held(2, _gone_and_down)(trial)

    weathers: dict[str, Add] = {
        "429, 5xx and resets, then the thread's parent deleted, then down": all_of_it,
        "blocks refused always": storms.at_held(1, storms.without_blocks),
    }
    return [Job(f"Slack: {name}", partial(storms.in_weather, add, storms.TIMES), Trial.run, meets="slack")
            for name, add in weathers.items()]  # fmt: skip


def _gone_and_down(trial: Trial) -> None:
    storms.parent_deleted(trial)
    storms.down(trial)
