"""Who may ask what of a batch's entries in Clio; the answer comes into the thread later."""

from dataclasses import dataclass

from brought_forward.bot.approval.approvers import Approvers
from brought_forward.bot.errors import NotAllowed
from brought_forward.bot.messages.answers import COMING
from brought_forward.bot.messages.status import stands
from brought_forward.bot.messages.words import thread_link
from brought_forward.bot.slack.clicks import Decision
from brought_forward.bot.slack.people import People
from brought_forward.storage.records.batch import Batch, BatchStatus
from brought_forward.storage.records.entry import EntryState
from brought_forward.storage.records.inquiry import InquiryKind
from brought_forward.storage.store import Store

COMPARED = {BatchStatus.POSTED, BatchStatus.STOPPED, BatchStatus.UNDONE}  # nothing is being sent or removed
BY_ITSELF = {BatchStatus.APPROVED, BatchStatus.POSTING, BatchStatus.PAUSED, BatchStatus.UNDOING}


@dataclass(frozen=True, slots=True)
class Questions:
    """Take inquiries down for whoever may see the batch."""

    store: Store
    people: People
    approvers: Approvers

    def ask(self, kind: InquiryKind, batch: Batch, user: str) -> str:
        """Take an inquiry down and say that its answer comes. Raises NotAllowed."""
        if not self._take_down(kind, batch, user):
            return _already(batch)
        return COMING[kind].format(name=batch.name, link=thread_link(batch))

    def refresh(self, click: Decision) -> str:
        """Read the bills again, for the message that was clicked. Raises NotAllowed."""
        batch = self.store.batches.find(click.batch)
        before = self.store.inquiries.find(click.entry or 0)
        if batch is None or batch.firm != click.firm or before is None or before.batch != batch.id:
            raise NotAllowed("This button is not one of mine any more.")
        self.people.check(click.actor, batch.firm)
        made = self._take_down(InquiryKind.BILLS, batch, click.actor, before.slot)
        # A message may have been sent twice: a copy that somebody clicks is redrawn with its original.
        self.store.messages.clicked(batch.id, before.slot, click.message_ts)
        return "Reading Clio again; this message changes once that is done." if made else _already(batch)

    def _take_down(self, kind: InquiryKind, batch: Batch, user: str, slot: str | None = None) -> bool:
        """Take an inquiry down. Returns False where it waits for its answer already. Raises NotAllowed."""
        if not self.approvers.sees(user, batch):
            raise NotAllowed(f"Only who uploaded {batch.name} and approvers can ask this: the answer shows its sums.")
        if kind is InquiryKind.RECONCILE and batch.status in BY_ITSELF:
            raise NotAllowed(
                f"{batch.name} is {stands(batch)}. It is read back by itself once that has ended; its thread then"
                " says what Clio holds."
            )
        if not self.store.entries.tallies(batch.id)[EntryState.POSTED].entries:
            raise NotAllowed(f"Nothing of {batch.name} is in Clio: it is {stands(batch)}.")
        made = self.store.inquiries.ask(firm=batch.firm, batch=batch.id, kind=kind, asked_by=user, slot=slot)
        return made is not None


def _already(batch: Batch) -> str:
    return f"This was asked of {batch.name} already; the answer comes into its thread ({thread_link(batch)})."
