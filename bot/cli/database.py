"""The bot's database as a command opens it: what keeps it from being used is one sentence."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager

from brought_forward.bot.errors import SettingsError, StorageError
from brought_forward.storage.backup import Unsound
from brought_forward.storage.health import is_there
from brought_forward.storage.keys import KeyLost
from brought_forward.storage.place import Place
from brought_forward.storage.postgres_session import Unfit
from brought_forward.storage.schema import OtherTables
from brought_forward.storage.store import Store


@contextmanager
def readable(file: Place) -> Iterator[None]:
    """Say in one sentence what keeps a file from being used: its version, its server, or a lost key.

    Raises StorageError, and SettingsError where PostgreSQL is not there or not as it must be.
    """
    try:
        yield
    except OtherTables as other:
        raise StorageError(f"{file}: {other}") from other
    except Unsound as broken:
        text = f"{file} is of an older version and could not be copied, so nothing in it was changed: {broken}."
        raise StorageError(text) from broken
    except Unfit as unfit:
        raise SettingsError(str(unfit)) from unfit
    except KeyLost as lost:
        raise StorageError(str(lost)) from lost


@contextmanager
def opened(file: Place, keys: Sequence[str] = ()) -> Iterator[Store]:
    """Open a database, which is made where there is none; `keys` as `Store` takes them.

    Raises as `readable` does.
    """
    with readable(file), closing(Store(file, keys)) as store:
        yield store


@contextmanager
def there(file: Place) -> Iterator[Store]:
    """Open a database that is there already. Raises SettingsError where it is not, and StorageError."""
    with readable(file):
        if not is_there(file):
            raise SettingsError(f"{file} is not there. Name the bot's database with --db, or in BALANCES_DB.")
    with opened(file) as store:
        yield store


def firms_named(store: Store, firm: str | None) -> list[str]:
    """Name the firm that was asked for, or all that have an audit log. Raises SettingsError where that one has none."""
    firms = store.audit.firms()
    if firm is None:
        return firms
    if firm not in firms:
        raise SettingsError(f"{firm} has no audit log here; these have: {', '.join(firms) or 'none'}.")
    return [firm]
