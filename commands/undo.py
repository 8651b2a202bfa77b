"""`/balances undo BATCH`: says what an undo would do, and gives its button to approvers."""

from dataclasses import dataclass

from brought_forward.bot.approval.approvers import Approvers
from brought_forward.bot.errors import NotAllowed
from brought_forward.bot.messages.blocks import Text
from brought_forward.bot.messages.undo import ask
from brought_forward.bot.undo.decide import check_undoable
from brought_forward.storage.records.batch import Batch
from brought_forward.storage.records.entry import EntryState
from brought_forward.storage.store import Store


@dataclass(frozen=True, slots=True)
class UndoCommand:
    """Answer the command."""

    store: Store
    approvers: Approvers

    def answer(self, batch: Batch | None, user: str) -> Text:
        """Offer the undo of a batch. Raises NotAllowed with the reason where there is none."""
        if batch is None:
            raise NotAllowed("Nothing has been dropped yet, so there is nothing to undo.")
        self.approvers.check(user, batch, listed=True, place=False)
        check_undoable(self.store, batch)
        return ask(batch, self.store.entries.tallies(batch.id)[EntryState.POSTED])
