"""A copy of a file: of two previews of the very same bytes only the newer one can be decided."""

from dataclasses import dataclass

from brought_forward.bot.matching.match import whole_file
from brought_forward.bot.matching.rules import Code
from brought_forward.bot.messages.reading import replaced
from brought_forward.bot.messages.words import long_date
from brought_forward.bot.slack.thread import BatchThread
from brought_forward.storage.records.batch import Batch, BatchStatus
from brought_forward.storage.records.sheet import Finding
from brought_forward.storage.store import Store

HERE = "this preview takes its place"


@dataclass(frozen=True, slots=True)
class Copies:
    """End the older ones, within the transaction that offers a preview."""

    store: Store
    thread: BatchThread

    def replace(self, number: int) -> list[Finding]:
        """End every undecided batch of the same bytes before the newest preview, wherever it was dropped.

        Returns what is said of it in the newest, of its own channel alone. An older one may be that which is offered.
        """
        copies = self.store.copies.undecided(number)
        newest = max((one for one, status in copies if status is BatchStatus.PREVIEWED), default=number)
        newer = self.store.batches.get(newest)
        found = []
        for one in (one for one, _ in copies if one < newest):
            batch = self.store.batches.get(one)
            if self.store.copies.replaced_by(one, newer):
                self._say(batch, newer)
                if batch.channel == newer.channel:
                    day = long_date(batch.created_at.date())
                    found.append(whole_file(Code.SAME_FILE, batch=batch.name, day=day, state=HERE))
        return found

    def _say(self, batch: Batch, newer: Batch) -> None:
        self.store.attachments.drop_unsent(batch.id, but=0)
        self.store.decisions.add(
            batch,
            actor=newer.uploader,
            action="copy",
            allowed=True,
            approvers=batch.rules.approvers,
            reason=f"the same file is {newer.name}",
        )
        self.thread.preview_over(batch, replaced(batch, newer))
