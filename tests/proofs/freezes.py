"""SIGSTOP for longer than the settle time, then SIGCONT: nothing doubled, nothing lost.

Each freeze is aimed at another moment. While the bot is frozen, its POST is answered, cut or forgotten, and a second
bot is started over the same database, as a watchdog might do: it must refuse.

Then the lock is taken away from a frozen bot: the second one takes over, looks up and posts, and when the first wakes
both run side by side. Nobody should run them so, but the claims must hold.
"""

import random
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from brought_forward.bot.settings import Timing
from proofs import books
from proofs.report import Report, run
from proofs.stage import Stage, key, timing
from proofs.toll import Toll
from proofs.windows import ENTRY, most_at_once

LAG = 0.5
AT_ONCE = 16
# A claim is good for less than the settle time, as in earnest; on a busy machine a shorter one is often over.
TIMES = timing(claim=0.6, settle=1.0, second_look=0.6, in_flight=AT_ONCE)
HOLD = 0.4  # seconds that an aimed POST takes, so that the freeze falls into it


@dataclass(frozen=True, slots=True)
class Aim:
    """When to freeze; it returns as soon as the moment has come."""

    name: str
    wait: Callable[[Stage, random.Random], None]


def _in_a_post(fault: str | None) -> Callable[[Stage, random.Random], None]:
    def wait(stage: Stage, dice: random.Random) -> None:
        held = stage.clio.faults.add("delay", method="POST", path=ENTRY, seconds=HOLD)
        if fault:
            stage.clio.faults.add(fault, method="POST", path=ENTRY)
        stage.until(lambda: any(held in call.faults for call in stage.posts_of_this_life()), "a slow POST")
        stage.passes(dice.uniform(0, HOLD / 2))

    return wait


def at_a_claim(stage: Stage, _: random.Random) -> None:
    """As soon as a new claim stands in the database; the POST follows a millisecond later."""
    with closing(sqlite3.connect(f"file:{stage.db}?mode=ro", uri=True, timeout=10, isolation_level=None)) as db:
        last = db.execute("SELECT coalesce(max(id), 0) FROM attempt").fetchone()
        stage.until(lambda: db.execute("SELECT 1 FROM attempt WHERE id > ?", last).fetchone(), "a claim", tick=0.0)


def _anywhere(stage: Stage, dice: random.Random) -> None:
    before = len(stage.posts)
    stage.until(lambda: len(stage.posts) > before, "a POST")
    stage.passes(dice.uniform(0, 0.15))


def _before_a_look(stage: Stage, _: random.Random) -> None:
    """While an entry waits for its look-up: the freeze lasts longer than that wait."""
    stage.clio.faults.add("cut_after", method="POST", path=ENTRY)
    served = stage.clio.faults.served["cut_after"]
    stage.until(lambda: stage.clio.faults.served["cut_after"] > served, "a cut")
    stage.until(lambda: books.ask(stage.db, "SELECT 1 FROM entry WHERE state = 'sending' AND reason IS NOT NULL"),
                "an entry that waits for its look-up")  # fmt: skip


AIMS = (
    Aim("in a POST that Clio cuts after booking", _in_a_post("cut_after")),
    Aim("in a POST that Clio answers meanwhile", _in_a_post(None)),
    Aim("at a claim", at_a_claim),
    Aim("in a POST that Clio cuts before booking", _in_a_post("cut_before")),
    Aim("while an entry waits for its look-up", _before_a_look),
    Aim("anywhere", _anywhere),
)


REACH = 250e-6  # seconds after the headers: the body follows within about so long


def _at_the_gate(stage: Stage, dice: random.Random) -> None:
    """Between the headers of a POST and its body: the relay stops the bot."""
    assert stage.process is not None
    stage.toll.aim(stage.process.pid, dice.uniform(0, REACH))
    stage.until(stage.toll.hit, "the headers of a POST")


GATE = Aim("between the headers of a POST and its body", _at_the_gate)
TAKEN_OVER = (AIMS[0], GATE, AIMS[1], GATE)
TOGETHER = 20  # POSTs that both bots make before they are killed


def prove(
    folder: Path, *, seed: int, freezes: int = 6, takeovers: int = 4, entries: int = 1200, times: Timing = TIMES
) -> Report:
    """Freeze a run so many times past the settle time, then let it end and hold Clio against the sheet."""
    report = Report(f"{freezes} freezes (SIGSTOP past the settle time) in a run of {entries} entries", seed)
    dice = random.Random(seed)
    with Stage(folder, entries, times) as stage, Toll(stage.clio.url, folder / "bodies") as stage.toll:
        stage.clio_url = stage.toll.url
        stage.clio.faults.list_lag = LAG
        stage.latency(seed)
        stage.preview()
        stage.approve()
        share = entries // (freezes + 2 * takeovers + 1)
        rows = []
        for number in range(freezes + takeovers):
            stage.until(lambda least=number * share: stage.held > least, "its turn")  # type: ignore[misc]
            if number < freezes:
                rows.append(_freeze(stage, dice, AIMS[number % len(AIMS)]))
            else:
                rows.append(_take_over(stage, dice, TAKEN_OVER[number % len(TAKEN_OVER)]))
        words = stage.closing()
        report.table("The freezes", ("aimed", "hit", "s", "second bot", "what became of the entry"), rows)
        report.equals("freezes longer than the settle time", sum(row[2] > times.settle for row in rows), len(rows))
        report.equals("second bots that refused to start", sum(row[3] == REFUSED for row in rows), freezes)
        stage.judge(report, words)
        report.note("POSTs under way at once, at most", most_at_once(stage.posts))
        report.note("Slack messages sent twice (allowed; they are edited no more)", stage.copies())
        stage.kill()
    return report


REFUSED = "refused to start"
Row = tuple[str, str, float, str, str]


def _freeze(stage: Stage, dice: random.Random, aim: Aim) -> Row:
    aim.wait(stage, dice)
    stage.freeze()
    began = stage.clock()
    hit, tokens = _hit(stage)
    second = REFUSED if stage.refused() else "STARTED"
    stage.passes(max(stage.times.settle + stage.times.second_look + 0.5 - (stage.clock() - began), 0.0))
    lasted = round(stage.clock() - began, 1)
    stage.thaw()
    return aim.name, hit, lasted, second, _became(stage, tokens)


def _take_over(stage: Stage, dice: random.Random, aim: Aim) -> Row:
    """Let a second bot take over from a frozen one, wake that one, and kill both while they post."""
    aim.wait(stage, dice)
    stage.freeze()
    while _is_writing(stage):  # then nobody else can write, claim or send before it wakes
        stage.thaw()
        aim.wait(stage, dice)
        stage.freeze()
    began = stage.clock()
    hit, tokens = _hit(stage)
    Path(f"{stage.db}.lock").unlink()
    second = stage.another()
    try:
        alone = len(stage.posts) + 1
        stage.until(lambda: len(stage.posts) > alone or stage.is_over, "the second bot's POSTs")
        became = _became(stage, tokens)  # looked for, and what was not found is planned again
        lasted = round(stage.clock() - began, 1)
        stage.thaw()
        together = len(stage.posts) + TOGETHER
        stage.until(lambda: len(stage.posts) >= together or stage.is_over, "POSTs side by side")
    finally:
        second.kill()
        second.wait()
    stage.kill()
    stage.start()
    return f"{aim.name}, lock taken away", hit, lasted, "took over", became


def _is_writing(stage: Stage) -> bool:
    """Say whether the bot was frozen within a transaction, its own or the engine's."""
    for file in (stage.db, stage.engine):
        with closing(sqlite3.connect(file, timeout=0.2, isolation_level=None)) as db:
            try:
                db.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                return True
            db.execute("ROLLBACK")
    return False


def _became(stage: Stage, tokens: list[str]) -> str:
    """Say what became of claims, once it is known."""
    stage.until(lambda: stage.is_over or not set(tokens) & set(books.unanswered(stage.db)), "an answer or a look-up")
    told: Counter[str] = Counter()
    for token in tokens:
        ((outcome, detail),) = books.ask(stage.db, "SELECT outcome, detail FROM attempt WHERE token = ?", token)
        told[f"{outcome}: {detail}" if detail else f"{outcome}, by its answer"] += 1
    return "; ".join(f"{count} {what}" for what, count in told.items()) or "none was under way"


def _hit(stage: Stage) -> tuple[str, list[str]]:
    """Say where a bot stands that is frozen: what its database says and what came to Clio."""
    sent = {key(call): call for call in stage.posts}
    tokens = books.unanswered(stage.db)
    if not tokens:
        return "between two entries", []
    entry = list(tokens.values())[-1]
    waits = books.ask(stage.db, "SELECT 1 FROM entry WHERE state = 'sending' AND reason IS NOT NULL")
    if waits:
        where = "waiting for a look-up"
    elif entry not in sent:
        where = "between claim and POST"
    elif sent[entry].done_at is None:
        where = "in a POST, Clio at work"
    else:
        where = "after Clio's answer, before it was kept"
    return where, list(tokens)


if __name__ == "__main__":
    run(
        prove,
        "Freeze the bot past its settle time while it posts, then let it go on.",
        short={"freezes": 1, "takeovers": 1, "entries": 180},
        freezes=6,
        takeovers=4,
        entries=1200,
    )
