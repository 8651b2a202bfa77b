"""One screen for each proof: what was found, what it must be, and whether it is."""

import argparse
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Line:
    """One fact; `must` is what it has to be, and empty where the fact only informs."""

    what: str
    found: str
    must: str = ""
    ok: bool = True


@dataclass(slots=True)
class Report:
    """What a proof found."""

    title: str
    seed: int
    lines: list[Line] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)
    quote: str = ""  # all of it in one line
    killed: int = 0

    @property
    def seconds(self) -> float:
        """Tell how long it took so far."""
        return time.monotonic() - self.began

    def note(self, what: str, found: object) -> None:
        self.lines.append(Line(what, str(found)))

    def equals(self, what: str, found: object, wanted: object) -> None:
        self.lines.append(Line(what, str(found), str(wanted), found == wanted))

    def at_most(self, what: str, found: float, most: float) -> None:
        self.lines.append(Line(what, f"{found:.3f}", f"at most {most:g}", found <= most))

    def at_least(self, what: str, found: int, least: int) -> None:
        self.lines.append(Line(what, str(found), f"at least {least}", found >= least))

    def table(self, title: str, names: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """Add a table of details above the facts."""
        made = Table(*names, title=title, title_justify="left", show_edge=False, pad_edge=False, box=None)
        for row in rows:
            made.add_row(*(str(cell) for cell in row))
        self.tables.append(made)

    @property
    def failed(self) -> list[str]:
        """Say what is not as it must be; empty where the proof holds."""
        return [f"{line.what}: {line.found}, must be {line.must}" for line in self.lines if not line.ok]

    def show(self, console: Console) -> None:
        console.print(f"\n[bold]{self.title}[/bold]   seed {self.seed}, {self.seconds:.0f} s", highlight=False)
        for made in self.tables:
            console.print(made, "", highlight=False)
        facts = Table("", "found", "must be", "", show_edge=False, pad_edge=False, box=None)
        for line in self.lines:
            mark = "" if not line.must else "[green]ok[/green]" if line.ok else "[bold red]NO[/bold red]"
            facts.add_row(line.what, line.found, line.must, mark)
        console.print(facts, highlight=False)
        if self.quote:
            console.print(self.quote, highlight=False, soft_wrap=True)
        colour, verdict = ("red", "The proof FAILED.") if self.failed else ("green", "The proof holds.")
        console.print(f"[bold {colour}]{verdict}[/bold {colour}]", highlight=False)


def run(prove: Callable[..., Report], about: str, *, short: Mapping[str, Any], **counts: int) -> None:
    """Run one proof from the command line in a fresh folder, which is kept where it fails; exit 1 then.

    `short` is what it is given at its smallest, with --short.
    """
    asked = argparse.ArgumentParser(description=about)
    asked.add_argument("--seed", type=int, help="repeat the draws of an earlier run")
    asked.add_argument("--short", action="store_true", help="the same at its smallest, in seconds")
    for name, default in counts.items():
        asked.add_argument(f"--{name}", type=int, default=default)
    given = vars(asked.parse_args())
    if given.pop("short"):
        given |= short
    if given["seed"] is None:
        given["seed"] = secrets.randbelow(1_000_000)
    console = Console(width=None if sys.stdout.isatty() else 130)
    console.print(f"{about} Seed {given['seed']}.", highlight=False)
    folder = Path(tempfile.mkdtemp(prefix="brought-forward-"))
    try:
        report = prove(folder, **given)
    except BaseException:
        console.print(f"[bold red]It broke off; database and logs are in {folder}.[/bold red]", highlight=False)
        raise
    report.show(console)
    if report.failed:
        console.print(f"Database and logs are in {folder}.", highlight=False)
        sys.exit(1)
    shutil.rmtree(folder)
