"""The command line: the only place that reads the environment and configures logging."""

import logging
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from brought_forward.bot.errors import BroughtForwardError, SettingsError, SheetQuestion
from brought_forward.bot.settings import from_environment

cli = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@cli.callback()
def brought_forward() -> None:
    """Bring a law firm's outstanding balances into Clio Manage: from a spreadsheet in Slack, exactly once."""


@cli.command()
def serve() -> None:
    """Run the bot, with the settings from the environment."""
    from brought_forward.bot.cli.serve import serve as run  # noqa: PLC0415 - the other commands need not wait for pandas

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    for noisy in ("slack_bolt", "slack_sdk", "urllib3", "waitress"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    logging.getLogger("slack_bolt.App").setLevel(logging.ERROR)  # it warns that SLACK_BOT_TOKEN is set
    settings = from_environment()
    if settings.balances_practice:
        from brought_forward.bot.cli.practice import rehearse  # noqa: PLC0415 - the sandbox is not for real work

        rehearse(settings)
    else:
        run(settings)


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
            day_first=day_first or bool(settings and settings.day_first),
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
