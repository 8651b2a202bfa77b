"""How many calls to Clio an entry costs, all told, from the dropped file to the closing words."""

from pathlib import Path

from proofs.report import Report, run
from proofs.stage import Stage, timing
from proofs.windows import by_path

MOST = 1.05  # at 300 entries
MOST_OF_MANY = 1.02  # at 5,000


def prove(folder: Path, *, seed: int, entries: int = 300, most: float = MOST) -> Report:
    """Count every call of a run in which nothing goes wrong."""
    report = Report(f"Calls to Clio for {entries} entries, from upload to closing words", seed)
    with Stage(folder, entries, timing()) as stage:
        stage.preview()
        stage.approve()
        words = stage.closing(timeout=1200)
        calls = list(stage.clio.calls)
        stage.judge(report, words)
        stage.kill()
    report.table("Calls", ("calls", "method", "path"), by_path(calls))
    report.note("calls", len(calls))
    report.at_most("calls an entry", len(calls) / entries, most if entries < 5_000 else MOST_OF_MANY)
    return report


if __name__ == "__main__":
    run(prove, "Count the calls to Clio that a run costs.", entries=300)
