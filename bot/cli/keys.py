"""`rotate-key`: what signs the bot in is sealed by a new key, beside a running bot or without one."""

from cryptography.fernet import Fernet
from rich.console import Console

from brought_forward.bot.cli.database import opened
from brought_forward.bot.errors import StorageError
from brought_forward.bot.messages.words import count
from brought_forward.bot.settings import Settings
from brought_forward.storage.keys import KeyLost
from brought_forward.storage.store import Store


def rotate(settings: Settings, console: Console) -> None:
    """Seal every token by a new key, and forget the keys before it. Raises StorageError where one opens nothing."""
    with opened(settings.balances_db, settings.keys) as store:
        try:
            new = store.keys.current if store.keys.are_given else store.keys.add()
            sealed = _anew(store)
            if not store.keys.are_given:
                with store.transaction():  # nobody seals meanwhile, and who seals after it reads the file anew
                    if _anew(store) == 0:
                        store.keys.keep_only(new)
        except KeyLost as lost:
            raise StorageError(f"{lost} Nothing was sealed anew.") from lost
    console.print(f"{count(sealed, 'sign-in')} sealed by the new key, {new}.", highlight=False)
    if settings.keys:
        console.print("Once every process has this key first, the ones behind it in BALANCES_KEYS may go.")


def _anew(store: Store) -> int:
    """Seal by the newest key what an older one has sealed. Returns how many tokens that were."""
    return store.connections.seal_anew() + store.firms.seal_anew()


def new_key() -> str:
    """Make a key for the environment."""
    return Fernet.generate_key().decode()
