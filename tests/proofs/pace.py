"""How near to Clio's limit a run gets, without once running into it."""

import os
import time
from datetime import UTC, datetime
from pathlib import Path

from proofs.report import Report, run
from proofs.stage import Stage, timing
from proofs.windows import is_post, least, windows_of

LIMIT, WINDOW = 50, 4.0
MOST = 1.05  # of the least time that the windows allow


def prove(
    folder: Path, *, seed: int, entries: int = 300, limit: int = LIMIT, window: float = WINDOW, most: float = MOST
) -> Report:
    """Time a run from its first POST to its last against the least that Clio's windows allow."""
    report = Report(f"{entries} entries at {limit} calls a fixed window of {window:g} seconds", seed)
    with Stage(folder, entries, timing(window=window, quota=limit)) as stage:
        # Clio's own work is to cost nothing here; every other proof holds the exchanges to the contract.
        stage.clio.on_exchange.clear()
        stage.clio.limit, stage.clio.window = limit, window
        stage.preview()
        stage.passes(window - time.time() % window)  # the click comes as a window begins: all of it can be used
        stage.approve()
        words = stage.closing()
        calls = list(stage.clio.calls)
        stage.judge(report, words)
        stage.kill()
    posts = [call.at for call in calls if is_post(call)]
    bound, took = least(calls, limit, window), posts[-1] - posts[0]
    rows = [
        (f"{datetime.fromtimestamp(one.start, UTC):%H:%M:%S}", one.calls, one.posts, one.refused)
        for one in windows_of(calls, window)
    ]
    report.table("Clio's windows", ("from", "calls", "of them POSTs", "429"), rows)
    # A machine that is too busy for 50 calls in 4 seconds leaves windows unused; that says nothing of the bot.
    report.note("load of this machine, and its processors", f"{os.getloadavg()[0]:.1f}, {os.cpu_count()}")
    report.note("seconds from first to last POST", f"{took:.2f}")
    report.note("the least that the windows allow", f"{bound:.2f}")
    report.at_most("ratio of the two", took / bound, most)
    report.equals("answers 429", sum(call.status == 429 for call in calls), 0)
    return report


if __name__ == "__main__":
    run(prove, "Post at Clio's limit and compare with the least time that it allows.", entries=300, limit=LIMIT)
