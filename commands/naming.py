"""Which batch a person means by B12."""

import re

from brought_forward.bot.errors import NotAllowed
from brought_forward.bot.messages.words import esc
from brought_forward.storage.records.batch import Batch
from brought_forward.storage.store import Store

NAME = re.compile("[#bB]?([0-9]{1,15})")


def named(store: Store, word: str, firm: str) -> Batch:
    """Find a firm's batch by what was typed: B12, b12, #12, 12. Raises NotAllowed for a name that is none."""
    found = NAME.fullmatch(word)
    batch = store.batches.find(int(found.group(1))) if found else None
    if batch is None or batch.firm != firm:
        raise NotAllowed(f"I know no batch {esc(word)}. `/balances list` names the last ones.")
    return batch
