"""The commands that sign the bot in to Clio and out of it; what they do stands in `connect` and `keys`."""

from typing import Annotated

import typer
from rich.console import Console

from brought_forward.bot.settings import from_environment


def connect(
    region: Annotated[str | None, typer.Option(help="Where the firm's Clio account is: us, ca, eu or au.")] = None,
    port: Annotated[int, typer.Option(help="Of this machine, as the app's redirect URI at Clio has it.")] = 8000,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Paste the address instead.")] = False,
    standby: Annotated[
        bool, typer.Option("--standby", help="Let a second administrator stand by, in case this sign-in ends.")
    ] = False,
    person: Annotated[
        str | None, typer.Option(help="Who signs in, as Slack's member id (U...): approvers hear if they leave.")
    ] = None,
    status: Annotated[
        bool, typer.Option("--status", help="Show by what the bot is connected; 1 where it is not.")
    ] = False,
) -> None:
    """Sign the bot in to Clio, beside a running bot or without one, and keep the sign-in sealed."""
    from brought_forward.bot.cli.connect import Whose, opened  # noqa: PLC0415 - the other commands need not wait for it

    with opened(from_environment(), Console(soft_wrap=True)) as connecting:
        if status:
            raise typer.Exit(0 if connecting.status() else 1)
        whose = Whose(standby=standby, person=person)
        connecting.connect(region, port, whose, browser=not no_browser, ask=typer.prompt)


def disconnect(
    standby: Annotated[bool, typer.Option("--standby", help="The one that stands by; the first one stays.")] = False,
) -> None:
    """Have Clio forget the sign-in, and forget it too; one that stands by takes over, else posting pauses."""
    from brought_forward.bot.cli.connect import opened  # noqa: PLC0415

    with opened(from_environment(), Console(soft_wrap=True)) as connecting:
        connecting.disconnect(standby=standby)


def rotate_key(
    print_: Annotated[bool, typer.Option("--print", help="Only print a new key, for the environment.")] = False,
) -> None:
    """Seal what signs the bot in to Clio by a new key, beside a running bot or without one."""
    from brought_forward.bot.cli.keys import new_key, rotate  # noqa: PLC0415

    if print_:
        typer.echo(new_key())
    else:
        rotate(from_environment(), Console(soft_wrap=True))


def add_to(cli: typer.Typer) -> None:
    """Add the commands to the command line."""
    cli.command()(connect)
    cli.command()(disconnect)
    cli.command("rotate-key")(rotate_key)
