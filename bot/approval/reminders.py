"""Batches that wait too long: their approvers are reminded once, and in the end they expire."""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime

from brought_forward.bot.approval.approvers import Approvers
from brought_forward.bot.approval.holds import held_for
from brought_forward.bot.messages.approval import can_be_approved
from brought_forward.bot.slack.thread import BatchThread
from brought_forward.storage.records.batch import Batch
from brought_forward.storage.store import Store

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Reminders:
    """Do what is due; called again and again, it does each once."""

    store: Store
    approvers: Approvers
    thread: BatchThread

    def look(self) -> None:
        """Let expire what waited too long, and remind of the rest."""
        for batch in self.store.waiting.to_expire():
            self._expire(batch)
        for batch in self.store.waiting.to_remind():
            self._remind(batch)

    def _expire(self, batch: Batch) -> None:
        with self.store.transaction():
            if self.store.waiting.expire(batch):
                self.thread.preview(batch.id)
                self.thread.expired(batch.id, batch.rules.expire_hours)
                log.info("expired batch=%d", batch.id)

    def _remind(self, batch: Batch) -> None:
        """Remind approvers of what they could approve; what is held or empty waits for others."""
        held = held_for(self.store, batch)
        entries = len(self.store.entries.of_batch(batch.id))
        if held or not entries or not can_be_approved(self.approvers.approving(batch)):
            return
        left = (batch.expire_at - datetime.now(UTC)).total_seconds() if batch.expire_at else None
        with self.store.transaction():
            if self.store.waiting.remind(batch):
                self.thread.remind(batch, entries, left)
                log.info("reminded of batch=%d", batch.id)
