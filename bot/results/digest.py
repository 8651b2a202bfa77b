"""How far the bills of a channel's batches are, each Monday from eight o'clock on, where that was asked for."""

import logging
import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import partial

from brought_forward.bot.approval.approvers import Approvers
from brought_forward.bot.clio.connection import Connections
from brought_forward.bot.errors import ClioError, NotAllowed, pause_for
from brought_forward.bot.messages.digest import DigestView, digest
from brought_forward.bot.results.inquiries import billed, entries_with_bills
from brought_forward.bot.settings import Firms
from brought_forward.bot.slack.people import SHARED
from brought_forward.storage.records.batch import Batch
from brought_forward.storage.records.entry import EntryState
from brought_forward.storage.records.inquiry import Billed
from brought_forward.storage.store import Store

log = logging.getLogger(__name__)

MORNING = timedelta(hours=8)


def week_of(at: datetime, zone: tzinfo) -> date:
    """Name by its Monday the week whose digest is due: a new one from Monday's morning on, where the firm is."""
    day = (at.astimezone(zone).replace(tzinfo=None) - MORNING).date()
    return day - timedelta(days=day.weekday())


@dataclass(frozen=True, slots=True)
class Digests:
    """Turn digests on and off, and say what is due in runs of their own: Clio's pace may let them wait."""

    store: Store
    firms: Firms
    connections: Connections
    approvers: Approvers
    owed: Callable[[], None]  # tells the outbox that something is owed
    stopping: threading.Event

    def turn_on(self, firm: str, channel: str, user: str) -> bool:
        """Want one in a channel from next Monday on. Returns False where it is wanted already. Raises NotAllowed."""
        self._check(firm, user)
        place = self.approvers.people.place(channel, firm)
        if channel.startswith("D") or not place.has_bot:
            raise NotAllowed("I tell it in a channel where balances are dropped: type it there, once I am invited.")
        if place.is_shared:
            raise NotAllowed(SHARED)
        return self.store.digests.turn_on(firm, channel, by=user, told=self._week(firm))

    def turn_off(self, firm: str, channel: str, user: str) -> bool:
        """Want none in a channel. Returns False where none was wanted. Raises NotAllowed."""
        self._check(firm, user)
        return self.store.digests.turn_off(firm, channel, by=user)

    def due(self) -> Collection[str]:
        """Name the firms with a channel that was not told of this week."""
        return [firm for firm in self.store.digests.firms() if self.store.digests.due(firm, self._week(firm))]

    def move(self, firm: str) -> bool:
        """Say the week's digest in each channel that was not told yet; where Clio does not answer, later."""
        try:
            self._tell(firm, self._week(firm))
        except ClioError as trouble:
            log.warning("a digest of firm=%s waits for Clio: %s", firm, type(trouble).__name__)
        return False

    def _tell(self, firm: str, week: date) -> None:
        for channel in self.store.digests.due(firm, week):
            batches = self._read(firm, channel)
            site = self.firms.settings(firm).clio_site
            text = digest(DigestView(week, batches, site)) if batches else None
            with self.store.transaction():
                if self.store.digests.told(firm, channel, week) and text is not None:
                    self.store.messages.tell(
                        firm=firm,
                        slot=f"told-digest-{channel}-{week}",
                        channel=channel,
                        text=text.text,
                        blocks=text.json(),
                    )
            self.owed()

    def _check(self, firm: str, user: str) -> None:
        if not self.approvers.listed(user, firm):
            raise NotAllowed("Only approvers turn the weekly digest on or off: it shows sums to all in the channel.")

    def _week(self, firm: str) -> date:
        return week_of(datetime.now(UTC), self.firms.settings(firm).zone)

    def _read(self, firm: str, channel: str) -> list[tuple[Batch, list[Billed]]]:
        """Read of each batch what Clio says of its entries by now. Raises ClioError."""
        connection = self.connections.of(firm)
        account = connection.account
        batches = self.store.digests.posted(firm, channel, account)
        entries = {batch.id: self.store.entries.of_batch(batch.id) for batch in batches}
        ids = {one.clio_id for some in entries.values() for one in some if one.state is EntryState.POSTED}
        wait = partial(pause_for, self.stopping, self.firms.deployment.timing.second_look)
        listed = entries_with_bills(connection.at(account), batches, ids, wait)
        return [(batch, billed(entries[batch.id], listed)) for batch in batches]
