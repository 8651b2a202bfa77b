"""`brought-forward doctor`: what is looked at, how it is told, and how it ends."""

from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

import typer
from rich.console import Console

from brought_forward.bot.cli.doctor import screen
from brought_forward.bot.cli.doctor.cent import FORM, Cent
from brought_forward.bot.cli.doctor.finding import Finding, State, amiss
from brought_forward.bot.cli.doctor.look import SLACK_PATIENCE, Part, is_well, look, parts
from brought_forward.bot.cli.doctor.reads import read_more
from brought_forward.bot.cli.doctor.record import Record, RecordedClient
from brought_forward.bot.errors import SettingsError
from brought_forward.bot.settings import Settings, from_environment

WELL, AMISS, WRONG = 0, 1, 2


def doctor(*, as_json: bool, quiet: bool, record: Path | None) -> int:
    """Look at everything and tell it. Returns how the command ends: 0 all well, 1 something to do, 2 settings wrong."""
    try:
        settings = _settings()
    except SettingsError as wrong:
        todo = "Put it right; all else is looked at then."
        lines = [amiss("Start", sentence, todo) for sentence in str(wrong).splitlines()]
        _tell([Part("Settings", lambda: lines)], as_json=as_json, quiet=quiet)
        return WRONG
    kept = _record(settings, record)
    if kept is None or record is None:
        return WELL if is_well(_tell(parts(settings, shapes=not quiet), as_json=as_json, quiet=quiet)) else AMISS
    client = RecordedClient(kept, settings.slack_bot_token.get_secret_value(), base_url=settings.slack_api_url,
                            retry_handlers=[], timeout=SLACK_PATIENCE)  # fmt: skip
    found = _tell(parts(settings, client=client, witness=kept.clio, more=read_more), as_json=as_json, quiet=quiet)
    _write(kept, record)
    return WELL if is_well(found) else AMISS


def _settings() -> Settings:
    """Read the settings of one firm. Raises SettingsError where they are wrong, or many firms share the bot."""
    settings = from_environment()
    if settings.is_shared:
        raise SettingsError(
            "The doctor looks at one firm by the environment's tokens, and here each workspace has its own"
            " (SLACK_CLIENT_ID is set). Each firm's Home tab says by what it is connected."
        )
    return settings


def probe(number: str, *, yes: bool, as_json: bool, record: Path | None) -> int:
    """Try each form of entry with a cent. Returns 0 where Clio takes one and nothing is left, else 1."""
    settings = _settings()
    kept = _record(settings, record)

    def confirm(offer: str, matter: str) -> bool:
        typer.echo(offer, err=as_json)
        return yes or typer.prompt("Type the matter's number again", err=True).strip() == matter

    cent = Cent(settings, number, confirm, kept.clio if kept else None)
    try:
        found = _tell([Part("Probe", cent.lines)], as_json=as_json, quiet=False, guarded=False)
    finally:
        if kept and record:
            for one in cent.outcomes:
                kept.cent(one.form, one.came)
            _write(kept, record)
    taken = any(one.what.startswith(FORM) and one.state is State.OK for one in found)
    return WELL if taken and is_well(found) else AMISS


def _record(settings: Settings, file: Path | None) -> Record | None:
    """Begin a record where one is asked for. Raises SettingsError where it would say nothing of the real Clio."""
    if file is None:
        return None
    if settings.balances_practice:
        raise SettingsError("A rehearsal has a pretend Clio, so a record of it would tell nothing.")
    return Record()


def _write(record: Record, file: Path) -> None:
    """Write the record. Raises SettingsError where the file cannot be written."""
    try:
        record.write(file, version("brought-forward"))
    except OSError as broken:
        raise SettingsError(f"{file} cannot be written: {broken.strerror or broken}.") from broken
    typer.echo(f"{file}: the shapes of all answers, without names, amounts, texts or tokens. Read it, then pass it on.",
               err=True)  # fmt: skip


def _tell(some: Iterable[Part], *, as_json: bool, quiet: bool, guarded: bool = True) -> list[Finding]:
    """Look and tell, on a screen as it is found. Returns what was found."""
    console = Console(soft_wrap=True, highlight=False)
    found: list[tuple[str, Finding]] = []
    for part in some:
        lines = look(part) if guarded else part.lines()
        if not (as_json or quiet):
            lines = screen.show(console, part.name, lines)
        found += [(part.name, one) for one in lines]
    if as_json:
        typer.echo(screen.as_json(found))
    elif quiet:
        for line in screen.quiet(found):
            typer.echo(line)
    elif guarded:
        screen.end(console, [one for _, one in found])
    return [one for _, one in found]
