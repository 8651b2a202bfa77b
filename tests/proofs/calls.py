"""How many calls to Clio an entry costs, all told, from the dropped file to the closing words."""

from collections.abc import Sequence
from pathlib import Path

from proofs.report import Report, run
from proofs.stage import Stage, timing
from proofs.windows import by_path

SIZES = (300, 5_000)
MOST = 1.09  # at 300 entries; one in 25 looks whether somebody else posts
MOST_OF_MANY = 1.06  # at 5,000


def prove(folder: Path, *, seed: int, sizes: Sequence[int] = SIZES, only: int = 0, most: float = MOST) -> Report:
    """Count every call of runs in which nothing goes wrong; `only` is the size of one."""
    report = Report("Calls to Clio, from upload to closing words", seed)
    for entries in [only] if only else sizes:
        with Stage(folder / str(entries), entries, timing()) as stage:
            stage.preview()
            stage.approve()
            words = stage.closing(timeout=1200)
            calls = list(stage.clio.calls)
            stage.judge(report, words)
            stage.kill()
        report.table(f"{entries:,} entries", ("calls", "method", "path"), by_path(calls))
        report.note(f"{entries:,} entries: calls", f"{len(calls):,}")
        report.at_most(f"{entries:,} entries: calls an entry", len(calls) / entries,
                       most if entries < 5_000 else MOST_OF_MANY)  # fmt: skip
    return report


if __name__ == "__main__":
    run(prove, "Count the calls to Clio that a run costs.", short={"sizes": (80,), "most": 1.22}, only=0)
