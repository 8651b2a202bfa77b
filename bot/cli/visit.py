"""A visit to Clio from the command line: what the client keeps of it lives as long, in a folder of its own."""

import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from brought_forward.bot.clio.connection import Connection, Connections
from brought_forward.bot.settings import Firms, FirmSettings, Settings
from brought_forward.storage.store import Store

FIRM = "visit"  # a database that lives as long as the command holds no other


@contextmanager
def visit(settings: Settings) -> Iterator[tuple[Connection, Store, FirmSettings]]:
    """Connect to Clio, with a database that lives as long."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "visit.db")
        try:
            firms = Firms(store, settings)
            token = settings.clio_access_token.get_secret_value()
            yield Connections(firms, store, threading.Event(), token).of(FIRM), store, firms.settings(FIRM)
        finally:
            store.close()
