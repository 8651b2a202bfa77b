"""Who reads along: once for a channel, before its first preview, its uploader is told where names and amounts stand."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from brought_forward.bot.errors import NotAllowed
from brought_forward.bot.messages.audience import who_reads
from brought_forward.bot.slack.people import People
from brought_forward.storage.records.batch import Batch
from brought_forward.storage.store import Store

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Audience:
    """Ask Slack who reads a channel; what it does not tell is asked again with the next file."""

    store: Store
    people: People
    owed: Callable[[], None]  # tells the outbox that there are words

    def tell(self, batch: Batch) -> None:
        """Tell the uploader, in their direct messages, of a channel that more people read than need to."""
        slot = f"told-audience-{batch.channel}"
        if batch.channel.startswith("D") or self.store.messages.told(batch.firm, slot):
            return
        try:
            readers = self.people.readers(batch.channel, batch.firm)
        except NotAllowed as silent:
            log.warning("who reads channel=%s is not known: %s", batch.channel, type(silent).__name__)
            return
        if text := who_reads(batch, readers.guests, is_public=readers.is_public):
            self.store.messages.tell(
                firm=batch.firm, slot=slot, channel=batch.uploader, text=text.text, blocks=text.json()
            )
            self.owed()
