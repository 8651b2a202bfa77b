"""`brought-forward doctor`: what is looked at, how it is told, and how it ends."""

import typer
from rich.console import Console

from brought_forward.bot.cli.doctor import screen
from brought_forward.bot.cli.doctor.cent import FORM, Cent
from brought_forward.bot.cli.doctor.finding import Finding, State, amiss
from brought_forward.bot.cli.doctor.look import is_well, look, parts
from brought_forward.bot.errors import SettingsError
from brought_forward.bot.settings import Settings, from_environment

WELL, AMISS, WRONG = 0, 1, 2


def doctor(*, as_json: bool, quiet: bool) -> int:
    """Look at everything and tell it. Returns how the command ends: 0 all well, 1 something to do, 2 settings wrong."""
    try:
        settings = from_environment()
    except SettingsError as wrong:
        todo = "Put it right; all else is looked at then."
        lines = [amiss("Start", sentence, todo) for sentence in str(wrong).splitlines()]
        _tell([("Settings", lines)], as_json=as_json, quiet=quiet)
        return WRONG
    return WELL if is_well(look_and_tell(settings, as_json=as_json, quiet=quiet)) else AMISS


def probe(number: str, *, yes: bool, as_json: bool) -> int:
    """Try each form of entry with a cent. Returns 0 where Clio takes one and nothing is left, else 1."""
    settings = from_environment()

    def confirm(offer: str, matter: str) -> bool:
        typer.echo(offer, err=as_json)
        return yes or typer.prompt("Type the matter's number again", err=True).strip() == matter

    lines = Cent(settings, number, confirm).lines()
    found = list(lines) if as_json else screen.show(Console(soft_wrap=True, highlight=False), "Probe", lines)
    if as_json:
        _tell([("Probe", found)], as_json=True, quiet=False)
    taken = any(one.what.startswith(FORM) and one.state is State.OK for one in found)
    return WELL if taken and is_well(found) else AMISS


def look_and_tell(settings: Settings, *, as_json: bool, quiet: bool) -> list[Finding]:
    """Look at everything and tell it, on a screen as it is found. Returns what was found."""
    if as_json or quiet:
        found = [(part.name, list(look(part))) for part in parts(settings, shapes=not quiet)]
        _tell(found, as_json=as_json, quiet=quiet)
        return [one for _, lines in found for one in lines]
    console = Console(soft_wrap=True, highlight=False)
    shown = [one for part in parts(settings) for one in screen.show(console, part.name, look(part))]
    screen.end(console, shown)
    return shown


def _tell(found: list[tuple[str, list[Finding]]], *, as_json: bool, quiet: bool) -> None:
    if as_json:
        typer.echo(screen.as_json([(name, one) for name, lines in found for one in lines]))
        return
    for name, lines in found:
        if quiet:
            for line in screen.quiet(name, lines):
                typer.echo(line)
        else:
            screen.show(Console(soft_wrap=True, highlight=False), name, lines)
