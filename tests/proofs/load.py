"""What the bot bears: many uploads and clicks at once while it posts, a day of work, and what it takes to be there."""

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import mean, median
from typing import Any

from brought_forward.sandbox.serving import hold_port
from proofs import books
from proofs.cost import used
from proofs.report import Report, run
from proofs.stage import CLOSING, EQUAL, Stage, timing

MOST = 0.2  # seconds until the bot has acknowledged, for 99 of 100
GROWN = 1.05  # memory of a day's last quarter to that of its second
LIMIT, WINDOW = 50, 6.0  # Clio's calls in a window, so that posting lasts as long as the storm
CLICKERS = 20
SMALL = 3  # lines of each file in the storm
BARE = """
import sys
from slack_bolt import App
from slack_bolt.adapter.wsgi import SlackRequestHandler
from waitress import serve
app = App(token="xoxb-1", signing_secret="s", token_verification_enabled=False)
app.event("file_shared")(lambda ack: ack())
handler = SlackRequestHandler(app)
def wsgi(environ, start):
    if environ["PATH_INFO"] == "/healthz":
        start("200 OK", [("Content-Type", "text/plain")])
        return [b"ok"]
    return handler(environ, start)
serve(wsgi, host="127.0.0.1", port=int(sys.argv[1]))
"""
UNTOLD = "SELECT 1 FROM batch WHERE read_back IS NULL"
TIMES = timing(edit_gap=5.0, home_gap=5.0, poll=0.25, sweep=5.0, window=WINDOW, quota=LIMIT, in_flight=8)


def prove(
    folder: Path, *, seed: int, entries: int = 300, uploads: int = 50, clicks: int = 500, hours: int = 24,
    most: float = MOST, grown: float = GROWN,
) -> Report:  # fmt: skip
    """Storm it, let it work for a day, and hold it beside a bare Bolt app."""
    report = Report(f"{uploads} uploads and {clicks} clicks at once, a day of {hours} hours, and at rest", seed)
    _storm(folder / "storm", report, entries, uploads, clicks, most)
    _day(folder / "day", report, hours, grown)
    _beside_bolt(folder / "rest", report)
    return report


# Many at once


def _storm(folder: Path, report: Report, entries: int, uploads: int, clicks: int, most: float) -> None:
    """Drop files and click while a batch posts; every one is acknowledged, taken once, and nothing is lost."""
    with Stage(folder, entries + uploads * SMALL, TIMES) as stage:
        mine, theirs = stage.rows[:entries], stage.rows[entries:]
        stage.rows = mine
        stage.asked = books.wanted(mine, stage.world.firm)
        stage.clio.limit, stage.clio.window = LIMIT, WINDOW
        people = [stage.slack.staff, *(stage.slack.add_person(f"staff{one}") for one in range(4))]
        stage.preview()
        old = stage.preview_message()
        stage.approve()
        stage.until(lambda: stage.held >= 2, "two entries")
        before = len(stage.slack.workspace.deliveries)
        began = stage.held

        def upload(number: int) -> None:
            part = theirs[number * SMALL : (number + 1) * SMALL]
            stage.world.drop(part, name=f"storm {number}.csv", user=people[number % len(people)])

        def click(number: int) -> None:
            stage.slack.click(people[number % len(people)], "Approve", old, snapshot=old.blocks)

        with ThreadPoolExecutor(CLICKERS) as crowd:
            list(crowd.map(lambda act: act[0](act[1]), _mixed(upload, uploads, click, clicks)))
        posted = stage.held - began
        taken = "SELECT count(*) FROM decision WHERE action = 'approve' AND allowed = 0"
        stage.until(
            lambda: books.ask(stage.db, taken) == [(clicks,)], f"{clicks} clicks in the log", timeout=60, tick=0.1
        )
        shown = "SELECT count(*) FROM batch WHERE id > 1 AND status = 'previewed'"
        stage.until(lambda: books.ask(stage.db, shown) == [(uploads,)], f"{uploads} previews", timeout=300, tick=0.2)
        words = stage.until(lambda: _closing(stage, old), "the closing words", timeout=600, tick=0.1)
        deliveries = stage.slack.workspace.deliveries[before:]
        kinds = {"clicks": "block_actions", "files": "file_shared"}
        rows = []
        for name, kind in kinds.items():
            times = sorted(one.seconds for one in deliveries if one.kind == kind)
            rows.append((name, len(times), *(f"{1000 * _share(times, part):.0f}" for part in (0.5, 0.99, 1.0))))
            report.at_most(f"{name}: seconds until 99 of 100 were acknowledged", _share(times, 0.99), most)
        report.table("Acknowledged within, ms", ("", "", "median", "99 %", "worst"), rows)
        report.equals("not acknowledged", sum(one.status != 200 for one in deliveries), 0)
        report.equals("clicks in the log, each refused once", books.ask(stage.db, taken)[0][0], clicks)
        report.equals("files with a preview of their own", books.ask(stage.db, shown)[0][0], uploads)
        report.note("entries posted meanwhile", posted)
        report.note("memory afterwards, MB", f"{_memory(stage):.0f}")
        found = books.compare(stage.asked, stage.clio.time_entries)
        report.equals("doubled, lost, cents apart", (found.doubled, found.lost, found.cents_apart), (0, 0, 0))
        report.equals(f'closing words say "{EQUAL}"', EQUAL in words, True)


def _closing(stage: Stage, preview: Any) -> str:
    thread = stage.slack.thread("balances", preview.thread_ts)
    return next((text for one in thread if CLOSING in (text := stage.slack.plain(one))), "")


def _mixed(
    upload: Callable[[int], None], uploads: int, click: Callable[[int], None], clicks: int
) -> list[tuple[Callable[[int], None], int]]:
    """Spread the uploads over the clicks."""
    acts = [((place + 0.5) / uploads, upload, place) for place in range(uploads)]
    acts += [((place + 0.5) / clicks, click, place) for place in range(clicks)]
    return [(act, number) for _, act, number in sorted(acts, key=lambda one: one[0])]


def _share(times: Sequence[float], part: float) -> float:
    return times[min(int(part * len(times)), len(times) - 1)] if times else float("inf")


# A day


def _day(folder: Path, report: Report, hours: int, grown: float) -> None:
    """Work through a day at raised speed: each hour a batch from file to closing words, clicks, commands, Home tabs."""
    each = 8
    with Stage(folder, hours * each, TIMES.model_copy(update={"sweep": 0.5})) as stage:
        stage.clio.limit = 0
        stage.start()
        stage.ready()
        memory = []
        for hour in range(hours):
            part = stage.rows[hour * each : (hour + 1) * each]
            stage.world.drop(part, name=f"hour {hour}.csv")
            number = hour + 1
            _status(stage, number, "previewed")
            stage.until(lambda: "ready for approval" in stage.world.text(), "the preview", tick=0.02)
            preview = stage.world.thread()
            for person in (stage.slack.staff, stage.slack.outsider):
                stage.slack.click(person, "Approve", _preview_of(stage, preview))
            stage.slack.open_home(stage.slack.manager)
            stage.slack.command(stage.slack.manager, "list")
            stage.slack.click(stage.slack.manager, "Approve", _preview_of(stage, preview))
            _status(stage, number, "posted")
            stage.until(lambda: not books.ask(stage.db, UNTOLD), "the closing words", tick=0.05)
            memory.append(_memory(stage))
        quarter = max(hours // 4, 1)
        second, last = mean(memory[quarter : 2 * quarter] or memory), mean(memory[-quarter:])
        report.table("A day's memory, MB", ("hour", "MB"), [(hour + 1, f"{one:.0f}") for hour, one in enumerate(memory)
                                                         if hour % quarter == quarter - 1])  # fmt: skip
        report.at_most("a day: memory of its last quarter to that of its second", last / second, grown)
        report.equals("a day: entries in Clio", stage.held, hours * each)


def _preview_of(stage: Stage, thread: Sequence[Any]) -> Any:
    return next(message for message in thread if message.user == stage.slack.bot.id)


def _status(stage: Stage, batch: int, status: str) -> None:
    sql = f"SELECT count(*) FROM batch WHERE id = {batch} AND status = '{status}'"
    stage.until(lambda: books.ask(stage.db, sql) == [(1,)], f"B{batch} {status}", timeout=120, tick=0.05)


def _memory(stage: Stage) -> float:
    assert stage.process is not None
    return used(stage.process.pid)[1]


# At rest


def _beside_bolt(folder: Path, report: Report) -> None:
    """Start the bot and an app of Bolt's that does nothing, by turns, and let both rest."""
    ours, bare = [], []
    with Stage(folder, 1, timing(sweep=60.0, poll=0.25)) as stage:
        for _ in range(3):
            began = time.monotonic()
            stage.start()
            stage.ready()
            ours.append((time.monotonic() - began, *_resting(stage.process)))
            stage.kill()
            port = hold_port(stage)
            began = time.monotonic()
            with subprocess.Popen([sys.executable, "-c", BARE, str(port)], stderr=subprocess.DEVNULL) as process:
                stage.port, kept = port, stage.port
                stage.process = process
                stage.ready()
                bare.append((time.monotonic() - began, *_resting(process)))
                stage.port = kept
                process.kill()
    rows = [
        (name, f"{median(one[0] for one in some):.1f}", f"{median(one[1] for one in some):.0f}",
         f"{100 * median(one[2] for one in some):.1f} %")
        for name, some in (("the bot", ours), ("a bare Bolt app", bare))
    ]  # fmt: skip
    report.table("At rest", ("", "start, s", "MB", "of a processor"), rows)


def _resting(process: "subprocess.Popen[bytes] | None", seconds: float = 3.0) -> tuple[float, float]:
    assert process is not None
    time.sleep(1.0)
    before, _ = used(process.pid)
    time.sleep(seconds)
    after, megabytes = used(process.pid)
    return megabytes, after.since(before).seconds / seconds


if __name__ == "__main__":
    run(prove, "Load the bot: many at once, a day, and at rest.",
        short={"entries": 12, "uploads": 4, "clicks": 20, "hours": 2, "most": 10.0, "grown": 2.0})  # fmt: skip
