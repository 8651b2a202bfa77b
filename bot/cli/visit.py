"""A visit to Clio from the command line: what the client keeps of it lives as long, in a folder of its own."""

import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from brought_forward.bot.clio.connection import Connection
from brought_forward.bot.settings import Settings
from brought_forward.storage.store import Store


@contextmanager
def visit(settings: Settings) -> Iterator[tuple[Connection, Store]]:
    """Connect to Clio, with a database that lives as long."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "visit.db")
        try:
            yield Connection(settings, store, threading.Event()), store
        finally:
            store.close()
