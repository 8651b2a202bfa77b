# ruff: noqa: T201
"""Measure the whole way from upload to preview beside a bare pandas read.

python tests/bench/bench_upload.py [LINES | --short]

The real bot runs in a process of its own and with the waits of earnest, the pretend Slack and Clio in this one, over
HTTP; Clio's limit is lifted. A firm has as many matters as the workbook has lines. Two uploads: one while nothing is
known of the firm's matters, one when they are kept. The clock starts when a person lets go of the file and stops when
the preview stands in the thread.

A part's seconds are its own: what another part below it took is not in them. `waits` is what no part of the run took.
"""

import importlib
import inspect
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import bare_seconds
from proofs.stage import Stage
from world import engine_file

from brought_forward.bot.settings import Timing

USERS = 20
LINES, SHORT = 20_000, 30
AIM_RATIO, AIM_SECONDS = 2.0, 4.0
ATTACHED = "files.completeUploadExternal"
# Where each part's work is done: a module of the bot or its store, a function or a method in it, the part.
PARTS = (
    ("bot.slack.files", "Files.info", "download"),
    ("bot.slack.files", "Files.fetch", "download"),
    ("bot.sheet.read", "parse", "parse child"),
    ("bot.sheet.read", "read_cells", "read the cells"),
    ("bot.clio.pace", "Pace.wait", "Clio: pace"),
    ("bot.clio.pace", "Pace.heard", "Clio: pace"),
    ("bot.clio.http", "Http._call", "Clio: calls"),
    ("bot.clio.http", "Http._answer", "Clio: answers to records"),
    ("bot.clio.connection", "Connection._known", "Clio: answers to records"),
    ("bot.preview.make", "Previews.learn_billing", "Clio: answers to records"),
    ("bot.preview.make", "read_ledger", "Clio: answers to records"),
    ("bot.preview.make", "refresh_index", "Clio: answers to records"),
    ("bot.preview.make", "FirmIndex", "matching"),
    ("bot.preview.make", "match", "matching"),
    ("bot.preview.make", "fingerprint", "fingerprint"),
    ("storage.uploads", "Uploads.keep_file", "storage: file"),
    ("storage.uploads", "Uploads.file_bytes", "storage: file"),
    ("storage.lines", "Lines.keep", "storage: lines in"),
    ("storage.lines", "Lines.of_batch", "storage: lines out"),
    ("storage.firm", "Listings.keep_matters", "storage: matters in"),
    ("storage.firm", "Listings.matters", "storage: matters out"),
    ("storage.entries", "Entries.plan", "storage: entries in"),
    ("storage.entries", "Entries.of_batch", "storage: entries out"),
    ("storage.entries", "Entries.held_matters", "storage: entries out"),
    ("bot.slack.thread", "BatchThread.preview", "preview message"),
    ("bot.preview.run", "ReadRun.move", "the rest of the run"),
)
OUTBOX = (
    ("bot.slack.outbox", "Outbox._send", "messages to Slack"),
    ("bot.slack.library", "Workbooks.workbook", "workbooks"),
)  # on a thread beside the run
Span = tuple[str, float, float, float]  # part, beginning and end in unix seconds, seconds of its own


# The bot's own process


def serve(spans: Path) -> None:
    """Run the bot, writing down when each part begins and ends."""
    from brought_forward.bot.cli.main import cli

    out = spans.open("a", buffering=1)
    for module, name, part in (*PARTS, *OUTBOX):
        owner: Any = importlib.import_module(f"brought_forward.{module}")
        *classes, last = name.split(".")
        for one in classes:
            owner = getattr(owner, one)
        found = inspect.getattr_static(owner, last)
        if isinstance(found, property):
            assert found.fget is not None
            setattr(owner, last, property(_timed(found.fget, part, out)))
        else:
            setattr(owner, last, _timed(found, part, out))
    cli(["serve"])


_running = threading.local()


def _timed(work: Callable[..., Any], part: str, out: Any) -> Callable[..., Any]:
    def timed(*given: Any, **named: Any) -> Any:
        inner: list[float] = getattr(_running, "inner", [0.0])
        _running.inner = below = [0.0]
        begun = time.time()
        try:
            return work(*given, **named)
        finally:
            ended = time.time()
            _running.inner = inner
            inner[0] += ended - begun
            out.write(json.dumps((part, begun, ended, ended - begun - below[0])) + "\n")

    return timed


# The pretend Slack and Clio, and the clock


@dataclass(frozen=True, slots=True)
class Upload:
    """What one upload took."""

    seconds: float  # to the preview in the thread
    attached: float  # to the last workbook beside it
    parts: dict[str, float]
    clio_calls: int
    clio_seconds: float  # of the pretend Clio, within "Clio: calls"


class BenchStage(Stage):
    """A stage whose bot writes down its parts, and whose sheet is a workbook."""

    def start(self) -> None:
        """Start the bot with a made engine's file: DBOS finds new queues only after a second."""
        self.engine.write_bytes(engine_file())
        self.clio.on_exchange.clear()  # holding each exchange to the contract would take Clio's time
        env = self._environment(self.port)
        with (self.folder / "bot.log").open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, __file__, "serve", str(self.spans)], env=env, stdout=out, stderr=out
            )

    @property
    def spans(self) -> Path:
        """Where the bot writes."""
        return self.folder / "spans.jsonl"

    def upload(self, name: str, data: bytes) -> Upload:
        """Drop the workbook; wait for its preview and its workbook."""
        first, clios = len(self.slack.workspace.calls), len(self.clio.calls)
        begun = time.time()
        self.slack.upload(self.slack.staff, "balances", name, data)
        previewed = self.until(lambda: self._seen(first, _is_preview), "the preview", tick=0.005)
        attached = self.until(
            lambda: self._seen(first, lambda call: call.method == ATTACHED), "the workbook", tick=0.01
        )
        spans = [span for span in self._read() if begun <= span[1] and span[2] <= previewed + 0.001]
        parts: dict[str, float] = defaultdict(float)
        for part, _, _, seconds in spans:
            parts[part] += seconds
        run = sum(parts[part] for part in {part for _, _, part in PARTS})
        parts["waits"] = previewed - begun - run
        calls = [call for call in self.clio.calls[clios:] if call.done_at and call.done_at <= previewed]
        served = sum(call.done_at - call.at for call in calls if call.done_at)
        return Upload(previewed - begun, attached - begun, dict(parts), len(calls), served)

    def _seen(self, first: int, wanted: Callable[[Any], bool]) -> float | None:
        found = [call for call in self.slack.workspace.calls[first:] if call.ok and wanted(call)]
        return found[0].at.timestamp() if found else None

    def _read(self) -> Iterator[Span]:
        for line in self.spans.read_text().splitlines():
            part, begun, ended, seconds = json.loads(line)
            yield part, begun, ended, seconds


def _is_preview(call: Any) -> bool:
    return call.method in {"chat.update", "chat.postMessage"} and "fingerprint" in str(call.args.get("blocks"))


def write(path: Path, rows: list[list[object]]) -> None:
    """Write the stage's lines as a workbook with the columns that a firm's export has."""
    import xlsxwriter

    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Receivables")
        sheet.write_row(0, 0, ["Matter", "Client", "Responsible Attorney", "Current", "31-60", "Balance", "Note"])
        for place, (matter, user, amount, _) in enumerate(rows, start=1):
            balance = float(str(amount))
            client = str(matter).partition("-")[2]
            sheet.write_row(place, 0, [matter, client, user, 0, balance, balance, f"Invoice {place}"])


@contextmanager
def bot_on_stage(folder: Path, lines: int) -> Iterator[BenchStage]:
    """Give a stage with the bot running."""
    with BenchStage(folder, lines, Timing(), users=USERS) as stage:
        stage.start()
        stage.ready()
        yield stage


def main(lines: int) -> None:
    """Print both uploads."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with bot_on_stage(folder / "stage", lines) as stage:
            users = [user.name for user in stage.world.firm.users]
            rows: list[list[object]] = [
                [matter.display_number, users[place % USERS], f"{(12345 + place) / 100:.2f}", ""]
                for place, matter in enumerate(stage.world.firm.matters)
            ]
            path = folder / "AR October.xlsx"
            write(path, rows)
            uploads = [stage.upload(path.name, path.read_bytes()) for _ in range(2)]
            stage.kill()
        bare = bare_seconds(path)
    show(lines, uploads, bare)


def show(lines: int, uploads: list[Upload], bare: float) -> None:
    """Print the table."""
    first, second = uploads
    print(f"{lines:,} lines against {lines:,} matters and {USERS} users, xlsx; load {os.getloadavg()[0]:.1f}")
    print(f"{'seconds':26} {'first upload':>13} {'matters kept':>13}")
    names = dict.fromkeys(part for _, _, part in PARTS)
    for part in (*names, "waits"):
        print(f"  {part:24} {first.parts.get(part, 0):13.3f} {second.parts.get(part, 0):13.3f}")
    print(f"{'upload to preview':26} {first.seconds:13.3f} {second.seconds:13.3f}   aim {AIM_SECONDS:g}")
    print(f"{'bare pandas + calamine':26} {bare:13.3f} {bare:13.3f}")
    ratios = [upload.seconds / bare for upload in uploads]
    print(f"{'ratio':26} {ratios[0]:13.2f} {ratios[1]:13.2f}   aim {AIM_RATIO:g}")
    print(f"{'calls to Clio':26} {first.clio_calls:13} {second.clio_calls:13}")
    print(f"{'  the pretend Clio took':26} {first.clio_seconds:13.3f} {second.clio_seconds:13.3f}   in Clio: calls")
    less = [upload.seconds - upload.clio_seconds for upload in uploads]
    print(f"{'preview less that':26} {less[0]:13.3f} {less[1]:13.3f}")
    print(f"{'  of it ratio':26} {less[0] / bare:13.2f} {less[1] / bare:13.2f}")
    print(f"{'upload to workbook':26} {first.attached:13.3f} {second.attached:13.3f}", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        serve(Path(sys.argv[2]))
    else:
        main(SHORT if sys.argv[1:] == ["--short"] else int((sys.argv[1:] or [LINES])[0]))
