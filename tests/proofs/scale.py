"""Several processes on one PostgreSQL: killed, frozen, asked to end, cut off from it; nothing is doubled or lost."""

import random
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

from proofs import books
from proofs.fleet import Fleet, Process
from proofs.report import Report, run
from proofs.stage import EQUAL, timing
from proofs.windows import ENTRY, most_for_one_matter, windows_of

LEASE = 6.0
TIMES = timing(
    settle=4.0, second_look=0.5, in_flight=2, window=3.0, quota=50, poll=0.25, sweep=5.0, edit_gap=5.0, lease=LEASE,
    linger=10.0, keep_asking=5.0,
)  # fmt: skip
LIMIT, WINDOW = 50, 3.0  # Clio's calls in a window
LAG = 0.4  # seconds by which Clio's lists are behind
POST = 0.15  # seconds that Clio takes to book an entry
FIRST = 5  # entries before anything is done to who posts
LOST = 5.0  # seconds of commits that the failover loses
WRONG_BY = 120.0  # seconds by which one process's clock is wrong
KILL, FREEZE, TERM = "kill -9", "SIGSTOP", "SIGTERM"
MOST = 0.3  # seconds until 99 of 100 clicks are acknowledged
MEDIAN, WORST = 3.0, {KILL: 10.0, FREEZE: LEASE + 6.0, TERM: 2.0}


def prove(
    folder: Path, *, seed: int, entries: int = 3_600, kills: int = 20, terms: int = 5, freezes: int = 5,
    frozen: float = 60.0, restarts: int = 2, clicks: int = 500, within: float = 1.0,
) -> Report:  # fmt: skip
    """Disturb three processes while they post, then roll them over while people click.

    Each wait may be `within` times as long as it should be.
    """
    report = Report(
        f"Three processes on one PostgreSQL, {entries:,} entries, {kills + terms + freezes} of them ended", seed
    )
    with Fleet(folder / "posting", entries, TIMES) as fleet:
        acts: list[tuple[str, Callable[[], float]]] = [
            *[(KILL, lambda: _killed(fleet))] * kills,
            *[(TERM, lambda: _asked_to_end(fleet))] * terms,
            *[(FREEZE, lambda: _frozen(fleet, frozen))] * freezes,
            *[("PostgreSQL restarted", lambda: _server_away(fleet))] * restarts,
            ("a failover that lost commits", lambda: _failed_over(fleet)),
        ]
        random.Random(seed).shuffle(acts)
        _disturbed(fleet, report, acts, within)
    _rolled(folder / "clicks", report, clicks, within)
    return report


def _disturbed(fleet: Fleet, report: Report, acts: Sequence[tuple[str, Callable[[], float]]], within: float) -> None:
    """Post from the file to the closing words, while one thing after another is done to those who post."""
    fleet.processes[2].wrong_by = WRONG_BY
    fleet.clio.limit, fleet.clio.window = LIMIT, WINDOW
    fleet.clio.faults.list_lag = LAG
    fleet.clio.faults.add("delay", method="POST", path=ENTRY, seconds=POST, times=None)
    fleet.preview()
    fleet.approve()
    fleet.until(lambda: fleet.held > FIRST, "the first entries")  # else a failover may lose the approval itself
    took: dict[str, list[float]] = {}
    for name, act in acts:
        took.setdefault(name, []).append(act())
        fleet.ready()
    left = len(fleet.asked) - fleet.held
    words = fleet.closing(timeout=120 + left / 4)
    rows = [(name, len(some), f"{median(some):.1f}", f"{max(some):.1f}") for name, some in sorted(took.items())]
    report.table("Seconds to the next entry posted", ("", "times", "median", "worst"), rows)
    report.note("entries left to post after the last of these", left)
    if KILL in took:
        report.at_most("kills: median seconds to the next entry", median(took[KILL]), within * MEDIAN)
    for name, worst in WORST.items():
        if name in took:
            report.at_most(f"{name}: worst seconds to the next entry", max(took[name]), within * worst)
    _judge(fleet, report, words)


def _judge(fleet: Fleet, report: Report, words: str) -> None:
    """Hold Clio against the sheet and the books against Clio."""
    found = books.compare(fleet.asked, fleet.clio.time_entries)
    report.equals("Clio's entries", found.held, found.wanted)
    report.equals("doubled", found.doubled, 0)
    report.equals("lost", found.lost, 0)
    report.equals("not asked for, or of another amount", found.strange + found.differing, 0)
    report.equals("cents by which Clio's sum and the sheet's differ", found.cents_apart, 0)
    posted = {number for (number,) in fleet.ask("SELECT clio_id FROM entry WHERE state = 'posted'")}
    report.equals("entries of the books, each with its own of Clio's",
                  len(posted & {one.id for one in fleet.clio.time_entries}), found.wanted)  # fmt: skip
    calls = list(fleet.clio.calls)
    report.equals("calls over Clio's limit", sum(one.refused for one in windows_of(calls, WINDOW)), 0)
    report.at_most("POSTs under way at once for one matter", most_for_one_matter(calls), 1)
    report.equals(f'closing words say "{EQUAL}"', EQUAL in words, True)
    report.equals("exchanges with Clio outside its contract", len(fleet.world.contract.violations), 0)
    known = {ts for (ts,) in fleet.ask("SELECT ts FROM message")}
    said = [one for one in fleet.world.thread() if one.user == fleet.slack.bot.id and not one.files]
    report.note(
        "messages of the thread, and copies among them", f"{len(said)}, {sum(one.ts not in known for one in said)}"
    )


# What is done to them


def _victim(fleet: Fleet) -> Process:
    return fleet.until(fleet.posting, "one that posts", tick=0.05)


def _killed(fleet: Fleet) -> float:
    victim = _victim(fleet)
    took = _until_next(fleet, lambda: fleet.kill(victim))
    fleet.start(victim)
    return took


def _asked_to_end(fleet: Fleet) -> float:
    victim = _victim(fleet)
    took = _until_next(fleet, lambda: fleet.end(victim))
    assert victim.running is not None
    victim.running.wait(30)
    fleet.start(victim)
    return took


def _frozen(fleet: Fleet, seconds: float) -> float:
    victim = _victim(fleet)
    began = time.monotonic()
    took = _until_next(fleet, lambda: fleet.freeze(victim))
    time.sleep(max(seconds - (time.monotonic() - began), 0.0))
    fleet.thaw(victim)
    return took


def _server_away(fleet: Fleet) -> float:
    _victim(fleet)
    began = time.time()
    fleet.restart_server()
    return _next(fleet, began)


def _failed_over(fleet: Fleet) -> float:
    kept = fleet.keep()
    fleet.ready()
    before = fleet.held
    fleet.until(lambda: fleet.held > before, "posting to go on", tick=0.05)
    time.sleep(LOST)
    began = time.time()
    fleet.fail_over(kept)
    return _next(fleet, began)


def _until_next(fleet: Fleet, end: Callable[[], None]) -> float:
    """End one that posts; tell the seconds until another has posted."""
    ((before,),) = fleet.ask("SELECT run_token FROM batch WHERE status = 'posting'")
    began = time.time()
    end()

    def taken_over() -> bool:
        fleet.goes_on()
        now = fleet.ask("SELECT run_token FROM batch WHERE status = 'posting'")
        return bool(now) and now != [(before,)]

    fleet.until(taken_over, "another run", tick=0.02)
    after = time.time()
    return after - began + _next(fleet, after)


def _next(fleet: Fleet, began: float) -> float:
    """Tell the seconds until an entry has been posted that was sent after this moment."""

    def landed() -> Sequence[float]:
        fleet.goes_on()
        return [one.done_at for one in fleet.posts if one.at > began and one.status == 201 and one.done_at]

    return min(fleet.until(landed, "the next entry", tick=0.02)) - began


# A rolling restart


def _rolled(folder: Path, report: Report, clicks: int, within: float) -> None:
    """Ask one after another to end, and begin it again, while people click; every click is answered and carried out."""
    with Fleet(folder, 6, TIMES) as fleet:
        fleet.preview()
        message = next(one for one in fleet.world.thread() if one.user == fleet.slack.bot.id)
        before = len(fleet.slack.workspace.deliveries)
        over = threading.Event()

        def roll() -> None:
            for one in fleet.processes:
                fleet.end(one)
                assert one.running is not None
                one.running.wait(30)
                fleet.start(one)
                fleet.ready(one)
            over.set()

        rolling = threading.Thread(target=roll)
        rolling.start()
        done, began = 0, time.monotonic()
        while done < clicks or not over.is_set():
            fleet.slack.click(fleet.slack.staff, "Approve", message, snapshot=message.blocks)
            done += 1
            if done < clicks:
                time.sleep(max(began + done * 0.06 - time.monotonic(), 0.0))
            else:
                time.sleep(0.1)
        rolling.join()
        refused = "SELECT count(*) FROM decision WHERE action = 'approve' AND allowed = 0"
        fleet.until(lambda: fleet.ask(refused) == [(done,)] or time.monotonic() - began > 90, "the clicks", tick=0.2)
        deliveries = [one for one in fleet.slack.workspace.deliveries[before:] if one.kind == "block_actions"]
        times = sorted(one.seconds for one in deliveries)
        report.note("clicks over a rolling restart of all", done)
        report.equals("clicks not acknowledged", sum(one.status != 200 for one in deliveries), 0)
        report.equals("clicks carried out, each once", fleet.ask(refused)[0][0], done)
        report.at_most("seconds until 99 of 100 were acknowledged", times[int(len(times) * 0.99)], within * MOST)


if __name__ == "__main__":
    run(
        prove,
        "End, freeze and cut off the processes of one PostgreSQL while they post.",
        short={
            "entries": 130,
            "kills": 1,
            "terms": 1,
            "freezes": 0,
            "restarts": 0,
            "clicks": 60,
            "within": float("inf"),
        },
        entries=3_600,
        kills=20,
        terms=5,
        freezes=5,
    )
