# ruff: noqa: T201
"""Measure reading beside a bare pandas read with calamine: python tests/bench/bench.py [LINES ... | --short]

For each format: seconds (the fastest of nine: three processes each read three times, ours and the bare one by turns, so
that a neighbour's load meets both), and MiB at the peak of the process and of its child together. Both are warm, with
everything imported; ours starts its child anew for each file, and that start is counted. pandas reads CSV with its C
parser, and its bare read decides nothing.
"""

import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "sheet" / "layouts"))
FORMATS = ("xlsx", "xls", "xlsb", "ods", "csv")
ROUNDS = 3
SHORT, ONCE = [30], 1  # lines and rounds of a short one, which measures nothing
HEADINGS = ["Matter", "Client", "Responsible Attorney", "Invoice Date", "Current", "31-60", "Balance", "Note"]


def write(path: Path, lines: int) -> None:
    """Write invented balances in the format that the path's suffix names."""
    import formats
    import xlsxwriter
    from layouts import as_text

    chance = random.Random(1)
    rows: list[list[object]] = [list(HEADINGS)]
    for number in range(1, lines + 1):
        amounts = [round(chance.random() * 1000, 2) for _ in range(2)]
        user = ("Don Draper", "Peggy Olson", "Joan Harris")[number % 3]
        day = date(2026, 1, 1) + timedelta(number % 300)
        rows.append(
            [
                f"{number:05}-Client",
                f"Client {number % 5000}",
                user,
                day,
                *amounts,
                round(sum(amounts), 2),
                f"Invoice {number}",
            ]
        )
    if path.suffix == ".xlsx":
        with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd"}) as book:
            sheet = book.add_worksheet()
            for place, row in enumerate(rows):
                sheet.write_row(place, 0, row)
        return
    plain = [[cell.isoformat() if isinstance(cell, date) else cell for cell in row] for row in rows]
    text = as_text(plain).encode() if path.suffix == ".csv" else None
    path.write_bytes(text or getattr(formats, path.suffix[1:])(plain))


def measure(reader: str, path: str) -> None:
    """Read a file three times; print the fastest time and the peak of memory."""
    import pandas as pd

    from brought_forward.bot.sheet.read import SheetRules, read_sheet

    best = 60.0
    for _ in range(3):
        start = time.perf_counter()
        if reader == "ours":
            read = len(read_sheet(Path(path).read_bytes(), path, SheetRules("USD", day_first=False)).lines)
        else:
            read = len(pd.read_csv(path) if path.endswith("csv") else pd.read_excel(path, engine="calamine"))
        best = min(best, time.perf_counter() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 + (child_peak(path) if reader == "ours" else 0)
    print(json.dumps([read, best, peak]))


def bare_seconds(path: Path) -> float:
    """Time the bare read of a file, in a process of its own."""
    ended = subprocess.run([sys.executable, __file__, "bare", str(path)], capture_output=True, check=True)
    seconds: float = json.loads(ended.stdout)[1]
    return seconds


def child_peak(path: str) -> float:
    """Give the peak of the child alone: what the system counts for children begins with this process's own size."""
    from brought_forward.bot.sheet.rules import Limits

    data = Path(path).read_bytes()
    code = "import sys; from brought_forward.bot.sheet.file.child import main; main(sys.argv[1:]);"
    code += "sys.stderr.write(open('/proc/self/status').read())"
    command = [sys.executable, "-c", code, json.dumps(asdict(Limits()))]
    status = subprocess.run(command, input=data, capture_output=True, check=True).stderr.decode()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def main(sizes: list[int], rounds: int = ROUNDS) -> None:
    """Print the table."""
    heads = ("lines", "format", "bare s", "ours s", "ratio", "bare MiB", "ours MiB", "ratio")
    print("{:>6} {:6} {:>7} {:>7} {:>6} {:>9} {:>9} {:>6}".format(*heads))
    with tempfile.TemporaryDirectory() as folder:
        for lines in sizes:
            for kind in FORMATS:
                path = Path(folder) / f"balances.{kind}"
                try:
                    write(path, lines)
                except AssertionError as why:
                    print(f"{lines:6} {kind:6} skipped: {why}")
                    continue
                found: dict[str, list[list[float]]] = {"bare": [], "ours": []}
                for reader in ("bare", "ours") * rounds:
                    ended = subprocess.run(
                        [sys.executable, __file__, reader, str(path)], capture_output=True, check=True
                    )
                    found[reader].append(json.loads(ended.stdout))
                assert {read for read, _, _ in found["ours"]} == {lines}
                bare, bare_peak = (min(figures) for figures in list(zip(*found["bare"], strict=True))[1:])
                ours, peak = (min(figures) for figures in list(zip(*found["ours"], strict=True))[1:])
                times = f"{bare:7.3f} {ours:7.3f} {ours / bare:6.2f}"
                print(f"{lines:6} {kind:6} {times} {bare_peak:9.0f} {peak:9.0f} {peak / bare_peak:6.2f}", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] in (["bare"], ["ours"]):
        measure(*sys.argv[1:])
    elif sys.argv[1:] == ["--short"]:
        main(SHORT, ONCE)
    else:
        main([int(size) for size in sys.argv[1:]] or [1_000, 20_000, 50_000])
