"""A copy of a file: of two previews of the very same bytes only one can be decided.

It is the newer one, matched last, unless people have worked on an older one: what they put right must not be lost
because somebody dropped the file again.
"""

from dataclasses import dataclass

from brought_forward.bot.matching.match import whole_file
from brought_forward.bot.matching.rules import Code
from brought_forward.bot.messages.reading import replaced, waits_already
from brought_forward.bot.messages.words import long_date
from brought_forward.bot.slack.thread import BatchThread
from brought_forward.storage.records.batch import Batch, BatchStatus
from brought_forward.storage.records.sheet import Finding
from brought_forward.storage.store import Store

HERE = "this preview takes its place"


@dataclass(frozen=True, slots=True)
class Copies:
    """End the others, within the transaction that offers a preview."""

    store: Store
    thread: BatchThread

    def replace(self, number: int) -> list[Finding]:
        """End every undecided batch of the same bytes but the one that stays, wherever it was dropped.

        Those after it that are still being read come to their own preview first. Returns what is said of the older ones
        in the one that stays, of its own channel alone. The one that is offered may be among those that end.
        """
        copies = self.store.copies.undecided(number)
        previewed = {one.batch for one in copies if one.status is BatchStatus.PREVIEWED}
        stays = max((one.batch for one in copies if one.worked), default=max(previewed, default=number))
        kept = self.store.batches.get(stays)
        found = []
        for one in (one.batch for one in copies if one.batch < stays or (one.batch > stays and one.batch in previewed)):
            batch = self.store.batches.get(one)
            if self.store.copies.replaced_by(one, kept):
                self._say(batch, kept)
                if batch.channel == kept.channel and one < stays:
                    day = long_date(batch.created_at.date())
                    found.append(whole_file(Code.SAME_FILE, batch=batch.name, day=day, state=HERE))
        return found

    def _say(self, batch: Batch, kept: Batch) -> None:
        self.store.attachments.drop_unsent(batch.id, but=0)
        self.store.decisions.add(
            batch,
            actor=kept.uploader,
            action="copy",
            allowed=True,
            approvers=batch.rules.approvers,
            reason=f"the same file is {kept.name}",
        )
        self.thread.preview_over(batch, (replaced if kept.id > batch.id else waits_already)(batch, kept))
