"""Call people by a new message when it is their turn: one for each state, edited when that state is over."""

from collections.abc import Callable
from dataclasses import dataclass

from brought_forward.bot.messages import mentions as words
from brought_forward.bot.messages.approval import Approving, can_be_approved
from brought_forward.bot.messages.blocks import Text
from brought_forward.storage.records.batch import Batch, BatchStatus
from brought_forward.storage.records.entry import Tally
from brought_forward.storage.records.inquiry import load_read_back
from brought_forward.storage.store import Store

WAIT, SECOND = "mention-wait-", "mention-second-"  # with the revision
PAUSED, ENDED = "mention-paused-", "mention-ended-"  # with the episode
REMINDER = "reminder"


@dataclass(frozen=True, slots=True)
class Mentions:
    """Say each once; called inside the transaction that changes what they say."""

    store: Store
    say: Callable[[Batch, str, Text], None]

    def preview(self, batch: Batch, planned: Tally, approving: Approving, *, held: bool) -> None:
        """Call who may approve a preview as it stands, or say that it no longer waits."""
        waits = batch.status is BatchStatus.PREVIEWED and planned.entries and not held and can_be_approved(approving)
        now = ""
        if waits and batch.first_by:
            now = f"{SECOND}{batch.revision}"
            self.say(batch, now, words.waits_for_second(batch, approving, planned))
        elif waits:
            now = f"{WAIT}{batch.revision}"
            self.say(batch, now, words.waits(batch, approving, planned))
        self._no_longer(batch, but=now)

    def no_longer_waits(self, batch: Batch) -> None:
        """Say of a preview that is made anew that it no longer waits."""
        self._no_longer(batch, but="")

    def _no_longer(self, batch: Batch, *, but: str) -> None:
        for prefix in (WAIT, SECOND):
            for slot in self.store.messages.slots(batch.id, prefix):
                if slot != but:
                    revision = int(slot.removeprefix(prefix))
                    second = prefix == WAIT and self.store.messages.find(batch.id, f"{SECOND}{revision}") is not None
                    self.say(batch, slot, words.no_longer_waits(batch, revision=revision, second=second))
        if not but and self.store.messages.find(batch.id, REMINDER):
            self.say(batch, REMINDER, words.no_longer_waits(batch, revision=batch.revision))

    def paused(self, batch: Batch) -> None:
        """Tell the uploader that posting is paused; what is stopped is told when its results are there."""
        if batch.status is BatchStatus.PAUSED:
            self.say(batch, f"{PAUSED}{batch.episode}", words.paused(batch))

    def ended(self, batch: Batch) -> None:
        """Tell the uploader that posting is over."""
        tallies = self.store.entries.tallies(batch.id)
        self.say(batch, f"{ENDED}{batch.episode}", words.ended(batch, tallies, load_read_back(batch.read_back)))

    def over(self, batch: Batch, what: str, by: str | None) -> None:
        """Say what has ended a pause, or an end that was none; `batch` as it was then."""
        for slot in (f"{PAUSED}{batch.episode}", f"{ENDED}{batch.episode}"):
            if self.store.messages.find(batch.id, slot):
                self.say(batch, slot, words.over(batch, what, by))
