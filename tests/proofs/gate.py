"""SIGSTOP at the gate: no POST is completed long after its claim, wherever between the two the process is frozen.

A claim is safe only while nobody may think it lost. So each POST that came to Clio is held against its claim in the
database: the last byte must have come within the time that a claim is good for, and a freeze lasts much longer than
that. `--guarded 0` makes claims good for ever, which is what a bot without that look at the clock would do: then the
same freezes must let some come late, else this proof would prove nothing.
"""

import json
import os
import random
from bisect import bisect_right
from collections import Counter
from datetime import datetime
from pathlib import Path

from proofs import books
from proofs.freezes import at_a_claim
from proofs.report import Report, run
from proofs.stage import Stage, key, timing
from proofs.toll import Toll
from proofs.windows import most_at_once

AT_ONCE = 16
GOOD = 0.4  # seconds that a claim is good for
SLACK = 0.1  # seconds from the look at the clock until the system has the bytes, where nothing is frozen
FROZEN = 1.2
REACH = 250e-6  # seconds after the headers: the body follows within about so long
AHEAD = 12  # POSTs, at most, from one freeze to the next


def prove(folder: Path, *, seed: int, freezes: int = 200, guarded: int = 1) -> Report:
    """Freeze a run so many times, most of them between headers and body, and look for a POST that came late."""
    entries = freezes * 18 + 4 * AT_ONCE
    report = Report(f"{freezes} freezes at the gate, {AT_ONCE} POSTs under way, {entries} entries", seed)
    dice = random.Random(seed)
    caught: Counter[str] = Counter()
    times = timing(claim=GOOD if guarded else 1e6, settle=8.0, second_look=0.3, in_flight=AT_ONCE)
    bodies = folder / "bodies"
    with Stage(folder, entries, times) as stage, Toll(stage.clio.url, bodies) as toll:
        stage.clio.on_exchange.clear()  # the contract is held to elsewhere; here Clio is to be quick
        stage.clio_url = toll.url
        stage.latency(seed)
        stage.preview()
        stage.approve()
        done = 0
        while done < freezes and not stage.is_over:
            aim = "at a claim" if dice.random() < 0.2 else "between headers and body"
            least = len(stage.clio.calls) + dice.randint(1, AHEAD)
            stage.until(lambda least=least: len(stage.clio.calls) >= least or stage.is_over, "POSTs")  # type: ignore[misc]
            if stage.is_over:
                break
            caught[aim] += _freeze(stage, toll, dice, aim)
            done += 1
        words = stage.closing(timeout=900)
        stage.judge(report, words)
        late = sorted(_lateness(stage, bodies), reverse=True)
        outcomes = books.attempts(stage.db)
        at_once = most_at_once(stage.posts)
        stage.kill()
    rows = [(count, aim) for aim, count in caught.most_common()]
    report.table("Claims that a freeze caught before Clio had their POST", ("claims", "aimed"), rows)
    report.table("What became of every attempt", ("attempts", "outcome", "detail"), outcomes)
    report.equals("freezes", done, freezes)
    report.note("POSTs under way at once, at most", at_once)
    report.at_least("claims caught between claim and last byte", sum(caught.values()), max(freezes // 4, 1))
    report.note("seconds from claim to last byte, the longest", ", ".join(f"{seconds:.3f}" for seconds in late[:5]))
    many = sum(seconds > GOOD + SLACK for seconds in late)
    if guarded:
        report.equals(f"POSTs that came more than {GOOD + SLACK:g} s after their claim", many, 0)
    else:
        report.at_least(f"POSTs that came more than {GOOD + SLACK:g} s after their claim", many, 1)
    return report


def _freeze(stage: Stage, toll: Toll, dice: random.Random, aim: str) -> int:
    """Freeze and wake the bot; count the claims whose POST Clio does not have at that moment."""
    assert stage.process is not None
    if aim == "at a claim":
        at_a_claim(stage, dice)
        stage.passes(dice.uniform(0, 0.002))
        stage.freeze()
    else:
        toll.aim(stage.process.pid, dice.uniform(0, REACH))
        stage.until(lambda: toll.hit() or stage.is_over, "the headers of a POST")
        if stage.is_over:
            return 0
        os.waitpid(stage.process.pid, os.WUNTRACED)
    stage.passes(FROZEN / 2)  # what has left is with Clio by now
    caught = set(books.unanswered(stage.db).values()) - set(map(key, stage.posts))
    stage.passes(FROZEN / 2)
    stage.thaw()
    return len(caught)


def _lateness(stage: Stage, bodies: Path) -> list[float]:
    """Tell for each POST how long after its claim the system had received it whole."""
    claims: dict[books.Key, list[float]] = {}
    for matter, user, at in books.ask(
        stage.db,
        "SELECT entry.matter_id, entry.user_id, attempt.sent_at FROM attempt JOIN entry ON entry.id = attempt.entry"
        " ORDER BY attempt.sent_at",
    ):
        claims.setdefault((matter, user), []).append(datetime.fromisoformat(at).timestamp())
    found = []
    for line in bodies.read_text().splitlines():
        nanoseconds, _, body = line.partition("\t")
        data = json.loads(body)["data"]
        if "matter" not in data:
            continue
        mine, at = claims[data["matter"]["id"], data["user"]["id"]], int(nanoseconds) / 1e9
        found.append(at - mine[max(bisect_right(mine, at) - 1, 0)])
    return found


if __name__ == "__main__":
    about = "Freeze the bot between the claim of an entry and the last byte of its POST."
    run(prove, about, short={"freezes": 4}, freezes=200, guarded=1)
