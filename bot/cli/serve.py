"""The bot alone: its own Bolt app, over HTTP or Socket Mode. A host application uses `bot.app.register` instead."""

from __future__ import annotations

import gc
import logging
import os
import re
import signal
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import psycopg
from slack_bolt import Ack, App
from slack_sdk import WebClient

from brought_forward.bot.app import Bot
from brought_forward.bot.cli.database import readable
from brought_forward.bot.cli.http import end, listening, wsgi
from brought_forward.bot.cli.install import install_flow, install_link
from brought_forward.bot.cli.side import sides
from brought_forward.bot.cli.socket_mode import hear
from brought_forward.bot.cli.watch import Watch
from brought_forward.bot.errors import StorageError
from brought_forward.bot.messages.check import Line
from brought_forward.bot.messages.install import not_here
from brought_forward.bot.preview.make import Learn
from brought_forward.bot.settings import Settings
from brought_forward.bot.slack.authorization import FirmAuthorize, InstallationRows
from brought_forward.bot.slack.client import MarkedApp
from brought_forward.storage.place import Place, PostgresUrl

if sys.platform != "win32":
    import resource

log = logging.getLogger(__name__)

LISTENERS = 20  # Bolt's own five are soon busy, and then no button answers
SWITCH = 0.001  # seconds until a busy thread lets one go on that answers Slack: Python's own 5 ms add up over many
GRACE = 4.0  # seconds for what is under way once the bot is told to end; who told it may kill it soon
ANYTHING = re.compile(".*")


def build(settings: Settings, learn: Learn | None = None) -> tuple[App, Bot]:
    """Make a Bolt app with the bot attached. It does not ask Slack anything yet, so it starts while Slack is down."""
    bot = Bot(settings, learn)
    shared: dict[str, Any] = {}
    if settings.is_shared:
        shared["oauth_flow"] = install_flow(settings, InstallationRows(bot.store, bot.departures.returned))
        shared["user_facing_authorize_error_message"] = not_here(install_link(settings))
    app = (MarkedApp if settings.balances_practice else App)(
        name="brought-forward",  # else Bolt looks through the source of all that calls it
        authorize=FirmAuthorize(bot.slacks),  # type: ignore[arg-type]  # Bolt takes it, and says so nowhere
        client=WebClient(base_url=settings.slack_api_url),  # `authorize` says whose token a request is served with
        signing_secret=settings.slack_signing_secret.get_secret_value() or None,
        token_verification_enabled=False,
        request_verification_enabled=not settings.slack_app_token.get_secret_value(),
        listener_executor=ThreadPoolExecutor(LISTENERS, thread_name_prefix="listener"),
        **shared,
    )
    bot.attach(app)
    if not settings.is_shared:  # the doctor looks by the environment's tokens
        bot.desk.checks.look = _doctor(bot.settings)

    def heard(ack: Ack) -> None:
        """Acknowledge what nobody handles: Bolt answers 404, and Slack switches an app off that fails often."""
        ack()

    app.event(ANYTHING)(heard)
    app.action(ANYTHING)(heard)
    return app, bot


def _doctor(settings: Settings) -> Callable[[threading.Event], Iterator[Line]]:
    """Give the doctor that administrators ask from their Home tab; most starts are over without it."""

    def look(stopping: threading.Event) -> Iterator[Line]:
        from brought_forward.bot.cli.doctor.home import from_home  # noqa: PLC0415

        yield from from_home(settings)(stopping)

    return look


def serve(settings: Settings, learn: Learn | None = None) -> None:
    """Run until SIGTERM or Ctrl-C, and end within five seconds of it.

    Raises SettingsError where the database is served already, or Slack cannot be heard at the address that is set, and
    StorageError where the database cannot be written or is of another version.
    """
    _leave_no_core()
    with _sound(settings.balances_db):
        app, bot = build(settings, learn)
        try:
            bot.start()
        except BaseException:
            bot.stop()
            raise
    sys.setswitchinterval(SWITCH)
    gc.freeze()  # what is imported lives on: else each look for garbage goes through it, half the time of a large sheet
    over, ended = threading.Event(), threading.Event()
    threading.Thread(target=_no_later, args=(over, ended), name="end", daemon=True).start()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    bot.when_lost = over.set
    watch = Watch(bot)
    try:
        with sides(settings, watch, bot.store.gauges):
            if settings.slack_app_token.get_secret_value():
                hear(app, settings, over, watch)
            else:
                _http(app, bot, over, watch)
    finally:
        watch.stop()
        app.listener_runner.listener_executor.shutdown()  # a click that was acknowledged is carried out
        bot.stop()
        ended.set()


def _leave_no_core() -> None:
    """Let no crash write the process to the disk: it holds tokens and names."""
    if sys.platform != "win32":
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _no_later(over: threading.Event, ended: threading.Event) -> None:
    """End the process at once where Clio or Slack keeps what is under way waiting: any kill is as safe."""
    over.wait()
    if not ended.wait(GRACE):
        log.warning("ended with something under way, which the next start takes up")
        logging.shutdown()
        os._exit(0)


@contextmanager
def _sound(file: Place) -> Iterator[None]:
    """Say in one sentence that a database cannot be used. Raises StorageError or SettingsError."""
    try:
        with readable(file):
            yield
    except (sqlite3.Error, psycopg.Error, OSError) as broken:
        why = str(broken)
    except Exception as broken:
        engines = getattr(broken, "orig", None)  # the engine wraps what is said of its own tables
        if not isinstance(engines, sqlite3.Error | psycopg.Error):
            raise
        why = str(engines)
    else:
        return
    if isinstance(file, PostgresUrl):
        raise StorageError(
            f"The database {file} cannot be used: {' '.join(why.split())}. See that the server runs and has room, and"
            " that the role may make tables and a schema of its own (docs/postgresql.md); then start again."
        )
    raise StorageError(
        f"The database {file} or the engine's file beside it cannot be used: {why}. See that the disk has room, that"
        " this user may write to the folder and that no other program holds the files; then start again."
    )


def _http(app: App, bot: Bot, over: threading.Event, watch: Watch) -> None:
    host, port = bot.settings.balances_bind, bot.settings.port
    served = wsgi(app, bot.settings.slack_signing_secret.get_secret_value(), watch, bot.desk.sign_ins)
    server = listening(served, host, port, "PORT")
    worker = threading.Thread(target=server.run, name="http", daemon=True)
    worker.start()
    log.info("listening on %s, port %d", host, port)
    watch.hears = lambda: True
    watch.start()
    over.wait()
    end(server, worker)
