"""The whole look, part by part: one that fails is a line of its own, and all others still come."""

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import requests
from slack_sdk import WebClient

from brought_forward.bot.cli.doctor.clio import ClioLook
from brought_forward.bot.cli.doctor.finding import Finding, State, amiss
from brought_forward.bot.cli.doctor.machine import machine_lines
from brought_forward.bot.cli.doctor.settings import Known, known, settings_lines
from brought_forward.bot.cli.doctor.sign_in import sign_in_lines
from brought_forward.bot.cli.doctor.slack import SlackLook
from brought_forward.bot.cli.visit import visit
from brought_forward.bot.clio.client import Clio
from brought_forward.bot.errors import BroughtForwardError
from brought_forward.bot.settings import Settings
from brought_forward.bot.slack.client import web_client
from brought_forward.storage.health import is_there, said_by_firm

log = logging.getLogger(__name__)

PATIENCE = 5.0  # seconds: who waits at the screen wants to know that there is no answer
SLACK_PATIENCE = 10


@dataclass(frozen=True, slots=True)
class Part:
    """What is looked at together, under one heading."""

    name: str
    lines: Callable[[], Iterable[Finding]]


def parts(
    settings: Settings,
    *,
    client: WebClient | None = None,
    shapes: bool = True,
    witness: Callable[[requests.Response], None] | None = None,
    more: Callable[[Clio], None] | None = None,
    pause: Callable[[float], object] = time.sleep,
) -> list[Part]:
    """List what is looked at.

    `client` asks Slack, of `shapes` too; `witness` is told of Clio's answers, and `more` asks Clio more than is told.
    `pause` waits where Slack asks for it.
    """
    of = known_of(settings)
    slack = SlackLook(of, client or web_client(settings, timeout=SLACK_PATIENCE), shapes, pause)

    def clio() -> Iterator[Finding]:
        yield from sign_in_lines(settings)
        with visit(impatient(settings)) as (connection, *_):
            yield from ClioLook(of.firm, connection.clio, witness).lines()
            if more:
                more(connection.clio)

    return [
        Part("Settings", lambda: settings_lines(of)),
        Part("Slack", slack.lines),
        Part("Clio", clio),
        Part("This machine", lambda: machine_lines(settings)),
    ]


def look(part: Part) -> Iterator[Finding]:
    """Look at a part, and say in a line where that cannot go on."""
    try:
        yield from part.lines()
    except (BroughtForwardError, OSError) as trouble:
        yield amiss(part.name, f"could not be looked at to the end: {trouble}", "Put that right, then look again.")
    except Exception as broken:
        log.exception("the look at %s failed", part.name)
        yield amiss(
            part.name, f"could not be looked at to the end ({type(broken).__name__})", "Report it, with the log."
        )


def known_of(settings: Settings) -> Known:
    """Put the environment and the firm's own rows together; nothing of the database is changed."""
    file = settings.balances_db
    return known(settings, said_by_firm(file) if is_there(file) else {})


def impatient(settings: Settings) -> Settings:
    """Give up on Clio sooner than a run does."""
    timing = settings.balances_timing
    shorter = timing.model_copy(update={"keep_asking": min(timing.keep_asking, PATIENCE)})
    return settings.model_copy(update={"balances_timing": shorter})


def is_well(findings: Iterable[Finding]) -> bool:
    """Whether nobody has to do anything."""
    return all(one.state is not State.TODO for one in findings)
