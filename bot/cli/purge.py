"""`purge`, `hold` and `release`: what is kept no longer, and what must be kept, said by whoever runs the bot."""

import getpass
from collections.abc import Callable

from brought_forward.bot.cli.database import firms_named, there
from brought_forward.bot.errors import SettingsError
from brought_forward.bot.messages.words import count
from brought_forward.storage.place import Place
from brought_forward.storage.records.batch import Batch
from brought_forward.storage.store import Store

STAYS = (
    "What people read in Slack stays there, by the workspace's own retention: the file that was dropped and the thread."
    " Workbooks of the bot's are deleted there while it runs."
)


def purge_batch(file: Place, name: str, sure: Callable[[str], bool]) -> str:
    """Take the names and notes of one batch. Raises SettingsError where there is none, or it is not over, or held."""
    with there(file) as store:
        batch = _batch(store, name)
        if batch.purged_at is not None:
            return f"{batch.name} is purged already."
        if not store.retention.may_go(batch.id):
            raise SettingsError(
                f"{batch.name} is not over yet ({batch.status}), or it is on hold, which"
                " `brought-forward release` ends."
            )
        if not sure(f"Purge the file, names and notes of {batch.name}, {batch.file_name}? This cannot be undone."):
            return "Nothing was purged."
        store.retention.purge(batch, by=None, why=f"asked for by {getpass.getuser()}")
        return f"{batch.name} is purged: its sums, ids and states are kept. {STAYS}"


def purge_client(file: Place, firm: str | None, named: str, sure: Callable[[str], bool]) -> str:
    """Take one client's names and notes out of every batch that is over.

    Raises SettingsError where no client of Clio's is called so, or several are.
    """
    with there(file) as store:
        found = [(one, *who) for one in firms_named(store, firm) for who in store.retention.clients(one, named)]
        if len(found) != 1:
            names = "; ".join(client for _, client, _ in found[:10])
            raise SettingsError(
                f"Several clients are called so: {names}. Write the name whole."
                if found
                else f'The bot knows no client called "{named}": it knows those whom Clio listed last.'
            )
        ((whose, client, matters),) = found
        if not sure(f"Purge {client}, {count(len(matters), 'matter')}, out of every batch? This cannot be undone."):
            return "Nothing was purged."
        batches = store.retention.purge_client(whose, client, matters, by=None)
        return f"{client} is purged out of {count(batches, 'batch', 'batches')} that are over and not on hold. {STAYS}"


def hold(file: Place, firm: str | None, name: str | None, why: str) -> str:
    """Keep all of a batch, or of a firm, until it is released. Raises SettingsError where there is none."""
    with there(file) as store:
        whose, number, what = _held(store, firm, name)
        store.retention.hold(whose, number, by=getpass.getuser(), why=why)
        return f"{what} is on hold: nothing of it is purged until `brought-forward release`."


def release(file: Place, firm: str | None, name: str | None) -> str:
    """Let go what was held. Raises SettingsError where nothing was."""
    with there(file) as store:
        whose, number, what = _held(store, firm, name)
        if not store.retention.release(whose, number, by=getpass.getuser()):
            raise SettingsError(f"{what} is not on hold.")
        return f"{what} is no longer on hold: what is due is purged within minutes while the bot runs."


def _held(store: Store, firm: str | None, name: str | None) -> tuple[str, int | None, str]:
    if (firm is None) == (name is None):
        raise SettingsError("Name one of both: --batch B12, or --firm with the Slack workspace's id.")
    if name is not None:
        batch = _batch(store, name)
        return batch.firm, batch.id, batch.name
    (whose,) = firms_named(store, firm)
    return whose, None, f"The firm {whose}"


def _batch(store: Store, name: str) -> Batch:
    number = name.upper().removeprefix("B")
    batch = store.batches.find(int(number)) if number.isdecimal() else None
    if batch is None:
        raise SettingsError(f"There is no batch {name}. Write it like B12.")
    return batch
