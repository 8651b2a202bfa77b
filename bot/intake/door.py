"""The one door through which a batch begins, however its file came: by the rules of this moment, which it keeps."""

from brought_forward.bot.approval.rules import rules_now
from brought_forward.bot.settings import FirmSettings
from brought_forward.storage.records.batch import Batch
from brought_forward.storage.records.slack import Share
from brought_forward.storage.store import Store


def open_batch(
    store: Store, settings: FirmSettings, share: Share, *, uploader: str, owner: str, file_name: str, file_size: int
) -> Batch | None:
    """Begin a batch for one share of a file. None where that share has its batch already.

    Stands inside the transaction that settles the notice or wish it comes of. Who uploaded is never made up of
    the owner: it is the person who was let in; the owner is that person where Slack names nobody else.
    """
    number = store.batches.open(
        share,
        uploader=uploader,
        owner=owner or uploader,
        file_name=file_name,
        file_size=file_size,
        rules=rules_now(settings),
    )
    return None if number is None else store.batches.get(number)
