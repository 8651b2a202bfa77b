"""What an entry costs the bot itself, and that it costs no more in a batch of 50,000 than in one of 500.

Processor time, write calls and bytes of the bot's process as the system counts them. Of a large batch the first entries
are posted and the last; what lies between is put into Clio as the bot would have, while the bot is down: it takes that
as its own when it starts again, as after a restored back-up.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from proofs import books
from proofs.report import Report, run
from proofs.stage import Stage, timing

SIZES = (500, 5_000, 50_000)
SLICE = 400  # entries that are posted at the beginning of a batch, and as many at its end
# Nothing shrunk that the bot does by the clock: Clio is quicker here than in earnest, the clock is not.
TIMES = timing(edit_gap=5.0, home_gap=5.0, poll=0.25, sweep=60.0, in_flight=1)
MOST = 1.25
SHORT = {"sizes": (48,), "part": 12, "most": float("inf")}  # too little to compare, enough to see it done
HUNDREDTHS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Used:
    """What a process has used, as the system counts it."""

    seconds: float  # of a processor, with the children that it has waited for
    writes: int
    bytes: int

    def since(self, before: "Used") -> "Used":
        return Used(self.seconds - before.seconds, self.writes - before.writes, self.bytes - before.bytes)


@dataclass(frozen=True, slots=True)
class Share:
    """What a part of a journey cost."""

    size: int
    part: str
    entries: int
    used: Used
    megabytes: float  # of memory, at the end of it

    def row(self) -> tuple[str, ...]:
        each = self.entries
        return (
            f"{self.size:,}",
            self.part,
            f"{each:,}",
            f"{self.used.seconds / each * 1000:.2f}",
            f"{self.used.writes / each:.1f}",
            f"{self.used.bytes / each / 1024:.1f}",
            f"{self.megabytes:.0f}",
        )


class Journey:
    """One batch from the file to the closing words, its cost noted by part."""

    def __init__(self, stage: Stage, size: int, part: int) -> None:
        self.stage = stage
        self.size = size
        self.part = part
        self.shares: list[Share] = []
        self._before = Used(0.0, 0, 0)

    def go(self) -> None:
        """Post all of it; at most `part` entries at a time by the bot."""
        self.stage.start()
        self.stage.ready()
        self._note()
        self.stage.world.drop(self.stage.rows)
        self._until("SELECT 1 FROM batch WHERE status = 'previewed'")
        self._until_told()
        self._note("read and previewed", self.size)
        self.stage.approve()
        self._until_posted(1)
        self._note("listed", self.size)
        whole = self.size <= 2 * self.part
        first = self.size - 1 if whole else self.part
        self._until_posted(1 + first)
        self._note("posted, the first", first)
        if not whole:
            self.stage.kill()
            self._fill()
            self.stage.start()
            self.stage.ready()
            self._note()
            self._until_posted(self.size - self.part + 1)
            self._note("listed, found and taken as posted", self.size - 2 * self.part)
            self._until_posted(self.size)
            self._note("posted, the last", self.part - 1)
        self._until("SELECT 1 FROM batch WHERE read_back IS NOT NULL")
        self._until_told()
        self._note("results told and read back", self.size)

    def _fill(self) -> None:
        """Put into Clio what is planned, all but the last of it, as the bot would have."""
        planned = books.ask(
            self.stage.db,
            "SELECT matter_id, entry.user_id, description_id, amount_cents, date, note FROM entry"
            " JOIN batch ON batch.id = entry.batch WHERE state = 'planned' ORDER BY position",
        )
        firm = self.stage.world.firm
        for matter, user, description, cents, day, note in planned[: -self.part]:
            firm.add_entry(
                firm.matters[matter],
                firm.users[user],
                firm.descriptions[description],
                Decimal(cents).scaleb(-2),
                on=date.fromisoformat(day),
                note=note,
            )

    def _until(self, sql: str) -> None:
        self.stage.until(lambda: books.ask(self.stage.db, sql), sql, timeout=600, tick=0.1)

    def _until_posted(self, entries: int) -> None:
        sql = f"SELECT 1 FROM entry WHERE batch = 1 AND state = 'posted' LIMIT 1 OFFSET {entries - 1}"
        self._until(sql)

    def _until_told(self) -> None:
        self._until("SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM message WHERE shown < wanted)")

    def _note(self, part: str = "", entries: int = 1) -> None:
        assert self.stage.process is not None
        now, megabytes = used(self.stage.process.pid)
        if part:
            self.shares.append(Share(self.size, part, entries, now.since(self._before), megabytes))
        self._before = now


def used(process: int) -> tuple[Used, float]:
    """Read what a process has used, and the megabytes of memory that it holds."""
    folder = Path(f"/proc/{process}")
    ticks = folder.joinpath("stat").read_text().rpartition(")")[2].split()[11:15]
    counted = dict(line.split(": ") for line in folder.joinpath("io").read_text().splitlines())
    pages = int(folder.joinpath("statm").read_text().split()[1])
    seconds = sum(map(int, ticks)) / HUNDREDTHS
    return Used(seconds, int(counted["syscw"]), int(counted["wchar"])), pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def prove(
    folder: Path,
    *,
    seed: int,
    sizes: Sequence[int] = SIZES,
    part: int = SLICE,
    only: int = 0,
    most: float = MOST,
) -> Report:
    """Take batches of several sizes through, and compare what an entry costs in each."""
    report = Report("What an entry costs the bot", seed)
    shares: list[Share] = []
    for size in [only] if only else sizes:
        with Stage(folder / str(size), size, TIMES) as stage:
            stage.clio.on_exchange.clear()  # the contract is held to elsewhere; here Clio is to be quick
            journey = Journey(stage, size, part)
            journey.go()
            found = books.compare(stage.asked, stage.clio.time_entries)
            report.equals(f"{size:,} entries: doubled, lost, cents apart",
                          (found.doubled, found.lost, found.cents_apart), (0, 0, 0))  # fmt: skip
            stage.kill()
        shares += journey.shares
    names = ("batch", "what was done", "entries", "ms of a processor each", "writes each", "KB written each", "MB held")
    report.table("Cost", names, [share.row() for share in shares])
    posting = [share for share in shares if share.part.startswith("posted")]
    for what, cost in (
        ("processor time", [share.used.seconds / share.entries for share in posting]),
        ("writes", [share.used.writes / share.entries for share in posting]),
        ("bytes written", [share.used.bytes / share.entries for share in posting]),
    ):
        ratio = max(cost) / min(cost) if min(cost) else float("inf")  # a part was over before it was looked at
        report.at_most(f"posting, {what} an entry: the dearest part to the cheapest", ratio, most)
    return report


if __name__ == "__main__":
    about = "Measure what an entry costs the bot in batches of 500, 5,000 and 50,000."
    run(prove, about, short=SHORT, part=SLICE, only=0)
