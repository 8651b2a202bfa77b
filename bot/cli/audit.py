"""`verify` and `audit export`: the audit log, looked at and written out beside a running bot."""

import getpass
import json
from collections.abc import Iterator
from dataclasses import asdict

from rich.console import Console
from rich.markup import escape

from brought_forward.bot.cli.database import firms_named, there
from brought_forward.bot.errors import SettingsError
from brought_forward.storage.audit import SHORT
from brought_forward.storage.place import Place


def verify(file: Place, firm: str | None, sealed: str, console: Console) -> bool:
    """Say of each firm's chain whether it holds. Returns False where one does not.

    Raises SettingsError where there is no such file or firm, and StorageError where the file is another version's.
    """
    holds = True
    with there(file) as store:
        firms = firms_named(store, firm)
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


def export(file: Place, firm: str | None, *, words: bool) -> Iterator[str]:
    """Write every link as a line of JSON, and then say in the log that it was exported, and by which account.

    Raises SettingsError where there is no such file or firm, and StorageError where the file is another version's.
    """
    with there(file) as store:
        for one in firms_named(store, firm):
            count = 0
            for link in store.audit.links(one):
                count = link.number
                shown = {name: value for name, value in asdict(link).items() if words or name != "words"}
                yield json.dumps(shown | {"at": link.at.isoformat()}, ensure_ascii=False)
            store.audit.add(one, "export", facts={"links": count, "words": words}, words={"account": getpass.getuser()})
