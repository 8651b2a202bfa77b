"""The command line: the only place that reads the environment and configures logging."""

import logging
import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from pydantic import SecretStr
from rich.console import Console

from brought_forward.bot.cli import logs, sign_in
from brought_forward.bot.errors import BroughtForwardError, SettingsError, SheetQuestion
from brought_forward.bot.settings import DATABASE, Settings, from_environment
from brought_forward.storage.place import Place, PostgresUrl, place_of

log = logging.getLogger(__name__)

cli = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
audit = typer.Typer(no_args_is_help=True, help="The audit log: everything that happened, each link sealed.")
cli.add_typer(audit, name="audit")
sign_in.add_to(cli)


@cli.callback()
def brought_forward() -> None:
    """Bring a law firm's outstanding balances into Clio Manage: from a spreadsheet in Slack, exactly once."""


@cli.command()
def serve(
    log_json: Annotated[
        bool, typer.Option("--log-json", help="Log a JSON object a line, for what collects logs.")
    ] = False,
) -> None:
    """Run the bot, with the settings from the environment."""
    from brought_forward.bot.cli.serve import serve as run  # noqa: PLC0415 - the other commands need not wait for pandas

    logs.configure((), as_json=log_json)
    try:
        settings = from_environment()
        logs.configure(_take_secrets(settings), as_json=log_json)
        if settings.balances_practice:
            from brought_forward.bot.cli.practice import rehearse  # noqa: PLC0415 - the sandbox is not for real work

            rehearse(settings)
        else:
            run(settings)
    except BroughtForwardError as wrong:
        if not log_json:
            raise
        log.critical("%s", wrong)
        raise typer.Exit(2) from None


def _take_secrets(settings: Settings) -> list[str]:
    """Give the settings' secrets, and take them out of the environment: nothing that is started later inherits them.

    Bolt reads there too, and would warn that it leaves SLACK_BOT_TOKEN alone.
    """
    secrets = {name: value for name, value in settings if isinstance(value, SecretStr)}
    for name in secrets:
        os.environ.pop(name.upper(), None)
    told = [part for value in secrets.values() for part in value.get_secret_value().replace(",", " ").split()]
    if isinstance(settings.balances_db, PostgresUrl):
        os.environ.pop("BALANCES_DB", None)
        told += [settings.balances_db.password] if settings.balances_db.password else []
    return told + [part.partition(":")[2] for part in told if ":" in part]  # "us:KEY" is quoted without its region


@cli.command()
def check(
    file: Annotated[Path, typer.Argument(help="The spreadsheet.")],
    as_json: Annotated[bool, typer.Option("--json", help="Everything, for a program.")] = False,
    clio: Annotated[bool, typer.Option("--clio", help="Match against Clio too; needs the bot's settings.")] = False,
    currency: Annotated[
        str | None,
        typer.Option(help="The currency of the amounts, unless the settings name one. Else Clio's, or USD without it."),
    ] = None,
    day_first: Annotated[bool, typer.Option(help="03/04/2026 is 3 April where the sheet does not tell.")] = False,
    answer: Annotated[list[str] | None, typer.Option(help="An answer to a question, such as balance=F.")] = None,
) -> None:
    """Read a spreadsheet as the bot would, without Slack.

    Ends with 0 where all is well, 1 where no line has an amount or something needs a look, 2 where the file is
    refused, 3 where it asks.
    """
    from brought_forward.bot.cli import check as checking  # noqa: PLC0415
    from brought_forward.bot.cli import check_report as report  # noqa: PLC0415

    console = Console(soft_wrap=True)
    settings = from_environment() if clio else None
    answers = dict(_answer(pair) for pair in answer or [])
    try:
        found = checking.check(
            file,
            currency=currency,
            day_first=day_first or bool(settings and settings.clio_region in {"eu", "au"}),
            answers=answers,
            settings=settings,
        )
    except SheetQuestion as question:
        report.ask(question, console)
        raise typer.Exit(3) from None
    if as_json:
        typer.echo(report.as_json(found))
    else:
        report.show(found, console)
    raise typer.Exit(0 if found.clean else 1)


Database = Annotated[str, typer.Option("--db", envvar="BALANCES_DB", help="The database: a path, or a URL.")]
FILE = str(DATABASE)
BatchName = Annotated[str | None, typer.Option("--batch", help="A batch, such as B12.")]
Firm = Annotated[str | None, typer.Option(help="One firm alone, by its Slack workspace's id; else every firm.")]


@cli.command()
def backup(file: Annotated[Path, typer.Argument(help="The copy to be made.")], db: Database = FILE) -> None:
    """Copy the database, beside a running bot or without one, and look whether the copy is sound."""
    from brought_forward.bot.cli.backup import backup as copy  # noqa: PLC0415

    typer.echo(copy(_place(db), file))


@cli.command()
def restore(file: Annotated[Path, typer.Argument(help="A back-up.")], db: Database = FILE) -> None:
    """Put a back-up in the place of the database; what was there is kept beside it. The bot must not run."""
    from brought_forward.bot.cli.backup import restore as put_back  # noqa: PLC0415

    typer.echo(put_back(_place(db), file))


@cli.command()
def move(
    to: Annotated[
        str | None, typer.Option(metavar="URL", help="An empty database: postgresql://user@host/name.")
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Let a bot start again on a file that was moved.")] = False,
    db: Database = FILE,
) -> None:
    """Take the file over into PostgreSQL, and compare both row by row. The bot must not run."""
    from brought_forward.bot.cli import move as moving  # noqa: PLC0415

    if (to is None) == (not again):
        raise SettingsError("Name one of both: --to with the URL of an empty database, or --again.")
    keys = os.environ.get("BALANCES_KEYS", "").replace(",", " ").split()
    for line in [moving.again(_place(db))] if to is None else moving.move(_place(db), _place(to, "--to"), keys):
        typer.echo(line)


@cli.command()
def verify(
    db: Database = FILE,
    firm: Firm = None,
    sealed: Annotated[str, typer.Option(help="A hash from a batch's closing words that must be in the log.")] = "",
) -> None:
    """Look whether the audit log was changed, beside a running bot or without one.

    Ends with 0 where every link holds, 1 where one does not.
    """
    from brought_forward.bot.cli.audit import verify as look  # noqa: PLC0415

    raise typer.Exit(0 if look(_place(db), firm, sealed, Console(soft_wrap=True)) else 1)


@cli.command()
def purge(
    db: Database = FILE,
    batch: BatchName = None,
    client: Annotated[str | None, typer.Option(help="A client as Clio has the name, or a part of it.")] = None,
    firm: Firm = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Take the names and notes of a batch, or of a client, before their time; sums, ids and states are kept."""
    from brought_forward.bot.cli import purge as purging  # noqa: PLC0415

    def sure(question: str) -> bool:
        return yes or typer.confirm(question)

    if (batch is None) == (client is None):
        raise SettingsError("Name one of both: --batch B12, or --client with a name.")
    typer.echo(
        purging.purge_batch(_place(db), batch, sure)
        if batch
        else purging.purge_client(_place(db), firm, client or "", sure)
    )


@cli.command()
def hold(
    db: Database = FILE,
    batch: BatchName = None,
    firm: Firm = None,
    why: Annotated[str, typer.Option(help="For the audit log.")] = "",
) -> None:
    """Keep everything of a batch, or of a firm, whatever its age, until it is released."""
    from brought_forward.bot.cli.purge import hold as keep  # noqa: PLC0415

    typer.echo(keep(_place(db), firm, batch, why))


@cli.command()
def release(db: Database = FILE, batch: BatchName = None, firm: Firm = None) -> None:
    """End a hold."""
    from brought_forward.bot.cli.purge import release as let_go  # noqa: PLC0415

    typer.echo(let_go(_place(db), firm, batch))


@audit.command()
def export(
    db: Database = FILE,
    firm: Firm = None,
    words: Annotated[bool, typer.Option("--words", help="With names and texts, where they are not purged.")] = False,
) -> None:
    """Write the audit log as JSON lines, one a link; that it was exported is a link of it too."""
    from brought_forward.bot.cli.audit import export as write  # noqa: PLC0415

    for line in write(_place(db), firm, words=words):
        typer.echo(line)


@cli.command()
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Everything, for a program.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Only what is amiss, for cron.")] = False,
    probe: Annotated[
        str | None,
        typer.Option(metavar="MATTER", help="Send one cent to this matter in each form, prove it, delete it at once."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Send the cent without asking.")] = False,
    record: Annotated[
        Path | None, typer.Option(help="Keep the shapes of all answers here: no names, amounts, texts or tokens.")
    ] = None,
) -> None:
    """Look at settings, Slack, Clio and this machine: each line is ok, or says what to do. Nothing is changed.

    Ends with 0 where all is well, 1 where something is to be done, 2 where a setting is wrong.
    """
    from brought_forward.bot.cli.doctor import run as doctors  # noqa: PLC0415

    logging.basicConfig(level=logging.ERROR, stream=sys.stderr)  # what else is worth a word is a line already
    if probe is not None:
        raise typer.Exit(doctors.probe(probe, yes=yes, as_json=as_json, record=record))
    raise typer.Exit(doctors.doctor(as_json=as_json, quiet=quiet, record=record))


@cli.command()
def demo(
    verbose: Annotated[
        bool, typer.Option("--verbose", help="Show every row and fold, how waits are shrunk, and the calls to Clio.")
    ] = False,
) -> None:
    """Show the whole journey on this machine: a pretend Slack, a pretend Clio, the real bot."""
    from brought_forward.bot.cli.demo import play  # noqa: PLC0415

    raise typer.Exit(play(verbose=verbose))


@cli.command()
def sandbox(
    port: Annotated[int, typer.Option(help="Where the page is; 0 takes any free port.")] = 8321,
    no_open: Annotated[bool, typer.Option("--no-open", help="Print the address, open no browser.")] = False,
) -> None:
    """Show the same as a page: be its people, kill the bot, let Clio fail."""
    from brought_forward.bot.cli.sandbox import run  # noqa: PLC0415

    raise typer.Exit(run(port, open_browser=not no_open))


def _place(db: str, named_by: str = "BALANCES_DB") -> Place:
    """Read which database is meant. Raises SettingsError."""
    try:
        return place_of(db)
    except ValueError as wrong:
        raise SettingsError(f"{named_by}: {wrong}.") from wrong


def _answer(pair: str) -> tuple[str, str]:
    """Split an answer such as balance=F. Raises SettingsError."""
    question, found, answer = pair.partition("=")
    if not (question and found and answer):
        raise SettingsError(f"{pair} is no answer. Write it like balance=F.")
    return question, answer


def main() -> None:
    """Run the command line; what people must do is one sentence, not a traceback."""
    try:
        cli()
    except BroughtForwardError as wrong:
        typer.echo(str(wrong), err=True)
        sys.exit(2)
