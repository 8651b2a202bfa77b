"""What a database is for: real books or a rehearsal, and never both."""

from brought_forward.bot.errors import SettingsError
from brought_forward.bot.settings.deployment import Deployment
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
