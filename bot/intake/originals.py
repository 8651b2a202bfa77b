"""A file was changed or deleted in Slack after it was dropped: what stands there now."""

import hashlib
import logging
from dataclasses import dataclass

from brought_forward.bot.errors import SheetError
from brought_forward.bot.settings import Timing
from brought_forward.bot.slack.files import Files
from brought_forward.bot.slack.thread import BatchThread
from brought_forward.storage.records.batch import GONE, Batch, BatchStatus
from brought_forward.storage.store import Store

log = logging.getLogger(__name__)

UNREAD = "unread"  # in place of a sha256: something else that cannot be fetched, too large or only linked


@dataclass(frozen=True, slots=True)
class Originals:
    """Compare files in Slack with what was read of them."""

    store: Store
    files: Files
    thread: BatchThread
    timing: Timing

    def look(self, batch: Batch) -> None:
        """Look at one batch's file; where it is no longer what was read, the preview says so and is held."""
        if batch.sha256 is None and batch.status in {BatchStatus.RECEIVED, BatchStatus.READING}:
            self.store.originals.later(batch, self.timing.share_pause)  # not fetched yet: what comes may be either
            return
        now = self._now(batch)
        with self.store.transaction():
            if self.store.originals.looked(batch, None if now == batch.sha256 else now):
                log.info("the file of batch=%d is no longer what was read, or is again", batch.id)
                if self.store.batches.get(batch.id).status is BatchStatus.PREVIEWED:
                    self.thread.preview(batch.id)

    def _now(self, batch: Batch) -> str:
        """Name what stands in Slack: a sha256, or that nothing does. Raises what Slack's troubles raise."""
        try:
            data = self.files.as_it_is(batch.file_id, batch.file_name, batch.firm)
        except SheetError:
            return UNREAD
        return GONE if data is None else hashlib.sha256(data).hexdigest()
