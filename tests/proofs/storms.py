"""The troubles of Clio and of Slack: each alone at a fixed place, then all together by lot."""

import random
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from proofs import books
from proofs.nursery import Nursery
from proofs.rack import Job, Rack
from proofs.stage import ENTRY
from proofs.trial import TIMES, Template, Trial

Add = Callable[[Trial], object]


def _post(kind: str, nth: int = 3, **more: Any) -> Add:
    return lambda trial: trial.clio.faults.add(kind, method="POST", path=ENTRY, nth=nth, **more)


def _get(kind: str, path: str = ENTRY, times: int = 3, **more: Any) -> Add:
    """Meet lists, which are asked for again; the second entry's answer is cut, so that it is looked up there."""

    def add(trial: Trial) -> None:
        trial.clio.faults.add("cut_after", method="POST", path=ENTRY, nth=2)
        trial.clio.faults.add(kind, method="GET", path=path, times=times, **more)

    return add


def _lag(trial: Trial) -> None:
    """Let lists lag longer than the first look waits."""
    trial.clio.faults.list_lag = 0.5
    trial.clio.faults.add("cut_after", method="POST", path=ENTRY, nth=2, times=2)


def _strangers(trial: Trial) -> None:
    """Let people have entries of other descriptions, and one of our own user; and filters be ignored for ever."""
    firm = trial.world.firm
    other = firm.add_description("Research")
    for matter, user in zip(list(firm.matters), list(firm.users), strict=False):
        trial.others.add(firm.add_entry(matter, user, other, Decimal("123.45")).id)
    trial.clio.faults.add("ignore_filters", times=None)
    trial.clio.faults.add("cut_after", method="POST", path=ENTRY, nth=2, times=2)


def _three_refusals(trial: Trial) -> None:
    trial.clio.faults.add("refuse", nth=1, times=3, message="Time is locked")
    trial.presses = [("paused", "Go on"), ("posted", "Retry refused")]


# In proportion to the times in earnest: an answer is waited for 20 s, a stall lasts 30 s, the first look comes at 45 s.
STALLS = TIMES.model_copy(update={"read": 0.4, "settle": 0.9})
NO_RETRY_AFTER = TIMES.model_copy(update={"window": 0.6})

CLIO: dict[str, tuple[Add, Any]] = {
    "cut before commit": (_post("cut_before"), TIMES),
    "cut after commit": (_post("cut_after"), TIMES),
    "cut after commit, the first of all": (_post("cut_after", 1), TIMES),
    "cut before commit, the credit": (_post("cut_before", 5), TIMES),
    "500 before commit": (_post("error_before"), TIMES),
    "500 after commit": (_post("error_after"), TIMES),
    "502 with a page, before commit": (_post("html_502", when="before"), TIMES),
    "502 with a page, after commit": (_post("html_502", when="after"), TIMES),
    "503 before commit": (_post("unavailable", when="before"), TIMES),
    "503 after commit": (_post("unavailable", when="after"), TIMES),
    "429 with Retry-After": (_post("limited", retry_after=1), TIMES),
    "429 without Retry-After": (_post("limited"), NO_RETRY_AFTER),
    "401 mid-run": (_post("signed_out"), TIMES),
    "a stall before commit": (_post("delay", seconds=0.6, when="before"), STALLS),
    "a stall after commit": (_post("delay", seconds=0.6, when="after"), STALLS),
    "lists that lag": (_lag, TIMES),
    "rows of others, filters ignored": (_strangers, TIMES),
    "three refusals": (_three_refusals, TIMES),
    "lists cut": (_get("cut_before"), TIMES),
    "lists cut at their end": (_get("cut_after"), TIMES),
    "lists 500": (_get("error_before"), TIMES),
    "lists 502 with a page": (_get("html_502"), TIMES),
    "lists 503": (_get("unavailable"), TIMES),
    "lists 429": (_get("limited", retry_after=1, times=1), TIMES),
    "lists stall": (_get("delay", seconds=0.6), STALLS),
    "descriptions 503": (_get("unavailable", "/activity_descriptions.json"), TIMES),
    "the description's answer cut": (
        lambda trial: trial.clio.faults.add("cut_after", method="POST", path="/activity_descriptions.json"), TIMES),
    "the description's answer cut before": (
        lambda trial: trial.clio.faults.add("cut_before", method="POST", path="/activity_descriptions.json"), TIMES),
    "401 while listing": (_get("signed_out", times=1), TIMES),
}  # fmt: skip


def _trial(weather: Add, times: Any, folder: Path, nursery: Nursery, template: Template, **more: Any) -> Trial:
    return Trial(folder, nursery, template=template, weather=weather, times=times, **more)  # type: ignore[arg-type]


def clio(rack: Rack, share: float, dice: random.Random) -> None:
    """Meet each of Clio's troubles alone; each once and then a share of them again, killed in the midst of it."""
    jobs = [Job(f"Clio: {name}", partial(_trial, add, times), Trial.run) for name, (add, times) in CLIO.items()]
    rack.section(f"Clio, each trouble alone: {len(jobs)}", jobs)


# Slack


def _slack(method: str, kind: str, **more: Any) -> Add:
    return lambda trial: trial.slack.faults.add(method, kind, **more)


def _at_held(least: int, then: Add) -> Add:
    """Do something once Clio holds so many entries: in the midst of posting."""

    def weather(trial: Trial) -> None:
        trial.clio.faults.add("delay", method="POST", path=ENTRY, seconds=0.05, times=None)
        trial.later.append((lambda: len(trial.clio.time_entries) >= least, lambda: then(trial)))

    return weather


def _archived_for_a_while(trial: Trial) -> None:
    trial.slack.archive("balances")
    trial.later.append((lambda: _is_read_back(trial), lambda: trial.slack.unarchive("balances")))


def _archived(trial: Trial) -> None:
    trial.silent = True
    trial.slack.archive("balances")


def _parent_deleted(trial: Trial) -> None:
    parent = next(one for one in trial.slack.messages("balances") if one.thread_ts in {None, one.ts})
    trial.slack.delete_message(parent.ts)


def _down(trial: Trial) -> None:
    trial.slack.down()
    trial.later.append((lambda: _is_read_back(trial), trial.slack.up))


def _is_read_back(trial: Trial) -> bool:
    return bool(books.ask(trial.db, "SELECT 1 FROM batch WHERE status = 'posted' AND read_back IS NOT NULL"))


SAYING = ("chat.postMessage", "chat.update", "files.completeUploadExternal")
SLACK: dict[str, Add] = {
    **{f"429 of {method}": _slack(method, "ratelimited", times=2) for method in SAYING},
    **{f"500 of {method}": _slack(method, "http_500", times=2) for method in SAYING},
    **{f"503 of {method}": _slack(method, "http_503", times=2) for method in SAYING},
    **{f"reset before {method}": _slack(method, "reset_before", times=2) for method in SAYING},
    **{f"reset after {method}": _slack(method, "reset_after", times=2) for method in SAYING},
    "429 of files.info": _slack("files.info", "ratelimited"),
    "500 of the download": _slack("download", "http_500", times=2),
    "reset in the download": _slack("download", "reset_after", times=2),
    "500 of the upload": _slack("upload", "http_500"),
    "no shares yet": _slack("files.info", "no_shares", times=2),
    "blocks refused in a post": _slack("chat.postMessage", "invalid_blocks", times=4),
    "blocks refused in an edit": _slack("chat.update", "invalid_blocks", times=3),
    "blocks refused always": _slack("chat.update", "invalid_blocks", times=1),
    "archived while posting, then not": _at_held(2, _archived_for_a_while),
    "archived for good": _at_held(2, _archived),
    "the thread's parent deleted": _at_held(2, _parent_deleted),
    "down for the whole run": _at_held(1, _down),
}


def slack(rack: Rack, share: float, dice: random.Random) -> None:
    """Meet each of Slack's troubles alone."""
    jobs = [Job(f"Slack: {name}", partial(_trial, add, TIMES), Trial.run) for name, add in SLACK.items()]
    rack.section(f"Slack, each trouble alone: {len(jobs)}", jobs)


# All together

LONG, LONG_RUNS = 40, 6  # entries, runs


def _everything(seed: int, trial: Trial) -> None:
    dice = random.Random(seed)
    clio, slack = trial.clio.faults, trial.slack.faults
    clio.list_lag = 0.25
    for kind, chance, more in (
        ("cut_before", 0.04, {}), ("cut_after", 0.04, {}), ("error_before", 0.02, {}), ("error_after", 0.02, {}),
        ("html_502", 0.02, {"when": "before"}), ("html_502", 0.02, {"when": "after"}),
        ("unavailable", 0.02, {"when": "before"}), ("unavailable", 0.02, {"when": "after"}),
        ("limited", 0.01, {"retry_after": 1}), ("signed_out", 0.01, {}),
        ("delay", 0.02, {"seconds": 0.6, "when": "before"}), ("delay", 0.02, {"seconds": 0.6, "when": "after"}),
    ):  # fmt: skip
        for method in ("POST", "GET"):
            clio.add(kind, method=method, path=ENTRY, chance=chance, times=None, seed=dice.randrange(10**6), **more)  # type: ignore[arg-type]
    for method in SAYING:
        for kind in ("ratelimited", "http_500", "http_503", "reset_before", "reset_after"):
            slack.add(method, kind, times=None, chance=0.04, seed=dice.randrange(10**6))


def together(rack: Rack, share: float, dice: random.Random) -> None:
    """Meet all troubles by lot over longer runs, every second of them killed now and then."""

    def note(count: Any, outcome: Any) -> None:
        count.random += len(outcome.kills)

    jobs = []
    for number in range(max(1, round(LONG_RUNS * share))):
        seed = dice.randrange(10**6)
        moments = [dice.uniform(0.5, 4.0) for _ in range(5)] if number % 2 else []
        jobs.append(Job(f"all together, seed {seed}", partial(_trial, partial(_everything, seed), STALLS, entries=LONG),
                        lambda trial, moments=moments: trial.run(moments, longest=180.0), note))  # type: ignore[misc]  # fmt: skip
    rack.section(f"all of Clio's and Slack's troubles together, {LONG} entries", jobs)
