"""How near to Clio's limit a run gets, without once running into it: slow answers, other programs, another limit."""

import os
import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from brought_forward.bot.settings import Timing
from brought_forward.sandbox.clio import Call
from proofs.report import Report, run
from proofs.stage import Stage, timing
from proofs.windows import ENTRY, is_post, least, most_at_once, most_for_one_matter

LIMIT, WINDOW = 50, 10.0  # as many calls a second as 300 a minute: more than Clio is known to allow
LONG = 3600.0  # seconds: with Clio's own window a run takes many minutes
MOST = 1.02  # of the least time that the windows allow
OTHER = "another-program"
LEFT = re.compile(r"(?:About|Less than) (?:a|[\d.]+) (?:minute|hour)s? left")


@dataclass(frozen=True, slots=True)
class Case:
    """What is unusual in one run."""

    name: str
    latency: float = 0.0  # seconds that Clio takes for a POST, beside its own work
    others: bool = False  # another program uses a third of the limit, evenly, from the approval on
    raised: bool = False  # the limit is doubled after a third of the entries


CASES = (
    *(Case(f"{latency * 1000:g} ms", latency) for latency in (0.0, 0.1, 0.2, 0.4, 0.8)),
    Case("another program uses a third", others=True),
    Case("200 ms, another program uses a third", 0.2, others=True),
    Case("the limit is doubled midway", raised=True),
)


def prove(
    folder: Path,
    *,
    seed: int,
    entries: int = 300,
    limit: int = LIMIT,
    window: float = WINDOW,
    only: int = 0,
    most: float = MOST,
    cases: Sequence[Case] = CASES,
) -> Report:
    """Time runs from the first POST to the last against the least that Clio's windows allow.

    Clio's window of a minute is shrunk, so that a run takes one; latency is not, which makes it the harder. `only`
    is the number of one case, from 1 on. The least time ends as the last window opens that is needed, as if all of its
    calls could go in that moment.
    """
    report = Report(f"{entries} entries at {limit} calls a fixed window of {window:g} seconds (Clio's has 60)", seed)
    rows = []
    said: list[tuple[str, ...]] = []
    for number, case in enumerate(cases[only - 1 : only] if only else cases):
        calls, changed, heard = _run(folder / str(number), case, entries, limit, window, report)
        ours = [call for call in calls if OTHER not in call.query.values()]
        theirs = [call for call in calls if OTHER in call.query.values()]
        posts = [call.at for call in ours if is_post(call)]
        bound = least(ours, _grants(case, limit, window, changed), window, case.latency)
        said += [(case.name, *told) for told in _held(heard, posts[-1])]
        took, refused = posts[-1] - posts[0], sum(call.status == 429 for call in ours)
        rows.append(
            (case.name, f"{took:.2f}", f"{bound:.2f}", f"{took / bound:.3f}", most_at_once([*filter(is_post, ours)]),
             most_for_one_matter(ours), refused, f"{len(theirs)}, {sum(call.status == 429 for call in theirs)}"
             if case.others else "")
        )  # fmt: skip
        if not case.others:
            report.at_most(f"{case.name}: ratio", took / bound, most)
        report.at_most(f"{case.name}: answers 429", refused, 1 if case.others else 0)
        report.at_most(f"{case.name}: most under way for one matter", most_for_one_matter(ours), 1)
    names = (
        "Clio answers in",
        "seconds",
        "least",
        "ratio",
        "at once",
        "of one matter",
        "429",
        "the other's calls, 429",
    )
    report.table("Runs", names, rows)
    report.table("What the thread said was left", ("Clio answers in", "posted", "said", "took, seconds", "off"), said)
    # A machine that is too busy for 50 calls a window leaves windows unused; that says nothing of the bot.
    report.note("load of this machine, and its processors", f"{os.getloadavg()[0]:.1f}, {os.cpu_count()}")
    return report


Heard = list[tuple[str, str, float]]  # how much was posted, what the thread said was left, when


def _run(
    folder: Path, case: Case, entries: int, limit: int, window: float, report: Report
) -> tuple[list[Call], float, Heard]:
    """Post a batch; all calls, when the limit was changed, and what was said meanwhile."""
    changed, heard = 0.0, []
    with Stage(folder, entries, timing(window=window, quota=limit, in_flight=Timing().in_flight)) as stage:
        # Clio's own work is to cost nothing here; every other proof holds the exchanges to the contract.
        stage.clio.on_exchange.clear()
        stage.clio.limit, stage.clio.window = limit, window
        if case.latency:
            stage.clio.faults.add("delay", method="POST", path=ENTRY, seconds=case.latency, times=None)
        stage.preview()
        stage.passes(window - time.time() % window)  # the click comes as a window begins: all of it can be used
        with _another(stage, window / (limit / 3)) if case.others else _nobody():
            stage.approve()
            if case.raised:
                stage.until(lambda: len(stage.posts) > entries / 3, "a third of the entries")
                stage.clio.limit, changed = limit * 2, time.time()
            for part in ("1/4", "1/2", "3/4"):
                least_held = entries * int(part[0]) // int(part[2])
                stage.until(lambda held=least_held: stage.held >= held, part, timeout=LONG, tick=0.1)  # type: ignore[misc]
                found = LEFT.findall(stage.world.text())
                heard.append((part, found[-1] if found else "", time.time()))
            words = stage.closing(timeout=LONG)
        calls = list(stage.clio.calls)
        stage.judge(report, words)
        stage.kill()
    return calls, changed, heard


def _held(heard: Heard, end: float) -> Iterator[tuple[str, str, str, str]]:
    """Hold what was said to be left against what it took; words of minutes say nothing of less than two."""
    for part, words, at in heard:
        took = end - at
        number = re.search(r"[\d.]+", words)
        seconds = float(number[0]) * (3600 if "hour" in words else 60) if number else 30.0
        yield part, words, f"{took:.0f}", f"{(seconds - took) / took:+.0%}" if took >= 120 else ""


def _grants(case: Case, limit: int, window: float, changed: float) -> Callable[[float], int]:
    """Say what each window has for the bot."""
    if case.others:
        return lambda start: limit - limit // 3
    return lambda start: limit * 2 if case.raised and start + window > changed else limit


@contextmanager
def _nobody() -> Iterator[None]:
    yield


@contextmanager
def _another(stage: Stage, gap: float) -> Iterator[None]:
    """Let another program ask Clio with the same token, again and again."""
    over = threading.Event()

    def asks() -> None:
        with requests.Session() as session:
            session.trust_env = False
            session.headers["Authorization"] = f"Bearer {stage.clio.token}"
            while not over.wait(gap):
                session.get(f"{stage.clio.url}/users/who_am_i.json", params={"program": OTHER}, timeout=10)

    thread = threading.Thread(target=asks)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


if __name__ == "__main__":
    run(
        prove,
        "Post at Clio's limit and compare with the least time that it allows.",
        # At its own size it is for speed too.
        short={"entries": 45, "limit": 20, "window": 3.0, "most": float("inf"), "cases": (CASES[4],)},
        entries=300,
        limit=LIMIT,
        window=int(WINDOW),
        only=0,
    )
