"""What is said of a batch whose names and notes are gone. Pure."""

from brought_forward.bot.errors import NotAllowed
from brought_forward.bot.messages.words import long_date
from brought_forward.storage.records.batch import Batch


def refuse_purged(batch: Batch) -> None:
    """Refuse what needs the names or notes of a batch. Raises NotAllowed where they were purged."""
    if batch.purged_at is not None:
        raise NotAllowed(
            f"The names and notes of {batch.name} were purged on {long_date(batch.purged_at.date())}. Its sums and what"
            f" became of each entry are kept: `/balances signoff {batch.name}`. What has to change now is changed in"
            " Clio."
        )
