"""What a database is for: real books or a rehearsal, never both, and nothing any more once it was moved."""

from brought_forward.bot.errors import SettingsError
from brought_forward.bot.settings.deployment import Deployment
from brought_forward.storage.place import Place
from brought_forward.storage.store import Store


def agree_on_practice(store: Store, deployment: Deployment) -> None:
    """Raise SettingsError where the file is for practice and this is real, or the other way round."""
    practice, file = deployment.balances_practice, deployment.balances_db
    if store.settle_purpose(practice=practice):
        return
    if practice:
        raise SettingsError(f"{file} holds what was really posted, so practice must not use it. Name another file"
                            " in BALANCES_DB, or leave that out.")  # fmt: skip
    raise SettingsError(f"{file} was used in practice, and nothing in it was posted to Clio. Name another file in"
                        " BALANCES_DB, or set BALANCES_PRACTICE=1 to go on rehearsing.")  # fmt: skip


def refuse_moved(file: Place, moved_to: str | None) -> None:
    """Raise SettingsError where a file was moved: a bot on it and one on PostgreSQL would not know of each other."""
    if moved_to is not None:
        raise SettingsError(
            f"{file} was moved to {moved_to}, where the bot goes on: two bots, one on each, would not know what the"
            " other posts. Let BALANCES_DB name that database. If none is ever to run there, `brought-forward move"
            " --again` lets one start on the file once more."
        )
