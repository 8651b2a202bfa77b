"""How many calls to Clio an entry costs, all told, from the dropped file to the closing words."""

from pathlib import Path

from proofs.report import Report, run
from proofs.stage import Stage, timing
from proofs.windows import by_path

AIM, MOST = 1.05, 1.15


def prove(folder: Path, *, seed: int, entries: int = 300) -> Report:
    """Count every call of a run in which nothing goes wrong."""
    report = Report(f"Calls to Clio for {entries} entries, from upload to closing words", seed)
    with Stage(folder, entries, timing()) as stage:
        stage.preview()
        stage.approve()
        words = stage.closing()
        calls = list(stage.clio.calls)
        stage.judge(report, words)
        stage.kill()
    report.table("Calls", ("calls", "method", "path"), by_path(calls))
    report.note("calls", len(calls))
    report.note("calls an entry, aim", AIM)
    report.at_most("calls an entry", len(calls) / entries, MOST)
    return report


if __name__ == "__main__":
    run(prove, "Count the calls to Clio that a run costs.", entries=300)
