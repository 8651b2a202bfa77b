"""`/balances reconcile`, `bills`, `report` and `undo`: asked here, answered in the batch's thread."""

from collections.abc import Callable
from dataclasses import dataclass

from brought_forward.bot.approval.approvers import Approvers
from brought_forward.bot.errors import NotAllowed
from brought_forward.bot.messages.blocks import Text
from brought_forward.bot.messages.undo import ask
from brought_forward.bot.results.ask import Questions
from brought_forward.bot.undo.decide import check_undoable
from brought_forward.storage.records.batch import Batch
from brought_forward.storage.records.entry import EntryState
from brought_forward.storage.records.inquiry import InquiryKind
from brought_forward.storage.store import Store

HELP = (
    "`/balances reconcile B12` compares what was posted with what Clio holds now, entry by entry\n"
    "`/balances bills B12` how far its bills are: not billed, on a draft, awaiting payment, paid\n"
    "`/balances report B12` Clio's own Client Activity report of its days, as a file\n"
)


@dataclass(frozen=True, slots=True)
class Asking:
    """Take down what is asked of a batch's entries in Clio."""

    inquiring: Questions
    find: Callable[[list[str], str], Batch | None]  # the batch that the words name, or the newest

    def reconcile(self, words: list[str], user: str, firm: str) -> str:
        """Ask whether Clio still holds what was posted. Raises NotAllowed."""
        return self._ask(InquiryKind.RECONCILE, words, user, firm)

    def bills(self, words: list[str], user: str, firm: str) -> str:
        """Ask how far the bills are. Raises NotAllowed."""
        return self._ask(InquiryKind.BILLS, words, user, firm)

    def report(self, words: list[str], user: str, firm: str) -> str:
        """Ask for Clio's own report. Raises NotAllowed."""
        return self._ask(InquiryKind.REPORT, words, user, firm)

    def _ask(self, kind: InquiryKind, words: list[str], user: str, firm: str) -> str:
        if not words:
            raise NotAllowed(f"Name the batch: `/balances {kind} B12`. `/balances list` names the last ones.")
        batch = self.find(words, firm)
        if batch is None:
            raise NotAllowed("Nothing has been dropped yet.")
        return self.inquiring.ask(kind, batch, user)


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
