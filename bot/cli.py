"""The command line: the only place that reads the environment and configures logging."""

import logging
import sys

import typer

from brought_forward.bot.errors import BroughtForwardError
from brought_forward.bot.settings import from_environment

cli = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@cli.callback()
def brought_forward() -> None:
    """Bring a law firm's outstanding balances into Clio Manage: from a spreadsheet in Slack, exactly once."""


@cli.command()
def serve() -> None:
    """Run the bot, with the settings from the environment."""
    from brought_forward.bot.serve import serve as run  # noqa: PLC0415 - the other commands need not wait for pandas

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    for noisy in ("slack_bolt", "slack_sdk", "urllib3", "waitress"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    logging.getLogger("slack_bolt.App").setLevel(logging.ERROR)  # it warns that SLACK_BOT_TOKEN is set
    run(from_environment())


@cli.command()
def demo() -> None:
    """Show the whole journey on this machine: a pretend Slack, a pretend Clio, the real bot."""
    from brought_forward.bot.demo import play  # noqa: PLC0415

    raise typer.Exit(play())


def main() -> None:
    """Run the command line; what people must do is one sentence, not a traceback."""
    try:
        cli()
    except BroughtForwardError as wrong:
        typer.echo(str(wrong), err=True)
        sys.exit(2)
