"""Read generated files, print what came of each family, and end with 1 where any was read wrong without a word."""

import argparse
import json
import sys
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from readings.case import Case, family_of, make_case
from readings.families import FAMILIES
from readings.judge import Judgement, Reader, Verdict, here, judge, process

SHORT = 48  # each family three times
FAULTS = (Verdict.SILENT, Verdict.LOST, Verdict.BROKEN)
LEGEND = (
    "partial: flagged, and other lines are wrong too. clear: a heading of docs/sheet.md or an identity\n"
    "on all rows says which column is owed, and nothing makes it doubtful; right at once: of these, without a question."
)
COLUMNS = (Verdict.RIGHT, Verdict.ASKED, Verdict.FLAGGED, Verdict.REFUSED, Verdict.LOST, Verdict.SILENT, Verdict.BROKEN)


def arguments(words: list[str]) -> argparse.Namespace:
    """Read the command's words."""
    parser = argparse.ArgumentParser(prog="readings", description=__doc__)
    parser.add_argument("--number", type=int, default=1000, help="how many files")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--short", action="store_true", help=f"{SHORT} files")
    parser.add_argument("--family", choices=FAMILIES, help="files of one family only")
    parser.add_argument("--case", type=int, help="one file only, with what was read of it")
    parser.add_argument(
        "--keep", type=Path, help="a folder for the files that were silent, lost or broken, with their truth"
    )
    parser.add_argument("--process", action="store_true", help="run the command as a process for each file")
    parser.add_argument("--traps", action="store_true", help="a table by trap too")
    return parser.parse_args(words)


def run(words: list[str], console: Console) -> int:
    """Read as many files as asked for; give the status to end with."""
    given = arguments(words)
    reader = process if given.process else here
    wanted = SHORT if given.short else given.number
    numbers = [given.case] if given.case is not None else _numbers(given.family, wanted)
    began, found = time.monotonic(), []
    with tempfile.TemporaryDirectory() as folder:
        for number in numbers:
            case = make_case(given.seed, number)
            judged = read_case(case, Path(folder), reader)
            found.append((case, judged))
            if (given.keep and judged.verdict in FAULTS) or (given.case is not None and given.keep):
                keep(case, judged, given.keep)
    if given.case is not None:
        show(*found[0], console)
    by_family: dict[str, list[tuple[Case, Judgement]]] = defaultdict(list)
    by_trap: dict[str, list[tuple[Case, Judgement]]] = defaultdict(list)
    for case, judged in found:
        by_family[case.family].append((case, judged))
        for trap in dict.fromkeys(case.book.traps or ["none"]):
            by_trap[trap].append((case, judged))
    console.print(table("family", by_family))
    if given.traps:
        console.print(table("trap", dict(sorted(by_trap.items()))))
    console.print(LEGEND, highlight=False)
    counts = Counter(judged.verdict for _, judged in found)
    seconds = time.monotonic() - began
    console.print(f"{len(found)} files from seed {given.seed} in {seconds:.0f} s: {counts[Verdict.SILENT]} silent, "
                  f"{counts[Verdict.LOST]} lost, {counts[Verdict.BROKEN]} broken.", highlight=False)  # fmt: skip
    return 1 if counts[Verdict.SILENT] or counts[Verdict.BROKEN] else 0


def _numbers(family: str | None, wanted: int) -> list[int]:
    """Give the numbers of the cases: of one family or of all."""
    if family is None:
        return list(range(wanted))
    return [number for number in range(wanted * len(FAMILIES)) if family_of(number) == family]


def read_case(case: Case, folder: Path, reader: Reader) -> Judgement:
    """Write a case's file, have it read, and take it away."""
    file = folder / case.file
    file.write_bytes(case.data)
    try:
        return judge(file, case.book, reader)
    finally:
        file.unlink()


def table(first: str, groups: dict[str, list[tuple[Case, Judgement]]]) -> Table:
    """Count the verdicts of each group."""
    drawn = Table(box=None, pad_edge=False)
    drawn.add_column(first)
    for name in ("files", *[str(one) for one in COLUMNS], "partial", "clear", "right at once"):
        drawn.add_column(name, justify="right")
    everything = [one for group in groups.values() for one in group] if first == "family" else []
    for name, group in [*groups.items(), *([("all", everything)] if everything else [])]:
        counts = Counter(judged.verdict for _, judged in group)
        clear = [judged.verdict for case, judged in group if case.book.clear]
        share = f"{100 * clear.count(Verdict.RIGHT) / len(clear):.0f} %" if clear else ""
        partial = sum(judged.partial for _, judged in group)
        numbers = (len(group), *[counts[each] for each in COLUMNS], partial, len(clear))
        drawn.add_row(name, *[f"{one:,}" if one else "" for one in numbers], share)
    return drawn


def truth_of(case: Case, judged: Judgement) -> dict[str, object]:
    """Write down what is true of a case and what was read."""
    book = case.book
    return {
        "case": case.number,
        "family": case.family,
        "file": case.file,
        "verdict": judged.verdict,
        "why": judged.why[:600],
        "clear": book.clear,
        "heading known": book.known,
        "proof": book.proof,
        "doubts": book.doubts,
        "traps": book.traps,
        "must be told": book.tell,
        "right": {key: str(amount) for key, amount in book.truth.due().items()},
        "naming of users": book.truth.naming,
        "users": {key: book.truth.users[key].name for key in book.truth.due() if key in book.truth.users},
    }


def keep(case: Case, judged: Judgement, folder: Path) -> None:
    """Write a case's file and its truth into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / case.file).write_bytes(case.data)
    (folder / f"{case.file}.json").write_text(json.dumps(truth_of(case, judged), indent=2, ensure_ascii=False) + "\n")


def show(case: Case, judged: Judgement, console: Console) -> None:
    """Print one case: what is true of it and what was read; KEEP keeps its file."""
    console.print_json(json.dumps(truth_of(case, judged), ensure_ascii=False))


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:], Console(width=140)))
