"""`verify` and `audit export`: the audit log, looked at and written out beside a running bot."""

import getpass
import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from brought_forward.bot.errors import SettingsError, StorageError
from brought_forward.storage.audit import SHORT
from brought_forward.storage.schema import OtherTables
from brought_forward.storage.store import Store


def verify(file: Path, firm: str | None, sealed: str, console: Console) -> bool:
    """Say of each firm's chain whether it holds. Returns False where one does not.

    Raises SettingsError where there is no such file or firm, and StorageError where the file is another version's.
    """
    holds = True
    with opened(file) as store:
        firms = _firms(store, firm)
        if not firms:
            console.print("The audit log is empty: no file was dropped yet.")
        if sealed and len(firms) > 1:
            raise SettingsError("A hash is of one firm's log. Name the firm with --firm.")
        for one in firms:
            found = store.audit.verify(one, sealed=sealed)
            if found.broken:
                holds = False
                console.print(f"[bold red]{escape(one)}: broken.[/] {escape(found.broken)}.")
                continue
            purged = f" The words of {found.purged:,} are purged." if found.purged else ""
            console.print(f"{escape(one)}: all {found.links:,} links hold, the last is {found.head[:SHORT]}.{purged}")
    return holds


def export(file: Path, firm: str | None, *, words: bool) -> Iterator[str]:
    """Write every link as a line of JSON, and then say in the log that it was exported, and by which account.

    Raises SettingsError where there is no such file or firm, and StorageError where the file is another version's.
    """
    with opened(file) as store:
        for one in _firms(store, firm):
            count = 0
            for link in store.audit.links(one):
                count = link.number
                shown = {name: value for name, value in asdict(link).items() if words or name != "words"}
                yield json.dumps(shown | {"at": link.at.isoformat()}, ensure_ascii=False)
            store.audit.add(one, "export", facts={"links": count, "words": words}, words={"account": getpass.getuser()})


def _firms(store: Store, firm: str | None) -> list[str]:
    firms = store.audit.firms()
    if firm is None:
        return firms
    if firm not in firms:
        raise SettingsError(f"{firm} has no audit log here; these have: {', '.join(firms) or 'none'}.")
    return [firm]


@contextmanager
def opened(file: Path) -> Iterator[Store]:
    """Open the bot's database, which is there already. Raises SettingsError or StorageError."""
    if not file.is_file():
        raise SettingsError(f"{file} is not there. Name the bot's database with --db, or in BALANCES_DB.")
    try:
        store = Store(file)
    except OtherTables as other:
        raise StorageError(f"{file}: {other}") from other
    with closing(store):
        yield store
