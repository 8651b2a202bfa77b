"""Kill -9 at random moments of a run, each followed by a start: nothing doubled, nothing lost.

Clio's lists lag, its answers take time, and it cuts some connections before or after it has booked the entry.
"""

import random
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from brought_forward.bot.settings import Timing
from brought_forward.sandbox.clio import Call
from proofs import books
from proofs.report import Report, run
from proofs.stage import Stage, key, timing
from proofs.windows import ENTRY, most_at_once

AT_START = 0.2  # of all kills: before the bot has sent anything in that life
CUTS = 0.02  # of all POSTs, before the entry is booked; as many after
SLOW = 0.1  # of all POSTs take half a second more

LAG = 5.8  # seconds until Clio lists a new entry: the first look comes too early, the second finds it
# A restarted bot looks after about 5 seconds. The read-back looks three times: two pauses are longer than the lag.
AT_ONCE = 16  # POSTs under way, twice as many as by default; each kill takes up to so many answers with it
TIMES = timing(settle=4.6, second_look=3.0, in_flight=AT_ONCE)
SHORT = {
    "kills": 4,
    "entries": 60,
    "times": timing(settle=2.0, second_look=0.7, in_flight=4),  # more would leave too few entries for the kills
    "lag": 1.2,
}


@dataclass(slots=True)
class Hits:
    """Where the kills fell."""

    where: Counter[str] = field(default_factory=Counter)
    tokens: set[str] = field(default_factory=set)

    def take(self, stage: Stage, *, booked_before: set[books.Key], is_running: bool) -> None:
        """Say where a kill fell, from what the database and Clio hold at that moment."""
        # A claim that is noted as cut waits for its look-up; the others are what kills have left.
        new = {token: of for token, of in books.unanswered(stage.db, cut=False).items() if token not in self.tokens}
        self.tokens.update(new)
        if not new:
            self.where["between two entries" if is_running else "at start-up, before anything was sent"] += 1
            return
        booked, sent = stage.keys() - booked_before, set(map(key, stage.posts_of_this_life()))
        for entry in new.values():  # the bot sends several at once
            if entry in booked:
                self.where["in a POST: Clio had booked it, the answer was not kept"] += 1
            elif entry in sent:
                self.where["in a POST: Clio had not booked it yet"] += 1
            else:
                self.where["between claim and POST"] += 1

    @property
    def unanswered(self) -> int:
        """Count the claims whose answer kills have swallowed."""
        return sum(count for where, count in self.where.items() if "POST" in where)


def prove(
    folder: Path, *, seed: int, kills: int = 50, entries: int = 2000, times: Timing = TIMES, lag: float = LAG
) -> Report:
    """Kill a run so many times, then let it end and hold Clio against the sheet."""
    report = Report(f"{kills} kills -9 in a run of {entries} entries", seed)
    dice = random.Random(seed)
    hits = Hits()
    with Stage(folder, entries, times) as stage:
        faults = stage.clio.faults
        faults.list_lag = lag
        stage.latency(seed, slow=SLOW)
        for place, cut in enumerate(("cut_before", "cut_after")):
            faults.add(cut, method="POST", path=ENTRY, chance=CUTS, times=None, seed=seed + 60 + place)
        stage.preview()
        stage.approve()
        done = 0
        while done < kills and not stage.is_over:
            if done:
                stage.start()
            _live(stage, hits, dice, kills - done, aimed=done == 0)
            done += 1
        stage.start()
        words = stage.closing(timeout=900)
        stage.judge(report, words)
        _tell(report, stage, hits, done, lag)
        report.equals("kills", done, kills)
        report.note("POSTs under way at once, at most", most_at_once(stage.posts))
        report.at_least("kills between a claim and its answer", hits.unanswered, max(kills // 5, 1))
        stage.kill()
    return report


def _live(stage: Stage, hits: Hits, dice: random.Random, left: int, *, aimed: bool) -> None:
    """Live one life of the bot, to its kill."""
    rest = len(stage.asked) - stage.held
    booked = stage.keys()
    at_start = not aimed and (dice.random() < AT_START or rest < 2 * stage.times.in_flight * left * (1 - AT_START))
    if at_start:
        stage.passes(dice.uniform(0.02, 4.0))
    else:
        stage.until(lambda: stage.posts_of_this_life() or stage.is_over, "a POST of this life")
        if aimed:
            stage.until(stage.under_way, "a POST that is under way")
        else:
            # As long as an even share of what is left takes, or up to twice that.
            stage.passes(dice.uniform(0.0, 2 * rest / (left + 1) * 0.12 / stage.times.in_flight))
    sent = bool(stage.posts_of_this_life())
    stage.kill()
    hits.take(stage, booked_before=booked, is_running=sent)


def _tell(report: Report, stage: Stage, hits: Hits, done: int, lag: float) -> None:
    fallen = [(count, where) for where, count in hits.where.most_common()]
    report.table("Where the kills fell", ("claims", "where"), fallen)
    became = "What became of every attempt, as the database tells it"
    report.table(became, ("attempts", "outcome", "detail"), books.attempts(stage.db))
    lists = [call for call in stage.clio.calls if call.method == "GET" and call.path == ENTRY]
    looks = [call for call in lists if "matter_id" in call.query]
    made = [(entry.created_at.timestamp(), str(entry.matter_id)) for entry in stage.clio.time_entries]

    def hides(call: Call) -> bool:
        return any(born <= call.at < born + lag and call.query.get("matter_id", of) == of for born, of in made)

    report.note("lists of entries that Clio answered, of them look-ups of one matter", f"{len(lists)}, {len(looks)}")
    report.note("of those lists, missing an entry that Clio had booked (the lag)",
                f"{sum(map(hides, lists))}, {sum(map(hides, looks))}")  # fmt: skip
    served = stage.clio.faults.served
    report.note("connections that Clio cut, before and after booking", f"{served['cut_before']}, {served['cut_after']}")
    report.note("Slack messages sent twice (allowed; they are edited no more)", stage.copies())


if __name__ == "__main__":
    about = "Kill the bot at random moments of a run, start it again each time."
    run(prove, about, short=SHORT, kills=50, entries=2000)
