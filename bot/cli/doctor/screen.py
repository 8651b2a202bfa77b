"""How the doctor tells what it found: on a screen, to a program, and to cron."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict

from rich.console import Console
from rich.markup import escape

from brought_forward.bot.cli.doctor.finding import Finding, State

MARKS = {State.OK: "[green]ok   [/green]", State.NOTE: "[blue]note [/blue]", State.TODO: "[bold red]to do[/bold red]"}


def show(console: Console, name: str, findings: Iterable[Finding]) -> list[Finding]:
    """Print a part line by line, as it is found. Returns what was found."""
    console.print(f"\n[bold]{escape(name)}[/bold]")
    shown = []
    for one in findings:
        shown.append(one)
        console.print(f"  {MARKS[one.state]} {escape(one.what)}: {escape(one.said)}")
        if one.todo:
            console.print(f"        [bold]{escape(one.todo)}[/bold]")
    return shown


def quiet(found: Sequence[tuple[str, Finding]]) -> list[str]:
    """Write what is amiss alone, one line each, so that cron sends nothing where all is well."""
    return [f"{part}, {one.what}: {one.said}. {one.todo}" for part, one in found if one.state is State.TODO]


def as_json(found: Sequence[tuple[str, Finding]]) -> str:
    """Write everything."""
    lines = [{"part": part} | asdict(one) for part, one in found]
    well = all(one.state is not State.TODO for _, one in found)
    return json.dumps({"well": well, "lines": lines}, ensure_ascii=False, indent=1)


def end(console: Console, findings: Sequence[Finding]) -> None:
    """Print how it stands, and what else can be asked."""
    todo = sum(1 for one in findings if one.state is State.TODO)
    console.print(f"\n[bold]{f'{todo} to do' if todo else 'All well'}[/bold], {len(findings)} lines.")
    console.print(
        "In which form this Clio account takes entries is not known before the first. Find it out with one cent:"
        " brought-forward doctor --probe MATTER.",
        style="dim",
    )
