"""A look, now and then while a run posts, whether somebody else posts with the same activity description.

Two bots on one Clio account, a trial on a laptop and the server, each list what Clio has before they begin, and neither
would see what the other sends from then on.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from brought_forward.bot.clio.connection import Connections
from brought_forward.bot.clio.shapes import TimeEntry
from brought_forward.bot.messages.words import count, money
from brought_forward.bot.posting.halt import STRANGER, Halt
from brought_forward.storage.records.batch import Batch
from brought_forward.storage.records.entry import EntryState
from brought_forward.storage.store import Store

EACH = 25  # entries from one look to the next; the first is after the first entry
LATE = timedelta(minutes=2)  # so much later than it was made an entry may be listed


@dataclass(slots=True)
class Watch:
    """What a run knows of the entries of its activity description, and when it looks for new ones."""

    store: Store
    connections: Connections
    seen: set[int]  # what Clio had when the run began
    since: datetime | None  # by Clio's clock
    _sent: int = 0
    _due: int = 1

    def sent(self, entries: int) -> None:
        """Count entries that were sent."""
        self._sent += entries

    def look(self, batch: Batch) -> None:
        """List what was made since the last look, where it is time. Raises Halt where it is not all ours, a ClioError.

        What stands there is known from then on: whoever goes on has looked.
        """
        if self._sent < self._due:
            return
        clio = self.connections.at(batch)
        begun = clio.pace.clios_time()
        listed = clio.time_entries(batch.description_id or 0, since=self.since)
        strangers = self._strangers(batch, listed)
        self._due = self._sent + EACH
        self.since = begun and begun - LATE
        if strangers:
            raise Halt(STRANGER, _words(batch, strangers, self._numbers(batch)))

    def _strangers(self, batch: Batch, listed: list[TimeEntry]) -> list[TimeEntry]:
        """Tell which entries we have not sent: not those of a row of ours, nor what may be one under way.

        What is made on the matter of one that is under way or unclear may be ours, booked otherwise; its look-up tells.
        """
        entries = self.store.entries
        new = self._unknown(batch, [one for one in listed if one.id not in self.seen])
        if not new:
            return []
        in_doubt = {
            one.matter_id for one in entries.of_batch(batch.id) if one.state in {EntryState.SENDING, EntryState.UNCLEAR}
        }
        # Asked once more: one that was under way at the first asking, and settled since, is in doubt no longer.
        return [one for one in self._unknown(batch, new) if one.matter_id not in in_doubt]

    def _unknown(self, batch: Batch, listed: list[TimeEntry]) -> list[TimeEntry]:
        known = self.store.entries.known_ids(batch.id, [one.id for one in listed])
        return [one for one in listed if one.id not in known]

    def _numbers(self, batch: Batch) -> dict[int, str]:
        return {one.id: one.display_number for one in self.store.listings.matters(batch.firm, batch.account or "")}


def _words(batch: Batch, strangers: list[TimeEntry], numbers: dict[int, str]) -> str:
    first = strangers[0]
    amount = money(first.price, batch.currency or "") if first.price is not None else "an amount Clio does not show"
    where = numbers.get(first.matter_id or 0, "a matter that the bot does not know")
    return (
        f'Somebody else enters balances with "{batch.form.described(batch.description or "")}" at this moment: Clio has'
        f" {count(len(strangers), 'entry', 'entries')} that I did not send, {amount} on {where} among them. Is the bot"
        " installed twice for this Clio account, or does somebody enter them by hand? Nothing more is sent until"
        " somebody has looked: Go on leaves out what Clio has by then and sends the rest, Stop ends it."
    )
