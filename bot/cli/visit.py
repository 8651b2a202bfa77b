"""A visit to Clio from the command line: what the client keeps of it lives as long, in a folder of its own."""

import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import SecretStr

from brought_forward.bot.cli.database import opened
from brought_forward.bot.clio.connection import NOBODY, Connection, Connections
from brought_forward.bot.errors import SettingsError
from brought_forward.bot.settings import Firms, FirmSettings, Settings
from brought_forward.bot.settings.firm import REGIONS
from brought_forward.storage.health import is_there
from brought_forward.storage.records.connection import Source
from brought_forward.storage.store import Store

FIRM = "visit"  # a database that lives as long as the command holds no other


@contextmanager
def visit(settings: Settings) -> Iterator[tuple[Connection, Store, FirmSettings]]:
    """Connect to Clio, by the bot's own sign-in, with a database that lives as long.

    Raises SettingsError where nobody has signed in.
    """
    settings = signed_in(settings)
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "visit.db")
        try:
            firms = Firms(store, settings)
            token = settings.clio_access_token.get_secret_value()
            yield Connections(firms, store, threading.Event(), token).of(FIRM), store, firms.settings(FIRM)
        finally:
            store.close()


def signed_in(settings: Settings) -> Settings:
    """Take the bot's sign-in where the environment gives no token. Raises SettingsError or StorageError."""
    if settings.clio_access_token.get_secret_value():
        return settings
    if not is_there(settings.balances_db):
        raise SettingsError(NOBODY)
    with opened(settings.balances_db, settings.keys) as store:
        firms = store.connections.firms()
        sign_in = store.connections.of(firms[0], Source.CONNECT) if len(firms) == 1 else None
        tokens = store.connections.tokens(sign_in.id) if sign_in else None
    if sign_in is None or tokens is None:
        raise SettingsError(NOBODY)
    given: dict[str, object] = {"clio_access_token": SecretStr(tokens.access)}
    if sign_in.region in REGIONS:
        given["clio_region"] = sign_in.region
    return settings.model_copy(update=given)
